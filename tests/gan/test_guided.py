import math
from collections.abc import Callable

import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tabgan.errors import ConditionError
from tabgan.gan.conditions import Condition, GivenRows
from tabgan.gan.config import TrainingConfig
from tabgan.gan.drawing import BLOCK, block_noise
from tabgan.gan.generator import Generator
from tabgan.gan.guided import ENOUGH, draw_pilots, effective_size, resample
from tabgan.gan.history import TrainingResult
from tabgan.gan.sampling import sample_blocks
from tabgan.gan.stages import StagePlan
from tabgan.gan.weighing import draw_weighed
from tabgan.layout import ColumnSlots, EncodedTable, GivenCells, Guide, Layout, Places, concatenate

from .guides import Sets

Configs = Callable[..., TrainingConfig]
Starts = Callable[..., Generator]
Rows = Callable[[Layout], np.ndarray]
# The codes of the shop: city 0, price 1 and 2, product 3 to 5, rating 6.
LATE = {6: (1, 2)}
TWO = {6: (0, 3), 3: (2,), 4: (2, 3)}
CELLS = EncodedTable(np.array([[2, 1, 0, 1, 2, 4, 3]], np.uint8), np.full((1, 1), 0.25, np.float32))


@pytest.fixture(scope="module")
def generator(shop: Layout, small: Configs, untrained: Starts) -> Generator:
    """Its weights are random, so that its cells depend on each other; the rating is made last."""
    plan = StagePlan(shop, ((0,), (3,), (4,), (1, 5), (2,), (6,)))
    return untrained(shop, small(), plan=plan, noise=0.4)


def _sample(generator: Generator, n: int, guide: Guide, cells: GivenCells | None = None, seed: int = 0) -> EncodedTable:
    return concatenate(list(sample_blocks(generator, n, seed=seed, given=cells, guide=guide)))


def _nothing(layout: Layout) -> GivenRows:
    return GivenRows.of(layout, BLOCK, None)


@torch.no_grad()
def _chances(generator: Generator, rows: np.ndarray, given: list[int] | None = None) -> np.ndarray:
    """How likely rows (n, k) are, given what stands in the codes `given`."""
    codes = torch.from_numpy(generator.plan.arrange(rows).astype(np.int64))
    condition = None
    if given is not None:
        mask = torch.tensor([part.code in given for part in generator.plan.parts])
        condition = Condition(mask.expand(len(rows), -1), codes)
    return generator.surprise(codes, condition).double().neg().exp().numpy()


def _counts(rows: np.ndarray, possible: np.ndarray) -> np.ndarray:
    place = {tuple(row): i for i, row in enumerate(possible.tolist())}
    return np.bincount([place[tuple(row)] for row in rows.tolist()], minlength=len(possible))


def test_without_weights_the_pilots_would_be_wrong(shop: Layout, generator: Generator, every_row: Rows) -> None:
    """The city is made first, and knows nothing of the rating that is wanted."""
    guide, rows = Sets(shop, {6: (0,)}), every_row(shop)
    chances = _chances(generator, rows) * (rows[:, 6] == 0)
    expected = np.bincount(rows[:, 0], chances) / chances.sum()
    pilots, log_weights = draw_pilots(generator, guide, _nothing(shop), seed=0, index=0, corrected=False)
    without = np.bincount(pilots.codes[:, 0]) / len(pilots)
    weighted = np.bincount(pilots.codes[:, 0], np.exp(log_weights)) / np.exp(log_weights).sum()
    tolerance = 4.5 * np.sqrt(expected * (1 - expected) / effective_size(log_weights))
    assert (np.abs(weighted - expected) < tolerance).all()
    assert (np.abs(without - expected) > tolerance).any()


@pytest.mark.parametrize("sets", [LATE, TWO], ids=["made last", "two columns"])
def test_guided_rows_have_the_frequencies_of_the_rows_that_are_wanted(
    sets: dict[int, tuple[int, ...]], shop: Layout, generator: Generator, every_row: Rows
) -> None:
    """The guided columns as when rows are drawn forward, all others as when these are given."""
    guide, rows, n = Sets(shop, sets), every_row(shop), 12 * BLOCK
    sample = _sample(generator, n, guide)
    assert guide.accepts(sample).all()
    rows = rows[guide.accepts(EncodedTable(rows, np.zeros((len(rows), 1), np.float32)))]
    guided = [code for code, column in enumerate(shop.code_columns) if column in guide.columns]
    cells, kind = np.unique(rows[:, guided], axis=0, return_inverse=True)
    shares = np.bincount(kind.ravel(), _chances(generator, rows))
    shares /= shares.sum()
    found = _counts(sample.codes[:, guided], cells)
    # Rows are chosen among at least `ENOUGH` effective pilots for each block, which adds to chance.
    spread = np.sqrt(shares * (1 - shares) * (1 / n + BLOCK / ENOUGH / n))
    assert (np.abs(found / n - shares) < 4.5 * spread + 1e-9).all()
    inner = _chances(generator, rows, guided)
    for cell in np.argsort(-found)[:4]:
        own = rows[kind.ravel() == cell]
        observed = _counts(sample.codes[(sample.codes[:, guided] == cells[cell]).all(1)], own)
        expected = inner[kind.ravel() == cell] * observed.sum()
        often = expected >= 5
        observed, expected = (np.append(some[often], some[~often].sum()) for some in (observed, expected))
        assert len(expected) > 10
        assert scipy.stats.chisquare(observed, expected * observed.sum() / expected.sum()).pvalue > 1e-4


def test_given_cells_and_a_guide_hold_together(
    shop: Layout, generator: Generator, in_windows: Callable[[Layout, np.ndarray], bool]
) -> None:
    guide = Sets(shop, {6: (0, 1), 5: (3, 4)})
    sample = _sample(generator, 6_000, guide, GivenCells(np.array([0, 2, 1, 0]), CELLS))
    assert guide.accepts(sample).all()
    assert (sample.codes[:, [1, 2, 3]] == [1, 0, 1]).all()
    assert (sample.values == np.float32(0.25)).all()
    assert in_windows(shop, sample.codes)
    assert set(sample.codes[:, 5]) == {3, 4}
    assert set(sample.codes[:, 0]) == {0, 1, 2}


def test_values_lie_in_their_places_and_weigh_what_these_are_wide(small: Configs, untrained: Starts) -> None:
    """The whole of cell 0 and a tenth of cell 1 are wanted."""

    class Upwards(Sets):
        def places(self, column: int, rows: EncodedTable, made: np.ndarray) -> Places:
            return Places(np.where(rows.codes[:, 0] == 1, 0.8, -1.0), np.ones(len(rows)), np.ones(1))

    layout = Layout((ColumnSlots("x", (3,), has_value=True, ordered=3), ColumnSlots("b", (3,))))
    generator = untrained(layout, small(), plan=StagePlan(layout, ((0,), (1,))), noise=0.5)
    every = np.array([[x, b] for x in range(3) for b in range(3)])
    chances = _chances(generator, every).reshape(3, 3).sum(1)
    sample = _sample(generator, 4 * BLOCK, Upwards(layout, {0: (0, 1)}, {0: (-1.0, 1.0)}))
    in_part = sample.codes[:, 0] == 1
    share = 0.1 * chances[1] / (chances[0] + 0.1 * chances[1])
    assert in_part.mean() == pytest.approx(share, abs=4.5 * np.sqrt(share * (1 - share) * 3 / len(sample)))
    for values, low in ((sample.values[in_part, 0], 0.8), (sample.values[~in_part, 0], -1.0)):
        assert low - 1e-6 <= values.min()
        assert values.max() <= 1
        # A value is taken as often as its pilot is chosen, so that fewer are different than there are rows.
        distinct = np.unique(values)
        assert scipy.stats.kstest(distinct, scipy.stats.uniform(low, 1 - low).cdf).pvalue > 1e-4


def test_rows_for_which_nothing_is_left_have_no_weight_and_are_never_chosen(
    shop: Layout, generator: Generator, in_windows: Callable[[Layout, np.ndarray], bool]
) -> None:
    """After category 0 of the price's first code any of the second may follow, after 1 only 0 and 1."""
    guide = Sets(shop, {2: (2,)})
    rows, log_weights, failed_at = draw_weighed(
        generator, block_noise(generator, 0), _nothing(shop), guide, corrected=False
    )
    assert not np.isnan(log_weights).any()
    assert (log_weights[rows.codes[:, 1] == 1] == -math.inf).all()
    assert (log_weights[rows.codes[:, 1] == 0] > -math.inf).all()
    assert set(failed_at[log_weights == -math.inf]) == {1}
    assert set(failed_at[log_weights > -math.inf]) == {-1}
    assert in_windows(shop, rows.codes)
    sample = _sample(generator, 5_000, guide)
    assert (sample.codes[:, 2] == 2).all()
    assert set(sample.codes[:, 1]) == {0, 2}


@pytest.mark.parametrize(
    ("sets", "named"),
    [({6: ()}, "rating"), ({1: (3,), 2: (1, 2)}, "price"), ({0: (0,), 5: ()}, "product")],
    ids=["no category", "outside of the window", "one of two"],
)
def test_a_guide_that_nothing_meets_is_an_error(
    sets: dict[int, tuple[int, ...]],
    named: str,
    small: Configs,
    shop: Layout,
    untrained: Starts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tabgan.gan.guided.MOST_TRIES", 3)
    with pytest.raises(
        ConditionError, match=f"got none: all of 12,288 tries failed, most of them for what column '{named}'"
    ):
        next(sample_blocks(untrained(shop, small()), 1, seed=0, guide=Sets(shop, sets)))


@pytest.mark.slow
def test_so_many_tries_are_made(shop: Layout, small: Configs, untrained: Starts) -> None:
    with pytest.raises(ConditionError, match="all of 262,144 tries failed"):
        next(sample_blocks(untrained(shop, small()), 1, seed=0, guide=Sets(shop, {6: ()})))


@settings(max_examples=10, deadline=None)
@given(first=st.integers(1, 2 * BLOCK), second=st.integers(1, 2 * BLOCK), conditional=st.booleans())
def test_the_first_rows_are_the_same_however_many_are_asked_for(
    first: int, second: int, conditional: bool, shop: Layout, generator: Generator
) -> None:
    cells = GivenCells(np.array([1, 0, 0, 0]), CELLS) if conditional else None
    one, other = (_sample(generator, n, Sets(shop, TWO), cells) for n in (first, second))
    assert (len(one), len(other)) == (first, second)
    shared = min(first, second)
    assert np.array_equal(one.codes[:shared], other.codes[:shared])
    assert np.array_equal(one.values[:shared], other.values[:shared])


def test_seeds_and_blocks_have_rows_of_their_own(shop: Layout, generator: Generator) -> None:
    guide = Sets(shop, LATE)
    sample, other = _sample(generator, 2 * BLOCK, guide), _sample(generator, BLOCK, guide, seed=1)
    for one, two in ((sample[:BLOCK], other), (sample[:BLOCK], sample[BLOCK:])):
        assert (one.values == two.values).mean() < 0.01
        assert 0.4 < (one.codes[:, 6] == two.codes[:, 6]).mean() < 0.9


def test_a_guide_that_wants_nothing_changes_no_frequency(shop: Layout, generator: Generator) -> None:
    guide = Sets(shop, {6: (0, 1, 2, 3)})
    _, log_weights = draw_pilots(generator, guide, _nothing(shop), seed=0, index=0, corrected=False)
    assert log_weights == pytest.approx(np.zeros(BLOCK), abs=1e-5)
    sample = _sample(generator, 2 * BLOCK, guide)
    forward = concatenate(list(sample_blocks(generator, 2 * BLOCK, seed=5)))
    table = [np.bincount(rows.codes[:, 6], minlength=4) for rows in (sample, forward)]
    assert scipy.stats.chi2_contingency(table).pvalue > 1e-4


def test_what_is_learnt_of_a_table_answers_to_ranges_and_sets(
    planted_result: TrainingResult, planted_layout: Layout, planted_table: EncodedTable
) -> None:
    """The upper half of x, which is made late, and two categories of b."""
    guide = Sets(planted_layout, {1: (2, 3), 3: (0, 1)})
    real = planted_table.codes[guide.accepts(planted_table)]
    sample = _sample(planted_result.generator, 2 * BLOCK, guide)
    assert guide.accepts(sample).all()
    for code in range(4):
        shares = [np.bincount(rows[:, code], minlength=4) / len(rows) for rows in (real, sample.codes)]
        assert np.abs(shares[0] - shares[1]).sum() / 2 < 0.06


def test_the_effective_size_counts_rows_by_their_weights() -> None:
    assert effective_size(np.zeros(7)) == pytest.approx(7)
    assert effective_size(np.array([-700.0, -700.0])) == pytest.approx(2)
    assert effective_size(np.array([0.0, -800.0])) == pytest.approx(1)
    assert effective_size(np.log([1.0, 2.0, 3.0])) == pytest.approx(36 / 14)
    assert effective_size(np.zeros(0)) == 0


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=40), st.integers(1, 200), st.integers(0, 9))
def test_each_row_is_chosen_as_often_as_its_weight_says_or_one_time_more_or_less(
    log_weights: list[float], n: int, seed: int
) -> None:
    weights = np.array(log_weights)
    chosen = resample(weights, n, np.random.default_rng(seed))
    expected = n * np.exp(weights) / np.exp(weights).sum()
    assert len(chosen) == n
    assert (np.abs(np.bincount(chosen, minlength=len(weights)) - expected) < 1 + 1e-6).all()


def test_chosen_rows_stand_in_random_order() -> None:
    chosen = resample(np.log([0.5, 0.3, 0.2]), 1_000, np.random.default_rng(0))
    assert abs((np.diff(chosen) == 0).mean() - 0.38) < 0.07
