import math
from collections.abc import Callable

import numpy as np
import pytest
import scipy.stats
import torch

from tabgan.gan.conditions import GivenRows
from tabgan.gan.config import TrainingConfig
from tabgan.gan.drawing import BLOCK, block_noise, draw_block
from tabgan.gan.generator import Generator
from tabgan.gan.maker import Maker
from tabgan.gan.stages import StagePlan
from tabgan.gan.weighing import Weighed, draw_weighed
from tabgan.layout import EncodedTable, GivenCells, Guide, Layout

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


def _weighed(
    generator: Generator,
    given: GivenRows | None = None,
    guide: Guide | None = None,
    *,
    seed: int = 0,
    corrected: bool = False,
) -> Weighed:
    given = GivenRows.of(generator.plan.layout, BLOCK, None) if given is None else given
    return draw_weighed(generator, block_noise(generator, seed), given, guide, corrected=corrected)


@torch.no_grad()
def _chances(generator: Generator, rows: np.ndarray) -> np.ndarray:
    """How likely rows (n, k) are."""
    codes = torch.from_numpy(generator.plan.arrange(rows).astype(np.int64))
    return generator.surprise(codes).double().neg().exp().numpy()


@pytest.mark.parametrize("depths", [[0, 0, 0, 0], [0, 0, 0, 1], [0, 2, 1, 0]], ids=str)
@pytest.mark.parametrize("sets", [{}, LATE, TWO, {0: (0, 2)}], ids=["none", "made last", "two columns", "made first"])
def test_weighted_rows_stand_for_those_of_the_model_that_are_wanted(
    sets: dict[int, tuple[int, ...]], depths: list[int], shop: Layout, generator: Generator, every_row: Rows
) -> None:
    """The mean weight is the share of rows that are wanted; the weights of a kind of row, how often it occurs."""
    guide, rows = Sets(shop, {0: (0, 1, 2)} | sets), every_row(shop)
    given = GivenRows.of(shop, BLOCK, GivenCells(np.array(depths), CELLS))
    own = np.flatnonzero(given.codes_given(shop)[0])
    wanted = guide.accepts(EncodedTable(rows, np.zeros((len(rows), 1), np.float32)))
    chances = _chances(generator, rows) * (wanted & (rows[:, own] == CELLS.codes[:, own]).all(1))
    drawn = [_weighed(generator, given, guide if sets else None, seed=seed, corrected=True) for seed in range(12)]
    weights = np.exp(np.concatenate([log_weights for _, log_weights, _ in drawn]))
    n = len(weights)
    assert abs(weights.mean() - chances.sum()) < 4.5 * weights.std() / np.sqrt(n) + 1e-6
    place = {tuple(row): i for i, row in enumerate(rows.tolist())}
    kinds = np.array([place[tuple(row)] for table, _, _ in drawn for row in table.codes.tolist()])
    sums, squares = (np.bincount(kinds, weights**power, len(rows)) / n for power in (1, 2))
    often = (np.bincount(kinds, weights > 0, len(rows)) > 20) & (sums > 0)
    if chances.any():
        assert often.sum() > 8
        scores = (sums - chances)[often] / np.sqrt((squares - sums**2)[often] / n)
        assert np.abs(scores).max() < 5
        assert scipy.stats.kstest(scores, "norm").pvalue > 1e-4


def test_without_correction_given_cells_weigh_nothing(shop: Layout, generator: Generator) -> None:
    given = GivenRows.of(shop, BLOCK, GivenCells(np.array([0, 1, 0, 1]), CELLS))
    rows, log_weights, _ = _weighed(generator, given)
    assert (log_weights == 0).all()
    plain = draw_block(Maker(generator), block_noise(generator, 0), given)
    assert np.array_equal(rows.codes, plain.codes)
    assert np.array_equal(rows.values, plain.values)
    assert _weighed(generator, given, corrected=True)[1].std() > 0.1


@pytest.mark.parametrize("ends", [(0.25, 0.25), (-0.5, 0.75)])
def test_a_place_without_a_width_counts_as_the_whole_cell(
    ends: tuple[float, float], shop: Layout, generator: Generator
) -> None:
    guide = Sets(shop, {}, {1: ends})
    rows, log_weights, _ = _weighed(generator, guide=guide)
    assert log_weights == pytest.approx(np.full(BLOCK, 0.0 if ends[0] == ends[1] else math.log(0.625)), abs=1e-6)
    assert (rows.values.min(), rows.values.max()) == pytest.approx(ends, abs=1e-2)


def test_a_place_that_does_not_exist_leaves_no_weight(shop: Layout, generator: Generator) -> None:
    guide = Sets(shop, {}, {1: (0.5, -0.5)})
    rows, log_weights, _ = _weighed(generator, guide=guide)
    assert (log_weights == -math.inf).all()
    assert np.isfinite(rows.values).all()


def test_given_cells_that_the_guide_forbids_leave_no_weight(shop: Layout, generator: Generator) -> None:
    given_rows = GivenRows.of(shop, BLOCK, GivenCells(np.array([0, 0, 0, 1]), CELLS))
    assert (_weighed(generator, given_rows, Sets(shop, {6: (0, 1)}))[1] == -math.inf).all()
    assert (_weighed(generator, given_rows, Sets(shop, {6: (3,)}))[1] == 0).all()
