from collections.abc import Callable

import numpy as np
import pytest
import torch

from tabgan.gan.config import TrainingConfig
from tabgan.gan.devices import resolve_device
from tabgan.gan.generator import Generator, invert
from tabgan.gan.history import TrainingResult
from tabgan.gan.latent import latent_of, rows_of
from tabgan.gan.sampling import sample_blocks
from tabgan.gan.training import Trainer
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


def test_auto_takes_cuda_and_leaves_its_random_state_alone(shop: Layout, random_table: Tables, small: Configs) -> None:
    assert resolve_device("auto").type == "cuda"
    before = torch.cuda.get_rng_state()
    _train(random_table(shop, 50), shop, small())
    assert torch.equal(torch.cuda.get_rng_state(), before)
