"""Trainings that were broken off: what `tabgan fit` says of their checkpoints, and how it goes on with them."""

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import click

from tabgan.errors import OutputError
from tabgan.generations import Generations
from tabgan_cli.screen import note

if TYPE_CHECKING:
    from tabgan.gan.history import TrainingStats

SUFFIX = ".checkpoint"
"""Behind the name of the model file."""


@dataclass(frozen=True)
class Run:
    """A training as far as its checkpoints go; as a context, it tells of them when the training breaks off.

    Attributes:
        path: of the checkpoint.
        resume: whether it goes on from there.
        every_s: seconds between two checkpoints; None for none.
    """

    path: Path
    resume: bool
    every_s: float | None

    @classmethod
    def of(cls, model: Path, *, force: bool, resume: bool, every_s: float | None) -> Self:
        """The training that is to write `model`.

        Raises:
            click.UsageError: if it would overwrite the checkpoint of another one, or has none to go on from.
        """
        path = model.with_name(model.name + SUFFIX)
        left_over = bool(Generations(path).present())
        if resume and force:
            raise click.UsageError("--resume goes on with a training, --force begins it anew; choose one")
        if resume and every_s is None:
            raise click.UsageError(
                "--resume goes on writing the checkpoint that it begins with; leave --no-checkpoint out"
            )
        if resume and not left_over:
            raise click.UsageError(_nothing_to_resume(model, path))
        if left_over and not resume and not force:
            raise click.UsageError(
                f"there is a checkpoint of a training that did not end, {str(path)!r}; go on with it with --resume, or "
                "begin anew with --force"
            )
        return cls(path, resume, every_s)

    def begin(self) -> "tuple[TrainingStats, ...]":
        """Say where the training goes on, or delete what an earlier one left; what was reported so far."""
        from tabgan.checkpoints import Checkpoints

        files = Checkpoints(self.path)
        if not self.resume:
            files.clear()
            return ()
        progress = files.load().progress
        note(f"resuming {str(self.path)!r}, which stands {progress.said}")
        return progress.history

    @property
    def options(self) -> dict[str, Any]:
        """The arguments of `TabGAN.fit`."""
        if self.every_s is None:
            return {}
        return {"checkpoint": self.path, "checkpoint_s": self.every_s, "resume": self.resume}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None and issubclass(kind, KeyboardInterrupt | OutputError) and Generations(self.path).present():
            note(f"broken off; {str(self.path)!r} holds what was learnt: the same command with --resume goes on")


def _nothing_to_resume(model: Path, path: Path) -> str:
    said = f"nothing to resume: there is no checkpoint {str(path)!r}"
    if model.exists():
        return f"{said}, and the model {str(model)!r} is finished; fit it anew with --force"
    return f"{said}, and a training that is broken off before the first one is due leaves none; begin without --resume"
