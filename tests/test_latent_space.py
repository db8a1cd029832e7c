"""Rows as points: there and back, ways between them, and near points that give near rows."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pandas.testing import assert_frame_equal

from tabgan import TabGAN
from tabgan.errors import InputError
from tabgan.latent_space import LatentSpace

from .small_shop import broken_rules


@pytest.fixture(scope="module")
def space(shop_model: TabGAN) -> LatentSpace:
    return shop_model.latent_space


@pytest.fixture(scope="module")
def drawn(shop_model: TabGAN) -> pd.DataFrame:
    return shop_model.sample(120, seed=8)


def test_each_number_belongs_to_a_learnt_column(space: LatentSpace, drawn: pd.DataFrame) -> None:
    assert {"product", "red [choice]", "net", "sent [length]", "weight"} <= set(space.dimensions)
    assert space.of(drawn).shape == (120, len(space.dimensions))


def test_rows_come_back_from_their_points(space: LatentSpace, drawn: pd.DataFrame) -> None:
    back = space.rows(space.of(drawn))
    assert_frame_equal(back.drop(columns="id"), drawn.drop(columns="id"))
    assert back["id"].is_unique


def test_the_same_seed_gives_the_same_keys(space: LatentSpace) -> None:
    points = np.random.default_rng(0).normal(size=(20, len(space.dimensions)))
    before = points.copy()
    assert_frame_equal(space.rows(points, seed=3), space.rows(points, seed=3))
    assert (points == before).all()
    assert space.rows(points, seed=3)["id"].tolist()[:5] == space.rows(points[:5], seed=3)["id"].tolist()


def test_any_point_is_a_row_that_keeps_the_rules(space: LatentSpace) -> None:
    points = 2 * np.random.default_rng(1).normal(size=(300, len(space.dimensions)))
    made = pa.Table.from_pandas(space.rows(points), preserve_index=False).replace_schema_metadata(None)
    assert broken_rules(made) == {}


def test_the_way_between_two_rows_ends_at_both(space: LatentSpace, drawn: pd.DataFrame) -> None:
    first, second = drawn.iloc[[0]], drawn.iloc[[1]]
    way = space.between(first, second, 6).drop(columns="id")
    assert len(way) == 6
    assert_frame_equal(way.iloc[[0, 5]].reset_index(drop=True), drawn.iloc[[0, 1]].drop(columns="id"))


def test_between_a_row_and_itself_is_the_row(space: LatentSpace, drawn: pd.DataFrame) -> None:
    row = drawn.iloc[[4]]
    way = space.between(row, row, 3).drop(columns="id")
    assert_frame_equal(way, pd.concat([row] * 3, ignore_index=True).drop(columns="id"))


def test_along_a_dimension_numbers_rise(space: LatentSpace, drawn: pd.DataFrame) -> None:
    dimension = space.dimensions.index("net")
    way = space.along(drawn.iloc[[2]], dimension, (-3, -1, 0, 1, 3))
    assert way["net"].is_monotonic_increasing
    assert way["net"].iloc[-1] > way["net"].iloc[0] + 100
    assert (way["net"] + way["tax"] == way["gross"]).all()


def test_near_points_give_near_rows(space: LatentSpace, drawn: pd.DataFrame) -> None:
    points = space.of(drawn)
    noise = np.random.default_rng(2).normal(size=points.shape)
    names = [name for name in drawn.columns if name != "id"]
    changed = []
    for share in (0.02, 0.1, 0.3, 1.0):
        moved = space.rows(np.sqrt(1 - share**2) * points + share * noise)
        same = (moved[names] == drawn[names]) | (moved[names].isna() & drawn[names].isna())
        changed.append(1 - same.to_numpy(bool, na_value=False).mean())
    assert changed == sorted(changed)
    assert changed[0] < 0.5 * changed[-1]


@pytest.mark.parametrize("steps", [1, 0, -2, 2.5, "3"])
def test_a_way_has_two_steps_at_least(space: LatentSpace, drawn: pd.DataFrame, steps: object) -> None:
    with pytest.raises(InputError, match="steps must be a whole number of at least 2"):
        space.between(drawn.iloc[[0]], drawn.iloc[[1]], steps)  # type: ignore[arg-type]


@pytest.mark.parametrize("n", [0, 2])
def test_a_way_begins_at_one_row(space: LatentSpace, drawn: pd.DataFrame, n: int) -> None:
    with pytest.raises(InputError):
        space.between(drawn.head(n), drawn.iloc[[1]])
    with pytest.raises(InputError):
        space.along(drawn.head(n), 0)


@pytest.mark.parametrize("dimension", [-1, 1_000, 1.5, "net", None])
def test_there_is_no_other_dimension(space: LatentSpace, drawn: pd.DataFrame, dimension: object) -> None:
    with pytest.raises(InputError, match="dimension must be a whole number in 0"):
        space.along(drawn.iloc[[0]], dimension)  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [("low",), (float("nan"),), (float("inf"),), ()])
def test_values_are_finite_numbers(space: LatentSpace, drawn: pd.DataFrame, values: tuple[object, ...]) -> None:
    with pytest.raises(InputError):
        space.along(drawn.iloc[[0]], 0, values)  # type: ignore[arg-type]


@pytest.mark.parametrize("points", [np.zeros(3), np.zeros((2, 3)), np.zeros((0, 3)), [["a"]], None])
def test_points_of_another_shape_are_refused(space: LatentSpace, points: object) -> None:
    with pytest.raises(InputError):
        space.rows(points)  # type: ignore[arg-type]


def test_no_points_are_refused(space: LatentSpace) -> None:
    with pytest.raises(InputError, match="at least one latent vector"):
        space.rows(np.zeros((0, len(space.dimensions))))


def test_rows_with_foreign_cells_have_no_point(space: LatentSpace, drawn: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="product 77"):
        space.of(drawn.head(2).assign(product="product 77"))
    with pytest.raises(InputError, match="gross"):
        space.of(drawn.head(2).assign(gross=7))
