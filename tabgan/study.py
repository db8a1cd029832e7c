"""The record of a search for settings, kept by Optuna in memory or in an SQLite file, and what it suggests next.

A file can be gone on with after the program was killed: trials that were at work then are given up, and since the
sampler is seeded anew for each trial, the search goes on as if nothing had happened. It belongs to one table and one
search space; another one is refused. Optuna (Akiba et al. 2019) is an extra and is imported only when a study is
opened.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import Any

from tabgan import rng
from tabgan.errors import ConfigError, InputError, listing
from tabgan.gan.search_space import OneOf, Range, SearchSpace

NAME = "tabgan"
STARTING_TRIALS = 8
"""Trials at random before the sampler (TPE, Bergstra et al. 2011) begins to learn from them."""
WARMUP = 15
"""Percent of a run before which no trial is pruned by comparison."""
PRUNED_AGAINST = 3
"""Finished trials before any is pruned by comparison with them."""
_KEY = "tabgan study"
_OUTCOME = "outcome"


class Study:
    """Suggests settings, trial by trial, and keeps what came of them.

    Args:
        space: what to search.
        facts: what the study belongs to, as plain JSON values: another study with others cannot go on with it.
        seed: of the sampler.
        path: of the SQLite file; None keeps all in memory.
        resume: whether to go on with the file; else there must be none.

    Raises:
        InputError: if Optuna is not installed.
        ConfigError: if the file is there and not to be gone on with, or the other way round.
        InputError: if the file is no study, or one of something else, naming each difference.
    """

    def __init__(
        self, space: SearchSpace, facts: Mapping[str, Any], *, seed: int, path: Path | None, resume: bool
    ) -> None:
        self._optuna = import_optuna()
        self._states = self._optuna.trial.TrialState
        self._space, self._seed = space, seed
        check_place(path, resume)
        with _quiet(self._optuna):
            self._study = self._open(path)
        self._claim(dict(facts), path)
        for trial in self._study.get_trials(deepcopy=False, states=(self._states.RUNNING,)):
            self._study.tell(trial.number, state=self._states.FAIL)

    def _open(self, path: Path | None) -> Any:
        """The study of Optuna."""
        try:
            storage = None if path is None else self._storage(path)
            return self._optuna.create_study(
                storage=storage, study_name=NAME, direction="minimize", load_if_exists=True
            )
        except Exception as error:  # those of SQLAlchemy, of Alembic and of Optuna, which have no base in common
            said = str(error).splitlines()[0]
            raise InputError(f"could not open the study {str(path)!r}: {said}; give another name") from error

    def _storage(self, path: Path) -> Any:
        """The file as a storage of Optuna; through a connection, for a name in a URL may not have any character."""
        return self._optuna.storages.RDBStorage(
            "sqlite://", engine_kwargs={"creator": lambda: sqlite3.connect(path, timeout=60)}
        )

    def _claim(self, facts: dict[str, Any], path: Path | None) -> None:
        """Write what a new study belongs to, or compare it."""
        known = self._study.user_attrs.get(_KEY)
        if known is None:
            self._study.set_user_attr(_KEY, facts)
            return
        now = json.loads(json.dumps(facts))
        differ = [
            f"{name}: {_short(known.get(name))} there, {_short(now.get(name))} here"
            for name in {**known, **now}
            if known.get(name) != now.get(name)
        ]
        if differ:
            raise InputError(listing(f"the study {str(path)!r} belongs to something else", differ))

    def ask(self) -> "Asked":
        """The next settings to try."""
        turn = len(self.outcomes())
        seed = rng.derive_seed(self._seed, "trial", turn) % 2**32
        self._study.sampler = self._optuna.samplers.TPESampler(seed=seed, n_startup_trials=STARTING_TRIALS)
        with _quiet(self._optuna):
            trial = self._study.ask()
            return Asked(self._optuna, self._study, trial, turn, self._suggest(trial))

    def start_with(self, values: Mapping[str, Any]) -> None:
        """Make these the first settings, if nothing has been tried yet."""
        waiting = self._study.get_trials(deepcopy=False, states=(self._states.WAITING,))
        if not self.outcomes() and not waiting:
            self._study.enqueue_trial({name: value for name, value in values.items() if value is not None})

    def outcomes(self) -> list[dict[str, Any]]:
        """What was told of each trial, in order; trials that were given up are left out."""
        ended = (self._states.COMPLETE, self._states.PRUNED)
        trials = self._study.get_trials(deepcopy=False, states=ended)
        return [trial.user_attrs[_OUTCOME] for trial in trials if _OUTCOME in trial.user_attrs]

    def importance(self) -> dict[str, float]:
        """What share of the differences between finished trials each setting accounts for (Hutter et al. 2014).

        Empty with too few trials to say so.
        """
        finished = self._study.get_trials(deepcopy=False, states=(self._states.COMPLETE,))
        if len(finished) < STARTING_TRIALS:
            return {}
        evaluator = self._optuna.importance.FanovaImportanceEvaluator(seed=self._seed % 2**32)
        try:
            with _quiet(self._optuna):
                found = self._optuna.importance.get_param_importances(self._study, evaluator=evaluator)
        except (RuntimeError, ValueError):  # where all trials came out the same
            return {}
        return {name: float(share) for name, share in found.items()}

    def _suggest(self, trial: Any) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, own in self._space.items():
            values[name] = own.rounded(_suggested(trial, name, own))
        return values


class Asked:
    """A trial at work; `finish`, `prune` or `give_up` ends it.

    Attributes:
        number: of the trial, from 0 on, not counting those given up.
        values: the settings to try.
    """

    def __init__(self, optuna: ModuleType, study: Any, trial: Any, number: int, values: Mapping[str, Any]) -> None:
        self._states, self._study, self._trial = optuna.trial.TrialState, study, trial
        self.number, self.values = number, values

    def hopeless(self, percent: int, value: float, *, margin: float) -> bool:
        """Whether a value on the way is worse than the median of finished trials at the same point, by a margin."""
        self._trial.report(value, percent)
        finished = self._study.get_trials(deepcopy=False, states=(self._states.COMPLETE,))
        known = [values[percent] for trial in finished if percent in (values := trial.intermediate_values)]
        return percent >= WARMUP and len(known) >= PRUNED_AGAINST and value > median(known) + margin

    def finish(self, value: float, outcome: Mapping[str, Any]) -> None:
        """It has come to its end with this value; the lower the better."""
        self._trial.set_user_attr(_OUTCOME, dict(outcome))
        self._study.tell(self._trial, value)

    def prune(self, outcome: Mapping[str, Any]) -> None:
        """It was not worth going on."""
        self._trial.set_user_attr(_OUTCOME, dict(outcome))
        self._study.tell(self._trial, state=self._states.PRUNED)

    def give_up(self) -> None:
        """It did not come to its end for reasons of no account."""
        self._study.tell(self._trial, state=self._states.FAIL)


def import_optuna() -> ModuleType:
    """The package.

    Raises:
        InputError: if it is not installed.
    """
    try:
        import optuna
    except ImportError as error:
        text = "expected Optuna for the search, which is not installed: pip install 'tabgan-synth[tune]'"
        raise InputError(text) from error
    module: ModuleType = optuna
    return module


def _suggested(trial: Any, name: str, own: Range | OneOf) -> Any:
    if isinstance(own, OneOf):
        return trial.suggest_categorical(name, own.values)
    suggest = trial.suggest_int if own.whole else trial.suggest_float
    return suggest(name, own.low, own.high, log=own.log)


def check_place(path: Path | None, resume: bool) -> None:
    """Refuse to write over a study, or to go on with none.

    Raises:
        ConfigError: saying which.
    """
    if path is None:
        if resume:
            raise ConfigError("expected the file of the study to go on with, got none")
        return
    if path.exists() and not resume:
        raise ConfigError(f"the study {str(path)!r} exists already; resume it, or give another name")
    if resume and not path.exists():
        raise ConfigError(f"there is no study {str(path)!r} to resume; begin one")


def _short(value: object) -> str:
    said = str(value)
    return said if len(said) <= 300 else f"{said[:299]}…"


@contextmanager
def _quiet(optuna: ModuleType) -> Iterator[None]:
    """What Optuna logs is of no interest to the user, or is said in our own words."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)
