"""Constraints: which rows break them, what they say, and whether they can be meant."""

import datetime as dt
import json
from decimal import Decimal

import pyarrow as pa
import pytest

from tabgan.errors import SchemaError
from tabgan.table.columns import ColumnSpec
from tabgan.table.constraints import (
    Combinations,
    Constraint,
    MissingTogether,
    OneHot,
    Order,
    Predicate,
    Range,
    Sum,
    Unique,
    check_constraints,
    constraint_from_json,
    contradictions,
    rows_that_hold,
)

DAY = dt.date(2020, 1, 1)
TABLE = pa.table(
    {
        "a": [1, 2, None, 4],
        "b": [1, 5, 3, 4],
        "money": pa.array([Decimal("2.00"), Decimal("7.01"), Decimal("1"), Decimal("8")], pa.decimal128(6, 2)),
        "share": [0.1, 0.2, float("nan"), 0.30000000000000004],
        "third": [1 / 3, 2 / 3, 1.0, 0.5],
        "yes": [True, False, True, None],
        "no": [0, 0, 1, None],
        "day": [DAY, DAY + dt.timedelta(1), None, DAY],
        "noon": pa.array([dt.datetime(2020, 1, 1, 12), dt.datetime(2020, 1, 2), None, dt.datetime(2019, 1, 1)]),
        "here": pa.array([dt.datetime(2020, 1, 1)] * 4, pa.timestamp("s", "UTC")),
        "text": ["x", "y", None, "x"],
        "huge": pa.array([2**64 - 1, 2**63, 0, 1], pa.uint64()),
        "code": pa.array([1, 0, 1, 0]).dictionary_encode(),
    }
)
SPECS = (
    *(ColumnSpec(name=field.name, kind="categorical", dtype=str(field.type), nullable=True) for field in TABLE.schema),
    ColumnSpec(name="id", kind="key", dtype="int64", nullable=False),
)

BROKEN: list[tuple[Constraint, list[bool]]] = [
    (OneHot(("yes", "no")), [False, True, True, False]),
    (Sum("money", ("a", "b")), [False, True, False, False]),
    (Sum("b", ("money", "a"), (1, -1)), [False, True, False, False]),
    (Sum("a", ("b",)), [False, True, False, False]),
    (Sum("third", ("share", "third"), (1, 1)), [True, True, False, True]),
    (Sum("huge", ("b", "huge")), [True, True, True, True]),
    (Order("a", "b"), [False, False, False, False]),
    (Order("a", "b", strict=True), [True, False, False, True]),
    (Order("b", "a"), [False, True, False, False]),
    (Order("day", "noon"), [False, False, False, True]),
    (Order("day", "noon", strict=True), [False, True, False, True]),
    (Order("share", "third"), [False, False, False, False]),
    (Order("huge", "b"), [True, True, False, False]),
    (MissingTogether(("a", "day", "share")), [False, False, False, False]),
    (MissingTogether(("a", "yes")), [False, False, True, True]),
    (Combinations(("text", "a"), determines=True), [False] * 4),
    (Range("a", 2), [True, False, False, False]),
    (Range("money", "2.01", "7.5"), [True, False, True, True]),
    (Range("day", None, "2020-01-01"), [False, True, False, False]),
    (Range("huge", 2**63 + 1), [False, True, True, True]),
    (Unique(("text",)), [False, False, False, True]),
    (Unique(("text", "a")), [False, False, False, False]),
    (Predicate("a is not b", lambda rows: rows["a"] != rows["b"]), [True, False, True, True]),
]


@pytest.mark.parametrize(("rule", "broken"), BROKEN, ids=lambda value: str(value)[:60])
def test_rows_that_break_it(rule: Constraint, broken: list[bool]) -> None:
    assert rule.broken(TABLE).tolist() == broken
    assert rule.broken(TABLE.slice(0, 0)).tolist() == []
    assert rows_that_hold(TABLE, [rule, rule]).tolist() == [not each for each in broken]
    if isinstance(rule, Sum) and rule.total in rule.parts:
        return
    assert contradictions([rule], SPECS) == []


@pytest.mark.parametrize("rule", [rule for rule, _ in BROKEN if not isinstance(rule, Predicate)], ids=str)
def test_json(rule: Constraint) -> None:
    assert constraint_from_json(json.loads(json.dumps(rule.to_json()))) == rule


def test_broken_constraints_are_counted_in_one_error() -> None:
    check_constraints(TABLE, [Order("a", "b"), Range("b", 0)])
    with pytest.raises(SchemaError) as caught:
        check_constraints(TABLE, [Order("a", "b"), Unique(("text",)), Sum("third", ("share",))])
    message = str(caught.value)
    assert "The table breaks constraints, 2 problems" in message
    assert "1 row breaks 'no two rows have the same text' (counted from 0: 3)" in message
    assert "3 of 4 rows break 'third = share' (counted from 0: 0, 1, 3)" in message
    assert "drop a constraint from schema.constraints, or keep the rows for which rows_that_hold is true" in message
    kept = TABLE.filter(pa.array(rows_that_hold(TABLE, [Unique(("text",))])))
    check_constraints(kept, [Unique(("text",))])


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (OneHot(tuple("abcdef")), "exactly one of a, b, c, d and 2 more is 1"),
        (Sum("t", ("a", "b", "c"), (1, -1, 1)), "t = a - b + c"),
        (Sum("t", ("a",), (-1,)), "t = -a"),
        (Order("a", "b"), "a <= b"),
        (Order("a", "b", strict=True), "a < b"),
        (MissingTogether(("a", "b")), "a, b are missing in the same rows"),
        (Combinations(("a", "b", "c"), determines=True), "a determines b, c"),
        (Combinations(("a", "b")), "only combinations of a, b that occur"),
        (Range("a", 0, 9), "0 <= a <= 9"),
        (Range("a", high=9), "a <= 9"),
        (Unique(("a", "b")), "no two rows have the same a, b"),
        (Predicate("odd"), "odd (a function in Python), which is lacking: set it again"),
    ],
)
def test_in_words(rule: Constraint, words: str) -> None:
    assert rule.describe() == words


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ([Order("a", "thirt")], "there is no column 'thirt'; is 'third' meant?"),
        ([Order("a", "a")], "column 'a' is named 2 times"),
        ([Order("a", "text")], "column 'text': expected numbers or times, got text"),
        ([Order("a", "code")], "column 'code': expected numbers or times, got category of integer"),
        (
            [Order("a", "day")],
            "expected columns that can be compared, but 'a' holds numbers, 'day' holds days and times",
        ),
        ([Order("noon", "here")], "'here' holds points in time with a zone"),
        ([Order("a", "id")], "column 'id': expected a kind that is learnt, got key"),
        ([Order("a", "b", strict=True), Order("b", "a")], "the orders a <= b <= a lead back to where they began"),
        ([Order("a", "b"), Order("b", "no"), Order("no", "a")], "the orders a <= b <= no <= a lead back"),
        ([Order("a", "b"), Range("a", 5), Range("b", None, 3)], "leave nothing where a <= b"),
        ([Range("a", 5), Range("a", 0, 3)], "the ranges '5 <= a' and '0 <= a <= 3' leave nothing; widen one"),
        ([Range("a", 3, 1)], "the range 3 <= a <= 1 is empty; swap its bounds"),
        ([Range("a", "soon")], "column 'a': expected integer (int64), got 'soon'"),
        ([Range("text", 1)], "column 'text': expected numbers or times, got text"),
        ([OneHot(("a", "b")), OneHot(("b", "no"))], "column 'b' is in two one-hot groups"),
        ([OneHot(("a",))], "expected at least 2 columns, got 1"),
        ([OneHot(("a", "text"))], "column 'text': expected 0 and 1 as numbers or booleans, got text"),
        ([Sum("a", ("a", "b"))], "the sum a = a + b contains itself"),
        ([Sum("a", ("b",), (2,))], "expected 1 or -1 as the sign of each of 1 parts, got (2,)"),
        ([Sum("a", ("b", "no"), (1,))], "as the sign of each of 2 parts"),
        ([Sum("a", ("noon", "b"))], "expected numbers or durations, got timestamp"),
        ([MissingTogether(("a", "b")), MissingTogether(("no", "b"))], "column 'b' is in two groups that are missing"),
        ([Unique(())], "expected at least 1 columns, got 0"),
        ([Order("a", "b"), Order("a", "b")], "constraint 'a <= b' is there twice"),
        ([Combinations(("a", "elsewhere"))], "there is no column 'elsewhere'"),
    ],
)
def test_contradictions(rules: list[Constraint], message: str) -> None:
    (found,) = contradictions(rules, SPECS)
    assert message in found


def test_what_does_not_contradict_itself() -> None:
    rules = [
        Order("a", "b"), Order("a", "no"), Order("b", "third"), Order("no", "third"), Sum("day", ("noon",)),
        Range("a", 0, 3), Range("b", 2), Unique(("id",)), Predicate("anything"), OneHot(("yes", "no")),
    ]  # fmt: skip
    assert contradictions(rules, SPECS) == []


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"kind": "equal"},
        {"kind": ["order"]},
        {"kind": "order", "low": "a"},
        {"kind": "order", "low": "a", "high": "b", "strict": "yes"},
        {"kind": "sum", "total": "a", "parts": "b"},
        {"kind": "sum", "total": "a", "parts": ["b"], "signs": [True]},
        {"kind": "range", "column": "a", "low": [1]},
        {"kind": "range", "column": "a", "low": True},
        {"kind": "one_hot", "columns": ["a", 1]},
        {"kind": "predicate"},
    ],
)
def test_json_that_is_no_constraint(data: object) -> None:
    with pytest.raises(SchemaError, match="expected"):
        constraint_from_json(data)


def test_signs_may_be_left_out() -> None:
    found = constraint_from_json({"kind": "sum", "total": "t", "parts": ["a", "b"]})
    assert found == Sum("t", ("a", "b"), (1, 1))


def test_a_file_keeps_the_name_of_a_predicate() -> None:
    rule = Predicate("odd", lambda rows: rows["a"] % 2 == 1)
    document = rule.to_json()
    assert document == {"kind": "predicate", "name": "odd", "python_only": True}
    read = constraint_from_json(document)
    assert read == Predicate("odd")
    with pytest.raises(SchemaError, match=r"expected a function, got its name alone.*predicates=\{'odd': function\}"):
        read.broken(TABLE)


def test_predicates_that_fail() -> None:
    with pytest.raises(SchemaError, match="the predicate 'lost' failed: KeyError"):
        Predicate("lost", lambda rows: rows["nowhere"]).broken(TABLE)
    with pytest.raises(SchemaError, match="True or False for each of 4 rows"):
        Predicate("short", lambda rows: [True]).broken(TABLE)
    assert Predicate("missing", lambda rows: rows["yes"]).broken(TABLE).tolist() == [False, True, False, True]


def test_a_sum_without_parts_is_refused() -> None:
    (problem,) = contradictions(
        [Sum("a", ())], [ColumnSpec(name="a", kind="continuous", dtype="int64", nullable=False)]
    )
    assert "expected at least 1 columns, got 0" in problem


def test_a_range_without_numbers_as_bounds_is_refused() -> None:
    with pytest.raises(SchemaError, match="expected numbers, text or null"):
        Range.from_json({"column": "a", "low": float("nan")})
    rule = Range("a", high=float("nan"))
    (problem,) = contradictions([rule], [ColumnSpec(name="a", kind="continuous", dtype="double", nullable=False)])
    assert "expected numbers as bounds, got None and nan" in problem
