"""What is wanted of rows of which a part is known of what several columns say together."""

import datetime as dt

import pyarrow as pa

from tabgan.table.holes import encode_known, known_cells, restate_known
from tabgan.table.partial import Wants, partly_known

from .holed import CODEC, RECAST, SCHEMA, TABLE


def wants(table: pa.Table, missing: bool = True, slack_days: int = 0) -> tuple[Wants, Wants]:
    source = known_cells(SCHEMA.conform(table, with_holes=True))
    _, depths, known = encode_known(CODEC, restate_known(RECAST, source), table.num_rows, 0)
    return partly_known(RECAST, CODEC, source, known, depths, missing=missing, slack_days=slack_days)


def test_of_whole_rows_and_of_empty_ones_nothing_is_wanted() -> None:
    assert wants(TABLE) == ({}, {})
    assert wants(pa.table({"weight": [None, None]})) == ({}, {})


def test_of_partly_known_groups_the_known_cells_are_wanted() -> None:
    restated, own = wants(pa.table({"total": [50, None], "net": [None, 7], "product": ["p1", None]}))
    assert restated["total"].low.tolist()[0] == restated["total"].high.tolist()[0] == 50
    assert restated["total"].holds(pa.array([50, 60])).all()
    assert restated["total"].holds(pa.array([51, 60])).tolist() == [False, True]
    assert own["product"].holds(pa.array(["p1", "p4"])).all()
    assert own["product"].holds(pa.array(["p2", "p4"])).tolist() == [False, True]
    assert "x" not in restated


def test_cells_may_be_asked_to_be_there() -> None:
    assert wants(pa.table({"weight": [None, 1.0]}), missing=True) == ({}, {})
    _, own = wants(pa.table({"weight": [None, 1.0]}), missing=False)
    assert own["weight"].holds(pa.array([None, None], pa.float64())).tolist() == [False, True]


def test_an_end_alone_is_wanted_nearly_and_the_start_not_behind_it() -> None:
    day = dt.date(2021, 3, 10)
    cells = [day + dt.timedelta(days=k) for k in (-2, -1, 0, 1, 2)]
    for slack, expected in ((0, [False, False, True, False, False]), (1, [False, True, True, True, False])):
        restated, _ = wants(pa.table({"end": pa.array([day] * 5)}), slack_days=slack)
        assert restated["end"].holds(pa.array(cells)).tolist() == expected
        assert restated["start"].holds(pa.array(cells)).tolist() == [True, True, True, False, False]
