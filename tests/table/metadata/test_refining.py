"""Hints overrule what the cells suggest; what contradicts the cells is one error, what is doubtful a warning."""

import warnings
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tabgan.errors import DataWarning, SchemaError
from tabgan.table.files import read_table
from tabgan.table.metadata.hints import ColumnHint
from tabgan.table.metadata.refining import refine
from tabgan.table.schema import Schema


def refined(array, **hint):
    table = pa.table({"a": array, "b": pa.array(np.arange(len(array)) % 2)})
    hints = [ColumnHint(name="a", **hint), ColumnHint(name="b")]
    return refine(Schema.infer(table).columns, hints, table)[0]


def problem(array, **hint):
    with pytest.raises(SchemaError) as caught:
        refined(array, **hint)
    return str(caught.value)


UNIQUE = [f"p{i}" for i in range(40)]
NAMES = [f"name {i % 37}" for i in range(40)]


@pytest.mark.filterwarnings("ignore::tabgan.errors.DataWarning")
@pytest.mark.parametrize(
    ("array", "hint", "kind"),
    [
        (pa.array([1, 2, 3, 4] * 10), {"kind": "continuous", "cells": "number"}, "continuous"),
        (pa.array(np.linspace(0, 1, 40)), {"kind": "categorical"}, "categorical"),
        (pa.array(np.linspace(0, 1, 300)), {"kind": "categorical"}, "high_cardinality"),
        (pa.array(UNIQUE), {"kind": "categorical"}, "categorical"),
        (pa.array(UNIQUE), {"key": True}, "key"),
        (pa.array(UNIQUE), {"kind": "personal", "fake": "user_name", "key": True}, "personal"),
        (pa.array(np.arange(40) * 3), {"key": True}, "key"),
        (pa.array(NAMES), {"key": True}, "pattern"),
        (pa.array(np.arange(40.0)), {"key": True}, "key"),
        (pa.array(np.arange(40) / 7), {"key": True}, "continuous"),
        (pa.array(np.arange(40) * 86400).cast(pa.timestamp("s")), {"key": True}, "datetime"),
        (pa.array(np.arange(40) * 3), {"kind": "personal", "fake": "ssn"}, "key"),
        (pa.array([7, 8, 9] * 14), {"kind": "personal", "fake": "ssn"}, "categorical"),
        (pa.array(["x", "y"] * 20), {"key": True}, "categorical"),
        (pa.array([7, 8] * 20), {"key": True}, "categorical"),
        (pa.array(["x", "y"] * 20), {}, "categorical"),
        (pa.array(["x"] * 40), {"kind": "personal", "fake": "name"}, "personal"),
        (pa.array([1] * 40), {"kind": "continuous"}, "constant"),
        (pa.nulls(40), {"kind": "datetime", "cells": "time"}, "constant"),
        (pa.array([Decimal("1.5"), Decimal("2.5")] * 20), {"kind": "continuous", "cells": "number"}, "continuous"),
        (pa.array([2**63, 2**64 - 1] * 20, pa.uint64()), {"kind": "continuous", "cells": "integer"}, "continuous"),
        (pa.array(np.array([1.5, np.nan] * 20, np.float16)), {"kind": "continuous", "cells": "number"}, "continuous"),
        (pa.array([1.0, None] * 20), {"cells": "integer"}, "categorical"),
        (pa.array(["x", "y"] * 20).dictionary_encode(), {"kind": "text"}, "text"),
    ],
    ids=lambda part: str(part)[:40].replace("\n", ""),
)
def test_kinds(array, hint, kind):
    assert refined(array, **hint).kind == kind


def test_a_written_kind_keeps_no_categories():
    spec = refined(pa.array(UNIQUE).dictionary_encode(), kind="personal", fake="name")
    assert (spec.categories, spec.fake, spec.kind, spec.dtype) == (None, "name", "personal", "string")
    table = read_table(pd.DataFrame({"a": pd.Categorical(UNIQUE)}))
    (spec,) = refine(Schema.infer(table).columns, [ColumnHint(name="a", key=True)], table)
    assert (spec.kind, spec.categories, spec.pandas_dtype, spec.dtype) == ("key", None, None, "large_string")


def test_personal_data_that_repeat_are_consistent():
    assert refined(pa.array(["ann", "bob"] * 20), kind="personal", fake="first_name").consistent
    assert not refined(pa.array(UNIQUE), kind="personal", fake="first_name").consistent


def test_what_was_found_to_be_personal_stays_so_where_the_document_says_nothing():
    table = pa.table({"a": UNIQUE})
    (spec,) = Schema.infer(table).columns
    found = replace(spec, kind="personal", fake="email", consistent=True, reason="text, 40 values: personal")
    (kept,) = refine([found], [ColumnHint(name="a", said="type string")], table)
    assert (kept.kind, kept.fake, kept.consistent) == ("personal", "email", True)
    (named,) = refine([found], [ColumnHint(name="a", kind="personal", fake="name")], table)
    assert (named.fake, named.consistent) == ("name", True)
    (other,) = refine([found], [ColumnHint(name="a", kind="categorical")], table)
    assert (other.kind, other.fake, other.consistent) == ("categorical", None, False)


def test_the_reason_says_what_the_document_says():
    spec = refined(pa.array([1, 2, 3, 4] * 10), kind="continuous", said="sdtype numerical")
    assert spec.reason == "integer, by its metadata, sdtype numerical: continuous"
    assert refined(pa.array([1, 2] * 20), said="type integer").reason == "integer, 2 values, type integer: categorical"


@pytest.mark.parametrize(
    ("array", "cells", "given"),
    [
        (pa.array(["1", "x"] * 20), "number", "text"),
        (pa.array([True, False] * 20), "number", "boolean"),
        (pa.array([1.5, 2.0] * 20), "integer", "number"),
        (pa.array([1, 0] * 20), "boolean", "integer"),
        (pa.array([1, 0] * 20), "time", "integer"),
        (pa.array([1, 0] * 20), "text", "integer"),
        (pa.array([1, 0] * 20), "duration", "integer"),
        (pa.array([1, 0] * 20), "time of day", "integer"),
        (pa.array([1, 0] * 20).cast(pa.timestamp("s")), "number", "timestamp"),
    ],
)
def test_cells_of_another_type_are_refused(array, cells, given):
    text = problem(array, cells=cells, said="type such")
    assert "column 'a': expected" in text
    assert f"(type such), got {given}; " in text


def test_times_in_a_format_of_their_own_are_refused_with_the_remedy():
    text = problem(pa.array(["27 Dec 2020", "28 Dec 2020"] * 20), cells="time", time_format="%d %b %Y")
    assert "write them as 2024-01-31" in text
    assert "%d %b %Y" in text


def test_broken_promises_are_counted():
    assert "got 2 repeats" in problem(pa.array([*UNIQUE[:38], "p0", "p1"]), unique=True, said="primary key")
    assert "got 1 repeat" in problem(pa.array([*UNIQUE[:39], "p0"]), unique=True)
    assert "expected no missing cells (type x), got 3;" in problem(
        pa.array([*UNIQUE[:37], None, None, None]), required=True, said="type x"
    )
    assert "got 40; fill" in problem(pa.nulls(40), required=True)


def test_values_that_are_not_listed_are_named():
    text = problem(pa.array(["x", "y", "z", "w"] * 10), categories=("x", "y"))
    assert "got 'z', 'w'; add them" in text
    many = problem(pa.array(UNIQUE), categories=("x",))
    assert "'p4' and 35 more" in many


@pytest.mark.parametrize(
    ("array", "listed"),
    [
        (pa.array([1, 2] * 20), (1, 2)),
        (pa.array([1, 2] * 20), ("1", "2")),
        (pa.array([1.0, 2.0] * 20), (1, 2)),
        (pa.array([True, False] * 20), (True, False)),
        (pa.array(["x", None] * 20), ("x", None)),
        (pa.array([0, 86400] * 20).cast(pa.timestamp("s")).cast(pa.date32()), ("1970-01-01", "1970-01-02")),
    ],
    ids=str,
)
def test_listed_values_are_recognised_however_they_are_written(array, listed):
    assert refined(array, categories=listed).name == "a"


def test_keys_of_several_columns():
    table = pa.table({"a": ["x", "x", "y", "y"], "b": [1, 2, 1, 1]})
    hints = [ColumnHint(name="a", unique_with=("b",)), ColumnHint(name="b", unique_with=("a",))]
    with pytest.raises(
        SchemaError, match="columns 'a', 'b': expected different cells together in every row, got 1 rep"
    ):
        refine(Schema.infer(table).columns, hints, table)
    assert len(refine(Schema.infer(table[:3]).columns, hints, table[:3])) == 2


def test_columns_of_only_one_side_are_all_named_in_one_error():
    table = pa.table({"price": [1.0, 2.0], "extra": [1, 2], "more": [1, 2]})
    hints = [ColumnHint(name="Price"), ColumnHint(name="gone"), ColumnHint(name="index", optional=True)]
    with pytest.raises(SchemaError) as caught:
        refine(Schema.infer(table).columns, hints, table)
    text = str(caught.value)
    assert "3 problems" in text
    assert "'Price' is in the metadata but not in the table; is it now called 'price'?" in text
    assert "'gone' is in the metadata but not in the table; take it out" in text
    assert "columns 'price', 'extra', 'more' are not in the metadata; describe them there, or drop them" in text
    assert "index" not in text


@pytest.mark.parametrize(
    ("array", "hint", "says"),
    [
        (pa.array([1, 2] * 20), {"remark": "look at it"}, "look at it"),
        (pa.array([1, 2] * 20), {"kind": "personal", "fake": "ssn", "said": "sdtype ssn"}, "personal data"),
        (pa.array(["x", "NA", None, "-"] * 10), {"missing_values": ("NA", "-")}, "20 cells of what the metadata"),
    ],
)
def test_doubts_are_warnings(array, hint, says):
    with pytest.warns(DataWarning, match=f"column 'a': .*{says}"):
        refined(array, **hint)


def test_no_warning_without_a_doubt():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        refined(pa.array(["x", "y"] * 20), missing_values=("NA",), said="type string")
