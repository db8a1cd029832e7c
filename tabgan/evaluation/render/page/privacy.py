"""Privacy: does the synthetic table give away the rows that it was learnt from? Each number beside its yardstick."""

from html import escape

from tabgan.evaluation import terms
from tabgan.evaluation.render import figures, numbers, wording
from tabgan.evaluation.render.page.document import Section
from tabgan.evaluation.render.page.parts import (
    BESIDE,
    BY_CHANCE,
    Cell,
    Head,
    cautions,
    figure_row,
    missing_part,
    number,
    table,
)
from tabgan.evaluation.report import Report
from tabgan.evaluation.results import AttackResult, PrivacyResult

ATTACKS = (
    Head("attack", number=False),
    Head("right about learnt rows"),
    Head("right about others", explained="Held-out rows: what the population gives away, not the table"),
    Head("without the table"),
    Head("risk", explained=terms.RISK.meaning),
    Head("95 % interval"),
    Head("in words", number=False),
)


def privacy(report: Report) -> Section:
    """Copies and distances, an attacker who looks at distances, and the three attacks of the European guidance."""
    found = report.privacy
    if found is None:
        return Section(anchor="privacy", title="Privacy", body=missing_part(report, "privacy"))
    intro = (
        f'<p class="muted">Each number of the synthetic rows stands beside that of {escape(found.baseline)} in their '
        f"place. {found.n_synthetic:,} synthetic, {found.n_train:,} learnt and {found.n_baseline:,} "
        f"{escape(found.baseline)}; distances from {found.n_nearest:,} rows to {found.n_reference:,}.</p>\n"
    )
    measures = [figure_row(figure) for figure in figures.of_closeness(found)]
    told = table("privacy-table", "How closely synthetic rows follow learnt rows", BESIDE, measures)
    body = f"{intro}{cautions(found.caveats)}{told}{_membership(found)}{_attacks(found)}"
    return Section(anchor="privacy", title="Privacy", body=body)


def _membership(found: PrivacyResult) -> str:
    rows = [figure_row(figure) for figure in figures.of_membership(found)]
    if not rows:
        return '<p class="absent">Membership inference was not tried: it needs held-out rows.</p>\n'
    asked = (
        ""
        if found.membership is None
        else (f" ({found.membership.n_train:,} learnt and {found.membership.n_held_out:,} other rows)")
    )
    return table("membership-table", f"Can an attacker tell who was learnt from?{asked}", BY_CHANCE, rows)


def _attacks(found: PrivacyResult) -> str:
    if not found.attacks:
        reason = "too few columns vary" if found.membership else "they need held-out rows"
        return f'<p class="absent">No attacks were tried: {reason}.</p>\n'
    rows = [(f"{attack.attack} {attack.secret}", _attack(attack)) for attack in found.attacks]
    notes = cautions(tuple(dict.fromkeys(caveat for attack in found.attacks for caveat in attack.caveats)))
    return table("attacks-table", "The attacks of the European guidance (WP 216)", ATTACKS, rows) + notes


def _attack(found: AttackResult) -> list[Cell | str]:
    told = f"{wording.sentence(escape(found.sentence))} {found.n_guesses:,} guesses of each kind."
    secret = f" of <code>{escape(found.secret)}</code>" if found.secret else ""
    return [
        f"<b>{wording.sentence(escape(found.attack)).removesuffix('.')}</b>{secret}",
        number(found.train.value, numbers.share(found.train.value)),
        number(found.control.value, numbers.share(found.control.value)),
        number(found.baseline.value, numbers.share(found.baseline.value)) if found.baseline else "–",
        number(found.risk.value, numbers.share(found.risk.value)),
        escape(numbers.interval(found.risk, percent=True)),
        f'<span class="wrap">{told}</span>',
    ]
