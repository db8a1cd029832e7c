"""The gradient penalty against critics whose gradients are known in closed form."""

import pytest
import torch

from tabgan.gan.losses import gradient_penalty

N, F = 12, 5


@pytest.fixture
def random() -> torch.Generator:
    return torch.Generator().manual_seed(0)


@pytest.mark.parametrize("pac", [1, 2, 3, 12])
@pytest.mark.parametrize("scale", [0.0, 0.01, 1.0, 30.0])
def test_the_penalty_of_a_linear_critic_is_the_squared_distance_of_its_norm_from_one(
    scale: float, pac: int, random: torch.Generator
) -> None:
    w = scale * torch.randn(F * pac, generator=random)
    real, made = torch.randn(2, N, F, generator=random).unbind()
    mix = torch.rand(N // pac, 1, generator=random)
    penalty = gradient_penalty(lambda rows: rows.reshape(N // pac, -1) @ w, real, made, mix, pac)
    assert penalty.item() == pytest.approx((w.norm().item() - 1) ** 2, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("pac", [1, 3])
def test_the_gradient_is_taken_between_the_rows_where_the_mix_says(pac: int, random: torch.Generator) -> None:
    """The gradient of half the squared norm is the row itself, so the penalty shows where it was taken."""
    real, made = torch.randn(2, N, F, generator=random).unbind()
    mix = torch.rand(N // pac, 1, generator=random)
    penalty = gradient_penalty(lambda rows: rows.reshape(N // pac, -1).square().sum(1) / 2, real, made, mix, pac)
    groups = [part.reshape(N // pac, -1) for part in (real, made)]
    between = (1 - mix) * groups[0] + mix * groups[1]
    assert penalty.item() == pytest.approx((between.norm(dim=1) - 1).square().mean().item(), rel=1e-5)


def test_the_penalty_teaches_the_critic(random: torch.Generator) -> None:
    """Its gradient with respect to the weights of a linear critic is 2 (|w| - 1) w / |w|."""
    w = torch.randn(F, generator=random).requires_grad_()
    real, made = torch.randn(2, N, F, generator=random).unbind()
    gradient_penalty(lambda rows: rows @ w, real, made, torch.rand(N, 1, generator=random)).backward()
    assert w.grad is not None
    norm = w.detach().norm()
    assert torch.allclose(w.grad, 2 * (norm - 1) * w.detach() / norm, atol=1e-5)
    assert real.grad is None
    assert made.grad is None


def test_a_critic_that_sees_nothing_has_a_finite_gradient(random: torch.Generator) -> None:
    w = torch.zeros(F, requires_grad=True)
    real, made = torch.randn(2, N, F, generator=random).unbind()
    gradient_penalty(lambda rows: rows @ w, real, made, torch.rand(N, 1, generator=random)).backward()
    assert w.grad is not None
    assert torch.isfinite(w.grad).all()
