from collections.abc import Callable

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from tabgan.errors import InputError
from tabgan.gan.config import TrainingConfig
from tabgan.gan.drawing import BLOCK
from tabgan.gan.generator import Generator
from tabgan.gan.latent import dimensions, interpolate, latent_of, rows_of, traverse
from tabgan.gan.sampling import sample_blocks
from tabgan.gan.stages import StagePlan
from tabgan.layout import ColumnSlots, EncodedTable, Layout, concatenate

from .kinds import KINDS

Tables = Callable[..., EncodedTable]
Configs = Callable[..., TrainingConfig]
Starts = Callable[..., Generator]


@pytest.fixture(scope="module")
def generator(shop: Layout, small: Configs, untrained: Starts) -> Generator:
    """Its weights are random, so that its cells depend on each other."""
    return untrained(shop, small(), noise=0.3)


def _points(n: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, width))


def test_each_number_belongs_to_a_column(shop: Layout) -> None:
    assert dimensions(shop) == ("city", "price", "price", "product", "product", "product", "rating", "price")


@settings(max_examples=30, deadline=None)
@given(
    kind=st.sampled_from(KINDS), n=st.integers(1, 300), seed=st.integers(0, 99), noise=st.sampled_from([0, 0.1, 0.3])
)
def test_rows_come_back_from_their_latent_vectors(
    kind: str,
    n: int,
    seed: int,
    noise: float,
    layouts: dict[str, Layout],
    random_table: Tables,
    small: Configs,
    untrained: Starts,
) -> None:
    layout = layouts[kind]
    rows = random_table(layout, n, seed)
    generator = untrained(layout, small(), noise=noise, seed=seed)
    latent = latent_of(generator, rows)
    assert (latent.dtype, latent.shape) == (np.float64, (n, layout.n_codes + layout.n_values))
    assert np.isfinite(latent).all()
    again = rows_of(generator, latent)
    assert np.array_equal(again.codes, rows.codes)
    assert again.codes.dtype == layout.code_dtype
    assert np.abs(again.values - rows.values).max(initial=0) < 2e-7


def test_many_rows_come_back_and_alone_as_well(shop: Layout, random_table: Tables, generator: Generator) -> None:
    rows = random_table(shop, BLOCK + 100)
    latent = latent_of(generator, rows)
    assert np.array_equal(rows_of(generator, latent).codes, rows.codes)
    for i in (0, 77, BLOCK + 3):
        assert np.array_equal(rows_of(generator, latent[i : i + 1]).codes, rows.codes[i : i + 1])
        assert latent_of(generator, rows[i : i + 1]) == pytest.approx(latent[i : i + 1], abs=1e-3)


def test_no_rows_have_no_vectors(shop: Layout, random_table: Tables, generator: Generator) -> None:
    latent = latent_of(generator, random_table(shop, 3)[:0])
    assert latent.shape == (0, 8)
    assert rows_of(generator, latent).codes.shape == (0, 7)


def test_the_ends_of_a_cell_come_back(shop: Layout, random_table: Tables, generator: Generator) -> None:
    rows = EncodedTable(random_table(shop, 3).codes, np.array([[-1], [0], [1]], np.float32))
    assert rows_of(generator, latent_of(generator, rows)).values.ravel().tolist() == [-1, 0, 1]


@pytest.mark.parametrize("chance", [1e-5, 1e-9, 1e-13])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_rare_categories_have_vectors(chance: float, place: int, small: Configs, untrained: Starts) -> None:
    generator = _with_a_rare_category(chance, place, small, untrained)
    rows = EncodedTable(np.array([[0], [1], [2]], np.uint8), np.zeros((3, 0), np.float32))
    latent = latent_of(generator, rows)
    assert rows_of(generator, latent).codes.ravel().tolist() == [0, 1, 2]
    assert (np.diff(latent[:, 0]) > 0).all()


def test_a_category_of_nearly_no_probability_has_none(small: Configs, untrained: Starts) -> None:
    generator = _with_a_rare_category(1e-20, 1, small, untrained)
    rows = EncodedTable(np.array([[0], [2], [1]], np.uint8), np.zeros((3, 0), np.float32))
    assert len(latent_of(generator, rows[:2])) == 2
    with pytest.raises(InputError, match="row 2: expected cells that the model can make, got one in column 'a'"):
        latent_of(generator, rows)
    with pytest.raises(InputError, match=f"row {BLOCK + 2}: expected"):
        latent_of(generator, concatenate([rows[np.zeros(BLOCK, np.intp)], rows]))


def _with_a_rare_category(chance: float, place: int, small: Configs, untrained: Starts) -> Generator:
    generator = untrained(Layout((ColumnSlots("a", (3,)),)), small())
    (head,) = generator.stage_heads()
    head.exit.weight.data.zero_()
    head.exit.bias.data.zero_()
    head.exit.bias.data[place] = float(np.log(2 * chance))
    return generator


def test_latent_vectors_of_normal_noise_give_the_rows_of_the_model(shop: Layout, generator: Generator) -> None:
    n = 5 * BLOCK
    rows, drawn = rows_of(generator, _points(n, 8)), concatenate(list(sample_blocks(generator, n, seed=1)))
    for code, size in enumerate(shop.cardinalities):
        counts = np.array([np.bincount(some.codes[:, code], minlength=size) for some in (rows, drawn)])
        assert scipy.stats.chi2_contingency(counts[:, counts.sum(0) > 0]).pvalue > 1e-4
    assert scipy.stats.kstest(rows.values[:, 0], scipy.stats.uniform(-1, 2).cdf).pvalue > 1e-4


def test_larger_numbers_never_give_smaller_categories(shop: Layout, small: Configs, untrained: Starts) -> None:
    """Of the code itself; what is made after it may follow in any way."""
    generator = untrained(shop, small(), noise=0.3)
    risen = set()
    for dimension in range(8):
        rows = rows_of(generator, traverse(_points(1, 8)[0], dimension, np.linspace(-3, 3, 61)))
        own = rows.values[:, 0] if dimension == 7 else rows.codes[:, dimension].astype(int)
        assert (np.diff(own) >= 0).all()
        risen.update([dimension] if own[-1] > own[0] else [])
        if dimension == 7:
            assert (rows.codes == rows.codes[0]).all()
    assert len(risen) > 5  # some windows hold a single category


def test_near_points_give_near_rows(shop: Layout, random_table: Tables, generator: Generator) -> None:
    rows = random_table(shop, 2_000)
    latent, direction = latent_of(generator, rows), _points(2_000, 8)
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    distances = [0, 0.03, 0.1, 0.3, 1, 3]
    moved = [rows_of(generator, latent + distance * direction) for distance in distances]
    changed = [(other.codes != rows.codes).mean() for other in moved]
    assert changed[0] == 0
    assert changed[1] < 0.03
    assert (np.diff(changed) > 0).all()
    assert changed[-1] > 0.2
    steps = [np.abs(other.values - rows.values).mean() for other in moved]
    assert (np.diff(steps) > 0).all()


def test_a_traversal_changes_one_number(shop: Layout) -> None:
    start = _points(1, 8)[0]
    points = traverse(start, 3, np.array([-1.0, 0, 2]))
    assert points[:, 3].tolist() == [-1, 0, 2]
    assert (np.delete(points, 3, 1) == np.delete(start, 3)).all()
    assert np.array_equal(start, _points(1, 8)[0])


def test_the_way_between_two_points_is_an_arc(shop: Layout) -> None:
    a, b = np.zeros((2, 8))
    a[0], b[1] = 2.0, 2.0
    way = interpolate(a, b, 5)
    assert np.array_equal(way[0], a)
    assert np.array_equal(way[-1], b)
    assert np.linalg.norm(way, axis=1) == pytest.approx(np.full(5, 2.0))
    assert way[2, :2] == pytest.approx([np.sqrt(2), np.sqrt(2)])
    steps = np.linalg.norm(np.diff(way, axis=0), axis=1)
    assert steps == pytest.approx(np.full(4, steps[0]))


@pytest.mark.parametrize("factor", [1.0, 3.0, -1.0, 0.0])
def test_the_way_between_points_in_line_with_the_origin_is_straight(factor: float) -> None:
    a = _points(1, 8)[0]
    way = interpolate(a, factor * a, 3)
    assert way == pytest.approx(np.stack([a, (1 + factor) / 2 * a, factor * a]))


def test_a_way_starts_and_ends_with_the_rows_themselves(
    shop: Layout, random_table: Tables, generator: Generator
) -> None:
    rows = random_table(shop, 40)
    latent = latent_of(generator, rows)
    for one, other in zip(range(0, 40, 2), range(1, 40, 2), strict=True):
        way = rows_of(generator, interpolate(latent[one], latent[other], 9))
        assert np.array_equal(way.codes[[0, -1]], rows.codes[[one, other]])


@pytest.mark.parametrize(
    ("latent", "said"),
    [
        (np.zeros((2, 7)), "a matrix of 8 columns of finite numbers, got shape \\(2, 7\\)$"),
        (np.zeros(8), "got shape \\(8,\\)$"),
        (np.full((1, 8), np.nan), "got shape \\(1, 8\\) with others among them"),
        (np.full((1, 8), np.inf), "with others among them"),
    ],
)
def test_what_is_no_latent_vector_is_refused(latent: np.ndarray, said: str, generator: Generator) -> None:
    with pytest.raises(InputError, match=said):
        rows_of(generator, latent)


def test_points_far_out_give_rows(
    shop: Layout, generator: Generator, in_windows: Callable[[Layout, np.ndarray], bool]
) -> None:
    far = np.stack([np.full(8, -40.0), np.full(8, 40.0), 40 * np.sign(_points(1, 8)[0])])
    rows = rows_of(generator, far)
    assert in_windows(shop, rows.codes)
    assert np.abs(rows.values).max() <= 1


def test_plans_in_another_order_make_no_difference_to_the_order_of_numbers(
    shop: Layout, random_table: Tables, small: Configs, untrained: Starts
) -> None:
    """Without any dependence between cells a number of the vector decides on its own code alone."""
    rows = random_table(shop, 50)
    order = StagePlan(shop, ((6,), (3,), (4,), (5,), (1,), (0,), (2,)))
    generator = untrained(shop, small(), plan=order)
    for head in generator.stage_heads():
        head.exit.weight.data.zero_()
        if head.direct is not None:
            head.direct.data.zero_()
    latent = latent_of(generator, rows)
    latent[:, 6] = latent[::-1, 6]
    changed = rows_of(generator, latent)
    assert np.array_equal(changed.codes[:, 6], rows.codes[::-1, 6])
    assert np.array_equal(changed.codes[:, :6], rows.codes[:, :6])
