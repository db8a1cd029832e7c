"""Conditions on columns that follow from each other: what they give, which rows they allow, and the impossible ones."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import ConditionError
from tabgan.layout import EncodedTable, GivenCells
from tabgan.table import arrays
from tabgan.table.codec import TableCodec
from tabgan.table.columns import ColumnSpec
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


def allowed(codec: TableCodec, given: GivenCells) -> set[tuple[Any, ...]]:
    """The cells of the group that rows may get: those of all leaves with the given prefix, or of the choices."""
    (hierarchy,) = codec.hierarchies
    index = codec.layout.index("product_id")
    if given.choices:
        codes = given.choices[0].codes
    else:
        prefix = given.cells.codes[0, codec.layout.code_slices[index]][: given.depths[index]]
        codes = hierarchy.codes[(hierarchy.codes[:, : len(prefix)] == prefix).all(axis=1)]
    columns = dict(zip(hierarchy.names, hierarchy.decode(codes), strict=True))
    return set(zip(*(columns[name].to_pylist() for name in GROUP), strict=True))


def occurring(table: pa.Table, cells: dict[str, Any]) -> set[tuple[Any, ...]]:
    rows = zip(*(table[name].to_pylist() for name in GROUP), strict=True)
    return {row for row in rows if all(row[GROUP.index(name)] == value for name, value in cells.items())}


@pytest.mark.parametrize(
    ("cells", "depth", "n_choices"),
    [
        ({"department": "Tops"}, 1, 0),
        ({"class": "Dresses"}, 2, 0),
        ({"department": "Tops", "class": "Knits"}, 2, 0),
        ({"product_id": 782}, 3, 0),
        ({"product_id": 782, "department": "Intimate"}, 3, 0),
        ({"product_id": 782, "class": "Lounge", "department": "Intimate"}, 3, 0),
        ({"age": 30}, 0, 0),
    ],
)
def test_a_condition_gives_the_codes_down_to_its_node(
    reviews: pa.Table, codec: TableCodec, cells: dict[str, Any], depth: int, n_choices: int
) -> None:
    given = codec.encode_cells(cells)
    assert given.depths[codec.layout.index("product_id")] == depth
    assert len(given.choices) == n_choices
    assert allowed(codec, given) == occurring(reviews, {name: cells[name] for name in cells if name in GROUP})


def test_every_cell_of_every_column_of_a_group_can_be_given(reviews: pa.Table, codec: TableCodec) -> None:
    for name in GROUP:
        values = arrays.plain(reviews[name]).unique().to_pylist()
        for value in [*values[:25], *values[-5:]]:
            assert allowed(codec, codec.encode_cells({name: value})) == occurring(reviews, {name: value})


def test_pairs_of_cells_can_be_given(reviews: pa.Table, codec: TableCodec) -> None:
    pairs = sorted({row[:2] for row in occurring(reviews, {}) if None not in row})
    for department, name in pairs:
        cells = {"department": department, "class": name}
        assert allowed(codec, codec.encode_cells(cells)) == occurring(reviews, cells)


@pytest.fixture(scope="module")
def shops() -> TableCodec:
    """Shops of 5 owners (one shop has none), and of 3 regions, which cross the owners and are no level."""
    ids = np.repeat(np.arange(30), np.arange(30) * 10 + 10)
    owners = pa.array(ids % 5, mask=ids == 7)
    table = pa.table({"owner": owners, "shop": pa.array([f"s{i}" for i in ids]), "region": pa.array(ids // 10)})
    specs = [
        ColumnSpec(name=field.name, kind="categorical", dtype=str(field.type), nullable=True) for field in table.schema
    ]
    return TableCodec.fit(Schema(tuple(specs)), summarize(table), table)


def test_leaves_under_several_nodes_are_choices_in_proportion_to_their_rows(shops: TableCodec) -> None:
    (hierarchy,) = shops.hierarchies
    assert hierarchy.names == ("shop", "owner", "region")
    given = shops.encode_cells({"region": 1})
    (choices,) = given.choices
    assert given.depths.tolist() == [len(hierarchy.slots("shop").cardinalities)]
    found = dict(zip(hierarchy.decode(choices.codes)[0].to_pylist(), choices.shares, strict=True))
    rows = {f"s{i}": i * 10 + 10 for i in range(10, 20)}
    assert found.keys() == rows.keys()
    for name, count in rows.items():
        assert found[name] == pytest.approx(count / sum(rows.values()))
    assert choices.codes.dtype == shops.layout.code_dtype


def test_a_missing_cell_can_be_given_where_one_was(shops: TableCodec) -> None:
    given = shops.encode_cells({"owner": None})
    rows = EncodedTable(given.cells.codes, np.zeros((1, 0), np.float32))
    assert not given.choices
    assert shops.decode(rows).to_pylist() == [{"owner": None, "shop": "s7", "region": 0}]
    for name in ("shop", "region"):
        with pytest.raises(ConditionError, match=f"column '{name}': expected a value, got a missing cell"):
            shops.encode_cells({name: None})


def test_several_cells_narrow_the_choices(shops: TableCodec) -> None:
    (choices,) = shops.encode_cells({"owner": 3, "region": "1"}).choices
    assert set(shops.hierarchies[0].decode(choices.codes)[0].to_pylist()) == {"s13", "s18"}
    assert not shops.encode_cells({"owner": 2, "region": 0, "shop": "s2"}).choices


@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        ({"shop": "s3", "region": 2}, ["'shop' and 'region'", "got 's3' and 2", "'region' is 0"]),
        ({"region": 2, "owner": None}, ["'owner' and 'region'", "a missing cell and 2", "'region' is 0"]),
        ({"shop": "s3", "region": 2, "owner": 1}, ["'owner' is 3 and 'region' is 0"]),
        ({"shop": "s33"}, ["column 'shop'", "30 categories", "closest: s3"]),
    ],
)
def test_cells_that_never_occur_together_are_explained(
    shops: TableCodec, cells: dict[str, Any], texts: list[str]
) -> None:
    with pytest.raises(ConditionError) as caught:
        shops.encode_cells(cells)
    for text in texts:
        assert text in str(caught.value)


def test_given_cells_of_a_group_are_written_as_they_are(codec: TableCodec, reviews: pa.Table) -> None:
    rows = codec.encode(reviews.slice(0, 50), np.random.default_rng(0))
    back = codec.decode(rows, given=codec.literal_cells({"class": "Knits", "rating": 3}))
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
    for given in (None, codec.literal_cells({"size": "M"})):
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
        zoned.encode_cells({"t": text})
