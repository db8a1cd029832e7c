"""Findings about privacy: copies, rows followed too closely, attacks that work better on learnt rows than on others."""

from collections.abc import Iterator

from tabgan.evaluation.findings.columns import level_of
from tabgan.evaluation.findings.ranked import Ranked, more, ranked
from tabgan.evaluation.report import Level, Report
from tabgan.evaluation.results import AttackResult, PrivacyResult
from tabgan.evaluation.results.privacy import exposed
from tabgan.evaluation.terms import percent

COPIES: dict[Level, float] = {"serious": 0.05, "notable": 0.005}
NEAR: dict[Level, float] = {"serious": 0.1, "notable": 0.02}
NEARER: dict[Level, float] = {"serious": 0.65, "notable": 0.53}
MEMBERSHIP: dict[Level, float] = {"serious": 0.65, "notable": 0.55}
RISK: dict[Level, float] = {"serious": 0.2, "notable": 0.03}


def of_privacy(report: Report) -> Iterator[Ranked]:
    """What stands out in the synthetic rows' closeness to the rows learnt from."""
    result = report.privacy
    if result is None:
        return
    found = [*_copied(result), *_followed(result), *_attacked(result.attacks)]
    yield from found
    if found:
        return
    if result.membership is None:
        text = (
            "No sign of copying, but without held-out rows, which the synthesizer never saw, little can be said of "
            "privacy."
        )
    else:
        text = "No sign that rows were copied, and no attack works better on learnt rows than on held-out ones."
    yield ranked("fine", "privacy", 0.0, text)


def _copied(result: PrivacyResult) -> Iterator[Ranked]:
    if level := level_of(more(result.copies), COPIES):
        shares = f"{percent(result.copies.synthetic.value)} of synthetic rows equal a learnt row in every cell"
        text = f"{shares}; of {result.baseline} {percent(result.copies.real.value)} do."
        yield ranked(level, "privacy", result.copies.synthetic.value, text)
    if level := level_of(more(result.near_copies), NEAR):
        shares = f"{percent(result.near_copies.synthetic.value)} of synthetic rows lie very close to a learnt row"
        text = f"{shares}; of {result.baseline} {percent(result.near_copies.real.value)} do."
        yield ranked(level, "privacy", result.near_copies.synthetic.value, text)


def _followed(result: PrivacyResult) -> Iterator[Ranked]:
    nearer = result.nearer_to_train
    if nearer is not None and (nearer.low is None or nearer.low > 0.5) and (level := level_of(nearer.value, NEARER)):
        text = (
            f"{percent(nearer.value)} of synthetic rows are nearer to learnt rows than to held-out ones; half would be."
        )
        yield ranked(level, "privacy", 2 * nearer.value - 1, text)
    member = result.membership
    if member is None or (member.auc.low is not None and member.auc.low <= 0.5):
        return
    if level := level_of(member.auc.value, MEMBERSHIP):
        text = f"An attacker can tell learnt rows from others (AUC {member.auc.value:.3f}, 0.5 is none)."
        yield ranked(level, "privacy", 2 * member.auc.value - 1, text)


def _attacked(attacks: tuple[AttackResult, ...]) -> Iterator[Ranked]:
    for attack in attacks:
        if exposed(attack.risk) and (level := level_of(attack.risk.value, RISK)):
            yield ranked(level, "privacy", attack.risk.value, attack.sentence)
