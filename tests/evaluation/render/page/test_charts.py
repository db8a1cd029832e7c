import json
from math import nan

import pytest

from tabgan.evaluation.render.page import charts
from tabgan.evaluation.results import Driver, Overlay, PairResult
from tests.evaluation.render.full_report import full_report, near, pair


def bars(*labels: str) -> Overlay:
    return Overlay(kind="bars", labels=labels, real=(3,) * len(labels), synthetic=(2,) * len(labels))


@pytest.mark.parametrize(
    ("found", "shape"),
    [
        (bars("1", "2", "3", "4", "5"), "columns"),
        (bars("a long label", "b"), "rows"),
        (bars(*"abcdefghi"), "rows"),
        (Overlay(kind="ranked", labels=("a", "2 others"), real=(1, 2), synthetic=(1, 2)), "ranked"),
        (Overlay(kind="histogram", labels=("0 to 1",), edges=(0.0, 1.0), real=(1,), synthetic=(2,)), "steps"),
    ],
)
def test_few_short_labels_stand_below_their_bars(found, shape):
    assert charts.overlay("key", found).spec["shape"] == shape


def test_only_numbers_have_an_axis_of_numbers():
    found = Overlay(kind="histogram", labels=("x", "y"), edges=(0.0, 1.0, 2.0), real=(1, 2), synthetic=(2, 1))
    assert charts.overlay("key", found, linear=True).spec["edges"] == [0.0, 2.0]
    assert charts.overlay("key", found).spec["edges"] is None
    assert charts.overlay("key", bars("x"), linear=True).spec["edges"] is None


def test_times_have_their_ends_written_below():
    labels = ("2020-01-01 to 2020-01-31", "2020-02-01 to 2020-02-29")
    found = Overlay(kind="histogram", labels=labels, edges=(0.0, 31.0, 60.0), real=(1, 2), synthetic=(2, 1))
    assert '<div class="ends"><span>2020-01-01</span><span>2020-02-29</span></div>' in charts.overlay("k", found).below
    assert charts.overlay("k", found, linear=True).below == ""


def test_labels_of_any_length_are_cut():
    chart = charts.overlay("key", bars("x" * 10_000, "y"))
    assert len(chart.spec["labels"][0]) == charts.MAX_LABEL
    assert len(chart.html()) < 5000


def test_a_chart_says_what_it_shows_and_escapes_it(parsed, nasty):
    chart = charts.drivers("drivers", [Driver(column=nasty, importance=near(0.2))], 5)
    assert nasty in chart.described
    assert set(parsed(chart.html()).tags) == {"div", "noscript", "svg", "text", "rect"}


def test_drivers_are_cut_and_keep_their_intervals():
    found = [Driver(column=f"c{i}", importance=near(0.2 - i / 100)) for i in range(9)]
    spec = charts.drivers("drivers", found, 4).spec
    assert spec["labels"] == ["c0", "c1", "c2", "c3"]
    assert spec["low"][0] == pytest.approx(0.192)
    assert spec["high"][0] == pytest.approx(0.208)


def test_the_heat_map_holds_every_pair_once():
    undefined = PairResult(first="b", second="c", method="correlation", error=None, n_real=9, n_synthetic=9)
    chart = charts.heat_map("pairs", ["a", "b", "c"], [pair("a", "b", 0.6, 0.2), undefined])
    assert chart.spec["pairs"] == [[0, 1, 0.6, 0.2, 0.2, 0.01], [1, 2, None, None, None, None]]
    assert chart.spec["top"] == pytest.approx(0.2)
    assert "a and b 0.200" in chart.described


def test_numbers_that_json_does_not_know_are_left_out():
    chart = charts.lines("loss", {"loss": [(0, 1.0), (1, nan), (2, None)]}, x_label="step", described="loss")
    (drawn,) = chart.spec["series"]
    assert (drawn["name"], drawn["points"]) == ("loss", [[0, 1.0], [1, None], [2, None]])


def test_lines_have_colours_yardsticks_bands_and_logarithms():
    made = charts.Line(points=[(0, 0.0), (1, 0.5)], tone="real")
    floor = charts.Line(points=[(0, 0.1), (1, 0.1)], tone="real", yardstick=True)
    bands = [charts.Band(name="<b>sick</b>", start=0, end=1, level="serious")]
    chart = charts.lines(
        "norm", {"a": made, "b": floor}, x_label="step", described="norms", bands=bands, unit="%", logarithmic=True
    )
    assert [line["points"] for line in chart.spec["series"]] == [[[0, None], [1, 0.5]], [[0, 0.1], [1, 0.1]]]
    assert [line["yardstick"] for line in chart.spec["series"]] == [False, True]
    assert chart.spec["bands"] == [{"name": "<b>sick</b>", "from": 0, "to": 1, "level": "serious"}]
    assert chart.static.count("line-real") == 2
    assert chart.static.count("line-real yardstick") == 1
    json.dumps(chart.spec, allow_nan=False)


def test_charts_of_a_full_report_are_plain_json():
    for column in full_report().columns:
        json.dumps(charts.overlay("key", column.overlay, linear=True).spec, allow_nan=False)
