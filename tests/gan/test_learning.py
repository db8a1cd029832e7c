"""What was planted in a table must come back from a small model, and must not come back from an untrained one."""

import copy
from collections.abc import Callable

import numpy as np
import pytest
import torch

from tabgan.gan.calibration import calibrate
from tabgan.gan.config import TrainingConfig
from tabgan.gan.sampling import sample_blocks
from tabgan.gan.synthesizer import Synthesizer
from tabgan.gan.training import Trainer, TrainingResult
from tabgan.layout import ColumnSlots, EncodedTable, GivenCells, Layout, concatenate

N = 8_192
CONTINGENCY_TOLERANCE = 0.08
"""Total variation distance of the three by three tables. Independent columns are at 0.47."""
CORRELATION_TOLERANCE = 0.08
"""Of the correlation of a and x, which is 0.86."""


def _sample(synthesizer: Synthesizer, given: GivenCells | None = None) -> EncodedTable:
    return concatenate(list(sample_blocks(synthesizer, N, seed=7, given=given)))


def _contingency(rows: EncodedTable) -> np.ndarray:
    return np.bincount(rows.codes[:, 0].astype(int) * 3 + rows.codes[:, 1], minlength=9) / len(rows)


def _correlation(rows: EncodedTable) -> float:
    return float(np.corrcoef(rows.codes[:, 0], rows.values[:, 0])[0, 1])


def _errors(synthesizer: Synthesizer, table: EncodedTable) -> tuple[float, float]:
    """How far the contingency and the correlation are off."""
    made = _sample(synthesizer)
    contingency = np.abs(_contingency(made) - _contingency(table)).sum() / 2
    return contingency, abs(_correlation(made) - _correlation(table))


def test_the_planted_ties_come_back(planted_result: TrainingResult, planted_table: EncodedTable) -> None:
    contingency, correlation = _errors(planted_result.synthesizer, planted_table)
    assert contingency < CONTINGENCY_TOLERANCE
    assert correlation < CORRELATION_TOLERANCE


def test_an_untrained_model_of_one_stage_for_both_categories_fails_the_test_above(
    train_planted: Callable[..., TrainingResult], planted_table: EncodedTable
) -> None:
    untrained = train_planted(generator_rate=0.0, critic_rate=0.0, steps=1)
    contingency, _ = _errors(untrained.synthesizer, planted_table)
    assert contingency > 4 * CONTINGENCY_TOLERANCE


def test_balancing_does_not_bend_the_table(
    train_planted: Callable[..., TrainingResult], planted_table: EncodedTable
) -> None:
    contingency, correlation = _errors(train_planted(balance=0.5).synthesizer, planted_table)
    assert contingency < 2 * CONTINGENCY_TOLERANCE
    assert correlation < 2 * CORRELATION_TOLERANCE


def test_in_three_stages_the_ties_are_there_before_training(
    train_planted: Callable[..., TrainingResult], planted_table: EncodedTable
) -> None:
    start = train_planted(stages=3, generator_rate=0.0, critic_rate=0.0, steps=1)
    contingency, correlation = _errors(start.synthesizer, planted_table)
    assert contingency < CONTINGENCY_TOLERANCE
    assert correlation < CORRELATION_TOLERANCE


def test_a_tie_of_three_columns_that_no_two_of_them_show_is_learnt(brisk: Callable[..., TrainingConfig]) -> None:
    """c is the exclusive or of a and b in nine rows of ten; any two of the three are independent."""
    random = np.random.default_rng(0)
    a, b = random.integers(2, size=(2, 4_000))
    c = a ^ b ^ (random.random(4_000) < 0.1)
    table = EncodedTable(np.stack([a, b, c], 1).astype(np.uint8), np.zeros((4_000, 0), np.float32))
    layout = Layout(tuple(ColumnSlots(name, (2,)) for name in "abc"))
    shares = []
    for config in (brisk(), brisk(generator_rate=0.0, critic_rate=0.0, steps=1)):
        rows = _sample(Trainer(table, layout, config, seed=3, device=torch.device("cpu")).fit().synthesizer)
        shares.append((rows.codes[:, 0] ^ rows.codes[:, 1] == rows.codes[:, 2]).mean())
    learnt, untrained = shares
    assert untrained == pytest.approx(0.5, abs=0.03)
    assert learnt == pytest.approx(0.9, abs=0.1)


@pytest.fixture(scope="module", params=[1, 3], ids=["two stages", "three stages"])
def conditional(request: pytest.FixtureRequest, train_planted: Callable[..., TrainingResult]) -> Synthesizer:
    """A model that saw conditional rows alone, so that it learns conditions soon."""
    return train_planted(condition_share=1.0, stages=request.param).synthesizer


def _follows(made: float, conditional: float, unconditional: float) -> bool:
    """Whether what was made is much nearer to what the condition implies than it would be without the condition."""
    return abs(made - conditional) < max(0.15, 0.5 * abs(unconditional - conditional))


@pytest.mark.parametrize("category", [0, 1, 2])
@pytest.mark.parametrize(("column", "other"), [(0, 1), (1, 0)])
def test_conditions_on_the_first_and_the_last_column_bring_what_goes_with_them(
    column: int, other: int, category: int, conditional: Synthesizer, planted_table: EncodedTable
) -> None:
    cells = EncodedTable(np.full((1, 2), category, np.uint8), np.zeros((1, 1), np.float32))
    made = _sample(conditional, GivenCells(np.array([column == 0, False, column == 1]), cells))
    like = planted_table[np.flatnonzero(planted_table.codes[:, column] == category)]
    real_share, made_share = ((rows.codes[:, other] == category).mean() for rows in (like, made))
    assert (made.codes[:, column] == category).all()
    assert _follows(made_share, real_share, (planted_table.codes[:, other] == category).mean())
    assert _follows(made.values.mean(), like.values.mean(), planted_table.values.mean())


@pytest.mark.parametrize("x", [-0.8, 0.8])
def test_a_condition_on_the_middle_column_brings_what_goes_with_it(
    x: float, conditional: Synthesizer, planted_table: EncodedTable
) -> None:
    cells = EncodedTable(np.zeros((1, 2), np.uint8), np.full((1, 1), x, np.float32))
    made = _sample(conditional, GivenCells(np.array([False, True, False]), cells))
    assert (made.values == np.float32(x)).all()
    like = planted_table[np.flatnonzero(np.abs(planted_table.values[:, 0] - x) < 0.1)]
    assert _follows(made.codes[:, 0].mean(), like.codes[:, 0].mean(), planted_table.codes[:, 0].mean())


def test_calibration_keeps_what_was_learnt(planted_result: TrainingResult, planted_table: EncodedTable) -> None:
    synthesizer = copy.deepcopy(planted_result.synthesizer)
    before = _errors(synthesizer, planted_table)
    calibrate(synthesizer, planted_table, seed=0)
    after = _errors(synthesizer, planted_table)
    assert after[0] < before[0] + 0.02
    assert after[1] < before[1] + 0.02
