"""Rows of which some cells are known, completed: for missing cells, and for tables whose other columns are to be made.

What is known of a row is given to the generator from the start. Where only a part is known of what several columns say
together (one of two dates, a department without its product), a guide keeps the rest in line with it. Known cells come
back as they were, whatever the model makes of them; so rules are checked in the rows as they are then, and rows that
break one are drawn again.
"""

import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan import rng
from tabgan.errors import DataWarning
from tabgan.gan.conditions import GivenRows
from tabgan.gan.filling import fill_blocks
from tabgan.layout import EncodedTable, concatenate
from tabgan.learnt import Learnt
from tabgan.rejecting import Rejection
from tabgan.settling import linked, settled
from tabgan.table import dtypes
from tabgan.table.constraints import Constraint
from tabgan.table.guiding import TableGuide
from tabgan.table.holes import encode_known, known_cells, overlaid, restate_known
from tabgan.table.partial import partly_known
from tabgan.table.restating.base import Rows
from tabgan.table.restating.key import NewKeys

ROWS = 512
"""Rows that are completed at a time."""
CANDIDATES, CANDIDATES_AGAIN = 8, 32
"""How often a row is drawn for one that is chosen by weight: at first, and where none of those would do."""
DRAWS = 15
"""How often rows are completed to find what is likeliest."""
SLACK_DAYS = (0, 0, 1, 4, 16)
"""By how much the length between two dates may be off, each time that a row is drawn: an exact one is rarely met."""


@dataclass
class _Noticed:
    """What a user should know of the cells that were given.

    Attributes:
        foreign: known cells by column that the model cannot take.
        unmet: rows of which the known cells cannot be brought together with what the model has learnt.
    """

    foreign: Counter[str] = field(default_factory=Counter)
    unmet: int = 0

    def warn(self) -> None:
        """Say so, if there is something to say."""
        if self.foreign:
            named = ", ".join(f"{name!r} ({count:,})" for name, count in self.foreign.items())
            warnings.warn(
                f"cells that the model has never seen stay as they are and tell it nothing: in columns {named}",
                DataWarning,
                stacklevel=4,
            )
        if self.unmet:
            warnings.warn(
                f"in {self.unmet:,} rows the known cells go together in no row that the model can make; "
                f"what was filled in there may break rules of the table",
                DataWarning,
                stacklevel=4,
            )


class _Drawn(NamedTuple):
    """Rows in codes, n of them.

    Attributes:
        rows: the codes and values.
        marks: shape (n,), 2 where a row is as it should be, 1 where it breaks no rule at least, 0 elsewhere.
        foreign: how many known cells of each column the model cannot take.
    """

    rows: EncodedTable
    marks: NDArray[np.int64]
    foreign: Counter[str]


def completed(
    learnt: Learnt,
    holes: pa.Table,
    *,
    seed: int,
    missing: bool,
    draws: int = 1,
    beside: pa.Table | None = None,
) -> Iterator[pa.Table]:
    """The rows of `holes` with their missing cells made, some at a time; of several draws what most of them have.

    Args:
        learnt: what the model has learnt.
        holes: conforms to the schema but for its holes.
        seed: of what is drawn.
        missing: whether a cell that is made may be a missing one.
        draws: how many times to complete each row.
        beside: rows whose keys are taken, too.

    Raises:
        InputError: if there are not so many different keys.
        SchemaError: if a predicate of the schema fails.

    Warns:
        DataWarning: of known cells that tell the model nothing, and of rows whose known cells go together nowhere.
    """
    noticed = _Noticed()
    groups = linked(learnt.coding) if draws > 1 else ()
    keys = _new_keys(learnt, seed, holes if beside is None else pa.concat_tables([holes, beside]))
    for start in range(0, holes.num_rows, ROWS):
        part = holes.slice(start, ROWS)
        tables, marks = [], []
        for draw in range(draws):
            rows = Rows(rng.derive_seed(seed, "draw", draw) if draw else seed, start, part.num_rows)
            filling = _Filling(learnt, part, rows, missing)
            drawn = filling.draw(rng.derive_seed(seed, "complete", start, draw))
            tables.append(overlaid(part, learnt.write(drawn.rows, rows)))
            marks.append(drawn.marks)
            if not draw:
                noticed.foreign.update(drawn.foreign)
        noticed.unmet += int((np.max(marks, axis=0) < 2).sum())
        yield _keyed(keys, part, tables[0] if draws == 1 else settled(tables, part, groups, np.stack(marks)))
    noticed.warn()


def _new_keys(learnt: Learnt, seed: int, taken: pa.Table) -> dict[str, NewKeys]:
    return {key.name: NewKeys(key, seed, taken[key.name]) for key in learnt.coding.recast.keys}


def _keyed(keys: dict[str, NewKeys], holes: pa.Table, made: pa.Table) -> pa.Table:
    """`made` with keys in it that are in no other row, where `holes` has none."""
    for name, new in keys.items():
        rows = dtypes.missing(dtypes.flatten(holes[name])) & ~dtypes.missing(dtypes.flatten(made[name]))
        own = new.take(int(rows.sum()))
        places = np.where(rows, np.cumsum(rows) - 1, 0)
        drawn = own.take(pa.array(places, mask=~rows))
        column = overlaid(pa.table({name: holes[name]}), pa.table({name: drawn}))[name]
        made = made.set_column(made.column_names.index(name), made.schema.field(name), column)
    return made


@dataclass(frozen=True, eq=False)
class _Filling:
    """Some rows that are to be filled.

    Attributes:
        learnt: what the model has learnt.
        part: the rows, n of them.
        rows: which rows these are.
        missing: whether a cell that is made may be a missing one.
    """

    learnt: Learnt
    part: pa.Table
    rows: Rows
    missing: bool

    def draw(self, seed: int) -> _Drawn:
        """The rows in codes: those that are not as they should be are drawn again, and the best is kept of each."""
        best = self._once(seed, np.arange(self.part.num_rows), CANDIDATES, 0)
        best = best._replace(marks=self._marks(best.rows, best.marks))
        for again, slack in enumerate(SLACK_DAYS[1:]):
            left = np.flatnonzero(best.marks < 2)
            if not len(left):
                break
            drawn = self._once(rng.derive_seed(seed, "again", again), left, CANDIDATES_AGAIN, slack)
            codes, values, met = best.rows.codes.copy(), best.rows.values.copy(), best.marks.copy()
            codes[left], values[left], met[left] = drawn.rows.codes, drawn.rows.values, drawn.marks
            marks = self._marks(EncodedTable(codes, values), met)
            better = marks > best.marks
            rows = EncodedTable(
                np.where(better[:, None], codes, best.rows.codes), np.where(better[:, None], values, best.rows.values)
            )
            best = best._replace(rows=rows, marks=np.maximum(marks, best.marks))
        return best

    def _once(self, seed: int, which: NDArray[np.intp], candidates: int, slack: int) -> _Drawn:
        """Some of the rows; marks are 2 where they are as the guide wants them, 0 elsewhere."""
        part = self.part if len(which) == self.part.num_rows else self.part.take(pa.array(which))
        recast, codec = self.learnt.coding.recast, self.learnt.coding.codec
        source = known_cells(part)
        rows, depths, known = encode_known(codec, restate_known(recast, source), len(which), seed)
        restated, own = partly_known(recast, codec, source, known, depths, missing=self.missing, slack_days=slack)
        guide = TableGuide(codec, recast.steps, restated, own, {}) if restated or own else None
        given = GivenRows(depths, rows)
        filled = list(fill_blocks(self.learnt.generator, given, seed=seed, guide=guide, candidates=candidates))
        met = np.concatenate([block.met for block in filled])
        return _Drawn(concatenate([block.rows for block in filled]), 2 * met.astype(np.int64), known.foreign)

    def _marks(self, rows: EncodedTable, met: NDArray[np.int64]) -> NDArray[np.int64]:
        """The marks of the rows with their known cells in place; `met` is 2 where they are as the guide wants them."""
        if not self._rules:
            return np.maximum(met, 1)
        names = set().union(*(rule.names for rule in self._rules))
        kept = list(names) if all(rule.names for rule in self._rules) else self.part.column_names
        kept = [name for name in self.part.column_names if name in kept]
        table = overlaid(self.part.select(kept), self.learnt.write(rows, self.rows, kept=kept))
        holds = ~np.logical_or.reduce([rule.broken(table) for rule in self._rules])
        return np.where(holds, np.maximum(met, 1), 0)

    @cached_property
    def _rules(self) -> tuple[Constraint, ...]:
        found = Rejection.of(self.learnt.schema.constraints)
        return () if found is None else found.rules
