"""Weights that training starts with: the margins, and for each part the one earlier part that tells most about it.

An untrained synthesizer is then a dependence tree of the table (Chow and Liu 1968), in the order of the stages: each
code has its frequencies given the parent, each value a normal score with the parent's mean. A given cell reaches the
parts that were to be made before it in the same way: those that it descends from, which is what follows from it in a
tree (Pearl 1982). What training has to learn is the rest: everything that a tree cannot say.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from tabgan.gan.features import LOGIT_CAP, Features, uncap
from tabgan.gan.moments import Moments, mutual_information
from tabgan.gan.networks import Stage, initialise
from tabgan.gan.stages import StagePlan
from tabgan.gan.synthesizer import Synthesizer

_LOGIT_SPREAD = 0.3
_PILOT = 4_096
_MIN_SPREAD = 0.2
_PRIOR_ROWS = 1.0


@torch.no_grad()
def warm_start(synthesizer: Synthesizer, moments: Moments, random: torch.Generator) -> None:
    """Set all weights, on the CPU.

    Args:
        synthesizer: its weights are overwritten.
        moments: of the arranged table.
        random: the source of the weights.
    """
    initialise(synthesizer, random)
    for stage, _ in synthesizer.pieces():
        stage.context.weight.zero_()
        stage.direct.weight.zero_()
    _set_noise(synthesizer, moments, random)
    _set_parents(synthesizer, moments)


def _set_noise(synthesizer: Synthesizer, moments: Moments, random: torch.Generator) -> None:
    """Exits whose logits stay near the margins, and whose raw values are standard normal and uncorrelated."""
    frequencies = moments.first[: synthesizer.features.onehot_width]
    biases = uncap(_logarithm(frequencies + 0.5 / moments.n_rows))
    noise = torch.randn(_PILOT, synthesizer.trunk.noise_width, generator=random)
    hidden = synthesizer.trunk(noise)
    unit = 0
    made = noise.new_zeros(_PILOT, 0)
    for (stage, _), vector in zip(synthesizer.pieces(), hidden, strict=True):
        n = stage.n_units
        stage.exit.weight[:n] *= _LOGIT_SPREAD
        active = F.leaky_relu(vector, 0.2)
        stage.exit.bias[:n] = biases[unit : unit + n] - (active @ stage.exit.weight[:n].T).mean(0)
        unit += n
        for row in range(n, len(stage.exit.weight)):
            weight = _uncorrelated(stage.exit.weight[row], active, made)
            raw = active @ weight
            spread = raw.var(correction=0).sqrt().clamp_min(1e-6)
            stage.exit.weight[row], stage.exit.bias[row] = weight / spread, -raw.mean() / spread
            made = torch.cat([made, ((raw - raw.mean()) / spread).unsqueeze(1)], 1)


def _uncorrelated(weight: Tensor, active: Tensor, made: Tensor) -> Tensor:
    """The nearest weight (d,) whose products with `active` (n, d) do not correlate with the last values of `made`."""
    recent = made[:, max(made.shape[1] - active.shape[1] // 2, 0) :]
    covariances = recent.T @ (active - active.mean(0)) / len(active)
    correction: Tensor = torch.linalg.pinv(covariances) @ (covariances @ weight)
    return weight - correction


def _set_parents(synthesizer: Synthesizer, moments: Moments) -> None:
    """The direct maps: each part from its parent, and each part from its descendants for when those are given."""
    parents = dependence_tree(mutual_information(moments, synthesizer.features), synthesizer.plan)
    for part, parent in enumerate(parents):
        if parent is not None:
            _connect(synthesizer, moments, part, parent, narrow=True)
        ancestor = parent
        while ancestor is not None:
            _connect(synthesizer, moments, ancestor, part, narrow=False)
            ancestor = parents[ancestor]


def dependence_tree(information: Tensor, plan: StagePlan) -> tuple[int | None, ...]:
    """The parent of each part: the part of an earlier stage that tells most about it, or None.

    Args:
        information: shape (p, p), of the parts in the order of the plan.
        plan: says which parts are made earlier.
    """
    stages = torch.tensor(plan.part_stages)
    parents: list[int | None] = []
    for part, stage in enumerate(plan.part_stages):
        told = torch.where(stages < stage, information[part].cpu(), 0.0)
        parents.append(int(told.argmax()) if told.max() > 0 else None)
    return tuple(parents)


def _connect(synthesizer: Synthesizer, moments: Moments, part: int, source: int, *, narrow: bool) -> None:
    """Make `part` depend on `source` as it does in the table; `narrow` takes the explained variance from its noise."""
    features, plan = synthesizer.features, synthesizer.plan
    number = plan.part_stages[part]
    first = plan.part_stages.index(number)
    stage, staged = synthesizer.pieces()[number][0], plan.staged
    given = torch.nonzero(features.partition_membership()[:, source]).flatten()
    columns = _context_places(synthesizer)[given]
    for code in range(*staged.code_slices[part].indices(staged.n_codes)):
        units = staged.offsets[code] + torch.arange(staged.cardinalities[code])
        rows = units - sum(layout.width for layout in plan.stage_layouts[:number])
        stage.direct.weight[rows[:, None], columns] = _log_ratios(moments, given, units)
    for value in range(*staged.value_slices[part].indices(staged.n_values)):
        scores, shares = _scores(moments, features, given, value)
        own = value - staged.value_slices[first].start
        _set_mean(stage, own, columns, scores, shares, narrow=narrow)


def _context_places(synthesizer: Synthesizer) -> Tensor:
    """Where each feature (f,) stands in the context: there, each stage's units precede its hats."""
    features = synthesizer.features
    order: list[int] = []
    unit, hat = 0, features.onehot_width
    for _, own in synthesizer.pieces():
        n_hats = own.width - own.onehot_width
        order += [*range(unit, unit + own.onehot_width), *range(hat, hat + n_hats)]
        unit, hat = unit + own.onehot_width, hat + n_hats
    return torch.tensor(order).argsort()


def _log_ratios(moments: Moments, given: Tensor, units: Tensor) -> Tensor:
    """How much the logit of each unit changes with each given feature, shape (units, given)."""
    n, alone = moments.n_rows, moments.first[units].unsqueeze(1)
    joint, rows = moments.second[units][:, given], moments.first[given]
    conditional = (joint * n + _PRIOR_ROWS * alone) / (rows * n + _PRIOR_ROWS)
    return uncap(_logarithm(conditional)) - uncap(_logarithm(alone))


def _scores(moments: Moments, features: Features, given: Tensor, value: int) -> tuple[Tensor, Tensor]:
    """The mean normal score of a value where each given feature holds, shape (given,), shrunk to 0 where rare.

    With them comes the share of rows in which the feature holds and the value is live.
    """
    start = features.onehot_width + value * features.hats
    joint = moments.second[given, start : start + features.hats]
    rows = joint.sum(1)
    return joint @ _hat_scores(features) / (rows + _PRIOR_ROWS / moments.n_rows), rows


def _hat_scores(features: Features) -> Tensor:
    """The mean normal score under each hat of a value that is uniform on [-1, 1], shape (h,)."""
    grid = torch.linspace(-1, 1, 20_001)[1:-1]
    weights = features.hat_weights(grid.unsqueeze(1)).squeeze(1)
    return (weights * (math.sqrt(2) * torch.erfinv(grid)).unsqueeze(1)).sum(0) / weights.sum(0)


def _set_mean(stage: Stage, own: int, columns: Tensor, scores: Tensor, shares: Tensor, *, narrow: bool) -> None:
    """Move a value's normal score by `scores`; `narrow` its noise so that it stays standard normal overall."""
    row, shares = stage.n_units + own, shares / shares.sum().clamp_min(1e-12)
    mean = (shares * scores).sum()
    variance = (shares * (scores - mean).square()).sum()
    stage.direct.weight[row, columns] = scores - mean
    if not narrow:
        return
    narrowed = (1 - variance).clamp_min(_MIN_SPREAD**2).sqrt()
    stage.exit.weight[row] *= narrowed
    stage.exit.bias[row] *= narrowed


def _logarithm(frequencies: Tensor) -> Tensor:
    """Logarithms that `uncap` can take."""
    return frequencies.clamp(1e-12, 1.0).log().clamp_min(-0.95 * LOGIT_CAP)
