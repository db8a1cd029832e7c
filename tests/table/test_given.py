"""Given cells: their codes, and how they are written into rows."""

import numpy as np
import pyarrow as pa
import pytest

from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import CategoricalEncoder, CellsError, HierarchyEncoder, Member, QuantileEncoder
from tabgan.table.encoders.base import Categories
from tabgan.table.given import encode_cell, filled, shared_codes
from tabgan.table.summaries import summarize


def encoder(kind: type, cells: pa.Array) -> CategoricalEncoder | QuantileEncoder:
    spec = ColumnSpec(name="x", kind="categorical", dtype=str(cells.type), nullable=bool(cells.null_count))
    made: CategoricalEncoder | QuantileEncoder = kind.from_summary(summarize(pa.table({"x": cells}))["x"], spec)
    return made


def test_a_cell_always_has_the_same_codes() -> None:
    own = encoder(QuantileEncoder, pa.array(np.random.default_rng(0).normal(size=500)))
    one, again = (encode_cell(own, "x", pa.scalar(0.3)) for _ in range(2))
    assert (one[0] == again[0]).all()
    assert (one[1] == again[1]).all()
    with pytest.raises(CellsError):
        encode_cell(encoder(CategoricalEncoder, pa.array(["a"])), "x", pa.scalar("b"))


@pytest.mark.parametrize(
    ("literal", "expected"),
    [
        (pa.scalar(7), [7, 7, 7]),
        (pa.scalar(None, pa.int64()), [None] * 3),
        (pa.array([10, 4]), [4, 10, None]),
    ],
)
def test_literals_are_written_into_numbers(literal: pa.Scalar, expected: list[int | None]) -> None:
    own = encoder(QuantileEncoder, pa.array([1, 2, None]))
    assert filled(own, "x", literal, pa.array([3, 8, None])).to_pylist() == expected


def test_dictionaries_stay_dictionaries() -> None:
    cells = pa.array(["a", "b", None]).dictionary_encode()
    found = filled(encoder(CategoricalEncoder, cells), "x", pa.scalar("b"), cells)
    assert found.type == cells.type
    assert found.to_pylist() == ["b"] * 3
    member = Member("x", Categories(str(cells.type), ("a", "b"), None), True, (0, 1, 2))
    assert filled(member, "x", pa.scalar(None, pa.string()), cells).to_pylist() == [None] * 3


@pytest.mark.parametrize("local", [True, False])
@pytest.mark.parametrize(
    ("leaves", "depth", "whole"),
    [
        ([4], 3, True),
        ([3, 4, 5], 2, True),
        ([3, 5], 2, False),
        ([0, 1, 2, 3, 4, 5], 1, True),
        ([0, 3], 1, False),
        ([6, 7], 2, True),
        ([0, 7], 0, False),
        (list(range(8)), 0, True),
    ],
)
def test_what_leaves_share(leaves: list[int], depth: int, whole: bool, local: bool) -> None:
    member = Member("x", Categories("string", tuple("abcdefgh"), None), False, tuple(range(8)))
    hierarchy = HierarchyEncoder((member,), (1,) * 8, ((2, 1), (3, 3, 2)), local)
    codes, all_of_them = shared_codes(hierarchy, np.array(leaves))
    if not local and leaves == [6, 7]:
        assert all_of_them
    assert (len(codes), all_of_them) == (depth, whole)
    assert (codes == hierarchy.codes[leaves[0], :depth]).all()
