"""How exact products of matrices are while networks learn.

Processors with tiles for it multiply bfloat16 matrices several times as quickly as float32 ones. Where large products
are asked for within `coarse_products`, their factors are rounded to bfloat16 and the sums stay float32: gradients of a
batch are far noisier than that. Everything else, and all that is drawn or told, is as exact as ever; processors without
such tiles do not round at all.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


def has_tiles() -> bool:
    """Whether this processor multiplies bfloat16 matrices in tiles."""
    return bool(torch.cpu._is_amx_tile_supported())


@contextmanager
def coarse_products(device: torch.device) -> Iterator[None]:
    """Products of float32 matrices on a processor with tiles may round their factors in here."""
    before = torch.get_float32_matmul_precision()
    if device.type != "cpu" or before == "medium" or not has_tiles():
        yield
        return
    torch.set_float32_matmul_precision("medium")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)
