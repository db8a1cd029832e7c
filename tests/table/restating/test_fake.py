"""Personal data written again: fakes, never real values; consistent where that was asked for."""

import json
import re
import sys
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import InputError, SchemaError
from tabgan.table import fakes
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders.base import CellsError
from tabgan.table.restating.base import Rows
from tabgan.table.restating.fake import Fake
from tabgan.table.wanted import Wanted

RNG = np.random.default_rng(3)
AGENTS = ["Xaverius Quill", "Yolanda Zephyr", "Quentin Vexley", "Ulla Wyx", "Zeno Quax"]
WHO = RNG.choice(5, 500, p=[0.5, 0.2, 0.15, 0.1, 0.05])
COLUMNS: dict[str, pa.Array] = {
    "agents": pa.array([AGENTS[i] for i in WHO]),
    "agents with gaps": pa.array([None if i % 3 == 0 else AGENTS[who] for i, who in enumerate(WHO)]),
    "large text": pa.array([AGENTS[i] for i in WHO], pa.large_string()),
    "dictionary": pa.array([AGENTS[i] for i in WHO]).dictionary_encode(),
    "emails": pa.array([f"realperson{i}@qz-mail.test" for i in range(500)]),
    "all missing": pa.nulls(500, pa.string()),
}


def free(name: str, part: str) -> str:
    return f"{name} [{part}]"


def fit(cells: pa.Array, fake: str | None = "name", *, consistent: bool = False, locale: str | None = None) -> Fake:
    spec = ColumnSpec(
        name="agent",
        kind="personal",
        dtype=str(cells.type),
        nullable=bool(cells.null_count),
        fake=fake,
        locale=locale,
        consistent=consistent,
    )
    return Fake.fit(spec, cells, free)


@pytest.mark.parametrize("consistent", [False, True])
@pytest.mark.parametrize("name", COLUMNS)
def test_contract(name: str, consistent: bool) -> None:
    cells = COLUMNS[name]
    made = fit(cells, consistent=consistent)
    columns = made.restate([cells])
    assert [column.type for column in columns] == [spec.arrow_type for spec in made.learnt]
    (written,) = made.write(columns, Rows(1, 0, 500))
    assert written.type == cells.type
    assert written.is_null().equals(cells.is_null())
    assert made.write(columns, Rows(1, 0, 500)) == [written]
    parts = [
        made.write([column.slice(start, n) for column in columns], Rows(1, start, n))[0]
        for start, n in ((0, 123), (123, 377))
    ]
    assert pa.concat_arrays([part.cast(pa.string()) for part in parts]).equals(written.cast(pa.string()))
    again = Fake.from_json(json.loads(json.dumps(made.to_json())))
    assert again == made
    assert again.restate([cells]) == columns


@pytest.mark.parametrize("consistent", [False, True])
@pytest.mark.parametrize("name", ["agents", "emails"])
def test_no_real_value_is_kept_or_written(name: str, consistent: bool) -> None:
    cells = COLUMNS[name]
    made = fit(cells, consistent=consistent)
    document = json.dumps(made.to_json()) + repr(made.restate([cells])) + repr(made.learnt)
    (written,) = made.write(made.restate([cells]), Rows(0, 0, 500))
    for value in cells.unique().to_pylist():
        assert value not in document
        assert all(part not in document for part in re.split("[ @]", value))
    assert not set(cells.to_pylist()) & set(written.to_pylist())


def test_consistent_fakes_keep_who_occurs_with_what() -> None:
    made = fit(COLUMNS["agents"], consistent=True)
    columns = made.restate([COLUMNS["agents"]])
    (written,) = made.write(columns, Rows(0, 0, 500))
    pairs = set(zip(COLUMNS["agents"].to_pylist(), written.to_pylist(), strict=True))
    assert len(pairs) == 5
    assert len({fake for _, fake in pairs}) == 5
    assert made.write(columns, Rows(99, 1_000, 500)) == [written]


def test_codes_of_many() -> None:
    cells = pa.array([f"person {i}" for i in range(5_000)])
    made = fit(cells, "email", consistent=True)
    (spec,) = made.learnt
    assert spec.kind == "high_cardinality"
    (codes,) = made.restate([cells])
    assert len(codes.unique()) > 0.9 * len(cells)
    (written,) = made.write([codes], Rows(0, 0, 5_000))
    assert len(written.unique()) == len(codes.unique())


def test_where_faker_runs_out_fakes_are_shared() -> None:
    cells = pa.array([f"person {i}" for i in range(60)])
    made = fit(cells, "country_code", consistent=True)
    (written,) = made.write(made.restate([cells]), Rows(0, 0, 60))
    assert len(written.unique()) == 60
    many = pa.array([f"person {i}" for i in range(2_000)])
    made = fit(many, "prefix", consistent=True)
    assert len(made.write(made.restate([many]), Rows(0, 0, 2_000))[0].unique()) < 20


def test_fresh_fakes_differ_by_row_and_seed() -> None:
    made = fit(COLUMNS["emails"], "email")
    assert made.learnt == ()
    (one,) = made.write([], Rows(1, 0, 300))
    (two,) = made.write([], Rows(2, 0, 300))
    assert len(one.unique()) > 290
    assert len(set(one.to_pylist()) & set(two.to_pylist())) < 10
    assert all(re.fullmatch(r"[^@\s]+@[^@\s]+\.\w+", email) for email in one.to_pylist())


def test_locales() -> None:
    german = fit(COLUMNS["agents"], "iban", locale="de_DE")
    (written,) = german.write([], Rows(0, 0, 20))
    assert all(iban.startswith("DE") for iban in written.to_pylist())


def test_wants_are_about_fakes() -> None:
    made = fit(COLUMNS["agents with gaps"], consistent=True)
    columns = made.restate([COLUMNS["agents with gaps"]])
    (written,) = made.write(columns, Rows(0, 0, 500))
    code, fake = columns[0][1].as_py(), written[1].as_py()
    yes = np.array([True])
    wanted = Wanted(cells=pa.array(["nobody", fake]), allowed=np.array([[True, False], [True, True]]), missing=~yes)
    found = made.narrow({"agent": wanted}, {})["agent [who]"]
    assert found.cells is not None
    assert found.allowed is not None
    assert found.cells.to_pylist() == [code]
    assert found.allowed.tolist() == [[False], [True]]
    assert found.missing is not None
    assert found.missing.tolist() == [False]
    assert made.narrow({}, {}) == {}
    there = fit(COLUMNS["agents with gaps"]).narrow({"agent": Wanted(present=~yes)}, {})["agent [there]"]
    assert there.allowed is not None
    assert there.allowed.tolist() == [[False, True]]


@pytest.mark.parametrize(
    ("fake", "locale", "expected"),
    [
        ("emial", None, "'emial'; did you mean email"),
        ("name", "de_XX", "got 'de_XX'; did you mean "),
        (None, None, "as 'fake', got none"),
        ("seed_instance", None, "got 'seed_instance'"),
        ("binary", None, "makes a text without further settings, got 'binary'"),
        ("enum", None, "makes a text without further settings, got 'enum'"),
    ],
)
def test_unknown_fakes_and_locales(fake: str | None, locale: str | None, expected: str) -> None:
    with pytest.raises(SchemaError, match=re.escape(expected)):
        fit(COLUMNS["agents"], fake, locale=locale)


def test_without_faker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faker", None)
    with pytest.raises(InputError, match="run pip install faker"):
        fakes.faker(None)
    assert "pip install faker" in fakes.problems.__wrapped__("name", None)[0]


@pytest.mark.parametrize("cells", [pa.array([1, 2]), pa.array([0.5])])
def test_numbers_are_refused(cells: Any) -> None:
    with pytest.raises(SchemaError, match="column 'agent' cannot be replaced by fakes: expected texts"):
        fit(cells)


def test_missing_cells_where_none_were() -> None:
    for consistent in (False, True):
        with pytest.raises(CellsError, match="expected no missing cells, as at fitting, got 1"):
            fit(COLUMNS["agents"], consistent=consistent).restate([pa.array([None, "A"])])
