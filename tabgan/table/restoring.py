"""From Arrow columns back to a pandas DataFrame, with the dtypes and labels that went in (see `frames`)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tabgan.table import dtypes
from tabgan.table.arrow import encoded
from tabgan.table.columns import ColumnSpec, Label

_MARKERS = {"object": None, "object[nan]": np.nan, "object[NA]": pd.NA, "object[NaT]": pd.NaT}
_PANDAS_3 = int(pd.__version__.split(".")[0]) >= 3


def to_frame(table: pa.Table, specs: Mapping[str, ColumnSpec]) -> pd.DataFrame:
    """The table's columns as pandas columns, by the specs of the same names.

    A column that no spec names gets what is natural for its Arrow type. Whole numbers and booleans with missing cells
    come back in the nullable dtype where the dtype that was asked for cannot hold them.
    """
    columns: dict[int, pd.Series[Any]] = {}
    labels: list[Label] = []
    for position, name in enumerate(table.column_names):
        spec = specs.get(name)
        column = table.column(position)
        categories = None if spec is None else spec.category_array
        dtype = None if spec is None else spec.pandas_dtype
        ordered = spec.ordered if spec is not None and spec.categories is not None else None
        columns[position] = _series(column, dtype or natural_dtype(column), categories, ordered)
        labels.append(name if spec is None or spec.label is None else spec.label)
    frame = pd.DataFrame(columns, index=pd.RangeIndex(table.num_rows))
    frame.columns = pd.Index(labels)
    return frame


def dtype_problem(spec: ColumnSpec) -> list[str]:
    """One problem if the pandas dtype of a column is unknown, or cannot hold its cells: one is tried."""
    inner = dtypes.value_type(spec.arrow_type)
    known = spec.category_array
    if known is not None or pa.types.is_null(inner):
        cells = (pa.nulls(1) if known is None else known).slice(0, 1)
    else:
        cells = pa.array(["a"], inner) if dtypes.is_text(inner) else dtypes.from_numeric(np.ones(1, int), None, inner)
    try:
        _series(pa.chunked_array([cells]), str(spec.pandas_dtype), known, spec.ordered)
    except (TypeError, ValueError, NotImplementedError, AttributeError, pa.ArrowException) as error:
        return [f"expected a pandas dtype for {spec.dtype}, got {spec.pandas_dtype!r}; leave it out: {error}"]
    return []


def natural_dtype(column: pa.Array | pa.ChunkedArray) -> str:
    """The pandas dtype that a reader of files would expect for a column."""
    dtype = column.type
    if pa.types.is_dictionary(dtype):
        return f"category[{natural_dtype(pa.array([], dtype.value_type))}]"
    if pa.types.is_boolean(dtype):
        return "boolean" if column.null_count else "bool"
    if pa.types.is_integer(dtype):
        name = str(dtype)
        return name.replace("i", "I", 1).replace("uI", "UI") if column.null_count else name
    if pa.types.is_floating(dtype):
        return f"float{dtype.bit_width}"
    if pa.types.is_null(dtype):
        return "float64"
    if pa.types.is_timestamp(dtype):
        return f"datetime64[{dtype.unit}]" if dtype.tz is None else f"datetime64[{dtype.unit}, {dtype.tz}]"
    if pa.types.is_date(dtype):
        return "datetime64[s]"
    if pa.types.is_duration(dtype):
        return f"timedelta64[{dtype.unit}]"
    return "str" if dtypes.is_text(dtype) else "object"


def _series(column: pa.ChunkedArray, dtype: str, categories: pa.Array | None, ordered: bool | None) -> "pd.Series[Any]":
    if dtype.startswith("category["):
        return _category(column, dtype[len("category[") : -1], categories, bool(ordered))
    if dtype.endswith("[pyarrow]"):
        return _arrow(column, dtype.removesuffix("[pyarrow]"), categories)
    column = dtypes.decode_dictionary(column)
    if dtype in _MARKERS:
        return _objects(column, dtype)
    if dtype.removesuffix("[python]") in ("str", "string"):
        return _strings(column, dtype)
    if dtype.startswith("Sparse["):
        sparse = pd.api.types.pandas_dtype(dtype)
        return _plain(column, str(sparse.subtype)).astype(sparse)  # type: ignore[union-attr]
    return _plain(column, dtype)


def _category(column: pa.ChunkedArray, inner: str, categories: pa.Array | None, ordered: bool) -> "pd.Series[Any]":
    cells = dtypes.decode_dictionary(column)
    if categories is None:
        known = pc.unique(dtypes.flatten(cells)).drop_null()
        categories = known.take(pc.sort_indices(known)) if len(known) else known
    if pa.types.is_null(categories.type):
        codes = np.full(len(cells), -1)
    else:
        positions = pc.index_in(cells.cast(categories.type), value_set=categories, skip_nulls=True)
        codes = dtypes.flatten(positions.fill_null(-1)).to_numpy()
    values = _series(pa.chunked_array([categories]), inner, None, None)
    index = pd.Index(values, dtype=values.dtype)
    return pd.Series(pd.Categorical.from_codes(codes, categories=index, ordered=ordered))


def _arrow(column: pa.ChunkedArray, inner: str, categories: pa.Array | None) -> "pd.Series[Any]":
    dtype = pa.string_view() if inner == "string_view" else dtypes.parse(inner.replace("string_view", "large_string"))
    if pa.types.is_dictionary(dtype):
        column = encoded(column, dtype, categories)
    elif column.type != dtype:
        column = dtypes.decode_dictionary(column).cast(dtype)
    return pd.Series(pd.arrays.ArrowExtensionArray(column))


def _objects(column: pa.ChunkedArray, dtype: str) -> "pd.Series[Any]":
    marker = _MARKERS[dtype]
    values = np.empty(len(column), dtype=object)
    values[:] = [marker if value is None else value for value in column.to_pylist()]
    return pd.Series(values, dtype=object)


def _strings(column: pa.ChunkedArray, dtype: str) -> "pd.Series[Any]":
    storage = "python" if dtype.endswith("[python]") else "pyarrow"
    if dtype.startswith("string"):
        string: pd.StringDtype[Any] = pd.StringDtype(storage)
    elif _PANDAS_3:
        string = pd.StringDtype(storage, na_value=np.nan)
    else:
        return _objects(column.cast(pa.large_string()), "object")
    return pd.Series(column.cast(pa.large_string()).to_pandas(types_mapper=lambda _: string))


def _plain(column: pa.ChunkedArray, dtype: str) -> "pd.Series[Any]":
    """NumPy, nullable and datetime dtypes."""
    pandas = pd.api.types.pandas_dtype(dtype)
    if isinstance(pandas, np.dtype) and pandas.kind == "f":
        if pa.types.is_null(column.type):
            return pd.Series(np.full(len(column), np.nan, dtype=pandas))
        values = dtypes.flatten(column).to_numpy(zero_copy_only=False)
        return pd.Series(values.astype(pandas, copy=False))
    if isinstance(pandas, np.dtype) and pandas.kind in "biu" and column.null_count:
        pandas = pd.api.types.pandas_dtype("boolean" if pandas.kind == "b" else natural_dtype(column))
    if isinstance(pandas, np.dtype) and pandas.kind in "biu":
        return pd.Series(dtypes.flatten(column).to_numpy(zero_copy_only=False)).astype(pandas)
    if hasattr(pandas, "__from_arrow__") and not isinstance(pandas, pd.DatetimeTZDtype):
        return pd.Series(column.to_pandas(types_mapper=lambda _: pandas))
    if pa.types.is_date(column.type):
        column = column.cast(pa.timestamp("ms" if pa.types.is_date64(column.type) else "s"))
    return pd.Series(column.to_pandas()).astype(pandas)
