"""How a model was trained, as plain data for a page or a terminal: curves, the ending, and its rows on the way.

The rows of each snapshot are laid beside a real table, or beside those of the weights that were kept. A snapshot is
small, so only what is plain to see in a few hundred rows can be seen in it; `evaluate` judges the model itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pyarrow as pa

from tabgan import rng
from tabgan.evaluation.aligned import AlignedColumn
from tabgan.evaluation.matching import Matched, match, text_columns
from tabgan.evaluation.overlays import overlay
from tabgan.evaluation.resampling import column_distance
from tabgan.evaluation.results import Caveat, Estimate, NotComputed
from tabgan.evaluation.results.training import ColumnSnapshot, Series, Setting, SnapshotResult, TrainingReport
from tabgan.gan.config import TrainingConfig
from tabgan.gan.history import TrainingStats, ending
from tabgan.table.files import read_table
from tabgan.table.schema import Schema

MAX_ROWS = 50_000
"""Rows of the reference that are used."""
REPEATS = 20
"""How often rows are drawn anew for a standard error and a floor."""
SERIES = {
    "surprise": ("surprise of the rows it learns from", "nats"),
    "held_out": ("surprise of rows held out", "nats"),
    "held_out_shape": ("distance of generated rows from rows held out", "%"),
    "critic_loss": ("critic loss", ""),
    "penalty": ("gradient penalty", ""),
    "real_score": ("critic score of real rows", ""),
    "made_score": ("critic score of generated rows", ""),
}
SETTINGS = (
    "steps",
    "max_minutes",
    "batch_size",
    "generator_width",
    "generator_rate",
    "weight_decay",
    "adversarial_share",
    "adversarial_weight",
    "critic_steps",
    "penalty_weight",
    "averaging",
    "condition_share",
    "holdout",
    "patience",
)


@dataclass(frozen=True, eq=False)
class Run:
    """What a model knows of its training.

    Attributes:
        seed: of the model.
        config: its settings.
        schema: of the table that was learnt.
        history: what was reported.
        info: of the model; what older versions did not write may be missing.
        snapshots: step and rows, in the order of the steps.
    """

    seed: int
    config: TrainingConfig
    schema: Schema
    history: tuple[TrainingStats, ...]
    info: Mapping[str, Any]
    snapshots: tuple[tuple[int, pa.Table], ...]

    @property
    def n_rows(self) -> int:
        """Rows of the table that was learnt."""
        return int(self.info.get("n_rows", 0))

    @property
    def ended_by(self) -> str | None:
        """As in `TrainingResult`; None where it is not known."""
        return self.info.get("ended_by")

    @property
    def kept_step(self) -> int | None:
        """As in `TrainingResult`; None where it is not known."""
        return self.info.get("kept_step")


def report_on(run: Run, real: object = None) -> TrainingReport:
    """Everything that is known of a run.

    Args:
        run: of the model.
        real: a real table to compare the snapshots with, in any form that `read_table` takes; None compares them with
            the snapshot of the weights that were kept.

    Raises:
        InputError: if the real table cannot be read or has no rows.
        SchemaError: if its columns do not fit the model's; it lists all problems.
    """
    report = TrainingReport(
        n_rows=run.n_rows,
        seed=run.seed,
        elapsed_s=run.history[-1].elapsed_s if run.history else None,
        ended_by=run.ended_by,
        kept_step=run.kept_step,
        ending=ending(run.history, run.ended_by, run.kept_step),
        settings=_settings(run.config.for_table(run.n_rows)),
        series=_series(run.history, run.info.get("shape_floor")),
        reference="kept" if real is None else "real",
        n_reference=0,
    )
    if not run.snapshots:
        reason = "the model file was written by a version of tabgan that did not keep any"
        return replace(report, not_computed=(NotComputed("rows at several points of training", reason),))
    if not run.snapshots[-1][1].num_columns:
        reason = "no column is learnt as it is: all are made up anew"
        return replace(report, not_computed=(NotComputed("rows at several points of training", reason),))
    return _with_snapshots(report, run, real)


def _settings(config: TrainingConfig) -> tuple[Setting, ...]:
    help_of = {item.name: str(item.metadata["help"]) for item in fields(config)}
    return tuple(Setting(name=name, value=getattr(config, name), help=help_of[name]) for name in SETTINGS)


def _series(history: Sequence[TrainingStats], floor: float | None) -> tuple[Series, ...]:
    found = []
    for name, (label, unit) in SERIES.items():
        factor = 100 if unit == "%" else 1
        known = [(stats.step, factor * value) for stats in history if (value := getattr(stats, name)) is not None]
        if known:
            steps, values = zip(*known, strict=True)
            own = factor * floor if name == "held_out_shape" and floor is not None else None
            found.append(Series(name=name, label=label, unit=unit, steps=steps, values=values, floor=own))
    return tuple(found)


def _with_snapshots(report: TrainingReport, run: Run, real: object) -> TrainingReport:
    kept = next((table for step, table in run.snapshots if step == run.kept_step), run.snapshots[-1][1])
    reference = kept if real is None else read_table(real, text_columns=text_columns(kept))
    if reference.num_rows > MAX_ROWS:
        chosen = rng.generator(run.seed, "reference rows").choice(reference.num_rows, MAX_ROWS, replace=False)
        reference = reference.take(pa.array(np.sort(chosen)))
    matched = match(reference, pa.concat_tables([table for _, table in run.snapshots]), run.schema)
    results, start = [], 0
    for step, table in run.snapshots:
        rows = slice(start, start + table.num_rows)
        columns = [replace(column, synthetic=column.synthetic[rows]) for column in matched.columns]
        error = _shape_error(columns, rng.generator(run.seed, "shape of a snapshot"), sampled=real is not None)
        drawn = tuple(ColumnSnapshot(name=c.name, kind=c.kind, overlay=overlay(c)) for c in columns)
        is_kept = step == run.kept_step
        results.append(SnapshotResult(step=step, n=table.num_rows, kept=is_kept, shape_error_pct=error, columns=drawn))
        start = rows.stop
    return replace(
        report,
        n_reference=reference.num_rows,
        snapshots=tuple(results),
        not_computed=(*matched.not_computed, *_written(matched)),
        caveats=(*_caveats(real is not None), *_of_columns(matched)),
    )


def _caveats(has_real: bool) -> tuple[Caveat, ...]:
    if has_real:
        return ()
    text = "without a real table the snapshots are compared with the last weights, so they cannot show what these lack"
    return (Caveat("no_real_table", text),)


def _written(matched: Matched) -> tuple[NotComputed, ...]:
    """The columns that have no distribution to look at."""
    return tuple(NotComputed(f"column {c.name!r}", f"a {c.kind} column; evaluate compares it") for c in matched.written)


def _of_columns(matched: Matched) -> tuple[Caveat, ...]:
    """What had to be done to compare single columns."""
    found = [(name, caveat) for name, caveats in matched.caveats.items() for caveat in caveats]
    return tuple(Caveat(caveat.code, f"column {name!r}: {caveat.text}") for name, caveat in found)


def _shape_error(columns: Sequence[AlignedColumn], draw: np.random.Generator, *, sampled: bool) -> Estimate | None:
    """The mean distance of the columns in percent; None without columns.

    Args:
        columns: the reference and a snapshot.
        draw: rows for the bootstrap and the floor.
        sampled: whether the two are independent samples; else there is neither a standard error nor a floor.
    """
    if not columns:
        return None
    value = 100 * _mean_distance(columns)
    if not sampled:
        return Estimate(value=value)
    n, m = len(columns[0].real), len(columns[0].synthetic)
    boots, floors = [], []
    for _ in range(REPEATS):
        first, second, drawn = draw.integers(n, size=n), draw.integers(n, size=m), draw.integers(m, size=m)
        again = [replace(c, real=c.real[first], synthetic=c.synthetic[drawn]) for c in columns]
        boots.append(100 * _mean_distance(again))
        floors.append(100 * _mean_distance([replace(c, real=c.real[first], synthetic=c.real[second]) for c in columns]))
    return Estimate(
        value=value,
        standard_error=float(np.std(boots, ddof=1)),
        floor=float(np.mean(floors)),
        floor_error=float(np.std(floors, ddof=1) / np.sqrt(REPEATS)),
    )


def _mean_distance(columns: Sequence[AlignedColumn]) -> float:
    return float(np.mean([column_distance(column) for column in columns]))
