import json
from dataclasses import FrozenInstanceError, fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabgan.errors import ConfigError
from tabgan.gan.config import (
    MANY_ROWS,
    MAX_ROOMY_BATCH,
    MAX_STEPS,
    MIN_BATCH,
    MIN_STEPS,
    ROWS_PER_BATCH,
    TrainingConfig,
)
from tabgan.gan.presets import OBJECTIVES
from tabgan.gan.settings import kind_of, problem

FIELDS = {item.name: item for item in fields(TrainingConfig)}
DEFAULTS = TrainingConfig().to_dict()
KINDS = {name: kind_of(TrainingConfig, name) for name in FIELDS}
WHOLE = [name for name, kind in KINDS.items() if kind.type is int]
REAL = [name for name, kind in KINDS.items() if kind.type is float]
WORDS = [name for name, kind in KINDS.items() if kind.type is str]
YES_OR_NO = [name for name, kind in KINDS.items() if kind.type is bool]
REMEDIES = [name for name, item in FIELDS.items() if item.metadata["group"] == "Remedies"]
PLAIN = ("instance_noise_share", "condition_share", "balance")
"""Settings among the remedies that are no remedies by themselves."""


def test_every_setting_has_a_kind() -> None:
    assert set(WHOLE) | set(REAL) | set(WORDS) | set(YES_OR_NO) == set(FIELDS)


@pytest.mark.parametrize("name", FIELDS)
def test_every_setting_is_explained(name: str) -> None:
    known = FIELDS[name].metadata
    assert len(known["help"]) > 10
    assert known["group"]
    if name in WHOLE + REAL:
        assert known["low"] < known["high"]
        if DEFAULTS[name] is not None:
            assert known["low"] <= DEFAULTS[name] <= known["high"]
    elif name in WORDS:
        assert DEFAULTS[name] in known["choices"]
    assert (DEFAULTS[name] is None) == KINDS[name].optional


@pytest.mark.parametrize("name", [name for name in REMEDIES if name not in PLAIN])
def test_every_remedy_says_when_to_use_it_and_where_it_comes_from(name: str) -> None:
    assert len(FIELDS[name].metadata["use"]) > 10
    assert name == "penalty_end" or any(character.isdigit() for character in FIELDS[name].metadata["source"])


@pytest.mark.parametrize("name", WHOLE + REAL)
def test_both_ends_of_a_range_are_allowed(name: str) -> None:
    for end in ("low", "high"):
        limit = KINDS[name].type(FIELDS[name].metadata[end])
        assert problem(TrainingConfig, FIELDS[name], limit) is None


@pytest.mark.parametrize("name", WHOLE + REAL)
def test_beyond_either_end_is_refused_with_the_range_and_the_value(name: str) -> None:
    low, high = FIELDS[name].metadata["low"], FIELDS[name].metadata["high"]
    step = 1 if name in WHOLE else 1e-9
    for value in (low - step, high + step * max(1, high)):
        with pytest.raises(ConfigError, match=f"^training settings: {name} must lie between .*, got {value!r}"):
            TrainingConfig(**{name: value})


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("value", ["5", True, 5.0, [5], np.float32(5)])
def test_a_whole_number_is_asked_for_where_one_is_needed(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"{name} must be a whole number, got"):
        TrainingConfig(**{name: value})


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("value", ["0.5", True, 1j])
def test_a_number_is_asked_for_where_one_is_needed(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"{name} must be a number, got"):
        TrainingConfig(**{name: value})


@pytest.mark.parametrize("name", FIELDS)
def test_only_what_the_objective_decides_may_be_left_open(name: str) -> None:
    if KINDS[name].optional:
        assert getattr(TrainingConfig(**{name: None}), name) is None
    else:
        with pytest.raises(ConfigError, match=f"{name} must be .*, got None"):
            TrainingConfig(**{name: None})


@pytest.mark.parametrize("name", WORDS)
def test_only_known_words_are_allowed(name: str) -> None:
    for word in FIELDS[name].metadata["choices"]:
        assert problem(TrainingConfig, FIELDS[name], word) is None
    with pytest.raises(ConfigError, match=f"{name} must be one of {FIELDS[name].metadata['choices'][0]}, .*, got 'x'"):
        TrainingConfig(**{name: "x"})


@pytest.mark.parametrize("name", YES_OR_NO)
@pytest.mark.parametrize("value", [0, 1, "true"])
def test_yes_or_no_is_no_number_and_no_word(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"{name} must be true or false, got"):
        TrainingConfig(**{name: value})


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_numbers_must_be_finite(name: str, value: float) -> None:
    with pytest.raises(ConfigError, match=f"{name} must lie between"):
        TrainingConfig(**{name: value})


@given(st.sets(st.sampled_from(list(FIELDS)), min_size=2))
def test_all_wrong_settings_are_named_at_once(names: set[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        TrainingConfig(**dict.fromkeys(names, ("wrong",)))  # type: ignore[arg-type]
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
    assert config.for_table(n_rows) == replace(config.resolved(), steps=steps, batch_size=batch_size)


@pytest.mark.parametrize(
    ("n_rows", "width", "changes", "batch_size"),
    [
        (48_842, 300, {}, 1_024),
        (130_000, 300, {}, 1_024),
        (522_911, 300, {}, 3_922),
        (10_000_000, 300, {}, MAX_ROOMY_BATCH),
        (10_000_000, 4_096, {}, 2_048),
        (10_000_000, 1_000_000, {}, 1_024),
        (10_000_000, 300, {"batch_size": 500}, 500),
        (10_000_000, 300, {"steps": 1_000}, 1_024),
        (1_000_000, 300, {"epochs": 4.0}, 2_000),
    ],
)
def test_on_a_gpu_the_batch_grows_with_a_large_table_and_nothing_else_changes(
    n_rows: int, width: int, changes: dict[str, object], batch_size: int
) -> None:
    config = TrainingConfig(**changes).for_table(n_rows)  # type: ignore[arg-type]
    assert config.with_room(n_rows, width) == replace(config, batch_size=batch_size)


def test_settings_left_open_are_filled_in_and_others_stay() -> None:
    config = TrainingConfig(objective="relativistic", critic_rate=0.5).resolved()
    assert (config.critic_rate, config.penalty_weight) == (0.5, OBJECTIVES["relativistic"]["penalty_weight"])
    assert [name for name, value in config.to_dict().items() if value is None] == ["penalty_end"]
    assert config.resolved() == config


@pytest.mark.parametrize(("n_rows", "times"), [(MANY_ROWS, 1), (100 * MANY_ROWS, 1), (MANY_ROWS // 4, 2), (1, 122.47)])
def test_weights_decay_more_where_rows_are_few(n_rows: int, times: float) -> None:
    assert TrainingConfig(weight_decay=0.3).for_table(n_rows).weight_decay == pytest.approx(0.3 * times, rel=1e-3)


def test_whole_numbers_are_taken_for_numbers_where_those_are_meant() -> None:
    whole = TrainingConfig(generator_beta1=0, generator_beta2=0, critic_beta1=0, averaging=0, holdout=0)
    assert [type(value) for name, value in whole.to_dict().items() if name in REAL and value is not None] == [
        float for name in REAL if getattr(whole, name) is not None
    ]
