"""The findings tell a second real sample from a useless table, on a real table and its held-out rows."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tabgan.evaluation.evaluator import evaluate
from tabgan.table.files import read_table

ADULT = Path(__file__).parents[3] / "shared" / "data" / "adult"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not ADULT.exists(), reason=f"the table is not there: {ADULT}"),
]


@pytest.fixture(scope="module")
def adult():
    return [read_table(ADULT / f"{part}.csv") for part in ("train", "test")]


def levels(report) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for finding in report.findings:
        found.setdefault(finding.area, set()).add(finding.level)
    return found


def shuffled(table: pa.Table, names: list[str]) -> pa.Table:
    """The table with some columns in another order of rows."""
    for i, name in enumerate(names):
        order = np.random.default_rng(i).permutation(len(table))
        table = table.set_column(table.column_names.index(name), name, table[name].take(order))
    return table


def test_a_second_real_sample_is_fine_in_every_part(adult):
    train, test = adult
    assert levels(evaluate(train, test, target="income")) == {
        area: {"fine"} for area in ("columns", "pairs", "rows", "utility", "privacy")
    }


def test_untied_columns_are_named_and_nothing_else_is_blamed(adult):
    train, test = adult
    names = ["occupation", "income"]
    report = evaluate(train, shuffled(test, names), target="income")
    found = levels(report)
    assert found["columns"] == {"fine"}
    assert {"serious"} <= found["pairs"] & found["rows"] & found["utility"]
    (worst,) = [finding for finding in report.findings if finding.area == "rows"][:1]
    assert set(names) & set(worst.columns)


def test_copies_are_fine_but_for_privacy(adult):
    train, test = adult
    found = levels(evaluate(train, train, test, target="income"))
    assert found == {
        "columns": {"fine"},
        "pairs": {"fine"},
        "rows": {"fine"},
        "utility": {"fine"},
        "privacy": {"serious"},
    }
