"""Mode coverage: has the synthesizer kept every kind of row, or collapsed onto a few?"""

from html import escape

from tabgan.evaluation.render import pictures
from tabgan.evaluation.render.page import words
from tabgan.evaluation.render.page.document import Section
from tabgan.evaluation.render.page.parts import BESIDE, Cell, Head, beside, cautions, missing_part, named, number, table
from tabgan.evaluation.report import Report
from tabgan.evaluation.results import Cluster, CollapseResult

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
    title = "Mode coverage"
    if found is None:
        return Section(anchor="collapse", title=title, body=missing_part(report, *words.COLLAPSE))
    top = max((max(cluster.real.value, cluster.synthetic.value) for cluster in found.clusters), default=0.0)
    lines = [(cluster.described, _cluster(cluster, top)) for cluster in found.clusters]
    caption = f"Kinds of real rows found by k-means, among {found.n_per_side:,} rows of each side"
    kinds = table("clusters-table", caption, CLUSTERS, lines) if lines else ""
    told = table("collapse-table", "Do rows repeat, are kinds lost?", BESIDE, _measures(found))
    intro = '<p class="muted">A synthesizer that has collapsed makes few kinds of rows, again and again.</p>\n'
    return Section(anchor="collapse", title=title, body=f"{intro}{kinds}{told}{cautions(found.caveats)}")


def _cluster(cluster: Cluster, top: float) -> list[Cell | str]:
    cells: list[Cell | str] = [named(cluster.described)]
    for side in (cluster.real, cluster.synthetic):
        cells += [number(side.value, words.share(side.value)), escape(words.interval(side, percent=True))]
    return [*cells, pictures.two_bars(cluster.real.value, cluster.synthetic.value, top)]


def _measures(found: CollapseResult) -> list[tuple[str, list[Cell | str]]]:
    return [
        beside(
            "Clusters covered", found.coverage, "Kinds of rows that hold a tenth of their due or more.", percent=True
        ),
        beside("Distinct rows", found.distinct, "Rows that differ from all others of their table.", percent=True),
        beside("Most repeated row", found.most_repeated, "The share of the row that occurs most often.", percent=True),
        beside("Entropy of cells, bits", found.entropy, "How varied single columns are on average."),
        beside("Entropy of clusters, bits", found.cluster_entropy, "How evenly rows spread over the kinds."),
    ]
