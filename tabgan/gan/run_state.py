"""All that a run of training needs to go on as if nothing had happened: plain values and arrays.

A run is made of parts that change while it learns: networks, optimisers, random streams, and objects that tell their
own state. Each is taken by its name and put back by it, and a state that lacks a part, or has one too many, is refused.
What a run makes anew from its table and its seed is no part of a state: there are no rows of the table in it.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tabgan.errors import ArtifactError

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class RunState:
    """A run after one of its steps, or a part of it.

    Attributes:
        values: plain JSON values.
        tensors: name to array.
    """

    values: Mapping[str, Any]
    tensors: Mapping[str, NDArray[np.generic]]


Keeper: TypeAlias = Callable[[Callable[[], RunState]], None]
"""Called after every step with what takes the run's state; it decides whether to take and keep it."""


class Stateful(Protocol):
    """What tells its own state."""

    def state(self) -> RunState:
        """The state, apart from what goes on changing: arrays are copies."""
        ...

    def resume(self, state: RunState) -> None:
        """Go on from a state of an object that was made in the same way."""
        ...


Part: TypeAlias = nn.Module | torch.Generator | np.random.Generator | Stateful


def take(parts: Mapping[str, Part]) -> RunState:
    """The states of parts together.

    Args:
        parts: by names without a dot.

    Example:
        >>> draws = np.random.default_rng(0)
        >>> before, first = take({"draws": draws}), draws.random()
        >>> put_back({"draws": draws}, before)
        >>> draws.random() == first
        True
    """
    states = {name: _state_of(part) for name, part in parts.items()}
    tensors = {f"{name}.{key}": array for name, state in states.items() for key, array in state.tensors.items()}
    return RunState({name: state.values for name, state in states.items()}, tensors)


def put_back(parts: Mapping[str, Part], state: RunState) -> None:
    """Let parts go on from where `take` found those of another run.

    Raises:
        ArtifactError: if the state is not one of these parts; they are of no use then.
    """
    try:
        if set(parts) != set(state.values):
            raise ValueError(f"expected the parts {sorted(parts)}, got {sorted(state.values)}")
        for name, part in parts.items():
            own = {key.removeprefix(f"{name}."): a for key, a in state.tensors.items() if key.startswith(f"{name}.")}
            _resume(part, RunState(state.values[name], own))
    except (AttributeError, LookupError, TypeError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())  # torch says several lines
        raise ArtifactError(f"this is not the state of such a run: {reason}; begin anew") from error


def _state_of(part: Part) -> RunState:
    match part:
        case nn.Module():
            return RunState({}, {name: to_array(tensor) for name, tensor in part.state_dict().items()})
        case torch.Generator():
            return RunState({}, {"state": to_array(part.get_state())})
        case np.random.Generator():
            return RunState({"state": part.bit_generator.state}, {})
        case _:
            return part.state()


def _resume(part: Part, state: RunState) -> None:
    match part:
        case nn.Module():
            part.load_state_dict({name: to_tensor(array) for name, array in state.tensors.items()})
        case torch.Generator():
            part.set_state(to_tensor(state.tensors["state"]))
        case np.random.Generator():
            part.bit_generator.state = state.values["state"]
        case _:
            part.resume(state)


def to_array(tensor: Tensor) -> NDArray[np.generic]:
    """A copy of a tensor."""
    copied: NDArray[np.generic] = np.array(tensor.detach().cpu().numpy())
    return copied


def to_tensor(array: NDArray[np.generic], device: torch.device | None = None) -> Tensor:
    """A copy of an array, in memory that torch has laid out, since results may hang on how numbers lie."""
    return torch.tensor(array, device=device)


class Records(list[T], Generic[T]):
    """A list of flat dataclasses of one kind, which tells its own state.

    Args:
        kind: the dataclass.
    """

    def __init__(self, kind: Callable[..., T]) -> None:
        super().__init__()
        self._kind = kind

    def state(self) -> RunState:
        """Each record as a mapping."""
        return RunState({"records": [asdict(record) for record in self]}, {})  # type: ignore[call-overload]

    def resume(self, state: RunState) -> None:
        """These records instead of its own."""
        self[:] = [self._kind(**record) for record in state.values["records"]]
