from collections.abc import Callable

import numpy as np
import pytest
import torch

from tabgan.gan import yardstick
from tabgan.gan.config import TrainingConfig
from tabgan.gan.generator import Generator
from tabgan.gan.history import TrainingResult, TrainingStats
from tabgan.gan.probing import KEPT, LOOKS, PROBED, Milestones, Probe
from tabgan.gan.stages import StagePlan
from tabgan.layout import EncodedTable, Layout

Tables = Callable[..., EncodedTable]
Configs = Callable[..., TrainingConfig]
Untrained = Callable[..., Generator]


def _codes(generator: Generator, table: EncodedTable) -> torch.Tensor:
    return torch.from_numpy(generator.plan.arrange(table.codes).astype(np.int32))


def _stats(step: int, steps: int = 100) -> TrainingStats:
    return TrainingStats(step, steps, 1.0, 0.0, 3.0, None, None, None)


@pytest.fixture
def probe(shop: Layout, random_table: Tables, small: Configs, untrained: Untrained) -> Probe:
    """Of a generator that draws independent cells with the frequencies of the rows learnt, as the table has."""
    table = random_table(shop, 4_000)
    generator = untrained(shop, small(), table=table)
    codes = _codes(generator, table)
    return Probe(generator, codes[:2_000], codes[2_000:], seed=1)


def test_milestones_are_passed_once() -> None:
    milestones = Milestones(LOOKS)
    passed = [milestones.pass_by(step / 50) for step in range(1, 51)]
    assert [step for step, said in enumerate(passed, 1) if said] == [1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50]


def test_the_shape_is_the_mean_total_variation_distance_of_the_codes(
    shop: Layout, random_table: Tables, small: Configs, untrained: Untrained
) -> None:
    table, other = random_table(shop, 300), random_table(shop, 200, 5)
    generator = untrained(shop, small(), table=table, noise=0.3)
    probe = Probe(generator, _codes(generator, table), _codes(generator, other), seed=1)
    random = torch.Generator().manual_seed(0)
    probe._noise = torch.rand(probe._noise.shape, generator=random)
    drawn = generator.plan.restore(generator.draw(probe._noise).numpy())
    assert len(drawn) == PROBED
    distances = []
    for code, size in enumerate(shop.cardinalities):
        shares = [np.bincount(rows[:, code], minlength=size) / len(rows) for rows in (drawn, other.codes)]
        distances.append(np.abs(shares[0] - shares[1]).sum() / 2)
    figures = probe.look(1.0)
    assert figures is not None
    assert figures.held_out_shape == pytest.approx(np.mean(distances), abs=1e-12)


def test_the_floor_is_what_rows_learnt_get_against_rows_held_out(
    shop: Layout, random_table: Tables, small: Configs, untrained: Untrained
) -> None:
    """The mean of |share - share| of two samples of n and m rows is near sqrt(2 p (1 - p) (1 / n + 1 / m) / pi)."""
    layout = Layout((shop.columns[0],))
    table = random_table(layout, 100_000)
    generator = untrained(layout, small(), table=table)
    codes = _codes(generator, table)
    floors = [
        Probe(generator, codes[1_000:], codes[start : start + 50], seed=start).floors["held_out_shape"].mean
        for start in range(0, 900, 18)
    ]
    shares = np.bincount(table.codes[:, 0]) / len(table)
    expected = np.sqrt(2 * shares * (1 - shares) * (1 / PROBED + 1 / 50) / np.pi).sum() / 2
    assert np.mean(floors) == pytest.approx(expected, rel=0.15)


def test_rows_of_a_perfect_generator_lie_at_the_floor_and_those_of_another_beyond_it(
    shop: Layout, random_table: Tables, small: Configs, untrained: Untrained
) -> None:
    city = Layout((shop.columns[0],))
    table = random_table(city, 4_000)
    distances = []
    for noise in (0.0, 3.0):
        generator = untrained(city, small(), table=table, noise=noise)
        codes = _codes(generator, table)
        probe = Probe(generator, codes[:2_000], codes[2_000:], seed=1)
        distances.append((probe.measure().held_out_shape, probe.floors["held_out_shape"].mean))
    assert distances[0][0] < 3 * distances[0][1]
    assert distances[1][0] > 5 * distances[1][1]


def test_figures_are_measured_at_few_reports_and_never_without_rows_held_out(probe: Probe) -> None:
    measured = [probe.look(step / 50) is not None for step in range(1, 51)]
    assert sum(measured) == len(LOOKS)
    alone = Probe(probe._generator, torch.zeros(5, 7, dtype=torch.int32), torch.zeros(0, 7), seed=1)
    assert alone.look(1.0) is None
    assert alone.measure() is None
    assert alone.floors == {}


def test_snapshots_are_spread_over_the_run_and_one_is_of_the_weights_that_are_kept(probe: Probe) -> None:
    for step in range(2, 101, 2):
        probe.follow(_stats(step))
    assert [snapshot.step for snapshot in probe.finish(100)] == [2, 20, 40, 60, 80, 100]
    assert [snapshot.step for snapshot in probe.finish(50)] == [2, 20, 40, 50, 60, 80]
    assert [snapshot.step for snapshot in probe.finish(40)] == [2, 20, 40, 60, 80]


def test_a_run_that_skips_milestones_takes_one_snapshot_for_them(probe: Probe) -> None:
    for step in (1, 2, 3):
        probe.follow(_stats(step, 3))
    assert [snapshot.step for snapshot in probe.finish(3)] == [1, 2, 3]


def test_a_snapshot_shows_change_by_training_alone(
    probe: Probe, shop: Layout, in_windows: Callable[[Layout, np.ndarray], bool]
) -> None:
    first, second = probe.finish(1)[0], probe.finish(2)[0]
    assert np.array_equal(first.codes, second.codes)
    assert first.codes.shape == (KEPT, shop.n_codes)
    assert first.codes.dtype == shop.code_dtype
    assert in_windows(shop, first.codes)
    with torch.no_grad():
        for parameter in probe._generator.parameters():
            parameter.mul_(-1)
    assert not np.array_equal(probe.finish(3)[0].codes, first.codes)


def test_training_brings_the_rows_to_the_floor(planted_result: TrainingResult) -> None:
    assert planted_result.shape_floor is not None
    measured = [stats.held_out_shape for stats in planted_result.history if stats.held_out_shape is not None]
    assert len(measured) == len(LOOKS)
    assert measured[-1] < 2 * planted_result.shape_floor
    assert len({snapshot.codes.tobytes() for snapshot in planted_result.snapshots}) == 6


def test_of_a_large_table_only_some_rows_are_put_in_order(
    monkeypatch: pytest.MonkeyPatch, planted_table: EncodedTable, planted_result: TrainingResult
) -> None:
    generator = planted_result.generator
    codes = _codes(generator, planted_table)
    whole = Probe(generator, codes[1_000:], codes[:1_000], seed=1)
    monkeypatch.setattr(yardstick, "MAX_DRAWN_FROM", 900)
    restored: list[int] = []
    restore = StagePlan.restore
    monkeypatch.setattr(StagePlan, "restore", lambda plan, own: (restored.append(len(own)), restore(plan, own))[1])
    thinned = Probe(generator, codes[1_000:], codes[:1_000], seed=1)
    assert restored == [900, 1_000]
    for name, floor in whole.floors.items():
        assert thinned.floors[name].mean == pytest.approx(floor.mean, rel=0.15, abs=0.02), name
