from collections.abc import Callable

import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tabgan.gan.config import TrainingConfig
from tabgan.gan.drawing import BLOCK
from tabgan.gan.generator import Generator
from tabgan.gan.sampling import sample_blocks
from tabgan.gan.stages import StagePlan
from tabgan.layout import EncodedTable, GivenCells, Layout, concatenate

Tables = Callable[..., EncodedTable]
Starts = Callable[..., Generator]
Configs = Callable[..., TrainingConfig]
SIZES = st.integers(1, 3 * BLOCK)
CELLS = EncodedTable(np.array([[2, 1, 0, 1, 2, 4, 3]], np.uint8), np.zeros((1, 1), np.float32))


@pytest.fixture(scope="module")
def generator(shop: Layout, small: Configs, untrained: Starts) -> Generator:
    """Its weights are random, so that its cells depend on each other."""
    return untrained(shop, small(), noise=0.2)


def _rows(generator: Generator, n: int, seed: int = 0, cells: GivenCells | None = None) -> EncodedTable:
    return concatenate(list(sample_blocks(generator, n, seed=seed, given=cells)))


def _equal(one: EncodedTable, other: EncodedTable) -> bool:
    return np.array_equal(one.codes, other.codes) and np.array_equal(one.values, other.values)


@settings(max_examples=15, deadline=None)
@given(first=SIZES, second=SIZES, conditional=st.booleans())
def test_the_first_rows_are_the_same_however_many_are_asked_for(
    first: int, second: int, conditional: bool, generator: Generator
) -> None:
    cells = GivenCells(np.array([0, 1, 3, 0]), CELLS) if conditional else None
    one, other = _rows(generator, first, cells=cells), _rows(generator, second, cells=cells)
    assert (len(one), len(other)) == (first, second)
    shared = min(first, second)
    assert _equal(one[:shared], other[:shared])


@pytest.mark.parametrize("n", [1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 5])
def test_blocks_are_full_but_for_the_last(n: int, generator: Generator) -> None:
    sizes = [len(block) for block in sample_blocks(generator, n, seed=0)]
    assert sum(sizes) == n
    assert set(sizes[:-1]) <= {BLOCK}
    assert 1 <= sizes[-1] <= BLOCK


def test_seeds_and_blocks_have_rows_of_their_own(generator: Generator) -> None:
    first = _rows(generator, 2 * BLOCK)
    assert _equal(first, _rows(generator, 2 * BLOCK))
    other = _rows(generator, 2 * BLOCK, seed=1)
    for one, two in ((first, other), (first[:BLOCK], first[BLOCK:])):
        assert (one.values == two.values).mean() < 0.01
        assert (one.codes == two.codes).all(1).mean() < 0.2


def test_the_values_are_drawn_apart_from_the_codes(generator: Generator) -> None:
    rows = _rows(generator, 20_000)
    for codes in rows.codes.T:
        groups = [rows.values[codes == code, 0] for code in set(codes) if (codes == code).sum() > 100]
        assert len(groups) > 1
        assert scipy.stats.kruskal(*groups).pvalue > 1e-4


def test_two_samples_can_be_taken_in_turns(generator: Generator) -> None:
    one, other = (sample_blocks(generator, 2 * BLOCK, seed=seed) for seed in (0, 1))
    turns = [(next(one), next(other)) for _ in range(2)]
    assert _equal(concatenate([pair[0] for pair in turns]), _rows(generator, 2 * BLOCK, seed=0))
    assert _equal(concatenate([pair[1] for pair in turns]), _rows(generator, 2 * BLOCK, seed=1))


def test_rows_are_compact_and_stand_in_the_order_of_the_layout(
    shop: Layout, generator: Generator, in_windows: Callable[[Layout, np.ndarray], bool]
) -> None:
    rows = _rows(generator, 20_000)
    assert (rows.codes.dtype, rows.values.dtype) == (shop.code_dtype, np.float32)
    assert rows.codes.shape == (20_000, 7)
    assert in_windows(shop, rows.codes)
    for code, size in enumerate(shop.cardinalities):
        assert set(rows.codes[:, code]) == set(range(size))


def test_values_are_uniform(layouts: dict[str, Layout], small: Configs, untrained: Starts) -> None:
    layout = layouts["number first and last"]
    values = _rows(untrained(layout, small(), noise=0.2), 20_000).values
    assert values.shape == (20_000, 2)
    for own in values.T:
        assert scipy.stats.kstest(own, scipy.stats.uniform(-1, 2).cdf).pvalue > 1e-4
    assert abs(scipy.stats.spearmanr(*values.T).statistic) < 4.5 / np.sqrt(20_000)
    assert np.abs(values).max() <= 1


@pytest.mark.parametrize(
    "depths",
    [[1, 0, 0, 0], [0, 1, 0, 0], [0, 2, 0, 0], [0, 0, 1, 0], [0, 0, 2, 0], [0, 0, 3, 0], [0, 0, 0, 1], [1, 1, 2, 1]],
    ids=str,
)
def test_given_codes_hold_in_every_row_and_others_vary(depths: list[int], shop: Layout, generator: Generator) -> None:
    rows = _rows(generator, BLOCK + 10, cells=GivenCells(np.array(depths), CELLS))
    for depth, codes in zip(depths, shop.code_slices, strict=True):
        for level, code in enumerate(range(codes.start, codes.stop)):
            if level < depth:
                assert (rows.codes[:, code] == CELLS.codes[0, code]).all()
            else:
                assert len(set(rows.codes[:, code])) > 1
    assert (len(np.unique(rows.values)) == 1) == (depths[1] == 2)


def test_the_values_of_given_cells_come_out_as_they_are(generator: Generator) -> None:
    cells = EncodedTable(CELLS.codes, np.array([[0.1234567]], np.float32))
    rows = _rows(generator, 100, cells=GivenCells(np.array([0, 2, 0, 0]), cells))
    assert (rows.values == cells.values).all()
    part = _rows(generator, 100, cells=GivenCells(np.array([0, 1, 0, 0]), cells))
    assert np.array_equal(part.values, _rows(generator, 100).values)


@pytest.mark.parametrize("candidates", [2, 3, 8])
def test_with_candidates_rows_do_not_depend_on_how_many_are_asked_for(candidates: int, generator: Generator) -> None:
    cells = GivenCells(np.array([0, 2, 1, 0]), CELLS)
    samples = [
        concatenate(list(sample_blocks(generator, n, seed=0, given=cells, candidates=candidates)))
        for n in (BLOCK + 500, 100)
    ]
    assert [len(rows) for rows in samples] == [BLOCK + 500, 100]
    assert _equal(samples[0][:100], samples[1])
    assert (samples[0].codes[:, [1, 2, 3]] == CELLS.codes[0, [1, 2, 3]]).all()
    assert (samples[0].values == 0).all()
    assert not np.array_equal(samples[0].codes[:400], samples[0].codes[BLOCK : BLOCK + 400])
    assert sum(map(len, sample_blocks(generator, 2 * BLOCK, seed=0, given=cells, candidates=candidates))) == 2 * BLOCK


def test_candidates_bring_rows_nearer_to_those_of_no_condition(shop: Layout, small: Configs, untrained: Starts) -> None:
    """The city is made first, and is told of the rating before anything was learnt of how they go together."""
    generator = untrained(shop, small(), plan=StagePlan(shop, tuple((code,) for code in range(7))), noise=0.4)
    forward = _rows(generator, 20 * BLOCK)
    real = np.bincount(forward.codes[forward.codes[:, 6] == 3, 0], minlength=3)
    distances = []
    for candidates in (1, 4, 32):
        given_rows = sample_blocks(
            generator, 2 * BLOCK, seed=1, given=GivenCells(np.array([0, 0, 0, 1]), CELLS), candidates=candidates
        )
        drawn = np.bincount(concatenate(list(given_rows)).codes[:, 0], minlength=3)
        distances.append(np.abs(drawn / drawn.sum() - real / real.sum()).sum() / 2)
    assert distances[0] > 0.1
    assert distances[1] < distances[0] / 2
    assert distances[2] < 0.05


def test_without_given_cells_there_are_no_candidates(generator: Generator) -> None:
    some = concatenate(list(sample_blocks(generator, 500, seed=0, candidates=8)))
    assert _equal(some, _rows(generator, 500))


def test_all_cells_can_be_given(generator: Generator) -> None:
    rows = _rows(generator, 50, cells=GivenCells(np.array([1, 2, 3, 1]), CELLS))
    assert (rows.codes == CELLS.codes).all()


def test_giving_nothing_is_no_condition(generator: Generator) -> None:
    assert _equal(_rows(generator, 500), _rows(generator, 500, cells=GivenCells(np.zeros(4, np.int64), CELLS)))


@pytest.mark.parametrize(
    "kind", ["one code", "one number", "one code with a value", "windows alone", "cardinality one alone", "wide code"]
)
def test_odd_layouts_can_be_sampled(kind: str, layouts: dict[str, Layout], small: Configs, untrained: Starts) -> None:
    layout = layouts[kind]
    rows = _rows(untrained(layout, small()), 5_000)
    assert rows.codes.shape == (5_000, layout.n_codes)
    assert rows.values.shape == (5_000, layout.n_values)
    assert rows.codes.dtype == layout.code_dtype
    assert (rows.codes.max(0) < layout.cardinalities).all()


def test_sampling_leaves_the_model_and_random_state_alone(generator: Generator) -> None:
    before = {name: tensor.clone() for name, tensor in generator.state_dict().items()}
    random_before = torch.get_rng_state()
    _rows(generator, 100)
    assert torch.equal(torch.get_rng_state(), random_before)
    assert all(torch.equal(tensor, before[name]) for name, tensor in generator.state_dict().items())
    assert all(parameter.grad is None for parameter in generator.parameters())
