"""What is known of a run of training: curves, what happened, how it ended, and what its rows looked like on the way."""

import types
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from tabgan.evaluation.results.columns import Overlay
from tabgan.evaluation.results.numbers import Caveat, Estimate, NotComputed

TRAINING_FORMAT = 2

Level = Literal["fine", "notable", "serious"]
"""How much there is to care about: nothing, something to look at, a run that has gone wrong."""
_LEVELS: Mapping[str, Level] = types.MappingProxyType(
    {"learning": "fine", "converged": "fine", "collapsing": "serious", "diverged": "serious"}
)


def level_of(state: str) -> Level:
    """How much there is to care about in a state of a run; a state that is not known is worth a look.

    >>> level_of("converged"), level_of("oscillating"), level_of("diverged")
    ('fine', 'notable', 'serious')
    """
    return _LEVELS.get(state, "notable")


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
class StateSpan:
    """A part of a run in which the monitor said the same.

    Attributes:
        state: what it said, for example "learning".
        first_step: generator steps done when the last report before it was made; 0 for the first part.
        last_step: generator steps done at the last report that said so.
    """

    state: str
    first_step: int
    last_step: int

    @property
    def level(self) -> Level:
        """How much there is to care about."""
        return level_of(self.state)


@dataclass(frozen=True, kw_only=True)
class RunEvent:
    """Something that happened: the run came to another state, or was rolled back.

    Attributes:
        step: generator steps done.
        state: that it came to, or "recovered" after a roll-back.
        evidence: the figures that say so, in words.
        advice: what to do about it, in words; empty where all is well.
        settings: the same as settings to change.
    """

    step: int
    state: str
    evidence: str
    advice: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def level(self) -> Level:
        """How much there is to care about."""
        return level_of(self.state)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting of the run, with its explanation.

    Attributes:
        name: as in a file of settings.
        value: as it was used, after the objective and the size of the table had their say.
        default: what it would have been with no setting changed, for the same table.
        changed: whether the run used another one than the default.
        group: the heading that it stands under.
        unit: of a number; empty for none.
        help: what it is.
        use: when to change it; empty where there is nothing to say.
    """

    name: str
    value: float | str | None
    default: float | str | None = None
    changed: bool = False
    group: str = ""
    unit: str = ""
    help: str
    use: str = ""


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
        ended_by: "steps", "time", "patience", "stagnation", "callback" or "keyboard"; None where the file does not say.
        kept_step: the step whose weights the model has; None where the model file does not say.
        ending: both in words.
        settings: all of them, in the order in which they are documented.
        series: the curves, those that were measured at all.
        states: what the monitor said, from the first report to the last; empty in files of older versions.
        events: what happened, in the order of their steps; likewise.
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
    states: tuple[StateSpan, ...] = ()
    events: tuple[RunEvent, ...] = ()
    not_computed: tuple[NotComputed, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    format: int = TRAINING_FORMAT

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, the format number first."""
        return {"format": self.format} | asdict(self)
