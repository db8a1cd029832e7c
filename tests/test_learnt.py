"""What is learnt, kept in a model file and read from it: rows, texts and what networks see of rows."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch

from tabgan import Schema, TabGAN, TrainingConfig
from tabgan.learnt import Learnt, features_of, text_columns
from tabgan.table.restating.base import Rows

from .small_shop import broken_rules, spec_of

N = 160


def notes() -> pa.Table:
    random = np.random.default_rng(0)
    kinds = random.integers(0, 2, N)
    texts = [f"{('Invoice', 'Refund')[kind]} {random.integers(100, 999)} was paid." for kind in kinds]
    return pa.table(
        {
            "kind": pa.array([("in", "out")[kind] for kind in kinds]),
            "note": pa.array(texts, mask=random.random(N) < 0.2),
            "amount": pa.array(random.normal(100 + 50 * kinds, 5).round(2)),
        }
    )


@pytest.fixture(scope="module")
def writer() -> TabGAN:
    columns = (
        spec_of("kind", "string", "categorical"),
        spec_of("note", "string", "text", nullable=True),
        spec_of("amount", "double"),
    )
    config = TrainingConfig(steps=20, text_minutes=0.02)
    return TabGAN(config, seed=2, device="cpu").fit(notes(), schema=Schema(columns))


def restored(learnt: Learnt, config: TrainingConfig, **changes: Any) -> Learnt:
    tensors = learnt.tensors() | changes.pop("tensors", {})
    data = learnt.to_json() | changes
    return Learnt.restore(learnt.coding, config, data, tensors, torch.device("cpu"))


def test_a_model_file_gives_the_same_rows(shop_model: TabGAN, tmp_path: Path) -> None:
    shop_model.save(tmp_path / "shop.tabgan")
    loaded = TabGAN.load(tmp_path / "shop.tabgan", device="cpu")
    for where in (None, {"department": "tools"}, ["gross < 200"]):
        one, other = (pa.concat_tables(model.sample_batches(40, where=where)) for model in (shop_model, loaded))
        assert one.equals(other)
    assert broken_rules(pa.concat_tables(loaded.sample_batches(100))) == {}


def test_a_model_file_gives_the_same_texts(writer: TabGAN, tmp_path: Path) -> None:
    writer.save(tmp_path / "notes.tabgan")
    loaded = TabGAN.load(tmp_path / "notes.tabgan", device="cpu")
    one, other = (pa.concat_tables(model.sample_batches(30, seed=1)) for model in (writer, loaded))
    # Weights of texts are kept in half precision, so that all but the texts is the same to the last bit.
    assert one.drop_columns(["note"]).equals(other.drop_columns(["note"]))
    assert one["note"].is_null().equals(other["note"].is_null())
    again = pa.concat_tables(TabGAN.load(tmp_path / "notes.tabgan", device="cpu").sample_batches(30, seed=1))
    assert other.equals(again)


def test_texts_are_no_copies_and_missing_where_they_should_be(writer: TabGAN) -> None:
    made = pa.concat_tables(writer.sample_batches(80, seed=1))
    assert 0 < made["note"].null_count < 60
    assert not set(made["note"].drop_null().to_pylist()) & set(notes()["note"].drop_null().to_pylist())


def test_texts_are_written_only_where_they_are_asked_for(writer: TabGAN) -> None:
    learnt = writer._fitted()
    blocks = learnt.coding.codec.encode(learnt.coding.recast.restate(notes()), np.random.default_rng(0))
    some = learnt.write(blocks, Rows(0, 0, N), kept=["amount", "kind"])
    assert some.column_names == ["kind", "amount"]
    assert some["amount"].to_pylist() == notes()["amount"].to_pylist()


def test_the_text_columns_are_found(writer: TabGAN, shop_model: TabGAN) -> None:
    columns = text_columns(writer._fitted().coding)
    assert columns is not None
    assert columns.sources == ("note",)
    assert text_columns(shop_model._fitted().coding) is None
    assert shop_model._fitted().texts is None


def test_features_are_those_of_the_row_whatever_rows_are_beside_it(shop_model: TabGAN, shop: pa.Table) -> None:
    learnt = shop_model._fitted()
    encoded = learnt.coding.codec.encode(learnt.coding.recast.restate(shop), np.random.default_rng(0))
    features = learnt.features(encoded.codes)
    assert features.shape == (shop.num_rows, learnt.generator.plan.n_features)
    assert not features.requires_grad
    assert torch.isfinite(features).all()
    assert torch.equal(features_of(learnt.generator, encoded.codes[5:9]), features[5:9])


def test_what_was_kept_is_restored(shop_model: TabGAN, writer: TabGAN) -> None:
    for model in (shop_model, writer):
        again = restored(model._fitted(), model.config)
        assert again.schema == model.schema
        assert again.tensors().keys() == model._fitted().tensors().keys()


def test_damaged_parts_are_refused(shop_model: TabGAN, writer: TabGAN) -> None:
    learnt, config = shop_model._fitted(), shop_model.config
    name, weights = next(
        (name, array) for name, array in learnt.tensors().items() if array.ndim == 2 and len(array) > 1
    )
    damages: list[dict[str, Any]] = [
        {"stages": []},
        {"stages": None},
        {"texts": writer._fitted().to_json()["texts"]},
        {"tensors": {name: np.full(weights.shape, np.nan, np.float32)}},
        {"tensors": {name: weights[:1]}},
        {"tensors": {"no such": weights}},
        {"tensors": {"realism.weights": np.ones(3)}},
        {"realism": {"level": 0.0}},
    ]
    for damage in damages:
        with pytest.raises((ValueError, TypeError, LookupError, RuntimeError)):
            restored(learnt, config, **damage)
    with pytest.raises(ValueError, match="just where there are columns of it"):
        restored(writer._fitted(), writer.config, texts=None)


def test_both_callbacks_are_called_and_time_is_shared() -> None:
    said: list[str] = []
    columns = (spec_of("note", "string", "text", nullable=True), spec_of("amount", "double"))
    model = TabGAN(TrainingConfig(steps=10, max_minutes=0.1), device="cpu")
    model.fit(
        notes().select(["note", "amount"]),
        schema=Schema(columns),
        callback=lambda _: said.append("rows"),
        text_callback=lambda _: said.append("texts"),
    )
    assert said[0] == "rows"
    assert said[-1] == "texts"
    assert said == sorted(said)
    assert model.info["fit_s"] < 20
