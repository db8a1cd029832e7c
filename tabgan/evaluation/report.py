"""What an evaluation found, as plain frozen data: every number travels with its n, its uncertainty and its caveat.

Nothing here computes a statistic or draws a pixel. `Report.to_dict` gives plain JSON values under a format number, and
`Report.from_dict` reads them back, so a report can be kept and drawn again later. A report holds counts in bins and
categories, never rows.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

from tabgan.errors import InputError

FORMAT = 1


@dataclass(frozen=True)
class Caveat:
    """A reason to read a number with care.

    Attributes:
        code: a stable word for programs, for example "few_rows".
        text: the same for people.
    """

    code: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A measured number beside what noise alone would give.

    Attributes:
        value: what was measured.
        standard_error: its standard error, by resampling the rows of both tables; None where it is not known.
        floor: the value that two samples of the real table of the same sizes give on average.
        floor_error: the standard error of `floor`.
    """

    value: float
    standard_error: float | None = None
    floor: float | None = None
    floor_error: float | None = None

    @property
    def excess(self) -> float:
        """How far the value lies above its floor, never negative; the value itself where no floor is known."""
        return max(self.value - (self.floor or 0.0), 0.0)


@dataclass(frozen=True, kw_only=True)
class Overlay:
    """The counts of both tables over common bins or categories, for a picture.

    Attributes:
        kind: "histogram" (neighbouring bins, in order), "bars" (categories), or "ranked" (the most frequent of many
            categories, and all others together at the end).
        labels: one for each bin.
        edges: the b + 1 edges of a histogram's b bins, else empty; cells beyond the ends count in the end bins.
        real, synthetic: the counts, one for each bin.
    """

    kind: Literal["histogram", "bars", "ranked"]
    labels: tuple[str, ...]
    edges: tuple[float, ...] = ()
    real: tuple[int, ...]
    synthetic: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class ColumnResult:
    """One column, real against synthetic.

    Attributes:
        name: the column.
        kind: its kind in the schema of the real table.
        n_real, n_synthetic: all cells, missing ones included.
        missing_real, missing_synthetic: the missing cells among them.
        measure: what `distance` is: KS D or total variation distance, both in [0, 1].
        distance: missing cells counted (see `columns.ks_distance` and `columns.total_variation`).
        distance_present: the same distance among the present cells alone; None where a side has none.
        cramers_v: for categories, else None.
        test: "ks" or "chi2", None where no test was possible.
        statistic: KS D of the present cells, or chi-square.
        degrees_of_freedom: of the chi-square test.
        p_value: of `test`.
        p_missing: of the chi-square test that both tables miss the same share, beside a KS test.
        p_adjusted: Benjamini-Hochberg over all columns, of p_value and p_missing together (the smaller one, doubled).
        n_categories: distinct values in either table.
        n_merged: sparse categories that the chi-square test merged into one.
        n_invented, n_lost: categories in the synthetic table only, and in the real table only.
        invented_share, lost_share: the share of synthetic and of real cells in those.
        overlay: binned counts; None where no cell is present on either side.
        caveats: reasons to read these numbers with care.
    """

    name: str
    kind: str
    n_real: int
    n_synthetic: int
    missing_real: int
    missing_synthetic: int
    measure: Literal["ks_d", "total_variation"]
    distance: Estimate
    distance_present: float | None = None
    cramers_v: Estimate | None = None
    test: Literal["ks", "chi2"] | None = None
    statistic: float | None = None
    degrees_of_freedom: int | None = None
    p_value: float | None = None
    p_missing: float | None = None
    p_adjusted: float | None = None
    n_categories: int = 0
    n_merged: int = 0
    n_invented: int = 0
    n_lost: int = 0
    invented_share: float = 0.0
    lost_share: float = 0.0
    overlay: Overlay | None = None
    caveats: tuple[Caveat, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PairResult:
    """How differently two columns go together in the two tables.

    Attributes:
        first, second: the columns.
        method: "correlation" (two numeric columns) or "contingency" (all others).
        error: in [0, 1]; None where it is undefined, with a caveat that says why.
        correlation_real, correlation_synthetic: Pearson's r of two numeric columns where it is defined.
        n_real, n_synthetic: the rows that were used.
    """

    first: str
    second: str
    method: Literal["correlation", "contingency"]
    error: Estimate | None
    correlation_real: float | None = None
    correlation_synthetic: float | None = None
    n_real: int
    n_synthetic: int
    caveats: tuple[Caveat, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DetectionResult:
    """How well a classifier tells real rows from synthetic ones: 0.5 not at all, 1.0 always.

    Attributes:
        classifier: "gradient boosting" or "logistic regression".
        auc: the mean area under the ROC curve over the held-out folds.
        standard_error: of `auc` for the rows that were scored (Hanley and McNeil 1982).
        fold_aucs: one for each held-out fold.
        n_per_class: the rows of each table that were used.
        caveats: reasons to read this number with care.
    """

    classifier: str
    auc: float
    standard_error: float
    fold_aucs: tuple[float, ...]
    n_per_class: int
    caveats: tuple[Caveat, ...] = ()


@dataclass(frozen=True)
class NotCompared:
    """A column or a measure that is not in the report, and why."""

    what: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything that one evaluation found.

    Attributes:
        n_real, n_synthetic: the rows of both tables.
        seed: of every random choice.
        shape_error_pct: 100 times the mean distance over the columns; None without columns.
        shape_present_error_pct: the same over the present cells alone, as SDMetrics computes it; None if undefined.
        trend_error_pct: 100 times the mean error over the pairs, numbers cut at common edges; None without pairs.
        trend_separate_edges_pct: the same with edges of each table's own, as SDMetrics 0.11 and TabSyn compute it.
        columns, pairs: the details, in the order of the table.
        detection, logistic_detection: None where they were not computed; `not_compared` says why.
        not_compared: columns and measures that are left out, with the reason.
        caveats: reasons to read the whole with care.
    """

    n_real: int
    n_synthetic: int
    seed: int
    shape_error_pct: Estimate | None
    shape_present_error_pct: float | None
    trend_error_pct: Estimate | None
    trend_separate_edges_pct: Estimate | None
    columns: tuple[ColumnResult, ...]
    pairs: tuple[PairResult, ...]
    detection: DetectionResult | None = None
    logistic_detection: DetectionResult | None = None
    not_compared: tuple[NotCompared, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    format: int = field(default=FORMAT)

    def worst_columns(self) -> tuple[ColumnResult, ...]:
        """The columns, those that stand out most above their noise floor first."""
        return tuple(sorted(self.columns, key=lambda column: (-column.distance.excess, -column.distance.value)))

    def worst_pairs(self, limit: int | None = None) -> tuple[PairResult, ...]:
        """The pairs with a defined error, those that stand out most above their noise floor first."""
        defined = [(pair.error, pair) for pair in self.pairs if pair.error is not None]
        ranked = sorted(defined, key=lambda entry: (-entry[0].excess, -entry[0].value))
        return tuple(pair for _, pair in ranked[:limit])

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, the format number among them."""
        return {"format": self.format} | asdict(self)

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Self:
        """The report that `to_dict` wrote.

        Raises:
            InputError: if it is no report of this format.
        """
        if document.get("format") != FORMAT:
            raise InputError(f"expected a report of format {FORMAT}, got format {document.get('format')!r}")
        try:
            return cls(**{key: _read(key, value) for key, value in document.items()})
        except (TypeError, KeyError) as error:
            raise InputError(f"expected a report as Report.to_dict writes it, got other fields: {error}") from error


_ONE: dict[str, Any] = {
    **dict.fromkeys(("shape_error_pct", "trend_error_pct", "trend_separate_edges_pct"), Estimate),
    **dict.fromkeys(("distance", "cramers_v", "error"), Estimate),
    **dict.fromkeys(("detection", "logistic_detection"), DetectionResult),
    "overlay": Overlay,
}
_MANY: dict[str, Any] = {
    "columns": ColumnResult,
    "pairs": PairResult,
    "caveats": Caveat,
    "not_compared": NotCompared,
}


def _read(key: str, value: Any) -> Any:
    if key in _MANY:
        return tuple(_MANY[key](**{name: _read(name, part) for name, part in entry.items()}) for entry in value)
    if key in _ONE and value is not None:
        return _ONE[key](**{name: _read(name, part) for name, part in value.items()})
    return tuple(value) if isinstance(value, list) else value
