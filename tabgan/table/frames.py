"""From a pandas DataFrame to an Arrow table: every column by its dtype, every problem in one error.

The pandas dtype is remembered as a short text: pandas' own name for NumPy and nullable dtypes; "str" and "string" for
the two string dtypes ("[python]" behind it for that storage); "<Arrow type>[pyarrow]" for Arrow dtypes;
"category[<dtype of the categories>]"; "object" with the marker of its missing cells where that is not None:
"object[nan]", "object[NA]", "object[NaT]". `restoring` reads these texts. The index of a frame is not data here: it
is ignored, `frame.reset_index()` makes columns of it.
"""

import datetime
import math
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from tabgan.errors import SchemaError, listing
from tabgan.table import annotations
from tabgan.table.arrow import normalised
from tabgan.table.columns import Label
from tabgan.table.dtypes import flatten
from tabgan.table.labels import check_names, place_name

_OBJECT_KINDS = {
    "string": pa.string(),
    "boolean": pa.bool_(),
    "integer": None,
    "floating": pa.float64(),
    "mixed-integer-float": pa.float64(),
    "decimal": None,
    "date": pa.date32(),
    "datetime": None,
    "datetime64": None,
    "time": None,
    "timedelta": None,
    "timedelta64": None,
    "empty": pa.null(),
}
_ONE_TYPE = "make every cell one type, for example text with .astype(str), or drop the column"


class _UnusableError(Exception):
    """A column that cannot become an Arrow array; the message says why and what to do."""


def from_frame(frame: pd.DataFrame) -> pa.Table:
    """The frame's columns as an Arrow table whose fields remember dtypes and labels.

    Raises:
        SchemaError: with all problems: labels that are no names, duplicates, mixed or unsupported cells.
    """
    if isinstance(frame.columns, pd.MultiIndex):
        raise SchemaError(
            f"expected one level of column labels, got {frame.columns.nlevels}; flatten them first, for example "
            'with frame.columns = ["_".join(map(str, label)) for label in frame.columns]'
        )
    problems: list[str] = []
    names, labels = _names(list(frame.columns), problems)
    arrays, fields = [], []
    for position, (name, label) in enumerate(zip(names, labels, strict=True)):
        try:
            array, dtype = _column(frame.iloc[:, position])
        except _UnusableError as error:
            problems.append(f"column {name!r} {error}")
            continue
        arrays.append(array)
        fields.append(annotations.annotated(pa.field(name, array.type), dtype, label))
    if problems:
        raise SchemaError(listing("The frame cannot be used", problems))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _names(labels: Sequence[Hashable], problems: list[str]) -> tuple[list[str], list[Label | None]]:
    """A string name for every label, and the label where it is not that string."""
    names: list[str] = []
    kept: list[Label | None] = []
    for position, label in enumerate(labels):
        plain = label.item() if isinstance(label, np.generic) else label
        if not isinstance(plain, str | int | float) or (isinstance(plain, float) and not math.isfinite(plain)):
            problems.append(
                f"the label of column {position + 1} is {label!r} ({type(label).__name__}); expected text or a "
                "finite number: rename it, for example with frame.columns = frame.columns.map(str)"
            )
            plain = repr(label)
        if isinstance(plain, str) and not _is_unicode(plain):
            problems.append(
                f"the label of column {position + 1} is {label!r}, which is no valid Unicode; rename it, for example "
                'with frame.columns = [str(label).encode("utf-8", "replace").decode() for label in frame.columns]'
            )
            plain = repr(label)
        name = str(plain) or place_name(position, labels)
        names.append(name)
        kept.append(None if name == plain else plain)
    problems.extend(check_names(names))
    return names, kept


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _column(series: "pd.Series[Any]") -> tuple[pa.Array | pa.ChunkedArray, str]:
    """The cells as Arrow, and the text that names the pandas dtype."""
    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _category(series)
    if isinstance(dtype, pd.SparseDtype):
        return _column(pd.Series(np.asarray(series)))[0], str(dtype)
    if isinstance(dtype, pd.StringDtype):
        return normalised(pa.array(series.array)), _string_name(dtype)
    if isinstance(dtype, pd.ArrowDtype):
        return normalised(pa.array(series.array)), f"{dtype.pyarrow_dtype}[pyarrow]"
    if dtype == np.dtype(object):
        return _object(series)
    numbers = isinstance(dtype, np.dtype) and dtype.kind in "biuf" and dtype.itemsize <= 8
    times = isinstance(dtype, pd.DatetimeTZDtype) or (isinstance(dtype, np.dtype) and dtype.kind in "mM")
    masked = isinstance(series.array, pd.arrays.BooleanArray | pd.arrays.IntegerArray | pd.arrays.FloatingArray)
    if numbers:
        values = series.to_numpy()
        native = values.dtype.newbyteorder("=")  # Arrow knows no other byte order
        return pa.array(values.astype(native, copy=False)), str(native)
    if times or masked:
        return pa.array(series), str(dtype)
    remedy = "convert it with .dt.to_timestamp()" if isinstance(dtype, pd.PeriodDtype) else "convert it with .astype"
    raise _UnusableError(
        f"has the dtype {dtype}; expected numbers, booleans, text, categories or times: {remedy} or drop it"
    )


def _string_name(dtype: "pd.StringDtype[Any]") -> str:
    nan = getattr(dtype, "na_value", pd.NA) is not pd.NA
    return ("str" if nan else "string") + ("[python]" if dtype.storage == "python" else "")


def _category(series: "pd.Series[Any]") -> tuple[pa.Array, str]:
    values, inner = _column(pd.Series(series.cat.categories))
    codes = series.cat.codes.to_numpy()
    array = pa.DictionaryArray.from_arrays(
        pa.array(codes, mask=codes < 0), flatten(values), ordered=bool(series.cat.ordered)
    )
    return array, f"category[{inner}]"


def _object(series: "pd.Series[Any]") -> tuple[pa.Array | pa.ChunkedArray, str]:
    """Python objects, if all of them are of one kind."""
    gone = series.isna()
    present = series[~gone]
    kind = pd.api.types.infer_dtype(present, skipna=True)
    if kind not in _OBJECT_KINDS or _mixes_times(kind, present):
        raise _UnusableError(_mixture(present))
    dtype = _OBJECT_KINDS[kind]
    if kind == "datetime" and any(getattr(value, "nanosecond", 0) for value in present):
        dtype = pa.timestamp("ns", tz="UTC" if present.iloc[0].tzinfo else None)
    try:
        array = pa.array(series, type=dtype, from_pandas=True)
    except OverflowError:
        array = _unsigned(series)
    except TypeError as error:  # the only decimals that are no numbers and not missing
        raise _UnusableError("has infinite decimals; make them missing, or a large number") from error
    except (pa.ArrowException, UnicodeEncodeError) as error:
        raise _UnusableError(f"cannot be read: {error}; {_ONE_TYPE}") from error
    marker = series[gone].iloc[0] if len(present) < len(series) else None
    return array, "object" if marker is None else f"object[{_marker_name(marker)}]"


def _marker_name(marker: object) -> str:
    return "NA" if marker is pd.NA else "NaT" if marker is pd.NaT else "nan"


def _unsigned(series: "pd.Series[Any]") -> pa.Array:
    try:
        return pa.array(series, type=pa.uint64(), from_pandas=True)
    except (OverflowError, pa.ArrowException) as error:
        raise _UnusableError(
            "holds whole numbers beyond 64 bits; make it text with .astype(str) or floats with .astype(float)"
        ) from error


def _mixes_times(kind: str, present: "pd.Series[Any]") -> bool:
    """Dates beside timestamps, or timestamps with a time zone beside some without."""
    if kind == "date":
        return any(isinstance(value, datetime.datetime) for value in present)
    if kind == "datetime":
        return len({getattr(value, "tzinfo", None) is None for value in present}) > 1
    return False


def _mixture(present: "pd.Series[Any]") -> str:
    """What a column of Python objects holds, most frequent type first, each with an example."""
    counts = Counter(type(value).__name__ for value in present)
    examples: dict[str, Any] = {}
    for value in present:
        examples.setdefault(type(value).__name__, value)
        if len(examples) == len(counts):
            break
    parts = [f"{name} ({count:,}, for example {_short(examples[name])})" for name, count in counts.most_common(4)]
    heading = "mixes" if len(counts) > 1 else "holds objects of type"
    return f"{heading} {', '.join(parts)}; {_ONE_TYPE}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
