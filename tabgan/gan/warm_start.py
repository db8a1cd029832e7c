"""Weights that training starts with: the margins, and for each part the one earlier part that tells most about it.

An untrained synthesizer is then a dependence tree of the table (Chow and Liu 1968), in the order of the stages: each
code has its frequencies given the parent, each value a normal score with the parent's mean. What training has to
learn is the rest: everything that a tree cannot say.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from tabgan.gan.features import LOGIT_CAP, Features, uncap
from tabgan.gan.moments import Moments, mutual_information
from tabgan.gan.networks import Stage, initialise
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
    synthesizer.trunk.condition_entry.weight.zero_()
    for stage, _ in synthesizer.pieces():
        stage.context.weight.zero_()
        stage.direct.weight.zero_()
    _set_noise(synthesizer, moments, random)
    _set_parents(synthesizer, moments)


def _set_noise(synthesizer: Synthesizer, moments: Moments, random: torch.Generator) -> None:
    """Exits whose logits stay near the margins and whose raw values are standard normal."""
    frequencies = moments.first[: synthesizer.features.onehot_width]
    biases = uncap(_logarithm(frequencies + 0.5 / moments.n_rows))
    noise = torch.randn(_PILOT, synthesizer.trunk.noise_width, generator=random)
    hidden = synthesizer.trunk(noise, synthesizer.conditions(synthesizer.free_condition(_PILOT)))
    unit = 0
    for (stage, _), vector in zip(synthesizer.pieces(), hidden, strict=True):
        n = stage.n_units
        raw = stage.exit(F.leaky_relu(vector, 0.2))[:, n:]
        spread = raw.var(0, correction=0).sqrt().clamp_min(1e-6)
        stage.exit.weight[n:] /= spread.unsqueeze(1)
        stage.exit.bias[n:] = -raw.mean(0) / spread
        stage.exit.weight[:n] *= _LOGIT_SPREAD
        stage.exit.bias[:n] = biases[unit : unit + n]
        unit += n


def _set_parents(synthesizer: Synthesizer, moments: Moments) -> None:
    """The direct maps: each part from its most telling part of an earlier stage."""
    features, plan = synthesizer.features, synthesizer.plan
    information = mutual_information(moments, features)
    membership = features.partition_membership()
    place = _context_places(synthesizer)
    part = unit = value = 0
    for (stage, _), layout in zip(synthesizer.pieces(), plan.stage_layouts, strict=True):
        earlier = information[:, :part]
        for local in range(len(layout.columns)):
            if not part or earlier[part + local].max() <= 0:
                continue
            given = torch.nonzero(membership[:, earlier[part + local].argmax()]).flatten()
            for code in range(*layout.code_slices[local].indices(layout.n_codes)):
                rows = layout.offsets[code] + torch.arange(layout.cardinalities[code])
                stage.direct.weight[rows[:, None], place[given]] = _log_ratios(moments, given, unit + rows)
            for own in range(*layout.value_slices[local].indices(layout.n_values)):
                scores = _scores(moments, features, given, value + own)
                _set_mean(stage, own, place[given], scores, moments.first[given])
        part, unit, value = part + len(layout.columns), unit + layout.width, value + layout.n_values


def _context_places(synthesizer: Synthesizer) -> Tensor:
    """Where each feature (f,) stands in the context of later stages: there, each stage's units precede its hats."""
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


def _scores(moments: Moments, features: Features, given: Tensor, value: int) -> Tensor:
    """The mean normal score of a value where each given feature holds, shape (given,), shrunk to 0 where rare."""
    start = features.onehot_width + value * features.hats
    joint = moments.second[given, start : start + features.hats]
    rows = joint.sum(1)
    return joint @ _hat_scores(features) / (rows + _PRIOR_ROWS / moments.n_rows)


def _hat_scores(features: Features) -> Tensor:
    """The mean normal score under each hat of a value that is uniform on [-1, 1], shape (h,)."""
    grid = torch.linspace(-1, 1, 20_001)[1:-1]
    weights = features.hat_weights(grid.unsqueeze(1)).squeeze(1)
    return (weights * (math.sqrt(2) * torch.erfinv(grid)).unsqueeze(1)).sum(0) / weights.sum(0)


def _set_mean(stage: Stage, own: int, columns: Tensor, scores: Tensor, shares: Tensor) -> None:
    """Move a value's normal score by `scores`, and narrow its noise so that it stays standard normal overall."""
    row = stage.n_units + own
    mean = (shares * scores).sum() / shares.sum()
    variance = (shares * (scores - mean).square()).sum() / shares.sum()
    narrowed = (1 - variance).clamp_min(_MIN_SPREAD**2).sqrt()
    stage.direct.weight[row, columns] = scores - mean
    stage.exit.weight[row] *= narrowed
    stage.exit.bias[row] *= narrowed


def _logarithm(frequencies: Tensor) -> Tensor:
    """Logarithms that `uncap` can take."""
    return frequencies.clamp(1e-12, 1.0).log().clamp_min(-0.95 * LOGIT_CAP)
