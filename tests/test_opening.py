"""When a table is read in passes, where its rows lie meanwhile, and that nothing is left of them."""

import shutil
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tabgan import TrainingConfig, opening
from tabgan.errors import InputError, OutputError
from tabgan.opening import GIB, ScanPlan, memory_for, opened, rows_to_draw
from tabgan.table.scan import ScannedTable

CONFIG = TrainingConfig(steps=2, batch_size=64)
N = 30_000
SMALL_GIB = 0.0005
"""Less than the table takes."""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which temporary folders are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    table = pa.table({"x": random.normal(size=N), "c": random.choice(["a", "b"], N), "y": random.integers(0, 99, N)})
    pq.write_table(table, tmp_path / "t.parquet")
    return tmp_path / "t.parquet"


def test_small_files_and_tables_stay_as_they_are(path: Path, tmp_path: Path, temporary: Path) -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0]})
    for data in (path, str(path), frame, object()):
        with opened(data, CONFIG, seed=0) as found:
            assert found is data
    (tmp_path / "folder").mkdir()
    shutil.copy(path, tmp_path / "folder" / "a.parquet")
    with opened(tmp_path / "folder", CONFIG, seed=0) as found:
        assert isinstance(found, pa.Table)
        assert found.num_rows == N
    assert not list(temporary.iterdir())


def test_a_large_file_is_drawn_from_in_a_folder_that_goes(path: Path, temporary: Path) -> None:
    plans: list[ScanPlan] = []
    with opened(path, CONFIG, seed=0, max_memory_gib=SMALL_GIB, announce=plans.append) as found:
        assert isinstance(found, ScannedTable)
        (plan,) = plans
        assert (plan.n_rows, plan.folder, found.n_rows) == (N, found.folder, N)
        assert found.drawn.num_rows == plan.most_rows < N
        assert found.drawn.nbytes <= SMALL_GIB * GIB / 2
        assert found.folder.parent == temporary
        assert sum(file.stat().st_size for file in found.folder.iterdir()) <= plan.disk_bytes
    assert not list(temporary.iterdir())


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_nothing_is_left_whatever_happens(path: Path, temporary: Path, error: type[BaseException]) -> None:
    context = opened(path, CONFIG, seed=0, max_memory_gib=SMALL_GIB)
    assert isinstance(context.__enter__(), ScannedTable)
    assert list(temporary.iterdir())
    assert not context.__exit__(error, error(), None)
    assert not list(temporary.iterdir())


def test_nothing_is_left_of_a_pass_that_is_interrupted(path: Path, temporary: Path) -> None:
    def press(plan: ScanPlan) -> None:
        assert plan.folder.is_dir()
        raise KeyboardInterrupt

    with (
        pytest.raises(KeyboardInterrupt),
        opened(path, CONFIG, seed=0, max_memory_gib=SMALL_GIB, announce=press),
    ):
        pytest.fail("nothing was interrupted")
    assert not list(temporary.iterdir())


def test_nothing_is_left_of_a_pass_that_fails(path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:4] + bytes(len(whole) // 2 - 4) + whole[len(whole) // 2 :])
    monkeypatch.setattr(opening, "bytes_per_row", lambda stream: 24.0)
    monkeypatch.setattr(opening, "estimated_bytes", lambda stream: GIB)
    with pytest.raises(InputError, match="is damaged"), opened(path, CONFIG, seed=0, max_memory_gib=0.001):
        pass
    assert not list(temporary.iterdir())


def test_a_disk_without_room_is_said_before_anything_is_written(
    path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans: list[ScanPlan] = []
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(10**9, 10**9 - 10**5, 10**5))
    with (
        pytest.raises(OutputError, match=r"free disk in .*, got 0\.0001 GB; free some space, or .*TMPDIR"),
        opened(path, CONFIG, seed=0, max_memory_gib=SMALL_GIB, announce=plans.append),
    ):
        pass
    assert not plans
    assert not list(temporary.iterdir())


def test_a_table_in_memory_is_drawn_from_only_where_a_limit_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, temporary: Path
) -> None:
    monkeypatch.setattr(opening, "ENOUGH_DRAWN", 500)
    monkeypatch.setattr(opening, "MIN_DRAWN", 100)
    frame = pd.DataFrame({"x": np.arange(2_000.0), "c": pd.Categorical(["a", "b"] * 1_000)})
    with opened(frame, CONFIG, seed=0) as found:
        assert found is frame
    with opened(frame, CONFIG, seed=0, max_memory_gib=1e-5) as found:
        assert isinstance(found, ScannedTable)
        assert found.n_rows == 2_000
        assert 100 <= found.drawn.num_rows <= 500
        assert found.inferred["c"].pandas_dtype == "category[str]"
    with opened(frame, CONFIG, seed=0, max_memory_gib=1.0) as found:
        assert isinstance(found, pa.Table)
        assert found.num_rows == 2_000


def test_what_a_table_may_take(monkeypatch: pytest.MonkeyPatch) -> None:
    for free, limit in ((None, GIB), (64 * GIB, GIB), (4 * GIB, GIB), (3 * GIB, GIB // 2), (GIB, GIB // 4)):
        monkeypatch.setattr(opening, "free_memory", lambda free=free: free)
        assert memory_for(None) == limit
    assert memory_for(0.25) == GIB // 4
    assert memory_for(float("inf")) > 10**18
    for wrong in (0, -1, float("nan"), "1", True):
        with pytest.raises(InputError, match="max_memory_gib must be a positive number"):
            memory_for(wrong)  # type: ignore[arg-type]


def test_as_many_rows_are_drawn_as_training_can_draw() -> None:
    config = TrainingConfig(steps=100, batch_size=500, adversarial_share=0.5, critic_steps=3, holdout=0.2)
    assert rows_to_draw(config) == 100 * 500 * 2.5 / 0.8
    assert 3e6 < rows_to_draw(TrainingConfig()) < 4e6


def test_no_place_for_temporary_files_is_said(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with (
        pytest.raises(OutputError, match=r"folder for temporary files.*TMPDIR"),
        opened(path, CONFIG, seed=0, max_memory_gib=SMALL_GIB),
    ):
        pass
