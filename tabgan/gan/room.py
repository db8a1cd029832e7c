"""How much memory training takes, foreseen from the plan of a row, the settings and the number of rows.

What is counted: the weights with their gradients, moments and the copies that a run keeps to go back to; a batch on its
way through generator and critic, with all that a gradient needs of it; the looks at rows held out; the realism of rows,
which is learnt at the end; and the rows themselves, as codes. How many numbers each of these holds follows from the
shapes of the networks; how often a thing is held at once was fitted to measured peaks (`benchmarks/wide.py`), so that
what is foreseen is rather too much than too little. Tables are no business of this module, nor is what is free.

Letters: n rows, b rows of a batch, k codes, w one-hot units, f features, h and s widths of a generator's layers.
"""

from dataclasses import dataclass

import torch

from tabgan.gan.blocks import block_rows
from tabgan.gan.careless import MAKES
from tabgan.gan.config import TrainingConfig
from tabgan.gan.generator import MAX_DIRECT
from tabgan.gan.probing import KEPT
from tabgan.gan.realism import MOST_NUMBERS, MOST_ROWS
from tabgan.gan.realism import n_features as realism_features
from tabgan.gan.stages import planning_bytes
from tabgan.gan.watching import MAX_HELD_OUT
from tabgan.gan.yardstick import drawn_from_most
from tabgan.layout import Layout

_NUMBER = 4
_IMPORTED, _EACH_CODE = 120 << 20, 100 << 10
"""Of what is imported and set up when training begins, and of the many small things that each code has."""
_GENERATOR_COPIES, _CRITIC_COPIES, _TABLE_COPIES = 11, 7, 4
"""Of each weight, with its gradient and moments; and of what is known of the cells of numbers."""
_GENERATOR_STATE, _CRITIC_STATE, _STATE_COPIES = 10, 6, 2
"""Copies of each weight in the state of a run, and how often that is held while a checkpoint is written."""
_LEARNING, _LOOKING = 16, 5
"""How many blocks of the size of a batch's features are alive at once, with gradients and without."""
_LAYERS, _CONTEXTS, _CRITIC_LAYERS = 6, 3, 8
"""Likewise of what the stages' layers hold, of what direct maps look at, and of what the critic's layers hold."""
_PICKED, _JUDGED = 8, 48
"""Bytes of each code of the rows that a yardstick is made from, and of each feature that realism is learnt from."""


@dataclass(frozen=True)
class Demand:
    """Bytes that training takes, by what takes them.

    Attributes:
        weights: of the networks, with all that is kept of each.
        planning: finding out which columns tell about each other.
        step: a batch in a step of training.
        looks: rows held out, and rows drawn to compare them with.
        realism: rows that the realism of rows is learnt from.
        rows: the table in codes.
        checkpoint: the state of the run, while it is written.
    """

    weights: int
    planning: int
    step: int
    looks: int
    realism: int
    rows: int
    checkpoint: int = 0

    @property
    def peak(self) -> int:
        """The most that is taken at once: planning, steps, looks, checkpoints and realism follow each other."""
        passing = max(self.step, self.looks, self.realism, self.checkpoint)
        passing += self.realism // 2  # what steps took is not given back as a whole
        return _IMPORTED + self.rows + max(self.planning, self.weights + passing)

    @property
    def beside_device(self) -> int:
        """What is taken of the machine's memory where the networks learn on a device that has its own."""
        return max(self.planning, self.weights // 2 + self.looks) + self.rows // 2


def free_on(device: torch.device) -> int | None:
    """Bytes that are free on a device with a memory of its own; None for the processor, or if it does not say."""
    return int(torch.cuda.mem_get_info(device)[0]) if device.type == "cuda" else None


def demand(layout: Layout, config: TrainingConfig, n_rows: int, *, checkpoints: bool = False) -> Demand:
    """What training takes.

    Args:
        layout: of a row.
        config: the settings as they were asked for.
        n_rows: rows to learn.
        checkpoints: whether checkpoints are written.
    """
    own = config.for_table(n_rows, n_features(layout))
    f, k, stages = n_features(layout), layout.n_codes, n_stages(layout, own)
    looked_at = max(min(MAX_HELD_OUT, round(own.holdout * n_rows), block_rows(f)), min(KEPT, n_rows))
    layers = own.generator_width + own.stage_width
    learning = _LEARNING * f + _LAYERS * stages * layers + (_CONTEXTS * stages * f if has_direct(layout) else 0)
    judging = _CRITIC_LAYERS * own.critic_width * (1 + 2 * own.critic_blocks) * (1 + own.unrolled_steps)
    looking = _LOOKING * (f + layers)
    judged = min(2 * MOST_NUMBERS, min(n_rows, MOST_ROWS) * (1 + len(MAKES)) * realism_features(len(layout.columns)))
    generator, critic = generator_size(layout, own), critic_size(layout, own)
    kept = _GENERATOR_COPIES * generator + _CRITIC_COPIES * critic + _TABLE_COPIES * _cells(layout)
    state = _STATE_COPIES * (_GENERATOR_STATE * generator + _CRITIC_STATE * critic)
    picked = _PICKED * min(n_rows, drawn_from_most(k)) * k
    return Demand(
        weights=_NUMBER * kept + _EACH_CODE * k,
        planning=planning_bytes(layout, n_rows) + (_NUMBER + layout.code_dtype.itemsize) * n_rows * k,
        step=_NUMBER * own.batch_size * (learning + judging),
        looks=_NUMBER * looked_at * looking + picked,
        realism=_NUMBER * block_rows(f) * looking + _JUDGED * judged,
        rows=_NUMBER * n_rows * k,
        checkpoint=_NUMBER * state if checkpoints else 0,
    )


def n_features(layout: Layout) -> int:
    """f, the width of a row as networks see it: a unit for each category, and a score for each column with an order."""
    return layout.width + sum(bool(column.ordered) for column in layout.columns)


def n_stages(layout: Layout, config: TrainingConfig) -> int:
    """The most stages that a plan has: one for each code, or as many as the settings allow."""
    return min(layout.n_codes, max(config.stages, *layout.depths))


def has_direct(layout: Layout) -> bool:
    """Whether a row is narrow enough for direct maps from features to logits."""
    return n_features(layout) * layout.width <= MAX_DIRECT


def generator_size(layout: Layout, config: TrainingConfig) -> int:
    """The number of the generator's weights."""
    f, w, h, s = n_features(layout), layout.width, config.generator_width, config.stage_width
    norms = 2 * s if config.generator_norm != "none" else 0
    return (
        h * f + n_stages(layout, config) * (h + h * s + s + norms) + (s + 1) * w + (f * w if has_direct(layout) else 0)
    )


def critic_size(layout: Layout, config: TrainingConfig) -> int:
    """The number of the critic's weights."""
    seen = (n_features(layout) + layout.n_codes + bool(config.minibatch_std)) * config.pac
    width, blocks = config.critic_width, config.critic_blocks
    norms = 2 * width * (1 + 2 * blocks) if config.critic_norm != "none" else 0
    return (seen + 1) * width + blocks * 2 * (width + 1) * width + width + 1 + norms


def _cells(layout: Layout) -> int:
    """Entries of the tables of windows and of scores."""
    found = 0
    for column in layout.columns:
        before = (1, *column.cardinalities)
        sizes = [one * other for one, other in zip(before, column.cardinalities, strict=False)]
        found += sum(sizes[1:]) * bool(column.windows) + sizes[-1] * bool(column.ordered)
    return found
