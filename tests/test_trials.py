"""What a search found: the best of its trials, and whether it is a gain."""

from dataclasses import asdict, replace

import pytest

from tabgan import TrainingConfig
from tabgan.errors import TrainingError
from tabgan.gan.comparing import Comparison
from tabgan.trials import Refit, Trial, TuningResult, best_of

CONFIG = TrainingConfig()
FIGURES = Comparison(1.5, 3.0, 0.1, 0.2, 0.6)


def trial_of(number: int, distance: float | None) -> Trial:
    figures = None if distance is None else replace(FIGURES, distance=distance)
    return Trial(number, {"averaging": 0.9}, figures, None if figures else "diverged", 1.0)


def result_of(distances: list[float], gains: list[float], error: float = 0.001) -> TuningResult:
    trials = tuple(trial_of(number, distance) for number, distance in enumerate(distances))
    refits = tuple(
        Refit(9, replace(FIGURES, distance=2.0), replace(FIGURES, distance=2.0 - gain), error) for gain in gains
    )
    return TuningResult(trials, CONFIG, CONFIG, refits)


@pytest.mark.parametrize(
    ("distances", "gains", "error", "verdict"),
    [
        ([1.0, 1.2], [], 0.001, "defaults"),
        ([1.0, 1.0], [], 0.001, "defaults"),
        ([1.2, 1.0], [], 0.001, "unproved"),
        ([1.2, 1.0], [0.2, 0.22], 0.001, "gain"),
        ([1.2, 1.0], [0.2, 0.22], 0.2, "luck"),
        ([1.2, 1.0], [0.2, 0.02], 0.001, "luck"),
        ([1.2, 1.0], [0.3, -0.01], 0.001, "luck"),
        ([1.2, 1.0], [-0.2, -0.21], 0.001, "luck"),
    ],
)
def test_the_verdict_tells_luck_from_gain(
    distances: list[float], gains: list[float], error: float, verdict: str
) -> None:
    assert result_of(distances, gains, error).verdict == verdict


def test_trials_come_back_from_json_and_pruned_ones_are_never_best() -> None:
    trials = [trial_of(0, None), trial_of(1, 1.4), trial_of(2, 1.4)]
    assert [Trial.from_json(asdict(trial)) for trial in trials] == trials
    assert best_of(trials).number == 1
    with pytest.raises(TrainingError, match="no trial came to its end"):
        best_of(trials[:1])
