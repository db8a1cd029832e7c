"""What is wanted of places of which one coordinate is known."""

import numpy as np
import pyarrow as pa

from tabgan.table.codec import TableCodec
from tabgan.table.holes import encode_known, known_cells, restate_known
from tabgan.table.partial import partly_known
from tabgan.table.recast import Recast
from tabgan.table.restating.place import Place
from tabgan.table.schema import Schema
from tabgan.table.summaries import summarize


def test_a_cell_is_wanted_that_reaches_the_coordinate() -> None:
    random = np.random.default_rng(0)
    table = pa.table(
        {
            "latitude": np.round(random.uniform(50, 51, 1_000), 6),
            "longitude": np.round(random.uniform(8, 9, 1_000), 6),
            "kind": random.choice(["a", "b"], 1_000),
        }
    )
    recast, restated = Recast.fit(Schema.infer(table, constraints=False), table)
    (place,) = recast.steps
    assert isinstance(place, Place)
    codec = TableCodec.fit(recast.learnt_schema, summarize(restated), restated)
    holes = pa.table({"latitude": [50.5, 50.25, None], "longitude": [None, 8.5, None], "kind": ["a", None, "b"]})
    source = known_cells(recast.schema.conform(holes, with_holes=True))
    _, depths, known = encode_known(codec, restate_known(recast, source), 3, 0)
    wants, own = partly_known(recast, codec, source, known, depths, missing=False)
    assert wants == {}
    cell = own[place.learnt[0].name]
    boxes = place.box_array[:, 0]
    assert cell.allowed is not None
    assert cell.allowed[0].tolist() == ((boxes[:, 0] <= 50.5) & (boxes[:, 1] >= 50.5)).tolist()
    assert 1 < cell.allowed[0].sum() < len(boxes) / 4
    assert cell.allowed[1:].all()
