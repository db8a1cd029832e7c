"""Names of keys, as documents give them."""

import pytest

from tabgan.errors import SchemaError
from tabgan.table.metadata.hints import ColumnHint, names_in, refuse


@pytest.mark.parametrize(("given", "names"), [(None, ()), ("a", ("a",)), (["b", "a"], ("b", "a")), ([], ())], ids=repr)
def test_a_key_is_one_name_or_several(given, names):
    assert names_in(given, "key", {"a": 1, "b": 2}) == (names, [])


@pytest.mark.parametrize("given", [7, {"a": 1}, ["a", 7], [["a"]]], ids=repr)
def test_anything_else_is_no_key(given):
    names, problems = names_in(given, "primary_key", {"a": 1})
    assert names == ()
    assert "'primary_key'" in problems[0]
    assert repr(given) in problems[0]


def test_unknown_names_are_problems_and_no_keys():
    names, problems = names_in(["a", "z"], "key", {"a": 1})
    assert names == ("a",)
    assert "'z'" in problems[0]


def test_a_hint_says_nothing_unless_told():
    hint = ColumnHint(name="a")
    assert (hint.kind, hint.cells, hint.key, hint.categories, hint.minimum) == (None, None, False, None, None)


def test_problems_are_refused_together():
    refuse("it", [])
    with pytest.raises(SchemaError, match=r"(?s)it cannot be read, 2 problems.*one.*two"):
        refuse("it", ["one", "two"])
