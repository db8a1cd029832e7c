"""Compare a synthetic table with the real one: every measure, each with its noise floor, in one report."""

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from tabgan import rng as streams
from tabgan.evaluation import detection as detecting
from tabgan.evaluation.aligned import AlignedColumn
from tabgan.evaluation.columns import adjust, compare_categories, compare_numeric
from tabgan.evaluation.matching import match, text_columns
from tabgan.evaluation.overlays import overlay
from tabgan.evaluation.pairs import PairErrors, pair_names
from tabgan.evaluation.report import Report
from tabgan.evaluation.resampling import MIN_ROWS, Noise, errors_between, noise
from tabgan.evaluation.results import Caveat, ColumnResult, DetectionResult, Estimate, NotComputed, PairResult
from tabgan.table.files import read_table
from tabgan.table.schema import Schema

SIZE_RATIO = 10
FEW_ROWS = 30


def evaluate(
    real: Any, synthetic: Any, *, schema: Schema | None = None, seed: int = 0, detection: bool = True
) -> Report:
    """Compare a synthetic table with the real one that it imitates.

    Args:
        real: the real table: a pandas DataFrame, a PyArrow table, anything with `__arrow_c_stream__`, or a path.
        synthetic: the synthetic table, likewise, with the same columns in any order.
        schema: of the real table; inferred if not given. It decides which columns are numbers and which categories.
        seed: of every random choice; the same tables and seed give the same report.
        detection: whether to train the classifiers that try to tell the tables apart, the slowest part.

    Returns:
        A report; render it with `tabgan.evaluation.render`.

    Raises:
        InputError: if a table cannot be read or has no rows.
        SchemaError: if the columns do not match; the message lists every difference.
    """
    real_table = read_table(real)
    synthetic_table = read_table(synthetic, text_columns=text_columns(real_table))
    schema = schema if schema is not None else _infer(real_table)
    matched = match(real_table, synthetic_table, schema)
    columns = matched.columns
    skipped = [*matched.not_computed]
    results = adjust([_column(column, matched.caveats[column.name], seed) for column in columns])
    noises = noise(columns, seed)
    found = errors_between(columns)
    classifiers, reason = _detect(columns, seed) if detection else ((), "not asked for")
    if reason:
        skipped.append(NotComputed("detection", reason))
    if not columns:
        skipped.append(NotComputed("Shape error", "no column can be compared"))
    if np.isnan(found.trend):
        skipped.append(NotComputed("Trend error", "no pair of columns has a defined error"))
    present = [result.distance_present for result in results if result.distance_present is not None]
    return Report(
        n_real=real_table.num_rows,
        n_synthetic=synthetic_table.num_rows,
        seed=seed,
        shape_error_pct=_percent(noises.estimate(found.shape, "shape")),
        shape_present_error_pct=100 * float(np.mean(present)) if present else None,
        trend_error_pct=_percent(noises.estimate(found.trend, "trend")),
        trend_separate_edges_pct=_percent(noises.estimate(found.trend_separate, "trend_separate")),
        columns=tuple(results),
        pairs=_pairs(columns, found.pairs, noises),
        detection=classifiers[0] if classifiers else None,
        logistic_detection=classifiers[1] if classifiers else None,
        not_computed=tuple(skipped),
        caveats=_caveats(real_table.num_rows, synthetic_table.num_rows),
    )


def _infer(table: pa.Table) -> Schema:
    """The schema of the real table; of a single row too, which is laid twice since one row shows no kinds."""
    return Schema.infer(pa.concat_tables([table, table]) if table.num_rows == 1 else table)


def _column(column: AlignedColumn, caveats: tuple[Caveat, ...], seed: int) -> ColumnResult:
    compare = compare_numeric if column.is_numeric else compare_categories
    draw = streams.generator(seed, "column", column.name)
    result = compare(column, draw)
    infinite = column.is_numeric and not np.isfinite(column.numbers).all()
    text = "infinite cells count as the least or greatest value; no correlation and no Wasserstein distance has them"
    more = (Caveat("infinite", text),) if infinite else ()
    return replace(result, overlay=overlay(column), caveats=(*caveats, *result.caveats, *more))


def _pairs(columns: tuple[AlignedColumn, ...], found: PairErrors, noises: Noise) -> tuple[PairResult, ...]:
    numeric = {column.name for column in columns if column.is_numeric}
    estimates = noises.pair_estimates(found.errors)
    return tuple(
        PairResult(
            first=first,
            second=second,
            method="correlation" if {first, second} <= numeric else "contingency",
            error=estimates[i],
            correlation_real=_defined(found.real[i]),
            correlation_synthetic=_defined(found.synthetic[i]),
            association_real=_defined(found.association_real[i]),
            association_synthetic=_defined(found.association_synthetic[i]),
            n_real=int(found.n_real[i]),
            n_synthetic=int(found.n_synthetic[i]),
            caveats=_pair_caveats(found, i) if {first, second} <= numeric else (),
        )
        for i, (first, second) in enumerate(pair_names(columns))
    )


def _defined(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _pair_caveats(found: PairErrors, pair: int) -> tuple[Caveat, ...]:
    sides = [side for side, r in (("real", found.real), ("synthetic", found.synthetic)) if np.isnan(r[pair])]
    if not sides:
        return ()
    where = f"in the {sides[0]} table" if len(sides) == 1 else "in both tables"
    outcome = "so it counts as 0" if len(sides) == 1 else "so the pair is left out of the mean"
    return (Caveat("no_correlation", f"no correlation {where}: a column is constant or missing there, {outcome}"),)


def _detect(columns: tuple[AlignedColumn, ...], seed: int) -> tuple[tuple[DetectionResult, ...], str]:
    if not columns:
        return (), "no column can be compared"
    n = min(len(columns[0].real), len(columns[0].synthetic))
    if n < detecting.MIN_ROWS:
        return (), f"it needs at least {detecting.MIN_ROWS} rows in each table, and the smaller one has {n}"
    return detecting.detect(columns, seed), ""


def _caveats(n_real: int, n_synthetic: int) -> tuple[Caveat, ...]:
    found = []
    for side, n in (("real", n_real), ("synthetic", n_synthetic)):
        if n < FEW_ROWS:
            text = f"the {side} table has {n:,} {'row' if n == 1 else 'rows'}, so every number here is very uncertain"
            found.append(Caveat("few_rows", text))
    if n_real < MIN_ROWS:
        found.append(Caveat("no_floor", f"no noise floor for Shape and Trend: it needs {MIN_ROWS} real rows to split"))
    small, large = sorted((n_real, n_synthetic))
    if large > SIZE_RATIO * small:
        text = f"the tables differ much in size ({n_real:,} real, {n_synthetic:,} synthetic rows): the smaller one sets"
        found.append(Caveat("size_ratio", f"{text} how fine a difference can be seen"))
    return tuple(found)


def _percent(estimate: Estimate | None) -> Estimate | None:
    if estimate is None:
        return None
    parts = {key: None if part is None else 100 * part for key, part in vars(estimate).items()}
    return Estimate(**parts)  # type: ignore[arg-type]  # value is never None
