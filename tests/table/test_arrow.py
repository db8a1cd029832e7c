import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tabgan.errors import SchemaError
from tabgan.table import annotations
from tabgan.table.arrow import dictionary_of, encoded, from_arrow, normalised, rebatch


def test_chunks_of_a_dictionary_column_share_one_dictionary() -> None:
    column = pa.chunked_array([pa.array(["a", "b"]).dictionary_encode(), pa.array(["c", None]).dictionary_encode()])
    found = normalised(column)
    assert found.to_pylist() == ["a", "b", "c", None]
    categories = dictionary_of(found)
    assert categories is not None
    assert categories.to_pylist() == ["a", "b", "c"]


def test_a_null_in_a_dictionary_is_a_missing_cell() -> None:
    array = pa.DictionaryArray.from_arrays(pa.array([0, 1, None], pa.int8()), pa.array(["a", None]))
    found = normalised(array)
    assert found.to_pylist() == ["a", None, None]
    assert found.null_count == 2


def test_run_ends_are_spread_out() -> None:
    assert normalised(pc.run_end_encode(pa.array([1, 1, 2]))).equals(pa.chunked_array([[1, 1, 2]]))


def test_other_columns_have_no_dictionary() -> None:
    assert dictionary_of(pa.array([1])) is None


def test_tables_lose_foreign_metadata_and_gain_names() -> None:
    schema = pa.schema([pa.field("", pa.int8(), metadata={"x": "y"}), pa.field("b", pa.string())], metadata={"p": "q"})
    table = from_arrow(
        pa.Table.from_arrays([pa.array([1], pa.int8()), pa.array(["x"])], schema=schema), arrow_dtypes=True
    )
    assert table.column_names == ["column_1", "b"]
    assert [annotations.pandas_dtype(field) for field in table.schema] == ["int8[pyarrow]", "string[pyarrow]"]
    assert annotations.label(table.schema.field(0)) == ""
    assert table.schema.metadata is None
    assert from_arrow(table, arrow_dtypes=True).equals(table, check_metadata=True)


def test_shared_names_are_refused() -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    with pytest.raises(SchemaError, match="columns 1, 2 are all called 'a'"):
        from_arrow(table, arrow_dtypes=True)


def test_cells_are_encoded_by_the_declared_categories() -> None:
    dtype = pa.dictionary(pa.int8(), pa.string(), ordered=True)
    found = encoded(pa.chunked_array([["b", "a", None, "z"]]), dtype, pa.array(["c", "b", "a"]))
    assert found.type == dtype
    assert found.to_pylist() == ["b", "a", None, None]
    assert found.chunk(0).dictionary.to_pylist() == ["c", "b", "a"]


@pytest.mark.parametrize("batch_rows", [1, 3, 4, 10, 99])
def test_the_same_rows_in_batches_of_another_size(batch_rows: int) -> None:
    parts = [
        pa.table({"a": pa.array(range(start, start + n), pa.int64())}) for start, n in ((0, 3), (3, 0), (3, 6), (9, 1))
    ]
    batches = list(rebatch(iter(parts), batch_rows))
    assert pa.concat_tables(batches)["a"].to_pylist() == list(range(10))
    assert [batch.num_rows for batch in batches[:-1]] == [batch_rows] * (len(batches) - 1)
    assert 1 <= batches[-1].num_rows <= batch_rows


def test_no_rows_are_no_batches() -> None:
    assert list(rebatch(iter([pa.table({"a": pa.array([], pa.int64())})]), 3)) == []
