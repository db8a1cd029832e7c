from dataclasses import fields, replace

import pytest

from tabgan.errors import ConfigError
from tabgan.gan.config import TrainingConfig
from tabgan.gan.presets import EFFORTS
from tabgan_cli.fit import command
from tabgan_cli.settings import SettingOption, training_config


def test_each_setting_has_an_option_without_a_default_of_its_own():
    options = {param.name: param for param in command.params if isinstance(param, SettingOption)}
    assert list(options) == [item.name for item in fields(TrainingConfig)]
    assert all(not option.required for option in options.values())
    context = command.make_context("fit", ["x.csv"])
    assert all(context.params[name] is None for name in options)


def test_no_settings_are_the_defaults():
    assert training_config("balanced", None, {"steps": None, "pac": None}) == TrainingConfig()


@pytest.mark.parametrize("effort", EFFORTS)
def test_a_preset_is_overruled_by_the_file_and_the_file_by_what_is_given(folder, effort):
    file = folder / "settings.toml"
    file.write_text("averaging = 0.7\npac = 2\n")
    made = training_config(effort, file, {"pac": 3})
    assert made == replace(TrainingConfig.for_effort(effort), averaging=0.7, pac=3)


def test_epochs_take_the_place_of_the_steps_of_a_preset():
    assert training_config("quick", None, {"epochs": 4.0}) == replace(
        TrainingConfig.for_effort("quick"), steps=0, epochs=4.0
    )


def test_presets_are_named_in_the_help(run):
    assert f"[{'|'.join(EFFORTS)}]" in run("fit", "--help").stdout


def test_the_help_shows_explanation_and_default_in_a_section_of_their_own(run):
    shown = run("fit", "--help").stdout
    options, settings = shown.split("Training settings:")
    assert "--seed" in options
    assert "--steps" not in options
    assert "--steps" in settings
    assert f"[default: {TrainingConfig().steps}]" in settings


def test_given_values_overrule_the_file(folder):
    file = folder / "settings.toml"
    file.write_text("steps = 3\npac = 2\n")
    assert training_config("balanced", file, {"steps": 4, "pac": None}) == TrainingConfig(steps=4, pac=2)


def test_options_overrule_what_would_contradict_the_file(folder):
    file = folder / "settings.toml"
    file.write_text("label_smoothing = 0.1\n")
    with pytest.raises(ConfigError, match="label_smoothing needs a target"):
        training_config("balanced", file, {})
    assert training_config("balanced", file, {"objective": "nsgan"}).label_smoothing == 0.1


def test_problems_of_the_file_name_the_file(folder):
    file = folder / "settings.toml"
    file.write_text("steps = -1\n")
    with pytest.raises(ConfigError, match=r"settings\.toml.*steps"):
        training_config("balanced", file, {})
    with pytest.raises(ConfigError, match=r"^training settings: pac"):
        training_config("balanced", None, {"pac": 0})
