from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import sqrtm
from scipy.spatial.distance import cdist

from tabgan.evaluation.support import K, Moments, frechet, inside, neighbourhoods, squared_frechet, support


def plain_density_and_coverage(real, others, k):
    """Naeem et al. 2020, equations 4 and 5, word for word."""
    radii = np.sort(cdist(real, real), axis=1)[:, k]
    apart = cdist(real, others)
    density = sum(apart[j, i] <= radii[j] for i in range(len(others)) for j in range(len(real))) / (k * len(others))
    coverage = np.mean([any(apart[j, i] <= radii[j] for i in range(len(others))) for j in range(len(real))])
    return density, coverage


def table(columns, synthetic, n=2000, seed=0, held_out=None):
    draw = np.random.default_rng(seed)

    def rows(n):
        x = draw.normal(size=n)
        return {"x": x, "y": x + draw.normal(size=n), "c": draw.choice(["a", "b", "c"], n)}

    real, made = rows(n), rows(n)
    made = synthetic(made)
    kinds = {"x": "continuous", "y": "continuous", "c": "categorical"}
    return columns(**{name: (kinds[name], real[name], made[name]) for name in real})


def same(rows):
    return rows


@pytest.mark.parametrize("k", [1, 5])
def test_density_and_coverage_equal_a_plain_count(k):
    draw = np.random.default_rng(k)
    real, others = draw.normal(size=(700, 3)), 1.3 * draw.normal(size=(90, 3)) + 0.4
    found = inside(real, neighbourhoods(real, k), others)
    density, coverage = plain_density_and_coverage(real, others, k)
    assert found.density(k).value == pytest.approx(density)
    assert found.coverage().value == pytest.approx(coverage)


def test_rows_at_the_edge_of_a_neighbourhood_are_inside():
    real = np.asarray([[0.0], [1.0], [2.0], [3.0]])
    assert neighbourhoods(real, 1).tolist() == [1.0] * 4
    found = inside(real, neighbourhoods(real, 1), np.asarray([[1.0], [9.0]]))
    assert found.balls.tolist() == [3, 0]
    assert found.rows.tolist() == [1, 1, 1, 0]
    assert found.alone.tolist() == [3, 0]


def test_repeated_rows_lie_in_the_neighbourhood_of_each_of_their_like():
    real = np.repeat(np.asarray([[0.0, 1.0], [1.0, 0.0]]) * np.sqrt(0.5), 10, axis=0)
    found = inside(real, neighbourhoods(real, 5), real[:10])
    assert found.density(5).value == 2.0  # each lies in 10 balls, and 5 are expected
    assert found.coverage().value == 0.5


def test_a_second_real_sample_gets_what_a_perfect_synthesizer_gets(columns):
    found = support(table(columns, same), seed=0)
    for beside in (found.density, found.coverage):
        gap = beside.synthetic.value - beside.real.value
        assert abs(gap) < 3 * np.hypot(beside.synthetic.standard_error, beside.real.standard_error)
        assert beside.real.low < beside.real.value < beside.real.high
    assert found.density.real.value == pytest.approx(1.0, abs=0.1)
    assert found.coverage.real.value == pytest.approx(1 - 2.0**-K, abs=0.02)
    assert (found.k, found.n_per_side, found.caveats) == (K, 1000, ())


def test_lost_kinds_of_rows_lower_coverage_alone(columns):
    found = support(table(columns, lambda rows: {**rows, "c": np.full(2000, "a")}), seed=0)
    assert found.coverage.synthetic.high < 0.6 < found.coverage.real.low
    assert found.density.synthetic.value == pytest.approx(1.0, abs=0.2)


def test_rows_unlike_real_ones_lower_density(columns):
    draw = np.random.default_rng(5)
    found = support(table(columns, lambda rows: {**rows, "y": draw.permutation(rows["y"])}), seed=0)
    assert found.density.synthetic.high < 0.9 < found.density.real.low


def test_held_out_rows_are_the_yardstick(columns):
    both = table(columns, same)
    drifted = [replace(column, held_out=np.full(500, column.real[0])) for column in both]
    assert support(drifted, seed=0).coverage.real.value < 0.1


def test_categories_alone_are_caveated(columns):
    draw = np.random.default_rng(0)
    found = support(columns(c=("categorical", draw.choice(list("ab"), 400), draw.choice(list("ab"), 400))), 0)
    assert found.density.real.value == pytest.approx(
        20, abs=1
    )  # 100 of 200 real rows equal each row, and 5 are expected
    assert found.coverage.synthetic.value == 1.0
    assert [caveat.code for caveat in found.caveats] == ["repeated_rows"]


@pytest.mark.parametrize("error_of", ["density", "coverage"])
def test_the_standard_errors_are_near_the_spread_of_repeated_draws(error_of):
    draw = np.random.default_rng(0)
    values, errors = [], []
    for _ in range(60):
        real, others = draw.normal(size=(200, 3)), draw.normal(size=(200, 3)) + 0.7
        found = inside(real, neighbourhoods(real, 5), others)
        estimate = found.density(5) if error_of == "density" else found.coverage()
        values.append(estimate.value)
        errors.append(estimate.standard_error)
    assert 0.8 < np.mean(errors) / np.std(values) < 1.8


def moments(points):
    return Moments(points.mean(axis=0), np.cov(points, rowvar=False))


def test_the_frechet_distance_equals_the_formula_with_a_matrix_root():
    draw = np.random.default_rng(0)
    first, second = draw.normal(size=(80, 6)), draw.normal(size=(80, 6)) @ draw.normal(size=(6, 6)) + 1
    a, b = moments(first), moments(second)
    root = sqrtm(a.covariance @ b.covariance)
    oracle = ((a.mean - b.mean) ** 2).sum() + np.trace(a.covariance + b.covariance - 2 * root.real)
    assert squared_frechet(a, b) == pytest.approx(oracle)
    assert squared_frechet(b, a) == pytest.approx(oracle)


def test_the_frechet_distance_bears_singular_covariances():
    draw = np.random.default_rng(0)
    points = draw.normal(size=(5, 3)) @ draw.normal(size=(3, 40))
    assert squared_frechet(moments(points), moments(points)) == pytest.approx(0.0, abs=1e-3)
    assert squared_frechet(moments(points), moments(points + 1)) == pytest.approx(40, abs=1e-3)
    nothing = Moments(np.zeros(40), np.zeros((40, 40)))
    whole = moments(points)
    assert squared_frechet(nothing, whole) == pytest.approx((whole.mean**2).sum() + np.trace(whole.covariance))


def test_the_frechet_distance_of_a_second_sample_is_its_floor(columns):
    found = frechet(table(columns, same), seed=0)
    error = np.hypot(found.distance.standard_error, found.distance.floor_error)
    assert abs(found.distance.value - found.distance.floor) < 3 * error
    assert (found.n_features, found.n_per_side, found.caveats) == (5, 1000, ())


def test_the_frechet_distance_sees_a_broken_tie(columns):
    draw = np.random.default_rng(5)
    found = frechet(table(columns, lambda rows: {**rows, "y": draw.permutation(rows["y"])}), seed=0)
    assert found.distance.low > 5 * found.distance.floor


def test_the_error_of_the_frechet_distance_is_that_of_repeated_draws(columns):
    shifted = [frechet(table(columns, lambda rows: {**rows, "x": rows["x"] + 1}, 300, seed), 0) for seed in range(40)]
    values = [found.distance.value for found in shifted]
    errors = [found.distance.standard_error for found in shifted]
    assert 0.7 < np.mean(errors) / np.std(values) < 1.4


@pytest.mark.parametrize("measure", [support, frechet])
def test_the_same_seed_gives_the_same_result(columns, measure):
    rows = table(columns, same)
    assert measure(rows, 3, max_rows=100) == measure(rows, 3, max_rows=100)
    assert measure(rows, 3, max_rows=100) != measure(rows, 4, max_rows=100)


@pytest.mark.parametrize("measure", [support, frechet])
@pytest.mark.filterwarnings("error")
def test_odd_tables_get_finite_numbers(columns, measure):
    odd = columns(
        infinite=("continuous", [np.inf, -np.inf] * 10, [np.inf, 2.0] * 10),
        missing=("continuous", [np.nan] * 20, [np.nan] * 20),
        constant=("categorical", ["a"] * 20, ["a"] * 20),
        void=("categorical", [None] * 20, [None] * 20),
        huge=("continuous", [2**62 + i for i in range(20)], [2**62 + 5] * 20),
    )
    for part in (odd, odd[1:2], odd[2:3], odd[3:4]):
        found = measure(part, 0)
        numbers = (
            [found.distance.value, found.distance.floor, found.distance.standard_error]
            if measure is frechet
            else [found.density.synthetic.value, found.coverage.real.value, found.density.real.standard_error]
        )
        assert np.isfinite(numbers).all()
        assert "few_rows" in [caveat.code for caveat in found.caveats]


@pytest.mark.parametrize("measure", [support, frechet])
def test_too_few_rows_are_refused(columns, measure):
    with pytest.raises(ValueError, match="10 synthetic rows"):
        measure(columns(x=("continuous", np.arange(9.0), np.arange(9.0))), 0)
