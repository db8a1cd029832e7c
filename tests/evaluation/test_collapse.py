import numpy as np
import pytest
from scipy.stats import entropy as oracle_entropy

from tabgan.evaluation.collapse import coarse_cells, collapse, coverage, distinct, entropy, most_repeated, nearest


def rows(n, seed):
    """Four kinds of rows, the last one rare."""
    draw = np.random.default_rng(seed)
    kind = draw.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
    return {
        "kind": np.asarray(["a", "b", "c", "d"])[kind],
        "shade": np.asarray(["light", "dark"])[(kind < 2).astype(int)],
        "x": draw.normal(size=n) + 8 * kind,
        "y": draw.normal(size=n) - 5 * kind,
    }


@pytest.fixture
def table(columns):
    def build(synthetic, n=3000, seed=0):
        real = rows(n, seed)
        kinds = {"kind": "categorical", "shade": "categorical", "x": "continuous", "y": "continuous"}
        return columns(**{name: (kinds[name], real[name], synthetic[name]) for name in real})

    return build


def only(some, picked):
    return {name: cells[picked] for name, cells in some.items()}


def measures(found):
    return {
        name: getattr(found, name) for name in ("distinct", "most_repeated", "entropy", "cluster_entropy", "coverage")
    }


def test_a_fresh_real_sample_has_not_collapsed(table):
    found = collapse(table(rows(3000, seed=1)), seed=0)
    for name, beside in measures(found).items():
        error = np.hypot(beside.synthetic.standard_error, beside.real.standard_error)
        assert abs(beside.synthetic.value - beside.real.value) <= 3.5 * error, name
        assert beside.synthetic.low <= beside.synthetic.value <= beside.synthetic.high
    assert found.coverage.synthetic.value == 1.0
    assert found.distinct.synthetic.value == 1.0
    assert found.n_per_side == 1500
    assert found.caveats == ()


def test_a_few_repeated_rows_are_caught(table):
    few = np.random.default_rng(2).integers(0, 8, 3000)
    found = collapse(table(only(rows(3000, seed=1), few)), seed=0)
    assert found.distinct.synthetic.value == pytest.approx(8 / 1500)
    assert found.distinct.synthetic.high < 0.02 < found.distinct.real.low
    assert found.most_repeated.synthetic.low > 0.1 > found.most_repeated.real.high
    assert found.entropy.synthetic.high < found.entropy.real.low
    assert found.cluster_entropy.synthetic.high < found.cluster_entropy.real.low
    assert found.coverage.synthetic.high < 0.6 < found.coverage.real.low


def test_a_lost_kind_of_row_is_caught_and_named(table):
    fresh = rows(4000, seed=1)
    found = collapse(table(only(fresh, fresh["kind"] != "d")), seed=0)
    assert found.coverage.synthetic.high < 1.0
    assert found.coverage.real.value == 1.0
    assert found.distinct.synthetic.value == 1.0
    lost = [cluster for cluster in found.clusters if cluster.synthetic.high < 0.1 * cluster.real.low]
    assert lost
    assert all("`kind` is d" in cluster.described for cluster in lost)
    assert sum(cluster.real.value for cluster in lost) == pytest.approx(0.1, abs=0.03)


def test_a_column_of_one_category_is_caught(table):
    fresh = rows(3000, seed=1)
    found = collapse(table({**fresh, "shade": np.full(3000, "dark")}), seed=0)
    # the entropy of shade is 0.88 bits (0.7 to 0.3), a quarter of which is lost from the mean of four columns
    assert found.entropy.real.value - found.entropy.synthetic.value == pytest.approx(0.22, abs=0.03)
    assert found.entropy.synthetic.high < found.entropy.real.low


def test_entropy_is_that_of_scipy_and_its_error_that_of_repeated_draws():
    draw = np.random.default_rng(0)
    shares = [0.5, 0.3, 0.15, 0.05]
    codes = [draw.choice(4, 400, p=shares), draw.integers(0, 300, 400)]
    plain = [oracle_entropy(np.unique(part, return_counts=True)[1], base=2) for part in codes]
    assert entropy(codes).value == pytest.approx(np.mean(plain))
    repeated = [entropy([draw.choice(4, 400, p=shares)]) for _ in range(200)]
    spread = np.std([found.value for found in repeated])
    assert np.mean([found.standard_error for found in repeated]) == pytest.approx(spread, rel=0.2)
    assert entropy([np.zeros(9, np.int64)]).value == 0.0


def test_repeated_rows_are_counted():
    cells = np.asarray([[0, 1], [0, 1], [0, 2], [1, 1], [0, 1]])
    assert distinct(cells).value == 0.6
    assert most_repeated(cells).value == 0.6
    # two rows have no like: leaving out either lowers the count, so the error is that of a share of 2/5
    assert distinct(cells).standard_error == pytest.approx(np.sqrt(0.4 * 0.6 / 5))


def test_numbers_are_cut_at_the_real_deciles(columns):
    column = columns(x=("continuous", np.arange(100.0), [-5.0, 9.0, 10.0, 99.0, 1e9, np.nan]))[0]
    assert np.bincount(coarse_cells(column, column.real)).tolist() == [10] * 10
    assert coarse_cells(column, column.synthetic).tolist() == [0, 0, 1, 9, 9, 10]
    category = columns(c=("categorical", ["a", "b"], ["b", None]))[0]
    assert coarse_cells(category, category.synthetic).tolist() == [1, 2]


def test_coverage_counts_clusters_that_hold_a_tenth_of_their_rows():
    draw = np.random.default_rng(0)
    found = coverage(np.asarray([500, 300, 200]), np.asarray([951, 30, 19]), draw)
    assert found.value == pytest.approx(2 / 3)
    assert (found.low, found.high) == (pytest.approx(1 / 3), 1.0)  # both lie near the tenth
    assert coverage(np.asarray([500, 500]), np.asarray([1000, 0]), draw).high == 0.5


def test_points_go_to_their_nearest_centre():
    draw = np.random.default_rng(0)
    points, centres = draw.normal(size=(50, 4)).astype(np.float32), draw.normal(size=(6, 4)).astype(np.float32)
    plain = ((points[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
    np.testing.assert_array_equal(nearest(points, centres), plain)


def test_clusters_come_with_the_largest_first_and_share_all_rows(table):
    found = collapse(table(rows(3000, seed=1)), seed=0)
    shares = [cluster.real.value for cluster in found.clusters]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1.0)
    assert sum(cluster.synthetic.value for cluster in found.clusters) == pytest.approx(1.0)
    assert 4 <= len(found.clusters) <= 20


def test_the_same_seed_gives_the_same_result(table):
    part = table(rows(500, seed=1), n=500)
    before = [column.real.copy() for column in part]
    assert collapse(part, 3) == collapse(part, 3)
    assert collapse(part, 3) != collapse(part, 4)
    assert collapse(part, 3, max_rows=100).n_per_side == 100
    for column, old in zip(part, before, strict=True):
        np.testing.assert_array_equal(column.real, old)


@pytest.mark.filterwarnings("error")
def test_odd_tables_get_finite_numbers(columns):
    odd = columns(
        infinite=("continuous", [np.inf, -np.inf] * 10, [np.inf, 2.0] * 10),
        missing=("continuous", [np.nan] * 20, [np.nan] * 20),
        constant=("categorical", ["a"] * 20, ["b"] * 20),
        void=("categorical", [None] * 20, [None] * 20),
        huge=("continuous", [2**62 + i for i in range(20)], [2**62 + 5] * 20),
    )
    for part in (odd, *([column] for column in odd)):
        found = collapse(part, 0)
        assert all(np.isfinite(beside.synthetic.value) for beside in measures(found).values())
        assert [caveat.code for caveat in found.caveats] == ["few_rows"]
        assert found.clusters[0].described
    with pytest.raises(ValueError, match="10 synthetic rows"):
        collapse(columns(x=("continuous", np.arange(19.0), np.arange(50.0))), 0)
