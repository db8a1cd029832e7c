import doctest
import math

import pytest
import torch

from tabgan.gan import networks
from tabgan.gan.networks import Critic, Linear, ResidualBlock, Stage, Trunk, initialise


@pytest.fixture
def random() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_the_examples_of_the_docstrings_hold() -> None:
    result = doctest.testmod(networks)
    assert result.attempted >= 3
    assert result.failed == 0


@pytest.mark.parametrize("stages", [1, 3])
@pytest.mark.parametrize("blocks", [0, 1, 3])
@pytest.mark.parametrize("n", [1, 5])
def test_a_trunk_makes_a_vector_for_each_stage(n: int, blocks: int, stages: int) -> None:
    trunk = Trunk(4, hidden=8, blocks=blocks, stages=stages, stage_width=6)
    assert trunk(torch.randn(n, 4)).shape == (stages, n, 6)


@pytest.mark.parametrize("context", [0, 9])
@pytest.mark.parametrize(("units", "values"), [(7, 2), (7, 0), (0, 2)])
@pytest.mark.parametrize("n", [1, 5])
def test_a_stage_makes_logits_and_values(n: int, units: int, values: int, context: int) -> None:
    logits, made = Stage(6, context, units, values)(torch.randn(n, 6), torch.zeros(n, context))
    assert logits.shape == (n, units)
    assert made.shape == (n, values)


def test_each_stage_has_its_own_outputs_of_the_fan(random: torch.Generator) -> None:
    trunk = Trunk(4, hidden=8, blocks=1, stages=3, stage_width=6)
    initialise(trunk, random)
    noise = torch.randn(5, 4, generator=random)
    before = trunk(noise)
    with torch.no_grad():
        trunk.fan.weight[6:12] += 1
    differs = (trunk(noise) != before).any(2).any(1)
    assert differs.tolist() == [False, True, False]


def test_values_stay_within_their_range_even_for_huge_outputs(random: torch.Generator) -> None:
    stage = Stage(6, 3, 2, 5)
    initialise(stage, random)
    with torch.no_grad():
        stage.exit.weight *= 1e4
    _, values = stage(torch.randn(100, 6, generator=random), torch.zeros(100, 3))
    assert values.abs().max() == 1


def test_a_standard_normal_output_becomes_uniform(random: torch.Generator) -> None:
    stage = Stage(1, 1, 0, 1)
    with torch.no_grad():
        stage.direct.weight.fill_(1)
    n = 50_000
    _, values = stage(torch.zeros(n, 1), torch.randn(n, 1, generator=random))
    expected = torch.linspace(-1, 1, n)
    assert (values[:, 0].sort().values - expected).abs().max() / 2 < 1.63 / math.sqrt(n)


def test_a_stage_by_hand() -> None:
    """Hidden (1, -2) and context (3) meet before the kink; the direct map adds to what comes after it."""
    stage = Stage(2, 1, 1, 1)
    with torch.no_grad():
        stage.context.weight.copy_(torch.tensor([[1.0], [-1.0]]))
        stage.exit.weight.copy_(torch.tensor([[1.0, 1.0], [0.0, 0.5]]))
        stage.exit.bias.copy_(torch.tensor([10.0, 0.0]))
        stage.direct.weight.copy_(torch.tensor([[100.0], [0.25]]))
    logits, values = stage(torch.tensor([[1.0, -2.0]]), torch.tensor([[3.0]]))
    # The hidden vector is (4, -5), after the kink (4, -1).
    assert logits.item() == 4 - 1 + 10 + 300
    assert values.item() == pytest.approx(math.erf((-0.5 + 0.75) / math.sqrt(2)))


def test_a_row_depends_on_its_own_noise_alone(random: torch.Generator) -> None:
    trunk = Trunk(4, hidden=8, blocks=2, stages=2, stage_width=6)
    initialise(trunk, random)
    noise = torch.randn(5, 4, generator=random)
    before = trunk(noise)
    noise[2] += 1
    for stage in (trunk(noise) != before).any(2):
        assert stage.tolist() == [False, False, True, False, False]


def test_a_row_depends_on_its_own_vector_and_context_alone(random: torch.Generator) -> None:
    stage = Stage(6, 3, 4, 2)
    initialise(stage, random)
    hidden, context = torch.randn(5, 6, generator=random), torch.randn(5, 3, generator=random)
    before = torch.cat(stage(hidden, context), 1)
    for changed in (hidden, context):
        changed[2] += 1
        after = torch.cat(stage(hidden, context), 1)
        assert (after != before).any(1).tolist() == [False, False, True, False, False]
        before = after


def test_networks_are_born_at_zero_and_leave_the_global_stream_alone() -> None:
    before = torch.get_rng_state()
    networks_made = [
        Linear(3, 4),
        Trunk(4, hidden=8, blocks=2, stages=2, stage_width=6),
        Stage(6, 3, 4, 2),
        Critic(4, hidden=8, blocks=2),
    ]
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


def test_a_critic_has_no_bound(random: torch.Generator) -> None:
    critic = Critic(4, hidden=8, blocks=1)
    initialise(critic, random)
    rows = torch.randn(50, 4, generator=torch.Generator().manual_seed(1))
    assert critic(rows * 1e6).abs().max() > 1e3


@pytest.mark.parametrize("normalised", [True, False])
def test_a_block_whose_last_layer_is_zero_changes_nothing(normalised: bool) -> None:
    block = ResidualBlock(8, normalised=normalised)
    initialise(block, torch.Generator().manual_seed(0))
    x = torch.randn(3, 8, generator=torch.Generator().manual_seed(0))
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
