"""Adversarial random forests (arfpy): categories as text; missing numbers, which it refuses, as the mean and a mark.

arfpy seeds nothing itself, so NumPy's global state is seeded here, which scikit-learn and pandas draw from. Whole
numbers come back as fractions (it draws them from truncated normals)
and are rounded to whole ones.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from arfpy import arf
from tables import fill_gaps, open_gaps, read_train

PACKAGES = ("arfpy", "scikit-learn", "pandas", "numpy")


def fit(train: Path, job: dict[str, Any]) -> Callable[[int], pd.DataFrame]:
    """Learn at the defaults (30 trees) unless the settings say otherwise."""
    table, _ = fill_gaps(read_train(train, job), job)
    whole = [name for name in job["numeric"] if pd.api.types.is_integer_dtype(table[name])]
    np.random.seed(job["seed"])
    model = arf.arf(x=table, verbose=False, **job["settings"])
    model.forde()

    def sample(n: int) -> pd.DataFrame:
        drawn = open_gaps(model.forge(n=n), job)
        return drawn.assign(**{name: drawn[name].round() for name in whole})

    return sample
