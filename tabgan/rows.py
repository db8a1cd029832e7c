"""Rows from what a model has learnt, as a condition wants them.

Blocks of rows are made side by side, in threads of this process or, if so asked, in other processes, and come in their
order. A row that breaks a rule is left out, and all rows behind it move up. So from the first block with such a row on,
and from the start where rows shall differ from each other or a function of the user decides, blocks are only drawn side
by side: they are checked and written one after the other in this process.
"""

from collections.abc import Generator, Iterator
from functools import partial
from itertools import chain, count, tee

import pyarrow as pa

from tabgan import ahead, blocks
from tabgan.blocks import RowBlocks
from tabgan.gan.config import TrainingConfig
from tabgan.gan.drawing import BLOCK
from tabgan.learnt import Learnt
from tabgan.rejecting import Rejection
from tabgan.workers import Order, from_processes


def rows_where(
    learnt: Learnt,
    n: int,
    where: object,
    *,
    seed: int,
    limit_s: float,
    config: TrainingConfig | None = None,
    workers: int | None = None,
) -> Iterator[pa.Table]:
    """`n` rows, some at a time; see `TabGAN.sample_batches`.

    Args:
        learnt: what they are made from.
        n: number of rows.
        where: what is wanted of them.
        seed: of the sample.
        limit_s: seconds that drawing and checking may take where rules are checked.
        config: the settings of the generator, which processes need.
        workers: processes to make rows in; 1 makes them here, one block at a time, None here in some threads.

    Raises:
        ConditionError: if what is wanted cannot be.
        InputError: if there are not so many different keys, or `where` cannot be told to other processes.
    """
    learnt.coding.recast.require_keys(n)
    own = RowBlocks(learnt, where, seed)
    rejection = Rejection.of(learnt.schema.constraints)
    threads = _threads(learnt) if workers is None else 1
    if rejection is not None and rejection.one_by_one:
        return _kept(own, n, rejection, limit_s, threads)
    processes = min(workers or 1, blocks.count(n))
    if processes > 1 and config is not None:
        made = from_processes(Order.of(learnt, config, n, where, seed), processes)
    else:
        made = ahead.in_order(partial(own.checked, n=n), range(blocks.count(n)), threads)
    return _made(own, n, made, rejection, limit_s, threads)


def _threads(learnt: Learnt) -> int:
    """How many threads make blocks: a device other than the CPU takes one at a time."""
    return ahead.available() if learnt.generator.device.type == "cpu" else 1


def _made(
    own: RowBlocks,
    n: int,
    made: Generator[list[pa.Table] | None, None, None],
    rejection: Rejection | None,
    limit_s: float,
    threads: int,
) -> Iterator[pa.Table]:
    """The blocks as they come; from the first one on in which a row breaks a rule, row by row."""
    for index, tables in enumerate(made):
        if tables is None:
            assert rejection is not None  # nothing is broken without a rule
            made.close()  # threads and processes end, and let go of what they hold
            yield from _kept(own, n, rejection, limit_s, threads, index)
            return
        yield from tables


def _kept(
    own: RowBlocks, n: int, rejection: Rejection, limit_s: float, threads: int, first: int = 0
) -> Iterator[pa.Table]:
    """`n` rows that meet the rules, from the block `first` on: only what these look at is written of the others."""
    passed = first * BLOCK
    parts = chain.from_iterable(ahead.in_order(own.drawn, count(first), threads))
    looked_at, drawn = tee(parts)
    drafts = (own.write(part, rows, kept=rejection.names) for part, rows in looked_at)
    for chosen, (part, rows) in zip(rejection.kept(drafts, n - passed, limit_s), drawn, strict=False):
        if len(chosen):
            yield own.write(part[chosen], rows.keep(chosen, passed))
            passed += len(chosen)
