import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from torch import Tensor

from tabgan.gan.features import LOGIT_CAP, Features, Rows, cap, gumbel_like, uncap
from tabgan.gan.stages import one_stage
from tabgan.layout import ColumnSlots, EncodedTable, Layout

Tables = Callable[..., EncodedTable]
KINDS = [
    "all kinds",
    "value first and last",
    "one code",
    "codes alone",
    "one value",
    "values alone",
    "one gated value",
    "cardinality one",
    "cardinality one alone",
    "wide codes",
]


@pytest.fixture
def random() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def _parts(layout: Layout, units: Tensor) -> list[Tensor]:
    """The units of each code."""
    return list(units.split(list(layout.cardinalities), 1)) if layout.n_codes else []


def _reference_onehots(layout: Layout, codes: np.ndarray) -> np.ndarray:
    parts = [np.eye(size, dtype=np.float32)[codes[:, code]] for code, size in enumerate(layout.cardinalities)]
    return np.concatenate([np.zeros((len(codes), 0), np.float32), *parts], 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.uint8, torch.int32, torch.int64])
def test_real_rows_become_one_hot(
    kind: str, dtype: torch.dtype, layouts: dict[str, Layout], random_table: Tables
) -> None:
    layout = layouts[kind]
    if dtype == torch.uint8 and layout.code_dtype != np.uint8:
        dtype = torch.int16
    table = random_table(layout, 20)
    codes = torch.from_numpy(table.codes.astype(np.int64)).to(dtype)
    rows = Features(layout, 4).expand(codes, torch.from_numpy(table.values))
    assert rows.onehots.dtype == torch.float32
    assert np.array_equal(rows.onehots.numpy(), _reference_onehots(layout, table.codes))
    assert np.array_equal(rows.values.numpy(), table.values)


@pytest.mark.parametrize("kind", KINDS)
def test_codes_are_read_back_from_one_hot_vectors(kind: str, layouts: dict[str, Layout], random_table: Tables) -> None:
    layout = layouts[kind]
    table = random_table(layout, 200)
    features = Features(layout, 4)
    codes = torch.from_numpy(table.codes.astype(np.int64))
    back = features.codes(features.expand(codes, torch.from_numpy(table.values)).onehots)
    assert back.dtype == torch.int64
    assert torch.equal(back, codes)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scale", [1.0, 20.0, 1e6])
def test_probabilities_are_the_softmax_of_each_code(
    kind: str, scale: float, layouts: dict[str, Layout], random: torch.Generator
) -> None:
    layout = layouts[kind]
    logits = scale * torch.randn(50, layout.width, generator=random)
    probabilities = Features(layout, 4).probabilities(logits)
    assert probabilities.shape == logits.shape
    for part, given_logits in zip(_parts(layout, probabilities), _parts(layout, logits), strict=True):
        expected = (LOGIT_CAP * (given_logits.double() / LOGIT_CAP).tanh()).softmax(1)
        assert torch.allclose(part.double(), expected, atol=1e-6)
        assert torch.allclose(part.sum(1), torch.ones(50), atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_draw_is_the_largest_noisy_logit_of_each_code(
    kind: str, layouts: dict[str, Layout], random: torch.Generator
) -> None:
    layout = layouts[kind]
    logits = torch.randn(100, layout.width, generator=random)
    gumbel = gumbel_like(logits, random)
    features = Features(layout, 4)
    drawn = features.draw(logits, gumbel)
    expected = [part.argmax(1) for part in _parts(layout, cap(logits) + gumbel)]
    assert torch.equal(drawn.sum(1), torch.full((100,), float(layout.n_codes)))
    assert [code.tolist() for code in features.codes(drawn).T] == [code.tolist() for code in expected]


def test_draws_have_the_frequencies_of_the_softmax(shop: Layout, random: torch.Generator) -> None:
    features, n = Features(shop, 4), 40_000
    logits = torch.randn(1, shop.width, generator=random)
    drawn = features.draw(logits.expand(n, -1), gumbel_like(logits.expand(n, -1), random)).mean(0)
    probability = features.probabilities(logits)[0]
    deviation = (drawn - probability).abs() / (probability * (1 - probability) / n).sqrt()
    assert deviation.max() < 4.5


def test_a_tie_still_gives_one_category(shop: Layout) -> None:
    features = Features(shop, 4)
    drawn = features.draw(torch.zeros(1, shop.width), torch.zeros(1, shop.width))
    assert drawn.sum() == shop.n_codes
    assert features.live(drawn).max() <= 1


@pytest.mark.parametrize("temperature", [0.2, 1.0, 5.0])
def test_the_gradient_of_a_draw_is_that_of_the_tempered_softmax(
    temperature: float, shop: Layout, random: torch.Generator
) -> None:
    logits = torch.randn(30, shop.width, generator=random)
    gumbel, weights = gumbel_like(logits, random), torch.randn(30, shop.width, generator=random)
    features = Features(shop, 4)
    ours = logits.clone().requires_grad_()
    drawn = features.draw_with_gradient(ours, gumbel, temperature)
    (drawn * weights).sum().backward()
    theirs = logits.clone().requires_grad_()
    soft = torch.cat([(part / temperature).softmax(1) for part in _parts(shop, cap(theirs) + gumbel)], 1)
    (soft * weights).sum().backward()
    assert torch.allclose(drawn.detach(), features.draw(logits, gumbel), atol=1e-6)
    assert ours.grad is not None
    assert theirs.grad is not None
    assert torch.allclose(ours.grad, theirs.grad, atol=1e-4, rtol=1e-4)


def test_a_value_is_as_live_as_the_categories_that_carry_it(shop: Layout) -> None:
    features = Features(shop, 4)
    codes = torch.tensor([[0, 0, 0, 0], [1, 1, 0, 0], [2, 2, 4, 6], [0, 3, 0, 0]])
    hard = features.expand(codes, torch.zeros(4, 2)).onehots
    assert features.live(hard).tolist() == [[1, 1], [1, 1], [1, 0], [1, 0]]
    soft = torch.zeros(1, shop.width)
    soft[0, 3:7] = torch.tensor([0.1, 0.2, 0.3, 0.4])
    assert torch.allclose(features.live(soft), torch.tensor([[1.0, 0.3]]))


@given(
    hnp.arrays(np.float32, (7, 2), elements=st.floats(-1, 1, width=32)),
    st.integers(2, 40),
)
def test_hats_are_weights_that_interpolate_the_value(values: np.ndarray, hats: int) -> None:
    layout = Layout((ColumnSlots("a", has_value=True), ColumnSlots("b", has_value=True)))
    features = Features(layout, hats)
    weights = features.hat_weights(torch.from_numpy(values))
    assert weights.shape == (7, 2, hats)
    assert weights.min() >= 0
    assert (weights > 1e-5).sum(2).max() <= 2
    assert torch.allclose(weights.sum(2), torch.ones(7, 2), atol=1e-5)
    assert np.allclose((weights @ features.knots).numpy(), values, atol=1e-5)


def test_hats_of_values_beyond_the_range_are_those_of_its_ends() -> None:
    features = Features(Layout((ColumnSlots("a", has_value=True),)), 3)
    assert features.hat_weights(torch.tensor([[-7.0], [7.0]]))[:, 0].tolist() == [[1, 0, 0], [0, 0, 1]]


def test_features_of_a_row_by_hand() -> None:
    layout = Layout((ColumnSlots("x", has_value=True), ColumnSlots("y", (3,), has_value=True, live=1)))
    features = Features(layout, 3)
    codes, values = torch.tensor([[0], [2]]), torch.tensor([[0.5, -1.0], [-0.25, 0.0]])
    expected = [[1, 0, 0, 0, 0.5, 0.5, 1, 0, 0], [0, 0, 1, 0.25, 0.75, 0, 0, 0, 0]]
    assert features.width == 9
    assert features(features.expand(codes, values)).tolist() == expected


@pytest.mark.parametrize("kind", KINDS)
def test_features_are_as_wide_as_announced(kind: str, layouts: dict[str, Layout], random_table: Tables) -> None:
    layout = layouts[kind]
    table = random_table(layout, 6)
    features = Features(layout, 7)
    rows = features.expand(torch.from_numpy(table.codes.astype(np.int64)), torch.from_numpy(table.values))
    assert features(rows).shape == (6, features.width) == (6, layout.width + 7 * layout.n_values)


def test_what_stands_in_a_dead_value_is_not_seen(shop: Layout) -> None:
    features = Features(shop, 4)
    onehots = features.expand(torch.tensor([[0, 3, 0, 0]]), torch.zeros(1, 2)).onehots
    seen = [features(Rows(onehots, torch.tensor([[0.3, dead]]))) for dead in (0.0, 0.9)]
    assert torch.equal(*seen)


def test_capping_is_undone_by_uncapping() -> None:
    logits = torch.linspace(-28.5, 28.5, 101, dtype=torch.float64)
    assert torch.allclose(cap(uncap(logits)), logits)
    assert cap(torch.tensor([1e9, -1e9])).tolist() == [LOGIT_CAP, -LOGIT_CAP]


def test_gumbel_noise_has_its_mean_and_variance_and_is_finite(random: torch.Generator) -> None:
    before = torch.get_rng_state()
    noise = gumbel_like(torch.zeros(1_000, 1_000), random)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.isfinite(noise).all()
    assert noise.mean().item() == pytest.approx(0.577_216, abs=5 * 1.2825 / 1_000)
    assert noise.var().item() == pytest.approx(math.pi**2 / 6, abs=0.02)
    again = gumbel_like(torch.zeros(1_000, 1_000), torch.Generator().manual_seed(0))
    assert torch.equal(again, noise)


@pytest.mark.parametrize("kind", [*KINDS, "modes", "modes and missing"])
def test_each_part_of_the_partition_sums_to_one_in_each_row(
    kind: str, layouts: dict[str, Layout], random_table: Tables
) -> None:
    modes = {
        "modes": Layout((ColumnSlots("a", (3,)), ColumnSlots("x", (4,), has_value=True, live=4))),
        "modes and missing": Layout((ColumnSlots("x", (4,), has_value=True, live=3), ColumnSlots("a", (3,)))),
    }
    layout = one_stage((layouts | modes)[kind]).staged
    features = Features(layout, 5)
    member = features.partition_membership()
    assert member.shape == (features.width, len(layout.columns))
    assert set(member.flatten().tolist()) <= {0, 1}
    sums = features(features.rows_of(random_table(layout, 200))) @ member
    assert torch.allclose(sums, torch.ones_like(sums), atol=1e-5)


def test_hats_replace_the_one_unit_that_has_a_value_and_not_several() -> None:
    one = Features(Layout((ColumnSlots("x", (3,), has_value=True, live=1),)), 2)
    assert one.partition_membership()[:, 0].tolist() == [0, 1, 1, 1, 1]
    several = Features(Layout((ColumnSlots("x", (3,), has_value=True, live=2),)), 2)
    assert several.partition_membership()[:, 0].tolist() == [1, 1, 1, 0, 0]
