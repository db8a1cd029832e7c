"""What is known of a run of training: curves, how it ended, and what its rows looked like on the way."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from tabgan.evaluation.results.columns import Overlay
from tabgan.evaluation.results.numbers import Caveat, Estimate, NotComputed

TRAINING_FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Series:
    """One number over the steps of a run, where it was measured.

    Attributes:
        name: a stable word for programs, for example "held_out".
        label: the same for people.
        unit: "nats", "%" or "" for a number without one.
        steps: generator steps done, ascending; never empty.
        values: one for each step.
        floor: the value that a perfect generator would get on average; None where it is not known.
    """

    name: str
    label: str
    unit: str
    steps: tuple[int, ...]
    values: tuple[float, ...]
    floor: float | None = None


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting of the run as it was used, with its explanation."""

    name: str
    value: float
    help: str


@dataclass(frozen=True, kw_only=True)
class ColumnSnapshot:
    """One column of a snapshot; `overlay` holds the reference as real, and is None where no cell is present."""

    name: str
    kind: str
    overlay: Overlay | None


@dataclass(frozen=True, kw_only=True)
class SnapshotResult:
    """Rows that the model drew at one step, beside the reference.

    The rows of all snapshots come from the same noise, so what differs between two of them is due to training.

    Attributes:
        step: generator steps done.
        n: rows of the snapshot.
        kept: whether these are the weights that the model kept.
        shape_error_pct: 100 times the mean distance of the columns (KS D of numbers, total variation of categories) to
            the reference; its floor is what as many real rows get, and without real rows it has none.
        columns: in the order of the table. The bins of a histogram are the same in all snapshots.
    """

    step: int
    n: int
    kept: bool
    shape_error_pct: Estimate | None
    columns: tuple[ColumnSnapshot, ...]


@dataclass(frozen=True, kw_only=True)
class TrainingReport:
    """How a model was trained.

    Attributes:
        n_rows: rows of the table that was learnt.
        seed: of the model, and of every random choice here.
        elapsed_s: seconds of training at the last report; None without one.
        ended_by: "steps", "time", "patience", "callback" or "keyboard"; None where the model file does not say.
        kept_step: the step whose weights the model has; None where the model file does not say.
        ending: both in words.
        settings: those that matter most.
        series: the curves, those that were measured at all.
        reference: what the snapshots are compared with: a real table, or the snapshot of the weights that were kept.
        n_reference: its rows, drawn from a larger table; 0 without snapshots.
        snapshots: in the order of their steps.
        not_computed: what is left out, with the reason.
        caveats: reasons to read the whole with care.
    """

    n_rows: int
    seed: int
    elapsed_s: float | None
    ended_by: str | None
    kept_step: int | None
    ending: str
    settings: tuple[Setting, ...]
    series: tuple[Series, ...]
    reference: Literal["real", "kept"]
    n_reference: int
    snapshots: tuple[SnapshotResult, ...] = ()
    not_computed: tuple[NotComputed, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    format: int = TRAINING_FORMAT

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, the format number first."""
        return {"format": self.format} | asdict(self)
