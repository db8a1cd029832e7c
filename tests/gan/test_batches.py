"""Batches on a CPU, of both ways to make them: that of a table on the device works on any device."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import scipy.stats
import torch

from tabgan.gan import batches as module
from tabgan.gan.batches import Batch, Batches, DeviceBatches, HostBatches, Order, batches_of, table_bytes
from tabgan.gan.conditions import ConditionSampler
from tabgan.gan.learnt_rows import LearntRows
from tabgan.gan.run_state import RunState
from tabgan.gan.stages import StagePlan
from tabgan.layout import ColumnSlots, EncodedTable, Layout

CPU = torch.device("cpu")
Tables = Callable[..., EncodedTable]
Plans = Callable[..., StagePlan]
MAKERS: dict[str, Callable[[Order, int], Batches]] = {
    "host": lambda order, seed: HostBatches(order, np.random.default_rng(seed)),
    "device": lambda order, seed: DeviceBatches(
        order, np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    ),
}


def _order(
    plan: StagePlan, codes: np.ndarray, *, size: int = 8, balance: float = 0.0, held_out: tuple[int, ...] = ()
) -> Order:
    rows = LearntRows(codes, np.array(held_out, np.int64))
    sampler = ConditionSampler(rows, plan, share=0.5, balance=balance, random=np.random.default_rng(0))
    return Order(rows, sampler, plan, size, CPU)


def _same(one: Batch, other: Batch) -> bool:
    given = one.given is other.given is None or (
        one.given is not None and other.given is not None and torch.equal(one.given, other.given)
    )
    return torch.equal(one.codes, other.codes) and given


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("balance", [0.0, 0.7])
def test_batches_are_rows_of_the_table_in_the_order_of_the_plan(
    kind: str, balance: float, shop: Layout, random_table: Tables, mixed_plan: Plans
) -> None:
    table, plan = random_table(shop, 300), mixed_plan(shop, 3)
    held_out = tuple(range(0, 300, 7))
    kept = {tuple(row) for row in np.delete(table.codes, held_out, 0).tolist()}
    made = MAKERS[kind](_order(plan, table.codes, balance=balance, held_out=held_out), 0)
    some = [made.draw() for _ in range(60)]
    assert all(batch.codes.dtype == torch.int64 and batch.codes.shape == (8, 7) for batch in some)
    assert {tuple(row) for batch in some for row in plan.restore(batch.codes.numpy()).tolist()} <= kept
    given = [batch.given for batch in some if batch.given is not None]
    assert 10 < len(given) < 50
    assert all(own.dtype == torch.bool and own.shape == (7,) and own.any() for own in given)


@pytest.mark.parametrize("kind", MAKERS)
def test_rows_are_drawn_uniformly_over_the_whole_table(kind: str) -> None:
    """An honest shuffle: the first batches already hold rows from everywhere, and rows next to each other are not."""
    layout = Layout((ColumnSlots("a", (1_000,)),))
    plan = StagePlan(layout, ((0,),))
    codes = np.arange(1_000, dtype=np.uint16)[:, None]
    made = MAKERS[kind](_order(plan, codes, size=500, held_out=(0, 999)), 1)
    drawn = [made.draw().codes[:, 0].numpy() for _ in range(100)]
    assert scipy.stats.chisquare(np.bincount(np.concatenate(drawn), minlength=1_000)[1:999]).pvalue > 1e-4
    assert scipy.stats.kstest(drawn[0], "uniform", (1, 998)).pvalue > 1e-4
    assert all(abs(np.corrcoef(batch[:-1], batch[1:])[0, 1]) < 0.25 for batch in drawn)


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("before", [0, 1, 15, 16, 17])
def test_batches_go_on_from_where_others_stood(kind: str, before: int, shop: Layout, random_table: Tables) -> None:
    plan = StagePlan(shop, tuple((code,) for code in range(7)))
    order = _order(plan, random_table(shop, 200).codes, balance=0.5)
    random = torch.Generator().manual_seed(5)
    one = MAKERS[kind](order, 5) if kind == "host" else DeviceBatches(order, np.random.default_rng(5), random)
    for _ in range(before):
        one.draw()
    state, noise = one.state(), random.get_state()
    kept = RunState(json.loads(json.dumps(state.values)), state.tensors)
    expected = [one.draw() for _ in range(20)]
    again = torch.Generator()
    again.set_state(noise)
    other = MAKERS[kind](order, 9) if kind == "host" else DeviceBatches(order, np.random.default_rng(9), again)
    other.resume(kept)
    assert other.state().values == kept.values
    assert all(_same(batch, other.draw()) for batch in expected)


def test_how_many_batches_are_read_at_once_has_a_limit(
    shop: Layout, random_table: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = _order(StagePlan(shop, tuple((code,) for code in range(7))), random_table(shop, 200).codes)
    for limit, ahead in ((1, 1), (8 * 7 * 3, 3), (10**9, module.AHEAD)):
        monkeypatch.setattr(module, "AHEAD_BYTES", limit)
        made = HostBatches(order, np.random.default_rng(0))
        made.draw()
        assert len(made._at_hand) == ahead


@pytest.mark.parametrize(
    ("size", "kind", "n_bytes"), [(256, torch.uint8, 1), (257, torch.int16, 2), (32_769, torch.int32, 4)]
)
def test_a_table_on_a_device_is_compact(size: int, kind: torch.dtype, n_bytes: int) -> None:
    layout = Layout((ColumnSlots("a", (size,)), ColumnSlots("b", (3,))))
    codes = np.array([[0, 0], [size - 1, 1], [size // 2, 2]], layout.code_dtype)
    order = _order(StagePlan(layout, ((1,), (0,))), codes, size=64)
    made = DeviceBatches(order, np.random.default_rng(0), torch.Generator().manual_seed(0))
    assert made._table.dtype == kind
    assert table_bytes(order.rows, order.plan) == 6 * n_bytes == made._table.nbytes
    assert {tuple(row) for row in made.draw().codes.tolist()} == {(0, 0), (1, size - 1), (2, size // 2)}


def test_a_file_gives_the_batches_of_the_table_in_memory(tmp_path: Path, shop: Layout, random_table: Tables) -> None:
    codes, plan = random_table(shop, 500).codes, StagePlan(shop, tuple((code,) for code in range(7)))
    codes.tofile(tmp_path / "codes")
    mapped = np.memmap(tmp_path / "codes", codes.dtype, "r", shape=codes.shape)
    streams = [
        batches_of(_order(plan, own, balance=0.3), np.random.default_rng(0), torch.Generator())
        for own in (codes, mapped)
    ]
    assert all(isinstance(stream, HostBatches) for stream in streams)
    assert all(_same(streams[0].draw(), streams[1].draw()) for _ in range(40))
