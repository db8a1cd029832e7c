import pytest

from tabgan.errors import ConfigError
from tabgan.gan.config import TrainingConfig
from tabgan.gan.search_space import DEFAULT, OneOf, Range, limits_of, space_for, start_of


def test_the_default_space_holds_the_defaults_and_every_corner_is_valid() -> None:
    base = TrainingConfig()
    space = space_for(base)
    assert set(space) == set(DEFAULT)
    start = start_of(base, space)
    for name, own in space.items():
        assert own.rounded(start[name]) == start[name]
        for end in own.ends():
            TrainingConfig.from_mapping({name: end})
    assert start["generator_rate"] == 8e-3
    assert TrainingConfig.from_mapping(start).for_table(9_000) == base.for_table(9_000)


def test_limits_widen_to_hold_the_settings_that_the_search_begins_with() -> None:
    space = space_for(TrainingConfig(generator_rate=0.1, averaging=0.5, generator_dropout=0.6))
    assert space["generator_rate"] == Range(2e-3, 0.1, log=True)
    assert space["averaging"] == OneOf((0.98, 0.99, 0.995, 0.998, 0.5))
    assert space["generator_dropout"].ends() == (0.0, 0.6)
    assert Range(1.0, 2.0, log=True).including(0.0) == Range(0.0, 2.0)


@pytest.mark.parametrize(
    ("base", "gone"),
    [
        (TrainingConfig(steps=500), {"epochs"}),
        (TrainingConfig(critic_norm="batch", objective="hinge", penalty_weight=0.0), {"penalty_weight"}),
        (TrainingConfig(likelihood_weight=0.0), {"adversarial_share"}),
    ],
)
def test_what_has_no_part_to_play_is_not_searched(base: TrainingConfig, gone: set[str]) -> None:
    assert set(DEFAULT) - set(space_for(base)) == gone


def test_settings_of_the_critic_are_not_searched_where_there_is_none_for_certain() -> None:
    base = TrainingConfig(adversarial_share=0.0)
    assert "critic_rate" in space_for(base)
    left = space_for(base, fixed=("adversarial_share",))
    assert {"critic_rate", "critic_steps", "penalty_weight"}.isdisjoint(left)


def test_the_user_says_what_is_searched() -> None:
    base = TrainingConfig()
    assert set(space_for(base, only=("averaging", "epochs"))) == {"averaging", "epochs"}
    assert "averaging" not in space_for(base, fixed=("averaging",))
    assert dict(space_for(base, {"pac": OneOf((1, 4))})) == {"pac": OneOf((1, 4))}


def test_all_that_is_wrong_is_said_at_once() -> None:
    wanted = {"rate": OneOf((1,)), "holdout": Range(0.1, 0.2), "critic_steps": Range(0, 4, whole=True)}
    with pytest.raises(ConfigError) as caught:
        space_for(TrainingConfig(), wanted, only=("pac",))
    said = str(caught.value)
    assert "'rate' is not a setting" in said
    assert "holdout is never searched" in said
    assert "critic_steps must lie between 1 and 1,000, got 0" in said
    assert "pac has no limits" in said
    with pytest.raises(ConfigError, match="got none"):
        space_for(TrainingConfig(), only=("averaging",), fixed=("averaging",))


def test_limits_as_toml_has_them() -> None:
    assert limits_of("critic_steps", [1, 2, 2, 4]) == OneOf((1, 2, 4))
    assert limits_of("critic_steps", {"low": 1, "high": 5}) == Range(1, 5, whole=True)
    assert limits_of("critic_rate", {"low": 1e-4, "high": 1e-2, "log": True}) == Range(1e-4, 1e-2, log=True)
    for wrong in (
        [],
        3,
        {"low": 1},
        {"low": 2, "high": 1},
        {"low": 0, "high": 1, "log": True},
        {"low": "a", "high": 1},
    ):
        with pytest.raises(ConfigError, match="expected limits of critic_rate"):
            limits_of("critic_rate", wrong)


def test_numbers_are_rounded_to_what_matters_and_stay_in_their_range() -> None:
    assert Range(0.001, 0.02).rounded(0.01234567) == 0.01235
    assert Range(0.0, 0.012341).rounded(0.0123410) == 0.01234
    assert Range(0.12348, 1.0).rounded(0.12348) == 0.1235
    assert Range(0.12343, 1.0).rounded(0.12343) == 0.12343
    assert Range(1, 4, whole=True).rounded(3) == 3
