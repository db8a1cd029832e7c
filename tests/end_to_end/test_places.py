"""Cities, roads and a coast: learnt as cells of the plane, places stay where places are."""

import numpy as np
import pyarrow as pa
import pytest

from tabgan import TabGAN, TrainingConfig
from tabgan.table.columns import ColumnSpec
from tabgan.table.restating.base import Rows
from tabgan.table.restating.place import Place
from tabgan.table.schema import Schema

pytestmark = pytest.mark.slow

N = 8_000
CONFIG = TrainingConfig(steps=300)
_FIXED = np.random.default_rng(42)
TOWNS = _FIXED.uniform(0, 1, (15, 2))
WIDTHS = np.exp(_FIXED.uniform(-5.5, -3, 15))
SHARES = _FIXED.dirichlet(np.ones(15))
ROADS = np.array([(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (0, 5), (6, 7)])


def cities(random: np.random.Generator) -> np.ndarray:
    town = random.choice(15, N, p=SHARES)
    return TOWNS[town] + random.normal(0, 1, (N, 2)) * WIDTHS[town, None]


def roads(random: np.random.Generator) -> np.ndarray:
    start, end = TOWNS[ROADS[random.integers(0, len(ROADS), N)].T]
    return start + random.random((N, 1)) * (end - start) + random.normal(0, 0.002, (N, 2))


def shore(lat: np.ndarray) -> np.ndarray:
    return 0.5 + 0.25 * np.sin(9 * lat) + 0.1 * np.sin(31 * lat)


def coast(random: np.random.Generator) -> np.ndarray:
    lat, lon = random.random(4 * N), random.beta(2, 1.2, 4 * N)
    return np.stack([lat, lon], axis=1)[lon < shore(lat)][:N]


SOURCES = {"cities": cities, "roads": roads, "coast": coast}


def table_of(points: np.ndarray, seed: int) -> pa.Table:
    """Points with a kind that depends on both coordinates."""
    chance = 1 / (1 + np.exp(-8 * (points[:, 1] + np.sin(6 * points[:, 0]) / 2 - 0.6)))
    kind = np.where(np.random.default_rng(seed).random(len(points)) < chance, "a", "b")
    return pa.table({"lat": points[:, 0], "lon": points[:, 1], "kind": kind})


def points_of(table: pa.Table) -> np.ndarray:
    return np.stack([table["lat"].to_numpy(), table["lon"].to_numpy()], axis=1)


def apart(table: pa.Table, source: pa.Table, grid: int, *, kinds: bool = False) -> float:
    """The total variation of two tables' shares of the squares of a grid, or of squares and kinds."""
    both = [points_of(one) for one in (table, source)]
    ends = np.concatenate(both)
    ranges = [*zip(ends.min(axis=0), ends.max(axis=0), strict=True), (-0.5, 1.5)]
    shares = []
    for one, points in zip((table, source), both, strict=True):
        kind = (one["kind"].to_numpy(zero_copy_only=False) == "a") * (1.0 if kinds else 0.0)
        counts = np.histogramdd(np.column_stack([points, kind]), bins=[grid, grid, 2], range=ranges)[0]
        shares.append(counts / len(points))
    return float(np.abs(shares[0] - shares[1]).sum() / 2)


def by_cells(source: pa.Table, seed: int) -> pa.Table:
    """A sample of a model that learnt cells of the plane."""
    specs = [ColumnSpec(name=name, kind="continuous", dtype="double", nullable=False) for name in ("lat", "lon")]
    place = Place.of(specs, [source["lat"], source["lon"]], lambda column, part: f"{column} [{part}]")
    assert place is not None
    rest = source.select(["kind"])
    [cells] = place.restate([source["lat"].combine_chunks(), source["lon"].combine_chunks()])
    learnt = rest.add_column(0, place.learnt[0].name, cells)
    model = TabGAN(CONFIG, seed=seed).fit(learnt, schema=Schema((*place.learnt, *Schema.infer(rest).columns)))
    drawn = pa.concat_tables(model.sample_batches(N))
    lat, lon = place.write([drawn[place.learnt[0].name].combine_chunks()], Rows(seed, 0, N))
    return pa.table({"lat": lat, "lon": lon, "kind": drawn["kind"]})


def by_columns(source: pa.Table, seed: int) -> pa.Table:
    """A sample of a model that learnt the coordinates as columns of their own."""
    return pa.concat_tables(TabGAN(CONFIG, seed=seed).fit(source).sample_batches(N))


@pytest.mark.parametrize("name", SOURCES)
def test_places_are_learnt_together(name: str) -> None:
    source, second = (table_of(SOURCES[name](np.random.default_rng(seed)), seed + 10) for seed in (0, 1))
    cells, columns = by_cells(source, 1), by_columns(source, 1)
    floor = apart(second, source, 32)
    figures = (apart(cells, source, 32), apart(columns, source, 32), floor)
    assert figures[0] < 0.9 * figures[1], figures
    assert figures[0] < 1.1 * floor, figures
    kinds = [apart(one, source, 10, kinds=True) for one in (cells, columns, second)]
    assert kinds[0] < 1.1 * kinds[1], kinds
    assert kinds[0] < 1.6 * kinds[2], kinds
    if name == "coast":
        sea = [float((points_of(t)[:, 1] > shore(points_of(t)[:, 0]) + 0.005).mean()) for t in (cells, columns)]
        assert sea[0] < 0.005 < 0.02 < sea[1], sea
