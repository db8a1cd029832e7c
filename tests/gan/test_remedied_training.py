"""Training with objectives and remedies other than the defaults: what of them the trainer has to do itself."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from tabgan.gan.adversary import Adversary
from tabgan.gan.capture import Values
from tabgan.gan.config import TrainingConfig
from tabgan.gan.history import TrainingResult
from tabgan.gan.objectives import OBJECTIVES
from tabgan.gan.sampling import sample_blocks
from tabgan.gan.training import Trainer
from tabgan.layout import EncodedTable, Layout, concatenate

Tables = Callable[..., EncodedTable]
Configs = Callable[..., TrainingConfig]
CPU = torch.device("cpu")
REMEDIES: list[dict[str, object]] = [
    {"objective": "wgan-gp", "penalty_end": 0.5},
    {"critic_clip": 0.1, "generator_clip": 0.1},
    {"objective": "hinge", "penalty_weight": 0.0, "spectral_norm": True},
    {"objective": "nsgan", "label_smoothing": 0.1},
    {"instance_noise": 0.2},
    {"critic_dropout": 0.2, "generator_dropout": 0.2},
    {"critic_norm": "layer", "generator_norm": "layer"},
    {"objective": "nsgan", "penalty_weight": 0.0, "critic_norm": "batch", "generator_norm": "batch"},
    {"initialisation": "glorot"},
    {"initialisation": "orthogonal"},
    {"minibatch_std": 4},
    {"pac": 4},
    {"unrolled_steps": 2},
    {"freeze_above": 0.5},
    {"curriculum": 0.5},
    {"generator_steps": 3, "critic_steps": 2},
    {"generator_beta1": 0.0, "generator_beta2": 0.5},
]


def _train(table: EncodedTable, layout: Layout, config: TrainingConfig, seed: int = 0) -> TrainingResult:
    return Trainer(table, layout, config, seed=seed, device=CPU).fit()


def _weights(result: TrainingResult) -> torch.Tensor:
    return torch.cat([tensor.flatten() for tensor in result.generator.state_dict().values()])


def _open(settings: dict[str, object]) -> dict[str, object]:
    """With the objective's own penalty, where nothing is said of it."""
    return {"penalty_weight": None, "adversarial_share": 1.0} | settings


@pytest.mark.parametrize("likelihood_weight", [0.0, 1.0])
@pytest.mark.parametrize("settings", [*({"objective": name} for name in OBJECTIVES), *REMEDIES], ids=str)
def test_every_remedy_trains_and_gives_the_same_again(
    settings: dict[str, object], likelihood_weight: float, shop: Layout, random_table: Tables, small: Configs
) -> None:
    table, before = random_table(shop, 60), torch.get_rng_state()
    config = small(**_open(settings), steps=6, likelihood_weight=likelihood_weight)
    first, again = (_train(table, shop, config, seed=1) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), before)
    assert _weights(first).isfinite().all()
    assert torch.equal(_weights(first), _weights(again))
    plain = _train(table, shop, small(**_open({}), steps=6, likelihood_weight=likelihood_weight), seed=1)
    assert settings == {"objective": "wgan-gp"} or not torch.equal(_weights(first)[:20], _weights(plain)[:20])


def _adversary(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the adversary is asked for from now on, in this order."""
    asked: list[str] = []
    for name in ("learn", "verdict"):
        kept = getattr(Adversary, name)

        def watched(self: Adversary, *args: object, kept: Callable[..., object] = kept, name: str = name) -> object:
            asked.append(name[0])
            return kept(self, *args)

        monkeypatch.setattr(Adversary, name, watched)
    return asked


@pytest.mark.parametrize(
    ("critic_steps", "generator_steps", "order"), [(1, 1, "lvlvlvlv"), (2, 1, "llvllvllvllv"), (3, 2, "lllvvlllvv")]
)
def test_networks_take_turns_from_the_first_adversarial_step_on(
    critic_steps: int,
    generator_steps: int,
    order: str,
    shop: Layout,
    random_table: Tables,
    small: Configs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = _adversary(monkeypatch)
    config = small(steps=8, adversarial_share=0.5, critic_steps=critic_steps, generator_steps=generator_steps)
    _train(random_table(shop, 40), shop, config)
    assert "".join(asked) == order


def _generator_step(trainer: Trainer) -> Values:
    """What a step with a critic gives, at the beginning of a run."""
    return trainer._steps.generator_step(*trainer._batches.draw(), torch.tensor(0.1), True)


@pytest.mark.parametrize("settings", [{"minibatch_std": 6}, {"pac": 6}])
def test_a_batch_is_made_of_whole_groups(
    settings: dict[str, object], shop: Layout, random_table: Tables, small: Configs
) -> None:
    for batch_size in (2, 16, 18):
        config = small(batch_size=batch_size, adversarial_share=1.0, **settings)
        trainer = Trainer(random_table(shop, 400), shop, config, seed=0, device=CPU)
        assert len(trainer._batches.draw().codes) == max(-(-batch_size // 6) * 6, 6)
        assert _weights(trainer.fit()).isfinite().all()


def test_a_generator_that_rests_stays_as_it_is_where_nothing_else_teaches_it(
    shop: Layout, random_table: Tables, small: Configs
) -> None:
    """The critic cannot learn and takes all made rows for real, so the generator is too far ahead."""
    settings = {"likelihood_weight": 0.0, "adversarial_weight": 1.0, "weight_decay": 0.5, "holdout": 0.0}
    trainer = Trainer(random_table(shop, 60), shop, small(freeze_above=0.6, **settings), seed=0, device=CPU)
    trainer._adversary.memory["accuracy"] = 0.1
    before = [parameter.detach().clone() for parameter in trainer._generator.parameters()]
    assert _generator_step(trainer)[1] is None
    assert all(torch.equal(a, b) for a, b in zip(before, trainer._generator.parameters(), strict=True))
    trainer._adversary.memory["accuracy"] = 0.5
    assert _generator_step(trainer)[1] is not None
    assert not all(torch.equal(a, b) for a, b in zip(before, trainer._generator.parameters(), strict=True))


def test_rates_and_betas_reach_both_optimisers(shop: Layout, random_table: Tables, small: Configs) -> None:
    config = small(generator_rate=0.01, critic_rate=0.04, generator_beta1=0.1, generator_beta2=0.2, critic_beta1=0.3)
    trainer = Trainer(random_table(shop, 60), shop, config, seed=0, device=CPU)
    assert trainer._optimiser.betas == (0.1, 0.2)
    assert trainer._adversary.optimiser.betas == (0.3, 0.9)
    trainer._steps.set_rates(0.5)
    assert trainer._optimiser.rate.item() == pytest.approx(0.005)
    assert trainer._adversary.optimiser.rate.item() == pytest.approx(0.02)


def test_the_generators_gradient_is_clipped_after_it_was_measured(
    shop: Layout, random_table: Tables, small: Configs
) -> None:
    trainer = Trainer(
        random_table(shop, 60), shop, small(generator_clip=0.01, adversarial_weight=5.0), seed=0, device=CPU
    )
    _, heard = _generator_step(trainer)
    gradients = [p.grad.flatten() for p in trainer._generator.parameters() if p.grad is not None]
    assert torch.cat(gradients).norm().item() == pytest.approx(0.01, rel=1e-3)
    assert heard is not None
    assert heard > 0.01


def test_the_average_has_the_running_means_of_batch_normalisation(
    shop: Layout, random_table: Tables, small: Configs
) -> None:
    config = small(generator_norm="batch", steps=60, averaging=0.5, holdout=0.0)
    trainer = Trainer(random_table(shop, 200), shop, config, seed=0, device=CPU)
    made = trainer.fit().generator
    assert not made.training
    learnt = dict(trainer._generator.named_parameters())
    running = {name: tensor for name, tensor in made.named_parameters() if "running" in name}
    assert len(running) == 2 * len(made.stage_heads())
    for name, tensor in running.items():
        assert (tensor - float("variance" in name)).abs().max() > 1e-3
        assert torch.allclose(tensor, learnt[name], atol=0.2 * float(learnt[name].abs().max()) + 0.02)


@pytest.mark.slow
@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("likelihood_weight", [0.0, 1.0])
def test_every_objective_learns_the_planted_ties(
    objective: str, likelihood_weight: float, planted_layout: Layout, planted_table: EncodedTable
) -> None:
    """Independent columns are at 0.47."""
    config = TrainingConfig(
        objective=objective,
        likelihood_weight=likelihood_weight,
        steps=400,
        batch_size=256,
        generator_width=64,
        stage_width=32,
        critic_width=64,
    )
    made = concatenate(list(sample_blocks(_train(planted_table, planted_layout, config).generator, 8_000, seed=7)))
    shares = [
        np.bincount(rows.codes[:, 0].astype(int) * 3 + rows.codes[:, 3], minlength=9) / len(rows)
        for rows in (made, planted_table)
    ]
    assert np.abs(shares[0] - shares[1]).sum() / 2 < (0.03 if likelihood_weight else 0.2)
