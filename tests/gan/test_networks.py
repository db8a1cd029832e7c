import doctest
import math

import pytest
import torch

from tabgan.gan import networks
from tabgan.gan.networks import Critic, Generator, ResidualBlock, initialise


@pytest.fixture
def random() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_the_examples_of_the_docstrings_hold() -> None:
    result = doctest.testmod(networks)
    assert result.attempted >= 3
    assert result.failed == 0


@pytest.mark.parametrize("blocks", [0, 1, 3])
@pytest.mark.parametrize(("units", "values"), [(7, 2), (7, 0), (0, 2)])
@pytest.mark.parametrize("n", [1, 5])
def test_a_generator_makes_logits_and_values(n: int, units: int, values: int, blocks: int) -> None:
    generator = Generator(4, 3, units, values, hidden=8, blocks=blocks)
    logits, made = generator(torch.randn(n, 4), torch.zeros(n, 3))
    assert logits.shape == (n, units)
    assert made.shape == (n, values)


def test_values_stay_within_their_range_even_for_huge_outputs(random: torch.Generator) -> None:
    generator = Generator(4, 3, 2, 5, hidden=8, blocks=1)
    initialise(generator, random)
    with torch.no_grad():
        generator.exit.weight *= 1e4
    _, values = generator(torch.randn(100, 4, generator=random), torch.zeros(100, 3))
    assert values.abs().max() == 1


def test_a_standard_normal_output_becomes_uniform(random: torch.Generator) -> None:
    generator = Generator(1, 0, 0, 1, hidden=1, blocks=0)
    generator.norm = torch.nn.Identity()
    with torch.no_grad():
        for layer in (generator.entry, generator.exit):
            layer.weight.fill_(1)
            layer.bias.zero_()
        generator.exit.weight.fill_(1)
    noise = torch.randn(50_000, 1, generator=random).abs()
    _, values = generator(noise, torch.zeros(50_000, 0))
    expected = torch.linspace(0, 1, 50_000)
    assert (values[:, 0].sort().values - expected).abs().max() < 1.63 / math.sqrt(50_000)


def test_a_row_depends_on_its_own_noise_and_condition_alone(random: torch.Generator) -> None:
    generator = Generator(4, 3, 6, 2, hidden=8, blocks=2)
    noise, condition = torch.randn(5, 4, generator=random), torch.randn(5, 3, generator=random)
    before = torch.cat(generator(noise, condition), 1)
    for changed in (noise, condition):
        changed[2] += 1
        after = torch.cat(generator(noise, condition), 1)
        differs = (after != before).any(1)
        assert differs.tolist() == [False, False, True, False, False]
        before = after


@pytest.mark.parametrize("pac", [1, 2, 3])
def test_a_score_depends_on_its_own_group_alone(pac: int, random: torch.Generator) -> None:
    critic = Critic(4, hidden=8, blocks=2, pac=pac)
    rows = torch.randn(6, 4, generator=random)
    before = critic(rows)
    assert before.shape == (6 // pac,)
    rows[4] += 1
    assert (critic(rows) != before).nonzero().flatten().tolist() == [4 // pac]


def test_a_critic_has_no_bound() -> None:
    critic = Critic(4, hidden=8, blocks=1)
    rows = torch.randn(50, 4, generator=torch.Generator().manual_seed(1))
    assert critic(rows * 1e6).abs().max() > 1e3


@pytest.mark.parametrize("normalised", [True, False])
def test_a_block_whose_last_layer_is_zero_changes_nothing(normalised: bool) -> None:
    block = ResidualBlock(8, normalised=normalised)
    torch.nn.init.zeros_(block.outer.weight)
    torch.nn.init.zeros_(block.outer.bias)
    x = torch.randn(3, 8, generator=torch.Generator().manual_seed(0))
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
