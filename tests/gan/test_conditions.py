from collections.abc import Callable

import hypothesis
import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import strategies as st

from tabgan.gan.conditions import Condition, ConditionMap, ConditionSampler
from tabgan.gan.features import Features, Rows
from tabgan.gan.stages import StagePlan, split
from tabgan.layout import ColumnSlots, EncodedTable, Layout

Tables = Callable[..., EncodedTable]
N = 40_000


@pytest.fixture
def plan(shop: Layout) -> StagePlan:
    """No part stands where the layout has it, and product's two codes are made in different stages."""
    return StagePlan(shop, ((3, 1), (4, 0), (2,)))


def _staged(plan: StagePlan, table: EncodedTable) -> Rows:
    return Features(plan.staged, 3).rows_of(plan.arrange(table))


@pytest.mark.parametrize(
    ("column", "units", "values"),
    [
        ("city", [*range(12, 15)], []),
        ("price", [], [0]),
        ("score", [*range(15, 19)], [1]),
        ("product", [*range(12)], []),
    ],
)
def test_a_column_spreads_over_its_own_units_and_values(
    column: str, units: list[int], values: list[int], plan: StagePlan, shop: Layout, random_table: Tables
) -> None:
    mask = torch.tensor([[float(name == column) for name in shop.names]])
    given_mask = ConditionMap(plan)(Condition(mask, _staged(plan, random_table(shop, 1))))
    assert given_mask.onehots.dtype == given_mask.values.dtype == torch.bool
    assert given_mask.onehots[0].nonzero().flatten().tolist() == units
    assert given_mask.values[0].nonzero().flatten().tolist() == values


@st.composite
def masks(draw: st.DrawFn) -> tuple[StagePlan, np.ndarray]:
    columns = []
    for index in range(draw(st.integers(1, 5))):
        sizes = tuple(draw(st.lists(st.integers(1, 5), max_size=2)))
        has_value = not sizes or draw(st.booleans())
        columns.append(ColumnSlots(f"c{index}", sizes, has_value, 1 if sizes and has_value else 0))
    layout = Layout(tuple(columns))
    parts = draw(st.permutations(range(len(split(layout)))))
    cut = draw(st.integers(1, len(parts)))
    stages = tuple(stage for stage in (tuple(parts[:cut]), tuple(parts[cut:])) if stage)
    mask = draw(st.lists(st.lists(st.booleans(), min_size=len(columns), max_size=len(columns)), min_size=1))
    return StagePlan(layout, stages), np.array(mask)


@hypothesis.given(masks())
def test_any_subset_of_any_columns_is_spread_row_by_row(drawn: tuple[StagePlan, np.ndarray]) -> None:
    """Arranging a table whose cells say whether their column is given must agree."""
    plan, mask = drawn
    layout, n = plan.layout, len(mask)
    rows = Rows(torch.zeros(n, layout.width), torch.zeros(n, layout.n_values))
    spread = ConditionMap(plan)(Condition(torch.from_numpy(mask).float(), rows))
    own = EncodedTable(mask[:, list(layout.code_columns)].astype(np.uint8), np.zeros((n, layout.n_values), np.float32))
    by_code = plan.arrange(own).codes.astype(bool)
    assert np.array_equal(spread.onehots.numpy(), np.repeat(by_code, plan.staged.cardinalities, axis=1))
    by_value = EncodedTable(own.codes, mask[:, list(layout.value_columns)].astype(np.float32))
    assert np.array_equal(spread.values.numpy(), plan.arrange(by_value).values.astype(bool))


def _sampler(layout: Layout, table: EncodedTable, share: float, balance: float) -> ConditionSampler:
    return ConditionSampler(table, layout, share=share, balance=balance)


def test_without_a_share_nothing_is_given_and_rows_are_uniform(shop: Layout, random_table: Tables) -> None:
    draw = _sampler(shop, random_table(shop, 10), 0.0, 1.0).draw(N, np.random.default_rng(0))
    assert not draw.mask.any()
    assert (draw.weights == 1).all()
    counts = np.bincount(draw.rows, minlength=10)
    assert np.abs(counts - N / 10).max() < 4.5 * np.sqrt(N * 0.1 * 0.9)
    assert (draw.mask.dtype, draw.weights.dtype) == (np.float32, np.float32)


@pytest.mark.parametrize(("n", "share", "n_free"), [(10, 0.4, 6), (10, 1.0, 0), (7, 0.5, 3), (5, 0.05, 5), (1, 1.0, 0)])
@pytest.mark.parametrize("balance", [0.0, 1.0])
def test_the_last_rows_are_conditional_and_share_their_columns(
    n: int, share: float, n_free: int, balance: float, shop: Layout, random_table: Tables
) -> None:
    sampler = _sampler(shop, random_table(shop, 10), share, balance)
    for seed in range(50):
        draw = sampler.draw(n, np.random.default_rng(seed))
        assert draw.n_free == n_free
        assert (draw.rows.shape, draw.mask.shape, draw.weights.shape) == ((n,), (n, 4), (n,))
        assert not draw.mask[:n_free].any()
        assert (draw.weights[:n_free] == 1).all()
        if n_free < n:
            assert (draw.mask[n_free:] == draw.mask[-1]).all()
            assert draw.mask[-1].any()


def test_few_columns_are_given_as_a_rule_and_each_as_often(shop: Layout, random_table: Tables) -> None:
    sampler, random, n = _sampler(shop, random_table(shop, 10), 1.0, 0.0), np.random.default_rng(0), 10_000
    draws = [sampler.draw(1, random) for _ in range(n)]
    mask = np.concatenate([draw.mask for draw in draws])
    given_columns = mask.sum(1)
    # The number is 1 + floor(3 u**3): it is at most j where u is below the cube root of j / 3.
    for most in (1, 2):
        share = (most / 3) ** (1 / 3)
        assert abs((given_columns <= most).mean() - share) < 4.5 * np.sqrt(share * (1 - share) / n)
    assert given_columns.max() <= 3
    assert np.ptp(mask.mean(0)) < 9 * np.sqrt(0.25 / n)
    assert all((draw.weights == 1).all() for draw in draws)


def test_a_single_column_can_be_given(random_table: Tables) -> None:
    layout = Layout((ColumnSlots("a", (3,)),))
    assert _sampler(layout, random_table(layout, 5), 1.0, 0.0).draw(9, np.random.default_rng(0)).mask.all()


def test_balanced_draws_flatten_and_weights_restore_the_frequencies() -> None:
    counts = np.array([3_000, 900, 95, 5])
    codes = np.repeat(np.arange(4), counts)
    layout = Layout((ColumnSlots("a", (6,)),))
    table = EncodedTable(codes[:, None].astype(np.uint8), np.zeros((4_000, 0), np.float32))
    draw = _sampler(layout, table, 1.0, 1.0).draw(N, np.random.default_rng(0))
    assert draw.mask.all()
    drawn = codes[draw.rows]
    frequency = np.bincount(drawn, minlength=4) / N
    chances = np.log1p(counts) / np.log1p(counts).sum()
    assert (np.abs(frequency - chances) < 4.5 * np.sqrt(chances * (1 - chances) / N)).all()
    weighted = np.bincount(drawn, draw.weights, 4) / draw.weights.sum()
    assert np.allclose(weighted, counts / 4_000, rtol=0.07)
    assert draw.weights.mean() == pytest.approx(1, abs=0.02)
    rare = np.bincount(draw.rows[drawn == 3], minlength=4_000)[-5:]
    assert scipy.stats.chisquare(rare).pvalue > 1e-4


def test_weights_restore_the_pairs_of_two_columns_too(random_table: Tables) -> None:
    layout = Layout((ColumnSlots("a", (3,)), ColumnSlots("x", has_value=True), ColumnSlots("b", (4,))))
    table = random_table(layout, 3_000)
    sampler, random, n = _sampler(layout, table, 0.8, 0.7), np.random.default_rng(0), 400
    draws = [sampler.draw(n, random) for _ in range(400)]
    rows, weights = (np.concatenate([getattr(draw, name) for draw in draws]) for name in ("rows", "weights"))
    pair = table.codes[:, 0].astype(int) * 4 + table.codes[:, 1]
    target = np.bincount(pair, minlength=12) / 3_000
    weighted = np.bincount(pair[rows], weights, 12) / weights.sum()
    flattened = np.bincount(pair[rows], minlength=12) / len(rows)
    assert np.abs(weighted - target).max() < 0.006
    assert np.abs(flattened - target).max() > 0.03
    assert flattened.std() < target.std()
    balanced = [draw for draw in draws if (draw.weights != 1).any()]
    assert len(balanced) / 400 == pytest.approx(0.7, abs=4.5 * np.sqrt(0.21 / 400))
    assert all((draw.mask[draw.weights != 1][:, [0, 2]]).any(1).all() for draw in balanced)


def test_balance_is_of_no_account_where_there_are_no_categories(random_table: Tables) -> None:
    layout = Layout((ColumnSlots("x", has_value=True), ColumnSlots("y", has_value=True)))
    table = random_table(layout, 20)
    with_balance, without = (_sampler(layout, table, 0.5, b).draw(50, np.random.default_rng(0)) for b in (1.0, 0.0))
    assert np.array_equal(with_balance.rows, without.rows)
    assert np.array_equal(with_balance.mask, without.mask)


@pytest.mark.parametrize("balance", [0.0, 0.5])
def test_the_same_stream_draws_the_same(balance: float, shop: Layout, random_table: Tables) -> None:
    sampler = _sampler(shop, random_table(shop, 30), 0.5, balance)
    first, second, other = (sampler.draw(64, np.random.default_rng(seed)) for seed in (1, 1, 2))
    for name in ("rows", "mask", "weights"):
        assert np.array_equal(getattr(first, name), getattr(second, name))
    assert not np.array_equal(first.rows, other.rows)


@pytest.mark.parametrize("n", [1, 2])
def test_a_tiny_table_fills_any_batch(n: int, shop: Layout, random_table: Tables) -> None:
    draw = _sampler(shop, random_table(shop, n), 1.0, 1.0).draw(100, np.random.default_rng(0))
    assert set(draw.rows) == set(range(n))
    assert np.isfinite(draw.weights).all()
