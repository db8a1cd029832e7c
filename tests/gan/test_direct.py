"""The direct map: both ways give what a product of features with the weights gives."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from tabgan.gan.config import TrainingConfig
from tabgan.gan.direct import DirectMap, Lookups, Products, direct_map
from tabgan.gan.generator import Generator
from tabgan.layout import EncodedTable, Layout

N = 50


@pytest.mark.parametrize("kind", [Lookups, Products])
@pytest.mark.parametrize("seen", [1, 3, 7])
def test_what_is_added_is_a_product_of_the_features(
    kind: type[DirectMap],
    seen: int,
    shop: Layout,
    random_table: Callable[..., EncodedTable],
    small: Callable[..., TrainingConfig],
    untrained: Callable[..., Generator],
) -> None:
    generator, table = untrained(shop, small(), noise=0.3), random_table(shop, N)
    plan = generator.plan
    generator.features.set_scores(plan, table)
    codes = torch.from_numpy(plan.arrange(table.codes).astype(np.int64))
    features = generator.features(codes)
    given = torch.rand(N, generator=torch.Generator().manual_seed(0)) < 0.5
    own, weights = kind(generator.features, N), torch.randn(plan.n_features, 4)  # type: ignore[call-arg]
    for _ in range(2):  # the second time in used memory
        own.clear()
        for place, part in enumerate(plan.parts[:seen]):
            score = features[:, part.features.stop - 1] if part.scored else None
            own.see(place, codes[:, place], score, given if place == seen - 1 else None)
        logits = torch.ones(N, 4)
        own.add_to(logits, weights, seen, whole=False)
    stop = plan.parts[seen - 1].features
    expected = 1 + features[:, : stop.start] @ weights[: stop.start]
    expected += (features[:, stop] @ weights[stop]) * given[:, None]
    assert torch.allclose(logits, expected, atol=1e-4)


def test_many_categories_are_looked_up(
    layouts: dict[str, Layout], small: Callable[..., TrainingConfig], untrained: Callable[..., Generator]
) -> None:
    for kind, way in {"wide code": Lookups, "all kinds": Products}.items():
        assert type(direct_map(untrained(layouts[kind], small()).features, 5)) is way


def test_both_ways_draw_the_same_rows(
    shop: Layout,
    small: Callable[..., TrainingConfig],
    untrained: Callable[..., Generator],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    generator, noise = untrained(shop, small(), noise=0.4), torch.rand(3_000, 7)
    product = generator.draw(noise)
    monkeypatch.setattr("tabgan.gan.direct._WIDE", 1)
    assert (generator.draw(noise) == product).all(1).float().mean() > 0.999
