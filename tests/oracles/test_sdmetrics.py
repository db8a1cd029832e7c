"""Shape and Trend against SDMetrics 0.11.1; `make_sdmetrics_reference.py` made the reference."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.fidelity.scoring import closeness
from tabgan.evaluation.aligned import align
from tabgan.evaluation.columns import compare_categories, compare_numeric
from tabgan.evaluation.pairs import pair_errors, pair_names

KINDS = {"categorical": "categorical", "boolean": "categorical", "numerical": "continuous", "datetime": "datetime"}


@pytest.fixture(scope="module")
def reference():
    return json.loads(Path(__file__).with_name("sdmetrics_reference.json").read_text())


@pytest.fixture(scope="module")
def table(reference):
    columns = []
    for name, kind in reference["kinds"].items():
        sides = [pa.array(reference[side][name]) for side in ("real", "synthetic")]
        sides = [side.cast(pa.timestamp("ns")) for side in sides] if kind == "datetime" else sides
        columns.append(align(name, KINDS[kind], *sides))
    return columns


def test_shape_of_each_column(reference, table):
    for column in table:
        compare = compare_numeric if column.is_numeric else compare_categories
        found = compare(column, np.random.default_rng(0))
        assert 1 - found.distance_present == pytest.approx(reference["shapes"][column.name], abs=1e-6), column.name


def test_trend_of_each_pair_with_separate_edges(reference, table):
    found = pair_errors(table)
    expected = {(first, second): score for first, second, _, score in reference["trends"]}
    assert list(expected) == pair_names(table)
    for names, error in zip(pair_names(table), found.separate, strict=True):
        assert 1 - error == pytest.approx(expected[names], abs=1e-12), names
    assert 1 - found.mean_separate == pytest.approx(reference["trend_score"], abs=1e-12)


def test_the_benchmark_quotes_the_same_two_numbers(reference, table):
    found = closeness(table)
    assert found["shape_present_error_pct"] == pytest.approx(100 * (1 - reference["shape_score"]), abs=1e-6)
    assert found["trend_separate_edges_pct"]["value"] == pytest.approx(100 * (1 - reference["trend_score"]), abs=1e-10)
