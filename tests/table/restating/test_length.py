"""Orders as lengths, and as two columns that are mended."""

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tabgan.table import arrays
from tabgan.table.constraints import Order
from tabgan.table.encoders import CellsError
from tabgan.table.restating.base import Rows
from tabgan.table.restating.length import Length
from tabgan.table.wanted import Wanted

from .made import TYPES, cells, chunks, free, require_round_trip, shuffled, specs, written

PAIRS = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(0, 60)), st.integers(0, 60), st.booleans()), min_size=1, max_size=40
)
SORTS = [(kind, kind) for kind in TYPES] + [
    ("int8", "float64"), ("float64", "int64"), ("decimal", "float64"), ("date", "timestamp"), ("timestamp", "date"),
    ("float32", "float64"), ("float64", "float32"), ("uint16", "decimal"),
]  # fmt: skip


def length_of(table: pa.Table, *, strict: bool = False, moved: str = "high", apart: bool = False) -> Length | None:
    rule = Order("low", "high", strict)
    return Length.of(
        rule, specs(table), {name: table[name] for name in table.column_names}, free, moved=moved, apart=apart
    )


def in_order(table: pa.Table, strict: bool = False) -> bool:
    return not Order("low", "high", strict).broken(table).any()


def within(table: pa.Table, source: pa.Table) -> bool:
    for name in ("low", "high"):
        made, real = (arrays.numbers(each[name].drop_null()) for each in (table, source))
        if len(made) and (made.min() < real.min() or made.max() > real.max()):
            return False
    return True


@pytest.mark.parametrize("sort", SORTS, ids=str)
@pytest.mark.parametrize("mode", ["length", "high", "low"])
@settings(max_examples=15, deadline=None)
@given(rows=PAIRS, strict=st.booleans())
def test_the_order_holds_in_whatever_is_drawn(sort, mode, rows, strict) -> None:
    low = cells([a for a, _, _ in rows], sort[0])
    high = cells([None if gone else (a or 0) + b for a, b, gone in rows], sort[1])
    table = pa.table({"low": low, "high": high})
    table = table.filter(pa.array(~Order("low", "high", strict).broken(table)))
    step = length_of(table, strict=strict, moved="low" if mode == "low" else "high", apart=mode != "length")
    if step is None:
        assert not table.drop_null().num_rows
        return
    learnt = require_round_trip(step, table)
    made = written(step, shuffled(learnt, 60))
    assert in_order(made, strict)
    assert made.schema == pa.schema([pa.field(name, table[name].type) for name in ("low", "high")])
    assert within(made, table)
    other = length_of(table, strict=strict, moved="low" if mode == "low" else "high", apart=mode != "length")
    assert other == step
    assert type(step).from_json(json.loads(json.dumps(step.to_json()))) == step


def stays(n: int = 2_000) -> pa.Table:
    """Stays of 1 to 14 days over a year."""
    rng = np.random.default_rng(0)
    start = rng.integers(0, 365, n)
    return pa.table({"low": cells(start, "date"), "high": cells(start + rng.integers(1, 15, n), "date")})


def test_lengths_are_learnt_where_they_vary_less() -> None:
    step = length_of(stays())
    assert step.learnt[1].name == "high [length]"
    assert step.learnt[1].arrow_type == pa.duration("s")
    assert set(np.unique(arrays.numbers(step.restate(chunks(stays(), step))[1])) // 86_400) == set(range(1, 15))


def test_both_columns_are_learnt_where_they_vary_alike() -> None:
    rng = np.random.default_rng(0)
    sides = np.sort(rng.gamma(2, 20, (2_000, 2)).round(4))
    step = length_of(pa.table({"low": sides[:, 0], "high": sides[:, 1]}))
    assert step.length is None
    assert [spec.name for spec in step.learnt] == ["low", "high"]


def test_many_ties_are_learnt_as_lengths() -> None:
    rng = np.random.default_rng(0)
    price = rng.gamma(2, 20, 2_000).round(2)
    paid = np.where(rng.random(2_000) < 0.5, price, (price * rng.random(2_000)).round(2))
    step = length_of(pa.table({"low": paid, "high": price}))
    assert step.length is not None
    assert (arrays.numbers(step.restate([pa.array(paid), pa.array(price)])[1]) == 0).mean() > 0.4


def test_an_end_alone_is_learnt_as_it_is() -> None:
    table = pa.table({"low": [1, None, 3] * 10, "high": [2, 5, None] * 10})
    step = length_of(table)
    assert step.length is None
    require_round_trip(step, table)


def test_mended_rows_are_close_and_the_others_untouched() -> None:
    rng = np.random.default_rng(0)
    sides = np.sort(rng.gamma(2, 20, (2_000, 2)).round(4))
    step = length_of(pa.table({"low": sides[:, 0], "high": sides[:, 1]}))
    low, high = pa.array([5.0, 5.0, 1.25]), pa.array([4.0, 7.5, 1.25])
    made = step.write([low, high], Rows(3, 0, 3))
    assert made[0].equals(low)
    assert made[1].to_pylist()[1:] == [7.5, 1.25]
    assert 5.0 <= made[1][0].as_py() <= 5.0 + np.quantile(sides[:, 1] - sides[:, 0], 0.11)
    assert step.write([low, high], Rows(3, 0, 3))[1].equals(made[1])


def test_rows_out_of_order_are_counted() -> None:
    step = length_of(stays())
    with pytest.raises(CellsError, match=r"expected 'low' <= 'high', got something else in 2 rows, first in row 1"):
        step.restate([cells([1, 5, 6], "date"), cells([2, 4, 3], "date")])


def test_bounds_of_the_end_narrow_the_length_row_by_row() -> None:
    table = stays()
    step = length_of(table)
    day = 86_400
    first = int(arrays.numbers(table["low"]).min())
    want = Wanted(low=np.array([first + 100]), high=np.array([first + 105]), missing=np.array([False]))
    before = step.narrow({"high": want}, {})
    assert before["low"].high.tolist() == [first + 105]
    assert before["low"].low[0] <= first + 100 - 14
    known = {"low": cells([95, 100, 104], "date")}
    after = step.narrow({"high": want}, known)
    assert "low" not in after
    length = after["high [length]"]
    lows, highs = length.low // day, length.high // day
    assert highs.tolist() == [10, 5, 1]
    assert lows.tolist() == [4, 1, 1]  # one day less than is needed, since ends are rounded up
    for number in range(1, 15):
        made = step.write([known["low"], pa.array([number * day] * 3).view(pa.duration("s"))], Rows(0, 0, 3))[1]
        good = (arrays.numbers(made) >= first + 100) & (arrays.numbers(made) <= first + 105)
        assert (good <= ((lows <= number) & (number <= highs))).all()


def test_nothing_is_wanted_where_the_end_may_be_anything() -> None:
    step = length_of(stays())
    assert step.narrow({}, {}) == {}
    everything = Wanted(low=np.array([-(10**6)]), high=np.array([10**6]))
    assert "high [length]" not in step.narrow({"high": everything}, {})


def test_sets_count_by_their_ends() -> None:
    table = stays()
    step = length_of(table)
    want = Wanted(cells=cells([50, 60], "date"), allowed=np.array([[True, False], [True, True]]))
    found = step.narrow({"high": want}, {"low": cells([49, 49], "date")})
    assert (found["high [length]"].high // 86_400).tolist() == [1, 11]


def test_a_start_whose_end_may_be_missing_can_be_anywhere() -> None:
    table = stays().append_column("gone", pa.array(np.arange(stays().num_rows) % 3 == 0))
    high = pc.if_else(table["gone"], pa.scalar(None, table["high"].type), table["high"])
    step = length_of(pa.table({"low": table["low"], "high": high}))
    assert step.length is not None
    assert step.length.nullable
    first = int(arrays.numbers(table["low"]).min())
    want = Wanted(low=np.array([first + 100]), high=np.array([first + 105]), missing=np.array([True]))
    found = step.narrow({"high": want}, {})
    assert found["low"].low is None
    assert found["low"].high is None
    assert found["low"].missing is None
    either = np.array([True, False])
    found = step.narrow({"high": replace(want, missing=either), "low": Wanted(missing=~either)}, {})
    assert found["high [length]"].missing.tolist() == [True, False]
    assert found["low"].missing.tolist() == [False, False]
    assert found["low"].high.tolist() == [arrays.numbers(table["low"]).max(), first + 105]
