"""The rows of a sample, block by block: each block from its number alone, whoever asks for it.

So blocks can be made by several threads or processes, in any order, and the sample is the same.
"""

import threading
from collections.abc import Collection, Iterator

import pyarrow as pa

from tabgan.gan.drawing import BLOCK
from tabgan.gan.sampling import BlockSampler
from tabgan.layout import EncodedTable
from tabgan.learnt import Learnt
from tabgan.rejecting import Rejection
from tabgan.table.conditions import Condition, condition_of
from tabgan.table.restating.base import Rows

CANDIDATES = 4
"""Rows drawn for each one under a condition, see `BlockSampler`."""


class RowBlocks:
    """Blocks of `BLOCK` rows.

    Args:
        learnt: what the rows are made from.
        where: what is wanted of them; None for any rows.
        seed: of the sample.

    Raises:
        ConditionError: if what is wanted cannot be.
    """

    def __init__(self, learnt: Learnt, where: object, seed: int) -> None:
        coding = learnt.coding
        self._learnt, self._seed, self._condition = learnt, seed, Condition()
        self._making = threading.Lock()
        self._made: BlockSampler | None = None
        if where is not None:
            self._condition = condition_of(coding.codec, coding.recast.steps, where, learnt.schema)

    @property
    def _sampler(self) -> BlockSampler:
        """Made by the first thread that wants it, since what computes blocks decides on rounding."""
        with self._making:
            if self._made is None:
                wanted = self._condition
                self._made = BlockSampler(
                    self._learnt.generator,
                    seed=self._seed,
                    given=wanted.given,
                    guide=wanted.guide,
                    candidates=1 if wanted.given is None and wanted.guide is None else CANDIDATES,
                )
            return self._made

    def drawn(self, index: int) -> list[tuple[EncodedTable, Rows]]:
        """A block in codes, in one part or several, and which rows these are.

        Raises:
            ConditionError: if none of very many rows came out as wanted.
        """
        return list(self._numbered(index))

    def _numbered(self, index: int) -> Iterator[tuple[EncodedTable, Rows]]:
        first = index * BLOCK
        for part in self._sampler.parts(index):
            yield part, Rows(self._seed, first, len(part))
            first += len(part)

    def write(self, part: EncodedTable, rows: Rows, kept: Collection[str] | None = None) -> pa.Table:
        """Codes as rows of the table; of the columns in `kept` alone, unless it is None."""
        wanted = self._condition
        return self._learnt.write(part, rows, given=wanted.literals, wanted=wanted.restated, kept=kept)

    def tables(self, index: int, n: int) -> list[pa.Table]:
        """The rows of a block, of a sample of `n` rows; whether they meet the rules is not looked at.

        Raises:
            ConditionError: if cells never come out as wanted.
        """
        left, found = n - index * BLOCK, []
        for part, rows in self._numbered(index):
            if left > 0:
                found.append(self.write(part[:left], Rows(rows.seed, rows.first, min(left, len(part)))))
            left -= len(part)
        return found

    def checked(self, index: int, n: int) -> list[pa.Table] | None:
        """The same if no row breaks a rule, as is nearly always so; otherwise None.

        Raises:
            ConditionError: if cells never come out as wanted.
        """
        tables = self.tables(index, n)
        rejection = Rejection.of(self._learnt.schema.constraints)
        return tables if rejection is None or all(map(rejection.holds, tables)) else None


def count(n: int) -> int:
    """The number of blocks that hold `n` rows."""
    return -(-n // BLOCK)
