from tabgan.gan.blocks import BLOCK, MAX_FEATURES, block_rows, blocks


def test_blocks_of_wide_rows_hold_fewer_and_never_none() -> None:
    sizes = [block_rows(n_features) for n_features in (0, 1, 500, 5_000, 50_000, 10**9)]
    assert sizes[:3] == [BLOCK, BLOCK, BLOCK]
    assert sizes == sorted(sizes, reverse=True)
    assert all(size & (size - 1) == 0 and size >= 64 for size in sizes)
    assert all(block_rows(f) * f <= MAX_FEATURES for f in (3_000, 26_000, 100_000))


def test_blocks_tile_the_rows() -> None:
    for n, size in ((0, 4), (1, 4), (4, 4), (9, 4)):
        places = [place for block in blocks(n, size) for place in range(n)[block]]
        assert places == list(range(n))
