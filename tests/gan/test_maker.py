"""Drawing without a gradient: by inversion, and from what was computed beforehand."""

import math
import threading
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tabgan.gan import maker as module
from tabgan.gan.conditions import Condition
from tabgan.gan.config import TrainingConfig
from tabgan.gan.generator import Generator
from tabgan.gan.maker import PORTION, Maker, drawn_from
from tabgan.gan.stages import StagePlan
from tabgan.layout import ColumnSlots, Layout

Untrained = Callable[..., Generator]
Configs = Callable[..., TrainingConfig]


def uniform(n: int, k: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(n, k, generator=torch.Generator().manual_seed(seed))


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([-math.inf, -70.0, -18.0, 0.0, 1.5, 40.0]), min_size=1, max_size=200),
    st.sampled_from([-1e4, 0.0, 1e4]),
    st.sampled_from([0.0, 1e-12, 1e-7, 0.25, 0.5, 1 - 1e-7, 1.0]),
)
def test_a_category_of_probability_zero_is_never_drawn(logits: list[float], level: float, aim: float) -> None:
    row = torch.tensor([[*logits, 0.0]]) + level
    before = row.clone()
    code = int(drawn_from(row, torch.tensor([aim])))
    assert row[0, code] > -math.inf
    assert row[0, code] > row.max() - 50
    assert torch.equal(row, before)


def test_categories_are_drawn_with_their_probabilities() -> None:
    logits = torch.tensor([0.0, 0.2, 0.0, 0.5, 0.3, 0.0]).log().expand(1_000, -1)
    drawn = drawn_from(logits, (torch.arange(1_000) + 0.5) / 1_000)
    assert torch.bincount(drawn, minlength=6).tolist() == [0, 200, 0, 500, 300, 0]
    assert (drawn.diff() >= 0).all()


def test_networks_that_have_diverged_draw_some_category() -> None:
    drawn = drawn_from(torch.tensor([[math.nan, 0.0], [math.inf, 0.0], [-math.inf, -math.inf]]), torch.full((3,), 0.5))
    assert ((drawn >= 0) & (drawn < 2)).all()


@pytest.mark.parametrize(
    "kind",
    [
        "all kinds",
        "number first and last",
        "one code",
        "one number",
        "one code with a value",
        "windows alone",
        "codes without windows",
        "cardinality one",
        "cardinality one alone",
        "wide code",
    ],
)
@pytest.mark.parametrize("most", [1, 7, 4_096])
def test_what_was_computed_beforehand_gives_the_same_rows(
    kind: str,
    most: int,
    layouts: dict[str, Layout],
    small: Configs,
    untrained: Untrained,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_BEGINNINGS", most)
    generator = untrained(layouts[kind], small(), noise=0.4)
    noise = uniform(3_000, layouts[kind].n_codes)
    plain, quick = Maker(generator).draw(noise), Maker(generator, beginnings=True).draw(noise)
    assert (plain == quick).all(1).float().mean() > 0.999  # products of other sizes round otherwise
    assert torch.equal(quick, Maker(generator, beginnings=True).draw(noise))


def test_stages_of_several_parts_begin_rows_too(shop: Layout, small: Configs, untrained: Untrained) -> None:
    plan = StagePlan(shop, ((0, 1, 3), (2, 4, 6), (5,)))
    generator = untrained(shop, small(), plan=plan, noise=0.4)
    noise = uniform(3_000, 7)
    same = Maker(generator).draw(noise) == Maker(generator, beginnings=True).draw(noise)
    assert same.all(1).float().mean() > 0.999


def test_a_table_for_all_beginnings_is_not_made_for_wide_columns(small: Configs, untrained: Untrained) -> None:
    layout = Layout((ColumnSlots("a", (4_000,)), ColumnSlots("b", (4_000,)), ColumnSlots("c", (2,))))
    generator = untrained(layout, small(), noise=0.1, plan=StagePlan(layout, ((0,), (1,), (2,))))
    own = Maker(generator, beginnings=True)._beginnings
    assert own is not None
    assert [table.shape for tables in own._ends for table in tables] == [(1, 4_000)]
    drawn = Maker(generator, beginnings=True).draw(uniform(500, 3))
    assert torch.equal(drawn, Maker(generator).draw(uniform(500, 3)))


@pytest.mark.parametrize("beginnings", [False, True])
def test_rows_do_not_hang_on_those_made_before_them(
    beginnings: bool, shop: Layout, small: Configs, untrained: Untrained
) -> None:
    generator = untrained(shop, small(), noise=0.4)
    maker = Maker(generator, beginnings=beginnings)
    first, second = uniform(PORTION + 3, 7, 1), uniform(PORTION + 3, 7, 2)
    one = maker.draw(first)
    kept = one.clone()
    maker.draw(second)
    given = Condition(torch.zeros_like(second, dtype=torch.bool), torch.zeros_like(second, dtype=torch.int64))
    given.given[:, 6] = True
    maker.draw(second, given)
    assert torch.equal(one, kept)
    assert torch.equal(maker.draw(first), kept)


def test_threads_do_not_disturb_each_other(shop: Layout, small: Configs, untrained: Untrained) -> None:
    maker = Maker(untrained(shop, small(), noise=0.4), beginnings=True)
    noise = [uniform(2 * PORTION, 7, seed) for seed in range(4)]
    expected = [maker.draw(own) for own in noise]
    wrong: list[int] = []

    def draw(seed: int) -> None:
        wrong.extend(seed for _ in range(5) if not torch.equal(maker.draw(noise[seed]), expected[seed]))

    threads = [threading.Thread(target=draw, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_no_rows_are_none(shop: Layout, small: Configs, untrained: Untrained) -> None:
    assert Maker(untrained(shop, small())).draw(torch.rand(0, 7)).shape == (0, 7)


@pytest.mark.parametrize("kind", ["all kinds", "wide code"])
def test_going_through_all_places_draws_the_rows_that_only_the_given_ones_do(
    kind: str,
    layouts: dict[str, Layout],
    small: Callable[..., TrainingConfig],
    untrained: Callable[..., Generator],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As off the CPU, where nobody asks which they are."""
    generator, n = untrained(layouts[kind], small(), noise=0.4), 3_000
    k, random = len(generator.plan.parts), torch.Generator().manual_seed(3)
    noise, codes = (torch.rand(n, k, generator=random) for _ in range(2))
    given = torch.zeros(n, k, dtype=torch.bool)
    given[: n // 2, -1] = True
    condition = Condition(given, (codes * 0).long())
    asked = generator.draw(noise, condition)
    monkeypatch.setattr("tabgan.gan.making._places_given", lambda given: range(given.shape[1]))
    assert (generator.draw(noise, condition) == asked).all(1).float().mean() > 0.999
