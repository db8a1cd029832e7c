"""What the codes of one codec mean in those of another, for every kind of encoder."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from tabgan.layout import Partners
from tabgan.table.codec import TableCodec
from tabgan.table.columns import ColumnSpec
from tabgan.table.constraints import Combinations, Constraint
from tabgan.table.correspondence import partners_of
from tabgan.table.schema import Schema
from tabgan.table.summaries import summarize

RANDOM = np.random.default_rng(0)
N = 3_000


def codec_of(column: pa.Array, kind: str = "categorical", **more: object) -> TableCodec:
    spec = ColumnSpec(
        **{"name": "x", "kind": kind, "dtype": str(column.type), "nullable": column.null_count > 0} | more
    )
    return codec_of_table(pa.table({"x": column}), (spec,))


def codec_of_table(table: pa.Table, specs: Sequence[ColumnSpec], rules: Sequence[Constraint] = ()) -> TableCodec:
    return TableCodec.fit(Schema(tuple(specs), tuple(rules)), summarize(table), table)


def pairs(partners: Partners | None) -> dict[tuple[int, int], tuple[int, int]]:
    assert partners is not None
    own, other = zip(partners.before, partners.own), zip(partners.other_before, partners.other)  # noqa: B905
    return {tuple(map(int, node)): tuple(map(int, there)) for node, there in zip(own, other, strict=True)}


def firsts(partners: Partners | None) -> list[int]:
    """The other category of each category of a first code."""
    found = pairs(partners)
    return [found[0, own][1] for own in range(len(found))]


def numbers(low: float = 0.0, n: int = N, missing: float = 0.0, seed: int = 0) -> pa.Array:
    random = np.random.default_rng(seed)
    return pa.array(np.round(random.normal(low, 10, n), 3), mask=random.random(n) < missing)


def listed(names: str, n: int = N, seed: int = 0) -> pa.Array:
    cells = np.array([None if name == "_" else name for name in names], object)
    return pa.array(np.random.default_rng(seed).permutation(np.resize(cells, n)))


def days(start: dt.date, n: int = N) -> pa.Array:
    return pa.array([start + dt.timedelta(days=int(d)) for d in np.random.default_rng(0).integers(0, 900, n)])


IDENTICAL = {
    "categories": lambda: codec_of(listed("abc_")),
    "numbers": lambda: codec_of(numbers(missing=0.1), "continuous"),
    "few numbers": lambda: codec_of(pa.array(np.resize(np.arange(7), N)), "continuous"),
    "tied numbers": lambda: codec_of(
        pa.array(np.where(RANDOM.random(N) < 0.4, 0.0, np.round(RANDOM.lognormal(3, 1, N), 2))), "continuous"
    ),
    "dates": lambda: codec_of(days(dt.date(2020, 1, 1)), "datetime"),
    "modes": lambda: codec_of(numbers(missing=0.1), "continuous", encoding="modes"),
    "many categories": lambda: codec_of(pa.array([f"c{i % 400}" for i in range(N)]), "high_cardinality"),
    "grouped": lambda: grouped([f"c{i % 400}" for i in range(N)]),
    "all missing": lambda: codec_of(pa.array([None] * N, pa.float64()), "continuous"),
    "hierarchy": lambda: shop(30),
}


def grouped(cells: list[str | None]) -> TableCodec:
    column = pa.array(cells)
    spec = ColumnSpec(name="x", kind="high_cardinality", dtype="string", nullable=column.null_count > 0)
    return TableCodec.from_summaries(Schema((spec,)), summarize(pa.table({"x": column})))


def shop(n_products: int, *, n: int = N, first: int = 0) -> TableCodec:
    """Products that determine their department."""
    product = np.random.default_rng(0).integers(first, first + n_products, n)
    table = pa.table(
        {
            "product": pa.array([f"p{i:03d}" for i in product]),
            "department": pa.array([f"d{i % 3}" for i in product]),
        }
    )
    specs = [ColumnSpec(name=name, kind="categorical", dtype="string", nullable=False) for name in table.column_names]
    return codec_of_table(table, specs, [Combinations(("product", "department"), determines=True)])


@pytest.mark.parametrize("name", IDENTICAL)
def test_a_codec_corresponds_to_itself(name):
    codec = IDENTICAL[name]()
    found = partners_of(codec, codec)
    assert len(found) == codec.layout.n_codes > 0
    slots = codec.layout.columns[0]
    for code, partners in enumerate(found):
        assert partners is not None
        assert partners.code == code
        np.testing.assert_array_equal(partners.before, partners.other_before)
        np.testing.assert_array_equal(partners.own, partners.other)
        windows = slots.windows[code - 1] if code else [(0, slots.cardinalities[0])]
        assert set(pairs(partners)) == {(b, own) for b, (low, high) in enumerate(windows) for own in range(low, high)}


def test_categories_correspond_by_value_and_new_ones_to_nothing():
    now, before = codec_of(listed("bxa_")), codec_of(listed("abcd_"))
    assert firsts(partners_of(now, before)[0]) == [0, 1, -1, 4]  # a, b, x, missing


def test_missing_cells_that_come_or_go():
    with_missing, without = codec_of(listed("ab_")), codec_of(listed("ab"))
    assert firsts(partners_of(with_missing, without)[0]) == [0, 1, -1]
    assert firsts(partners_of(without, with_missing)[0]) == [0, 1]
    many, none = codec_of(numbers(missing=0.2), "continuous"), codec_of(numbers(), "continuous")
    coarse = partners_of(many, none)[0]
    assert firsts(coarse)[-1] == -1
    assert min(firsts(coarse)[:-1]) >= 0
    assert min(firsts(partners_of(none, many)[0])) >= 0


def test_categories_in_a_declared_order_correspond_by_value():
    def sizes(names: list[str]) -> TableCodec:
        cells = pa.DictionaryArray.from_arrays(
            pa.array(np.resize(np.arange(len(names)), N), pa.int8()), pa.array(names), ordered=True
        )
        return codec_of(cells, categories=tuple(names), ordered=True)

    assert firsts(partners_of(sizes(["S", "M", "L", "XL"]), sizes(["S", "L", "XL"]))[0]) == [0, -1, 1, 2]


@pytest.mark.parametrize("shift", [0.0, 7.0, -12.0, 500.0])
def test_cells_of_numbers_correspond_to_where_their_middles_fall(shift):
    now, before = (codec_of(numbers(low, seed=seed), "continuous") for low, seed in ((shift, 1), (0.0, 0)))
    coarse, fine = partners_of(now, before)
    assert coarse is not None
    there = firsts(coarse)
    assert there == sorted(there)
    own, other = now.encoder_of(0), before.encoder_of(0)
    for (c, f), (there_c, there_f) in pairs(fine).items():
        (middle,) = own.decode(np.array([[c, f]], np.uint32), np.zeros((1, 1), np.float32)).to_pylist()
        codes, _ = other.encode(pa.array([middle]), np.random.default_rng(0))
        assert codes[0].tolist() == [there_c, there_f]
    if shift == 500.0:
        assert set(there) == {other.slots("x").cardinalities[0] - 1}
    if shift == 0.0:
        assert np.abs(np.array(there) - np.linspace(0, max(there), len(there))).max() < 3


def test_fine_cells_that_were_not_there_have_no_partner():
    now, before = (
        codec_of(numbers(), "continuous"),
        codec_of(pa.array(np.resize(np.arange(-20.0, 20), N)), "continuous"),
    )
    coarse, fine = partners_of(now, before)
    assert fine is None
    assert firsts(coarse) == sorted(firsts(coarse))
    (back,) = partners_of(before, now)
    assert firsts(back) == sorted(firsts(back))


def test_dates_later_than_all_known_ones_correspond_to_the_last():
    now, before = (codec_of(days(dt.date(year, 1, 1)), "datetime") for year in (2024, 2020))
    coarse = partners_of(now, before)[0]
    assert set(firsts(coarse)) == {before.layout.columns[0].cardinalities[0] - 1}


def test_numbers_where_there_were_none():
    now, before = codec_of(numbers(missing=0.1), "continuous"), codec_of(pa.nulls(N, pa.float64()), "continuous")
    there = firsts(partners_of(now, before)[0])
    assert there[:-1] == [-1] * (len(there) - 1)
    assert there[-1] == 0
    assert firsts(partners_of(before, now)[0]) == [len(there) - 1]


def test_modes_correspond_to_the_nearest_modes():
    def two(low: float, high: float) -> TableCodec:
        random = np.random.default_rng(0)
        return codec_of(
            pa.array(np.concatenate([random.normal(low, 1, N), random.normal(high, 1, N)])),
            "continuous",
            encoding="modes",
        )

    now, before = two(0.5, 41.0), two(0.0, 40.0)
    means, others = (np.array(each.encoder_of(0).means) * each.encoder_of(0).scale for each in (now, before))
    coarse, fine = partners_of(now, before)
    for mode, there in enumerate(firsts(coarse)):
        assert abs(means[mode] - others[there]) < 10
    assert all(cell == there_cell for (_, cell), (_, there_cell) in pairs(fine).items())


@pytest.mark.parametrize("make", [grouped, lambda cells: codec_of(pa.array(cells), "high_cardinality")])
def test_positions_under_groups_correspond_by_what_they_stand_for(make):
    now, before = make([f"c{i % 300 + 50}" for i in range(N)]), make([f"c{i % 300}" for i in range(N)])
    codes = {}
    for name, codec in (("now", now), ("before", before)):
        cells = [f"c{i}" for i in range(50, 350)] if name == "now" else [f"c{i}" for i in range(300)]
        encoded = codec.encode(pa.table({"x": pa.array(cells)}), np.random.default_rng(0)).codes
        codes[name] = dict(zip(cells, map(tuple, encoded.tolist()), strict=True))
    found = pairs(partners_of(now, before)[1])
    for i in range(50, 350):
        expected = codes["before"].get(f"c{i}", (-1, -1))
        assert found[codes["now"][f"c{i}"]] == expected


def test_new_leaves_of_a_hierarchy_stand_under_nodes_that_are_known():
    now, before = shop(60), shop(30)
    departments, products = partners_of(now, before)
    assert firsts(departments) == [0, 1, 2]
    new = [there for there in pairs(products).values() if there == (-1, -1)]
    assert len(new) == 30
    own, other = now.hierarchies[0], before.hierarchies[0]
    names = [hierarchy.members[0].take(np.arange(len(hierarchy.counts))).to_pylist() for hierarchy in (own, other)]
    for (_, leaf), (_, there) in pairs(products).items():
        assert there == -1 or names[0][leaf] == names[1][there]


def test_a_leaf_whose_other_cells_changed_is_known_by_its_finest_column():
    table = {"product": ["a", "b", "c"] * 500, "shop": ["x", "x", "y"] * 500}
    moved = table | {"shop": ["x", "y", "y"] * 500}
    specs = [ColumnSpec(name=name, kind="categorical", dtype="string", nullable=False) for name in table]
    rules = [Combinations(("product", "shop"), determines=True)]
    now, before = (codec_of_table(pa.table(each), specs, rules) for each in (moved, table))
    shops, products = partners_of(now, before)
    assert firsts(shops)[0] == 0
    assert (-1, -1) not in pairs(products).values()


def test_a_column_of_another_kind_or_name_has_no_partner():
    now = codec_of(numbers(), "continuous")
    assert partners_of(now, codec_of(listed("ab"))) == (None, None)
    assert partners_of(now, codec_of(numbers(), "continuous", encoding="modes")) == (None, None)
    other = codec_of_table(
        pa.table({"y": numbers()}), [ColumnSpec(name="y", kind="continuous", dtype="double", nullable=False)]
    )
    assert partners_of(now, other) == (None, None)


def test_constants_are_in_no_layout():
    def both(cells: list[str]) -> TableCodec:
        specs = (
            ColumnSpec(
                name="x", kind="constant" if len(set(cells)) == 1 else "categorical", dtype="string", nullable=False
            ),
            ColumnSpec(name="y", kind="categorical", dtype="string", nullable=False),
        )
        return codec_of_table(pa.table({"x": cells, "y": listed("ab", len(cells))}), specs)

    constant, varying = both(["a"] * 60), both(["a", "b"] * 30)
    (only,) = partners_of(constant, varying)
    assert firsts(only) == [0, 1]
    assert only is not None
    assert only.code == 1
    first, second = partners_of(varying, constant)
    assert first is None
    assert firsts(second) == [0, 1]
