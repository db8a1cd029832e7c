import json

from tabgan import Schema


def test_a_table_is_printed_with_a_reason_for_each_column(run, table):
    done = run("schema", table)
    assert done.exit_code == 0, done.output
    rows = {line.split()[0]: line for line in done.stdout.splitlines()[1:]}
    assert set(rows) == {"height", "city", "a=b"}
    assert "continuous" in rows["height"]
    assert "3 values" in rows["city"]
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
