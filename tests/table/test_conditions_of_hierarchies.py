"""Conditions on columns that follow from each other: what they give, which rows they allow, and the impossible ones."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import ConditionError
from tabgan.layout import EncodedTable
from tabgan.table import arrays
from tabgan.table.clauses import Between, Not
from tabgan.table.codec import TableCodec
from tabgan.table.columns import ColumnSpec
from tabgan.table.conditions import Condition, condition_of
from tabgan.table.constraints import Combinations
from tabgan.table.files import read_table
from tabgan.table.schema import Schema
from tabgan.table.summaries import summarize

REVIEWS = Path(__file__).parents[2] / "sample_data" / "reviews.csv"
GROUP = ("department", "class", "product_id")


@pytest.fixture(scope="module")
def reviews() -> pa.Table:
    return read_table(REVIEWS)


@pytest.fixture(scope="module")
def codec(reviews: pa.Table) -> TableCodec:
    return TableCodec.fit(Schema.infer(reviews), summarize(reviews), reviews)


def leaves(codec: TableCodec, condition: Condition) -> EncodedTable:
    """The encoded rows, one for each leaf, that agree with what is given and with the guide."""
    (hierarchy,) = codec.hierarchies
    index = codec.layout.index(hierarchy.names[0])
    within = codec.layout.code_slices[index]
    codes = np.zeros((len(hierarchy.counts), codec.layout.n_codes), codec.layout.code_dtype)
    codes[:, within] = hierarchy.codes
    rows = EncodedTable(codes, np.zeros((len(codes), codec.layout.n_values), np.float32))
    found = np.ones(len(codes), bool)
    made = np.zeros(codec.layout.n_codes, bool)
    if condition.given is not None:
        given = slice(within.start, within.start + condition.given.depths[index])
        found &= (codes[:, given] == condition.given.cells.codes[:, given]).all(axis=1)
        made[given] = True
    if condition.guide is not None:
        accepted = found & condition.guide.accepts(rows)
        for code in range(within.start, within.stop):
            found &= condition.guide.allowed(code, rows, made)[np.arange(len(codes)), codes[:, code]]
            made[code] = True
        assert (found == accepted).all()
    return rows[np.flatnonzero(found)]


def allowed(codec: TableCodec, cells: object) -> set[tuple[Any, ...]]:
    """The cells of the group that rows may get."""
    rows = leaves(codec, condition_of(codec, (), cells))
    columns = codec.cells(rows, GROUP)
    return set(zip(*(columns[name].to_pylist() for name in GROUP), strict=True))


def occurring(table: pa.Table, cells: dict[str, list[Any]]) -> set[tuple[Any, ...]]:
    rows = zip(*(table[name].to_pylist() for name in GROUP), strict=True)
    return {row for row in rows if all(row[GROUP.index(name)] in some for name, some in cells.items())}


@pytest.mark.parametrize(
    ("cells", "depth"),
    [
        ({"department": "Tops"}, 1),
        ({"class": "Dresses"}, 2),
        ({"department": "Tops", "class": "Knits"}, 2),
        ({"product_id": 782}, 3),
        ({"product_id": 782, "department": "Intimate"}, 3),
        ({"product_id": 782, "class": "Lounge", "department": "Intimate"}, 3),
        ({"product_id": [782]}, 3),
    ],
)
def test_a_condition_gives_the_codes_down_to_its_node(
    reviews: pa.Table, codec: TableCodec, cells: dict[str, Any], depth: int
) -> None:
    condition = condition_of(codec, (), cells)
    assert condition.given is not None
    assert condition.guide is None
    assert condition.given.depths[codec.layout.index("product_id")] == depth
    lists = {name: value if isinstance(value, list) else [value] for name, value in cells.items()}
    assert allowed(codec, cells) == occurring(reviews, lists)


@pytest.mark.parametrize(
    ("cells", "depth"),
    [
        ({"department": ["Tops", "Dresses"]}, 0),
        ({"department": ["Tops", None]}, 0),
        ({"class": ["Knits", "Blouses", "Jeans"]}, 0),
        ({"class": ["Knits", "Blouses"], "department": ["Tops", "Dresses"]}, 1),
        ({"product_id": [782, 1078, 862]}, 0),
    ],
)
def test_of_several_cells_what_they_share_is_given(
    reviews: pa.Table, codec: TableCodec, cells: dict[str, Any], depth: int
) -> None:
    condition = condition_of(codec, (), cells)
    assert condition.guide is not None
    assert condition.guide.columns == (codec.layout.index("product_id"),)
    assert (0 if condition.given is None else condition.given.depths.sum()) == depth
    assert allowed(codec, cells) == occurring(reviews, cells)


def test_every_cell_of_every_column_of_a_group_can_be_given(reviews: pa.Table, codec: TableCodec) -> None:
    for name in GROUP:
        values = arrays.plain(reviews[name]).unique().to_pylist()
        for value in [*values[:25], *values[-5:]]:
            assert allowed(codec, {name: value}) == occurring(reviews, {name: [value]})


def test_pairs_of_cells_can_be_given(reviews: pa.Table, codec: TableCodec) -> None:
    pairs = sorted({row[:2] for row in occurring(reviews, {}) if None not in row})
    for department, name in pairs:
        found = allowed(codec, {"department": department, "class": name})
        assert found == occurring(reviews, {"department": [department], "class": [name]})


@pytest.fixture(scope="module")
def shops() -> TableCodec:
    """Shops of 5 owners (one shop has none), and of 3 regions, which cross the owners and are no level."""
    ids = np.repeat(np.arange(30), np.arange(30) * 10 + 10)
    owners = pa.array(ids % 5, mask=ids == 7)
    table = pa.table({"owner": owners, "shop": pa.array([f"s{i}" for i in ids]), "region": pa.array(ids // 10)})
    specs = [
        ColumnSpec(name=field.name, kind="categorical", dtype=str(field.type), nullable=True) for field in table.schema
    ]
    declared = Combinations(("shop", "owner", "region"), determines=True)
    return TableCodec.fit(Schema(tuple(specs), (declared,)), summarize(table), table)


def shops_with(shops: TableCodec, where: object) -> set[str]:
    rows = leaves(shops, condition_of(shops, (), where))
    return set(shops.cells(rows, ["shop"])["shop"].to_pylist())


def test_leaves_under_several_nodes_are_left_to_the_guide(shops: TableCodec) -> None:
    (hierarchy,) = shops.hierarchies
    assert hierarchy.names == ("shop", "owner", "region")
    assert shops_with(shops, {"region": 1}) == {f"s{i}" for i in range(10, 20)}
    condition = condition_of(shops, (), {"region": 1})
    assert condition.given is None
    assert condition.literals["region"].as_py() == 1


def test_ranges_lists_and_exceptions_choose_leaves(shops: TableCodec) -> None:
    assert shops_with(shops, "region >= 1") == {f"s{i}" for i in range(10, 30)}
    assert shops_with(shops, {"owner": Between(1, 2), "region": Not(2)}) == {
        f"s{i}" for i in range(20) if i % 5 in (1, 2) and i != 7
    }
    assert shops_with(shops, "owner not in (0, 1, 2, 3)") == {"s7", *(f"s{i}" for i in range(4, 30, 5))}
    assert shops_with(shops, ["owner != 4", "owner is not missing", "region = 0"]) == {
        f"s{i}" for i in range(10) if i % 5 != 4 and i != 7
    }


def test_a_missing_cell_can_be_given_where_one_was(shops: TableCodec) -> None:
    condition = condition_of(shops, (), {"owner": None})
    assert condition.guide is None
    assert condition.given is not None
    rows = EncodedTable(condition.given.cells.codes, np.zeros((1, 0), np.float32))
    assert shops.decode(rows).to_pylist() == [{"owner": None, "shop": "s7", "region": 0}]
    for name in ("shop", "region"):
        with pytest.raises(ConditionError, match=f"column '{name}': expected a value, got a missing cell"):
            condition_of(shops, (), {name: None})


def test_several_cells_narrow_the_leaves(shops: TableCodec) -> None:
    assert shops_with(shops, {"owner": 3, "region": "1"}) == {"s13", "s18"}
    assert condition_of(shops, (), {"owner": 2, "region": 0, "shop": "s2"}).guide is None


@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        ({"shop": "s3", "region": 2}, ["'shop' and 'region'", "got 's3' and 2", "'region' is 0"]),
        ({"region": 2, "owner": None}, ["'owner' and 'region'", "a missing cell and 2", "'region' is 0"]),
        ({"shop": "s3", "region": 2, "owner": 1}, ["'owner' is 3 and 'region' is 0"]),
        ({"shop": "s33"}, ["column 'shop'", "30 categories", "closest: s3"]),
        ({"shop": ["s3", "s4"], "region": Between(1, None)}, ["got in ('s3', 's4') and >= 1", "'region' is 0"]),
    ],
)
def test_cells_that_never_occur_together_are_explained(
    shops: TableCodec, cells: dict[str, Any], texts: list[str]
) -> None:
    with pytest.raises(ConditionError) as caught:
        condition_of(shops, (), cells)
    for text in texts:
        assert text in str(caught.value)


def test_given_cells_of_a_group_are_written_as_they_are(codec: TableCodec, reviews: pa.Table) -> None:
    rows = codec.encode(reviews.slice(0, 50), np.random.default_rng(0))
    back = codec.decode(rows, given=condition_of(codec, (), {"class": "Knits", "rating": 3}).literals)
    assert back.schema.equals(codec.schema.arrow_schema)
    assert set(back["class"].to_pylist()) == {"Knits"}
    assert set(back["rating"].to_pylist()) == {3}
    assert back["product_id"].to_pylist() == reviews["product_id"].slice(0, 50).to_pylist()


def test_given_cells_keep_the_declared_categories() -> None:
    sizes = pa.DictionaryArray.from_arrays(pa.array(np.arange(300) % 3, pa.int8()), pa.array(["S", "M", "L", "XL"]))
    table = pa.table({"size": sizes, "number": pa.array(np.arange(300) % 3)})
    schema = Schema.infer(table)
    codec = TableCodec.fit(schema, summarize(table), table)
    assert len(codec.hierarchies) == 1
    rows = codec.encode(table, np.random.default_rng(0))
    for given in (None, condition_of(codec, (), {"size": "M"}).literals):
        back = codec.decode(rows, given=given)["size"].chunk(0)
        assert back.type == sizes.type
        assert back.dictionary.to_pylist() == ["S", "M", "L", "XL"]
    assert set(back.to_pylist()) == {"M"}


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31 23:00"])
def test_points_in_time_beyond_the_calendar_are_refused_in_words(text: str) -> None:
    days = pa.array(range(200), pa.int64()).cast(pa.timestamp("s")).cast(pa.timestamp("us", "Europe/Berlin"))
    table = pa.table({"t": days})
    schema = Schema.infer(table)
    zoned = TableCodec.from_summaries(schema, summarize(table))
    with pytest.raises(ConditionError, match="expected a value from 1970"):
        condition_of(zoned, (), {"t": text})
