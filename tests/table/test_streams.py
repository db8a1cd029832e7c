"""Tables in batches: Parquet and Arrow files, and tables in memory."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from tabgan.errors import InputError, SchemaError
from tabgan.table import streams
from tabgan.table.arrow import normalised
from tabgan.table.files import read_table
from tabgan.table.reading import read_whole
from tabgan.table.reservoir import plain_table
from tabgan.table.streams import ArrowStream, MemoryStream, ParquetStream, TableStream, batch_rows, bytes_per_row


def people(n: int = 1_000) -> pa.Table:
    random = np.random.default_rng(0)
    names = pa.array(random.choice(["Ulm", "Jena", "Bonn"], n))
    ids = pa.array([f"id {i}" for i in range(n)])
    return pa.table({"city": names, "id": ids, "age": random.normal(40, 9, n), "kind": names.dictionary_encode()})


def whole(stream: TableStream, columns: list[str] | None = None) -> pa.Table:
    return pa.concat_tables(
        [plain_table(batch, streams.value_schema(map(stream.schema.field, batch.column_names)))
         for batch in stream.batches(columns)]
    )  # fmt: skip


def test_files_of_a_folder_follow_each_other_in_batches_of_bounded_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "batch_rows", lambda n_columns: 300)
    table = people()
    for kind, write in ((ParquetStream, pq.write_table), (ArrowStream, pyarrow.feather.write_feather)):
        paths = (tmp_path / f"{kind.__name__} a", tmp_path / f"{kind.__name__} b")
        write(table.slice(0, 400), paths[0], compression="zstd" if kind is ParquetStream else "uncompressed")
        write(table.slice(400), paths[1], compression="zstd" if kind is ParquetStream else "uncompressed")
        stream = kind(paths, "people")
        assert stream.n_rows == 1_000
        assert stream.schema.names == table.column_names
        assert max(batch.num_rows for batch in stream.batches()) <= 300
        expected = plain_table(table, streams.value_schema(table.schema))
        assert whole(stream).equals(expected)
        assert whole(stream, ["age", "id"]).equals(expected.select(["id", "age"]))  # in the order of the table


def test_text_that_repeats_comes_as_dictionaries(tmp_path: Path) -> None:
    pq.write_table(people(), tmp_path / "people.parquet")
    stream = ParquetStream((tmp_path / "people.parquet",), "people")
    batch = next(stream.batches())
    assert pa.types.is_dictionary(batch["city"].type)
    assert pa.types.is_string(batch["id"].type)
    assert stream.schema.field("city").type == pa.string()
    assert pa.types.is_dictionary(stream.schema.field("kind").type)


def test_the_index_of_a_frame_is_no_column(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, 2, 3]}, index=[5, 6, 9])
    frame.to_parquet(tmp_path / "frame.parquet")
    assert ParquetStream((tmp_path / "frame.parquet",), "frame").schema.names == ["a"]


def test_files_that_differ_are_named_with_their_columns(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1], "b": ["x"], "c": [1]}), tmp_path / "one.parquet")
    pq.write_table(pa.table({"a": [1.5], "b": ["x"], "d": [1]}), tmp_path / "two.parquet")
    stream = ParquetStream((tmp_path / "one.parquet", tmp_path / "two.parquet"), "folder")
    with pytest.raises(SchemaError) as caught:
        _ = stream.schema
    said = str(caught.value)
    assert "column 'a' of two.parquet: expected int64, as in one.parquet, got double" in said
    assert "column 'c' of two.parquet: expected int64, as in one.parquet, got no such column" in said
    assert "column 'd' of two.parquet: expected no such column" in said
    assert "'b'" not in said


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    paths = tuple(tmp_path / name / "part.parquet" for name in ("one", "two"))
    for path, cell in zip(paths, (1, "x"), strict=True):
        path.parent.mkdir()
        pq.write_table(pa.table({"a": [cell]}), path)
    with pytest.raises(SchemaError) as caught:
        _ = ParquetStream(paths, "folder").schema
    assert f"of {paths[1]}: expected int64, as in {paths[0]}, got string" in str(caught.value)


@pytest.mark.parametrize(
    "typed", [pa.array(["x", "y", "x", "y"]), pa.array([1, 2, 3, 4]), pa.array(["x"] * 4).dictionary_encode()]
)
@pytest.mark.parametrize("empty_first", [True, False])
def test_a_column_that_one_file_lacks_all_cells_of_has_the_type_of_the_others(
    tmp_path: Path, typed: pa.Array, *, empty_first: bool
) -> None:
    """As pandas writes a column of objects that are all missing."""
    parts = [pa.table({"a": [0.5] * 4, "b": pa.nulls(4)}), pa.table({"a": [1.5] * 4, "b": typed})]
    parts = parts if empty_first else parts[::-1]
    for number, part in enumerate(parts):
        pq.write_table(part, tmp_path / f"{number}.parquet")
        pa.feather.write_feather(part, tmp_path / f"{number}.arrow")
    cells = typed.to_pylist()
    for kind, suffix in ((ParquetStream, "parquet"), (ArrowStream, "arrow")):
        stream = kind((tmp_path / f"0.{suffix}", tmp_path / f"1.{suffix}"), "folder")
        assert stream.schema.field("b").type == normalised(pa.chunked_array([typed])).type
        assert read_whole(stream)["b"].to_pylist() == ([None] * 4 + cells if empty_first else cells + [None] * 4)


def test_columns_in_another_order_are_the_same_columns(tmp_path: Path) -> None:
    table = people(20)
    pq.write_table(table, tmp_path / "one.parquet")
    pq.write_table(table.select(["kind", "age", "id", "city"]), tmp_path / "two.parquet")
    stream = ParquetStream((tmp_path / "one.parquet", tmp_path / "two.parquet"), "folder")
    assert whole(stream)["age"].to_pylist() == 2 * table["age"].to_pylist()


def test_names_that_are_shared_or_lacking_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table([[1], [2], [3]], names=["a", "", "a"]), tmp_path / "bad.parquet")
    with pytest.raises(SchemaError, match=r"(?s)all called 'a'.*has no name"):
        _ = ParquetStream((tmp_path / "bad.parquet",), "bad").schema


def test_a_table_in_memory_keeps_its_annotations() -> None:
    table = read_table(pd.DataFrame({"a": pd.array([1, None], "Int64"), "b": ["x", "y"]}))
    stream = MemoryStream(table)
    assert (stream.n_rows, stream.name) == (2, "the frame")
    assert stream.schema.equals(table.schema, check_metadata=True)
    assert next(stream.batches(["b"])).column_names == ["b"]


def test_batches_shrink_with_the_number_of_columns() -> None:
    assert batch_rows(4) == 1 << 18
    assert batch_rows(1_000) == 8_388
    assert batch_rows(10**6) == 1_024


def test_what_a_row_takes_is_told_by_the_first_ones() -> None:
    assert bytes_per_row(MemoryStream(read_table(pa.table({"a": [1.0] * 64, "b": [1] * 64})))) == 16.0
    with pytest.raises(InputError, match="no rows"):
        bytes_per_row(MemoryStream(pa.table({"a": pa.array([], pa.int64())})))


def test_damaged_files_are_named(tmp_path: Path) -> None:
    for kind, name in ((ParquetStream, "t.parquet"), (ArrowStream, "t.arrow")):
        (tmp_path / name).write_bytes(b"PAR1ARROW1" * 9)
        with pytest.raises(InputError, match=rf"{name} is damaged, or not what its name says"):
            _ = kind((tmp_path / name,), "t").schema
