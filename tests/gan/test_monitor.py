import json
from dataclasses import asdict, replace

import pytest

from tabgan.gan.history import Event, TrainingStats
from tabgan.gan.monitor import HEALTHY, STATES, diagnose

from .test_symptoms import ALONE, BOTH, FLOORS, _look, _played, _stats


def test_the_worst_state_counts() -> None:
    collapsed = _look(1, 5.0, entropy=0.3, distinct=0.1, coverage=0.2, nearest=0.9)
    assert diagnose([collapsed], ALONE, FLOORS).state == "collapsing"
    assert diagnose([replace(collapsed, critic_loss=float("nan"))], ALONE, FLOORS).state == "diverged"
    assert diagnose([*(_stats(step) for step in range(1, 12)), _look(12, 1.1)], BOTH, FLOORS).state == "converged"
    assert diagnose([_look(1, 2.0)], BOTH, FLOORS).state == "learning"


def test_a_healthy_run_is_given_no_advice() -> None:
    for history in ([_look(1, 1.1)], [_look(1, 2.0)], [_stats(1)]):
        diagnosis = diagnose(history, BOTH, FLOORS)
        assert diagnosis.state in HEALTHY
        assert diagnosis.evidence
        assert not diagnosis.advice
        assert not diagnosis.settings


@pytest.mark.parametrize("held_out", [None, 15.0])
def test_a_run_without_floors_is_told_by_its_losses(held_out: float | None) -> None:
    diagnosis = diagnose([_stats(1, held_out=held_out)], BOTH, {})
    assert diagnosis.state == "learning"
    assert "15 nats" in diagnosis.evidence
    assert diagnose(_played([0.97] * 12), ALONE, {}).state == "critic too strong"


def test_a_state_does_not_come_and_go_at_its_limit() -> None:
    history: list[TrainingStats] = []
    for step in range(12):
        stats = _look(step, 3.0, entropy=0.77 + 0.04 * (step % 2), coverage=0.7)
        history.append(replace(stats, state=diagnose([*history, stats], ALONE, FLOORS).state))
    assert {stats.state for stats in history} == {"collapsing"}


def test_the_history_is_not_changed_and_the_same_history_gives_the_same_diagnosis() -> None:
    history = [_look(i, 3.0 - i / 5) for i in range(5)]
    copy = [replace(stats) for stats in history]
    assert diagnose(history, BOTH, FLOORS) == diagnose(tuple(history), BOTH, FLOORS)
    assert history == copy


def test_a_diagnosis_becomes_an_event_of_plain_values() -> None:
    event = diagnose([_look(1, 5.0, entropy=0.3, coverage=0.2)], ALONE, FLOORS).at(7)
    assert (event.step, event.state) == (7, "collapsing")
    assert Event(**json.loads(json.dumps(asdict(event)))) == event


def test_all_states_are_named_once() -> None:
    assert len(set(STATES)) == len(STATES) == 8
    assert set(HEALTHY) < set(STATES)
