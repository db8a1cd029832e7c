"""The result of a run as a state comes back as it was."""

from dataclasses import fields

import numpy as np
import pytest
import torch

from tabgan.errors import ArtifactError
from tabgan.gan.config import TrainingConfig
from tabgan.gan.finished import result_from_state, result_to_state
from tabgan.gan.history import TrainingResult
from tabgan.gan.run_state import RunState

CPU = torch.device("cpu")
BUILT = TrainingConfig(generator_width=64, stage_width=32)


def test_a_result_comes_back_whole(planted_result: TrainingResult) -> None:
    layout = planted_result.generator.plan.layout
    found = result_from_state(result_to_state(planted_result), layout, BUILT, CPU)
    plain = {item.name for item in fields(TrainingResult)} - {"generator", "snapshots", "held_out"}
    for name in plain:
        assert getattr(found, name) == getattr(planted_result, name), name
    assert np.array_equal(found.held_out, planted_result.held_out)
    assert [snapshot.step for snapshot in found.snapshots] == [snapshot.step for snapshot in planted_result.snapshots]
    for one, other in zip(found.snapshots, planted_result.snapshots, strict=True):
        assert np.array_equal(one.codes, other.codes)
    assert not found.generator.training
    own, theirs = found.generator.state_dict(), planted_result.generator.state_dict()
    assert found.generator.plan == planted_result.generator.plan
    assert own.keys() == theirs.keys()
    assert all(torch.equal(own[name], theirs[name]) for name in own)


@pytest.mark.parametrize("lacking", ["history", "stages", "kept_step"])
def test_what_is_no_result_is_refused(lacking: str, planted_result: TrainingResult) -> None:
    state = result_to_state(planted_result)
    values = {name: value for name, value in state.values.items() if name != lacking}
    with pytest.raises(ArtifactError, match="not the result of such a run"):
        result_from_state(RunState(values, state.tensors), planted_result.generator.plan.layout, BUILT, CPU)
