"""A search for settings that suit a table: trials on the same rows, judged by rows that none of them learns.

The first trial has the settings that the search begins with, so the best is never worse than these on the rows held
out; but the best of many owes it to chance, in part, that it is the best. So at the end it is fitted again beside the
first, with fresh seeds and other rows held out, and only what is left of the gain then is one. Trials are pruned when
their generated rows are plainly further from the rows held out than those of half of the finished trials at the same
point (the median stopping rule, Golovin et al. 2017, section 3.2.2), or when the monitor says that they diverge or
collapse. Free text takes no part.
"""

import hashlib
import math
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from tabgan import rng
from tabgan.errors import ConfigError, TrainingError
from tabgan.forecast import Size, announce
from tabgan.gan.comparing import Comparer, Comparison, require_held_out
from tabgan.gan.config import TrainingConfig
from tabgan.gan.devices import resolve_device
from tabgan.gan.history import TrainingStats
from tabgan.gan.lessons import Lesson, teach
from tabgan.gan.search_space import SearchSpace, space_for, start_of
from tabgan.layout import Layout
from tabgan.prepared import Prepared
from tabgan.study import Asked, Study, check_place, import_optuna
from tabgan.table.schema import Schema
from tabgan.trials import Refit, Trial, TuningResult, best_of
from tabgan.version import __version__

MINUTES = 30.0
"""How long a search takes where neither time nor trials are given."""
REFITS = 2
RESERVED = 1 / 3
"""At most so much of the time is kept back for fitting the best and the first settings again."""
_MARGIN = 2.0
"""By how many standard errors of a look the distance must be worse than the median for a trial to be pruned."""
LOST = ("diverged", "collapsing")
"""States of a run that is not worth going on."""

TrialCallback = Callable[[int, TrainingStats], object]
"""Called with the number of the trial at each report; returning True ends the search in order."""


def tune(
    data: object,
    *,
    config: TrainingConfig | None = None,
    schema: Schema | None = None,
    space: SearchSpace | None = None,
    only: Collection[str] = (),
    fixed: Mapping[str, Any] | None = None,
    minutes: float | None = None,
    trials: int | None = None,
    seed: int = 0,
    device: str = "auto",
    storage: str | Path | None = None,
    resume: bool = False,
    callback: TrialCallback | None = None,
    listener: Callable[[Trial], object] | None = None,
) -> TuningResult:
    """Search for settings that suit a table. Needs the extra `tune` (Optuna).

    The same table, settings and seed give the same trials, in one go or resumed, where no limit of time ends them. An
    interrupt ends the search in order: the trial at work is given up, and the best so far is returned.

    Args:
        data: in any form that `TabGAN.fit` takes. It is read and encoded once, and not changed.
        config: the settings to begin with; None takes the defaults.
        schema: as in `TabGAN.fit`.
        space: what to search and within what limits, see `tabgan.gan.search_space`; None takes the default space.
        only: of these settings alone.
        fixed: settings of all trials, by name.
        minutes: end in this time, in order; None for no limit, or for 30 if `trials` is None too.
        trials: end after so many, with those of earlier sessions; None for no limit.
        seed: of all trials and of the sampler.
        device: as in `TabGAN`.
        storage: an SQLite file that keeps the trials; None keeps them in memory.
        resume: whether to go on with that file.
        callback: see `TrialCallback`.
        listener: called with each trial that is finished or pruned.

    Raises:
        ConfigError: if a setting or an argument is wrong, or too few rows are held out.
        InputError: if the table cannot be used, Optuna is not installed, or the study is one of another table, space or
            settings.
        TrainingError: if no trial comes to its end.
    """
    import_optuna()  # first, so that its lack costs no time
    path = None if storage is None else Path(storage)
    check_place(path, resume)
    limit_s, most = _checked_limits(minutes, trials)
    started = time.perf_counter()
    base = TrainingConfig.from_mapping((config or TrainingConfig()).to_dict() | dict(fixed or {}))
    limits = space_for(base, space, only=only, fixed=fixed or ())
    place = resolve_device(device)

    def announced(layout: Layout, size: Size) -> None:
        announce(layout, base, size, device=place)

    prepared = Prepared.of(data, schema, rng.checked_seed(seed), before=announced)
    require_held_out(len(prepared.encoded), base)
    lesson = Lesson(prepared.encoded, prepared.coding.codec.layout, base, seed, str(place))
    study = Study(limits, _facts(prepared, base, limits, seed), seed=seed, path=path, resume=resume)
    search = _Search(lesson, study, callback, listener, until=started + limit_s)
    ended_by = search.run(start_of(base, limits), most)
    found = tuple(map(Trial.from_json, study.outcomes()))
    best = best_of(found)
    chosen = _settings_of(base, best.number, best.settings)
    return TuningResult(
        trials=found,
        config=chosen,
        base=base,
        refits=search.refit(best, chosen) if ended_by in ("trials", "time") else (),
        importance=study.importance(),
        ended_by=ended_by,
        seed=seed,
        n_rows=len(prepared.encoded),
    )


class _Cut(Exception):  # noqa: N818  # it is no error
    """The search ends while a run is at work; the argument says what ended it."""


class _Search:
    """Runs trials until the time, or something else, is up.

    Args:
        lesson: with the settings that the search begins with.
        study: suggests, and remembers.
        callback: of the user.
        listener: likewise.
        until: when to end, by the clock of `time.perf_counter`.
    """

    def __init__(
        self,
        lesson: Lesson,
        study: Study,
        callback: TrialCallback | None,
        listener: Callable[[Trial], object] | None,
        *,
        until: float,
    ) -> None:
        self._lesson, self._study, self._until = lesson, study, until
        self._minutes_from = time.perf_counter()
        self._callback, self._listener = callback, listener
        self._comparer = Comparer(lesson.table, lesson.layout, lesson.config, seed=lesson.split_seed)

    def run(self, first: Mapping[str, Any], trials: float) -> str:
        """Try settings, the `first` ones to begin with; what ended it."""
        self._study.start_with(first)
        try:
            while len(outcomes := self._study.outcomes()) < trials:
                done = [Trial.from_json(outcome) for outcome in outcomes]
                if time.perf_counter() >= self._until - self._reserve(done):
                    return "time"
                self._try(done)
        except _Cut as cut:
            return str(cut)
        except KeyboardInterrupt:
            if not self._study.outcomes():
                raise
            return "keyboard"
        return "trials"

    def refit(self, best: Trial, chosen: TrainingConfig) -> tuple[Refit, ...]:
        """The best and the first settings with fresh seeds, as often as there is time; none if they are the same."""
        refits: list[Refit] = []
        if best.number == 0:
            return ()
        try:
            for turn in range(REFITS):
                seed = rng.derive_seed(self._lesson.split_seed, "refit", turn) % 2**31
                refits.append(self._refit_once(chosen, seed))
        except (_Cut, KeyboardInterrupt, TrainingError):
            return ()
        return tuple(refits)

    def _reserve(self, done: Collection[Trial]) -> float:
        """Seconds to keep back for the refits: none if they would take too much of the time."""
        if not math.isfinite(self._until) or not any(trial.figures for trial in done):
            return 0.0
        needed = REFITS * sum(trial.elapsed_s for trial in (min(done, key=_number), best_of(done)))
        return needed if needed <= RESERVED * (self._until - self._minutes_from) else 0.0

    def _refit_once(self, chosen: TrainingConfig, seed: int) -> Refit:
        table, layout = self._lesson.table, self._lesson.layout
        comparer = Comparer(table, layout, self._lesson.config, seed=seed)
        figures = []
        for config in (self._lesson.config, chosen):
            lesson = replace(self._lesson, config=config, split_seed=seed)
            result = teach(lesson, seed, lambda stats: time.perf_counter() >= self._until)
            if result.interrupted:
                raise _Cut("time")
            figures.append(comparer.compare(result.generator))
        return Refit(seed, figures[0], figures[1], comparer.error)

    def _try(self, done: Collection[Trial]) -> None:
        """One trial, remembered unless it is given up."""
        started = time.perf_counter()
        asked = self._study.ask()
        watch = _Watch(asked, self._comparer, self._callback, self._until - self._reserve(done))
        figures: Comparison | None = None
        try:
            settings = _settings_of(self._lesson.config, asked.number, asked.values)
            result = teach(replace(self._lesson, config=settings), self._lesson.split_seed, watch)
            if result.ended_by == "keyboard":
                raise KeyboardInterrupt
            if watch.pruned is None and watch.cut is None:
                figures = self._comparer.compare(result.generator)
        except (ConfigError, TrainingError) as error:
            watch.pruned = str(error)
        except BaseException:
            asked.give_up()
            raise
        if watch.cut is not None:
            asked.give_up()
            raise _Cut(watch.cut)
        trial = Trial(asked.number, dict(asked.values), figures, watch.pruned, time.perf_counter() - started)
        if figures is None:
            asked.prune(asdict(trial))
        else:
            asked.finish(figures.distance, asdict(trial))
        if self._listener is not None:
            self._listener(trial)


class _Watch:
    """Follows one trial, and ends it where it is not worth going on or the time is up.

    Attributes:
        pruned: why it was, in words; None if it was not.
        cut: what ended the search; None if nothing did.
    """

    def __init__(self, asked: Asked, comparer: Comparer, callback: TrialCallback | None, until: float) -> None:
        self._asked, self._comparer, self._callback, self._until = asked, comparer, callback, until
        self.pruned: str | None = None
        self.cut: str | None = None

    def __call__(self, stats: TrainingStats) -> bool:
        if self._callback is not None and self._callback(self._asked.number, stats) is True:
            self.cut = "callback"
        elif stats.step < stats.steps and time.perf_counter() >= self._until:
            self.cut = "time"
        elif stats.step < stats.steps:
            self.pruned = self._reason(stats)
        return self.cut is not None or self.pruned is not None

    def _reason(self, stats: TrainingStats) -> str | None:
        """Why the trial is not worth going on; None if it is. The first trial always is: all are compared with it."""
        percent = round(100 * stats.step / stats.steps)
        if self._asked.number and stats.state in LOST:
            return f"{stats.state} at {percent} %"
        apart = self._comparer.distance(stats)
        if apart is None:
            return None
        hopeless = self._asked.hopeless(percent, apart, margin=self._comparer.look_error * _MARGIN)
        return (
            f"distance {apart:.2f} at {percent} %, plainly worse than half" if hopeless and self._asked.number else None
        )


def _number(trial: Trial) -> int:
    return trial.number


def _settings_of(base: TrainingConfig, number: int, searched: Mapping[str, Any]) -> TrainingConfig:
    """The settings of a trial, whole; those of the first are the ones that the search begins with."""
    return base if number == 0 else TrainingConfig.from_mapping(base.to_dict() | dict(searched))


def _facts(prepared: Prepared, base: TrainingConfig, space: SearchSpace, seed: int) -> dict[str, Any]:
    """What a study belongs to."""
    digest = hashlib.sha256(repr(prepared.coding.codec.layout).encode())
    for array in (prepared.encoded.codes, prepared.encoded.values):
        digest.update(np.ascontiguousarray(array).tobytes())
    searched = {f"limits of {name}": own.to_json() for name, own in space.items()}
    settings = {f"setting {name}": value for name, value in base.to_dict().items()}
    return {
        "rows": prepared.table.num_rows,
        "columns": prepared.table.column_names,
        "contents of the table": digest.hexdigest()[:16],
        "seed": seed,
        "version": __version__,
        **searched,
        **settings,
    }


def _checked_limits(minutes: object, trials: object) -> tuple[float, float]:
    """The seconds and the trials, infinity for no limit.

    Raises:
        ConfigError: if one of them is no positive number.
    """
    if minutes is None and trials is None:
        return 60 * MINUTES, math.inf
    for name, value, kinds in (("minutes", minutes, int | float), ("trials", trials, int)):
        if value is not None and (not isinstance(value, kinds) or isinstance(value, bool) or not value > 0):
            raise ConfigError(f"{name} must be a positive number, got {value!r}")
    seconds, most = (float(value) if isinstance(value, int | float) else math.inf for value in (minutes, trials))
    return 60 * seconds, most
