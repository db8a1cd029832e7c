"""What a model loses by learning from synthetic rows."""

from dataclasses import dataclass
from typing import Literal

from tabgan.evaluation.results.numbers import Caveat, Estimate

Task = Literal["binary", "multiclass", "regression"]


@dataclass(frozen=True, kw_only=True)
class UtilityScore:
    """One measure of the models on the same test rows.

    Attributes:
        measure: "auc", "macro_auc", "macro_f1" or "r2", where more is better, or "rmse", where less is better.
        synthetic, real: of the model that learnt from synthetic rows, and from real rows.
        augmented: of the model that learnt from both.
        gap: by how much the model of synthetic rows is worse than that of real rows; negative if it is better.
        gain: by how much the model of both is better than that of real rows; negative if it is worse.
        unit: of an "rmse": "" for plain numbers, "s" for times and durations, "days" for dates.
    """

    measure: str
    synthetic: Estimate
    real: Estimate
    augmented: Estimate
    gap: Estimate
    gain: Estimate
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class UtilityResult:
    """What a model loses by learning from synthetic rows in place of real ones, or gains from both.

    Attributes:
        target: the column that is predicted.
        reason: why this column.
        task: what kind of target it is.
        scores: the first one is the one to quote.
        n_real, n_synthetic: the rows that the models learnt from; the model of both learnt from all of them.
        n_test: the real rows on which all were scored.
        caveats: reasons to read these numbers with care.
    """

    target: str
    reason: str
    task: Task
    scores: tuple[UtilityScore, ...]
    n_real: int
    n_synthetic: int
    n_test: int
    caveats: tuple[Caveat, ...] = ()
