"""Conditions hold in every row, for each column of a real table and for every pair of its columns."""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tabgan import TabGAN, TrainingConfig

ADULT = Path(__file__).parents[3] / "shared/data/adult/train.csv"
ROWS = 16


@pytest.fixture(scope="module")
def adult() -> pd.DataFrame:
    if not ADULT.exists():
        pytest.skip(f"needs {ADULT}")
    return pd.read_csv(ADULT)


@pytest.fixture(scope="module")
def model(adult: pd.DataFrame) -> TabGAN:
    # What is tested holds by construction, so hardly any training is needed.
    return TabGAN(TrainingConfig(steps=5), seed=0).fit(adult)


def holds(model: TabGAN, adult: pd.DataFrame, columns: tuple[str, ...], random: np.random.Generator) -> bool:
    cells = {column: adult[column].iloc[random.integers(len(adult))] for column in columns}
    rows = model.sample(ROWS, where=cells)
    return len(rows) == ROWS and all((rows[column] == value).all() for column, value in cells.items())


def test_each_column_alone(model: TabGAN, adult: pd.DataFrame) -> None:
    random = np.random.default_rng(0)
    failed = [c for c in adult.columns for _ in range(3) if not holds(model, adult, (c,), random)]
    assert not failed


def test_each_pair_of_columns(model: TabGAN, adult: pd.DataFrame) -> None:
    random = np.random.default_rng(1)
    pairs = list(itertools.combinations(adult.columns, 2))
    assert len(pairs) == 105
    assert not [pair for pair in pairs if not holds(model, adult, pair, random)]
