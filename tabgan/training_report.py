"""How a model was trained, as plain data for a page or a terminal: curves, states, the ending, rows on the way.

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
from tabgan.evaluation.results.training import (
    ColumnSnapshot,
    RunEvent,
    Series,
    Setting,
    SnapshotResult,
    StateSpan,
    TrainingReport,
)
from tabgan.gan.config import TrainingConfig
from tabgan.gan.history import Event, TrainingStats, ending
from tabgan.gan.objectives import OBJECTIVES
from tabgan.table.files import read_table
from tabgan.table.schema import Schema

MAX_ROWS = 50_000
"""Rows of the reference that are used."""
REPEATS = 20
"""How often rows are drawn anew for a standard error and a floor."""
SERIES = {
    "surprise": ("surprise of the rows it learns from", "nats"),
    "held_out": ("surprise of rows held out", "nats"),
    "held_out_shape": ("Shape distance of generated rows from rows held out", "%"),
    "held_out_trend": ("Trend distance of generated rows from rows held out", "%"),
    "detection": ("detection of generated rows among rows held out, AUC", ""),
    "distinct": ("distinct rows, as a share of those among rows held out", "%"),
    "coverage": ("coverage of rows held out", "%"),
    "entropy": ("entropy of cells, as a share of that of rows held out", "%"),
    "nearest": ("generated rows nearer to rows learnt than to rows held out", "%"),
    "critic_loss": ("critic loss", ""),
    "penalty": ("gradient penalty", ""),
    "real_score": ("critic score of real rows", ""),
    "held_out_score": ("critic score of rows held out", ""),
    "made_score": ("critic score of generated rows", ""),
    "accuracy": ("accuracy of the critic", "%"),
    "generator_gradient": ("gradient of the generator", ""),
    "critic_gradient": ("gradient of the critic", ""),
    "rate": ("share of the learning rates in use", "%"),
}
"""The curves by their names in `TrainingStats`: what they are called, and their unit."""
IDEALS = {"detection": 0.5, "distinct": 1.0, "entropy": 1.0, "nearest": 0.5, "accuracy": 0.5}
"""What rows from the distribution of the real ones get, where no floor was measured."""
SCORES = ("real_score", "held_out_score", "made_score")


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
        events: what happened, in the order of their steps; none in files of older versions.
    """

    seed: int
    config: TrainingConfig
    schema: Schema
    history: tuple[TrainingStats, ...]
    info: Mapping[str, Any]
    snapshots: tuple[tuple[int, pa.Table], ...]
    events: tuple[Event, ...] = ()

    @property
    def n_rows(self) -> int:
        """Rows of the table that was learnt."""
        return int(self.info.get("n_rows", 0))

    @property
    def floors(self) -> dict[str, float]:
        """What real rows get in the place of generated ones, by the names of numbers of the history.

        The surprise of rows whose cells are independent, which stands beside them in the file, is no such floor.
        """
        known = {name: mean for name, (mean, _) in self.info.get("floors", {}).items() if name != "surprise"}
        shape = self.info.get("shape_floor")  # all that files of older versions have
        return ({} if shape is None else {"held_out_shape": shape}) | known

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
        settings=_settings(run.config, run.n_rows),
        series=_series(run),
        states=_states(run.history),
        events=tuple(map(_event, run.events)),
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


def _settings(config: TrainingConfig, n_rows: int) -> tuple[Setting, ...]:
    """All settings as they were used for a table of `n_rows` rows, beside what the defaults would have been."""
    used, usual, untouched = config.for_table(n_rows), TrainingConfig().for_table(n_rows), TrainingConfig()
    return tuple(
        Setting(
            name=item.name,
            value=getattr(used, item.name),
            default=getattr(usual, item.name),
            changed=getattr(config, item.name) != getattr(untouched, item.name),
            **{key: item.metadata[key] for key in ("group", "unit", "help", "use")},
        )
        for item in fields(config)
    )


def _series(run: Run) -> tuple[Series, ...]:
    bounded = OBJECTIVES[run.config.objective].bounded
    floors = run.floors
    found = []
    for name, (label, unit) in SERIES.items():
        factor = 100 if unit == "%" else 1
        known = [(stats.step, factor * value) for stats in run.history if (value := getattr(stats, name)) is not None]
        if known:
            steps, values = zip(*known, strict=True)
            floor = floors.get(name, IDEALS.get(name))
            shown = "probability" if bounded and name in SCORES else unit
            own = None if floor is None else factor * floor
            found.append(Series(name=name, label=label, unit=shown, steps=steps, values=values, floor=own))
    return tuple(found)


def _event(event: Event) -> RunEvent:
    return RunEvent(
        step=event.step,
        state=event.state,
        evidence=event.evidence,
        advice=event.advice,
        settings=dict(event.settings),
    )


def _states(history: Sequence[TrainingStats]) -> tuple[StateSpan, ...]:
    """What the monitor said, each part of the run until it said something else."""
    spans: list[StateSpan] = []
    before = 0
    for stats in history:
        if stats.state is not None:
            if spans and spans[-1].state == stats.state:
                spans[-1] = replace(spans[-1], last_step=stats.step)
            else:
                spans.append(StateSpan(state=stats.state, first_step=before, last_step=stats.step))
        before = stats.step
    return tuple(spans)


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
