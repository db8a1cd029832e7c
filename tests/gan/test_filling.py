from collections.abc import Callable

import numpy as np
import pytest
import scipy.stats
import torch

from tabgan.gan.conditions import GivenRows
from tabgan.gan.config import TrainingConfig
from tabgan.gan.drawing import BLOCK
from tabgan.gan.filling import Filled, fill_blocks
from tabgan.gan.generator import Generator
from tabgan.gan.stages import StagePlan
from tabgan.layout import EncodedTable, Guide, Layout, concatenate

from .guides import RowSets

Tables = Callable[..., EncodedTable]
Configs = Callable[..., TrainingConfig]
Starts = Callable[..., Generator]
Rows = Callable[[Layout], np.ndarray]


@pytest.fixture(scope="module")
def generator(shop: Layout, small: Configs, untrained: Starts) -> Generator:
    """Its weights are random, so that its cells depend on each other; the rating is made last."""
    return untrained(shop, small(), plan=StagePlan(shop, tuple((code,) for code in range(7))), noise=0.4)


@pytest.fixture(scope="module")
def some(shop: Layout, random_table: Tables) -> GivenRows:
    """5,000 rows, each with other cells given: none, one, parts of them or all."""
    depths = np.random.default_rng(0).integers(0, [2, 3, 4, 2], (5_000, 4))
    depths[:3] = [[0, 0, 0, 0], [1, 2, 3, 1], [0, 1, 2, 0]]
    return GivenRows(depths, random_table(shop, 5_000))


def _fill(
    generator: Generator, given: GivenRows, candidates: int = 8, guide: Guide | None = None, seed: int = 0
) -> Filled:
    blocks = list(fill_blocks(generator, given, seed=seed, guide=guide, candidates=candidates))
    return Filled(concatenate([block.rows for block in blocks]), np.concatenate([block.met for block in blocks]))


@pytest.mark.parametrize("candidates", [1, 3, 8])
def test_each_row_keeps_its_own_cells_and_gets_the_others(
    candidates: int,
    shop: Layout,
    generator: Generator,
    some: GivenRows,
    in_windows: Callable[[Layout, np.ndarray], bool],
) -> None:
    before = some.cells.codes.copy(), some.cells.values.copy(), some.depths.copy()
    filled = _fill(generator, some, candidates)
    codes_given, values_given = some.codes_given(shop), some.values_given(shop)
    assert filled.rows.codes.dtype == shop.code_dtype
    assert (filled.rows.codes[codes_given] == some.cells.codes[codes_given]).all()
    assert (filled.rows.values[values_given] == some.cells.values[values_given]).all()
    assert (filled.rows.values[~values_given] != some.cells.values[~values_given]).mean() > 0.99
    assert in_windows(shop, filled.rows.codes)
    assert filled.met.all()
    for code in range(7):
        assert len(set(filled.rows.codes[~codes_given[:, code], code])) > 1
    for old, new in zip(before, (some.cells.codes, some.cells.values, some.depths), strict=True):
        assert np.array_equal(old, new)


@pytest.mark.parametrize("candidates", [1, 8])
def test_what_a_row_gets_does_not_depend_on_those_that_follow(
    candidates: int, generator: Generator, some: GivenRows
) -> None:
    whole = _fill(generator, some, candidates)
    for n in (1, BLOCK // 8, BLOCK // 8 + 1, 4_999):
        part = _fill(generator, some[np.arange(n)], candidates)
        assert np.array_equal(part.rows.codes, whole.rows.codes[:n])
        assert np.array_equal(part.rows.values, whole.rows.values[:n])
    other = _fill(generator, some, candidates, seed=1)
    assert not np.array_equal(other.rows.codes, whole.rows.codes)


def test_no_rows_are_no_blocks(shop: Layout, generator: Generator, some: GivenRows) -> None:
    assert list(fill_blocks(generator, some[np.arange(0)], seed=0)) == []


@torch.no_grad()
def test_a_row_that_comes_often_gets_each_cell_as_often_as_the_model_says(
    shop: Layout, generator: Generator, every_row: Rows
) -> None:
    """Given the price and the rating, with many candidates: as among rows that are drawn without a condition."""
    rows = every_row(shop)
    own = rows[(rows[:, [1, 2, 6]] == [1, 0, 2]).all(1)]
    cells = EncodedTable(own[:1].repeat(4_000, 0), np.zeros((4_000, 1), np.float32))
    filled = _fill(generator, GivenRows(np.tile([0, 2, 0, 1], (4_000, 1)), cells), 64)
    chances = generator.surprise(torch.from_numpy(generator.plan.arrange(own).astype(np.int64))).neg().exp().numpy()
    place = {tuple(row): i for i, row in enumerate(own.tolist())}
    counts = np.bincount([place[tuple(row)] for row in filled.rows.codes.tolist()], minlength=len(own))
    expected = 4_000 * chances / chances.sum()
    often = expected >= 10
    observed, expected = (np.append(part[often], part[~often].sum()) for part in (counts, expected))
    # The candidates are finitely many, which leaves a trace of the order of one in 64 of what they mend.
    assert np.abs(observed - expected).sum() / 8_000 < 0.04
    assert len(expected) > 10


def test_each_row_comes_out_as_its_own_guide_wants(
    shop: Layout, generator: Generator, some: GivenRows, in_windows: Callable[[Layout, np.ndarray], bool]
) -> None:
    random = np.random.default_rng(1)
    wanted = np.zeros((5_000, 3), bool)
    wanted[np.arange(5_000), random.integers(3, size=5_000)] = True
    wanted[::2] |= random.random((2_500, 3)) < 0.3
    depths = some.depths.copy()
    depths[:, 0] = 0
    filled = _fill(generator, GivenRows(depths, some.cells), guide=RowSets(shop, 0, wanted))
    assert filled.met.all()
    assert wanted[np.arange(5_000), filled.rows.codes[:, 0]].all()
    assert in_windows(shop, filled.rows.codes)


def test_rows_that_cannot_come_out_as_wanted_are_told(shop: Layout, generator: Generator, some: GivenRows) -> None:
    """Of those that may have nothing, or have something else given, and of no others."""
    wanted = np.zeros((5_000, 3), bool)
    wanted[:, 1] = True
    wanted[17] = False
    filled = _fill(generator, some, guide=RowSets(shop, 0, wanted))
    failed = (some.depths[:, 0] == 1) & (some.cells.codes[:, 0] != 1)
    failed[17] = True
    assert np.array_equal(~filled.met, failed)
    assert (filled.rows.codes[~failed, 0] == 1).all()
    codes_given = some.codes_given(shop)
    assert (filled.rows.codes[codes_given] == some.cells.codes[codes_given]).all()
    short = _fill(generator, some[np.arange(600)], guide=RowSets(shop, 0, wanted[:600]))
    assert np.array_equal(short.rows.codes, filled.rows.codes[:600])


def test_candidates_are_chosen_by_weight(shop: Layout, generator: Generator) -> None:
    """The city is made first and knows nothing of the rating that is wanted, but for the choice among candidates."""
    n = 2 * BLOCK
    nothing = GivenRows.of(shop, n, None)
    forward = _fill(generator, nothing, 1).rows.codes
    real = np.bincount(forward[forward[:, 6] == 0, 0], minlength=3)
    wanted = np.tile(np.arange(4) == 0, (n, 1))
    found = []
    for candidates in (1, 32):
        drawn = _fill(generator, nothing, candidates, RowSets(shop, 6, wanted)).rows.codes
        assert (drawn[:, 6] == 0).all()
        found.append(scipy.stats.chi2_contingency([real, np.bincount(drawn[:, 0], minlength=3)]).pvalue)
    assert found[0] < 1e-6
    assert found[1] > 1e-4
