from dataclasses import dataclass, fields

import pytest

from tabgan.gan.settings import Kind, kind_of, problem, problems, setting


@dataclass(frozen=True)
class Oven:
    """A few settings of each kind."""

    degrees: float = setting(180.0, "how hot", group="Heat", low=0.0, high=300.0, unit="°C", use="bread: 250")
    minutes: int = setting(30, "how long", group="Time", low=1, high=600, source="Grandmother 1961")
    fan: bool = setting(False, "whether air moves", group="Heat")
    rack: str = setting("middle", "where", group="Place", choices=("top", "middle", "bottom"))
    rest: int | None = setting(None, "to wait", group="Time", low=0, high=60)


ITEMS = {item.name: item for item in fields(Oven)}


def test_a_setting_carries_its_explanation() -> None:
    assert dict(ITEMS["degrees"].metadata) == {
        "help": "how hot",
        "group": "Heat",
        "low": 0.0,
        "high": 300.0,
        "choices": (),
        "unit": "°C",
        "use": "bread: 250",
        "source": "",
    }
    assert ITEMS["minutes"].metadata["source"] == "Grandmother 1961"
    assert Oven() == Oven(degrees=180.0, minutes=30, fan=False, rack="middle", rest=None)


def test_the_kind_of_a_setting_is_that_of_its_annotation() -> None:
    assert [kind_of(Oven, name) for name in ITEMS] == [
        Kind(float, False),
        Kind(int, False),
        Kind(bool, False),
        Kind(str, False),
        Kind(int, True),
    ]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("degrees", "hot", "degrees must be a number, got 'hot'"),
        ("degrees", True, "degrees must be a number, got True"),
        ("degrees", 301, "degrees must lie between 0.0 and 300.0, got 301"),
        ("degrees", float("nan"), "degrees must lie between 0.0 and 300.0, got nan"),
        ("minutes", 1.0, "minutes must be a whole number, got 1.0"),
        ("minutes", 0, "minutes must lie between 1 and 600, got 0"),
        ("minutes", None, "minutes must be a whole number, got None"),
        ("fan", 1, "fan must be true or false, got 1"),
        ("rack", "midle", "rack must be one of top, middle, bottom, got 'midle', did you mean 'middle'?"),
        ("rack", "xyz", "rack must be one of top, middle, bottom, got 'xyz'"),
        ("rack", 3, "rack must be a word, got 3"),
        ("rest", 61, "rest must lie between 0 and 60, got 61"),
        ("rest", False, "rest must be a whole number, got False"),
    ],
)
def test_what_is_wrong_with_a_value_is_said(name: str, value: object, said: str) -> None:
    assert problem(Oven, ITEMS[name], value) == said


@pytest.mark.parametrize(
    ("name", "value"),
    [("degrees", 0), ("degrees", 300.0), ("minutes", 600), ("fan", True), ("rack", "top"), ("rest", None), ("rest", 0)],
)
def test_nothing_is_wrong_with_a_good_value(name: str, value: object) -> None:
    assert problem(Oven, ITEMS[name], value) is None


def test_all_problems_are_found_unknown_names_first() -> None:
    assert problems(Oven, {"fan": "on", "minuts": 3, "qqqq": 1, "degrees": 20}) == [
        "'minuts' is not a setting, did you mean 'minutes'?",
        "'qqqq' is not a setting; known settings are degrees, minutes, fan, rack, rest",
        "fan must be true or false, got 'on'",
    ]
    assert problems(Oven, {}) == []
