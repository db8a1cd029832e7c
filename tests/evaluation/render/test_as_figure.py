import dataclasses
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import InputError, OutputError
from tabgan.evaluation.evaluator import evaluate
from tabgan.evaluation.render.as_figure import MAX_PANELS, to_figure, to_png
from tabgan.evaluation.report import OPTIONAL

REASON = "matplotlib comes with the plots extra"


@pytest.fixture(scope="module")
def report():
    draw = np.random.default_rng(0)

    def table(n, shift):
        return pa.table(
            {
                "number": draw.normal(shift, 1, n),
                "day": np.datetime64("2020-01-01") + draw.integers(0, 90, n),
                "$a_b$ {x} \\frac": draw.choice(["$x^2$", "b", ""], n),
                "many": [f"k{i}" for i in draw.integers(0, 300, n)],
                "dozen": draw.choice([f"c{i}" for i in range(14)], n),
                "level": draw.integers(0, 12, n),
                "empty": pa.nulls(n, pa.float64()),
            }
        )

    return evaluate(table(2000, 0), table(1500, 0.5), skip=OPTIONAL)


def panels(figure):
    return [axes for axes in figure.axes if axes.get_title(loc="left")]


def test_the_worst_columns_come_first_with_their_distances(report):
    pytest.importorskip("matplotlib", reason=REASON)
    drawn = panels(to_figure(report))
    expected = [column for column in report.worst_columns() if column.overlay]
    assert [axes.get_title(loc="left") for axes in drawn] == [column.name for column in expected]
    for axes, column in zip(drawn, expected, strict=True):
        told = axes.texts[0].get_text()
        assert f"{column.distance.value:.3f}" in told
        assert f"noise floor {column.distance.floor:.3f}" in told


def test_what_is_drawn_are_the_shares(report):
    pytest.importorskip("matplotlib", reason=REASON)
    (steps,) = panels(report.plot(["number"]))
    found = next(column.overlay for column in report.columns if column.name == "number")
    real, _, synthetic = (patch.get_data().values for patch in steps.patches)
    assert real == pytest.approx(np.asarray(found.real) / 2000)
    assert synthetic == pytest.approx(np.asarray(found.synthetic) / 1500)
    (bars,) = panels(report.plot(["dozen"]))
    widths = [patch.get_width() for patch in bars.patches]
    assert len(widths) == 20  # nine categories and five others, of both tables
    assert sum(widths) == pytest.approx(2)
    assert bars.get_yticklabels()[-1].get_text() == "5 others"


def test_named_columns_keep_their_order_and_may_be_empty(report):
    pytest.importorskip("matplotlib", reason=REASON)
    drawn = panels(report.plot(["level", "empty", "day"]))
    assert [axes.get_title(loc="left") for axes in drawn] == ["level", "empty", "day"]
    assert "no cell is present" in [text.get_text() for text in drawn[1].texts]


def test_no_text_covers_another_and_no_panel_is_empty(report):
    pytest.importorskip("matplotlib", reason=REASON)
    figure = report.plot()
    figure.draw_without_rendering()
    assert [axes for axes in figure.axes if axes.axison] == panels(figure)
    for axes in panels(figure):
        for marks in (axes.get_xticklabels(), axes.get_yticklabels()):
            boxes = [mark.get_window_extent() for mark in marks if mark.get_text()]
            assert not [1 for i, box in enumerate(boxes) for other in boxes[:i] if box.overlaps(other)]


def test_marks_in_percent_are_exact(report):
    pytest.importorskip("matplotlib", reason=REASON)
    figure = report.plot(["level", "many", "number"])
    figure.draw_without_rendering()
    for axes in panels(figure):
        for mark in axes.get_yticklabels():
            assert float(mark.get_text().rstrip("%")) / 100 == pytest.approx(mark.get_position()[1], abs=1e-9)


def test_a_dozen_of_many_columns_is_drawn_and_said(report):
    pytest.importorskip("matplotlib", reason=REASON)
    many = [dataclasses.replace(report.columns[0], name=f"n{i}") for i in range(30)]
    figure = dataclasses.replace(report, columns=tuple(many)).plot()
    assert len(panels(figure)) == MAX_PANELS
    assert "30 columns, the 12 that stand out most" in figure.get_suptitle()
    assert "stand out" not in report.plot(["level"]).get_suptitle()


def test_a_file_is_a_picture_and_the_same_each_time(report, tmp_path):
    pytest.importorskip("matplotlib", reason=REASON)
    for name in ("a.png", "b.png"):
        to_png(report, tmp_path / name)
    data = (tmp_path / "a.png").read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert data == (tmp_path / "b.png").read_bytes()
    assert to_figure(report)._repr_png_() == data
    with pytest.raises(OutputError):
        to_png(report, tmp_path / "none" / "a.png")


def test_a_users_style_is_neither_used_nor_changed(report):
    mpl = pytest.importorskip("matplotlib", reason=REASON)
    plain = report.plot(["number"])._repr_png_()
    with mpl.rc_context({"text.color": "white", "axes.labelcolor": "white", "axes.facecolor": "black"}):
        before = dict(mpl.rcParams)
        assert report.plot(["number"])._repr_png_() == plain
        assert dict(mpl.rcParams) == before


def test_pyplot_is_left_alone(report):
    pytest.importorskip("matplotlib", reason=REASON)
    code = "import sys, tabgan.evaluation.render.as_figure as f; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
    report.plot()
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()


def test_an_unknown_column_is_told_with_those_there_are(report):
    with pytest.raises(InputError, match=r"'number', 'day'.*got 'day of week'"):
        to_figure(report, ["day of week"])


def test_nothing_to_draw_is_told(report):
    with pytest.raises(InputError, match="no column to draw"):
        to_figure(dataclasses.replace(report, columns=()))


def test_without_matplotlib_a_user_is_told_what_to_install(report, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(InputError, match=r"pip install 'tabgan-synth\[plots\]'"):
        report.plot()
