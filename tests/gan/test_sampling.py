from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tabgan.gan.config import TrainingConfig
from tabgan.gan.sampling import BLOCK, sample_blocks
from tabgan.gan.stages import StagePlan
from tabgan.gan.synthesizer import CURVE_KNOTS, Synthesizer
from tabgan.layout import ColumnSlots, EncodedTable, GivenCells, Layout, concatenate

Tables = Callable[..., EncodedTable]
Starts = Callable[..., Synthesizer]
Configs = Callable[..., TrainingConfig]
SIZES = st.integers(1, 3 * BLOCK)


@pytest.fixture(scope="module", params=[1, 3], ids=["one stage", "three stages"])
def synthesizer(
    request: pytest.FixtureRequest, shop: Layout, random_table: Tables, small: Configs, untrained: Starts
) -> Synthesizer:
    """Untrained, but with categories of different frequency."""
    return untrained(random_table(shop, 500), shop, small(stages=request.param))


def _rows(synthesizer: Synthesizer, n: int, seed: int = 0, given_cells: GivenCells | None = None) -> EncodedTable:
    return concatenate(list(sample_blocks(synthesizer, n, seed=seed, given=given_cells)))


def _equal(one: EncodedTable, other: EncodedTable) -> bool:
    return np.array_equal(one.codes, other.codes) and np.array_equal(one.values, other.values)


@settings(max_examples=15, deadline=None)
@given(first=SIZES, second=SIZES)
def test_the_first_rows_are_the_same_however_many_are_asked_for(
    first: int, second: int, synthesizer: Synthesizer
) -> None:
    one, other = _rows(synthesizer, first), _rows(synthesizer, second)
    assert (len(one), len(other)) == (first, second)
    shared = min(first, second)
    assert _equal(one[:shared], other[:shared])


@pytest.mark.parametrize("n", [1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 5])
def test_blocks_are_full_but_for_the_last(n: int, synthesizer: Synthesizer) -> None:
    sizes = [len(block) for block in sample_blocks(synthesizer, n, seed=0)]
    assert sum(sizes) == n
    assert set(sizes[:-1]) <= {BLOCK}
    assert 1 <= sizes[-1] <= BLOCK


def test_seeds_and_blocks_have_rows_of_their_own(synthesizer: Synthesizer) -> None:
    first = _rows(synthesizer, 2 * BLOCK)
    assert _equal(first, _rows(synthesizer, 2 * BLOCK))
    assert not _equal(first[:BLOCK], first[BLOCK:])
    other = _rows(synthesizer, 2 * BLOCK, seed=1)
    assert (first.values[:, 0] == other.values[:, 0]).mean() < 0.01
    assert (first.values[:BLOCK, 0] == first.values[BLOCK:, 0]).mean() < 0.01


def test_two_samples_can_be_taken_in_turns(synthesizer: Synthesizer) -> None:
    one, other = (sample_blocks(synthesizer, 2 * BLOCK, seed=seed) for seed in (0, 1))
    turns = [(next(one), next(other)) for _ in range(2)]
    assert _equal(concatenate([pair[0] for pair in turns]), _rows(synthesizer, 2 * BLOCK, seed=0))
    assert _equal(concatenate([pair[1] for pair in turns]), _rows(synthesizer, 2 * BLOCK, seed=1))


def test_rows_are_compact_and_within_their_ranges(shop: Layout, synthesizer: Synthesizer) -> None:
    rows = _rows(synthesizer, 20_000)
    assert (rows.codes.dtype, rows.values.dtype) == (shop.code_dtype, np.float32)
    for code, size in enumerate(shop.cardinalities):
        assert set(rows.codes[:, code]) == set(range(size))
    assert np.abs(rows.values).max() <= 1
    live = rows.codes[:, 1] < 2
    assert (rows.values[~live, 1] == 0).all()
    assert (rows.values[live, 1] != 0).mean() > 0.99


@pytest.mark.parametrize("column", ["city", "price", "score", "product"])
def test_given_cells_hold_and_others_vary(column: str, shop: Layout, synthesizer: Synthesizer) -> None:
    cells = EncodedTable(np.array([[2, 1, 4, 6]], np.uint8), np.array([[0.123, -0.5]], np.float32))
    depths = np.array([max(len(slots.cardinalities), 1) * (slots.name == column) for slots in shop.columns])
    rows = _rows(synthesizer, BLOCK + 10, given_cells=GivenCells(depths, cells))
    for index, name in enumerate(shop.names):
        codes, values = shop.code_slices[index], shop.value_slices[index]
        if name == column:
            assert (rows.codes[:, codes] == cells.codes[:, codes]).all()
            assert (rows.values[:, values] == cells.values[:, values]).all()
        else:
            assert all(len(set(part)) > 1 for part in (*rows.codes[:, codes].T, *rows.values[:, values].T))


def test_a_given_category_that_carries_no_value_leaves_it_at_zero(shop: Layout, synthesizer: Synthesizer) -> None:
    cells = EncodedTable(np.array([[0, 3, 0, 0]], np.uint8), np.zeros((1, 2), np.float32))
    rows = _rows(synthesizer, 100, given_cells=GivenCells(np.array([0, 0, 1, 0]), cells))
    assert (rows.codes[:, 1] == 3).all()
    assert (rows.values[:, 1] == 0).all()


@pytest.mark.filterwarnings("error")
def test_given_cells_can_be_read_only_and_reversed(synthesizer: Synthesizer) -> None:
    codes, values = np.array([[0] * 4, [1, 0, 3, 2]], np.uint8)[::-1], np.array([[0, 0], [-1, 1]], np.float32)[::-1]
    depths = np.array([2, 0, 0, 1])[::-1]
    for array in (codes, values, depths):
        array.setflags(write=False)
    rows = _rows(synthesizer, 50, given_cells=GivenCells(depths, EncodedTable(codes[:1], values[:1])))
    assert (rows.codes[:, [0, 2, 3]] == [1, 3, 2]).all()


def test_all_cells_can_be_given(shop: Layout, synthesizer: Synthesizer) -> None:
    cells = EncodedTable(np.array([[1, 0, 3, 2]], np.uint8), np.array([[-1, 1]], np.float32))
    rows = _rows(synthesizer, 50, given_cells=GivenCells(np.array([1, 1, 1, 2]), cells))
    assert (rows.codes == cells.codes).all()
    assert (rows.values == cells.values).all()


def test_giving_nothing_is_no_condition(shop: Layout, synthesizer: Synthesizer) -> None:
    """And what stands in the cells that are not given is of no account."""
    cells = EncodedTable(np.array([[1, 2, 3, 4]], np.uint8), np.array([[0.5, -0.5]], np.float32))
    free = _rows(synthesizer, 500)
    assert _equal(free, _rows(synthesizer, 500, given_cells=GivenCells(np.zeros(4, np.int64), cells)))


@pytest.mark.parametrize(
    "kind", ["one code", "one value", "values alone", "one gated value", "cardinality one alone", "wide codes"]
)
def test_odd_layouts_can_be_sampled(
    kind: str, layouts: dict[str, Layout], random_table: Tables, small: Configs, untrained: Starts
) -> None:
    layout = layouts[kind]
    rows = _rows(untrained(random_table(layout, 500), layout, small()), 5_000)
    assert rows.codes.shape == (5_000, layout.n_codes)
    assert rows.values.shape == (5_000, layout.n_values)
    assert rows.codes.dtype == layout.code_dtype
    for code, size in enumerate(layout.cardinalities):
        assert rows.codes[:, code].max() < size


def test_curves_bend_the_values_by_linear_interpolation(
    random_table: Tables, small: Configs, untrained: Starts
) -> None:
    layout = Layout((ColumnSlots("x", has_value=True), ColumnSlots("y", has_value=True)))
    plain = untrained(random_table(layout, 50), layout, small(), plan=StagePlan(layout, ((0,), (1,))))
    for stage, _ in plain.pieces():
        stage.direct.weight.detach().zero_()  # so that the bent values of one stage do not move those of the next
    straight = _rows(plain, 2_000).values
    knots = np.linspace(-1, 1, CURVE_KNOTS)
    curves = np.stack([knots**3, np.sqrt((knots + 1) / 2) * 2 - 1]).astype(np.float32)
    plain.value_curves.copy_(torch.from_numpy(curves))
    expected = np.stack([np.interp(straight[:, i], knots, curves[i]) for i in range(2)], 1)
    assert np.allclose(_rows(plain, 2_000).values, expected, atol=1e-5)


def test_sampling_leaves_the_model_and_random_state_alone(synthesizer: Synthesizer) -> None:
    before = {name: tensor.clone() for name, tensor in synthesizer.state_dict().items()}
    random_before = torch.get_rng_state()
    _rows(synthesizer, 100)
    assert torch.equal(torch.get_rng_state(), random_before)
    assert all(torch.equal(tensor, before[name]) for name, tensor in synthesizer.state_dict().items())
    assert all(parameter.grad is None for parameter in synthesizer.parameters())
