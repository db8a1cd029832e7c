"""Compare a synthetic table with the real one: every measure, each beside its yardstick, in one report.

A measure that cannot be computed says why, and the others go on; nothing is left out in silence.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from threadpoolctl import threadpool_limits

from tabgan import rng as streams
from tabgan.errors import InputError
from tabgan.evaluation.aligned import AlignedColumn
from tabgan.evaluation.columns import adjust, compare_categories, compare_numeric
from tabgan.evaluation.findings import find
from tabgan.evaluation.matching import Matched, match, text_columns
from tabgan.evaluation.overlays import overlay
from tabgan.evaluation.pairs import PairErrors, pair_names
from tabgan.evaluation.report import OPTIONAL, Report
from tabgan.evaluation.resampling import MIN_ROWS, Noise, errors_between, noise
from tabgan.evaluation.results import Caveat, ColumnResult, Estimate, NotComputed, PairResult
from tabgan.evaluation.targets import require_known
from tabgan.evaluation.unseen import set_aside
from tabgan.evaluation.whole_rows import whole_rows
from tabgan.evaluation.written import WrittenColumn
from tabgan.table import dtypes
from tabgan.table.files import read_table
from tabgan.table.schema import Schema

SIZE_RATIO = 10
FEW_ROWS = 30


@dataclass(frozen=True)
class Progress:
    """How far an evaluation is.

    Attributes:
        done: parts that are finished.
        total: parts in all.
        doing: what is under way, in words.
    """

    done: int
    total: int
    doing: str


def evaluate(
    real: Any,
    synthetic: Any,
    holdout: Any = None,
    target: str | None = None,
    *,
    schema: Schema | None = None,
    seed: int = 0,
    skip: Collection[str] = (),
    progress: Callable[[Progress], object] | None = None,
) -> Report:
    """Compare a synthetic table with the real one that it imitates.

    Args:
        real: the real table that the synthesizer learnt from: a pandas DataFrame, a PyArrow table, anything with
            `__arrow_c_stream__`, or a path.
        synthetic: the synthetic table, likewise, with the same columns in any order.
        holdout: real rows that the synthesizer has not seen, likewise. With them, privacy and utility can be measured
            properly.
        target: the column that a model would be trained for; None chooses one.
        schema: of the real table; inferred if not given. It decides which columns are numbers and which categories.
        seed: of every random choice; the same tables and seed give the same report.
        skip: measures of `tabgan.evaluation.report.OPTIONAL` to leave out.
        progress: called as each part begins and at the end.

    Returns:
        A report; render it with `tabgan.evaluation.render`.

    Raises:
        InputError: if a table cannot be read or has no rows, or a measure or the target is unknown.
        SchemaError: if the columns do not match; the message lists every difference.
    """
    seed, skip = streams.checked_seed(seed), _checked_skip(skip)
    if not isinstance(schema, Schema | None):
        raise InputError(f"expected a tabgan.Schema, got {type(schema).__name__}; read a file of one with Schema.read")
    tell = _Telling(3 + len(set(OPTIONAL) - set(skip)), progress)
    tell("reading the tables")
    real_table = read_table(real)
    words = text_columns(real_table)
    synthetic_table = read_table(synthetic, text_columns=words)
    held_out = None if holdout is None else read_table(holdout, text_columns=words)
    real_schema = schema or _infer(real_table)
    matched = match(real_table, synthetic_table, real_schema, held_out)
    target = _name_of(target, real_schema)
    require_known(matched.columns, target)
    report = _frame(matched, real_table.num_rows, synthetic_table.num_rows, held_out, seed)
    del real_table, synthetic_table
    tell("columns")
    columns = tuple(column.without_held_out() for column in matched.columns)
    results = adjust([_column(column, matched.caveats[column.name], seed) for column in columns])
    report = _with_columns(report, results)
    tell("pairs")
    report = _with_means(report, columns, noise(columns, seed))
    columns, seen = set_aside(matched.columns, seed)
    report = replace(report, caveats=(*report.caveats, *seen))
    written = _without_set_aside(matched, columns)
    with threadpool_limits(1):  # small fits: more threads wait for each other, and would change the last digits
        found, skipped = whole_rows(columns, target, seed, skip, tell, written)
    report = replace(report, **found, not_computed=(*report.not_computed, *skipped))
    tell("done")
    return replace(report, findings=find(report))


def _without_set_aside(matched: Matched, columns: Sequence[AlignedColumn]) -> tuple[WrittenColumn, ...]:
    """The written columns, without held-out rows where these were set aside."""
    if not columns or len(columns[0].held_out):
        return matched.written
    return tuple(replace(column, held_out=None) for column in matched.written)


def _checked_skip(skip: Collection[str] | None) -> Collection[str]:
    """The measures to leave out; one that is given alone is one."""
    measures = (skip,) if isinstance(skip, str) else tuple(skip or ())
    unknown = sorted(repr(name) for name in measures if name not in OPTIONAL)
    if unknown:
        raise InputError(f"expected measures to skip among {', '.join(OPTIONAL)}, got {', '.join(unknown)}")
    return measures


class _Telling:
    """Counts the parts of an evaluation as they begin."""

    def __init__(self, total: int, progress: Callable[[Progress], object] | None) -> None:
        self._done, self._total, self._progress = 0, total, progress

    def __call__(self, doing: str) -> None:
        if self._progress is not None:
            self._progress(Progress(self._done, self._total, doing))
        self._done += 1


def _name_of(target: str | None, schema: Schema) -> str | None:
    """The target's name in the report, where frames may have labels that are no text."""
    named = [spec.name for spec in schema.columns if spec.label is not None and spec.label == target]
    return named[0] if named and target not in schema else target


def _infer(table: pa.Table) -> Schema:
    """The schema of the real table; of a single row too, which is laid twice since one row shows no kinds.

    Infinite cells, which no model could learn, have no say in it.
    """
    for place, field in enumerate(table.schema):
        if pa.types.is_floating(field.type):
            table = table.set_column(place, field, _without_infinite(table[place]))
    twice = pa.concat_tables([table, table]) if table.num_rows == 1 else table
    return Schema.infer(twice, constraints=False)


def _without_infinite(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    infinite = np.isinf(dtypes.numeric_view(cells)[0])
    if not infinite.any():
        return cells
    return pc.if_else(pa.array(infinite), pa.scalar(None, cells.type), cells)


def _frame(matched: Matched, n_real: int, n_synthetic: int, held_out: pa.Table | None, seed: int) -> Report:
    """A report that knows the tables and nothing of them yet."""
    return Report(
        n_real=n_real,
        n_synthetic=n_synthetic,
        n_held_out=0 if held_out is None else held_out.num_rows,
        seed=seed,
        shape_error_pct=None,
        shape_present_error_pct=None,
        trend_error_pct=None,
        trend_separate_edges_pct=None,
        columns=(),
        pairs=(),
        not_computed=matched.not_computed,
        caveats=_caveats(n_real, n_synthetic),
    )


def _column(column: AlignedColumn, caveats: tuple[Caveat, ...], seed: int) -> ColumnResult:
    compare = compare_numeric if column.is_numeric else compare_categories
    draw = streams.generator(seed, "column", column.name)
    result = compare(column, draw)
    infinite = column.is_numeric and not np.isfinite(column.numbers).all()
    text = "infinite cells count as the least or greatest value; no correlation and no Wasserstein distance has them"
    more = (Caveat("infinite", text),) if infinite else ()
    return replace(result, overlay=overlay(column), caveats=(*caveats, *result.caveats, *more))


def _with_columns(report: Report, results: Sequence[ColumnResult]) -> Report:
    present = [result.distance_present for result in results if result.distance_present is not None]
    mean = 100 * float(np.mean(present)) if present else None
    return replace(report, columns=tuple(results), shape_present_error_pct=mean)


def _with_means(report: Report, columns: tuple[AlignedColumn, ...], noises: Noise) -> Report:
    found = errors_between(columns)
    skipped = [] if columns else [NotComputed("Shape error", "no column can be compared")]
    if np.isnan(found.trend):
        skipped.append(NotComputed("Trend error", "no pair of columns has a defined error"))
    return replace(
        report,
        shape_error_pct=_percent(noises.estimate(found.shape, "shape")),
        trend_error_pct=_percent(noises.estimate(found.trend, "trend")),
        trend_separate_edges_pct=_percent(noises.estimate(found.trend_separate, "trend_separate")),
        pairs=_pairs(columns, found.pairs, noises),
        not_computed=(*report.not_computed, *skipped),
    )


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
