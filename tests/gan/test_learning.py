"""What was planted in a table must come back from a small model, and must not come back from an untrained one."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from tabgan.gan.config import TrainingConfig
from tabgan.gan.generator import Generator
from tabgan.gan.history import TrainingResult
from tabgan.gan.sampling import sample_blocks
from tabgan.gan.training import Trainer
from tabgan.layout import ColumnSlots, EncodedTable, GivenCells, Layout, concatenate

N = 16_384
CPU = torch.device("cpu")
CONTINGENCY_TOLERANCE = 0.04
"""Total variation distance of the three by three tables. Independent columns are at 0.47."""
CORRELATION_TOLERANCE = 0.04
"""Of the correlation of a and the cell of x, which is 0.86."""
CONDITION_TOLERANCE = 0.05
"""Total variation distance of what goes with a given cell."""


def _sample(generator: Generator, given: GivenCells | None = None) -> EncodedTable:
    return concatenate(list(sample_blocks(generator, N, seed=7, given=given)))


def _cells(rows: EncodedTable) -> np.ndarray:
    """The numbers, as cells of sixteen."""
    return rows.codes[:, 1].astype(int) * 4 + rows.codes[:, 2]


def _shares(codes: np.ndarray, size: int) -> np.ndarray:
    return np.bincount(codes, minlength=size) / len(codes)


def _distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one - other).sum() / 2)


def _errors(generator: Generator, table: EncodedTable) -> tuple[float, float]:
    """How far the contingency of a and b, and the correlation of a and x, are off."""
    made = _sample(generator)
    pairs = [_shares(rows.codes[:, 0].astype(int) * 3 + rows.codes[:, 3], 9) for rows in (made, table)]
    correlations = [np.corrcoef(rows.codes[:, 0], _cells(rows))[0, 1] for rows in (made, table)]
    return _distance(*pairs), abs(correlations[0] - correlations[1])


@pytest.fixture(scope="module")
def start(train_planted: Callable[..., TrainingResult]) -> Generator:
    """An untrained model."""
    return train_planted(generator_rate=0.0, steps=1).generator


def test_the_planted_ties_come_back(planted_result: TrainingResult, planted_table: EncodedTable) -> None:
    contingency, correlation = _errors(planted_result.generator, planted_table)
    assert contingency < CONTINGENCY_TOLERANCE
    assert correlation < CORRELATION_TOLERANCE


def test_the_planted_margins_come_back(planted_result: TrainingResult, planted_table: EncodedTable) -> None:
    made = _sample(planted_result.generator)
    for size, real_codes, made_codes in (
        (3, planted_table.codes[:, 0], made.codes[:, 0]),
        (3, planted_table.codes[:, 3], made.codes[:, 3]),
        (16, _cells(planted_table), _cells(made)),
    ):
        assert _distance(_shares(real_codes, size), _shares(made_codes, size)) < CONTINGENCY_TOLERANCE


def test_an_untrained_model_fails_the_test_of_the_ties(start: Generator, planted_table: EncodedTable) -> None:
    contingency, correlation = _errors(start, planted_table)
    assert contingency > 6 * CONTINGENCY_TOLERANCE
    assert correlation > 6 * CORRELATION_TOLERANCE


@pytest.mark.parametrize("changes", [{"stages": 1}, {"balance": 0.5, "condition_share": 0.5}, {"pac": 4}], ids=str)
def test_the_ties_survive_other_settings(
    changes: dict[str, object], train_planted: Callable[..., TrainingResult], planted_table: EncodedTable
) -> None:
    """With one stage for each level only the critic could tie a and b; that of the number is for its fine cells."""
    contingency, correlation = _errors(train_planted(**changes).generator, planted_table)
    if changes == {"stages": 1}:
        assert contingency > 2 * CONTINGENCY_TOLERANCE
    else:
        assert contingency < 1.5 * CONTINGENCY_TOLERANCE
        assert correlation < 1.5 * CORRELATION_TOLERANCE


def _given(layout: Layout, code: int, *cells: int) -> GivenCells:
    """The column that begins at `code` is given so many of its codes."""
    codes = np.zeros((1, 4), np.uint8)
    codes[0, code : code + len(cells)] = cells
    depths = [len(cells) * (own.start == code) for own in layout.code_slices]
    return GivenCells(np.array(depths), EncodedTable(codes, np.zeros((1, 1), np.float32)))


def _like(table: EncodedTable, code: int, *cells: int) -> EncodedTable:
    """The rows of the table that hold these cells."""
    return table[np.flatnonzero((table.codes[:, code : code + len(cells)] == cells).all(1))]


@pytest.fixture(scope="module")
def conditional(train_planted: Callable[..., TrainingResult]) -> Generator:
    """A model that saw many conditions."""
    return train_planted(condition_share=0.7, steps=500, batch_size=512).generator


@pytest.mark.parametrize("category", [0, 1, 2])
@pytest.mark.parametrize("code", [0, 3])
def test_a_given_category_brings_what_goes_with_it(
    code: int, category: int, conditional: Generator, planted_layout: Layout, planted_table: EncodedTable
) -> None:
    made = _sample(conditional, _given(planted_layout, code, category))
    like, other = _like(planted_table, code, category), 3 - code
    assert (made.codes[:, code] == category).all()
    tied = [_shares(rows.codes[:, other], 3) for rows in (made, like)]
    numbers = [_shares(rows.codes[:, 1], 4) for rows in (made, like)]
    assert _distance(*tied) < CONDITION_TOLERANCE
    assert _distance(*numbers) < CONDITION_TOLERANCE


@pytest.mark.parametrize("coarse", [0, 1, 2, 3])
def test_a_number_given_in_part_brings_what_goes_with_it(
    coarse: int, conditional: Generator, planted_layout: Layout, planted_table: EncodedTable
) -> None:
    made = _sample(conditional, _given(planted_layout, 1, coarse))
    like = _like(planted_table, 1, coarse)
    assert (made.codes[:, 1] == coarse).all()
    for code, size in ((0, 3), (2, 4), (3, 3)):
        assert _distance(*(_shares(rows.codes[:, code], size) for rows in (made, like))) < 2 * CONDITION_TOLERANCE


@pytest.mark.parametrize("cells", [(0, 0), (1, 2), (3, 3)])
def test_a_number_given_as_a_whole_brings_what_goes_with_it(
    cells: tuple[int, int], conditional: Generator, planted_layout: Layout, planted_table: EncodedTable
) -> None:
    """A cell holds 250 rows of the table, so that its shares are known to a few hundredths."""
    made = _sample(conditional, _given(planted_layout, 1, *cells))
    like = _like(planted_table, 1, *cells)
    assert (made.codes[:, 1:3] == cells).all()
    for code in (0, 3):
        shares = [_shares(rows.codes[:, code], 3) for rows in (made, like)]
        assert _distance(*shares) < 2 * CONDITION_TOLERANCE


def test_an_untrained_model_fails_the_tests_of_conditions(
    start: Generator, planted_layout: Layout, planted_table: EncodedTable
) -> None:
    for code, other, category in [(0, 3, c) for c in range(3)] + [(3, 0, c) for c in range(3)]:
        made = _sample(start, _given(planted_layout, code, category))
        like = _like(planted_table, code, category)
        tied = [_shares(rows.codes[:, other], 3) for rows in (made, like)]
        assert _distance(*tied) > 4 * CONDITION_TOLERANCE


def test_a_tie_of_three_columns_that_no_two_of_them_show_is_learnt(brisk: Callable[..., TrainingConfig]) -> None:
    """c is the exclusive or of a and b in nine rows of ten; any two of the three are independent."""
    random = np.random.default_rng(0)
    a, b = random.integers(2, size=(2, 4_000))
    c = a ^ b ^ (random.random(4_000) < 0.1)
    table = EncodedTable(np.stack([a, b, c], 1).astype(np.uint8), np.zeros((4_000, 0), np.float32))
    layout = Layout(tuple(ColumnSlots(name, (2,)) for name in "abc"))
    shares = []
    for changes in ({"steps": 600, "generator_rate": 8e-3}, {"generator_rate": 0.0, "steps": 1}):
        rows = _sample(Trainer(table, layout, brisk(**changes), seed=3, device=CPU).fit().generator)
        shares.append((rows.codes[:, 0] ^ rows.codes[:, 1] == rows.codes[:, 2]).mean())
    learnt, untrained = shares
    assert untrained == pytest.approx(0.5, abs=0.1)
    assert learnt == pytest.approx(0.9, abs=0.03)
    # Two columns are seldom given at once, so that it takes longer to learn that any two tell the third.
    config = brisk(steps=800, condition_share=1.0, generator_rate=8e-3, holdout=0.0, adversarial_weight=0.0)
    generator = Trainer(table, layout, config, seed=3, device=CPU).fit().generator
    cells = EncodedTable(np.array([[1, 1, 1]], np.uint8), np.zeros((1, 0), np.float32))
    for code in range(3):
        third = _sample(generator, GivenCells((np.arange(3) != code).astype(np.int64), cells)).codes[:, code]
        assert (third == 0).mean() == pytest.approx(0.9, abs=0.05)


def test_what_training_reports_falls_to_the_entropy_of_the_table(
    train_planted: Callable[..., TrainingResult], planted_table: EncodedTable
) -> None:
    """The plug-in entropy of the table is a little below that of the law behind it, which no model can beat."""
    flat = np.ravel_multi_index(tuple(planted_table.codes.T.astype(int)), (3, 4, 4, 3))
    shares = _shares(flat, 144)
    entropy = -(shares[shares > 0] * np.log(shares[shares > 0])).sum()
    independent = sum(
        -(part[part > 0] * np.log(part[part > 0])).sum()
        for part in (_shares(planted_table.codes[:, code], size) for code, size in enumerate((3, 4, 4, 3)))
    )
    history = train_planted(holdout=0.5, condition_share=0.0).history
    seen = [stats.held_out for stats in history if stats.held_out is not None]
    assert seen[0] > entropy + 0.5 * (independent - entropy)
    assert entropy < min(seen) < entropy + 0.1
