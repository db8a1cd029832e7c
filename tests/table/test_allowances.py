"""What encoders allow, code by code, checked against all cells that they can make."""

import numpy as np
import pyarrow as pa
import pytest

from tabgan.table import arrays
from tabgan.table.allowances import Allowance, Leaves, allowance, of_categories, of_rows
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import (
    CategoricalEncoder,
    ConstantEncoder,
    Encoder,
    GroupedEncoder,
    HierarchyEncoder,
    Member,
    QuantileEncoder,
)
from tabgan.table.encoders.base import Categories
from tabgan.table.summaries import summarize
from tabgan.table.wanted import Wanted

NO = np.array([False])
WORDS = pa.array([*"abcdefghijk", None] * 3)
AGES = pa.array([*(i % 70 + 10 for i in range(900)), None])


def encoder(kind: type, cells: pa.Array) -> Encoder:
    spec = ColumnSpec(name="x", kind="categorical", dtype=str(cells.type), nullable=bool(cells.null_count))
    made: Encoder = kind.from_summary(summarize(pa.table({"x": cells}))["x"], spec)
    return made


def check(own: Encoder, wanted: Wanted) -> None:
    """Every row of codes is allowed if and only if its cell is as wanted; places are in the middle."""
    slots = own.slots("x")
    assert slots is not None
    first, *others = slots.cardinalities
    rows = [[i] for i in range(first)]
    if others:
        rows = [[i, j] for i in range(first) for j in range(*slots.windows[0][i])]
    codes = np.array(rows, np.uint32)
    if not wanted.is_same:
        n = max(len(part) for part in (wanted.low, wanted.allowed, wanted.missing) if part is not None)
        codes = codes[np.random.default_rng(0).integers(0, len(codes), n)]
    given = allowance(own, wanted)
    found = np.ones(len(codes), bool)
    for level in range(codes.shape[1]):
        allowed = given.allowed(level, codes)
        assert allowed.shape == (len(codes), slots.cardinalities[level])
        found &= allowed[np.arange(len(codes)), codes[:, level]]
    values = np.zeros((len(codes), int(slots.has_value)), np.float32)
    if slots.has_value:
        low, high, _ = given.places(codes)
        values[:, 0] = (low + high) / 2
    assert (found == wanted.holds(own.decode(codes, values))).all()


ASKED = [
    Wanted(),
    Wanted(missing=NO),
    Wanted(present=NO),
    Wanted(present=np.array([True, False] * 20), missing=np.array([False, True] * 20)),
]
OF_WORDS = [
    Wanted(cells=pa.array(["a", "k", "zz"])),
    Wanted(cells=pa.array(["b"]), missing=NO),
    Wanted(excluded=pa.array(["c", "d"])),
    Wanted(cells=pa.array(["a", "g"]), allowed=np.random.default_rng(0).random((40, 2)) < 0.5),
]
OF_NUMBERS = [
    Wanted(low=np.array([30])),
    Wanted(low=np.array([30]), high=np.array([31]), missing=NO),
    Wanted(cells=pa.array([10, 44, 500])),
    Wanted(cells=pa.array([10, 44]), low=np.array([20])),
    Wanted(excluded=pa.array([10, 44])),
    Wanted(low=np.arange(40), high=np.arange(40) * 2),
]


@pytest.mark.parametrize("kind", [CategoricalEncoder, GroupedEncoder])
@pytest.mark.parametrize("wanted", [*ASKED, *OF_WORDS])
def test_words(kind: type, wanted: Wanted) -> None:
    check(encoder(kind, WORDS), wanted)
    check(encoder(kind, WORDS.drop_null()), wanted)


@pytest.mark.parametrize("kind", [CategoricalEncoder, GroupedEncoder, QuantileEncoder])
@pytest.mark.parametrize("wanted", [*ASKED, *OF_NUMBERS])
def test_numbers(kind: type, wanted: Wanted) -> None:
    check(encoder(kind, AGES), wanted)


@pytest.mark.parametrize("kind", [CategoricalEncoder, GroupedEncoder, QuantileEncoder])
def test_nothing_but_missing_cells(kind: type) -> None:
    own = encoder(kind, pa.nulls(3, pa.int64()))
    for wanted in (Wanted(), Wanted(missing=NO), Wanted(low=np.array([3]))):
        check(own, wanted)


def test_a_constant_has_nothing_to_ask() -> None:
    with pytest.raises(TypeError, match="ConstantEncoder"):
        allowance(ConstantEncoder(Categories("int64", (1,), None)), Wanted())


def hierarchy(local: bool) -> HierarchyEncoder:
    shops = Categories("string", tuple("abcdefgh"), None)
    sizes = Categories("int64", (1, 2, 3), None)
    return HierarchyEncoder(
        (Member("shop", shops, False, tuple(range(8))), Member("size", sizes, True, (0, 1, 2, 3, 0, 1, 2, 2))),
        (5,) * 8,
        ((2, 1), (3, 3, 2)),
        local,
    )


def leaves_of(own: Allowance, made: HierarchyEncoder, n: int) -> np.ndarray:
    """Which leaves each of n rows can reach, shape (n, L)."""
    found = np.ones((n, len(made.counts)), bool)
    for leaf, codes in enumerate(made.codes):
        rows = np.repeat(codes[None], n, axis=0)
        for level, code in enumerate(codes):
            found[:, leaf] &= own.allowed(level, rows)[:, code]
    return found


@pytest.mark.parametrize("local", [True, False])
@pytest.mark.parametrize(
    "wanted",
    [
        {"shop": Wanted(cells=pa.array(["b", "g"]))},
        {"size": Wanted(low=np.array([2]), missing=NO)},
        {"size": Wanted(present=NO)},
        {"shop": Wanted(excluded=pa.array(["c"])), "size": Wanted(cells=pa.array([3]))},
        {"size": Wanted(low=np.array([1, 2, 3] * 7))},
        {
            "shop": Wanted(cells=pa.array(list("abc")), allowed=np.random.default_rng(0).random((21, 3)) < 0.5),
            "size": Wanted(high=np.array([2]), missing=np.array([True, False, True] * 7)),
        },
    ],
)
def test_hierarchies(local: bool, wanted: dict[str, Wanted]) -> None:
    made, n = hierarchy(local), 21
    found = leaves_of(Leaves(made, wanted), made, n)
    expected = np.ones_like(found)
    for member in made.members:
        if member.name in wanted:
            cells = arrays.plain(member.take(np.arange(8)))
            for row in range(n):
                expected[row] &= of_rows(wanted[member.name], np.array([row])).holds(cells)
    assert (found == expected).all()


def test_a_node_without_a_wanted_leaf_is_closed_at_once() -> None:
    own = Leaves(hierarchy(True), {"shop": Wanted(cells=pa.array(["h"]))})
    assert own.leaves.tolist() == [False] * 7 + [True]
    assert own.allowed(0, np.zeros((2, 3), np.uint32)).tolist() == [[False, True]] * 2


def test_categories_and_missing_cells_row_by_row() -> None:
    known = Categories("int64", (1, 2), None)
    wanted = Wanted(low=np.array([1, 2, 3]), missing=np.array([True]))
    assert of_categories(known, wanted).tolist() == [[True, True, True], [False, True, True], [False, False, True]]


def test_rows_of_a_wish() -> None:
    wanted = Wanted(low=np.array([1, 2, 3]), missing=NO)
    assert of_rows(wanted, np.array([2, 0, 0])).low.tolist() == [3, 1, 1]
    assert of_rows(wanted, np.array([2])).missing.tolist() == [False]
