from collections.abc import Callable

import numpy as np
import pytest
import torch

from tabgan.gan.config import TrainingConfig
from tabgan.gan.moments import table_moments
from tabgan.gan.stages import StagePlan, split
from tabgan.gan.synthesizer import Synthesizer
from tabgan.gan.training import Trainer, TrainingResult
from tabgan.gan.warm_start import warm_start
from tabgan.layout import ColumnSlots, EncodedTable, Layout

CPU = torch.device("cpu")
CITY = ColumnSlots("city", (3,))
PRICE = ColumnSlots("price", has_value=True)
SCORE = ColumnSlots("score", (4,), has_value=True, live=2)
PRODUCT = ColumnSlots("product", (5, 7))
ONLY = ColumnSlots("only", (1,))


@pytest.fixture(scope="session")
def shop() -> Layout:
    """One column of each kind; the first has a code, the last two."""
    return Layout((CITY, PRICE, SCORE, PRODUCT))


@pytest.fixture(scope="session")
def layouts() -> dict[str, Layout]:
    """Layouts of every kind, the odd ones too."""
    return {
        "all kinds": Layout((CITY, PRICE, SCORE, PRODUCT)),
        "value first and last": Layout((PRICE, CITY, SCORE)),
        "one code": Layout((CITY,)),
        "codes alone": Layout((CITY, PRODUCT)),
        "one value": Layout((PRICE,)),
        "values alone": Layout((PRICE, ColumnSlots("weight", has_value=True))),
        "one gated value": Layout((SCORE,)),
        "cardinality one": Layout((ONLY, PRICE)),
        "cardinality one alone": Layout((ONLY,)),
        "wide codes": Layout((ColumnSlots("wide", (300,)), PRICE)),
    }


@pytest.fixture(scope="session")
def random_table() -> Callable[..., EncodedTable]:
    """Makes tables of independent cells for a layout; values are 0 where not live."""

    def make(layout: Layout, n: int, seed: int = 0) -> EncodedTable:
        random = np.random.default_rng(seed)
        codes = np.zeros((n, layout.n_codes), layout.code_dtype)
        for code, size in enumerate(layout.cardinalities):
            weights = 1 / np.arange(1, size + 1)
            codes[:, code] = random.choice(size, n, p=weights / weights.sum())
        values = random.uniform(-1, 1, (n, layout.n_values)).astype(np.float32)
        for value, (gate, live) in enumerate(zip(layout.value_gates, layout.value_live, strict=True)):
            if gate is not None:
                values[codes[:, gate] >= live, value] = 0
        return EncodedTable(codes, values)

    return make


@pytest.fixture(scope="session")
def small() -> Callable[..., TrainingConfig]:
    """Makes configurations that train in a moment; every setting is fixed here, so that defaults may change."""

    def make(**changes: object) -> TrainingConfig:
        settings: dict[str, object] = {
            "steps": 4,
            "batch_size": 16,
            "noise_width": 8,
            "generator_width": 16,
            "generator_blocks": 1,
            "stages": 3,
            "stage_width": 16,
            "critic_width": 16,
            "critic_blocks": 1,
            "generator_rate": 1e-3,
            "critic_rate": 1e-3,
            "critic_steps": 2,
            "penalty_weight": 3.0,
            "adversarial_weight": 8.0,
            "moment_weight": 0.5,
            "hats": 5,
            "temperature": 0.4,
            "pac": 1,
            "averaging": 0.99,
            "condition_share": 0.3,
            "balance": 0.0,
            "calibrate": True,
        }
        return TrainingConfig.from_mapping(settings | changes)

    return make


@pytest.fixture(scope="session")
def mixed_plan() -> Callable[..., StagePlan]:
    """Makes plans that deal the parts of a layout out in an order that is not the layout's."""

    def make(layout: Layout, stages: int, seed: int = 0) -> StagePlan:
        parts = np.random.default_rng(seed).permutation(len(split(layout)))
        return StagePlan(layout, tuple(tuple(stage.tolist()) for stage in np.array_split(parts, stages) if len(stage)))

    return make


@pytest.fixture(scope="session")
def untrained(mixed_plan: Callable[..., StagePlan]) -> Callable[..., Synthesizer]:
    """Makes synthesizers as training starts with them."""

    def make(
        table: EncodedTable, layout: Layout, config: TrainingConfig, plan: StagePlan | None = None, seed: int = 0
    ) -> Synthesizer:
        plan = mixed_plan(layout, config.stages) if plan is None else plan
        synthesizer = Synthesizer(plan, config)
        moments = table_moments(plan.arrange(table), synthesizer.features)
        warm_start(synthesizer, moments, torch.Generator().manual_seed(seed))
        return synthesizer.eval()

    return make


@pytest.fixture(scope="session")
def planted_layout() -> Layout:
    """Two categorical columns around a continuous one."""
    return Layout((ColumnSlots("a", (3,)), ColumnSlots("x", has_value=True), ColumnSlots("b", (3,))))


@pytest.fixture(scope="session")
def planted_table() -> EncodedTable:
    """b equals a in nine rows of ten, and x, uniform on [-1, 1], has a correlation of about 0.86 with a."""
    random = np.random.default_rng(5)
    n = 4_000
    a = random.choice(3, n, p=[0.5, 0.3, 0.2])
    b = np.where(random.random(n) < 0.85, a, random.integers(3, size=n))
    ranks = (a + random.normal(0, 0.5, n)).argsort().argsort()
    x = (2 * (ranks + 0.5) / n - 1).astype(np.float32)
    return EncodedTable(np.stack([a, b], 1).astype(np.uint8), x[:, None])


@pytest.fixture(scope="session")
def brisk(small: Callable[..., TrainingConfig]) -> Callable[..., TrainingConfig]:
    """Makes configurations that learn a table of three columns in a few seconds."""

    def make(**changes: object) -> TrainingConfig:
        widths = {"generator_width": 64, "stage_width": 64, "critic_width": 64, "hats": 10}
        rates = {"generator_rate": 3e-3, "critic_rate": 3e-3}
        return small(**({"steps": 400, "batch_size": 256} | widths | rates | changes))

    return make


@pytest.fixture(scope="session")
def train_planted(
    planted_layout: Layout, planted_table: EncodedTable, brisk: Callable[..., TrainingConfig]
) -> Callable[..., TrainingResult]:
    """Trains on the planted table for a few seconds; rates of zero give an untrained model.

    With one stage for a and b, the model has to learn how they are tied.
    """

    def train(**changes: object) -> TrainingResult:
        config = brisk(**({"stages": 1} | changes))
        return Trainer(planted_table, planted_layout, config, seed=3, device=CPU).fit()

    return train


@pytest.fixture(scope="session")
def planted_result(train_planted: Callable[..., TrainingResult]) -> TrainingResult:
    """A model of the planted table, a and b made in one stage; not to be changed."""
    return train_planted()
