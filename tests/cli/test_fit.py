import json
import signal
import time
from pathlib import Path

import pandas as pd
import pytest

from tabgan import Schema, TabGAN
from tabgan_cli.fit import _model_path


def test_writes_a_model_named_after_the_table_into_this_folder(run, folder, table, quick):
    done = run("fit", table, *quick)
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    assert [path.name for path in folder.glob("*.tabgan")] == ["people.tabgan"]
    assert len(TabGAN.load("people.tabgan").sample(5)) == 5


def test_shows_schema_then_progress_then_summary(run, table, quick):
    shown = run("fit", table, *quick).stderr
    assert "200 rows, 3 columns" in shown
    order = [shown.index(text) for text in ("categorical", "training: 10 %", "training: 100 %", "tabgan sample -m")]
    assert order == sorted(order)
    assert "critic" in shown
    assert "ended after 20 of 20 steps: all that were planned; the weights of step 20 are kept" in " ".join(
        shown.split()
    )
    assert "left" in shown
    assert shown.count("training: ") == 10


def test_settings_come_from_the_file_and_the_command_line_overrules_it(run, folder, table, quick):
    (folder / "settings.toml").write_text("steps = 7\nstage_width = 9\nepochs = 3.5\n")
    done = run("fit", table, *quick, "--config", "settings.toml", "--steps", "8", "--seed", "5")
    assert done.exit_code == 0, done.output
    model = TabGAN.load("people.tabgan")
    assert (model.config.steps, model.config.stage_width, model.config.epochs) == (8, 9, 3.5)
    assert model.seed == 5


def test_the_given_schema_is_used(run, folder, table, quick):
    assert run("schema", table, "-o", "people.json").exit_code == 0
    document = json.loads((folder / "people.json").read_text(encoding="utf-8"))
    document["columns"][0]["encoding"] = "modes"
    (folder / "people.json").write_text(json.dumps(document), encoding="utf-8")
    done = run("fit", table, *quick, "--schema", "people.json")
    assert done.exit_code == 0, done.output
    assert TabGAN.load("people.tabgan").schema["height"].encoding == "modes"
    assert TabGAN.load("people.tabgan").schema == Schema.read("people.json")


def test_metadata_of_sdv_is_a_schema(run, folder, table, quick):
    columns = {"height": {"sdtype": "numerical"}, "city": {"sdtype": "categorical"}, "a=b": {"sdtype": "unknown"}}
    document = {"METADATA_SPEC_VERSION": "SINGLE_TABLE_V1", "columns": columns}
    (folder / "meta.json").write_text(json.dumps(document), encoding="utf-8")
    done = run("fit", table, *quick, "--schema", "meta.json")
    assert done.exit_code == 0, done.output
    assert "warning: column 'a=b': its sdtype is unknown" in " ".join(done.stderr.split())
    assert "sdtype numerical" in TabGAN.load("people.tabgan").schema["height"].reason


def test_the_same_seed_makes_the_same_model(run, folder, table, quick):
    samples = []
    for name in ("one.tabgan", "two.tabgan"):
        run("fit", table, *quick, "-o", name, "--seed", "3")
        samples.append(TabGAN.load(name).sample(50))
    pd.testing.assert_frame_equal(*samples)


def test_an_existing_model_is_replaced_only_with_force(run, refuses, model, table, quick):
    before = model.read_bytes()
    refuses("fit", table, *quick, "--seed", "9", says=("people.tabgan", "--force"))
    assert run("fit", table, *quick, "--seed", "9", "--force").exit_code == 0
    assert model.read_bytes() != before


def test_free_text_is_learnt_with_progress_of_its_own(run, folder, quick):
    notes = [f"the customer number {i} wrote a long note about {'x' * (i % 7)} things" for i in range(200)]
    pd.DataFrame({"note": notes, "kind": ["a", "b"] * 100}).to_csv("notes.csv", index=False)
    done = run("fit", "notes.csv", *quick, "--text-minutes", "0.02")
    assert done.exit_code == 0, done.output
    assert "free text: 100 %" in done.stderr
    rows = TabGAN.load("notes.tabgan").sample(20)
    assert rows["note"].str.len().gt(0).all()
    assert not set(rows["note"]) & set(notes)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_training_in_order_and_writes_the_model(start, folder, table, sent):
    options = ("--steps", "4000", "--batch-size", "32", "--generator-width", "16", "--critic-width", "16")
    process = start("fit", table, *options)
    for line in process.stderr:
        if "training: 10 %" in line:
            process.send_signal(sent)
            break
    rest = process.stderr.read()
    assert process.wait(60) == 0, rest
    assert "interrupted" in rest
    assert "Traceback" not in rest
    model = TabGAN.load("people.tabgan")
    assert len(model.sample(10)) == 10
    assert 400 <= model.history[-1].step < 4_000


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.csv", b"", ("empty.csv",)),
        ("header.csv", b"a,b\n", ("header.csv", "row")),
        ("one.csv", b"a,b\n1,2\n", ("row",)),
        ("twice.csv", b"a,a\n1,2\n3,4\n", ("'a'",)),
        ("infinite.csv", b"a,b\n1.5,x\ninf,y\n-inf,x\n2.5,y\n", ("'a'", "infinite")),
        ("mixed.jsonl", b'{"a": 1}\n{"a": "x"}\n{"a": 2}\n', ("mixed.jsonl", "a")),
        ("nested.jsonl", b'{"a": [1, 2]}\n{"a": [3]}\n', ("'a'", "list")),
        ("ragged.csv", b"a,b\n1,2\n1,2,3\n", ("ragged.csv",)),
        ("noise.parquet", b"\x00\x01\x02\x03" * 9, ("noise.parquet",)),
        ("noise.xyz", b"a,b\n1,2\n", ("noise.xyz", ".csv")),
    ],
)
def test_bad_tables_are_refused_by_name(refuses, folder, quick, name, content, says):
    (folder / name).write_bytes(content)
    refuses("fit", name, *quick, says=says)


def test_a_missing_table_is_refused(refuses, quick):
    refuses("fit", "nothing.csv", *quick, says=("nothing.csv",))


def test_a_folder_is_no_table(refuses, folder, quick):
    (folder / "things.csv").mkdir()
    refuses("fit", "things.csv", *quick, says=("things.csv",))


def test_an_all_missing_column_is_named_and_kept(run, folder, quick):
    (folder / "gap.csv").write_text("a,b\n1,\n2,\n1,\n2,\n1,\n2,\n")
    done = run("fit", "gap.csv", *quick)
    assert done.exit_code == 0, done.output
    assert any("'b'" in line for line in done.stderr.splitlines() if line.startswith("warning: "))
    sampled = TabGAN.load("gap.tabgan").sample(20)
    assert list(sampled.columns) == ["a", "b"]
    assert sampled["b"].isna().all()


def test_another_encoding_is_read_with_a_warning_line(run, folder, quick):
    (folder / "latin.csv").write_bytes("stadt\nKöln\nUlm\n".encode("latin-1"))
    done = run("fit", "latin.csv", *quick)
    assert done.exit_code == 0, done.output
    assert done.stderr.startswith("warning: latin.csv")
    assert set(TabGAN.load("latin.tabgan").sample(20)["stadt"]) <= {"Köln", "Ulm"}


def test_two_rows_are_enough(run, folder, quick):
    (folder / "two.csv").write_text("a,b\n1.5,x\n2.5,y\n")
    done = run("fit", "two.csv", *quick)
    assert done.exit_code == 0, done.output
    assert len(TabGAN.load("two.tabgan").sample(7)) == 7


def test_weird_column_names(run, folder, quick):
    names = ["größe in cm", "7", "💡", "a=b", "[bold]x", " "]
    frame = pd.DataFrame({name: [1.5, 2.5, 3.5, 4.5] * 10 for name in names})
    frame.to_csv("weird.csv", index=False)
    done = run("fit", "weird.csv", *quick)
    assert done.exit_code == 0, done.output
    assert "[bold]x" in done.stderr
    assert list(TabGAN.load("weird.tabgan").sample(3).columns) == names


def test_a_schema_that_does_not_fit_is_refused_with_all_problems(run, refuses, folder, table, quick):
    run("schema", table, "-o", "people.json")
    pd.DataFrame({"height": ["tall"] * 9, "colour": ["red"] * 9}).to_csv("other.csv", index=False)
    refuses("fit", "other.csv", *quick, "--schema", "people.json", says=("'city'", "'colour'", "'height'"))


@pytest.mark.parametrize("text", ["{", '{"columns": 3}', "[]"])
def test_a_broken_schema_is_refused(refuses, folder, table, quick, text):
    (folder / "broken.json").write_text(text)
    refuses("fit", table, *quick, "--schema", "broken.json", says=("broken.json",))


def test_wrong_settings_are_refused_all_at_once(refuses, folder, table):
    (folder / "wrong.toml").write_text('stepz = 3\npac = "two"\n')
    refuses("fit", table, "--config", "wrong.toml", says=("wrong.toml", "'stepz'", "'steps'", "pac"))
    refuses("fit", table, "--steps", "-1", "--averaging", "2", says=("steps", "averaging"))


@pytest.mark.parametrize("content", [b"steps = = 3", b"\xff\xfe"])
def test_a_settings_file_that_is_no_toml_is_refused(refuses, folder, table, content):
    (folder / "wrong.toml").write_bytes(content)
    refuses("fit", table, "--config", "wrong.toml", says=("wrong.toml", "TOML"))


@pytest.mark.parametrize(
    ("options", "says", "code"),
    [
        (("-o", "nowhere/x.tabgan"), "nowhere", 1),
        (("-o", "people.csv"), "people.csv", 2),
        (("-o", "model.parquet"), ".tabgan", 2),
        (("--device", "abacus"), "abacus", 2),
        (("--seed", "-1"), "--seed", 2),
        (("--schema", "nothing.json"), "nothing.json", 2),
        (("--config", "nothing.toml"), "nothing.toml", 2),
        (("--steps", "many"), "--steps", 2),
    ],
)
def test_wrong_options_are_refused(run, folder, table, quick, options, says, code):
    done = run("fit", table, *quick, *options)
    assert done.exit_code == code, done.output
    assert says in done.stderr
    assert [path.name for path in folder.iterdir()] == ["people.csv"]


def test_two_processes_make_the_same_model(start, folder, table, quick):
    # One thread each: with another number of threads sums are taken in another order. Hashes of text differ as they do
    # between any two processes, so nothing may hang on the order of a set.
    processes = [start("fit", table, *quick, "--seed", "3", "-o", f"{name}.tabgan") for name in ("one", "two")]
    for process in processes:
        messages = process.communicate(timeout=120)[1]
        assert process.returncode == 0, messages
    samples = [TabGAN.load(f"{name}.tabgan").sample(200) for name in ("one", "two")]
    pd.testing.assert_frame_equal(*samples)


@pytest.mark.parametrize("table", ["a.csv", "b/a.csv.gz", "a.csv.zst", "a.CSV.GZ", "a.parquet", "a.jsonl", "a"])
def test_the_model_is_named_after_the_table_without_any_of_its_suffixes(table):
    assert _model_path(Path(table), None) == Path("a.tabgan")


def test_only_suffixes_of_tables_are_cut_off():
    assert _model_path(Path("sales.v2.csv"), None) == Path("sales.v2.tabgan")
    assert _model_path(Path(".csv"), None) == Path(".csv.tabgan")


def test_a_wrong_device_is_told_before_the_table_is_read(refuses, folder):
    (folder / "empty.csv").touch()
    refuses("fit", "empty.csv", "--device", "abacus", says=("abacus",))


def test_a_model_goes_on_from_another_one_and_news_are_told(run, folder, table, model, quick):
    more = pd.read_csv(table).replace({"city": {"Kiel": "Bonn"}})
    more.to_csv(folder / "more.csv", index=False)
    done = run("fit", "more.csv", "--from", model, "--steps", "5", "--batch-size", "32", "--device", "cpu")
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    shown = " ".join(done.stderr.split())
    assert "warning: new to the model that training starts from: - column 'city' has 1 new category: 'Bonn'" in shown
    assert shown.index("1 new category") < shown.index("training: 100 %")
    made = TabGAN.load("more.tabgan")
    assert set(made.sample(200)["city"]) == {"Ulm", "Jena", "Bonn"}
    assert made.config.generator_width == 16


def test_a_start_and_a_schema_and_tables_that_differ_are_refused(run, refuses, folder, table, model, quick):
    assert run("schema", table, "-o", "people.json").exit_code == 0
    refuses("fit", table, "--from", model, "--schema", "people.json", "-o", "new.tabgan", says=("leave --schema out",))
    refuses("fit", table, "--from", model, says=("is also an input",))
    pd.read_csv(table).drop(columns="city").assign(town="x").to_csv(folder / "other.csv", index=False)
    said = ("does not fit the model, 2 problems", "column 'city' is missing", "column 'town' is not in the schema")
    refuses("fit", "other.csv", "--from", model, *quick[:4], "--device", "cpu", says=said)
    refuses("fit", table, "--from", "none.tabgan", "-o", "new.tabgan", says=("none.tabgan",))


LONG = ("--steps", "4000", "--batch-size", "32", "--generator-width", "16", "--critic-width", "16", "--device", "cpu")


@pytest.fixture
def killed(start, folder, table) -> Path:
    """people.tabgan.checkpoint in the working directory, of a training that was killed."""
    process = start("fit", table, *LONG, "--checkpoint-every", "0")
    while not (folder / "people.tabgan.checkpoint2").exists() and process.poll() is None:
        time.sleep(0.02)
    process.kill()
    process.wait()
    return folder / "people.tabgan.checkpoint"


def test_a_left_over_checkpoint_is_neither_used_nor_lost_unasked(run, refuses, folder, table, quick, killed):
    refuses("fit", table, *LONG, says=("people.tabgan.checkpoint", "--resume", "--force"))
    refuses("fit", table, *LONG, "--no-checkpoint", says=("--resume", "--force"))
    refuses("fit", table, *LONG, "--resume", "--force", says=("choose one",))
    refuses("fit", table, *LONG, "--resume", "--no-checkpoint", says=("--no-checkpoint",))
    refuses("fit", table, *quick, "--resume", says=("of another run", "setting steps was 4000, is 20"))
    refuses("sample", "-m", killed, "-n", "3", "-o", "x.csv", says=("is a checkpoint of a training", "--resume"))
    done = run("fit", table, *quick, "--force")
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in folder.iterdir()) == ["people.csv", "people.tabgan"]


def test_both_checkpoints_damaged_end_with_an_error_that_names_them(refuses, table, killed):
    for path in killed.parent.glob("people.tabgan.checkpoint*"):
        path.write_bytes(path.read_bytes()[:-1])
    refuses("fit", table, *LONG, "--resume", says=("checkpoint' is damaged", "checkpoint2' is damaged"))


def test_without_a_checkpoint_there_is_nothing_to_resume(refuses, folder, table, quick, model):
    refuses("fit", table, *quick, "--resume", says=("nothing to resume", "'people.tabgan' is finished", "--force"))
    model.unlink()
    refuses("fit", table, *quick, "--resume", says=("nothing to resume", "begin without --resume"))


@pytest.mark.parametrize("wrong", ["-1", "often"])
def test_the_time_between_checkpoints_is_checked(refuses, table, quick, wrong):
    refuses("fit", table, *quick, "--checkpoint-every", wrong, says=("--checkpoint-every",))


def test_no_checkpoints_where_none_are_wanted(run, folder, table, quick):
    done = run("fit", table, *quick, "--no-checkpoint", "--checkpoint-every", "0")
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in folder.iterdir()) == ["people.csv", "people.tabgan"]


def test_a_folder_is_learnt_like_its_rows(run, folder, table, quick):
    (folder / "parts").mkdir()
    rows = pd.read_csv(table)
    rows.iloc[:90].to_parquet(folder / "parts" / "0.parquet")
    rows.iloc[90:].to_parquet(folder / "parts" / "1.parquet")
    done = run("fit", "parts", *quick)
    assert done.exit_code == 0, done.output
    assert "parts: 200 rows, 3 columns" in done.stderr
    assert "read in passes" not in done.stderr
    assert TabGAN.load("parts.tabgan").info["n_rows"] == 200


def test_a_large_table_is_announced_and_read_in_passes(run, folder, quick):
    rows = pd.DataFrame({"x": range(20_000), "c": ["a", "b"] * 10_000})
    rows.to_parquet(folder / "long.parquet")
    done = run("fit", "long.parquet", *quick, "--max-memory", "0.0001")
    assert done.exit_code == 0, done.output
    assert "long.parquet is read in passes: at most " in done.stderr
    assert " of 20,000 rows are drawn and learnt" in done.stderr
    assert "long.parquet: 20,000 rows, 2 columns" in done.stderr
    info = TabGAN.load("long.tabgan").info
    assert info["learnt_rows"] < info["n_rows"] == 20_000
    again = run("fit", "long.parquet", *quick, "--force", "--max-memory", "1")
    assert "read in passes" not in again.stderr
    assert run("fit", "long.parquet", "--max-memory", "0").exit_code == 2


def test_a_given_schema_holds_for_a_large_table(run, folder, quick):
    rows = pd.DataFrame({"x": range(20_000), "c": ["a", "b"] * 10_000})
    rows.to_parquet(folder / "long.parquet")
    assert run("schema", "long.parquet", "-o", "long.json").exit_code == 0
    document = json.loads((folder / "long.json").read_text(encoding="utf-8"))
    document["constraints"] = [{"kind": "range", "column": "x", "low": 0, "high": 19_998}]
    document["columns"][0]["kind"] = "continuous"
    (folder / "long.json").write_text(json.dumps(document), encoding="utf-8")
    done = run("fit", "long.parquet", *quick, "--schema", "long.json", "--max-memory", "0.0001")
    assert done.exit_code != 0
    assert "1 row breaks" in done.stderr
    assert not (folder / "long.tabgan").exists()
