import json

import pandas as pd
import pytest

from tabgan.evaluation.report import OPTIONAL
from tabgan.evaluation.scores import MEANINGS


@pytest.fixture
def halves(table) -> tuple[str, str]:
    people = pd.read_csv(table)
    people[::2].to_csv("real.csv", index=False)
    people[1::2].to_parquet("synth.parquet", index=False)
    return "real.csv", "synth.parquet"


def test_the_report_is_text_on_stdout(run, halves):
    done = run("evaluate", *halves)
    assert done.exit_code == 0, done.output
    for name in ("height", "city", "a=b"):
        assert name in done.stdout


def test_json_on_stdout_is_json_alone(run, halves):
    report = json.loads(run("evaluate", *halves, "--json").stdout)
    assert "height" in json.dumps(report)


BEGINNINGS = {"report.html": "<!doctype html", "report.json": "{", "report.md": "# Real against synthetic"}


def test_the_report_is_also_written_to_any_number_of_files(run, folder, halves):
    done = run("evaluate", *halves, *(word for name in BEGINNINGS for word in ("-o", name)))
    assert done.exit_code == 0, done.output
    assert "height" in done.stdout
    for name, beginning in BEGINNINGS.items():
        written = (folder / name).read_text(encoding="utf-8")
        assert "height" in written
        assert written.startswith(beginning)


def test_the_case_of_a_suffix_does_not_matter(run, folder, halves):
    assert run("evaluate", *halves, "-o", "REPORT.HTML").exit_code == 0
    assert (folder / "REPORT.HTML").read_text(encoding="utf-8").startswith("<!doctype html")


def test_a_picture_is_a_png(run, folder, halves):
    pytest.importorskip("matplotlib", reason="needs the extra plots")
    assert run("evaluate", *halves, "-o", "report.png").exit_code == 0
    assert (folder / "report.png").read_bytes().startswith(b"\x89PNG")


def test_findings_come_with_held_out_rows_and_a_target(run, halves):
    people = pd.read_csv("real.csv").sample(frac=1.0, replace=True, random_state=0)
    people.assign(height=people["height"] + 0.05).to_csv("held.csv", index=False)
    done = run("evaluate", *halves, "--holdout", "held.csv", "--target", "city")
    assert done.exit_code == 0, done.output
    for text in ("Findings", "Utility: a model for city", "Membership AUC", "held-out rows"):
        assert text in done.stdout
    assert "copies and attacks" in done.stderr


def test_a_measure_can_be_skipped_and_is_named(run, halves):
    done = run("evaluate", *halves, "--skip", "privacy", "--skip", "utility")
    assert "privacy: not asked for" in done.stdout
    assert "copies and attacks" not in done.stderr


def test_scores_at_their_bounds_pass(run, halves):
    done = run("evaluate", *halves, "--fail-under", "shape=0.5", "--fail-under", "copies=0.5")
    assert done.exit_code == 0, done.output
    assert "shape is" in done.stderr
    assert done.stderr.count("passed") == 2


def test_a_score_below_its_bound_ends_with_1_and_the_report_is_written(run, folder, halves):
    done = run("evaluate", *halves, "--fail-under", "shape=1", "--fail-under", "trend=0", "-o", "report.json")
    assert done.exit_code == 1
    assert "at least 1 was asked for: failed" in done.stderr
    assert "at least 0 was asked for: passed" in done.stderr
    assert (folder / "report.json").exists()


def test_a_score_that_was_not_computed_is_not_passed(run, halves):
    done = run("evaluate", *halves, "--skip", "detection", "--fail-under", "detection=0")
    assert done.exit_code == 1
    assert "detection was not computed" in done.stderr


@pytest.mark.parametrize("bound", ["shape", "speed=0.5", "shape=much", "shape=1.5", "shape=nan", "=0.5"])
def test_a_bound_that_means_nothing_is_refused_before_any_work(refuses, bound):
    refuses("evaluate", "no.csv", "no.csv", "--fail-under", bound, says=("expected", bound))


def test_an_unknown_target_is_refused(refuses, halves):
    refuses("evaluate", *halves, "--target", "weight", says=("'weight'", "'height'"))


def test_a_held_out_table_is_never_the_output(refuses, folder, halves):
    (folder / "held.json").symlink_to(folder / "real.csv")
    refuses("evaluate", *halves, "--holdout", "real.csv", "-o", "held.json", "--force", says=("input",))


def test_an_existing_report_is_replaced_only_with_force(run, refuses, folder, halves):
    (folder / "report.html").write_text("mine")
    refuses("evaluate", *halves, "-o", "report.html", says=("report.html", "--force"))
    assert run("evaluate", *halves, "-o", "report.html", "--force").exit_code == 0


@pytest.mark.parametrize("name", ["report.pdf", "report", "report.csv"])
def test_an_unknown_format_is_refused(refuses, halves, name):
    refuses("evaluate", *halves, "-o", name, says=(".html", name))


def test_the_tables_are_never_the_output(refuses, folder, halves):
    (folder / "real.json").symlink_to(folder / "real.csv")
    refuses("evaluate", *halves, "-o", "real.json", "--force", says=("input",))


LEFT_OUT = [option for measure in OPTIONAL for option in ("--skip", measure)]


def test_scores_that_reach_their_bounds_pass(run, halves):
    done = run("evaluate", *halves, *LEFT_OUT, "--fail-under", "shape=0.5", "--fail-under", "trend=0.5")
    assert done.exit_code == 0, done.output
    assert done.stderr.count("passed") == 2


@pytest.mark.parametrize(
    ("bound", "says"), [("shape=1", "failed"), ("privacy=0", "expected"), ("copies=0", "not computed")]
)
def test_a_score_below_its_bound_or_missing_ends_with_an_error(run, folder, halves, bound, says):
    done = run("evaluate", *halves, *LEFT_OUT, "-o", "report.json", "--fail-under", "trend=0", "--fail-under", bound)
    assert done.exit_code == (2 if says == "expected" else 1)
    assert says in done.stderr
    assert (folder / "report.json").exists() == (says != "expected")


@pytest.mark.parametrize("bound", ["shape", "shape=2", "shape=-0.1", "shape=nan", "shape=much", "=0.5"])
def test_a_bound_that_is_none_is_refused(run, halves, bound):
    done = run("evaluate", *halves, "--fail-under", bound)
    assert done.exit_code == 2
    assert "expected" in done.stderr


def test_the_help_explains_every_score(run):
    shown = run("evaluate", "--help").output
    assert all(f"  {name} " in shown for name in MEANINGS)


@pytest.mark.parametrize("name", ["report.md", "report.png"])
def test_markdown_and_pictures_are_written_too(run, folder, halves, name):
    if name.endswith("png"):
        pytest.importorskip("matplotlib")
    assert run("evaluate", *halves, *LEFT_OUT, "-o", name).exit_code == 0
    assert (folder / name).read_bytes()[:4] == (b"\x89PNG" if name.endswith("png") else b"# Re")


def test_tables_that_do_not_fit_are_refused(refuses, halves):
    pd.DataFrame({"height": [1.5, 2.5, 3.5], "colour": ["red", "blue", "red"]}).to_csv("other.csv", index=False)
    refuses("evaluate", "real.csv", "other.csv", says=("'city'", "'colour'"))


@pytest.mark.parametrize("pair", [("nothing.csv", "synth.parquet"), ("real.csv", "nothing.csv")])
def test_a_missing_table_is_refused(refuses, halves, pair):
    refuses("evaluate", *pair, says=("nothing.csv",))


def test_a_full_disk_is_a_message(start, table):
    with open("/dev/full", "wb") as full:
        process = start("evaluate", str(table), str(table), stdout=full)
        messages = process.communicate()[1]
    assert process.returncode == 1
    assert "space" in messages
    assert "bug" not in messages
