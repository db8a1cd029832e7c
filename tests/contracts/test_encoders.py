"""What every encoder promises, on every nasty column that it can take."""

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import SchemaError
from tabgan.table import arrays, dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import ENCODERS, CellsError, Encoder, encoder_from_json, fit_encoder
from tabgan.table.summaries import ColumnSummary

from .nasty import columns

COLUMNS = columns()
KINDS: dict[str, dict[str, Any]] = {
    "constant": {"kind": "constant"},
    "categorical": {"kind": "categorical"},
    "grouped": {"kind": "high_cardinality"},
    "quantile": {"kind": "continuous"},
    "modes": {"kind": "continuous", "encoding": "modes"},
}


def spec_of(name: str, encoder: str) -> ColumnSpec:
    array = COLUMNS[name]
    declared = None
    if pa.types.is_dictionary(array.type) and encoder in LISTED:
        declared = tuple(array.dictionary.to_pylist())
    nullable = bool(dtypes.missing(array).any()) or not len(array)
    return ColumnSpec(name=name, dtype=str(array.type), nullable=nullable, categories=declared, **KINDS[encoder])


def fits(name: str, encoder: str) -> bool:
    array = COLUMNS[name]
    summary = ColumnSummary.of(array)
    if encoder == "constant":
        return summary.n_distinct <= 1 and not (summary.n_missing and summary.n_distinct)
    return arrays.has_order(array.type) if encoder in NUMERIC else True


def makes_numbers(name: str, encoder: str) -> bool:
    """Whether the encoder makes numbers of this column: not where there is none to learn from, or only one."""
    slots = fitted(encoder, name).slots(name)
    return bool(ColumnSummary.of(COLUMNS[name]).n_values) and slots is not None and slots.has_value


def fitted(encoder: str, name: str) -> Encoder:
    return fit_encoder(ColumnSummary.of(COLUMNS[name]), spec_of(name, encoder))


LISTED, NUMERIC = ("constant", "categorical", "grouped"), ("quantile", "modes")
CASES = [(encoder, name) for encoder in KINDS for name in COLUMNS if fits(name, encoder)]
REFUSED = [(encoder, name) for encoder in KINDS for name in COLUMNS if not fits(name, encoder)]
VALUED = [(encoder, name) for encoder, name in CASES if encoder in NUMERIC and makes_numbers(name, encoder)]


def round_trip(encoder: Encoder, array: pa.Array) -> pa.Array:
    return encoder.decode(*encoder.encode(array, np.random.default_rng(0)))


def test_every_encoder_is_in_the_suite() -> None:
    assert set(KINDS) == set(ENCODERS)


@pytest.mark.parametrize(("encoder", "name"), CASES)
def test_comes_back_in_its_type_with_its_missing_cells(encoder: str, name: str) -> None:
    array = COLUMNS[name]
    back = round_trip(fitted(encoder, name), array)
    assert back.type == array.type
    assert dtypes.missing(back).tolist() == dtypes.missing(array).tolist()


@pytest.mark.parametrize(("encoder", "name"), [case for case in CASES if case[0] in LISTED])
def test_categories_come_back_exactly(encoder: str, name: str) -> None:
    array = COLUMNS[name]
    back = round_trip(fitted(encoder, name), array)
    assert arrays.plain(back).equals(arrays.plain(array))
    if pa.types.is_dictionary(array.type):
        assert back.dictionary.equals(array.dictionary)


@pytest.mark.parametrize(("encoder", "name"), VALUED)
def test_numbers_stay_within_the_range(encoder: str, name: str) -> None:
    array = COLUMNS[name]
    made = fitted(encoder, name)
    slots = made.slots(name)
    assert slots is not None
    rng = np.random.default_rng(1)
    codes = np.stack([rng.integers(0, size, 200) for size in (slots.ordered, *slots.cardinalities[1:])], axis=1)
    back = made.decode(codes.astype(np.uint8), rng.uniform(-1.2, 1.2, (200, 1)).astype(np.float32))
    numbers = arrays.numbers(arrays.plain(back))
    low, high = (
        arrays.numbers(arrays.plain(array.filter(pa.array(~dtypes.missing(array))))).min(),
        ColumnSummary.of(array).maximum,
    )
    assert numbers.min() >= low
    assert numbers.max() <= high


@pytest.mark.parametrize(("encoder", "name"), CASES)
def test_codes_and_values_fill_the_slots(encoder: str, name: str) -> None:
    made, array = fitted(encoder, name), COLUMNS[name]
    codes, values = made.encode(array, np.random.default_rng(0))
    slots = made.slots(name)
    cardinalities = slots.cardinalities if slots else ()
    assert codes.shape == (len(array), len(cardinalities))
    assert values.shape == (len(array), int(slots is not None and slots.has_value))
    assert values.dtype == np.float32
    assert np.issubdtype(codes.dtype, np.unsignedinteger)
    assert (codes < np.array(cardinalities)).all()
    assert (np.abs(values) <= 1).all()
    if slots is None:
        return
    assert len(slots.cardinalities) >= 1
    for i, windows in enumerate(slots.windows):
        low, high = np.array(windows)[codes[:, i]].T
        assert (low <= codes[:, i + 1]).all()
        assert (codes[:, i + 1] < high).all()
    if slots.has_value:
        assert (values[codes[:, 0] >= slots.ordered] == 0).all()
        np.testing.assert_array_equal(codes[:, 0] >= slots.ordered, dtypes.missing(array))


@pytest.mark.parametrize(("encoder", "name"), [case for case in CASES if case[0] == "quantile"])
def test_codes_ascend_with_the_numbers_and_equal_numbers_share_them(encoder: str, name: str) -> None:
    array = COLUMNS[name]
    present = array.filter(pa.array(~dtypes.missing(array)))
    codes, _ = fitted(encoder, name).encode(present, np.random.default_rng(0))
    again, _ = fitted(encoder, name).encode(present, np.random.default_rng(1))
    np.testing.assert_array_equal(codes, again)
    numbers = arrays.numbers(arrays.plain(present))
    order = np.argsort(numbers, kind="stable")
    place = (codes.astype(np.int64) @ np.array([256, 1])[-codes.shape[1] :])[order]
    assert (np.diff(place) >= 0).all()
    assert (np.diff(place)[np.diff(numbers[order]) == 0] == 0).all()


@pytest.mark.parametrize(("encoder", "name"), [case for case in CASES if case[0] == "quantile"])
def test_numbers_of_a_short_column_come_back_exactly(encoder: str, name: str) -> None:
    array = COLUMNS[name]
    back = round_trip(fitted(encoder, name), array)
    if not pa.types.is_decimal(array.type):
        assert arrays.plain(back).equals(arrays.plain(array))
    np.testing.assert_array_equal(arrays.numbers(back), arrays.numbers(arrays.plain(array)))


@pytest.mark.parametrize(("encoder", "name"), CASES)
def test_nothing_is_mutated_and_the_same_stream_gives_the_same_rows(encoder: str, name: str) -> None:
    made, array = fitted(encoder, name), COLUMNS[name]
    before = _bytes(array)
    first = made.encode(array, np.random.default_rng(3))
    second = made.encode(array, np.random.default_rng(3))
    copies = [part.copy() for part in first]
    made.decode(*first)
    assert _bytes(array) == before
    for one, two, copy in zip(first, second, copies, strict=True):
        np.testing.assert_array_equal(one, two)
        np.testing.assert_array_equal(one, copy)


def _bytes(array: pa.Array) -> list[bytes | None]:
    return [None if buffer is None else buffer.to_pybytes() for buffer in array.buffers()]


@pytest.mark.parametrize(("encoder", "name"), CASES)
def test_json_round_trip(encoder: str, name: str) -> None:
    made = fitted(encoder, name)
    again = encoder_from_json(json.loads(json.dumps(made.to_json(), allow_nan=False)))
    assert again == made
    assert type(again) is type(made)
    array = COLUMNS[name]
    assert round_trip(again, array).equals(round_trip(made, array))


@pytest.mark.parametrize(("encoder", "name"), CASES)
def test_two_halves_make_the_same_encoder_as_the_whole(encoder: str, name: str) -> None:
    array = COLUMNS[name]
    half = len(array) // 2
    parts = ColumnSummary.of(array.slice(0, half)).merge(ColumnSummary.of(array.slice(half)))
    assert fit_encoder(parts, spec_of(name, encoder)) == fitted(encoder, name)


@pytest.mark.parametrize(("encoder", "name"), CASES)
def test_chunks_make_no_difference(encoder: str, name: str) -> None:
    made, array = fitted(encoder, name), COLUMNS[name]
    half = len(array) // 2
    chunked = pa.chunked_array([array.slice(0, half), array.slice(half)])
    for one, two in zip(
        made.encode(array, np.random.default_rng(0)), made.encode(chunked, np.random.default_rng(0)), strict=True
    ):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(("encoder", "name"), [case for case in CASES if not spec_of(case[1], case[0]).nullable])
def test_missing_cells_are_refused_where_none_may_be(encoder: str, name: str) -> None:
    array = COLUMNS[name]
    with pytest.raises(CellsError, match="missing"):
        fitted(encoder, name).encode(pa.nulls(2, array.type), np.random.default_rng(0))


@pytest.mark.parametrize(("encoder", "name"), REFUSED)
def test_columns_that_do_not_fit_are_refused_by_name(encoder: str, name: str) -> None:
    with pytest.raises(SchemaError) as caught:
        fitted(encoder, name)
    assert name in str(caught.value)
    assert "set its kind" in str(caught.value)
