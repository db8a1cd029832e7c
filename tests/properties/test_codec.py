"""Whatever the table: it comes back, its slots tile the row, and the codec survives JSON."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tabgan.table import arrays, dtypes
from tabgan.table.codec import TableCodec
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import HierarchyEncoder, QuantileEncoder
from tabgan.table.schema import Schema
from tabgan.table.summaries import summarize

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
CATEGORIES: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "text": (pa.string(), st.text(st.characters(exclude_categories=["Cs"]), max_size=4)),
    "boolean": (pa.bool_(), st.booleans()),
    "integer": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "unsigned": (pa.uint64(), st.integers(0, 2**64 - 1)),
    "float": (pa.float64(), FLOATS),
    "date": (pa.date32(), st.dates()),
    "time": (pa.timestamp("us"), st.datetimes()),
    "zoned": (pa.timestamp("us", "UTC"), st.datetimes(timezones=st.just(dt.UTC))),
    "decimal": (pa.decimal128(20, 3), st.decimals(-(10**9), 10**9, places=3).map(Decimal)),
    "choice": (pa.dictionary(pa.int16(), pa.string()), st.sampled_from("abc")),
}
NUMBERS = {name: CATEGORIES[name] for name in ("integer", "unsigned", "float", "date", "time", "zoned")}
SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def tables(draw: st.DrawFn, types: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]]) -> pa.Table:
    n = draw(st.integers(1, 30))
    names = draw(st.lists(st.sampled_from(sorted(types)), min_size=1, max_size=4))
    columns = {}
    for i, name in enumerate(names):
        dtype, values = types[name]
        pool = draw(st.lists(values, min_size=1, max_size=draw(st.sampled_from([2, 30]))))
        cells = st.lists(st.sampled_from(pool) | st.none(), min_size=n, max_size=n)
        columns[f"{name} {i}"] = pa.array(draw(cells), dtype)
    return pa.table(columns)


def codec_of(table: pa.Table, kind: str, encoding: str = "quantile") -> TableCodec:
    specs = (
        ColumnSpec(name=field.name, kind=kind, encoding=encoding, dtype=str(field.type), nullable=True)  # type: ignore[arg-type]
        for field in table.schema
    )
    return TableCodec.from_summaries(Schema(tuple(specs)), summarize(table))


def check_layout_and_json(codec: TableCodec, table: pa.Table) -> None:
    layout, rows = codec.layout, codec.encode(table, np.random.default_rng(0))
    tiles = [*range(layout.n_codes)], [*range(layout.n_values)]
    assert [i for part in layout.code_slices for i in range(part.start, part.stop)] == tiles[0]
    assert [i for part in layout.value_slices for i in range(part.start, part.stop)] == tiles[1]
    assert rows.codes.shape == (len(table), layout.n_codes)
    assert rows.values.shape == (len(table), layout.n_values)
    assert (rows.codes < np.array(layout.cardinalities)).all()
    again = TableCodec.from_json(codec.schema, json.loads(json.dumps(codec.to_json(), allow_nan=False)))
    assert again == codec
    assert again.decode(rows).equals(codec.decode(rows))


@SETTINGS
@given(table=tables(CATEGORIES), kind=st.sampled_from(["categorical", "high_cardinality"]))
def test_categories_come_back_exactly(table: pa.Table, kind: str) -> None:
    codec = codec_of(table, kind)
    back = codec.decode(codec.encode(table, np.random.default_rng(0)))
    assert back.schema.types == table.schema.types
    for name in table.column_names:
        assert arrays.plain(back[name]).equals(arrays.plain(table[name]))
    check_layout_and_json(codec, table)


@SETTINGS
@given(table=tables(NUMBERS), seed=st.integers(0, 2**32 - 1))
def test_numbers_come_back_within_the_resolution_of_the_knots(table: pa.Table, seed: int) -> None:
    codec = codec_of(table, "continuous")
    back = codec.decode(codec.encode(table, np.random.default_rng(seed)))
    assert back.schema.types == table.schema.types
    for encoder, name in zip(codec.encoders, table.column_names, strict=True):
        assert isinstance(encoder, QuantileEncoder)
        missing = dtypes.missing(table[name])
        assert dtypes.missing(back[name]).tolist() == missing.tolist()
        given, made = arrays.numbers(table[name])[~missing], arrays.numbers(back[name])[~missing]
        values, where, counts = np.unique(given, return_inverse=True, return_counts=True)
        np.testing.assert_array_equal(made[counts[where] > 1], given[counts[where] > 1])  # flat parts: exact
        _check_singles(values, where, counts, made)
    check_layout_and_json(codec, table)


def _check_singles(values: np.ndarray, where: np.ndarray, counts: np.ndarray, made: np.ndarray) -> None:
    """A value that occurs once lies no further off than its neighbours, and by no more than float32 ranks allow."""
    below, above = values[np.maximum(where - 1, 0)], values[np.minimum(where + 1, len(values) - 1)]
    assert ((made >= below) & (made <= above)).all()
    single = counts[where] == 1
    span = np.array([float(b) / 2 - float(a) / 2 for a, b in zip(below, above, strict=True)])
    off = np.array([abs(float(m) / 2 - float(v) / 2) for m, v in zip(made, values[where], strict=True)])
    assert (off <= span * 1e-4 + 1)[single].all()


@SETTINGS
@given(table=tables({name: NUMBERS[name] for name in ("integer", "date", "float")}))
def test_modes_keep_types_missing_cells_and_the_range(table: pa.Table) -> None:
    codec = codec_of(table, "continuous", "modes")
    back = codec.decode(codec.encode(table, np.random.default_rng(0)))
    assert back.schema.types == table.schema.types
    for name in table.column_names:
        missing = dtypes.missing(table[name])
        assert dtypes.missing(back[name]).tolist() == missing.tolist()
        if missing.all():
            continue
        given, made = arrays.numbers(table[name])[~missing], arrays.numbers(back[name])[~missing]
        assert made.min() >= given.min()
        assert made.max() <= given.max()
    check_layout_and_json(codec, table)


@st.composite
def related_tables(draw: st.DrawFn) -> pa.Table:
    """A column of things, columns of all types that follow from it, and some that do not; a few rows are exceptions."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, size = draw(st.sampled_from([300, 3_000])), draw(st.integers(4, 60))
    things = rng.integers(0, size, n)
    columns = {"thing": pa.array([f"t{thing}" for thing in things], mask=(things == 0) & draw(st.booleans()))}
    for i, name in enumerate(draw(st.lists(st.sampled_from(sorted(CATEGORIES)), max_size=3))):
        dtype, values = CATEGORIES[name]
        pool = draw(st.lists(values | st.none(), min_size=1, max_size=5))
        cells = rng.integers(0, len(pool), size)[things]
        cells[: draw(st.sampled_from([0, 0, 2]))] = 0
        columns[f"{name} {i}"] = pa.array(pool, dtype).take(pa.array(cells))
    columns["alone"] = pa.array(rng.integers(0, draw(st.integers(1, 9)), n))
    return pa.table(columns).select(draw(st.permutations(list(columns))))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(table=related_tables(), kind=st.sampled_from(["categorical", "high_cardinality"]))
def test_columns_that_follow_from_others_come_back_exactly(table: pa.Table, kind: str) -> None:
    apart = codec_of(table, kind)
    codec = TableCodec.fit(apart.schema, summarize(table), table)
    back = codec.decode(codec.encode(table, np.random.default_rng(0)))
    assert back.schema.types == table.schema.types
    for name in table.column_names:
        assert arrays.plain(back[name]).equals(arrays.plain(table[name]))
    check_layout_and_json(codec, table)
    members = [name for hierarchy in codec.hierarchies for name in hierarchy.names]
    assert len(set(members)) == len(members)
    for hierarchy in codec.hierarchies:
        check_windows(hierarchy)


def check_windows(hierarchy: HierarchyEncoder) -> None:
    """The windows of a code tile the next one, and lead to the leaves and nowhere else."""
    slots = hierarchy.slots(hierarchy.names[0])
    paths = [(code,) for code in range(slots.cardinalities[0])]
    for windows in slots.windows:
        paths = [(*path, code) for path in paths for code in range(*windows[path[-1]])]
    assert paths == [tuple(codes) for codes in hierarchy.codes.tolist()]


@SETTINGS
@given(table=tables({**CATEGORIES, **NUMBERS}), cut=st.integers(0, 30))
def test_parts_are_summarized_as_the_whole(table: pa.Table, cut: int) -> None:
    one, two = summarize(table.slice(0, cut)), summarize(table.slice(cut))
    assert {name: one[name].merge(two[name]) for name in one} == summarize(table)
