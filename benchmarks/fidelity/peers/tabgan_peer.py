"""tabgan itself: reads the file as a user would; the settings are fields of its TrainingConfig."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from tabgan import Schema, TabGAN, TrainingConfig

PACKAGES = ("tabgan-synth", "torch", "pandas", "numpy")


def fit(train: Path, job: dict[str, Any]) -> Callable[[int], pd.DataFrame]:
    """Learn at the defaults unless the settings say otherwise, with an inferred schema unless one is given."""
    schema = None if job["schema"] is None else Schema.from_json(job["schema"])
    model = TabGAN(TrainingConfig.from_mapping(job["settings"]), seed=job["seed"], device="cpu")
    model.fit(train, schema=schema)
    return model.sample
