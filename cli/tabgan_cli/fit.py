"""`tabgan fit`: learn from a table and write a model file."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tabgan.gan.config import EFFORTS
from tabgan_cli.outputs import MODEL_SUFFIX, check_output
from tabgan_cli.screen import (
    Advance,
    constraint_lines,
    duration,
    losses_line,
    messages,
    note,
    pairs_table,
    schema_table,
    training_line,
)
from tabgan_cli.settings import SettingsCommand, setting_options, training_config

if TYPE_CHECKING:
    from tabgan.gan.history import TrainingStats
    from tabgan.gan.language_training import LanguageStats
    from tabgan.model import TabGAN
    from tabgan.table.schema import Schema

PATH = click.Path(path_type=Path)


@click.command("fit", cls=SettingsCommand)
@click.argument("table", type=PATH)
@click.option("-o", "--output", type=PATH, help="The model file.  [default: TABLE's name with .tabgan, in this folder]")
@click.option("--force", is_flag=True, help="Replace the model file if it exists.")
@click.option(
    "--schema",
    "schema_file",
    type=PATH,
    help="A schema made by `tabgan schema -o`, perhaps edited; or metadata of SDV, Frictionless, pandas or pandera.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="The same seed, the same model.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or mps.")
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
    schema_file: Path | None,
    seed: int,
    device: str,
    config_file: Path | None,
    effort: str,
    **settings: Any,
) -> None:
    """Learn from TABLE and write a model file.

    TABLE is a CSV, Parquet, Arrow or JSON lines file. Ctrl-C ends the training in order: what has been learnt so far
    is written.
    """
    config = training_config(effort, config_file, settings)
    target = _model_path(table, output)
    inputs = [path for path in (table, schema_file, config_file) if path is not None]
    check_output(target, force=force, inputs=inputs)
    from tabgan import Schema, TabGAN
    from tabgan.table.files import read_table

    model = TabGAN(config, seed=seed, device=device)  # first, so that a wrong device costs no time
    rows = read_table(table)
    schema = Schema.read(schema_file, rows) if schema_file is not None else Schema.infer(rows)
    note(f"{table}: {rows.num_rows:,} rows, {rows.num_columns} columns")
    messages().print(schema_table(schema))
    for line in constraint_lines(schema):
        messages().print(line)
    with Advance("training") as advance:
        model.fit(rows, schema=schema, callback=_reporter(advance), text_callback=_text_reporter(advance))
    model.save(target)
    _summarise(model, schema, target)


def _model_path(table: Path, output: Path | None) -> Path:
    if output is None:
        from tabgan.table.files import READABLE

        known = [suffix for suffix in READABLE if table.name.lower().endswith(suffix)]
        stem = table.name[: -len(max(known, key=len))] if known else table.stem
        return Path((stem or table.name) + MODEL_SUFFIX)
    if output.suffix != MODEL_SUFFIX:
        raise click.UsageError(
            f"a model file's name ends in {MODEL_SUFFIX}, got {str(output)!r}; use -o {output}.tabgan"
        )
    return output


def _reporter(advance: Advance) -> "Callable[[TrainingStats], None]":
    def report(stats: "TrainingStats") -> None:
        advance.show(stats.step, stats.steps, f"{duration(stats.remaining_s)} left, {losses_line(stats)}")

    return report


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
