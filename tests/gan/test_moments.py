from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.stats import chi2
from sklearn.metrics import mutual_info_score

from tabgan.gan.features import Features
from tabgan.gan.moments import (
    Moments,
    MomentTarget,
    moment_loss,
    moment_target,
    mutual_information,
    table_moments,
)
from tabgan.gan.stages import StagePlan, one_stage
from tabgan.layout import ColumnSlots, EncodedTable, Layout

Tables = Callable[..., EncodedTable]
Plans = Callable[..., StagePlan]
KINDS = ["all kinds", "value first and last", "one code", "one value", "values alone", "one gated value"]
PAIR = Layout((ColumnSlots("a", (2,)), ColumnSlots("b", (2,))))
TOGETHER, A_FIRST = one_stage(PAIR), StagePlan(PAIR, ((0,), (1,)))
TIED = torch.tensor([[1.0, 0, 1, 0], [0, 1, 0, 1]])
CROSSED = torch.tensor([[1.0, 0, 1, 0], [1, 0, 0, 1], [0, 1, 1, 0], [0, 1, 0, 1]])
"""One row of each combination of two binary columns, where the tied ones have two."""


def _reference_features(layout: Layout, table: EncodedTable, hats: int) -> np.ndarray:
    """One-hot vectors and hats, by NumPy in double precision."""
    parts = [np.eye(size)[table.codes[:, code]] for code, size in enumerate(layout.cardinalities)]
    knots = np.linspace(-1, 1, hats)
    for value, (gate, live) in enumerate(zip(layout.value_gates, layout.value_live, strict=True)):
        hat = np.stack([np.interp(table.values[:, value], knots, unit) for unit in np.eye(hats)], 1)
        parts.append(hat if gate is None else hat * (table.codes[:, [gate]] < live))
    return np.concatenate(parts, 1)


def _information(layout: Layout, table: EncodedTable, hats: int = 10) -> np.ndarray:
    """Between the parts of the layout, in its order."""
    plan = one_stage(layout)
    features = Features(plan.staged, hats)
    found = mutual_information(table_moments(plan.arrange(table), features), features).numpy()
    assert np.allclose(found, found.T, rtol=0, atol=1e-9)
    assert (found >= 0).all()
    assert not np.diag(found).any()
    return found


def _target(rows: torch.Tensor, plan: StagePlan) -> MomentTarget:
    moments = Moments(rows.mean(0), rows.T @ rows / len(rows), len(rows))
    return moment_target(moments, Features(plan.staged, 2), plan)


@pytest.mark.parametrize("kind", KINDS)
def test_moments_are_those_of_the_one_hot_matrix(kind: str, layouts: dict[str, Layout], random_table: Tables) -> None:
    layout = layouts[kind]
    table = random_table(layout, 500)
    phi = _reference_features(layout, table, 6)
    moments = table_moments(table, Features(layout, 6))
    assert np.allclose(moments.first, phi.mean(0), atol=1e-6)
    assert np.allclose(moments.second, phi.T @ phi / 500, atol=1e-6)
    assert moments.n_rows == 500


def test_moments_of_a_table_that_is_longer_than_a_chunk(random_table: Tables) -> None:
    layout = Layout((ColumnSlots("a", (3,)), ColumnSlots("x", has_value=True)))
    table = random_table(layout, 2 * 16_384 + 17)
    phi = _reference_features(layout, table, 3)
    moments = table_moments(table, Features(layout, 3))
    assert np.allclose(moments.first, phi.mean(0), atol=1e-5)
    assert np.allclose(moments.second, phi.T @ phi / len(table), atol=1e-5)


@pytest.mark.filterwarnings("error")
def test_moments_of_read_only_and_reversed_views(shop: Layout, random_table: Tables) -> None:
    table, features = random_table(shop, 60), Features(shop, 4)
    table.codes.setflags(write=False)
    table.values.setflags(write=False)
    forward, backward = (table_moments(view, features) for view in (table, table[::-1]))
    assert torch.allclose(forward.second, backward.second, atol=1e-6)


def test_information_is_the_plug_in_estimate_less_its_bias(random_table: Tables) -> None:
    """Against scikit-learn; of d's six categories only four occur."""
    layout = Layout(tuple(ColumnSlots(name, (size,)) for name, size in (("a", 3), ("b", 4), ("c", 12), ("d", 6))))
    codes = random_table(layout, 3_000).codes
    codes[:, 1] = np.where(codes[:, 2] % 3 == 0, codes[:, 0], codes[:, 1])
    codes[:, 3] = (codes[:, 0] + codes[:, 1]) % 4
    found = _information(layout, EncodedTable(codes, np.zeros((3_000, 0), np.float32)))
    kinds = [len(set(column)) for column in codes.T]
    assert kinds[3] == 4
    for i in range(4):
        for j in range(i):
            bias = (kinds[i] - 1) * (kinds[j] - 1) / (2 * 3_000)
            expected = max(0, mutual_info_score(codes[:, i], codes[:, j]) - bias)
            assert found[i, j] == pytest.approx(expected, abs=1e-6)
    assert found[1, 0] > 0.05


@pytest.mark.parametrize("seed", range(5))
def test_independent_columns_tell_about_nothing(seed: int, shop: Layout, random_table: Tables) -> None:
    n = 5_000
    found = _information(shop, random_table(shop, n, seed))
    # Parts with a value count their hats, which overlap, so that their own information is smaller than chance's.
    sizes = [3, 10, 2 + 10, 5, 7]
    for i in range(5):
        for j in range(i):
            freedom = (sizes[i] - 1) * (sizes[j] - 1)
            assert found[i, j] <= (chi2.ppf(1 - 1e-5, freedom) - freedom) / (2 * n)


def test_numbers_tell_the_more_the_stronger_they_are_tied() -> None:
    random, n = np.random.default_rng(0), 20_000
    normal = random.normal(size=(n, 2))
    layout = Layout((ColumnSlots("x", has_value=True), ColumnSlots("y", has_value=True)))
    found = []
    for correlation in (0.0, 0.3, 0.6, 0.9):
        y = correlation * normal[:, 0] + np.sqrt(1 - correlation**2) * normal[:, 1]
        ranks = np.stack([normal[:, 0], y], 1).argsort(0).argsort(0)
        table = EncodedTable(np.zeros((n, 0), np.uint8), (2 * (ranks + 0.5) / n - 1).astype(np.float32))
        found.append(_information(layout, table)[0, 1])
    known = -0.5 * np.log(1 - np.array([0.0, 0.3, 0.6, 0.9]) ** 2)
    assert found[0] < 0.002
    # Hats see a blurred picture, never a sharper one.
    assert all(0.6 * true <= estimate <= true for true, estimate in zip(known[1:], found[1:], strict=True))


def test_a_number_tells_of_its_sign_and_whether_it_is_there() -> None:
    random, n = np.random.default_rng(0), 10_000
    missing = random.random(n) < 0.3
    x = np.where(missing, 0, random.uniform(-1, 1, n)).astype(np.float32)
    codes = np.stack([missing, missing, x > 0], 1).astype(np.uint8)
    layout = Layout(
        (ColumnSlots("x", (2,), has_value=True, live=1), ColumnSlots("gone", (2,)), ColumnSlots("sign", (2,)))
    )
    found = _information(layout, EncodedTable(codes, x[:, None]))
    share = missing.mean()
    assert found[0, 1] == pytest.approx(-share * np.log(share) - (1 - share) * np.log(1 - share), abs=0.001)
    # Of those present, the sign is a fair coin but for the hat around zero; that it is there is known of both.
    of_sign = mutual_info_score(codes[:, 2], np.where(missing, 2, x > 0))
    assert 0.7 * of_sign < found[0, 2] < of_sign


@pytest.mark.parametrize("nullable", [False, True])
def test_a_column_of_modes_tells_by_its_modes(nullable: bool, random_table: Tables) -> None:
    size = 3 + nullable
    layout = Layout((ColumnSlots("x", (size,), has_value=True, live=3), ColumnSlots("a", (size,))))
    table = random_table(layout, 2_000)
    table.codes[:, 1] = table.codes[:, 0]
    expected = mutual_info_score(table.codes[:, 0], table.codes[:, 0]) - (size - 1) ** 2 / (2 * 2_000)
    assert _information(layout, table)[0, 1] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("n", [1, 2])
def test_tiny_tables_tell_about_nothing(n: int, shop: Layout, random_table: Tables) -> None:
    found = _information(shop, random_table(shop, n))
    assert np.isfinite(found).all()
    assert n > 1 or not found.any()


def test_pairs_are_earlier_or_together_and_those_of_one_part_neither(shop: Layout, random_table: Tables) -> None:
    plan = StagePlan(shop, ((3, 1), (4, 0), (2,)))
    features = Features(plan.staged, 2)
    target = moment_target(table_moments(plan.arrange(random_table(shop, 10)), features), features, plan)
    # The units of product[0], product[1], city and score, then the hats of price and of score.
    parts = np.array([3] * 5 + [4] * 7 + [0] * 3 + [2] * 4 + [1] * 2 + [2] * 2)
    stages = np.array([{3: 0, 1: 0, 4: 1, 0: 1, 2: 2}[part] for part in parts])
    assert np.array_equal(target.earlier, stages[:, None] < stages[None, :])
    same_stage, same_part = stages[:, None] == stages[None, :], parts[:, None] == parts[None, :]
    assert np.array_equal(target.together, same_stage & ~same_part)
    assert target.n_parts == 5


def test_a_target_moves_as_a_whole() -> None:
    target = _target(TIED, TOGETHER).to(torch.device("meta"))
    assert all(getattr(target, name).is_meta for name in ("first", "second", "earlier", "together"))
    assert target.n_parts == 2


@pytest.mark.parametrize("stages", [1, 2, 5])
@pytest.mark.parametrize("kind", KINDS)
def test_the_loss_of_the_table_itself_is_zero(
    kind: str, stages: int, layouts: dict[str, Layout], random_table: Tables, mixed_plan: Plans
) -> None:
    layout = layouts[kind]
    plan = mixed_plan(layout, stages)
    table, features = plan.arrange(random_table(layout, 300)), Features(plan.staged, 5)
    target = moment_target(table_moments(table, features), features, plan)
    phi = features(features.rows_of(table))
    assert moment_loss(phi, phi, torch.ones(300), target).item() == pytest.approx(0, abs=1e-9)
    assert moment_loss(phi, phi, torch.full((300,), 7.0), target).item() == pytest.approx(0, abs=1e-9)
    other = features(features.rows_of(plan.arrange(random_table(layout, 10, seed=1))))
    assert moment_loss(other, other, torch.ones(10), target).item() > 1e-3


@pytest.mark.parametrize("plan", [TOGETHER, A_FIRST], ids=["together", "a first"])
def test_the_loss_of_a_small_example_by_hand(plan: StagePlan) -> None:
    target = _target(TIED, plan)
    # The first moments agree. Of the four pairs, two are 1/4 where they should be 1/2, two 1/4 where they should be 0.
    expected = (2 * 0.25**2 / (0.5 + 2 / 4) + 2 * 0.25**2 / (0 + 2 / 4)) / 2
    assert moment_loss(CROSSED, CROSSED, torch.ones(4), target).item() == pytest.approx(expected, rel=1e-6)
    # With all weight on the tied rows nothing differs, with all weight on the first the margins do, too.
    tied = torch.tensor([1.0, 0, 0, 1])
    assert moment_loss(CROSSED, CROSSED, tied, target).item() == pytest.approx(0, abs=1e-12)
    first = 4 * 0.5**2 / (0.5 + 0.5)
    second = (1 - 0.5) ** 2 / (0.5 + 0.5) + 0.5**2 / (0.5 + 0.5)
    loss = moment_loss(CROSSED, CROSSED, torch.tensor([1.0, 0, 0, 0]), target).item()
    assert loss == pytest.approx((first + second) / 2, rel=1e-6)


def test_the_earlier_part_of_a_pair_is_taken_as_drawn_and_the_later_as_likely() -> None:
    """Drawn rows are tied; what they were drawn from is even odds, but for b given a if a comes first."""
    even = torch.full((2, 4), 0.5)
    a_even = torch.cat([even[:, :2], TIED[:, 2:]], 1)
    apart = _target(TIED, A_FIRST)
    assert moment_loss(TIED, a_even, torch.ones(2), apart).item() == pytest.approx(0, abs=1e-12)
    pairs = (2 * 0.25**2 / (0.5 + 2 / 2) + 2 * 0.25**2 / (0 + 2 / 2)) / 2
    assert moment_loss(TIED, even, torch.ones(2), apart).item() == pytest.approx(pairs, rel=1e-6)
    # Of parts made together both are taken as likely, whatever was drawn.
    together = _target(TIED, TOGETHER)
    for likely in (even, a_even):
        assert moment_loss(TIED, likely, torch.ones(2), together).item() == pytest.approx(pairs, rel=1e-6)


def test_a_number_and_a_category_by_hand() -> None:
    """x has two hats; made rows lack the tie of x and a, and a's margin is off."""
    layout = Layout((ColumnSlots("x", has_value=True), ColumnSlots("a", (2,))))
    real, made = (torch.tensor(rows) for rows in ([[1.0, 0, 1, 0], [0, 1, 0, 1]], [[1.0, 0, 1, 0], [1, 0, 0, 1]]))
    moments = Moments(real.mean(0), real.T @ real / 2, 2)
    target = moment_target(moments, Features(layout, 2), StagePlan(layout, ((0,), (1,))))
    # Units of a come first: the margin of a is (1, 0) for (1/2, 1/2), that of x is right.
    first = 2 * 0.5**2 / (0.5 + 2 / 2)
    # a with the hats: (1/2, 1/2 | 0, 0) for (1/2, 0 | 0, 1/2).
    second = 0.5**2 / (0 + 1) + 0.5**2 / (0.5 + 1)
    loss = moment_loss(made, made, torch.ones(2), target).item()
    assert loss == pytest.approx((first + second) / 2, rel=1e-6)


@pytest.mark.parametrize("plan", [TOGETHER, A_FIRST], ids=["together", "a first"])
def test_following_the_gradient_of_the_loss_reaches_the_moments(plan: StagePlan) -> None:
    features, target = Features(PAIR, 2), _target(TIED, plan)
    logits = torch.randn(64, 4, generator=torch.Generator().manual_seed(0)).requires_grad_()
    optimiser = torch.optim.Adam([logits], lr=0.1)
    losses = []
    for _ in range(150):
        soft = features.probabilities(logits)
        hard = features.expand(features.codes((soft > 0.5).float()), soft[:, :0]).onehots
        loss = moment_loss(hard, soft, torch.ones(64), target)
        losses.append(loss.item())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert losses[-1] < 0.01 * losses[0]
