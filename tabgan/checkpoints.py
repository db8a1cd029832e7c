"""Checkpoints of a run of training, of which there are two generations.

A checkpoint holds the state of the run and the identity of what it is a run of, in the format of
model files, and no rows of the table. How often one is written hangs on the time that it takes.
"""

import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tabgan import artifact
from tabgan.artifact import Artifact
from tabgan.errors import ArtifactError, DataWarning, InputError, OutputError
from tabgan.gan.history import TrainingStats
from tabgan.gan.run_state import Keeper, RunState
from tabgan.gan.training import reports_of
from tabgan.generations import Generations

MAX_SHARE = 0.01
"""Of the time of training, what checkpoints may take; but every one asked for is written if they have no distance."""
_ROWS, _TEXTS = "rows.", "texts."


@dataclass(frozen=True, eq=False)
class Progress:
    """How far a run is.

    Attributes:
        rows: the state of the training of the generator, or of its result.
        finished: whether it is the result.
        texts: the state of the training of free text; None before it has begun.
    """

    rows: RunState
    finished: bool = False
    texts: RunState | None = None

    @property
    def said(self) -> str:
        """Where the run stands, in words."""
        if self.texts is not None:
            return f"after step {self.texts.values['step']:,} of learning free text"
        if self.finished:
            return "before free text, with all else learnt"
        return f"after step {self.rows.values['step']:,}"

    @property
    def history(self) -> tuple[TrainingStats, ...]:
        """What was reported on the generator until then; nothing where the state is none of such a run."""
        try:
            records = self.rows.values["history"] if self.finished else reports_of(self.rows)
            return tuple(TrainingStats(**record) for record in records)
        except (LookupError, TypeError):
            return ()


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """What a checkpoint holds.

    Attributes:
        progress: how far the run was.
        identity: of what it is a run of, see `tabgan.run_identity`.
        spent_s: seconds since the run began, without breaks.
        serial: counts the checkpoints of a run.
        damaged: a file beside it that cannot be used, and why; empty if there is none.
    """

    progress: Progress
    identity: Mapping[str, Any]
    spent_s: float
    serial: int
    damaged: str = ""


class Checkpoints(Generations):
    """The files of the checkpoints of one run."""

    def load(self) -> Checkpoint:
        """The newest that is whole.

        Raises:
            ArtifactError: if there is none.
        """
        found, damaged = list[Checkpoint](), list[str]()
        for file in self.present():
            try:
                found.append(_from_artifact(artifact.load_checkpoint(file), file))
            except ArtifactError as error:
                damaged.append(str(error))
        if not found:
            raise ArtifactError(
                "; ".join(damaged) or f"there is no checkpoint {str(self.path)!r}; begin without resuming"
            )
        newest = max(found, key=lambda checkpoint: checkpoint.serial)
        return Checkpoint(newest.progress, newest.identity, newest.spent_s, newest.serial, "; ".join(damaged))

    def save(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint in the place of the one before the last, or of one that is damaged.

        Raises:
            OutputError: if it cannot be written.
        """
        artifact.save_checkpoint(_to_artifact(checkpoint), self.turn_of(checkpoint.serial), self.partial)

    def refuse_left_over(self) -> None:
        """Make sure that no run would lose its checkpoints to another one.

        Raises:
            InputError: if there are any.
        """
        if self.present():
            raise InputError(
                f"there is a checkpoint of a training that did not end, {str(self.path)!r}; resume it, or delete it to "
                "begin anew"
            )


class Saver:
    """Writes checkpoints of a run now and then.

    Where one cannot be written there is a warning, and the run goes on.

    Args:
        files: where to.
        identity: gives the identity of the run; called when it is needed first.
        every_s: seconds between two of them at least; more if writing takes more than a hundredth of the time. 0 for
            one after every step, whatever it takes.
        resumed: what the run goes on from.
    """

    def __init__(
        self,
        files: Checkpoints,
        identity: Callable[[], Mapping[str, Any]],
        every_s: float,
        resumed: Checkpoint | None = None,
    ) -> None:
        self._files, self._identity, self._every_s = files, identity, every_s
        self._serial = 0 if resumed is None else resumed.serial
        self._began = time.perf_counter() - (0.0 if resumed is None else resumed.spent_s)
        self._due = time.perf_counter() + every_s
        self._warned = False

    @property
    def spent_s(self) -> float:
        """Seconds since the run began, without breaks."""
        return time.perf_counter() - self._began

    def keeper(self, progress: Callable[[RunState], Progress]) -> Keeper:
        """What a loop of training calls after every step.

        Args:
            progress: what the state of the loop means for the whole run.
        """

        def keep(state: Callable[[], RunState]) -> None:
            if time.perf_counter() >= self._due:
                self.save(progress(state()))

        return keep

    def save(self, progress: Progress) -> None:
        """Write a checkpoint now."""
        identity = self._identity()
        begun = time.perf_counter()
        try:
            self._files.save(Checkpoint(progress, identity, self.spent_s, self._serial + 1))
            self._serial += 1
        except OutputError as error:
            if not self._warned:
                warnings.warn(f"{error}; training goes on without this checkpoint", DataWarning, stacklevel=2)
            self._warned = True
        now = time.perf_counter()
        self._due = now + (max(self._every_s, (now - begun) / MAX_SHARE) if self._every_s else 0.0)


def _to_artifact(checkpoint: Checkpoint) -> Artifact:
    progress = checkpoint.progress
    states = {_ROWS: progress.rows} | ({} if progress.texts is None else {_TEXTS: progress.texts})
    manifest = {
        "identity": checkpoint.identity,
        "spent_s": checkpoint.spent_s,
        "serial": checkpoint.serial,
        "finished": progress.finished,
        "rows": progress.rows.values,
        "texts": None if progress.texts is None else progress.texts.values,
    }
    tensors = {f"{prefix}{name}": array for prefix, state in states.items() for name, array in state.tensors.items()}
    return Artifact(manifest, tensors)


def _from_artifact(content: Artifact, file: Path) -> Checkpoint:
    """The inverse of `_to_artifact`.

    Raises:
        ArtifactError: if it is none.
    """
    manifest = content.manifest
    try:
        rows, texts = (
            RunState(manifest[prefix[:-1]] or {}, _own(content.tensors, prefix)) for prefix in (_ROWS, _TEXTS)
        )
        progress = Progress(rows, manifest["finished"], None if manifest["texts"] is None else texts)
        assert progress.said
        return Checkpoint(progress, manifest["identity"], float(manifest["spent_s"]), int(manifest["serial"]))
    except (AssertionError, LookupError, TypeError, ValueError) as error:
        raise ArtifactError(f"{str(file)!r} does not hold a whole checkpoint: {error}; begin anew") from error


def _own(tensors: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): array for name, array in tensors.items() if name.startswith(prefix)}
