"""A report that holds every part there is, written by hand."""

from tabgan.evaluation.report import Finding, Report
from tabgan.evaluation.results import (
    AttackResult,
    Beside,
    Caveat,
    Cluster,
    CollapseResult,
    ColumnResult,
    DetectionResult,
    Driver,
    Estimate,
    FrechetResult,
    LengthQuantile,
    MembershipResult,
    NotComputed,
    Overlay,
    PairResult,
    PointMass,
    PrivacyResult,
    Range,
    ShapeShare,
    SupportResult,
    TextResult,
    UtilityResult,
    UtilityScore,
    WrittenResult,
)

N = 20_000


def near(value: float, error: float = 0.004, floor: float | None = None) -> Estimate:
    """An estimate with an interval."""
    return Estimate(
        value=value,
        standard_error=error,
        low=value - 2 * error,
        high=value + 2 * error,
        floor=floor,
        floor_error=None if floor is None else error / 4,
    )


def beside(synthetic: float, real: float) -> Beside:
    """A number of synthetic rows beside that of real ones."""
    return Beside(synthetic=near(synthetic), real=near(real))


def column(name: str, shift: float, overlay: Overlay, **more) -> ColumnResult:
    """A column of categories unless `more` says otherwise."""
    given = {
        "kind": "categorical",
        "measure": "total_variation",
        "test": "chi2",
        "statistic": 900 * shift,
        "degrees_of_freedom": len(overlay.labels) - 1,
        "cramers_v": near(shift / 2, 0.002),
        "n_categories": len(overlay.labels),
    } | more
    return ColumnResult(
        name=name,
        n_real=N,
        n_synthetic=N,
        missing_real=N // 100,
        missing_synthetic=N // 50,
        distance=near(shift, 0.003, 0.006),
        distance_present=shift,
        p_value=1e-8 * shift,
        p_adjusted=2e-8 * shift,
        rows_to_tell_apart=int(3 / shift**2),
        overlay=overlay,
        **given,
    )


def product(name: str) -> ColumnResult:
    """Many categories, ranked."""
    real = (*(1000 - 35 * i for i in range(24)), 5000)
    synthetic = (*(960 - 30 * i + 70 * (-1) ** i for i in range(24)), 4800)
    labels = (*(f"{1078 - 9 * i}" for i in range(24)), "1,124 others")
    return column(
        name,
        0.08,
        Overlay(kind="ranked", labels=labels, real=real, synthetic=synthetic),
        kind="high_cardinality",
        n_categories=1148,
        n_invented=3,
        invented_share=0.0004,
        n_lost=71,
        lost_share=0.011,
        n_merged=400,
        caveats=(Caveat("merged", "400 sparse categories are merged for the test"),),
    )


def age(name: str) -> ColumnResult:
    """A column of numbers."""
    edges = tuple(17.5 + 3 * i for i in range(26))
    real = tuple(int(400 * 2.7 ** (-(((i - 8) / 6) ** 2))) for i in range(25))
    synthetic = tuple(int(380 * 2.7 ** (-(((i - 9) / 6.5) ** 2))) for i in range(25))
    labels = tuple(f"{18 + 3 * i} to {20 + 3 * i}" for i in range(25))
    return column(
        name,
        0.05,
        Overlay(kind="histogram", labels=labels, edges=edges, real=real, synthetic=synthetic),
        kind="continuous",
        measure="ks_d",
        test="ks",
        statistic=0.05,
        degrees_of_freedom=None,
        cramers_v=None,
        n_categories=0,
        p_missing=0.4,
        wasserstein=near(1.3, 0.1, 0.2),
        range=Range(real=("18", "99"), synthetic=("18", "94"), outside_share=0.0001, outside_expected=0.00005),
        point_masses=(PointMass(label="39", real=near(0.055), synthetic=near(0.047)),),
    )


def few(name: str, labels: tuple[str, ...], shift: float) -> ColumnResult:
    """A column of few categories."""
    real = tuple(9000 // (i + 1) for i in range(len(labels)))
    synthetic = tuple(int(9000 // (i + 1) * (1 + shift * (-1) ** i)) for i in range(len(labels)))
    return column(name, shift, Overlay(kind="bars", labels=labels, real=real, synthetic=synthetic))


def pair(first: str, second: str, real: float, synthetic: float, numeric: bool = False) -> PairResult:
    """Two columns that go together."""
    more = {"correlation_real": -real, "correlation_synthetic": -synthetic} if numeric else {}
    return PairResult(
        first=first,
        second=second,
        method="correlation" if numeric else "contingency",
        error=near(abs(real - synthetic) / 2, 0.003, 0.01),
        association_real=real,
        association_synthetic=synthetic,
        n_real=N,
        n_synthetic=N,
        **more,
    )


def full_report(names: tuple[str, str, str, str] = ("product_id", "age", "rating", "department")) -> Report:
    """Every part of a report.

    Args:
        names: of the four columns.
    """
    columns = (
        product(names[0]),
        age(names[1]),
        few(names[2], ("1", "2", "3", "4", "5"), 0.03),
        few(names[3], ("Tops", "Dresses", "Bottoms and everything else below", "Intimate", "Jackets", "Trend"), 0.012),
    )
    pairs = tuple(
        pair(first, second, 0.15 * (i + j), 0.1 * (i + j), numeric=(i, j) == (1, 2))
        for j, second in enumerate(names)
        for i, first in enumerate(names[:j])
    )
    return Report(
        n_real=N,
        n_synthetic=N,
        n_held_out=2000,
        seed=3,
        shape_error_pct=near(4.31, 0.12, 0.6),
        shape_present_error_pct=4.4,
        trend_error_pct=near(3.2, 0.2, 1.1),
        trend_separate_edges_pct=near(2.9, 0.2, 1.0),
        columns=columns,
        pairs=pairs,
        written=written(("order", "review") if names[0] == "product_id" else names[:2]),
        detection=detection(names),
        logistic_detection=DetectionResult(
            classifier="logistic regression",
            auc=0.53,
            standard_error=0.005,
            fold_aucs=(0.52, 0.53, 0.54),
            n_per_class=5000,
        ),
        support=SupportResult(
            density=beside(0.93, 0.99),
            coverage=beside(0.91, 0.955),
            k=5,
            n_per_side=4000,
            caveats=(Caveat("drawn", "4,000 of the rows are looked at"),),
        ),
        frechet=FrechetResult(distance=near(0.61, 0.03, 0.08), n_features=31, n_per_side=N),
        collapse=collapse(),
        utility=utility(names[3]),
        privacy=privacy(names[2]),
        findings=findings(names),
        not_computed=(NotComputed("column 'title'", "free text is not compared"),),
        caveats=(Caveat("few_rows", "the held-out table has few rows"),),
    )


def written(names: tuple[str, str]) -> tuple[WrittenResult, ...]:
    """A key and a free text."""
    common = {
        "n_real": N,
        "n_synthetic": N,
        "missing_real": near(0.04),
        "missing_synthetic": near(0.05),
        "distinct": beside(0.97, 0.99),
        "copies": beside(0.03, 0.02),
        "baseline": "held-out rows",
    }
    text = TextResult(
        length=near(0.04, 0.003, 0.01),
        lengths=(LengthQuantile(share=0.5, real=near(61.0, 1.0), synthetic=near(57.0, 1.0)),),
        words=near(0.08, 0.002, 0.01),
        n_words=500,
        runs=beside(0.06, 0.02),
        run_length=8,
        n_real=N,
        n_synthetic=N,
    )
    key = WrittenResult(
        name=names[0],
        kind="key",
        repeats=beside(0.01, 0.008),
        n_repeats=200,
        shape=near(0.02, 0.002, 0.004),
        known_shapes=beside(0.98, 0.99),
        shapes=(ShapeShare(shape="AA-0000", real=near(0.9), synthetic=near(0.88)),),
        n_shape_real=N,
        n_shape_synthetic=N,
        caveats=(Caveat("few_cells", "few cells are present"),),
        **common,
    )
    return key, WrittenResult(name=names[1], kind="text", text=text, **common)


def findings(names: tuple[str, ...]) -> tuple[Finding, ...]:
    """One finding of each level."""
    return (
        Finding(
            level="serious",
            area="pairs",
            text=f"`{names[0]}` and `{names[1]}` are less tied than in the real table",
            columns=names[:2],
        ),
        Finding(level="notable", area="rows", text=f"`{names[0]}` gives rows away", columns=names[:1]),
        Finding(level="fine", area="privacy", text="no row of the real table is copied"),
    )


def detection(names: tuple[str, ...]) -> DetectionResult:
    """Gradient boosting, with its drivers."""
    return DetectionResult(
        classifier="gradient boosting",
        auc=0.642,
        standard_error=0.006,
        fold_aucs=(0.64, 0.65, 0.636),
        n_per_class=5000,
        drivers=tuple(Driver(column=name, importance=near(0.09 / (i + 1))) for i, name in enumerate(names)),
    )


def collapse() -> CollapseResult:
    """Four kinds of rows, one of them nearly lost."""
    kinds = (
        ("young, content, department Tops", 0.45, 0.52),
        ("older, content, helpful reviews", 0.3, 0.29),
        ("not content, rating 1 or 2", 0.2, 0.184),
        ("very old", 0.05, 0.006),
    )
    return CollapseResult(
        distinct=beside(0.83, 0.95),
        most_repeated=beside(0.004, 0.001),
        entropy=beside(2.7, 2.9),
        cluster_entropy=beside(1.55, 1.72),
        coverage=beside(0.75, 1.0),
        clusters=tuple(Cluster(real=near(a), synthetic=near(b), described=words) for words, a, b in kinds),
        n_per_side=N,
    )


def utility(target: str) -> UtilityResult:
    """Two measures of a classifier."""
    scores = (("macro_auc", 0.81, 0.86, 0.862), ("macro_f1", 0.55, 0.61, 0.61))
    return UtilityResult(
        target=target,
        reason="it is the categorical column that the others predict best",
        task="multiclass",
        scores=tuple(
            UtilityScore(
                measure=name,
                synthetic=near(a),
                real=near(b),
                augmented=near(c),
                gap=near(b - a),
                gain=near(c - b),
            )
            for name, a, b, c in scores
        ),
        n_real=16_000,
        n_synthetic=N,
        n_test=4000,
    )


def privacy(secret: str) -> PrivacyResult:
    """Every measure and attack."""
    return PrivacyResult(
        copies=beside(0.021, 0.019),
        near_copies=beside(0.012, 0.01),
        distance=beside(0.34, 0.35),
        close_distance=beside(0.11, 0.12),
        distance_ratio=beside(0.82, 0.83),
        nearer_to_train=near(0.503, floor=0.5),
        membership=MembershipResult(
            auc=near(0.51, floor=0.5), caught=near(0.012, 0.001, 0.01), n_train=2000, n_held_out=2000
        ),
        attacks=(
            AttackResult(
                attack="singling out",
                train=near(0.1),
                control=near(0.095),
                baseline=near(0.01),
                risk=near(0.006),
                n_guesses=500,
                sentence="knowing the table helps an attacker to single out no one",
            ),
            AttackResult(
                attack="inference",
                train=near(0.4),
                control=near(0.38),
                baseline=None,
                risk=near(0.03),
                n_guesses=500,
                secret=secret,
                sentence="a little more is learnt of the secret than from others",
            ),
        ),
        baseline="held-out rows",
        n_synthetic=N,
        n_train=N,
        n_baseline=2000,
        n_nearest=2000,
        n_reference=2000,
    )
