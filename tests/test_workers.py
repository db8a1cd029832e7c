"""Rows made in several processes."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from multiprocessing import Pipe, active_children, get_context
from multiprocessing.connection import Connection
from pathlib import Path

import pyarrow as pa
import pytest

from tabgan import Schema, TabGAN, TrainingConfig
from tabgan.errors import InputError, SamplingError
from tabgan.gan.drawing import BLOCK
from tabgan.table.files import TableWriter
from tabgan.workers import Order, _content, _lost, from_processes

from .small_shop import spec_of
from .test_learnt import notes

N = 2 * BLOCK + 700


def whole(batches: Iterator[pa.Table]) -> pa.Table:
    return pa.concat_tables(batches).combine_chunks()


def write(batches: Iterator[pa.Table], path: Path, schema: pa.Schema) -> None:
    with TableWriter(path, schema) as writer:
        for batch in batches:
            writer.write(batch)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [2, 3, 5])
def test_rows_are_the_same_for_any_number_of_processes(workers: int, shop_model: TabGAN) -> None:
    """With keys, one-hot columns, sums, times and dictionaries."""
    expected = whole(shop_model.sample_batches(N, seed=9))
    assert whole(shop_model.sample_batches(N, seed=9, workers=workers, batch_rows=1_000)).equals(expected)
    assert active_children() == []


@pytest.mark.slow
def test_rows_under_a_condition_are_the_same(shop_model: TabGAN) -> None:
    for where in ({"department": "tools"}, ["gross < 200", "member = true"]):
        expected = whole(shop_model.sample_batches(BLOCK + 10, where=where))
        assert whole(shop_model.sample_batches(BLOCK + 10, where=where, workers=2)).equals(expected)


@pytest.mark.slow
def test_texts_are_the_same() -> None:
    columns = (spec_of("kind", "string", "categorical"), spec_of("note", "string", "text", nullable=True))
    config = TrainingConfig(steps=20, text_minutes=0.02)
    table = notes().select(["kind", "note"])
    model = TabGAN(config, seed=2, device="cpu").fit(table, schema=Schema(columns))
    expected = whole(model.sample_batches(BLOCK + 20))
    assert whole(model.sample_batches(BLOCK + 20, workers=2)).equals(expected)


@pytest.mark.slow
def test_a_process_that_is_killed_is_an_error_and_leaves_no_file(shop_model: TabGAN, tmp_path: Path) -> None:
    batches = shop_model.sample_batches(20 * BLOCK, workers=2, batch_rows=BLOCK)

    def killed() -> Iterator[pa.Table]:
        yield next(batches)
        for process in active_children():
            os.kill(process.pid or 0, signal.SIGKILL)
        yield from batches

    with pytest.raises(SamplingError, match=r"was killed \(signal 9\)"):
        write(killed(), tmp_path / "rows.parquet", shop_model.output_schema)
    assert list(tmp_path.iterdir()) == []
    assert active_children() == []


@pytest.mark.slow
def test_a_script_that_does_not_say_what_is_its_own_ends_with_a_hint(shop_model: TabGAN, tmp_path: Path) -> None:
    """Each process runs the script first and dies of that, before it has taken an order larger than a pipe holds."""
    model, script = tmp_path / "shop.tabgan", tmp_path / "script.py"
    shop_model.save(model)
    lines = ["from tabgan import TabGAN", f"TabGAN.load({str(model)!r}, device='cpu').sample({N}, workers=2)"]
    script.write_text("\n".join(lines))
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 1
    assert "SamplingError" in done.stderr.splitlines()[-1]
    assert "a script must call this under `if __name__ == '__main__':`" in done.stderr


def _in_a_daemon(order: Order, connection: Connection) -> None:
    try:
        next(from_processes(order, 2))
    except SamplingError as error:
        connection.send(str(error))


@pytest.mark.slow
def test_a_process_that_may_begin_no_others_says_so(shop_model: TabGAN) -> None:
    ours, theirs = Pipe()
    order = Order.of(shop_model._fitted(), shop_model.config, N, None, 0)
    process = get_context("spawn").Process(target=_in_a_daemon, args=(order, theirs), daemon=True)
    process.start()
    theirs.close()
    assert "workers=1" in ours.recv()
    process.join()


@pytest.mark.slow
def test_whoever_stops_listening_ends_the_processes(shop_model: TabGAN) -> None:
    batches = shop_model.sample_batches(20 * BLOCK, workers=2, batch_rows=BLOCK)
    assert next(batches).num_rows == BLOCK
    assert len(active_children()) == 2
    batches.close()  # type: ignore[attr-defined]
    assert active_children() == []


@pytest.mark.slow
def test_an_error_of_a_process_is_that_of_one_process(shop_model: TabGAN) -> None:
    learnt = shop_model._fitted()
    order = Order.of(learnt, shop_model.config, N, {"department": "no such"}, 0)
    with pytest.raises(InputError, match="department"):
        next(from_processes(order, 2))


def test_an_order_holds_all_that_it_takes(shop_model: TabGAN) -> None:
    order = Order.of(shop_model._fitted(), shop_model.config, N, {"department": "tools"}, 5)
    one, other = Pipe()
    threading.Thread(target=one.send, args=(order,)).start()  # it is larger than the pipe
    received = other.recv()
    made = pa.concat_tables(received.blocks().tables(0, 50)).combine_chunks()
    assert made.equals(whole(shop_model.sample_batches(50, where={"department": "tools"}, seed=5)))


def test_a_condition_that_cannot_be_told_is_an_error_at_once(shop_model: TabGAN) -> None:
    where = {"department": lambda: "tools"}
    with pytest.raises(InputError, match=r"cannot be told to other processes .*workers=1"):
        Order.of(shop_model._fitted(), shop_model.config, N, where, 0)


def test_tables_go_through_a_pipe_as_they_are(shop: pa.Table) -> None:
    assert pa.ipc.open_stream(_content(shop)).read_all().equals(shop)


def test_why_a_process_ended_without_a_word() -> None:
    assert "was killed (signal 9), perhaps for want of memory" in _lost(-9, first=False)
    assert "__main__" in _lost(1, first=True)
    assert "__main__" not in _lost(1, first=False)
