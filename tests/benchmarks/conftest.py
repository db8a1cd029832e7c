import numpy as np
import pandas as pd
import pytest

from benchmarks.fidelity.datasets import TASKS

FLOATS = ("fLength", "fWidth", "fSize", "fConc", "fConc1", "fAsym", "fM3Long", "fM3Trans", "fAlpha", "fDist")


def magic(n: int, seed: int) -> pd.DataFrame:
    """A small table with the columns of Magic."""
    draw = np.random.default_rng(seed)
    values = draw.normal(size=(n, 1)) + draw.normal(size=(n, len(FLOATS)))
    table = pd.DataFrame(values.round(3), columns=list(FLOATS))
    return table.assign(**{"class": np.where(values[:, 0] > 0, "g", "h")})


@pytest.fixture
def data(tmp_path):
    """A folder of tables, with Magic alone in it."""
    folder = tmp_path / "data" / "magic"
    folder.mkdir(parents=True)
    magic(120, 0).to_csv(folder / "train.csv", index=False)
    magic(60, 1).to_csv(folder / "test.csv", index=False)
    return folder.parent


@pytest.fixture
def result():
    """Make one result as the runs write it, with numbers that can be foreseen."""

    def build(label="tabgan", set_name="adult", seed=0, shape=1.0, fit_s=60.0, **fields):
        def estimate(value, floor):
            return {"value": value, "standard_error": 0.1, "floor": floor, "floor_error": 0.02}

        synthesizer = "tabgan" if label.startswith("tabgan") else label
        score = {"measure": "auc", "synthetic": 0.8, "synthetic_error": 0.01, "real": 0.9, "real_error": 0.01}
        return {
            "format": 1,
            "set": set_name,
            "synthesizer": synthesizer,
            "label": label,
            "kinds": "inferred",
            "seed": seed,
            "settings": {},
            "n_train": 1000,
            "n_test": 100,
            "machine": {"cpu": "abacus", "cores": 2, "memory_gib": 24},
            "threads": 1,
            "versions": {"python": "3.11"},
            "date": "2026-01-01",
            "note": "",
            "costs": {
                "fit_s": fit_s,
                "fit_cpu_s": 50.0,
                "sample_s": 1.0,
                "sample_rows_per_s": 1000.0,
                "peak_mib": 300.0,
            },
            "scores": {
                "n_synthetic": 1000,
                "shape_error_pct": estimate(shape, 0.5),
                "trend_error_pct": estimate(2.0, 1.5),
                "trend_separate_edges_pct": estimate(3.0, 1.75),
                "detection_auc": {"value": 0.6, "standard_error": 0.005, "floor": 0.5},
                "logistic_c2st": {"value": 0.95, "floor": 1.0},
                "utility": {"scores": [score | {"gap": 0.1, "gap_error": 0.01}]},
                "privacy": {"nearer_to_train": estimate(0.51, 0.5), "copies": estimate(0.002, 0.001)},
            },
        } | fields

    return build


@pytest.fixture
def five(result):
    """Two seeds of tabgan on all five tables, Shape 1, 2, 3, 4, 5 and one more for the second seed."""
    return [result(set_name=name, seed=seed, shape=1.0 + i + seed) for i, name in enumerate(TASKS) for seed in (0, 1)]
