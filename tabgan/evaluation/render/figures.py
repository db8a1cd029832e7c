"""The numbers of written columns, whole rows, kinds of rows and privacy, each beside its yardstick, to be laid out.

The yardstick is the same number for real rows in the place of the synthetic ones, or what chance alone would give.
"""

from dataclasses import dataclass

from tabgan.evaluation import terms
from tabgan.evaluation.render import numbers
from tabgan.evaluation.report import Report
from tabgan.evaluation.results import (
    Beside,
    CollapseResult,
    DetectionResult,
    Estimate,
    MembershipResult,
    PrivacyResult,
    SupportResult,
    TextResult,
    WrittenResult,
)
from tabgan.evaluation.terms import Term

COIN = Estimate(value=0.5)


@dataclass(frozen=True)
class Figure:
    """One number.

    Attributes:
        term: what it is.
        found: of the synthetic rows.
        yardstick: of real rows in their place, or by chance.
        by_chance: whether the yardstick is what chance gives.
        is_share: whether both are shares, to be shown in percent.
        n: on how many rows it rests, in words.
        detail: what sets it apart from others of the same term.
    """

    term: Term
    found: Estimate
    yardstick: Estimate
    n: str
    is_share: bool = False
    by_chance: bool = False
    detail: str = ""

    @property
    def name(self) -> str:
        """What it is called."""
        return f"{self.term.name}, {self.detail}" if self.detail else self.term.name

    def shown(self, estimate: Estimate) -> str:
        """One of its two numbers with its uncertainty."""
        return numbers.share_number(estimate) if self.is_share else numbers.number(estimate)


def of_written(result: WrittenResult) -> list[Figure]:
    """How alike cells of a written column are, and whether they were copied."""
    n = f"{result.n_synthetic:,} beside {result.n_real:,}"
    found = [Figure(terms.MISSING_CELLS, result.missing_synthetic, result.missing_real, n, is_share=True)]
    found += [_shares(terms.REPEATED_KEYS, result.repeats, n)] if result.repeats else []
    found += [_shares(terms.DISTINCT_CELLS, result.distinct, n)] if result.distinct else []
    found += [_shares(terms.COPIED_CELLS, result.copies, n)] if result.copies else []
    drawn = f"{result.n_shape_synthetic:,} beside {result.n_shape_real:,}"
    found += [_floored(terms.CELL_SHAPES, result.shape, drawn)] if result.shape else []
    found += [_shares(terms.KNOWN_SHAPES, result.known_shapes, drawn)] if result.known_shapes else []
    return found + (_of_text(result.text) if result.text else [])


def _of_text(result: TextResult) -> list[Figure]:
    n = f"{result.n_synthetic:,} beside {result.n_real:,}"
    found = [_floored(terms.TEXT_LENGTH, result.length, n)]
    for one in result.lengths:
        share = f"{100 * one.share:.0f} % of texts"
        found.append(Figure(terms.WORDS_LONG, one.synthetic, one.real, n, detail=share))
    if result.words:
        found.append(_floored(terms.WORD_USE, result.words, n, f"{result.n_words:,} words"))
    if result.runs:
        run = f"{result.run_length} words"
        found.append(Figure(terms.SHARED_RUNS, result.runs.synthetic, result.runs.real, n, is_share=True, detail=run))
    return found


def _floored(term: Term, found: Estimate, n: str, detail: str = "") -> Figure:
    """A distance beside its noise floor."""
    floor = Estimate(value=found.floor or 0.0, standard_error=found.floor_error)
    return Figure(term, found, floor, n, detail=detail)


def of_rows(report: Report) -> list[Figure]:
    """Detection, density and coverage, the Fréchet distance."""
    found = [of_detection(result) for result in (report.detection, report.logistic_detection) if result]
    found += of_support(report.support) if report.support else []
    if report.frechet:
        distance = report.frechet.distance
        floor = Estimate(value=distance.floor or 0.0, standard_error=distance.floor_error)
        found.append(Figure(terms.FRECHET, distance, floor, f"{report.frechet.n_per_side:,} of each"))
    return found


def of_detection(result: DetectionResult) -> Figure:
    """The AUC of one classifier."""
    auc = Estimate(value=result.auc, standard_error=result.standard_error)
    n = f"{result.n_per_class:,} of each"
    return Figure(terms.DETECTION, auc, COIN, n, by_chance=True, detail=result.classifier)


def of_support(result: SupportResult) -> list[Figure]:
    """Density and coverage."""
    n = f"{result.n_per_side:,} of each"
    return [_beside(terms.DENSITY, result.density, n), _shares(terms.COVERAGE, result.coverage, n)]


def of_kinds(result: CollapseResult) -> list[Figure]:
    """Kinds of rows and repeated rows: what a collapse would show in."""
    n = f"{result.n_per_side:,} of each"
    return [
        _shares(terms.MODE_COVERAGE, result.coverage, n),
        _shares(terms.DISTINCT, result.distinct, n),
        _shares(terms.MOST_REPEATED, result.most_repeated, n),
        _beside(terms.ENTROPY, result.entropy, n),
        _beside(terms.MODE_ENTROPY, result.cluster_entropy, n),
    ]


def of_closeness(result: PrivacyResult) -> list[Figure]:
    """How closely synthetic rows follow learnt rows."""
    n = f"{result.n_nearest:,} beside {result.n_reference:,} learnt"
    return [
        _shares(terms.COPIES, result.copies, f"{result.n_synthetic:,} beside {result.n_train:,} learnt"),
        _shares(terms.NEAR_COPIES, result.near_copies, n),
        _beside(terms.DISTANCE, result.distance, n),
        _beside(terms.CLOSE_DISTANCE, result.close_distance, n),
        _beside(terms.DISTANCE_RATIO, result.distance_ratio, n),
    ]


def of_membership(result: PrivacyResult) -> list[Figure]:
    """Whether the rows give away who was learnt from, beside chance; nothing without held-out rows."""
    found = []
    if result.nearer_to_train:
        n = f"{result.n_nearest:,}"
        found.append(Figure(terms.NEARER, result.nearer_to_train, COIN, n, is_share=True, by_chance=True))
    return found + (_attacker(result.membership) if result.membership else [])


def _attacker(result: MembershipResult) -> list[Figure]:
    n = f"{result.n_train:,} learnt, {result.n_held_out:,} others"
    chance = Estimate(value=result.caught.floor or 0.01)
    return [
        Figure(terms.MEMBERSHIP, result.auc, COIN, n, by_chance=True),
        Figure(terms.CAUGHT, result.caught, chance, n, is_share=True, by_chance=True),
    ]


def _beside(term: Term, found: Beside, n: str) -> Figure:
    return Figure(term, found.synthetic, found.real, n)


def _shares(term: Term, found: Beside, n: str) -> Figure:
    return Figure(term, found.synthetic, found.real, n, is_share=True)
