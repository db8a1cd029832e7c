import numpy as np
import pandas as pd
import pytest

from tabgan import Schema
from tabgan.errors import DataWarning, InputError
from tabgan.prepared import Prepared
from tabgan.table.files import read_table


def people(n: int = 60) -> pd.DataFrame:
    random = np.random.default_rng(0)
    return pd.DataFrame({"city": random.choice(["Ulm", "Jena"], n), "age": random.normal(40, 9, n)})


def test_a_table_comes_read_checked_and_encoded_and_stays_as_it_was() -> None:
    table = people()
    before = table.copy()
    prepared = Prepared.of(table, None, 3)
    assert table.equals(before)
    assert len(prepared.encoded) == prepared.table.num_rows == 60
    assert prepared.coding.schema.to_pandas(prepared.table).equals(table)
    again, other = Prepared.of(table, prepared.coding.schema, 3), Prepared.of(table, None, 4)
    assert np.array_equal(prepared.encoded.codes, again.encoded.codes)
    assert np.array_equal(prepared.encoded.values, again.encoded.values)
    assert prepared.coding.codec.layout == other.coding.codec.layout


def test_what_is_no_schema_or_does_not_fit_is_refused() -> None:
    with pytest.raises(InputError, match="schema must be a Schema, got 'none'"):
        Prepared.of(people(), "none", 0)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="height"):
        Prepared.of(people(), Schema.infer(read_table(people().assign(height=1.5))), 0)


def test_columns_without_a_cell_are_warned_of() -> None:
    with pytest.warns(DataWarning, match="all cells of column 'empty' are missing"):
        Prepared.of(people().assign(empty=None), None, 0)
