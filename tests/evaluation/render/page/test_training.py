import json
from dataclasses import replace

import pytest

from tabgan.evaluation.render import training_to_html
from tabgan.evaluation.results import Caveat, Estimate, NotComputed, Overlay
from tabgan.evaluation.results.training import (
    ColumnSnapshot,
    RunEvent,
    Series,
    Setting,
    SnapshotResult,
    StateSpan,
    TrainingReport,
)


def overlay(*synthetic):
    return Overlay(kind="bars", labels=("a", "b"), real=(50, 50), synthetic=synthetic)


def snapshot(step, kept, names, *shares):
    columns = [
        ColumnSnapshot(name=n, kind="categorical", overlay=overlay(*s)) for n, s in zip(names, shares, strict=True)
    ]
    error = Estimate(value=10.0 / step, standard_error=0.1, floor=0.5)
    return SnapshotResult(step=step, n=100, kept=kept, shape_error_pct=error, columns=tuple(columns))


SERIES = {
    "surprise": ((9.0, 7.0), "nats", None),
    "held_out": ((9.5, 7.5), "nats", None),
    "held_out_shape": ((20.0, 3.0), "%", 2.0),
    "held_out_trend": ((25.0, 6.0), "%", 4.0),
    "detection": ((0.9, 0.6), "", 0.5),
    "distinct": ((60.0, 98.0), "%", 100.0),
    "coverage": ((40.0, 90.0), "%", 93.0),
    "entropy": ((90.0, 97.0), "%", 100.0),
    "nearest": ((50.0, 51.0), "%", 50.0),
    "real_score": ((0.1, 0.2), "", None),
    "held_out_score": ((0.1, 0.1), "", None),
    "made_score": ((0.0, 0.2), "", None),
    "accuracy": ((90.0, 55.0), "%", 50.0),
    "generator_gradient": ((0.1, 0.0), "", None),
    "critic_gradient": ((2.0, 0.5), "", None),
    "rate": ((99.0, 1.0), "%", None),
}


def record(names=("still", "moved")):
    return TrainingReport(
        n_rows=1234,
        seed=3,
        elapsed_s=12.0,
        ended_by="patience",
        kept_step=15,
        ending="ended after 20 of 30 steps: rows held out became more surprising",
        settings=(
            Setting(name="batch_size", value=256, default=256, unit="rows", help="rows of a step"),
            Setting(
                name="pac", value=4, default=1, changed=True, unit="rows", help="rows judged together", use="often"
            ),
            Setting(name="penalty_end", value=None, help="weight at the end"),
        ),
        series=tuple(
            Series(name=name, label=name.replace("_", " "), unit=unit, steps=(1, 20), values=values, floor=floor)
            for name, (values, unit, floor) in SERIES.items()
        ),
        reference="real",
        n_reference=1234,
        snapshots=(
            snapshot(1, False, names, (50, 50), (90, 10)),
            snapshot(20, True, names, (51, 49), (52, 48)),
        ),
        states=(
            StateSpan(state="learning", first_step=0, last_step=8),
            StateSpan(state="diverged", first_step=8, last_step=10),
            StateSpan(state="critic too strong", first_step=10, last_step=20),
        ),
        events=(
            RunEvent(step=10, state="recovered", evidence="went back to step 8"),
            RunEvent(
                step=12,
                state="critic too strong",
                evidence="it is sure",
                advice="lower it",
                settings={"critic_rate": 0.1},
            ),
        ),
        caveats=(Caveat("few_rows", "few rows"),),
    )


def specs(page):
    return json.loads(page.split('<script type="application/json" id="data">')[1].split("</script>")[0])


def test_curves_samples_and_the_ending_are_there():
    page = training_to_html(record())
    for part in ("Ended after 20 of 30 steps", 'id="curves"', 'id="samples"', "1,234 rows learnt", "Few rows.", "kept"):
        assert part in page
    assert page.count('data-chart="curve-') == 9
    assert page.count('data-chart="snapshot-') == 4


def test_every_curve_has_its_floor_its_unit_the_states_and_the_marks():
    found = specs(training_to_html(record()))
    shape = found["curve-shape"]
    assert [(line["name"], line["yardstick"]) for line in shape["series"]] == [
        ("Shape", False),
        ("Trend", False),
        ("Shape, real rows", True),
        ("Trend, real rows", True),
    ]
    assert shape["series"][2]["points"] == [[1, 2], [20, 2]]
    assert (shape["unit"], found["curve-surprise"]["unit"], found["curve-scores"]["unit"]) == ("%", "nats", "")
    assert [line["name"] for line in found["curve-accuracy"]["series"]] == ["accuracy", "real rows"]
    assert [line["tone"] for line in found["curve-scores"]["series"]] == ["real", "third", "synthetic"]
    gradients = found["curve-gradients"]
    assert gradients["logarithmic"]
    assert gradients["series"][0]["points"] == [[1, 0.1], [20, None]]  # nothing has no logarithm
    for spec in (found[key] for key in found if key.startswith("curve-")):
        assert spec["marks"] == [
            {"name": "kept", "at": 15},
            {"name": "rolled back", "at": 10},
            {"name": "ended: patience", "at": 20},
        ]
        assert [(band["name"], band["from"], band["to"], band["level"]) for band in spec["bands"]] == [
            ("learning", 0, 8, "fine"),
            ("diverged", 8, 10, "serious"),
            ("critic too strong", 10, 20, "notable"),
        ]


def test_states_are_a_strip_in_words_and_events_say_what_to_do():
    page = training_to_html(record())
    assert 'title="critic too strong, step 10 to 20"' in page
    assert 'aria-label="learning, step 0 to 8; diverged, step 8 to 10; critic too strong, step 10 to 20"' in page
    assert "flex-grow:10" in page
    assert "It is sure. <b>What to do:</b> Lower it. <code>critic_rate = 0.1</code>" in page
    assert "step 12" in page


def test_settings_that_differ_come_first_with_their_defaults():
    page = training_to_html(record())
    assert "1 of 3 differ from the defaults; they come first." in page
    table = page.split('id="settings-table"')[1]
    assert table.index("<code>pac</code>") < table.index("<code>batch_<wbr>size</code>")
    assert "<b>4</b>" in table
    assert "Rows judged together. Often." in table
    assert "as suits the objective" in table
    unchanged = replace(record(), settings=record().settings[:1])
    assert "All are as they are by default." in training_to_html(unchanged)


def test_columns_that_changed_most_come_first():
    page = training_to_html(record())
    assert page.index("<code>moved</code>") < page.index("<code>still</code>")


def test_names_are_escaped(nasty):
    page = training_to_html(record((nasty, "</script>")))
    assert nasty not in page
    assert "<code></script>" not in page


@pytest.mark.parametrize(
    "change",
    [
        {"series": ()},
        {"snapshots": ()},
        {"kept_step": None, "elapsed_s": None},
        {"states": (), "events": ()},
        {"settings": ()},
        {"ended_by": None},
    ],
)
def test_what_is_missing_leaves_a_page(change):
    missing = NotComputed("the curves", "the model file holds none")
    page = training_to_html(replace(record(), **change, not_computed=(missing,)))
    assert "the model file holds none" in page
    assert page.endswith("</html>\n")


def test_words_of_the_monitor_are_escaped(nasty):
    event = RunEvent(step=1, state=nasty, evidence=nasty, advice=nasty, settings={"objective": nasty})
    span = StateSpan(state=nasty, first_step=0, last_step=20)
    assert nasty not in training_to_html(replace(record(), events=(event,), states=(span,)))


def test_a_column_without_cells_is_passed_over():
    first, last = record().snapshots
    empty = replace(first, columns=(first.columns[0], ColumnSnapshot(name="moved", kind="categorical", overlay=None)))
    page = training_to_html(replace(record(), snapshots=(empty, last)))
    assert "<code>moved</code>" not in page
    assert "<code>still</code>" in page
