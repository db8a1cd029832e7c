from collections.abc import Callable

import pytest
import torch

from tabgan.gan.config import TrainingConfig
from tabgan.gan.sight import Sight, columns_at, noise_at
from tabgan.gan.stages import StagePlan
from tabgan.layout import EncodedTable, Layout

from .kinds import KINDS

CPU = torch.device("cpu")
Plans = Callable[..., StagePlan]


def _sight(plan: StagePlan, seed: int = 0, **settings: object) -> Sight:
    random = torch.Generator().manual_seed(seed)
    return Sight(plan, TrainingConfig.from_mapping(settings).resolved(), random=random, device=CPU)


def _rows(plan: StagePlan, n: int = 60) -> torch.Tensor:
    return torch.ones(n, plan.n_features + len(plan.parts))


def test_noise_falls_on_a_line_to_nothing() -> None:
    assert [noise_at(share, 0.8, 0.4) for share in (0.0, 0.1, 0.3, 0.4, 0.9)] == pytest.approx([0.8, 0.6, 0.2, 0, 0])


def test_a_curriculum_goes_from_one_column_to_two_to_all() -> None:
    assert [columns_at(share, 0.3) for share in (0.0, 0.09, 0.1, 0.29, 0.3, 1.0)] == [1, 1, 2, 2, None, None]
    assert columns_at(0.0, 0.0) is None


def test_without_a_remedy_rows_are_shown_as_they_are(mixed_plan: Plans, shop: Layout) -> None:
    rows = _rows(mixed_plan(shop))
    (shown,) = _sight(mixed_plan(shop)).show(0.0, rows)
    assert shown is rows


def test_noise_is_on_features_and_never_on_the_marks_of_given_cells(mixed_plan: Plans, shop: Layout) -> None:
    plan = mixed_plan(shop)
    rows = _rows(plan, 2_000)
    sight = _sight(plan, instance_noise=0.4, instance_noise_share=0.5)
    for share, noise in ((0.0, 0.4), (0.25, 0.2)):
        one, other = sight.show(share, rows, rows)
        assert (one - rows)[:, : plan.n_features].std().item() == pytest.approx(noise, rel=0.03)
        assert not torch.equal(one, other)
        assert torch.equal(one[:, plan.n_features :], rows[:, plan.n_features :])
    assert torch.equal(sight.show(0.5, rows)[0], rows)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("share", "few"), [(0.0, 1), (0.5, 2)])
def test_a_curriculum_hides_all_but_a_few_whole_columns(
    kind: str, share: float, few: int, mixed_plan: Plans, layouts: dict[str, Layout]
) -> None:
    plan = mixed_plan(layouts[kind])
    shown, beside = _sight(plan, curriculum=1.0).show(share, _rows(plan), 3 * _rows(plan))
    assert torch.equal(beside, 3 * shown)
    seen: set[int] = set()
    for row in shown:
        columns = {part.column for place, part in enumerate(plan.parts) if row[plan.n_features + place]}
        assert len(columns) == min(few, len(plan.layout.columns))
        for part in plan.parts:
            assert (row[part.features] == (part.column in columns)).all()
        seen |= columns
    assert seen == set(range(len(plan.layout.columns)))


@pytest.mark.parametrize("group", [{"pac": 4}, {"minibatch_std": 4}])
def test_rows_that_are_judged_together_show_the_same_columns(
    group: dict[str, int], mixed_plan: Plans, shop: Layout
) -> None:
    (shown,) = _sight(mixed_plan(shop), curriculum=1.0, **group).show(0.0, _rows(mixed_plan(shop), 40))
    groups = shown.reshape(10, 4, -1)
    assert torch.equal(groups, groups[:, :1].expand_as(groups))
    assert len(groups[:, 0].unique(dim=0)) > 1


def test_the_same_stream_shows_the_same_and_rows_stay_as_they_are(mixed_plan: Plans, shop: Layout) -> None:
    plan = mixed_plan(shop)
    rows = _rows(plan)
    one, same, other = (_sight(plan, seed, curriculum=1.0, instance_noise=0.1).show(0.1, rows)[0] for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert torch.equal(rows, _rows(plan))


def test_a_table_has_rows_of_which_no_cell_is_all_zero(
    mixed_plan: Plans,
    shop: Layout,
    random_table: Callable[..., EncodedTable],
    untrained: Callable[..., torch.nn.Module],
) -> None:
    """So a critic knows what it is not shown."""
    plan = mixed_plan(shop)
    generator = untrained(shop, TrainingConfig(), plan=plan)
    features = generator.features(torch.from_numpy(plan.arrange(random_table(shop, 50).codes).astype("int64")))
    assert all((features[:, part.features].abs().sum(1) > 0).all() for part in plan.parts)
