"""Findings about single columns: other distributions, missing cells, invented and lost categories, ranges."""

from collections.abc import Iterator

from tabgan.evaluation import terms
from tabgan.evaluation.findings.ranked import NAMED, Ranked, code, fine, listed, ranked, worst_level
from tabgan.evaluation.report import Level, Report
from tabgan.evaluation.results import ColumnResult, Overlay
from tabgan.evaluation.terms import percent

SIGNIFICANT = 0.01
FEW_ROWS = 30
SURE = 3.0
EXCESS: dict[Level, float] = {"serious": 0.1, "notable": 0.03}
MISSING: dict[Level, float] = {"serious": 0.1, "notable": 0.02}
INVENTED: dict[Level, float] = {"serious": 0.05, "notable": 0.001}
LOST: dict[Level, float] = {"serious": 0.05, "notable": 0.01}
OUTSIDE: dict[Level, float] = {"serious": 0.1, "notable": 0.01}


def of_columns(report: Report) -> Iterator[Ranked]:
    """What stands out in single columns."""
    found = [entry for column in report.columns for entry in _of_column(column, SIGNIFICANT / len(report.columns))]
    shapes = [entry for column in report.worst_columns() if (entry := _distribution(column)) is not None]
    yield from found
    yield from shapes[:NAMED]
    if len(shapes) > NAMED:
        rest = [entry.finding.columns[0] for entry in shapes[NAMED:]]
        text = f"{len(rest)} more {'column is' if len(rest) == 1 else 'columns are'} distributed differently"
        level = worst_level(shapes[NAMED:])
        yield ranked(level, "columns", shapes[NAMED].strength, f"{text}: {listed(rest)}.", *rest)
    if report.columns and not found and not shapes:
        text = f"No column of {len(report.columns):,} stands out"
        yield fine("columns", text, "Shape error", report.shape_error_pct)


def level_of(value: float, limits: dict[Level, float]) -> Level | None:
    """The worst level whose limit the value reaches."""
    return next((level for level, limit in limits.items() if value >= limit), None)


def _of_column(column: ColumnResult, least_chance: float) -> Iterator[Ranked]:
    name = code(column.name)
    real, synthetic = column.missing_real / column.n_real, column.missing_synthetic / column.n_synthetic
    level = level_of(abs(real - synthetic), MISSING)
    if level and (column.p_adjusted is None or column.p_adjusted < SIGNIFICANT):
        text = f"{name} is missing in {percent(real)} of the real cells and in {percent(synthetic)} of the synthetic."
        yield ranked(level, "columns", abs(real - synthetic), text, column.name)
    if column.measure == "total_variation":
        yield from _categories(column, name)
    elif column.range is not None:
        outside = column.range.outside_share - column.range.outside_expected
        if (level := level_of(outside, OUTSIDE)) and column.range.real and _chance_outside(column) < least_chance:
            low, high = column.range.real
            text = f"{percent(column.range.outside_share)} of the synthetic cells of {name} lie outside the real range"
            yield ranked(level, "columns", outside, f"{text}, {low} to {high}.", column.name)


def _beyond(column: ColumnResult, share: float, expected: float) -> float:
    """By how much a share of cells exceeds that of a second real sample; 0 where that may be chance.

    Both vary as counts of rare cells do, of which the expected one is not known better than to one cell.
    """
    error = (max(expected, 1 / column.n_real) * (1 / column.n_real + 1 / column.n_synthetic)) ** 0.5
    return share - expected if share - expected > SURE * error else 0.0


def _chance_outside(column: ColumnResult) -> float:
    """The chance that as many cells of a second real sample would lie outside the range, if no two cells were equal.

    Among the cells of both in order, those beyond the ends come before the second real cell: a negative binomial tail.
    """
    if column.range is None:
        return 1.0
    real, synthetic = column.n_real - column.missing_real, column.n_synthetic - column.missing_synthetic
    outside, share = column.range.outside_share * synthetic, synthetic / (real + synthetic)
    return float(share**outside * (1 + outside * (1 - share)))


def _categories(column: ColumnResult, name: str) -> Iterator[Ranked]:
    if level := level_of(_beyond(column, column.invented_share, column.invented_expected), INVENTED):
        what = "a category" if column.n_invented == 1 else f"{column.n_invented:,} categories"
        text = f"{name} has {what} that no real cell has, in {percent(column.invented_share)} of the synthetic cells."
        yield ranked(level, "columns", column.invented_share, text, column.name)
    if level := level_of(_beyond(column, column.lost_share, column.lost_expected), LOST):
        what = "a category" if column.n_lost == 1 else f"{column.n_lost:,} categories"
        text = f"{name} has lost {what} that {percent(column.lost_share)} of the real cells have."
        yield ranked(level, "columns", column.lost_share, text, column.name)


def _distribution(column: ColumnResult) -> Ranked | None:
    """The finding that a column is distributed differently, with where; None if it is not."""
    level = level_of(column.distance.excess, EXCESS)
    untested = column.p_adjusted is None and min(column.n_real, column.n_synthetic) < FEW_ROWS
    if level is None or untested or (column.p_adjusted is not None and column.p_adjusted >= SIGNIFICANT):
        return None
    measure = terms.DISTANCES[column.measure]
    floor = "" if column.distance.floor is None else f", between two real samples {column.distance.floor:.3f}"
    text = f"{code(column.name)} is distributed differently: {measure} {column.distance.value:.3f}{floor}"
    return ranked(level, "columns", column.distance.excess, f"{text}{_where(column)}.", column.name)


def _where(column: ColumnResult) -> str:
    """Where the two differ most."""
    label, real, synthetic = "", 0.0, 0.0
    if column.point_masses:
        mass = max(column.point_masses, key=lambda mass: abs(mass.real.value - mass.synthetic.value))
        label, real, synthetic = mass.label, mass.real.value, mass.synthetic.value
    if column.overlay is not None:
        bin_label, bin_real, bin_synthetic = _worst_bin(column.overlay)
        if abs(bin_real - bin_synthetic) > abs(real - synthetic):
            label, real, synthetic = bin_label, bin_real, bin_synthetic
    if not label:
        return ""
    return f"; {code(label)} in {percent(real)} of the real cells and in {percent(synthetic)} of the synthetic"


def _worst_bin(overlay: Overlay) -> tuple[str, float, float]:
    shares = list(zip(*overlay.shares, strict=True))
    worst = max(range(len(shares)), key=lambda i: abs(shares[i][0] - shares[i][1]))
    return overlay.labels[worst], *shares[worst]
