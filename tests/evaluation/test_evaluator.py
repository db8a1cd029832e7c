import datetime as dt
import json
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pytest

from tabgan.errors import InputError, SchemaError
from tabgan.evaluation.evaluator import evaluate
from tabgan.evaluation.report import OPTIONAL, Report
from tabgan.table.schema import Schema


def by_name(report):
    return {column.name: column for column in report.columns}


def test_two_real_samples_lie_at_the_floor(people):
    report = evaluate(people(1500, 0), people(1500, 1))
    for estimate in (report.shape_error_pct, report.trend_error_pct):
        spread = np.hypot(estimate.standard_error, estimate.floor_error)
        assert abs(estimate.value - estimate.floor) < 4 * spread
    assert abs(report.detection.auc - 0.5) < 4 * report.detection.standard_error
    assert all(column.p_adjusted > 0.001 for column in report.columns)
    assert not report.caveats


def test_planted_differences_are_found_and_named(people):
    real, synthetic = people(1500, 0), people(1500, 1)
    shuffled = np.random.default_rng(0).permutation(1500)
    older = pa.array(synthetic["age"].to_numpy() + 8)
    synthetic = synthetic.set_column(0, "age", older).set_column(3, "member", synthetic["member"].take(shuffled))
    report = evaluate(real, synthetic)
    assert report.worst_columns()[0].name == "age"
    assert by_name(report)["age"].p_adjusted < 1e-20
    assert by_name(report)["member"].p_adjusted > 0.001
    worst = {frozenset((pair.first, pair.second)) for pair in report.worst_pairs(4)}
    assert worst >= {frozenset(("age", "member")), frozenset(("city", "member"))}
    assert report.detection.auc > 0.8


def test_means_are_those_of_the_details(people):
    report = evaluate(people(300, 0), people(200, 1), skip=OPTIONAL)
    distances = [column.distance.value for column in report.columns]
    assert report.shape_error_pct.value == pytest.approx(100 * np.mean(distances))
    assert report.shape_present_error_pct == pytest.approx(100 * np.mean([c.distance_present for c in report.columns]))
    assert report.trend_error_pct.value == pytest.approx(100 * np.mean([pair.error.value for pair in report.pairs]))
    assert (report.n_real, report.n_synthetic, len(report.pairs)) == (300, 200, 10)
    assert [entry.what for entry in report.not_computed] == list(OPTIONAL)


def test_a_copy_has_no_distance(people):
    report = evaluate(people(400, 0), people(400, 0), skip=OPTIONAL)
    assert report.shape_error_pct.value == 0
    assert report.trend_error_pct.value == pytest.approx(0, abs=1e-9)
    assert {column.p_value for column in report.columns} == {1.0}


def test_the_same_seed_gives_the_same_report_in_any_order_of_columns(people):
    real, synthetic = people(300, 0), people(300, 1)
    turned = synthetic.select(synthetic.column_names[::-1])
    assert evaluate(real, synthetic, seed=5) == evaluate(real, turned, seed=5)
    assert evaluate(real, synthetic, seed=5) != evaluate(real, synthetic, seed=6)


def test_any_kind_of_table_gives_the_same_numbers(people, tmp_path):
    real, synthetic = people(200, 0), people(150, 1)
    pa.csv.write_csv(synthetic, tmp_path / "synthetic.csv")
    expected = evaluate(real, synthetic, skip=OPTIONAL)
    for given in (synthetic.to_pandas(), pl.from_arrow(synthetic), tmp_path / "synthetic.csv"):
        found = evaluate(real, given, skip=OPTIONAL)
        assert found.shape_error_pct == expected.shape_error_pct
        assert found.trend_error_pct == expected.trend_error_pct


def test_inputs_are_never_changed(people):
    real, synthetic = people(200, 0).to_pandas(), people(200, 1).to_pandas()
    before = real.copy(deep=True), synthetic.copy(deep=True)
    evaluate(real, synthetic)
    pd.testing.assert_frame_equal(real, before[0])
    pd.testing.assert_frame_equal(synthetic, before[1])


def test_the_schema_decides_on_the_kind(people):
    real, synthetic = people(300, 0).select(["age"]), people(300, 1).select(["age"])
    found = evaluate(real, synthetic, schema=Schema.infer(real), skip=OPTIONAL)
    assert by_name(found)["age"].test == "ks"
    document = Schema.infer(real).to_json()
    document["columns"][0]["kind"] = "categorical"
    found = evaluate(real, synthetic, schema=Schema.from_json(document), skip=OPTIONAL)
    assert by_name(found)["age"].test == "chi2"


def every_dtype(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    gap = rng.random(n) < 0.1
    return pd.DataFrame(
        {
            "category": pd.Categorical(rng.choice(["a", "b"], n), categories=["b", "a", "unused"], ordered=True),
            "Int64": pd.array(np.where(gap, None, rng.integers(0, 1000, n)), dtype="Int64"),
            "boolean": pd.array(np.where(gap, None, rng.random(n) < 0.5), dtype="boolean"),
            "zoned": pd.Timestamp("2024-01-01", tz="Europe/Berlin")
            + pd.to_timedelta(rng.integers(0, 10**6, n), unit="s"),
            "duration": pd.to_timedelta(rng.integers(0, 10**6, n), unit="s"),
            "decimal": [Decimal(int(cell)).scaleb(-2) for cell in rng.integers(0, 10**6, n)],
            "time": [dt.time(int(hour), int(minute)) for hour, minute in rng.integers(0, 24, (n, 2))],
            "float32": rng.normal(size=n).astype("float32"),
            "huge": rng.integers(2**60, 2**61, n),
            "unsigned": rng.integers(2**63, 2**64 - 1, n, dtype="uint64"),
            "vast": rng.choice([-1e308, 1e308], n) * rng.random(n),
            "minute": rng.random(n) * 1e-300,
            7: rng.integers(0, 9, n),
        }
    )


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_every_dtype_is_compared():
    real, synthetic = every_dtype(400, 0), every_dtype(300, 1)
    report = evaluate(real, synthetic, skip=OPTIONAL)
    assert [column.name for column in report.columns] == [str(name) for name in real.columns]
    for column in report.columns:
        assert column.p_adjusted > 0.001, column.name
        assert column.distance.value > 0, column.name
        assert sum(column.overlay.real) + column.missing_real == 400, column.name
        assert sum(column.overlay.synthetic) + column.missing_synthetic == 300, column.name
    assert by_name(report)["huge"].test == by_name(report)["time"].test == by_name(report)["decimal"].test == "ks"
    assert {entry.what for entry in report.not_computed} == set(OPTIONAL)


def test_the_same_cells_in_other_dtypes_have_no_distance():
    real = every_dtype(200, 0)
    other = real.assign(
        Int64=real["Int64"].astype("float64"),
        category=real["category"].astype("str"),
        float32=real["float32"].astype("float64"),
        huge=real["huge"].astype("str"),
        zoned=real["zoned"].dt.tz_convert("UTC"),
    )
    report = evaluate(real, other, skip=OPTIONAL)
    assert {column.name: column.distance.value for column in report.columns if column.distance.value} == {}
    assert {name for name, column in by_name(report).items() if column.caveats} == {"Int64", "huge"}


ODD = {
    "number": [1.5, 2.5, 3.25, 4.125, 5.5, 6.75],
    "flat": [7] * 6,
    "empty": [None] * 6,
    "word": ["a", "b", "a", "b", "a", "c"],
    "gaps": [1.25, None, 3.5, None, 5.75, 6.5],
}


@pytest.mark.parametrize("n", [1, 2, 6])
@pytest.mark.parametrize("m", [1, 3, 6])
def test_tiny_tables_get_caveats(n, m):
    odd = pa.table({name: pa.array(cells) for name, cells in ODD.items()})
    report = evaluate(odd.slice(0, n), odd.slice(0, m))
    assert [column.name for column in report.columns] == list(ODD)
    assert {"few_rows", "no_floor"} <= {caveat.code for caveat in report.caveats}
    assert {"detection"} <= {entry.what for entry in report.not_computed}
    assert len(report.pairs) == 10
    assert all(pair.error or pair.caveats for pair in report.pairs)


def test_odd_synthetic_columns_get_caveats(people):
    real = people(200, 0)
    odd = pd.DataFrame(
        {
            "age": [40] * 50,
            "income": [np.inf] * 25 + [1.5] * 25,
            "city": ["Ghent"] * 50,
            "member": [None] * 50,
            "joined": pd.to_datetime(["2020-05-05"] * 50),
        }
    )
    report = evaluate(real, odd)
    codes = {name: {caveat.code for caveat in column.caveats} for name, column in by_name(report).items()}
    assert "constant" in codes["age"]
    assert "infinite" in codes["income"]
    assert "all_missing" in codes["member"]
    city = by_name(report)["city"]
    assert (city.n_invented, city.n_lost, city.invented_share) == (1, 3, 1.0)
    assert by_name(report)["member"].distance.value == 1.0
    assert report.detection.auc > 0.95


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("cells", [[np.inf, *np.arange(1.25, 61)], [np.inf, -np.inf], [np.inf]])
@pytest.mark.parametrize("dtype", [pa.float64(), pa.float32(), pa.float16()])
def test_infinite_real_cells_are_compared_with_a_caveat(people, cells, dtype):
    infinite = pa.array(np.resize(np.asarray(cells, dtype.to_pandas_dtype()), 120), dtype)
    real = people(120, 0).append_column("odd", infinite)
    report = evaluate(real, real.slice(20), real.slice(0, 60))
    assert ("infinite" in {caveat.code for caveat in by_name(report)["odd"].caveats}) == (len(cells) > 2)
    json.dumps(report.to_dict(), allow_nan=False)


def test_tables_of_very_different_size_get_a_caveat(people):
    report = evaluate(people(1000, 0), people(40, 1), skip=OPTIONAL)
    assert [caveat.code for caveat in report.caveats] == ["size_ratio"]
    assert by_name(report)["age"].n_synthetic == 40


def test_nothing_to_compare_is_said(people):
    n = 60
    notes = pa.table({"note": [f"these are the words of note number {i} of many" for i in range(n)]})
    report = evaluate(notes, notes)
    assert report.shape_error_pct is None
    assert report.trend_error_pct is None
    assert {"Shape error", "Trend error", *OPTIONAL} - {"written"} == {e.what for e in report.not_computed}
    assert [result.name for result in report.written] == ["note"]


def test_a_report_with_held_out_rows_has_every_part(people):
    report = evaluate(people(600, 0), people(600, 1), people(600, 2), target="member")
    assert not report.not_computed
    assert report.n_held_out == 600
    assert (report.utility.target, report.privacy.baseline) == ("member", "held-out rows")
    assert len(report.privacy.attacks) >= 3
    assert report.privacy.membership is not None
    assert {finding.level for finding in report.findings} == {"fine"}
    assert Report.from_dict(json.loads(json.dumps(report.to_dict(), allow_nan=False))) == report


def test_held_out_rows_change_nothing_of_columns_and_pairs(people):
    alone = evaluate(people(300, 0), people(300, 1), skip=OPTIONAL)
    beside = evaluate(people(300, 0), people(300, 1), people(500, 2), skip=OPTIONAL)
    for part in ("columns", "pairs", "shape_error_pct", "trend_error_pct"):
        assert getattr(alone, part) == getattr(beside, part), part


def test_a_copy_of_the_real_table_is_found_out(people):
    real = people(600, 0)
    report = evaluate(real, real, people(600, 2))
    (found,) = {finding.level for finding in report.findings if finding.area == "privacy"}
    assert found == "serious"


def test_a_collapsed_table_is_found_out(people):
    real = people(600, 0)
    collapsed = pa.concat_tables([real.slice(0, 6)] * 100)
    texts = [finding.text for finding in evaluate(real, collapsed).findings if finding.level == "serious"]
    assert any("repeat each other" in text for text in texts)


def test_an_unknown_target_is_an_error_and_not_a_gap(people):
    with pytest.raises(InputError, match="'salary'"):
        evaluate(people(60, 0), people(60, 1), target="salary")
    with pytest.raises(InputError, match="'salary'"):
        evaluate(people(60, 0), people(60, 1), target="salary", skip=OPTIONAL)


def test_a_target_is_known_by_its_label_too(people):
    real, synthetic = (people(100, seed).to_pandas().set_axis([*range(5)], axis=1) for seed in (0, 1))
    assert evaluate(real, synthetic, target=3, skip={*OPTIONAL} - {"utility"}).utility.target == "3"


@pytest.mark.parametrize(
    ("option", "says"),
    [({"seed": -1}, "seed"), ({"seed": 1.5}, "seed"), ({"schema": "x.yaml"}, "tabgan.Schema"), ({"skip": [3]}, "3")],
)
def test_options_of_a_wrong_kind_are_refused(people, option, says):
    with pytest.raises(InputError, match=says):
        evaluate(people(60, 0), people(60, 1), **option)


def test_one_measure_may_be_skipped_by_its_name(people):
    assert evaluate(people(60, 0), people(60, 1), skip="utility").utility is None


def test_an_unknown_measure_is_refused(people):
    with pytest.raises(InputError, match="'speed'"):
        evaluate(people(60, 0), people(60, 1), skip=("speed",))


def test_progress_is_told_from_the_start_to_the_end(people):
    told = []
    evaluate(people(60, 0), people(60, 1), skip=("utility", "privacy"), progress=told.append)
    assert [step.done for step in told] == list(range(9))
    assert {step.total for step in told} == {8}
    assert (told[0].doing, told[-1].doing) == ("reading the tables", "done")


def test_columns_that_do_not_match_are_one_error(people):
    synthetic = people(50, 1).rename_columns(["Age", "income", "city", "member", "joined"])
    with pytest.raises(SchemaError, match=r"(?s)'age'.*'Age'"):
        evaluate(people(50, 0), synthetic)


@pytest.mark.parametrize("given", ["no/such/file.csv", 5, None])
def test_what_is_no_table_is_refused(people, given):
    with pytest.raises(InputError):
        evaluate(people(50, 0), given)


def test_an_empty_table_is_refused(people):
    with pytest.raises(InputError):
        evaluate(people(50, 0), people(50, 0).slice(0, 0))
    with pytest.raises(InputError):
        evaluate(people(50, 0).slice(0, 0), people(50, 0))


@pytest.mark.parametrize(
    "cells",
    [
        pa.array(2**60 + np.arange(148) // 2),
        pa.array(1_700_000_000 * 10**9 + np.arange(148), pa.timestamp("ns")),
        pa.array(10**7 + np.arange(148), pa.int32()).cast(pa.date32()),
        pa.array([Decimal(10**30 + i) for i in range(148)], pa.decimal128(38, 0)),
        pa.array(np.arange(148) * 5e-324),
        pa.array(1e16 + 2.0 * np.arange(148)),
    ],
)
def test_cells_beyond_floats_and_calendars_are_compared(cells):
    table = pa.table({"x": cells, "y": np.arange(148) % 2})
    report = evaluate(table, table.slice(48), skip=OPTIONAL)
    assert by_name(report)["x"].distance.value == pytest.approx(48 / 148)


def test_neighbouring_whole_numbers_beyond_floats_correlate():
    cells = np.arange(148) // 2
    table = pa.table({"x": 2**60 + cells, "y": cells * 1.5})
    (pair,) = evaluate(table, table, skip=OPTIONAL).pairs
    assert pair.correlation_real == pytest.approx(1.0)


@pytest.mark.parametrize(
    "labels",
    [
        ["1.50", "2.00"],
        ["True", "False"],
        ["1e5", "100000"],
        ["NA", "5"],
        ["2024-01-01", "2024-01-02"],
        ["2024-01-01T00:00:00", "2024-01-02T00:00:00"],
    ],
)
@pytest.mark.parametrize("dictionary", [False, True])
def test_labels_that_look_like_values_are_compared_as_written(tmp_path, labels, dictionary):
    cells = pa.array(labels * 20)
    real = pa.table({"x": cells.dictionary_encode() if dictionary else cells, "y": np.arange(40) % 3})
    plain = real.set_column(0, "x", cells)
    (tmp_path / "lines.jsonl").write_text(plain.to_pandas().to_json(orient="records", lines=True))
    pa.csv.write_csv(plain, tmp_path / "fields.csv")
    for name in ("fields.csv", "lines.jsonl"):
        found = by_name(evaluate(real, tmp_path / name, skip=OPTIONAL))["x"]
        assert found.distance.value == 0
        assert found.n_categories == 2
        assert not found.caveats


def keyed(people, n, seed):
    """People with a key and a note."""
    rng = np.random.default_rng(seed)
    ids = pa.array([f"P-{number:06}" for number in rng.choice(10**6, n, replace=False)])
    notes = pa.array([" ".join(rng.choice(list("abcdefghij"), rng.integers(3, 30))) for _ in range(n)])
    return people(n, seed).append_column("id", ids).append_column("note", notes)


def test_keys_and_texts_are_compared_where_both_tables_have_them(people):
    skip = set(OPTIONAL) - {"written"}
    report = evaluate(keyed(people, 200, 0), keyed(people, 150, 1), skip=skip)
    assert [(result.name, result.kind) for result in report.written] == [("id", "key"), ("note", "text")]
    assert not {"column 'id'", "column 'note'"} & {entry.what for entry in report.not_computed}
    assert [finding.level for finding in report.findings if finding.area == "written"] == ["fine"]
    lacking = evaluate(keyed(people, 200, 0), people(150, 1), skip=skip)
    assert lacking.written == ()
    assert {"column 'id'", "column 'note'"} < {entry.what for entry in lacking.not_computed}
    assert report == evaluate(keyed(people, 200, 0), keyed(people, 150, 1), skip=skip)


def test_held_out_rows_that_are_set_aside_are_no_yardstick_of_written_columns(people):
    real, made, fresh = (keyed(people, 200, seed) for seed in range(3))
    skip = set(OPTIONAL) - {"written"}
    assert evaluate(real, made, fresh, skip=skip).written[0].baseline == "held-out rows"
    assert evaluate(real, made, real, skip=skip).written[0].baseline == "other real rows"


def test_written_columns_of_two_samples_of_one_process_raise_no_alarm(people):
    skip = set(OPTIONAL) - {"written"}
    alarms = []
    for seed in range(6):
        report = evaluate(keyed(people, 300, 2 * seed), keyed(people, 250, 2 * seed + 1), skip=skip, seed=seed)
        alarms += [found.text for found in report.findings if found.area == "written" and found.level != "fine"]
    assert alarms == []
