"""`tabgan tune`: search for training settings that suit a table, and write them for `tabgan fit --config`."""

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tabgan.errors import ConfigError
from tabgan_cli.outputs import check_output, write_text
from tabgan_cli.screen import Advance, duration, figures_table, messages, note, pairs_table
from tabgan_cli.settings import read_settings
from tabgan_cli.several import figures_line
from tabgan_cli.tuned import settings_toml, trials_rows, verdict_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tabgan.gan.history import TrainingStats
    from tabgan.gan.search_space import SearchSpace
    from tabgan.trials import Trial, TuningResult

PATH = click.Path(path_type=Path)
STUDY_SUFFIX = ".study.sqlite"


@click.command("tune")
@click.argument("table", type=PATH)
@click.option("-o", "--output", type=PATH, default=Path("best.toml"), show_default=True, help="The settings found.")
@click.option("--minutes", type=click.FloatRange(min=0, min_open=True), help="End in this time.  [default: 30]")
@click.option("--trials", type=click.IntRange(min=1), help="End after so many trials, with those of earlier sessions.")
@click.option("--resume", is_flag=True, help="Go on with a search that was ended or killed.")
@click.option("--force", is_flag=True, help="Replace the settings and the study if they exist.")
@click.option("--storage", type=PATH, help=f"Where trials are kept.  [default: the output's name with {STUDY_SUFFIX}]")
@click.option("--schema", "schema_file", type=PATH, help="A schema, as for `tabgan fit`.")
@click.option("--config", "config_file", type=PATH, help="A TOML file of the settings to begin with.")
@click.option("--fix", multiple=True, metavar="NAME=VALUE", help="A setting of all trials; may be given several times.")
@click.option("--only", multiple=True, metavar="NAME", help="Search this setting alone; may be given several times.")
@click.option(
    "--space",
    "space_file",
    type=PATH,
    help="A TOML file with what to search, such as `critic_steps = [1, 2]` or `averaging = {low = 0.9, high = 0.99}`.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="The same seed, the same trials."
)
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or mps.")
def command(
    table: Path,
    output: Path,
    minutes: float | None,
    trials: int | None,
    resume: bool,
    force: bool,
    storage: Path | None,
    schema_file: Path | None,
    config_file: Path | None,
    fix: tuple[str, ...],
    only: tuple[str, ...],
    space_file: Path | None,
    seed: int,
    device: str,
) -> None:
    """Search for training settings that suit TABLE.

    Trials are judged by rows of TABLE that none of them learns; keep the rows that judge the final model out of it. The
    best settings are written for `tabgan fit --config`. Ctrl-C ends the search in order. Needs the extra `tune`.
    """
    from tabgan.study import import_optuna

    import_optuna()  # first, so that its lack costs no time
    study = output.with_name(output.stem + STUDY_SUFFIX) if storage is None else storage
    inputs = [path for path in (table, schema_file, config_file, space_file) if path is not None]
    check_output(output, force=force or resume, inputs=inputs)
    check_output(study, force=force or resume, inputs=[*inputs, output])
    config, space, fixed = _config(config_file), _space(space_file), _fixed(fix)
    from tabgan import Schema, tune
    from tabgan.table.files import read_table

    rows = read_table(table)
    schema = Schema.read(schema_file, rows) if schema_file is not None else Schema.infer(rows)
    note(f"{table}: {rows.num_rows:,} rows, {rows.num_columns} columns; trials are kept in {study}")
    if force and not resume:
        study.unlink(missing_ok=True)
    with Advance("trial 0") as advance:
        found = tune(
            rows,
            config=config,
            schema=schema,
            space=space,
            only=only,
            fixed=fixed,
            minutes=minutes,
            trials=trials,
            seed=seed,
            device=device,
            storage=study,
            resume=resume,
            callback=lambda number, stats: _report(advance, number, stats),
            listener=_tell,
        )
    write_text(output, settings_toml(found, str(table)))
    _summarise(found, output, table)


def _config(file: Path | None) -> Any:
    from tabgan import TrainingConfig

    return TrainingConfig.from_mapping({} if file is None else read_settings(file))


def _space(file: Path | None) -> "SearchSpace | None":
    """What a file says to search; None without one.

    Raises:
        ConfigError: if it cannot be read, or says anything that is no limits.
    """
    if file is None:
        return None
    from tabgan.gan.search_space import limits_of

    try:
        written = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"could not read what to search in {str(file)!r}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{str(file)!r} is not valid TOML: {error}; write lines such as `a = [1, 2]`") from error
    return {name: limits_of(name, limits) for name, limits in written.items()}


def _fixed(given: tuple[str, ...]) -> "Mapping[str, Any]":
    """The settings of `--fix`, each value as TOML would have it, or a word."""
    found: dict[str, Any] = {}
    for one in given:
        name, sign, value = (part.strip() for part in one.partition("="))
        if not sign or not name or not value:
            raise click.UsageError(f"--fix takes NAME=VALUE, such as --fix averaging=0.99, got {one!r}")
        try:
            found[name.replace("-", "_")] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            found[name.replace("-", "_")] = value
    return found


def _report(advance: Advance, number: int, stats: "TrainingStats") -> None:
    if messages().is_terminal:  # in a log, a line for each finished trial is enough
        advance.show(stats.step, stats.steps, f"{duration(stats.remaining_s)} left of it", label=f"trial {number}")


def _tell(trial: "Trial") -> None:
    said = f"pruned: {trial.pruned}" if trial.figures is None else figures_line(trial.figures)
    note(f"trial {trial.number}: {said}, {duration(trial.elapsed_s)}")


def _summarise(found: "TuningResult", output: Path, table: Path) -> None:
    titles, rows = trials_rows(found)
    note("\nthe best trials, on rows held out:")
    messages().print(figures_table(titles, rows))
    if found.importance:
        shares = ", ".join(f"{name} {100 * share:.0f} %" for name, share in list(found.importance.items())[:5])
        note(f"\nwhat made the difference: {shares}")
    pairs = {"gain": verdict_words(found), "settings": str(output), "next": f"tabgan fit {table} --config {output}"}
    note("")
    messages().print(pairs_table(pairs))
