import json
from pathlib import Path

import pandas as pd
import pytest

GOLDEN = Path(__file__).parents[1] / "golden" / "format_2.tabgan"


def test_shows_the_curves_the_ending_and_the_samples(run, model):
    done = run("report", model)
    assert done.exit_code == 0, done.output
    assert done.stderr == ""
    for text in (
        "ended after 20 of 20 steps",
        "20 kept",
        "surprise",
        "critic: real",
        "chance",
        "500 rows of the weights",
    ):
        assert text in done.stdout
    assert run("report").stdout == done.stdout


def test_the_samples_can_be_compared_with_a_real_table(run, model, table):
    done = run("report", model, "--real", table)
    assert done.exit_code == 0, done.output
    assert "beside 200 real rows" in done.stdout


def test_the_report_is_also_written_as_json(run, folder, model, table):
    done = run("report", "--real", table, "-o", "training.json")
    assert done.exit_code == 0, done.output
    document = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    assert document["kept_step"] == 20
    assert [column["name"] for column in document["snapshots"][0]["columns"]] == ["height", "city", "a=b"]


def test_the_report_is_also_written_as_a_page(run, folder, model, table):
    done = run("report", "--real", table, "-o", "training.html")
    assert done.exit_code == 0, done.output
    page = (folder / "training.html").read_text(encoding="utf-8")
    assert "height" in page
    assert page.startswith("<!doctype html")


def test_an_existing_report_is_replaced_only_with_force(run, refuses, folder, model):
    (folder / "training.json").write_text("mine")
    refuses("report", "-o", "training.json", says=("training.json", "--force"))
    assert run("report", "-o", "training.json", "--force").exit_code == 0


@pytest.mark.parametrize("name", ["training.pdf", "training"])
def test_an_unknown_format_is_refused(refuses, model, name):
    refuses("report", "-o", name, says=(".json", name))


def test_the_real_table_is_never_the_output(refuses, folder, model, table):
    (folder / "real.json").symlink_to(table)
    refuses("report", "--real", table, "-o", "real.json", "--force", says=("input",))


def test_a_table_that_does_not_fit_is_refused(refuses, model):
    pd.DataFrame({"height": [1.5, 2.5], "colour": ["red", "blue"]}).to_csv("other.csv", index=False)
    refuses("report", "--real", "other.csv", says=("'city'", "'colour'"))


def test_a_foreign_file_is_no_model(refuses, table):
    refuses("report", table, says=("people.csv",))


def test_without_a_model_it_says_how_to_make_one(refuses, folder):
    refuses("report", says=("tabgan fit",))


def test_settings_that_differ_and_what_happened_are_shown(run, folder, table, quick):
    assert run("fit", table, *quick, "--pac", "2", "--holdout", "0.3").exit_code == 0
    shown = run("report").stdout
    assert "Settings that differ from the defaults" in shown
    assert "2 rows (default 1)" in shown
    assert "What happened" in shown
    assert "at the end" in shown
    assert "real rows" in shown
    assert "floor" in shown
    for heading in ("Training", "Curves", "Figures", "Samples"):
        assert heading in shown


def test_the_report_is_also_written_as_markdown(run, folder, model):
    done = run("report", "-o", "training.md")
    assert done.exit_code == 0, done.output
    text = (folder / "training.md").read_text(encoding="utf-8")
    assert text.startswith("# How the model was trained\n")
    assert "| `steps` | 20 steps |" in text


def test_a_model_of_an_older_version_shows_what_it_has(run):
    done = run("report", GOLDEN)
    assert done.exit_code == 0, done.output
    assert "ended after 20 of 20 steps" in done.stdout
    assert "What happened" not in done.stdout
