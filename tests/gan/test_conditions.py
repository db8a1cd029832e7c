from collections.abc import Callable

import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import given
from hypothesis import strategies as st

from tabgan.gan.conditions import ConditionSampler, GivenRows, given_codes
from tabgan.gan.learnt_rows import LearntRows
from tabgan.gan.stages import StagePlan
from tabgan.layout import ColumnSlots, EncodedTable, GivenCells, Layout

Tables = Callable[..., EncodedTable]
Plans = Callable[..., StagePlan]
N = 40_000


def _straight(layout: Layout) -> StagePlan:
    """The plan that makes the codes in the order of the layout."""
    return StagePlan(layout, tuple((code,) for code in range(layout.n_codes)))


def _sampler(layout: Layout, table: EncodedTable, share: float, balance: float) -> ConditionSampler:
    rows, random = LearntRows(table.codes, np.arange(0)), np.random.default_rng(0)
    return ConditionSampler(rows, _straight(layout), share=share, balance=balance, random=random)


def _depths(layout: Layout, mask: np.ndarray) -> list[int]:
    """How many codes of each column are given; the mask must be of prefixes."""
    assert all(sorted(mask[codes], reverse=True) == list(mask[codes]) for codes in layout.code_slices)
    return [int(mask[codes].sum()) for codes in layout.code_slices]


@given(st.data(), st.integers(0, 50))
def test_depths_become_prefixes_in_the_order_of_the_plan(data: st.DataObject, seed: int) -> None:
    sizes = data.draw(st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=4), min_size=1, max_size=5))
    layout = Layout(tuple(ColumnSlots(f"c{index}", tuple(own)) for index, own in enumerate(sizes)))
    depths = [data.draw(st.integers(0, len(own))) for own in sizes]
    levels = [(level, column) for column, own in enumerate(sizes) for level in range(len(own))]
    order = sorted(range(layout.n_codes), key=lambda code: (levels[code][0], hash((seed, levels[code][1]))))
    plan = StagePlan(layout, tuple((code,) for code in order))
    found = given_codes(plan, np.array(depths))
    assert found.dtype == np.bool_
    assert found.tolist() == [levels[code][0] < depths[levels[code][1]] for code in order]


def test_the_given_codes_of_a_plan_by_hand(shop: Layout) -> None:
    """The codes are city 0, price 1 and 2, product 3, 4 and 5, rating 6."""
    plan = StagePlan(shop, ((3, 6), (1,), (4, 2), (0, 5)))
    assert given_codes(plan, np.array([1, 1, 2, 0])).tolist() == [True, False, True, True, False, True, False]


def test_without_a_share_nothing_is_given_and_any_rows_will_do(shop: Layout, random_table: Tables) -> None:
    draw = _sampler(shop, random_table(shop, 10), 0.0, 1.0).draw(N, np.random.default_rng(0))
    assert draw == (None, None)


def test_with_a_whole_share_something_is_always_given(shop: Layout, random_table: Tables) -> None:
    sampler, random = _sampler(shop, random_table(shop, 10), 1.0, 0.0), np.random.default_rng(0)
    draws = [sampler.draw(3, random) for _ in range(300)]
    assert all(draw.given is not None and draw.given.any() and draw.given.shape == (7,) for draw in draws)
    assert all(draw.rows is None for draw in draws)


@pytest.mark.parametrize("share", [0.2, 0.7])
def test_so_many_batches_have_given_cells(share: float, shop: Layout, random_table: Tables) -> None:
    sampler, random, n = _sampler(shop, random_table(shop, 10), share, 0.5), np.random.default_rng(0), 4_000
    found = sum(sampler.draw(1, random).given is not None for _ in range(n)) / n
    assert found == pytest.approx(share, abs=4.5 * np.sqrt(share * (1 - share) / n))


def test_few_columns_are_given_as_a_rule_and_each_as_often(shop: Layout, random_table: Tables) -> None:
    sampler, random, n = _sampler(shop, random_table(shop, 10), 1.0, 0.0), np.random.default_rng(0), 10_000
    masks = [sampler.draw(1, random).given for _ in range(n)]
    depths = np.array([_depths(shop, mask) for mask in masks if mask is not None])
    given_columns = (depths > 0).sum(1)
    # The number is 1 + floor(3 u**3): it is at most j where u is below the cube root of j / 3.
    for most in (1, 2):
        share = (most / 3) ** (1 / 3)
        assert abs((given_columns <= most).mean() - share) < 4.5 * np.sqrt(share * (1 - share) / n)
    assert given_columns.max() <= 3
    assert np.ptp((depths > 0).mean(0)) < 9 * np.sqrt(0.25 / n)


def test_some_columns_of_several_codes_are_given_in_part(shop: Layout, random_table: Tables) -> None:
    sampler, random = _sampler(shop, random_table(shop, 10), 1.0, 0.0), np.random.default_rng(0)
    masks = [sampler.draw(1, random).given for _ in range(10_000)]
    depths = np.array([_depths(shop, mask) for mask in masks if mask is not None])
    for column, n_codes in ((1, 2), (2, 3)):
        shares = np.bincount(depths[:, column], minlength=n_codes + 1)[1:] / (depths[:, column] > 0).sum()
        assert 0.1 < shares[:-1].sum() < 0.3
        assert np.ptp(shares[:-1]) < 0.05


def test_a_single_column_can_be_given(random_table: Tables) -> None:
    layout = Layout((ColumnSlots("a", (3,)),))
    given_mask = _sampler(layout, random_table(layout, 5), 1.0, 0.0).draw(9, np.random.default_rng(0)).given
    assert given_mask is not None
    assert given_mask.tolist() == [True]


def test_balanced_draws_flatten_by_the_logarithm_of_the_counts() -> None:
    counts = np.array([3_000, 900, 95, 5])
    codes = np.repeat(np.arange(4), counts)
    layout = Layout((ColumnSlots("a", (6,)),))
    table = EncodedTable(codes[:, None].astype(np.uint8), np.zeros((4_000, 0), np.float32))
    draw = _sampler(layout, table, 1.0, 1.0).draw(N, np.random.default_rng(0))
    assert draw.given is not None
    assert draw.given.all()
    drawn = np.bincount(codes[draw.rows], minlength=4)
    chances = np.log1p(counts) / np.log1p(counts).sum()
    assert scipy.stats.chisquare(drawn, N * chances).pvalue > 1e-4
    assert drawn[3] / N > 20 * counts[3] / 4_000
    rare = np.bincount(draw.rows[codes[draw.rows] == 3], minlength=4_000)[-5:]
    assert scipy.stats.chisquare(rare).pvalue > 1e-4


def test_the_code_that_is_balanced_is_given(random_table: Tables) -> None:
    """Rows where the first or the last code of b, or a, is rare are drawn too often, but never without that code."""
    layout = Layout((ColumnSlots("a", (2,)), ColumnSlots("b", (2, 2))))
    codes = np.zeros((10_000, 3), np.uint8)
    codes[:20, 0] = codes[20:40, 1] = codes[40:60, 2] = 1
    table = EncodedTable(codes, np.zeros((10_000, 0), np.float32))
    sampler, random = _sampler(layout, table, 1.0, 1.0), np.random.default_rng(0)
    balanced = set()
    for _ in range(300):
        draw = sampler.draw(200, random)
        assert draw.given is not None
        _depths(layout, draw.given)
        flattened = codes[draw.rows].mean(0) > 0.1
        assert flattened.sum() == 1
        assert draw.given[flattened].all()
        balanced.add(int(np.argmax(flattened)))
    assert balanced == {0, 1, 2}


def test_balancing_keeps_what_follows_from_the_given_code(random_table: Tables) -> None:
    """Of the rows with a rare category of a, b has the frequencies that it has there in the table."""
    layout = Layout((ColumnSlots("a", (3,)), ColumnSlots("b", (4,))))
    table = random_table(layout, 3_000)
    sampler, random = _sampler(layout, table, 1.0, 1.0), np.random.default_rng(0)
    made = np.zeros((3, 4))
    for _ in range(400):
        draw = sampler.draw(400, random)
        assert draw.given is not None
        if draw.given.tolist() == [True, False]:
            np.add.at(made, tuple(table.codes[draw.rows].T), 1)
    real = np.zeros((3, 4))
    np.add.at(real, tuple(table.codes.T), 1)
    assert made.sum() > 10_000
    for drawn, counted in zip(made, real, strict=True):
        assert scipy.stats.chisquare(drawn, drawn.sum() * counted / counted.sum()).pvalue > 1e-4


def test_so_many_batches_with_given_cells_are_balanced() -> None:
    codes = np.zeros((10_000, 1), np.uint8)
    codes[:10] = 1
    table = EncodedTable(codes, np.zeros((10_000, 0), np.float32))
    sampler, random = _sampler(Layout((ColumnSlots("a", (2,)),)), table, 0.5, 0.4), np.random.default_rng(0)
    balanced = given_batches = 0
    for _ in range(2_000):
        draw = sampler.draw(100, random)
        given_batches += draw.given is not None
        flattened = draw.rows is not None
        assert not flattened or codes[draw.rows].mean() > 0.05
        assert not (flattened and draw.given is None)
        balanced += flattened
    assert balanced / given_batches == pytest.approx(0.4, abs=4.5 * np.sqrt(0.24 / 1_000))


def test_of_a_large_table_balancing_knows_some_rows_drawn_from_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the 20,000 rows have the category 1, a hundredth of them 2, and they are the first of the file."""
    monkeypatch.setattr("tabgan.gan.conditions.MAX_BALANCED", 8_000)
    codes = np.zeros((20_000, 1), np.uint8)
    codes[:10_000], codes[:200] = 1, 2
    table = EncodedTable(codes, np.zeros((20_000, 0), np.float32))
    sampler = _sampler(Layout((ColumnSlots("a", (3,)),)), table, 1.0, 1.0)
    rows = np.concatenate([sampler.draw(1_000, np.random.default_rng(seed)).rows for seed in range(50)])
    known = np.unique(rows)
    assert len(known) <= 8_000
    assert known.max() > 19_000
    counts = np.bincount(codes[known, 0])
    assert counts[0] / counts[1] == pytest.approx(10_000 / 9_800, rel=0.1)
    assert np.bincount(codes[rows, 0])[2] / len(rows) > 0.2


@pytest.mark.parametrize("balance", [0.0, 1.0])
def test_the_same_stream_draws_the_same(balance: float, shop: Layout, random_table: Tables) -> None:
    sampler = _sampler(shop, random_table(shop, 30), 1.0, balance)
    first, second, other = (sampler.draw(64, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first.rows, second.rows)
    assert first.given is not None
    assert second.given is not None
    assert np.array_equal(first.given, second.given)
    if balance:
        assert not np.array_equal(first.rows, other.rows)


@pytest.mark.parametrize("n", [1, 2])
def test_a_tiny_table_fills_any_batch(n: int, shop: Layout, random_table: Tables) -> None:
    sampler, random = _sampler(shop, random_table(shop, n), 1.0, 1.0), np.random.default_rng(0)
    assert {row for _ in range(20) for row in sampler.draw(100, random).rows.tolist()} == set(range(n))


def test_the_condition_of_rows_arranges_the_given_cells(shop: Layout, mixed_plan: Plans) -> None:
    plan = mixed_plan(shop)
    cells = EncodedTable(np.array([[2, 1, 0, 0, 1, 2, 3]], np.uint8), np.zeros((1, 1), np.float32))
    depths = np.array([0, 2, 1, 1])
    condition = GivenRows.of(shop, 5, GivenCells(depths, cells)).condition(plan, torch.device("cpu"))
    assert condition.given.shape == condition.codes.shape == (5, 7)
    assert condition.codes.dtype == torch.int64
    assert np.array_equal(plan.restore(condition.codes.numpy()), cells.codes.repeat(5, axis=0))
    assert condition.given[3].tolist() == given_codes(plan, depths).tolist()
    in_order = condition.given[3].numpy()[np.argsort(plan.order)]
    assert in_order.tolist() == [False, True, True, True, False, False, True]


def test_rows_with_given_cells_of_their_own(shop: Layout, random_table: Tables, mixed_plan: Plans) -> None:
    plan, cells = mixed_plan(shop), random_table(shop, 3)
    depths = np.array([[1, 0, 2, 0], [0, 2, 0, 0], [0, 1, 3, 1]])
    rows = GivenRows(depths, cells)
    assert rows.codes_given(shop).tolist() == [
        [True, False, False, True, True, False, False],
        [False, True, True, False, False, False, False],
        [False, True, False, True, True, True, True],
    ]
    assert rows.values_given(shop).tolist() == [[False], [True], [False]]
    given_in_order = rows.condition(plan, torch.device("cpu")).given.numpy()[:, np.argsort(plan.order)]
    assert np.array_equal(given_in_order, rows.codes_given(shop))
    turned = rows[np.array([2, 0])]
    assert np.array_equal(turned.depths, depths[[2, 0]])
    assert np.array_equal(turned.cells.codes, cells.codes[[2, 0]])


def test_finishing_columns_keeps_what_was_given(shop: Layout, random_table: Tables) -> None:
    depths = np.array([[1, 0, 2, 0], [0, 1, 0, 0]])
    before = GivenRows(depths, random_table(shop, 2))
    after = before.finishing(shop, (1, 3), random_table(shop, 2, 1))
    assert after.depths.tolist() == [[1, 2, 2, 1], [0, 2, 0, 1]]
    assert np.array_equal(after.cells.codes, random_table(shop, 2, 1).codes)
    assert before.depths.tolist() == [[1, 0, 2, 0], [0, 1, 0, 0]]


def test_nothing_is_given_of_any_number_of_rows(shop: Layout) -> None:
    rows = GivenRows.of(shop, 4, None)
    assert len(rows) == 4
    assert not rows.codes_given(shop).any()
    assert not rows.values_given(shop).any()


@pytest.mark.filterwarnings("error")
def test_given_cells_can_be_read_only(shop: Layout, mixed_plan: Plans) -> None:
    codes, values = np.zeros((1, 7), np.uint8), np.zeros((1, 1), np.float32)
    depths = np.array([1, 0, 0, 0])
    for array in (codes, values, depths):
        array.setflags(write=False)
    cells = GivenCells(depths, EncodedTable(codes, values))
    assert GivenRows.of(shop, 3, cells).condition(mixed_plan(shop), torch.device("cpu")).given.any()
