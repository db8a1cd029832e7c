"""One block of rows."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from tabgan.gan.conditions import GivenRows
from tabgan.gan.config import TrainingConfig
from tabgan.gan.drawing import BLOCK, Noise, block_noise, draw_block
from tabgan.gan.generator import Generator
from tabgan.gan.maker import Maker
from tabgan.layout import EncodedTable, GivenCells, Layout


@pytest.fixture(scope="module")
def generator(shop: Layout, small: Callable[..., TrainingConfig], untrained: Callable[..., Generator]) -> Generator:
    return untrained(shop, small(), noise=0.4)


def test_noise_has_its_ranges_and_follows_from_the_seed(generator: Generator) -> None:
    noise = block_noise(generator, 5)
    layout = generator.plan.layout
    assert noise.codes.shape == (BLOCK, layout.n_codes)
    assert noise.values.shape == (BLOCK, layout.n_values)
    assert 0 <= noise.codes.min() < 0.01 < 0.99 < noise.codes.max() < 1
    assert -1 <= noise.values.min() < -0.99 < 0.99 < noise.values.max() < 1
    assert all(torch.equal(one, other) for one, other in zip(noise, block_noise(generator, 5), strict=True))
    assert not torch.equal(noise.codes, block_noise(generator, 6).codes)


def test_values_are_the_noise_and_codes_depend_on_their_own_noise(generator: Generator) -> None:
    noise = block_noise(generator, 0)
    rows = draw_block(Maker(generator), noise)
    assert np.array_equal(rows.values, noise.values.numpy())
    other = noise.codes.clone()
    other[:, -1] = 1 - other[:, -1]
    changed = draw_block(Maker(generator), Noise(other, noise.values))
    last = generator.plan.parts[-1].code
    assert (changed.codes[:, last] != rows.codes[:, last]).any()
    assert np.array_equal(np.delete(changed.codes, last, 1), np.delete(rows.codes, last, 1))


def test_given_cells_are_copied_with_their_values(generator: Generator) -> None:
    layout = generator.plan.layout
    cells = EncodedTable(np.array([[2, 1, 0, 1, 2, 4, 3]], np.uint8), np.full((1, 1), 0.25, np.float32))
    column = layout.value_columns[0]
    depths = np.zeros(len(layout.columns), np.int64)
    depths[column] = layout.depths[column]
    rows = draw_block(
        Maker(generator), block_noise(generator, 0), GivenRows.of(layout, BLOCK, GivenCells(depths, cells))
    )
    own = layout.code_slices[column]
    assert (rows.codes[:, own] == cells.codes[:, own]).all()
    assert (rows.values == 0.25).all()
    assert len(np.unique(rows.codes[:, layout.n_codes - 1])) > 1
