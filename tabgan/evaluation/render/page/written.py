"""Keys, structured strings, personal data and free text: do cells look alike, and were they copied?"""

from html import escape

from tabgan.evaluation import terms
from tabgan.evaluation.render import figures, numbers, pictures, wording
from tabgan.evaluation.render.page.document import Section
from tabgan.evaluation.render.page.parts import BESIDE, Cell, Head, cautions, figure_row, missing_part, number, table
from tabgan.evaluation.report import Report
from tabgan.evaluation.results import ShapeShare, WrittenResult

TITLE = wording.sentence(terms.PARTS["written"]).removesuffix(".")
SHAPES = (
    Head("shape", number=False, explained="0 a digit, A and a letters, x either; all else stands for itself"),
    Head("real", explained="Share of the real cells"),
    Head("95 % interval"),
    Head("synthetic", explained="Share of the synthetic cells"),
    Head("95 % interval"),
    Head("both", number=False),
)


def written(report: Report) -> Section:
    """A table of numbers for each column, and one of the shapes of its cells."""
    if not report.written:
        return Section(anchor="written", title=TITLE, body=_absent(report))
    intro = (
        '<p class="muted">These columns are written and not learnt: no two rows share a value, so there is no '
        "distribution to compare.</p>\n"
    )
    columns = "".join(_column(place, result) for place, result in enumerate(report.written))
    return Section(anchor="written", title=TITLE, body=f"{intro}{columns}")


def _absent(report: Report) -> str:
    if any(entry.what == "written" for entry in report.not_computed):
        return missing_part(report, "written")
    return '<p class="absent">No such column is in both tables.</p>\n'


def _column(place: int, result: WrittenResult) -> str:
    held = terms.WRITTEN.get(result.kind, result.kind)
    caption = f"<code>{escape(result.name)}</code>, {escape(held)}; real rows are {escape(result.baseline)}"
    measures = [figure_row(figure) for figure in figures.of_written(result)]
    told = table(f"written-{place}", caption, BESIDE, measures)
    return f"{told}{_shapes(place, result)}{cautions(result.caveats)}"


def _shapes(place: int, result: WrittenResult) -> str:
    if not result.shapes:
        return ""
    top = max(max(shape.real.value, shape.synthetic.value) for shape in result.shapes)
    rows = [(shape.shape, _shape(shape, top)) for shape in result.shapes]
    caption = f"The most frequent shapes of <code>{escape(result.name)}</code>"
    return table(f"written-{place}-shapes", caption, SHAPES, rows)


def _shape(found: ShapeShare, top: float) -> list[Cell | str]:
    cells: list[Cell | str] = [f"<code>{escape(found.shape)}</code>"]
    for side in (found.real, found.synthetic):
        cells += [number(side.value, numbers.share(side.value)), escape(numbers.interval(side, percent=True))]
    return [*cells, pictures.two_bars(found.real.value, found.synthetic.value, top)]
