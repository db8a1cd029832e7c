import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from tabgan.gan.watching import MAX_HELD_OUT, MIN_HELD_OUT, BestLook, BestWeights, hold_out


@given(st.integers(1, 3_000), st.floats(0, 0.5), st.integers(0, 9))
def test_rows_are_learnt_from_or_held_out_but_never_both(n: int, share: float, seed: int) -> None:
    learnt, held_out = hold_out(n, share, np.random.default_rng(seed))
    assert sorted([*learnt, *held_out]) == list(range(n))
    assert (np.diff(learnt) > 0).all()
    assert (np.diff(held_out) > 0).all()
    wanted = min(round(share * n), MAX_HELD_OUT)
    assert len(held_out) == (wanted if wanted >= MIN_HELD_OUT else 0)


def test_no_more_rows_are_held_out_than_are_needed() -> None:
    assert len(hold_out(1_000_000, 0.5, np.random.default_rng(0))[1]) == MAX_HELD_OUT


def test_rows_held_out_are_drawn_at_random() -> None:
    counts = np.zeros(80)
    for seed in range(2_000):
        counts[hold_out(80, 0.25, np.random.default_rng(seed))[1]] += 1
    assert np.abs(counts - 500).max() < 4.5 * math.sqrt(2_000 * 0.25 * 0.75)
    first, again = (hold_out(80, 0.25, np.random.default_rng(1)) for _ in range(2))
    assert np.array_equal(first[1], again[1])


def _watch(surprises: list[float], patience: float = 1.0) -> tuple[nn.Module, BestWeights, list[bool]]:
    """A network whose weights are the number of the step when it was looked at, and what was said."""
    network = nn.Linear(2, 2)
    best = BestWeights(network, patience)
    said = []
    for step, surprise in enumerate(surprises, 1):
        _set(network, step)
        said.append(best.see(surprise, step))
    _set(network, 99)
    return network, best, said


@torch.no_grad()
def _set(network: nn.Module, value: float) -> None:
    for parameter in network.parameters():
        parameter.fill_(value)


@pytest.mark.parametrize(
    ("surprises", "step"),
    [
        ([3, 2, 1], 3),
        ([3, 1, 2], 2),
        ([1, 1, 1], 1),
        ([math.nan, 5, math.nan], 2),
        ([-1, -2, math.inf], 2),
        ([], 99),
        ([math.nan, math.inf], 99),
    ],
)
def test_the_weights_are_those_where_it_did_best(surprises: list[float], step: int) -> None:
    network, best, _ = _watch(surprises)
    best.restore()
    assert best.step == (0 if step == 99 else step)
    for parameter in network.parameters():
        assert (parameter == step).all()
        assert parameter.requires_grad


@pytest.mark.parametrize(
    ("surprises", "patience", "said"),
    [
        ([3, 2, 2.19, 2.21], 0.1, [False, False, False, True]),
        ([3, 2, 2.21, 2.19, 1, 1.05, 1.15], 0.1, [False, False, True, False, False, False, True]),
        ([0.1, 0.19, 0.21], 0.1, [False, False, True]),
        ([-5, -4.6, -4.4], 0.1, [False, False, True]),
        ([2, 2, 2.001], 0.0, [False, False, True]),
        ([2, 3.9, 4.1], 1.0, [False, False, True]),
        ([math.nan, 2, math.nan, math.inf], 0.1, [False, False, False, True]),
    ],
)
def test_a_plain_rise_is_a_share_of_the_least_or_of_one(
    surprises: list[float], patience: float, said: list[bool]
) -> None:
    assert _watch(surprises, patience)[2] == said


def _look(distances: list[float | None], **settings: float) -> tuple[nn.Module, BestLook, list[bool]]:
    """Like `_watch`, with looks at even steps of a run."""
    network = nn.Linear(2, 2)
    best = BestLook(network, settings.get("noise", 0.1), settings.get("stagnation", 1.0))
    said = []
    for step, distance in enumerate(distances, 1):
        _set(network, step)
        said.append(best.see(distance, step, step / len(distances)))
    _set(network, 99)
    return network, best, said


@pytest.mark.parametrize(
    ("distances", "step"),
    [
        ([3.0, 2.0, 1.0], 3),
        ([3.0, 1.0, 1.19], 3),
        ([3.0, 1.0, 1.21], 2),
        ([1.0, 1.15, 0.9, 1.15, 1.05], 5),
        ([1.0, 2.0, None, math.nan], 1),
        ([1.15, 1.0, 1.15, 0.9, 1.15], 4),
        ([None, math.inf], 0),
        ([], 0),
    ],
)
def test_the_latest_look_that_is_about_as_good_as_the_best_is_kept(distances: list[float | None], step: int) -> None:
    network, best, _ = _look(distances)
    best.restore()
    assert best.step == step
    for parameter in network.parameters():
        assert (parameter == (step or 99)).all()


def test_weights_that_may_not_be_kept_count_for_nothing() -> None:
    network = nn.Linear(1, 1)
    best = BestLook(network, 0.1, 1.0)
    best.see(2.0, 1, 0.1)
    best.see(0.5, 2, 0.2, eligible=False)
    best.see(2.1, 3, 0.3)
    assert best.step == 3


def test_a_run_stagnates_where_no_plainly_better_distance_came_for_its_share() -> None:
    assert _look([3.0, 2.0, 1.95, 1.95, 1.95, 1.95, 1.0, 1.0, 1.0, 1.0], stagnation=0.4)[2] == [
        *[False] * 5,
        True,
        *[False] * 4,
    ]
    assert not any(_look([1.0] * 10)[2])


def test_the_best_look_goes_on_from_its_state() -> None:
    _, best, _ = _look([3.0, 1.0, 1.3])
    network = nn.Linear(2, 2)
    other = BestLook(network, 0.1, 0.4)
    other.resume(best.state())
    assert other.step == 2
    other.see(1.25, 4, 0.9)
    assert other.step == 2
    other.restore()
    assert all((parameter == 2).all() for parameter in network.parameters())
    fresh = BestLook(network, 0.1, 0.4)
    fresh.resume(BestLook(network, 0.1, 0.4).state())
    fresh.see(5.0, 1, 0.1)
    assert fresh.step == 1
