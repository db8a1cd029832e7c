from tabgan.version import __version__


def test_shows_schema_settings_versions_and_training(run, model):
    done = run("inspect", model)
    assert done.exit_code == 0, done.output
    assert done.stderr == ""
    for text in ("height", "continuous", "generator_width", "20 of 20", "critic", "nats a row", "seed", __version__):
        assert text in done.stdout


def test_takes_the_only_model_of_the_folder(run, model):
    assert run("inspect").stdout == run("inspect", "people.tabgan").stdout


def test_a_foreign_file_is_no_model(refuses, table):
    refuses("inspect", table, says=("people.csv",))


def test_a_missing_file_is_refused(refuses):
    refuses("inspect", "nothing.tabgan", says=("nothing.tabgan",))
