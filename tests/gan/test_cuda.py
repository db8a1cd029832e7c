from collections.abc import Callable

import numpy as np
import pytest
import torch

from tabgan.gan.calibration import calibrate
from tabgan.gan.config import TrainingConfig
from tabgan.gan.features import gumbel_like
from tabgan.gan.sampling import sample_blocks
from tabgan.gan.stages import split
from tabgan.gan.synthesizer import Synthesizer
from tabgan.gan.training import Trainer, TrainingResult, resolve_device
from tabgan.layout import EncodedTable, GivenCells, Layout, concatenate

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device, and torch finds none here"),
]
Tables = Callable[..., EncodedTable]
Configs = Callable[..., TrainingConfig]


def _train(table: EncodedTable, layout: Layout, config: TrainingConfig) -> TrainingResult:
    result = Trainer(table, layout, config, seed=0, device=torch.device("cuda")).fit()
    calibrate(result.synthesizer, table, seed=0)
    return result


@pytest.mark.parametrize("kind", ["all kinds", "codes alone", "values alone", "cardinality one", "wide codes"])
def test_trains_on_cuda_and_opens_on_a_cpu(
    kind: str, layouts: dict[str, Layout], random_table: Tables, small: Configs
) -> None:
    layout, config = layouts[kind], small(balance=0.3, pac=2)
    synthesizer = _train(random_table(layout, 200), layout, config).synthesizer
    assert len(synthesizer.plan.stages) == min(3, len(split(layout)))
    state = synthesizer.state_dict()
    assert {tensor.device.type for tensor in state.values()} == {"cuda"}
    assert all(torch.isfinite(tensor).all() for tensor in state.values())
    opened = Synthesizer(synthesizer.plan, config)
    opened.load_state_dict({name: tensor.cpu() for name, tensor in state.items()})
    opened.eval()
    noise = torch.randn(64, config.noise_width, generator=torch.Generator().manual_seed(1))
    gumbel = gumbel_like(torch.zeros(64, layout.width), torch.Generator().manual_seed(2))
    on_cpu = opened(noise, gumbel, opened.free_condition(64))
    on_cuda = synthesizer(noise.cuda(), gumbel.cuda(), synthesizer.free_condition(64))
    assert torch.equal(on_cpu.rows.onehots, on_cuda.rows.onehots.cpu())
    for one, other in ((on_cpu.logits, on_cuda.logits), (on_cpu.rows.values, on_cuda.rows.values)):
        assert torch.allclose(one, other.cpu(), atol=1e-3)


def test_the_same_seed_gives_the_same_weights_on_cuda(shop: Layout, random_table: Tables, small: Configs) -> None:
    table = random_table(shop, 200)
    first, second = (_train(table, shop, small()).synthesizer.state_dict() for _ in range(2))
    assert all(torch.equal(tensor, second[name]) for name, tensor in first.items())


def test_samples_on_cuda_do_not_depend_on_their_size_and_conditions_hold(
    shop: Layout, random_table: Tables, small: Configs
) -> None:
    synthesizer = _train(random_table(shop, 200), shop, small()).synthesizer
    cells = EncodedTable(np.array([[0, 1, 0, 0]], np.uint8), np.array([[0, 0.25]], np.float32))
    given = GivenCells(np.array([False, False, True, False]), cells)
    short, long = (concatenate(list(sample_blocks(synthesizer, n, seed=0, given=given))) for n in (100, 9_000))
    assert np.array_equal(short.codes, long.codes[:100])
    assert np.array_equal(short.values, long.values[:100])
    assert (long.codes[:, 1] == 1).all()
    assert (long.values[:, 1] == np.float32(0.25)).all()


def test_what_was_planted_comes_back_from_cuda(
    planted_layout: Layout, planted_table: EncodedTable, small: Configs
) -> None:
    config = small(steps=400, batch_size=256, generator_width=64, critic_width=64, hats=10)
    rows = concatenate(list(sample_blocks(_train(planted_table, planted_layout, config).synthesizer, 8_192, seed=7)))
    same = [(part.codes[:, 0] == part.codes[:, 1]).mean() for part in (planted_table, rows)]
    assert same[1] == pytest.approx(same[0], abs=0.08)


def test_auto_takes_cuda_and_leaves_its_random_state_alone(shop: Layout, random_table: Tables, small: Configs) -> None:
    assert resolve_device("auto").type == "cuda"
    before = torch.cuda.get_rng_state()
    _train(random_table(shop, 50), shop, small())
    assert torch.equal(torch.cuda.get_rng_state(), before)
