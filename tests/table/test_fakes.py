"""Fakes: the same seed makes the same one, and what Faker cannot make is said."""

import random

import pytest

from tabgan.table import fakes


def test_a_fake_for_each_seed() -> None:
    state = random.getstate()
    one = fakes.made(fakes.faker(None), "email", range(50))
    assert one == fakes.made(fakes.faker(None), "email", range(50))
    assert one[7:9] == fakes.made(fakes.faker(None), "email", [7, 8])
    assert one != fakes.made(fakes.faker("de_DE"), "email", range(50))
    assert random.getstate() == state


def test_fakes_that_are_no_texts_become_texts() -> None:
    assert all(text.isdigit() for text in fakes.made(fakes.faker(None), "pyint", range(3)))


def test_distinct_ones_as_long_as_there_are_some() -> None:
    maker = fakes.faker(None)
    states = fakes.made_distinct(maker, "state_abbr", range(40))
    assert len(set(states)) == 40
    assert len(fakes.made_distinct(maker, "random_digit", range(20))) == 20


@pytest.mark.parametrize(
    "fake", ["name", "email", "iban", "ssn", "date_of_birth", "pyint", "street_address", "phone_number"]
)
def test_known_fakes(fake: str) -> None:
    assert fakes.problems(fake, None) == ()
    assert fakes.problems(fake, "de_DE") == ()


@pytest.mark.parametrize(
    ("fake", "locale"), [("nam", None), (None, None), ("name", "zz"), ("pydict", None), ("", "fr_FR")]
)
def test_unknown_ones(fake: str | None, locale: str | None) -> None:
    assert len(fakes.problems(fake, locale)) == 1


def test_given_names() -> None:
    known = fakes.given_names(("en_US", "de_DE"))
    assert {"Mary", "Jürgen", "Hans"} <= known
    assert "Table" not in known


def test_most_names_have_no_titles() -> None:
    names = fakes.made(fakes.faker(None, "name"), "name", range(300))
    assert sum(len(name.split()) == 2 for name in names) > 270
    assert all(len(name.split()) >= 2 for name in fakes.made(fakes.faker("es_ES"), "name", range(50)))
