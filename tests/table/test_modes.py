"""Mode-specific normalisation."""

import numpy as np
import pyarrow as pa
import pytest

from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import CellsError, ModesEncoder
from tabgan.table.summaries import ColumnSummary


def fitted(array: pa.Array, *, nullable: bool = False) -> ModesEncoder:
    spec = ColumnSpec(name="x", kind="continuous", dtype=str(array.type), nullable=nullable, encoding="modes")
    return ModesEncoder.from_summary(ColumnSummary.of(array), spec)


def islands() -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.concatenate([rng.normal(-50, 1, 3_000), rng.normal(10, 2, 7_000)])


def test_planted_modes_are_found() -> None:
    encoder = fitted(pa.array(islands()))
    means, weights = np.array(encoder.means) * encoder.scale, np.array(encoder.weights)
    assert weights[np.abs(means + 50) < 4].sum() == pytest.approx(0.3, abs=0.03)
    assert weights[np.abs(means - 10) < 8].sum() == pytest.approx(0.7, abs=0.03)
    assert list(encoder.means) == sorted(encoder.means)


def test_cells_come_back_unless_they_lie_far_out() -> None:
    column = islands()
    encoder = fitted(pa.array(column))
    codes, values = encoder.encode(pa.array(column), np.random.default_rng(0))
    back = encoder.decode(codes, values).to_numpy()
    inner = np.abs(values[:, 0]) < 1
    assert inner.mean() > 0.99
    np.testing.assert_allclose(back[inner], column[inner], atol=1e-4)


def test_the_drawn_modes_have_the_shares_of_the_mixture() -> None:
    column = islands()
    encoder = fitted(pa.array(column))
    codes, _ = encoder.encode(pa.array(column), np.random.default_rng(0))
    shares = np.bincount(codes[:, 0], minlength=len(encoder.weights)) / len(column)
    np.testing.assert_allclose(shares, encoder.weights, atol=0.05)


def test_missing_cells_are_the_last_code_with_no_value() -> None:
    encoder = fitted(pa.array([1.0, 2.0, 3.0, None]), nullable=True)
    codes, values = encoder.encode(pa.array([None, 2.0]), np.random.default_rng(0))
    assert codes[0, 0] == len(encoder.means)
    assert values[0, 0] == 0
    assert encoder.decode(codes, values).to_pylist()[0] is None


def test_integers_come_back_whole_and_within_the_range() -> None:
    column = np.random.default_rng(0).integers(0, 5_000, 3_000)
    encoder = fitted(pa.array(column))
    rng = np.random.default_rng(1)
    codes = rng.integers(0, len(encoder.means), (1_000, 1)).astype(np.uint8)
    made = encoder.decode(codes, rng.uniform(-1, 1, (1_000, 1)).astype(np.float32))
    assert made.type == pa.int64()
    assert made.to_numpy().min() >= column.min()
    assert made.to_numpy().max() <= column.max()


def test_the_same_summary_gives_the_same_modes() -> None:
    assert fitted(pa.array(islands())) == fitted(pa.array(islands()))


def test_values_in_a_column_that_had_none_are_refused() -> None:
    with pytest.raises(CellsError, match="missing cells only"):
        fitted(pa.nulls(3, pa.float64()), nullable=True).encode(pa.array([1.0]), np.random.default_rng(0))
