"""Two files that take turns."""

from pathlib import Path

import pytest

from tabgan.generations import Generations
from tabgan.writing import WholeFile


def test_the_file_that_was_written_last_is_left_alone(tmp_path: Path) -> None:
    files = Generations(tmp_path / "run.checkpoint")
    names = [files.turn_of(serial).name for serial in range(1, 5)]
    assert names == ["run.checkpoint", "run.checkpoint2", "run.checkpoint", "run.checkpoint2"]
    assert files.path == files.turn_of(1)


@pytest.mark.parametrize("there", [[], ["x"], ["x2"], ["x", "x2"]])
def test_what_is_there_is_found_and_cleared(tmp_path: Path, there: list[str]) -> None:
    for name in [*there, "x.part", "x3", "model"]:
        (tmp_path / name).write_bytes(b"1")
    files = Generations(tmp_path / "x")
    assert [path.name for path in files.present()] == there
    files.clear()
    assert files.present() == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "x3"]
    files.clear()


def test_what_a_killed_process_left_is_replaced(tmp_path: Path) -> None:
    files = Generations(tmp_path / "x")
    (tmp_path / files.partial).write_bytes(b"half of som")
    with WholeFile(files.path, partial=files.partial) as file:
        file.write(b"whole")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert files.path.read_bytes() == b"whole"


def test_a_folder_is_no_generation(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    assert Generations(tmp_path / "x").present() == []
