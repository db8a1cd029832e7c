"""A table with every kind of column goes through fit, a file and sample, and comes out whole."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tabgan import TabGAN, TrainingConfig

pytestmark = pytest.mark.slow


def _load(name: str):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


made_up = _load("nasty_table")


@pytest.fixture(scope="module")
def real() -> pa.Table:
    return made_up.nasty_table()


@pytest.fixture(scope="module")
def model(real: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> TabGAN:
    path = tmp_path_factory.mktemp("nasty") / "shop.tabgan"
    TabGAN(TrainingConfig(steps=400, text_minutes=0.5), seed=1).fit(real).save(path)
    return TabGAN.load(path)


@pytest.fixture(scope="module")
def synthetic(model: TabGAN) -> pa.Table:
    return pa.concat_tables(model.sample_batches(made_up.N, seed=3))


def test_the_table_itself_breaks_no_rule(real: pa.Table) -> None:
    assert not any(made_up.broken_rules(real).values())


def test_columns_and_types_come_back(real: pa.Table, synthetic: pa.Table) -> None:
    assert synthetic.schema == real.schema


def test_every_rule_holds_in_every_row(synthetic: pa.Table) -> None:
    broken = made_up.broken_rules(synthetic)
    assert {rule: count for rule, count in broken.items() if count} == {}


def test_missing_cells_are_where_they_may_be_and_as_many(real: pa.Table, synthetic: pa.Table) -> None:
    for name in real.column_names:
        shares = [table[name].null_count / table.num_rows for table in (real, synthetic)]
        assert shares[1] == pytest.approx(shares[0], abs=0.02), name


def test_identifying_cells_are_new(real: pa.Table, synthetic: pa.Table) -> None:
    for name in ("uuid", "email", "note"):
        copied = pc.is_in(synthetic[name].drop_null(), value_set=real[name].combine_chunks().drop_null())
        assert not pc.any(copied).as_py(), name


def test_opening_hours_and_weekdays_are_learnt(real: pa.Table, synthetic: pa.Table) -> None:
    for field in (pc.day_of_week, pc.hour):
        shares = [
            np.bincount(field(table["ordered_at"]).to_numpy(), minlength=24) / table.num_rows
            for table in (real, synthetic)
        ]
        assert np.abs(shares[0] - shares[1]).sum() / 2 < 0.05


def test_region_goes_with_postcode_phone_and_place(synthetic: pa.Table) -> None:
    frame = synthetic.to_pandas()
    expected = {name: made_up.REGIONS[name][0] for name in made_up.REGIONS}
    wanted = frame["region"].map(expected)
    assert (frame["postcode"].str[:2] == wanted).mean() > 0.97
    assert (frame["phone"].str[4:6] == wanted).mean() > 0.97
    for name, (_, lat, lon) in made_up.REGIONS.items():
        rows = frame[frame["region"] == name]
        # Cells of the plane that two regions share are slow to learn.
        assert ((rows["latitude"] - lat).abs() < 0.5).mean() > 0.85
        assert ((rows["longitude"] - lon).abs() < 0.5).mean() > 0.85


def test_conditions_of_every_kind_hold_together(model: TabGAN) -> None:
    where = [
        "blue=1",
        "gross >= 100",
        "gross < 200",
        "shipped_at >= 2022-01-01",
        "department in (department 1, department 2)",
    ]
    rows = pa.concat_tables(model.sample_batches(300, where=where))
    frame = rows.to_pandas()
    assert not any(made_up.broken_rules(rows).values())
    assert (frame["blue"] == 1).all()
    assert frame["gross"].astype(float).between(100, 199.99).all()
    assert (frame["shipped_at"].dt.tz_localize(None) >= "2022-01-01").all()
    assert frame["department"].isin(["department 1", "department 2"]).all()


def test_holes_are_filled_and_known_cells_stay(real: pa.Table, model: TabGAN) -> None:
    part = real.slice(0, 500)
    hidden = np.random.default_rng(0).random((500, 38)) < 0.2
    holes = pa.table(
        [
            pc.if_else(pa.array(hide), pa.scalar(None, column.type), column)
            if not pa.types.is_dictionary(column.type)
            else column
            for hide, column in zip(hidden.T, part.columns, strict=True)
        ],
        names=part.column_names,
    )
    filled = pa.Table.from_pandas(model.impute(holes), schema=part.schema, preserve_index=False)
    for name in part.column_names:
        known = holes[name].is_valid()
        assert filled[name].filter(known).equals(holes[name].filter(known)), name
        if name != "unused":
            assert filled[name].null_count == 0, name
