"""The steps of a run, run as they are written or replayed as graphs.

A step launches hundreds of small kernels, and on a GPU launching them takes longer than computing them. A CUDA graph
is the list of those kernels with the addresses that they read and write, launched as one. So what is replayed sees
nothing of Python: inputs are copied into buffers that it reads, results are read where it leaves them, and all else
that changes from step to step must be a tensor that is changed in place: weights, moments, rates, the source of noise.
A step that decides by the value of a tensor, or computes with a Python number that changes, cannot be replayed;
`capturable` says which settings ask for one.

Each kind of step (its function, the shapes of its tensors, and all that is no tensor) has a graph of its own. The first
few times it is run as it is written: they are a part of the run like any other, and the warm-up that a capture needs.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import torch
from torch import Tensor

from tabgan.gan.config import TrainingConfig

Values: TypeAlias = tuple[Tensor | None, ...]
Input: TypeAlias = Tensor | bool | None
Step: TypeAlias = Callable[..., Values]
"""Takes inputs, of which those that are no tensors say which kind of step it is."""
WARM_UP = 3
"""How often a kind of step is run before it is captured: libraries set themselves up in the first runs."""


class Runner(Protocol):
    """Runs steps."""

    def __call__(self, step: Step, *inputs: Input) -> Values:
        """What the step gives for these inputs."""
        ...


def runner_for(config: TrainingConfig, device: torch.device, random: torch.Generator) -> Runner:
    """How the steps of a run are run: as graphs on CUDA where the settings allow it, else as they are written.

    Args:
        config: resolved settings.
        device: of the run.
        random: the source of all noise within steps.
    """
    if device.type == "cuda" and config.cuda_graphs and capturable(config):
        return Graphs(device, random)
    return plain


def capturable(config: TrainingConfig) -> bool:
    """Whether steps hang on nothing but tensors.

    Instance noise, a curriculum and a penalty that changes compute with the share of the run that is over; a network
    rests by its accuracy; and looking ahead takes the scales of the optimiser as they are at the moment.
    """
    changes = config.instance_noise or config.curriculum or config.penalty_end is not None
    return not changes and config.freeze_above >= 1 and not config.unrolled_steps


def plain(step: Step, *inputs: Input) -> Values:
    """Run a step as it is written."""
    return step(*inputs)


@dataclass(eq=False)
class _Kind:
    """What is known of one kind of step: how often it was run, and then its buffers and what replays it."""

    times: int = 0
    buffers: tuple[Input, ...] = ()
    replay: Callable[[], Values] | None = None


class Replayed:
    """Runs each kind of step on buffers of its own, as graphs are, but without a graph.

    It works on any device and shows that steps read nothing but their inputs; `Graphs` makes it quick.
    """

    def __init__(self) -> None:
        self._kinds: dict[Hashable, _Kind] = {}

    def __call__(self, step: Step, *inputs: Input) -> Values:
        """What the step gives for these inputs: copies, which the next replay leaves alone."""
        shapes = tuple(value.shape if isinstance(value, Tensor) else value for value in inputs)
        kind = self._kinds.setdefault((step.__name__, shapes), _Kind())
        kind.times += 1
        if kind.times <= WARM_UP:
            return self._warm_up(lambda: step(*inputs))
        if kind.replay is None:
            kind.buffers = tuple(value.clone() if isinstance(value, Tensor) else value for value in inputs)
            kind.replay = self._record(lambda: step(*kind.buffers))
        for buffer, value in zip(kind.buffers, inputs, strict=True):
            if isinstance(buffer, Tensor) and isinstance(value, Tensor):
                buffer.copy_(value)
        return tuple(None if value is None else value.clone() for value in kind.replay())

    def _warm_up(self, run: Callable[[], Values]) -> Values:
        return run()

    def _record(self, run: Callable[[], Values]) -> Callable[[], Values]:
        """What repeats `run`, without having run it."""
        return run


class Graphs(Replayed):
    """Captures each kind of step as a CUDA graph.

    Args:
        device: of all tensors.
        random: the source of noise within steps; each replay takes it on as far as a run would.
    """

    def __init__(self, device: torch.device, random: torch.Generator) -> None:
        super().__init__()
        self._random = random
        self._beside = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        # Graphs share their memory: none needs what another left there, since all that it gives is copied at once.
        self._pool = torch.cuda.graph_pool_handle()

    def _warm_up(self, run: Callable[[], Values]) -> Values:
        """In the stream of the captures, so that what backward passes keep for a stream is there for them."""
        usual = torch.cuda.current_stream(self._beside.device)
        self._beside.wait_stream(usual)
        with torch.cuda.stream(self._beside):
            values = run()
        usual.wait_stream(self._beside)
        return values

    def _record(self, run: Callable[[], Values]) -> Callable[[], Values]:
        graph = torch.cuda.CUDAGraph()
        graph.register_generator_state(self._random)
        with torch.cuda.graph(graph, pool=self._pool, stream=self._beside):
            values = run()

        def replay() -> Values:
            graph.replay()
            return values

        return replay


@contextmanager
def rounding(device: torch.device, tf32: bool) -> Iterator[None]:
    """Within it, CUDA may round the factors of matrix products to ten bits (TF32), or not; as before afterwards."""
    if device.type != "cuda":
        yield
        return
    before = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = tf32
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32 = before
