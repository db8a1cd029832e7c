import math

import pytest
import torch
from torch import nn

from tabgan.errors import TrainingError
from tabgan.gan.optimisers import Adam
from tabgan.gan.recovery import LOWERED, Recovery, finite


def _learn(network: nn.Module, optimiser: Adam, steps: int) -> list[float]:
    for _ in range(steps):
        optimiser.zero_grad()
        torch.autograd.backward(network(torch.ones(4, 2)).square().mean())
        optimiser.step()
    return [float(parameter.detach().sum()) for parameter in network.parameters()]


def _learner() -> tuple[nn.Module, Adam]:
    network = nn.Linear(2, 1)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(0.5)
    return network, Adam(network, 0.01, (0.9, 0.99))


def test_what_was_learnt_after_the_copy_is_forgotten_and_learning_goes_on_from_there() -> None:
    network, optimiser = _learner()
    recovery = Recovery({"network": network, "optimiser": optimiser}, 2)
    _learn(network, optimiser, 3)
    recovery.keep(3)
    onwards = _learn(network, optimiser, 5)
    with torch.no_grad():
        network.weight.fill_(math.nan)
    said = recovery.back(9, "a loss is no number any more", "lower the rates")
    assert "weights of step 3" in said
    assert _learn(network, optimiser, 5) == onwards
    assert recovery.rate == pytest.approx(1 / LOWERED)


def test_weights_that_are_no_numbers_are_never_kept() -> None:
    network, optimiser = _learner()
    recovery = Recovery({"network": network, "optimiser": optimiser}, 1)
    with torch.no_grad():
        network.bias.fill_(math.inf)
    assert not finite(network)
    recovery.keep(5)
    assert recovery.step == 0
    recovery.back(5, "", "")
    assert finite(network)


def test_a_run_is_given_up_with_evidence_and_advice() -> None:
    network, _ = _learner()
    recovery = Recovery({"network": network}, 1)
    recovery.back(5, "first", "")
    with pytest.raises(TrainingError, match=r"diverged by step 9.*second; going back 1 times .*advice: do this"):
        recovery.back(9, "second", "do this")
    with pytest.raises(TrainingError, match=r"by step 2; lower generator_rate and critic_rate.*: x; advice"):
        Recovery({"network": network}, 0).back(2, "x", "y")


def test_a_recovery_goes_on_from_its_state() -> None:
    network, optimiser = _learner()
    parts = {"network": network, "optimiser": optimiser}
    recovery = Recovery(parts, 3)
    recovery.keep(4)
    recovery.back(6, "", "")
    other = Recovery(parts, 3)
    other.resume(recovery.state())
    assert (other.step, other.times, other.rate) == (4, 1, recovery.rate)
    _learn(network, optimiser, 5)
    other.back(8, "", "")
    assert [float(parameter.detach().sum()) for parameter in network.parameters()] == [1.0, 0.5]
