"""TabularARGN (mostlyai-engine): numbers and categories as told; missing cells are left to it, it models them itself.

Everything else is at its defaults, the protection of rare values too: a rare category can come back as `_RARE_`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from mostlyai.engine import TabularARGN
from tables import read_train

PACKAGES = ("mostlyai-engine", "torch", "pandas", "numpy")


def fit(train: Path, job: dict[str, Any]) -> Callable[[int], pd.DataFrame]:
    """Learn with the default model until its own early stopping, unless the settings say otherwise."""
    table = read_train(train, job)
    kinds = dict.fromkeys(job["numeric"], "TABULAR_NUMERIC_AUTO")
    kinds |= dict.fromkeys(job["categorical"], "TABULAR_CATEGORICAL")
    model = TabularARGN(tgt_encoding_types=kinds, random_state=job["seed"], device="cpu", **job["settings"])
    model.fit(table)
    return lambda n: model.sample(n_samples=n, device="cpu")
