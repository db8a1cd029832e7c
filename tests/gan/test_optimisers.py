import copy
import math
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from tabgan.gan.layers import BatchNorm, Linear, SpectralLinear, initialise
from tabgan.gan.optimisers import Adam, clip_weights, cosine, gradient_norm, set_rate
from tabgan.gan.run_state import RunState


@pytest.fixture
def network() -> nn.Sequential:
    network = nn.Sequential(Linear(3, 4), BatchNorm(4), Linear(4, 1))
    initialise(network, torch.Generator().manual_seed(0))
    return network


def _teach(network: nn.Module, optimiser: Adam | torch.optim.Optimizer, steps: int) -> None:
    random = torch.Generator().manual_seed(1)
    for _ in range(steps):
        optimiser.zero_grad()
        torch.autograd.backward(network(torch.randn(6, 3, generator=random)).square().mean())
        optimiser.step()


@pytest.mark.parametrize("decay", [0.0, 0.5])
def test_the_optimiser_is_that_of_torch_bit_for_bit(network: nn.Sequential, decay: float) -> None:
    other = copy.deepcopy(network)
    learnt = [parameter for parameter in other.parameters() if parameter.requires_grad]
    groups = [
        {"params": [parameter for parameter in learnt if parameter.ndim > 1], "weight_decay": decay},
        {"params": [parameter for parameter in learnt if parameter.ndim == 1], "weight_decay": 0.0},
    ]
    oracle = torch.optim.AdamW(groups, lr=torch.tensor(0.1), betas=(0.5, 0.9), fused=True)
    optimiser = Adam(network, 0.1, (0.5, 0.9), decay)
    for rate in (0.1, 0.03):
        set_rate(optimiser, rate)
        for group in oracle.param_groups:
            group["lr"] = torch.tensor(rate)
        _teach(network, optimiser, 5)
        _teach(other, oracle, 5)
    assert all(torch.equal(a, b) for a, b in zip(network.parameters(), other.parameters(), strict=True))


def test_a_parameter_without_a_gradient_is_left_alone_and_its_steps_do_not_count() -> None:
    network = nn.ModuleList([Linear(1, 1), Linear(1, 1)])
    optimiser = Adam(network, 0.1, (0.0, 0.5), 0.5)
    for _ in range(3):
        optimiser.zero_grad()
        torch.autograd.backward(network[0](torch.ones(1, 1)).sum())
        optimiser.step()
    assert network[1].weight.item() == 0
    optimiser.zero_grad()
    torch.autograd.backward(network[1](torch.ones(1, 1)).sum())
    optimiser.step()
    assert network[1].weight.item() == pytest.approx(-0.1)  # the first step of Adam is the rate


def test_making_an_optimiser_loads_no_compiler() -> None:
    code = (
        "import sys, torch; from tabgan.gan.optimisers import Adam; layer = torch.nn.Linear(1, 1); "
        "optimiser = Adam(layer, 0.1, (0.5, 0.9)); layer(torch.ones(1, 1)).sum().backward(); optimiser.step(); "
        "print('torch._dynamo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_nothing_of_the_optimiser_changes_its_place(network: nn.Sequential) -> None:
    """A graph that was captured reads and writes where things were."""
    optimiser = Adam(network, 0.1, (0.5, 0.9))

    def places() -> list[int]:
        return [optimiser.rate.data_ptr(), *(tensor.data_ptr() for tensor in optimiser._tensors().values())]

    before = places()
    set_rate(optimiser, 0.2)
    _teach(network, optimiser, 2)
    optimiser.resume(optimiser.state())
    assert places() == before


@pytest.mark.parametrize("wrong", ["lacking", "shape"])
def test_a_state_of_another_optimiser_is_refused(network: nn.Sequential, wrong: str) -> None:
    optimiser = Adam(network, 0.1, (0.5, 0.9))
    tensors = dict(optimiser.state().tensors)
    if wrong == "lacking":
        del tensors["0.mean"]
    else:
        tensors["0.mean"] = np.zeros((1, 1), np.float32)
    with pytest.raises(ValueError, match="expected"):
        optimiser.resume(RunState({}, tensors))


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
    optimiser = Adam(layer, 0.01, (0.0, 0.9))
    assert all((scale == optimiser.rate).all() for scale in optimiser.scales().values())
    for factor in (1.0, 3.0, -2.0):
        before = layer.weight.detach().clone()
        optimiser.zero_grad()
        (factor * layer(torch.tensor([[1.0, 5.0]]))).sum().backward()
        assert layer.weight.grad is not None
        optimiser.step()
        scale = optimiser.scales()[layer.weight]
        assert torch.allclose(layer.weight, before - scale * layer.weight.grad, atol=1e-6)
    mean = (0.1 * (1 * 0.81 + 9 * 0.9 + 4)) / (1 - 0.9**3)
    assert scale[0, 0].item() == pytest.approx(0.01 / math.sqrt(mean), rel=1e-4)
