"""What is shown of a run, exactly as it is shown."""

import pytest
from rich.console import Console
from rich.text import Text

from tabgan.gan.history import Event
from tabgan.gan.language_training import LanguageStats
from tabgan_cli.training_view import Scene, event_line, event_lines, picture, state_line, summary
from tests.cli.runs import ADVICE, EVIDENCE, SICK, run

NARROW = """\
training  ━━━━━━━━━━╍╍╍╍╍╍╍╍╍─────  80 %
step 80 of 100, 0:48 elapsed, 0:12 left
▲ critic too strong: its accuracy was 0…
what to do: lower critic_rate to a thir…
surprise learnt   ██▇▆▆▅▄▃▃▂▁       6.80
surprise held out ██▇▆▆▅▄▃▃▂▁       7.30
Shape distance     █▇▆▆▅▄▃▃▂▁     10.0 %
detection AUC      █▇▇▇▆▆▅▅▄▄       0.68
step 40  ▲ critic too strong  its accur…"""
WIDE = """\
training  ━━━━━━━━━━━━━━━━━━━━━━━━━╍╍╍╍╍╍╍────────────────────────────────  50 %
step 50 of 100, 0:33 elapsed, 0:27 left
▲ critic too strong: its accuracy was 0.97 at the last 3 reports, and the
  generator's gradient fell to 0.001
what to do: lower critic_rate to a third, or take spectral_norm, so that real
  and generated rows overlap

surprise, nats a row
rows learnt       ████▇▇▆▆▅▅▅▄▄▄▃▃▂▂▁▁                        8.00
rows held out     ████▇▇▆▆▅▅▅▄▄▄▃▃▂▂▁▁                        8.50

generated rows against rows held out
Shape distance       ████▇▇▇▇▇▇▇▇▆▆▆▆▅                      17.5 %  floor 2.0 %
Trend distance       ████▆▆▆▆▅▅▅▅▃▃▃▃▁                      27.5 %
detection AUC        ████▇▇▇▇▇▇▇▇▆▆▆▆▆                        0.80  best 0.50"""
PLAIN = """\
training  ###################################---------  80 %
step 80 of 100, 0:48 elapsed, 0:12 left
* learning: rows lie 1.50 times as far from rows held out...
surprise learnt   @@@##**+==--::..        6.80
surprise held out @@@##**+===-::..        7.30
Shape distance     @@##**++==--::.      10.0 %
Trend distance     @@##**++==--::.      20.0 %
detection AUC      @@####****++===        0.68  best 0.50
critic: real               +++++++        0.50
critic accuracy            .:-+*#@      80.0 %  even 50 %"""


def shown(text):
    return text.plain


def test_a_narrow_and_low_terminal_gets_what_tells_most():
    assert shown(picture(Scene(run(40, sick=True), (SICK,)), 40, 9)) == NARROW


def test_a_terminal_of_the_usual_size_gets_titles_evidence_and_what_to_do():
    text = shown(picture(Scene(run(25, sick=True), (SICK,), elapsed_s=33.0, floors={"held_out_shape": 0.02}), 80, 23))
    assert text.startswith(WIDE)
    assert text.splitlines()[-1] == f"step 40  ▲ critic too strong  {EVIDENCE}"[:79] + "…"


def test_without_unicode_all_is_drawn_in_ascii():
    text = shown(picture(Scene(run(40)), 60, 10, ascii_only=True))
    assert text == PLAIN
    assert text.isascii()
    assert shown(picture(Scene(run(40, sick=True), (SICK,)), 200, 50, ascii_only=True)).isascii()
    assert shown(summary(Scene(run(), (SICK,)), 80, ascii_only=True)).isascii()


@pytest.mark.parametrize("width", [20, 40, 79, 80, 115, 116, 200, 300])
@pytest.mark.parametrize("height", [10, 24, 50])
@pytest.mark.parametrize("scene", [Scene(), Scene(run(1)), Scene(run(), (SICK,) * 9), Scene(run(30, sick=True))])
def test_no_line_is_longer_than_the_terminal_and_there_are_no_more_lines_than_it_has(scene, width, height):
    lines = shown(picture(scene, width, height)).splitlines()
    assert max(map(len, lines)) <= width
    assert len(lines) <= height
    assert max(len(line) for line in shown(summary(scene, width)).splitlines()) <= width


def test_wide_terminals_have_panels_side_by_side():
    def beside(width):
        lines = shown(picture(Scene(run()), width, 50)).splitlines()
        return next(line.split() for line in lines if line.startswith("surprise, nats a row"))[4:]

    assert beside(80) == []
    assert " ".join(beside(120)) == "variety and memory"
    assert " ".join(beside(200)) == "critic variety and memory"


def test_what_was_not_measured_is_not_there():
    text = shown(picture(Scene(run(4)), 80, 50))
    assert "rows held out" in text
    for name in ("Shape", "AUC", "coverage", "accuracy", "gradients"):
        assert name not in text
    assert "critic" not in shown(picture(Scene(run(critic=False)), 80, 50))


def test_a_run_begins_with_an_empty_bar():
    assert shown(picture(Scene(elapsed_s=3), 40, 24)) == f"training  {'─' * 24}   0 %\n0:03 elapsed"


def test_the_clock_goes_on_between_reports():
    first, later = (shown(picture(Scene(run(25), elapsed_s=s), 80, 23)).splitlines()[1] for s in (0.0, 35.0))
    assert first == "step 50 of 100, 0:30 elapsed, 0:30 left"
    assert later == "step 50 of 100, 0:35 elapsed, 0:25 left"
    assert "0:00 left" in shown(picture(Scene(run(25), elapsed_s=99.0), 80, 23))


def test_colour_says_nothing_that_words_do_not():
    for level, word in (("learning", "●"), ("critic too strong", "▲"), ("diverged", "✖")):
        assert state_line(level).plain == f"{word} {level}"
    marks = {state_line(state, ascii_only=True).plain[0] for state in ("converged", "oscillating", "collapsing")}
    assert marks == {"*", "!", "X"}
    console = Console(width=80, force_terminal=True, no_color=True)
    with console.capture() as capture:
        console.print(picture(Scene(run(30, sick=True)), 80, 23))
    assert "\x1b[33m" not in capture.get()
    assert "▲ critic too strong" in Text.from_ansi(capture.get()).plain


def test_the_parts_of_the_bar_say_how_the_run_stood():
    bar = shown(picture(Scene(run(50, sick=True)), 80, 23)).splitlines()[0]
    assert bar.count("╍") == pytest.approx(0.6 * (bar.count("╍") + bar.count("━")), abs=1)


def test_free_text_has_a_bar_and_a_curve_of_its_own():
    texts = tuple(LanguageStats(i / 20, i, 20 - i, 5.0, 5.0 - i / 10) for i in range(1, 11))
    text = shown(picture(Scene(run(), texts=texts), 80, 40)).splitlines()
    assert text[0].startswith("free text ━")
    assert "0:10 elapsed, 0:10 left" in text[0] + text[1]
    assert any(line.startswith("text held out ") and line.endswith("4.00  a token") for line in text)
    alone = (LanguageStats(0.5, 1, 1, 5.0, None),)
    assert "text learnt" in shown(picture(Scene(run(), texts=alone), 80, 40))


def test_the_summary_has_a_line_for_each_curve_and_all_events():
    lines = shown(summary(Scene(run(), (SICK, Event(60, "recovered", "went back to step 30"))), 80)).splitlines()
    assert lines[0].endswith("100 %  step 100 of 100, 1:00")
    assert sum(line.startswith("critic") for line in lines) == 5
    assert lines[-1] == "step 60  ▲ recovered  went back to step 30"
    assert not any("left" in line and "elapsed" in line for line in lines)


def test_events_are_lines_of_a_log_and_wrapped_on_a_screen():
    assert event_line(SICK) == f"step 40: critic too strong; {EVIDENCE}; what to do: {ADVICE}"
    assert event_line(Event(9, "converged", "all is near")) == "step 9: converged; all is near"
    lines = event_lines((SICK,), 60).plain.splitlines()
    assert lines[0] == "step 40  ▲ critic too strong: its accuracy was 0.97 at the"
    assert max(map(len, lines)) <= 60
    assert lines[2].startswith("  what to do: lower critic_rate")
    assert lines[-1].startswith("    ")
    assert lines[-1].endswith("rows overlap")


def test_the_same_scene_gives_the_same_picture_and_is_not_changed():
    scene = Scene(run(30, sick=True), (SICK,))
    assert picture(scene, 80, 23).markup == picture(scene, 80, 23).markup
    assert scene == Scene(run(30, sick=True), (SICK,))
