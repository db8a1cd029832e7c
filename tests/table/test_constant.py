"""Columns with nothing to learn."""

import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import SchemaError
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import CellsError, ConstantEncoder
from tabgan.table.encoders.base import no_codes, no_values
from tabgan.table.summaries import ColumnSummary

RNG = np.random.default_rng(0)


def fitted(array: pa.Array) -> ConstantEncoder:
    spec = ColumnSpec(name="x", kind="constant", dtype=str(array.type), nullable=array.null_count > 0)
    return ConstantEncoder.from_summary(ColumnSummary.of(array), spec)


def test_the_value_is_filled_into_any_number_of_rows() -> None:
    encoder = fitted(pa.array(["only", "only"]))
    assert encoder.slots("x") is None
    assert encoder.decode(no_codes(3), no_values(3)).to_pylist() == ["only"] * 3
    assert fitted(pa.nulls(2, pa.float32())).decode(no_codes(1), no_values(1)).equals(pa.nulls(1, pa.float32()))


def test_another_value_or_a_missing_cell_is_refused() -> None:
    encoder = fitted(pa.array(["only", "only"]))
    with pytest.raises(CellsError, match="'other'"):
        encoder.encode(pa.array(["only", "other"]), RNG)
    with pytest.raises(CellsError, match="'only' in every cell"):
        encoder.encode(pa.array(["only", None]), RNG)
    with pytest.raises(CellsError, match=r"1\.5"):
        fitted(pa.nulls(2, pa.float64())).encode(pa.array([1.5]), RNG)


@pytest.mark.parametrize("array", [pa.array([1, 2]), pa.array([1, None]), pa.array([1.0, float("inf")])])
def test_more_than_one_cell_to_learn_is_refused(array: pa.Array) -> None:
    with pytest.raises(SchemaError, match=r"'x'.*one constant cell"):
        fitted(array)
