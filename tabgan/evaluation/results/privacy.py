"""Whether the synthetic table gives away the rows that it was learnt from."""

from dataclasses import dataclass

from tabgan.evaluation.results.numbers import Beside, Caveat, Estimate

CLEAR = 3.0


@dataclass(frozen=True, kw_only=True)
class MembershipResult:
    """Can an attacker tell rows that were learnt from others, by their distance to the nearest synthetic row?

    Attributes:
        auc: 0.5 if not at all, 1.0 always; its error is Hanley and McNeil's.
        caught: the share of learnt rows that he names while no more than one in a hundred of the others is named
            wrongly; its floor is what chance gives, and its interval comes from drawing the rows again.
        n_train, n_held_out: the rows that he was shown.
    """

    auc: Estimate
    caught: Estimate
    n_train: int
    n_held_out: int


@dataclass(frozen=True, kw_only=True)
class AttackResult:
    """One of the three attacks of the European guidance (Article 29 Working Party, WP 216; Giomi et al. 2023).

    Attributes:
        attack: "singling out", "linkability" or "inference".
        train: the share of guesses that were right about rows that were learnt from.
        control: the share that were right about held-out rows: what the population gives away, not the table.
        baseline: the share that were right without the synthetic table; None where there is no such guess.
        risk: what the table gives away beyond the control: (train - control) / (1 - control); 0 is none, and chance
            makes it as often negative as positive (no less than -1 is told). Without a standard error and interval
            where the control was always right. Of several attacks on a harmless table one is likely to have its
            interval above 0; `sentence` speaks of a risk only where it lies 3 standard errors above.
        n_guesses: about rows of each kind.
        secret: of an inference attack, the column that was guessed; else "".
        sentence: what it means, in plain words.
        caveats: reasons to read these numbers with care.
    """

    attack: str
    train: Estimate
    control: Estimate
    baseline: Estimate | None
    risk: Estimate
    n_guesses: int
    secret: str = ""
    sentence: str
    caveats: tuple[Caveat, ...] = ()


def exposed(risk: Estimate) -> bool:
    """Whether a risk lies 3 standard errors above none, which chance does once in some 700 attacks."""
    return risk.standard_error is not None and risk.value > CLEAR * risk.standard_error


@dataclass(frozen=True, kw_only=True)
class PrivacyResult:
    """How closely synthetic rows follow the rows that were learnt from.

    Attributes:
        copies: the share of rows that equal a learnt row in every cell.
        near_copies: the share of rows as near to a learnt row as one in a hundred real rows are; of the real rows more
            than one in a hundred where many are equally near.
        distance: the median distance to the nearest learnt row; 1 is one category that differs, √2 two (see
            `evaluation.embedding`).
        close_distance: likewise, the distance that a twentieth of the rows are within.
        distance_ratio: the mean of the distance to the nearest learnt row over that to the second nearest; low where
            single rows are followed.
        nearer_to_train: the share of synthetic rows whose nearest real row is a learnt row and not a held-out one,
            ties counted half; its floor is the 0.5 of a synthesizer that copies nothing. None without held-out rows.
        membership: None without held-out rows.
        attacks: empty without held-out rows.
        baseline: which real rows stand in the place of synthetic ones: "held-out rows" or "other real rows".
        n_synthetic, n_train, n_baseline: all rows of each kind, on which `copies` rests.
        n_nearest: the synthetic rows whose nearest rows were looked for.
        n_baseline_nearest: the real rows in their place.
        n_reference: the learnt rows among which they were looked for.
        caveats: reasons to read these numbers with care.
    """

    copies: Beside
    near_copies: Beside
    distance: Beside
    close_distance: Beside
    distance_ratio: Beside
    nearer_to_train: Estimate | None = None
    membership: MembershipResult | None = None
    attacks: tuple[AttackResult, ...] = ()
    baseline: str
    n_synthetic: int
    n_train: int
    n_baseline: int
    n_nearest: int
    n_baseline_nearest: int = 0
    n_reference: int
    caveats: tuple[Caveat, ...] = ()
