"""What is found in tables: planted rules, and nothing in noise."""

import datetime as dt
import time
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tabgan.table.codec import TableCodec
from tabgan.table.constraints import Combinations, Constraint, MissingTogether, OneHot, Order, Sum
from tabgan.table.files import read_table
from tabgan.table.schema import Schema
from tabgan.table.summaries import summarize

N = 3_000


def found(table: pa.Table | pd.DataFrame) -> tuple[Constraint, ...]:
    return Schema.infer(read_table(table)).constraints


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("n", [40, 300, 5_000])
def test_nothing_is_found_in_noise(seed: int, n: int) -> None:
    random = rng(seed)
    start = random.integers(0, 10**6, n)
    table = pa.table(
        {
            "normal": random.normal(size=n),
            "other": random.normal(size=n),
            "rounded": random.normal(size=n).round(2),
            "far": random.normal(50, 10, n).round(1),
            "tail": random.lognormal(3, 2, n).round(2),
            "zeros": np.where(random.random(n) < 0.95, 0, random.integers(1, 100, n)),
            "rare": (random.random(n) < 0.01).astype(int),
            "flag": random.random(n) < 0.3,
            "switch": random.integers(0, 2, n),
            "few": random.integers(0, 4, n),
            "count": random.poisson(3, n),
            "more": random.poisson(9, n),
            "when": pa.array(start, pa.timestamp("s")),
            "then": pa.array(random.permutation(start) + 1_000, pa.timestamp("s")),
            "gaps": pa.array(random.integers(0, 99, n), mask=random.random(n) < 0.1),
            "holes": pa.array(random.integers(0, 99, n), mask=random.random(n) < 0.1),
            "word": random.choice(list("abcde"), n),
        }
    )
    assert found(table) == ()


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_found_in_columns_that_go_together(seed: int) -> None:
    random = rng(seed)
    shared = random.normal(size=N)
    cells = {f"x{i}": (shared * 10 + random.normal(0, 3, N) + 4 * i).round(2) for i in range(6)}
    assert found(pa.table(cells)) == ()


def test_one_hot_groups_of_every_type() -> None:
    random = rng()
    soil, area = random.integers(0, 12, N), random.integers(0, 3, N)
    soil[area == 0] = np.minimum(soil[area == 0], 2)  # some kinds only in some areas
    table = {f"area {i}": area == i for i in range(3)}
    table |= {f"soil_{i}": (soil == i).astype(np.int8 if i % 2 else np.float64) for i in range(12)}
    table["low soil"] = (soil < 4).astype(int)
    table["yes"] = (soil % 2 == 0) & (area > 0)
    table["no"] = ~table["yes"]
    frame = pd.DataFrame(table)
    assert [rule for rule in found(frame) if isinstance(rule, OneHot)] == [
        OneHot(tuple(f"area {i}" for i in range(3))),
        OneHot(tuple(f"soil_{i}" for i in range(12))),
        OneHot(("yes", "no")),
    ]
    shuffled = frame[list(rng().permutation(frame.columns))]
    assert {frozenset(rule.columns) for rule in found(shuffled) if isinstance(rule, OneHot)} == {
        frozenset(name for name in frame if name.startswith("area")),
        frozenset(name for name in frame if name.startswith("soil")),
        frozenset({"yes", "no"}),
    }
    frame.loc[0, "soil_0"] = 1 - frame.loc[0, "soil_0"]
    assert not any("soil_0" in rule.names for rule in found(frame))


def test_sums_differences_and_copies() -> None:
    random = rng()
    net, tax, tip = random.gamma(2, 5_000, N).astype(int), random.integers(0, 900, N), random.integers(0, 400, N)
    gone = random.random(N) < 0.1
    when = pa.array(random.integers(0, 10**9, N), pa.timestamp("ms"))
    table = pa.table(
        {
            "net": net / 100,
            "tax": pa.array([Decimal(int(x)).scaleb(-2) for x in tax], pa.decimal128(9, 2)),
            "gross": pa.array((net + tax) / 100, mask=gone),
            "tip": pa.array(tip / 100, mask=gone),
            "paid": pa.array((net + tax + tip) / 100, mask=gone),
            "balance": tip - net,
            "again": net / 100,
            "cents": net,
            "opened": when,
            "created": when,
        }
    )
    sums = [rule for rule in found(table) if isinstance(rule, Sum)]
    shown = {rule.describe() for rule in sums}
    assert {"created = opened", "again = net"} <= shown
    assert len(shown) == 4
    assert all(not rule.broken(table).any() for rule in sums)
    totals = {rule.total: set(zip(rule.parts, rule.signs, strict=True)) for rule in sums}
    assert totals["gross"] == {("net", 1), ("tax", 1)}
    assert totals["paid"] == {("net", 1), ("tax", 1), ("tip", 1)}


def test_a_sum_that_one_row_breaks_is_none() -> None:
    random = rng()
    a, b = random.integers(0, 10_000, (2, N))
    total = a + b
    assert [rule.total for rule in found(pa.table({"a": a, "b": b, "total": total}))] == ["total"]
    total[N // 2] += 1
    assert not any(isinstance(rule, Sum) for rule in found(pa.table({"a": a, "b": b, "total": total})))


def test_a_year_of_totals() -> None:
    random = rng()
    months = random.integers(-500, 5_000, (12, N))
    table = {f"m{i}": cells for i, cells in enumerate(months)} | {"year": months.sum(axis=0)}
    assert found(pa.table(table)) == (Sum("year", tuple(f"m{i}" for i in range(12))),)


def test_orders_and_the_closest_of_them() -> None:
    random = rng()
    ordered = random.integers(0, 86_400 * 365, N)
    shipped = ordered + random.integers(0, 86_400 * 5, N)
    arrived = shipped + random.integers(0, 86_400 * 9, N)
    gone = random.random(N) < 0.2
    low, high = np.sort(random.gamma(2, 20, (N, 2)).round(4)).T
    table = pa.table(
        {
            "arrived": pa.array(arrived, pa.timestamp("s", "UTC"), mask=gone),
            "ordered": pa.array(ordered, pa.timestamp("s", "UTC")),
            "shipped": pa.array(shipped, pa.timestamp("s", "UTC"), mask=random.random(N) < 0.1),
            "day": pa.array([dt.date(2000, 1, 1)] * N),
            "width": low,
            "length": high,
            "large": high * 1_000,
            "paid": random.integers(0, 100, N),
        }
    )
    assert set(found(table)) == {Order("ordered", "shipped"), Order("shipped", "arrived"), Order("width", "length")}


def test_columns_that_are_missing_together() -> None:
    random = rng()
    gone, other = random.random((2, N)) < 0.2
    table = pa.table(
        {
            "a": pa.array(random.integers(0, 99, N), mask=gone),
            "b": pa.array(random.normal(size=N), mask=gone),
            "c": pa.array(random.choice(list("xyz"), N), mask=gone),
            "d": pa.array(random.integers(0, 99, N), mask=other),
            "one": pa.array(random.integers(0, 99, N), mask=np.arange(N) == 7),
            "two": pa.array(random.integers(0, 99, N), mask=np.arange(N) == 7),
        }
    )
    assert found(table) == (MissingTogether(("a", "b", "c")),)


def test_dependencies_are_shown_and_taken_by_the_codec() -> None:
    ids = np.concatenate([np.arange(60), rng().integers(0, 60, N - 60)])
    table = pa.table({"class": ids % 6, "id": pa.array([f"p{i}" for i in ids]), "price": ids % 11 / 4})
    schema = Schema.infer(table)
    assert schema.constraints == (Combinations(("id", "class", "price"), determines=True),)
    (hierarchy,) = TableCodec.fit(schema, summarize(table), table).hierarchies
    assert hierarchy.names == ("id", "class", "price")
    without = Schema(schema.columns)
    assert TableCodec.fit(without, summarize(table), table).hierarchies == ()


def test_the_same_table_gives_the_same_constraints_and_stays_as_it_was() -> None:
    random = rng()
    a, b = random.integers(0, 1_000, (2, 50_000))
    table = pa.table({"a": a, "b": b, "total": a + b})
    before = table.to_pydict()
    assert found(table) == found(table) == (Sum("total", ("a", "b")),)
    assert table.to_pydict() == before


def test_odd_tables() -> None:
    assert found(pa.table({"a": [1, 2], "b": [1, 2]})) == ()
    assert found(pa.table({"a": pa.array([None, None], pa.float64()), "b": [True, False]})) == ()
    huge = [2**63 + i for i in range(40)]
    assert found(pa.table({"a": pa.array(huge, pa.uint64()), "b": pa.array(huge[::-1], pa.uint64())})) == ()
    half = pa.array(np.arange(60, dtype=np.float16))
    assert found(pa.table({"ü": half, "b": pa.array(np.tile([0.5, 1.5], 30).astype(np.float16))})) == ()


def test_wide_tables_take_seconds() -> None:
    random = rng()
    n, choices = 100_000, random.integers(0, 40, 100_000)
    table = {f"k{i}": (choices == i).astype(np.int8) for i in range(40)}
    table |= {f"x{i}": random.normal(100, 30, n).round(2) for i in range(15)}
    made = pa.table(table)
    summaries = summarize(made)
    start = time.perf_counter()
    assert Schema.infer(made, summaries).constraints == (OneHot(tuple(f"k{i}" for i in range(40))),)
    assert time.perf_counter() - start < 5


def test_one_hot_groups_that_say_the_same_are_all_found_and_kept_in_line() -> None:
    choice = rng().integers(0, 4, N)
    table = {f"{name}{i}": (choice == i).astype(int) for name in "ab" for i in range(4)}
    table |= {f"c{i}": (choice // 2 == i).astype(int) for i in range(2)}
    rules = found(pd.DataFrame(table))
    groups = [OneHot(tuple(f"{name}{i}" for i in range(size))) for name, size in (("a", 4), ("b", 4), ("c", 2))]
    assert rules == (*groups, Combinations(("a0", "b0", "c0")))
