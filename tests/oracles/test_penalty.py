"""The gradient penalty against critics whose gradients are known in closed form."""

import pytest
import torch

from tabgan.gan.penalties import gradient_penalty, weight_at, zero_centred_penalty

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


@pytest.mark.parametrize("scale", [0.0, 0.01, 1.0, 30.0])
@pytest.mark.parametrize("pac", [1, 2, 3, 12])
def test_r1_and_r2_of_a_linear_critic_are_its_squared_norm(scale: float, pac: int, random: torch.Generator) -> None:
    w = scale * torch.randn(F * pac, generator=random)
    real, made = torch.randn(2, N, F, generator=random).unbind()
    penalty = zero_centred_penalty(lambda rows: rows.reshape(len(rows) // pac, -1) @ w, real, made, pac)
    assert penalty.item() == pytest.approx(w.norm().item() ** 2, rel=1e-5, abs=1e-9)


def test_r1_is_taken_at_real_and_r2_at_made_rows(random: torch.Generator) -> None:
    """The gradient of half the squared norm is the row itself, so the penalty shows where it was taken."""
    real, made = torch.randn(2, N, F, generator=random).unbind()
    penalty = zero_centred_penalty(lambda rows: rows.square().sum(1) / 2, real, made)
    expected = (real.square().sum(1).mean() + made.square().sum(1).mean()) / 2
    assert penalty.item() == pytest.approx(expected.item(), rel=1e-5)


def test_r1_and_r2_teach_the_critic_and_leave_the_rows(random: torch.Generator) -> None:
    """Their gradient with respect to the weights of a linear critic is 2 w."""
    w = torch.randn(F, generator=random).requires_grad_()
    real, made = torch.randn(2, N, F, generator=random).unbind()
    zero_centred_penalty(lambda rows: rows @ w, real, made).backward()
    assert w.grad is not None
    assert torch.allclose(w.grad, 2 * w.detach(), atol=1e-5)
    assert not real.requires_grad


def test_rows_that_are_compared_lie_between_real_and_made_ones_as_a_whole(random: torch.Generator) -> None:
    real, made = torch.randn(2, N, F, generator=random).unbind()
    mix = torch.rand(N // 4, 1, generator=random)
    seen = []

    def critic(rows: torch.Tensor) -> torch.Tensor:
        seen.append(rows.detach())
        return rows.sum(1)

    gradient_penalty(critic, real, made, mix)
    shares = ((seen[0] - real) / (made - real)).reshape(-1, 4 * F)
    assert torch.allclose(shares, mix.expand_as(shares), atol=1e-4)


@pytest.mark.parametrize(("share", "weight"), [(0.0, 10.0), (0.5, 6.0), (1.0, 2.0)])
def test_the_weight_of_a_penalty_is_on_a_line(share: float, weight: float) -> None:
    assert weight_at(share, 10.0, 2.0) == pytest.approx(weight)
    assert weight_at(share, 10.0, None) == 10.0
