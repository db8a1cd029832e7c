"""Which columns of the tables can be laid side by side, and in which common type.

The real table leads. A synthetic column of another type is cast where that loses nothing, and otherwise both are
brought to a type that holds both (whole and fractional numbers, dates and timestamps), with a caveat. What cannot be
compared is one error that lists every difference. Free text, keys and their like may be lacking in the synthetic table,
which is said; where they are there, they are taken as text, for comparisons of their own.
"""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from tabgan.errors import InputError, SchemaError, listing
from tabgan.evaluation.aligned import AlignedColumn, align
from tabgan.evaluation.results import Caveat, NotComputed
from tabgan.evaluation.threads import each
from tabgan.evaluation.written import WrittenColumn
from tabgan.table import dtypes
from tabgan.table.columns import WRITTEN
from tabgan.table.schema import ColumnSpec, Schema

_LEFT_OUT = {
    "text": "free text",
    "key": "a key, different in every row",
    "pattern": "strings of a pattern",
    "personal": "personal data",
    "left_out": "left out by the schema",
}


@dataclass(frozen=True)
class Matched:
    """The columns to compare, in the schema's order, with the caveats of each, and the columns left out.

    Attributes:
        columns: what is part of a model.
        caveats: of each of them.
        written: keys, structured strings, personal data and free text that all tables have.
        not_computed: all other columns, with the reason.
    """

    columns: tuple[AlignedColumn, ...]
    caveats: dict[str, tuple[Caveat, ...]]
    written: tuple[WrittenColumn, ...]
    not_computed: tuple[NotComputed, ...]


def text_columns(table: pa.Table) -> list[str]:
    """The names of the columns of text, whose labels a file of the other table must not read as numbers or times."""
    types = [field.type.value_type if pa.types.is_dictionary(field.type) else field.type for field in table.schema]
    return [name for name, dtype in zip(table.column_names, types, strict=True) if dtypes.is_text(dtype)]


def match(real: pa.Table, synthetic: pa.Table, schema: Schema, held_out: pa.Table | None = None) -> Matched:
    """Lay the columns of the tables side by side.

    Args:
        real: the real table.
        synthetic: the synthetic table.
        schema: of the real table; it gives each column's kind.
        held_out: real rows that the synthesizer has not seen; None where there are none.

    Raises:
        InputError: if a table has no rows.
        SchemaError: if columns are missing, are too many, or have types that do not fit; it lists all of them.
    """
    others = {"synthetic": synthetic} | ({} if held_out is None else {"held-out": held_out})
    for side, table in ({"real": real} | others).items():
        if table.num_rows == 0:
            raise InputError(f"expected at least one row in the {side} table, got none; give a table with rows")
    problems = [problem for side, table in others.items() for problem in _differences(real, table, side, schema)]
    found: list[tuple[ColumnSpec, Cells]] = []
    for spec in schema.columns:
        if not spec.modelled or not all(spec.name in table.column_names for table in (real, *others.values())):
            continue
        cells = common_type(real[spec.name], synthetic[spec.name])
        beside = cells and _with_held_out(cells, held_out, spec.name)
        if beside is None:
            side = "synthetic" if cells is None else "held-out"
            given, other = (dtypes.word(table[spec.name].type) for table in (real, others[side]))
            problems.append(
                f"column {spec.name!r}: expected {given} as in the real table, got {other} in the {side} one"
            )
            continue
        found.append((spec, beside))
    if problems:
        heading = "the tables do not match; make their columns the same in name and type"
        raise SchemaError(listing(heading, list(dict.fromkeys(problems))))
    written = {
        spec.name: _written(spec, real, synthetic, held_out)
        for spec in schema.columns
        if spec.kind in WRITTEN and spec.name in real.column_names and spec.name in synthetic.column_names
    }
    rest = (spec for spec in schema.columns if not spec.modelled and spec.name not in written)
    left_out = [NotComputed(f"column {spec.name!r}", _reason(spec, synthetic)) for spec in rest]
    columns = each(_aligned, found)
    caveats = {spec.name: cells.caveats for spec, cells in found}
    return Matched(tuple(columns), caveats, tuple(written.values()), tuple(left_out))


def _written(spec: ColumnSpec, real: pa.Table, synthetic: pa.Table, held_out: pa.Table | None) -> WrittenColumn:
    """The cells of a column as text, in the same words where the types differ only in width or precision."""
    unseen = held_out[spec.name] if held_out is not None and spec.name in held_out.column_names else None
    cells = common_type(real[spec.name], synthetic[spec.name])
    beside = None if cells is None else _with_held_out(cells, None if unseen is None else held_out, spec.name)
    if beside is None:
        words = [dtypes.word(table[spec.name].type) for table in (real, synthetic)]
        caveat = Caveat("cast", f"the real column is {words[0]}, the synthetic one {words[1]}; compared as text")
        beside = Cells(real[spec.name], synthetic[spec.name], (caveat,) if words[0] != words[1] else (), unseen)
    sides = [None if side is None else _as_text(side) for side in (beside.real, beside.synthetic, beside.held_out)]
    return WrittenColumn(spec.name, spec.kind, sides[0], sides[1], sides[2], beside.caveats)


def _as_text(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Cells as text, missing ones null; NaN is missing."""
    cells = dtypes.decode_dictionary(cells)
    missing = dtypes.missing(cells)
    if pa.types.is_float16(cells.type):  # Arrow casts these to no text
        cells = cells.cast(pa.float32())
    return pc.if_else(pa.array(missing), pa.scalar(None, pa.large_string()), cells.cast(pa.large_string()))


def _aligned(column: "tuple[ColumnSpec, Cells]") -> AlignedColumn:
    spec, cells = column
    return align(spec.name, spec.kind, cells.real, cells.synthetic, cells.held_out)


def _with_held_out(cells: "Cells", held_out: pa.Table | None, name: str) -> "Cells | None":
    """The cells with the held-out ones beside them, in one type that holds all; None if there is none."""
    if held_out is None:
        return cells
    given = common_type(cells.real, held_out[name])
    synthetic = given and common_type(given.real, cells.synthetic)
    if given is None or synthetic is None or synthetic.real.type != given.real.type:
        return None
    return Cells(given.real, synthetic.synthetic, cells.caveats, given.synthetic)


def _differences(real: pa.Table, other: pa.Table, side: str, schema: Schema) -> list[str]:
    names = {spec.name for spec in schema.columns}
    lost = [s.name for s in schema.columns if s.modelled and s.name not in other.column_names]
    unknown = [spec.name for spec in schema.columns if spec.modelled and spec.name not in real.column_names]
    extra = [name for name in other.column_names if name not in names]
    outside = [name for name in real.column_names if name not in names]
    found = (
        (lost, f"missing from the {side} table"),
        (extra, f"in the {side} table only"),
        (unknown, "in the schema but not in the real table"),
        (outside, "in the real table but not in the schema"),
    )
    return [f"{where}: {', '.join(map(repr, columns))}" for columns, where in found if columns]


def _reason(spec: ColumnSpec, synthetic: pa.Table) -> str:
    what = _LEFT_OUT.get(spec.kind, spec.kind)
    where = "" if spec.name in synthetic.column_names else ", and the synthetic table does not have it"
    return f"{what} ({spec.reason}){where}" if spec.reason else f"{what}{where}"


@dataclass(frozen=True)
class Cells:
    """One column of the tables in one type, and what had to be done for it."""

    real: pa.ChunkedArray
    synthetic: pa.ChunkedArray
    caveats: tuple[Caveat, ...] = ()
    held_out: pa.ChunkedArray | None = None


def common_type(real: pa.ChunkedArray, synthetic: pa.ChunkedArray) -> Cells | None:
    """Both columns in one type that holds every value of both; None if there is none.

    Types of one family (integers of any width; floats; text; timestamps of any unit) are brought together without a
    word, since nobody would call them different.
    """
    real, synthetic = dtypes.decode_dictionary(real), dtypes.decode_dictionary(synthetic)
    given, found = real.type, synthetic.type
    if given == found:
        return Cells(real, synthetic)
    cast = _lossless(synthetic, given)
    if cast is not None:
        text = f"the synthetic column was {dtypes.word(found)} and was read as {dtypes.word(given)}"
        same = dtypes.word(found) == dtypes.word(given) or pa.types.is_null(found)
        return Cells(real, cast, () if same else (Caveat("cast", text),))
    wider = _wider(given, found)
    if wider is None:
        return None
    left, right = _lossless(real, wider), _lossless(synthetic, wider)
    if left is None or right is None:
        return None
    text = f"the real column is {dtypes.word(given)}, the synthetic one {dtypes.word(found)}; compared as {wider}"
    same = dtypes.word(found) == dtypes.word(given) or pa.types.is_null(given)
    return Cells(left, right, () if same else (Caveat("cast", text),))


def _wider(given: pa.DataType, found: pa.DataType) -> pa.DataType | None:
    if pa.types.is_null(given):
        return found
    types = (given, found)
    if all(dtypes.is_text(dtype) for dtype in types):
        return pa.large_string()
    if all(dtypes.is_datetime(dtype) for dtype in types):
        zones = {dtype.tz for dtype in types if pa.types.is_timestamp(dtype)}
        return pa.timestamp("us", tz=zones.pop()) if len(zones) == 1 else None
    plain = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    return pa.float64() if all(any(is_a(dtype) for is_a in plain) for dtype in types) else None


def _lossless(array: pa.ChunkedArray, dtype: pa.DataType) -> pa.ChunkedArray | None:
    """The cells as `dtype` if they come back the same from there, else None."""
    if pa.types.is_floating(array.type):
        if pa.types.is_floating(dtype):
            return array.cast(dtype, safe=False) if dtype.bit_width >= array.type.bit_width else None
        array = pc.if_else(pc.is_nan(array), pa.scalar(None, array.type), array)
    if pa.types.is_null(array.type):
        return array.cast(dtype)
    if _mixes_times(array.type, dtype):
        return None
    try:
        cast = array.cast(dtype)
        if dtypes.is_text(array.type):
            return cast
        same = pc.all(pc.equal(cast.cast(array.type), array)).as_py()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    return None if same is False else cast


def _mixes_times(given: pa.DataType, wanted: pa.DataType) -> bool:
    """Numbers are no times: 0 and 1970-01-01 share their bits and nothing else."""
    text = dtypes.is_text(given) or dtypes.is_text(wanted)
    return bool(pa.types.is_temporal(given) != pa.types.is_temporal(wanted) and not text)
