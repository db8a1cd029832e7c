"""Rows of which only some cells are known: what is known of them in the words that are learnt, and in codes.

A missing cell is one that is not known. What several columns say together, a restatement or a hierarchy, is known in
the rows where all of them are. A known cell that cannot be taken, such as a category that the model has never seen,
counts as not known; how many there were is said.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan import rng as streams
from tabgan.layout import EncodedTable
from tabgan.table import arrays, dtypes
from tabgan.table.codec import TableCodec
from tabgan.table.encoders import CellsError, Encoder, HierarchyEncoder, Member
from tabgan.table.encoders.base import Codes, Values, no_values
from tabgan.table.recast import Recast

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Known:
    """Cells of the columns of a table, and which of them are known.

    Attributes:
        cells: of each column, n of them; those that are not known are of no account.
        known: of each column, shape (n,).
        foreign: how many cells of each column were given and could not be taken.
    """

    cells: dict[str, pa.Array]
    known: dict[str, NDArray[np.bool_]]
    foreign: Counter[str] = field(default_factory=Counter)


def known_cells(table: pa.Table) -> Known:
    """The cells of a table that are not missing."""
    cells = {name: dtypes.flatten(table[name]) for name in table.column_names}
    return Known(cells, {name: ~dtypes.missing(column) for name, column in cells.items()})


def restate_known(recast: Recast, found: Known) -> Known:
    """What is known of the learnt columns.

    A learnt column of the same name as a source has the source's cells, and is known where these are.
    """
    cells, known, foreign = dict(found.cells), dict(found.known), Counter(found.foreign)
    for step in recast.steps:
        taken = [cells[name] for name in step.sources]
        rows = np.flatnonzero(np.logical_and.reduce([known[name] for name in step.sources]))
        places, parts = np.zeros(0, np.intp), [pa.nulls(0, spec.arrow_type) for spec in step.learnt]
        for chosen, made in _taking(rows, lambda chosen: step.restate(_rows(taken, chosen))):  # noqa: B023
            places = np.concatenate([places, chosen])
            parts = [pa.concat_arrays([part, more]) for part, more in zip(parts, made, strict=True)]
        foreign.update({name: len(rows) - len(places) for name in step.sources if len(rows) > len(places)})
        where = np.full(len(taken[0]), -1, np.int64)
        where[places] = np.arange(len(places))
        positions = pa.array(where, mask=where < 0)
        for spec, part in zip(step.learnt, parts, strict=True):
            if spec.name not in step.sources:
                cells[spec.name], known[spec.name] = part.take(positions), where >= 0
        for name in set(step.sources).difference(spec.name for spec in step.learnt):
            del cells[name], known[name]
    return Known(cells, known, foreign)


def encode_known(codec: TableCodec, found: Known, n: int, seed: int) -> tuple[EncodedTable, NDArray[np.int64], Known]:
    """What is known of n rows of a codec's columns as codes.

    Returns:
        The rows in codes; of how many codes of each column of the layout they are known, shape (n, m), all or none; and
        what is known of the columns with foreign cells taken out.
    """
    layout = codec.layout
    rows = EncodedTable(np.zeros((n, layout.n_codes), layout.code_dtype), np.zeros((n, layout.n_values), np.float32))
    depths = np.zeros((n, len(layout.columns)), np.int64)
    known, foreign = dict(found.known), Counter(found.foreign)
    for index in range(len(layout.columns)):
        names, encoder = codec.names_of(index), codec.encoder_of(index)
        if isinstance(encoder, HierarchyEncoder):
            for member in encoder.members:
                _forget_foreign(member, found.cells[member.name], known, foreign)
        wanted = np.flatnonzero(np.logical_and.reduce([known[name] for name in names]))
        columns = [found.cells[name] for name in names]
        code, value = layout.code_slices[index], layout.value_slices[index]
        random = streams.generator(seed, "known cells", layout.names[index])
        for chosen, (codes, values) in _taking(
            wanted,
            lambda chosen: _encoded(encoder, _rows(columns, chosen), random),  # noqa: B023
        ):
            rows.codes[chosen, code], rows.values[chosen, value] = codes, values
            depths[chosen, index] = codes.shape[1]
        refused = wanted[depths[wanted, index] == 0]
        if len(refused):
            foreign.update(dict.fromkeys(names, len(refused)))
            for name in names:
                known[name] = known[name].copy()
                known[name][refused] = False
    return rows, depths, Known(found.cells, known, foreign)


def _forget_foreign(
    member: Member, cells: pa.Array, known: dict[str, NDArray[np.bool_]], foreign: Counter[str]
) -> None:
    """Takes out the cells of a column of a hierarchy that are none of its categories."""
    own = pc.is_in(arrays.plain(cells), value_set=member.categories.array).to_numpy(zero_copy_only=False)
    refused = known[member.name] & ~own & ~dtypes.missing(cells)
    if refused.any():
        foreign[member.name] += int(refused.sum())
        known[member.name] = known[member.name] & own


def _encoded(
    encoder: Encoder | HierarchyEncoder, columns: Sequence[pa.Array], random: np.random.Generator
) -> tuple[Codes, Values]:
    if isinstance(encoder, HierarchyEncoder):
        return encoder.encode(columns), no_values(len(columns[0]))
    return encoder.encode(columns[0], random)


def _rows(columns: Sequence[pa.Array], chosen: NDArray[np.intp]) -> list[pa.Array]:
    positions = pa.array(chosen)
    return [column.take(positions) for column in columns]


def _taking(rows: NDArray[np.intp], attempt: Callable[[NDArray[np.intp]], T]) -> Iterator[tuple[NDArray[np.intp], T]]:
    """What becomes of those rows that can be taken: a part with rows that cannot is halved until they stand alone."""
    pending = [rows] if len(rows) else []
    while pending:
        chosen = pending.pop()
        try:
            yield chosen, attempt(chosen)
        except CellsError:
            if len(chosen) > 1:
                pending += [chosen[len(chosen) // 2 :], chosen[: len(chosen) // 2]]


def overlaid(table: pa.Table, drawn: pa.Table) -> pa.Table:
    """`table` with its missing cells taken from `drawn`, of the same schema and rows."""
    columns = []
    for given, made in zip(table.columns, drawn.columns, strict=True):
        first, second = (dtypes.flatten(column) for column in (given, made))
        known = pa.array(~dtypes.missing(first))
        if pa.types.is_dictionary(first.type):
            first, second = _in_one_dictionary(first, second)
            indices = pc.if_else(known, first.indices, second.indices)
            columns.append(pa.DictionaryArray.from_arrays(indices, first.dictionary, ordered=first.type.ordered))
        else:
            columns.append(pc.if_else(known, first, second))
    return pa.Table.from_arrays(columns, schema=table.schema)


def _in_one_dictionary(
    first: pa.DictionaryArray, second: pa.DictionaryArray
) -> tuple[pa.DictionaryArray, pa.DictionaryArray]:
    """Both in the dictionary of the first, with what only the second holds behind it."""
    if first.dictionary.equals(second.dictionary):
        return first, second
    lacking = second.dictionary.filter(pc.invert(pc.is_in(second.dictionary, value_set=first.dictionary)))
    whole = pa.concat_arrays([first.dictionary, lacking])
    indices = pc.index_in(second.dictionary_decode(), value_set=whole).cast(first.type.index_type)
    return tuple(
        pa.DictionaryArray.from_arrays(own, whole, ordered=first.type.ordered) for own in (first.indices, indices)
    )
