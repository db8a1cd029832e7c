"""What synthetic rows are worth for a model that has to work on real ones."""

from html import escape

from tabgan.evaluation.render.page import words
from tabgan.evaluation.render.page.document import Section
from tabgan.evaluation.render.page.parts import Cell, Head, cautions, missing_part, number, table
from tabgan.evaluation.report import Report
from tabgan.evaluation.results import UtilityScore

HEADS = (
    Head("measure", number=False),
    Head("learnt from synthetic"),
    Head("learnt from real"),
    Head("learnt from both"),
    Head("loss", explained="Real less synthetic"),
    Head("95 % interval"),
    Head("gain of both", explained="Both less real"),
    Head("95 % interval"),
    Head("in words", number=False),
)


def utility(report: Report) -> Section:
    """The scores of the models on the same real rows."""
    found = report.utility
    if found is None:
        return Section(anchor="utility", title="Utility", body=missing_part(report, *words.UTILITY))
    intro = (
        f'<p class="muted">Models that predict <code>{escape(found.target)}</code>, all scored on the same '
        f"{found.n_test:,} real rows; more is better. {words.sentence(escape(found.reason))}</p>\n"
    )
    rows = [(score.measure, _row(score)) for score in found.scores]
    caption = f"Learnt from {found.n_synthetic:,} synthetic and {found.n_real:,} real rows"
    body = f"{intro}{table('utility-table', caption, HEADS, rows)}{cautions(found.caveats)}"
    return Section(anchor="utility", title="Utility", body=body)


def _row(score: UtilityScore) -> list[Cell | str]:
    models = (score.synthetic, score.real, score.augmented)
    return [
        f"<b>{escape(words.MEASURES.get(score.measure, score.measure))}</b>",
        *(number(found.value, words.figure(found.value)) for found in models),
        number(score.gap.value, words.signed(score.gap.value)),
        escape(words.interval(score.gap)),
        number(score.gain.value, words.signed(score.gain.value)),
        escape(words.interval(score.gain)),
        f'<span class="wrap">{escape(words.utility_verdict(score))}</span>',
    ]
