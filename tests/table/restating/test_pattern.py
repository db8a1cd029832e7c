"""Structured texts written again: of their templates, with the beginning that goes with other columns, never copied."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tabgan.errors import SchemaError
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders.base import CellsError
from tabgan.table.restating.base import Rows
from tabgan.table.restating.pattern import Pattern
from tabgan.table.wanted import Wanted

RNG = np.random.default_rng(2)
N = 3_000
AREAS = {"212": "NY", "917": "NY", "415": "CA", "310": "CA", "512": "TX"}
AREA = RNG.choice(list(AREAS), N)
STATES = np.array([AREAS[area] for area in AREA])
PHONES = [
    f"({area}) {exchange}-{line:04}"
    for area, exchange, line in zip(AREA, RNG.integers(200, 999, N), RNG.integers(0, 10_000, N), strict=True)
]
LETTERS = list("ABCDEFGHJK")
POSTCODES = [
    f"{''.join(RNG.choice(LETTERS, 2))}{RNG.integers(1, 20)} {RNG.integers(10)}{''.join(RNG.choice(LETTERS, 2))}"
    for _ in range(N)
]
COLUMNS: dict[str, pa.Array] = {
    "phones": pa.array(PHONES),
    "phones with gaps": pa.array([None if i % 5 == 0 else phone for i, phone in enumerate(PHONES)]),
    "postcodes": pa.array(POSTCODES, pa.large_string()),
    "repeated": pa.array([PHONES[i] for i in RNG.integers(0, 1_000, N)]),
    "many shapes": pa.array(["x" * (i % 60 + 1) + str(i) for i in range(N)]),
    "unicode": pa.array([f"東{chr(0x4E00 + i % 50)}-{i:04}\x00" for i in range(N)]),
    "three": pa.array(["A-1", "B-22", None]),
    "one and empty": pa.array(["", "Q7"]),
    "dictionary": pa.array(PHONES).dictionary_encode(),
}


def free(name: str, part: str) -> str:
    return f"{name} [{part}]"


def fit(cells: pa.Array) -> Pattern:
    spec = ColumnSpec(name="code", kind="pattern", dtype=str(cells.type), nullable=bool(cells.null_count))
    return Pattern.fit(spec, cells, free)


@pytest.mark.parametrize("name", COLUMNS)
def test_contract(name: str) -> None:
    cells = COLUMNS[name]
    pattern = fit(cells)
    columns = pattern.restate([cells])
    assert [column.type for column in columns] == [spec.arrow_type for spec in pattern.learnt]
    rows = Rows(4, 0, len(cells))
    (written,) = pattern.write(columns, rows)
    assert written.type == cells.type
    assert written.is_null().equals(cells.is_null())
    assert pattern.write(columns, rows) == [written]
    assert Pattern.from_json(json.loads(json.dumps(pattern.to_json()))) == pattern
    half = len(cells) // 2
    parts = [
        pattern.write([column.slice(start, n) for column in columns], Rows(4, start, n))[0]
        for start, n in ((0, half), (half, len(cells) - half))
    ]
    assert pa.concat_arrays([part.cast(pa.string()) for part in parts]).equals(written.cast(pa.string()))


@pytest.mark.parametrize("name", ["phones", "phones with gaps", "postcodes", "repeated", "unicode"])
def test_what_is_written_is_restated_as_it_was(name: str) -> None:
    pattern = fit(COLUMNS[name])
    columns = pattern.restate([COLUMNS[name]])
    again = pattern.restate(pattern.write(columns, Rows(0, 0, N)))
    for column, restated in zip(columns, again, strict=True):
        same = pc.fill_null(pc.equal(column, restated), False).to_numpy(zero_copy_only=False)
        both_missing = pc.and_(column.is_null(), restated.is_null()).to_numpy(zero_copy_only=False)
        assert np.mean(same | both_missing) > 0.999


def test_phones_look_like_phones_and_the_area_goes_with_the_state() -> None:
    pattern = fit(COLUMNS["phones"])
    assert [spec.name for spec in pattern.learnt] == ["code [start]"]
    assert {start[1:4] for start in pattern.starts} == set(AREAS)
    (written,) = pattern.write(pattern.restate([COLUMNS["phones"]]), Rows(0, 0, N))
    assert pc.all(pc.match_substring_regex(written, r"^\([0-9]{3}\) [0-9]{3}-[0-9]{4}$")).as_py()
    found = [AREAS[phone[1:4]] for phone in written.to_pylist()]
    assert np.array_equal(found, STATES)
    assert len(written.unique()) > 0.9 * N


def test_rare_real_texts_are_not_made_again() -> None:
    texts = pa.array([f"Z{i:03}" for i in RNG.permutation(1_000)[:300]])
    pattern = fit(texts)
    (written,) = pattern.write(
        pattern.restate([pc.take(texts, pa.array(RNG.integers(0, 300, 5_000)))]), Rows(0, 0, 5_000)
    )
    assert not set(written.to_pylist()) & set(texts.to_pylist())
    assert pc.all(pc.match_substring_regex(written, "^Z[0-9]{3}$")).as_py()


def test_frequencies_of_places_come_back() -> None:
    first = RNG.choice(list("PQ"), N, p=[0.9, 0.1])
    texts = pa.array([f"{letter}{i:05}" for letter, i in zip(first, RNG.permutation(90_000)[:N], strict=True)])
    pattern = fit(texts)
    (written,) = pattern.write(pattern.restate([texts]), Rows(0, 0, N))
    assert np.array_equal([text[0] for text in written.to_pylist()], first)


@pytest.mark.parametrize("name", ["phones", "postcodes", "many shapes", "repeated"])
def test_no_rare_real_text_is_kept(name: str) -> None:
    cells = COLUMNS[name]
    document = json.dumps(fit(cells).to_json(), ensure_ascii=False)
    counts = {entry["values"]: entry["counts"] for entry in pc.value_counts(cells).to_pylist()}
    assert not [text for text, count in counts.items() if count < 5 and len(text) > 5 and text in document]


def test_any_learnt_cells_can_be_written() -> None:
    pattern = fit(COLUMNS["phones with gaps"])
    shape, start = (spec.name for spec in pattern.learnt)
    assert (shape, start) == ("code [shape]", "code [start]")
    columns = [
        pa.array(["(999) 999-9999", None, "(999) 999-9999", "(999) 999-9999"]),
        pa.array([None, "(212) ", "nonsense", pattern.starts[0]]),
    ]
    (written,) = pattern.write(columns, Rows(0, 0, 4))
    assert [text is None for text in written.to_pylist()] == [False, True, False, False]
    assert written[3].as_py().startswith(pattern.starts[0])


def test_wants_are_told_in_templates_and_beginnings() -> None:
    pattern = fit(COLUMNS["phones with gaps"])
    wanted = Wanted(
        cells=pa.array(["(212) 555-0000", "(415) 555-0000"]),
        allowed=np.array([[True, False], [True, True]]),
        missing=np.array([False]),
    )
    found = pattern.narrow({"code": wanted}, {})
    starts = found["code [start]"]
    assert starts.cells is not None
    assert starts.allowed is not None
    assert [start[:5] for start in starts.cells.to_pylist()] == ["(212)", "(415)"]
    assert starts.allowed.tolist() == [[True, False], [True, True]]
    shape = found["code [shape]"]
    assert shape.cells is not None
    assert shape.cells.to_pylist() == ["(999) 999-9999"]
    assert pattern.narrow({}, {}) == {}
    gaps = pattern.narrow({"code": Wanted(present=np.array([False]))}, {})
    assert list(gaps) == ["code [shape]"]


def test_missing_cells_where_none_were() -> None:
    with pytest.raises(CellsError, match="expected no missing cells, as at fitting, got 1"):
        fit(COLUMNS["phones"]).restate([pa.array([None, "(212) 555-0000"])])


@pytest.mark.parametrize("cells", [pa.array([1, 2]), pa.nulls(3, pa.string())])
def test_columns_without_text_are_refused(cells: pa.Array) -> None:
    with pytest.raises(SchemaError, match="column 'code': expected texts for a pattern"):
        fit(cells)
