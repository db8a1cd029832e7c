import numpy as np
import pandas as pd
import pytest

from tabgan import TabGAN, TrainingConfig


@pytest.fixture(scope="module")
def learnt(tmp_path_factory):
    """A model of people who are as tall as is usual in their city."""
    random = np.random.default_rng(0)
    city = random.integers(0, 3, 400)
    people = pd.DataFrame(
        {
            "height": (150 + 20 * city + random.normal(0, 3, 400)).round(1),
            "city": np.array(["Ulm", "Jena", "Kiel"])[city],
            "a=b": random.choice(["yes", "no"], 400),
        }
    )
    people.loc[:9, "height"] = np.nan
    path = tmp_path_factory.mktemp("learnt") / "people.tabgan"
    TabGAN(TrainingConfig(steps=60, generator_width=16, stage_width=16), device="cpu").fit(people).save(path)
    return path


@pytest.fixture
def model(folder, learnt):
    """people.tabgan in the working directory."""
    path = folder / "people.tabgan"
    path.write_bytes(learnt.read_bytes())
    return path


@pytest.fixture
def rows(folder):
    """rows.csv: three people as they are, and one who is not."""
    path = folder / "rows.csv"
    frame = pd.DataFrame(
        {
            "height": [150.5, None, 189.0, 900.0],
            "city": ["Ulm", "Jena", "Kiel", "Ulm"],
            "a=b": ["yes", "no", "no", "no"],
        }
    )
    frame.to_csv(path, index=False)
    return path


def test_a_summary_on_stderr_names_the_oddest_rows(run, model, rows):
    done = run("score", rows, "--lowest", "2")
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert any(line.startswith("mean realism 0.") and "of 4 rows" in line for line in lines)
    shown = [line for line in lines if line.startswith("  row ")]
    assert len(shown) == 2
    assert shown[0].startswith("  row 4: 0.")
    assert "nats)" in shown[0]


def test_the_output_is_the_table_with_its_scores(run, model, rows):
    done = run("score", rows, "-o", "scored.csv")
    assert done.exit_code == 0, done.output
    assert "4 rows of" in done.stderr
    scored = pd.read_csv("scored.csv")
    assert list(scored.columns) == ["height", "city", "a=b", "realism"]
    pd.testing.assert_frame_equal(scored.drop(columns="realism"), pd.read_csv(rows))
    assert scored["realism"].between(0, 1).all()
    assert scored["realism"].idxmin() == 3


def test_the_file_holds_what_python_gives(run, model, rows):
    assert run("score", rows, "--explain", "-o", "scored.parquet").exit_code == 0
    scored = pd.read_parquet("scored.parquet")
    expected = TabGAN.load(model, device="cpu").score(rows, explain=True)
    assert scored["realism"].tolist() == expected["realism"].tolist()
    for said, because, nats in zip(scored["because"], expected["because"], expected["nats"], strict=True):
        assert said == f"{because} ({nats:.1f} nats)"


def test_standard_output_is_csv(run, model, rows):
    done = run("score", rows, "--explain", "-o", "-")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == "height,city,a=b,realism,because"
    assert len(done.stdout.splitlines()) == 5


def test_other_columns_stay_and_are_named(run, folder, model, rows):
    frame = pd.read_csv(rows).assign(extra=range(4))
    frame.to_csv("more.csv", index=False)
    done = run("score", "more.csv", "-o", "scored.csv")
    assert done.exit_code == 0, done.output
    assert "'extra'" in done.stderr
    assert pd.read_csv("scored.csv")["extra"].tolist() == [0, 1, 2, 3]


def test_keys_are_said_to_be_left_aside(run, folder):
    frame = pd.DataFrame({"id": [f"K{i:04d}" for i in range(400)], "a": [i % 7 for i in range(400)]})
    gan = TabGAN(TrainingConfig(steps=3), device="cpu").fit(frame)
    gan.save("keys.tabgan")
    frame[:5].to_csv("keys.csv", index=False)
    done = run("score", "keys.csv", "-m", "keys.tabgan")
    assert done.exit_code == 0, done.output
    assert "id: a key column is not looked at" in done.stderr


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("height,city\n170,Ulm\n", "'a=b' is missing"),
        ("height,city,a=b\ntall,Ulm,yes\n", "height"),
        ("height,city,a=b\n", ""),
        ("height,city,a=b,realism\n170,Ulm,yes,1\n", "'realism'"),
    ],
)
def test_what_cannot_be_scored_is_refused(refuses, folder, model, content, says):
    (folder / "bad.csv").write_text(content)
    refuses("score", "bad.csv", "-o", "scored.csv", says=(says,))


def test_the_table_is_never_the_output_and_nothing_is_replaced_unasked(refuses, run, model, rows):
    refuses("score", rows, "-o", rows, "--force", says=("input",))
    assert run("score", rows, "-o", "scored.csv").exit_code == 0
    refuses("score", rows, "-o", "scored.csv", says=("--force",))
    assert run("score", rows, "-o", "scored.csv", "--force").exit_code == 0


def test_a_missing_table_and_a_missing_model_are_refused(refuses, folder, model, rows):
    refuses("score", "no.csv", says=("no.csv",))
    model.unlink()
    refuses("score", rows, says=("tabgan fit",))
