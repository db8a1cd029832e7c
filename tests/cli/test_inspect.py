from pathlib import Path

from tabgan.version import __version__

GOLDEN = Path(__file__).parents[1] / "golden" / "format_2.tabgan"


def test_shows_schema_settings_versions_and_training(run, model):
    done = run("inspect", model)
    assert done.exit_code == 0, done.output
    assert done.stderr == ""
    for text in ("height", "continuous", "generator_width", "20 of 20", "critic", "nats a row", "seed", __version__):
        assert text in done.stdout


def test_says_in_words_how_training_ended_and_what_is_kept(run, model):
    shown = run("inspect", model).stdout
    assert "ended after 20 of 20 steps: all that were planned; the weights of step 20 are kept" in " ".join(
        shown.split()
    )
    assert "kept_step" not in shown


def test_says_how_far_generated_rows_lie_from_rows_held_out(run, folder, table, quick):
    assert run("fit", table, *quick, "--holdout", "0.2").exit_code == 0
    shown = run("inspect").stdout
    assert "% from generated rows to rows held out, where chance would give" in shown


def test_takes_the_only_model_of_the_folder(run, model):
    assert run("inspect").stdout == run("inspect", "people.tabgan").stdout


def test_a_foreign_file_is_no_model(refuses, table):
    refuses("inspect", table, says=("people.csv",))


def test_a_missing_file_is_refused(refuses):
    refuses("inspect", "nothing.tabgan", says=("nothing.tabgan",))


def test_settings_that_differ_from_the_defaults_come_first(run, folder, table, quick):
    assert run("fit", table, *quick, "--penalty-weight", "5").exit_code == 0
    shown = run("inspect").stdout
    changed = shown[shown.index("Settings that differ from the defaults") : shown.index("Other settings")]
    assert "penalty_weight   5 (default as suits the objective)" in changed
    assert "steps            20 steps (default 0)" in changed
    assert "weight_clip as suits the objective" in " ".join(shown[shown.index("Other settings") :].split())


def test_the_state_at_the_end_and_what_happened_are_said(run, model):
    shown = run("inspect", model).stdout
    assert "\nstate" in shown
    assert "\nWhat happened\n" in shown
    assert "step 1  ● learning: " in shown
    assert "floors" not in shown


def test_a_model_of_an_older_version_shows_what_it_has(run):
    done = run("inspect", GOLDEN)
    assert done.exit_code == 0, done.output
    assert "What happened" not in done.stdout
