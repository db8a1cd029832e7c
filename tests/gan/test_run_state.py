"""States of parts: taken, kept as a file would, and put back."""

import json

import numpy as np
import pytest
import torch
from torch import nn

from tabgan.errors import ArtifactError
from tabgan.gan.history import TrainingStats
from tabgan.gan.optimisers import Adam
from tabgan.gan.run_state import Part, Records, RunState, put_back, take, to_tensor

from .sameness import differences


def as_kept(state: RunState) -> RunState:
    """The state as a file gives it back."""
    return RunState(json.loads(json.dumps(state.values)), dict(state.tensors))


def parts(seed: int) -> dict[str, Part]:
    network = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(seed)
    return {
        "network": network,
        "optimiser": Adam(network, 0.1, (0.5, 0.9), 0.01),
        "draws": np.random.default_rng(seed),
        "noise": torch.Generator().manual_seed(seed),
        "history": Records(TrainingStats),
    }


def work(own: dict[str, Part]) -> None:
    """Change every part."""
    network, noise = own["network"], own["noise"]
    own["optimiser"].zero_grad()
    network(torch.rand(5, 3, generator=noise) + own["draws"].random()).square().sum().backward()
    own["optimiser"].step()
    own["draws"].integers(9, size=3, dtype=np.uint32)
    own["history"].append(TrainingStats(len(own["history"]), 3, 0.5, 0.1, 1 / 3, None, None, 2e-17))


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_parts_go_on_from_where_those_of_another_run_stood(steps: int) -> None:
    first, second = parts(1), parts(2)
    for _ in range(steps):
        work(first)
    assert list(differences(first, second))
    put_back(second, as_kept(take(first)))
    assert list(differences(first, second)) == []
    for _ in range(3):
        work(first)
        work(second)
    assert list(differences(first, second)) == []


def test_a_state_is_a_copy_in_both_directions() -> None:
    first, second = parts(1), parts(2)
    work(first)
    state = take(first)
    before = {name: array.copy() for name, array in state.tensors.items()}
    put_back(second, state)
    for own in (first, second):
        work(own)
    assert all(np.array_equal(array, before[name]) for name, array in state.tensors.items())


@pytest.mark.parametrize("changed", ["lacking", "further", "foreign", "shape", "empty"])
def test_a_state_of_something_else_is_refused(changed: str) -> None:
    state = take(parts(1))
    values, tensors = dict(state.values), dict(state.tensors)
    if changed == "lacking":
        del values["draws"]
    elif changed == "further":
        values["more"] = {}
    elif changed == "foreign":
        values["draws"] = {"state": {"bit_generator": "MT19937"}}
    elif changed == "shape":
        tensors["network.0.weight"] = np.zeros((7, 7), np.float32)
    else:
        tensors = {}
    with pytest.raises(ArtifactError, match=r"not the state of such a run.*begin anew"):
        put_back(parts(1), RunState(values, tensors))


def test_arrays_of_files_become_tensors_of_their_own() -> None:
    array = np.arange(4, dtype=np.float32)
    array.setflags(write=False)
    tensor = to_tensor(array)
    tensor += 1
    assert array.tolist() == [0, 1, 2, 3]
    assert tensor.data_ptr() % 64 == 0
