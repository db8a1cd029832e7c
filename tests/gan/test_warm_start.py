from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.special import erfinv

from tabgan.gan.config import TrainingConfig
from tabgan.gan.features import Features
from tabgan.gan.moments import mutual_information, table_moments
from tabgan.gan.sampling import sample_blocks
from tabgan.gan.stages import StagePlan
from tabgan.gan.synthesizer import Synthesizer
from tabgan.gan.warm_start import dependence_tree
from tabgan.layout import ColumnSlots, EncodedTable, GivenCells, Layout, concatenate

Tables = Callable[..., EncodedTable]
Configs = Callable[..., TrainingConfig]
Plans = Callable[..., StagePlan]
Starts = Callable[..., Synthesizer]
N = 32_768
WIDE = {"noise_width": 64, "generator_width": 64, "stage_width": 64, "hats": 10}
TOLERANCE = 0.02
"""Total variation distance. Two samples of N rows differ by about half of it; the noise of the logits adds a little."""


def _sample(synthesizer: Synthesizer, given: GivenCells | None = None, n: int = N) -> EncodedTable:
    return concatenate(list(sample_blocks(synthesizer, n, seed=7, given=given)))


def _categories(*columns: np.ndarray) -> EncodedTable:
    codes = np.stack(columns, 1)
    return EncodedTable(codes.astype(np.min_scalar_type(codes.max())), np.zeros((len(codes), 0), np.float32))


def _layout(*sizes: int) -> Layout:
    return Layout(tuple(ColumnSlots(f"c{index}", (size,)) for index, size in enumerate(sizes)))


def _in_order(layout: Layout) -> StagePlan:
    """Each part in a stage of its own, in the order of the layout; for columns of one part."""
    return StagePlan(layout, tuple((index,) for index in range(len(layout.columns))))


def _shares(*codes: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    return np.bincount(np.ravel_multi_index(codes, sizes), minlength=int(np.prod(sizes))) / len(codes[0])


def _distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one - other).sum() / 2)


def _uniform_distance(values: np.ndarray) -> float:
    """Kolmogorov's, from the uniform on [-1, 1]."""
    return float(np.abs(np.sort(values) - (2 * (np.arange(len(values)) + 0.5) / len(values) - 1)).max() / 2)


def _ranks(x: np.ndarray) -> np.ndarray:
    return (2 * (x.argsort().argsort() + 0.5) / len(x) - 1).astype(np.float32)


@pytest.mark.parametrize("stages", [1, 4])
@pytest.mark.parametrize(
    "kind", ["all kinds", "value first and last", "codes alone", "cardinality one", "wide codes", "one gated value"]
)
def test_margins_are_those_of_the_table(
    kind: str, stages: int, layouts: dict[str, Layout], random_table: Tables, small: Configs, untrained: Starts
) -> None:
    layout = layouts[kind]
    table = random_table(layout, 20_000)
    rows = _sample(untrained(table, layout, small(**WIDE, stages=stages)))
    for code, size in enumerate(layout.cardinalities):
        one, other = (_shares(part.codes[:, code], sizes=(size,)) for part in (table, rows))
        # A sample of N rows of K even categories is off by about 0.4 sqrt(K / N).
        assert _distance(one, other) < TOLERANCE + 0.4 * np.sqrt(size / N)
    for value, (gate, live) in enumerate(zip(layout.value_gates, layout.value_live, strict=True)):
        cells = rows.values[:, value]
        assert _uniform_distance(cells if gate is None else cells[rows.codes[:, gate] < live]) < 0.05


@pytest.mark.parametrize("seed", range(3))
def test_a_tree_of_categories_comes_back_pair_by_pair(seed: int, small: Configs, untrained: Starts) -> None:
    """a has the children b and c, and c has d; any other plan of the same tree would do as well."""
    random, n = np.random.default_rng(seed), 20_000
    a = random.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
    b = np.where(random.random(n) < 0.7, a % 3, random.integers(3, size=n))
    c = np.where(random.random(n) < 0.8, (a + 2) % 5, random.integers(5, size=n))
    d = np.where(random.random(n) < 0.6, c // 2, random.integers(3, size=n))
    table, layout = _categories(a, b, c, d), _layout(4, 3, 5, 3)
    synthesizer = untrained(table, layout, small(**WIDE), plan=_in_order(layout), seed=seed)
    moments = table_moments(table, synthesizer.features)
    assert dependence_tree(mutual_information(moments, synthesizer.features), synthesizer.plan) == (None, 0, 0, 2)
    rows = _sample(synthesizer)
    for child, parent in ((1, 0), (2, 0), (3, 2)):
        sizes = (layout.cardinalities[parent], layout.cardinalities[child])
        real, made = (_shares(part.codes[:, parent], part.codes[:, child], sizes=sizes) for part in (table, rows))
        independent = np.outer(*(real.reshape(sizes).sum(axis) for axis in (1, 0))).ravel()
        assert _distance(real, made) < TOLERANCE
        assert _distance(real, independent) > 10 * TOLERANCE


def test_a_parent_is_found_among_numbers_that_are_made_before_it(small: Configs, untrained: Starts) -> None:
    """The context of b holds the hats of x, the units and hats of y, then the units of a, which alone tells of b."""
    random, n = np.random.default_rng(0), 20_000
    a = random.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
    b = np.where(random.random(n) < 0.8, (a + 1) % 3, random.integers(3, size=n))
    here = random.integers(2, size=n)
    values = random.uniform(-1, 1, (n, 2)).astype(np.float32)
    values[here == 1, 1] = 0
    layout = Layout(
        (
            ColumnSlots("x", has_value=True),
            ColumnSlots("y", (2,), has_value=True, live=1),
            ColumnSlots("a", (4,)),
            ColumnSlots("b", (3,)),
        )
    )
    table = EncodedTable(np.stack([here, a, b], 1).astype(np.uint8), values)
    rows = _sample(untrained(table, layout, small(**WIDE), plan=_in_order(layout)))
    real, made = (_shares(part.codes[:, 1], part.codes[:, 2], sizes=(4, 3)) for part in (table, rows))
    assert _distance(real, made) < TOLERANCE


def test_a_position_comes_back_with_its_group(small: Configs, untrained: Starts) -> None:
    """A third of the groups have no position beyond the second."""
    random, n = np.random.default_rng(0), 20_000
    group, position = random.integers(6, size=n), random.integers(5, size=n)
    position = np.where(group % 3 == 0, position % 2, position)
    table, layout = _categories(group, position), Layout((ColumnSlots("product", (6, 5)),))
    rows = _sample(untrained(table, layout, small(**WIDE), plan=StagePlan(layout, ((0,), (1,)))))
    real, made = (_shares(*part.codes.T, sizes=(6, 5)) for part in (table, rows))
    assert _distance(real, made) < TOLERANCE
    assert made[real == 0].sum() < 0.001


def test_numbers_have_the_mean_of_their_parent_category(small: Configs, untrained: Starts) -> None:
    """Of x with a clear dependence, of y, which is mostly missing, where it is there, and of z, which is alone."""
    random, n = np.random.default_rng(0), 20_000
    a = random.choice(3, n, p=[0.5, 0.3, 0.2])
    x = _ranks(np.array([0.8, -0.6, 0.2])[a] + random.normal(0, 0.7, n))
    y_missing = random.random(n) < np.array([0.9, 0.3, 0.5])[a]
    y = np.zeros(n, np.float32)
    y[~y_missing] = _ranks(np.array([-0.5, 0.3, 0.9])[a[~y_missing]] + random.normal(0, 0.8, (~y_missing).sum()))
    layout = Layout(
        (
            ColumnSlots("a", (3,)),
            ColumnSlots("x", has_value=True),
            ColumnSlots("y", (2,), has_value=True, live=1),
            ColumnSlots("z", has_value=True),
        )
    )
    z = random.uniform(-1, 1, n).astype(np.float32)
    table = EncodedTable(np.stack([a, y_missing], 1).astype(np.uint8), np.stack([x, y, z], 1))
    # The parts of a stage share the trunk's noise, so that y goes a little with being there; the less, the wider.
    config = small(noise_width=128, generator_width=256, stage_width=128, hats=10)
    rows = _sample(untrained(table, layout, config, plan=StagePlan(layout, ((0,), (3, 1, 2)))))
    for value in range(3):
        for category in range(3):
            means = []
            for part in (table, rows):
                kept = (part.codes[:, 0] == category) & ((value != 1) | (part.codes[:, 1] == 0))
                means.append(erfinv(part.values[kept, value].astype(float).clip(-0.9999, 0.9999)).mean() * 2**0.5)
            # The noise of a code and of a value may go together a little, which tells most where y is rare.
            assert means[1] == pytest.approx(means[0], abs=0.3 if value == 1 else 0.15)
    for category in range(3):
        there = [(part.codes[part.codes[:, 0] == category, 1] == 0).mean() for part in (table, rows)]
        assert there[1] == pytest.approx(there[0], abs=0.03)
    # Still standard normal overall, so still nearly uniform.
    assert _uniform_distance(rows.values[:, 0]) < 0.06
    assert abs(np.corrcoef(rows.values[:, 0], rows.values[:, 2])[0, 1]) < 0.1


def test_numbers_alone_are_uniform_and_uncorrelated(random_table: Tables, small: Configs, untrained: Starts) -> None:
    layout = Layout(tuple(ColumnSlots(f"x{index}", has_value=True) for index in range(20)))
    values = _sample(untrained(random_table(layout, 2_000), layout, small(**WIDE, stages=3))).values
    assert max(_uniform_distance(column) for column in values.T) < 0.05
    correlations = np.corrcoef(values.T) - np.eye(20)
    assert np.abs(correlations).max() < 0.1


@pytest.mark.parametrize("width", [1, 2, 3])
def test_numbers_of_the_narrowest_stages_still_vary(
    width: int, random_table: Tables, small: Configs, untrained: Starts
) -> None:
    """Numbers of few units are not quite normal, and more numbers than units go together, but all of them vary."""
    layout = Layout(tuple(ColumnSlots(f"x{index}", has_value=True) for index in range(4)))
    config = small(**(WIDE | {"stage_width": width}), stages=1)
    values = _sample(untrained(random_table(layout, 500), layout, config)).values
    assert values.std(0).min() > 0.4
    assert max(_uniform_distance(column) for column in values.T) < 0.25


@pytest.mark.parametrize("n", [2_000, 200_000])
def test_what_follows_without_exception_is_drawn_without_error_but_for_the_smoothing(
    n: int, small: Configs, untrained: Starts
) -> None:
    """b follows from a; the smoothing counts one row of b's margin for each category of a."""
    random = np.random.default_rng(0)
    a = random.choice(12, n, p=(weights := 1 / np.arange(1, 13)) / weights.sum())
    table, layout = _categories(a, (b := (5 * a + 3) % 7)), _layout(12, 7)
    rows = _sample(untrained(table, layout, small(**WIDE), plan=_in_order(layout)))
    wrong = (rows.codes[:, 1] != (5 * rows.codes[:, 0].astype(int) + 3) % 7).mean()
    counts, margin = np.bincount(a, minlength=12), np.bincount(b, minlength=7) / n
    expected = sum(counts[k] / n * (1 - margin[(5 * k + 3) % 7]) / (counts[k] + 1) for k in range(12))
    assert wrong <= 1.5 * expected + 5 * np.sqrt(expected / N)
    assert n < 100_000 or wrong < 5e-4


def test_large_alphabets_come_back_with_what_follows_from_them(small: Configs, untrained: Starts) -> None:
    random, n, size = np.random.default_rng(0), 50_000, 400
    a = random.choice(size, n, p=(weights := 1 / np.arange(1, size + 1)) / weights.sum())
    b = (7 * a + 5) % size
    table, layout = _categories(a, b), _layout(size, size)
    synthesizer = untrained(table, layout, small(**WIDE), plan=_in_order(layout))
    assert all(torch.isfinite(parameter).all() for parameter in synthesizer.parameters())
    rows = _sample(synthesizer)
    for code in range(2):
        one, other = (_shares(part.codes[:, code], sizes=(size,)) for part in (table, rows))
        assert _distance(one, other) < TOLERANCE + 0.4 * np.sqrt(size / N)
    wrong = (rows.codes[:, 1] != (7 * rows.codes[:, 0].astype(int) + 5) % size).mean()
    assert wrong < 1.5 * size / n


def test_categories_that_never_occur_stay_away(small: Configs, untrained: Starts) -> None:
    random, n = np.random.default_rng(0), 20_000
    a = random.integers(3, size=n)
    b = np.where(random.random(n) < 0.7, a, 2)
    table, layout = _categories(a, b), _layout(5, 6)
    synthesizer = untrained(table, layout, small(**WIDE), plan=_in_order(layout))
    assert all(torch.isfinite(parameter).all() for parameter in synthesizer.parameters())
    rows = _sample(synthesizer)
    assert ((rows.codes[:, 0] > 2) | (rows.codes[:, 1] > 2)).mean() < 0.001


@pytest.mark.parametrize("n", [1, 2])
def test_tiny_tables_can_be_started_from(
    n: int, shop: Layout, random_table: Tables, small: Configs, untrained: Starts
) -> None:
    synthesizer = untrained(random_table(shop, n), shop, small())
    assert all(torch.isfinite(parameter).all() for parameter in synthesizer.parameters())
    rows = _sample(synthesizer, n=100)
    assert len(rows) == 100


def test_a_number_that_is_never_there_can_be_started_from(small: Configs, untrained: Starts) -> None:
    random = np.random.default_rng(0)
    layout = Layout((ColumnSlots("x", (3,), has_value=True, live=1), ColumnSlots("a", (2,))))
    a = random.integers(2, size=500)
    table = EncodedTable(np.stack([a + 1, a], 1).astype(np.uint8), np.zeros((500, 1), np.float32))
    synthesizer = untrained(table, layout, small(**WIDE), plan=StagePlan(layout, ((1,), (0,))))
    assert all(torch.isfinite(parameter).all() for parameter in synthesizer.parameters())
    rows = _sample(synthesizer, n=4_096)
    assert (rows.codes[:, 0] == rows.codes[:, 1] + 1).mean() > 0.99


def test_what_tells_nothing_is_left_at_its_margins(small: Configs, untrained: Starts) -> None:
    """Every combination occurs equally often, so that there is no information to the last digit."""
    grid = np.arange(3 * 4 * 5 * 20)
    table, layout = _categories(grid % 3, grid % 4, grid % 5), _layout(3, 4, 5)
    synthesizer = untrained(table, layout, small(**WIDE), plan=_in_order(layout))
    assert all(torch.count_nonzero(stage.direct.weight) == 0 for stage, _ in synthesizer.pieces())
    rows = _sample(synthesizer)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        sizes = (layout.cardinalities[one], layout.cardinalities[other])
        made = _shares(rows.codes[:, one], rows.codes[:, other], sizes=sizes)
        assert _distance(made, np.full(len(made), 1 / len(made))) < TOLERANCE


def test_the_parent_is_the_most_telling_part_of_an_earlier_stage() -> None:
    layout = _layout(2, 2, 2, 2)
    information = torch.tensor([[0, 9, 1, 0], [9, 0, 2, 0], [1, 2, 0, 0], [0, 0, 0, 0]]).float()
    # The first two are made together, so that they cannot see each other however much they tell.
    assert dependence_tree(information, StagePlan(layout, ((0, 1), (2,), (3,)))) == (None, None, 1, None)
    assert dependence_tree(information, StagePlan(layout, ((0,), (1,), (2,), (3,)))) == (None, 0, 1, None)
    assert dependence_tree(information, StagePlan(layout, ((0, 1, 2, 3),))) == (None,) * 4


def test_parents_are_in_the_order_of_the_plan(shop: Layout, random_table: Tables, small: Configs) -> None:
    """City is made first and comes first in the plan, though not in the layout; score follows from it."""
    layout = Layout((shop.columns[2], shop.columns[1], shop.columns[0]))
    table = random_table(layout, 5_000)
    table.codes[:, 0] = table.codes[:, 1]
    plan = StagePlan(layout, ((2,), (1, 0)))
    features = Features(plan.staged, 5)
    moments = table_moments(plan.arrange(table), features)
    assert dependence_tree(mutual_information(moments, features), plan) == (None, None, 0)


@pytest.fixture(scope="module")
def chain() -> EncodedTable:
    """a, then b, then c, each mostly the same as the one before."""
    random, n = np.random.default_rng(0), 20_000
    a = random.choice(3, n, p=[0.5, 0.3, 0.2])
    b = np.where(random.random(n) < 0.8, a, random.integers(3, size=n))
    c = np.where(random.random(n) < 0.7, (b + 1) % 3, random.integers(3, size=n))
    return _categories(a, b, c)


@pytest.mark.parametrize("category", [0, 1, 2])
@pytest.mark.parametrize("given", [0, 1, 2])
def test_a_given_cell_reaches_its_ancestors_and_descendants(
    given: int, category: int, chain: EncodedTable, small: Configs, untrained: Starts
) -> None:
    """Before any training; margins given c are exact for both b and a."""
    layout = _layout(3, 3, 3)
    synthesizer = untrained(chain, layout, small(**WIDE), plan=_in_order(layout))
    cells = _categories(*np.full((3, 1), category))
    rows = _sample(synthesizer, GivenCells(np.arange(3) == given, cells))
    like = chain[np.flatnonzero(chain.codes[:, given] == category)]
    assert (rows.codes[:, given] == category).all()
    for code in range(3):
        real, made = (_shares(part.codes[:, code], sizes=(3,)) for part in (like, rows))
        # Given c, b takes what it can from both a and c, and so goes too far.
        assert _distance(real, made) < (0.15 if (given, code) == (2, 1) else 0.03)


@pytest.mark.parametrize("x", [-0.9, -0.3, 0.5])
def test_a_given_number_reaches_the_category_that_it_follows_from(
    x: float, planted_layout: Layout, planted_table: EncodedTable, small: Configs, untrained: Starts
) -> None:
    plan = StagePlan(planted_layout, ((0,), (2,), (1,)))
    synthesizer = untrained(planted_table, planted_layout, small(**WIDE), plan=plan)
    cells = EncodedTable(np.zeros((1, 2), np.uint8), np.full((1, 1), x, np.float32))
    rows = _sample(synthesizer, GivenCells(np.array([False, True, False]), cells))
    like = planted_table[np.flatnonzero(np.abs(planted_table.values[:, 0] - x) < 0.1)]
    real, made, anyway = (_shares(part.codes[:, 0], sizes=(3,)) for part in (like, rows, planted_table))
    assert _distance(real, made) < 0.12
    assert _distance(real, anyway) > 0.2


def test_the_start_comes_from_the_given_stream_alone(
    shop: Layout, random_table: Tables, small: Configs, untrained: Starts
) -> None:
    table = random_table(shop, 100)
    before = torch.get_rng_state()
    first, second, other = (untrained(table, shop, small(), seed=seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(tensor, second[name]) for name, tensor in first.items())
    assert not torch.equal(first["trunk.fan.weight"], other["trunk.fan.weight"])
