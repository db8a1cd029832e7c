"""The training table as every peer reads it, and missing numbers for those that cannot take them.

Categories of any type (text, booleans, codes that are whole numbers) are handed over as text, an empty cell being
missing; numbers stay numbers.
"""

from pathlib import Path
from typing import Any

import pandas as pd

MARK = " is missing"
EMPTY = "(missing)"


def read_train(path: str | Path, job: dict[str, Any]) -> pd.DataFrame:
    """The table with categories as text (object) and missing cells as None or NaN."""
    table = pd.read_csv(path, dtype=dict.fromkeys(job["categorical"], str), keep_default_na=False, na_values=[""])
    for name in job["categorical"]:
        cells = table[name].astype(object)
        table[name] = cells.where(cells.notna(), None)
    return table


def fill_gaps(table: pd.DataFrame, job: dict[str, Any]) -> tuple[pd.DataFrame, list[str]]:
    """Missing numbers become the mean beside a category that marks them; missing categories a label of their own.

    Returns:
        The filled table, and its categorical columns: those of the job and the marks.
    """
    filled, categorical = table.copy(), list(job["categorical"])
    for name in job["categorical"]:
        filled[name] = filled[name].fillna(EMPTY)
    for name in job["numeric"]:
        gaps = table[name].isna()
        if gaps.any():
            filled[name] = table[name].fillna(table[name].mean())
            filled[name + MARK] = gaps.map({True: "yes", False: "no"}).astype(object)
            categorical.append(name + MARK)
    return filled, categorical


def open_gaps(sample: pd.DataFrame, job: dict[str, Any]) -> pd.DataFrame:
    """What `fill_gaps` did, undone in a sample."""
    opened = sample.copy()
    for name in job["categorical"]:
        cells = opened[name].astype(object)
        opened[name] = cells.where(cells != EMPTY, None)
    for name in job["numeric"]:
        if name + MARK in opened:
            opened[name] = opened[name].astype(float).where(opened.pop(name + MARK) != "yes")
    return opened
