"""New keys: never one twice, of the same make, and as many as was said."""

import uuid
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tabgan.errors import SchemaError
from tabgan.table.keys import Keys, LabelledKeys, NumberKeys, fit_keys, keys_from_json
from tabgan.table.pattern_keys import PatternKeys

RNG = np.random.default_rng(0)
UUIDS = [str(uuid.UUID(bytes=RNG.bytes(16), version=4)) for _ in range(300)]
CODES = ["".join(RNG.choice(list("ABCDEFGHJKMNP23456789"), 6)) for _ in range(2_000)]
MADE: dict[str, Any] = {
    "running": pa.array(range(1, 501)),
    "running by ten": pa.array(range(1_000, 6_000, 10), pa.int32()),
    "scattered": pa.array([1_000 + i**3 for i in range(500)]),
    "negative": pa.array(range(-250, 250), pa.int16()),
    "uint64": pa.array([2**63 + 7 * i for i in range(500)], pa.uint64()),
    "whole floats": pa.array([float(i) for i in range(500)]),
    "decimals": pa.array([Decimal(i) for i in range(500)], pa.decimal128(20, 2)),
    "labelled": pa.array([f"CUST-{i:06}" for i in range(500)]),
    "labelled, not filled up": pa.array([f"c{i}x" for i in range(500)]),
    "uuid": pa.array(UUIDS),
    "codes": pa.array(CODES),
    "years": pa.array([f"{year}/{i:04}" for year in (2023, 2024) for i in range(300)]),
    "two shapes": pa.array([f"A-{i:04}" for i in range(400)] + [f"BB-{i:03}" for i in range(100)]),
    "two words": pa.array([f"{word}-{i:03}" for word in ("CUST", "SUPP") for i in range(200)]),
    "unicode": pa.array([f"Ä{chr(0x4E00 + i)}" for i in range(300)]),
}


def fit(name: str) -> Keys:
    return fit_keys(MADE[name])


@pytest.mark.parametrize("name", MADE)
def test_all_different_and_the_same_in_any_order(name: str) -> None:
    keys = fit(name)
    n = min(keys.capacity, 20_000)
    made = keys.make(np.arange(n), seed=3)
    assert len(made.unique()) == n
    assert made.null_count == 0
    backwards = keys.make(np.arange(n)[::-1], seed=3)
    assert backwards.equals(made.take(pa.array(np.arange(n)[::-1])))
    assert keys_from_json(keys.to_json()) == keys


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *((name, NumberKeys) for name in ("running", "scattered", "uint64", "whole floats", "decimals")),
        *((name, LabelledKeys) for name in ("labelled", "labelled, not filled up")),
        *((name, PatternKeys) for name in ("uuid", "codes", "years", "two shapes", "two words", "unicode")),
    ],
)
def test_what_makes_them(name: str, kind: type) -> None:
    assert type(fit(name)) is kind


def test_running_keys_go_on_after_the_largest() -> None:
    first = np.arange(3)
    assert fit("running").make(first, 0).to_pylist() == [501, 502, 503]
    assert fit("running by ten").make(first, 9).to_pylist() == [6_000, 6_010, 6_020]
    assert fit("labelled").make(first, 0).to_pylist() == ["CUST-000500", "CUST-000501", "CUST-000502"]
    assert fit("labelled, not filled up").make(np.array([0, 500]), 0).to_pylist() == ["c500x", "c1000x"]
    assert fit("uint64").make(first, 0).to_pylist() == [2**63 + 7 * i for i in (500, 501, 502)]
    assert fit("labelled").capacity == 10**6 - 500


def test_scattered_numbers_stay_in_their_range_and_then_run_on() -> None:
    keys = fit_keys(pa.array([10, 1_000_000, 500_010, 20]))
    assert isinstance(keys, NumberKeys)
    made = keys.make(np.arange(keys.scattered + 2), seed=1).to_numpy()
    inside, after = made[:-2], made[-2:]
    assert inside.min() == 10
    assert inside.max() == 1_000_000
    assert set(inside % 10) == {0}
    assert after.tolist() == [1_000_010, 1_000_020]
    assert not np.array_equal(inside, keys.make(np.arange(keys.scattered), seed=2).to_numpy())


def test_small_types_say_how_many_keys_there_are() -> None:
    full = fit_keys(pa.array(range(-128, 100), pa.int8()))
    assert full.capacity == 256
    assert np.array_equal(np.sort(full.make(np.arange(256), 0).to_numpy()), np.arange(-128, 128))
    assert fit_keys(pa.array([2**64 - 1, 2**64 - 2], pa.uint64())).capacity == 2
    whole = fit_keys(pa.array([0, 2**64 - 1], pa.uint64()))
    assert sorted(whole.make(np.arange(2), 0).to_pylist()) == [0, 2**64 - 1]


def test_uuids_keep_version_and_variant() -> None:
    made = fit("uuid").make(np.arange(20_000), 0)
    assert pc.all(pc.match_substring_regex(made, "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")).as_py()
    parsed = [uuid.UUID(text) for text in made.to_pylist()[:500]]
    assert {one.version for one in parsed} == {4}
    assert {one.variant for one in parsed} == {uuid.RFC_4122}
    assert not set(made.to_pylist()) & set(UUIDS)


def test_words_are_not_mixed() -> None:
    made = fit("two words").make(np.arange(500), 0)
    assert pc.all(pc.match_substring_regex(made, "^(CUST|SUPP)-[0-9]{3}$")).as_py()


def test_patterns_widen_when_they_are_used_up() -> None:
    keys = fit("two shapes")
    assert keys.capacity == 10_000 + 1_000
    made = keys.make(np.arange(11_000), 0).to_pylist()
    assert sorted(made) == sorted([f"A-{i:04}" for i in range(10_000)] + [f"BB-{i:03}" for i in range(1_000)])
    early = made[:500]
    assert all(text.startswith(("A-0", "A-1", "A-2", "A-3", "BB-0")) for text in early)
    assert 50 <= sum(text.startswith("BB") for text in early) <= 100


def test_shares_are_kept() -> None:
    texts = [f"A{a}{b:03}" for a in "BCDE" for b in RNG.integers(0, 1_000, 200)] + [
        f"{i * 37 % 9973:05}x" for i in range(200)
    ]
    made = fit_keys(pa.array(texts)).make(np.arange(1_000), 0).to_pylist()
    assert abs(np.mean([text[-1] == "x" for text in made]) - 0.2) < 0.02


def test_nothing_but_whole_numbers_and_texts() -> None:
    with pytest.raises(SchemaError, match=r"whole numbers as keys, got 0\.5"):
        fit_keys(pa.array([1.0, 0.5]))
    with pytest.raises(SchemaError, match="at least one key"):
        fit_keys(pa.array([None], pa.string()))


def test_one_key_and_the_empty_text() -> None:
    assert fit_keys(pa.array(["only"])).capacity > 1
    assert fit_keys(pa.array([""])).make(np.arange(1), 0).to_pylist() == [""]
    assert fit_keys(pa.array([7])).make(np.arange(2), 0).to_pylist() == [8, 9]
