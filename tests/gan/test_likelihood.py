"""Surprise in all stages at once against the walk from stage to stage, which autograd goes through."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from tabgan.gan import generator as generators
from tabgan.gan import likelihood
from tabgan.gan.conditions import Condition, given_codes
from tabgan.gan.config import TrainingConfig
from tabgan.gan.generator import Generator
from tabgan.gan.stages import StagePlan
from tabgan.gan.walk import Walk
from tabgan.layout import ColumnSlots, EncodedTable, Layout

from .kinds import KINDS

Tables = Callable[..., EncodedTable]
Configs = Callable[..., TrainingConfig]
Plans = Callable[..., StagePlan]
Untrained = Callable[..., Generator]
N = 60


def _walked(generator: Generator, codes: torch.Tensor, condition: Condition | None) -> torch.Tensor:
    onehots, features = generator.features.of_codes(codes)
    walk = Walk(generator, len(codes), condition, whole=features)
    total = torch.zeros(len(codes))
    for place, logits in walk:
        surprise = F.cross_entropy(logits, codes[:, place], reduction="none")
        total = total + walk.unless_given(place, surprise)
        walk.finish(place, onehots[place])
    return total


def _gradients(generator: Generator, what: torch.Tensor) -> dict[str, torch.Tensor]:
    names, parameters = zip(*generator.named_parameters(), strict=True)
    found = torch.autograd.grad(what, parameters, allow_unused=True, materialize_grads=True)
    return dict(zip(names, found, strict=True))


def _case(
    generator: Generator, given: str | None, random_table: Tables
) -> tuple[torch.Tensor, torch.Tensor, Condition | None]:
    """Codes, a weight for each row, and a condition."""
    layout = generator.plan.layout
    codes = torch.from_numpy(generator.plan.arrange(random_table(layout, N).codes).astype(np.int64))
    scales = torch.randn(N, generator=torch.Generator().manual_seed(1))
    if given is None:
        return codes, scales, None
    random = np.random.default_rng(0)
    depths = random.integers(0, np.array(layout.depths) + 1, (N if given == "mixed" else 1, len(layout.depths)))
    return codes, scales, Condition(torch.from_numpy(given_codes(generator.plan, depths)).expand(N, -1), codes)


@pytest.mark.parametrize("direct", [True, False])
@pytest.mark.parametrize("given", [None, "same", "mixed"])
@pytest.mark.parametrize("kind", KINDS)
def test_surprise_and_gradients_are_those_of_the_walk(
    kind: str,
    given: str | None,
    direct: bool,
    layouts: dict[str, Layout],
    random_table: Tables,
    small: Configs,
    untrained: Untrained,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In one block of rows and in several."""
    generator = untrained(layouts[kind], small(), noise=0.3)
    for head in generator.stage_heads():
        head.direct = head.direct if direct else None
    codes, scales, condition = _case(generator, given, random_table)
    expected = _walked(generator, codes, condition)
    wanted = _gradients(generator, (expected * scales).sum()) if expected.requires_grad else {}
    for block in (likelihood.BLOCK, 1_000):
        monkeypatch.setattr(likelihood, "BLOCK", block)
        surprise = generator.surprise(codes, condition)
        torch.testing.assert_close(surprise, expected, atol=1e-4, rtol=1e-4)
        gradients = _gradients(generator, (surprise * scales).sum())
        for name, gradient in wanted.items():
            torch.testing.assert_close(
                gradients[name], gradient, atol=2e-4, rtol=1e-3, msg=lambda said, n=name: f"{n}: {said}"
            )


@pytest.mark.parametrize("stages", [1, 2])
def test_columns_that_share_a_stage_do_not_see_each_other(
    stages: int, shop: Layout, random_table: Tables, small: Configs, untrained: Untrained, mixed_plan: Plans
) -> None:
    generator = untrained(shop, small(), plan=mixed_plan(shop, stages), noise=0.3)
    assert any(len(stage) > 1 for stage in generator.plan.stages)
    codes, scales, condition = _case(generator, "mixed", random_table)
    surprise, expected = generator.surprise(codes, condition), _walked(generator, codes, condition)
    torch.testing.assert_close(surprise, expected, atol=1e-4, rtol=1e-4)
    wanted = _gradients(generator, (expected * scales).sum())
    for name, gradient in _gradients(generator, (surprise * scales).sum()).items():
        torch.testing.assert_close(gradient, wanted[name], atol=2e-4, rtol=1e-3)


@pytest.mark.parametrize("given", [None, "mixed"])
def test_the_mean_and_its_gradient_are_those_of_surprise(
    given: str | None, shop: Layout, random_table: Tables, small: Configs, untrained: Untrained
) -> None:
    """But for the rounding of factors, where the processor is quicker so."""
    generator = untrained(shop, small(), noise=0.3)
    codes, _, condition = _case(generator, given, random_table)
    mean, expected = generator.mean_surprise(codes, condition), generator.surprise(codes, condition).mean()
    assert mean.item() == pytest.approx(expected.item(), rel=1e-2)
    wanted = torch.cat([gradient.flatten() for gradient in _gradients(generator, 3 * expected).values()])
    found = torch.cat([gradient.flatten() for gradient in _gradients(generator, 3 * mean).values()])
    assert (found - wanted).norm() < 0.02 * wanted.norm()
    with torch.no_grad():
        assert generator.mean_surprise(codes, condition).item() == pytest.approx(expected.item(), rel=1e-5)


def test_wide_rows_hand_gradients_back_item_by_item(random_table: Tables, small: Configs, untrained: Untrained) -> None:
    layout = Layout((ColumnSlots("a", (200,)), ColumnSlots("b", (3,)), ColumnSlots("c", (90,), ordered=80)))
    generator = untrained(layout, small(), noise=0.3)
    codes, scales, condition = _case(generator, "mixed", random_table)
    wanted = _gradients(generator, (_walked(generator, codes, condition) * scales).sum())
    for name, gradient in _gradients(generator, (generator.surprise(codes, condition) * scales).sum()).items():
        torch.testing.assert_close(gradient, wanted[name], atol=2e-4, rtol=1e-3)


def test_categories_that_are_hardly_possible_are_told_apart(small: Configs, untrained: Untrained) -> None:
    """A surprise of hundreds of nats has its value and its gradient."""
    layout = Layout((ColumnSlots("a", (5,)), ColumnSlots("b", (2,))))
    generator = untrained(layout, small(), noise=0.0)
    with torch.no_grad():
        for head in generator.stage_heads():
            head.exit.bias.copy_(torch.tensor([300.0, 0.0, -300.0, 0.0, 0.0][: len(head.exit.bias)]))
    codes = torch.tensor([[2, 1], [0, 0]])
    surprise, expected = generator.surprise(codes), _walked(generator, codes, None)
    assert surprise[0] > 500
    torch.testing.assert_close(surprise, expected, atol=1e-3, rtol=1e-5)
    wanted = _gradients(generator, expected.sum())
    for name, gradient in _gradients(generator, surprise.sum()).items():
        torch.testing.assert_close(gradient, wanted[name], atol=1e-4, rtol=1e-3)


def test_rows_without_a_gradient_are_looked_at_in_pieces(
    shop: Layout, random_table: Tables, small: Configs, untrained: Untrained, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = untrained(shop, small(), noise=0.3)
    codes, _, condition = _case(generator, "mixed", random_table)
    monkeypatch.setattr(likelihood, "LOOKED_AT", 500)
    with torch.no_grad():
        pieces, none = generator.surprise(codes, condition), generator.surprise(codes[:0])
    torch.testing.assert_close(pieces, generator.surprise(codes, condition).detach(), atol=1e-5, rtol=1e-5)
    assert none.shape == (0,)


def test_large_direct_maps_are_walked_through_stage_by_stage(
    shop: Layout, random_table: Tables, small: Configs, untrained: Untrained, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the same figures, whichever way is taken."""
    generator = untrained(shop, small(), noise=0.3)
    codes, _, condition = _case(generator, "mixed", random_table)
    at_once = generator.surprise(codes, condition)
    monkeypatch.setattr(generators, "AT_ONCE", 10)
    assert torch.equal(generator.surprise(codes, condition), _walked(generator, codes, condition))
    torch.testing.assert_close(generator.surprise(codes, condition), at_once, atol=1e-4, rtol=1e-4)
    assert torch.equal(generator.mean_surprise(codes, condition), _walked(generator, codes, condition).mean())
