import math
from dataclasses import replace

import pytest

from tabgan.gan import symptoms
from tabgan.gan.config import TrainingConfig
from tabgan.gan.history import TrainingStats
from tabgan.gan.yardstick import Floor

FLOORS = {
    "held_out_shape": Floor(0.04, 0.002),
    "held_out_trend": Floor(0.08, 0.004),
    "distance": Floor(1.0, 0.05),
    "detection": Floor(0.5, 0.013),
    "distinct": Floor(0.98, 0.004),
    "coverage": Floor(0.97, 0.004),
    "entropy": Floor(1.0, 0.006),
    "nearest": Floor(0.5, 0.016),
    "surprise": Floor(20.0, 0.0),
}
BOTH = TrainingConfig().resolved()
ALONE = TrainingConfig(likelihood_weight=0.0).resolved()


def _stats(step: int, **changes: object) -> TrainingStats:
    return replace(TrainingStats(step, 50, 1.0, 1.0, 15.0, 15.0, None, None), **changes)


def _look(step: int, away: float = 1.0, **changes: object) -> TrainingStats:
    """A report with a look, healthy but for what is changed."""
    figures = {"detection": 0.51, "distinct": 0.98, "coverage": 0.97, "entropy": 1.0, "nearest": 0.5}
    apart = {"held_out_shape": 0.04 * away, "held_out_trend": 0.08 * away}
    return _stats(step, **(apart | figures | changes))


def _played(accuracies: list[float], gradient: float = 0.3) -> list[TrainingStats]:
    return [
        _stats(step, accuracy=accuracy, generator_gradient=gradient, critic_loss=-0.1, penalty=0.1)
        for step, accuracy in enumerate(accuracies, 1)
    ]


@pytest.mark.parametrize(
    ("values", "turns"),
    [([], 0), ([1.0], 0), ([0, 1, 2, 3], 0), ([0, 1, 0, 1, 0], 3), ([0, 0.9, 0.8, 0.9], 0), ([0, 1, 0.5, 1.5, 0], 1)],
)
def test_a_series_turns_round_where_it_has_gone_far_enough(values: list[float], turns: int) -> None:
    assert symptoms.reversals(values, 1.0) == turns


@pytest.mark.parametrize("value", [math.nan, math.inf, -2e4])
@pytest.mark.parametrize("name", ["critic_loss", "penalty", "real_score"])
def test_losses_that_run_away_are_divergence(name: str, value: float) -> None:
    assert symptoms.diverged([_stats(1), _stats(2, **{name: value})], BOTH, FLOORS, False)
    assert symptoms.diverged([_stats(1), _stats(2, **{name: 3.0})], BOTH, FLOORS, False) is None


def test_rows_that_all_surprise_more_than_independent_cells_would_are_divergence() -> None:
    wild = _stats(1, surprise=1e6, held_out=1e6)
    assert symptoms.diverged([wild], BOTH, FLOORS, False)
    assert symptoms.diverged([wild], ALONE, FLOORS, False) is None  # nobody teaches the likelihood
    by_heart = _stats(1, surprise=3.0, held_out=60.0)
    assert symptoms.diverged([by_heart], BOTH, FLOORS, False) is None
    gone_back = [_stats(1), replace(wild, step=2, state="diverged"), _stats(3)]
    assert symptoms.diverged(gone_back, BOTH, FLOORS, False) is None


def test_few_kinds_of_rows_are_a_collapse_and_the_state_is_left_later_than_entered() -> None:
    assert symptoms.collapsing([_look(1)], ALONE, FLOORS, False) is None
    said = symptoms.collapsing([_look(1, 5.0, entropy=0.3, distinct=0.1, coverage=0.2)], ALONE, FLOORS, False)
    assert said is not None
    assert "30% of the entropy" in said
    between = [_look(1, 3.0, entropy=0.85, coverage=0.8)]
    assert symptoms.collapsing(between, ALONE, FLOORS, False) is None
    assert symptoms.collapsing(between, ALONE, FLOORS, True)
    slowly = [_look(1, 2.0), _look(2, 5.0, entropy=0.7)]
    assert symptoms.collapsing(slowly, ALONE, FLOORS, False)
    assert symptoms.collapsing([_stats(1)], ALONE, {}, False) is None


def test_a_gradient_vanishes_only_where_there_is_something_to_learn() -> None:
    flat = _played([0.7] * 4, gradient=1e-5)
    assert symptoms.vanishing_gradient(flat, ALONE, FLOORS, False)
    assert symptoms.vanishing_gradient(flat[:2], ALONE, FLOORS, False) is None
    assert symptoms.vanishing_gradient(_played([0.5] * 4, gradient=1e-5), ALONE, FLOORS, False) is None
    assert symptoms.vanishing_gradient(_played([0.7] * 4), ALONE, FLOORS, False) is None
    assert symptoms.vanishing_gradient([_look(1, 4.0), *_played([0.5] * 4, 1e-5)], ALONE, FLOORS, False)


def test_a_critic_is_too_strong_only_where_generated_rows_come_no_nearer() -> None:
    stuck = [_look(i, 3.0) for i in range(4)]
    nearing = [_look(i, 3.0 - 0.2 * i) for i in range(4)]
    assert symptoms.critic_too_strong([*stuck, *_played([0.9] * 10)], ALONE, FLOORS, False)
    assert symptoms.critic_too_strong([*nearing, *_played([0.9] * 10)], ALONE, FLOORS, False) is None
    assert symptoms.critic_too_strong([*stuck, *_played([0.6] * 10)], ALONE, FLOORS, False) is None
    assert symptoms.critic_too_strong([*stuck, *_played([0.9] * 6)], ALONE, FLOORS, False) is None
    together = TrainingConfig(likelihood_weight=0.0, pac=8).resolved()
    assert symptoms.critic_too_strong([*stuck, *_played([0.9] * 10)], together, FLOORS, False) is None


def test_a_critic_or_a_distance_that_goes_to_and_fro_oscillates() -> None:
    assert symptoms.oscillating(_played([0.9, 0.9, 0.4, 0.8, 0.3, 0.8]), ALONE, FLOORS, False)
    assert symptoms.oscillating(_played([0.9, 0.8, 0.7, 0.6, 0.5, 0.5]), ALONE, FLOORS, False) is None
    swinging = [_look(i, away, accuracy=0.6) for i, away in enumerate([3.0, 1.0, 3.0, 1.0])]
    assert symptoms.oscillating(swinging, ALONE, FLOORS, False)
    noisy = [_look(i, away, accuracy=0.6) for i, away in enumerate([1.1, 1.0, 1.1, 1.0, 1.1, 1.0])]
    assert symptoms.oscillating(noisy, ALONE, FLOORS, False) is None


def test_rows_held_out_that_surprise_more_while_rows_learnt_do_not_are_learning_by_heart() -> None:
    rising = [_stats(i, surprise=15.0 - i, held_out=15.0 + 0.5 * i) for i in range(6)]
    assert symptoms.memorising(rising, BOTH, FLOORS, False)
    assert symptoms.memorising(rising[:2], BOTH, FLOORS, False) is None
    both_rise = [replace(stats, surprise=stats.held_out or 0.0) for stats in rising]
    assert symptoms.memorising(both_rise, BOTH, FLOORS, False) is None
    assert symptoms.memorising(rising, ALONE, FLOORS, False) is None
    assert symptoms.memorising([_look(1, nearest=0.8)], ALONE, FLOORS, False)
    assert symptoms.memorising([_look(1, 5.0, nearest=0.8)], ALONE, FLOORS, False) is None


def test_a_run_has_converged_where_its_rows_lie_as_near_as_real_ones() -> None:
    assert symptoms.converged([_look(1, 1.2)], ALONE, FLOORS, False)
    assert symptoms.converged([_look(1, 1.5)], ALONE, FLOORS, False) is None
    assert symptoms.converged([_look(1, 1.5)], BOTH, FLOORS, True)
    assert symptoms.converged([_look(1, 1.2, detection=0.7)], ALONE, FLOORS, False) is None
    assert symptoms.converged([_stats(1)], BOTH, {}, False) is None


@pytest.mark.parametrize(("fall", "settled"), [(0.0, True), (0.07, True), (0.08, False), (1.0, False), (-1.0, True)])
def test_the_likelihood_has_converged_once_rows_held_out_surprise_hardly_less(fall: float, settled: bool) -> None:
    """Few rows held out can look as near as real rows from the start, long before anything is learnt."""
    history = [_look(step, 1.2, held_out=15.0 + fall * (11 - step) / 10) for step in range(1, 12)]
    assert bool(symptoms.converged(history, BOTH, FLOORS, False)) == settled
    assert symptoms.converged(history[1:], BOTH, FLOORS, False) is None
    assert symptoms.converged(history[1:], BOTH, FLOORS, True)
