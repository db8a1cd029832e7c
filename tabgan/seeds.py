"""Several models of one table, each from a seed of its own: how much is luck, and the best of them.

All learn and hold out the same rows in the same encoding, and are measured with the same noise, so that they differ by
their seeds alone. Free text is learnt for the best model only. What chose the best is also what its figures were
measured with, so they flatter it a little: half the spread is a fair guess of how much.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tabgan import rng
from tabgan.errors import ConfigError, TrainingError, listing
from tabgan.forecast import Listener, Size, announce, most_at_a_time
from tabgan.gan.comparing import Comparison, require_held_out
from tabgan.gan.config import TrainingConfig
from tabgan.gan.devices import resolve_device
from tabgan.gan.language_settings import LanguageCallback
from tabgan.gan.lessons import FinishedRun, Lesson, Run, SeedCallback
from tabgan.gan.runs import run_seeds, side_by_side
from tabgan.layout import Layout
from tabgan.learning import completed_model, generator_config
from tabgan.model import TabGAN
from tabgan.prepared import Prepared
from tabgan.table.schema import Schema

MAX_SEEDS = 1_000
MEASURES = ("distance", "shape", "trend", "detection", "surprise")
"""The figures of which a spread is told."""


@dataclass(frozen=True)
class SeedFigures:
    """What came of one seed; all but the seed and the failure is None where it failed.

    Attributes:
        seed: of the model.
        figures: how near its rows are to rows held out; None if it failed.
        steps: generator steps done.
        ended_by: as in `TrainingResult`.
        kept_step: likewise.
        elapsed_s: seconds of training.
        failure: why nothing came of it; None if all went well.
    """

    seed: int
    figures: Comparison | None = None
    steps: int | None = None
    ended_by: str | None = None
    kept_step: int | None = None
    elapsed_s: float | None = None
    failure: str | None = None

    @classmethod
    def of(cls, run: Run) -> "SeedFigures":
        """Those of a run."""
        if not isinstance(run, FinishedRun):
            return cls(run.seed, failure=run.reason)
        result = run.result
        steps = max(result.kept_step, result.history[-1].step if result.history else 0)
        return cls(run.seed, run.figures, steps, result.ended_by, result.kept_step, run.elapsed_s)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Spread:
    """A figure over several seeds.

    Attributes:
        mean: of n seeds.
        sd: the standard deviation of single seeds; None of one.
        n: seeds that did not fail.
    """

    mean: float
    sd: float | None
    n: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """That of at least one value."""
        sd = float(np.std(values, ddof=1)) if len(values) > 1 else None
        return cls(float(np.mean(values)), sd, len(values))


@dataclass(frozen=True, eq=False)
class SeedsResult:
    """Several models of one table, of which the best is kept.

    Attributes:
        runs: in the order of the seeds; after an interrupt those that count.
        model: the best one.
        split_seed: names the rows that all were compared on: `TabGAN(seed=s).fit(data, split_seed=...)` makes the
            model of seed s again.
    """

    runs: tuple[SeedFigures, ...]
    model: TabGAN
    split_seed: int

    @property
    def best(self) -> SeedFigures:
        """The figures of the model that was kept."""
        return next(run for run in self.runs if run.seed == self.model.seed)

    @property
    def failed(self) -> tuple[SeedFigures, ...]:
        """The seeds of which nothing came."""
        return tuple(run for run in self.runs if run.failure is not None)

    @property
    def spread(self) -> dict[str, Spread]:
        """See `spread_of`."""
        return spread_of(self.runs)


def spread_of(runs: Sequence[SeedFigures]) -> dict[str, Spread]:
    """The spread of each of `MEASURES` over the runs that did not fail; those that were not measured are left out."""
    figures = [run.figures for run in runs if run.figures is not None]
    known = {name: [value for own in figures if (value := getattr(own, name)) is not None] for name in MEASURES}
    return {name: Spread.of(values) for name, values in known.items() if values}


def fit_seeds(
    data: object,
    seeds: int | Sequence[int] = 5,
    *,
    config: TrainingConfig | None = None,
    schema: Schema | None = None,
    device: str = "auto",
    seed: int = 0,
    split_seed: int | None = None,
    processes: int | None = None,
    callback: SeedCallback | None = None,
    listener: Callable[[SeedFigures], object] | None = None,
    text_callback: LanguageCallback | None = None,
    forecast: Listener | None = None,
) -> SeedsResult:
    """Fit a model for each of several seeds and keep the one that comes nearest to rows held out.

    The result is the same whatever the number of processes. Where there is more than one, a script must call this under
    `if __name__ == "__main__":`. An interrupt from the keyboard keeps the best of the models that are finished; if none
    is, those at work end in order and count as they are.

    Args:
        data: in any form that `TabGAN.fit` takes. It is read once and not changed.
        seeds: how many, which are `seed` and the numbers after it; or the seeds themselves, each once.
        config: the settings of each model; `max_minutes` holds for each. None takes the defaults.
        schema: as in `TabGAN.fit`.
        device: as in `TabGAN`.
        seed: the first seed, where their number is given.
        split_seed: names the encoding, the rows held out and the noise of the measurement; None takes the first seed.
        processes: at most so many models at a time; None takes as many as there are cores and memory for, or 1 on a
            GPU.
        callback: called with the seed at each report of each run; returning True ends them as an interrupt does.
        listener: called with the figures of each seed as soon as it is done.
        text_callback: as in `TabGAN.fit`.
        forecast: called once, before anything is encoded or learnt, with what all of it is going to take.

    Raises:
        ConfigError: if a seed, a setting or the number of processes is wrong, or too few rows are held out to compare
            models by.
        InputError: if the table cannot be used, or there is not enough memory.
        TrainingError: if all seeds fail; it says why each did.

    Example:
        >>> found = fit_seeds("sample_data/reviews.csv", 2, config=TrainingConfig(steps=5), processes=1)
        >>> nearest = min(run.figures.distance for run in found.runs)
        >>> [run.seed for run in found.runs], found.best.figures.distance == nearest
        ([0, 1], True)
    """
    started = time.perf_counter()
    chosen = _checked_seeds(seeds, seed)
    if processes is not None:
        _checked_count("processes", processes, MAX_SEEDS)
    split_seed = chosen[0] if split_seed is None else rng.checked_seed(split_seed)
    model = TabGAN(config, device=device)
    place = resolve_device(device)
    wanted, most = processes, side_by_side(str(place), len(chosen), processes)

    def announced(layout: Layout, size: Size) -> None:
        nonlocal processes
        processes = most if wanted is not None else most_at_a_time(layout, model.config, size, most)
        announce(layout, model.config, size, device=place, processes=processes, listener=forecast)

    prepared = Prepared.of(data, schema, split_seed, before=announced)
    require_held_out(len(prepared.encoded), model.config)
    settings = generator_config(prepared.coding, model.config)
    lesson = Lesson(prepared.encoded, prepared.coding.codec.layout, settings, split_seed, str(place))
    heard = None if listener is None else (lambda run: listener(SeedFigures.of(run)))
    runs = run_seeds(lesson, chosen, processes=processes, callback=callback, listener=heard)
    best = _best(runs)
    found = tuple(map(SeedFigures.of, runs))
    learnt = completed_model(prepared, best.result, model.config, seed=best.seed, device=place, callback=text_callback)
    model.seed = best.seed
    kept = {"split_seed": split_seed, "runs": [run.to_dict() for run in found], "spread": _plain(spread_of(found))}
    fit_s = time.perf_counter() - started
    model.take_over(learnt, best.result, n_rows=prepared.n_rows, fit_s=fit_s, seeds=kept)
    return SeedsResult(found, model, split_seed)


def _plain(spread: dict[str, Spread]) -> dict[str, Any]:
    return {name: asdict(own) for name, own in spread.items()}


def _best(runs: Sequence[Run]) -> FinishedRun:
    """The run with the least distance, the first of equals.

    Raises:
        TrainingError: if all failed.
    """
    finished = [run for run in runs if isinstance(run, FinishedRun)]
    if not finished:
        reasons = [f"seed {run.seed}: {run.reason}" for run in runs if not isinstance(run, FinishedRun)]
        raise TrainingError(listing("no seed could be trained", reasons))
    return min(finished, key=lambda run: run.figures.distance)


def _checked_seeds(seeds: object, first: int) -> list[int]:
    if isinstance(seeds, int | np.integer) and not isinstance(seeds, bool):
        return list(range(first := rng.checked_seed(first), first + _checked_count("seeds", seeds, MAX_SEEDS)))
    if not isinstance(seeds, Sequence) or isinstance(seeds, str) or not seeds:
        raise ConfigError(f"seeds must be how many or a list of seeds, got {seeds!r}")
    chosen = [rng.checked_seed(seed) for seed in seeds]
    if repeated := sorted({seed for seed in chosen if chosen.count(seed) > 1}):
        raise ConfigError(f"expected each seed once, got more than one of {', '.join(map(str, repeated))}")
    return chosen


def _checked_count(name: str, value: object, most: int) -> int:
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or not 1 <= value <= most:
        raise ConfigError(f"{name} must be a whole number from 1 to {most:,}, got {value!r}")
    return int(value)
