"""Arrow arrays and tables of any origin in the few forms that this wing works with.

String views become large strings, run-end encoded arrays are spread out, and the chunks of a dictionary column share
one dictionary that holds no null. Everything else stays as it came.
"""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from tabgan.errors import SchemaError, listing
from tabgan.table import annotations, dtypes
from tabgan.table.labels import check_names, place_name


def normalised(array: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """The same cells in a form that the compute functions know."""
    dtype = array.type
    if _is_run_end(dtype):
        return normalised(_each(array, pc.run_end_decode, dtype.value_type))
    if _is_view(dtype):
        return _each(array, _from_view, pa.large_string())
    if not pa.types.is_dictionary(dtype):
        return array
    chunked = array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])
    if _is_view(dtype.value_type):
        plain = pa.dictionary(dtype.index_type, pa.large_string(), ordered=dtype.ordered)
        chunked = _each(chunked, _plain_dictionary, plain)
    chunked = chunked.unify_dictionaries() if chunked.num_chunks > 1 else chunked
    if chunked.num_chunks and chunked.chunk(0).dictionary.null_count:
        return chunked.cast(chunked.type.value_type).dictionary_encode()
    return chunked


def _each(array: pa.Array | pa.ChunkedArray, function: object, dtype: pa.DataType) -> pa.ChunkedArray:
    chunks = array.chunks if isinstance(array, pa.ChunkedArray) else [array]
    return pa.chunked_array([function(chunk) for chunk in chunks], type=dtype)  # type: ignore[operator]


def _plain_dictionary(array: pa.DictionaryArray) -> pa.DictionaryArray:
    words = _from_view(array.dictionary)
    return pa.DictionaryArray.from_arrays(array.indices, words, ordered=array.type.ordered)


def _from_view(array: pa.Array) -> pa.Array:
    try:
        return array.cast(pa.large_string())
    except pa.ArrowNotImplementedError:  # before pyarrow 18
        return pa.array(array.to_pylist(), pa.large_string())


def _is_view(dtype: pa.DataType) -> bool:
    return str(dtype) == "string_view"


def _is_run_end(dtype: pa.DataType) -> bool:
    return str(dtype).startswith("run_end_encoded")


def from_arrow(table: pa.Table, *, arrow_dtypes: bool) -> pa.Table:
    """An Arrow table of any origin, with names for nameless columns.

    Args:
        table: as another library made it; it may be one that was read here before, with its annotations.
        arrow_dtypes: whether pandas should show the columns with Arrow dtypes, as for data that never was pandas.

    Raises:
        SchemaError: if columns share a name.
    """
    names = [field.name or place_name(position, table.column_names) for position, field in enumerate(table.schema)]
    if problems := check_names(names):
        raise SchemaError(listing("The table cannot be used", problems))
    arrays, fields = [], []
    for name, field, column in zip(names, table.schema, table.columns, strict=True):
        array = normalised(column)
        kept = annotations.own_metadata(field)
        if arrow_dtypes and annotations.pandas_dtype(kept) is None:
            label = annotations.label(kept) if field.name else ""
            kept = annotations.annotated(kept, f"{array.type}[pyarrow]", label, annotations.remark(kept))
        arrays.append(array)
        fields.append(pa.field(name, array.type, metadata=kept.metadata))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def dictionary_of(column: pa.Array | pa.ChunkedArray) -> pa.Array | None:
    """The declared categories of a dictionary column whose chunks share one dictionary; None for other columns."""
    if not pa.types.is_dictionary(column.type):
        return None
    if isinstance(column, pa.Array):
        return column.dictionary
    unified = column.unify_dictionaries() if column.num_chunks > 1 else column
    return unified.chunk(0).dictionary if unified.num_chunks else pa.array([], dtypes.value_type(column.type))


def encoded(column: pa.ChunkedArray, dtype: pa.DataType, categories: pa.Array | None) -> pa.ChunkedArray:
    """The cells as positions in the declared categories; cells that are none of them become null.

    Args:
        column: n cells, encoded or not.
        dtype: the dictionary type to make.
        categories: the dictionary in its order; None to take the distinct cells in order of appearance.
    """
    if categories is None:
        return column if column.type == dtype else dtypes.decode_dictionary(column).dictionary_encode().cast(dtype)
    cells = dtypes.decode_dictionary(column).cast(categories.type)
    if pa.types.is_null(categories.type):
        indices = pa.nulls(len(cells), dtype.index_type)
    else:
        indices = dtypes.flatten(pc.index_in(cells, value_set=categories, skip_nulls=True)).cast(dtype.index_type)
    return pa.chunked_array([pa.DictionaryArray.from_arrays(indices, categories, ordered=dtype.ordered)])


def rebatch(parts: Iterator[pa.Table], batch_rows: int) -> Iterator[pa.Table]:
    """The same rows in tables of `batch_rows` rows, the last one shorter."""
    pending: list[pa.Table] = []
    rows = 0
    for part in parts:
        pending.append(part)
        rows += part.num_rows
        while rows >= batch_rows:
            whole = pa.concat_tables(pending)
            yield whole.slice(0, batch_rows).combine_chunks()
            pending, rows = [whole.slice(batch_rows)], rows - batch_rows
    if rows:
        yield pa.concat_tables(pending).combine_chunks()
