"""Dependencies: what was planted is found, exact or nearly so, and what chance gives is not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tabgan.table.relations import Coded, Group, determines, find_dependencies, find_groups


def coded(cells: np.ndarray) -> Coded:
    kept, codes = np.unique(cells, return_inverse=True)
    return Coded(codes.astype(np.int32), len(kept))


def skewed(rng: np.random.Generator, n: int, size: int) -> np.ndarray:
    weights = 1 / np.arange(1, size + 1)
    return rng.choice(size, n, p=weights / weights.sum())


def test_an_exact_dependency_holds_in_its_direction_only() -> None:
    rng = np.random.default_rng(0)
    ids = skewed(rng, 5_000, 200)
    fine, coarse = coded(ids), coded(rng.integers(0, 8, 200)[ids])
    assert determines(fine, coarse)
    assert not determines(coarse, fine)


@pytest.mark.parametrize(("n_exceptions", "expected"), [(0, True), (2, True), (19, True), (40, False), (2_000, False)])
def test_few_rows_may_violate_a_dependency(n_exceptions: int, expected: bool) -> None:
    rng = np.random.default_rng(0)
    ids = skewed(rng, 20_000, 1_000)
    cells = rng.integers(1, 21, 1_000)[ids]
    cells[rng.choice(20_000, n_exceptions, replace=False)] = 0
    assert determines(coded(ids), coded(cells)) is expected


@pytest.mark.parametrize(("n_exceptions", "expected"), [(0, True), (3, True), (5, True), (9, False)])
def test_a_few_exceptions_are_borne_where_pairs_are_few(n_exceptions: int, expected: bool) -> None:
    """Of 20 categories and 11 there are so few pairs that a share of them would bear no more than two."""
    rng = np.random.default_rng(0)
    zips = rng.integers(0, 20, 20_000)
    cities = zips // 2 + 1
    for zip_code in range(n_exceptions):
        cities[np.flatnonzero(zips == zip_code)[0]] = 0
    assert determines(coded(zips), coded(cities)) is expected


def test_small_columns_can_determine_each_other() -> None:
    cells = np.random.default_rng(0).integers(0, 3, 200)
    assert determines(coded(cells), coded(cells * 2))
    assert determines(coded(cells), coded(cells == 1))


def test_a_small_exact_dependency_is_lost_by_one_pair() -> None:
    cells = np.random.default_rng(0).integers(0, 3, 5_000)
    other = cells.copy()
    other[0] = (other[0] + 1) % 3
    assert not determines(coded(cells), coded(other))


def test_few_rows_prove_nothing() -> None:
    cells = np.random.default_rng(0).integers(0, 2, 20)
    assert not determines(coded(cells), coded(cells))
    assert determines(coded(np.tile(cells, 10)), coded(np.tile(cells, 10)))


@pytest.mark.parametrize("n", [200, 2_000, 30_000])
@pytest.mark.parametrize("size", [2, 20, 500, 10_000])
@pytest.mark.parametrize("majority", [0.5, 0.9, 0.99, 0.999])
def test_independent_columns_are_not_related(n: int, size: int, majority: float) -> None:
    rng = np.random.default_rng(n + size)
    columns = [
        coded(skewed(rng, n, size)),
        coded(rng.integers(0, size, n)),
        coded(np.where(rng.random(n) < majority, 0, rng.integers(1, 4, n))),
        coded(rng.random(n) < majority),
    ]
    assert not find_dependencies(columns, [True] * 4)


def test_a_determinant_whose_values_hardly_repeat_is_none() -> None:
    n = 3_000
    ids = np.repeat(np.arange(n // 2), 2)
    assert not find_groups([coded(ids), coded(ids % 7)], [True, True])
    ids = np.repeat(np.arange(n // 4), 4)
    assert find_groups([coded(ids), coded(ids % 7)], [True, True]) == (Group(0, (1,), ()),)


@pytest.mark.parametrize("size", [30, 2_000, 60_000])
def test_a_dependency_is_found_in_more_rows_than_are_screened(size: int) -> None:
    rng = np.random.default_rng(0)
    n = 200_000
    ids = np.concatenate([np.arange(size), rng.integers(0, size, n - size)])
    columns = [coded(rng.integers(0, 9, n)), coded(rng.integers(0, 9, size)[ids]), coded(ids)]
    assert find_dependencies(columns, [True] * 3) == {(2, 1)}


def test_numbers_may_follow_but_determine_nothing() -> None:
    rng = np.random.default_rng(0)
    shops = rng.integers(0, 40, 4_000)
    size = rng.permutation(40)[shops]
    assert find_groups([coded(shops), coded(size)], [True, False]) == (Group(0, (), (1,)),)
    assert find_groups([coded(shops), coded(size)], [False, False]) == ()


def test_levels_go_from_coarse_to_fine_and_twins_are_none() -> None:
    rng = np.random.default_rng(0)
    ids = skewed(rng, 20_000, 800)
    classes = rng.integers(0, 20, 800)
    departments = rng.integers(0, 6, 20)
    beside = rng.integers(0, 12, 800)
    cells = (departments[classes[ids]], ids, rng.integers(0, 5, 20_000), classes[ids], 800 - ids, beside[ids])
    columns = [coded(column) for column in cells]
    assert find_groups(columns, [True] * 6) == (Group(1, (0, 3), (4, 5)),)


def test_a_column_with_very_many_categories_is_no_level() -> None:
    rng = np.random.default_rng(0)
    ids = np.tile(np.arange(3_000), 5)
    brands, countries = np.arange(3_000) // 3, rng.integers(0, 9, 3_000)
    columns = [coded(ids), coded(brands[ids]), coded(countries[ids])]
    assert find_groups(columns, [True] * 3) == (Group(0, (2,), (1,)),)


def test_a_column_belongs_to_one_group() -> None:
    rng = np.random.default_rng(0)
    city, shop = rng.integers(0, 60, 9_000), rng.integers(0, 90, 9_000)
    country, owner = rng.integers(0, 5, 60)[city], rng.integers(0, 30, 90)[shop]
    columns = [coded(cells) for cells in (city, country, shop, owner, country)]
    assert find_groups(columns, [True] * 5) == (Group(2, (3,), ()), Group(0, (1,), (4,)))


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.sampled_from([1_000, 5_000, 40_000]),
    size=st.integers(10, 300),
    coarse=st.integers(2, 9),
)
def test_what_was_planted_is_found_among_independent_columns(seed: int, n: int, size: int, coarse: int) -> None:
    rng = np.random.default_rng(seed)
    ids = rng.integers(0, size, n)
    of_id = rng.permutation(np.arange(size) % coarse)
    alone = np.where(rng.random(n) < 0.999, 0, 1)
    columns = [coded(cells) for cells in (rng.integers(0, 7, n), of_id[ids], alone, ids, rng.integers(0, size, n))]
    assert find_dependencies(columns, [True] * 5) == {(3, 1)}


@pytest.mark.parametrize("n", [40, 700, 30_000])
def test_the_few_rows_that_are_looked_at_first_lose_no_dependency(n: int) -> None:
    """Among many columns of all sizes, with followers that have a few exceptions, as if each pair were judged alone."""
    rng = np.random.default_rng(n)
    cells = [rng.integers(0, size, n) for size in (2, 3, 5, 12, max(n // 40, 4))]
    cells += [cells[-1] // 2, cells[3] // 4, cells[2] * 7]
    noisy = cells[3] // 3
    noisy[:3] = 3 - noisy[:3]
    columns = [coded(own) for own in (*cells, noisy)]
    found = find_dependencies(columns, [True] * len(columns))
    places = range(len(columns))
    alone = {
        (a, b)
        for a in places
        for b in places
        if a != b and columns[a].size * 3 <= n and 2 <= columns[b].size <= 1.01 * columns[a].size
        if determines(columns[a], columns[b])
    }
    assert found == alone
    assert alone or n < 100
