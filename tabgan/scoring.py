"""How real rows are: a score for each row, and what speaks most against it.

What the score is relative to is said in `tabgan.gan.realism`. Here rows of any table with the learnt columns are
brought before it, block by block: cells that no real row held count as odd and are no errors, and a row that breaks a
rule of the schema, or holds another cell where all rows held the same, is as good as a fake. Rules about several rows
(cells that differ from row to row) are not looked at.
"""

import difflib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.errors import DataWarning, NotFittedError, SchemaError, listing
from tabgan.gan.drawing import BLOCK
from tabgan.gan.oddness import CodedRows, oddness
from tabgan.gan.realism import Realism
from tabgan.learnt import Learnt
from tabgan.table.constraints import Combinations, Constraint, Predicate, Unique
from tabgan.table.constraints.base import listed
from tabgan.table.foreign import LooseRows, encode_foreign, loosely, origins

SCORE, BECAUSE, NATS = "realism", "because", "nats"
SCHEMA = pa.schema([pa.field(SCORE, pa.float64()), pa.field(BECAUSE, pa.string()), pa.field(NATS, pa.float64())])
"""What is said of each row: its score, what speaks most against it, and how surprising that is."""


def scored(learnt: Learnt, table: pa.Table) -> Iterator[pa.Table]:
    """What there is to say of each row of `table`, some rows at a time, with `SCHEMA`.

    The score lies within (0, 1). What speaks most against a row is the column (or the columns that are learnt as one)
    that is the most surprising beyond what was expected there, given what comes before, with its surprise in nats; or
    the rule that the row breaks, without a surprise.

    Args:
        learnt: what the model has learnt.
        table: holds all columns that are scored; others are not looked at.

    Raises:
        NotFittedError: if the model was written by a version that learnt no realism.
        SchemaError: if columns are lacking, or of other types; it lists all problems.

    Warns:
        DataWarning: of columns that are not looked at, of predicates without a function, and where the score was
            learnt from rows that training had seen.
    """
    realism = _realism(learnt)
    _require_columns(learnt, table)
    rows = loosely(learnt.schema, table)
    rules = _rules(learnt)
    told = origins(learnt.coding.recast, learnt.coding.codec, narrow=True)
    return _blocks(_Judge(learnt, realism, rules, told), rows)


def unscored(learnt: Learnt) -> dict[str, str]:
    """The columns that the score does not look at, or not whole, and what it leaves out."""
    seen = {name for names in origins(learnt.coding.recast, learnt.coding.codec) for name in names}
    found = {}
    for spec in learnt.schema.columns:
        if spec.name not in seen and spec.kind not in ("constant",):
            found[spec.name] = f"a {spec.kind} column is not looked at" if spec.made else "it is left out of the model"
        elif spec.kind == "text":
            found[spec.name] = "of texts only the length is looked at"
        elif spec.kind in ("key", "pattern", "personal"):
            found[spec.name] = f"of a {spec.kind} column only its form is looked at"
    return found


def _blocks(judge: "_Judge", rows: LooseRows) -> Iterator[pa.Table]:
    for start in range(0, rows.table.num_rows, BLOCK):
        yield judge.of(rows.slice(start, BLOCK))


@dataclass(frozen=True, eq=False)
class _Judge:
    """What rows are judged by.

    Attributes:
        learnt: what the model has learnt.
        realism: the score.
        rules: that each row by itself can break.
        origins: of each column of the layout, the columns of the table.
    """

    learnt: Learnt
    realism: Realism
    rules: tuple[Constraint, ...]
    origins: tuple[tuple[str, ...], ...]

    def of(self, rows: LooseRows) -> pa.Table:
        """What there is to say of some rows."""
        coding = self.learnt.coding
        found = encode_foreign(coding.recast, coding.codec, rows)
        coded = CodedRows(found.encoded.codes, found.known, found.foreign)
        odd = oddness(self.learnt.generator, coded, self.realism.margins)
        score = self.realism.score(odd)
        worst = (odd.surprise - odd.expected).argmax(1)
        nats = odd.surprise[np.arange(len(worst)), worst]
        names = np.array([listed(own) for own in self.origins], object)
        because = names[worst]
        never = 1 / (self.realism.margins.n_rows + 2)
        for words, broken in [*self._broken(rows), *self._other(found.constants)]:
            score = np.where(broken, np.minimum(score, never), score)
            nats = np.where(broken, np.nan, nats)
            because = np.where(broken, words, because)
        return pa.table([pa.array(score), pa.array(because, pa.string()), pa.array(nats, from_pandas=True)], SCHEMA)

    def _broken(self, rows: LooseRows) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        """Each rule in words, and which rows break it: none whose cells are foreign, which the rule cannot know."""
        for rule in self.rules:
            broken = rule.broken(rows.table)
            for name in rule.names:
                broken = broken & ~rows.foreign.get(name, np.zeros(len(broken), np.bool_))
            if broken.any():
                yield f"breaks: {rule.describe()}", broken

    @staticmethod
    def _other(constants: dict[str, NDArray[np.bool_]]) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        for name, mask in constants.items():
            yield f"{name} was the same in all rows", mask


def _realism(learnt: Learnt) -> Realism:
    if learnt.realism is None:
        raise NotFittedError(
            "expected a model that has learnt how real rows are, got one of an older version of tabgan; fit it again"
        )
    if not learnt.realism.held_out:
        _warn(
            "the table was too small to hold rows out from training, so its own rows had to tell what real ones are "
            "like: other real rows will score lower than they should, and all scores stay near 0.5"
        )
    return learnt.realism


def _require_columns(learnt: Learnt, table: pa.Table) -> None:
    """Refuse a table that lacks columns, and say which of its columns are not looked at."""
    names, rules = table.column_names, _rules(learnt, warn=False)
    own = [name for group in origins(learnt.coding.recast, learnt.coding.codec) for name in group]
    needed = set(own).union(*(rule.names for rule in rules))
    extra = [name for name in names if name not in learnt.schema]
    problems = []
    for spec in learnt.schema.made:
        if spec.name in needed and spec.name not in names:
            near = difflib.get_close_matches(spec.name, extra, n=1, cutoff=0.7)
            problems.append(f"column {spec.name!r} is missing" + (f"; is it now called {near[0]!r}?" if near else ""))
    problems += [f"column {name!r} is there twice" for name in dict.fromkeys(names) if names.count(name) > 1]
    if problems:
        raise SchemaError(listing("The table cannot be scored", problems))
    if extra:
        _warn(f"columns that the model does not know are not looked at: {listed([repr(name) for name in extra])}")


def _rules(learnt: Learnt, *, warn: bool = True) -> tuple[Constraint, ...]:
    """The rules that a row by itself can break."""
    rules: list[Constraint] = []
    for rule in learnt.schema.constraints:
        if isinstance(rule, Predicate) and rule.function is None:
            if warn:
                _warn(f"rows are not judged by the predicate {rule.name!r}: a model file keeps its name alone")
        elif not isinstance(rule, Unique | Combinations):
            rules.append(rule)
    return tuple(rules)


def _warn(text: str) -> None:
    warnings.warn(text, DataWarning, stacklevel=5)
