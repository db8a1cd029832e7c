"""Small pieces of fit, sample and evaluate under pytest-benchmark; `python -m benchmarks.performance pieces` runs them.

Before and after each piece a fixed piece of work is timed (`machine.workload_s`), and `compare` divides by it, so that
a machine that is slower today is no slow-down of a piece.
"""

import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

pytest.importorskip("pytest_benchmark", reason="pip install pytest-benchmark, or the extra `bench`")

import torch

from benchmarks.performance.machine import workload_s
from benchmarks.performance.tables import part
from tabgan import Schema, TabGAN, TrainingConfig
from tabgan.evaluation.chi_square import chi_square
from tabgan.evaluation.ks import ks_test
from tabgan.gan.adversary import Adversary
from tabgan.gan.drawing import BLOCK
from tabgan.gan.sampling import sample_blocks
from tabgan.rng import generator as stream
from tabgan.table.recast import Recast
from tabgan.table.restating.base import Rows
from tabgan.table.summaries import summarize

ROWS, COLUMNS, CATEGORIES = 10_000, 15, 30


@pytest.fixture(autouse=True)
def calibrated(benchmark: Any) -> Iterator[None]:
    """The fixed piece of work, before and after."""
    before = [workload_s() for _ in range(5)]
    yield
    after = [workload_s() for _ in range(5)]
    benchmark.extra_info["calibration_s"] = statistics.median(before + after)


@pytest.fixture(scope="module")
def table() -> pa.Table:
    """A mixed table."""
    return part(ROWS, COLUMNS, CATEGORIES, 0)


@pytest.fixture(scope="module")
def model(table: pa.Table) -> TabGAN:
    """A model that has learnt it a little."""
    torch.set_num_threads(1)
    return TabGAN(TrainingConfig(steps=4), seed=0, device="cpu").fit(table)


@pytest.fixture(scope="module")
def codes(model: TabGAN, table: pa.Table) -> torch.Tensor:
    """A batch of 1,024 rows in the order of the plan."""
    learnt = model._fitted()
    _, restated = Recast.fit(model.schema, model.schema.conform(table))
    encoded = learnt.coding.codec.encode(restated, stream(0, "encode"))
    return torch.from_numpy(learnt.generator.plan.arrange(encoded.codes[:1_024]).astype(np.int64))


def test_surprise(benchmark: Any, model: TabGAN, codes: torch.Tensor) -> None:
    """The likelihood of a batch, without gradient."""
    generator = model._fitted().generator

    def once() -> torch.Tensor:
        with torch.no_grad():
            return generator.surprise(codes)

    assert len(benchmark(once)) == len(codes)


def test_surprise_and_gradient(benchmark: Any, model: TabGAN, codes: torch.Tensor) -> None:
    """The likelihood of a batch and the way back."""
    generator = model._fitted().generator

    def once() -> None:
        generator.zero_grad()
        torch.autograd.backward(generator.surprise(codes).mean())

    benchmark(once)


def test_critic_step(benchmark: Any, model: TabGAN, codes: torch.Tensor) -> None:
    """A lesson of the critic with its penalty."""
    generator, config = model._fitted().generator, model.config.for_table(ROWS)
    plan, random = generator.plan, torch.Generator().manual_seed(0)
    adversary = Adversary(plan, config, weights=random, noise=random, device=torch.device("cpu"))
    with torch.no_grad():
        made = generator.draw(torch.rand(codes.shape, generator=random))
        rows = [torch.cat([generator.features(one), torch.zeros(codes.shape)], 1) for one in (codes, made)]
    assert benchmark(lambda: adversary.learn(rows[0], rows[1], 0.5)).shape == (6,)


def test_draw(benchmark: Any, model: TabGAN) -> None:
    """Four blocks of encoded rows."""
    generator = model._fitted().generator
    blocks = benchmark(lambda: list(sample_blocks(generator, 4 * BLOCK, seed=0)))
    assert sum(map(len, blocks)) == 4 * BLOCK


def test_encode(benchmark: Any, model: TabGAN, table: pa.Table) -> None:
    """10,000 rows to codes."""
    coding = model._fitted().coding
    _, restated = Recast.fit(model.schema, model.schema.conform(table))
    assert len(benchmark(lambda: coding.codec.encode(restated, stream(0, "encode")))) == ROWS


def test_decode(benchmark: Any, model: TabGAN) -> None:
    """Encoded rows to a table: one block of them."""
    learnt = model._fitted()
    block = next(sample_blocks(learnt.generator, BLOCK, seed=0))
    assert benchmark(lambda: learnt.write(block, Rows(0, 0, len(block)))).num_rows == len(block)


def test_infer(benchmark: Any, table: pa.Table) -> None:
    """The schema of 10,000 rows."""
    assert len(benchmark(lambda: Schema.infer(table)).columns) == COLUMNS


def test_summarise(benchmark: Any, table: pa.Table) -> None:
    """What one pass learns of 10,000 rows."""
    assert len(benchmark(lambda: summarize(table))) == COLUMNS


def test_ks_column(benchmark: Any) -> None:
    """Kolmogorov-Smirnov of one column of numbers, 100,000 rows each."""
    rng = np.random.default_rng(0)
    places = [rng.normal(size=100_000).round(3) for _ in range(2)]
    grid = np.unique(np.concatenate(places))
    ours, theirs = (np.bincount(np.searchsorted(grid, own), minlength=len(grid)) for own in places)
    assert benchmark(lambda: ks_test(ours, theirs)).statistic < 0.02


def test_chi_square_column(benchmark: Any) -> None:
    """Chi-square of one column of 1,000 categories."""
    rng = np.random.default_rng(0)
    counts = [rng.poisson(50, 1_000) for _ in range(2)]
    benchmark(lambda: chi_square(*counts))


def test_open_model(benchmark: Any, model: TabGAN, tmp_path: Path) -> None:
    """A model file, opened."""
    path = tmp_path / "model.tabgan"
    model.save(path)
    assert benchmark(lambda: TabGAN.load(path, device="cpu")).info["n_rows"] == ROWS
