import os
import subprocess
import sys

import pytest

from tabgan_cli.screen import Advance, duration, figures_table, losses_line, note, pairs_table, schema_table


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (59.6, "1:00"), (75.2, "1:15"), (3_725, "1:02:05")])
def test_duration(seconds, text):
    assert duration(seconds) == text


def test_progress_in_a_log_is_a_line_for_each_tenth(capsys):
    with Advance("sampling") as advance:
        for done in range(1, 1_001):
            advance.show(done, 1_000, f"{done} rows")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 10
    assert lines[0] == "sampling: 10 %, 100 rows"
    assert lines[-1] == "sampling: 100 %, 1000 rows"


def test_progress_on_a_terminal_is_one_bar():
    code = (
        "from tabgan_cli.screen import Advance, note\n"
        "with Advance('training') as advance:\n"
        "    advance.show(1, 2, '0:05 left')\n"
        "    note('warning: in between')\n"
        "    advance.show(2, 2, '0:00 left')\n"
    )
    environment = os.environ | {"FORCE_COLOR": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert "warning: in between\n" in done.stderr
    assert "0:00 left" in done.stderr
    assert "100%" in done.stderr
    assert "training: " not in done.stderr


def test_a_note_is_neither_markup_nor_wrapped(capsys):
    text = "[red]no such column[/red] " + "x" * 300
    note(text)
    assert capsys.readouterr().err == text + "\n"


def test_no_color_is_respected():
    code = (
        "from tabgan_cli.screen import data, pairs_table\n"
        "data().print(pairs_table({'a': 'b'}))\n"
        "data().print('[red]x[/]')"
    )
    environment = os.environ | {"NO_COLOR": "1", "FORCE_COLOR": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert "\x1b[31m" not in done.stdout


@pytest.mark.parametrize(
    ("later", "said"),
    [
        ({}, "surprise 3.00 nats a row"),
        ({"held_out": 4.0}, "surprise 3.00 nats a row, 4.00 held out"),
        ({"critic_loss": -0.25}, "surprise 3.00 nats a row, critic -0.250"),
        (
            {"critic_loss": -0.25, "real_score": 0.5, "made_score": 0.25},
            "surprise 3.00 nats a row, critic 0.50 real, 0.25 generated",
        ),
    ],
)
def test_the_losses_that_are_known_are_said(later, said):
    from tabgan.gan.history import TrainingStats

    fields = {"held_out": None, "critic_loss": None, "penalty": None} | later
    assert losses_line(TrainingStats(step=1, steps=2, elapsed_s=1, remaining_s=1, surprise=3.0, **fields)) == said


def test_figures_stand_under_their_titles():
    from rich.console import Console

    console = Console(width=60)
    with console.capture() as capture:
        console.print(figures_table(["step", "[a]"], [["1", "2.50"], ["100", "–"]]))
    assert [line.rstrip() for line in capture.get().splitlines()] == ["step   [a]", "   1  2.50", " 100     –"]


def test_tables_show_brackets_as_they_are():
    from rich.console import Console

    from tabgan.table.schema import ColumnSpec, Schema

    spec = ColumnSpec(name="[bold]x", kind="text", dtype="string", nullable=True, reason="words [many]")
    console = Console(width=100)
    with console.capture() as capture:
        console.print(schema_table(Schema(columns=(spec,))))
        console.print(pairs_table({"[a]": "[/b]"}))
    shown = capture.get()
    assert "[bold]x" in shown
    assert "words [many]" in shown
    assert "[/b]" in shown
