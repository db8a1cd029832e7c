"""The encoders in a model file must be those of the schema; `test_checks` has what may be wrong inside of them."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import SchemaError
from tabgan.table.codec import TableCodec
from tabgan.table.schema import Schema
from tabgan.table.summaries import summarize

IDS = np.arange(400) % 20
TABLE = pa.table({"id": pa.array(IDS), "class": pa.array([f"c{i % 4}" for i in IDS]), "shop": pa.array(IDS * 0)})
CODEC = TableCodec.fit(Schema.infer(TABLE), summarize(TABLE), TABLE)


def changed(**fields: Any) -> dict[str, Any]:
    return {**CODEC.to_json(), **fields}


def test_a_codec_with_hierarchies_comes_back() -> None:
    assert [hierarchy.names for hierarchy in CODEC.hierarchies] == [("id", "class")]
    assert TableCodec.from_json(CODEC.schema, CODEC.to_json()) == CODEC


@pytest.mark.parametrize("key", ["dtype", "declared"])
def test_hierarchies_of_other_columns_are_refused(key: str) -> None:
    (document,) = CODEC.to_json()["hierarchies"]
    for other, message in [
        ([document, document], "share no column"),
        ([], "expected encoders of the columns"),
        ({}, "list of hierarchies"),
        ([None], "an encoder is not valid"),
        ([{**document, "members": [{**document["members"][0], "name": "shop"}]}], "column 'shop'"),
        ([{**document, "members": [{**document["members"][0], "name": "nope"}]}], "column 'nope'"),
        ([{**document, "members": [{**document["members"][0], "nullable": True}]}], "column 'id'.*nullable"),
    ]:
        with pytest.raises(SchemaError, match=message):
            TableCodec.from_json(CODEC.schema, changed(hierarchies=other))
    member = {**document["members"][0], "categories": {**document["members"][0]["categories"], key: "int8"}}
    with pytest.raises(SchemaError, match=r"column 'id'|not valid"):
        TableCodec.from_json(CODEC.schema, changed(hierarchies=[{**document, "members": [member]}]))
