"""What is decided of checkpoints before a training begins; what trainings do with them is in `test_fit.py`."""

from pathlib import Path

import click
import pytest

from tabgan.errors import OutputError
from tabgan_cli.broken_off import Run


def of(folder: Path, force: bool = False, resume: bool = False, every_s: float | None = 30.0) -> Run:
    return Run.of(folder / "x.tabgan", force=force, resume=resume, every_s=every_s)


def test_a_training_writes_its_checkpoint_beside_its_model(tmp_path: Path) -> None:
    assert of(tmp_path).options == {
        "checkpoint": tmp_path / "x.tabgan.checkpoint",
        "checkpoint_s": 30.0,
        "resume": False,
    }
    assert of(tmp_path, every_s=None).options == {}


@pytest.mark.parametrize("name", ["x.tabgan.checkpoint", "x.tabgan.checkpoint2"])
def test_either_generation_is_left_over(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(click.UsageError, match="--resume, or begin anew with --force"):
        of(tmp_path)
    assert of(tmp_path, resume=True).options["resume"]
    of(tmp_path, force=True).begin()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("end", [KeyboardInterrupt(), OutputError("the disk is full")])
@pytest.mark.parametrize("left", [False, True])
def test_an_end_before_the_model_is_written_tells_of_the_checkpoint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], left: bool, end: BaseException
) -> None:
    run = of(tmp_path)
    if left:
        run.path.touch()
    run.__exit__(type(end), end, None)
    run.__exit__(ValueError, ValueError(), None)
    assert capsys.readouterr().err.count("--resume goes on") == left
