from dataclasses import replace

import pytest

from tabgan.evaluation.render.training_words import marks, setting_line, setting_value, settings_in_order, what_to_do
from tabgan.evaluation.results.training import RunEvent
from tests.evaluation.render.page.test_training import record


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (None, "rows", "as suits the objective"),
        (False, "", "no"),
        (2_000, "steps", "2,000 steps"),
        (0.008, "", "0.008"),
        (1e-5, "", "1e-05"),
        ("wgan-gp", "", "wgan-gp"),
    ],
)
def test_settings_are_written_as_people_do(value, unit, shown):
    assert setting_value(value, unit) == shown


def test_a_changed_setting_stands_beside_its_default():
    assert setting_line(0.001, None) == "0.001 (default as suits the objective)"


def test_changed_settings_come_first_and_keep_their_order():
    assert [setting.name for setting in settings_in_order(record().settings)] == ["pac", "batch_size", "penalty_end"]


def test_advice_is_written_as_a_file_of_settings_has_it():
    settings = {"pac": 2, "spectral_norm": True, "objective": "hinge", "critic_rate": None}
    event = RunEvent(step=1, state="collapsing", evidence="", settings=settings)
    assert what_to_do(event) == ["pac = 2", "spectral_norm = true", 'objective = "hinge"', "no critic_rate"]


def test_what_is_kept_where_it_was_rolled_back_and_an_early_end_are_marked():
    assert marks(record()) == {"kept": 15.0, "rolled back": 10.0, "ended: patience": 20.0}
    back = RunEvent(step=5, state="recovered", evidence="")
    twice = replace(record(), events=(back, replace(back, step=9)), ended_by="steps", kept_step=None)
    assert marks(twice) == {"rolled back 1": 5.0, "rolled back 2": 9.0}
