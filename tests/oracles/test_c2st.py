"""The logistic C2ST against SDMetrics 0.11.1; `make_c2st_reference.py` made the reference."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.fidelity.logistic import c2st
from tabgan.evaluation.aligned import align

KINDS = {"colour": "categorical", "member": "categorical", "age": "continuous"}


def test_the_score_on_the_same_folds():
    reference = json.loads(Path(__file__).with_name("c2st_reference.json").read_text())
    columns = [
        align(name, KINDS.get(name, "continuous"), pa.array(cells), pa.array(reference["synthetic"][name]))
        for name, cells in reference["real"].items()
    ]
    rows = np.arange(160), np.arange(120)
    found = [c2st(columns, *rows, seed) for seed in reference["seeds"]]
    assert found == pytest.approx(reference["scores"], abs=1e-6)
    assert 0.05 < max(found) < 0.95  # neither end, where any mistake would go unseen
