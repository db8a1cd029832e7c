"""Columns that have broken encoders before, each by a name that says why."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa

_BERLIN = "Europe/Berlin"


def _pandas(values: object, dtype: object) -> pa.Array:
    return pa.Array.from_pandas(pd.Series(values, dtype=dtype))


def columns() -> dict[str, pa.Array]:
    """Every nasty column, by name."""
    return {**_texts(), **_whole(), **_fractions(), **_times(), **_from_pandas()}


def _texts() -> dict[str, pa.Array]:
    return {
        "empty text": pa.array([], pa.string()),
        "one text": pa.array(["a"]),
        "constant text": pa.array(["a"] * 5),
        "all missing text": pa.nulls(4, pa.string()),
        "all missing null": pa.nulls(4),
        "a rare category": pa.array(["a"] * 999 + ["b"]),
        "label nan and empty string": pa.array(["nan", "", "None", None, "NaN", "null", ""]),
        "unicode": pa.array(["ä", "a\u0308", "日本語", "🦆", "\u200b", " ", "a\nb", '"', "\\", "\x00"]),
        "large text": pa.array(["a", None, "b"], pa.large_string()),
        "booleans": pa.array([True, False, None, True]),
        "dictionary": pa.array(["b", "a", None, "b"]).dictionary_encode(),
        "dictionary int8 ordered": pa.DictionaryArray.from_arrays(
            pa.array([2, 0, None, 2], pa.int8()), pa.array(["low", "mid", "high"]), ordered=True
        ),
        "dictionary of integers": pa.array([3, 1, 3]).dictionary_encode(),
        "dictionary of dates": pa.array([dt.date(1960, 1, 1), None]).dictionary_encode(),
    }


def _whole() -> dict[str, pa.Array]:
    return {
        "empty integers": pa.array([], pa.int64()),
        "one integer": pa.array([7]),
        "constant integer": pa.array([7] * 5),
        "missing integers": pa.array([1, None, 3, 3, None]),
        "all missing integers": pa.nulls(3, pa.int32()),
        "beyond 2**53": pa.array([2**53 + 1, 2**53 + 1, -(2**63), -(2**63), 2**63 - 1, 2**63 - 1]),
        "uint64 max": pa.array([0, 0, 2**64 - 1, 2**64 - 1, 2**63, 2**63], pa.uint64()),
        "int8": pa.array([-128, 127, 0, 0], pa.int8()),
        "uint32": pa.array([0, 2**32 - 1, 5, 5], pa.uint32()),
        "zero-inflated": pa.array([0] * 50 + list(range(1000, 1050))),
        "999 code": pa.array([999] * 40 + list(range(60))),
    }


def _fractions() -> dict[str, pa.Array]:
    return {
        "empty floats": pa.array([], pa.float64()),
        "one float": pa.array([0.1]),
        "NaN beside null": pa.array([1.5, float("nan"), None, 1.5]),
        "subnormal and huge": pa.array([5e-324, 1e300, -1e300, 1.7e308, -1.7e308, 1e-310]),
        "negative zero": pa.array([-0.0, 0.0, 1.0, -0.0]),
        "tenths": pa.array([0.1, 0.2, 0.30000000000000004, 0.7]),
        "cents": pa.array([19.99, 5.0, 0.01, 5.0, 123456.78]),
        "half floats": pa.array(np.array([0.1, 2.5, 0.1, 65504], np.float16)),
        "single floats": pa.array(np.array([0.1, 0.2, 0.1, 3e38], np.float32)),
        "decimals": pa.array([Decimal("0.10"), Decimal("-1.25"), None, Decimal("0.10")], pa.decimal128(5, 2)),
        "wide decimals": pa.array([Decimal("12345678901234567890.12"), Decimal("0.01")], pa.decimal128(38, 2)),
        "decimal256": pa.array([Decimal("1.5"), Decimal("2.5"), Decimal("1.5")], pa.decimal256(40, 1)),
    }


def _times() -> dict[str, pa.Array]:
    before = dt.datetime(1911, 3, 4, 5, 6, 7, 123456)
    return {
        "dates before 1970": pa.array([dt.date(1815, 12, 10), dt.date(1969, 12, 31), None, dt.date(2999, 1, 1)]),
        "date64": pa.array([dt.date(1960, 2, 29), dt.date(2020, 2, 29)], pa.date64()),
        "timestamps before 1970": pa.array([before, dt.datetime(1970, 1, 1)], pa.timestamp("us")),
        "timestamps in Berlin": pa.array([dt.datetime(2020, 1, 1, tzinfo=dt.UTC)] * 3, pa.timestamp("ms", _BERLIN)),
        "nanoseconds": pa.array([-1, 1, 10**18 + 1, None]).cast(pa.timestamp("ns")),
        "durations": pa.array([dt.timedelta(days=-1), dt.timedelta(microseconds=1), None], pa.duration("us")),
        "times of day": pa.array([dt.time(23, 59, 59), dt.time(0), dt.time(12)], pa.time32("s")),
        "fine times of day": pa.array([1, 86_399_999_999_999]).cast(pa.time64("ns")),
    }


def _from_pandas() -> dict[str, pa.Array]:
    return {
        "pandas object": _pandas(["x", None, "y"], object),
        "pandas Int64": _pandas([1, pd.NA, 3], "Int64"),
        "pandas boolean": _pandas([True, pd.NA, False], "boolean"),
        "pandas string": _pandas(["x", pd.NA, ""], "string"),
        "pandas category": _pandas(["x", "y", None], pd.CategoricalDtype(["y", "x", "unused"], ordered=True)),
        "pandas arrow integers": _pandas([1, None, 3], "int64[pyarrow]"),
        "pandas datetimes": _pandas(["1969-07-20", None], "datetime64[ns]"),
    }
