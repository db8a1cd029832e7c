"""Which columns are coordinates: by name and by what they hold."""

import numpy as np
import pyarrow as pa
import pytest

from tabgan.table.restating.places import find_places
from tabgan.table.schema import Schema

RANDOM = np.random.default_rng(0)
LAT, LON = RANDOM.uniform(40, 41, 300), RANDOM.uniform(-74, -73, 300)


def pairs(columns: dict[str, np.ndarray | pa.Array]) -> list[tuple[str, str]]:
    table = pa.table(columns)
    return find_places(table, Schema.infer(table).columns)


@pytest.mark.parametrize(
    ("lat", "lon"),
    [
        ("lat", "lon"),
        ("Latitude", "Longitude"),
        ("LATITUDE", "LONGITUDE"),
        ("pickup_latitude", "pickup_longitude"),
        ("startLat", "startLng"),
        ("lat_1", "long_1"),
        ("geo lat (deg)", "geo lon (deg)"),
    ],
)
def test_names_that_say_so(lat: str, lon: str) -> None:
    assert pairs({lon: LON, "price": LAT, lat: LAT}) == [(lat, lon)]


def test_each_pair_by_its_own_words() -> None:
    columns = {"pickup_lat": LAT, "pickup_lon": LON, "dropoff_lat": LAT, "dropoff_lon": LON}
    assert pairs(columns) == [("pickup_lat", "pickup_lon"), ("dropoff_lat", "dropoff_lon")]
    assert pairs({"pickup_lat": LAT, "dropoff_lon": LON}) == []


@pytest.mark.parametrize(
    ("lat", "lon", "cells"),
    [
        ("x", "y", (LAT, LON)),
        ("flat", "salon", (LAT, LON)),
        ("platform", "along", (LAT, LON)),
        ("lat", "lon", (LAT + 100, LON)),
        ("lat", "lon", (LAT, LON * 10)),
        ("lat", "lon", (np.rint(LAT * 2), LON)),
        ("lat", "lon", (LAT.astype(str), LON)),
        ("lat", "lon", (np.where(LAT > 40.5, np.nan, np.nan), LON)),
    ],
)
def test_what_is_no_place(lat: str, lon: str, cells: tuple[np.ndarray, np.ndarray]) -> None:
    assert pairs({lat: cells[0], lon: cells[1]}) == []


def test_several_candidates_are_none() -> None:
    assert pairs({"lat": LAT, "latitude": LAT, "lon": LON}) == []


def test_missing_cells_and_single_precision_will_do() -> None:
    missing = pa.array(LAT.astype(np.float32), mask=RANDOM.random(300) < 0.2)
    assert pairs({"lat": missing, "lon": LON.astype(np.float32)}) == [("lat", "lon")]
