"""Puts together what the steps since the last report gave, and what was measured after them."""

import torch

from tabgan.gan.adversary import Judged
from tabgan.gan.history import TrainingStats
from tabgan.gan.loop import Clock, Tally
from tabgan.gan.yardstick import Figures


def report(
    clock: Clock,
    tally: Tally,
    *,
    step: int,
    held_out: float | None,
    held_out_score: float | None,
    rate: float,
    figures: Figures | None,
) -> TrainingStats:
    """Where a run stands after a step.

    Args:
        clock: of the run.
        tally: of the steps since the last report, at least one.
        step: generator steps done.
        held_out: surprise of rows held out.
        held_out_score: what the critic gives them.
        rate: share of the configured rates.
        figures: of rows drawn now; None where none were.
    """
    means = Judged.mean(tally.judged) if tally.judged else None
    return TrainingStats(
        step=step,
        steps=round(step / clock.progress),
        elapsed_s=clock.elapsed_s,
        remaining_s=clock.left_s,
        surprise=float(torch.stack(tally.surprises).mean()),
        held_out=held_out,
        critic_loss=means.loss if means else None,
        penalty=means.penalty if means else None,
        real_score=means.real_score if means else None,
        made_score=means.made_score if means else None,
        accuracy=means.accuracy if means else None,
        critic_gradient=means.gradient if means else None,
        generator_gradient=float(torch.stack(tally.heard).mean()) if tally.heard else None,
        held_out_score=held_out_score,
        rate=rate,
        **(figures or Figures())._asdict(),
    )
