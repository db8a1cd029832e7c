import json

from tabgan import Schema


def test_a_table_is_printed_with_a_reason_for_each_column(run, table):
    done = run("schema", table)
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["column", "kind", "type", "missing", "why"]
    for name, kind, reason in (
        ("height", "continuous", "153 values"),
        ("city", "categorical", "3 values"),
        ("a=b", "categorical", "2 values"),
    ):
        row = next(line for line in lines if line.startswith(f"{name} "))
        assert row.split()[1] == kind
        assert reason in row
    assert done.stderr == ""


def test_json_is_the_schema(run, table):
    done = run("schema", table, "--json")
    assert Schema.from_json(json.loads(done.stdout)).names == ("height", "city", "a=b")


def test_the_file_reads_back(run, table):
    done = run("schema", table, "-o", "people.json")
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    assert Schema.read("people.json")["city"].kind == "categorical"


def test_an_existing_file_is_replaced_only_with_force(run, refuses, folder, table):
    (folder / "people.json").write_text("mine")
    refuses("schema", table, "-o", "people.json", says=("people.json", "--force"))
    assert run("schema", table, "-o", "people.json", "--force").exit_code == 0


def test_the_table_is_never_the_output(refuses, table):
    refuses("schema", table, "-o", table, "--force", says=("input",))


def test_a_missing_table_is_refused(refuses):
    refuses("schema", "nothing.csv", says=("nothing.csv",))


def test_metadata_of_other_tools_is_a_start(run, refuses, folder, table):
    fields = [{"name": "height"}, {"name": "city"}, {"name": "a=b", "type": "string"}]
    (folder / "meta.json").write_text(json.dumps({"fields": fields, "primaryKey": []}), encoding="utf-8")
    done = run("schema", table, "--from", "meta.json", "-o", "people.json")
    assert done.exit_code == 0, done.output
    assert Schema.read("people.json").names == ("height", "city", "a=b")
    (folder / "meta.json").write_text(json.dumps({"fields": fields[:2]}), encoding="utf-8")
    refuses("schema", table, "--from", "meta.json", says=("meta.json", "a=b"))
    refuses("schema", table, "--from", "meta.json", "-o", "meta.json", "--force", says=("input",))


def test_rules_that_hold_in_every_row_are_shown(run, folder):
    rows = [f"{i},{i % 7},{i % 2},{1 - i % 2}" for i in range(300)]
    (folder / "rules.csv").write_text("\n".join(["x,group[red],a,b", *rows]))
    done = run("schema", "rules.csv")
    assert done.exit_code == 0, done.output
    heading = done.stdout.splitlines().index("rules that hold in every row")
    assert done.stdout.splitlines()[heading + 1 :] == ["  exactly one of a, b is 1"]
