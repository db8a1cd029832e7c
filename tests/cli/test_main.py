import errno
import os
import subprocess
import sys
import time
import warnings
from importlib import import_module

import click
import pytest
from click.testing import CliRunner

from tabgan.errors import ArtifactError, ConditionError, DataWarning, NotFittedError, OutputError, TrainingError
from tabgan.version import __version__
from tabgan_cli.main import COMMANDS, LazyGroup, tabgan


def group_with(action):
    """The command's group with one command, which does `action`."""

    class OneCommand(LazyGroup):
        def get_command(self, ctx, cmd_name):
            return click.Command("act", callback=action)

    debug = click.Option(["--debug"], is_flag=True)
    return OneCommand("tabgan", params=[debug], callback=lambda debug: None)


def raising(error):
    def action():
        raise error

    return action


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["--version"]])
def test_help_and_version_import_nothing_heavy(arguments):
    code = (
        "import sys\nfrom tabgan_cli.main import tabgan\n"
        f"try: tabgan({arguments!r}, prog_name='tabgan')\nexcept SystemExit as end: assert end.code == 0\n"
        "heavy = {'torch', 'pandas', 'pyarrow', 'numpy', 'sklearn', 'scipy', 'rich'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_no_bug(number):
    result = CliRunner().invoke(group_with(raising(OSError(number, os.strerror(number)))), ["act"])
    assert result.exit_code == 1
    assert f"no space left to write to ({os.strerror(number)})" in result.stderr
    assert "TMPDIR" in result.stderr


def test_help_answers_at_once(start):
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        assert start("--help").wait() == 0
        seconds.append(time.perf_counter() - began)
    assert min(seconds) < 0.5


def test_the_help_lists_each_command_as_the_command_describes_itself(run):
    shown = run("--help").stdout
    for name, line in COMMANDS.items():
        assert line in shown
        command = import_module(f"tabgan_cli.{name}").command
        assert command.name == name
        assert run(name, "--help").exit_code == 0


def test_version(run):
    assert run("--version").stdout == f"tabgan, version {__version__}\n"


def test_an_unknown_command_is_wrong_usage(run):
    done = run("fitt")
    assert done.exit_code == 2
    assert "fitt" in done.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConditionError("no such column"), 2),
        (ArtifactError("altered"), 2),
        (NotFittedError("call fit first"), 2),
        (OutputError("disk full"), 1),
        (TrainingError("the losses became NaN"), 1),
        (MemoryError("2 GiB"), 1),
    ],
)
def test_an_expected_error_is_one_message_and_a_code(error, code):
    done = CliRunner().invoke(group_with(raising(error)), ["act"])
    assert done.exit_code == code
    assert done.stdout == ""
    assert done.stderr.startswith("Error: ")
    assert str(error) in done.stderr


def test_an_unexpected_error_is_one_line_that_names_the_debug_option():
    done = CliRunner().invoke(group_with(raising(ZeroDivisionError("by zero\nmore"))), ["act"])
    assert done.exit_code == 1
    assert done.stderr == (
        "Error: unexpected ZeroDivisionError: by zero (this is a bug in tabgan; `tabgan --debug ...` shows where)\n"
    )


def test_debug_lets_the_error_through():
    done = CliRunner().invoke(group_with(raising(TrainingError("why"))), ["--debug", "act"])
    assert isinstance(done.exception, TrainingError)


def test_a_data_warning_is_a_line_and_other_warnings_are_for_developers():
    def action():
        warnings.warn("column 'note' is free text", DataWarning, stacklevel=2)
        warnings.warn("a library's own business", FutureWarning, stacklevel=2)

    quiet = CliRunner().invoke(group_with(action), ["act"])
    assert quiet.stderr == "warning: column 'note' is free text\n"
    loud = CliRunner().invoke(group_with(action), ["--debug", "act"])
    assert "a library's own business" in loud.stderr


def test_ctrl_c_outside_training_is_not_a_traceback():
    done = CliRunner().invoke(group_with(raising(KeyboardInterrupt())), ["act"])
    assert done.exit_code == 1
    assert "Aborted" in done.stderr


def test_the_warning_printer_is_taken_away_again(run):
    before = warnings.showwarning
    run("schema", "nothing.csv")
    assert warnings.showwarning is before


def test_the_module_is_the_command(start):
    process = start("--version")
    assert process.communicate()[0] == f"tabgan, version {__version__}\n"
    assert tabgan.name == "tabgan"


def test_a_terminal_of_few_characters_gets_escapes_for_the_others(tmp_path):
    (tmp_path / "t.csv").write_text("ä,b\n" + "".join(f"{i}.5,{'ö' if i % 2 else 'ü'}\n" for i in range(20)), "utf-8")
    code = "import sys; from tabgan_cli.main import main; sys.argv = ['tabgan', 'evaluate', 't.csv', 't.csv']; main()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, b"unexpected" in done.stderr) == (0, False), done.stderr
