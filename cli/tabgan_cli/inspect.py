"""`tabgan inspect`: show what a model file holds."""

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from tabgan_cli.outputs import only_model
from tabgan_cli.screen import data, losses_line, pairs_table, schema_table, training_line
from tabgan_cli.several import seeds_line
from tabgan_cli.training_view import event_lines, state_line

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from tabgan.model import TabGAN


TITLES = {"n_rows": "rows learnt", "fit_s": "seconds to fit"}
IN_WORDS = ("interrupted", "ended_by", "kept_step", "shape_floor", "floors", "seeds")
"""Entries of `TabGAN.info` that the section on training says in words."""


@click.command("inspect")
@click.argument("model", type=click.Path(path_type=Path), required=False)
def command(model: Path | None) -> None:
    """Show what a model file holds: schema, settings, versions and how the training went.

    Without MODEL, the only model file of this folder is taken.
    """
    from tabgan import TabGAN

    source = model if model is not None else only_model()
    gan = TabGAN.load(source, device="cpu")
    console = data()
    for heading, content in _sections(gan, source, console):
        console.print(f"\n[bold underline]{heading}[/]\n")
        console.print(content)


def _sections(gan: "TabGAN", source: Path, console: "Console") -> "list[tuple[str, RenderableType]]":
    facts = {"file": f"{source} ({source.stat().st_size / 1e6:.1f} MB)", "seed": str(gan.seed)}
    facts |= {TITLES.get(name, name): _shown(value) for name, value in gan.info.items() if name not in IN_WORDS}
    training: dict[str, str | Text] = {"length": training_line(gan)}
    if gan.history:
        training["at the end"] = losses_line(gan.history[-1])
        if gan.history[-1].state is not None:
            training["state"] = state_line(gan.history[-1].state, ascii_only=console.options.ascii_only)
    if shapes := [stats.held_out_shape for stats in gan.history if stats.held_out_shape is not None]:
        found, chance = (f"{100 * share:.1f} %" for share in (shapes[-1], gan.info["shape_floor"]))
        training["distance"] = f"{found} from generated rows to rows held out, where chance would give {chance}"
    if "seeds" in gan.info:
        training["seeds"] = seeds_line(gan.info["seeds"], gan.seed)
    sections: list[tuple[str, RenderableType]] = [("Model", pairs_table(facts)), ("Schema", schema_table(gan.schema))]
    changed, usual = _settings(gan)
    if changed:
        sections.append(("Settings that differ from the defaults", pairs_table(changed)))
    sections += [("Settings" if not changed else "Other settings", pairs_table(usual))]
    sections += [("Training", pairs_table(training))]
    if gan.events:
        lines = event_lines(gan.events, console.width, ascii_only=console.options.ascii_only)
        sections.append(("What happened", lines))
    return sections


def _settings(gan: "TabGAN") -> tuple[dict[str, str], dict[str, str]]:
    """The settings as they were given: those that were changed with their defaults, and the others."""
    from tabgan.evaluation.render.training_words import setting_line, setting_value
    from tabgan.gan.config import TrainingConfig

    default, changed, usual = TrainingConfig().to_dict(), {}, {}
    units = {item.name: item.metadata["unit"] for item in fields(TrainingConfig)}
    for name, value in gan.config.to_dict().items():
        if value != default[name]:
            changed[name] = setting_line(value, default[name], units[name])
        else:
            usual[name] = setting_value(value, units[name])
    return changed, usual


def _shown(value: object) -> str:
    """A plain value for people; a mapping as `name value` pairs."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown(item)}" for name, item in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
