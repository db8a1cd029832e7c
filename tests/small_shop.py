"""A small shop with columns that go together in many ways; its rules are those that `broken_rules` counts."""

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa

from tabgan import TabGAN
from tabgan.coding import Coding
from tabgan.learnt import Learnt
from tabgan.table.columns import ColumnSpec
from tabgan.table.constraints import Constraint
from tabgan.table.schema import Schema

DEPARTMENTS = {f"product {i:02d}": ("books", "games", "tools")[i % 3] for i in range(12)}
COLOURS = ("red", "green", "blue")


def small_shop(n: int = 600, seed: int = 0) -> pa.Table:
    """Orders: a key, one-hot colours, a sum, an order of timestamps, products in departments, and plain columns."""
    random = np.random.default_rng(seed)
    product = random.integers(0, 12, n)
    colour = random.choice(3, n, p=[0.6, 0.3, 0.1])
    net, tax = random.integers(1, 500, n), random.integers(0, 90, n)
    start = random.integers(0, 300 * 24, n)
    days = random.integers(0, 9, n)
    held = random.random(n) < 0.8
    moments = [dt.datetime(2021, 1, 4) + dt.timedelta(hours=int(hours)) for hours in start]
    ends = [moment + dt.timedelta(days=int(more)) for moment, more in zip(moments, days, strict=True)]
    names = list(DEPARTMENTS)
    return pa.table(
        {
            "id": pa.array([f"A-{i:05d}" for i in random.permutation(n)]),
            "product": pa.array([names[i] for i in product]),
            "department": pa.array([DEPARTMENTS[names[i]] for i in product]),
            **{name: pa.array((colour == i).astype(np.int8)) for i, name in enumerate(COLOURS)},
            "net": pa.array(net),
            "tax": pa.array(tax),
            "gross": pa.array(net + tax),
            "ordered": pa.array(moments, pa.timestamp("s")),
            "sent": pa.array(ends, pa.timestamp("s"), mask=~held),
            "size": pa.DictionaryArray.from_arrays(
                pa.array(np.minimum(product % 4 + random.integers(0, 2, n), 3).astype(np.int8)),
                pa.array(["S", "M", "L", "XL"]),
                ordered=True,
            ),
            "member": pa.array(random.random(n) < 0.3 + 0.4 * (colour == 0)),
            "weight": pa.array(np.round(random.normal(product, 1.0), 2), mask=random.random(n) < 0.1),
        }
    )


def spec_of(name: str, dtype: str, kind: str = "continuous", **more: object) -> ColumnSpec:
    """A column that has no missing cells unless this is said."""
    return ColumnSpec(**{"name": name, "kind": kind, "dtype": dtype, "nullable": False} | more)


def broken_rules(table: pa.Table) -> dict[str, int]:
    """How many rows break each rule of the shop; none are named where none does."""
    frame = table.to_pandas()
    sent = frame["sent"].notna()
    found = {
        "one colour": frame[list(COLOURS)].sum(axis=1) != 1,
        "department": frame["product"].map(DEPARTMENTS) != frame["department"].astype(object),
        "gross": frame["net"] + frame["tax"] != frame["gross"],
        "sent after ordered": sent & (frame["sent"] < frame["ordered"]),
        "ids": frame["id"].duplicated() | frame["id"].isna(),
    }
    return {rule: int(mask.sum()) for rule, mask in found.items() if mask.any()}


def hidden(table: pa.Table, share: float, seed: int = 0) -> pa.Table:
    """The table without some of its cells."""
    random = np.random.default_rng(seed)
    columns = []
    for column in table.columns:
        hide = pa.array(np.flatnonzero(random.random(table.num_rows) < share))
        where = pd.Series(np.arange(table.num_rows)).where(~np.isin(np.arange(table.num_rows), hide.to_numpy()))
        columns.append(column.combine_chunks().take(pa.array(where, pa.float64(), from_pandas=True).cast(pa.int64())))
    return pa.table(columns, names=table.column_names)


def ruled(model: TabGAN, *rules: Constraint, found: bool = True) -> Learnt:
    """What the model has learnt, and rules that it was not told of."""
    learnt = model._fitted()
    schema = Schema(learnt.schema.columns, (*(learnt.schema.constraints if found else ()), *rules))
    recast = dataclasses.replace(learnt.coding.recast, schema=schema)
    return dataclasses.replace(learnt, coding=Coding(recast, learnt.coding.codec))
