import itertools
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch

from tabgan.gan.config import TrainingConfig
from tabgan.gan.generator import Generator
from tabgan.gan.history import TrainingResult
from tabgan.gan.stages import StagePlan
from tabgan.gan.training import Trainer
from tabgan.layout import ColumnSlots, EncodedTable, Layout

CPU = torch.device("cpu")
CITY = ColumnSlots("city", (3,))
RATING = ColumnSlots("rating", (4,), ordered=3)
PRICE = ColumnSlots("price", (4, 3), has_value=True, ordered=3, windows=(((0, 3), (0, 2), (0, 3), (0, 1)),))
PRODUCT = ColumnSlots("product", (3, 4, 5), windows=(((0, 2), (1, 3), (2, 4)), ((0, 2), (2, 3), (0, 5), (3, 5))))
PAIR = ColumnSlots("pair", (2, 3))
COARSE = ColumnSlots("coarse", (3,), has_value=True, ordered=3)
ONLY = ColumnSlots("only", (1,))


@pytest.fixture(scope="session")
def shop() -> Layout:
    """A category, a number with missing cells, three codes with windows that overlap, and an order of one code."""
    return Layout((CITY, PRICE, PRODUCT, RATING))


@pytest.fixture(scope="session")
def layouts() -> dict[str, Layout]:
    """Layouts of every kind, the odd ones too."""
    return {
        "all kinds": Layout((CITY, PRICE, PRODUCT, RATING)),
        "number first and last": Layout((PRICE, CITY, COARSE)),
        "one code": Layout((CITY,)),
        "one number": Layout((PRICE,)),
        "one code with a value": Layout((COARSE,)),
        "windows alone": Layout((PRODUCT,)),
        "codes without windows": Layout((PAIR, CITY)),
        "cardinality one": Layout((ONLY, PRICE)),
        "cardinality one alone": Layout((ONLY,)),
        "wide code": Layout((ColumnSlots("wide", (300,)), COARSE)),
    }


def paths_of(slots: ColumnSlots) -> Iterator[tuple[int, ...]]:
    """Every cell that the windows of a column allow."""
    for path in itertools.product(*map(range, slots.cardinalities)):
        windows = [slots.windows[i][path[i]] for i in range(len(path) - 1)] if slots.windows else []
        if all(low <= code < high for (low, high), code in zip(windows, path[1:], strict=False)):
            yield path


@pytest.fixture(scope="session")
def every_row() -> Callable[[Layout], np.ndarray]:
    """All rows of codes that a layout allows, shape (n, k)."""

    def make(layout: Layout) -> np.ndarray:
        rows = itertools.product(*(list(paths_of(slots)) for slots in layout.columns))
        return np.array([list(itertools.chain(*row)) for row in rows], layout.code_dtype)

    return make


@pytest.fixture(scope="session")
def in_windows() -> Callable[[Layout, np.ndarray], bool]:
    """Whether each cell of rows of codes is one that the windows allow."""

    def check(layout: Layout, codes: np.ndarray) -> bool:
        return all(
            {tuple(path) for path in codes[:, own].tolist()} <= set(paths_of(slots))
            for slots, own in zip(layout.columns, layout.code_slices, strict=True)
        )

    return check


@pytest.fixture(scope="session")
def random_table() -> Callable[..., EncodedTable]:
    """Makes tables of independent cells for a layout, all within their windows."""

    def make(layout: Layout, n: int, seed: int = 0) -> EncodedTable:
        random = np.random.default_rng(seed)
        columns = []
        for slots in layout.columns:
            paths = np.array(list(paths_of(slots)))
            weights = 1 / np.arange(1, len(paths) + 1)
            columns.append(paths[random.choice(len(paths), n, p=weights / weights.sum())])
        values = random.uniform(-1, 1, (n, layout.n_values)).astype(np.float32)
        return EncodedTable(np.concatenate(columns, 1).astype(layout.code_dtype), values)

    return make


@pytest.fixture(scope="session")
def small() -> Callable[..., TrainingConfig]:
    """Makes configurations that train in a moment; every setting is fixed here, so that defaults may change."""

    def make(**changes: object) -> TrainingConfig:
        settings: dict[str, object] = {
            "epochs": 10.0,
            "steps": 4,
            "max_minutes": 0.0,
            "batch_size": 16,
            "generator_width": 16,
            "stages": 64,
            "stage_width": 8,
            "generator_rate": 8e-3,
            "weight_decay": 0.0,
            "adversarial_weight": 0.05,
            "adversarial_share": 0.5,
            "critic_width": 16,
            "critic_blocks": 1,
            "critic_rate": 1e-3,
            "critic_steps": 2,
            "penalty_weight": 3.0,
            "temperature": 1.0,
            "pac": 1,
            "averaging": 0.99,
            "condition_share": 0.5,
            "balance": 0.0,
            "holdout": 0.1,
            "patience": 1.0,
        }
        return TrainingConfig.from_mapping(settings | changes)

    return make


@pytest.fixture(scope="session")
def mixed_plan() -> Callable[..., StagePlan]:
    """Makes plans that deal the codes of a layout out in an order that is not the layout's, some sharing stages."""

    def make(layout: Layout, seed: int = 0) -> StagePlan:
        random = np.random.default_rng(seed)
        waiting = [list(range(codes.start, codes.stop)) for codes in layout.code_slices]
        stages: list[list[int]] = [[]]
        for column in random.permutation(list(layout.code_columns)):
            if {layout.code_columns[code] for code in stages[-1]} & {column} or random.random() < 0.5:
                stages.append([])
            stages[-1].append(waiting[column].pop(0))
        return StagePlan(layout, tuple(tuple(stage) for stage in stages if stage))

    return make


@pytest.fixture(scope="session")
def untrained(
    mixed_plan: Callable[..., StagePlan], random_table: Callable[..., EncodedTable]
) -> Callable[..., Generator]:
    """Makes generators as training starts with them; with `noise`, all weights are then moved at random."""

    def make(
        layout: Layout,
        config: TrainingConfig,
        *,
        table: EncodedTable | None = None,
        plan: StagePlan | None = None,
        noise: float = 0.0,
        seed: int = 0,
    ) -> Generator:
        generator = Generator(mixed_plan(layout, seed) if plan is None else plan, config)
        random = torch.Generator().manual_seed(seed)
        generator.start(random_table(layout, 500) if table is None else table, random)
        with torch.no_grad():
            for parameter in generator.parameters():
                parameter += noise * torch.randn(parameter.shape, generator=random)
        return generator.eval()

    return make


@pytest.fixture(scope="session")
def planted_layout() -> Layout:
    """Two categorical columns around a number, which is spelt in four by four cells."""
    number = ColumnSlots("x", (4, 4), has_value=True, ordered=4, windows=(((0, 4),) * 4,))
    return Layout((ColumnSlots("a", (3,)), number, ColumnSlots("b", (3,))))


@pytest.fixture(scope="session")
def planted_table() -> EncodedTable:
    """b equals a in nine rows of ten, and the rank of x has a correlation of about 0.86 with a."""
    random = np.random.default_rng(5)
    n = 4_000
    a = random.choice(3, n, p=[0.5, 0.3, 0.2])
    b = np.where(random.random(n) < 0.85, a, random.integers(3, size=n))
    cell = 16 * (a + random.normal(0, 0.5, n)).argsort().argsort() // n
    codes = np.stack([a, cell // 4, cell % 4, b], 1).astype(np.uint8)
    return EncodedTable(codes, random.uniform(-1, 1, (n, 1)).astype(np.float32))


@pytest.fixture(scope="session")
def brisk(small: Callable[..., TrainingConfig]) -> Callable[..., TrainingConfig]:
    """Makes configurations that learn a table of three columns in a few seconds."""

    def make(**changes: object) -> TrainingConfig:
        widths = {"generator_width": 64, "stage_width": 32, "critic_width": 64}
        steps = {"steps": 400, "batch_size": 256, "adversarial_share": 0.25, "holdout": 0.05, "generator_rate": 2e-3}
        return small(**(steps | widths | changes))

    return make


@pytest.fixture(scope="session")
def train_planted(
    planted_layout: Layout, planted_table: EncodedTable, brisk: Callable[..., TrainingConfig]
) -> Callable[..., TrainingResult]:
    """Trains on the planted table for a few seconds; a generator rate of zero gives an untrained model."""

    def train(**changes: object) -> TrainingResult:
        return Trainer(planted_table, planted_layout, brisk(**changes), seed=3, device=CPU).fit()

    return train


@pytest.fixture(scope="session")
def planted_result(train_planted: Callable[..., TrainingResult]) -> TrainingResult:
    """A model of the planted table; not to be changed."""
    return train_planted()
