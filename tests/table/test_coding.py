"""Columns as whole numbers."""

import numpy as np
import pyarrow as pa

from tabgan.table.coding import coded, countable
from tabgan.table.columns import ColumnSpec
from tabgan.table.summaries import summarize


def test_each_cell_has_a_number_and_a_missing_one_too() -> None:
    found = coded(pa.chunked_array([pa.array(["b", None, "a"]), pa.array(["b"])]))
    assert found.codes.tolist() == [0, 1, 2, 0]
    assert found.size == 3
    assert coded(pa.chunked_array([pa.array([float("nan"), None, 1.0])])).size == 2
    assert coded(pa.chunked_array([pa.array(["x", "y"]).dictionary_encode()])).codes.dtype == np.int32


def test_numbers_are_counted_only_with_as_few_values_as_categories() -> None:
    rng = np.random.default_rng(0)
    table = pa.table(
        {
            "name": rng.integers(0, 30, 500),
            "few": rng.integers(0, 20, 500) / 2,
            "many": rng.normal(size=500),
            "no": [1] * 500,
        }
    )
    kinds = {"name": "categorical", "few": "continuous", "many": "continuous", "no": "constant"}
    specs = [ColumnSpec(name=name, kind=kind, dtype="double", nullable=False) for name, kind in kinds.items()]  # type: ignore[arg-type]
    assert countable(specs, summarize(table)) == ["name", "few"]
    assert countable(specs[1:], summarize(table)) == []
