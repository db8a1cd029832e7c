"""What is known of one column, real against synthetic."""

from dataclasses import dataclass
from typing import Literal

from tabgan.evaluation.results.numbers import Caveat, Estimate


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

    @property
    def shares(self) -> tuple[list[float], list[float]]:
        """The counts of the real and of the synthetic table as shares; 0 where a side has no cell."""
        real, synthetic = ([count / (sum(side) or 1) for count in side] for side in (self.real, self.synthetic))
        return real, synthetic

    def at_most(self, limit: int) -> "Overlay":
        """The first categories of many and all others together, no more than `limit` bars; itself where that is few."""
        if len(self.labels) <= limit:
            return self
        kept = limit - 1
        real, synthetic = ((*side[:kept], sum(side[kept:])) for side in (self.real, self.synthetic))
        labels = (*self.labels[:kept], f"{len(self.labels) - kept:,} others")
        return Overlay(kind="bars", labels=labels, real=real, synthetic=synthetic)


@dataclass(frozen=True, kw_only=True)
class Range:
    """The extremes of a column of numbers or times.

    Attributes:
        real, synthetic: the least and the greatest cell, as text; None where no cell is present.
        outside_share: the share of the present synthetic cells outside the real range; 0 where a side has none.
        outside_expected: the share of the cells of a second real sample that would lie outside it on average: that of
            the real cells which are the only ones at an end.
    """

    real: tuple[str, str] | None
    synthetic: tuple[str, str] | None
    outside_share: float
    outside_expected: float


@dataclass(frozen=True, kw_only=True)
class PointMass:
    """A single value that many cells of a numeric column share.

    Attributes:
        label: the value, as text.
        real, synthetic: the share of each table's present cells that hold it, with a Wilson interval.
    """

    label: str
    real: Estimate
    synthetic: Estimate


@dataclass(frozen=True, kw_only=True)
class ColumnResult:
    """One column, real against synthetic.

    Attributes:
        name: the column.
        kind: its kind in the schema of the real table.
        n_real, n_synthetic: all cells, missing ones included.
        missing_real, missing_synthetic: the missing cells among them.
        measure: what `distance` is: KS D or total variation distance, both in [0, 1].
        distance: missing cells counted (see `distances.ks_distance` and `distances.total_variation`). Its interval
            covers the true distance at least 95 times of 100.
        distance_present: the same distance among the present cells alone; None where a side has none.
        cramers_v: for categories, else None.
        test: "ks" or "chi2", None where no test was possible.
        statistic: KS D of the present cells, or chi-square.
        degrees_of_freedom: of the chi-square test.
        p_value: of `test`; that of KS is found given the ties of the present cells.
        p_missing: of the chi-square test that both tables miss the same share, beside a KS test.
        p_adjusted: Benjamini-Hochberg over all columns, of p_value and p_missing together (the smaller one, doubled).
        n_categories: distinct values in either table.
        n_merged: sparse categories that the chi-square test merged into one.
        n_invented, n_lost: categories in the synthetic table only, and in the real table only.
        invented_share, lost_share: the share of synthetic and of real cells in those.
        invented_expected, lost_expected: what these shares would be on average for a second real sample of the size of
            the synthetic table.
        rows_to_tell_apart: with how many rows of each table the test at 5 % would find a difference of this size in
            four of five tries, the missing cells' or the present ones', whichever is easier; None where these rows
            show no difference after the adjustment.
        wasserstein: for numbers and times, how far a present cell has to move on average to turn one distribution
            into the other, in `unit`; else None, and where a cell is infinite or a side has none.
        unit: of `wasserstein`: "" for plain numbers, "s" for times and durations, "days" for dates.
        range: for numbers and times, else None.
        point_masses: single values of a numeric column of many values that hold at least 1 % of the present cells of
            a table, those that differ most first, up to 8.
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
    invented_expected: float = 0.0
    lost_expected: float = 0.0
    rows_to_tell_apart: int | None = None
    wasserstein: Estimate | None = None
    unit: str = ""
    range: Range | None = None
    point_masses: tuple[PointMass, ...] = ()
    overlay: Overlay | None = None
    caveats: tuple[Caveat, ...] = ()
