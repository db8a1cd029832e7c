"""What one pass over a table tells, beside the same table in memory."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from tabgan import Schema
from tabgan.errors import InputError, SchemaError
from tabgan.table import streams
from tabgan.table.constraints import Order, Range
from tabgan.table.files import read_table
from tabgan.table.scan import ScannedTable, scan
from tabgan.table.stream_files import open_stream
from tabgan.table.summaries import summarize

N = 12_000


def orders(n: int = N, seed: int = 0) -> pa.Table:
    random = np.random.default_rng(seed)
    city = random.integers(0, 12, n)
    start = np.datetime64("2020-01-01", "D") + random.integers(0, 900, n).astype("timedelta64[D]")
    return pa.table(
        {
            "id": np.arange(n),
            "city": pa.array([f"city {c:02d}" for c in city]),
            "land": pa.array([f"land {c % 3}" for c in city]),
            "grade": pa.array(random.choice(["low", "mid", "high"], n)).dictionary_encode(),
            "size": pa.array(random.lognormal(size=n), mask=random.random(n) < 0.05),
            "start": pa.array(start),
            "end": pa.array(start + random.integers(0, 60, n).astype("timedelta64[D]")),
            "code": pa.array([f"{chr(65 + i % 26)}-{i:06d}" for i in random.permutation(n)]),
        }
    )


def scanned(path: Path, folder: Path, most: int, seed: int = 0) -> ScannedTable:
    folder.mkdir(exist_ok=True)
    stream = open_stream(path)
    assert stream is not None
    return scan(stream, folder, most_rows=most, seed=seed)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    pq.write_table(orders(), tmp_path / "orders.parquet", row_group_size=5_000)
    return tmp_path / "orders.parquet"


def kinds(schema: Schema) -> list[tuple[str, str, str, bool]]:
    return [(spec.name, spec.kind, spec.dtype, spec.nullable) for spec in schema.columns]


def test_a_file_that_is_replaced_while_it_is_read_is_refused(path: Path, tmp_path: Path) -> None:
    stream = open_stream(path)
    assert stream is not None
    assert stream.n_rows == N
    pq.write_table(orders(10), path)
    with pytest.raises(InputError, match=r"changed while it was read: expected 12,000 rows, got 10; try again"):
        scan(stream, tmp_path, most_rows=100, seed=0)


def test_a_table_that_is_drawn_as_a_whole_is_as_in_memory(path: Path, tmp_path: Path) -> None:
    found, table = scanned(path, tmp_path / "drawn", N), read_table(path)
    assert found.whole
    assert found.drawn.equals(table)
    assert found.drawn.schema.equals(table.schema, check_metadata=True)
    assert found.summaries == summarize(table)
    assert found.inferred == Schema.infer(table)


def test_counts_are_those_of_all_rows_though_few_are_drawn(path: Path, tmp_path: Path) -> None:
    found, table = scanned(path, tmp_path / "drawn", 2_000), read_table(path)
    assert (found.n_rows, found.drawn.num_rows, found.whole) == (N, 2_000, False)
    assert found.summaries == summarize(table)  # below the limit of exact counts
    assert kinds(found.inferred) == kinds(Schema.infer(table))
    assert [spec.reason for spec in found.inferred.columns] == [spec.reason for spec in Schema.infer(table).columns]
    assert set(found.inferred.constraints) == set(Schema.infer(table).constraints)
    assert found.inferred["grade"].categories == Schema.infer(table)["grade"].categories


def test_batches_make_no_difference(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = scanned(path, tmp_path / "a", 1_500)
    monkeypatch.setattr(streams, "batch_rows", lambda n_columns: 777)
    second, other = scanned(path, tmp_path / "b", 1_500), scanned(path, tmp_path / "c", 1_500, seed=1)
    assert first.drawn.equals(second.drawn)
    assert first.summaries == second.summaries
    assert not first.drawn.equals(other.drawn)


def test_a_folder_and_a_csv_file_are_the_same_table(path: Path, tmp_path: Path) -> None:
    table = orders().drop_columns(["grade"])
    (tmp_path / "parts").mkdir()
    pq.write_table(table.slice(0, 5_000), tmp_path / "parts" / "a.parquet")
    pq.write_table(table.slice(5_000), tmp_path / "parts" / "b.parquet")
    pyarrow.csv.write_csv(table, tmp_path / "t.csv")
    pq.write_table(table, tmp_path / "t.parquet")
    one, two, three = (
        scanned(tmp_path / name, tmp_path / f"drawn {name}", 1_000) for name in ("parts", "t.csv", "t.parquet")
    )
    assert one.drawn.equals(three.drawn)
    assert two.drawn["code"].equals(three.drawn["code"])
    assert one.inferred == three.inferred
    assert kinds(two.inferred) == kinds(three.inferred)
    assert two.summaries["end"] == three.summaries["end"]


def test_rules_that_one_row_breaks_are_not_kept(tmp_path: Path) -> None:
    frame = orders().to_pandas()
    frame.loc[7, "end"] = frame.loc[7, "start"] - pd.Timedelta(days=3).to_pytimedelta()
    pq.write_table(pa.Table.from_pandas(frame), tmp_path / "t.parquet")
    for seed in range(30):
        found = scanned(tmp_path / "t.parquet", tmp_path / str(seed), 1_000, seed)
        if 7 not in found.drawn["id"].to_pylist():
            break
    assert not any(isinstance(rule, Order) for rule in found.inferred.constraints)


def test_declared_rules_are_looked_at_in_all_rows(path: Path, tmp_path: Path) -> None:
    found = scanned(path, tmp_path / "drawn", 1_000)
    found.require(found.inferred)
    largest = float(np.nanmax(orders()["size"].to_numpy(zero_copy_only=False)))
    broken = Schema(found.inferred.columns, (Range("size", None, largest - 1e-9),))
    with pytest.raises(SchemaError, match=r"1 row breaks .*size"):
        found.require(broken)
    ids = Schema(found.inferred.columns, (Range("size", 1.0, None),))
    below = int((orders()["size"].to_pandas() < 1).sum())
    first = np.flatnonzero(orders()["size"].to_pandas() < 1)[:5]
    with pytest.raises(SchemaError, match=rf"{below:,} of 12,000 rows break .*0: {', '.join(map(str, first))}, \.\.\."):
        found.require(ids)


def test_missing_cells_and_constants_are_told_by_all_rows(tmp_path: Path) -> None:
    n = 5_000
    gaps = pa.array(np.arange(n, dtype=float), mask=np.arange(n) == 4_321)
    flat = pa.array(np.where(np.arange(n) == 4_321, "b", "a"))
    pq.write_table(pa.table({"gaps": gaps, "flat": flat}), tmp_path / "t.parquet")
    for seed in range(30):
        found = scanned(tmp_path / "t.parquet", tmp_path / str(seed), 200, seed)
        if not found.drawn["gaps"].null_count:
            break
    assert found.inferred["gaps"].nullable
    assert found.inferred["flat"].kind == "categorical"
    document = found.inferred.to_json()
    document["columns"][0]["nullable"] = False
    document["columns"][1]["kind"] = "constant"
    with pytest.raises(SchemaError, match=r"(?s)'gaps' has 1 missing cells, but is not nullable.*'flat' is declared"):
        found.require(Schema.from_json(document))


def test_infinite_values_of_any_row_are_refused(tmp_path: Path) -> None:
    numbers = np.arange(5_000, dtype=float)
    numbers[77] = np.inf
    pq.write_table(pa.table({"x": numbers}), tmp_path / "t.parquet")
    with pytest.raises(SchemaError, match="column 'x' has infinite values"):
        _ = scanned(tmp_path / "t.parquet", tmp_path / "drawn", 100).inferred


def test_columns_that_cannot_be_learnt_are_named(tmp_path: Path) -> None:
    table = pa.table({"x": np.arange(3_000), "tags": pa.array([["a"], []] * 1_500), "raw": pa.array([b"x"] * 3_000)})
    pq.write_table(table, tmp_path / "t.parquet")
    for most in (200, 3_000):
        with pytest.raises(SchemaError, match=r"(?s)column 'tags' has the type list.*column 'raw' has the type binary"):
            _ = scanned(tmp_path / "t.parquet", tmp_path / str(most), most).inferred
