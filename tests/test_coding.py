"""Predicates come back to a model that was read from a file."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tabgan import Schema, TabGAN, TrainingConfig
from tabgan.errors import InputError, SchemaError
from tabgan.table.constraints import Predicate
from tabgan.table.files import read_table

RULE = "a and b are not both 0"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"a": random.integers(0, 3, 400), "b": random.integers(0, 3, 400)})
    frame = frame[frame.sum(axis=1) > 0]
    schema = Schema(Schema.infer(read_table(frame)).columns, (Predicate(RULE, not_both),))
    path = tmp_path_factory.mktemp("rules") / "rules.tabgan"
    model = TabGAN(TrainingConfig(steps=20), seed=1).fit(frame, schema=schema)
    assert not_both(model.sample(500)).all()
    model.save(path)
    return path


def not_both(frame: pd.DataFrame) -> "pd.Series[bool]":
    return frame["a"] + frame["b"] > 0


def test_a_file_keeps_the_name_alone(path: Path) -> None:
    with pytest.raises(SchemaError, match=r"expected a function.*TabGAN\.load"):
        TabGAN.load(path).sample(5)


def test_the_function_can_be_given_again_or_dropped(path: Path) -> None:
    assert not_both(TabGAN.load(path, predicates={RULE: not_both}).sample(500)).all()
    assert len(TabGAN.load(path, predicates={RULE: None}).sample(500)) == 500


def test_an_unknown_predicate_is_refused(path: Path) -> None:
    with pytest.raises(InputError, match="not both 0"):
        TabGAN.load(path, predicates={"other": None})
