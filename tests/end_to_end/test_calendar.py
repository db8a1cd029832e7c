"""Transactions with planted weekdays, hours and month ends: told by the calendar, a model keeps them."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tabgan import TabGAN, TrainingConfig
from tabgan.table.columns import ColumnSpec
from tabgan.table.restating.base import Rows
from tabgan.table.restating.calendar import Calendar
from tabgan.table.restating.days import LAST, day_of_month, weekday
from tabgan.table.schema import Schema

pytestmark = pytest.mark.slow

N = 8_000
CONFIG = TrainingConfig(steps=300)
NAME = "booked at"


def transactions(seed: int) -> pa.Table:
    """Groceries in the evening and at weekends, meals at noon on workdays, rent at the end of months; growing."""
    random = np.random.default_rng(seed)
    days = np.arange(18_993, 18_993 + 730)
    kinds, shares = ("groceries", "meals", "rent"), (0.5, 0.35, 0.15)
    weekend, end = weekday(days) > 5, day_of_month(days) == LAST
    growth = np.linspace(1.0, 2.0, len(days))
    rates = {
        "groceries": growth * np.where(weekend, 3.0, 1.0),
        "meals": growth * np.where(weekend, 0.2, 1.0) * (1 + 0.3 * (weekday(days) == 5)),
        "rent": growth * np.where(end, 40.0, 1.0) * np.where(weekend, 0.1, 1.0),
    }
    kind = random.choice(kinds, N, p=shares)
    day, minute = np.zeros(N, np.int64), np.zeros(N, np.int64)
    modes = {"groceries": (18.0, 10.0, 0.7), "meals": (12.5, 19.5, 0.8), "rent": (9.0, 15.0, 0.6)}
    for name in kinds:
        rows = np.flatnonzero(kind == name)
        day[rows] = random.choice(days, len(rows), p=rates[name] / rates[name].sum())
        early, late, share = modes[name]
        hours = random.normal(np.where(random.random(len(rows)) < share, early, late), 0.8)
        minute[rows] = np.clip(np.rint(60 * hours), 0, 1_439)
    amount = np.round(np.exp(random.normal(np.where(kind == "rent", 6.5, 3.0), 0.4)), 2)
    return pa.table(
        {NAME: pa.array(60 * (1_440 * day + minute)).view(pa.timestamp("s")), "kind": kind, "amount": amount}
    )


def weekdays(table: pa.Table) -> pd.Series:
    day = table[NAME].to_numpy().astype("datetime64[D]").astype(np.int64)
    return pd.Series(weekday(day) * 10).astype(str) + table["kind"].to_pandas()


def hours(table: pa.Table) -> pd.Series:
    return (table[NAME].to_numpy().astype(np.int64) // 3_600 % 24).astype(str) + table["kind"].to_pandas()


def month_ends(table: pa.Table) -> pd.Series:
    day = table[NAME].to_numpy().astype("datetime64[D]").astype(np.int64)
    return pd.Series(day_of_month(day) == LAST).astype(str) + table["kind"].to_pandas()


def months(table: pa.Table) -> pd.Series:
    return pd.Series(table[NAME].to_numpy().astype("datetime64[M]").astype(str))


MEASURES: dict[str, Callable[[pa.Table], pd.Series]] = {
    "weekday x kind": weekdays,
    "hour x kind": hours,
    "month end x kind": month_ends,
    "month": months,
}


def distances(table: pa.Table, source: pa.Table) -> dict[str, float]:
    """The total variation of each measure's table from the source's."""
    found = {}
    for name, measure in MEASURES.items():
        shares = [measure(one).value_counts(normalize=True) for one in (table, source)]
        found[name] = float(shares[0].sub(shares[1], fill_value=0).abs().sum() / 2)
    return found


def by_calendar(source: pa.Table, seed: int) -> pa.Table:
    """A sample of a model that learnt the calendar's columns in place of the timestamps."""
    spec = ColumnSpec(name=NAME, kind="datetime", dtype="timestamp[s]", nullable=False)
    calendar = Calendar.of(spec, source[NAME], lambda column, part: f"{column} [{part}]")
    assert calendar is not None
    cells = calendar.restate([source[NAME].combine_chunks()])
    names = [one.name for one in calendar.learnt]
    rest = source.drop_columns([NAME])
    learnt = pa.table(dict(zip(names, cells, strict=True)) | {name: rest[name] for name in rest.column_names})
    others = Schema.infer(rest).columns
    model = TabGAN(CONFIG, seed=seed).fit(learnt, schema=Schema((*calendar.learnt, *others)))
    drawn = pa.concat_tables(model.sample_batches(N)).select(learnt.column_names)
    columns = [drawn[name].combine_chunks() for name in names]
    [written] = calendar.write(columns, Rows(seed, 0, N))
    return drawn.drop_columns(names).add_column(0, NAME, written)


def by_trend(source: pa.Table, seed: int) -> pa.Table:
    """A sample of a model that learnt the timestamps as points on a line."""
    return pa.concat_tables(TabGAN(CONFIG, seed=seed).fit(source).sample_batches(N))


def test_weekdays_hours_and_month_ends_are_learnt() -> None:
    source = transactions(0)
    floor = distances(transactions(1), source)
    calendar, trend = distances(by_calendar(source, 1), source), distances(by_trend(source, 1), source)
    for name in ("weekday x kind", "hour x kind", "month end x kind"):
        assert calendar[name] < trend[name] / 2, (name, calendar, trend, floor)
        assert calendar[name] < 4 * floor[name] + 0.01, (name, calendar, trend, floor)
