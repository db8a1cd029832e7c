from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from tabgan.evaluation.aligned import AlignedColumn, align
from tabgan.evaluation.evaluator import evaluate
from tabgan.evaluation.report import OPTIONAL, Finding, Report
from tabgan.evaluation.results import (
    AttackResult,
    Beside,
    Caveat,
    Cluster,
    CollapseResult,
    DetectionResult,
    Driver,
    Estimate,
    FrechetResult,
    MembershipResult,
    NotComputed,
    PrivacyResult,
    ShapeShare,
    SupportResult,
    UtilityResult,
    UtilityScore,
    WrittenResult,
)


@pytest.fixture
def columns():
    """Build aligned columns from {name: (kind, real cells, synthetic cells)}."""

    def build(**parts) -> list[AlignedColumn]:
        return [align(name, kind, pa.array(real), pa.array(synth)) for name, (kind, real, synth) in parts.items()]

    return build


@pytest.fixture
def people():
    """A table of n people whose columns hang together, with missing cells."""

    def draw(n: int, seed: int) -> pa.Table:
        rng = np.random.default_rng(seed)
        base = rng.normal(size=n)
        city = np.asarray(["Ávila", "Bonn", "Cork"])[np.clip((base + rng.normal(size=n) + 1.5).astype(int), 0, 2)]
        income = np.exp(base + rng.normal(0, 0.5, n))
        return pa.table(
            {
                "age": pa.array(np.clip(40 + 10 * base + rng.normal(0, 5, n), 18, 90).astype(int)),
                "income": pa.array(np.where(rng.random(n) < 0.1, np.nan, income), from_pandas=True),
                "city": pa.array(city, mask=rng.random(n) < 0.05),
                "member": pa.array(base > 0.3),
                "joined": pa.array(np.datetime64("2020-01-01", "D") + rng.integers(0, 900, n)),
            }
        )

    return draw


@pytest.fixture
def whole_report():
    """Build a report in which every part is present and every name and text from a table holds some text."""

    def build(odd: str) -> Report:
        n = 200
        real = pa.table(
            {"a": pa.array(np.arange(n) % 37 / 7), odd: [odd, "b"] * (n // 2), "gap": [None, "x"] * (n // 2)}
        )
        made = pa.table(
            {"a": pa.array(np.arange(n) % 31 / 7), odd: ["c", "b"] * (n // 2), "gap": ["x", odd] * (n // 2)}
        )
        number = Estimate(value=0.125, standard_error=0.01, low=0.1, high=0.15, floor=0.05)
        beside, caveat = Beside(synthetic=number, real=number), (Caveat("odd", f"mind {odd} here"),)
        attack = {"attack": "inference", "train": number, "control": number, "baseline": None, "risk": number}
        score = {"synthetic": number, "real": number, "augmented": number, "gap": number, "gain": number}
        return replace(
            evaluate(real, made, skip=OPTIONAL),
            findings=(Finding(level="serious", area="columns", text=f"`{odd}` is {odd}", columns=(odd,)),),
            written=(
                WrittenResult(
                    **dict.fromkeys(("missing_real", "missing_synthetic"), number),
                    **dict.fromkeys(("n_real", "n_synthetic"), n),
                    name=odd,
                    kind="key",
                    copies=beside,
                    shapes=(ShapeShare(shape=odd, real=number, synthetic=number),),
                    baseline="other real rows",
                    caveats=caveat,
                ),
            ),
            detection=DetectionResult(
                classifier="gradient boosting",
                auc=0.7,
                standard_error=0.01,
                fold_aucs=(0.7,),
                n_per_class=n,
                drivers=(Driver(column=odd, importance=number),),
                caveats=caveat,
            ),
            support=SupportResult(density=beside, coverage=beside, k=5, n_per_side=n),
            frechet=FrechetResult(distance=number, n_features=9, n_per_side=n),
            collapse=CollapseResult(
                **dict.fromkeys(("distinct", "most_repeated", "entropy", "cluster_entropy", "coverage"), beside),
                clusters=(Cluster(real=number, synthetic=number, described=f"{odd} = {odd}"),),
                n_per_side=n,
                caveats=caveat,
            ),
            utility=UtilityResult(
                target=odd,
                reason=odd,
                task="regression",
                scores=(UtilityScore(measure="rmse", unit="s", **score),),
                n_real=n,
                n_synthetic=n,
                n_test=n,
                caveats=caveat,
            ),
            privacy=PrivacyResult(
                **dict.fromkeys(("copies", "near_copies", "distance", "close_distance", "distance_ratio"), beside),
                nearer_to_train=number,
                membership=MembershipResult(auc=number, caught=number, n_train=n, n_held_out=n),
                attacks=(AttackResult(n_guesses=n, secret=odd, sentence=f"It is {odd}.", caveats=caveat, **attack),),
                baseline="held-out rows",
                **dict.fromkeys(("n_synthetic", "n_train", "n_baseline", "n_nearest", "n_reference"), n),
            ),
            not_computed=(NotComputed(odd, odd),),
            caveats=caveat,
        )

    return build
