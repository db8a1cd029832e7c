import pandas as pd
import pytest

from tabgan import TabGAN


@pytest.fixture
def holes(folder):
    """holes.csv: people of whom something is missing."""
    path = folder / "holes.csv"
    frame = pd.DataFrame({"height": [170.5, None, None], "city": ["Ulm", None, "Kiel"], "a=b": [None, "yes", None]})
    frame.to_csv(path, index=False)
    return path


def test_holes_are_filled_and_known_cells_stay(run, model, holes):
    done = run("impute", holes, "-o", "whole.csv")
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    assert "3 rows of" in done.stderr
    assert "filled" in done.stderr
    whole = pd.read_csv("whole.csv")
    assert list(whole.columns) == ["height", "city", "a=b"]
    assert not whole.isna().any().any()
    assert whole["height"][0] == 170.5
    assert whole["city"].tolist()[::2] == ["Ulm", "Kiel"]
    assert whole["a=b"][1] == "yes"
    assert set(whole["city"]) <= {"Ulm", "Jena", "Kiel"}


def test_columns_may_be_lacking(run, folder, model):
    (folder / "some.csv").write_text("city\nUlm\nJena\n")
    assert run("impute", "some.csv", "-o", "whole.parquet").exit_code == 0
    whole = pd.read_parquet("whole.parquet")
    assert whole["city"].tolist() == ["Ulm", "Jena"]
    assert whole["height"].notna().all()


def test_the_file_holds_what_python_gives(run, model, holes):
    run("impute", holes, "-o", "whole.parquet", "--seed", "3", "--likeliest")
    expected = TabGAN.load(model).impute(holes, seed=3, likeliest=True)
    pd.testing.assert_frame_equal(pd.read_parquet("whole.parquet"), expected, check_dtype=False)


def test_the_seed_decides(run, folder, model):
    (folder / "some.csv").write_text("city\n" + "Ulm\n" * 40)
    for name, seed in (("one", "1"), ("two", "1"), ("three", "2")):
        assert run("impute", "some.csv", "-o", f"{name}.csv", "--seed", seed).exit_code == 0
    one, two, three = ((folder / f"{name}.csv").read_text() for name in ("one", "two", "three"))
    assert one == two
    assert one != three


def test_standard_output_is_csv(run, model, holes):
    done = run("impute", holes, "-o", "-")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == "height,city,a=b"
    assert len(done.stdout.splitlines()) == 4


def test_foreign_cells_are_named_and_stay(run, folder, model):
    (folder / "some.csv").write_text("city,a=b\nRom,yes\nUlm,no\n")
    done = run("impute", "some.csv", "-o", "whole.csv")
    assert done.exit_code == 0
    assert "'city' (1)" in done.stderr
    assert pd.read_csv("whole.csv")["city"].tolist() == ["Rom", "Ulm"]


@pytest.mark.parametrize(
    ("content", "says"),
    [("town,city\nUlm,Ulm\n", "'town'"), ("height\ntall\nsmall\n", "height"), ("", "empty"), ("city\n", "")],
)
def test_what_does_not_fit_is_refused(refuses, folder, model, content, says):
    (folder / "bad.csv").write_text(content)
    refuses("impute", "bad.csv", "-o", "whole.csv", says=(says,))


def test_the_table_is_never_the_output(refuses, model, holes):
    refuses("impute", holes, "-o", holes, "--force", says=("input",))


def test_a_missing_table_and_a_missing_model_are_refused(refuses, folder, model, holes):
    refuses("impute", "no.csv", "-o", "whole.csv", says=("no.csv",))
    model.unlink()
    refuses("impute", holes, "-o", "whole.csv", says=("tabgan fit",))
