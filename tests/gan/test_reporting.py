import pytest
import torch

from tabgan.gan.loop import Clock, Tally
from tabgan.gan.reporting import report
from tabgan.gan.yardstick import Figures


def _clock() -> Clock:
    clock = Clock(10, 0.0, 5)
    clock.tick(5)
    return clock


def test_a_report_holds_the_means_of_its_steps_and_what_was_measured() -> None:
    tally = Tally(torch.device("cpu"))
    tally.surprises += [torch.tensor(1.0), torch.tensor(3.0)]
    tally.judged += [torch.arange(6.0), torch.arange(6.0) + 2]
    tally.heard += [torch.tensor(0.5)]
    figures = Figures(held_out_shape=0.1, coverage=0.9)
    stats = report(_clock(), tally, step=5, held_out=2.5, held_out_score=0.7, rate=0.5, figures=figures)
    assert (stats.step, stats.steps, stats.surprise, stats.held_out) == (5, 10, 2.0, 2.5)
    losses = (stats.critic_loss, stats.penalty, stats.real_score, stats.made_score, stats.accuracy)
    assert losses == (1.0, 2.0, 3.0, 4.0, 5.0)
    assert (stats.critic_gradient, stats.generator_gradient, stats.held_out_score) == (6.0, 0.5, 0.7)
    assert (stats.held_out_shape, stats.coverage, stats.held_out_trend) == (0.1, 0.9, None)
    assert stats.remaining_s == pytest.approx(stats.elapsed_s)


def test_without_a_critic_and_a_look_there_is_nothing_of_them() -> None:
    tally = Tally(torch.device("cpu"), [torch.tensor(1.0)])
    stats = report(_clock(), tally, step=5, held_out=None, held_out_score=None, rate=1.0, figures=None)
    assert (stats.critic_loss, stats.accuracy, stats.generator_gradient, stats.held_out_shape) == (None,) * 4
