"""Conditions as text, each read as the clause that it says."""

import pytest

from tabgan.errors import ConditionError
from tabgan.table.clause_text import read_clause
from tabgan.table.clauses import Bound, Clause

NAMES = ("age", "city", "a=b", "a", "born in", "x < y", "is", 'the "best"', "city is missing")


def at_least(column: str, value: str, included: bool = True) -> Clause:
    return Clause(column, low=Bound(value, included))


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("age=5", Clause("age", ("5",))),
        ("age = 5", Clause("age", ("5",))),
        (" age==5 ", Clause("age", ("5",))),
        ("age=", Clause("age", ("",))),
        ("city=New York", Clause("city", ("New York",))),
        ("city = a=b", Clause("city", ("a=b",))),
        ('city = " Ulm "', Clause("city", (" Ulm ",))),
        ('city="say ""hi"""', Clause("city", ('say "hi"',))),
        ('city=6" pipe', Clause("city", ('6" pipe',))),
        ("age != 5", Clause("age", ("5",), negated=True)),
        ("age<>5", Clause("age", ("5",), negated=True)),
        ("age>=4.5", at_least("age", "4.5")),
        ("age > 4", at_least("age", "4", False)),
        ("age<4", Clause("age", high=Bound("4", False))),
        ("age <= -4", Clause("age", high=Bound("-4"))),
        ("age between 3 and 7", Clause("age", low=Bound("3"), high=Bound("7"))),
        (
            "age BETWEEN 2020-01-01 00:00 AND 2021-01-01",
            Clause("age", low=Bound("2020-01-01 00:00"), high=Bound("2021-01-01")),
        ),
        ('city between "a and b" and c', Clause("city", low=Bound("a and b"), high=Bound("c"))),
        ("city in (Ulm,Jena)", Clause("city", ("Ulm", "Jena"))),
        ('city not in (Ulm, "B, C", "")', Clause("city", ("Ulm", "B, C", ""), negated=True)),
        ("city in (Ulm, )", Clause("city", ("Ulm", ""))),
        ("city in (New York (old), b)", Clause("city", ("New York (old)", "b"))),
        ("city is missing", Clause("city", (None,))),
        ("city IS NOT NULL", Clause("city", (None,), negated=True)),
        ("city is missing=x", Clause("city is missing", ("x",))),
        ("a=b=no", Clause("a=b", ("no",))),
        ("a=b", Clause("a", ("b",))),
        ("a=bc", Clause("a", ("bc",))),
        ("born in=Ulm", Clause("born in", ("Ulm",))),
        ("born in in (Ulm)", Clause("born in", ("Ulm",))),
        ("x < y >= 3", at_least("x < y", "3")),
        ('"x < y">=3', at_least("x < y", "3")),
        ("is is missing", Clause("is", (None,))),
        ('the "best"=1', Clause('the "best"', ("1",))),
        ('"the ""best"""=1', Clause('the "best"', ("1",))),
        ("town=Ulm", Clause("town", ("Ulm",))),
        ('"no < such" > 3', at_least("no < such", "3", False)),
        ("no such in (3)", Clause("no such", ("3",))),
    ],
)
def test_read(text: str, clause: Clause) -> None:
    assert read_clause(text, NAMES) == clause


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("city", "COLUMN=VALUE"),
        ("", "COLUMN=VALUE"),
        ("=5", "COLUMN=VALUE"),
        ("city is 5", "COLUMN=VALUE"),
        ("city in Ulm", "in brackets"),
        ("city in ()", "in brackets"),
        ('city in ("Ulm)', "commas between"),
        ('city in (a "b")', "commas between"),
        ("age between 3", "between LOW and HIGH"),
        ("age>=", "expected a value"),
        ('age > ""', "expected a value"),
    ],
)
def test_what_says_nothing_is_refused(text: str, says: str) -> None:
    with pytest.raises(ConditionError, match=says) as caught:
        read_clause(text, NAMES)
    assert repr(text) in str(caught.value)


def test_a_nameless_column_has_the_empty_name() -> None:
    assert read_clause("=5", ("", "a")) == Clause("", ("5",))
