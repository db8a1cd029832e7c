"""The generator of long tables, and one small run of the benchmark."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from benchmarks import large
from benchmarks.large import fit, make, orders
from tabgan import opening

pytestmark = pytest.mark.filterwarnings("ignore:column")


def test_the_table_is_the_same_for_a_seed_and_has_what_it_says():
    first, second = orders(0, 20_000, 0, 0), orders(20_000, 20_000, 0, 1)
    assert first.num_columns == 20
    assert first.equals(orders(0, 20_000, 0, 0))
    assert not first.equals(orders(0, 20_000, 1, 0))
    for name in ("order_id", "reference"):
        assert len(set(first[name].to_pylist()) | set(second[name].to_pylist())) == 40_000
    assert (first["created"].to_numpy() < first["shipped"].to_numpy()).all()
    assert 3_000 < len(first["city"].unique()) <= 5_000
    assert first["rating"].null_count


@pytest.mark.slow
def test_all_stages_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(large, "BLOCK", 20_000)
    monkeypatch.setattr(opening, "ENOUGH_DRAWN", 2_000)
    make(tmp_path / "t.parquet", 50_000, 0)
    assert pq.ParquetFile(tmp_path / "t.parquet").metadata.num_rows == 50_000
    found = fit(tmp_path / "t.parquet", 2, 0.005, 0)
    assert found["rows"] == 50_000
    assert found["learnt_rows"] < 50_000
    assert found["disk_bytes"] <= found["disk_bytes_announced"]
    assert found["scans"]["speed_of_pyarrow_scan"] > 0
    assert 0 < found["peak_anonymous_gib"] <= found["peak_rss_gib"] + 0.1
    assert all(stage["s"] > 0 for stage in found["stages"])
