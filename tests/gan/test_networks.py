import math

import pytest
import torch

from tabgan.gan.networks import Critic, Linear, ResidualBlock, initialise


@pytest.fixture
def random() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_networks_are_born_at_zero_and_leave_the_global_stream_alone() -> None:
    before = torch.get_rng_state()
    networks_made = [Linear(3, 4), Linear(3, 4, bias=False), ResidualBlock(4), Critic(4, hidden=8, blocks=2)]
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
