"""Continuous columns: point masses, missing cells, units, types."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import SchemaError
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import CellsError, QuantileEncoder
from tabgan.table.summaries import ColumnSummary


def fitted(array: pa.Array, *, nullable: bool = False, kind: str = "continuous") -> QuantileEncoder:
    spec = ColumnSpec(name="x", kind=kind, dtype=str(array.type), nullable=nullable)  # type: ignore[arg-type]
    return QuantileEncoder.from_summary(ColumnSummary.of(array), spec)


def sampled(encoder: QuantileEncoder, n: int = 2_000) -> pa.Array:
    """Rows of the continuous part."""
    values = np.random.default_rng(0).uniform(-1, 1, (n, 1)).astype(np.float32)
    slots = encoder.slots("x")
    assert slots is not None
    return encoder.decode(np.zeros((n, len(slots.cardinalities)), np.uint8), values)


def test_a_plain_column_takes_a_value_alone() -> None:
    slots = fitted(pa.array(np.random.default_rng(0).normal(size=500))).slots("x")
    assert slots is not None
    assert (slots.cardinalities, slots.has_value) == ((), True)


def test_zero_inflation_and_codes_become_point_masses() -> None:
    rng = np.random.default_rng(0)
    column = np.concatenate([np.zeros(400), np.full(100, 999.0), rng.lognormal(size=500)])
    encoder = fitted(pa.array(column), nullable=True)
    assert encoder.masses == (0.0, 999.0)
    slots = encoder.slots("x")
    assert slots is not None
    assert (slots.cardinalities, slots.has_value, slots.live) == ((4,), True, 1)
    codes, values = encoder.encode(pa.array([0.0, 999.0, None, 1.0]), rng)
    assert codes[:, 0].tolist() == [1, 2, 3, 0]
    assert (values[:3] == 0).all()
    made = sampled(encoder).to_numpy()
    assert not np.isin(made, [0.0, 999.0]).any()


def test_values_as_common_as_the_others_are_no_point_masses() -> None:
    assert fitted(pa.array(np.arange(1_000) % 30)).masses == ()


def test_at_most_twenty_point_masses_the_heaviest() -> None:
    column = np.concatenate([np.repeat(np.arange(25), 30 + np.arange(25)), 1_000 + np.arange(60)])
    encoder = fitted(pa.array(column))
    assert encoder.masses == tuple(range(5, 25))


def test_nothing_but_point_masses_takes_no_value() -> None:
    encoder = fitted(pa.nulls(3, pa.int64()), nullable=True)
    slots = encoder.slots("x")
    assert slots is not None
    assert (slots.cardinalities, slots.has_value) == ((1,), False)
    codes, values = encoder.encode(pa.nulls(2, pa.int64()), np.random.default_rng(0))
    assert encoder.decode(codes, values).to_pylist() == [None, None]
    with pytest.raises(CellsError, match="7"):
        encoder.encode(pa.array([7]), np.random.default_rng(0))


def test_a_column_of_one_sketch_keeps_its_point_mass_and_shape() -> None:
    rng = np.random.default_rng(0)
    column = np.where(rng.random(200_000) < 0.3, 0.0, rng.normal(5, 1, 200_000))
    encoder = fitted(pa.array(column))
    assert encoder.masses == (0.0,)
    made = np.sort(sampled(encoder, 20_000).to_numpy())
    rest = np.sort(column[column != 0])
    distance = np.abs(np.searchsorted(rest, made) / len(rest) - np.arange(20_000) / 20_000).max()
    assert distance < 0.015


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


def test_values_outside_of_the_slot_count_as_its_ends() -> None:
    encoder = fitted(pa.array([1.0, 2.0, 3.0]))
    made = encoder.decode(np.zeros((2, 0), np.uint8), np.array([[-7.0], [7.0]], np.float32))
    assert made.to_pylist() == [1.0, 3.0]
    assert encoder.bounds == (1.0, 3.0)
