"""What pandas itself writes is read, with the index and without it."""

import json

import pandas as pd
import pytest

from tabgan.errors import SchemaError
from tabgan.table.metadata import pandas_table


@pytest.fixture
def frame():
    return pd.DataFrame(
        {
            "a": [1, 2],
            "b": ["x", "y"],
            "c": pd.Categorical(["l", "h"], ["l", "h"], ordered=True),
            "d": pd.date_range("2020", periods=2, tz="UTC"),
            "e": pd.to_timedelta([1, 2], unit="s"),
            "h": pd.array([1, None], "Int64"),
        }
    )


def written(frame, **options):
    return json.loads(frame.to_json(orient="table", **options))


def test_the_whole_file_and_its_schema_alone_say_the_same(frame):
    document = written(frame)
    hints = {hint.name: hint for hint in pandas_table.hints_of(document)}
    assert pandas_table.hints_of(document["schema"]) == tuple(hints.values())
    assert list(hints) == ["index", *frame.columns]
    assert (hints["c"].kind, hints["c"].categories, hints["c"].ordered) == ("categorical", ("l", "h"), True)
    assert [hints[name].cells for name in "abdeh"] == ["integer", None, "time", None, "integer"]


def test_only_the_index_may_be_lacking(frame):
    assert [hint.name for hint in pandas_table.hints_of(written(frame)) if hint.optional] == ["index"]
    assert [hint.name for hint in pandas_table.hints_of(written(frame, index=False)) if hint.optional] == []


def test_recognised_by_its_own_word(frame):
    assert pandas_table.recognises(written(frame))
    assert pandas_table.recognises(written(frame)["schema"])
    assert not pandas_table.recognises({"fields": []})
    assert not pandas_table.recognises({"schema": "other.json"})


def test_broken_fields_are_one_error():
    with pytest.raises(SchemaError, match=r"(?s)pandas.*2 problems"):
        pandas_table.hints_of({"fields": [1, {"name": 2}], "pandas_version": "1.4.0"})
