"""Fits of tables that are read in passes, end to end."""

import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from tabgan import Schema, TabGAN, TrainingConfig, opening
from tabgan.errors import DataWarning, InputError, SchemaError
from tabgan.gan.history import TrainingStats
from tabgan.opening import opened
from tabgan.prepared import Prepared
from tabgan.table.constraints import Range
from tabgan.table.files import read_table
from tabgan.table.scan import ScannedTable

CONFIG = TrainingConfig(steps=6, batch_size=64, generator_width=8, critic_width=8, stage_width=8)
N = 20_000
SMALL_GIB = 0.0008


class Killed(BaseException):
    """Ends a fit as a signal would, with nothing done in order."""


def orders(n: int = N) -> pa.Table:
    random = np.random.default_rng(0)
    city = np.minimum(random.geometric(0.01, n) - 1, 399)
    day = np.datetime64("2020-01-01", "s") + random.integers(0, 10**8, n).astype("timedelta64[s]")
    return pa.table(
        {
            "id": np.arange(n),
            "city": pa.array([f"city {c:03d}" for c in city]),
            "land": pa.array([f"land {c % 7}" for c in city]),
            "size": pa.array(random.lognormal(size=n), mask=random.random(n) < 0.05),
            "whole": random.integers(0, 500, n),
            "start": pa.array(day),
            "end": pa.array(day + random.integers(60, 10**6, n).astype("timedelta64[s]")),
            "rare": pa.array(np.where(np.arange(n) == 11, "once", random.choice(["x", "y"], n))),
            "price": np.round(random.gamma(2, 20, n), 2),
        }
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    pq.write_table(orders(), tmp_path / "orders.parquet", row_group_size=6_000)
    return tmp_path / "orders.parquet"


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def fit(data: object, seed: int = 3, **options: object) -> TabGAN:
    return TabGAN(CONFIG, seed=seed, device="cpu").fit(data, max_memory_gib=SMALL_GIB, **options)  # type: ignore[arg-type]


@pytest.mark.filterwarnings("ignore:column 'city'")
def test_a_table_larger_than_it_may_be_is_learnt_from_some_of_its_rows(path: Path, temporary: Path) -> None:
    model = fit(path)
    assert model.info["n_rows"] == N
    assert 2_000 < model.info["learnt_rows"] < N
    rows = model.sample(2_000)
    assert list(rows.columns) == orders().column_names
    assert (rows["start"] <= rows["end"]).all()
    assert set(rows["city"]) <= set(orders()["city"].to_pylist())
    assert rows["size"].isna().any()
    assert rows["size"].max() <= orders()["size"].to_pandas().max()
    assert not list(temporary.glob("tabgan-*"))


@pytest.mark.filterwarnings("ignore:column 'city'")
def test_kinds_rules_and_ends_are_those_of_the_whole_table(path: Path) -> None:
    whole = Schema.infer(read_table(path))
    with opened(path, CONFIG, seed=0, max_memory_gib=SMALL_GIB) as table:
        prepared = Prepared.of(table, None, 0)
        assert [spec.kind for spec in prepared.coding.schema.columns] == [spec.kind for spec in whole.columns]
        assert set(prepared.coding.schema.constraints) == set(whole.constraints)
        ends = orders()["start"].to_numpy().astype("datetime64[ms]").astype(np.int64)
        assert prepared.coding.recast.extents["start"] == (ends.min(), ends.max())
        assert prepared.n_rows == N
        assert isinstance(prepared.encoded.codes, np.memmap)
        assert not prepared.encoded.codes.flags.writeable
        assert len(prepared.encoded) == prepared.table.num_rows


@pytest.mark.filterwarnings("ignore:column 'city'")
def test_a_category_that_no_drawn_row_holds_is_known(path: Path) -> None:
    for seed in range(20):
        with opened(path, CONFIG, seed=seed, max_memory_gib=SMALL_GIB) as table:
            assert isinstance(table, ScannedTable)
            if 11 in table.drawn["id"].to_pylist():
                continue
            prepared = Prepared.of(table, None, seed)
            at = prepared.coding.codec.layout.index("rare")
            assert prepared.coding.codec.layout.columns[at].cardinalities == (3,)
            return
    pytest.fail("every draw held the row")


def test_many_categories_that_no_drawn_row_holds_are_warned_of(path: Path) -> None:
    with (
        opened(path, CONFIG, seed=0, max_memory_gib=SMALL_GIB) as table,
        pytest.warns(DataWarning, match=r"column 'city': \d+ of \d+ categories are in no row that was drawn"),
    ):
        Prepared.of(table, None, 0)


def test_a_table_drawn_as_a_whole_is_encoded_as_in_memory(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "DRAWN_SHARE", 10.0)
    with opened(path, CONFIG, seed=5, max_memory_gib=SMALL_GIB) as table:
        assert isinstance(table, ScannedTable)
        assert table.whole
        found, expected = Prepared.of(table, None, 5), Prepared.of(path, None, 5)
        assert found.coding.schema == expected.coding.schema
        assert found.coding.codec == expected.coding.codec
        assert np.array_equal(found.encoded.codes, expected.encoded.codes)


@pytest.mark.filterwarnings("ignore:column 'city'")
def test_a_folder_the_file_and_the_csv_give_the_same_rows(path: Path, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    pq.write_table(orders().slice(0, 7_000), tmp_path / "parts" / "0.parquet")
    pq.write_table(orders().slice(7_000), tmp_path / "parts" / "1.parquet")
    rows = fit(path).sample(200)
    assert fit(tmp_path / "parts").sample(200).equals(rows)
    assert not fit(path, seed=4).sample(200).equals(rows)
    pyarrow.csv.write_csv(orders(), tmp_path / "orders.csv")
    assert fit(tmp_path / "orders.csv").info["n_rows"] == N


@pytest.mark.filterwarnings("ignore:column 'city'")
def test_a_resumed_fit_is_that_of_one_go(path: Path, tmp_path: Path, temporary: Path) -> None:
    def kill(stats: TrainingStats) -> None:
        if stats.step == 3:
            raise Killed

    expected = fit(path).sample(100)
    options = {"checkpoint": tmp_path / "run", "checkpoint_s": 0.0}
    with pytest.raises(Killed):
        fit(path, callback=kill, **options)
    assert not list(temporary.glob("tabgan-*"))
    with pytest.raises(InputError, match="of another run"):
        TabGAN(CONFIG, seed=3, device="cpu").fit(path, max_memory_gib=SMALL_GIB / 2, resume=True, **options)  # type: ignore[arg-type]
    assert fit(path, resume=True, **options).sample(100).equals(expected)


@pytest.mark.filterwarnings("ignore:column 'city'")
def test_a_given_schema_holds_for_all_rows(path: Path) -> None:
    whole = Schema.infer(read_table(path))
    assert fit(path, schema=whole).schema == whole
    top = orders()["size"].to_pandas().max()
    with pytest.raises(SchemaError, match="1 row breaks"):
        fit(path, schema=Schema(whole.columns, (Range("size", None, float(top) - 1e-9),)))
    with pytest.raises(InputError, match="schema must be a Schema"):
        fit(path, schema="none")


@pytest.mark.filterwarnings("ignore:column 'city'", "ignore:new to the model")
def test_a_model_goes_on_with_a_large_table(path: Path) -> None:
    first = TabGAN(CONFIG, seed=3, device="cpu").fit(read_table(path).slice(0, 1_000))
    model = fit(path, start=first)
    assert model.info["learnt_rows"] < model.info["n_rows"] == N
    assert [spec.kind for spec in model.schema.columns] == [spec.kind for spec in first.schema.columns]
