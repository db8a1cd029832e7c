"""What `tabgan fit --seeds` shows: progress of all models as one, a line for each finished one, and a table of all."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tabgan_cli.screen import Advance, duration, figures_table, note

if TYPE_CHECKING:
    from rich.table import Table

    from tabgan.gan.comparing import Comparison
    from tabgan.gan.history import TrainingStats
    from tabgan.seeds import SeedFigures, Spread

TITLES = ("seed", "distance", "Shape %", "Trend %", "AUC", "surprise", "steps", "time", "")
_NAMES = ("distance", "shape", "trend", "detection", "surprise")
_FACTORS = {"distance": 1, "shape": 100, "trend": 100, "detection": 1, "surprise": 1}
_DIGITS = {"distance": 3, "shape": 2, "trend": 2, "detection": 3, "surprise": 2}


class SeedProgress:
    """Follows several models.

    Args:
        advance: where their progress is shown.
        n: models in all.
    """

    def __init__(self, advance: Advance, n: int) -> None:
        self._advance, self._n = advance, n
        self._shares: dict[int, float] = {}

    def report(self, seed: int, stats: "TrainingStats") -> None:
        """A report of one model."""
        self._shares[seed] = stats.step / stats.steps
        self._show(f"seed {seed} at step {stats.step:,} of {stats.steps:,}")

    def finish(self, figures: "SeedFigures") -> None:
        """A model is done or has failed."""
        self._shares[figures.seed] = 1.0
        note(seed_line(figures))

    def _show(self, say: str) -> None:
        self._advance.show(round(1000 * sum(self._shares.values())), 1000 * self._n, say)


def seed_line(run: "SeedFigures") -> str:
    """What came of one seed."""
    if run.figures is None:
        return f"seed {run.seed} failed: {run.failure}"
    return f"seed {run.seed}: {figures_line(run.figures)}, {duration(run.elapsed_s or 0)}"


def figures_line(figures: "Comparison") -> str:
    """How near generated rows are to rows held out."""
    said = [f"distance {figures.distance:.3f}", f"Shape {_shown('shape', figures.shape)} %"]
    if figures.trend is not None:
        said.append(f"Trend {_shown('trend', figures.trend)} %")
    if figures.detection is not None:
        said.append(f"AUC {_shown('detection', figures.detection)}")
    return ", ".join([*said, f"{_shown('surprise', figures.surprise)} nats"])


def seeds_line(kept: "Mapping[str, Any]", best: int) -> str:
    """What a model keeps of the other seeds that it was chosen from, see `fit_seeds`."""
    all_of, runs = kept["spread"]["distance"], kept["runs"]
    own = next(run["figures"]["distance"] for run in runs if run["seed"] == best)
    said = f"seed {best} is the best of {len(runs)}: distance {own:.3f}"
    if all_of["sd"] is not None:
        said += f", where all have {all_of['mean']:.3f} ± {all_of['sd']:.3f}"
    failed = sum(run["failure"] is not None for run in runs)
    return said + (f"; {failed} failed" if failed else "")


def seeds_table(runs: "Sequence[SeedFigures]", spread: "dict[str, Spread]", best: int) -> "Table":
    """The figures of all seeds on rows held out, their mean and their standard deviation."""
    rows = []
    for run in runs:
        if run.figures is None:
            rows.append((str(run.seed), *[""] * 7, "failed"))
            continue
        ends = (f"{run.steps or 0:,}", duration(run.elapsed_s or 0), "kept" if run.seed == best else "")
        rows.append((str(run.seed), *(_shown(name, getattr(run.figures, name)) for name in _NAMES), *ends))
    for title, attribute in (("mean", "mean"), ("sd", "sd")):
        shown = [_shown(name, getattr(spread.get(name), attribute, None)) for name in _NAMES]
        rows.append((title, *shown, "", "", ""))
    return figures_table(TITLES, rows)


def _shown(name: str, value: float | None) -> str:
    return "" if value is None else f"{_FACTORS[name] * value:.{_DIGITS[name]}f}"
