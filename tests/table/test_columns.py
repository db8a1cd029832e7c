import pyarrow as pa

from tabgan.table.columns import ColumnSpec


def test_what_is_written_is_not_learnt_as_it_is() -> None:
    kinds = {
        kind: ColumnSpec(name="x", kind=kind, dtype="string", nullable=False)
        for kind in ("text", "key", "constant", "left_out")
    }
    assert [spec.modelled for spec in kinds.values()] == [False, False, True, False]
    assert [spec.made for spec in kinds.values()] == [True, True, True, False]


def test_categories_become_an_array_of_the_value_type() -> None:
    dtype = "dictionary<values=int16, indices=int8, ordered=1>"
    spec = ColumnSpec(name="x", kind="categorical", dtype=dtype, nullable=True, categories=(3, 1), ordered=True)
    assert spec.arrow_type == pa.dictionary(pa.int8(), pa.int16(), ordered=True)
    assert spec.category_array is not None
    assert spec.category_array.equals(pa.array([3, 1], pa.int16()))
    assert ColumnSpec(name="x", kind="categorical", dtype="int16", nullable=True).category_array is None
