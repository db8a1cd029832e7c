"""Continuous columns: cells, missing cells, units, types, and what comes back."""

import datetime as dt
import time
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import SchemaError
from tabgan.layout import ColumnSlots
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import CellsError, QuantileEncoder
from tabgan.table.summaries import ColumnSummary


def fitted(array: pa.Array, *, nullable: bool = False, kind: str = "continuous") -> QuantileEncoder:
    spec = ColumnSpec(name="x", kind=kind, dtype=str(array.type), nullable=nullable)  # type: ignore[arg-type]
    return QuantileEncoder.from_summary(ColumnSummary.of(array), spec)


def slots_of(encoder: QuantileEncoder) -> ColumnSlots:
    slots = encoder.slots("x")
    assert slots is not None
    return slots


def places(encoder: QuantileEncoder, array: pa.Array) -> np.ndarray:
    """The cell of each number, counted from the smallest."""
    codes, _ = encoder.encode(array, np.random.default_rng(0))
    starts = np.cumsum([0, *encoder.sizes])
    return starts[codes[:, 0]] + (codes[:, 1] if codes.shape[1] == 2 else 0)


def sampled(encoder: QuantileEncoder, n: int = 2_000) -> pa.Array:
    """Rows with every cell as often as its share of the ranks, and values that are drawn."""
    rng = np.random.default_rng(0)
    cells = np.searchsorted(encoder.edges[1:-1], (np.arange(n) + 0.5) / n, side="right")
    coarse = np.repeat(np.arange(len(encoder.sizes)), encoder.sizes)[cells]
    codes = np.stack([coarse, cells - np.cumsum([0, *encoder.sizes])[coarse]], axis=1).astype(np.uint32)
    slots = slots_of(encoder)
    values = rng.uniform(-1, 1, (n, int(slots.has_value))).astype(np.float32)
    return encoder.decode(codes[:, : len(slots.cardinalities)], values)


def resampled(encoder: QuantileEncoder, array: pa.Array) -> np.ndarray:
    """The codes of the rows, with values that are drawn anew."""
    codes, values = encoder.encode(array, np.random.default_rng(0))
    drawn = np.random.default_rng(1).uniform(-1, 1, values.shape).astype(np.float32)
    return encoder.decode(codes, drawn).to_numpy()


def distance(sample: np.ndarray, made: np.ndarray) -> float:
    """The Kolmogorov-Smirnov distance."""
    both = np.union1d(sample, made)
    ranks = [np.searchsorted(np.sort(part), both, side="right") / len(part) for part in (sample, made)]
    return float(np.abs(ranks[0] - ranks[1]).max())


def round_trip(array: pa.Array, *, nullable: bool = False) -> pa.Array:
    encoder = fitted(array, nullable=nullable)
    return encoder.decode(*encoder.encode(array, np.random.default_rng(0)))


def test_a_plain_column_takes_two_codes_and_a_value() -> None:
    encoder = fitted(pa.array([*np.random.default_rng(0).normal(size=20_000), None]), nullable=True)
    slots = slots_of(encoder)
    coarse, fine = slots.cardinalities
    assert slots.has_value
    assert slots.ordered == coarse - 1 == len(encoder.sizes)
    assert 20 <= coarse <= 36
    assert fine == max(encoder.sizes) <= 16
    assert slots.windows == ((*((0, size) for size in encoder.sizes), (0, 1)),)


def test_a_column_of_few_values_takes_one_code_alone() -> None:
    slots = slots_of(fitted(pa.array(np.arange(1_000) % 30)))
    assert (slots.cardinalities, slots.has_value, slots.ordered, slots.windows) == ((30,), False, 30, ())


def test_a_value_that_is_nearly_everywhere_has_a_coarse_cell_of_its_own() -> None:
    rng = np.random.default_rng(0)
    column = np.where(rng.random(20_000) < 0.95, 0.0, rng.normal(0, 100, 20_000))
    encoder = fitted(pa.array(column), nullable=True)
    beside = column[column < 0].max(), column[column > 0].min()
    codes, values = encoder.encode(pa.array([0.0, *beside, None]), rng)
    zero, below, above = codes[:3, 0].tolist()
    assert below < zero < above
    assert encoder.sizes[zero] == 1
    assert codes[3].tolist() == [len(encoder.sizes), 0]
    assert values[3, 0] == 0
    only = np.full((500, 2), (zero, 0), np.uint8)
    assert set(encoder.decode(only, rng.uniform(-1, 1, (500, 1)).astype(np.float32)).to_pylist()) == {0.0}
    others = np.setdiff1d(np.arange(len(encoder.sizes)), zero).repeat(50)
    made = encoder.decode(np.stack([others, 0 * others], axis=1).astype(np.uint8), rng.uniform(-1, 1, (len(others), 1)))
    assert 0.0 not in made.to_pylist()


@pytest.mark.parametrize("levels", [60, 1_000, 30_000])
def test_equal_numbers_share_a_cell_whatever_is_drawn_and_cells_ascend(levels: int) -> None:
    column = np.sort((np.random.default_rng(0).random(60_000) ** 3 * levels).astype(np.int64))
    for array in (pa.array(column), pa.array(column / 7)):
        encoder = fitted(array)
        cells = places(encoder, array)
        assert (np.diff(cells) >= 0).all()
        assert (np.diff(cells)[np.diff(column) == 0] == 0).all()
        assert len(set(cells.tolist())) == sum(encoder.sizes)
        again, _ = encoder.encode(array, np.random.default_rng(5))
        np.testing.assert_array_equal(again, encoder.encode(array, np.random.default_rng(0))[0])


@pytest.mark.parametrize("levels", [1_000, 30_000, 10**9])
def test_cells_hold_the_rows_that_their_borders_say(levels: int) -> None:
    array = pa.array(np.random.default_rng(0).integers(0, levels, 60_000))
    encoder = fitted(array)
    shares = np.bincount(places(encoder, array), minlength=sum(encoder.sizes)) / 60_000
    np.testing.assert_allclose(shares, np.diff(encoder.edges), atol=2 / 60_000)


def test_values_are_uniform_within_cells() -> None:
    array = pa.array(np.random.default_rng(0).normal(size=60_000))
    encoder = fitted(array)
    codes, values = encoder.encode(array, np.random.default_rng(0))
    middle = codes[:, 0] == len(encoder.sizes) // 2
    for chosen in (values[:, 0], values[middle, 0]):
        assert distance(chosen, np.linspace(-1, 1, 5_001)) < 1.6 / np.sqrt(len(chosen)) + 0.001


def test_columns_without_cells_to_learn_from_take_one_code() -> None:
    encoder = fitted(pa.nulls(3, pa.int64()), nullable=True)
    slots = slots_of(encoder)
    assert (slots.cardinalities, slots.has_value, slots.ordered, encoder.bounds) == ((1,), False, 0, None)
    codes, values = encoder.encode(pa.nulls(2, pa.int64()), np.random.default_rng(0))
    assert encoder.decode(codes, values).to_pylist() == [None, None]
    with pytest.raises(CellsError, match=r"missing cells only.*7"):
        encoder.encode(pa.array([None, 7]), np.random.default_rng(0))


def test_all_equal_is_one_cell() -> None:
    slots = slots_of(fitted(pa.array([7.5] * 300)))
    assert (slots.cardinalities, slots.has_value) == ((1,), False)
    assert round_trip(pa.array([7.5] * 300)).to_pylist() == [7.5] * 300


@pytest.mark.parametrize("rows", [[0.1], [-3.3, 1e9 / 7], [1 / 3, 1e-300, 1e300], [2**62, 5, -(2**63)], [4, 4, 9]])
def test_a_handful_of_rows(rows: list[float]) -> None:
    encoder = fitted(pa.array(rows))
    assert len(encoder.sizes) == len(set(rows))
    assert round_trip(pa.array(rows)).to_pylist() == rows


RNG = np.random.default_rng(7)
SHORT: dict[str, pa.Array] = {
    "integers": pa.array(RNG.integers(-500, 524, 5_000)),
    "integers that occur once": pa.array(RNG.permutation(1_024) ** 5),
    "floats of two decimals": pa.array(RNG.integers(0, 1_024, 3_000) / 100),
    "floats": pa.array(RNG.choice(RNG.normal(size=1_024), 3_000)),
    "floats that occur once": pa.array(RNG.standard_cauchy(1_024)),
    "huge int64": pa.array(RNG.integers(-(2**63), 2**63 - 1, 1_024)),
    "close int64": pa.array(2**62 + RNG.permutation(1_024)),
    "huge uint64": pa.array(RNG.integers(2**63, 2**64 - 1, 1_024, dtype=np.uint64)),
    "dates": pa.array(RNG.integers(-90_000, 90_000, 1_000).astype(np.int32)).view(pa.date32()),
    "nanoseconds": pa.array(RNG.integers(-(10**18), 10**18, 1_000)).view(pa.timestamp("ns")),
    "midnights": pa.array(RNG.integers(-9_000, 9_000, 1_000) * 86_400 * 10**9).view(pa.timestamp("ns")),
    "durations": pa.array(RNG.integers(-(10**15), 10**15, 1_000)).view(pa.duration("us")),
    "decimals": pa.array([Decimal(int(i)) / 1_000 for i in RNG.integers(-(10**9), 10**9, 1_000)], pa.decimal128(20, 3)),
    "single precision": pa.array(RNG.lognormal(0, 8, 1_000).astype(np.float32)),
    "one row each and one value heavy": pa.array([5] * 10**6 + (RNG.permutation(1_000) * 10**13 + 1).tolist()),
}


@pytest.mark.parametrize("name", list(SHORT))
def test_up_to_a_thousand_values_come_back_exactly(name: str) -> None:
    array = SHORT[name]
    assert len(array.unique()) <= 1_024
    assert round_trip(array).equals(array)


def test_of_more_values_a_number_comes_back_within_a_step_of_the_map() -> None:
    column = np.sort(np.random.default_rng(0).normal(size=50_000))
    back = round_trip(pa.array(column)).to_numpy()
    ranks = np.searchsorted(column, back)
    assert np.abs(ranks - np.arange(50_000)).max() <= 50_000 / 1_024 + 1


@pytest.mark.parametrize("n", [300, 5_000, 60_000])
def test_codes_with_drawn_values_follow_the_distribution(n: int) -> None:
    rng = np.random.default_rng(0)
    mixed = np.where(rng.random(n) < 0.3, rng.integers(0, 4, n) * 10.0, rng.normal(15, 9, n))
    for column in (rng.normal(size=n), np.round(rng.lognormal(3, 2, n), 2), mixed, rng.integers(0, 5_000, n) * 100):
        encoder = fitted(pa.array(column))
        finest = np.diff(encoder.edges)[[size > 1 for size in encoder.sizes for _ in range(size)]].max()
        assert distance(column, resampled(encoder, pa.array(column))) < finest + 1 / n


def test_nine_decades_keep_their_tails() -> None:
    rng = np.random.default_rng(0)
    column = 10.0 ** rng.uniform(0, 9, 30_000) * np.where(rng.random(30_000) < 0.1, -1, 1)
    column[:30] *= 10.0**3
    made = resampled(fitted(pa.array(column)), pa.array(column))
    for share in (1e-3, 0.01, 0.1, 0.5, 0.9, 0.99, 1 - 1e-3):
        assert np.quantile(made, share) == pytest.approx(np.quantile(column, share), rel=0.1)
    assert made.min() >= column.min()
    assert made.max() <= column.max()
    tops = np.abs(column) > np.quantile(np.abs(column), 0.998)
    assert np.corrcoef(np.cbrt(made[tops]), np.cbrt(column[tops]))[0, 1] > 0.85
    assert np.corrcoef(made, column)[0, 1] > 0.75


def test_numbers_that_were_not_there_at_fitting_find_the_cell_between_their_neighbours() -> None:
    column = np.repeat(np.arange(0, 10_000, 10), 3)
    encoder = fitted(pa.array(column))
    cells = places(encoder, pa.array(np.arange(-50, 10_050)))
    assert (np.diff(cells) >= 0).all()
    assert (cells[0], cells[-1]) == (0, sum(encoder.sizes) - 1)


def test_a_column_of_one_sketch_keeps_its_point_mass_and_shape() -> None:
    rng = np.random.default_rng(0)
    column = np.where(rng.random(200_000) < 0.3, 0.0, rng.normal(5, 1, 200_000))
    encoder = fitted(pa.array(column))
    codes, _ = encoder.encode(pa.array([0.0]), rng)
    zero = np.full((200, 2), codes[0], np.uint32)
    assert set(encoder.decode(zero, rng.uniform(-1, 1, (200, 1)).astype(np.float32)).to_pylist()) == {0.0}
    assert distance(column, sampled(encoder, 20_000).to_numpy()) < 0.01
    assert distance(column, resampled(encoder, pa.array(column))) < 0.01


def test_of_a_sketch_a_rare_value_that_many_rows_share_comes_back() -> None:
    column = np.concatenate([np.random.default_rng(0).normal(5, 1, 200_000), np.full(200, 10.25)])
    encoder = fitted(pa.array(column))
    tops = pa.array(np.full(500, 10.25))
    assert len(np.unique(places(encoder, tops))) == 1
    codes, values = encoder.encode(tops, np.random.default_rng(0))
    assert encoder.decode(codes, np.random.default_rng(1).uniform(-1, 1, values.shape)).equals(tops)


def test_a_million_numbers_are_encoded_in_seconds() -> None:
    array = pa.array(np.random.default_rng(0).normal(size=1_000_000))
    encoder = fitted(array)
    start = time.process_time()
    encoder.encode(array, np.random.default_rng(0))
    assert time.process_time() - start < 5


def test_integers_stay_whole_and_keep_their_hundreds() -> None:
    rng = np.random.default_rng(0)
    made = sampled(fitted(pa.array(rng.integers(5, 900, 200) * 100, pa.int32())))
    assert made.type == pa.int32()
    assert (made.to_numpy() % 100 == 0).all()


def test_prices_keep_their_cents() -> None:
    made = sampled(fitted(pa.array(np.round(np.random.default_rng(0).lognormal(3, 1, 300), 2)))).to_numpy()
    np.testing.assert_array_equal(made, np.round(made, 2))


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_midnights_stay_midnights_at_every_resolution(unit: str) -> None:
    days = np.random.default_rng(0).choice(20_000, 100, replace=False) - 9_000
    column = pa.array(days.astype("datetime64[D]").astype(f"datetime64[{unit}]"), pa.timestamp(unit))
    made = sampled(fitted(column, kind="datetime"))
    assert made.type == column.type
    assert (
        made.view(pa.int64()).to_numpy() % (86_400 * {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]) == 0
    ).all()


def test_dates_before_1970_lie_between_the_extremes() -> None:
    column = pa.array([dt.date(1815, 12, 10), dt.date(1852, 11, 27), dt.date(1969, 1, 1)])
    made = sampled(fitted(column, kind="datetime")).to_pylist()
    assert min(made) >= dt.date(1815, 12, 10)
    assert max(made) <= dt.date(1969, 1, 1)
    assert len(set(made)) > 100


def test_infinite_cells_are_refused() -> None:
    with pytest.raises(CellsError, match="2 infinite"):
        fitted(pa.array([1.0, 2.0])).encode(pa.array([float("inf"), 1.0, -float("inf")]), np.random.default_rng(0))


def test_a_column_without_values_must_be_nullable() -> None:
    with pytest.raises(SchemaError, match=r"'x'.*at least one value"):
        fitted(pa.array([], pa.float64()))


def test_values_outside_of_the_slot_count_as_the_ends_of_the_cell() -> None:
    encoder = fitted(pa.array([1.0, 2.0, 3.25]))
    values = np.array([[-7.0], [7.0]], np.float32)
    assert encoder.decode(np.array([[0], [2]], np.uint8), values).to_pylist() == [1.0, 3.25]
    made = encoder.decode(np.array([[1], [1]], np.uint8), values).to_numpy()
    np.testing.assert_allclose(made, [1.5, 2.625], atol=0.01)
    assert encoder.bounds == (1.0, 3.25)


def test_a_fine_cell_beyond_its_coarse_one_counts_as_its_last() -> None:
    encoder = fitted(pa.array(np.arange(2_000.0)))
    b = int(np.argmin(encoder.sizes))
    assert encoder.sizes[b] < max(encoder.sizes)
    codes = np.array([[b, encoder.sizes[b] - 1], [b, max(encoder.sizes) - 1]], np.uint8)
    made = encoder.decode(codes, np.zeros((2, 1), np.float32)).to_pylist()
    assert made[0] == made[1]
