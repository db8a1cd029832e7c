"""What measures: processes, the machine, kernels, and the shapes and tables that are measured with."""

import doctest
import importlib
import sys

import numpy as np
import pyarrow.parquet
import pytest
import torch

from benchmarks.performance import kernels, machine, tables
from benchmarks.performance.processes import CommandError, family, run, threads_of
from benchmarks.performance.record import read, rounded, spread, write
from benchmarks.performance.shapes import shape_of
from benchmarks.performance.startup import beyond, ratios
from tabgan import TabGAN, TrainingConfig

HOARD = "import json, time; x = b'x' * (150 << 20); time.sleep(0.3); print('hello'); print(json.dumps({'n': 1}))"


@pytest.mark.parametrize("name", ["floors", "kernels", "laws", "plot", "record", "watch", "words"])
def test_examples(name):
    tested = doctest.testmod(importlib.import_module(f"benchmarks.performance.{name}"))
    assert tested.failed == 0


def test_a_process_is_measured():
    hoard = bytearray(600 << 20)  # what this process holds must not count
    ran = run([sys.executable, "-c", HOARD])
    assert ran.printed == {"n": 1}
    assert 150 < ran.peak_mib < len(hoard) / 2**20
    assert ran.seconds >= 0.3
    if sys.platform == "linux":
        assert ran.tree_mib == pytest.approx(ran.peak_mib, rel=0.2)


def test_a_process_that_fails_or_takes_too_long():
    with pytest.raises(CommandError, match="no such thing"):
        run([sys.executable, "-c", "raise SystemExit('no such thing')"])
    with pytest.raises(CommandError, match="ended after 0 s"):
        run([sys.executable, "-c", "import time; time.sleep(60)"], limit_s=0.2)


def test_the_environment_reaches_the_process():
    code = "import json, os; print(json.dumps({'threads': os.environ['OMP_NUM_THREADS']}))"
    assert run([sys.executable, "-c", code], environment=threads_of(3)).printed == {"threads": "3"}
    import os

    assert family(os.getpid())[0] == os.getpid()


def test_rates_are_positive_and_threads_are_put_back():
    before = torch.get_num_threads()
    with machine.threads(1):
        assert torch.get_num_threads() == 1
        found = machine.products(2)
    assert torch.get_num_threads() == before
    assert set(found) == {f"{m}x{k}x{n}" for m, k, n in machine.SHAPES}
    assert all(rate["best"] >= rate["median"] > 0 for rate in found.values())
    assert 0 < machine.workload_s() < 30


def test_the_best_is_the_greatest_rate_or_the_least_time():
    assert machine.summed([1.0, 3.0, 2.0])["best"] == 3.0
    assert machine.summed([1.0, 3.0, 2.0], least=True)["best"] == 1.0


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("aten::_fused_adamw_", "optimiser"),
        ("aten::normal_", "random numbers"),
        ("aten::index_select", "gather and scatter"),
        ("aten::copy_", "allocation and copies"),
        ("aten::as_strided", "views"),
        ("aten::leaky_relu", kernels.ELSE),
        ("autograd::engine::evaluate_function: MmBackward0", kernels.AUTOGRAD),
    ],
)
def test_groups_of_kernels(name, group):
    assert kernels.group_of(name) == group


def test_kernels_are_summed_and_subtracted():
    short = kernels.summed([("aten::mm", 1.0, 2), ("aten::addmm", 1.0, 1), ("aten::mul", 0.5, 4)])
    assert short == {kernels.PRODUCTS: {"seconds": 2.0, "calls": 3.0}, kernels.ELSE: {"seconds": 0.5, "calls": 4.0}}
    long = kernels.summed([("aten::mm", 5.0, 6), ("aten::exp", 1.0, 1)])
    assert kernels.difference(long, short) == {
        kernels.PRODUCTS: {"seconds": 3.0, "calls": 3.0},
        kernels.SOFTMAXES: {"seconds": 1.0, "calls": 1.0},
    }


def test_a_product_is_seen_by_the_profiler():
    left = torch.rand(300, 300)
    groups, wall, result = kernels.profiled(lambda: left @ left)
    assert groups[kernels.PRODUCTS]["seconds"] > 0
    assert sum(own["seconds"] for own in groups.values()) == pytest.approx(wall, rel=0.5)
    assert torch.equal(result, left @ left)


def test_tables_are_seeded_mixed_and_correlated(tmp_path):
    table = tables.part(4_000, 10, 20, 0)
    assert table.equals(tables.part(4_000, 10, 20, 0))
    assert not table.equals(tables.part(4_000, 10, 20, 1))
    assert not table.equals(tables.part(4_000, 10, 20, 0, number=1))
    assert [str(kind) for kind in table.schema.types] == ["double"] * 5 + ["int64"] * 2 + ["string"] * 3
    assert abs(np.corrcoef(table["number_0"], table["count_0"])[0, 1]) > 0.2
    counts = sorted(table["category_0"].value_counts().field("counts").to_pylist())
    assert counts[-1] > 3 * counts[0]

    path = tables.write(tmp_path / "t.parquet", 12_000, 3, 5_500, 0)
    whole = pyarrow.parquet.read_table(path)
    assert (whole.num_rows, whole.num_columns) == (12_000, 3)
    assert len(whole["category_0"].unique()) == 5_500
    modified = path.stat().st_mtime_ns
    assert tables.write(path, 12_000, 3, 5_500, 0).stat().st_mtime_ns == modified


def test_the_shape_of_a_model():
    model = TabGAN(TrainingConfig(steps=2, generator_width=8, stage_width=4, critic_width=8)).fit(
        tables.part(400, 5, 4, 0)
    )
    shape, generator = shape_of(model, 400), model._fitted().generator
    assert (shape.hidden, shape.middle, shape.critic_width, shape.batch) == (8, 4, 8, 25)
    assert (shape.units, shape.codes) == (generator.plan.layout.width, generator.plan.layout.n_codes)
    assert shape.features == generator.plan.n_features
    assert shape.weights == sum(parameter.numel() for parameter in generator.parameters())
    assert shape.stages[0].before == 0


def test_records(tmp_path):
    path = write({"a": 1.23456789, 3: [0.1 + 0.2]}, tmp_path / "deep" / "one.json")
    assert read(path) == {"a": 1.23457, "3": [0.3]}
    assert read(tmp_path / "none.json") is None
    assert rounded(True) is True
    assert spread([2.0]) == {"median": 2.0, "min": 2.0, "max": 2.0, "n": 1}


def test_turns_are_compared_with_their_own():
    assert ratios([4.0, 9.0], [2.0, 3.0]) == [2.0, 3.0]
    assert beyond([4.0, 9.0], [2.0, 3.0]) == [2.0, 6.0]


def test_the_pieces_can_be_imported():
    pytest.importorskip("pytest_benchmark")
    pieces = importlib.import_module("benchmarks.performance.bench_pieces")
    assert sum(name.startswith("test_") for name in vars(pieces)) >= 10
