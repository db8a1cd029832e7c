"""Conditions: from what a user asks for to cells that are given, a guide for all else, and what is written in the end.

One value of a column that is encoded alone is a given cell. What is asked of the columns of a hierarchy leaves some of
its leaves; the codes that these share are given, and if other leaves share them too, a guide tells them apart. Ranges,
lists, exceptions, and what is asked of columns that are written from others (if it is not one value of each) are left
to the guide.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.errors import ConditionError, listing
from tabgan.layout import EncodedTable, GivenCells
from tabgan.table import arrays, dtypes, given
from tabgan.table.allowances import Leaves
from tabgan.table.cells import is_missing, near
from tabgan.table.clauses import Clause, clauses_of
from tabgan.table.codec import TableCodec
from tabgan.table.domains import Domain
from tabgan.table.encoders import ConstantEncoder, HierarchyEncoder, Member, ModesEncoder, QuantileEncoder
from tabgan.table.encoders.base import shown
from tabgan.table.given import Literal
from tabgan.table.guiding import TableGuide
from tabgan.table.restated import named, only, restate_cells
from tabgan.table.restating.base import Restatement
from tabgan.table.schema import Schema
from tabgan.table.wanted import Wanted

_HEADING = "The condition cannot hold"
_MADE_UP = ("text", "key", "pattern", "personal")
Said: TypeAlias = Mapping[str, list[Clause]]


@dataclass(frozen=True, eq=False)
class Condition:
    """What a sample is made under.

    Attributes:
        given: cells that every row has from the start; None if there are none.
        guide: to what else is asked for; None if nothing is.
        literals: what is to be written into columns when rows are decoded (see `TableCodec.decode`).
    """

    given: GivenCells | None = None
    guide: TableGuide | None = None
    literals: Mapping[str, Literal] = field(default_factory=dict)

    @property
    def restated(self) -> Mapping[str, Wanted]:
        """What is wanted of columns that are written from others, and has to be seen to when they are."""
        return {} if self.guide is None else self.guide.restated


def condition_of(
    codec: TableCodec, steps: Sequence[Restatement], where: object, schema: Schema | None = None
) -> Condition:
    """The condition that a user asks for.

    Args:
        codec: of the learnt table.
        steps: what leads from the user's table to the learnt one, in order; empty if they are the same.
        where: see `clauses.clauses_of`.
        schema: of the user's table; None if it is that of the learnt one.

    Raises:
        ConditionError: if it cannot be read, or cannot hold; lists all that is wrong.
    """
    schema = codec.schema if schema is None else schema
    labels = [spec.label for spec in schema.columns if isinstance(spec.label, str)]
    clauses = clauses_of(where, [*schema.names, *labels])
    restated = _restated(steps)
    said, problems = _by_column(schema, clauses)
    wanted: dict[str, Wanted] = {}
    for name, own in said.items():
        try:
            found = _wanted(codec, schema, restated, name, own)
        except ConditionError as error:
            problems += str(error).splitlines()
            continue
        if found is not None:
            wanted[name] = found
    left = {name: own for name, own in wanted.items() if name in restated}
    learnt: dict[str, Wanted] = {}
    try:
        learnt, left = restate_cells(codec, schema, steps, left)
    except ConditionError as error:
        problems.append(str(error))
    asked = _Asked(codec, said, {name: own for name, own in wanted.items() if name not in restated} | learnt)
    problems += asked.problems()
    if problems:
        raise ConditionError(listing(_HEADING, problems))
    return _made(asked, tuple(steps), left)


def _restated(steps: Sequence[Restatement]) -> frozenset[str]:
    """The columns of the user's table that steps take."""
    taken: set[str] = set()
    made: set[str] = set()
    for step in steps:
        taken.update(name for name in step.sources if name not in made)
        made.update(spec.name for spec in step.learnt)
    return frozenset(taken)


def _by_column(schema: Schema, clauses: Sequence[Clause]) -> tuple[dict[Any, list[Clause]], list[str]]:
    """The clauses by the name of their column, and the problem if one goes by its name and by its label."""
    labels = {spec.label: spec.name for spec in schema.columns if spec.label is not None}
    said: dict[Any, list[Clause]] = {}
    problems = []
    for clause in clauses:
        name = clause.column if clause.column in schema else labels.get(clause.column, clause.column)
        own = said.setdefault(name, [])
        if own and own[0].column != clause.column:
            problems.append(f"column {name!r}: expected it once, got it by its name and by its label")
        own.append(clause)
    return said, problems


def _wanted(
    codec: TableCodec, schema: Schema, restated: frozenset[str], name: Any, clauses: Sequence[Clause]
) -> Wanted | None:
    """What clauses want of a column; None if that is all that can be made."""
    if name in restated and name in schema:
        kind = schema[name].kind
        if kind in _MADE_UP and not all(_is_of_missing(clause) for clause in clauses):
            raise ConditionError(
                f"column {name!r} is of kind {kind}, whose cells are made up anew; ask at most whether they are missing"
            )
        return Domain.of(schema[name], None).wanted(clauses)
    if name not in codec.known or name not in schema:
        raise ConditionError(_no_column(name, schema, [*restated, *codec.known]))
    return Domain.of(schema[name], codec.known[name]).wanted(clauses)


def _is_of_missing(clause: Clause) -> bool:
    return clause.values is not None and all(map(is_missing, clause.values))


def _no_column(name: Any, schema: Schema, known: Sequence[str]) -> str:
    if name in schema:
        return f"column {name!r} is of kind {schema[name].kind}, which is not modelled; leave it out of the condition"
    close = near(name, pa.array([known for known in known if known in schema], pa.string()))
    if not isinstance(name, str):  # the text "7" and the number 7 look alike unless one is quoted
        close = [repr(other) for other in close]
    return f"expected a column of the table, got {name!r}" + (f"; did you mean {', '.join(close)}?" if close else "")


@dataclass(frozen=True, eq=False)
class _Asked:
    """What is wanted of columns that are learnt as they are.

    Attributes:
        codec: of the learnt table.
        said: the clauses, by column.
        wanted: what they want of columns, by column.
    """

    codec: TableCodec
    said: Said
    wanted: Mapping[str, Wanted]

    def hierarchies(self) -> Iterator[tuple[HierarchyEncoder, NDArray[np.intp]]]:
        """The hierarchies that are concerned, and the leaves of each that are wanted, ascending."""
        for hierarchy in self.codec.hierarchies:
            own = {name: self.wanted[name] for name in hierarchy.names if name in self.wanted}
            if own:
                yield hierarchy, np.flatnonzero(Leaves(hierarchy, own).leaves)

    def problems(self) -> list[str]:
        """One for each hierarchy whose columns never hold what is wanted together."""
        return [self._never_together(hierarchy) for hierarchy, leaves in self.hierarchies() if not len(leaves)]

    def _never_together(self, hierarchy: HierarchyEncoder) -> str:
        members = [member for member in hierarchy.members if member.name in self.wanted]
        first, *others = members
        beside = np.flatnonzero(Leaves(hierarchy, {first.name: self.wanted[first.name]}).leaves)
        names = " and ".join(repr(member.name) for member in members)
        cells = " and ".join(self._shown(member) for member in members)
        hints = [f"{member.name!r} is {shown(arrays.plain(member.take(beside)).unique())}" for member in others]
        return (
            f"columns {names}: expected cells that occur together in the table, got {cells}; "
            f"where {first.name!r} is {self._shown(first)}, {' and '.join(hints)}"
        )

    def _shown(self, member: Member) -> str:
        wanted = self.wanted[member.name]
        if wanted.is_equality:
            cell = literal(wanted, dtypes.value_type(member.categories.arrow_type))
            return repr(cell.as_py()) if cell.is_valid else "a missing cell"
        return " and ".join(clause.said for clause in self.said[member.name])


def literal(wanted: Wanted, dtype: pa.DataType) -> pa.Scalar:
    """The one cell that is wanted, of type `dtype` (no dictionary type); null for a missing one."""
    if wanted.cells is None or not len(wanted.cells):
        return pa.scalar(None, dtype)
    return arrays.restore(wanted.cells, dtype)[0]


def _made(asked: _Asked, steps: tuple[Restatement, ...], restated: Mapping[str, Wanted]) -> Condition:
    codec, cells = asked.codec, _Cells(asked.codec)
    literals, guided = _alone(asked, cells)
    for hierarchy, leaves in asked.hierarchies():
        codes, whole = given.shared_codes(hierarchy, leaves)
        cells.give(hierarchy.names[0], (codes[None, :], np.zeros((1, 0), np.float32)))
        if not whole:
            guided |= {name: asked.wanted[name] for name in hierarchy.names if name in asked.wanted}
    if not restated and not guided:
        return Condition(cells.given(), None, literals)
    guide = TableGuide(codec, steps, restated, guided, literals)
    told = _told(codec, guide, restated)
    for name, scalar in told.items():
        cells.give(name, given.encode_cell(codec.known[name], name, scalar))  # type: ignore[arg-type]
    guide = replace(guide, literals=literals | told)
    if restated and guide.is_hopeless:
        raise ConditionError(listing(_HEADING, [_hopeless(asked.said, restated)]))
    return Condition(cells.given(), guide, guide.literals)


def _alone(asked: _Asked, cells: "_Cells") -> tuple[dict[str, Literal], dict[str, Wanted]]:
    """Gives the cells of columns that are encoded alone; what is to be written, and what is left to the guide."""
    codec = asked.codec
    literals: dict[str, Literal] = {}
    guided: dict[str, Wanted] = {}
    for name, wanted in asked.wanted.items():
        encoder = codec.known[name]
        if wanted.is_equality:
            literals[name] = literal(wanted, dtypes.value_type(codec.schema[name].arrow_type))
        if isinstance(encoder, Member | ConstantEncoder):
            continue
        if wanted.is_equality:
            cells.give(name, given.encode_cell(encoder, name, literals[name]))
            continue
        guided[name] = wanted
        if wanted.cells is not None and len(wanted.cells) and isinstance(encoder, QuantileEncoder | ModesEncoder):
            literals[name] = wanted.cells
    return literals, guided


def _told(codec: TableCodec, guide: TableGuide, restated: Mapping[str, Wanted]) -> dict[str, pa.Scalar]:
    """The cells of columns that are encoded alone which follow from what is wanted of restated columns."""
    found = {}
    for name, wanted in guide.told.items():
        alone = name in codec.known and not isinstance(codec.known[name], Member | ConstantEncoder)
        if alone and name not in guide.own and wanted.is_equality:
            dtype = dtypes.value_type(codec.schema[name].arrow_type)
            cell = literal(wanted, dtype)
            only(codec, name, given.repeat(cell, 1), frozenset(restated))
            found[name] = cell
    return found


def _hopeless(said: Said, restated: Mapping[str, Wanted]) -> str:
    clauses = ", ".join(f"{name} {clause.said}" for name in restated for clause in said[name])
    return f"{named(restated)}: expected cells like those of the table, got {clauses}; no row can come out so"


class _Cells:
    """One encoded row with the given cells, and how many codes of each column are given."""

    def __init__(self, codec: TableCodec) -> None:
        layout = codec.layout
        self._layout = layout
        self._codes = np.zeros((1, layout.n_codes), layout.code_dtype)
        self._values = np.zeros((1, layout.n_values), np.float32)
        self._depths = np.zeros(len(layout.columns), np.int64)

    def give(self, name: str, cell: tuple[NDArray[np.unsignedinteger], NDArray[np.float32]]) -> None:
        """The first codes (1, depth) of a column of the layout, and its values (1, v_j)."""
        index, (codes, values) = self._layout.index(name), cell
        start, depth = self._layout.code_slices[index].start, codes.shape[1]
        self._codes[:, start : start + depth] = codes
        if values.shape[1]:
            self._values[:, self._layout.value_slices[index]] = values
        self._depths[index] = depth

    def given(self) -> GivenCells | None:
        """The row; None if nothing is given."""
        return GivenCells(self._depths, EncodedTable(self._codes, self._values)) if self._depths.any() else None
