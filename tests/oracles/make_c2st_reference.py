"""Write c2st_reference.json: two small tables, and the LogisticDetection score that SDMetrics 0.11.1 gives them.

Runs in the environment that `make_sdmetrics_reference.py` describes, with scikit-learn 1.9.1:

    /tmp/sdmetrics/bin/python tests/oracles/make_c2st_reference.py
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import sdmetrics
import sklearn
from make_sdmetrics_reference import cells, draw
from sdmetrics.single_table import LogisticDetection

COLUMNS = ["colour", "member", "age", "income", "spent"]
SEEDS = [0, 1, 2]


def main() -> None:
    """Draw, ask SDMetrics, write; it takes its folds from NumPy's global state, which is seeded for each score."""
    real, synthetic = draw(160, 0.0, 1), draw(120, 0.3, 2)
    scores = []
    for seed in SEEDS:
        np.random.seed(seed)  # noqa: NPY002  # the only source of folds that it has
        scores.append(LogisticDetection.compute(real[COLUMNS].copy(), synthetic[COLUMNS].copy()))
    versions = {"sdmetrics": sdmetrics.__version__, "pandas": pd.__version__, "scikit-learn": sklearn.__version__}
    reference = {
        "made_with": versions | {"python": sys.version.split()[0]},
        "real": {name: cells(real)[name] for name in COLUMNS},
        "synthetic": {name: cells(synthetic)[name] for name in COLUMNS},
        "seeds": SEEDS,
        "scores": scores,
    }
    Path(__file__).with_name("c2st_reference.json").write_text(json.dumps(reference) + "\n")


if __name__ == "__main__":
    main()
