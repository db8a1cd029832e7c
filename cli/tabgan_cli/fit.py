"""`tabgan fit`: learn from a table and write a model file."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tabgan.gan.presets import EFFORTS
from tabgan_cli.broken_off import Run
from tabgan_cli.foreseen import show_forecast
from tabgan_cli.live import TrainingView
from tabgan_cli.outputs import MODEL_SUFFIX, check_output
from tabgan_cli.screen import (
    Advance,
    constraint_lines,
    duration,
    messages,
    note,
    pairs_table,
    schema_table,
    training_line,
)
from tabgan_cli.settings import SettingsCommand, setting_options, training_config
from tabgan_cli.several import SeedProgress, seeds_table

if TYPE_CHECKING:
    import pyarrow as pa

    from tabgan.gan.language_settings import LanguageStats
    from tabgan.model import TabGAN
    from tabgan.opening import ScanPlan
    from tabgan.table.scan import ScannedTable
    from tabgan.table.schema import Schema

PATH = click.Path(path_type=Path)


@click.command("fit", cls=SettingsCommand)
@click.argument("table", type=PATH)
@click.option("-o", "--output", type=PATH, help="The model file.  [default: TABLE's name with .tabgan, in this folder]")
@click.option("--force", is_flag=True, help="Replace the model file, and the checkpoint of an earlier run, if any.")
@click.option("--resume", is_flag=True, help="Go on with a training that was killed, from its last checkpoint.")
@click.option(
    "--checkpoint-every",
    "checkpoint_s",
    type=click.FloatRange(min=0),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="How often to write a checkpoint beside the model file; at most a hundredth of the time goes into it.",
)
@click.option("--no-checkpoint", is_flag=True, help="Write no checkpoints.")
@click.option(
    "--schema",
    "schema_file",
    type=PATH,
    help="A schema made by `tabgan schema -o`, perhaps edited; or metadata of SDV, Frictionless, pandas or pandera.",
)
@click.option(
    "--from",
    "start",
    type=PATH,
    help="A model of a table with the same columns to begin with: fine-tunes it in fewer steps; has a schema already.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="The same seed, the same model.")
@click.option(
    "--seeds",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Fit so many models, with --seed and the numbers after it, and keep the best by rows held out.",
)
@click.option(
    "--processes",
    type=click.IntRange(min=1),
    help="At most so many models at a time.  [default: as many as cores, on a GPU 1]",
)
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or mps.")
@click.option(
    "--max-memory",
    "max_memory_gib",
    type=click.FloatRange(min=0, min_open=True),
    metavar="GIB",
    help="What the table may take in memory; files of a larger one are read in passes.  [default: a quarter of what is "
    "free, at most 1]",
)
@click.option("--config", "config_file", type=PATH, help="A TOML file of training settings; options overrule it.")
@click.option(
    "--effort",
    type=click.Choice(tuple(EFFORTS)),
    default="balanced",
    show_default=True,
    help="How much time to spend; the settings below overrule it.",
)
@setting_options
def command(
    table: Path,
    output: Path | None,
    force: bool,
    resume: bool,
    checkpoint_s: float,
    no_checkpoint: bool,
    schema_file: Path | None,
    start: Path | None,
    seed: int,
    seeds: int,
    processes: int | None,
    device: str,
    max_memory_gib: float | None,
    config_file: Path | None,
    effort: str,
    **settings: Any,
) -> None:
    """Learn from TABLE and write a model file.

    TABLE is a CSV, Parquet, Arrow or JSON lines file, or a folder of files of one of the first three formats with the
    same columns. Ctrl-C ends the training in order: what has been learnt so far is written. A training that is killed
    is resumed by the same command with --resume.
    """
    if start is not None and schema_file is not None:
        raise click.UsageError("--from takes the schema of its model; leave --schema out")
    if start is not None and seeds > 1:
        raise click.UsageError("--seeds begins from scratch, --from does not; leave one of them out")
    if processes is not None and seeds == 1:
        raise click.UsageError("--processes is for several models; give their number with --seeds")
    config = training_config(effort, config_file, settings)
    target = _model_path(table, output)
    if seeds > 1 and resume:
        raise click.UsageError("several seeds are fitted without checkpoints; leave --resume or --seeds out")
    inputs = [path for path in (table, schema_file, start, config_file) if path is not None]
    run = Run.of(target, force=force, resume=resume, every_s=None if no_checkpoint or seeds > 1 else checkpoint_s)
    check_output(target, force=force or resume, inputs=inputs)
    from tabgan import TabGAN
    from tabgan.opening import opened

    model = TabGAN(config, seed=seed, device=device)  # first, so that a wrong device costs no time
    first = None if start is None else TabGAN.load(start, device="cpu")
    texts = () if first is None else first.schema.text_columns
    with opened(
        table,
        config,
        seed=seed,
        max_memory_gib=max_memory_gib,
        text_columns=texts,
        announce=partial(_announce, table),
    ) as found:
        rows, schema = _looked_at(table, found, schema_file, first)
        before = run.begin()
        if seeds > 1:
            model = _fit_seeds(model, rows, schema, seeds, processes)
            model.save(target)
        else:
            with run, TrainingView(history=before) as view:
                model.fit(
                    rows,
                    schema=schema,
                    start=first,
                    callback=view.see,
                    text_callback=view.see_text,
                    forecast=show_forecast,
                    **run.options,
                )
                view.conclude(model.events, model.info["floors"])
                model.save(target)
    _summarise(model, model.schema, target)


def _announce(table: Path, plan: "ScanPlan") -> None:
    """Say what is done with a table that is too large for the memory, before it is done."""
    of = "" if plan.n_rows is None else f" of {plan.n_rows:,}"
    note(
        f"{table} is read in passes: at most {plan.most_rows:,}{of} rows are drawn and learnt, from at most "
        f"{plan.disk_bytes / 1e9:.2g} GB in {str(plan.folder)!r}, which is removed at the end"
    )


def _looked_at(
    table: Path, found: object, schema_file: Path | None, first: "TabGAN | None"
) -> "tuple[pa.Table | ScannedTable, Schema | None]":
    """The table, which is shown with its schema; and this, None where table or model know it by themselves."""
    from tabgan import Schema
    from tabgan.table.files import read_table
    from tabgan.table.scan import ScannedTable

    texts = () if first is None else first.schema.text_columns
    rows = found if isinstance(found, ScannedTable) else read_table(found, text_columns=texts)
    if first is not None:
        schema = first.schema
    elif schema_file is not None:
        schema = Schema.read(schema_file, rows.drawn if isinstance(rows, ScannedTable) else rows)
    else:
        schema = rows.inferred if isinstance(rows, ScannedTable) else Schema.infer(rows)
    n_rows = rows.n_rows if isinstance(rows, ScannedTable) else rows.num_rows
    note(f"{table}: {n_rows:,} rows, {len(schema.columns)} columns")
    messages().print(schema_table(schema))
    for line in constraint_lines(schema):
        messages().print(line)
    known = first is not None or (isinstance(rows, ScannedTable) and schema_file is None)
    return rows, None if known else schema


def _model_path(table: Path, output: Path | None) -> Path:
    if output is None:
        from tabgan.table.files import READABLE

        known = [suffix for suffix in READABLE if table.name.lower().endswith(suffix)]
        stem = table.name[: -len(max(known, key=len))] if known else table.stem
        return Path((stem or table.resolve().name) + MODEL_SUFFIX)
    if output.suffix != MODEL_SUFFIX:
        raise click.UsageError(
            f"a model file's name ends in {MODEL_SUFFIX}, got {str(output)!r}; use -o {output}.tabgan"
        )
    return output


def _fit_seeds(
    model: "TabGAN", rows: "pa.Table | ScannedTable", schema: "Schema | None", seeds: int, processes: int | None
) -> "TabGAN":
    """The best of several models with the settings, the device and the first seed of this one."""
    from tabgan import fit_seeds

    with Advance("training") as advance:
        progress = SeedProgress(advance, seeds)
        found = fit_seeds(
            rows,
            seeds,
            config=model.config,
            schema=schema,
            device=model.device,
            seed=model.seed,
            processes=processes,
            callback=progress.report,
            listener=progress.finish,
            text_callback=_text_reporter(advance),
            forecast=show_forecast,
        )
    note("\non rows held out, which also chose the model that is kept:")
    messages().print(seeds_table(found.runs, found.spread, found.best.seed))
    return found.model


def _text_reporter(advance: Advance) -> "Callable[[LanguageStats], None]":
    def report(stats: "LanguageStats") -> None:
        surprise = stats.surprise if stats.held_out_surprise is None else stats.held_out_surprise
        said = f"{duration(stats.left_s)} left, surprise {surprise:.2f} nats a token"
        advance.show(round(100 * stats.progress), 100, said, label="free text")

    return report


def _summarise(model: "TabGAN", schema: "Schema", target: Path) -> None:
    left_out = [spec.name for spec in schema.columns if not spec.made]
    rows = {
        "model": f"{target} ({target.stat().st_size / 1e6:.1f} MB)",
        "columns": f"{len(schema.columns) - len(left_out)} in the model",
        "training": training_line(model),
        "next": f"tabgan sample -m {target} -n 1000 -o synth.parquet",
    }
    if left_out:
        rows["columns"] += f", {len(left_out)} left out ({', '.join(left_out)})"
    if model.interrupted:
        note("training was interrupted; the model holds what was learnt until then")
    messages().print(pairs_table(rows))
