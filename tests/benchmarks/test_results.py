import json

import pytest

from benchmarks.fidelity import results as found_in
from benchmarks.fidelity.datasets import TASKS
from benchmarks.fidelity.page import page, table
from benchmarks.fidelity.picture import draw, points
from benchmarks.fidelity.results import C2ST, COPIES, SHAPE, UTILITY


def test_mean_and_spread_over_seeds(five):
    found = found_in.summarise(found_in.pick(five, set="default"), SHAPE)
    assert (found.mean, found.spread, found.n, found.standard_error) == (2.5, pytest.approx(0.5**0.5), 2, None)


def test_a_single_seed_has_the_error_over_its_rows(result):
    found = found_in.summarise([result()], SHAPE)
    assert (found.mean, found.spread, found.n, found.standard_error) == (1.0, None, 1, 0.1)
    assert found_in.summarise([result()], C2ST).standard_error is None
    assert found_in.summarise([result()], COPIES).standard_error == pytest.approx(10.0)


def test_over_tables_the_seeds_spread_is_that_of_their_means(five):
    found = found_in.over_sets(five, list(TASKS), SHAPE)
    assert (found.mean, found.spread, found.n) == (3.5, pytest.approx(0.5**0.5), 2)
    assert found_in.over_sets(found_in.pick(five, set="adult"), list(TASKS), SHAPE) is None


def test_floors(five, result):
    assert found_in.floor([result()], SHAPE).mean == 0.5
    assert found_in.floor([result()], UTILITY).mean == 0.9
    over = found_in.floor_over_sets(five, list(TASKS), SHAPE)
    assert (over.mean, over.standard_error) == (0.5, pytest.approx(0.02 / 5**0.5))


def test_our_labels_come_first_and_by_their_seconds(result):
    rows = [result("arf"), result("ctgan"), result("tabgan", fit_s=120.0), result("tabgan, 30 s", fit_s=30.0)]
    assert found_in.labels_of(rows) == ["tabgan, 30 s", "tabgan", "ctgan", "arf"]


def test_tables_that_all_labels_have(five, result):
    assert found_in.common_sets(five) == list(TASKS)
    assert found_in.common_sets([*five, result("ctgan", "magic"), result("arf", "magic")]) == ["magic"]
    assert found_in.common_sets([*five, result("ctgan", "magic"), result("arf", "adult")]) == []


def test_reading_refuses_an_empty_folder_and_other_formats(tmp_path, result):
    with pytest.raises(ValueError, match="no file"):
        found_in.read(tmp_path)
    (tmp_path / "a.json").write_text(json.dumps(result(format=9)))
    with pytest.raises(ValueError, match=r"a\.json"):
        found_in.read(tmp_path)


def test_the_page_has_means_floors_and_quoted_figures(five, result):
    text = page([*five, result("ctgan", note="timed beside others"), *(r | {"kinds": "published"} for r in five)])
    mean, adult = text.split("## Mean over")[1].split("\n## ")[:2]
    assert "| **tabgan** | 2 | 3.50 ± 0.71 | 2.00 ± 0.00 |" in mean
    assert "| *a second real sample* |  | 0.50 (0.01) |" in mean
    assert "Not run on all of these tables yet: CTGAN." in mean
    assert "| **tabgan** | 2 | 1.50 ± 0.71 |" in adult
    assert "| CTGAN | 1 | 1.00 (0.10) |" in adult
    assert "- CTGAN, seed 0: timed beside others" in adult
    published = text.split("## Beside the published figures")[1]
    assert "| TabDiff | 0.63 | 1.24 | 1.28 | 0.78 | 1.03 | 0.99 |" in published
    assert (
        "| **tabgan** | 1.50 ± 0.71 | 2.50 ± 0.71 | 3.50 ± 0.71 | 4.50 ± 0.71 | 5.50 ± 0.71 | 3.50 ± 0.71 |"
        in published
    )


def test_a_page_without_published_kinds_still_quotes_them(result):
    assert "| TabSyn | 0.81 |" in page([result()])


def test_all_rows_of_a_table_are_as_wide_as_its_head():
    assert table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |\n"


def test_the_points_of_the_picture(five, result):
    found = points([*five, result("ctgan", "magic", fit_s=900.0, note="x")], ["magic"])
    assert [(point.label, point.ours, point.noted, point.seconds) for point in found] == [
        ("tabgan", True, False, 60.0),
        ("ctgan", False, True, 900.0),
    ]
    assert found[0].scores[0].mean == 4.5
    assert [point.label for point in points([*five, result("ctgan", "magic")], list(TASKS))] == ["tabgan"]


def test_the_picture_is_the_same_file_each_time(tmp_path, five, result):
    pytest.importorskip("matplotlib", reason="matplotlib comes with the plots extra")
    for name in ("a.svg", "b.svg"):
        draw([*five, result("ctgan", "magic")], ["magic"], tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert b"<svg" in (tmp_path / "a.svg").read_bytes()
