"""Cells that chance has a part in are drawn until they are as wanted."""

import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import ConditionError
from tabgan.table.recast import Recast
from tabgan.table.restating.base import Rows
from tabgan.table.restating.place import Place
from tabgan.table.rewriting import as_wanted
from tabgan.table.schema import Schema
from tabgan.table.wanted import Wanted

N = 2_000


@pytest.fixture(scope="module")
def recast() -> tuple[Recast, dict[str, pa.Array]]:
    """Points in a square, and beside them a kind; and all rows in the learnt words."""
    random = np.random.default_rng(0)
    table = pa.table(
        {
            "latitude": np.round(random.uniform(50, 51, N), 6),
            "kind": random.choice(["a", "b"], N),
            "longitude": np.round(random.uniform(8, 9, N), 6),
        }
    )
    made, restated = Recast.fit(Schema.infer(table, constraints=False), table)
    assert [type(step) for step in made.steps] == [Place]
    return made, {name: restated[name].combine_chunks() for name in restated.column_names}


def between(low: float, high: float) -> dict[str, Wanted]:
    return {"latitude": Wanted(low=np.array([low]), high=np.array([high]), missing=np.zeros(1, np.bool_))}


def of_one_cell(learnt: dict[str, pa.Array], n: int) -> dict[str, pa.Array]:
    return {name: column.take(pa.array(np.zeros(n, np.int64))) for name, column in learnt.items()}


def middle(recast: Recast, learnt: dict[str, pa.Array]) -> tuple[float, float]:
    """A quarter of the latitudes of the cell of the first row."""
    found = recast.write(of_one_cell(learnt, N), Rows(0, 0, N))["latitude"].to_numpy()
    low, high = found.min(), found.max()
    return low + 0.5 * (high - low), low + 0.75 * (high - low)


def test_cells_are_as_wanted_and_evenly_spread_among_these(recast) -> None:
    made, learnt = recast
    one, (low, high) = of_one_cell(learnt, N), middle(*recast)
    plain = made.write(one, Rows(3, 0, N))
    found = as_wanted(made, plain, one, Rows(3, 0, N), between(low, high))
    latitude = found["latitude"].to_numpy()
    assert latitude.min() >= low
    assert latitude.max() <= high
    shares = np.histogram(latitude, np.linspace(low, high, 5))[0] / N
    assert np.abs(shares - 0.25).max() < 0.05
    kept = (plain["latitude"].to_numpy() >= low) & (plain["latitude"].to_numpy() <= high)
    assert 0.1 < kept.mean() < 0.5
    assert found.filter(pa.array(kept)).equals(plain.filter(pa.array(kept)))
    assert found.schema == plain.schema
    assert found["kind"] == plain["kind"]
    assert not np.array_equal(found["longitude"].to_numpy()[~kept], plain["longitude"].to_numpy()[~kept])


def test_a_row_depends_on_its_number_alone(recast) -> None:
    made, learnt = recast
    one, wanted = of_one_cell(learnt, N), between(*middle(*recast))

    def written(rows: Rows, names: list[str] | None = None) -> pa.Table:
        cells = {name: column.slice(0, rows.n) for name, column in one.items()}
        return as_wanted(made, made.write(cells, rows, kept=names), cells, rows, wanted)

    whole = written(Rows(5, 0, N))
    assert written(Rows(5, 0, 40)).equals(whole.slice(0, 40).combine_chunks())
    some = np.array([3, 17, 90])
    assert written(Rows(5, 0, N).keep(some, 0)).equals(whole.take(pa.array(some)))
    assert written(Rows(5, 0, N), ["longitude"]).equals(whole.select(["longitude"]))
    assert not written(Rows(6, 0, N)).equals(whole)


def test_what_never_comes_out_is_an_error_that_counts(recast, monkeypatch: pytest.MonkeyPatch) -> None:
    made, learnt = recast
    monkeypatch.setattr("tabgan.table.rewriting.TRIES", 3)
    table = made.write(learnt, Rows(0, 0, N))
    with pytest.raises(ConditionError, match=r"column 'latitude', got others in 2,000 rows, 3 times in a row; ask"):
        as_wanted(made, table, learnt, Rows(0, 0, N), between(60, 61))


def test_nothing_is_done_where_all_is_as_wanted(recast) -> None:
    made, learnt = recast
    table = made.write(learnt, Rows(0, 0, N))
    assert as_wanted(made, table, learnt, Rows(0, 0, N), between(50, 51)) == table
    assert as_wanted(made, table.select(["kind"]), learnt, Rows(0, 0, N), between(60, 61)) == table.select(["kind"])
