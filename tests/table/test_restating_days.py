"""Weeks, months and days: what is told of a day comes back as that day, and nothing leaves the span."""

import calendar
import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabgan.table.restating.days import LAST, SPECIAL, Days, day_of_month, weekday

EPOCH = dt.date(1970, 1, 1)
DAY = st.integers((dt.date(1, 1, 2) - EPOCH).days, (dt.date(9999, 12, 30) - EPOCH).days)


def number(*date: int) -> int:
    return (dt.date(*date) - EPOCH).days


def one(days: Days, period: int, category: int, later: bool = False) -> int:
    return int(days.days(np.array([period]), np.array([category]), np.array([later]))[0])


@given(DAY)
def test_weekdays_and_days_of_the_month_are_those_of_python(day: int) -> None:
    date = EPOCH + dt.timedelta(day)
    length = calendar.monthrange(date.year, date.month)[1]
    assert weekday(np.array([day])).tolist() == [date.isoweekday()]
    assert day_of_month(np.array([day])).tolist() == [LAST if date.day == length else date.day]


@given(
    st.lists(DAY, min_size=2, max_size=40),
    st.sampled_from(["week", "month", "day"]),
    st.integers(0, 20),
    st.booleans(),
)
def test_a_day_comes_back(numbers: list[int], by: str, n_special: int, later: bool) -> None:
    days = Days(by, min(numbers), max(numbers), tuple(sorted(set(numbers[:n_special]))) if by == "week" else ())
    given_days = np.array(numbers)
    found = days.days(days.periods(given_days), days.categories(given_days), np.full(len(numbers), later))
    assert found.tolist() == numbers


@given(DAY, st.integers(0, 400), st.sampled_from(["week", "month"]), st.integers(0, 2**32 - 1))
def test_whatever_is_drawn_lies_in_the_span(low: int, length: int, by: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    span = low + np.arange(length + 1)
    special = span[np.isin(day_of_month(span), (1, 15, LAST))].tolist() if by == "week" else []
    days = Days(by, low, low + length, tuple(special))
    periods = random.integers(days.first - 3, days.last + 4, 50)
    known = np.array([*range(1, 8), 101, 115, 131] if by == "week" else range(1, 32))
    found = days.days(periods, random.choice(known, 50), random.random(50) < 0.5)
    assert found.min() >= low
    assert found.max() <= low + length


def test_days_beyond_a_month_are_its_last() -> None:
    days = Days("month", number(2023, 1, 1), number(2025, 1, 1))
    february = 12 * (2024 - 1970) + 1
    assert one(days, february, 29) == one(days, february, LAST) == number(2024, 2, 29)
    assert one(days, february - 12, 30) == number(2023, 2, 28)
    assert one(days, february, 28) == number(2024, 2, 28)


def test_special_days_keep_their_place_and_weekdays_avoid_them() -> None:
    span = np.arange(number(2024, 1, 10), number(2024, 12, 20) + 1)
    special = span[np.isin(day_of_month(span), (1, LAST)) & (span != number(2024, 10, 31))]
    days = Days("week", int(span[0]), int(span[-1]), tuple(special.tolist()))
    week = int(
        days.periods(np.array([number(2024, 4, 29)]))[0]
    )  # the last of April is a Tuesday, the first of May next
    assert one(days, week, SPECIAL + LAST) == number(2024, 4, 30)
    assert one(days, week + 1, SPECIAL + LAST) == number(2024, 4, 30)
    assert one(days, week, SPECIAL + 1) == number(2024, 5, 1)
    assert one(days, week, 2) == number(2024, 4, 23)
    assert one(days, week, 2, later=True) == number(2024, 5, 7)
    assert one(days, week, 1) == number(2024, 4, 29)
    assert one(days, days.first, SPECIAL + 1) == number(2024, 2, 1)
    october = int(days.periods(np.array([number(2024, 10, 30)]))[0])
    assert one(days, october, 4) == number(2024, 10, 31)  # as on any Thursday
    assert one(days, october, SPECIAL + LAST) == number(2024, 11, 30)


@pytest.mark.parametrize("by", ["week", "month", "day"])
def test_what_lies_beyond_counts_as_the_end(by: str) -> None:
    days = Days(by, number(2024, 1, 10), number(2024, 12, 20))
    category = {"week": 3, "month": 12, "day": 0}[by]
    assert one(days, -(10**6), category) == one(days, days.first, category)
    assert one(days, 10**6, category) == one(days, days.last, category)
