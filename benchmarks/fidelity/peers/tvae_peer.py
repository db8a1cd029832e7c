"""TVAE (package ctgan): the same treatment of columns as for CTGAN."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ctgan
import pandas as pd
from ctgan_peer import PACKAGES, fit_with

__all__ = ["PACKAGES", "fit"]


def fit(train: Path, job: dict[str, Any]) -> Callable[[int], pd.DataFrame]:
    """Learn at the defaults (300 epochs) unless the settings say otherwise."""
    return fit_with(ctgan.TVAE, train, job)
