"""What is known of a pair of columns."""

from dataclasses import dataclass
from typing import Literal

from tabgan.evaluation.results.numbers import Caveat, Estimate


@dataclass(frozen=True, kw_only=True)
class PairResult:
    """How differently two columns go together in the two tables.

    Attributes:
        first, second: the columns.
        method: "correlation" (two numeric columns) or "contingency" (all others).
        error: in [0, 1]; None where it is undefined, with a caveat that says why.
        correlation_real, correlation_synthetic: Pearson's r of two numeric columns where it is defined.
        association_real, association_synthetic: how strongly the two go together, from 0 to 1: the size of Pearson's
            r, or Cramér's V of the contingency table, bias-corrected (Bergsma 2013); None where it is undefined.
        n_real, n_synthetic: the rows that were used.
    """

    first: str
    second: str
    method: Literal["correlation", "contingency"]
    error: Estimate | None
    correlation_real: float | None = None
    correlation_synthetic: float | None = None
    association_real: float | None = None
    association_synthetic: float | None = None
    n_real: int
    n_synthetic: int
    caveats: tuple[Caveat, ...] = ()
