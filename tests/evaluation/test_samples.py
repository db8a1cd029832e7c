from dataclasses import replace

import numpy as np
import pytest

from tabgan.evaluation.samples import draw_samples


@pytest.fixture
def numbered(columns):
    """Real rows 0 to 999, held-out rows 2000 to 2399, synthetic rows 5000 to 5999."""

    def build(n_held_out):
        cells = np.concatenate([np.arange(1000), 2000 + np.arange(400)])
        column = columns(x=("continuous", cells, 5000 + np.arange(1000)))[0]
        return [replace(column, real=column.real[:1000], held_out=column.real[1000 : 1000 + n_held_out])]

    return build


def values(samples):
    return [samples.columns[0].numbers[codes] for codes in samples.cells[0]]


def test_without_held_out_rows_the_real_ones_are_split(numbered):
    real, second, synthetic = values(draw_samples(numbered(0), np.random.default_rng(0), 10_000, 10))
    assert len(real) == len(second) == len(synthetic) == 500
    assert set(real) | set(second) == set(range(1000))
    assert len(set(synthetic)) == 500
    assert min(synthetic) >= 5000


def test_held_out_rows_are_the_second_sample_unless_they_are_very_few(numbered):
    real, second, _ = values(draw_samples(numbered(300), np.random.default_rng(0), 10_000, 10))
    assert len(real) == len(second) == 300
    assert (second >= 2000).all()
    assert (second < 2300).all()
    assert max(real) < 1000
    _, second, _ = values(draw_samples(numbered(20), np.random.default_rng(0), 10_000, 10))
    assert len(second) == 500
    assert max(second) < 1000


def test_the_rows_are_capped_and_drawn_by_the_generator(numbered):
    drawn = [draw_samples(numbered(0), np.random.default_rng(seed), 50, 10) for seed in (1, 1, 2)]
    assert drawn[0].n == 50
    assert [caveat.code for caveat in drawn[0].caveats()] == ["few_rows"]
    np.testing.assert_array_equal(drawn[0].cells[0], drawn[1].cells[0])
    assert (drawn[0].cells[0] != drawn[2].cells[0]).any()
    assert drawn[0].points(100).shape == (3, 50, 1)


def test_too_few_rows_are_refused_in_words(columns):
    with pytest.raises(ValueError, match="at least one column"):
        draw_samples([], np.random.default_rng(0), 10, 1)
    with pytest.raises(ValueError, match=r"needs 10 synthetic rows.* got 50, 19 and 0"):
        draw_samples(columns(x=("continuous", np.arange(19), np.arange(50))), np.random.default_rng(0), 100, 10)
