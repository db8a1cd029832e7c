"""What clauses want of columns of each type, and which clauses no cell can fulfil."""

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import ConditionError
from tabgan.table.clauses import Between, Not, clauses_of
from tabgan.table.codec import TableCodec
from tabgan.table.columns import ColumnSpec
from tabgan.table.domains import Domain
from tabgan.table.schema import Schema
from tabgan.table.summaries import summarize
from tabgan.table.wanted import Wanted

BERLIN = pa.timestamp("us", "Europe/Berlin")


def domain(cells: pa.Array, kind: Any = "continuous", **options: Any) -> Domain:
    missing = bool(cells.null_count)
    spec = ColumnSpec(name="x", kind=kind, dtype=str(cells.type), nullable=missing, **options)
    table = pa.table({"x": cells})
    codec = TableCodec.from_summaries(Schema((spec,)), summarize(table))
    return Domain.of(spec, codec.known["x"])


def wanted(own: Domain, *where: Any) -> Wanted | None:
    clauses = [clause for one in where for clause in clauses_of(one if str(one).startswith("x") else {"x": one}, ["x"])]
    return own.wanted(clauses)


def sizes() -> pa.Array:
    return pa.DictionaryArray.from_arrays(
        pa.array([0, 2, 1, 0, None], pa.int8()), pa.array(["S", "M", "L", "XL"]), ordered=True
    )


def ordered() -> Domain:
    return domain(sizes(), "categorical", categories=("S", "M", "L", "XL"), ordered=True)


NUMBERS = domain(pa.array([*range(0, 90, 2), None]))
WORDS = domain(pa.array(["a", "b", "c", None]), "categorical")


@pytest.mark.parametrize(
    ("own", "where", "cells", "missing"),
    [
        (WORDS, ["b"], ["b"], False),
        (WORDS, [["a", None]], ["a"], True),
        (WORDS, [None], [], True),
        (WORDS, [Not("b")], ["a", "c"], True),
        (WORDS, [Not(["b", None])], ["a", "c"], False),
        (WORDS, ["x is not missing"], ["a", "b", "c"], False),
        (WORDS, [Not(["a", "b"]), "x is not missing"], ["c"], False),
        (WORDS, [["a", "b"], ["b", "c"]], ["b"], False),
        (NUMBERS, [[4, 7, 7]], [4, 7], False),
        (NUMBERS, [[4, 7, 30], "x>5", Not(30)], [7], False),
        (NUMBERS, [Between(4, 4)], [4], False),
        (ordered(), ["x >= M"], ["M", "L"], False),
        (ordered(), ["x < M"], ["S"], False),
        (ordered(), [Between("M", "XL")], ["M", "L"], False),
    ],
)
def test_cells(own: Domain, where: list[Any], cells: list[Any], missing: bool) -> None:
    found = wanted(own, *where)
    assert found is not None
    assert found.cells is not None
    assert sorted(found.cells.to_pylist()) == sorted(cells)
    assert found.missing is not None
    assert found.missing.tolist() == [missing]
    assert found.is_equality is (len(cells) + missing == 1)


def test_ranges() -> None:
    found = wanted(NUMBERS, "x>=5.5", "x < 20", Not([8, 10]))
    assert found is not None
    assert found.cells is None
    assert (found.low, found.high) == (np.array([6]), np.array([19]))
    assert sorted(found.excluded.to_pylist()) == [8, 10]
    assert found.holds(pa.array([5, 6, 8, 19, None])).tolist() == [False, True, False, True, False]
    only = wanted(NUMBERS, "x>=-5", "x<=20")
    assert only is not None
    assert only.low is None  # nothing lies below


def test_what_is_always_so_is_no_wish() -> None:
    assert wanted(NUMBERS, Not(1)) is not None
    full = domain(pa.array([1, 2, 3] * 30))
    assert wanted(full, "x>=-5") is None
    assert wanted(full, "x is not missing") is None
    assert wanted(full, Not(None), Between(0, 9)) is None
    assert wanted(WORDS, ["a", "b", "c", None]) is None


@pytest.mark.parametrize(
    ("own", "where", "texts"),
    [
        (WORDS, ["x>=a"], ["numbers, times or ordered categories", "got text", "in (A, B)"]),
        (WORDS, [["a", "d", "e"]], ["got 'd'", "got 'e'", "3 categories"]),
        (WORDS, [Not(["d"])], ["got 'd'"]),
        (WORDS, ["a", "b"], ["= 'a' and = 'b'", "contradict"]),
        (WORDS, [Not(["a", "b", "c", None])], ["leaves none"]),
        (NUMBERS, ["x>=100"], ["range that meets 0 to 88", ">= 100"]),
        (NUMBERS, ["x<0"], ["range that meets 0 to 88"]),
        (NUMBERS, [Between(7, 5)], ["no higher than the upper one", ">= 7 and <= 5"]),
        (NUMBERS, ["x>5", "x<6"], ["> 5 and < 6", "contradict"]),
        (NUMBERS, ["x>4", "x<2"], ["> 4 and < 2", "contradict"]),
        (NUMBERS, [[4, 100, "b"]], ["from 0 to 88", "got 100", "expected integer (int64), got 'b'"]),
        (NUMBERS, [4.5], ["expected integer (int64), got 4.5"]),
        (NUMBERS, ["x>=b"], ["expected integer (int64), got 'b'"]),
        (NUMBERS, [Between(None, float("nan"))], ["got a missing one"]),
        (domain(pa.array([1.5, 2.5])), ["x=nan"], ["no cell of it was missing"]),
        (domain(pa.array([1.5, 2.5])), [[1.5, None]], ["no cell of it was missing"]),
        (domain(pa.array([1, 2])), ["x is missing"], ["no cell of it was missing"]),
        (domain(pa.nulls(3, pa.int64())), [5], ["as all were in the table"]),
        (domain(pa.nulls(3, pa.int64())), ["x>5"], ["as all were in the table"]),
        (ordered(), ["XL"], ["declared but was in no row", "closest"]),
        (ordered(), ["x > L"], ["holds categories of the table"]),
        (ordered(), ["x >= L", "x < L"], ["contradict"]),
        (ordered(), ["x >= XXL"], ["as an end (S, M, L, XL)", "'XXL'"]),
        (ordered(), [Between("L", "S")], ["no higher than"]),
        (domain(pa.array([True, False]), "categorical"), ["x>=true"], ["got boolean"]),
        (domain(pa.array([0, 10], pa.timestamp("s"))), [5], ["expected timestamp", "write a date"]),
        (domain(pa.array([0, 10], pa.timestamp("s"))), [Between(5, None)], ["expected timestamp", "write a date"]),
        (domain(pa.array([0, 10], pa.duration("s"))), [5.0], ["expected duration", "'90s'"]),
        (
            domain(pa.array([0, 2 * 10**15], pa.int64()).cast(BERLIN)),
            ["2020-10-25 02:30"],
            ["which happens twice", "+01:00"],
        ),
        (
            domain(pa.array([0, 2 * 10**15], pa.int64()).cast(BERLIN)),
            [Between("2020-03-29 02:30", None)],
            ["which never happens", "+01:00"],
        ),
    ],
)
def test_what_cannot_be_is_explained(own: Domain, where: list[Any], texts: list[str]) -> None:
    with pytest.raises(ConditionError, match="column 'x'") as caught:
        wanted(own, *where)
    for text in texts:
        assert text in str(caught.value)


@pytest.mark.parametrize(
    ("cells", "value", "held"),
    [
        (pa.array([2**64 - 1, 2**64 - 2, 0], pa.uint64()), Between(2**64 - 2, 2**64 - 2), [False, True, False]),
        (pa.array(np.array([0.1, 0.2, 0.3], np.float32)), Between("0.1", "0.2"), [True, True, False]),
        (pa.array(np.array([0.1, 0.2, 0.3], np.float16)), Between(None, "0.2"), [True, True, False]),
        (pa.array([Decimal("0.10"), Decimal("0.20"), Decimal("0.30")]), Between("0.2", None), [False, True, True]),
        (pa.array([dt.date(2020, 1, i) for i in (1, 2, 3)]), Between("2020-01-02", None), [False, True, True]),
        (pa.array([dt.timedelta(seconds=i) for i in (1, 2, 3)]), Between("2s", None), [False, True, True]),
        (pa.array([dt.time(i) for i in (1, 2, 3)]), Between("02:00", "02:00"), [False, True, False]),
        (
            pa.array([0, 3_600_000_000, 7_200_000_000]).cast(BERLIN),
            Between("1970-01-01 02:00", None),
            [False, True, True],
        ),
    ],
)
def test_ranges_of_every_type(cells: pa.Array, value: Any, held: list[bool]) -> None:
    found = wanted(domain(cells), value)
    assert found is not None
    assert found.holds(cells).tolist() == held


def test_of_a_column_that_is_written_from_others_the_type_is_known() -> None:
    spec = ColumnSpec(name="x", kind="datetime", dtype="date32[day]", nullable=False)
    own = Domain.of(spec, None)
    found = wanted(own, "x>=2020-01-01", "x < 2020-02-01")
    assert found is not None
    assert found.holds(pa.array([dt.date(2020, 1, 31), dt.date(2020, 2, 1)])).tolist() == [True, False]
    for where in ("x=5", "x is missing", "x>=b"):
        with pytest.raises(ConditionError, match="column 'x'"):
            wanted(own, where)


def test_a_long_list_of_unknown_values_is_cut_short() -> None:
    with pytest.raises(ConditionError, match="and 15 more values like these"):
        wanted(WORDS, [f"z{i}" for i in range(20)])
