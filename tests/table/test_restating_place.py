"""Places: what is there comes back to its cell, and what is drawn lies where places are."""

import dataclasses
import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tabgan.errors import SchemaError
from tabgan.table import arrays, dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import CellsError
from tabgan.table.restating.base import Rows
from tabgan.table.restating.place import MIN_ROWS, Place
from tabgan.table.wanted import Wanted

from .restating.made import held

N = 4_000


def roads(n: int = N, seed: int = 0) -> np.ndarray:
    """Points on three roads between four towns."""
    random = np.random.default_rng(seed)
    towns = np.array([[50.0, 8.0], [51.2, 9.5], [49.5, 11.0], [50.4, 12.0]])
    road, along = random.integers(0, 3, n), random.random((n, 1))
    return towns[road] + along * (towns[road + 1] - towns[road]) + random.normal(0, 0.003, (n, 2))


def columns_of(points: np.ndarray, dtype: pa.DataType | None = None, missing: np.ndarray | None = None):
    mask = np.zeros(points.shape, np.bool_) if missing is None else missing
    return [dtypes.from_numeric(points[:, axis], mask[:, axis], dtype or pa.float64()) for axis in (0, 1)]


def made(columns: list[pa.Array]) -> Place:
    specs = [
        ColumnSpec(name=name, kind="continuous", dtype=str(column.type), nullable=column.null_count > 0)
        for name, column in zip(("lat", "lon"), columns, strict=True)
    ]
    found = Place.of(specs, columns, lambda column, part: f"{column} [{part}]")
    assert found is not None
    return found


def points_of(columns: list[pa.Array]) -> np.ndarray:
    return np.stack([arrays.numbers(column) for column in columns], axis=1)


def off_road(points: np.ndarray, source: np.ndarray) -> np.ndarray:
    """How far each point is from the nearest one of the source."""
    from scipy.spatial import cKDTree

    return cKDTree(source).query(points)[0]


def test_the_drawn_lie_on_the_roads() -> None:
    source = roads()
    columns = columns_of(source)
    place = made(columns)
    [numbers] = place.restate(columns)
    assert numbers.null_count == 0
    assert np.bincount(arrays.numbers(numbers)).min() >= 3
    drawn = points_of(place.write([numbers], Rows(0, 0, N)))
    gap = off_road(drawn, roads(20_000, 9))
    assert np.quantile(gap, 0.95) < 0.02
    apart = np.stack([np.random.default_rng(axis).permutation(source[:, axis]) for axis in (0, 1)], axis=1)
    assert np.median(off_road(apart, source)) > 0.05
    assert (drawn.min(axis=0) >= source.min(axis=0)).all()
    assert (drawn.max(axis=0) <= source.max(axis=0)).all()
    assert not (drawn == source).any()


@settings(deadline=None, max_examples=25)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([pa.float32(), pa.float64()]),
    st.sampled_from([None, 2, 4]),
    st.sampled_from([0.0, 0.1]),
    st.sampled_from([0.0, 0.05]),
)
def test_what_is_written_restates_as_it_was(
    seed: int, dtype: pa.DataType, decimals: int | None, both: float, one: float
) -> None:
    random = np.random.default_rng(seed)
    n = 600
    points = roads(n, seed) if decimals is None else np.round(roads(n, seed), decimals)
    points[: n // 10] = points[0]
    missing = np.repeat(random.random((n, 1)) < both, 2, axis=1) | (random.random((n, 2)) < one)
    columns = columns_of(points, dtype, missing)
    before = [column.to_pylist() for column in columns]
    place = made(columns)
    assert Place.from_json(json.loads(json.dumps(place.to_json()))) == place
    learnt = place.restate(columns)
    assert [column.to_pylist() for column in columns] == before
    assert [str(column.type) for column in learnt] == [spec.dtype for spec in place.learnt]
    written = place.write(learnt, Rows(seed, 0, n))
    assert [column.type for column in written] == [dtype, dtype]
    assert [column.is_null().to_pylist() for column in written] == missing.T.tolist()
    again = place.restate(written)
    kept = ~missing.any(axis=1)
    same = (arrays.numbers(again[0]) == arrays.numbers(learnt[0]))[kept]
    assert same.mean() > 0.97 if decimals == 2 else same.all()  # rounded places may coincide with a known one
    assert all(a.equals(b) for a, b in zip(again[1:], learnt[1:], strict=True))
    if decimals is not None:
        wide = points_of(written)[kept]
        assert np.array_equal(
            np.round(wide, decimals).astype(dtype.to_pandas_dtype()), wide.astype(dtype.to_pandas_dtype())
        )


def test_shared_places_come_back_exactly() -> None:
    source = roads()
    source[:400], source[400:600] = [0.0, 0.0], [50.5, 9.25]
    columns = columns_of(source)
    place = made(columns)
    drawn = points_of(place.write(place.restate(columns), Rows(0, 0, N)))
    assert (drawn[:400] == [0.0, 0.0]).all()
    assert (drawn[400:600] == [50.5, 9.25]).all()
    assert (np.abs(drawn[600:]) > 1).all()


@pytest.mark.parametrize("n_stations", [2, 300, 1_200])
def test_stations_are_never_elsewhere(n_stations: int) -> None:
    stations = roads(n_stations, 4)
    random = np.random.default_rng(1)
    weights = random.dirichlet(np.ones(n_stations))
    chosen = np.concatenate([np.arange(n_stations), random.choice(n_stations, N, p=weights)])
    columns = columns_of(stations[chosen])
    place = made(columns)
    assert json.dumps(place.to_json())
    [numbers] = place.restate(columns)
    written = place.write([numbers], Rows(2, 0, len(chosen)))
    drawn = points_of(written)
    assert {tuple(point) for point in drawn.tolist()} <= {tuple(point) for point in stations.tolist()}
    assert place.restate(written)[0].equals(numbers)
    if n_stations <= 1_024:
        assert np.array_equal(drawn, stations[chosen])
    counts = [np.unique(points, axis=0, return_counts=True)[1].max() for points in (drawn, stations[chosen])]
    assert counts[0] == pytest.approx(counts[1], rel=0.5)


@pytest.mark.parametrize(
    "columns",
    [
        columns_of(roads(MIN_ROWS - 1)),
        columns_of(np.column_stack([roads(300)[:, 0], np.full(300, 5.0)])),
        columns_of(np.where(np.arange(300)[:, None] == 3, np.inf, roads(300))),
        columns_of(roads(300), missing=np.ones((300, 2), np.bool_)),
        columns_of(np.rint(roads(300)), pa.int64()),
    ],
    ids=["few", "constant", "infinite", "missing", "whole"],
)
def test_some_columns_stay_as_they_are(columns: list[pa.Array]) -> None:
    specs = [ColumnSpec(name=name, kind="continuous", dtype=str(columns[0].type), nullable=True) for name in "ab"]
    assert Place.of(specs, columns, lambda column, part: f"{column} [{part}]") is None


def test_rows_that_do_not_fit_are_refused() -> None:
    place = made(columns_of(roads()))
    with pytest.raises(CellsError, match=r"'lat' and 'lon', got 1 rows"):
        place.restate(columns_of(np.array([[np.inf, 1.0], [50.0, 9.0]])))
    with pytest.raises(CellsError, match=r"missing as at fitting, got 1 rows.* first in row 1 "):
        place.restate([pa.array([50.0, None]), pa.array([9.0, 9.0])])


def test_numbers_beyond_the_cells_count_as_the_last() -> None:
    place = made(columns_of(roads()))
    last = len(place.boxes) - 1
    ends = [place.write([pa.array([number])], Rows(0, 0, 1)) for number in (last, last + 1, 10**12)]
    assert ends[0] == ends[1] == ends[2]


def test_a_broken_document_is_refused() -> None:
    document = made(columns_of(np.round(roads(), 1))).to_json()
    for change in (
        {"leaf_cells": []},
        {"boxes": []},
        {"counts": [0] * len(document["counts"])},
        {"types": ["int64", "double"]},
        {"boxes": [[1.0, 0.0, 1.0, 1.0]] * len(document["boxes"])},
    ):
        with pytest.raises(SchemaError, match="expected"):
            Place.from_json({**document, **change})


WANTS = {
    "north": {"lat": Wanted(low=np.array([50.8]))},
    "box": {
        "lat": Wanted(low=np.array([50.0]), high=np.array([50.5]), missing=np.array([False])),
        "lon": Wanted(high=np.array([9.0]), missing=np.array([False])),
    },
    "row by row": {"lon": Wanted(low=np.linspace(8, 12, N))},
    "set": {"lat": Wanted(cells=pa.array([50.0, 50.5]), allowed=np.array([[True, True]]))},
    "missing": {"lat": Wanted(present=np.array([False]))},
    "filled": {"lat": Wanted(missing=np.array([False])), "lon": Wanted(missing=np.array([False]))},
    "nowhere": {"lat": Wanted(low=np.array([80.0]), missing=np.array([False]))},
}


@pytest.mark.parametrize("case", WANTS)
@pytest.mark.parametrize("one", [0.0, 0.05])
def test_narrowing_never_wants_too_much(case: str, one: float) -> None:
    random = np.random.default_rng(0)
    missing = np.repeat(random.random((N, 1)) < 0.1, 2, axis=1) | (random.random((N, 2)) < one)
    columns = columns_of(np.round(roads(), 3), missing=missing)
    place = made(columns)
    learnt = [column.take(pa.array(random.permutation(N))) for column in place.restate(columns)]
    written = place.write(learnt, Rows(1, 0, N))
    wanted = WANTS[case]
    good = np.all(
        [held(wanted.get(name), column) for name, column in zip(("lat", "lon"), written, strict=True)], axis=0
    )
    found = place.narrow(wanted, {})
    names = [spec.name for spec in place.learnt]
    through = np.all([held(found.get(name), column) for name, column in zip(names, learnt, strict=True)], axis=0)
    assert not (good & ~through).any()
    assert place.narrow(wanted, dict(zip(names, learnt, strict=True))) == {}
    if case in ("box", "filled", "nowhere") or (case in ("north", "row by row") and not one):
        assert through.sum() <= 1.1 * good.sum() + 60


def test_known_columns_of_other_kinds_are_refused() -> None:
    place = made(columns_of(roads()))
    with pytest.raises(SchemaError, match="floats"):
        dataclasses.replace(place, types=("string", "double"))
