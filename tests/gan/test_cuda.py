from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from tabgan.gan.batches import DeviceBatches, HostBatches
from tabgan.gan.capture import Graphs
from tabgan.gan.config import TrainingConfig
from tabgan.gan.devices import resolve_device
from tabgan.gan.generator import Generator
from tabgan.gan.history import TrainingResult
from tabgan.gan.latent import latent_of, rows_of
from tabgan.gan.run_state import RunState
from tabgan.gan.sampling import sample_blocks
from tabgan.gan.training import Trainer
from tabgan.gan.walk import invert
from tabgan.layout import EncodedTable, GivenCells, Layout, concatenate

from .guides import Sets

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device, and torch finds none here"),
]
Tables = Callable[..., EncodedTable]
Configs = Callable[..., TrainingConfig]


def _train(table: EncodedTable, layout: Layout, config: TrainingConfig) -> TrainingResult:
    return Trainer(table, layout, config, seed=0, device=torch.device("cuda")).fit()


@pytest.mark.parametrize(
    "kind", ["all kinds", "one number", "codes without windows", "cardinality one alone", "wide code"]
)
def test_trains_on_cuda_and_opens_on_a_cpu(
    kind: str, layouts: dict[str, Layout], random_table: Tables, small: Configs
) -> None:
    layout, config = layouts[kind], small(balance=0.3, pac=2)
    generator = _train(random_table(layout, 200), layout, config).generator
    state = generator.state_dict()
    assert {tensor.device.type for tensor in state.values()} == {"cuda"}
    assert all(torch.isfinite(tensor).all() for tensor in state.values())
    opened = Generator(generator.plan, config)
    opened.load_state_dict({name: tensor.cpu() for name, tensor in state.items()})
    opened.eval()
    noise = torch.rand(500, layout.n_codes, generator=torch.Generator().manual_seed(1))
    on_cpu, on_cuda = opened.draw(noise), generator.draw(noise.cuda()).cpu()
    assert (on_cpu == on_cuda).all(1).float().mean() > 0.99
    surprises = opened.surprise(on_cpu), generator.surprise(on_cpu.cuda()).cpu()
    assert torch.allclose(*surprises, atol=1e-2)


def test_the_same_seed_gives_the_same_weights_on_cuda(shop: Layout, random_table: Tables, small: Configs) -> None:
    table = random_table(shop, 200)
    first, second = (_train(table, shop, small()).generator.state_dict() for _ in range(2))
    assert all(torch.equal(tensor, second[name]) for name, tensor in first.items())


def test_samples_on_cuda_do_not_depend_on_their_size_and_conditions_hold(
    shop: Layout, random_table: Tables, small: Configs, in_windows: Callable[[Layout, np.ndarray], bool]
) -> None:
    generator = _train(random_table(shop, 200), shop, small()).generator
    cells = EncodedTable(np.array([[0, 1, 0, 1, 0, 0, 0]], np.uint8), np.zeros((1, 1), np.float32))
    given = GivenCells(np.array([0, 1, 1, 0]), cells)
    short, long = (concatenate(list(sample_blocks(generator, n, seed=0, given=given))) for n in (100, 9_000))
    assert np.array_equal(short.codes, long.codes[:100])
    assert np.array_equal(short.values, long.values[:100])
    assert (long.codes[:, [1, 3]] == 1).all()
    assert in_windows(shop, long.codes)


def test_guides_hold_and_latent_vectors_come_back_on_cuda(
    shop: Layout, random_table: Tables, small: Configs, in_windows: Callable[[Layout, np.ndarray], bool]
) -> None:
    generator = _train(random_table(shop, 200), shop, small()).generator
    cells = EncodedTable(np.array([[0, 1, 0, 1, 0, 0, 0]], np.uint8), np.zeros((1, 1), np.float32))
    given, guide = GivenCells(np.array([0, 1, 0, 0]), cells), Sets(shop, {6: (0, 3), 3: (0, 2)})
    short, long = (
        concatenate(list(sample_blocks(generator, n, seed=0, given=given, guide=guide, candidates=4)))
        for n in (100, 5_000)
    )
    assert np.array_equal(short.codes, long.codes[:100])
    assert guide.accepts(long).all()
    assert (long.codes[:, 1] == 1).all()
    assert in_windows(shop, long.codes)
    assert np.array_equal(rows_of(generator, latent_of(generator, long)).codes, long.codes)


@pytest.mark.parametrize("width", [2, 33, 300, 5_000])
def test_a_category_of_probability_zero_is_never_drawn_on_cuda(width: int) -> None:
    """Sums are made in another order there, so the ends of two categories of which one has no width may differ."""
    random = torch.Generator("cuda").manual_seed(0)
    n = 20_000_000 // width
    possible = torch.rand(n, width, generator=random, device="cuda") < 0.5
    possible[:, 0] |= ~possible.any(1)
    probabilities = torch.rand(n, width, generator=random, device="cuda") * possible
    probabilities /= probabilities.sum(1, keepdim=True)
    ends = probabilities.cumsum(1)
    at_an_end = ends.gather(1, torch.randint(width, (n, 1), generator=random, device="cuda")).squeeze(1)
    for uniform in (torch.rand(n, generator=random, device="cuda"), at_an_end, at_an_end * 0, at_an_end * 0 + 1):
        drawn = invert(probabilities, uniform)
        assert drawn.max() < width
        assert (probabilities.gather(1, drawn[:, None]) > 0).all()


def test_what_was_planted_comes_back_from_cuda(
    planted_layout: Layout, planted_table: EncodedTable, brisk: Configs
) -> None:
    generator = _train(planted_table, planted_layout, brisk()).generator
    rows = concatenate(list(sample_blocks(generator, 8_192, seed=7)))
    same = [(part.codes[:, 0] == part.codes[:, 3]).mean() for part in (planted_table, rows)]
    assert same[1] == pytest.approx(same[0], abs=0.04)


@pytest.mark.parametrize(
    "changes",
    [{}, {"balance": 0.5, "pac": 2}, {"objective": "hinge", "critic_dropout": 0.2}, {"spectral_norm": True}],
    ids=str,
)
def test_captured_and_plain_steps_come_to_the_same_weights(
    changes: dict[str, object], shop: Layout, random_table: Tables, small: Configs
) -> None:
    config = small(**{"steps": 60, "adversarial_share": 0.5, "penalty_weight": None, "critic_rate": None} | changes)
    found = []
    for captured in (True, False):
        own = replace(config, cuda_graphs=captured, tf32=False)
        trainer = Trainer(random_table(shop, 200), shop, own, seed=0, device=torch.device("cuda"))
        trainer.fit()
        assert isinstance(trainer._run_step, Graphs) == captured
        if isinstance(trainer._run_step, Graphs):
            assert sum(kind.replay is not None for kind in trainer._run_step._kinds.values()) >= 4
        networks = (trainer._generator, trainer._average, trainer._adversary.critic)
        found.append(torch.cat([p.detach().flatten() for network in networks for p in network.parameters()]))
    assert torch.equal(*found)


def test_a_run_with_graphs_goes_on_from_its_state(shop: Layout, random_table: Tables, small: Configs) -> None:
    table, config, states = random_table(shop, 200), small(steps=40, adversarial_share=0.6), list[RunState]()

    def make() -> Trainer:
        return Trainer(table, shop, config, seed=0, device=torch.device("cuda"))

    unbroken = make().fit(keeper=lambda state: states.append(state()))
    for kept in (states[1], states[19], states[30]):
        resumed = make().fit(resume=kept)
        expected = unbroken.generator.state_dict()
        assert all(torch.equal(tensor, expected[name]) for name, tensor in resumed.generator.state_dict().items())


def test_a_table_lies_on_the_device_as_compact_as_it_can(shop: Layout, random_table: Tables, small: Configs) -> None:
    trainer = Trainer(random_table(shop, 200), shop, small(), seed=0, device=torch.device("cuda"))
    assert isinstance(trainer._batches, DeviceBatches)
    assert trainer._batches._table.dtype == torch.uint8
    assert trainer._batches._table.device.type == "cuda"


def test_a_table_that_takes_too_much_of_the_device_is_sent_in_batches(
    shop: Layout, random_table: Tables, small: Configs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tabgan.gan.batches.DEVICE_SHARE", 0.0)
    trainer = Trainer(random_table(shop, 200), shop, small(balance=0.5), seed=0, device=torch.device("cuda"))
    assert isinstance(trainer._batches, HostBatches)
    assert trainer._batches.draw().codes.device.type == "cuda"
    assert all(tensor.isfinite().all() for tensor in trainer.fit().generator.state_dict().values())


def test_no_step_waits_for_the_device(shop: Layout, random_table: Tables, small: Configs) -> None:
    """Drawing a batch and running a step, as it is written, copies nothing back and waits for nothing."""
    trainer = Trainer(random_table(shop, 200), shop, small(balance=0.3), seed=0, device=torch.device("cuda"))
    moved = torch.full((), 0.1, device="cuda")
    torch.cuda.set_sync_debug_mode("error")
    try:
        for _ in range(20):
            trainer._steps.set_rates(1.0)
            trainer._steps.critic_step(*trainer._batches.draw())
            trainer._steps.generator_step(*trainer._batches.draw(), moved, True)
    finally:
        torch.cuda.set_sync_debug_mode("default")


def test_how_products_are_rounded_is_left_as_it_was(shop: Layout, random_table: Tables, small: Configs) -> None:
    before, seen = torch.backends.cuda.matmul.allow_tf32, []
    for tf32 in (True, False):
        trainer = Trainer(random_table(shop, 50), shop, small(tf32=tf32), seed=0, device=torch.device("cuda"))
        trainer.fit(lambda _: seen.append(torch.backends.cuda.matmul.allow_tf32))
        assert set(seen) == {tf32}
        seen.clear()
        assert torch.backends.cuda.matmul.allow_tf32 == before


def test_auto_takes_cuda_and_leaves_its_random_state_alone(shop: Layout, random_table: Tables, small: Configs) -> None:
    assert resolve_device("auto").type == "cuda"
    before = torch.cuda.get_rng_state()
    _train(random_table(shop, 50), shop, small())
    assert torch.equal(torch.cuda.get_rng_state(), before)
