"""The page from results with numbers that can be foreseen, and without any."""

import json
from xml.etree import ElementTree

import pytest

from benchmarks.performance.__main__ import main
from benchmarks.performance.cases import cases_of, cases_table, cell, described
from benchmarks.performance.page import aim
from benchmarks.performance.plot import Curve, Panel, picture
from benchmarks.performance.scaling import summed
from benchmarks.performance.words import made_with, paragraph, times


def spread(value):
    return {"median": value, "min": 0.9 * value, "max": 1.1 * value, "sd": 0.1 * value, "n": 3}


def stage(name, seconds, floor=None):
    found = {"name": name, "seconds": seconds, "calls": 1}
    return found if floor is None else found | {"floor_s": floor, "ratio": seconds / floor, "floor_is": ""}


@pytest.fixture
def documents(about, calibration, pieces):
    step = {
        "step_s": spread(0.064),
        "floor_s": 0.016,
        "operations": 2e9,
        "products_floor_s": 0.02,
        "exponentials": 3e5,
        "bytes": 1e8,
        "parts_s": {"backward": spread(0.032)},
        "kernels": {"profiled_s": 0.08, "groups": {"matrix products": {"seconds": 0.04, "calls": 100.0}}},
    }
    run = {"rows": 32_561, "columns": 15, "steps": 477, "total_s": 50.0, "not_found": []}
    fit = run | {"stages": [stage("read", 0.2, 0.001), stage("looks", 5.0)], "arrow_read_s": spread(0.02)}
    sample = run | {"rows_per_s": 2e5, "stages": [stage("draw", 1.0, 0.1)], "kernels": {}}
    shape = {"batch": 1_024, "units": 277, "features": 282, "codes": 19}
    profile = {"calibration": calibration, "threads": 1, "fit": fit, "sample": sample}
    profile |= {"steps": {"likelihood": step, "adversarial": step} | shape, "evaluate": run | {"stages": []}}
    case = {"name": "import tabgan", "seconds": spread(0.05), "beside": "python -c pass"}
    parquet = {"workers": 2, "seconds": spread(5.0), "rows_per_s": spread(2e5), "rows_per_s_beyond_start": spread(3e5)}
    sizes = [{"rows": 10_000_000, "workers": 2, "error": "failed:\nno room"}]
    memory = {"threads": 1, "rows": 1, "rows_per_s": spread(7e4), "peak_mib": 400.0}
    peer = {"fit_s": spread(2400.0), "trained_rows_per_s": spread(4e3), "sampled_rows_per_s": spread(3e4)}
    peer |= {"name": "ctgan", "extrapolated": True, "peak_mib": spread(500.0), "versions": {"ctgan": "0.12.1"}}
    ours = peer | {"name": "tabgan", "extrapolated": False, "fit_s": spread(24.0), "versions": {"torch": "2"}}
    points = [
        {"axis": "rows", "rows": n, "columns": 10, "categories": 20, "steps": 300, "sampled": 100_000}
        | {"fit_s": 0.1 * n**0.5, "fit_cpu_s": 1.0, "fit_mib": 500.0, "sample_s": 1.0, "sample_mib": 400.0}
        | {"quality": {"rows": n, "shape": 1.0, "trend": 2.0, "shape_floor": 0.5, "trend_floor": 1.0}}
        for n in (1_000, 10_000, 100_000)
    ]
    points.append({"axis": "rows", "rows": 10**6, "columns": 10, "categories": 20, "error": "a ... was ended:\n"})
    return {
        "profile": about | profile,
        "startup": about | {"cases": [case | {"own_s": spread(0.02), "ratio": spread(1.8)}]},
        "sampling": about
        | {"rows": 10**6, "to_parquet": [parquet | {"peak_mib": spread(300.0), "tree_mib": spread(600.0)}]}
        | {"into_memory": [memory], "sizes": sizes},
        "peers": about
        | {"threads": 2, "rows": 32_561, "sampled": 50_000, "most_minutes": 10.0, "repeats": 3}
        | {"synthesizers": [ours, peer], "errors": {"tvae": "broken\nreally"}},
        "scaling": about | {"threads": 2, "points": points, **summed(points)},
        "baseline": pieces(),
    }


def render(tmp_path, documents, above=None):
    results = tmp_path / "results" / "performance"
    results.mkdir(parents=True)
    for name, document in documents.items():
        (results / f"{name}.json").write_text(json.dumps(document))
    for name, document in (above or {}).items():
        (results.parent / f"{name}.json").write_text(json.dumps(document))
    out = tmp_path / "docs" / "performance.md"
    assert main(["page", "--results", str(results), "--out", str(out)]) == 0
    return out


def test_without_results_each_section_names_its_command(tmp_path):
    text = render(tmp_path, {}).read_text()
    for name in ("profile", "startup", "sampling", "peers", "scaling"):
        assert f"No figures yet: `python -m benchmarks.performance {name}" in text
    assert "No GPU was at hand, so figures are missing" in text
    assert list((tmp_path / "docs").glob("*.svg")) == []


def test_the_whole_page(tmp_path, documents):
    cases = [{"name": "1,000 columns", "columns": 1_000, "predicted_mib": 3000, "peak_mib": 2900.4, "seconds": 12.5}]
    out = render(tmp_path, documents, {"wide": {"cases": cases}, "large": cases, "gpu": {"cases": cases}})
    text = out.read_text()
    assert "No figures yet" not in text
    for line in (
        "| step, likelihood | 3 | 16.0 ms | 64.0 ms ± 6.40 ms | 4.0 |",
        "| fit: read | 1 | 1.00 ms | 200 ms | 200 |",
        "| fit: read, beside pyarrow's own reading | 1 | 20.0 ms | 200 ms | 10.0 |",
        "| matrix products | 40.0 ms | 100% | 100 | 20.0 ms | 2.0 |",
        "| `import tabgan` | 3 | 50.0 ms ± 5.00 ms | 20.0 ms ± 2.00 ms | `python -c pass` | 1.80 ± 0.180 "
        "| 100 ms: reached |",
        "| 10,000,000 | 2 workers | no room |  |  |  |",
        "| CTGAN | 3 | 2,400 s ± 240 s\\* | 100 | 4,000 ± 400 | 30,000 ± 3,000 | 500 ± 50.0 |",
        "- TVAE: really",
        "| 1,000 columns | 1,000 | 3,000 | 2,900 | 12.5 |",
        "| fit, wall | 0.50 ± 0.00 (n = 3) |",
        "| 1,000,000 | 0 |  | not measured: was ended | ",
        "| 1,000 | 1 | 1.00 | 0.50 | 2.00 | 1.00 | 2.00 | 2.00 |",
    ):
        assert line in text
    assert "from 1,000 to 100,000 rows (yes). Quality: equal." in " ".join(text.split())
    assert "abacus, 2 cores, 24 GiB" in text
    assert max(len(line) for line in text.splitlines() if not line.startswith(("|", "*abacus"))) <= 120
    assert [path.name for path in out.parent.glob("*.svg")] == ["performance_rows.svg"]


def test_cases_by_list_and_by_name():
    cases = {"a": {"peak_mib": 1.5, "refused": None}, "b": {"rows": 10, "other": 3, "seconds": {"fit": 1.0, "draw": 2}}}
    text = cases_table(cases_of({"cases": cases}))
    assert text.splitlines()[0] == "| case | rows | peak MiB | seconds |"
    assert text.splitlines()[3] == "| b | 10 |  | 3.00 |"
    assert cases_of([*cases_of({"cases": cases}), "noise"]) == cases_of({"cases": cases})
    assert cell("expected | this\nand that") == "expected \\| this"


def test_anything_can_be_described():
    paces = [{"name": "defaults", "rows_per_s": 2_000_000.0}, {"name": "plain", "rows_per_s": [1, 2]}]
    found = {
        "machine": {"cpu": "x"},
        "rows": 10,
        "scans": {"pyarrow": 1.5, "tabgan": {"median": 2.0, "n": 3}},
        "tables": [{"table": "adult", "columns": 15, "tabgan": paces, "ctgan": None}],
    }
    text = described(found)
    for line in ("| rows | 10 |", "**adult**", "| columns | 15 |", "| defaults | 2,000,000 |", "| plain | 1; 2 |"):
        assert line in text.splitlines()
    assert "tabgan 2.00" in text or "| tabgan | 2.00 |" in text
    assert "cpu" not in text


def test_pictures_are_sound_and_place_points_by_logarithms():
    curve = Curve("fit & all", (10.0, 100.0, 1000.0), (1.0, 10.0, 100.0))
    drawn = picture([Panel("Time", "rows", "s", (curve,)), Panel("empty", "x", "y", (Curve("none", (), ()),))])
    root = ElementTree.fromstring(drawn)
    space = "{http://www.w3.org/2000/svg}"
    (line,) = root.iter(f"{space}polyline")
    places = [tuple(map(float, pair.split(","))) for pair in line.get("points").split()]
    assert places[1][0] - places[0][0] == pytest.approx(places[2][0] - places[1][0], abs=0.2)
    assert places[0][1] > places[1][1] > places[2][1]
    texts = [text.text for text in root.iter(f"{space}text")]
    assert {"Time", "rows", "s", "fit & all", "100"} <= set(texts)
    assert "empty" not in texts


def test_words():
    assert aim(0.2, 0.1) == "100 ms: missed"
    assert aim(0.2, None) == ""
    assert times(1234.5) == "1,234"
    assert paragraph("a\n   b") == "a b\n\n"
    assert made_with({"machine": {"cpu": "x", "cores": 1}, "date": "d", "threads": 2}) == "*x, 1 cores; 2 threads; d*\n"
