import math

import pytest
import torch
from torch.nn import functional as F

from tabgan.gan import presets
from tabgan.gan.objectives import OBJECTIVES

REAL, MADE = torch.tensor([3.0, 5.0, -0.5]), torch.tensor([1.0, 0.0, -2.0])


def test_the_table_has_the_names_that_settings_have() -> None:
    assert set(OBJECTIVES) == set(presets.OBJECTIVES)


def test_the_wasserstein_losses_are_differences_of_means() -> None:
    for name in ("wgan-gp", "wgan-clip"):
        assert OBJECTIVES[name].critic_loss(REAL, MADE, 1.0).item() == pytest.approx(-1 / 3 - 2.5)
        assert OBJECTIVES[name].generator_loss(MADE, REAL).item() == pytest.approx(1 / 3)


@pytest.mark.parametrize("target", [1.0, 0.9, 0.5])
def test_the_sigmoid_discriminator_learns_by_binary_cross_entropy(target: float) -> None:
    expected = F.binary_cross_entropy_with_logits(REAL, torch.full((3,), target))
    expected += F.binary_cross_entropy_with_logits(MADE, torch.zeros(3))
    assert OBJECTIVES["nsgan"].critic_loss(REAL, MADE, target).item() == pytest.approx(expected.item())
    generator = F.binary_cross_entropy_with_logits(MADE, torch.ones(3))
    assert OBJECTIVES["nsgan"].generator_loss(MADE, REAL).item() == pytest.approx(generator.item())


@pytest.mark.parametrize("target", [1.0, 0.8])
def test_least_squares_are_squared_distances(target: float) -> None:
    expected = (F.mse_loss(REAL, torch.full((3,), target)) + F.mse_loss(MADE, torch.zeros(3))) / 2
    assert OBJECTIVES["lsgan"].critic_loss(REAL, MADE, target).item() == pytest.approx(expected.item())
    assert OBJECTIVES["lsgan"].generator_loss(MADE, REAL).item() == pytest.approx((0 + 1 + 9) / 6)


def test_the_hinge_counts_what_is_on_the_wrong_side_of_its_margin() -> None:
    assert OBJECTIVES["hinge"].critic_loss(REAL, MADE, 1.0).item() == pytest.approx((0 + 0 + 1.5) / 3 + (2 + 1 + 0) / 3)
    assert OBJECTIVES["hinge"].generator_loss(MADE, REAL).item() == pytest.approx(1 / 3)


def test_relativistic_losses_compare_the_rows_of_a_pair() -> None:
    differences = [2.0, 5.0, 1.5]
    expected = sum(math.log1p(math.exp(-d)) for d in differences) / 3
    assert OBJECTIVES["relativistic"].critic_loss(REAL, MADE, 1.0).item() == pytest.approx(expected, rel=1e-5)
    expected = sum(math.log1p(math.exp(d)) for d in differences) / 3
    assert OBJECTIVES["relativistic"].generator_loss(MADE, REAL).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_critic_and_generator_pull_at_the_scores_from_opposite_sides(name: str) -> None:
    objective = OBJECTIVES[name]
    real, made = (torch.full((4,), 0.3, requires_grad=True) for _ in range(2))
    objective.critic_loss(real, made, 1.0).backward()
    assert real.grad is not None
    assert made.grad is not None
    assert (real.grad < 0).all()
    assert (made.grad > 0).all()
    made.grad = None
    objective.generator_loss(made, real.detach()).backward()
    assert (made.grad < 0).all()


@pytest.mark.parametrize("name", OBJECTIVES)
def test_losses_stay_finite_where_a_critic_is_very_sure(name: str) -> None:
    for sure in (-1e4, 1e4):
        scores = torch.full((2,), sure)
        assert OBJECTIVES[name].critic_loss(-scores, scores, 1.0).isfinite()
        assert OBJECTIVES[name].generator_loss(scores, -scores).isfinite()


@pytest.mark.parametrize("name", OBJECTIVES)
def test_only_an_objective_that_compares_needs_the_scores_of_real_rows(name: str) -> None:
    objective = OBJECTIVES[name]
    same = objective.generator_loss(MADE, REAL) == objective.generator_loss(MADE, MADE)
    assert bool(same) != objective.compares


@pytest.mark.parametrize("smooth", [0.0, 0.2])
@pytest.mark.parametrize("name", ["nsgan", "lsgan"])
def test_the_best_score_of_rows_that_are_as_often_real_as_made_is_half_the_target(name: str, smooth: float) -> None:
    score = torch.tensor([0.7], requires_grad=True)
    optimiser = torch.optim.Adam([score], lr=0.01)
    for _ in range(800):
        optimiser.zero_grad()
        OBJECTIVES[name].critic_loss(score, score, 1 - smooth).backward()
        optimiser.step()
    said = score.sigmoid() if name == "nsgan" else score
    assert said.item() == pytest.approx((1 - smooth) / 2, abs=1e-3)
