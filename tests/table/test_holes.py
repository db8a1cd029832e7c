"""What is known of rows with holes: in learnt columns, in codes, and back in the table."""

import numpy as np
import pyarrow as pa
import pytest

from tabgan.table.holes import encode_known, known_cells, overlaid, restate_known

from .holed import CODEC, LEARNT, RECAST, SCHEMA, TABLE, N


def without(**rows: list[int]) -> pa.Table:
    """The table without some cells, of columns by their names; a column without rows loses all."""
    table = TABLE
    for name, places in rows.items():
        hide = np.isin(np.arange(N), places) if places else np.ones(N, np.bool_)
        own = table[name].combine_chunks().take(pa.array(np.arange(N), mask=hide))
        table = table.set_column(table.column_names.index(name), name, own)
    return table


def known_rows(table: pa.Table, name: str) -> list[int]:
    return np.flatnonzero(restate_known(RECAST, known_cells(table)).known[name]).tolist()


def test_missing_cells_are_those_that_are_not_known() -> None:
    found = known_cells(pa.table({"a": [1, None], "b": pa.array([float("nan"), 2.0])}))
    assert {name: known.tolist() for name, known in found.known.items()} == {"a": [True, False], "b": [False, True]}
    assert not found.foreign


def test_a_whole_row_is_known_in_all_learnt_columns() -> None:
    found = restate_known(RECAST, known_cells(TABLE))
    assert found.cells.keys() == set(LEARNT.column_names)
    for name, cells in found.cells.items():
        known = found.known[name]
        assert cells.filter(pa.array(known)).equals(LEARNT[name].combine_chunks().filter(pa.array(known))), name
        assert known.all() or name == "weight"


def test_what_columns_say_together_is_known_where_all_of_them_are() -> None:
    table = without(x=[0, 3], y=[3, 5], end=[7])
    (choice,) = [spec.name for spec in RECAST.learnt if spec.name.startswith("x [")]
    assert known_rows(table, choice) == [row for row in range(N) if row not in (0, 3, 5)]
    (length,) = [spec.name for spec in RECAST.learnt if spec.name.startswith("end [")]
    assert known_rows(table, length) == [row for row in range(N) if row != 7]


def test_terms_of_a_sum_are_known_without_their_total() -> None:
    table = without(total=[1, 2], net=[4])
    assert known_rows(table, "net") == [row for row in range(N) if row != 4]
    assert known_rows(table, "tax") == list(range(N))


def test_rows_that_break_a_rule_count_as_foreign_and_others_do_not() -> None:
    table = TABLE.set_column(0, "x", pa.array(np.where(np.isin(np.arange(N), [2, 50, 51]), 1, 0).astype(np.int8)))
    table = table.set_column(1, "y", pa.array(np.ones(N, np.int8)))
    found = restate_known(RECAST, known_cells(table))
    (choice,) = [spec.name for spec in RECAST.learnt if spec.name.startswith("x [")]
    assert np.flatnonzero(~found.known[choice]).tolist() == [2, 50, 51]
    assert found.foreign == {"x": 3, "y": 3}


def test_what_is_known_is_encoded_and_decodes_to_itself() -> None:
    table = without(net=[0], weight=[1], product=[2], size=[3])
    rows, depths, known = encode_known(CODEC, restate_known(RECAST, known_cells(table)), N, 0)
    assert len(rows) == N
    back = CODEC.decode(rows)
    for index in range(len(CODEC.layout.columns)):
        whole = np.logical_and.reduce([known.known[name] for name in CODEC.names_of(index)])
        assert (depths[:, index] == np.where(whole, len(CODEC.layout.columns[index].cardinalities), 0)).all()
        for name in CODEC.names_of(index):
            expected = LEARNT[name].filter(pa.array(whole)).to_pylist()
            made = back[name].filter(pa.array(whole)).to_pylist()
            if name == "weight":
                assert np.allclose(made, expected, atol=1e-3)
            else:
                assert made == expected, name
    assert not known.foreign


def test_the_same_seed_gives_the_same_codes() -> None:
    found = restate_known(RECAST, known_cells(TABLE))
    (one, _, _), (same, _, _) = (encode_known(CODEC, found, N, 1) for _ in range(2))
    assert (one.codes == same.codes).all()
    assert (one.values == same.values).all()


@pytest.mark.parametrize(
    ("name", "cells", "foreign"),
    [("product", ["p0", "q9", "p1"], {"product": 1}), ("size", ["S", "M", "L"], {}), ("weight", [1.0, None, 3.0], {})],
)
def test_foreign_categories_are_not_known_and_counted(name: str, cells: list[object], foreign: dict[str, int]) -> None:
    table = SCHEMA.conform(pa.table({name: cells}), with_holes=True)
    _, _, known = encode_known(CODEC, restate_known(RECAST, known_cells(table)), 3, 0)
    assert dict(known.foreign) == foreign


def test_a_pair_that_never_was_is_foreign_in_both() -> None:
    table = SCHEMA.conform(pa.table({"product": ["p0", "p1", "p2"], "group": ["g0", "g0", "g0"]}), with_holes=True)
    _, depths, known = encode_known(CODEC, restate_known(RECAST, known_cells(table)), 3, 0)
    assert dict(known.foreign) == {"product": 1, "group": 1}
    (place,) = (i for i in range(len(CODEC.layout.columns)) if "product" in CODEC.names_of(i))
    assert (depths[:, place] > 0).tolist() == [True, False, True]


def test_overlaid_takes_missing_cells_from_the_other_table() -> None:
    one = pa.table({"a": [1, None, 3], "b": pa.array([float("nan"), 2.0, None])})
    other = pa.table({"a": [7, 8, 9], "b": pa.array([4.0, 5.0, 6.0])})
    assert overlaid(one, other).to_pydict() == {"a": [1, 8, 3], "b": [4.0, 2.0, 6.0]}
    assert one["a"].to_pylist() == [1, None, 3]


@pytest.mark.parametrize("ordered", [False, True])
def test_dictionaries_are_overlaid_in_the_dictionary_of_the_first(ordered: bool) -> None:
    def column(indices: list[int | None], categories: list[str]) -> pa.Table:
        cells = pa.DictionaryArray.from_arrays(pa.array(indices, pa.int8()), pa.array(categories), ordered=ordered)
        return pa.table({"a": cells})

    one = column([0, None, None, 2], ["x", "y", "z"])
    for other in (column([1, 1, None, 1], ["x", "y", "z"]), column([0, 0, None, 0], ["y", "x"])):
        found = overlaid(one, other)
        assert found.schema == one.schema
        assert found["a"].to_pylist() == ["x", "y", None, "z"]
        assert found["a"].chunk(0).dictionary.to_pylist() == ["x", "y", "z"]
    new = overlaid(one, column([0, 0, 0, 0], ["new"]))
    assert new["a"].to_pylist() == ["x", "new", "new", "z"]
    assert new["a"].chunk(0).dictionary.to_pylist() == ["x", "y", "z", "new"]
