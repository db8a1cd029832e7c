"""Which cells are filled, as a column of its own."""

import numpy as np
import pyarrow as pa
import pytest

from tabgan.table.encoders.base import CellsError
from tabgan.table.restating import presence
from tabgan.table.wanted import Wanted


def free(name: str, part: str) -> str:
    return f"{name} [{part}]"


def test_there_and_back() -> None:
    cells = pa.array([1.0, None, float("nan"), 2.0])
    there = presence.name_there("x", cells, free)
    assert there == "x [there]"
    columns = presence.to_there(cells, there)
    assert columns[0].to_pylist() == [True, False, False, True]
    assert presence.filled(columns, 4).tolist() == [True, False, False, True]
    (spec,) = presence.there_specs("x", there)
    assert (spec.name, spec.kind, spec.dtype, spec.nullable) == ("x [there]", "categorical", "bool", False)


def test_nothing_to_learn_where_nothing_is_missing() -> None:
    cells = pa.array(["a", "b"])
    assert presence.name_there("x", cells, free) is None
    assert presence.there_specs("x", None) == ()
    assert presence.to_there(cells, None) == []
    assert presence.filled([], 2).tolist() == [True, True]
    with pytest.raises(CellsError, match="expected no missing cells, as at fitting, got 1"):
        presence.to_there(pa.array(["a", None]), None)


def test_wants() -> None:
    rows = np.array([True, False, True])
    found = presence.narrow_there("x", "there", {"x": Wanted(present=rows)})["there"]
    assert found.allowed is not None
    assert found.allowed.tolist() == [[True, True], [False, True], [True, True]]
    assert presence.narrow_there("x", "there", {"x": Wanted(low=np.array([3]))}) == {}
    assert presence.narrow_there("x", None, {"x": Wanted(present=rows)}) == {}
    assert presence.narrow_there("x", "there", {}) == {}
