"""The type that every cell of a CSV column has."""

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from tabgan.table.csv_types import MISSING, typed


def column(*cells: str | None) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(cells, pa.string())])


def read(*cells: str | None, decimal_comma: bool = False) -> pa.Array | pa.ChunkedArray:
    return typed(column(*cells), decimal_comma=decimal_comma).array


UTC = dt.timezone.utc  # noqa: UP017 - as Arrow compares it


@pytest.mark.parametrize(
    ("cells", "dtype", "values"),
    [
        (["1", "-2", "+3", " 4 "], pa.int64(), [1, -2, 3, 4]),
        (["1", None, "NA"], pa.int64(), [1, None, None]),
        (["18446744073709551615", "1"], pa.uint64(), [2**64 - 1, 1]),
        (["1", "2.5", ".5", "5.", "1e3", "-1E-3"], pa.float64(), [1.0, 2.5, 0.5, 5.0, 1000.0, -0.001]),
        (["inf", "-Infinity", "nan"], pa.float64(), [float("inf"), float("-inf"), None]),
        (["true", "FALSE", "NA"], pa.bool_(), [True, False, None]),
        (["2020-01-02", "null"], pa.date32(), [dt.date(2020, 1, 2), None]),
        (
            ["2020-01-02 03:04", "2020-01-02"],
            pa.timestamp("s"),
            [dt.datetime(2020, 1, 2, 3, 4), dt.datetime(2020, 1, 2)],
        ),
        (["2020-01-02T03:04:05.5"], pa.timestamp("us"), [dt.datetime(2020, 1, 2, 3, 4, 5, 500_000)]),
        (["2020-01-02T03:04+02:00"], pa.timestamp("s", "UTC"), [dt.datetime(2020, 1, 2, 1, 4, tzinfo=UTC)]),
        (["10:30", "11:00:05"], pa.time32("s"), [dt.time(10, 30), dt.time(11, 0, 5)]),
        (["10:30:00.25"], pa.time64("us"), [dt.time(10, 30, 0, 250_000)]),
        ([None, None], pa.null(), [None, None]),
    ],
)
def test_values(cells: list[str | None], dtype: pa.DataType, values: list[Any]) -> None:
    found = read(*cells)
    assert found.type == dtype
    assert found.to_pylist() == values


def test_nanoseconds_are_kept() -> None:
    found = read("2020-01-02T03:04:05.123456789")
    assert found.type == pa.timestamp("ns")
    assert found.cast(pa.int64()).to_pylist()[0] % 1_000_000_000 == 123_456_789


@pytest.mark.parametrize(
    "cells",
    [
        ["DE", "NA", "FR"],
        ["NA", "NA"],
        ["nan", "dan", None],
        ["007", "012"],
        ["99999999999999999999", "1"],
        ["2020-13-45"],
        ["25:00"],
        ["true", "1"],
        ["yes", "no"],
        ["1,5", "2"],
        ["0x10", "0x11"],
        ["3e4005", "1e5"],
        ["1.5", None, "-1e999"],
        ["+4912345", "+4967890", None],
        ["+4912345", "30123", "NA"],
    ],
)
def test_text_stays_as_it_is(cells: list[str | None]) -> None:
    found = read(*cells)
    assert found.type == pa.string()
    assert found.to_pylist() == cells


@pytest.mark.parametrize("spelling", MISSING.to_pylist())
def test_spellings_of_missing_cells(spelling: str) -> None:
    assert read("1", spelling).to_pylist() == [1, None]
    assert read("x", spelling).to_pylist() == ["x", spelling]


def test_decimal_commas_only_where_they_can_be() -> None:
    assert read("1,5", "-2", None, decimal_comma=True).to_pylist() == [1.5, -2.0, None]
    assert read("1,5", "a", decimal_comma=True).to_pylist() == ["1,5", "a"]
    assert read("9" * 400 + ",5", "1", decimal_comma=True).to_pylist() == ["9" * 400 + ",5", "1"]


def test_a_late_text_makes_the_column_text_and_is_shown() -> None:
    cells = [str(i) for i in range(5_000)] + ["?", "?", "unknown", "x", "y"]
    found = typed(column(*cells), decimal_comma=False)
    assert found.array.to_pylist() == cells
    assert found.remark == "mostly numbers but 5 of 5,005 cells are no numbers"
    assert found.warning is not None
    assert "for example '?', 'unknown', 'x', so" in found.warning


def test_codes_are_remarked_on_without_a_warning() -> None:
    found = typed(column("007", "012", "7"), decimal_comma=False)
    assert found.warning is None
    assert found.remark is not None
    assert "leading zeros" in found.remark


def test_a_plus_sign_beside_a_minus_sign_or_a_fraction_is_a_number() -> None:
    assert read("+3", "-2").to_pylist() == [3, -2]
    assert read("+0.5", "+1").to_pylist() == [0.5, 1.0]
    assert read("+3e5", "+inf").to_pylist() == [3e5, float("inf")]


def test_plain_text_needs_no_remark() -> None:
    found = typed(column("a", "b", "1"), decimal_comma=False)
    assert (found.remark, found.warning) == (None, None)
