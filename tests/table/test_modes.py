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
    means, deviations = np.array(encoder.means)[codes[:, 0]], np.array(encoder.deviations)[codes[:, 0]]
    inner = np.abs(column / encoder.scale - means) < 4 * deviations
    assert inner.mean() > 0.99
    np.testing.assert_allclose(back[inner], column[inner], atol=1e-3)


def test_slots_are_a_mode_a_cell_and_a_value() -> None:
    encoder = fitted(pa.array([*islands(), None]), nullable=True)
    slots = encoder.slots("x")
    assert slots is not None
    n = len(encoder.means)
    assert (slots.cardinalities, slots.has_value, slots.ordered) == ((n + 1, 16), True, n)
    assert slots.windows == (((0, 16),) * n + ((0, 1),),)


def test_cells_of_a_normal_column_are_equally_likely_and_values_uniform() -> None:
    column = np.random.default_rng(0).normal(7, 3, 20_000)
    encoder = ModesEncoder("double", 100.0, (0.07,), (0.03,), (1.0,), -50.0, 50.0, 1, None, False)
    codes, values = encoder.encode(pa.array(column), np.random.default_rng(0))
    np.testing.assert_allclose(np.bincount(codes[:, 1], minlength=16) / 20_000, 1 / 16, atol=0.008)
    ranks = np.sort(values[:, 0])
    assert np.abs(ranks - np.linspace(-1, 1, 20_000)).max() < 0.03
    order = np.argsort(column)
    assert (np.diff(codes[order, 1].astype(int)) >= 0).all()


def test_drawn_values_follow_the_distribution() -> None:
    column = islands()
    encoder = fitted(pa.array(column))
    codes, values = encoder.encode(pa.array(column), np.random.default_rng(0))
    drawn = np.random.default_rng(1).uniform(-1, 1, values.shape).astype(np.float32)
    made = encoder.decode(codes, drawn).to_numpy()
    both = np.concatenate([column, made])
    ranks = [np.searchsorted(np.sort(part), both, side="right") / len(part) for part in (column, made)]
    assert np.abs(ranks[0] - ranks[1]).max() < 0.02


def test_the_drawn_modes_have_the_shares_of_the_mixture() -> None:
    column = islands()
    encoder = fitted(pa.array(column))
    codes, _ = encoder.encode(pa.array(column), np.random.default_rng(0))
    shares = np.bincount(codes[:, 0], minlength=len(encoder.weights)) / len(column)
    np.testing.assert_allclose(shares, encoder.weights, atol=0.05)


def test_missing_cells_are_the_last_code_with_no_value() -> None:
    encoder = fitted(pa.array([1.0, 2.0, 3.0, None]), nullable=True)
    codes, values = encoder.encode(pa.array([None, 2.0]), np.random.default_rng(0))
    assert codes[0].tolist() == [len(encoder.means), 0]
    assert values[0, 0] == 0
    assert encoder.decode(codes, values).to_pylist()[0] is None


def test_integers_come_back_whole_and_within_the_range() -> None:
    column = np.random.default_rng(0).integers(0, 5_000, 3_000)
    encoder = fitted(pa.array(column))
    rng = np.random.default_rng(1)
    codes = rng.integers(0, (len(encoder.means), 16), (1_000, 2)).astype(np.uint8)
    made = encoder.decode(codes, rng.uniform(-1, 1, (1_000, 1)).astype(np.float32))
    assert made.type == pa.int64()
    assert made.to_numpy().min() >= column.min()
    assert made.to_numpy().max() <= column.max()


def test_the_same_summary_gives_the_same_modes() -> None:
    assert fitted(pa.array(islands())) == fitted(pa.array(islands()))


def test_values_in_a_column_that_had_none_are_refused() -> None:
    with pytest.raises(CellsError, match="missing cells only"):
        fitted(pa.nulls(3, pa.float64()), nullable=True).encode(pa.array([1.0]), np.random.default_rng(0))
