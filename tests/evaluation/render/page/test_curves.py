from tabgan.evaluation.render.page.curves import CURVES
from tabgan.evaluation.render.page.training import training_to_html
from tabgan.training_report import SERIES
from tests.evaluation.render.page.test_training import record


def test_every_series_is_in_one_chart():
    names = [name for curves in CURVES for name, _, _ in curves.series]
    assert sorted(names) == sorted(SERIES)


def test_the_lines_of_a_chart_differ_in_colour_and_name():
    for curves in CURVES:
        assert len({tone for _, tone, _ in curves.series}) == len(curves.series)
        assert len({label for _, _, label in curves.series}) == len(curves.series)


def test_every_chart_of_the_page_says_what_it_means():
    page = training_to_html(record())
    for curves in CURVES:
        if f'data-chart="curve-{curves.key}"' in page:
            assert curves.meaning.split(",")[0].split("'")[0] in page
