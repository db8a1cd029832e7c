"""Rows drawn in one pass: uniformly, whatever the batches, and on disk."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from tabgan.table.reservoir import Reservoir, priorities


def numbered(n: int) -> pa.Table:
    return pa.table({"row": np.arange(n), "name": pa.array([f"n{i % 5}" for i in range(n)]).dictionary_encode()})


def drawn(
    table: pa.Table, folder: Path, most: int, *, seed: int = 0, batch: int = 1_000, known: bool = True
) -> pa.Table:
    folder.mkdir(exist_ok=True)
    reservoir = Reservoir(folder, table.schema, most, seed, table.num_rows if known else None)
    for start in range(0, table.num_rows, batch):
        reservoir.add(table.slice(start, batch))
    return reservoir.finish()


def test_the_rows_are_those_of_least_priority_in_order(tmp_path: Path) -> None:
    found = drawn(numbered(20_000), tmp_path, 3_000)
    expected = np.sort(np.argsort(priorities(0, 0, 20_000))[:3_000])
    assert found["row"].to_numpy().tolist() == expected.tolist()
    assert found["name"].to_pylist() == [f"n{row % 5}" for row in expected]
    assert found.schema.types == [pa.int64(), pa.string()]


@pytest.mark.parametrize(("batch", "known"), [(7, True), (20_000, True), (999, False), (20_000, False)])
def test_batches_and_whether_the_length_is_known_make_no_difference(tmp_path: Path, batch: int, known: bool) -> None:
    table = numbered(20_000)
    assert drawn(table, tmp_path, 500, batch=batch, known=known).equals(drawn(table, tmp_path / "other", 500))


def test_all_rows_stay_if_there_is_room(tmp_path: Path) -> None:
    table = numbered(100)
    for known in (True, False):
        assert drawn(table, tmp_path, 100, batch=30, known=known)["row"].equals(table["row"])
    assert drawn(table.slice(0, 0), tmp_path, 100).num_rows == 0


def test_every_row_is_as_likely_as_any_other(tmp_path: Path) -> None:
    table, n_draws = numbered(400), 300
    rows = np.concatenate(
        [drawn(table, tmp_path, 100, seed=seed, batch=150, known=False)["row"].to_pylist() for seed in range(n_draws)]
    )
    assert stats.chisquare(np.bincount(rows, minlength=400)).pvalue > 0.001
    assert stats.chisquare(np.bincount(rows // 20, minlength=20)).pvalue > 0.001


def test_neighbours_are_drawn_independently(tmp_path: Path) -> None:
    kept = np.isin(np.arange(100_000), drawn(numbered(100_000), tmp_path, 50_000)["row"].to_numpy())
    for gap in (1, 2, 64, 1_000):
        assert abs(np.mean(kept[gap:] == kept[:-gap]) - 0.5) < 0.01


def test_one_file_is_left(tmp_path: Path) -> None:
    found = drawn(numbered(20_000), tmp_path / "rows", 500, known=False, batch=500)
    assert found.num_rows == 500
    assert len(list((tmp_path / "rows").iterdir())) == 1
