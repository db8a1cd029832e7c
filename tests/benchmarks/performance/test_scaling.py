import pytest

from benchmarks.performance.scaling import FEW_STEPS, points, summed


def measured(rows, fit_s, shape):
    figures = {"fit_s": fit_s, "fit_cpu_s": fit_s, "fit_mib": 500.0, "sample_s": 1.0, "sample_mib": 400.0}
    quality = {"rows": rows, "shape": shape, "trend": 2 * shape, "shape_floor": 0.9 * shape, "trend_floor": shape}
    return {"axis": "rows", "rows": rows, "columns": 10, "categories": 20, "quality": quality, **figures}


def test_points_of_the_axes():
    found = points(("rows", "columns", "categories"))
    assert [point.x for point in found if point.axis == "rows"] == [1_000, 10_000, 100_000, 1_000_000, 10_000_000]
    assert [point.x for point in found if point.axis == "columns"] == [5, 20, 100, 300, 1_000]
    assert [point.x for point in found if point.axis == "categories"][-1] == 1_000_000
    assert all(point.rows >= 2 * point.categories for point in found if point.axis == "categories")
    assert all(point.settings == ({} if point.axis == "rows" else FEW_STEPS) for point in found)
    assert {point.x for point in points(("rows",), 1e4, {"steps": 2})} == {1_000, 10_000}


def test_laws_by_segment_and_the_verdict_on_quality():
    rows = (10**3, 10**4, 10**5, 10**6, 10**7)
    runs = [measured(n, 2.0 * n**0.4, 100 / n**0.5) for n in rows]
    found = summed([*runs, {"axis": "rows", "rows": 10**8, "columns": 10, "categories": 20, "error": "left out"}])
    fits = [one for one in found["laws"] if one["figure"] == "fit_s"]
    assert [one["exponent"] for one in fits] == pytest.approx([0.4, 0.4, 0.4])
    assert [round(one["low"]) for one in fits] == [1_000, 1_000, 100_000]
    assert found["equal_quality"] is True
    assert summed([*runs[:2], measured(10**6, 3.0, 90.0)])["equal_quality"] is False
    assert summed(runs[:1]) == {"laws": [], "equal_quality": None}
