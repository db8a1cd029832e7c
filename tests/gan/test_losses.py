from collections.abc import Callable

import numpy as np
import pytest
import torch

from tabgan.gan.features import Features
from tabgan.gan.losses import Moments, critic_loss, moment_loss, table_moments
from tabgan.layout import ColumnSlots, EncodedTable, Layout

Tables = Callable[..., EncodedTable]
KINDS = ["all kinds", "value first and last", "one code", "one value", "values alone", "one gated value"]


def _reference_features(layout: Layout, table: EncodedTable, hats: int) -> np.ndarray:
    """One-hot vectors and hats, by NumPy in double precision."""
    parts = [np.eye(size)[table.codes[:, code]] for code, size in enumerate(layout.cardinalities)]
    knots = np.linspace(-1, 1, hats)
    for value, (gate, live) in enumerate(zip(layout.value_gates, layout.value_live, strict=True)):
        hat = np.stack([np.interp(table.values[:, value], knots, unit) for unit in np.eye(hats)], 1)
        parts.append(hat if gate is None else hat * (table.codes[:, [gate]] < live))
    return np.concatenate(parts, 1)


def _all_rows(features: Features, table: EncodedTable) -> torch.Tensor:
    codes = torch.from_numpy(table.codes.astype(np.int64))
    return features(features.expand(codes, torch.from_numpy(table.values)))


def test_the_critic_is_paid_for_high_scores_of_real_rows() -> None:
    assert critic_loss(torch.tensor([3.0, 5.0]), torch.tensor([1.0, 0.0])).item() == 0.5 - 4.0


@pytest.mark.parametrize("kind", KINDS)
def test_moments_are_those_of_the_one_hot_matrix(kind: str, layouts: dict[str, Layout], random_table: Tables) -> None:
    layout = layouts[kind]
    table = random_table(layout, 500)
    phi = _reference_features(layout, table, 6)
    moments = table_moments(table, layout, Features(layout, 6))
    assert np.allclose(moments.first, phi.mean(0), atol=1e-6)
    assert np.allclose(moments.second, phi.T @ phi / 500, atol=1e-6)
    assert moments.n_columns == len(layout.columns)


def test_moments_of_a_table_that_is_longer_than_a_chunk(random_table: Tables) -> None:
    layout = Layout((ColumnSlots("a", (3,)), ColumnSlots("x", has_value=True)))
    table = random_table(layout, 2 * 65_536 + 17)
    phi = _reference_features(layout, table, 3)
    moments = table_moments(table, layout, Features(layout, 3))
    assert np.allclose(moments.first, phi.mean(0), atol=1e-6)
    assert np.allclose(moments.second, phi.T @ phi / len(table), atol=1e-6)


def test_pairs_within_a_column_do_not_count(shop: Layout, random_table: Tables) -> None:
    moments = table_moments(random_table(shop, 10), shop, Features(shop, 2))
    # The units of city, score and product (two codes), then the hats of price and of score.
    owners = np.array([0] * 3 + [2] * 4 + [3] * 12 + [1] * 2 + [2] * 2)
    assert np.array_equal(moments.different, owners[:, None] != owners[None, :])


@pytest.mark.parametrize("kind", KINDS)
def test_the_loss_of_the_table_itself_is_zero(kind: str, layouts: dict[str, Layout], random_table: Tables) -> None:
    layout = layouts[kind]
    table, features = random_table(layout, 300), Features(layout, 5)
    target = table_moments(table, layout, features)
    phi = _all_rows(features, table)
    assert moment_loss(phi, torch.ones(300), target).item() == pytest.approx(0, abs=1e-9)
    assert moment_loss(phi, torch.full((300,), 7.0), target).item() == pytest.approx(0, abs=1e-9)
    other = _all_rows(features, random_table(layout, 10, seed=1))
    assert moment_loss(other, torch.ones(10), target).item() > 1e-3


def test_the_loss_of_a_small_example_by_hand() -> None:
    """Two binary columns: the table ties them, the made rows hold one row of each combination."""
    tied = torch.tensor([[1.0, 0, 1, 0], [0, 1, 0, 1]])
    made = torch.tensor([[1.0, 0, 1, 0], [1, 0, 0, 1], [0, 1, 1, 0], [0, 1, 0, 1]])
    owners = torch.tensor([0, 0, 1, 1])
    different = (owners[:, None] != owners).float()
    target = Moments(tied.mean(0), tied.T @ tied / 2, different, 2)
    # The first moments agree. Of the four pairs, two are 1/4 where they should be 1/2, two 1/4 where they should be 0.
    expected = (2 * 0.25**2 / (0.5 + 2 / 4) + 2 * 0.25**2 / (0 + 2 / 4)) / 2
    assert moment_loss(made, torch.ones(4), target).item() == pytest.approx(expected, rel=1e-6)
    # With all weight on the tied rows nothing differs, with all weight on the first the margins do, too.
    assert moment_loss(made, torch.tensor([1.0, 0, 0, 1]), target).item() == pytest.approx(0, abs=1e-12)
    first = 4 * 0.5**2 / (0.5 + 0.5)
    second = (1 - 0.5) ** 2 / (0.5 + 0.5) + 0.5**2 / (0.5 + 0.5)
    loss = moment_loss(made, torch.tensor([1.0, 0, 0, 0]), target).item()
    assert loss == pytest.approx((first + second) / 2, rel=1e-6)


def test_following_the_gradient_of_the_loss_reaches_the_moments(random_table: Tables) -> None:
    layout = Layout((ColumnSlots("a", (3,)), ColumnSlots("b", (2,))))
    table, features = random_table(layout, 400), Features(layout, 2)
    target = table_moments(table, layout, features)
    logits = torch.randn(64, layout.width, generator=torch.Generator().manual_seed(0)).requires_grad_()
    optimiser = torch.optim.Adam([logits], lr=0.1)
    losses = []
    for _ in range(150):
        loss = moment_loss(features.probabilities(logits), torch.ones(64), target)
        losses.append(loss.item())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert losses[-1] < 0.01 * losses[0]
