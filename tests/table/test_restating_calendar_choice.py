"""Weeks or months: what was planted is found, and chance is not taken for structure."""

import datetime as dt

import numpy as np
import pytest

from tabgan.table.restating.calendar_choice import choose, fillers
from tabgan.table.restating.days import LAST, day_of_month, month_start, weekday

START = (dt.date(2022, 1, 3) - dt.date(1970, 1, 1)).days


def drawn(weights, n: int = 5_000, span: int = 730, seed: int = 0) -> np.ndarray:
    days = START + np.arange(span)
    p = weights(days).astype(float)
    return np.random.default_rng(seed).choice(days, n, p=p / p.sum())


def test_workdays_go_by_weeks() -> None:
    found = choose(drawn(lambda days: np.where(weekday(days) > 5, 0.1, 1.0)))
    assert (found.by, found.special) == ("week", ())


def test_the_days_of_the_month_go_by_months() -> None:
    found = choose(drawn(lambda days: np.exp(-day_of_month(days) / 8)))
    assert (found.by, found.special) == ("month", ())


def test_month_ends_beside_weekdays_are_special_days() -> None:
    found = choose(
        drawn(lambda days: np.where(weekday(days) > 5, 0.3, 1.0) * np.where(day_of_month(days) == LAST, 6, 1))
    )
    assert found.by == "week"
    special = np.array(found.special)
    assert (day_of_month(special) == LAST).all()
    assert (weekday(special) <= 5).mean() > 0.9
    assert len(special) >= 15


def test_the_first_and_fifteenth_alone_go_by_months() -> None:
    days = (month_start(np.arange(600, 640))[:, None] + [0, 14]).ravel()
    assert choose(np.repeat(days, 5)).by == "month"


@pytest.mark.parametrize("seed", range(20))
def test_even_days_are_no_special_days_and_go_by_weeks(seed: int) -> None:
    found = choose(drawn(lambda days: np.ones(len(days)), seed=seed))
    assert (found.by, found.special) == ("week", ())


@pytest.mark.parametrize("seed", range(10))
def test_a_burst_makes_no_special_day(seed: int) -> None:
    burst = np.repeat(START + np.array([100, 131, 400]), 300)
    assert choose(np.concatenate([drawn(lambda days: np.ones(len(days)), seed=seed), burst])).special == ()


def test_short_or_few_days_stay_days() -> None:
    assert choose(START + np.arange(40)).by == "day"
    assert choose(np.repeat(START + 30 * np.arange(14), 50)).by == "day"
    assert choose(np.array([START])).by == "day"


def test_single_far_days_do_not_hide_the_rest() -> None:
    days = drawn(lambda days: np.where(weekday(days) > 5, 0.0, 1.0))
    found = choose(np.append(days, [-700_000, 2_900_000]))
    assert (found.by, found.low, found.high) == ("week", -700_000, 2_900_000)


def test_fillers_are_heavy_beyond_all_others() -> None:
    days = drawn(lambda days: np.ones(len(days)))
    assert fillers(days, 1) == ()
    assert fillers(np.append(days, [START + 400] * 500), 1) == (START + 400,)
    assert fillers(np.append(days, [START + 400] * 100), 1) == ()
    assert fillers(np.repeat([1, 2, 3], [900, 5, 5]), 1) == ()


def test_fillers_are_far_from_all_others() -> None:
    days = drawn(lambda days: np.ones(len(days)))
    assert fillers(np.append(days, [2_932_896] * 50 + [-25_567] * 60), 1) == (-25_567, 2_932_896)
    assert fillers(86_400 * np.append(days, [2_932_896] * 50), 86_400) == (86_400 * 2_932_896,)
    assert fillers(np.append(days, [2_932_896] * 2), 1) == ()
    assert fillers(np.repeat(START + 20 * np.arange(20), 45).tolist() + [-25_567] * 300, 1) == (-25_567,)
    assert fillers(np.repeat(START + 365 * np.arange(20), 45), 1) == ()
