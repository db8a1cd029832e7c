"""Whatever a column holds, its codes correspond to themselves, and to nothing that is not there."""

import numpy as np
import pyarrow as pa
import pytest

from tabgan.table.codec import TableCodec
from tabgan.table.correspondence import partners_of
from tabgan.table.schema import Schema
from tabgan.table.summaries import summarize

from .test_encoders import CASES, COLUMNS, fitted, spec_of


def codec_of(encoder: str, name: str, *, part: slice | None = None) -> TableCodec:
    spec = spec_of(name, encoder)
    if part is None:
        return TableCodec(Schema((spec,)), (fitted(encoder, name),))
    column = pa.table({name: COLUMNS[name]}).slice(part.start, part.stop - part.start)
    return TableCodec.from_summaries(Schema((spec,)), summarize(column))


NO_SCHEMA = "all missing null"  # can only be constant


@pytest.mark.parametrize(("encoder", "name"), [case for case in CASES if case[1] != NO_SCHEMA])
def test_a_column_corresponds_to_itself(encoder: str, name: str) -> None:
    codec = codec_of(encoder, name)
    found = partners_of(codec, codec)
    assert len(found) == codec.layout.n_codes
    for code, partners in enumerate(found):
        assert partners is not None
        assert partners.code == code
        np.testing.assert_array_equal(partners.own, partners.other)
        np.testing.assert_array_equal(partners.before, partners.other_before)


@pytest.mark.parametrize(
    ("encoder", "name"),
    [(encoder, name) for encoder, name in CASES if encoder != "constant" and len(COLUMNS[name]) > 4],
)
def test_partners_are_categories_of_the_other_layout(encoder: str, name: str) -> None:
    n = len(COLUMNS[name])
    try:
        halves = [codec_of(encoder, name, part=part) for part in (slice(0, n // 2), slice(n // 2, n))]
    except ValueError as error:  # nothing but missing cells in one half, say
        pytest.skip(str(error))
    for codec, other in (halves, halves[::-1]):
        for code, partners in enumerate(partners_of(codec, other)):
            if partners is None:
                continue
            assert partners.own.max() < codec.layout.cardinalities[code]
            assert partners.other.max() < other.layout.cardinalities[partners.code]
            assert ((partners.other < 0) == (partners.other_before < 0)).all()
            assert len({*zip(partners.before.tolist(), partners.own.tolist(), strict=True)}) == len(partners.own)
