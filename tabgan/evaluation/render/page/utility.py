"""What synthetic rows are worth for a model that has to work on real ones."""

from html import escape

from tabgan.evaluation import terms
from tabgan.evaluation.render import numbers, wording
from tabgan.evaluation.render.page.document import Section
from tabgan.evaluation.render.page.parts import Cell, Head, cautions, missing_part, number, table
from tabgan.evaluation.report import Report
from tabgan.evaluation.results import UtilityResult, UtilityScore

HEADS = (
    Head("measure", number=False),
    Head("learnt from synthetic"),
    Head("learnt from real"),
    Head("learnt from both"),
    Head("loss", explained="By how much the model of synthetic rows is worse than that of real rows"),
    Head("95 % interval"),
    Head("gain of both", explained="By how much the model of both is better than that of real rows"),
    Head("95 % interval"),
    Head("in words", number=False),
)


def utility(report: Report) -> Section:
    """The scores of the models on the same real rows."""
    found = report.utility
    if found is None:
        return Section(anchor="utility", title="Utility", body=missing_part(report, "utility"))
    intro = (
        f'<p class="muted">Models that predict <code>{escape(found.target)}</code>, all scored on the same '
        f"{found.n_test:,} real rows{_better(found)}. {wording.sentence(escape(found.reason))}</p>\n"
    )
    rows = [(score.measure, _row(score)) for score in found.scores]
    caption = f"Learnt from {found.n_synthetic:,} synthetic and {found.n_real:,} real rows"
    body = f"{intro}{table('utility-table', caption, HEADS, rows)}{cautions(found.caveats)}"
    return Section(anchor="utility", title="Utility", body=body)


def _better(found: UtilityResult) -> str:
    less = [wording.utility_measure(score) for score in found.scores if score.measure in terms.LESS_IS_BETTER]
    return "; more is better" + (f", but of {escape(' and '.join(less))} less is" if less else "")


def _row(score: UtilityScore) -> list[Cell | str]:
    models = (score.synthetic, score.real, score.augmented)
    return [
        f"<b>{escape(wording.utility_measure(score))}</b>",
        *(number(found.value, numbers.figure(found.value)) for found in models),
        number(score.gap.value, numbers.signed(score.gap.value)),
        escape(numbers.interval(score.gap)),
        number(score.gain.value, numbers.signed(score.gain.value)),
        escape(numbers.interval(score.gain)),
        f'<span class="wrap">{escape(wording.utility_verdict(score))}</span>',
    ]
