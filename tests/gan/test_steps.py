from collections.abc import Callable

import numpy as np
import pytest
import torch

from tabgan.gan.adversary import Adversary
from tabgan.gan.capture import capturable
from tabgan.gan.conditions import Condition
from tabgan.gan.config import TrainingConfig
from tabgan.gan.generator import Generator
from tabgan.gan.loop import Clock
from tabgan.gan.optimisers import Adam, cosine
from tabgan.gan.stages import plan_stages
from tabgan.gan.steps import Steps
from tabgan.gan.training import Trainer
from tabgan.layout import EncodedTable, Layout

from .devices import META, WaitsError, watched

Tables = Callable[..., EncodedTable]
Configs = Callable[..., TrainingConfig]
Make = Callable[..., Trainer]


@pytest.fixture
def make(shop: Layout, random_table: Tables, small: Configs) -> Make:
    def make(**changes: object) -> Trainer:
        return Trainer(random_table(shop, 200), shop, small(**changes), seed=1, device=torch.device("cpu"))

    return make


def _weights(network: torch.nn.Module) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in network.parameters()])


def test_the_average_follows_by_the_share_that_it_is_told(make: Make) -> None:
    for moved in (0.0, 0.25, 1.0):
        trainer = make()
        before = _weights(trainer._average)
        trainer._steps.generator_step(*trainer._batches.draw(), torch.tensor(moved), False)
        expected = torch.lerp(before, _weights(trainer._generator), moved)
        assert torch.allclose(_weights(trainer._average), expected, atol=1e-7)
        assert not torch.equal(_weights(trainer._generator), before)


def test_a_step_gives_the_mean_surprise_of_its_batch_as_it_was_before(make: Make) -> None:
    trainer = make()
    codes, given = trainer._batches.draw()
    condition = None if given is None else Condition(given.expand(len(codes), -1), codes)
    expected = trainer._generator.surprise(codes, condition).mean().detach()
    surprise, heard = trainer._steps.generator_step(codes, given, torch.tensor(0.1), False)
    assert surprise is not None
    assert surprise == pytest.approx(float(expected), rel=1e-2)  # products may be rounded while learning
    assert not surprise.requires_grad
    assert heard is None


@pytest.mark.parametrize("judged", [False, True])
def test_the_generators_step_leaves_the_critic_and_the_critics_step_the_generator(judged: bool, make: Make) -> None:
    trainer = make()
    networks = trainer._generator, trainer._adversary.critic
    before = [_weights(network) for network in networks]
    trainer._steps.generator_step(*trainer._batches.draw(), torch.tensor(0.1), judged)
    between = [_weights(network) for network in networks]
    trainer._steps.critic_step(*trainer._batches.draw())
    after = [_weights(network) for network in networks]
    assert [torch.equal(*both) for both in zip(before, between, strict=True)] == [False, True]
    assert [torch.equal(*both) for both in zip(between, after, strict=True)] == [True, False]


def test_the_share_of_the_part_with_a_critic(make: Make) -> None:
    trainer = make(adversarial_share=0.25)
    found = []
    for trainer._clock.progress in (0.0, 0.74, 0.75, 0.875, 1.0):
        found.append(trainer._steps.share)
    assert found == [None, None, 0.0, 0.5, 1.0]
    assert make(adversarial_share=0.0)._steps.share is None
    assert make(adversarial_weight=0.0)._steps.share is None


def test_the_critics_rate_falls_over_its_own_part(make: Make) -> None:
    trainer = make(adversarial_share=0.5, generator_rate=0.01, critic_rate=0.04)
    trainer._clock.progress = 0.75
    trainer._steps.set_rates(1 / 3)
    assert trainer._optimiser.rate.item() == pytest.approx(0.01 * cosine(0.75) / 3)
    assert trainer._adversary.optimiser.rate.item() == pytest.approx(0.04 * cosine(0.5) / 3)


def test_the_critic_sees_features_and_marks_of_what_was_given(make: Make) -> None:
    trainer = make()
    codes = trainer._batches.draw().codes
    given = torch.from_numpy(np.array([True, False, False, True, False, False, False]))
    plain = trainer._steps.seen(codes, None)
    marked = trainer._steps.seen(codes, Condition(given.expand(len(codes), -1), codes))
    width = trainer._generator.plan.n_features
    assert plain.shape == marked.shape == (len(codes), width + 7)
    assert torch.equal(plain[:, :width], trainer._generator.features(codes))
    assert torch.equal(plain[:, :width], marked[:, :width])
    assert (plain[:, width:] == 0).all()
    assert (marked[:, width:] == given.float()).all()


def _on_a_device(layout: Layout, table: EncodedTable, config: TrainingConfig) -> Steps:
    """The steps of a run on a device that is no CPU."""
    config, noise = config.for_table(len(table)), torch.Generator().manual_seed(0)
    plan = plan_stages(table, layout, config.stages, np.random.default_rng(0))
    generator, average = Generator(plan, config, noise), Generator(plan, config)
    generator.start(table, noise)
    generator, average = generator.to(META), average.to(META).eval()
    return Steps(
        config,
        generator=generator,
        average=average,
        optimiser=Adam(generator, 0.01, (0.9, 0.99)),
        adversary=Adversary(plan, config, weights=noise, noise=noise, device=META),
        clock=Clock(10, 0.0, 5),
        noise=noise,
    )


@pytest.mark.parametrize("given", [None, 0, -1], ids=["nothing given", "first given", "last given"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"objective": "relativistic", "minibatch_std": 4, "critic_norm": "layer", "generator_clip": 1.0},
        {"objective": "hinge", "critic_dropout": 0.2, "generator_norm": "batch", "generator_dropout": 0.1},
        {"spectral_norm": True, "pac": 2, "critic_clip": 0.5, "temperature": 0.5},
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", ["all kinds", "wide code", "one number", "cardinality one alone"])
def test_steps_off_the_cpu_wait_for_nothing(
    kind: str,
    changes: dict[str, object],
    given: int | None,
    layouts: dict[str, Layout],
    random_table: Tables,
    small: Configs,
) -> None:
    """A graph cannot hold what waits for the device, or copies from memory of the host that is not held for it."""
    layout, n = layouts[kind], 16
    config = small(**{"penalty_weight": None, "critic_rate": None} | changes)
    assert capturable(config)
    steps = _on_a_device(layout, random_table(layout, 50), config)
    codes = torch.zeros(n, layout.n_codes, dtype=torch.int64, device=META)
    marks = None if given is None else torch.zeros(layout.n_codes, dtype=torch.bool, device=META)
    moved = torch.zeros((), device=META)
    with watched() as operations:
        judged = steps.critic_step(codes, marks)
        learnt = steps.generator_step(codes, marks, moved, True)
    assert operations.seen > 100
    assert [None if own is None else own.device for own in (*judged, *learnt)] == [META] * 3


def test_what_waits_for_a_device_would_be_found() -> None:
    values, host = torch.zeros(3, device=META), torch.zeros(3)
    for waits in (
        lambda: values.nonzero(),
        lambda: values.sum().item(),
        lambda: values[values > 0],
        lambda: values.masked_select(values > 0),
        lambda: torch.tensor([1, 2], device=META),
        lambda: values.copy_(host),
        lambda: host.to(META),
    ):
        with pytest.raises((WaitsError, NotImplementedError, RuntimeError)), watched():
            waits()
