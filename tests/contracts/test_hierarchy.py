"""What every encoder promises, of the one that is made from rows, on every nasty column as one of its members."""

import json

import numpy as np
import pyarrow as pa
import pytest

from tabgan.table import arrays, dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import CellsError, HierarchyEncoder, hierarchy_from_json
from tabgan.table.hierarchies import find_hierarchies
from tabgan.table.summaries import summarize

from .nasty import columns

COLUMNS = {name: array for name, array in columns().items() if len(array)}
FILLED = [name for name, array in COLUMNS.items() if not dtypes.missing(array).any()]


def fitted(name: str) -> HierarchyEncoder:
    array = COLUMNS[name]
    declared = tuple(array.dictionary.to_pylist()) if pa.types.is_dictionary(array.type) else None
    nullable = bool(dtypes.missing(array).any())
    spec = ColumnSpec(name=name, kind="high_cardinality", dtype=str(array.type), nullable=nullable, categories=declared)
    table = pa.table({name: array})
    (found,) = find_hierarchies((spec,), summarize(table), table)
    return found


@pytest.mark.parametrize("name", COLUMNS)
def test_cells_come_back_exactly_also_by_way_of_json(name: str) -> None:
    array, made = COLUMNS[name], fitted(name)
    again = hierarchy_from_json(json.loads(json.dumps(made.to_json(), allow_nan=False)))
    assert again == made
    for encoder in (made, again):
        (back,) = encoder.decode(encoder.encode([array]))
        assert back.type == array.type
        assert arrays.plain(back).equals(arrays.plain(array))
        if pa.types.is_dictionary(array.type):
            assert back.dictionary.equals(array.dictionary)


@pytest.mark.parametrize("name", COLUMNS)
def test_codes_fill_the_slots_and_chunks_make_no_difference(name: str) -> None:
    array, made = COLUMNS[name], fitted(name)
    codes, slots = made.encode([array]), made.slots(name)
    assert codes.shape == (len(array), len(slots.cardinalities))
    assert (codes < np.array(slots.cardinalities)).all()
    assert sum(made.counts) == len(array)
    half = len(array) // 2
    chunked = pa.chunked_array([array.slice(0, half), array.slice(half)])
    np.testing.assert_array_equal(made.encode([chunked]), codes)


@pytest.mark.parametrize("name", FILLED)
def test_missing_cells_are_refused_where_none_may_be(name: str) -> None:
    with pytest.raises(CellsError, match="missing"):
        fitted(name).encode([pa.nulls(2, COLUMNS[name].type)])
