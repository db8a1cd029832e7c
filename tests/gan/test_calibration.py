from collections.abc import Callable

import numpy as np
import pytest
import torch

from tabgan.gan.calibration import LARGEST_SHIFT, ROUNDS, calibrate
from tabgan.gan.config import TrainingConfig
from tabgan.gan.sampling import sample_blocks
from tabgan.gan.synthesizer import Synthesizer
from tabgan.layout import ColumnSlots, EncodedTable, Layout, concatenate

Tables = Callable[..., EncodedTable]
Configs = Callable[..., TrainingConfig]
Starts = Callable[..., Synthesizer]
N = 16_384


@pytest.fixture(params=[1, 3], ids=["one stage", "three stages"])
def off(
    request: pytest.FixtureRequest, shop: Layout, random_table: Tables, small: Configs, untrained: Starts
) -> Callable[[], Synthesizer]:
    """Makes synthesizers whose margins are wrong: near to even categories, and values pushed to one end."""

    def make() -> Synthesizer:
        config = small(noise_width=16, generator_width=32, stages=request.param)
        even = [np.arange(3 * 4 * 5 * 7) % size for size in shop.cardinalities]
        table = EncodedTable(np.stack(even, 1).astype(np.uint8), random_table(shop, 3 * 4 * 5 * 7).values)
        synthesizer = untrained(table, shop, config)
        with torch.no_grad():
            for stage, _ in synthesizer.pieces():
                stage.exit.weight[stage.n_units :] *= 0.3
                stage.exit.bias[stage.n_units :] = 0.8
        return synthesizer

    return make


def _margin_errors(synthesizer: Synthesizer, table: EncodedTable) -> tuple[np.ndarray, np.ndarray]:
    """Total variation distance of each code, and Kolmogorov distance of each live value from the uniform."""
    layout = synthesizer.plan.layout
    rows = concatenate(list(sample_blocks(synthesizer, N, seed=5)))
    codes = [
        np.abs(np.subtract(*(np.bincount(part.codes[:, code], minlength=size) / len(part) for part in (table, rows))))
        for code, size in enumerate(layout.cardinalities)
    ]
    values = []
    for value, (gate, live) in enumerate(zip(layout.value_gates, layout.value_live, strict=True)):
        kept = rows.values[:, value] if gate is None else rows.values[rows.codes[:, gate] < live, value]
        ranks = 2 * (np.arange(len(kept)) + 0.5) / len(kept) - 1
        values.append(np.abs(np.sort(kept) - ranks).max() / 2)
    return np.array([part.sum() / 2 for part in codes]), np.array(values)


def test_margins_come_nearer_to_those_of_the_table(
    off: Callable[[], Synthesizer], shop: Layout, random_table: Tables
) -> None:
    table, synthesizer = random_table(shop, 5_000), off()
    codes_before, values_before = _margin_errors(synthesizer, table)
    calibrate(synthesizer, table, seed=0)
    codes_after, values_after = _margin_errors(synthesizer, table)
    assert (codes_before > 0.15).all()
    assert (values_before > 0.15).all()
    assert (codes_after < 0.02).all()
    assert (values_after < 0.02).all()


def test_calibrating_twice_changes_little(off: Callable[[], Synthesizer], shop: Layout, random_table: Tables) -> None:
    table, synthesizer = random_table(shop, 5_000), off()
    calibrate(synthesizer, table, seed=0)
    shift, curves = synthesizer.logit_shift.clone(), synthesizer.value_curves.clone()
    calibrate(synthesizer, table, seed=0)
    assert (synthesizer.logit_shift - shift).abs().max() < 0.05
    assert (synthesizer.value_curves - curves).abs().max() < 0.01


def test_values_that_are_not_uniform_come_nearer_too(
    off: Callable[[], Synthesizer], shop: Layout, random_table: Tables
) -> None:
    table, synthesizer = random_table(shop, 5_000), off()
    two_humps = EncodedTable(
        table.codes, (np.sign(table.values) * np.abs(table.values) ** 0.2 * 0.9).astype(np.float32)
    )
    calibrate(synthesizer, two_humps, seed=0)
    # The plain values stand on a fraction of the curve's knots, so it cannot follow the humps exactly.
    rows = concatenate(list(sample_blocks(synthesizer, N, seed=5)))
    for value in range(2):
        live = [part.codes[:, 1] < 2 if value else np.ones(len(part), bool) for part in (two_humps, rows)]
        real, made = two_humps.values[live[0], value], rows.values[live[1], value]
        points = np.linspace(-1, 1, 41)
        shares = [np.searchsorted(np.sort(part), points) / len(part) for part in (real, made)]
        assert np.abs(shares[0] - shares[1]).max() < 0.045


def test_curves_rise_from_the_least_to_the_largest_value_and_shifts_have_a_bound(
    off: Callable[[], Synthesizer], shop: Layout, random_table: Tables
) -> None:
    synthesizer, table = off(), random_table(shop, 500)
    calibrate(synthesizer, table, seed=0)
    curves = synthesizer.value_curves.numpy()
    live = [table.values[:, 0], table.values[table.codes[:, 1] < 2, 1]]
    order = [part.value for part in synthesizer.plan.parts if part.value is not None]
    assert curves[:, 0] == pytest.approx([live[value].min() for value in order])
    assert curves[:, -1] == pytest.approx([live[value].max() for value in order])
    assert (np.diff(curves, axis=1) >= 0).all()
    assert synthesizer.logit_shift.abs().max() <= ROUNDS * LARGEST_SHIFT + 1e-6


def test_weights_and_random_state_are_left_alone(
    off: Callable[[], Synthesizer], shop: Layout, random_table: Tables
) -> None:
    synthesizer = off()
    before = {name: tensor.clone() for name, tensor in synthesizer.state_dict().items()}
    random_before = torch.get_rng_state()
    calibrate(synthesizer, random_table(shop, 500), seed=0)
    assert torch.equal(torch.get_rng_state(), random_before)
    changed = {name for name, tensor in synthesizer.state_dict().items() if not torch.equal(tensor, before[name])}
    assert changed == {"logit_shift", "value_curves"}


def test_the_same_seed_gives_the_same_calibration(
    off: Callable[[], Synthesizer], shop: Layout, random_table: Tables
) -> None:
    made = [off() for _ in range(3)]
    for synthesizer, seed in zip(made, (1, 1, 2), strict=True):
        calibrate(synthesizer, random_table(shop, 500), seed=seed)
    for name in ("logit_shift", "value_curves"):
        first, second, other = (getattr(synthesizer, name) for synthesizer in made)
        assert torch.equal(first, second)
        assert not torch.equal(first, other)


@pytest.mark.filterwarnings("error")
def test_a_read_only_or_reversed_table_calibrates_as_well(
    off: Callable[[], Synthesizer], shop: Layout, random_table: Tables
) -> None:
    table, views = random_table(shop, 500), random_table(shop, 500)
    backwards = EncodedTable(np.ascontiguousarray(views.codes[::-1]), np.ascontiguousarray(views.values[::-1]))[::-1]
    for array in (backwards.codes, backwards.values):
        array.setflags(write=False)
    made = [off(), off()]
    for synthesizer, same in zip(made, (table, backwards), strict=True):
        calibrate(synthesizer, same, seed=0)
    assert torch.equal(made[0].logit_shift, made[1].logit_shift)
    assert torch.equal(made[0].value_curves, made[1].value_curves)


@pytest.mark.parametrize(
    "columns",
    [
        (ColumnSlots("only", (1,)),),
        (ColumnSlots("x", has_value=True),),
        (ColumnSlots("never", (3,), has_value=True, live=1),),
    ],
    ids=["cardinality one", "no codes", "never live"],
)
def test_odd_layouts_are_calibrated_too(columns: tuple[ColumnSlots, ...], small: Configs, untrained: Starts) -> None:
    layout = Layout(columns)
    codes = np.full((30, layout.n_codes), max(layout.cardinalities, default=1) - 1, np.uint8)
    table = EncodedTable(codes, np.zeros((30, layout.n_values), np.float32))
    synthesizer = untrained(table, layout, small())
    calibrate(synthesizer, table, seed=0)
    assert torch.isfinite(synthesizer.logit_shift).all()
    assert torch.isfinite(synthesizer.value_curves).all()
    assert (synthesizer.value_curves.diff(dim=1) >= 0).all()
    rows = next(sample_blocks(synthesizer, 100, seed=0))
    assert np.isfinite(rows.values).all()
