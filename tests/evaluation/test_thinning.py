import numpy as np
import pyarrow as pa
import pytest

from tabgan.evaluation.aligned import align
from tabgan.evaluation.thinning import thin


@pytest.fixture
def table():
    """Rows with a number each of their own, so that they can be followed; the synthetic side is as given."""

    def build(n, make=lambda real, draw: draw.normal(size=real.shape), h=500):
        draw = np.random.default_rng(0)
        real, held_out = draw.normal(size=(4, n)), draw.normal(size=(4, h))
        synthetic = make(real, draw)
        kinds = ("continuous", "continuous", "categorical", "categorical")
        cut = [lambda cells: cells] * 2 + [lambda cells: np.clip(cells, -2, 2).astype(int).astype(str)] * 2
        return [
            align(f"c{j}", kinds[j], *(pa.array(cut[j](side[j])) for side in (real, synthetic, held_out)))
            for j in range(4)
        ]

    return build


def cells(column, side):
    return pa.array(column.support).take(pa.array(getattr(column, side))).to_pylist()


def test_small_tables_keep_all_rows_in_another_order(table):
    columns = table(300, h=20)
    found = thin(columns, 0, 1000)
    assert not found.is_slice
    for side in ("real", "synthetic", "held_out"):
        before, after = (
            list(zip(*(cells(column, side) for column in kept), strict=True)) for kept in (columns, found.columns)
        )
        assert before != after
        assert sorted(before) == sorted(after)


def test_of_large_tables_a_slice_is_left(table):
    found = thin(table(20_000, h=10_000), 0, 2_000)
    first = found.columns[0]
    assert found.is_slice
    assert len(first.real) == pytest.approx(2_000, abs=100)
    assert len(first.synthetic) == pytest.approx(2_000, abs=200)
    assert len(first.held_out) == pytest.approx(1_000, abs=150)
    assert len(first.support) <= len(first.real) + len(first.synthetic) + len(first.held_out)


@pytest.mark.parametrize(("noise", "least"), [(0.0, 1.0), (0.003, 0.8)])
def test_a_row_and_its_copy_stay_together(table, noise, least):
    found = thin(table(20_000, lambda real, draw: real + draw.normal(0, noise, real.shape), 2_000), 0, 2_000)
    numbers = found.columns[:2]
    real, synthetic = (np.stack([cells(column, side) for column in numbers], 1) for side in ("real", "synthetic"))
    near = np.linalg.norm(real[None] - synthetic[:, None], axis=2).min(axis=1)
    assert (near <= 5 * noise).mean() >= least


def test_rows_are_drawn_where_the_slice_would_be_empty(table):
    found = thin(table(5_000, lambda real, draw: np.full(real.shape, 9.0)), 0, 500)
    assert not found.is_slice
    assert [len(found.columns[0].real), len(found.columns[0].synthetic)] == [500, 500]


def test_infinite_and_missing_cells_and_no_held_out_rows_pass():
    real = [1.0, np.inf, -np.inf, None] * 300
    found = thin([align("x", "continuous", pa.array(real), pa.array(real))], 0, 300)
    assert len(found.columns[0].real) <= 300
    assert len(found.columns[0].held_out) == 0


def test_inputs_stay_and_the_seed_decides(table):
    columns = table(3_000)
    before = [column.real.copy() for column in columns]
    one, two, other = (thin(columns, seed, 300).columns[0].real for seed in (0, 0, 1))
    assert all((column.real == codes).all() for column, codes in zip(columns, before, strict=True))
    assert (one == two).all()
    assert len(one) != len(other) or (one != other).any()
