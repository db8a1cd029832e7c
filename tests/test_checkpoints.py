"""Checkpoints as files: what they hold, which of two is taken, and how often one is written."""

import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tabgan import artifact
from tabgan.checkpoints import Checkpoint, Checkpoints, Progress, Saver
from tabgan.errors import ArtifactError, DataWarning, InputError
from tabgan.gan.run_state import RunState

IDENTITY = {"columns": {"a": "0f"}, "versions": {"tabgan": "1"}}


def state(step: int) -> RunState:
    values = {"step": step, "big": 2**127, "third": 1 / 3, "none": None, "no number": float("inf")}
    return RunState(values, {"weights": np.arange(step, dtype=np.float32), "a.b": np.zeros((2, 0), np.uint8)})


def checkpoint(serial: int, **more: Any) -> Checkpoint:
    return Checkpoint(Progress(state(serial), **more), IDENTITY, 1.5 * serial, serial)


@pytest.fixture
def files(tmp_path: Path) -> Checkpoints:
    return Checkpoints(tmp_path / "x.checkpoint")


def check(one: RunState | None, other: RunState | None) -> None:
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert one.values == other.values
        assert one.tensors.keys() == other.tensors.keys()
        for name, array in one.tensors.items():
            assert array.dtype == other.tensors[name].dtype
            assert np.array_equal(array, other.tensors[name])


@pytest.mark.parametrize("more", [{}, {"finished": True}, {"finished": True, "texts": state(3)}])
def test_a_checkpoint_comes_back_as_it_was_saved(files: Checkpoints, more: dict[str, Any]) -> None:
    files.save(checkpoint(5, **more))
    loaded = files.load()
    check(loaded.progress.rows, state(5))
    check(loaded.progress.texts, more.get("texts"))
    assert loaded.progress.history == ()  # the state is none of a trainer
    assert loaded.progress.finished == more.get("finished", False)
    assert (loaded.identity, loaded.spent_s, loaded.serial, loaded.damaged) == (IDENTITY, 7.5, 5, "")


def test_the_newer_one_is_taken_and_the_older_one_is_kept(files: Checkpoints) -> None:
    for serial in range(1, 6):
        files.save(checkpoint(serial))
        assert files.load().serial == serial
        assert len(files.present()) == min(serial, 2)
    files.turn_of(5).unlink()
    assert files.load().serial == 4


@pytest.mark.parametrize("damage", [b"", b"\x93TABRUN\n", b"something else", "cut", "flipped"])
@pytest.mark.parametrize("serial", [4, 5])
def test_where_one_is_damaged_the_other_one_is_taken_and_then_kept(
    files: Checkpoints, damage: bytes | str, serial: int
) -> None:
    for number in (4, 5):
        files.save(checkpoint(number))
    place = files.turn_of(serial)
    content = place.read_bytes()
    if damage == "cut":
        damage = content[: len(content) // 2]
    elif damage == "flipped":
        damage = content[:-3] + bytes([content[-3] ^ 1]) + content[-2:]
    place.write_bytes(damage)
    loaded = files.load()
    assert loaded.serial == 9 - serial
    assert repr(str(place)) in loaded.damaged
    files.save(checkpoint(loaded.serial + 1))
    assert files.load().serial == loaded.serial + 1
    assert files.turn_of(loaded.serial).exists()


def test_without_a_whole_one_all_that_is_wrong_is_said(files: Checkpoints) -> None:
    with pytest.raises(ArtifactError, match=r"there is no checkpoint .*x\.checkpoint'; begin without resuming"):
        files.load()
    for serial in (1, 2):
        files.save(checkpoint(serial))
        files.turn_of(serial).write_bytes(b"nothing")
    with pytest.raises(ArtifactError, match=r"x\.checkpoint' is not a checkpoint.*x\.checkpoint2' is not a checkpoint"):
        files.load()


def test_a_checkpoint_is_no_model_and_a_model_no_checkpoint(files: Checkpoints) -> None:
    files.save(checkpoint(1))
    with pytest.raises(ArtifactError, match=r"is a checkpoint of a training that has not ended.*--resume"):
        artifact.load(files.path)
    artifact.save(artifact.Artifact({}, {}), files.path)
    with pytest.raises(ArtifactError, match=r"is a finished model file, and no checkpoint"):
        files.load()


def test_a_checkpoint_of_another_format_is_refused(files: Checkpoints) -> None:
    files.save(checkpoint(1))
    content = bytearray(files.path.read_bytes())
    content[8] = 77
    files.path.write_bytes(content)
    with pytest.raises(ArtifactError, match="format 77"):
        files.load()


@pytest.mark.parametrize("lacking", ["identity", "serial", "rows", "finished", "texts"])
def test_a_file_that_lacks_a_part_is_refused(files: Checkpoints, lacking: str) -> None:
    files.save(checkpoint(1))
    content = artifact.load_checkpoint(files.path)
    manifest = {name: value for name, value in content.manifest.items() if name != lacking}
    artifact.save_checkpoint(artifact.Artifact(manifest, content.tensors), files.path, "part")
    with pytest.raises(ArtifactError, match="does not hold a whole checkpoint"):
        files.load()


def test_left_over_checkpoints_are_refused_and_left_alone(files: Checkpoints) -> None:
    files.refuse_left_over()
    files.save(checkpoint(2))
    before = files.turn_of(2).read_bytes()
    with pytest.raises(InputError, match="resume it, or delete it"):
        files.refuse_left_over()
    assert files.turn_of(2).read_bytes() == before


def offer(saver: Saver, n: int, pause_s: float = 0.0) -> int:
    """How often the state is asked for, of so many steps."""
    asked = 0

    def take() -> RunState:
        nonlocal asked
        asked += 1
        return state(asked)

    keep = saver.keeper(Progress)
    for _ in range(n):
        time.sleep(pause_s)
        keep(take)
    return asked


def saver_of(files: Checkpoints, every_s: float, **more: Any) -> Saver:
    return Saver(files, lambda: IDENTITY, every_s, **more)


def test_without_a_distance_every_step_is_kept(files: Checkpoints) -> None:
    assert offer(saver_of(files, 0.0), 5) == 5
    assert files.load().serial == 5


def test_before_the_first_is_due_nothing_is_taken_or_written(files: Checkpoints) -> None:
    asked: list[int] = []
    saver = Saver(files, lambda: asked.append(1) or IDENTITY, 60.0)
    assert offer(saver, 100) == 0
    assert not files.present()
    assert not asked


def test_writing_takes_a_hundredth_of_the_time_at_most(files: Checkpoints) -> None:
    class Slow(Checkpoints):
        def save(self, checkpoint: Checkpoint) -> None:
            time.sleep(0.05)

    assert offer(saver_of(Slow(files.path), 0.01), 60, 0.02) == 1


def test_what_is_resumed_goes_on_counting(files: Checkpoints) -> None:
    saver = saver_of(files, 0.0, resumed=checkpoint(8))
    assert 12 <= saver.spent_s < 13
    offer(saver, 1)
    assert files.load().serial == 9
    assert 12 <= files.load().spent_s < 14


def test_where_none_can_be_written_training_goes_on_with_one_warning(tmp_path: Path) -> None:
    saver = saver_of(Checkpoints(tmp_path / "nowhere" / "x"), 0.0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert offer(saver, 3) == 3
    assert [item.category for item in caught] == [DataWarning]
    assert "goes on without this checkpoint" in str(caught[0].message)


@pytest.mark.parametrize(
    ("progress", "said"),
    [
        (Progress(state(1_200)), "after step 1,200"),
        (Progress(state(3), finished=True), "before free text, with all else learnt"),
        (Progress(state(3), finished=True, texts=state(7)), "after step 7 of learning free text"),
    ],
)
def test_progress_in_words(progress: Progress, said: str) -> None:
    assert progress.said == said
