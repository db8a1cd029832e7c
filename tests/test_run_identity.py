"""What a run is a run of, and what is said of two that differ."""

import copy
import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch

from tabgan import Schema, TrainingConfig
from tabgan.errors import InputError
from tabgan.run_identity import differences, digest, identity, refuse_another

CPU = torch.device("cpu")


def table(**changes: Any) -> pa.Table:
    columns = {
        "city": ["Ulm", "Jena", None, "Ulm"] * 10,
        "height": [1.5, 2.5, 3.5, 4.5] * 10,
        "old": [True, False] * 20,
    }
    return pa.table(columns | changes)


def made(rows: pa.Table, config: TrainingConfig | None = None, seed: int = 0, **more: Any) -> dict[str, Any]:
    schema = Schema.infer(rows)
    return identity(schema.conform(rows), schema, config or TrainingConfig(), seed=seed, device=CPU, **more)


def test_the_same_run_has_the_same_identity_in_a_file_too() -> None:
    one = made(table())
    assert json.loads(json.dumps(one)) == one == made(table())
    assert differences(json.loads(json.dumps(one)), made(table())) == []
    refuse_another(one, made(table()), "x")


def test_it_holds_no_cell_of_the_table() -> None:
    secret = table(city=["geheim-4711", "Jena-Lobeda", None, "x"] * 10)
    said = json.dumps(made(secret))
    assert "geheim" not in said
    assert "Lobeda" not in said


ARRAYS: dict[str, pa.Array] = {
    "texts": pa.array(["a", None, "", "bc", "ä"] * 7),
    "numbers": pa.array([1, None, -3, 4, 5] * 7, pa.int16()),
    "floats": pa.array([1.5, None, 0.0, 4.0, 1e300] * 7),
    "flags": pa.array([True, None, False, True, True] * 7),
    "times": pa.array([0, None, 2, 3, 4] * 7, pa.timestamp("us", "UTC")),
    "decimals": pa.array([None, "1.25", "3.50", "0.00", "9.99"] * 7).cast(pa.decimal128(9, 2)),
}


@pytest.mark.parametrize("kind", ARRAYS)
def test_a_digest_hangs_on_cells_and_not_on_how_they_lie(kind: str) -> None:
    array = ARRAYS[kind]
    plain = digest(pa.chunked_array([array]))
    cut = pa.chunked_array([array.slice(0, 3), array.slice(3, 11), array.slice(14)])
    shifted = pa.concat_arrays([array.slice(2, 3), array]).slice(3)
    assert digest(cut) == digest(pa.chunked_array([shifted])) == plain
    if kind in ("texts", "numbers"):
        assert digest(pa.chunked_array([array.dictionary_encode()])) == plain
    filled = array.fill_null(array[3])
    assert digest(pa.chunked_array([filled])) != plain
    swapped = array.take(pa.array([3, 1, 2, 0, *range(4, 35)]))
    assert (digest(pa.chunked_array([swapped])) == plain) == (array[0] == array[3])
    assert digest(pa.chunked_array([array.slice(1)])) != plain


def test_the_type_is_part_of_a_digest() -> None:
    narrow, wide = (pa.chunked_array([pa.array([1, 2], dtype)]) for dtype in (pa.int32(), pa.int64()))
    assert digest(narrow) != digest(wide)
    assert digest(pa.chunked_array([pa.array(["a", "bc"])])) != digest(pa.chunked_array([pa.array(["ab", "c"])]))


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (made(table().slice(1)), ["the table had 40 rows, has 39"]),
        (made(table(height=[1.0] * 39 + [7.5])), ["columns with other cells, or cells in another order: 'height'"]),
        (made(table().drop_columns(["old"])), ["columns that are there no more: 'old'"]),
        (made(table(extra=np.arange(40) % 7)), ["columns that were not there: 'extra'"]),
        (made(table().select(["old", "city", "height"])), ["the columns were in the order 'city'", "are in 'old'"]),
        (
            made(table(), TrainingConfig(steps=7, objective="hinge")),
            ["setting steps was 0, is 7", "objective was wgan-gp"],
        ),
        (made(table(), seed=3), ["the seed was 0, is 3"]),
        (made(table(), start="abc"), ["what training starts from was nothing, is abc"]),
    ],
)
def test_what_differs_is_said(other: dict[str, Any], says: list[str]) -> None:
    said = " / ".join(differences(made(table()), other))
    for words in says:
        assert words in said


def test_another_kind_of_a_column_is_said() -> None:
    rows = table()
    schema = Schema.infer(rows)
    document = schema.to_json()
    assert document["columns"][1]["kind"] == "categorical"
    document["columns"][1]["kind"] = "continuous"
    other = Schema.from_json(document)
    now = identity(other.conform(rows), other, TrainingConfig(), seed=0, device=CPU)
    assert any("column 'height': 'kind' was " in said for said in differences(made(rows), now))


def test_all_differences_are_one_error() -> None:
    before, now = made(table()), made(table().slice(3), TrainingConfig(steps=7), seed=1)
    before = copy.deepcopy(before)
    before["versions"]["torch"] = "1.0"
    before["machine"]["threads"] = 77
    with pytest.raises(InputError) as caught:
        refuse_another(before, now, "x.checkpoint")
    said = str(caught.value)
    for words in (
        "the checkpoint 'x.checkpoint' is of another run, 5 problems",
        "the table had 40 rows, has 37",
        "setting steps was 0, is 7",
        "the seed was 0, is 1",
        "version of torch was 1.0, is ",
        "the number of threads was 77, is ",
        "OMP_NUM_THREADS=77",
        "begin anew",
    ):
        assert words in said


def test_a_frame_and_a_file_of_the_same_rows_are_one_run(tmp_path) -> None:
    frame = pd.DataFrame({"a": [1, 2, 3] * 9, "b": ["x", "y", "x"] * 9})
    frame.to_csv(tmp_path / "rows.csv", index=False)
    from tabgan.table.files import read_table

    assert made(read_table(frame))["columns"] == made(read_table(tmp_path / "rows.csv"))["columns"]
