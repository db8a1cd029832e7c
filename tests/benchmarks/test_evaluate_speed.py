"""The measurement on tiny tables; SDMetrics itself is not installed for tests."""

import json
import sys

import pyarrow.parquet
import pytest

from benchmarks.evaluate_speed import main, make_table, run, spread, two_numbers
from tabgan import evaluate
from tabgan.evaluation.report import OPTIONAL


def test_tables_are_seeded_and_mixed():
    table = make_table(300, 10, 0)
    assert table.equals(make_table(300, 10, 0))
    assert not table.equals(make_table(300, 10, 1))
    assert [str(dtype) for dtype in table.schema.types] == ["double"] * 5 + ["int64"] * 2 + ["string"] * 3


def test_the_two_numbers_are_those_of_the_report(tmp_path, capsys):
    paths = [tmp_path / f"{i}.parquet" for i in range(2)]
    tables = [make_table(400, 10, i) for i in range(2)]
    for path, table in zip(paths, tables, strict=True):
        pyarrow.parquet.write_table(table, path)
    two_numbers(*map(str, paths))
    found = json.loads(capsys.readouterr().out)
    report = evaluate(*tables, skip=OPTIONAL)
    assert found["shape"] == pytest.approx(1 - report.shape_error_pct.value / 100)
    assert found["trend"] == pytest.approx(1 - report.trend_separate_edges_pct.value / 100)
    assert found["seconds"]["total"] >= found["seconds"]["measure"] > 0


def test_a_run_is_measured():
    found = run([sys.executable, "-c", "x = bytearray(100 << 20); print('{\"shape\": 1}')"])
    assert found["shape"] == 1
    assert found["peak_mib"] > 100
    with pytest.raises(SystemExit, match="failed"):
        run([sys.executable, "-c", "raise SystemExit(3)"])


def test_spread():
    assert spread([1.0, 3.0]) == {"mean": 2.0, "min": 1.0, "max": 3.0, "sd": pytest.approx(2**0.5)}
    assert "sd" not in spread([1.0])


@pytest.mark.slow
def test_the_whole_command(tmp_path, capsys):
    out = tmp_path / "result.json"
    options = ["--rows", "500", "--columns", "8", "--repeats", "1", "--out", str(out)]
    assert main(options) == 0
    found = json.loads(out.read_text())
    assert found == json.loads(capsys.readouterr().out)
    assert (found["evaluate"]["n"], found["evaluate"]["within_limits"]) == (500, True)
