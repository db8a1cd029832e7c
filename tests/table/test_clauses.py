"""What users write in Python, as clauses."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import tabgan
from tabgan.errors import ConditionError
from tabgan.table.clauses import Between, Bound, Clause, Not, clauses_of


@pytest.mark.parametrize(
    ("value", "clause"),
    [
        (5, Clause("x", (5,))),
        ("a, b", Clause("x", ("a, b",))),
        (None, Clause("x", (None,))),
        ([1, None], Clause("x", (1, None))),
        ((1, 2), Clause("x", (1, 2))),
        (frozenset(["a"]), Clause("x", ("a",))),
        (np.array([1, 2]), Clause("x", (1, 2))),
        (pd.Index(["a"]), Clause("x", ("a",))),
        (pd.Series(["a"]), Clause("x", ("a",))),
        (pa.array([1, None]), Clause("x", (1, None))),
        (range(2), Clause("x", (0, 1))),
        (Not(5), Clause("x", (5,), negated=True)),
        (Not(["a", None]), Clause("x", ("a", None), negated=True)),
        (Between(3, 7), Clause("x", low=Bound(3), high=Bound(7))),
        (Between(high=7), Clause("x", high=Bound(7))),
    ],
)
def test_a_mapping(value: object, clause: Clause) -> None:
    assert clauses_of({"x": value}, ["x"]) == [clause]


def test_texts() -> None:
    expected = [Clause("x", low=Bound("3")), Clause("x", high=Bound("7", False))]
    assert clauses_of(["x>=3", "x<7"], ["x"]) == expected
    assert clauses_of(("x>=3",), ["x"]) == expected[:1]
    assert clauses_of("x>=3", ["x"]) == expected[:1]
    assert clauses_of([], ["x"]) == clauses_of({}, ["x"]) == []


@pytest.mark.parametrize("where", [5, [5], {"x"}, None, [("x", 5)], pa.table({"x": [1]})])
def test_what_is_no_condition_is_refused(where: object) -> None:
    with pytest.raises(ConditionError, match="where must map columns to values"):
        clauses_of(where, ["x"])


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([], "at least one value, got an empty list"),
        ([[1]], "single values in a list"),
        ([Between(1, 2)], "single values"),
        ({"a": 1}, "got dict"),
        (pd.DataFrame({"a": [1]}), "got DataFrame"),
        (np.ones((2, 2)), "got ndarray"),
        (Between(), "got neither"),
        (Not(Between(1, 2)), "got Between"),
        (Not([]), "an empty list"),
    ],
)
def test_values_that_say_nothing_are_refused(value: object, says: str) -> None:
    with pytest.raises(ConditionError, match=f"column 'x': .*{says}"):
        clauses_of({"x": value}, ["x"])


def test_all_problems_are_listed() -> None:
    with pytest.raises(ConditionError, match="2 problems") as caught:
        clauses_of({"x": [], "y": 1, "z": Between()}, ["x"])
    assert "'x'" in str(caught.value)
    assert "'z'" in str(caught.value)
    with pytest.raises(ConditionError, match="2 problems"):
        clauses_of(["x", "x>"], ["x"])


@pytest.mark.parametrize(
    ("clause", "said"),
    [
        (Clause("x", ("a",)), "= 'a'"),
        (Clause("x", (None,)), "= missing"),
        (Clause("x", (1, 2), negated=True), "not in (1, 2)"),
        (Clause("x", tuple(range(9))), "in (0, 1, 2, 3, 4, ...)"),
        (Clause("x", low=Bound(3), high=Bound("7", False)), ">= 3 and < 7"),
    ],
)
def test_said(clause: Clause, said: str) -> None:
    assert clause.said == said


def test_public_names() -> None:
    assert tabgan.Between is Between
    assert tabgan.Not is Not
