"""The result of a run as a state, so that what follows a run can be gone on with without repeating it."""

from dataclasses import asdict

import numpy as np
import torch

from tabgan.errors import ArtifactError
from tabgan.gan.config import TrainingConfig
from tabgan.gan.generator import Generator
from tabgan.gan.history import CodeSnapshot, Event, TrainingResult, TrainingStats
from tabgan.gan.run_state import RunState, put_back, take
from tabgan.gan.stages import StagePlan
from tabgan.gan.yardstick import Floor
from tabgan.layout import Layout

_SNAPSHOT = "snapshot."
_HELD_OUT = "rows held out"


def result_to_state(result: TrainingResult) -> RunState:
    """A result as plain values and arrays."""
    values = {
        "stages": result.generator.plan.stages,
        "history": [asdict(stats) for stats in result.history],
        "ended_by": result.ended_by,
        "kept_step": result.kept_step,
        "shape_floor": result.shape_floor,
        "events": [asdict(event) for event in result.events],
        "floors": {name: list(floor) for name, floor in result.floors.items()},
    }
    snapshots = {f"{_SNAPSHOT}{snapshot.step}": snapshot.codes for snapshot in result.snapshots}
    held_out = {_HELD_OUT: result.held_out}
    return RunState(values, {**take({"generator": result.generator}).tensors, **snapshots, **held_out})


def result_from_state(state: RunState, layout: Layout, config: TrainingConfig, device: torch.device) -> TrainingResult:
    """The inverse of `result_to_state`.

    Args:
        state: of a result.
        layout: of the table that was learnt.
        config: the settings of that run.
        device: where the generator is to be.

    Raises:
        ArtifactError: if it is no state of such a result.
    """
    try:
        values = dict(state.values)
        plan = StagePlan(layout, tuple(tuple(stage) for stage in values.pop("stages")))
        history = tuple(TrainingStats(**stats) for stats in values.pop("history"))
        events = tuple(Event(**event) for event in values.pop("events"))
        floors = {name: Floor(*floor) for name, floor in values.pop("floors").items()}
        generator = Generator(plan, config)
        snapshots = [
            CodeSnapshot(int(name.removeprefix(_SNAPSHOT)), np.array(codes))
            for name, codes in state.tensors.items()
            if name.startswith(_SNAPSHOT)
        ]
        others = (_SNAPSHOT, _HELD_OUT)
        weights = {name: array for name, array in state.tensors.items() if not name.startswith(others)}
        values["held_out"] = np.array(state.tensors[_HELD_OUT], np.int64)
        put_back({"generator": generator}, RunState({"generator": {}}, weights))
        snapshots.sort(key=lambda snapshot: snapshot.step)
        generator = generator.to(device).eval()
        return TrainingResult(generator, history, snapshots=tuple(snapshots), events=events, floors=floors, **values)
    except (LookupError, TypeError, ValueError) as error:
        raise ArtifactError(f"this is not the result of such a run: {error}; begin anew") from error
