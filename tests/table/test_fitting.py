"""Tables that do not fit, and casts that lose nothing."""

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from tabgan.table.columns import ColumnSpec, Kind
from tabgan.table.fitting import broken_constants, fit, too_few_rows, unusable_columns


def spec(dtype: str, *, kind: Kind = "categorical", nullable: bool = False, **rest: Any) -> ColumnSpec:
    return ColumnSpec(name="x", kind=kind, dtype=dtype, nullable=nullable, **rest)


@pytest.mark.parametrize(
    ("cells", "dtype", "expected"),
    [
        (pa.array([1, 2], pa.int8()), "int64", [1, 2]),
        (pa.array([1.0, 2.0]), "int64", [1, 2]),
        (pa.array([1.0, float("nan")]), "int64", [1, None]),
        (pa.array([1, 2]), "double", [1.0, 2.0]),
        (pa.array([0.1]), "float", [pytest.approx(0.1)]),
        (pa.array(["a"]).dictionary_encode(), "string", ["a"]),
        (pa.array(["1", None]), "int64", [1, None]),
        (pa.array([1, 2]), "string", ["1", "2"]),
        (pa.array(["2020-01-01 00:00:00"]), "timestamp[us]", [dt.datetime(2020, 1, 1)]),
        (pa.array([dt.date(2020, 1, 1)]), "timestamp[us]", [dt.datetime(2020, 1, 1)]),
        (pa.array([5]), "duration[s]", [dt.timedelta(seconds=5)]),
        (pa.array([None, None]), "string", [None, None]),
    ],
)
def test_cells_are_cast_where_nothing_is_lost(cells: pa.Array, dtype: str, expected: list[Any]) -> None:
    found = fit(pa.table({"x": cells}), [spec(dtype, nullable=True)])
    assert found.problems == []
    assert found.arrays["x"].to_pylist() == expected


@pytest.mark.parametrize(
    ("cells", "dtype", "message"),
    [
        (pa.array([1.5]), "int64", "column 'x' has the type double; expected int64"),
        (pa.array([300]), "int8", "expected int8"),
        (pa.array(["a"]), "int64", "column 'x' has the type string; expected int64"),
        (pa.array([5]), "date32[day]", "expected date32"),
        (pa.array([dt.date(2020, 1, 1)]), "int32", "expected int32"),
        (pa.array([[1]]), "int64", "take it apart into columns"),
        (pa.array([b"a"]), "string", "decode it to text"),
        (pa.array([1.0, None]), "double", "has 1 missing cell, but is not nullable"),
        (pa.array([1.0, float("nan"), None]), "double", "has 2 missing cells"),
        (pa.array([float("inf"), 1.0]), "double", "has 1 infinite value"),
        (pa.array([float("-inf")]).dictionary_encode(), "double", "has 1 infinite value"),
    ],
)
def test_cells_that_do_not_fit(cells: pa.Array, dtype: str, message: str) -> None:
    problems = fit(pa.table({"x": cells}), [spec(dtype)]).problems
    assert len(problems) == 1
    assert message in problems[0]


def test_declared_categories_hold_all_values() -> None:
    declared = spec("dictionary<values=string, indices=int8, ordered=0>", nullable=True, categories=("b", "a"))
    found = fit(pa.table({"x": ["a", None, "b"]}), [declared])
    assert found.problems == []
    assert found.arrays["x"].chunk(0).dictionary.to_pylist() == ["b", "a"]
    assert "none of its declared categories: 'z'" in fit(pa.table({"x": ["a", "z", "z"]}), [declared]).problems[0]


def test_missing_and_extra_columns() -> None:
    specs = [
        ColumnSpec(name="rating", kind="categorical", dtype="int64", nullable=False),
        ColumnSpec(name="comment", kind="left_out", dtype="string", nullable=False),
        ColumnSpec(name="age", kind="continuous", dtype="int64", nullable=False),
    ]
    problems = fit(pa.table({"Rating": [1], "age": [2], "extra": [3]}), specs).problems
    assert problems[0] == "column 'rating' is missing; is it now called 'Rating'?"
    assert problems[1].startswith("columns 'Rating', 'extra' are not in the schema")
    assert len(problems) == 2


def test_columns_that_no_schema_could_take() -> None:
    table = pa.table({"a": [[1]], "b": [b"x"], "c": [float("inf")], "d": [{"k": 1}], "e": [1]})
    problems = unusable_columns(table)
    assert [problem.split()[1] for problem in problems] == ["'a'", "'b'", "'c'", "'d'"]


def test_rows() -> None:
    assert too_few_rows(pa.table({"a": [1, 2]}), 2) == []
    assert too_few_rows(pa.table({"a": [1]}), 2) == ["expected at least 2 rows, got 1 row; add rows"]


@pytest.mark.parametrize(("cells", "broken"), [([1, 1], 0), ([None, None], 0), ([1, 2], 1), ([1, None], 1)])
def test_constants_are_constant(cells: list[int | None], broken: int) -> None:
    table = pa.table({"x": pa.array(cells, pa.int64())})
    assert len(broken_constants(table, [spec("int64", kind="constant")])) == broken
