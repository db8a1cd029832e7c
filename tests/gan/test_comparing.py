import math

import numpy as np
import pytest
import torch

from tabgan import rng
from tabgan.errors import ConfigError
from tabgan.gan.comparing import Comparer, require_held_out
from tabgan.gan.config import TrainingConfig
from tabgan.gan.generator import Generator
from tabgan.gan.history import TrainingStats
from tabgan.gan.stages import plan_stages
from tabgan.gan.watching import hold_out
from tabgan.layout import ColumnSlots, EncodedTable, Layout

CONFIG = TrainingConfig(generator_width=16, stage_width=16, holdout=0.25)
LAYOUT = Layout((ColumnSlots("letter", (3,)), ColumnSlots("digit", (4,)), ColumnSlots("again", (3,))))


def table_of(n: int, shares: tuple[float, ...] = (0.6, 0.3, 0.1), seed: int = 0) -> EncodedTable:
    random = np.random.default_rng(seed)
    letter = random.choice(3, n, p=shares)
    codes = np.column_stack([letter, random.integers(4, size=n), letter]).astype(np.uint8)
    return EncodedTable(codes, np.zeros((n, 0), np.float32))


class Copier(Generator):
    """Draws the rows that it was given, in turn, and knows nothing."""

    def hold(self, codes: np.ndarray) -> "Copier":
        self.rows = torch.from_numpy(self.plan.arrange(codes).astype(np.int64))
        self.next = 0
        return self

    def draw(self, noise: torch.Tensor, condition: object = None) -> torch.Tensor:
        picked = torch.arange(self.next, self.next + len(noise)) % len(self.rows)
        self.next += len(noise)
        return self.rows[picked]


def copier(codes: np.ndarray) -> Copier:
    plan = plan_stages(table_of(100), LAYOUT, 64, np.random.default_rng(0))
    return Copier(plan, CONFIG).hold(codes)


@pytest.fixture(scope="module")
def comparer() -> Comparer:
    return Comparer(table_of(2_000), LAYOUT, CONFIG, seed=3)


def test_the_rows_held_out_themselves_are_nearest(comparer: Comparer) -> None:
    table = table_of(2_000)
    learnt, held_out = hold_out(2_000, CONFIG.holdout, rng.generator(3, "rows held out"))
    same = comparer.compare(copier(table.codes[held_out]))
    assert same.shape == same.trend == same.distance == 0
    real = comparer.compare(copier(table.codes[learnt]))
    assert 0 < real.shape < 0.05
    assert 0.4 < real.distance < 1.6
    assert real.detection is not None
    assert abs(real.detection - 0.5) < 0.06


def test_wrong_shares_and_wrong_pairs_are_told_apart(comparer: Comparer) -> None:
    wrong_shares = comparer.compare(copier(table_of(4_000, (0.1, 0.3, 0.6), seed=1).codes))
    # Half of both letters are 0.5 apart; the digit is as it should be.
    assert wrong_shares.shape == pytest.approx((0.5 + 0.5) / 3, abs=0.03)
    shuffled = table_of(4_000, seed=1).codes.copy()
    shuffled[:, 2] = np.random.default_rng(2).permutation(shuffled[:, 2])
    wrong_pairs = comparer.compare(copier(shuffled))
    assert wrong_pairs.shape < 0.05
    assert wrong_pairs.trend is not None
    # One pair of three: 1 - (0.36 + 0.09 + 0.01) of its rows lie off the diagonal.
    # Chance alone keeps a hundred rows apart from any others, which comes on top.
    assert 0.54 / 3 - 0.02 < wrong_pairs.trend < 0.54 / 3 + 0.08
    assert wrong_pairs.detection is not None
    assert wrong_pairs.detection > 0.7
    assert min(wrong_pairs.distance, wrong_shares.distance) > 1.5


def test_every_generator_is_drawn_from_with_the_same_noise(comparer: Comparer) -> None:
    plan = plan_stages(table_of(100), LAYOUT, 64, np.random.default_rng(0))
    generator = Generator(plan, CONFIG)
    generator.start(table_of(2_000), torch.Generator().manual_seed(1))
    again = Comparer(table_of(2_000), LAYOUT, CONFIG, seed=3)
    assert comparer.compare(generator) == comparer.compare(generator) == again.compare(generator)
    assert math.isfinite(comparer.compare(generator).surprise)


def test_a_single_column_has_no_trend() -> None:
    layout = Layout((ColumnSlots("letter", (3,)),))
    full = table_of(400)
    table = EncodedTable(full.codes[:, :1], full.values)
    plan = plan_stages(table, layout, 64, np.random.default_rng(0))
    figures = Comparer(table, layout, CONFIG, seed=0).compare(Copier(plan, CONFIG).hold(table.codes))
    assert figures.trend is None
    assert figures.distance > 0


def test_the_distance_at_a_look_is_that_of_its_figures(comparer: Comparer) -> None:
    stats = TrainingStats(10, 20, 1.0, 1.0, 2.0, 2.0, None, None)
    assert comparer.distance(stats) is None
    found = comparer.compare(copier(table_of(4_000, seed=5).codes))
    look = TrainingStats(10, 20, 1.0, 1.0, 2.0, 2.0, None, None, held_out_shape=found.shape, held_out_trend=found.trend)
    assert comparer.distance(look) == pytest.approx(found.distance)
    assert comparer.look_error == pytest.approx(2 * comparer.error)


def test_too_few_rows_held_out_are_refused_with_the_share_that_it_takes() -> None:
    with pytest.raises(ConfigError, match=r"at least 16 rows .* got 10 of 200 rows with holdout 0.05; set holdout to"):
        require_held_out(200, TrainingConfig())
    require_held_out(200, TrainingConfig(holdout=0.09))
    with pytest.raises(ConfigError, match="learn a larger table"):
        require_held_out(20, TrainingConfig())
