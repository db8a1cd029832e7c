"""A whole evaluation as plain frozen data, to and from JSON.

`Report.to_dict` gives plain JSON values under a format number, `Report.from_dict` reads them back, so a report can be
kept and drawn again later; `json_schema` describes them for other programs. A report holds counts in bins and
categories, never rows.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, Literal, Self

import msgspec

from tabgan.errors import InputError
from tabgan.evaluation.results import (
    Caveat,
    CollapseResult,
    ColumnResult,
    DetectionResult,
    Estimate,
    FrechetResult,
    NotComputed,
    PairResult,
    PrivacyResult,
    SupportResult,
    UtilityResult,
    WrittenResult,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMAT = 2

OPTIONAL = ("written", "detection", "support", "frechet", "collapse", "utility", "privacy")
"""The measures that a report can do without: of keys and texts, and of whole rows, which take most of the time."""

Level = Literal["serious", "notable", "fine"]
Area = Literal["columns", "pairs", "written", "rows", "utility", "privacy"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that a reader should know, in words.

    Attributes:
        level: "serious" (think before use), "notable", or "fine" (looked at, nothing found).
        area: which part of the report it comes from.
        text: a sentence; names of columns stand in backticks.
        columns: the columns that it is about.
    """

    level: Level
    area: Area
    text: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything that one evaluation found.

    Attributes:
        n_real, n_synthetic, n_held_out: the rows of the tables; no held-out rows is 0.
        seed: of every random choice.
        shape_error_pct: 100 times the mean distance over the columns; None without columns.
        shape_present_error_pct: the same over the present cells alone, as SDMetrics computes it; None if undefined.
        trend_error_pct: 100 times the mean error over the pairs, numbers cut at common edges; None without pairs.
        trend_separate_edges_pct: the same with edges of each table's own, as SDMetrics 0.11 and TabSyn compute it.
        columns, pairs: the details, in the order of the table.
        written: the columns of keys, structured strings, personal data and free text that both tables have.
        detection, logistic_detection, support, frechet, collapse, utility, privacy: None where they were not computed;
            `not_computed` says why.
        findings: what a reader should know, worst first.
        not_computed: columns and measures that are left out, with the reason.
        caveats: reasons to read the whole with care.
    """

    n_real: int
    n_synthetic: int
    n_held_out: int = 0
    seed: int
    shape_error_pct: Estimate | None
    shape_present_error_pct: float | None
    trend_error_pct: Estimate | None
    trend_separate_edges_pct: Estimate | None
    columns: tuple[ColumnResult, ...]
    pairs: tuple[PairResult, ...]
    written: tuple[WrittenResult, ...] = ()
    detection: DetectionResult | None = None
    logistic_detection: DetectionResult | None = None
    support: SupportResult | None = None
    frechet: FrechetResult | None = None
    collapse: CollapseResult | None = None
    utility: UtilityResult | None = None
    privacy: PrivacyResult | None = None
    findings: tuple[Finding, ...] = ()
    not_computed: tuple[NotComputed, ...] = ()
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

    def plot(self, columns: Sequence[str] | None = None) -> "Figure":
        """Draw columns, real against synthetic, as a matplotlib figure.

        Args:
            columns: names of the columns, in this order; without them the dozen that stand out most.

        Raises:
            InputError: if matplotlib is not installed, a column is not in the report, or there is nothing to draw.
        """
        from tabgan.evaluation.render.as_figure import to_figure

        return to_figure(self, columns)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from tabgan.evaluation.render.as_notebook import to_notebook

        return to_notebook(self)

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
        surplus = sorted(set(document) - set(cls.__dataclass_fields__))
        if surplus:
            raise InputError(f"expected a report as Report.to_dict writes it, got other fields: {', '.join(surplus)}")
        try:
            return msgspec.convert(document, cls)
        except msgspec.ValidationError as error:
            raise InputError(f"expected a report as Report.to_dict writes it: {error}") from error


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of what `Report.to_dict` gives."""
    document: dict[str, Any] = msgspec.json.schema(Report)
    for described in document["$defs"].values():
        described["description"] = cleandoc(described["description"])
    return document
