from collections.abc import Mapping

import pytest
import torch

from tabgan.gan.unrolling import look_ahead

RATE = 0.1


@pytest.mark.parametrize("steps", [0, 1, 2, 5])
def test_looking_ahead_is_gradient_descent_in_closed_form(steps: int) -> None:
    """For half the squared distance of a weight to x, each step goes the share `rate` of the way to x."""
    x = torch.tensor(3.0, requires_grad=True)
    weight = torch.tensor(1.0, requires_grad=True)

    def loss(weights: Mapping[str, torch.Tensor]) -> torch.Tensor:
        return (weights["w"] - x).square() / 2

    ahead = look_ahead({"w": weight}, {"w": RATE}, loss, steps)["w"]
    left = (1 - RATE) ** steps
    assert ahead.item() == pytest.approx(left * 1 + (1 - left) * 3)
    if steps:
        (gradient,) = torch.autograd.grad(ahead, x)
        assert gradient.item() == pytest.approx(1 - left)


def test_what_does_not_move_and_what_the_loss_does_not_know_stay() -> None:
    weights = {name: torch.tensor(2.0, requires_grad=name != "fixed") for name in ("moves", "fixed", "unknown")}
    scales = {"moves": torch.tensor(0.5), "unknown": 0.5}
    ahead = look_ahead(weights, scales, lambda w: w["moves"] * w["fixed"], 3)
    assert {name: weight.item() for name, weight in ahead.items()} == {"moves": -1.0, "fixed": 2.0, "unknown": 2.0}
    assert weights["moves"].item() == 2.0
