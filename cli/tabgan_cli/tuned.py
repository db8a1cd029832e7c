"""What a search for settings found, in words, as a table and as TOML."""

from dataclasses import fields
from typing import TYPE_CHECKING

from tabgan.gan.config import TrainingConfig
from tabgan.version import __version__

if TYPE_CHECKING:
    from tabgan.trials import Trial, TuningResult

SHOWN = 8
"""Trials in the table."""


def settings_toml(found: "TuningResult", table: str) -> str:
    """A file for `tabgan fit --config`: the settings that differ from the defaults or were searched, and their story.

    Args:
        found: by the search.
        table: the file that was learnt.
    """
    pruned = sum(trial.figures is None for trial in found.trials)
    told = [
        f"Settings for {table} ({found.n_rows:,} rows), found by `tabgan tune` {__version__}",
        f"with seed {found.seed} in {len(found.trials)} trials, {pruned} of them pruned.",
        f"Distance from rows held out: {found.best.distance:.3f} in trial {found.best.number} (about 1 is best).",
        verdict_words(found),
    ]
    defaults, chosen = TrainingConfig().to_dict(), found.config.to_dict()
    searched = {} if found.best.number == 0 else found.best.settings
    kept = [
        name for name in chosen if chosen[name] is not None and (name in searched or chosen[name] != defaults[name])
    ]
    help_of = {item.name: str(item.metadata["help"]) for item in fields(TrainingConfig)}
    lines = [f"{name} = {_toml(chosen[name])}  # {help_of[name]}" for name in kept]
    comment = [f"# {line}" for said in told for line in said.splitlines()]
    return "\n".join([*comment, "", *(lines or ["# The defaults are the best."]), ""])


def verdict_words(found: "TuningResult") -> str:
    """Whether the search gained anything, in words."""
    gains = ", ".join(f"{refit.gain:+.3f}" for refit in found.refits)
    again = f"fitted again with {len(found.refits)} fresh seeds, on other rows held out, distances fell by {gains}"
    return {
        "defaults": "No trial beat the settings that the search began with: keep these.",
        "unproved": "The best may owe it to luck: there was no time to fit it again with fresh seeds.",
        "gain": f"A gain beyond what seeds make: {again}.",
        "luck": f"No gain beyond what seeds make: {again}.",
    }[found.verdict]


def trials_rows(found: "TuningResult") -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The best trials, and the first one, with what was searched: titles and rows."""
    names = tuple(found.trials[0].settings)
    finished = sorted((trial for trial in found.trials if trial.figures), key=lambda trial: trial.distance)
    shown = finished[:SHOWN]
    shown += [trial for trial in finished[SHOWN:] if trial.number == 0]
    titles = ("trial", "distance", *(name.replace("_", " ") for name in names))
    return titles, [_row(trial, names) for trial in shown]


def _row(trial: "Trial", names: tuple[str, ...]) -> tuple[str, ...]:
    values = (trial.settings.get(name) for name in names)
    return (str(trial.number), f"{trial.distance:.3f}", *(_plain(value) for value in values))


def _plain(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _toml(value: object) -> str:
    """A plain value; floats so that they read back as they are."""
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else repr(value)
