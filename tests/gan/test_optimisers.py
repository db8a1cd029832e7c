import math

import pytest
import torch
from torch import nn

from tabgan.gan.layers import BatchNorm, Linear, SpectralLinear, initialise
from tabgan.gan.optimisers import adam, adam_scales, clip_weights, cosine, gradient_norm, set_rate


@pytest.fixture
def network() -> nn.Sequential:
    network = nn.Sequential(Linear(3, 4), BatchNorm(4), Linear(4, 1))
    initialise(network, torch.Generator().manual_seed(0))
    return network


def test_rates_and_betas_reach_the_optimiser(network: nn.Sequential) -> None:
    optimiser = adam(network, 0.25, (0.3, 0.7), decay=0.1)
    assert [(group["lr"], group["betas"], group["weight_decay"]) for group in optimiser.param_groups] == [
        (0.25, (0.3, 0.7), 0.1),
        (0.25, (0.3, 0.7), 0.0),
    ]
    set_rate(optimiser, 0.5)
    assert {group["lr"] for group in optimiser.param_groups} == {0.5}


def test_only_what_learns_is_moved_and_only_matrices_decay(network: nn.Sequential) -> None:
    optimiser = adam(network, 0.1, (0.5, 0.9), decay=0.5)
    matrices, others = (group["params"] for group in optimiser.param_groups)
    assert [parameter.ndim for parameter in matrices] == [2, 2]
    assert all(parameter.ndim == 1 and parameter.requires_grad for parameter in others)
    assert len(others) == 4


def test_the_rate_falls_from_the_whole_to_a_hundredth() -> None:
    assert [cosine(share) for share in (0.0, 0.5, 1.0)] == pytest.approx([1, 0.505, 0.01])


def test_the_norm_of_gradients_is_that_of_all_together(network: nn.Sequential) -> None:
    assert gradient_norm(network).item() == 0
    network(torch.randn(6, 3)).sum().backward()
    whole = torch.cat([p.grad.flatten() for p in network.parameters() if p.grad is not None])
    assert gradient_norm(network).item() == pytest.approx(whole.norm().item())


def test_clipping_brings_linear_layers_within_the_bound_and_leaves_normalisation(network: nn.Sequential) -> None:
    clip_weights(network, 0.01)
    assert network[0].weight.abs().max() <= 0.01
    assert network[2].weight.abs().max().item() == pytest.approx(0.01)
    assert torch.equal(network[1].weight, torch.ones(4))
    spectral = SpectralLinear(2, 2)
    initialise(spectral, torch.Generator().manual_seed(0))
    before = spectral.left.clone()
    clip_weights(spectral, 0.01)
    assert torch.equal(spectral.left, before)


def test_the_scales_are_those_of_adam_without_momentum() -> None:
    """With no momentum, Adam's step is the gradient times the scale that it then says."""
    layer = Linear(2, 1)
    optimiser = torch.optim.AdamW(layer.parameters(), lr=0.01, betas=(0.0, 0.9), weight_decay=0.0)
    assert set(adam_scales(optimiser).values()) == {0.01}
    for factor in (1.0, 3.0, -2.0):
        before = layer.weight.detach().clone()
        optimiser.zero_grad()
        (factor * layer(torch.tensor([[1.0, 5.0]]))).sum().backward()
        assert layer.weight.grad is not None
        optimiser.step()
        scale = adam_scales(optimiser)[layer.weight]
        assert torch.allclose(layer.weight, before - scale * layer.weight.grad, atol=1e-6)
    mean = (0.1 * (1 * 0.81 + 9 * 0.9 + 4)) / (1 - 0.9**3)
    assert scale[0, 0].item() == pytest.approx(0.01 / math.sqrt(mean), rel=1e-4)
