import json
import math
from collections.abc import Callable
from dataclasses import asdict, replace

import pytest
import torch

from tabgan.gan.config import TrainingConfig
from tabgan.gan.course import Course
from tabgan.gan.generator import Generator
from tabgan.gan.history import TrainingStats
from tabgan.gan.probing import Probe
from tabgan.layout import EncodedTable, Layout

Configs = Callable[..., TrainingConfig]
Make = Callable[..., tuple[Course, Generator, Probe]]


@pytest.fixture
def make(
    shop: Layout, random_table: Callable[..., EncodedTable], small: Configs, untrained: Callable[..., Generator]
) -> Make:
    """A course of a generator that draws as good rows as can be had, before its first report."""

    def course(**changes: object) -> tuple[Course, Generator, Probe]:
        table = random_table(shop, 1_000)
        config = small(**changes)
        generator = untrained(shop, config, table=table)
        codes = torch.from_numpy(generator.plan.arrange(table.codes).astype("int32"))
        probe = Probe(generator, codes[:600], codes[600:], seed=1)
        return Course(generator, {"generator": generator}, probe, config), generator, probe

    return course


def _stats(step: int, **changes: object) -> TrainingStats:
    return replace(TrainingStats(step, 100, 1.0, 1.0, 5.0, 5.0, None, None), **changes)


def _spoil(generator: Generator, by: float) -> None:
    with torch.no_grad():
        for head in generator.stage_heads():
            head.exit.bias += torch.linspace(0, by, len(head.exit.bias))


def test_only_changes_of_state_are_events(make: Make) -> None:
    course, _, probe = make()
    for step in (10, 20, 30):
        stats = course.hear(_stats(step, **probe.measure()._asdict()))
        assert stats.state == course.history[-1].state
    assert [event.step for event in course.events] == [10]
    course.hear(_stats(40, critic_loss=1e9))
    assert [event.state for event in course.events[1:]] == ["diverged", "recovered"]
    assert course.rate == pytest.approx(1 / 3)
    course.hear(_stats(50, **probe.measure()._asdict()))
    assert course.events[-1].step == 50  # the run is in another state than at the report before


def test_a_roll_back_between_two_reports_is_told_at_the_next_one(make: Make) -> None:
    course, _, probe = make()
    assert course.hear(_stats(10, **probe.measure()._asdict())).rolled_back is None
    course.recover(14, "a loss is no number any more")
    again, _, _ = make()
    again.resume(course.state())  # a run that is killed here tells it too
    for one in (course, again):
        told = one.hear(_stats(20, **probe.measure()._asdict()))
        assert told.rolled_back == one.events[2].evidence
        assert told.rolled_back.startswith("a loss is no number any more; went back to the weights of step 10")
        assert [(event.step, event.state) for event in one.events][1:3] == [(14, "diverged"), (14, "recovered")]
        assert one.events[3].step == 20  # the state that it is in since then
        assert one.hear(_stats(30)).rolled_back is None


def test_a_report_that_shows_that_the_run_has_diverged_tells_of_the_roll_back(make: Make) -> None:
    course, _, _ = make()
    course.hear(_stats(10))
    told = course.hear(_stats(20, critic_loss=1e9))
    assert told.state == "diverged"
    assert told.rolled_back == told.evidence == course.events[-1].evidence


@pytest.mark.parametrize("name", ["generator_gradient", "made_score", "held_out_score", "held_out", "critic_loss"])
@pytest.mark.parametrize("value", [math.inf, math.nan])
def test_a_history_that_no_number_of_is_infinite_can_be_kept_in_a_file(make: Make, name: str, value: float) -> None:
    course, _, _ = make()
    heard = course.hear(_stats(10, **{name: value}))
    assert getattr(heard, name) is None
    json.dumps([asdict(stats) for stats in course.history], allow_nan=False)


def test_an_interrupted_run_is_looked_at_once_more(make: Make) -> None:
    course, generator, probe = make()
    good = course.hear(_stats(10, **probe.measure()._asdict()))
    assert course.judge(good) is None
    before = probe.measure()
    assert course.finish("keyboard", 17) == 17  # not plainly worse, and later
    _spoil(generator, 3.0)
    assert course.finish("callback", 23) == 17
    assert probe.measure() == before
    result = course.result("callback", 17)
    assert (result.kept_step, result.floors) == (17, probe.floors)
    assert 17 in [snapshot.step for snapshot in result.snapshots]


def test_patience_is_of_account_only_where_the_likelihood_teaches(make: Make) -> None:
    for likelihood, ended_by in ((1.0, "patience"), (0.0, None)):
        course, _, _ = make(patience=0.1, likelihood_weight=likelihood, adversarial_share=1.0)
        assert course.judge(course.hear(_stats(10, held_out=5.0))) is None
        assert course.judge(course.hear(_stats(20, held_out=5.6))) == ended_by


def test_after_a_roll_back_at_the_last_step_the_step_is_that_of_the_good_weights(make: Make) -> None:
    course, generator, _ = make()
    course.hear(_stats(10))
    kept = [parameter.clone() for parameter in generator.parameters()]
    _spoil(generator, 9.0)
    course.recover(14, "a loss is no number any more")
    assert course.finish("steps", 14) == 10
    assert all(torch.equal(a, b) for a, b in zip(kept, generator.parameters(), strict=True))
