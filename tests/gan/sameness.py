"""Whether two objects hold the same, all the way down: numbers, arrays, networks, optimisers and random streams.

It looks at whatever attributes there are, so that a new one that a run's state forgets is found without being named.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import torch

TIMES = {"elapsed_s", "left_s", "remaining_s", "_started", "elapsed"}
"""Attributes that differ from run to run."""
_PLAIN = (bool, int, float, str, bytes, type(None), torch.device, torch.dtype, slice, range, type)


def differences(one: Any, other: Any, path: str = "run", seen: dict[int, Any] | None = None) -> Iterator[str]:
    """The paths of what differs, with what there is."""
    seen = {} if seen is None else seen
    if id(one) in seen or (callable(one) and not hasattr(one, "__dict__")):
        return
    if type(one) is not type(other):
        yield f"{path}: {type(one)} against {type(other)}"
    elif isinstance(one, (*_PLAIN, torch.Tensor, np.ndarray)):
        if not _equal(one, other):
            yield f"{path}: {one!r} against {other!r}"
    else:
        seen[id(one)] = one  # held, so that no other object gets its id
        mine, theirs = _parts(one), _parts(other)
        if list(mine) != list(theirs):
            yield f"{path}: has {list(mine)} against {list(theirs)}"
        for name in mine.keys() & theirs.keys() - TIMES:
            yield from differences(mine[name], theirs[name], f"{path}.{name}", seen)


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and np.array_equal(one.detach().cpu(), other.detach().cpu(), equal_nan=True)
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    return bool(one == other) or repr(one) == repr(other) == "nan"


def _parts(whole: Any) -> dict[Any, Any]:
    if isinstance(whole, torch.Generator):
        return {"state": whole.get_state()}
    if isinstance(whole, np.random.Generator):
        return {"state": str(whole.bit_generator.state)}
    if isinstance(whole, Mapping):
        return dict(whole)
    if isinstance(whole, set | frozenset):
        return {"sorted": sorted(whole)}
    own: dict[Any, Any] = dict(enumerate(whole)) if isinstance(whole, list | tuple) else {}
    if is_dataclass(whole):
        own |= {item.name: getattr(whole, item.name) for item in fields(whole)}
    return own | {name: value for name, value in getattr(whole, "__dict__", {}).items() if name != "_parts"}
