"""The statistical tests of all columns in one table."""

from tabgan.evaluation import terms
from tabgan.evaluation.render import numbers, wording
from tabgan.evaluation.render.page.document import Section
from tabgan.evaluation.render.page.parts import Cell, Head, number, table, text
from tabgan.evaluation.report import Report
from tabgan.evaluation.results import ColumnResult

HEADS = (
    Head("column", number=False),
    Head("test", number=False),
    Head("distance", explained=terms.DISTANCE_MEANING),
    Head("95 % interval"),
    Head("floor", explained="What two samples of the real table would give"),
    Head("Cramér's V"),
    Head("statistic"),
    Head("df", explained="Degrees of freedom"),
    Head("p"),
    Head("adjusted p", explained="Benjamini-Hochberg over all columns"),
    Head("rows to tell apart"),
    Head("real cells", explained="Those that are present"),
    Head("synthetic cells", explained="Those that are present"),
)
INTRO = (
    f'<p class="muted">{terms.DISTANCE_MEANING} On large tables every difference is significant, so read the distance '
    "first.</p>\n"
)


def significance(report: Report) -> Section:
    """One line for each column, the worst first."""
    if not report.columns:
        return Section(anchor="tests", title="Tests", body='<p class="absent">No column can be compared.</p>\n')
    rows = [(column.name, _row(column)) for column in report.worst_columns()]
    body = f"{INTRO}{tools('tests-table')}{table('tests-table', 'Tests of single columns', HEADS, rows)}"
    return Section(anchor="tests", title="Tests", body=body)


def tools(key: str) -> str:
    """The filter of a table's lines."""
    return (
        f'<div class="tools">\n<label>Filter by name <input type="search" data-filter="{key}" autocomplete="off">'
        f'</label>\n<output data-count="{key}"></output>\n</div>\n'
    )


def _row(column: ColumnResult) -> list[Cell | str]:
    distance, cramers_v = column.distance, column.cramers_v.value if column.cramers_v else None
    present = (column.n_real - column.missing_real, column.n_synthetic - column.missing_synthetic)
    statistic, freedom, rows = column.statistic, column.degrees_of_freedom, column.rows_to_tell_apart
    return [
        text(column.name),
        wording.test_name(column),
        number(distance.value, numbers.fraction(distance.value)),
        number(distance.low, numbers.interval(distance)),
        number(distance.floor, numbers.fraction(distance.floor)),
        number(cramers_v, numbers.fraction(cramers_v)),
        number(statistic, "–" if statistic is None else f"{statistic:.5g}"),
        number(freedom, "–" if freedom is None else f"{freedom:,}"),
        number(column.p_value, numbers.p_value(column.p_value)),
        number(column.p_adjusted, numbers.p_value(column.p_adjusted)),
        number(rows, "–" if rows is None else f"{rows:,}"),
        *(number(n, f"{n:,}") for n in present),
    ]
