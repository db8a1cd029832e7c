"""Rows from what a model has learnt, as a condition wants them."""

from collections.abc import Iterator, Sequence
from itertools import tee

import pyarrow as pa

from tabgan.gan.sampling import sample_blocks
from tabgan.layout import EncodedTable
from tabgan.learnt import Learnt
from tabgan.rejecting import Rejection
from tabgan.table.conditions import Condition, condition_of
from tabgan.table.restating.base import Rows

CANDIDATES = 4
"""Rows drawn for each one under a condition, see `sample_blocks`."""
_WITHOUT_END = 1 << 62


def rows_where(learnt: Learnt, n: int, where: object, *, seed: int, limit_s: float) -> Iterator[pa.Table]:
    """`n` rows, some at a time; see `TabGAN.sample_batches`.

    Raises:
        ConditionError: if what is wanted cannot be.
        InputError: if there are not so many different keys.
    """
    coding = learnt.coding
    coding.recast.require_keys(n)
    condition = Condition()
    if where is not None:
        condition = condition_of(coding.codec, coding.recast.steps, where, learnt.schema)
    rejection = Rejection.of(learnt.schema.constraints)
    if rejection is None:
        return _written(learnt, n, condition, seed)
    return _kept(learnt, n, condition, seed, rejection, limit_s)


def _written(learnt: Learnt, n: int, condition: Condition, seed: int) -> Iterator[pa.Table]:
    for block, rows in _drawn(learnt, n, condition, seed):
        yield _write(learnt, block, rows, condition)


def _kept(
    learnt: Learnt, n: int, condition: Condition, seed: int, rejection: Rejection, limit_s: float
) -> Iterator[pa.Table]:
    """`n` rows that meet the rules: only what these look at is written of the others."""
    ahead, drawn = tee(_drawn(learnt, _WITHOUT_END, condition, seed))
    drafts = (_write(learnt, block, rows, condition, kept=rejection.names) for block, rows in ahead)
    passed = 0
    for chosen, (block, rows) in zip(rejection.kept(drafts, n, limit_s), drawn, strict=False):
        if len(chosen):
            yield _write(learnt, block[chosen], rows.keep(chosen, passed), condition)
            passed += len(chosen)


def _write(
    learnt: Learnt, block: EncodedTable, rows: Rows, condition: Condition, kept: Sequence[str] | None = None
) -> pa.Table:
    return learnt.write(block, rows, given=condition.literals, wanted=condition.restated, kept=kept)


def _drawn(learnt: Learnt, n: int, condition: Condition, seed: int) -> Iterator[tuple[EncodedTable, Rows]]:
    conditioned = condition.given is not None or condition.guide is not None
    blocks = sample_blocks(
        learnt.generator,
        n,
        seed=seed,
        given=condition.given,
        guide=condition.guide,
        candidates=CANDIDATES if conditioned else 1,
    )
    first = 0
    for block in blocks:
        yield block, Rows(seed, first, len(block))
        first += len(block)
