"""Tables on which training can be driven into each of its states in a second or two."""

import numpy as np
import torch

from tabgan.gan.config import TrainingConfig
from tabgan.gan.history import TrainingResult
from tabgan.gan.training import Trainer
from tabgan.layout import ColumnSlots, EncodedTable, Layout

ALONE: dict[str, object] = {
    "generator_width": 32,
    "stage_width": 16,
    "critic_width": 32,
    "batch_size": 128,
    "steps": 300,
    "likelihood_weight": 0.0,
    "holdout": 0.1,
    "condition_share": 0.0,
}
"""Settings of a purely adversarial run of a small table."""


CPU = torch.device("cpu")


def linked(n: int = 4_000) -> tuple[EncodedTable, Layout]:
    """A category, a number that goes with it, and a category that is nearly always the same as the first."""
    random = np.random.default_rng(5)
    number = ColumnSlots("x", (4, 4), has_value=True, ordered=4, windows=(((0, 4),) * 4,))
    a = random.choice(3, n, p=[0.5, 0.3, 0.2])
    b = np.where(random.random(n) < 0.85, a, random.integers(3, size=n))
    cell = 16 * (a + random.normal(0, 0.5, n)).argsort().argsort() // n
    codes = np.stack([a, cell // 4, cell % 4, b], 1).astype(np.uint8)
    values = random.uniform(-1, 1, (n, 1)).astype(np.float32)
    return EncodedTable(codes, values), Layout((ColumnSlots("a", (3,)), number, ColumnSlots("b", (3,))))


def pair(n: int = 2_000) -> tuple[EncodedTable, Layout]:
    """Two categories that tell something about each other: small enough for a generator to go round in circles."""
    random = np.random.default_rng(5)
    a = random.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
    b = np.where(random.random(n) < 0.7, a % 3, random.integers(3, size=n))
    codes = np.stack([a, b], 1).astype(np.uint8)
    return EncodedTable(codes, np.zeros((n, 0), np.float32)), Layout((ColumnSlots("a", (4,)), ColumnSlots("b", (3,))))


def unrelated(n: int = 80) -> tuple[EncodedTable, Layout]:
    """A few rows of independent cells, of which nothing but the margins can be learnt."""
    random = np.random.default_rng(5)
    codes = random.integers(6, size=(n, 6)).astype(np.uint8)
    return EncodedTable(codes, np.zeros((n, 0), np.float32)), Layout(tuple(ColumnSlots(c, (6,)) for c in "abcdef"))


def train(table: tuple[EncodedTable, Layout], settings: dict[str, object], seed: int = 0) -> TrainingResult:
    config = TrainingConfig.from_mapping(settings)
    return Trainer(*table, config, seed=seed, device=CPU).fit()
