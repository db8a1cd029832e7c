"""Rows drawn with a gradient by hand against those of the walk, which autograd goes through."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from tabgan.gan.conditions import Condition, given_codes
from tabgan.gan.config import TrainingConfig
from tabgan.gan.generator import Generator
from tabgan.gan.walk import Walk, invert
from tabgan.layout import EncodedTable, Layout

from .kinds import KINDS

Tables = Callable[..., EncodedTable]
Configs = Callable[..., TrainingConfig]
Untrained = Callable[..., Generator]


def _walked(generator: Generator, noise: torch.Tensor, condition: Condition | None, temperature: float) -> torch.Tensor:
    walk = Walk(generator, len(noise), condition)
    for place, logits in walk:
        drawn = walk.or_given(place, invert(logits.detach().softmax(1), noise[:, place]))
        soft = walk.unless_given(place, (logits / temperature).softmax(1))
        walk.finish(place, F.one_hot(drawn, logits.shape[1]).float() + soft - soft.detach())
    return walk.features()


def _gradients(generator: Generator, features: torch.Tensor) -> dict[str, torch.Tensor]:
    weights = torch.randn(features.shape, generator=torch.Generator().manual_seed(1))
    names, parameters = zip(*generator.named_parameters(), strict=True)
    found = torch.autograd.grad((features * weights).sum(), parameters, allow_unused=True, materialize_grads=True)
    return dict(zip(names, found, strict=True))


@pytest.mark.parametrize("temperature", [1.0, 0.5])
@pytest.mark.parametrize("given", [None, "same", "mixed"])
@pytest.mark.parametrize("kind", KINDS)
def test_rows_and_gradients_are_those_of_the_walk(
    kind: str,
    given: str | None,
    temperature: float,
    layouts: dict[str, Layout],
    random_table: Tables,
    small: Configs,
    untrained: Untrained,
) -> None:
    layout, n = layouts[kind], 60
    generator = untrained(layout, small(), noise=0.3)
    noise = torch.rand(n, layout.n_codes, generator=torch.Generator().manual_seed(0))
    condition = None
    if given:
        random = np.random.default_rng(0)
        depths = random.integers(0, np.array(layout.depths) + 1, (n if given == "mixed" else 1, len(layout.depths)))
        mask = torch.from_numpy(given_codes(generator.plan, depths)).expand(n, -1)
        codes = torch.from_numpy(generator.plan.arrange(random_table(layout, n).codes).astype(np.int64))
        condition = Condition(mask, torch.where(mask, codes, -7))
    expected = _walked(generator, noise, condition, temperature)
    features = generator.draw_with_gradient(noise, condition, temperature)
    torch.testing.assert_close(features, expected, atol=1e-5, rtol=1e-5)
    if not expected.requires_grad:
        return
    wanted = _gradients(generator, expected)
    for name, gradient in _gradients(generator, features).items():
        torch.testing.assert_close(
            gradient, wanted[name], atol=2e-4, rtol=1e-3, msg=lambda said, n=name: f"{n}: {said}"
        )
