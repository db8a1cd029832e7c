"""The plan, the page and one small run of the benchmark of objectives and remedies."""

import json

import pytest

from benchmarks.objectives import ALONE, BESIDE, MEASURES, OBJECTIVES, OF_NSGAN, REMEDIES, main, page, plan, spread
from tabgan import TrainingConfig
from tabgan.gan import presets


def test_every_objective_and_only_settings_that_can_be_had_are_planned():
    runs = plan(["reviews", "adult"], [0, 1], 300)
    assert len(runs) == len({one.key for one in runs}) == 4 * (2 * len(OBJECTIVES) + sum(map(len, REMEDIES.values())))
    assert set(OBJECTIVES) == set(presets.OBJECTIVES)
    configs = {one.key: TrainingConfig(**one.settings) for one in runs}
    assert configs["adult", BESIDE, "hinge", 1] == TrainingConfig(objective="hinge")
    assert {configs["adult", group, "none", 0].likelihood_weight for group in REMEDIES} == {0.0}
    assert [one.seed for one in runs] == sorted(one.seed for one in runs)


def test_every_remedy_changes_something():
    by_group = {group: [TrainingConfig(**own) for own in named.values()] for group, named in REMEDIES.items()}
    for configs in by_group.values():
        assert len(set(configs)) == len(configs)


def test_spread():
    assert spread([1.0, 3.0], 1) == "2.0 ± 1.4"
    assert spread([1.0, None], 2) == "1.00"
    assert spread([], 2) == ""


def _result(label, seed, value, failed=""):
    scores = {one.name: {"value": value, "floor": 0.25} for one in MEASURES}
    found = {"set_name": "adult", "group": ALONE, "label": label, "seed": seed, "n_train": 1_000, "failed": failed}
    return found | {"settings": {"steps": 70}} | ({} if failed else {"scores": scores, "cpu_s": 10 * value})


def test_the_page_has_means_spreads_and_what_diverged():
    runs = [_result("hinge", 0, 1.0), _result("hinge", 1, 2.0), _result("nsgan", 0, 3.0), _result("nsgan", 1, 0, "NaN")]
    known = {"machine": {"cpu": "abacus", "cores": 2}, "versions": {"torch": "9"}, "date": "2026-01-01", "runs": runs}
    written = page(known)
    assert "abacus, 2 cores" in written
    assert "Seeds 0, 1:" in written
    assert "70 steps of 256 rows" in written
    assert "## Adult, 1,000 rows learnt" in written
    assert "| hinge | 1.50 ± 0.71 | 1.50 ± 0.71 | 1.500 ± 0.707 |" in written
    assert "| 15 ± 7 | 2 |" in written
    assert "| 30 | 1, 1 diverged |" in written
    assert "| *a second real sample* | 0.25 ± 0.00 |" in written


@pytest.mark.slow
def test_the_whole_command(tmp_path):
    results, out = tmp_path / "objectives.json", tmp_path / "objectives.md"
    options = ["run", "--sets", "reviews", "--seeds", "0", "--steps", "2", "--jobs", "1", "--results", str(results)]
    options += ["--only", "label_smoothing 0.1"]
    main(options)
    first = json.loads(results.read_text())
    (one,) = first["runs"]
    assert (one["group"], one["settings"]["label_smoothing"]) == (OF_NSGAN, 0.1)
    assert 0.5 < one["scores"]["detection"]["value"] <= 1
    assert one["cpu_s"] > 0
    main(options)
    assert json.loads(results.read_text()) == first
    main(["render", "--results", str(results), "--out", str(out)])
    assert "| label_smoothing 0.1 |" in out.read_text()
