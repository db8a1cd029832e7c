"""Classes in chosen shares."""

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from tabgan import TabGAN
from tabgan.classes import balanced_classes, missing_classes
from tabgan.errors import InputError
from tabgan.learnt import Learnt


@pytest.fixture(scope="module")
def learnt(shop_model: TabGAN) -> Learnt:
    return shop_model._fitted()


def counts(table: pa.Table, name: str) -> dict[object, int]:
    assert table.column_names == [name]
    return dict(Counter(table[name].to_pylist()))


def test_without_shares_all_classes_are_equal(learnt: Learnt) -> None:
    assert counts(balanced_classes(learnt, "department", 90, None, 0), "department") == {
        "books": 30,
        "games": 30,
        "tools": 30,
    }


@pytest.mark.parametrize("n", [1, 2, 3, 100, 1_001])
def test_what_is_left_by_rounding_goes_to_the_largest_remainders(learnt: Learnt, n: int) -> None:
    shares = {"books": 0.5, "games": 0.3, "tools": 0.2}
    found = counts(balanced_classes(learnt, "department", n, shares, 0), "department")
    assert sum(found.values()) == n
    assert all(abs(found.get(name, 0) - n * share) < 1 for name, share in shares.items())


def test_the_order_is_random_and_named_by_the_seed(learnt: Learnt) -> None:
    one, same, other = (balanced_classes(learnt, "department", 300, None, seed) for seed in (1, 1, 2))
    assert one.equals(same)
    assert not one.equals(other)
    assert one["department"].to_pylist() != sorted(one["department"].to_pylist())


def test_the_order_of_the_shares_makes_no_difference_to_the_counts(learnt: Learnt) -> None:
    shares = {"tools": 0.15, "books": 0.6, "games": 0.25}
    for order in (shares, dict(reversed(shares.items()))):
        found = counts(balanced_classes(learnt, "department", 100, order, 0), "department")
        assert found == {"tools": 15, "books": 60, "games": 25}


@pytest.mark.parametrize("share", [np.float32(0.5), np.float64(0.5), np.int64(1), True])
def test_shares_of_any_numeric_type_will_do(learnt: Learnt, share: object) -> None:
    shares = {"books": share, "games": 1 - float(share), "tools": 0}  # type: ignore[arg-type]
    found = counts(balanced_classes(learnt, "department", 10, shares, 0), "department")
    assert found["books"] == round(10 * float(share))  # type: ignore[arg-type]


def test_classes_are_read_in_the_columns_type(learnt: Learnt) -> None:
    assert counts(balanced_classes(learnt, "member", 10, {"true": 0.7, "false": 0.3}, 0), "member") == {
        True: 7,
        False: 3,
    }
    assert counts(balanced_classes(learnt, "member", 10, {True: 1.0}, 0), "member") == {True: 10}


def test_declared_categories_are_classes(learnt: Learnt, shop: pa.Table) -> None:
    found = balanced_classes(learnt, "size", 40, None, 0)
    assert counts(found, "size") == {"S": 10, "M": 10, "L": 10, "XL": 10}


@pytest.mark.parametrize(
    "column", ["net", "id", "weight", "sent", "no such", "red", "red [choice]", "", 7, None, ["x"]]
)
def test_columns_without_classes_are_refused(learnt: Learnt, column: object) -> None:
    with pytest.raises(InputError, match=r"expected a column of 2 to 1,000 classes, such as \['product', 'department'"):
        balanced_classes(learnt, column, 10, None, 0)


@pytest.mark.parametrize(
    ("shares", "says"),
    [
        ({"books": 0.5, "games": 0.4}, "add up to 1, got 0.9"),
        ({}, "add up to 1, got 0"),
        ({"bookz": 1.0}, "expected one of its 3 classes, got 'bookz'; closest: books"),
        ({"books": 1.5, "games": -0.5}, "2 problems"),
        ({"books": "half", "games": 0.5}, "expected a share from 0 to 1 of 'books', got 'half'"),
        ({"books": float("nan"), "games": 0.5}, "from 0 to 1"),
        ({None: 1.0}, "department"),
        ([0.5, 0.5], "as a mapping"),
    ],
)
def test_shares_that_cannot_be_had_are_refused(learnt: Learnt, shares: object, says: str) -> None:
    with pytest.raises(InputError, match=says):
        balanced_classes(learnt, "department", 10, shares, 0)  # type: ignore[arg-type]


def test_a_class_that_is_named_twice_is_refused(learnt: Learnt) -> None:
    with pytest.raises(InputError, match="expected each class once, got 'true' again"):
        balanced_classes(learnt, "member", 10, {True: 0.5, "true": 0.25, False: 0.25}, 0)


def some(books: int, games: int, tools: int, missing: int = 0) -> pa.Table:
    names = ["books"] * books + ["games"] * games + ["tools"] * tools + [None] * missing
    return pa.table({"department": names})


@pytest.mark.parametrize(
    ("real", "shares", "lacking"),
    [
        (some(50, 20, 30), None, {"games": 30, "tools": 20}),
        (some(20, 20, 20), None, {}),
        (some(10, 0, 0), None, {"games": 10, "tools": 10}),
        (some(10, 0, 0, missing=90), None, {"games": 10, "tools": 10}),
        (some(50, 20, 30), {"books": 0.5, "games": 0.25, "tools": 0.25}, {"games": 10, "books": 10}),
        (some(50, 20, 30), {"books": 0.5, "games": 0.5, "tools": 0}, {"games": 30}),
        (some(50, 20, 30), {"games": 0.5, "books": 0.5}, {"games": 30}),
    ],
)
def test_just_the_rows_are_added_that_shares_lack(
    learnt: Learnt, real: pa.Table, shares: dict[str, float] | None, lacking: dict[str, int]
) -> None:
    assert counts(missing_classes(learnt, real, "department", shares), "department") == lacking


def test_the_real_rows_are_not_changed(learnt: Learnt) -> None:
    real = some(5, 2, 1)
    missing_classes(learnt, real, "department", None)
    assert real.equals(some(5, 2, 1))
