"""Amounts over many decades, mixtures with heavy values, times of day and durations: quantiles and spikes stay."""

import numpy as np
import pyarrow as pa
import pytest

from tabgan.layout import EncodedTable
from tabgan.table import arrays, dtypes
from tabgan.table.codec import TableCodec
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import QuantileEncoder
from tabgan.table.schema import Schema
from tabgan.table.summaries import ColumnSummary, summarize

N = 20_000
SAMPLING = 1.36 / np.sqrt(N)
"""The distance that a sample of N rows keeps from what it was drawn from in 95 of 100 cases."""


def numbers_of(kind: str, seed: int = 0, n: int = N) -> np.ndarray:
    random = np.random.default_rng(seed)
    zero = random.random(n) < 0.6
    return {
        "lognormal": lambda: np.exp(random.normal(0, 3, n)),
        "cents": lambda: np.round(np.exp(random.normal(3, 3, n)), 2),
        "pareto": lambda: random.pareto(0.8, n) + 1,
        "zero-inflated": lambda: np.where(zero, 0.0, np.exp(random.normal(2, 3, n))),
        "two spikes": lambda: np.where(zero, random.choice([0.0, 999.0], n, p=[0.8, 0.2]), random.normal(100, 30, n)),
        "debts": lambda: np.where(zero, 0.0, np.exp(random.normal(4, 3, n)) * random.choice([-1, 1], n)),
    }[kind]()


KINDS = ("lognormal", "cents", "pareto", "zero-inflated", "two spikes", "debts")


def fitted(cells: pa.Array) -> QuantileEncoder:
    spec = ColumnSpec(name="x", kind="continuous", dtype=str(cells.type), nullable=cells.null_count > 0)
    return QuantileEncoder.from_summary(ColumnSummary.of(cells), spec)


def redrawn(encoder: QuantileEncoder, cells: pa.Array, seed: int, n: int) -> pa.Array:
    """Cells drawn by their frequency, and places within them evenly."""
    random = np.random.default_rng(seed)
    codes, values = encoder.encode(cells, random)
    return encoder.decode(codes[random.integers(0, len(codes), n)], random.uniform(-1, 1, (n, values.shape[1])))


def largest_gap(a: np.ndarray, b: np.ndarray) -> float:
    """The Kolmogorov-Smirnov distance of two samples."""
    points = np.unique(np.concatenate([a, b]))
    shares = [np.searchsorted(np.sort(x), points, side="right") / len(x) for x in (a, b)]
    return float(np.abs(shares[0] - shares[1]).max())


@pytest.mark.parametrize("kind", KINDS)
def test_amounts_keep_their_quantiles(kind: str) -> None:
    source = numbers_of(kind)
    drawn = redrawn(fitted(pa.array(source)), pa.array(source), 1, N).to_numpy()
    assert largest_gap(source, drawn) < SAMPLING
    for p in (0.01, 0.1, 0.5, 0.9, 0.99, 0.999):
        low, high = np.quantile(
            source, [max(p - 4 * np.sqrt(p * (1 - p) / N), 0), min(p + 4 * np.sqrt(p * (1 - p) / N), 1)]
        )
        assert low <= np.quantile(drawn, p) <= high, (kind, p)
    assert source.min() <= drawn.min()
    assert drawn.max() <= source.max()


@pytest.mark.parametrize(("kind", "spikes"), [("zero-inflated", [0.0]), ("two spikes", [0.0, 999.0]), ("debts", [0.0])])
def test_spikes_keep_their_share_and_take_no_neighbours(kind: str, spikes: list[float]) -> None:
    source = numbers_of(kind)
    drawn = redrawn(fitted(pa.array(source)), pa.array(source), 1, N).to_numpy()
    for spike in spikes:
        share = (source == spike).mean()
        assert (drawn == spike).mean() == pytest.approx(share, abs=4 * np.sqrt(share / N))
    near = np.sort(np.abs(source[~np.isin(source, spikes)]))
    assert np.abs(drawn[~np.isin(drawn, spikes)]).min() >= near[0]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("kind", ["zero-inflated", "pareto", "debts"])
def test_durations_are_amounts(unit: str, kind: str) -> None:
    scale = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    source = np.rint(np.clip(numbers_of(kind) * 60, -(2**32), 2**32)).astype(np.int64) * scale
    cells = dtypes.from_numeric(source, np.random.default_rng(0).random(N) < 0.1, pa.duration(unit))
    drawn = redrawn(fitted(cells), cells, 2, N)
    assert drawn.type == cells.type
    filled = [arrays.numbers(one.drop_null()) for one in (cells, drawn)]
    assert largest_gap(*filled) < SAMPLING
    assert (filled[0] == 0).mean() == pytest.approx((filled[1] == 0).mean(), abs=0.02)
    assert (filled[1] % scale == 0).all()


@pytest.mark.parametrize(
    ("dtype", "step"),
    [(pa.time32("s"), 900), (pa.time32("ms"), 60_000), (pa.time64("us"), 10**6), (pa.time64("ns"), 1)],
)
def test_times_of_day_keep_their_unit(dtype: pa.DataType, step: int) -> None:
    random = np.random.default_rng(3)
    day = 86_400 * {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[dtype.unit]
    share = np.clip(random.normal(np.where(random.random(N) < 0.5, 0.4, 0.8), 0.03), 0, 1 - 1e-9)
    cells = dtypes.from_numeric((share * day).astype(np.int64) // step * step, None, dtype)
    drawn = redrawn(fitted(cells), cells, 4, N)
    assert drawn.type == dtype
    numbers = arrays.numbers(drawn)
    assert (numbers % step == 0).all()
    assert largest_gap(arrays.numbers(cells), numbers) < SAMPLING


def test_a_table_of_times_and_durations_comes_back() -> None:
    random = np.random.default_rng(5)
    table = pa.table(
        {
            "opens": dtypes.from_numeric(random.integers(0, 96, 800) * 900, random.random(800) < 0.1, pa.time32("s")),
            "tick": dtypes.from_numeric(random.integers(0, 86_400 * 10**9, 800), None, pa.time64("ns")),
            "wait": dtypes.from_numeric(
                np.where(random.random(800) < 0.5, 0, random.pareto(1.0, 800) * 60_000).astype(np.int64),
                random.random(800) < 0.1,
                pa.duration("ms"),
            ),
        }
    )
    schema = Schema.infer(table)
    assert [spec.kind for spec in schema.columns] == ["continuous"] * 3
    codec = TableCodec.fit(schema, summarize(table), table)
    encoded = codec.encode(table, random)
    back = codec.decode(EncodedTable(encoded.codes, encoded.values))
    assert back.schema.types == table.schema.types
    assert back.column("opens").combine_chunks().equals(table.column("opens").combine_chunks())
    assert back.column("wait").combine_chunks().equals(table.column("wait").combine_chunks())
    gap = np.abs(arrays.numbers(back.column("tick")) - arrays.numbers(table.column("tick")))
    assert gap.max() <= 86_400 * 10**9 / 800
