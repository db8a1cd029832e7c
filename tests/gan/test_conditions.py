from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tabgan.gan.conditions import Condition, ConditionMap, ConditionSampler
from tabgan.gan.features import Features, Rows
from tabgan.layout import ColumnSlots, EncodedTable, Layout

Tables = Callable[..., EncodedTable]
N = 40_000


def _expand(layout: Layout, table: EncodedTable) -> Rows:
    return Features(layout, 3).expand(torch.from_numpy(table.codes.astype(np.int64)), torch.from_numpy(table.values))


def _cells(layout: Layout, rows: Rows, column: int) -> torch.Tensor:
    """The one-hot vectors and values of one column."""
    codes = layout.code_slices[column]
    first = sum(layout.cardinalities[: codes.start])
    units = slice(first, first + sum(layout.cardinalities[codes]))
    return torch.cat([rows.onehots[:, units], rows.values[:, layout.value_slices[column]]], 1)


@pytest.mark.parametrize("column", [0, 1, 2, 3])
def test_a_condition_fixes_exactly_its_cells(column: int, shop: Layout, random_table: Tables) -> None:
    made, real = (_expand(shop, random_table(shop, 50, seed)) for seed in (1, 2))
    made = Rows(made.onehots * 0.7, made.values * 0.7)
    mask = torch.zeros(50, 4)
    mask[:, column] = 1
    filled = ConditionMap(shop).fill(made, Condition(mask, real))
    for other in range(4):
        source = real if other == column else made
        assert torch.equal(_cells(shop, filled, other), _cells(shop, source, other))


@st.composite
def conditions(draw: st.DrawFn) -> tuple[Layout, np.ndarray, int]:
    columns = []
    for index in range(draw(st.integers(1, 5))):
        sizes = tuple(draw(st.lists(st.integers(1, 5), max_size=2)))
        has_value = not sizes or draw(st.booleans())
        columns.append(ColumnSlots(f"c{index}", sizes, has_value, 1 if sizes and has_value else 0))
    mask = np.array(draw(st.lists(st.lists(st.booleans(), min_size=len(columns), max_size=len(columns)), min_size=1)))
    return Layout(tuple(columns)), mask, draw(st.integers(0, 2**32))


@given(conditions())
def test_any_subset_of_any_columns_is_fixed_row_by_row(drawn: tuple[Layout, np.ndarray, int]) -> None:
    layout, mask, seed = drawn
    random = torch.Generator().manual_seed(seed)
    made, real = (
        Rows(*(torch.rand(len(mask), width, generator=random) for width in (layout.width, layout.n_values)))
        for _ in range(2)
    )
    filled = ConditionMap(layout).fill(made, Condition(torch.from_numpy(mask).float(), real))
    for column in range(len(layout.columns)):
        expected = np.where(mask[:, [column]], _cells(layout, real, column), _cells(layout, made, column))
        assert np.array_equal(_cells(layout, filled, column).numpy(), expected)


def test_the_generator_sees_the_mask_and_the_given_cells_alone(shop: Layout, random_table: Tables) -> None:
    real = _expand(shop, random_table(shop, 3))
    mask = torch.tensor([[0.0, 0, 0, 0], [0, 1, 0, 1], [1, 1, 1, 1]])
    conditions = ConditionMap(shop)
    seen = conditions(Condition(mask, real))
    assert seen.shape == (3, conditions.width) == (3, 4 + 19 + 2)
    assert torch.equal(seen[:, :4], mask)
    assert torch.count_nonzero(seen[0]) == 0
    assert torch.equal(
        seen[1, 4:], torch.cat([torch.zeros(7), real.onehots[1, 7:], real.values[1, :1], torch.zeros(1)])
    )
    assert torch.equal(seen[2, 4:], torch.cat([real.onehots[2], real.values[2]]))


@pytest.mark.xfail(strict=True, reason="a given row is multiplied by its mask, and 0 * NaN is NaN")
def test_what_stands_in_cells_that_are_not_given_is_of_no_account(shop: Layout, random_table: Tables) -> None:
    made, real = (_expand(shop, random_table(shop, 3, seed)) for seed in (1, 2))
    condition = Condition(torch.zeros(3, 4), Rows(real.onehots, torch.full_like(real.values, torch.nan)))
    conditions = ConditionMap(shop)
    assert torch.count_nonzero(conditions(condition)) == 0
    assert torch.equal(conditions.fill(made, condition).values, made.values)


def _sampler(layout: Layout, table: EncodedTable, share: float, balance: float) -> ConditionSampler:
    return ConditionSampler(table, layout, share=share, balance=balance)


def test_without_a_share_nothing_is_given_and_rows_are_uniform(shop: Layout, random_table: Tables) -> None:
    draw = _sampler(shop, random_table(shop, 10), 0.0, 1.0).draw(N, np.random.default_rng(0))
    assert not draw.mask.any()
    assert (draw.weights == 1).all()
    counts = np.bincount(draw.rows, minlength=10)
    assert np.abs(counts - N / 10).max() < 4.5 * np.sqrt(N * 0.1 * 0.9)
    assert (draw.mask.dtype, draw.weights.dtype) == (np.float32, np.float32)


def test_few_columns_are_given_as_a_rule_and_each_as_often(shop: Layout, random_table: Tables) -> None:
    draw = _sampler(shop, random_table(shop, 10), 0.4, 0.0).draw(N, np.random.default_rng(0))
    given_columns = draw.mask.sum(1)
    assert abs((given_columns > 0).mean() - 0.4) < 4.5 * np.sqrt(0.24 / N)
    conditional = given_columns[given_columns > 0]
    # The number is 1 + floor(3 u**3): it is at most j where u is below the cube root of j / 3.
    for most in (1, 2):
        share = (most / 3) ** (1 / 3)
        assert abs((conditional <= most).mean() - share) < 4.5 * np.sqrt(share * (1 - share) / len(conditional))
    means = draw.mask[given_columns > 0].mean(0)
    assert np.ptp(means) < 9 * np.sqrt(0.25 / len(conditional))
    assert (draw.weights == 1).all()


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
    assert rare.min() > 0.9 * rare.mean()


def test_weights_restore_the_pairs_of_two_columns_too(random_table: Tables) -> None:
    layout = Layout((ColumnSlots("a", (3,)), ColumnSlots("x", has_value=True), ColumnSlots("b", (4,))))
    table = random_table(layout, 3_000)
    draw = _sampler(layout, table, 0.8, 0.7).draw(4 * N, np.random.default_rng(0))
    pair = table.codes[:, 0].astype(int) * 4 + table.codes[:, 1]
    target = np.bincount(pair, minlength=12) / 3_000
    weighted = np.bincount(pair[draw.rows], draw.weights, 12) / draw.weights.sum()
    flattened = np.bincount(pair[draw.rows], minlength=12) / (4 * N)
    assert np.abs(weighted - target).max() < 0.006
    assert np.abs(flattened - target).max() > 0.03
    assert flattened.std() < target.std()
    balanced = draw.weights != 1
    assert draw.mask[balanced][:, [0, 2]].any(1).all()


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
