"""A device without memory on which steps run as they would on a GPU, and a watch over what no captured step may do.

Tensors on `meta` have shapes and no values: whatever asks the host for a value fails there of itself. What would copy
from the host's memory is found among the operations.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

META = torch.device("meta")
_aten = torch.ops.aten
_REFUSED = (
    _aten._local_scalar_dense,
    _aten.nonzero,
    _aten.masked_select,
    _aten.equal,
    _aten._unique2,
    _aten.lift_fresh,
    _aten.lift,
)
_WITHOUT_META = (_aten._fused_adamw_,)


class WaitsError(AssertionError):
    """What cannot be captured."""


class _Operations(TorchDispatchMode):
    """Refuses what waits for the device, or copies to it what no graph could copy again; counts the others."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run an operation, if it may be."""
        self.seen += 1
        packet, tensors = func.overloadpacket, [own for own in tree_leaves((args, kwargs)) if torch.is_tensor(own)]
        masks = [own for own in tree_leaves(args[1:2]) if torch.is_tensor(own) and own.dtype == torch.bool]
        if packet in _REFUSED or (packet in (_aten.index, _aten.index_put_) and masks):
            raise WaitsError(f"{func} waits for the device, or copies from the host")
        if any(own.device != META for own in tensors):
            raise WaitsError(f"{func} takes a tensor of the host")
        return None if packet in _WITHOUT_META else func(*args, **(kwargs or {}))


class _Calls(TorchFunctionMode):
    """Refuses tensors from lists, which are copied to a device without an operation that says so."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Call a function, if it may be."""
        if func in (torch.tensor, torch.as_tensor, torch.asarray, torch.from_numpy):
            raise WaitsError(f"{func} copies from the host")
        return func(*args, **(kwargs or {}))


@contextmanager
def watched() -> Iterator[_Operations]:
    """Within it, what waits for the device or copies from the host raises `WaitsError`, or what `meta` raises."""
    with _Calls(), _Operations() as operations:
        yield operations
