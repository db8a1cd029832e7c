"""A tiny table through the whole command."""

import json
import shutil

import pandas as pd

from benchmarks.fidelity.__main__ import main
from benchmarks.fidelity.datasets import load
from benchmarks.fidelity.environments import NAMES, REQUIREMENTS
from benchmarks.fidelity.runs import DRIVER, ENVIRONMENTS, SYNTHESIZERS
from benchmarks.fidelity.scoring import line_up

TINY = json.dumps(
    [{"label": "tabgan, tiny", "settings": {"steps": 2, "batch_size": 16, "generator_width": 8, "critic_width": 8}}]
)


def test_run_fits_scores_writes_and_later_skips(data, tmp_path, capsys):
    out, samples = tmp_path / "out", tmp_path / "samples"
    options = ["--data", data, "--sets", "magic", "--synthesizers", "tabgan", "--out", out, "--samples", samples]
    command = [str(option) for option in ["run", *options, "--settings", TINY, "--kinds", "published"]]
    folder = samples / "published" / "magic"
    assert main([*command, "--seeds", "0"]) == 0
    shutil.copytree(folder / "tabgan_tiny-0", folder / "tabgan_tiny-1")
    shutil.copy(data / "magic" / "train.csv", folder / "tabgan_tiny-1" / "sample.csv")
    assert main([*command, "--seeds", "0", "1"]) == 0  # the sample that is there is only scored
    assert capsys.readouterr().out.count("done before") == 1

    paths = sorted(out.rglob("*.json"))
    assert [path.relative_to(out).as_posix() for path in paths] == [
        "published/magic/tabgan_tiny-0.json",
        "published/magic/tabgan_tiny-1.json",
    ]
    fitted, copied = (json.loads(path.read_text()) for path in paths)
    assert (fitted["set"], fitted["label"], fitted["seed"], fitted["threads"]) == ("magic", "tabgan, tiny", 0, 1)
    assert (fitted["n_train"], fitted["n_test"], fitted["scores"]["n_synthetic"]) == (120, 60, 120)
    assert fitted["costs"]["fit_s"] > 0
    assert fitted["costs"]["peak_mib"] > 50
    assert {"tabgan-synth", "torch", "python", "scored_with"} <= fitted["versions"].keys()
    errors = [found["scores"]["shape_error_pct"]["value"] for found in (fitted, copied)]
    assert errors[0] > errors[1] == 0

    page = tmp_path / "benchmarks.md"
    assert main(["render", "--results", str(out), "--out", str(page), "--no-plot"]) == 0
    shapes = page.read_text().split("| Shape error % |")[1].split("\n\n")[0]
    (row,) = (line for line in shapes.splitlines() if "tabgan, tiny" in line)
    assert f" {sum(errors) / 2:.2f} ± " in row


def test_a_peer_without_its_environment_is_told_and_fails(data, tmp_path, capsys):
    options = ["--data", data, "--sets", "magic", "--synthesizers", "ctgan", "--seeds", "0", "--out", tmp_path]
    assert main(["run", *map(str, options), "--peers", str(tmp_path / "none")]) == 1
    assert "benchmarks.fidelity peers --into" in capsys.readouterr().err
    assert not list(tmp_path.glob("inferred/**/*.json"))


def test_a_sample_from_elsewhere_is_scored_with_its_note(data, tmp_path):
    costs = {"costs": {"fit_s": 5.0}, "threads": 2, "versions": {"ctgan": "0"}, "date": "2025-05-05"}
    (tmp_path / "costs.json").write_text(json.dumps(costs))
    options = ["--data", data, "--set", "magic", "--synthesizer", "ctgan", "--sample", data / "magic" / "train.csv"]
    more = ["--costs", tmp_path / "costs.json", "--out", tmp_path / "out", "--note", "a copy"]
    assert main(["score", *map(str, options + more)]) == 0
    result = json.loads((tmp_path / "out/inferred/magic/ctgan-0.json").read_text())
    assert (result["note"], result["date"], result["threads"]) == ("a copy", "2025-05-05", 2)
    scores = result["scores"]
    assert scores["shape_error_pct"]["value"] == scores["trend_separate_edges_pct"]["value"] == 0
    assert scores["shape_error_pct"]["floor"] > 0
    assert scores["privacy"]["copies"]["value"] == 1 > scores["privacy"]["copies"]["floor"]
    assert 0.65 < scores["privacy"]["nearer_to_train"]["value"] < 0.85  # half of the training rows are looked at
    assert scores["utility"]["scores"][0]["gap"] == 0


def test_words_among_codes_are_compared_as_text(tmp_path):
    folder = tmp_path / "magic"
    folder.mkdir()
    codes = pd.DataFrame({"a": [1, 2, 3] * 20, "b": ["x", "y"] * 30})
    for part in ("train", "test"):
        codes.to_csv(folder / f"{part}.csv", index=False)
    codes.astype({"a": str}).replace({"a": {"3": "_RARE_"}}).to_csv(tmp_path / "sample.csv", index=False)
    columns, n = line_up(load(tmp_path, "magic", "inferred", tmp_path), tmp_path / "sample.csv")
    assert n == 60
    assert columns[0].support.to_pylist() == ["1", "2", "3", "_RARE_"]
    assert columns[0].counts()[1].tolist() == [20, 20, 0, 20, 0]
    assert (len(columns[0].real), len(columns[0].held_out)) == (60, 60)


def test_every_synthesizer_has_its_script_and_every_peer_its_requirements():
    for name in SYNTHESIZERS:
        assert DRIVER.with_name(f"{name}_peer.py").exists()
    assert set(ENVIRONMENTS.values()) == set(NAMES)


def test_requirements_name_one_version_each():
    for path in REQUIREMENTS:
        lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
        assert lines
        assert all(line.count("==") == 1 for line in lines), path
