"""The live view as a terminal and as a log get it."""

import io
import os
import re
import sys
from dataclasses import replace

import pytest
from rich.console import Console

from tabgan.gan.language_training import LanguageStats
from tabgan_cli.live import TrainingView, changes
from tests.cli.runs import SICK, run


def terminal(width=80, height=24, **more):
    return Console(file=io.StringIO(), force_terminal=True, width=width, height=height, **more)


def written(console):
    return console.file.getvalue()


def test_a_log_gets_a_line_for_each_tenth_and_for_each_change_of_state(capsys):
    console = Console(file=io.StringIO(), force_terminal=False)
    with TrainingView(console) as view:
        for stats in run(sick=True):
            view.see(stats)
    lines = capsys.readouterr().err.splitlines()
    assert sum(line.startswith("training: ") for line in lines) == 10
    assert lines[0] == "step 2: learning; rows lie 1.50 times as far from rows held out as real rows do"
    assert lines[1] == "training: 10 %, 0:54 left, surprise 9.60 nats a row, 10.10 held out"
    (sick,) = [line for line in lines if line.startswith("step 40: ")]
    assert sick == f"step 40: critic too strong; {SICK.evidence}; what to do: {SICK.advice}"
    assert lines[-1].startswith("training: 100 %, 0:00 left")
    assert written(console) == ""


def test_a_run_that_is_resumed_is_shown_as_a_whole(capsys):
    """Only the second half of the reports comes in; the bar, the curves and the log know of the first."""
    history = run(sick=True)
    with TrainingView(Console(file=io.StringIO(), force_terminal=False), history[:25]) as view:
        for stats in history[25:]:
            view.see(stats)
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(",")[0] for line in lines] == [f"training: {tenth} %" for tenth in (60, 70, 80, 90, 100)]
    whole, resumed = terminal(), terminal()
    for console, known in ((whole, 0), (resumed, 25)):
        with TrainingView(console, history[:known]) as view:
            for stats in history[known:]:
                view.see(stats)
    last = [written(console).split("\x1b[?2026h")[-1] for console in (whole, resumed)]
    plain = [re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", frame) for frame in last]
    assert plain[0] == plain[1]


def test_free_text_in_a_log_is_a_line_for_each_tenth(capsys):
    with TrainingView(Console(file=io.StringIO(), force_terminal=False)) as view:
        for i in range(1, 101):
            view.see_text(LanguageStats(i / 100, 1, 1, 5.0, None if i < 50 else 4.0))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 10
    assert lines[0] == "free text: 10 %, 0:01 left, surprise 5.00 nats a token"
    assert lines[-1] == "free text: 100 %, 0:01 left, surprise 4.00 nats a token"


@pytest.mark.parametrize("terminals", [{"TERM": "dumb"}, {"TERM": "unknown"}])
def test_a_dumb_terminal_is_a_log(capsys, terminals):
    console = terminal(_environ=terminals)
    with TrainingView(console) as view:
        for stats in run():
            view.see(stats)
    assert written(console) == ""
    assert capsys.readouterr().err.count("training: ") == 10


def test_a_terminal_gets_frames_that_appear_at_once_and_a_summary_that_stays():
    console = terminal()
    with TrainingView(console) as view:
        for stats in run():
            view.see(stats)
        view.conclude((replace(SICK, step=77),), {"held_out_shape": [0.02, 0.001], "surprise": [9.0, 0.0]})
    text = written(console)
    frames = text.split("\x1b[?2026h")[1:]
    assert len(frames) >= 2
    assert all("\x1b[?2026l" in frame for frame in frames)
    last = re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", frames[-1])
    assert "100 %" in last
    assert last.count("floor") == 1
    assert "floor 2.0 %" in last
    assert "step 77" in last
    assert text.rstrip().endswith("\x1b[?25h")


def test_a_view_ends_in_order_whatever_happens():
    console = terminal()

    def interrupted():
        with TrainingView(console) as view:
            view.see(run(1)[0])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert written(console).rstrip().endswith("\x1b[?25h")
    console.print("free again")
    assert "free again" in written(console)


def test_what_is_printed_meanwhile_stands_above_the_picture():
    console = terminal()
    with TrainingView(console) as view:
        view.see(run(1)[0])
        console.print("warning: in between")
    text = re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", written(console))
    assert text.index("warning: in between") < text.rindex("training  ")


def test_a_change_is_told_once_and_each_roll_back():
    history = run(sick=True)
    told = [event for i, stats in enumerate(history) for event in changes(history[:i], stats)]
    assert [(event.step, event.state) for event in told] == [(2, "learning"), (40, "critic too strong")]
    assert told[1].advice == SICK.advice
    diverged = replace(history[0], state="diverged", evidence="went back", rolled_back="went back")
    assert [event.evidence for event in changes([diverged], diverged)] == ["went back"]
    assert changes(history[:3], replace(history[3], state=None)) == []


def test_a_roll_back_between_two_reports_is_told_at_the_next_one(capsys):
    history = run(10)
    with TrainingView(Console(file=io.StringIO(), force_terminal=False)) as view:
        for stats in (*history[:3], replace(history[3], rolled_back="no number; went back to step 6"), *history[4:]):
            view.see(stats)
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("step ")]
    assert [line.partition(";")[0] for line in told] == ["step 2: learning", "step 8: recovered", "step 8: learning"]
    assert told[1].endswith("no number; went back to step 6")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals on Windows")
@pytest.mark.parametrize(
    ("columns", "lines", "encoding"), [(80, 24, "utf-8"), (200, 50, "utf-8"), (40, 10, "utf-8"), (80, 24, "ascii")]
)
def test_a_real_terminal_shows_it_at_its_size_and_ctrl_c_ends_it_in_order(folder, table, columns, lines, encoding):
    import fcntl
    import pty
    import struct
    import termios

    pid, terminal = pty.fork()
    if pid == 0:
        paths = os.pathsep.join(sys.path)
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": paths, "TERM": "xterm", "OMP_NUM_THREADS": "1"}
        options = ["--steps", "5000", "--batch-size", "32", "--generator-width", "8", "--device", "cpu"]
        command = [sys.executable, "-m", "tabgan_cli", "fit", str(table), *options]
        os.execve(sys.executable, command, environment | {"PYTHONIOENCODING": encoding})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    seen = b""
    while b"elapsed, " not in seen:
        seen += os.read(terminal, 65536)
    os.write(terminal, b"\x03")
    try:
        while part := os.read(terminal, 65536):
            seen += part
    except OSError:  # how a pseudo-terminal ends on Linux
        pass
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    text = seen.decode(encoding)
    assert "Traceback" not in text
    assert (folder / "people.tabgan").exists()
    frame = re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", text[text.rindex("\x1b[?2026h") : text.rindex("\x1b[?2026l")])
    shown = [line for line in re.split(r"[\r\n]+", frame) if line]
    assert max(map(len, shown)) <= columns
    assert shown[0].startswith("training  ")
    assert frame.isascii() == (encoding == "ascii")
