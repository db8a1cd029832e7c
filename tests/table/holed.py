"""A table with a group, a sum, an order and a hierarchy, and what is learnt of it."""

import datetime as dt

import numpy as np
import pyarrow as pa

from tabgan.table.codec import TableCodec
from tabgan.table.constraints import Combinations, OneHot, Order, Sum
from tabgan.table.recast import Recast
from tabgan.table.schema import ColumnSpec, Schema
from tabgan.table.summaries import summarize

N = 400
SIZES = pa.array(["S", "M", "L"])


def made() -> pa.Table:
    random = np.random.default_rng(0)
    choice, product = random.integers(0, 2, N), random.integers(0, 6, N)
    net, tax = random.integers(0, 100, N), random.integers(0, 20, N)
    day = random.integers(0, 200, N)
    start = [dt.date(2021, 1, 1) + dt.timedelta(days=int(k)) for k in day]
    end = [first + dt.timedelta(days=int(k)) for first, k in zip(start, random.integers(0, 9, N), strict=True)]
    return pa.table(
        {
            "x": pa.array((choice == 0).astype(np.int8)),
            "y": pa.array((choice == 1).astype(np.int8)),
            "net": pa.array(net),
            "tax": pa.array(tax),
            "total": pa.array(net + tax),
            "start": pa.array(start, pa.date32()),
            "end": pa.array(end, pa.date32()),
            "product": pa.array([f"p{i}" for i in product]),
            "group": pa.array([f"g{i % 2}" for i in product]),
            "size": pa.DictionaryArray.from_arrays(pa.array(random.integers(0, 3, N).astype(np.int8)), SIZES),
            "weight": pa.array(random.normal(size=N), mask=random.random(N) < 0.2),
        }
    )


TABLE = made()
KINDS = {
    "start": "datetime",
    "end": "datetime",
    "product": "categorical",
    "group": "categorical",
    "size": "categorical",
}
SCHEMA = Schema(
    tuple(
        ColumnSpec(
            name=field.name,
            kind=KINDS.get(field.name, "continuous"),  # type: ignore[arg-type]
            dtype=str(field.type),
            nullable=field.name == "weight",
            categories=("S", "M", "L") if field.name == "size" else None,
        )
        for field in TABLE.schema
    ),
    (OneHot(("x", "y")), Sum("total", ("net", "tax")), Order("start", "end"), Combinations(("product", "group"), True)),
)
RECAST, LEARNT = Recast.fit(SCHEMA, TABLE)
CODEC = TableCodec.fit(RECAST.learnt_schema, summarize(LEARNT), LEARNT)
