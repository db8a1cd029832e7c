"""A made-up shop with every kind of column and rule that real tables hold."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa

N = 20_000
ZONE = ZoneInfo("Europe/Berlin")
REGIONS = {"Nord": ("20", 53.5, 10.0), "Süd": ("80", 48.1, 11.6), "West": ("50", 50.9, 6.9)}
CLASSES = {f"class {i}": f"department {i % 4}" for i in range(12)}
COLOURS = ("red", "green", "blue")
OPENINGS = ("Please leave it", "Do not ring,", "Kindly put the parcel", "Leave", "Our dog barks,")
PLACES = ("at the back door", "with the neighbours", "in the shed", "behind the blue gate", "by the third window")
ENDINGS = ("thank you.", "thanks!", "and call us.", "we are home after six.", "the bell is broken.")
FIRST = ("Anna", "Ben", "Clara", "David", "Eva", "Finn", "Greta", "Hans", "Ida", "Jonas", "Kim", "Lena", "Max", "Nora")
LAST = ("Meyer", "Schmidt", "Huber", "Klein", "Wolf", "Braun", "Lang", "Fuchs", "Vogel", "Busch", "Roth", "Arndt")


def nasty_table(n: int = N, seed: int = 0) -> pa.Table:
    """The table; its rules are those that `broken_rules` knows."""
    rng = np.random.default_rng(seed)
    return pa.table({**_keys(n, rng), **_things(n, rng), **_times(n, rng), **_numbers(n, rng), **_people(n, rng)})


def _keys(n: int, rng: np.random.Generator) -> dict[str, pa.Array]:
    hexes = rng.integers(0, 2**63, (n, 2))
    uuids = [f"{a:016x}{b:016x}" for a, b in hexes.tolist()]
    return {
        "order_id": pa.array([f"ORD-{i:07d}" for i in rng.permutation(9_000_000)[:n]]),
        "uuid": pa.array([f"{u[:8]}-{u[8:12]}-4{u[13:16]}-a{u[17:20]}-{u[20:]}" for u in uuids]),
        "line": pa.array(np.arange(1, n + 1), pa.uint32()),
        "customer_id": pa.array((3_000 * rng.random(n) ** 2).astype(np.int64) + 100_000),
    }


def _things(n: int, rng: np.random.Generator) -> dict[str, pa.Array]:
    product = rng.integers(0, 120, n)
    classes = np.array(list(CLASSES))[product % 12]
    colour = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    sizes = pa.array(["S", "M", "L", "XL", "XXL"])
    size = np.minimum(rng.poisson(1 + product % 3), 3).astype(np.int8)
    labels = pa.array(["nan", "None", "çé ☃", " spaced ", 'a,b"c'])
    return {
        "product": pa.array([f"P{i:03d}" for i in product]),
        "class": pa.array(classes),
        "department": pa.array([CLASSES[name] for name in classes]),
        **{name: pa.array((colour == i).astype(np.int8)) for i, name in enumerate(COLOURS)},
        "size": pa.DictionaryArray.from_arrays(pa.array(size), sizes, ordered=True),
        "label": labels.take(pa.array(rng.choice(5, n, p=[0.4, 0.3, 0.2, 0.08, 0.02]))),
        "gift": pa.array(rng.random(n) < 0.1, mask=rng.random(n) < 0.05),
        "currency": pa.array(["EUR"] * n),
        "unused": pa.nulls(n, pa.float64()),
    }


def _times(n: int, rng: np.random.Generator) -> dict[str, pa.Array]:
    days = rng.integers(0, 900, n)
    start = dt.datetime(2021, 1, 4, tzinfo=dt.UTC)
    weekend = (days % 7 >= 5) & (rng.random(n) < 0.8)
    days = np.where(weekend, days - 2, days)
    hours = np.where(rng.random(n) < 0.6, rng.normal(11, 1.5, n), rng.normal(19, 1.0, n)).clip(0, 23.9)
    ordered = [start + dt.timedelta(days=int(d), hours=float(h)) for d, h in zip(days, hours, strict=True)]
    ordered = [moment.replace(microsecond=0) for moment in ordered]
    shipped = [m + dt.timedelta(hours=float(h)) for m, h in zip(ordered, rng.gamma(2, 15, n), strict=True)]
    shipped = [moment.replace(microsecond=0) for moment in shipped]
    delivered = [(m + dt.timedelta(days=int(d))).date() for m, d in zip(shipped, rng.poisson(2, n), strict=True)]
    open_orders, returned = rng.random(n) < 0.1, rng.random(n) < 0.15
    back = [
        None if not r else d + dt.timedelta(days=int(k))
        for r, d, k in zip(returned, delivered, rng.poisson(9, n), strict=True)
    ]
    reasons = np.array(["too small", "too large", "other"])[rng.choice(3, n, p=[0.5, 0.3, 0.2])]
    return {
        "ordered_at": pa.array(ordered, pa.timestamp("s", "Europe/Berlin")),
        "shipped_at": pa.array(shipped, pa.timestamp("s", "Europe/Berlin"), mask=open_orders),
        "delivered_on": pa.array(delivered, pa.date32(), mask=open_orders),
        "returned_on": pa.array(back, pa.date32()),
        "reason": pa.array(reasons, mask=~returned),
        "slot": pa.array(
            [
                dt.time(h, q)
                for h, q in zip(rng.integers(8, 20, n).tolist(), rng.choice([0, 30], n).tolist(), strict=True)
            ],
            pa.time32("s"),
        ),
        "handling": pa.array((rng.lognormal(3, 1, n) * 1e3).astype(np.int64), pa.duration("ms")),
    }


def _numbers(n: int, rng: np.random.Generator) -> dict[str, pa.Array]:
    net = (rng.lognormal(3, 1.2, n) * 100).astype(np.int64) + 1
    tax = net * np.where(rng.random(n) < 0.8, 19, 7) // 100
    cents = [
        pa.array([Decimal(int(c)).scaleb(-2) for c in amount], pa.decimal128(12, 2)) for amount in (net, tax, net + tax)
    ]
    discount = np.where(rng.random(n) < 0.7, 0.0, np.round(rng.gamma(2, 5, n), 2))
    return {
        "net": cents[0],
        "tax": cents[1],
        "gross": cents[2],
        "discount": pa.array(discount),
        "wealth": pa.array(np.round(10 ** rng.normal(3, 2, n), 3)),
        "weight": pa.array(rng.normal(2, 0.5, n).astype(np.float32), mask=rng.random(n) < 0.02),
        "stock": pa.array(2**63 + rng.integers(0, 50, n).astype(np.uint64), pa.uint64()),
        "points": pa.array(rng.integers(0, 400, n) * 25, pa.int32(), mask=rng.random(n) < 0.1),
    }


def _people(n: int, rng: np.random.Generator) -> dict[str, pa.Array]:
    region = rng.choice(list(REGIONS), n, p=[0.5, 0.3, 0.2])
    prefix, lat, lon = (np.array([REGIONS[name][i] for name in region]) for i in range(3))
    first, last = rng.choice(FIRST, n), rng.choice(LAST, n)
    number = rng.integers(10**6, 10**7, n)
    notes = [
        " ".join(words) for words in zip(*(rng.choice(part, n) for part in (OPENINGS, PLACES, ENDINGS)), strict=True)
    ]
    return {
        "region": pa.array(region),
        "postcode": pa.array([f"{p}{k:03d}" for p, k in zip(prefix, rng.integers(0, 1000, n), strict=True)]),
        "phone": pa.array([f"+49 {p}0 {k}" for p, k in zip(prefix, number, strict=True)]),
        "customer_name": pa.array([f"{a} {b}" for a, b in zip(first, last, strict=True)]),
        "email": pa.array(
            [f"{a}.{b}{k % 9999}@example.org".lower() for a, b, k in zip(first, last, number, strict=True)]
        ),
        "latitude": pa.array(np.round(lat.astype(float) + rng.normal(0, 0.05, n), 5)),
        "longitude": pa.array(np.round(lon.astype(float) + rng.normal(0, 0.05, n), 5)),
        "note": pa.array([f"{note} Ref {k}" for note, k in zip(notes, number, strict=True)], mask=rng.random(n) < 0.3),
    }


def broken_rules(table: pa.Table) -> dict[str, int]:
    """How many rows break each rule of the table."""
    f = table.to_pandas(types_mapper=pd.ArrowDtype)
    both = f["shipped_at"].notna()
    found = {
        "one colour": f[list(COLOURS)].sum(axis=1) != 1,
        "class determines department": f["class"].map(CLASSES) != f["department"],
        "product determines class": f["product"].str[1:].astype(int) % 12 != f["class"].str[6:].astype(int),
        "gross is net and tax": f["net"] + f["tax"] != f["gross"],
        "shipped after ordered": both & (f["shipped_at"] < f["ordered_at"]),
        "shipped and delivered together": f["shipped_at"].isna() != f["delivered_on"].isna(),
        "returned with a reason": f["returned_on"].isna() != f["reason"].isna(),
        "slots at half hours": f["slot"].map(lambda t: t.minute % 30 != 0 or t.second != 0),
        "points in steps of 25": f["points"].fillna(0).astype(int) % 25 != 0,
        "currency": f["currency"] != "EUR",
        "unused": f["unused"].notna(),
        "order ids": f["order_id"].duplicated() | ~f["order_id"].str.fullmatch(r"ORD-\d{7}"),
        "uuids": f["uuid"].duplicated()
        | ~f["uuid"].str.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}"),
        "lines": f["line"].duplicated(),
        "postcodes": ~f["postcode"].str.fullmatch(r"\d{5}"),
        "phones": ~f["phone"].str.fullmatch(r"\+49 \d{3} \d{7}"),
        "e-mails": ~f["email"].str.fullmatch(r"[^@\s]+@[^@\s]+\.[a-z.]+"),
    }
    return {rule: int(mask.fillna(False).sum()) for rule, mask in found.items()}
