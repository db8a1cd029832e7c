import math
from collections.abc import Callable

import numpy as np
import pytest
import scipy.stats
import torch

from tabgan.gan.conditions import Condition, given_codes
from tabgan.gan.config import TrainingConfig
from tabgan.gan.generator import MAX_DIRECT, Generator
from tabgan.gan.stages import StagePlan
from tabgan.layout import ColumnSlots, EncodedTable, Layout

from .kinds import KINDS

Tables = Callable[..., EncodedTable]
Configs = Callable[..., TrainingConfig]
Plans = Callable[..., StagePlan]
Untrained = Callable[..., Generator]
Rows = Callable[[Layout], np.ndarray]
# By the index of the column; the columns of the shop are city, price (2 codes), product (3 codes) and rating.
DEPTHS = [[0, 0, 0, 1], [0, 1, 0, 0], [1, 2, 0, 0], [0, 0, 2, 1], [0, 0, 3, 0], [1, 2, 3, 1], [0, 0, 0, 0]]


def _uniform(n: int, k: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(n, k, generator=torch.Generator().manual_seed(seed))


def _codes(generator: Generator, rows: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(generator.plan.arrange(rows).astype(np.int64))


def _condition(generator: Generator, depths: list[int], cells: np.ndarray) -> Condition:
    """The cells (n, k) given so deep."""
    mask = torch.from_numpy(given_codes(generator.plan, np.array(depths)))
    return Condition(mask.expand(len(cells), -1), _codes(generator, cells))


def _with(layout: Layout, rows: np.ndarray, depths: list[int], like: np.ndarray) -> np.ndarray:
    """Which rows have the cells of `like` so deep."""
    own = np.concatenate([np.arange(c.start, c.start + d) for c, d in zip(layout.code_slices, depths, strict=True)])
    return (rows[:, own.astype(int)] == like[own.astype(int)]).all(1)


@pytest.mark.parametrize("noise", [0.0, 0.3, 2.0])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "wide code"])
def test_the_probabilities_of_all_rows_add_up_to_one(
    kind: str, noise: float, layouts: dict[str, Layout], small: Configs, untrained: Untrained, every_row: Rows
) -> None:
    layout = layouts[kind]
    generator = untrained(layout, small(), noise=noise)
    surprise = generator.surprise(_codes(generator, every_row(layout)))
    assert surprise.shape == (len(every_row(layout)),)
    assert surprise.detach().double().neg().exp().sum().item() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("depths", DEPTHS)
def test_given_some_cells_the_probabilities_of_the_others_add_up_to_one(
    depths: list[int], seed: int, shop: Layout, small: Configs, untrained: Untrained, every_row: Rows
) -> None:
    generator, rows = untrained(shop, small(), noise=0.3, seed=seed), every_row(shop)
    like = rows[len(rows) * 2 // 3]
    some = rows[_with(shop, rows, depths, like)]
    surprise = generator.surprise(_codes(generator, some), _condition(generator, depths, some))
    assert surprise.detach().double().neg().exp().sum().item() == pytest.approx(1, abs=1e-4)
    if sum(depths) == 7:
        assert surprise.tolist() == [0]


def test_a_row_outside_of_the_windows_has_no_probability(shop: Layout, small: Configs, untrained: Untrained) -> None:
    generator = untrained(shop, small(), noise=0.3)
    rows = np.array([[0, 1, 2, 0, 0, 0, 0], [0, 3, 1, 0, 0, 0, 0], [0, 0, 0, 0, 2, 0, 0], [0, 0, 0, 1, 1, 0, 0]])
    assert generator.surprise(_codes(generator, rows)).detach().neg().exp().tolist() == [0] * 4


def test_codes_can_be_chosen_as_rows_are_made(
    shop: Layout, random_table: Tables, small: Configs, untrained: Untrained
) -> None:
    """Each in its turn, from the logits that say how surprising it is; given ones are not to be chosen."""
    generator, rows = untrained(shop, small(), noise=0.3), random_table(shop, 50).codes
    codes, condition = _codes(generator, rows), _condition(generator, [0, 0, 0, 1], rows)
    asked, surprises = [], []

    def choose(place: int, logits: torch.Tensor) -> torch.Tensor:
        asked.append(place)
        own = torch.nn.functional.cross_entropy(logits, codes[:, place], reduction="none")
        surprises.append(own.masked_fill(condition.given[:, place], 0))
        return torch.where(condition.given[:, place], 0, codes[:, place])

    assert torch.equal(generator.make(50, choose, condition), codes)
    assert asked == list(range(7))
    assert torch.allclose(torch.stack(surprises).sum(0), generator.surprise(codes, condition).detach(), atol=1e-4)


@pytest.mark.parametrize("depths", [None, [0, 0, 0, 1], [0, 1, 0, 0], [1, 0, 2, 0]])
def test_rows_are_drawn_as_often_as_their_surprise_says(
    depths: list[int] | None, shop: Layout, small: Configs, untrained: Untrained, every_row: Rows
) -> None:
    generator, rows, n = untrained(shop, small(), noise=0.3), every_row(shop), 100_000
    like = rows[len(rows) * 2 // 3]
    possible, given_drawn, given_known = rows, None, None
    if depths is not None:
        possible = rows[_with(shop, rows, depths, like)]
        given_drawn = _condition(generator, depths, like[None].repeat(n, axis=0))
        given_known = _condition(generator, depths, possible)
    drawn = generator.plan.restore(generator.draw(_uniform(n, 7), given_drawn).numpy())
    surprise = generator.surprise(_codes(generator, possible), given_known).detach().double()
    place = {tuple(row): i for i, row in enumerate(possible.tolist())}
    observed = np.bincount([place[tuple(row)] for row in drawn.tolist()], minlength=len(possible))
    expected = n * surprise.neg().exp().numpy() / surprise.neg().exp().sum().item()
    often = expected >= 5
    assert often.sum() > 10
    observed, expected = (np.append(counts[often], counts[~often].sum()) for counts in (observed, expected))
    kept = expected > 0
    assert scipy.stats.chisquare(observed[kept], expected[kept]).pvalue > 1e-4


def test_training_starts_with_the_frequencies_of_the_table(
    layouts: dict[str, Layout], random_table: Tables, small: Configs, untrained: Untrained
) -> None:
    for kind in ("all kinds", "number first and last", "codes without windows", "wide code"):
        layout = layouts[kind]
        table = random_table(layout, 2_000)
        config = small(generator_width=128, stage_width=64)
        generator = untrained(layout, config, table=table)
        drawn = generator.plan.restore(generator.draw(_uniform(8_192, layout.n_codes)).numpy())
        for slots, codes in zip(layout.columns, layout.code_slices, strict=True):
            size = slots.cardinalities[0]
            real, made = (
                np.bincount(rows[:, codes.start], minlength=size) / len(rows) for rows in (table.codes, drawn)
            )
            assert np.abs(real - made).sum() / 2 < 0.15


def test_training_starts_with_cells_that_are_independent_but_for_a_little(
    planted_layout: Layout, planted_table: EncodedTable, small: Configs, untrained: Untrained
) -> None:
    """And not at all so once the random part of the last layers is taken out."""
    plan = StagePlan(planted_layout, ((0,), (3,), (1,), (2,)))
    generator = untrained(planted_layout, small(generator_width=128, stage_width=64), table=planted_table, plan=plan)
    shares = []
    for _ in range(2):
        rows = torch.cartesian_prod(torch.arange(3), torch.arange(3), torch.zeros(1).long(), torch.zeros(1).long())
        mask = torch.tensor([False, False, True, True]).expand(9, -1)
        blind = Condition(mask & False, rows)
        shares.append(generator.surprise(rows, blind).detach().neg().exp().view(3, 3).numpy())
        for head in generator.stage_heads():
            torch.nn.init.zeros_(head.exit.weight)
    a, b = (np.bincount(planted_table.codes[:, i], minlength=3) / 4_000 for i in (0, 3))
    x = [np.bincount(planted_table.codes[:, i], minlength=4)[0] / 4_000 for i in (1, 2)]
    expected = np.outer(a, b) * x[0] * x[1]
    assert np.allclose(shares[1], expected, rtol=2e-3)
    assert np.allclose(shares[0], expected, rtol=0.6)


@pytest.mark.parametrize("noise", [0.0, 0.3, 3.0])
@pytest.mark.parametrize("kind", KINDS)
def test_windows_are_kept_whatever_the_weights(
    kind: str,
    noise: float,
    layouts: dict[str, Layout],
    small: Configs,
    untrained: Untrained,
    in_windows: Callable[[Layout, np.ndarray], bool],
) -> None:
    layout = layouts[kind]
    generator = untrained(layout, small(), noise=noise)
    drawn = generator.draw(_uniform(3_000, layout.n_codes))
    assert drawn.dtype == torch.int64
    assert in_windows(layout, generator.plan.restore(drawn.numpy()))


@pytest.mark.parametrize("depths", DEPTHS)
def test_given_codes_are_copied_and_what_follows_keeps_to_their_windows(
    depths: list[int],
    shop: Layout,
    random_table: Tables,
    small: Configs,
    untrained: Untrained,
    in_windows: Callable[[Layout, np.ndarray], bool],
) -> None:
    generator, cells = untrained(shop, small(), noise=1.0), random_table(shop, 2_000, 3).codes
    condition = _condition(generator, depths, cells)
    drawn = generator.draw(_uniform(2_000, 7), condition)
    assert torch.equal(drawn[condition.given], condition.codes[condition.given])
    assert in_windows(shop, generator.plan.restore(drawn.numpy()))
    for place, mask in enumerate(condition.given[0].tolist()):
        if not mask:
            assert len(set(drawn[:, place].tolist())) > 1


def test_rows_can_differ_in_which_cells_are_given(
    shop: Layout, random_table: Tables, small: Configs, untrained: Untrained
) -> None:
    """Each row is what it would be if all had its condition."""
    generator, cells = untrained(shop, small(), noise=0.3), random_table(shop, 200, 3).codes
    one, other = (_condition(generator, depths, cells) for depths in ([1, 2, 0, 0], [0, 0, 1, 1]))
    turns = (torch.arange(200) % 2 == 0)[:, None]
    mixed = Condition(torch.where(turns, one.given, other.given), one.codes)
    for what in (
        lambda condition: generator.draw(_uniform(200, 7), condition).float(),
        lambda condition: generator.surprise(_codes(generator, cells), condition).detach()[:, None],
    ):
        assert torch.allclose(what(mixed), torch.where(turns, what(one), what(other)), atol=1e-4)


def test_what_stands_in_places_that_are_not_given_is_of_no_account(
    shop: Layout, random_table: Tables, small: Configs, untrained: Untrained
) -> None:
    generator, cells = untrained(shop, small(), noise=0.3), random_table(shop, 100, 3).codes
    condition = _condition(generator, [0, 1, 0, 1], cells)
    littered = Condition(condition.given, torch.where(condition.given, condition.codes, -9))
    assert torch.equal(generator.draw(_uniform(100, 7), condition), generator.draw(_uniform(100, 7), littered))
    codes = _codes(generator, cells)
    assert torch.equal(generator.surprise(codes, condition), generator.surprise(codes, littered))


def test_giving_nothing_is_no_condition(
    shop: Layout, random_table: Tables, small: Configs, untrained: Untrained
) -> None:
    generator, cells = untrained(shop, small(), noise=0.3), random_table(shop, 100, 3).codes
    nothing = _condition(generator, [0, 0, 0, 0], cells)
    assert torch.equal(generator.draw(_uniform(100, 7)), generator.draw(_uniform(100, 7), nothing))
    codes = _codes(generator, cells)
    assert torch.allclose(generator.surprise(codes), generator.surprise(codes, nothing), atol=1e-5)


def test_a_condition_on_the_last_cell_is_seen_by_the_first(shop: Layout, small: Configs, untrained: Untrained) -> None:
    plan = StagePlan(shop, ((0,), (1,), (2,), (3,), (4,), (5,), (6,)))
    generator = untrained(shop, small(), plan=plan, noise=0.3)
    cells = np.array([[0, 0, 0, 0, 0, 0, rating] for rating in range(4)])
    # Surprise at all cells but the last, less that at all but the first and the last, is that at the first.
    few, more = (generator.surprise(_codes(generator, cells), _condition(generator, d, cells)) for d in DEPTHS_OF_ENDS)
    first = (few - more).detach()
    assert len({round(float(part), 4) for part in first}) == 4


DEPTHS_OF_ENDS = ([0, 2, 3, 1], [1, 2, 3, 1])


@pytest.mark.parametrize("depths", [None, [0, 0, 0, 1], [1, 1, 2, 0]])
@pytest.mark.parametrize("noise", [0.0, 0.5])
@pytest.mark.parametrize("temperature", [0.3, 2.0])
def test_rows_drawn_with_a_gradient_are_those_drawn_without(
    depths: list[int] | None,
    noise: float,
    temperature: float,
    shop: Layout,
    random_table: Tables,
    small: Configs,
    untrained: Untrained,
) -> None:
    generator, uniform = untrained(shop, small(), noise=noise), _uniform(2_000, 7)
    condition = None if depths is None else _condition(generator, depths, random_table(shop, 2_000, 3).codes)
    hard = generator.features(generator.draw(uniform, condition))
    soft = generator.draw_with_gradient(uniform, condition, temperature)
    assert soft.requires_grad
    # At the border of two categories a rounding may decide, but hardly ever does.
    assert ((hard - soft).abs().amax(1) < 1e-5).float().mean() > 0.998


def test_the_gradient_of_a_draw_is_that_of_the_tempered_softmax(small: Configs, untrained: Untrained) -> None:
    layout = Layout((ColumnSlots("a", (5,)),))
    generator = untrained(layout, small(), noise=0.5)
    bias, weights, n = generator.stage_heads()[0].exit.bias, torch.tensor([0.3, -1.0, 2.0, 0.0, 0.7]), 50
    ((generator.draw_with_gradient(_uniform(n, 1), None, 0.7) * weights).sum()).backward()
    with torch.no_grad():
        logits = torch.cat([generator.surprise(torch.tensor([[code]])) for code in range(5)]).neg()
    logits.requires_grad_()
    ((logits / 0.7).softmax(0) * weights).sum().mul(n).backward()
    assert bias.grad is not None
    assert logits.grad is not None
    assert torch.allclose(bias.grad, logits.grad, atol=1e-4)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_gradient_reaches_every_weight_that_has_a_say(
    seed: int, shop: Layout, random_table: Tables, small: Configs, untrained: Untrained
) -> None:
    """Those that it cannot reach are known: what follows the last stage, and what stands before the first."""
    generator = untrained(shop, small(), noise=0.5, seed=seed)
    features = generator.draw_with_gradient(_uniform(2_000, 7), None, 1.0)
    (features * torch.randn(features.shape, generator=torch.Generator().manual_seed(1))).sum().backward()
    plan = generator.plan
    for stage, head in zip(plan.stage_parts, generator.stage_heads(), strict=True):
        parts = plan.parts[stage]
        for weights in (head.shift, head.middle.weight, head.middle.bias):
            assert weights.grad is not None
            assert (weights.grad != 0).float().mean() > 0.5
        assert head.exit.bias.grad is not None
        assert (head.exit.bias.grad != 0).all()
        before = parts[0].features.start
        assert head.direct is not None
        if before:
            assert head.direct.grad is not None
            seen = (head.direct.grad != 0).any(1)
            assert seen[:before].float().mean() > 0.8  # a category that leaves one window only decides nothing
            assert not seen[before:].any()
        for place in range(stage.start, stage.stop):
            gradient = generator.entries[place].grad
            if stage is plan.stage_parts[-1]:
                assert gradient is None or not gradient.any()
            else:
                assert gradient is not None
                assert (gradient != 0).any(1).all()


def test_conditions_on_later_cells_teach_the_direct_maps_of_earlier_ones(
    shop: Layout, random_table: Tables, small: Configs, untrained: Untrained
) -> None:
    plan = StagePlan(shop, tuple((code,) for code in range(7)))
    generator, cells = untrained(shop, small(), noise=0.5, plan=plan), random_table(shop, 2_000, 3).codes
    generator.surprise(_codes(generator, cells), _condition(generator, [0, 0, 0, 1], cells)).sum().backward()
    direct, rating = generator.stage_heads()[0].direct, plan.parts[6].features
    assert direct is not None
    assert direct.grad is not None
    assert (direct.grad[rating] != 0).all()
    assert not direct.grad[: rating.start].any()
    assert generator.entries[6].grad is not None
    assert (generator.entries[6].grad != 0).any()
    assert generator.stage_heads()[6].exit.bias.grad is None or not generator.stage_heads()[6].exit.bias.grad.any()


def test_given_cells_have_no_gradient(shop: Layout, random_table: Tables, small: Configs, untrained: Untrained) -> None:
    generator, cells = untrained(shop, small(), noise=0.5), random_table(shop, 300, 3).codes
    condition = _condition(generator, [1, 1, 3, 0], cells)
    features = generator.draw_with_gradient(_uniform(300, 7), condition, 1.0)
    for place, part in enumerate(generator.plan.parts):
        gradients = torch.autograd.grad(
            features[:, part.features].square().sum(),
            list(generator.parameters()),
            retain_graph=True,
            allow_unused=True,
        )
        reached = any(gradient is not None and gradient.any() for gradient in gradients)
        assert reached != bool(condition.given[0, place])


def test_the_surprise_of_a_row_does_not_depend_on_the_others(
    shop: Layout, random_table: Tables, small: Configs, untrained: Untrained
) -> None:
    generator, cells = untrained(shop, small(), noise=0.5), random_table(shop, 64, 3).codes
    for depths in ([0, 0, 0, 0], [0, 1, 2, 1]):
        whole = generator.surprise(_codes(generator, cells), _condition(generator, depths, cells))
        backwards = generator.surprise(_codes(generator, cells[::-1]), _condition(generator, depths, cells[::-1]))
        alone = [
            generator.surprise(_codes(generator, row[None]), _condition(generator, depths, row[None])).item()
            for row in cells[:9]
        ]
        assert torch.allclose(whole, backwards.flip(0), atol=1e-4)
        assert whole[:9].tolist() == pytest.approx(alone, abs=1e-4)


def test_a_drawn_row_depends_on_its_own_noise_alone(shop: Layout, small: Configs, untrained: Untrained) -> None:
    generator, uniform = untrained(shop, small(), noise=0.3), _uniform(500, 7)
    before = generator.draw(uniform)
    uniform[100] = 1 - uniform[100]
    after = generator.draw(uniform)
    assert (before != after).any(1).nonzero().flatten().tolist() == [100]


def test_wide_rows_do_without_the_direct_map(small: Configs, untrained: Untrained) -> None:
    config = small(generator_width=4, stage_width=4)
    half = math.isqrt(MAX_DIRECT) // 2
    for width, direct in ((half, True), (half + 1, False)):
        layout = Layout((ColumnSlots("a", (width,)), ColumnSlots("b", (width,))))
        generator = untrained(layout, config, plan=StagePlan(layout, ((0,), (1,))), noise=0.1)
        assert all((head.direct is not None) == direct for head in generator.stage_heads())
        drawn = generator.draw(_uniform(50, 2))
        condition = Condition(torch.tensor([[False, True]]).expand(50, -1), drawn)
        assert torch.isfinite(generator.surprise(drawn, condition)).all()


def test_another_generator_with_the_same_state_does_the_same(
    shop: Layout, random_table: Tables, small: Configs, untrained: Untrained
) -> None:
    one = untrained(shop, small(), noise=0.3)
    other = Generator(StagePlan(shop, one.plan.stages), small())
    other.load_state_dict(one.state_dict())
    assert torch.equal(one.draw(_uniform(300, 7)), other.draw(_uniform(300, 7)))
    codes = _codes(one, random_table(shop, 300, 3).codes)
    assert torch.equal(one.surprise(codes), other.surprise(codes))


def test_the_weights_come_from_the_given_stream_alone(shop: Layout, small: Configs, untrained: Untrained) -> None:
    before = torch.get_rng_state()
    plan = StagePlan(shop, tuple((code,) for code in range(7)))
    first, second, other = (untrained(shop, small(), plan=plan, seed=seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(tensor, second[name]) for name, tensor in first.items())
    assert not torch.equal(first["heads.0.middle.weight"], other["heads.0.middle.weight"])


def _learning(layout: Layout, config: TrainingConfig, untrained: Untrained, random_table: Tables) -> Generator:
    """A generator in training mode, whose stages' own layers have a say."""
    plan = untrained(layout, config).plan
    generator = Generator(plan, config, torch.Generator().manual_seed(3))
    generator.start(random_table(layout, 500), torch.Generator().manual_seed(0))
    with torch.no_grad():
        for head in generator.stage_heads():
            head.exit.weight *= 10
    return generator


def test_dropout_is_for_learning_alone(
    shop: Layout, random_table: Tables, small: Configs, untrained: Untrained
) -> None:
    generator = _learning(shop, small(generator_dropout=0.5), untrained, random_table)
    codes = _codes(generator, random_table(shop, 40).codes)
    assert not torch.allclose(generator.surprise(codes), generator.surprise(codes))
    generator.eval()
    assert torch.equal(generator.surprise(codes), generator.surprise(codes))
    noise = _uniform(40, codes.shape[1])
    assert torch.equal(generator.draw(noise), generator.draw(noise))


@pytest.mark.parametrize("norm", ["layer", "batch"])
def test_rows_do_not_hang_on_each_other_when_they_are_drawn_for_use(
    norm: str, shop: Layout, random_table: Tables, small: Configs, untrained: Untrained
) -> None:
    generator = _learning(shop, small(generator_norm=norm), untrained, random_table)
    codes = _codes(generator, random_table(shop, 40).codes)
    together = generator.surprise(codes)[:7]
    assert torch.allclose(together, generator.surprise(codes[:7]), atol=1e-4) == (norm == "layer")
    generator.eval()
    assert torch.allclose(generator.surprise(codes)[:7], generator.surprise(codes[:7]), atol=1e-4)
    noise = _uniform(40, codes.shape[1])
    assert torch.equal(generator.draw(noise)[:7], generator.draw(noise[:7]))


def test_a_generator_with_normalised_stages_survives_its_state(
    shop: Layout, random_table: Tables, small: Configs, untrained: Untrained
) -> None:
    config = small(generator_norm="batch", generator_dropout=0.3)
    generator = _learning(shop, config, untrained, random_table)
    codes = _codes(generator, random_table(shop, 40).codes)
    generator.surprise(codes)
    other = Generator(generator.plan, config)
    other.load_state_dict(generator.state_dict())
    assert torch.equal(generator.eval().surprise(codes), other.eval().surprise(codes))


@pytest.mark.parametrize("scheme", ["he", "glorot", "orthogonal"])
def test_the_initialisation_reaches_the_stages(
    scheme: str, shop: Layout, random_table: Tables, small: Configs, untrained: Untrained
) -> None:
    config = small(initialisation=scheme, generator_width=64, stage_width=64)
    generator = _learning(shop, config, untrained, random_table)
    values = torch.linalg.svdvals(generator.stage_heads()[0].middle.weight.detach())
    assert (values.max() - values.min() < 1e-3) == (scheme == "orthogonal")
