"""Personal data are recognised by what they are; nothing ordinary is taken for them."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tabgan.table import fakes
from tabgan.table.files import read_table
from tabgan.table.personal import is_phone, recognise, words_of
from tabgan.table.schema import Schema

ROOT = Path(__file__).parents[2]
DATA = next((folder / "shared" / "data" for folder in ROOT.parents if (folder / "shared" / "data").exists()), ROOT)


def made(fake: str, n: int = 200, locale: str | None = None) -> pa.Array:
    return pa.array(fakes.made(fakes.faker(locale), fake, range(n))).unique()


def fake_of(name: str, texts: pa.Array) -> str | None:
    found = recognise(name, texts)
    return None if found is None else found.fake


@pytest.mark.parametrize(
    ("fake", "name", "expected"),
    [
        *((fake, "x", fake) for fake in ("email", "ipv4", "ipv6", "url", "iban", "credit_card_number")),
        *(("name", name, "name") for name in ("patient name", "CustomerName", "full_name", "Name", "agent", "author")),
        *(("first_name", name, "first_name") for name in ("first name", "firstName", "given_name", "vorname", "name")),
        *(("last_name", name, "last_name") for name in ("last name", "surname", "FamilyName")),
        ("user_name", "user_name", "user_name"),
        ("user_name", "login", "user_name"),
        ("street_address", "Address", "street_address"),
        ("address", "customer address", "address"),
        ("ssn", "SSN", "ssn"),
        *((fake, "x", None) for fake in ("name", "first_name", "last_name", "user_name", "street_address", "ssn")),
        *((fake, "name", None) for fake in ("company", "city", "country", "word", "color_name", "job")),
        *((fake, "company name", None) for fake in ("company", "name")),
        *((fake, "product name", None) for fake in ("name", "word")),
        *(("file_name", name, None) for name in ("file name", "name")),
        ("country", "native-country", None),
        ("word", "author", None),
        ("sentence", "customer", None),
        ("sentence", "address", None),
        ("job", "employee", None),
        ("license_plate", "owner", None),
        ("isbn13", "x", None),
        ("ean13", "x", None),
        ("uuid4", "x", None),
        ("mac_address", "x", None),
        ("date", "x", None),
        ("time", "x", None),
    ],
)
def test_by_content_and_name(fake: str, name: str, expected: str | None) -> None:
    assert fake_of(name, made(fake)) == expected


@pytest.mark.parametrize("locale", ["de_DE", "fr_FR", "es_ES", "ja_JP", "pl_PL"])
def test_names_in_other_languages(locale: str) -> None:
    assert fake_of("last_name", made("last_name", locale=locale)) == "last_name"
    assert fake_of("first_name", made("first_name", locale=locale)) == "first_name"


def test_ordinary_texts() -> None:
    assert fake_of("version", pa.array([f"{i}.{j}.0.{j}" for i in range(4) for j in range(9)])) is None
    assert fake_of("Class Name", pa.array(["Dresses", "Knits", "Blouses", "Anna"])) is None
    assert fake_of("name", pa.array(["Blue Widget", "Red Rose", "Green Chair", "Oak Table", "Tin Can"])) is None
    digits = np.random.default_rng(0).integers(10**15, 10**16, 500)
    assert fake_of("card", pa.array([str(i) for i in digits])) is None
    assert fake_of("email", pa.array(["yes", "no", "unknown"])) is None
    assert fake_of("email", pa.array(["a@example.org", "b@example.org"])) is None


def test_one_of_ten_may_be_something_else() -> None:
    emails = [f"p{i}@example.org" for i in range(95)]
    assert fake_of("x", pa.array([*emails, *("n/a" * (i + 1) for i in range(5))])) == "email"
    assert fake_of("x", pa.array([*emails[:80], *("n/a" * (i + 1) for i in range(20))])) is None


def test_phones() -> None:
    assert is_phone("x", pa.array([f"+49 30 {i:06}" for i in range(50)]))
    assert is_phone("x", pa.array([f"(212) 555-{i:04}" for i in range(50)]))
    assert is_phone("mobile", pa.array([f"0170{i:07}" for i in range(50)]))
    assert not is_phone("x", pa.array([f"0170{i:07}" for i in range(50)]))
    assert not is_phone("phone", pa.array(["iPhone 15", "Galaxy S24"]))
    assert not is_phone("x", pa.array(["(a) 12", "+1", "(12)"]))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("firstName", ["first", "name"]),
        ("First_name", ["first", "name"]),
        ("SSN", ["ssn"]),
        ("straße", ["straße"]),
        ("", []),
    ],
)
def test_words_of_names(name: str, expected: list[str]) -> None:
    assert words_of(name) == expected


@pytest.mark.skipif(DATA == ROOT, reason="the public tables are not here")
@pytest.mark.parametrize("path", sorted(DATA.glob("*/test.*")), ids=lambda path: path.parent.name)
def test_no_column_of_public_tables_is_personal(path: Path) -> None:
    kinds = {spec.name: spec.kind for spec in Schema.infer(read_table(path)).columns}
    assert not {"personal", "pattern", "key"} & set(kinds.values())
    assert all(kinds[name] == "text" for name in ("Title", "Review Text") if name in kinds)


def test_imeis_are_no_cards() -> None:
    bodies = [f"35{i:012}" for i in range(1_000)]
    sums = [
        sum(int(d) * (2 if i % 2 else 1) - 9 * (i % 2 == 1 and d > "4") for i, d in enumerate(body)) for body in bodies
    ]
    assert fake_of("x", pa.array([f"{body}{-total % 10}" for body, total in zip(bodies, sums, strict=True)])) is None


def test_names_with_titles_and_in_reverse() -> None:
    titanic = [
        f"{last}, Mr. {first} ({first} {last})"
        for first, last in zip(made("first_name"), made("last_name"), strict=False)
    ]
    assert fake_of("Name", pa.array(titanic)) == "name"
    assert fake_of("host_name", made("first_name")) == "first_name"


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("owner", ["First Owner", "Second Owner", "Test Drive Car", "Fourth & Above Owner"]),
        ("name", ["Ford Focus", "Chevrolet Malibu", "Toyota Corolla", "Honda Civic", "Mazda Demio"]),
        ("Customer Type", ["Member", "Normal", "Anna"]),
        ("contact", ["cellular", "telephone", "unknown"]),
        ("user", ["Casual", "Subscriber", "Guest"]),
        ("address", ["Berlin", "Paris", "Rome"]),
        ("first", ["Yes", "No", "Maybe"]),
        ("phone", ["iPhone 15 Pro", "Galaxy S24", "Pixel 8"]),
    ],
)
def test_names_of_columns_alone_prove_nothing(name: str, cells: list[str]) -> None:
    assert fake_of(name, pa.array(cells)) is None
