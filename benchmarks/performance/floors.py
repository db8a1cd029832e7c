"""The least that the work can take: operations and bytes, counted from shapes, over the rates of the machine.

Only what the mathematics asks for is counted. A layer whose input is a one-hot vector is a row of its weights looked
up, not a product; a backward pass of a product is two more products of the same size. Activations are written once
and read once in each pass, and those of a batch fit into the cache; weights, gradients and moments are read and written
by the optimiser. Kernel launches, Python, allocation and random numbers count as nothing, so no code can reach a floor
to the last percent.

One thread computes products and exponentials one after the other while bytes flow beside it, so the floor is the
greater of the two.

Letters: b rows of a batch, h width of the shared layer, m of a stage's own, u units, f features, k codes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

FLOAT = 4
CACHE = 16 * 2**20
"""What is taken to stay in the cache from one step to the next, if all of the optimiser's numbers fit into it."""


@dataclass(frozen=True)
class Stage:
    """The shape of one stage.

    Attributes:
        units: of its parts, together.
        features: of its parts, together.
        parts: how many codes it makes.
        before: features that are finished when it begins.
    """

    units: int
    features: int
    parts: int
    before: int


@dataclass(frozen=True)
class Shape:
    """What floors of training and sampling follow from.

    Attributes:
        batch: rows of a step, b.
        hidden, middle: widths h and m.
        stages: of the plan.
        direct: whether there is a direct map from features to logits.
        critic_width, critic_blocks: of the critic.
        weights: of the generator.
        critic_weights: of the critic.
        penalised: rows of a batch on which the critic's penalty is taken.
    """

    batch: int
    hidden: int
    middle: int
    stages: tuple[Stage, ...]
    direct: bool
    critic_width: int
    critic_blocks: int
    weights: int
    critic_weights: int
    penalised: int

    @property
    def units(self) -> int:
        """Units of a row."""
        return sum(stage.units for stage in self.stages)

    @property
    def features(self) -> int:
        """Features of a row."""
        return sum(stage.features for stage in self.stages)

    @property
    def codes(self) -> int:
        """Codes of a row."""
        return sum(stage.parts for stage in self.stages)


@dataclass(frozen=True)
class Work:
    """What something asks for at least.

    Attributes:
        operations: of products, a multiplication and an addition being two.
        rounded: those of products whose factors may be rounded to bfloat16.
        exponentials: elements of softmaxes.
        cached: bytes moved that fit into the cache.
        memory: bytes moved to and from memory.
    """

    operations: float = 0.0
    exponentials: float = 0.0
    cached: float = 0.0
    memory: float = 0.0
    rounded: float = 0.0

    def __add__(self, other: "Work") -> "Work":
        return Work(
            self.operations + other.operations,
            self.exponentials + other.exponentials,
            self.cached + other.cached,
            self.memory + other.memory,
            self.rounded + other.rounded,
        )

    def times(self, n: float) -> "Work":
        """The same work `n` times."""
        return Work(n * self.operations, n * self.exponentials, n * self.cached, n * self.memory, n * self.rounded)

    def may_round(self) -> "Work":
        """The same, with all products among those that may be rounded."""
        return replace(self, operations=0.0, rounded=self.operations + self.rounded)


@dataclass(frozen=True)
class Rates:
    """What a machine does in a second."""

    operations: float
    exponentials: float
    cached: float
    memory: float
    rounded: float

    @classmethod
    def of(cls, calibration: Mapping[str, Any], threads: int = 1) -> "Rates":
        """The best rates of a calibration, those of one thread but for products."""
        known = calibration["product_gflops"]
        products = known.get(str(threads), known["1"])
        exact, rounded = (
            1e9 * max(rate["best"] for rate in own.values())
            for own in (products, calibration.get("rounded_product_gflops", products))
        )
        return cls(
            operations=exact,
            rounded=max(exact, rounded),
            exponentials=1e6 * calibration["softmax_melements_s"]["best"],
            cached=1e9 * calibration["cache_copy_gb_s"]["best"],
            memory=1e9 * calibration["memory_copy_gb_s"]["best"],
        )


def floor_s(work: Work, rates: Rates) -> float:
    """The least seconds.

    Example:
        >>> floor_s(Work(operations=2e9, memory=1e9), Rates(1e9, 1e6, 1e9, 1e9, 1e9))
        2.0
    """
    products = work.operations / rates.operations + work.rounded / rates.rounded
    computing = products + work.exponentials / rates.exponentials
    return max(computing, work.cached / rates.cached + work.memory / rates.memory)


def forward(shape: Shape, rows: int) -> Work:
    """One pass through the stages with rows whose cells are one-hot: a draw, or a likelihood without its gradient."""
    dense = sum(2 * (shape.hidden * shape.middle + shape.middle * stage.units) for stage in shape.stages)
    looked_up = sum(stage.parts * shape.hidden for stage in shape.stages)
    if shape.direct:
        done = 0
        for stage in shape.stages:
            looked_up += done * stage.units
            done += stage.parts
    passed = sum(2 * (shape.hidden * stage.parts + shape.middle + stage.units) for stage in shape.stages)
    return Work(
        operations=rows * (dense + looked_up),
        exponentials=rows * shape.units,
        cached=FLOAT * rows * (passed + looked_up),
    )


def likelihood(shape: Shape) -> Work:
    """The surprise of a batch and its gradient: three passes, of which the last two need no exponentials."""
    once = forward(shape, shape.batch)
    return Work(3 * once.operations, once.exponentials, 3 * once.cached)


def critic_forward(shape: Shape, rows: int) -> Work:
    """Scores of rows whose cells are one-hot, and of which the given codes are told."""
    width = shape.critic_width
    looked_up = 2 * shape.codes * width
    dense = 2 * (2 * shape.critic_blocks * width * width + width)
    passed = 2 * width * (1 + 2 * shape.critic_blocks)
    return Work(operations=rows * (dense + looked_up), cached=FLOAT * rows * (passed + looked_up))


def lesson(shape: Shape) -> Work:
    """A step of the critic: rows drawn, scores of real and made rows with their gradient, and the penalty.

    The penalty needs a pass forward, the gradient for the rows, and both of these once more for its own gradient, which
    is two products for each. Between real and made rows the first layer is linear, so it is looked up as well; only
    the gradient for the rows is dense in it.
    """
    scores = critic_forward(shape, 2 * shape.batch).times(3)
    rows, seen = shape.penalised, shape.features + shape.codes
    dense = Work(operations=3 * 2 * shape.critic_width * seen * rows, cached=3 * FLOAT * rows * seen)
    penalty = critic_forward(shape, rows).times(4) + dense
    drawn = forward(shape, shape.batch)
    return drawn + (scores + penalty).may_round() + optimiser(shape.critic_weights, averaged=False)


def verdict(shape: Shape) -> Work:
    """What the generator hears of the critic: rows drawn with a gradient, their scores, and the way back.

    A straight-through gradient is dense in every category of the cells it goes through.
    """
    once = forward(shape, shape.batch)
    backward = 2 * shape.batch * shape.hidden * shape.features
    if shape.direct:
        backward += sum(2 * shape.batch * stage.before * stage.units for stage in shape.stages)
    scores = critic_forward(shape, shape.batch).times(2)
    dense = 2 * shape.critic_width * shape.features * shape.batch
    softmaxes = Work(exponentials=once.exponentials, cached=2 * FLOAT * shape.batch * shape.units)
    return once.times(3) + scores + softmaxes + Work(operations=backward + dense)


def optimiser(weights: int, *, averaged: bool) -> Work:
    """AdamW: the gradient's length; weight, gradient and two moments read, three written; the average besides."""
    moved = FLOAT * weights * (1 + 4 + 3 + (3 if averaged else 0))
    return Work(cached=moved) if 5 * FLOAT * weights <= CACHE else Work(memory=moved)


def step(shape: Shape, *, adversarial: bool, critic_steps: int = 1) -> Work:
    """One step of training.

    Args:
        shape: of the generator, the critic and the batch.
        adversarial: whether the critic takes part.
        critic_steps: its own steps for one of the generator.
    """
    own = likelihood(shape) + optimiser(shape.weights, averaged=True)
    return own + verdict(shape) + lesson(shape).times(critic_steps) if adversarial else own


def scan(n_bytes: float) -> Work:
    """Bytes read once from memory, or from the system's cache of files: half of what a copy moves."""
    return Work(memory=n_bytes)


def encode(table_bytes: float, code_bytes: float) -> Work:
    """A table in memory to codes: read once, written once."""
    return Work(memory=table_bytes + code_bytes)


def columns_of(rows: int, kinds: Sequence[bool]) -> Work:
    """The distance of each column of two tables: every cell read once, 8 bytes of a number and 4 of a category."""
    return Work(memory=2.0 * rows * sum(8 if number else 4 for number in kinds))


def pairs_of(rows: int, columns: int) -> Work:
    """The distance of each pair of columns of two tables: two codes of 2 bytes read for each row, which stay cached."""
    return Work(cached=2.0 * rows * columns * (columns - 1) / 2 * 2 * 2)
