"""What is wrong with a run, as its reports show it: one function for each state that a run can be in.

Each gives the figures that say so in words, or None. A state that a run is in already is left later than it is entered,
so that one which lies at a limit does not come and go. Limits are far from what healthy runs of several tables gave
(`docs/experiments.md`), and beyond the chance that the floors tell of.
"""

import math
from collections.abc import Sequence
from statistics import fmean, median

from tabgan.gan.config import TrainingConfig
from tabgan.gan.history import TrainingStats
from tabgan.gan.yardstick import Figures, Floors, distance

History = Sequence[TrainingStats]

RUNAWAY = 1e4
"""Scores and losses of a critic beyond this mean nothing any more."""
EXPLODED = 1.5
"""The surprise of rows over that at first from which on training has gone wrong: independent cells give less."""
PATIENT = 3
"""Reports in a row that must say the same of the critic."""
FLAT = 3e-3
"""A gradient from the critic, over its weight, of this norm teaches nothing."""
LEARNT_BY_HEART = 0.05
"""Rise of the surprise of rows held out, as a share."""
SETTLED = 0.005
"""Fall of that surprise, as a share, over the last ten reports of a run that has converged."""
_SPAN = 5
_LOOKS = 4
_WINDOW, _LATELY = 25, 10


def diverged(history: History, config: TrainingConfig, floors: Floors, held: bool) -> str | None:
    """A loss that is no number, or far from anything sensible."""
    last = history[-1]
    losses = {
        "the surprise": last.surprise,
        "the surprise of rows held out": last.held_out,
        "the critic's loss": last.critic_loss,
        "the gradient penalty": last.penalty,
        "the critic's score of real rows": last.real_score,
    }
    for name, value in losses.items():
        if value is not None and not math.isfinite(value):
            return f"{name} is no number any more"
    for name in ("the critic's loss", "the gradient penalty", "the critic's score of real rows"):
        value = losses[name]
        if value is not None and abs(value) > RUNAWAY:
            return f"{name} has run away, to {value:.2g}"
    if config.likelihood_weight and _exploded(history, floors):
        return f"rows became far more surprising, {last.surprise:.4g} nats, than at first"
    return None


def collapsing(history: History, config: TrainingConfig, floors: Floors, held: bool) -> str | None:
    """Generated rows are few of a kind, and many kinds of real rows have none near."""
    looks = seen(history)
    if not looks or not {"entropy", "coverage", "distinct"} <= floors.keys():
        return None
    last, slack = looks[-1], 0.1 if held else 0.0
    few = _below(last.entropy, floors, "entropy", 0.8 + slack) or _below(last.distinct, floors, "distinct", 0.5 + slack)
    if not few or not (_below(last.coverage, floors, "coverage", 0.8 + slack) or _leaving(history, floors)):
        return None
    parts = [
        f"{_of_floor(last.entropy, floors, 'entropy')} of the entropy of real rows",
        f"{_of_floor(last.distinct, floors, 'distinct')} of their different rows",
    ]
    covered = _of_floor(last.coverage, floors, "coverage")
    return f"generated rows have {' and '.join(parts)}, and lie near {covered} of what real rows lie near"


def vanishing_gradient(history: History, config: TrainingConfig, floors: Floors, held: bool) -> str | None:
    """The critic sees a difference, and the generator hears nothing of it."""
    played = with_critic(history)
    recent = [stats.generator_gradient for stats in played[-PATIENT:] if stats.generator_gradient is not None]
    if len(recent) < PATIENT or not config.adversarial_weight:
        return None
    limit = FLAT * config.adversarial_weight * (3 if held else 1)
    if max(recent) > limit or not (_told_apart(played) or _far(history, floors)):
        return None
    return f"the gradient that the generator gets from the critic has a norm of {fmean(recent):.1e}"


def critic_too_strong(history: History, config: TrainingConfig, floors: Floors, held: bool) -> str | None:
    """The critic is sure of nearly every row, and generated rows come no nearer to real ones."""
    recent = [stats.accuracy for stats in with_critic(history)[-2 * _SPAN :] if stats.accuracy is not None]
    limit = 0.95 if config.pac > 1 or config.minibatch_std or not floors else 0.8
    if len(recent) < 2 * _SPAN or fmean(recent) < limit - (0.1 if held else 0) or _coming_nearer(history, floors):
        return None
    return f"the critic is right about {fmean(recent):.1%} of pairs of a real and a generated row"


def oscillating(history: History, config: TrainingConfig, floors: Floors, held: bool) -> str | None:
    """The critic or the distance to real rows swings up and down."""
    turns = 2 if held else 3
    right = [stats.accuracy for stats in with_critic(history)[-_WINDOW:] if stats.accuracy is not None]
    if (swings := reversals(right, 0.3)) >= turns:
        least, most = min(right), max(right)
        return f"the critic was right about {least:.0%} to {most:.0%} of pairs of rows, to and fro {swings} times"
    apart = [away for stats in seen(history)[-8:] if (away := away_from(stats, floors)) is not None]
    if not right or not apart:
        return None
    amplitude = max(4 * floors["distance"].error, 0.4 * median(apart))
    if (swings := reversals(apart, amplitude)) >= turns - 1:
        return (
            f"the distance to real rows went to and fro {swings} times, between {min(apart):.1f} and {max(apart):.1f}"
        )
    return None


def memorising(history: History, config: TrainingConfig, floors: Floors, held: bool) -> str | None:
    """Rows held out become more surprising while rows learnt do not, or generated rows lie nearer to the latter."""
    if config.likelihood_weight and (rise := rise_of_surprise(history)) is not None:
        limit = LEARNT_BY_HEART * (0.6 if held else 1)
        if min(rise) > limit and not _learnt_rise(history):
            return f"rows held out are {rise[-1]:.0%} more surprising than at best, and rows learnt are not"
    looks = seen(history)
    nearest = looks[-1].nearest if looks and not _far(history, floors) else None
    margin = max(0.1, 4 * floors["nearest"].error) if "nearest" in floors else 1.0
    if nearest is not None and nearest > 0.5 + margin * (0.6 if held else 1):
        return f"{nearest:.0%} of generated rows lie nearer to rows learnt than to as many rows held out"
    return None


def converged(history: History, config: TrainingConfig, floors: Floors, held: bool) -> str | None:
    """Generated rows lie about as near to rows held out as real rows do, and these surprise hardly less than before."""
    if config.likelihood_weight and not held and not _settled(history):
        return None
    looks = seen(history)
    away = away_from(looks[-1], floors) if looks else None
    if away is None:
        return None
    noise, told = 2 * floors["distance"].error, looks[-1].detection
    if away > (1.6 if held else 1.3) + noise:
        return None
    if told is not None and told > 0.5 + max(0.1 if held else 0.06, 3 * floors["detection"].error):
        return None
    return f"generated rows lie {away:.2f} times as far from rows held out as real rows do"


def _settled(history: History) -> bool:
    """Whether the surprise of rows held out has stopped to fall; where none are, nothing is known."""
    known = [stats.held_out for stats in history if stats.held_out is not None]
    if len(known) <= _LATELY:
        return False
    return known[-1 - _LATELY] - known[-1] <= SETTLED * max(abs(known[-1]), 1.0)


def seen(history: History) -> list[TrainingStats]:
    """The reports with a look at generated rows."""
    return [stats for stats in history if stats.held_out_shape is not None]


def with_critic(history: History) -> list[TrainingStats]:
    """The reports with a critic."""
    return [stats for stats in history if stats.accuracy is not None]


def away_from(stats: TrainingStats, floors: Floors) -> float | None:
    """The distance of generated rows to rows held out as a multiple of its floor; None where it was not measured."""
    if stats.held_out_shape is None or "distance" not in floors:
        return None
    return distance(Figures(held_out_shape=stats.held_out_shape, held_out_trend=stats.held_out_trend), floors)


def reversals(values: Sequence[float], amplitude: float) -> int:
    """How often a series turns round after having gone at least so far in one direction.

    Example:
        >>> reversals([0.5, 0.9, 0.8, 0.3, 0.35, 0.9], 0.25)
        2
    """
    turns: list[float] = []
    for value in values:
        if len(turns) < 2:
            turns = [*turns[:1], value] if not turns or abs(value - turns[0]) >= amplitude else turns
        elif (value - turns[-1]) * (turns[-1] - turns[-2]) > 0:
            turns[-1] = value
        elif abs(value - turns[-1]) >= amplitude:
            turns.append(value)
    return max(len(turns) - 2, 0)


def rise_of_surprise(history: History) -> list[float] | None:
    """How much more surprising rows held out are than at best, as a share of that, or of 1 nat if that is more.

    Returns:
        It at the last two reports; None where there are no two with rows held out.
    """
    known = [stats.held_out for stats in history if stats.held_out is not None]
    if len(known) < 2:
        return None
    least = min(known)
    return [(value - least) / max(abs(least), 1.0) for value in known[-2:]]


def _learnt_rise(history: History) -> bool:
    """Whether rows learnt, too, have become more surprising since those held out surprised least."""
    known = [stats.held_out if stats.held_out is not None else math.inf for stats in history]
    best = known.index(min(known))
    then = [stats.surprise for stats in history[max(best - _SPAN // 2, 0) : best + _SPAN // 2 + 1]]
    now = [stats.surprise for stats in history[-_SPAN:]]
    return fmean(now) > 1.03 * fmean(then)


def _coming_nearer(history: History, floors: Floors) -> bool:
    """Whether generated rows have come plainly nearer to rows held out over the last looks, or there are too few."""
    apart = [away for stats in seen(history)[-_LOOKS:] if (away := away_from(stats, floors)) is not None]
    return bool(apart) and (len(apart) < _LOOKS or min(apart) < apart[0] - 2 * floors["distance"].error)


def _leaving(history: History, floors: Floors) -> bool:
    """Whether generated rows were plainly nearer to rows held out before."""
    apart = [away for stats in seen(history) if (away := away_from(stats, floors)) is not None]
    return bool(apart) and apart[-1] > 1.5 * min(apart) + 2 * floors["distance"].error


def _told_apart(played: History) -> bool:
    return fmean(stats.accuracy or 0.5 for stats in played[-PATIENT:]) > 0.6


def _far(history: History, floors: Floors) -> bool:
    looks = seen(history)
    away = away_from(looks[-1], floors) if looks else None
    return away is not None and away > 1.5 + 3 * floors["distance"].error


def _exploded(history: History, floors: Floors) -> bool:
    """Whether rows learnt, and rows held out if there are any, surprise far more than at first."""
    history = [stats for stats in history if stats.state != "diverged"]  # a run that went back is another one
    learnt = [stats.surprise for stats in history]
    held_out = [stats.held_out for stats in history if stats.held_out is not None]
    first = floors["surprise"].mean if "surprise" in floors else max(learnt[:_SPAN])
    return all(fmean(values[-PATIENT:]) > EXPLODED * first + 1 for values in (learnt, held_out) if values)


def _below(value: float | None, floors: Floors, name: str, share: float) -> bool:
    return value is not None and value < share * floors[name].mean - 3 * floors[name].error


def _of_floor(value: float | None, floors: Floors, name: str) -> str:
    return f"{(value or 0.0) / max(floors[name].mean, 1e-9):.0%}"
