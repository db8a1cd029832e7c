"""Blocks of rows by their numbers."""

import pyarrow as pa
import pytest

from tabgan import TabGAN
from tabgan.blocks import RowBlocks, count
from tabgan.errors import ConditionError
from tabgan.gan.drawing import BLOCK


@pytest.mark.parametrize("where", [None, {"department": "tools"}, ["gross < 200"]])
def test_a_block_follows_from_its_number(where: object, shop_model: TabGAN) -> None:
    own = RowBlocks(shop_model._fitted(), where, 4)
    later, first = (pa.concat_tables(own.tables(index, 3 * BLOCK)) for index in (1, 0))
    assert (later.num_rows, first.num_rows) == (BLOCK, BLOCK)
    whole = pa.concat_tables(shop_model.sample_batches(2 * BLOCK, where=where, seed=4)).combine_chunks()
    assert whole.equals(pa.concat_tables([first, later]).combine_chunks())


def test_the_last_block_is_cut_where_the_sample_ends(shop_model: TabGAN) -> None:
    own = RowBlocks(shop_model._fitted(), {"department": "tools"}, 0)
    whole, cut = (pa.concat_tables(own.tables(1, n)) for n in (2 * BLOCK, BLOCK + 1_500))
    assert cut.num_rows == 1_500
    assert cut.combine_chunks().equals(whole.slice(0, 1_500).combine_chunks())


def test_codes_know_which_rows_they_are(shop_model: TabGAN) -> None:
    parts = RowBlocks(shop_model._fitted(), {"department": "tools"}, 0).drawn(2)
    assert len(parts) > 1
    assert [rows.first for _, rows in parts] == [
        2 * BLOCK + sum(len(p) for p, _ in parts[:i]) for i in range(len(parts))
    ]
    assert all(rows.n == len(part) for part, rows in parts)


def test_how_many_blocks_hold_some_rows() -> None:
    assert [count(n) for n in (1, BLOCK, BLOCK + 1)] == [1, 1, 2]


def test_what_cannot_be_is_an_error_at_once(shop_model: TabGAN) -> None:
    with pytest.raises(ConditionError, match="department"):
        RowBlocks(shop_model._fitted(), {"department": "no such"}, 0)
