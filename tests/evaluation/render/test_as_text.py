import pytest

from tabgan.evaluation.render import to_text, wording


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_text_stays_within_its_width_and_keeps_every_number(report, width):
    text = to_text(report, width)
    assert max(map(len, text.splitlines())) <= width
    for column in report.columns:
        assert wording.fraction(column.distance.value) in text
        assert wording.p_value(column.p_adjusted) in text
    assert wording.percent(report.shape_error_pct) in text
    assert wording.auc(report.detection) in text


def test_names_are_never_read_as_markup(report):
    assert "[red]" in to_text(report, 200)


def test_wide_text_shows_more(report):
    assert "statistic" in to_text(report, 140)
    assert "statistic" not in to_text(report, 80)


def test_reports_with_little_in_them_are_told(bare):
    empty, tiny = bare
    assert "free text" in to_text(empty, 80)
    assert "very uncertain" in to_text(tiny, 80)
