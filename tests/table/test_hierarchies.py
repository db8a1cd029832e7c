"""Hierarchies found in tables: their levels, clusters, and every row back as it was."""

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import SchemaError
from tabgan.table import arrays
from tabgan.table.codec import TableCodec
from tabgan.table.columns import ColumnSpec
from tabgan.table.constraints import Combinations
from tabgan.table.discovery.dependencies import find_combinations
from tabgan.table.encoders import HierarchyEncoder
from tabgan.table.files import read_table
from tabgan.table.hierarchies import find_hierarchies
from tabgan.table.schema import Schema
from tabgan.table.summaries import summarize

REVIEWS = Path(__file__).parents[2] / "sample_data" / "reviews.csv"
N = 6_000


def hierarchies(table: pa.Table, **kinds: str) -> tuple[HierarchyEncoder, ...]:
    specs = (
        ColumnSpec(name=field.name, kind=kinds.get(field.name, "categorical"), dtype=str(field.type), nullable=True)  # type: ignore[arg-type]
        for field in table.schema
    )
    found = tuple(specs)
    summaries = summarize(table)
    return find_hierarchies(found, summaries, table, find_combinations(table, found, summaries))


def products(n_products: int, n: int = N) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.concatenate([np.arange(n_products), rng.integers(0, n_products, n - n_products)])


def require_exact(table: pa.Table, found: HierarchyEncoder) -> None:
    back = found.decode(found.encode([table[name] for name in found.names]))
    for name, cells in zip(found.names, back, strict=True):
        assert cells.type == table[name].type
        assert arrays.plain(cells).equals(arrays.plain(table[name])), name


def test_reviews_are_a_hierarchy_of_products_with_two_exceptions() -> None:
    table = read_table(REVIEWS)
    schema = Schema.infer(table)
    declared = [each for each in schema.constraints if isinstance(each, Combinations)]
    (found,) = find_hierarchies(schema.modelled, summarize(table), table, declared)
    assert found.names == ("product_id", "department", "class")
    slots = found.slots("product_id")
    assert (len(found.counts), slots.cardinalities, found.local) == (1_149, (7, 21, 212), True)
    assert sum(found.counts) == len(table)
    require_exact(table, found)


def test_twins_take_one_code() -> None:
    ids = products(16)
    (found,) = hierarchies(pa.table({"name": pa.array([f"n{i}" for i in ids]), "number": pa.array(ids)}))
    assert found.names == ("name", "number")
    assert found.slots("name").cardinalities == (16,)


def test_leaves_under_a_parent_come_from_frequent_to_rare() -> None:
    ids = np.concatenate([products(100), np.full(500, 57)])
    (found,) = hierarchies(pa.table({"id": pa.array(ids), "class": pa.array(ids % 10)}))
    assert found.slots("id").cardinalities == (10, 10)
    codes = found.encode([pa.array([57]), pa.array([7])])
    assert codes.tolist() == [[7, 0]]
    for low, high in found.spans[0]:
        counts = found.counts[low:high]
        assert list(counts) == sorted(counts, reverse=True)


def test_many_ids_without_a_coarser_column_are_clustered() -> None:
    ids = products(900, 9_000)
    rng = np.random.default_rng(1)
    kind = np.arange(900) % 5
    table = pa.table(
        {
            "id": pa.array([f"p{i}" for i in ids]),
            "like": pa.array(np.where(rng.random(9_000) < 0.9, kind[ids], rng.integers(0, 5, 9_000))),
            "price": pa.array(kind[ids] * 10 + rng.normal(size=9_000), mask=rng.random(9_000) < 0.1),
        }
    )
    (found,) = hierarchies(table, id="high_cardinality", price="continuous")
    assert found.names == ("id",)
    assert found.slots("id").cardinalities == (30, 30)
    require_exact(table, found)
    own = kind[[int(str(name)[1:]) for name in found.members[0].take(np.arange(900)).to_pylist()]]
    pure = sum(np.bincount(own[low:high]).max() for low, high in found.spans[0])
    assert pure > 0.8 * 900  # at random it is about 300


def test_ids_of_large_classes_are_clustered_within_them() -> None:
    ids = products(2_000, 20_000)
    (found,) = hierarchies(pa.table({"id": pa.array(ids), "class": pa.array(ids % 4)}), id="high_cardinality")
    assert found.slots("id").cardinalities == (4, 48, 42)
    assert set(found.slots("id").windows[0]) == {(0, 12), (12, 24), (24, 36), (36, 48)}
    require_exact(pa.table({"id": pa.array(ids), "class": pa.array(ids % 4)}), found)


def test_few_categories_of_high_cardinality_take_one_code() -> None:
    (found,) = hierarchies(pa.table({"id": pa.array(products(40))}), id="high_cardinality")
    assert found.slots("id").cardinalities == (40,)


def test_numbers_and_times_may_follow_but_never_lead() -> None:
    shops = products(50)
    opened = pa.array([dt.date(2000, 1, 1) + dt.timedelta(days=int(37 * shop % 50)) for shop in shops])
    table = pa.table({"opened": opened, "size": pa.array(shops % 47 / 4), "shop": pa.array(shops)})
    (found,) = hierarchies(table, opened="datetime", size="continuous")
    assert found.names == ("shop", "opened", "size")
    assert found.slots("shop").cardinalities == (50,)
    require_exact(table, found)
    assert hierarchies(table, opened="datetime", size="continuous", shop="continuous") == ()


MEMBERS: dict[str, pa.Array] = {
    "boolean": pa.array([True, False, None, True]),
    "integer": pa.array([2**62, -(2**63), 0, None]),
    "unsigned": pa.array([2**64 - 1, 0, None, 1], pa.uint64()),
    "half float": pa.array(np.array([0.5, -2, np.nan, 0], np.float16)),
    "float": pa.array([0.1, float("nan"), -5.0, 0.1]),
    "text": pa.array(["nan", "", None, "None"]),
    "dictionary": pa.array(["b", None, "a", "b"]).dictionary_encode(),
    "date": pa.array([dt.date(1969, 1, 1), None, dt.date(2020, 2, 2), dt.date(2020, 2, 3)]),
    "time": pa.array([dt.datetime(2020, 1, 1, 1), dt.datetime(1900, 1, 1), None, None], pa.timestamp("us", "UTC")),
    "time of day": pa.array([dt.time(1), dt.time(2), dt.time(3), None]),
    "duration": pa.array([dt.timedelta(1), None, dt.timedelta(2), dt.timedelta(3)]),
}


@pytest.mark.parametrize("kind", MEMBERS)
@pytest.mark.parametrize("missing", [False, True])
def test_members_of_every_type_come_back(kind: str, missing: bool) -> None:
    """Also where cells of the determinant are missing."""
    ids = products(40)
    cells = MEMBERS[kind].take(pa.array(ids % 4))
    names = pa.array([f"p{i}" for i in ids], mask=np.isin(ids, (1, 5, 9)) & missing)
    table = pa.table({"cells": cells, "id": names})
    (found,) = hierarchies(table)
    assert set(found.names) == {"cells", "id"}
    require_exact(table, found)


def test_independent_columns_stay_apart() -> None:
    rng = np.random.default_rng(0)
    table = pa.table({f"c{size}": pa.array(rng.integers(0, size, N)) for size in (2, 5, 30, 400)})
    assert hierarchies(table) == ()
    assert hierarchies(table.slice(0, 0)) == ()


def test_a_table_comes_back_in_the_order_and_types_of_its_schema() -> None:
    table = read_table(REVIEWS)
    schema = Schema.infer(table)
    codec = TableCodec.fit(schema, summarize(table), table)
    back = codec.decode(codec.encode(table, np.random.default_rng(0)))
    assert back.schema.equals(schema.arrow_schema)
    for name in ("product_id", "class", "department", "division", "rating"):
        assert arrays.plain(back[name]).equals(arrays.plain(table[name])), name


def together(table: pa.Table, *declared: Combinations, **kinds: str) -> tuple[HierarchyEncoder, ...]:
    specs = tuple(
        ColumnSpec(name=field.name, kind=kinds.get(field.name, "categorical"), dtype=str(field.type), nullable=True)  # type: ignore[arg-type]
        for field in table.schema
    )
    return find_hierarchies(specs, summarize(table), table, declared)


def test_declared_combinations_become_a_hierarchy_though_none_determines_another() -> None:
    rng = np.random.default_rng(0)
    make, colour = rng.integers(0, 30, N), rng.integers(0, 9, N)
    colour = np.where(make % 2 == colour % 2, colour, make % 2)
    size = pa.array((make + colour) % 5 / 2, mask=colour == 3)
    table = pa.table({"make": make, "colour": pa.array(colour), "size": size, "other": rng.integers(0, 5, N)})
    assert together(table) == ()
    (found,) = together(table, Combinations(("make", "colour", "size")))
    assert set(found.names) == {"make", "colour", "size"}
    assert len(found.counts) == len(set(zip(*(table[name].to_pylist() for name in found.names), strict=True)))
    require_exact(table, found)
    rows = np.random.default_rng(1).integers(0, len(found.counts), 500)
    assert all(size <= 256 for size in found.slots(found.names[0]).cardinalities)
    known = set(zip(*(table[name].to_pylist() for name in found.names), strict=True))
    cells = found.decode(found.encode([table[name].take(pa.array(rows)) for name in found.names]))
    assert set(zip(*(column.to_pylist() for column in cells), strict=True)) <= known


def test_declared_combinations_of_numbers_and_thousands_of_leaves() -> None:
    rng = np.random.default_rng(0)
    table = pa.table(
        {"a": rng.integers(0, 80, N), "b": rng.integers(0, 80, N), "c": rng.normal(size=80)[rng.integers(0, 80, N)]}
    )
    (found,) = together(table, Combinations(("c", "a")), c="continuous")
    assert max(found.slots(found.names[0]).cardinalities) <= 256
    require_exact(table, found)


def test_groups_that_share_a_column_become_one() -> None:
    ids = products(60)
    table = pa.table({"id": ids, "class": ids % 12, "kind": ids % 3, "none": np.zeros(N, np.int64)})
    (found,) = together(table, Combinations(("class", "kind"), True), Combinations(("id", "class"), True))
    assert set(found.names) == {"id", "class", "kind"}
    assert found.slots("id").cardinalities == (3, 12, 60)
    assert together(table, Combinations(("id", "none")), none="constant") == ()


def test_what_was_dropped_from_the_schema_is_not_found_again() -> None:
    table = read_table(REVIEWS)
    schema = Schema.infer(table)
    kept = TableCodec.fit(schema, summarize(table), table)
    dropped = TableCodec.fit(Schema(schema.columns), summarize(table), table)
    assert [hierarchy.names for hierarchy in kept.hierarchies] == [("product_id", "department", "class")]
    assert [hierarchy.names for hierarchy in dropped.hierarchies] == [("product_id",)]


def test_numbers_with_too_many_values_cannot_be_combined() -> None:
    table = pa.table({"a": np.random.default_rng(0).normal(size=70_000), "b": np.arange(70_000) % 3})
    with pytest.raises(SchemaError, match="column 'a': expected at most about a million categories"):
        together(table, Combinations(("a", "b")), a="continuous")
