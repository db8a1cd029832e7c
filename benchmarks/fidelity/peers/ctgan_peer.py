"""CTGAN (package ctgan): categories as discrete columns; missing numbers, which it refuses, as the mean and a mark."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ctgan
import numpy as np
import pandas as pd
import torch
from tables import fill_gaps, open_gaps, read_train

PACKAGES = ("ctgan", "rdt", "torch", "pandas", "numpy")


def fit(train: Path, job: dict[str, Any]) -> Callable[[int], pd.DataFrame]:
    """Learn at the defaults (300 epochs) unless the settings say otherwise."""
    return fit_with(ctgan.CTGAN, train, job)


def fit_with(synthesizer: Any, train: Path, job: dict[str, Any]) -> Callable[[int], pd.DataFrame]:
    """Learn with one of the package's synthesizers, which share their methods."""
    table, discrete = fill_gaps(read_train(train, job), job)
    np.random.seed(job["seed"])
    torch.manual_seed(job["seed"])
    model = synthesizer(**job["settings"])
    model.set_random_state(job["seed"])
    model.fit(table, discrete)
    return lambda n: open_gaps(model.sample(n), job)
