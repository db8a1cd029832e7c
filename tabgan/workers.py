"""Rows made in several processes, and handed over in order.

Each process has the whole model and makes every so many-th block, which goes through a pipe as Arrow data. A process
whose blocks are not yet wanted waits, so memory does not grow with the number of rows. Rows depend on their numbers and
the seed alone, so they are those that one process makes. The processes end with whoever asked for the rows.
"""

import json
import multiprocessing
from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import ForkingPickler

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray

from tabgan import blocks
from tabgan.blocks import RowBlocks
from tabgan.coding import Coding
from tabgan.errors import InputError, SamplingError, TabganError
from tabgan.gan.config import TrainingConfig
from tabgan.interrupts import deaf
from tabgan.learnt import Learnt


@dataclass(frozen=True, eq=False)
class Order:
    """What a process is to make rows of, in a form that goes through a pipe.

    Attributes:
        document: the model but for its weights, as JSON.
        tensors: its weights.
        config: the settings of its generator.
        device: the name of where to make rows.
        where: what is wanted of the rows.
        seed: of the sample.
        n: number of rows.
    """

    document: str
    tensors: Mapping[str, NDArray[np.generic]]
    config: TrainingConfig
    device: str
    where: object
    seed: int
    n: int

    @classmethod
    def of(cls, learnt: Learnt, config: TrainingConfig, n: int, where: object, seed: int) -> "Order":
        """The order of `n` rows.

        Raises:
            InputError: if `where` cannot be told to other processes.
        """
        try:
            ForkingPickler.dumps(where)
        except Exception as error:  # whatever the parts of `where` raise
            raise InputError(
                f"the condition cannot be told to other processes ({error}); sample with workers=1"
            ) from error
        document = json.dumps(learnt.to_json() | {"realism": None}, ensure_ascii=False)
        return cls(document, learnt.exact_tensors(), config, str(learnt.generator.device), where, seed, n)

    def blocks(self) -> RowBlocks:
        """The blocks that were ordered."""
        document, device = json.loads(self.document), torch.device(self.device)
        learnt = Learnt.restore(Coding.from_json(document), self.config, document, self.tensors, device)
        return RowBlocks(learnt, self.where, self.seed)


def from_processes(order: Order, workers: int) -> Generator[list[pa.Table] | None, None, None]:
    """The blocks of an order, one after the other; None in place of one in which a row breaks a rule.

    Args:
        order: what to make.
        workers: number of processes.

    Raises:
        ConditionError: as where one process makes the rows.
        SamplingError: if a process dies, or if this one may not begin others.
    """
    if multiprocessing.current_process().daemon:
        raise SamplingError("a daemonic process may not begin others; sample with workers=1, or set daemon=False")
    crew = []
    try:
        for number in range(workers):
            crew.append(_begun(number, workers))
        _tell([connection for connection, _ in crew], order)
        for index in range(blocks.count(order.n)):
            yield _heard(*crew[index % workers], index < workers)
    finally:
        for connection, process in crew:
            connection.close()
            process.terminate()
            process.join()


def _begun(number: int, workers: int) -> tuple[Connection, BaseProcess]:
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_work, args=(theirs, number, workers), daemon=True)
    with deaf():
        process.start()
    theirs.close()
    return ours, process


def _tell(connections: Sequence[Connection], order: Order) -> None:
    """Give processes their order once all have begun: one that dies as it begins would leave an argument waiting."""
    said = ForkingPickler.dumps(order)
    for connection in connections:
        with suppress(OSError):  # whoever listens to it next hears of its end
            connection.send_bytes(said)


def _heard(connection: Connection, process: BaseProcess, first: bool) -> list[pa.Table] | None:
    """The next block of a process."""
    try:
        said = connection.recv()
    except (EOFError, OSError) as error:
        process.join()
        raise SamplingError(_lost(process.exitcode, first)) from error
    if isinstance(said, BaseException):
        raise said
    return None if said is None else [pa.ipc.open_stream(content).read_all() for content in said]


def _work(connection: Connection, number: int, workers: int) -> None:
    """What a process does: every `workers`-th block of an order; it ends once nobody listens."""
    torch.set_num_threads(1)
    try:
        order: Order = connection.recv()
        try:
            own = order.blocks()
            for index in range(number, blocks.count(order.n), workers):
                tables = own.checked(index, order.n)
                connection.send(None if tables is None else [_content(table) for table in tables])
        except TabganError as error:
            connection.send(error)
    except (EOFError, OSError):
        return


def _content(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _lost(code: int | None, first: bool) -> str:
    """Why a process ended without a word."""
    if code is not None and code < 0:
        return (
            f"a process that makes rows was killed (signal {-code}), perhaps for want of memory; "
            "nothing was written; try fewer workers"
        )
    script = "; a script must call this under `if __name__ == '__main__':`" if first else ""
    return f"a process that makes rows ended with code {code}{script}; try workers=1"
