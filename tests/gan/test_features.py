from collections.abc import Callable

import numpy as np
import pytest
import scipy.stats
import torch

from tabgan.gan.features import Features, Items, add_rows, summed_by_row
from tabgan.gan.stages import StagePlan
from tabgan.layout import ColumnSlots, EncodedTable, Layout

Tables = Callable[..., EncodedTable]
Plans = Callable[..., StagePlan]
KINDS = [
    "all kinds",
    "number first and last",
    "one code",
    "one number",
    "windows alone",
    "codes without windows",
    "cardinality one alone",
    "wide code",
]


def _features(plan: StagePlan, table: EncodedTable) -> tuple[Features, torch.Tensor]:
    features = Features(plan)
    features.set_scores(plan, table)
    return features, torch.from_numpy(plan.arrange(table.codes).astype(np.int64))


@pytest.mark.parametrize("kind", KINDS)
def test_real_rows_become_one_hot(
    kind: str, layouts: dict[str, Layout], random_table: Tables, mixed_plan: Plans
) -> None:
    layout = layouts[kind]
    plan, table = mixed_plan(layout), random_table(layout, 50)
    features, codes = _features(plan, table)
    onehots, whole = features.of_codes(codes)
    assert whole.shape == (50, plan.n_features)
    assert torch.equal(features(codes), whole)
    for part, onehot in zip(plan.parts, onehots, strict=True):
        expected = np.eye(part.size, dtype=np.float32)[table.codes[:, part.code]]
        assert np.array_equal(onehot.numpy(), expected)
        block = whole[:, part.features]
        assert np.array_equal(block[:, : part.size].numpy(), expected)
        assert block.shape[1] == part.size + part.scored


def test_the_score_is_half_the_normal_quantile_of_the_middle_rank() -> None:
    """Of the codes 0, 0, 1, 2 and a missing 3 of one code: the middle ranks are 1/4, 5/8 and 7/8."""
    layout = Layout((ColumnSlots("a", (4,), ordered=3),))
    table = EncodedTable(np.array([[2], [0], [3], [1], [0]], np.uint8), np.zeros((5, 0), np.float32))
    features, _ = _features(StagePlan(layout, ((0,),)), table)
    seen = features(torch.arange(4)[:, None])
    assert seen[:3, 4].tolist() == pytest.approx(scipy.stats.norm.ppf([1 / 4, 5 / 8, 7 / 8]) / 2, abs=1e-6)
    assert seen[3].tolist() == [0, 0, 0, 1, 0]


def test_the_rank_of_a_number_of_two_codes_is_that_of_its_spelling() -> None:
    """Cells 00, 00, 01, 10, 11, 11 and a missing 20, which has no rank."""
    windows = (((0, 2), (0, 2), (0, 1)),)
    layout = Layout((ColumnSlots("x", (3, 2), has_value=True, ordered=2, windows=windows),))
    codes = np.array([[2, 0], [1, 1], [0, 0], [0, 1], [1, 1], [0, 0], [1, 0]], np.uint8)
    table = EncodedTable(codes, np.zeros((7, 1), np.float32))
    features, _ = _features(StagePlan(layout, ((0,), (1,))), table)
    seen = features(torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1], [2, 0]]))[:, 5]
    middle = np.array([1, 2.5, 3.5, 5]) / 6
    assert seen[:4].tolist() == pytest.approx(scipy.stats.norm.ppf(middle) / 2, abs=1e-6)
    assert seen[4] == 0


@pytest.mark.parametrize("kind", ["all kinds", "number first and last", "one number"])
def test_scores_ascend_with_the_number(
    kind: str, layouts: dict[str, Layout], random_table: Tables, mixed_plan: Plans
) -> None:
    layout = layouts[kind]
    plan, table = mixed_plan(layout), random_table(layout, 1_000)
    features, codes = _features(plan, table)
    seen, checked = features(codes), 0
    for part in plan.parts:
        if not part.scored:
            continue
        own = table.codes[:, layout.code_slices[part.column]].astype(int)
        number = own[:, 0] < layout.columns[part.column].ordered
        spelling = own[:, 0] * 1_000 + (own[:, 1] if own.shape[1] > 1 else 0)
        scores = seen[:, part.features.stop - 1].numpy()
        assert (scores[~number] == 0).all()
        order = np.argsort(spelling[number])
        assert (np.diff(scores[number][order]) >= 0).all()
        assert len(set(scores[number])) == len(set(spelling[number]))
        # Ranks are spread evenly, so their normal quantiles have mean zero, or nearly so where cells are few.
        assert abs(np.mean(scipy.stats.norm.cdf(2 * scores[number])) - 0.5) < 1e-5
        checked += 1
    assert checked


def test_cells_that_never_occur_have_finite_scores_within_the_range_of_the_others() -> None:
    layout = Layout((ColumnSlots("a", (5,), ordered=5),))
    table = EncodedTable(np.full((3, 1), 2, np.uint8), np.zeros((3, 0), np.float32))
    features, _ = _features(StagePlan(layout, ((0,),)), table)
    scores = features(torch.arange(5)[:, None])[:, 5]
    ends = scipy.stats.norm.ppf([1 / 12, 1 / 12, 0.5, 11 / 12, 11 / 12]) / 2
    assert scores.tolist() == pytest.approx(ends, abs=1e-6)


def test_a_column_of_missing_cells_alone_scores_zero() -> None:
    layout = Layout((ColumnSlots("a", (3,), ordered=2),))
    table = EncodedTable(np.full((4, 1), 2, np.uint8), np.zeros((4, 0), np.float32))
    features, codes = _features(StagePlan(layout, ((0,),)), table)
    assert torch.isfinite(features(torch.arange(3)[:, None])).all()
    assert (features(codes)[:, 3] == 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_blocks_one_by_one_are_the_whole(
    kind: str, layouts: dict[str, Layout], random_table: Tables, mixed_plan: Plans
) -> None:
    layout = layouts[kind]
    plan = mixed_plan(layout, 1)
    features, codes = _features(plan, random_table(layout, 30))
    onehots, whole = features.of_codes(codes)
    for place, part in enumerate(plan.parts):
        assert torch.equal(features.block(place, onehots[: place + 1]), whole[:, part.features])


def test_a_gradient_flows_through_one_hot_vectors_into_the_score(planted_layout: Layout) -> None:
    """The gradient of a score with respect to a unit is the score that the unit stands for."""
    plan = StagePlan(planted_layout, ((0,), (1,), (2,), (3,)))
    table = EncodedTable(np.random.default_rng(0).integers(0, 3, (99, 4)).astype(np.uint8), np.zeros((99, 1), "f4"))
    features, _ = _features(plan, table)
    onehots, _ = features.of_codes(torch.tensor([[0, 1, 2, 0]]))
    onehots[2].requires_grad_()
    (gradient,) = torch.autograd.grad(features.block(2, onehots)[0, -1], onehots[2])
    scores = [features(torch.tensor([[0, 1, fine, 0]]))[0, plan.parts[2].features.stop - 1] for fine in range(4)]
    assert torch.allclose(gradient[0], torch.stack(scores))


def test_only_given_codes_are_seen(shop: Layout, random_table: Tables, mixed_plan: Plans) -> None:
    plan = mixed_plan(shop)
    features, codes = _features(plan, random_table(shop, 60))
    given = torch.rand(codes.shape, generator=torch.Generator().manual_seed(0)) < 0.5
    for place, part in enumerate(plan.parts):  # a code is given with those before it of its column
        if part.previous is not None:
            given[:, place] &= given[:, part.previous]
    littered = torch.where(given, codes, -7)
    seen, whole = features.of_given(littered, given), features(codes)
    for place, part in enumerate(plan.parts):
        expected = whole[:, part.features] * given[:, place, None]
        assert torch.equal(seen[:, part.features], expected)


def test_windows_bar_what_may_not_follow(shop: Layout, random_table: Tables, mixed_plan: Plans) -> None:
    plan, table = mixed_plan(shop), random_table(shop, 200)
    features, codes = _features(plan, table)
    onehots, _ = features.of_codes(codes)
    windowed = 0
    for place, part in enumerate(plan.parts):
        logits = torch.randn(len(codes), part.size, generator=torch.Generator().manual_seed(place))
        bounded = features.within_window(place, logits, onehots)
        if part.window is None:
            assert torch.equal(bounded, logits)
            continue
        windowed += 1
        for row, before in enumerate(table.codes[:, part.code - 1]):
            low, high = part.window[before]
            assert torch.equal(bounded[row, low:high], logits[row, low:high])
            assert (bounded[row, :low] == -torch.inf).all()
            assert (bounded[row, high:] == -torch.inf).all()
    assert windowed == 3


def test_the_state_holds_scores_alone(shop: Layout, mixed_plan: Plans) -> None:
    """Windows stand in the layout already, and rows in no state."""
    plan = mixed_plan(shop)
    names = {f"scores_{place}" for place, part in enumerate(plan.parts) if part.scored}
    assert set(Features(plan).state_dict()) == names


@pytest.mark.parametrize("kind", KINDS)
def test_items_are_the_features_that_are_not_zero(
    kind: str, layouts: dict[str, Layout], random_table: Tables, mixed_plan: Plans
) -> None:
    plan = mixed_plan(layouts[kind])
    features, codes = _features(plan, random_table(layouts[kind], 40))
    items, (_, whole) = features.items(codes), features.of_codes(codes)
    torch.testing.assert_close(items.dense(plan.n_features), whole)
    table = torch.randn(plan.n_features, 5, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(items.through(table), whole @ table, atol=1e-5, rtol=1e-5)
    given = torch.rand(codes.shape, generator=torch.Generator().manual_seed(1)) < 0.5
    only = items.only(given[:, features.owners]).dense(plan.n_features)
    assert torch.equal(only, whole * given.float().repeat_interleave(features.sizes, 1))


@pytest.mark.parametrize("width", [20, 500])
def test_gradients_go_back_through_items_as_through_features(width: int) -> None:
    """As a product where features are few, else item by item."""
    random = torch.Generator().manual_seed(0)
    items = Items(torch.rand(50, width, generator=random).argsort(1)[:, :3], torch.randn(50, 3, generator=random))
    gradient = torch.randn(50, 4, generator=random)
    torch.testing.assert_close(items.back(gradient, width), items.dense(width).T @ gradient, atol=1e-5, rtol=1e-5)


def test_sums_by_row_are_those_of_additions_one_by_one() -> None:
    """On a GPU they are made in one go, so that they come out the same in every run."""
    random = torch.Generator().manual_seed(0)
    rows, added = torch.randint(5, (200,), generator=random), torch.randn(200, 3, generator=random)
    table = torch.randn(7, 3, generator=random)
    expected = table + torch.stack([added[rows == row].sum(0) for row in range(7)])
    assert torch.allclose(table + summed_by_row(rows, added, 7), expected, atol=1e-5)
    add_rows(table, rows, added)
    assert torch.allclose(table, expected, atol=1e-5)
