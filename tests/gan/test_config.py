import json
from dataclasses import FrozenInstanceError, fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabgan.errors import ConfigError
from tabgan.gan.config import MANY_ROWS, MAX_STEPS, MIN_BATCH, MIN_STEPS, ROWS_PER_BATCH, TrainingConfig

FIELDS = {item.name: item for item in fields(TrainingConfig)}
DEFAULTS = TrainingConfig().to_dict()
WHOLE = [name for name in FIELDS if isinstance(DEFAULTS[name], int)]
REAL = [name for name in FIELDS if isinstance(DEFAULTS[name], float)]


@pytest.mark.parametrize("name", FIELDS)
def test_every_setting_is_explained(name: str) -> None:
    assert len(FIELDS[name].metadata["help"]) > 10
    assert FIELDS[name].metadata["low"] <= DEFAULTS[name] <= FIELDS[name].metadata["high"]


@pytest.mark.parametrize("name", FIELDS)
def test_both_ends_of_a_range_are_allowed(name: str) -> None:
    for end in ("low", "high"):
        limit = type(DEFAULTS[name])(FIELDS[name].metadata[end])
        assert getattr(TrainingConfig(**{name: limit}), name) == limit


@pytest.mark.parametrize("name", FIELDS)
def test_beyond_either_end_is_refused_with_the_range_and_the_value(name: str) -> None:
    low, high = FIELDS[name].metadata["low"], FIELDS[name].metadata["high"]
    step = 1 if name in WHOLE else 1e-9
    for value in (low - step, high + step * max(1, high)):
        with pytest.raises(ConfigError, match=f"^training settings: {name} must lie between .*, got {value!r}"):
            TrainingConfig(**{name: value})


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("value", ["5", None, True, 5.0, [5], np.float32(5)])
def test_a_whole_number_is_asked_for_where_one_is_needed(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"{name} must be of type int, got"):
        TrainingConfig(**{name: value})


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("value", ["0.5", None, True, 1j])
def test_a_number_is_asked_for_where_one_is_needed(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"{name} must be a number, got"):
        TrainingConfig(**{name: value})


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_numbers_must_be_finite(name: str, value: float) -> None:
    with pytest.raises(ConfigError, match=f"{name} must lie between"):
        TrainingConfig(**{name: value})


@given(st.sets(st.sampled_from(list(FIELDS)), min_size=2))
def test_all_wrong_settings_are_named_at_once(names: set[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        TrainingConfig(**dict.fromkeys(names, "wrong"))  # type: ignore[arg-type]
    assert str(caught.value).startswith(f"training settings, {len(names)} problems:")
    for name in FIELDS:
        assert (f"  - {name} must be" in str(caught.value)) == (name in names)


def test_a_mapping_names_unknown_and_wrong_settings_together() -> None:
    with pytest.raises(ConfigError) as caught:
        TrainingConfig.from_mapping({"batchsize": 8, "steps": -1, "zzzz": 1, 7: 2})  # type: ignore[dict-item]
    message = str(caught.value)
    assert "4 problems" in message
    assert "'batchsize' is not a setting, did you mean 'batch_size'?" in message
    assert "'zzzz' is not a setting; known settings are epochs, steps" in message
    assert "7 is not a setting" in message
    assert "steps must lie between 0 and" in message


def test_a_mapping_changes_only_what_it_names() -> None:
    config = TrainingConfig.from_mapping({"steps": 17, "averaging": 0})
    assert config == TrainingConfig(steps=17, averaging=0)
    assert config.to_dict() == DEFAULTS | {"steps": 17, "averaging": 0}


def test_survives_json() -> None:
    config = TrainingConfig(steps=17, temperature=0.1 + 0.2, holdout=0.0)
    assert TrainingConfig.from_mapping(json.loads(json.dumps(config.to_dict()))) == config


def test_cannot_be_changed_and_takes_no_positions() -> None:
    with pytest.raises(FrozenInstanceError):
        TrainingConfig().steps = 5  # type: ignore[misc]
    with pytest.raises(TypeError, match="positional"):
        TrainingConfig(5)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("n_rows", "changes", "steps", "batch_size"),
    [
        (60_000, {}, 1_172, 512),
        (60_000, {"steps": 17}, 17, 512),
        (60_000, {"epochs": 5.0}, 586, 512),
        (60_000, {"batch_size": 100, "epochs": 1.0}, 600, 100),
        (10_000_000, {}, MAX_STEPS, 512),
        (1, {}, MIN_STEPS, MIN_BATCH),
        (1, {"batch_size": 3}, MIN_STEPS, 3),
        (MIN_BATCH * ROWS_PER_BATCH * 2, {}, MIN_STEPS, 2 * MIN_BATCH),
    ],
)
def test_the_size_of_a_table_sets_the_steps_and_the_batch(
    n_rows: int, changes: dict[str, object], steps: int, batch_size: int
) -> None:
    config = TrainingConfig(**({"epochs": 10.0, "batch_size": 512, "weight_decay": 0.0} | changes))  # type: ignore[arg-type]
    assert config.for_table(n_rows) == replace(config, steps=steps, batch_size=batch_size)


@pytest.mark.parametrize(("n_rows", "times"), [(MANY_ROWS, 1), (100 * MANY_ROWS, 1), (MANY_ROWS // 4, 2), (1, 122.47)])
def test_weights_decay_more_where_rows_are_few(n_rows: int, times: float) -> None:
    assert TrainingConfig(weight_decay=0.3).for_table(n_rows).weight_decay == pytest.approx(0.3 * times, rel=1e-3)
