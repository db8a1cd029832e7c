from dataclasses import fields
from pathlib import Path

import pytest

from tabgan.gan.config import TrainingConfig
from tabgan.gan.presets import EFFORTS, OBJECTIVES
from tabgan.gan.settings_page import settings_page

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_in_the_docs_is_that_of_the_code() -> None:
    """Written by `make docs`."""
    assert PAGE.read_text(encoding="utf-8") == settings_page()


def test_every_setting_has_one_line_with_its_help_and_its_source() -> None:
    groups, _, _ = settings_page().partition("## What suits each objective")
    lines = [line for line in groups.splitlines() if line.startswith("| `")]
    assert len(lines) == len(fields(TrainingConfig))
    for item in fields(TrainingConfig):
        (line,) = (line for line in lines if line.startswith(f"| `{item.name}` |"))
        assert item.metadata["help"] in line
        assert line.endswith(f"| {item.metadata['source']} |")


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("batch_size", ["1,024", "2 to 1,000,000 rows"]),
        ("objective", ["wgan-gp", "wgan-gp, wgan-clip, nsgan, lsgan, hinge, relativistic"]),
        ("spectral_norm", ["false", "true, false"]),
        ("critic_rate", ["as suits the objective", "0 to 1"]),
        ("averaging", ["0.99", "0 to 0.999999"]),
    ],
)
def test_defaults_and_ranges_are_shown(name: str, cells: list[str]) -> None:
    line = next(line for line in settings_page().splitlines() if line.startswith(f"| `{name}`"))
    assert [cell.strip() for cell in line.split("|")][2:4] == cells


def test_what_is_left_to_the_objective_is_shown_for_each_and_efforts_too() -> None:
    _, _, chosen = settings_page().partition("## What suits each objective")
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in chosen.splitlines() if line.startswith("|")]
    assert [row[1:] for row in cells if row[0] == "setting"] == [
        list(OBJECTIVES),
        ["beside the likelihood", "critic alone"],
        list(EFFORTS),
    ]
    assert ["`critic_steps`", "2", "5", "2", "2", "2", "2"] in cells
    assert ["`adversarial_share`", "0.25", "1"] in cells
    assert ["`adversarial_share`", "0", "as suits the objective", "as suits the objective"] in cells
    assert ["`steps`", "150", "0", "0"] in cells
