from dataclasses import replace

import pytest

from tabgan.evaluation.render import training_to_html
from tabgan.evaluation.results import Caveat, Estimate, NotComputed, Overlay
from tabgan.evaluation.results.training import ColumnSnapshot, Series, Setting, SnapshotResult, TrainingReport


def overlay(*synthetic):
    return Overlay(kind="bars", labels=("a", "b"), real=(50, 50), synthetic=synthetic)


def snapshot(step, kept, names, *shares):
    columns = [
        ColumnSnapshot(name=n, kind="categorical", overlay=overlay(*s)) for n, s in zip(names, shares, strict=True)
    ]
    error = Estimate(value=10.0 / step, standard_error=0.1, floor=0.5)
    return SnapshotResult(step=step, n=100, kept=kept, shape_error_pct=error, columns=tuple(columns))


def record(names=("still", "moved")):
    series = {"surprise": (9.0, 7.0), "held_out": (9.5, 7.5), "real_score": (0.1, 0.2), "made_score": (0.0, 0.2)}
    return TrainingReport(
        n_rows=1234,
        seed=3,
        elapsed_s=12.0,
        ended_by="steps",
        kept_step=20,
        ending="ended after 20 of 20 steps: all that were planned",
        settings=(Setting(name="batch_size", value=256, help="Rows of a step."),),
        series=tuple(
            Series(name=name, label=name.replace("_", " "), unit="", steps=(1, 20), values=values, floor=None)
            for name, values in series.items()
        ),
        reference="real",
        n_reference=1234,
        snapshots=(
            snapshot(1, False, names, (50, 50), (90, 10)),
            snapshot(20, True, names, (51, 49), (52, 48)),
        ),
        caveats=(Caveat("few_rows", "few rows"),),
    )


def test_curves_samples_and_the_ending_are_there():
    page = training_to_html(record())
    for part in ("Ended after 20 of 20 steps", 'id="curves"', 'id="samples"', "1,234 rows learnt", "Few rows.", "kept"):
        assert part in page
    assert page.count('data-chart="curve-') == 2
    assert page.count('data-chart="snapshot-') == 4


def test_columns_that_changed_most_come_first():
    page = training_to_html(record())
    assert page.index("<code>moved</code>") < page.index("<code>still</code>")


def test_names_are_escaped(nasty):
    page = training_to_html(record((nasty, "</script>")))
    assert nasty not in page
    assert "<code></script>" not in page


@pytest.mark.parametrize("change", [{"series": ()}, {"snapshots": ()}, {"kept_step": None, "elapsed_s": None}])
def test_what_is_missing_leaves_a_page(change):
    missing = NotComputed("the curves", "the model file holds none")
    page = training_to_html(replace(record(), **change, not_computed=(missing,)))
    assert "the model file holds none" in page
    assert page.endswith("</html>\n")


def test_a_column_without_cells_is_passed_over():
    first, last = record().snapshots
    empty = replace(first, columns=(first.columns[0], ColumnSnapshot(name="moved", kind="categorical", overlay=None)))
    page = training_to_html(replace(record(), snapshots=(empty, last)))
    assert "<code>moved</code>" not in page
    assert "<code>still</code>" in page
