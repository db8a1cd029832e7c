"""Keys written again: all different, of exactly the column's type, the same in whatever portions."""

import json
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import InputError, SchemaError
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders.base import CellsError
from tabgan.table.restating.base import Rows
from tabgan.table.restating.key import Key
from tabgan.table.wanted import Wanted

RNG = np.random.default_rng(1)
CODES = ["".join(RNG.choice(list("ABCDEFGHJKMNP23456789"), 7)) for _ in range(3_000)]
COLUMNS: dict[str, pa.Array] = {
    "text": pa.array(CODES),
    "text with gaps": pa.array([None if i % 4 == 0 else code for i, code in enumerate(CODES)]),
    "large text": pa.array(CODES, pa.large_string()),
    "labelled": pa.array([f"INV-{i:08}" for i in range(500)]),
    "running": pa.array(range(100, 600)),
    "int32": pa.array([i * i * i * 16 for i in range(500)], pa.int32()),
    "uint64": pa.array([2**63 + i for i in range(500)], pa.uint64()),
    "floats with gaps": pa.array([float(i) if i % 3 else float("nan") for i in range(500)]),
    "half floats": pa.array(np.arange(0, 200, dtype=np.float16)),
    "decimals": pa.array([Decimal(i) for i in range(500)], pa.decimal128(12, 0)),
    "dictionary": pa.array(CODES).dictionary_encode(),
}


def free(name: str, part: str) -> str:
    return f"{name} [{part}]"


def fit(cells: pa.Array) -> Key:
    spec = ColumnSpec(name="id", kind="key", dtype=str(cells.type), nullable=bool(cells.null_count))
    return Key.fit(spec, cells, free)


def learnt(key: Key, n: int) -> list[pa.Array]:
    return [pa.array(RNG.random(n) < 0.7) for _ in key.learnt]


@pytest.mark.parametrize("name", COLUMNS)
def test_contract(name: str) -> None:
    cells = COLUMNS[name]
    key = fit(cells)
    rows = Rows(5, 0, 1_000)
    columns = learnt(key, rows.n)
    (written,) = key.write(columns, rows)
    assert written.type == cells.type
    assert len(written) == rows.n
    filled = written.drop_null()
    assert len(filled.unique()) == len(filled)
    assert key.restate([written]) == columns
    assert Key.from_json(json.loads(json.dumps(key.to_json()))) == key
    assert [spec.arrow_type for spec in key.learnt] == [column.type for column in key.restate([cells])]
    assert key.write(columns, rows) == [written]


def test_missing_cells_are_learnt() -> None:
    cells = COLUMNS["text with gaps"]
    key = fit(cells)
    assert [spec.name for spec in key.learnt] == ["id [there]"]
    (there,) = key.restate([cells])
    assert there.to_pylist() == [i % 4 != 0 for i in range(len(cells))]
    assert fit(COLUMNS["text"]).learnt == ()
    with pytest.raises(CellsError, match="expected no missing cells, as at fitting, got 1"):
        fit(COLUMNS["text"]).restate([pa.array(["A", None])])


@pytest.mark.parametrize("name", ["text", "int32", "labelled"])
def test_200_000_keys_in_odd_portions(name: str) -> None:
    key = fit(COLUMNS[name])
    n = 200_000
    (whole,) = key.write([], Rows(7, 0, n))
    assert len(whole.unique()) == n
    sizes = [1, 997, 12_345, 65_536, 100_001]
    sizes.append(n - sum(sizes))
    starts = np.cumsum([0, *sizes[:-1]]).tolist()
    parts = [key.write([], Rows(7, start, size))[0] for start, size in zip(starts, sizes, strict=True)]
    assert pa.concat_arrays(parts).equals(whole)


def test_too_many_rows_are_refused_and_say_how_many_there_can_be() -> None:
    key = fit(pa.array([f"R{i:02}" for i in range(90)]))
    key.require(key.capacity)
    expected = rf"expected at most {key.capacity} rows, got 5,000: .* column 'id'; ask for fewer rows"
    with pytest.raises(InputError, match=expected):
        key.require(5_000)
    assert len(key.write([], Rows(0, 0, key.capacity))[0].unique()) == key.capacity


def test_rows_that_are_rejected_use_up_no_keys() -> None:
    key = fit(pa.array([f"R{i:02}" for i in range(90)]))
    first, kept = Rows(3, 0, 1_000), Rows(3, 0, 1_000).keep(np.array([4, 700, 999]), 2)
    (draft,), (written,) = key.write([], first), key.write([], kept)
    assert len(draft) == 1_000
    assert draft[: key.capacity] == key.write([], Rows(3, 0, key.capacity))[0]
    assert written == draft[2:5]


def test_conditions_ask_for_presence_alone() -> None:
    key = fit(COLUMNS["text with gaps"])
    yes, no = np.array([True]), np.array([False])
    found = key.narrow({"id": Wanted(present=yes, missing=no)}, {})
    assert list(found) == ["id [there]"]
    wanted = found["id [there]"]
    assert wanted.cells is not None
    assert wanted.allowed is not None
    assert wanted.cells.to_pylist() == [True, False]
    assert wanted.allowed.tolist() == [[True, False]]
    assert key.narrow({"id": Wanted(cells=pa.array(["A"]))}, {}) == {}
    assert fit(COLUMNS["text"]).narrow({"id": Wanted(present=no)}, {}) == {}


@pytest.mark.parametrize("cells", [pa.array([0.5, 1.5]), pa.array([None, None], pa.string())])
def test_columns_without_keys_are_refused(cells: Any) -> None:
    with pytest.raises(SchemaError, match=r"column 'id': expected .*; give it another kind"):
        fit(cells)
