import numpy as np
import pyarrow as pa
import pytest

from tabgan.evaluation.aligned import AlignedColumn, align


@pytest.fixture
def columns():
    """Build aligned columns from {name: (kind, real cells, synthetic cells)}."""

    def build(**parts) -> list[AlignedColumn]:
        return [align(name, kind, pa.array(real), pa.array(synth)) for name, (kind, real, synth) in parts.items()]

    return build


@pytest.fixture
def people():
    """A table of n people whose columns hang together, with missing cells."""

    def draw(n: int, seed: int) -> pa.Table:
        rng = np.random.default_rng(seed)
        base = rng.normal(size=n)
        city = np.asarray(["Ávila", "Bonn", "Cork"])[np.clip((base + rng.normal(size=n) + 1.5).astype(int), 0, 2)]
        income = np.exp(base + rng.normal(0, 0.5, n))
        return pa.table(
            {
                "age": pa.array(np.clip(40 + 10 * base + rng.normal(0, 5, n), 18, 90).astype(int)),
                "income": pa.array(np.where(rng.random(n) < 0.1, np.nan, income), from_pandas=True),
                "city": pa.array(city, mask=rng.random(n) < 0.05),
                "member": pa.array(base > 0.3),
                "joined": pa.array(np.datetime64("2020-01-01", "D") + rng.integers(0, 900, n)),
            }
        )

    return draw
