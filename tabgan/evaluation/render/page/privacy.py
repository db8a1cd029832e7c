"""Privacy: does the synthetic table give away the rows that it was learnt from? Each number beside its yardstick."""

from html import escape

from tabgan.evaluation.render.page import words
from tabgan.evaluation.render.page.document import Section
from tabgan.evaluation.render.page.parts import BESIDE, Cell, Head, beside, cautions, missing_part, number, table
from tabgan.evaluation.report import Report
from tabgan.evaluation.results import AttackResult, Estimate, PrivacyResult

GUESSES = (
    Head("attacker", number=False),
    Head("measured"),
    Head("95 % interval"),
    Head("by chance"),
    Head("in words", number=False),
)
ATTACKS = (
    Head("attack", number=False),
    Head("right about learnt rows"),
    Head("right about others", explained="Held-out rows: what the population gives away, not the table"),
    Head("without the table"),
    Head("risk", explained="What the table gives away beyond the control; 0 is none"),
    Head("95 % interval"),
    Head("in words", number=False),
)


def privacy(report: Report) -> Section:
    """Copies and distances, an attacker who looks at distances, and the three attacks of the European guidance."""
    found = report.privacy
    if found is None:
        return Section(anchor="privacy", title="Privacy", body=missing_part(report, *words.PRIVACY))
    intro = (
        f'<p class="muted">Each number of the synthetic rows stands beside that of {escape(found.baseline)} in their '
        f"place. {found.n_synthetic:,} synthetic, {found.n_train:,} learnt and {found.n_baseline:,} "
        f"{escape(found.baseline)}; distances from {found.n_nearest:,} rows to {found.n_reference:,}.</p>\n"
    )
    told = table("privacy-table", "How closely synthetic rows follow learnt rows", BESIDE, _measures(found))
    body = f"{intro}{cautions(found.caveats)}{told}{_guesses(found)}{_attacks(report, found)}"
    return Section(anchor="privacy", title="Privacy", body=body)


def _measures(found: PrivacyResult) -> list[tuple[str, list[Cell | str]]]:
    return [
        beside("Copies", found.copies, "Equal to a learnt row in every cell.", percent=True),
        beside(
            "Near copies", found.near_copies, "Nearer to a learnt row than real rows nearly ever are.", percent=True
        ),
        beside(
            "Distance to the closest row", found.distance, "The median, in mean columns that differ. Low: followed."
        ),
        beside("The same, nearest twentieth", found.close_distance, "For the rows that are closest of all."),
        beside("Distance ratio", found.distance_ratio, "Nearest over second nearest. Low: single rows are followed."),
    ]


def _guesses(found: PrivacyResult) -> str:
    rows = []
    if found.nearer_to_train:
        meaning = "The share of synthetic rows that lie nearer to a learnt row than to a held-out one."
        rows.append(_guess("Nearer to learnt rows", found.nearer_to_train, 0.5, meaning))
    if found.membership:
        n = f"{found.membership.n_train:,} learnt and {found.membership.n_held_out:,} other rows"
        meaning = f"How well distances tell learnt rows from others (AUC, {n})."
        rows.append(_guess("Membership, AUC", found.membership.auc, 0.5, meaning))
        meaning = "Learnt rows that he names while one in a hundred of the others is named wrongly."
        rows.append(_guess("Membership, caught", found.membership.caught, 0.01, meaning))
    if not rows:
        return '<p class="absent">Who was learnt from cannot be asked without held-out rows.</p>\n'
    return table("membership-table", "Can an attacker tell who was learnt from?", GUESSES, rows)


def _guess(name: str, found: Estimate, chance: float, meaning: str) -> tuple[str, list[Cell | str]]:
    by_chance = chance if found.floor is None else found.floor
    above = found.low is not None and found.low > by_chance
    verdict = "More than by chance." if above else "No more than by chance." if found.low is not None else ""
    return name, [
        f"<b>{name}</b>",
        number(found.value, words.share(found.value)),
        escape(words.interval(found, percent=True)),
        number(by_chance, words.share(by_chance)),
        f'<span class="wrap">{verdict} <span class="muted">{meaning}</span></span>',
    ]


def _attacks(report: Report, found: PrivacyResult) -> str:
    if not found.attacks:
        reason = words.why_not(report, "attacks", "privacy attacks")
        return f'<p class="absent">No attacks: {escape(reason)}.</p>\n'
    rows = [(f"{attack.attack} {attack.secret}", _attack(attack)) for attack in found.attacks]
    notes = cautions(tuple(dict.fromkeys(caveat for attack in found.attacks for caveat in attack.caveats)))
    return table("attacks-table", "The attacks of the European guidance (WP 216)", ATTACKS, rows) + notes


def _attack(found: AttackResult) -> list[Cell | str]:
    told = f"{words.sentence(escape(found.sentence))} {found.n_guesses:,} guesses of each kind."
    secret = f" of <code>{escape(found.secret)}</code>" if found.secret else ""
    return [
        f"<b>{words.sentence(escape(found.attack)).removesuffix('.')}</b>{secret}",
        number(found.train.value, words.share(found.train.value)),
        number(found.control.value, words.share(found.control.value)),
        number(found.baseline.value, words.share(found.baseline.value)) if found.baseline else "–",
        number(found.risk.value, words.share(found.risk.value)),
        escape(words.interval(found.risk, percent=True)),
        f'<span class="wrap">{told}</span>',
    ]
