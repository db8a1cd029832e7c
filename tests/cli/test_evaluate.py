import json

import pandas as pd
import pytest


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


@pytest.mark.parametrize("name", ["report.html", "report.json"])
def test_the_report_is_also_written(run, folder, halves, name):
    done = run("evaluate", *halves, "-o", name)
    assert done.exit_code == 0, done.output
    assert "height" in done.stdout
    written = (folder / name).read_text(encoding="utf-8")
    assert "height" in written
    assert written.lstrip().lower().startswith("{" if name.endswith("json") else "<!doctype html")


def test_an_existing_report_is_replaced_only_with_force(run, refuses, folder, halves):
    (folder / "report.html").write_text("mine")
    refuses("evaluate", *halves, "-o", "report.html", says=("report.html", "--force"))
    assert run("evaluate", *halves, "-o", "report.html", "--force").exit_code == 0


@pytest.mark.parametrize("name", ["report.pdf", "report"])
def test_an_unknown_format_is_refused(refuses, halves, name):
    refuses("evaluate", *halves, "-o", name, says=(".html", name))


def test_the_tables_are_never_the_output(refuses, folder, halves):
    (folder / "real.json").symlink_to(folder / "real.csv")
    refuses("evaluate", *halves, "-o", "real.json", "--force", says=("input",))


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
