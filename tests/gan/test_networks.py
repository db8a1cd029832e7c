import math

import pytest
import torch

from tabgan.gan.config import TrainingConfig
from tabgan.gan.layers import initialise
from tabgan.gan.networks import Critic, ResidualBlock, spread


@pytest.fixture
def random() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_networks_are_born_at_zero_and_leave_the_global_stream_alone() -> None:
    before = torch.get_rng_state()
    networks_made = [ResidualBlock(4), Critic(4, hidden=8, blocks=2)]
    assert torch.equal(torch.get_rng_state(), before)
    for network in networks_made:
        layers = [layer for layer in network.modules() if isinstance(layer, torch.nn.Linear)]
        assert layers
        assert all(torch.count_nonzero(parameter) == 0 for layer in layers for parameter in layer.parameters())


@pytest.mark.parametrize("pac", [1, 2, 3])
def test_a_score_depends_on_its_own_group_alone(pac: int, random: torch.Generator) -> None:
    critic = Critic(4, hidden=8, blocks=2, pac=pac)
    initialise(critic, random)
    rows = torch.randn(6, 4, generator=random)
    before = critic(rows)
    assert before.shape == (6 // pac,)
    rows[4] += 1
    assert (critic(rows) != before).nonzero().flatten().tolist() == [4 // pac]


def test_a_critic_by_hand() -> None:
    """Two rows (1, 2) and (3, -4) judged together; what is negative is a fifth behind the kink."""
    critic = Critic(2, hidden=2, blocks=0, pac=2)
    with torch.no_grad():
        critic.entry.weight.copy_(torch.tensor([[1.0, 0, 1, 0], [0, 1, 0, 1]]))
        critic.entry.bias.copy_(torch.tensor([0.5, 0]))
        critic.exit.weight.copy_(torch.tensor([[2.0, 10.0]]))
        critic.exit.bias.fill_(100)
    # The hidden vector is (4.5, -2), after the kink (4.5, -0.4).
    assert critic(torch.tensor([[1.0, 2], [3, -4]])).tolist() == pytest.approx([9 - 4 + 100])


def test_a_critic_has_no_bound(random: torch.Generator) -> None:
    critic = Critic(4, hidden=8, blocks=1)
    initialise(critic, random)
    rows = torch.randn(50, 4, generator=torch.Generator().manual_seed(1))
    assert critic(rows * 1e6).abs().max() > 1e3


def test_a_block_by_hand() -> None:
    block = ResidualBlock(1)
    with torch.no_grad():
        block.inner.weight.fill_(3)
        block.outer.weight.fill_(5)
    # -1 is -0.2 behind the kink, -0.6 within, -0.12 behind the second kink, and -0.6 is added.
    assert block(torch.tensor([[-1.0], [1.0]])).flatten().tolist() == pytest.approx([-1.6, 16.0])


def test_a_block_whose_last_layer_is_zero_changes_nothing(random: torch.Generator) -> None:
    block = ResidualBlock(8)
    initialise(block, random)
    x = torch.randn(3, 8, generator=random)
    assert not torch.equal(block(x), x)
    torch.nn.init.zeros_(block.outer.weight)
    assert torch.equal(block(x), x)


def test_weights_are_he_normal_and_biases_zero(random: torch.Generator) -> None:
    critic = Critic(50, hidden=400, blocks=1)
    initialise(critic, random)
    for layer, inputs in ((critic.entry, 50), (critic.blocks[0].inner, 400)):
        weights = layer.weight
        assert torch.count_nonzero(layer.bias) == 0
        assert weights.std().item() == pytest.approx(math.sqrt(2 / inputs), rel=0.03)
        assert abs(weights.mean().item()) < 4 * math.sqrt(2 / inputs / weights.numel())


def test_weights_come_from_the_given_stream_alone() -> None:
    first, second, other = (Critic(5, hidden=8, blocks=1) for _ in range(3))
    before = torch.get_rng_state()
    for critic, seed in ((first, 1), (second, 1), (other, 2)):
        initialise(critic, torch.Generator().manual_seed(seed))
    assert torch.equal(torch.get_rng_state(), before)
    for name, weights in first.state_dict().items():
        assert torch.equal(weights, second.state_dict()[name])
    assert not torch.equal(first.entry.weight, other.entry.weight)


def test_a_spectral_critic_stretches_no_row_more_than_its_blocks_may(random: torch.Generator) -> None:
    """Each layer stretches by 1 at most, and a block, which adds what it makes to what it gets, by 2."""
    bounded, free = (Critic(6, hidden=32, blocks=2, spectral=spectral) for spectral in (True, False))
    rows = 3 * torch.randn(200, 6, generator=random)
    steepest = []
    for critic in (bounded, free):
        initialise(critic, random)
        with torch.no_grad():
            for layer in critic.modules():
                if isinstance(layer, torch.nn.Linear):
                    layer.weight *= 5
        for _ in range(50):
            critic.follow_weights()
        at = rows.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(critic(at).sum(), at)
        steepest.append(gradient.norm(dim=1).max().item())
    assert steepest[0] <= 4 * 1.01
    assert steepest[1] > 40


def test_dropout_is_for_learning_alone(random: torch.Generator) -> None:
    critic = Critic(4, hidden=32, blocks=1, left_out=0.5, random=random)
    initialise(critic, random)
    rows = torch.randn(6, 4, generator=random)
    assert not torch.equal(critic(rows), critic(rows))
    critic.eval()
    assert torch.equal(critic(rows), critic(rows))


@pytest.mark.parametrize(("norm", "alone"), [("none", True), ("layer", True), ("batch", False)])
def test_only_with_batch_normalisation_does_a_score_hang_on_other_rows(
    norm: str, alone: bool, random: torch.Generator
) -> None:
    critic = Critic(4, hidden=8, blocks=2, norm=norm)
    initialise(critic, random)
    rows = torch.randn(6, 4, generator=random)
    assert torch.allclose(critic(rows)[:3], critic(rows[:3]), atol=1e-5) == alone
    critic.eval()
    assert torch.allclose(critic(rows)[:3], critic(rows[:3]), atol=1e-5)


def test_normalised_layers_do_not_feel_how_large_weights_are(random: torch.Generator) -> None:
    rows = torch.randn(64, 4, generator=random)
    for norm in ("layer", "batch"):
        critic = Critic(4, hidden=8, blocks=0, norm=norm)
        initialise(critic, random)
        before = critic(rows)
        with torch.no_grad():
            critic.entry.weight *= 50
        assert torch.allclose(critic(rows), before, atol=1e-2)


def test_the_spread_of_groups_by_hand() -> None:
    rows = torch.tensor([[0.0, 1], [2, 1], [5, 5], [5, 5]])
    assert spread(rows, 2).flatten().tolist() == pytest.approx([1, 1, 1e-4, 1e-4])
    assert spread(rows, 4).flatten().tolist() == pytest.approx([math.sqrt(rows.var(0, correction=0).sum())] * 4)
    assert spread(rows[:3], 2).flatten().tolist() == pytest.approx([spread(rows[:3], 3)[0].item()] * 3)
    assert spread(rows[:1], 8).flatten().tolist() == pytest.approx([1e-4])


def test_the_gradient_of_a_spread_is_finite_where_rows_are_alike() -> None:
    rows = torch.ones(4, 3, requires_grad=True)
    (gradient,) = torch.autograd.grad(spread(rows, 2).sum(), rows, create_graph=True)
    gradient.square().sum().backward()
    assert rows.grad is not None
    assert rows.grad.isfinite().all()


def test_a_critic_is_told_the_spread_of_its_group(random: torch.Generator) -> None:
    """Rows that are the same get another score in another company."""
    critic = Critic(4, hidden=8, blocks=1, spread_of=2)
    initialise(critic, random)
    rows = torch.randn(4, 4, generator=random)
    company = torch.cat([rows[:1], rows[:1], rows[2:]])
    assert critic(rows)[0] != critic(company)[0]
    assert torch.equal(critic(rows)[2:], critic(company)[2:])


def test_a_critic_as_settings_ask_for_it() -> None:
    config = TrainingConfig(critic_width=7, critic_blocks=3, minibatch_std=4, spectral_norm=True, weight_clip=0)
    critic = Critic.for_config(5, config)
    assert (critic.entry.in_features, critic.entry.out_features, len(critic.blocks)) == (6, 7, 3)
    assert len([name for name in critic.state_dict() if name.endswith(".left")]) == 2 + 2 * 3
    assert Critic.for_config(5, TrainingConfig(pac=3)).entry.in_features == 15
