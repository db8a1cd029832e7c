"""Parts of reports made by hand, for tests of what is said of them."""

from dataclasses import replace

from tabgan.evaluation.report import Report
from tabgan.evaluation.results import (
    AttackResult,
    Beside,
    Cluster,
    CollapseResult,
    ColumnResult,
    DetectionResult,
    Driver,
    Estimate,
    MembershipResult,
    Overlay,
    PairResult,
    PrivacyResult,
    Range,
    SupportResult,
    TextResult,
    UtilityResult,
    UtilityScore,
    WrittenResult,
)
from tests.evaluation.render.full_report import near


def estimate(value: float, error: float = 0.01, floor: float | None = None) -> Estimate:
    return near(value, error, floor)


def beside(synthetic: float, real: float, error: float = 0.01) -> Beside:
    return Beside(synthetic=estimate(synthetic, error), real=estimate(real, error))


def number(name: str, distance: float, p: float = 0.0, **more: object) -> ColumnResult:
    """A numeric column at this distance, with a floor of 0.01."""
    parts = {
        "name": name,
        "kind": "continuous",
        "n_real": 1000,
        "n_synthetic": 1000,
        "missing_real": 0,
        "missing_synthetic": 0,
        "measure": "ks_d",
        "distance": estimate(distance, floor=0.01),
        "p_adjusted": p,
        "range": Range(real=("0", "9"), synthetic=("0", "9"), outside_share=0.0, outside_expected=0.002),
        "overlay": Overlay(
            kind="histogram", labels=("0 to 5", "5 to 10"), edges=(0, 5, 10), real=(500, 500), synthetic=(800, 200)
        ),
    }
    return ColumnResult(**(parts | more))


def category(name: str, distance: float, p: float = 0.0, **more: object) -> ColumnResult:
    """A column of categories at this distance, with a floor of 0.01."""
    overlay = Overlay(kind="bars", labels=("a", "b"), real=(600, 400), synthetic=(300, 700))
    parts = {"kind": "categorical", "measure": "total_variation", "range": None, "overlay": overlay}
    return number(name, distance, p, **(parts | more))


def pair(first: str, second: str, error: float, **more: object) -> PairResult:
    parts = {"method": "contingency", "error": estimate(error, 0.002, floor=0.01), "n_real": 9000, "n_synthetic": 9000}
    return PairResult(first=first, second=second, **(parts | more))


def utility(synthetic: float, real: float) -> UtilityResult:
    score = UtilityScore(
        measure="auc",
        synthetic=estimate(synthetic),
        real=estimate(real),
        augmented=estimate(real),
        gap=estimate(real - synthetic),
        gain=estimate(0.0),
    )
    return UtilityResult(
        target="label", reason="given", task="binary", scores=(score,), n_real=9, n_synthetic=9, n_test=9
    )


def privacy(**more: object) -> PrivacyResult:
    """Of a table in which nothing is followed."""
    attack = AttackResult(
        attack="linkability",
        train=estimate(0.1),
        control=estimate(0.1),
        baseline=estimate(0.1),
        risk=estimate(0.0),
        n_guesses=500,
        sentence="Linking works no better.",
    )
    parts = {
        "copies": beside(0.001, 0.001, 0.0005),
        "near_copies": beside(0.01, 0.01, 0.002),
        "distance": beside(2.0, 2.0),
        "close_distance": beside(1.0, 1.0),
        "distance_ratio": beside(0.9, 0.9),
        "nearer_to_train": estimate(0.5, floor=0.5),
        "membership": MembershipResult(auc=estimate(0.5), caught=estimate(0.01), n_train=500, n_held_out=500),
        "attacks": (attack,),
        "baseline": "held-out rows",
        "n_synthetic": 1000,
        "n_train": 1000,
        "n_baseline": 1000,
        "n_nearest": 1000,
        "n_reference": 1000,
    }
    return PrivacyResult(**(parts | more))


def collapse(**more: object) -> CollapseResult:
    """Of a table that is as varied as the real one."""
    clusters = (
        Cluster(real=estimate(0.7), synthetic=estimate(0.7), described="`age` is 20 to 40"),
        Cluster(real=estimate(0.3), synthetic=estimate(0.3), described="`age` is 60 to 80"),
    )
    parts = {
        "distinct": beside(0.99, 0.99),
        "most_repeated": beside(0.01, 0.01),
        "entropy": beside(3.0, 3.0),
        "cluster_entropy": beside(0.9, 0.9),
        "coverage": beside(1.0, 1.0, 0.0),
        "clusters": clusters,
        "n_per_side": 1000,
    }
    return CollapseResult(**(parts | more))


def detection(auc: float, *drivers: tuple[str, float]) -> DetectionResult:
    return DetectionResult(
        classifier="gradient boosting",
        auc=auc,
        standard_error=0.005,
        fold_aucs=(auc,),
        n_per_class=6000,
        drivers=tuple(Driver(column=name, importance=estimate(value, 0.001)) for name, value in drivers),
    )


def support(coverage: float, density: float) -> SupportResult:
    return SupportResult(coverage=beside(coverage, 0.95), density=beside(density, 1.0), k=5, n_per_side=1000)


def faultless() -> Report:
    """A report in which nothing stands out."""
    return Report(
        n_real=1000,
        n_synthetic=1000,
        n_held_out=1000,
        seed=0,
        shape_error_pct=estimate(0.5, floor=0.6),
        shape_present_error_pct=0.5,
        trend_error_pct=estimate(1.0, floor=1.1),
        trend_separate_edges_pct=estimate(1.5, floor=1.6),
        columns=(number("age", 0.012, 0.5), category("label", 0.011, 0.5)),
        pairs=(pair("age", "label", 0.012),),
        detection=detection(0.505),
        logistic_detection=replace(detection(0.5), classifier="logistic regression"),
        support=support(0.95, 1.0),
        collapse=collapse(),
        utility=utility(0.92, 0.925),
        privacy=privacy(),
    )


def written(kind: str, **more: object) -> WrittenResult:
    """A written column that nobody could object to."""
    none, whole = beside(0.0, 0.0), beside(1.0, 1.0)
    text = TextResult(
        length=Estimate(value=0.02, standard_error=0.01, low=0.0, high=0.05, floor=0.02),
        lengths=(),
        words=Estimate(value=0.03, standard_error=0.01, low=0.0, high=0.06, floor=0.03),
        n_words=500,
        runs=none,
        run_length=8,
        n_real=1000,
        n_synthetic=1000,
    )
    parts = {
        "name": "c",
        "kind": kind,
        "n_real": 1000,
        "n_synthetic": 1000,
        "missing_real": estimate(0.1),
        "missing_synthetic": estimate(0.1),
        "distinct": whole,
        "copies": none,
        "baseline": "other real rows",
        "text": text if kind == "text" else None,
        "repeats": none if kind == "key" else None,
        "known_shapes": None if kind == "text" else whole,
    }
    return WrittenResult(**(parts | more))
