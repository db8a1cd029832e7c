"""Categories and their codes."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import SchemaError
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import CategoricalEncoder, CellsError
from tabgan.table.summaries import ColumnSummary

RNG = np.random.default_rng(0)


def fitted(
    array: pa.Array, *, nullable: bool = False, categories: tuple[object, ...] | None = None
) -> CategoricalEncoder:
    spec = ColumnSpec(name="x", kind="categorical", dtype=str(array.type), nullable=nullable, categories=categories)
    return CategoricalEncoder.from_summary(ColumnSummary.of(array), spec)


def test_codes_follow_the_order_of_the_categories_and_missing_is_last() -> None:
    encoder = fitted(pa.array(["b", "a", "c", None]), nullable=True)
    codes, values = encoder.encode(pa.array(["c", None, "a", "b"]), RNG)
    assert codes[:, 0].tolist() == [2, 3, 0, 1]
    assert values.shape == (4, 0)


def test_unknown_categories_are_named_five_at_most() -> None:
    with pytest.raises(CellsError, match="'z0', 'z1', 'z2', 'z3', 'z4' and 2 more") as caught:
        fitted(pa.array(["a", "b"])).encode(pa.array(["a", *(f"z{i % 7}" for i in range(20))]), RNG)
    assert "2 categories" in str(caught.value)


def test_the_label_nan_is_not_a_missing_cell() -> None:
    encoder = fitted(pa.array(["nan", "", None]), nullable=True)
    codes, _ = encoder.encode(pa.array(["nan", "", None]), RNG)
    assert codes[:, 0].tolist() == [1, 0, 2]


@pytest.mark.parametrize(
    ("array", "ordered"),
    [
        (pa.array(["b", "a", None]), 0),
        (pa.array([True, False, None]), 0),
        (pa.array([3, 1, 2, None]), 3),
        (pa.array([0.5, None]), 1),
        (pa.array([7, 0, None], pa.date32()), 2),
        (pa.array([Decimal("1.5"), Decimal("-2.5"), None]), 2),
        (pa.array([3, 1, None]).dictionary_encode(), 2),
        (pa.array(["b", "a", None]).dictionary_encode(), 0),
    ],
)
def test_numbers_and_times_are_in_order_and_texts_are_not(array: pa.Array, ordered: int) -> None:
    declared = tuple(array.dictionary.to_pylist()) if pa.types.is_dictionary(array.type) else None
    slots = fitted(array, nullable=True, categories=declared).slots("x")
    assert slots is not None
    assert (slots.ordered, slots.has_value, slots.windows) == (ordered, False, ())
    assert slots.cardinalities == (len(array.drop_null().unique()) + 1,)


@pytest.mark.parametrize("declared", [("hi", "mid", "lo"), (10, 5, 20)])
def test_codes_follow_a_declared_order(declared: tuple[object, ...]) -> None:
    array = pa.DictionaryArray.from_arrays(pa.array([2, 0, None], pa.int16()), pa.array(declared), ordered=True)
    encoder = fitted(array, nullable=True, categories=declared)
    assert encoder.encode(array, RNG)[0][:, 0].tolist() == [1, 0, 2]
    slots = encoder.slots("x")
    assert slots is not None
    assert slots.ordered == 2
    assert encoder.decode(*encoder.encode(array, RNG)).to_pylist() == array.to_pylist()


def test_unused_declared_categories_come_back_without_a_code() -> None:
    array = pa.DictionaryArray.from_arrays(pa.array([2, 0], pa.int16()), pa.array(["hi", "mid", "lo"]), ordered=True)
    encoder = fitted(array, categories=("hi", "mid", "lo"))
    slots = encoder.slots("x")
    assert slots is not None
    assert slots.cardinalities == (2,)
    back = encoder.decode(*encoder.encode(array, RNG))
    assert back.type == array.type
    assert back.dictionary.to_pylist() == ["hi", "mid", "lo"]
    assert back.to_pylist() == ["lo", "hi"]


def test_values_outside_of_the_declared_categories_are_refused() -> None:
    array = pa.array(["a", "b"]).dictionary_encode()
    with pytest.raises(SchemaError, match=r"'x'.*declared.*'b'"):
        fitted(array, categories=("a",))


def test_decimals_of_many_digits_are_exact() -> None:
    array = pa.array([Decimal("12345678901234567890.12"), Decimal("12345678901234567890.13")], pa.decimal128(38, 2))
    encoder = fitted(array)
    assert len(encoder.categories) == 2
    assert encoder.decode(*encoder.encode(array, RNG)).equals(array)


def test_cells_of_another_type_are_cast_where_nothing_is_lost() -> None:
    encoder = fitted(pa.array([1, 2]))
    assert encoder.encode(pa.array([2.0, 1.0]), RNG)[0][:, 0].tolist() == [1, 0]
    with pytest.raises(CellsError, match=r"int64.*double"):
        encoder.encode(pa.array([1.5]), RNG)


def test_no_category_at_all_is_refused_where_nothing_may_be_missing() -> None:
    with pytest.raises(SchemaError, match="at least one value"):
        fitted(pa.array([], pa.string()))


def test_too_many_categories_are_refused_with_a_remedy() -> None:
    array = pa.array(np.random.default_rng(0).normal(size=70_000))
    with pytest.raises(SchemaError, match="set its kind to key"):
        fitted(array)
