"""How many threads of a CPU a step is worth.

The operations of a step on a narrow table take microseconds each. A second thread makes such a run a fifth quicker on
an idle machine; where anything else wants a core the threads wait for each other most of the time, and it takes many
times longer than with one thread. So narrow tables are learnt with one.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

WIDE = 1_000_000
"""Features of a batch from which on its products are large enough to be shared out."""


def threads_for(n_features: int, device: torch.device) -> int:
    """The threads for a step: one for few features of a batch, else as many as PyTorch is allowed.

    Args:
        n_features: of all rows of a batch together.
        device: where the step is computed; one that is no CPU needs no threads, and changes nothing.
    """
    return 1 if device.type == "cpu" and n_features < WIDE else torch.get_num_threads()


@contextmanager
def threads(number: int) -> Iterator[None]:
    """Let PyTorch use so many threads in here."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)
