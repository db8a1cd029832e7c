"""Mode coverage: has the synthesizer kept every kind of row, or collapsed onto a few?"""

from html import escape

from tabgan.evaluation import terms
from tabgan.evaluation.render import figures, numbers, pictures
from tabgan.evaluation.render.page.document import Section
from tabgan.evaluation.render.page.parts import (
    BESIDE,
    Cell,
    Head,
    cautions,
    figure_row,
    missing_part,
    named,
    number,
    table,
)
from tabgan.evaluation.report import Report
from tabgan.evaluation.results import Cluster

CLUSTERS = (
    Head("kind of row", number=False),
    Head("real", explained="Share of the real rows"),
    Head("95 % interval"),
    Head("synthetic", explained="Share of the synthetic rows"),
    Head("95 % interval"),
    Head("both", number=False),
)


def collapse(report: Report) -> Section:
    """The kinds of rows in both tables, and numbers that fall when rows repeat."""
    found = report.collapse
    title = terms.MODE_COVERAGE.name
    if found is None:
        return Section(anchor="collapse", title=title, body=missing_part(report, "collapse"))
    top = max((max(cluster.real.value, cluster.synthetic.value) for cluster in found.clusters), default=0.0)
    lines = [(cluster.described, _cluster(cluster, top)) for cluster in found.clusters]
    caption = f"Kinds of real rows found by k-means, among {found.n_per_side:,} rows of each side"
    kinds = table("clusters-table", caption, CLUSTERS, lines) if lines else ""
    measures = [figure_row(figure) for figure in figures.of_kinds(found)]
    told = table("collapse-table", "Do rows repeat, are kinds lost?", BESIDE, measures)
    intro = '<p class="muted">A synthesizer that has collapsed makes few kinds of rows, again and again.</p>\n'
    return Section(anchor="collapse", title=title, body=f"{intro}{kinds}{told}{cautions(found.caveats)}")


def _cluster(cluster: Cluster, top: float) -> list[Cell | str]:
    cells: list[Cell | str] = [named(cluster.described)]
    for side in (cluster.real, cluster.synthetic):
        cells += [number(side.value, numbers.share(side.value)), escape(numbers.interval(side, percent=True))]
    return [*cells, pictures.two_bars(cluster.real.value, cluster.synthetic.value, top)]
