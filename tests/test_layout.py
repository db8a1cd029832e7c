import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabgan.layout import ColumnSlots, EncodedTable, Layout, concatenate

CITY = ColumnSlots("city", (3,))
PRICE = ColumnSlots("price", (2, 3), has_value=True, ordered=2, windows=(((0, 3), (0, 2)),))
SCORE = ColumnSlots("score", (4,), has_value=True, ordered=3)
PRODUCT = ColumnSlots("product", (5, 7))
SHOP = Layout((CITY, PRICE, SCORE, PRODUCT))


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    columns = []
    for index in range(draw(st.integers(0, 6))):
        sizes = tuple(draw(st.lists(st.integers(1, 300), min_size=1, max_size=3)))
        ordered = draw(st.integers(0, sizes[0]))
        columns.append(ColumnSlots(f"c{index}", sizes, ordered > 0 and draw(st.booleans()), ordered))
    return Layout(tuple(columns))


def test_counts_the_columns_of_a_known_layout() -> None:
    assert SHOP.names == ("city", "price", "score", "product")
    assert SHOP.cardinalities == (3, 2, 3, 4, 5, 7)
    assert (SHOP.n_codes, SHOP.n_values, SHOP.width) == (6, 2, 24)
    assert SHOP.offsets == (0, 3, 5, 8, 12, 17)
    assert SHOP.code_slices == (slice(0, 1), slice(1, 3), slice(3, 4), slice(4, 6))
    assert SHOP.value_slices == (slice(0, 0), slice(0, 1), slice(1, 2), slice(2, 2))
    assert SHOP.code_columns == (0, 1, 1, 2, 3, 3)
    assert SHOP.code_levels == (0, 0, 1, 0, 0, 1)
    assert SHOP.depths == (1, 2, 1, 2)
    assert SHOP.value_columns == (1, 2)


def test_an_empty_layout_has_nothing_of_everything() -> None:
    empty = Layout(())
    assert (empty.n_codes, empty.n_values, empty.width) == (0, 0, 0)
    assert empty.offsets == empty.code_slices == empty.value_slices == empty.value_columns == ()
    assert empty.code_dtype == np.uint8


@given(layouts())
def test_slots_tile_the_row(layout: Layout) -> None:
    codes = [code for part in layout.code_slices for code in range(part.start, part.stop)]
    values = [value for part in layout.value_slices for value in range(part.start, part.stop)]
    assert codes == list(range(layout.n_codes))
    assert values == list(range(layout.n_values))
    units = [
        unit
        for start, size in zip(layout.offsets, layout.cardinalities, strict=True)
        for unit in range(start, start + size)
    ]
    assert units == list(range(layout.width))
    for index, column in enumerate(layout.columns):
        assert layout.cardinalities[layout.code_slices[index]] == column.cardinalities
        assert layout.code_columns[layout.code_slices[index]] == (index,) * len(column.cardinalities)
        assert layout.value_columns[layout.value_slices[index]] == (index,) * column.has_value
        assert layout.index(column.name) == index


@pytest.mark.parametrize(
    ("largest", "dtype"), [(1, "uint8"), (256, "uint8"), (257, "uint16"), (65_536, "uint16"), (65_537, "uint32")]
)
def test_codes_are_stored_in_the_smallest_type_that_holds_the_largest(largest: int, dtype: str) -> None:
    layout = Layout((CITY, ColumnSlots("big", (largest,))))
    assert layout.code_dtype == dtype
    assert np.array([largest - 1]).astype(layout.code_dtype)[0] == largest - 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a", ()), "no code"),
        (("a", (3, 0)), "empty code"),
        (("a", (3,), True, 0), "an order of the cells that hold its value, got ordered 0"),
        (("a", (3,), True, 4), r"ordered must lie in 0\.\.3, got 4"),
        (("a", (3,), False, -1), r"ordered must lie in 0\.\.3, got -1"),
        (("a", (2, 3), False, 0, (((0, 1),),)), r"a window for each of the 2 categories of code 0, got 1"),
        (("a", (2, 3), False, 0, (((0, 1), (1, 3)),) * 2), r"each code after the first \(1 of them\), got 2"),
        (("a", (3,), False, 0, (((0, 1),) * 3,)), r"each code after the first \(0 of them\), got 1"),
        (("a", (1, 3), False, 0, (((0, 4),),)), r"within 0\.\.3 after code 0, got \(0, 4\)"),
        (("a", (1, 3), False, 0, (((1, 1),),)), r"within 0\.\.3 after code 0, got \(1, 1\)"),
        (("a", (1, 3), False, 0, (((-1, 1),),)), r"within 0\.\.3 after code 0, got \(-1, 1\)"),
        (("a", (1, 1, 2), False, 0, (((0, 1),), ((0, 3),))), r"within 0\.\.2 after code 1, got \(0, 3\)"),
    ],
)
def test_impossible_slots_are_refused(arguments: tuple[object, ...], message: str) -> None:
    with pytest.raises(ValueError, match=f"'a'.*{message}"):
        ColumnSlots(*arguments)  # type: ignore[arg-type]


def test_an_unknown_column_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="weight"):
        SHOP.index("weight")


def _table(n: int) -> EncodedTable:
    return EncodedTable(np.arange(2 * n, dtype=np.uint8).reshape(n, 2), np.arange(n, dtype=np.float32).reshape(n, 1))


@pytest.mark.parametrize(("codes", "values"), [((3, 1), (2, 1)), ((3,), (3, 1)), ((3, 1), (3,)), ((3, 1, 1), (3, 1))])
def test_codes_and_values_of_different_rows_are_refused(codes: tuple[int, ...], values: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="same rows"):
        EncodedTable(np.zeros(codes, np.uint8), np.zeros(values, np.float32))


def test_rows_are_chosen_by_slice_and_by_index() -> None:
    table = _table(5)
    assert len(table) == 5
    assert table[1:3].codes.tolist() == [[2, 3], [4, 5]]
    assert table[np.array([4, 0])].values.tolist() == [[4], [0]]
    assert len(table[5:]) == 0


def test_concatenation_keeps_order_and_types() -> None:
    table = _table(5)
    joined = concatenate([table[:2], table[2:2], table[2:]])
    assert np.array_equal(joined.codes, table.codes)
    assert np.array_equal(joined.values, table.values)
    assert (joined.codes.dtype, joined.values.dtype) == (np.uint8, np.float32)
