import pytest

from tabgan import errors
from tabgan.errors import TabganError, listing

INPUT = ["SchemaError", "ConditionError", "ConfigError"]
ALL = [*INPUT, "InputError", "NotFittedError", "ArtifactError", "OutputError", "TrainingError", "SamplingError"]


@pytest.mark.parametrize("name", ALL)
def test_one_base_catches_every_error(name: str) -> None:
    kind = getattr(errors, name)
    with pytest.raises(TabganError, match="what to do"):
        raise kind("what to do")
    assert kind.__doc__


def test_the_list_of_errors_is_complete() -> None:
    found = {name for name, item in vars(errors).items() if isinstance(item, type) and issubclass(item, TabganError)}
    assert found == {*ALL, "TabganError"}


@pytest.mark.parametrize("name", INPUT)
def test_wrong_input_is_also_a_value_error(name: str) -> None:
    kind = getattr(errors, name)
    assert issubclass(kind, errors.InputError)
    assert issubclass(kind, ValueError)


@pytest.mark.parametrize("name", ["NotFittedError", "ArtifactError", "OutputError", "TrainingError", "SamplingError"])
def test_other_errors_do_not_blame_the_input(name: str) -> None:
    assert not issubclass(getattr(errors, name), ValueError)


def test_a_data_warning_is_a_warning_and_no_error() -> None:
    assert issubclass(errors.DataWarning, UserWarning)
    assert not issubclass(errors.DataWarning, TabganError)


def test_one_problem_stands_on_the_line_of_its_heading() -> None:
    assert listing("settings", ["steps must be positive"]) == "settings: steps must be positive"


def test_several_problems_are_counted_and_each_has_its_line() -> None:
    assert listing("settings", ["a is wrong", "b is wrong"]) == "settings, 2 problems:\n  - a is wrong\n  - b is wrong"
