"""Tables in the words that are learnt, and back."""

import copy
import datetime as dt
import json
import string
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tabgan.errors import InputError, SchemaError
from tabgan.table.constraints import Combinations, MissingTogether, OneHot, Order, Sum
from tabgan.table.recast import Recast, replaced
from tabgan.table.restating.base import Rows
from tabgan.table.schema import ColumnSpec, Schema

N = 300


def made(seed: int = 0, n: int = N) -> pa.Table:
    """Every kind of thing that is restated; "start [week]" is a column of its own."""
    random = np.random.default_rng(seed)
    choice = random.integers(0, 3, n)
    net, tax = random.integers(0, 900, n), random.integers(0, 90, n)
    start = [dt.datetime(2021, 1, 1) + dt.timedelta(hours=int(h)) for h in random.integers(0, 9_000, n)]
    end = [moment + dt.timedelta(hours=int(h)) for moment, h in zip(start, random.integers(0, 72, n), strict=True)]
    gone = random.random(n) < 0.3
    town = random.integers(0, 2, n)
    pairs = np.array(list(string.ascii_uppercase))[random.integers(0, 26, (n, 2))]
    digits = random.integers(1000, 9999, n)
    return pa.table(
        {
            "id": pa.array([f"N{i:05d}" for i in random.permutation(n)]),
            "a": pa.array((choice == 0).astype(np.int8)),
            "b": pa.array(choice == 1).cast(pa.int8()),
            "c": pa.array((choice == 2).astype(np.int8)),
            "net": pa.array(net),
            "total": pa.array(net + tax),
            "tax": pa.array(tax),
            "start": pa.array(start, pa.timestamp("ms", "Europe/Berlin")),
            "end": pa.array(end, pa.timestamp("ms", "Europe/Berlin")),
            "start [week]": pa.array(random.integers(0, 5, n)),
            "back": pa.array(random.integers(0, 40, n), mask=gone),
            "reason": pa.array(np.array(["big", "small"])[random.integers(0, 2, n)], mask=gone),
            "plate": pa.array([f"{a}{b}-{k}" for (a, b), k in zip(pairs, digits, strict=True)]),
            "e-mail": pa.array([f"user{i}@example.org" for i in range(n)]),
            "latitude": pa.array(np.round(np.array([48.1, 53.5])[town] + random.normal(0, 0.1, n), 4)),
            "longitude": pa.array(np.round(np.array([11.6, 10.0])[town] + random.normal(0, 0.1, n), 4)),
            "note": pa.array([f"Please bring {k % 9} boxes, {k % 89} of them blue." for k in digits]),
            "weight": pa.array(random.normal(size=n)),
        }
    )


RULES = (
    OneHot(("a", "b", "c")),
    Sum("total", ("net", "tax")),
    Order("start", "end"),
    MissingTogether(("back", "reason")),
)
KINDS: dict[str, dict[str, Any]] = {
    "id": {"kind": "key"},
    "plate": {"kind": "pattern"},
    "e-mail": {"kind": "personal", "fake": "email"},
    "note": {"kind": "text"},
    "start": {"kind": "datetime"},
    "end": {"kind": "datetime"},
    "reason": {"kind": "categorical"},
}


def schema_of(table: pa.Table) -> Schema:
    specs = []
    for field in table.schema:
        more = {"kind": "continuous"} | KINDS.get(field.name, {})
        nullable = bool(table[field.name].null_count)
        specs.append(ColumnSpec(name=field.name, dtype=str(field.type), nullable=nullable, **more))
    return Schema(tuple(specs), RULES)


TABLE = made()
SCHEMA = schema_of(TABLE)
RECAST, LEARNT = Recast.fit(SCHEMA, TABLE)
PLACE = ("latitude", "longitude")
REWRITTEN = ("id", "plate", "e-mail", "note")


def columns(table: pa.Table) -> dict[str, pa.Array]:
    return {name: table[name].combine_chunks() for name in table.column_names}


def test_every_restatement_is_used() -> None:
    kinds = {step.kind for step in RECAST.steps}
    assert kinds >= {"one_hot", "sum", "order", "key", "pattern", "calendar", "place"}
    sources = {name for step in RECAST.steps for name in step.sources}
    assert sources >= {"a", "b", "c", "total", "end", "start", "id", "plate", "e-mail", "note", "latitude", "back"}


def test_the_learnt_table_has_the_learnt_columns_and_is_what_restate_gives() -> None:
    assert LEARNT.column_names == [spec.name for spec in RECAST.learnt]
    assert [field.type for field in LEARNT.schema] == [spec.arrow_type for spec in RECAST.learnt]
    assert RECAST.restate(TABLE).equals(LEARNT)
    assert RECAST.learnt_schema.names == tuple(LEARNT.column_names)


def test_a_column_that_is_called_like_a_learnt_one_keeps_its_name() -> None:
    names = LEARNT.column_names
    assert "start [week]" in names
    assert "start [week]'" in names
    assert LEARNT["start [week]"].equals(TABLE["start [week]"])


def test_written_again_all_but_new_strings_is_the_same() -> None:
    back = RECAST.write(columns(LEARNT), Rows(0, 0, N))
    assert back.schema == SCHEMA.arrow_schema
    for name in TABLE.column_names:
        if name not in (*REWRITTEN, *PLACE):
            assert back[name].to_pylist() == TABLE[name].to_pylist(), name
    for name in PLACE:  # somewhere in the same small cell
        assert np.abs(back[name].to_numpy() - TABLE[name].to_numpy()).max() < 0.5
    for name in ("id", "plate", "e-mail"):
        assert back[name].null_count == 0
        assert back[name].type == TABLE[name].type
    assert not set(back["id"].to_pylist()) & set(TABLE["id"].to_pylist())


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**31), st.integers(1, 60))
def test_rules_hold_whatever_the_learnt_columns_hold(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    mixed = {name: cells.take(pa.array(random.integers(0, N, n))) for name, cells in columns(LEARNT).items()}
    table = RECAST.write(mixed, Rows(seed, 0, n))
    assert table.schema == SCHEMA.arrow_schema
    assert not any(rule.broken(table).any() for rule in RULES)
    again = RECAST.restate(table)
    assert (
        RECAST.restate(RECAST.write(columns(again), Rows(seed, 0, n)))
        .drop_columns(_unsteady(again))
        .equals(again.drop_columns(_unsteady(again)))
    )


def _unsteady(learnt: pa.Table) -> list[str]:
    """Learnt columns of strings that are made anew each time."""
    return [name for name in learnt.column_names if name.startswith(("note [",))]


@pytest.mark.parametrize("kept", [["end"], ["a", "note"], ["total"], ["longitude"], ["id", "weight"]])
def test_only_what_is_asked_for_is_written(kept: list[str]) -> None:
    whole = RECAST.write(columns(LEARNT), Rows(4, 0, N))
    some = RECAST.write(columns(LEARNT), Rows(4, 0, N), kept=kept)
    assert some.column_names == [name for name in TABLE.column_names if name in kept]
    assert some.equals(whole.select(some.column_names))


def test_the_steps_of_a_column_are_those_that_it_takes() -> None:
    steps = RECAST.steps_for({"end"})
    assert [step.sources for step in steps] == [("start", "end"), ("start",)]
    assert RECAST.steps_for({"weight"}) == ()
    assert RECAST.steps_for(TABLE.column_names) == RECAST.steps


def test_columns_that_are_done_are_not_written_again() -> None:
    done = {"note": pa.array(["mine"] * N)}
    assert set(RECAST.write(columns(LEARNT), Rows(0, 0, N), done=done)["note"].to_pylist()) == {"mine"}


def test_portions_give_the_same_rows_where_rows_go_by_their_numbers() -> None:
    whole = RECAST.write(columns(LEARNT), Rows(6, 0, N), kept=["id", "e-mail", "plate"])
    part = RECAST.write(columns(LEARNT.slice(100, 50)), Rows(6, 100, 50), kept=["id", "e-mail", "plate"])
    assert part.equals(whole.slice(100, 50).combine_chunks())


def test_extents_are_those_of_restated_columns_with_an_order() -> None:
    assert RECAST.extents["net"] == (min(TABLE["net"].to_pylist()), max(TABLE["net"].to_pylist()))
    assert RECAST.extents["back"] == (0, 39)
    assert not RECAST.extents.keys() & {"weight", "reason", "note", "id", "start [week]"}


def test_json_round_trip() -> None:
    data = json.loads(json.dumps(RECAST.to_json()))
    again = Recast.from_json(SCHEMA, data)
    assert again == RECAST
    assert again.learnt == RECAST.learnt
    assert again.restate(TABLE).equals(LEARNT)


def _damaged(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    data: Any = copy.deepcopy(json.loads(json.dumps(RECAST.to_json())))
    place = data
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return data


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"steps": [], "extents": None},
        _damaged(("steps",), {}),
        _damaged(("steps", 0), None),
        _damaged(("steps", 0), {"kind": "no such"}),
        _damaged(("steps", 0, "kind"), "sum"),
        _damaged(("steps", 1), {"kind": "sum"}),
        _damaged(("steps",), RECAST.to_json()["steps"][::-1]),
        _damaged(("steps",), RECAST.to_json()["steps"][:1] * 2),
        _damaged(("extents", "no such"), [0, 1]),
        _damaged(("extents", "net"), [0]),
        _damaged(("extents", "net"), []),
        _damaged(("extents", "net"), [0, float("nan")]),
        _damaged(("extents", "net"), [5, 1]),
        _damaged(("extents", "net"), "01"),
        _damaged(("extents", "net"), ["0", "1"]),
    ],
    ids=range(18),
)
def test_damaged_data_are_refused(data: Any) -> None:
    with pytest.raises(SchemaError):
        Recast.from_json(SCHEMA, data)


def test_rows_that_break_rules_are_all_named() -> None:
    table = TABLE.set_column(1, "a", pa.array(np.ones(N, np.int8)))
    table = table.set_column(table.column_names.index("total"), "total", pa.array([0] * N))
    with pytest.raises(SchemaError, match="2 problems") as caught:
        RECAST.restate(table)
    assert "'total'" in str(caught.value)


def test_a_table_that_is_learnt_as_it_is_has_no_steps() -> None:
    table = TABLE.select(["weight", "start [week]"])
    schema = Schema(tuple(SCHEMA[name] for name in table.column_names))
    recast, learnt = Recast.fit(schema, table)
    assert recast.steps == ()
    assert learnt.equals(table)
    assert recast.write(columns(table), Rows(0, 0, N)).equals(table.combine_chunks())


def test_columns_that_are_left_out_are_not_there_but_keep_their_names() -> None:
    table = TABLE.select(["start", "start [week]"])
    hidden = ColumnSpec(name="start [week]", kind="left_out", dtype="int64", nullable=False)
    recast, learnt = Recast.fit(Schema((SCHEMA["start"], hidden)), table.select(["start"]))
    assert "start [week]" not in learnt.column_names
    assert "start [week]'" in learnt.column_names
    assert recast.write(columns(learnt), Rows(0, 0, N)).equals(table.select(["start"]).combine_chunks())


def test_strings_that_cannot_be_restated_are_all_named() -> None:
    table = pa.table({"x": pa.array([1.5, 2.5, 3.25]), "y": pa.array([1.5, 2.5, 0.25])})
    schema = Schema(tuple(ColumnSpec(name=name, kind="key", dtype="double", nullable=False) for name in "xy"))
    with pytest.raises(SchemaError, match="2 problems"):
        Recast.fit(schema, table)


def test_combinations_of_columns_that_are_left_are_kept() -> None:
    table = TABLE.select(["reason", "start [week]", "weight"]).slice(0, 50)
    rule = Combinations(("start [week]", "weight"))
    recast, _ = Recast.fit(Schema(tuple(SCHEMA[name] for name in table.column_names), (rule,)), table)
    assert recast.learnt_schema.constraints == (rule,)


def test_keys_are_counted() -> None:
    RECAST.require_keys(1_000)
    with pytest.raises(InputError, match="expected at most"):
        RECAST.require_keys(RECAST.keys[0].capacity + 1)


def test_a_step_on_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(SchemaError, match="has no column"):
        replaced((SCHEMA["weight"],), RECAST.steps[0])
