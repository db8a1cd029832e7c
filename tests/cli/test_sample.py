import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pyarrow.feather
import pyarrow.parquet
import pytest

from tabgan import TabGAN

from .conftest import ROOT

READERS = {
    ".csv": pd.read_csv,
    ".csv.gz": pd.read_csv,
    ".parquet": pd.read_parquet,
    ".arrow": pd.read_feather,
    ".feather": pd.read_feather,
    ".jsonl": lambda path: pd.read_json(path, lines=True),
}


@pytest.mark.parametrize("suffix", list(READERS))
def test_the_suffix_decides_the_format(run, model, suffix):
    done = run("sample", "-n", "25", "-o", f"synth{suffix}")
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    sampled = READERS[suffix](f"synth{suffix}")
    assert list(sampled.columns) == ["height", "city", "a=b"]
    assert len(sampled) == 25
    assert set(sampled["city"]) <= {"Ulm", "Jena", "Kiel"}


def test_standard_output_is_csv_and_nothing_else(start, model):
    process = start("sample", "-n", "25", "-o", "-")
    output, messages = process.communicate()
    assert process.returncode == 0, messages
    assert len(pd.read_csv(io.StringIO(output))) == 25


def test_where_holds_in_every_row(run, model):
    done = run("sample", "-n", "60", "-o", "synth.csv", "--where", "city=Ulm", "--where", "a=b=no")
    assert done.exit_code == 0, done.output
    sampled = pd.read_csv("synth.csv")
    assert set(sampled["city"]) == {"Ulm"}
    assert set(sampled["a=b"]) == {"no"}


def test_where_with_nothing_behind_the_equals_sign_means_missing(run, model):
    assert run("sample", "-n", "30", "-o", "synth.csv", "--where", "height=").exit_code == 0
    assert pd.read_csv("synth.csv")["height"].isna().all()


@pytest.mark.parametrize(
    ("conditions", "cells"),
    [
        (("city in (Ulm)", '"a=b" != yes'), {"city": "Ulm", "a=b": "no"}),
        (("city not in (Ulm, Jena)",), {"city": "Kiel"}),
        (("city != Ulm", "city!=Kiel", "a=b=yes"), {"city": "Jena", "a=b": "yes"}),
    ],
)
def test_several_conditions_hold_together(run, model, conditions, cells):
    options = [part for condition in conditions for part in ("--where", condition)]
    done = run("sample", "-n", "30", "-o", "synth.csv", *options)
    assert done.exit_code == 0, done.output
    sampled = pd.read_csv("synth.csv")
    for name, value in cells.items():
        assert set(sampled[name]) == {value}


def test_where_takes_ranges_and_lists(run, model):
    options = ("--where", "height >= 165.5", "--where", "height<175", "--where", "city in (Ulm, Kiel)")
    done = run("sample", "-n", "60", "-o", "synth.csv", *options)
    assert done.exit_code == 0, done.output
    sampled = pd.read_csv("synth.csv")
    assert sampled["height"].between(165.5, 174.9).all()
    assert set(sampled["city"]) == {"Ulm", "Kiel"}


def test_where_can_ask_for_missing_cells_in_words(run, model):
    assert run("sample", "-n", "30", "-o", "synth.csv", "--where", "height is missing").exit_code == 0
    assert pd.read_csv("synth.csv")["height"].isna().all()


def test_the_seed_decides_the_rows(run, model):
    for name, seed in (("one", "4"), ("two", "4"), ("three", "5")):
        assert run("sample", "-n", "50", "-o", f"{name}.parquet", "--seed", seed).exit_code == 0
    one, two, three = (pd.read_parquet(f"{name}.parquet") for name in ("one", "two", "three"))
    pd.testing.assert_frame_equal(one, two)
    assert not one.equals(three)


def test_the_file_holds_what_python_gives(run, model):
    run("sample", "-n", "40", "-o", "synth.parquet", "--seed", "1")
    expected = TabGAN.load(model).sample(40, seed=1)
    pd.testing.assert_frame_equal(pd.read_parquet("synth.parquet"), expected, check_dtype=False)


def test_balance_makes_classes_equal(run, model):
    assert run("sample", "-n", "60", "--balance", "city", "-o", "synth.csv").exit_code == 0
    assert pd.read_csv("synth.csv")["city"].value_counts().to_dict() == {"Ulm": 20, "Jena": 20, "Kiel": 20}


def test_balance_takes_shares(run, model):
    shares = ("--share", "yes=0.9", "--share", "no=0.1")
    assert run("sample", "-n", "50", "--balance", "a=b", *shares, "-o", "synth.csv").exit_code == 0
    assert pd.read_csv("synth.csv")["a=b"].value_counts().to_dict() == {"yes": 45, "no": 5}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--share", "yes=1"), ("--balance",)),
        (("--balance", "city", "--where", "a=b=yes"), ("--where or --balance",)),
        (("--balance", "height"), ("classes", "'height'")),
        (("--balance", "city", "--share", "Ulm=0.5"), ("add up to 1",)),
        (("--balance", "city", "--share", "Ulm=1", "--share", "Ulm=0.5"), ("'Ulm'", "twice")),
    ],
)
def test_a_balance_that_cannot_be_is_refused(refuses, model, options, says):
    refuses("sample", "-n", "5", *options, "-o", "synth.csv", says=says)


def test_without_a_model_the_help_is_in_the_message(refuses):
    refuses("sample", "-n", "5", "-o", "synth.csv", says=(".tabgan", "tabgan fit"))


def test_several_models_are_listed(run, refuses, folder, model):
    (folder / "other.tabgan").write_bytes(model.read_bytes())
    refuses("sample", "-n", "5", "-o", "synth.csv", says=("people.tabgan", "other.tabgan", "-m"))
    assert run("sample", "-n", "5", "-o", "synth.csv", "-m", "other.tabgan").exit_code == 0


@pytest.mark.parametrize("count", ["0", "-3", "many", "1.5"])
def test_a_wrong_number_of_rows_is_refused(refuses, model, count):
    refuses("sample", "-n", count, "-o", "synth.csv", says=("-n",))


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("town=Ulm", ("'town'", "city")),
        ("city=Ulms", ("city", "'Ulms'", "Ulm")),
        ("height=tall", ("height", "tall")),
        ("city", ("COLUMN=VALUE", "'city'")),
        ("city=", ("city",)),
        ("city=nan", ("city", "'nan'", "3 categories")),
        ("city is missing", ("city", "no cell of it was missing")),
        ("city>=Jena", ("city", "ordered categories", "in (A, B)")),
        ("city in (Ulm, Rome, Paris)", ("2 problems", "'Rome'", "'Paris'")),
        ("city in Ulm", ("brackets", "'city in Ulm'")),
        ("height>=900", ("height", "as in the table", ">= 900")),
        ("height between 180 and 170", ("height", "no higher than the upper one", ">= 180 and <= 170")),
        ("height<=", ("expected a value", "height<=")),
    ],
)
def test_a_condition_that_cannot_hold_is_refused(refuses, model, condition, says):
    refuses("sample", "-n", "5", "-o", "synth.csv", "--where", condition, says=says)
    refuses("sample", "-n", "5", "-o", "-", "--where", condition, says=says)


@pytest.mark.parametrize(("first", "second"), [("city=Ulm", "city=Kiel"), ("height>180", "height<170")])
def test_conditions_that_contradict_each_other_are_refused(refuses, model, first, second):
    refuses(
        *("sample", "-n", "5", "-o", "synth.csv", "--where", first, "--where", second),
        says=(first[:4], "contradict each other"),
    )


def test_an_existing_output_is_replaced_only_with_force(run, refuses, folder, model):
    (folder / "synth.csv").write_text("mine")
    refuses("sample", "-n", "5", "-o", "synth.csv", says=("synth.csv", "--force"))
    assert run("sample", "-n", "5", "-o", "synth.csv", "--force").exit_code == 0
    assert len(pd.read_csv("synth.csv")) == 5


def test_the_model_is_never_the_output(refuses, model):
    refuses("sample", "-n", "5", "-m", model, "-o", "./people.tabgan", "--force", says=("input",))


@pytest.mark.parametrize(
    ("output", "says", "code"), [("synth.docx", ".parquet", 2), ("nowhere/synth.csv", "nowhere", 1)]
)
def test_an_output_that_cannot_be_is_refused(run, folder, model, output, says, code):
    done = run("sample", "-n", "5", "-o", output)
    assert done.exit_code == code, done.output
    assert says in done.stderr
    assert [path.name for path in folder.iterdir()] == ["people.tabgan"]


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\x08\x00\x00\x00\x00\x00\x00\x00{}"])
def test_a_foreign_file_is_no_model(refuses, folder, content):
    (folder / "foreign.tabgan").write_bytes(content)
    refuses("sample", "-n", "5", "-o", "synth.csv", says=("foreign.tabgan",))


def test_a_truncated_or_altered_model_is_refused(refuses, folder, model):
    whole = model.read_bytes()
    model.write_bytes(whole[:-100])
    refuses("sample", "-n", "5", "-o", "synth.csv", says=("people.tabgan",))
    model.write_bytes(whole[:1_000] + bytes([whole[1_000] ^ 1]) + whole[1_001:])
    refuses("sample", "-n", "5", "-o", "synth.csv", says=("people.tabgan",))


def test_a_full_disk_is_a_message(start, model):
    with open("/dev/full", "wb") as full:
        process = start("sample", "-n", "5000", "-o", "-", stdout=full)
        messages = process.communicate()[1]
    assert process.returncode == 1
    assert "Traceback" not in messages
    assert "space" in messages


def test_a_request_to_end_leaves_nothing_behind(start, model, folder):
    before = set(folder.iterdir())
    process = start("sample", "-n", "50000000", "-o", "endless.parquet")
    while set(folder.iterdir()) == before and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 1
    assert set(folder.iterdir()) == before


def test_a_reader_that_goes_away_is_no_error(start, model):
    process = start("sample", "-n", "300000", "-o", "-")
    assert process.stdout.readline() == "height,city,a=b\n"
    process.stdout.close()
    messages = process.stderr.read()
    process.wait(60)
    assert "Traceback" not in messages
    assert "Error" not in messages


def test_parquet_of_many_rows_is_written_in_chunks(run, model):
    assert run("sample", "-n", "150000", "-o", "synth.parquet").exit_code == 0
    file = pyarrow.parquet.ParquetFile("synth.parquet")
    assert file.metadata.num_rows == 150_000
    assert file.num_row_groups > 1


def test_two_processes_write_the_same_bytes(start, folder, model):
    # One thread each, as `start` has it: with another number of threads sums are taken in another order.
    for name in ("one", "two"):
        process = start("sample", "-n", "500", "-o", f"{name}.parquet", "--seed", "1", stderr=subprocess.DEVNULL)
        assert process.wait(120) == 0
    assert (folder / "one.parquet").read_bytes() == (folder / "two.parquet").read_bytes()


def test_what_takes_long_to_import_is_not_imported(folder, model):
    heavy = ("sklearn", "scipy.stats", "scipy.optimize", "torch._dynamo", "torch._inductor", "optuna", "matplotlib")
    code = (
        "import sys\nfrom tabgan_cli.main import tabgan\n"
        "tabgan(['sample', '-n', '10', '-o', 'synth.csv'], standalone_mode=False)\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    path = os.pathsep.join([str(ROOT), str(ROOT / "cli")])
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=os.environ | {"PYTHONPATH": path}, text=True, capture_output=True
    )
    assert done.stdout.strip() == "[]", done.stderr
    assert len(pd.read_csv("synth.csv")) == 10


@pytest.mark.slow
def test_workers_write_the_same_file(start, folder, model):
    for name, options in {"one.csv": (), "two.csv": ("--workers", "2")}.items():
        process = start("sample", "-n", "9000", "-o", name, *options)
        assert process.wait() == 0, process.stderr.read()
    assert (folder / "one.csv").read_bytes() == (folder / "two.csv").read_bytes()


def test_workers_are_at_least_one(run, model):
    done = run("sample", "-n", "5", "-o", "synth.csv", "--workers", "0")
    assert done.exit_code == 2
    assert "--workers" in done.output


@pytest.mark.slow
def test_an_interrupt_ends_all_processes(start, folder, model):
    before = set(folder.iterdir())
    process = start("sample", "-n", "900000000", "-o", "synth.csv", "--workers", "2")
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while set(folder.iterdir()) == before or len(children.read_text().split()) < 3:  # with Python's resource tracker
        assert process.poll() is None
        time.sleep(0.05)
    begun = children.read_text().split()
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 1
    assert set(folder.iterdir()) == before
    deadline = time.monotonic() + 20  # what reaps orphans takes a moment
    while time.monotonic() < deadline and any(Path(f"/proc/{child}").exists() for child in begun):
        time.sleep(0.05)
    assert not any(Path(f"/proc/{child}").exists() for child in begun)
