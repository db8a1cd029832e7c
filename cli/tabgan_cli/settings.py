"""The training settings on the command line: one option per field of `TrainingConfig`, so a default has one home."""

import tomllib
from collections.abc import Callable
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, TypeVar

import click

from tabgan.errors import ConfigError, listing
from tabgan.gan.config import TrainingConfig
from tabgan.gan.settings import OWN, kind_of, problems

F = TypeVar("F", bound=Callable[..., Any])


class SettingOption(click.Option):
    """An option that stands for one field of `TrainingConfig`; None where the user did not give it."""


class SettingsCommand(click.Command):
    """A command whose help lists the training settings under a heading of their own."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options in two sections."""
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        for heading, wanted in (("Options", False), ("Training settings", True)):
            params = [option for option in options if isinstance(option, SettingOption) is wanted]
            records = [record for param in params if (record := param.get_help_record(ctx)) is not None]
            with formatter.section(heading):
                formatter.write_dl(records)


def setting_options(function: F) -> F:
    """Give a command an option for each training setting; the values arrive as keyword arguments."""
    for item in reversed(fields(TrainingConfig)):
        function = _option(item)(function)
    return function


def _option(item: "Field[Any]") -> Callable[[F], F]:
    flag = "--" + item.name.replace("_", "-")
    kind = kind_of(TrainingConfig, item.name).type
    known = item.metadata["choices"]
    standard = OWN if item.default is None else str(item.default).lower() if kind is bool else item.default
    return click.option(
        f"{flag}/--no-{flag.removeprefix('--')}" if kind is bool else flag,
        item.name,
        cls=SettingOption,
        type=click.Choice(tuple(known)) if known else kind,
        default=None,
        help=f"{item.metadata['help']}  [default: {standard}]",
    )


def training_config(effort: str, file: Path | None, given: dict[str, Any]) -> TrainingConfig:
    """The settings of the preset, overruled by those of the file, and these by those of the command line.

    Args:
        effort: the name of the preset.
        file: a TOML file of settings, or None.
        given: the values of the setting options; None where an option was not given.

    Raises:
        ConfigError: if the file cannot be read, or any setting is unknown or wrong.
    """
    settings = read_settings(file) if file is not None else {}
    settings |= {name: value for name, value in given.items() if value is not None}
    return TrainingConfig.for_effort(effort, settings)


def read_settings(file: Path) -> dict[str, Any]:
    """The settings in a file, each of them known and in its range; what goes with what, the options have a say in, too.

    Raises:
        ConfigError: if it cannot be read, or any setting is unknown or wrong.
    """
    try:
        settings = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"could not read the settings in {str(file)!r}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{str(file)!r} is not valid TOML: {error}; write lines such as `steps = 5000`") from error
    if wrong := problems(TrainingConfig, settings):
        raise ConfigError(f"{str(file)!r}: {listing('training settings', wrong)}")
    return settings
