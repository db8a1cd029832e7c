import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import InputError
from tabgan.evaluation.aligned import align
from tabgan.evaluation.targets import determined_by, determines, find_target

N = 1000
DRAW = np.random.default_rng(0)
NUMBERS = ("continuous", DRAW.normal(size=N))
FEW = ("categorical", DRAW.choice(["a", "b", "c"], N))
MANY = ("high_cardinality", [f"{i % 300}" for i in range(N)])
SKEWED = ("categorical", ["a"] * (N - 5) + ["b"] * 5)
CONSTANT = ("constant", ["k"] * N)
EMPTY = ("constant", [None] * N)
KEY = ("categorical", [f"id {i}" for i in range(N)])
DAYS = ("datetime", np.datetime64("2020-01-01") + DRAW.integers(0, 90, N))


def columns(**parts):
    return [align(name, kind, pa.array(cells), pa.array(cells)) for name, (kind, cells) in parts.items()]


@pytest.mark.parametrize(
    ("parts", "name", "words"),
    [
        ({"x": NUMBERS, "first": FEW, "y": (*FEW[:1], FEW[1][::-1]), "m": MANY}, "y", "2 to 20 categories"),
        ({"y": FEW, "x": NUMBERS, "s": SKEWED, "k": CONSTANT, "e": EMPTY}, "y", "2 to 20 categories"),
        ({"y": FEW, "key": KEY}, "y", "2 to 20 categories"),
        ({"a": NUMBERS, "b": NUMBERS, "d": DAYS, "s": SKEWED}, "b", "numbers that varies"),
        ({"d": DAYS, "s": SKEWED, "c": ("continuous", [1.0] * N)}, "d", "times that varies"),
        ({"m": MANY, "s": SKEWED}, "s", "last column of categories"),
    ],
)
def test_the_choice_and_its_reason(parts, name, words):
    column, reason = find_target(columns(**parts))
    assert column.name == name
    assert words in reason
    assert reason.endswith("name another with target")


def test_what_another_column_determines_comes_after_all_others():
    codes = DRAW.integers(0, 6, N)
    parts = {"code": ("continuous", codes * 1.0), "word": ("categorical", [f"w{c}" for c in codes])}
    assert find_target(columns(**parts))[0].name == "code"
    assert find_target(columns(y=FEW, **parts))[0].name == "y"
    parts["code"] = ("categorical", [f"c{c}" for c in codes])
    column, reason = find_target(columns(**parts))
    assert column.name == "word"
    assert "another column determines it" in reason
    assert determined_by(columns(**parts), columns(**parts)[0]) == "code"  # a column of another table


def test_determines_needs_values_that_repeat_and_no_exception():
    key, few = columns(key=KEY, few=FEW)
    assert not determines(key, few)
    assert not determines(few, key)
    codes = np.repeat(np.arange(100), 10)
    one, two = columns(one=("categorical", codes.astype(str)), two=("categorical", (codes // 10).astype(str)))
    assert determines(one, two)
    assert not determines(two, one)
    two.real[3] = 5
    assert not determines(one, two)


def test_one_exception_in_many_rows_is_seen():
    codes = np.arange(90_000) % 7
    one, two = columns(one=("categorical", codes.astype(str)), two=("categorical", codes.astype(str)))
    two.real[1] = (two.real[1] + 1) % 7
    assert not determines(one, two)


def test_a_named_column_is_taken():
    column, reason = find_target(columns(x=NUMBERS, y=FEW), "x")
    assert (column.name, reason) == ("x", "the column that was named")


def test_an_unknown_name_is_told_with_the_columns():
    with pytest.raises(InputError, match="'x', 'y', got 'income'"):
        find_target(columns(x=NUMBERS, y=FEW), "income")


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (CONSTANT, "one value"),
        (EMPTY, "every real cell is missing"),
        (KEY, "1,000 classes, and at most 50"),
        (("continuous", [np.inf] * N), "every real cell"),
        (("continuous", [np.inf, 1.0] * (N // 2)), "one value"),
    ],
)
def test_a_named_column_that_cannot_be_predicted_is_refused(part, words):
    with pytest.raises(ValueError, match=words):
        find_target(columns(x=NUMBERS, y=part), "y")


def test_no_target_in_a_table_of_constants_or_of_one_column():
    with pytest.raises(ValueError, match="no column can be a target"):
        find_target(columns(a=CONSTANT, b=EMPTY, c=KEY))
    with pytest.raises(ValueError, match="no column beside"):
        find_target(columns(a=FEW))
    with pytest.raises(ValueError, match="no column beside"):
        find_target([])
