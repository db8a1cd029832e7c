"""GaussianCopula (SDV): sdtypes from the job; missing cells of all kinds are left to SDV, which models them itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sdv.metadata import Metadata
from sdv.single_table import GaussianCopulaSynthesizer
from tables import read_train

PACKAGES = ("sdv", "copulas", "rdt", "pandas", "numpy")
TABLE = "table"


def fit(train: Path, job: dict[str, Any]) -> Callable[[int], pd.DataFrame]:
    """Learn at the defaults unless the settings say otherwise."""
    table = read_train(train, job)
    kinds = dict.fromkeys(job["numeric"], "numerical") | dict.fromkeys(job["categorical"], "categorical")
    columns = {name: {"sdtype": kinds[name]} for name in table.columns}
    metadata = Metadata.load_from_dict({"tables": {TABLE: {"columns": columns}}, "relationships": []})
    np.random.seed(job["seed"])
    model = GaussianCopulaSynthesizer(metadata, **job["settings"])
    model.fit({TABLE: table})
    model._set_random_state(job["seed"])  # SDV would start every sample from one fixed seed
    return lambda n: model.sample(n)[TABLE]
