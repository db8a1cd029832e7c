import pytest

from tabgan.evaluation.render import numbers, to_text
from tests.evaluation.render.full_report import full_report


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_text_stays_within_its_width_and_keeps_every_number(report, width):
    text = to_text(report, width)
    assert max(map(len, text.splitlines())) <= width
    for column in report.columns:
        assert numbers.fraction(column.distance.value) in text
        assert numbers.p_value(column.p_adjusted) in text
    assert numbers.percent_error(report.shape_error_pct) in text
    assert f"{report.detection.auc:.3f} ± {report.detection.standard_error:.3f}" in text


def test_names_are_never_read_as_markup(report):
    assert "[red]" in to_text(report, 200)


def test_wide_text_shows_more(report):
    assert "statistic" in to_text(report, 140)
    assert "statistic" not in to_text(report, 80)


def test_reports_with_little_in_them_are_told(bare):
    empty, tiny = bare
    assert "free text" in to_text(empty, 80)
    assert "very uncertain" in to_text(tiny, 80)


@pytest.mark.parametrize("width", [80, 100, 140])
def test_every_part_is_told_within_the_width(width):
    text = to_text(full_report(), width)
    assert max(map(len, text.splitlines())) <= width
    for told in ("2.10 % (1.30 to 2.90)", "0.500 by chance", "3.00 % (2.20 to 3.80)", "0.810 ± 0.004", "held-out rows"):
        assert told in text
