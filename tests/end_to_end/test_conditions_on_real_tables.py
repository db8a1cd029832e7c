"""Conditions hold in every row, for each column of a real table and for every pair of its columns.

The reviews always run; Adult runs where it lies beside the checkout.
"""

import itertools
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tabgan import TabGAN, TrainingConfig
from tabgan.errors import ConditionError

ROOT = Path(__file__).parents[2]
TABLES = {
    "reviews": (ROOT / "sample_data/reviews.csv", 9),
    "adult": (ROOT.parent / "shared/data/adult/train.csv", 15),
}
ROWS = 16
# What is tested holds by construction, so hardly any training is needed.
CONFIG = TrainingConfig(steps=5, generator_width=32, critic_width=32, stage_width=16)


@pytest.fixture(scope="module", params=list(TABLES))
def table(request) -> pd.DataFrame:
    path, width = TABLES[request.param]
    if not path.exists():
        assert request.param == "adult", f"{path} is part of the repository"
        pytest.skip(f"needs {path}")
    frame = pd.read_csv(path)
    assert frame.shape[1] == width
    return frame


@pytest.fixture(scope="module")
def model(table: pd.DataFrame) -> TabGAN:
    return TabGAN(CONFIG, seed=0).fit(table)


def holds(model: TabGAN, table: pd.DataFrame, columns: tuple[str, ...], random: np.random.Generator) -> bool:
    """Of cells of different rows; or of one row, where the model refuses cells that never occur together."""
    row = random.integers(len(table))
    cells = {column: table[column].iloc[random.integers(len(table))] for column in columns}
    try:
        rows = model.sample(ROWS, where=cells)
    except ConditionError:
        assert not np.logical_and.reduce([table[column] == value for column, value in cells.items()]).any()
        cells = {column: table[column].iloc[row] for column in columns}
        rows = model.sample(ROWS, where=cells)
    held = [rows[c].isna() if pd.isna(value) else rows[c] == value for c, value in cells.items()]
    return len(rows) == ROWS and all(column.all() for column in held)


def test_each_column_alone(model: TabGAN, table: pd.DataFrame) -> None:
    random = np.random.default_rng(0)
    assert not [column for column in table for _ in range(3) if not holds(model, table, (column,), random)]


def test_each_pair_of_columns(model: TabGAN, table: pd.DataFrame) -> None:
    random = np.random.default_rng(1)
    pairs = list(itertools.combinations(table, 2))
    assert len(pairs) == math.comb(table.shape[1], 2)
    assert not [pair for pair in pairs if not holds(model, table, pair, random)]
