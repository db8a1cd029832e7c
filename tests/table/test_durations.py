"""Durations as text: every one comes back, and pandas agrees."""

import datetime as dt
import re
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabgan.table import durations
from tabgan.table.files import TableWriter, read_table

UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
NUMBER = (
    st.integers(-(2**63) + 1, 2**63 - 1)
    | st.integers(-200_000, 200_000)
    | st.integers(-(10**6), 10**6).map(lambda n: n * 86_400_000)
)


@given(st.lists(NUMBER | st.none(), min_size=1, max_size=8), st.sampled_from(sorted(UNITS)))
def test_every_duration_comes_back(numbers: list[int | None], unit: str) -> None:
    cells = pa.array(numbers, pa.int64()).cast(pa.duration(unit))
    texts = durations.write(cells)
    assert texts.type == pa.large_string()
    assert all(text is None or re.match(durations.PATTERN, text) for text in texts.to_pylist())
    back = durations.read(texts)
    found = back.cast(pa.int64()).to_pylist()
    ratio = UNITS[unit] // UNITS[back.type.unit]  # never finer than it was
    assert [None if n is None else n * ratio for n in found] == numbers


@given(st.integers(-(2**62), 2**62))
def test_pandas_reads_what_is_written_and_writes_what_is_read(number: int) -> None:
    cells = pa.array([number]).cast(pa.duration("ns"))
    assert pd.Timedelta(durations.write(cells)[0].as_py()).value == number
    for text in (str(pd.Timedelta(number)), pd.Timedelta(number).isoformat()):
        assert re.match(durations.PATTERN, text)
        assert durations.read(pa.array([text])).cast(pa.duration("ns")).equals(cells), text


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (0, "ns", "PT0S"),
        (26 * 3_600, "s", "P1DT2H"),
        (-500, "ms", "-PT0.5S"),
        (90_061_000_001, "us", "P1DT1H1M1.000001S"),
        (86_400 * 365, "s", "P365D"),
    ],
)
def test_the_text_of_some(number: int, unit: str, text: str) -> None:
    assert durations.write(pa.array([number]).cast(pa.duration(unit))).to_pylist() == [text]


@pytest.mark.parametrize(
    ("text", "seconds"), [("P2W", 14 * 86_400), ("+PT1M", 60), (" PT5S ", 5), ("3 days", 259_200), ("1 day", 86_400)]
)
def test_other_spellings(text: str, seconds: int) -> None:
    assert re.match(durations.PATTERN, text)
    assert durations.read(pa.array([text])).to_pylist() == [dt.timedelta(seconds=seconds)]


@pytest.mark.parametrize(
    "text", ["P", "PT", "P1DT", "P1Y", "P2M", "P1", "1D", "PT1.S", "T1S", "days", "P1D2H", "--PT1S"]
)
def test_what_is_no_duration(text: str) -> None:
    assert not re.match(durations.PATTERN, text)


def test_too_long_a_duration_is_told() -> None:
    with pytest.raises(pa.ArrowInvalid, match="overflow"):
        durations.read(pa.array(["P999999999999999999D"]))


def test_no_durations_at_all() -> None:
    assert durations.write(pa.array([], pa.duration("ms"))).to_pylist() == []
    assert durations.read(pa.array([], pa.string())).type == pa.duration("s")
    assert durations.read(pa.array([None], pa.string())).to_pylist() == [None]


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".csv.gz", ".jsonl"])
def test_files_keep_durations_and_times_of_day(tmp_path: Path, suffix: str) -> None:
    table = pa.table(
        {
            "wait": pa.array(
                [dt.timedelta(seconds=90), None, dt.timedelta(days=-2, microseconds=5)], pa.duration("us")
            ),
            "whole": pa.array([1, 2, None], pa.int64()).cast(pa.duration("s")),
            "clock": pa.array([dt.time(9, 30), dt.time(23, 59, 59), None], pa.time32("s")),
            "code": ["P1D", "P1Y", "PT1S"],
            "n": [1, 2, 3],
        }
    )
    path = tmp_path / f"table{suffix}"
    with TableWriter(path, table.schema) as writer:
        writer.write(table)
    found = read_table(path)
    assert found.schema.types == table.schema.types
    assert found.to_pydict() == table.to_pydict()
    assert pa.types.is_string(read_table(path, text_columns=["wait"]).schema.field("wait").type)


def test_a_schema_with_other_units_still_fits(tmp_path: Path) -> None:
    from tabgan.table.schema import Schema

    frame = pd.DataFrame({"wait": pd.to_timedelta(range(30), unit="min").astype("timedelta64[ns]")})
    schema = Schema.infer(read_table(frame))
    frame.to_csv(tmp_path / "table.csv", index=False)  # "0 days 00:05:00"
    found = schema.conform(read_table(tmp_path / "table.csv"))
    assert found.schema.field("wait").type == pa.duration("ns")
    assert schema.to_pandas(found).equals(frame)
