"""The encoder of columns that follow from one of them: leaves, levels, windows, positions."""

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import SchemaError
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import CellsError, HierarchyEncoder, Member, hierarchy_from_json
from tabgan.table.encoders.base import Categories


def member(name: str, cells: list[Any], dtype: str = "string") -> Member:
    """A column whose leaves hold `cells`."""
    spec = ColumnSpec(name=name, kind="categorical", dtype=dtype, nullable=None in cells)
    array = pa.array(cells, spec.arrow_type)
    known = pa.array(sorted(set(array.drop_null().to_pylist())), spec.arrow_type)
    positions = [len(known) if cell is None else known.to_pylist().index(cell) for cell in cells]
    return Member(name, Categories.of(known, spec), spec.nullable, tuple(positions))


IDS = member("id", ["a", "b", "c", "d", "e", "f"])
CLASSES = member("class", ["x", "x", "y", "y", "y", None])
PRICES = member("price", [1, 2, 2, 2, 3, 9], "int64")
SHOP = HierarchyEncoder((IDS, CLASSES, PRICES), (5, 1, 1, 1, 1, 2), ((2, 1), (2, 3, 1)))
LOCAL = HierarchyEncoder(SHOP.members, SHOP.counts, SHOP.children, local=True)


def rows(*leaves: int) -> list[pa.Array]:
    return [column.take(np.array(leaves)) for column in SHOP.members]


def test_the_codes_are_node_numbers_with_windows() -> None:
    assert SHOP.codes.tolist() == [[0, 0, 0], [0, 0, 1], [0, 1, 2], [0, 1, 3], [0, 1, 4], [1, 2, 5]]
    slots = SHOP.slots("id")
    assert slots.cardinalities == (2, 3, 6)
    assert slots.windows == (((0, 2), (2, 3)), ((0, 2), (2, 5), (5, 6)))


def test_the_last_code_can_be_the_position_under_its_parent() -> None:
    assert LOCAL.codes.tolist() == [[0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 1], [0, 1, 2], [1, 2, 0]]
    slots = LOCAL.slots("id")
    assert slots.cardinalities == (2, 3, 3)
    assert slots.windows == (((0, 2), (2, 3)), ((0, 2), (0, 3), (0, 1)))


def test_a_group_without_levels_takes_one_code() -> None:
    flat = HierarchyEncoder(SHOP.members, SHOP.counts)
    assert flat.codes.tolist() == [[0], [1], [2], [3], [4], [5]]
    assert (flat.slots("id").cardinalities, flat.slots("id").windows) == ((6,), ())


@pytest.mark.parametrize("encoder", [SHOP, LOCAL])
def test_cells_come_back(encoder: HierarchyEncoder) -> None:
    cells = rows(5, 0, 3, 3, 4)
    back = encoder.decode(encoder.encode(cells))
    assert all(one.equals(two) for one, two in zip(back, cells, strict=True))
    assert hierarchy_from_json(json.loads(json.dumps(encoder.to_json()))) == encoder


def test_every_code_decodes_to_a_leaf() -> None:
    """Of codes that lie outside their windows, the finest that tells the leaf counts."""
    ids = LOCAL.decode(np.array([[0, 0, 2], [1, 1, 0], [0, 2, 2]], np.uint32))[0]
    assert ids.to_pylist() == ["a", "c", "f"]
    assert SHOP.decode(np.array([[1, 1, 0]], np.uint32))[0].to_pylist() == ["a"]


def test_each_node_knows_its_leaves() -> None:
    assert [span.tolist() for span in LOCAL.spans] == [
        [[0, 5], [5, 6]],
        [[0, 2], [2, 5], [5, 6]],
        [[i, i + 1] for i in range(6)],
    ]


def test_cells_that_never_occurred_together_are_refused() -> None:
    cells = [pa.array(["a", "a"]), pa.array(["x", None]), pa.array([1, 2])]
    with pytest.raises(CellsError, match=r"1 rows.*'id': 'a', 'class': a missing cell, 'price': 2"):
        SHOP.encode(cells)


def test_unknown_cells_are_refused_by_column() -> None:
    with pytest.raises(CellsError, match=r"column 'id': .*'z'.*column 'price': .*missing"):
        SHOP.encode([pa.array(["z"]), pa.array(["x"]), pa.array([None], pa.int64())])


CHANGES: list[tuple[str, Any]] = [
    ("counts", []),
    ("counts", [1, 1, 1, 1, 1]),
    ("counts", [5, 1, 1, 1, 1, 0]),
    ("counts", [5, 1, 1, 1, 1, True]),
    ("children", [[2, 2], [2, 3, 1]]),
    ("children", [[2, 1], [2, 3, 0, 1]]),
    ("children", [[3]]),
    ("children", None),
    ("local", 1),
    ("members", []),
    ("members", [IDS.to_json(), IDS.to_json()]),
    ("members", [CLASSES.to_json()]),
    ("members", [{**IDS.to_json(), "cells": [0, 1, 2, 3, 4, 6]}]),
    ("members", [{**IDS.to_json(), "cells": [0, 1, 2, 3, 4]}]),
    ("members", [{**IDS.to_json(), "nullable": 0}]),
    ("members", [{**IDS.to_json(), "name": 7}]),
    ("members", [{**IDS.to_json(), "categories": None}]),
]


@pytest.mark.parametrize(("key", "value"), CHANGES)
def test_documents_that_are_no_hierarchy_are_refused(key: str, value: Any) -> None:
    assert hierarchy_from_json(SHOP.to_json()) == SHOP
    with pytest.raises(SchemaError, match="an encoder is not valid"):
        hierarchy_from_json({**SHOP.to_json(), key: value})


def test_positions_need_parents_and_every_key_is_needed() -> None:
    with pytest.raises(SchemaError, match="positions under parents"):
        HierarchyEncoder(SHOP.members, SHOP.counts, (), local=True)
    for key in ("members", "counts", "children", "local"):
        with pytest.raises(SchemaError, match="an encoder is not valid"):
            hierarchy_from_json({name: value for name, value in SHOP.to_json().items() if name != key})
