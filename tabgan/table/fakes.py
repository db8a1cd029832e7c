"""Made-up names, addresses and the like, from Faker, which is imported only when one is made or asked about."""

import datetime as dt
import difflib
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from tabgan.errors import InputError

if TYPE_CHECKING:
    from faker import Faker

_PLAIN = (str, int, float, Decimal, dt.date, dt.time)
_TRIES = 50
_NEAR = 3


def faker(locale: str | None, fake: str | None = None) -> "Faker":
    """A Faker of its own, so that no random state is shared.

    All fakes are equally frequent, which is five times as fast, and makes less often what many people have. Whole names
    follow Faker's frequencies, since without them most would have a title or a degree.

    Args:
        locale: of the fakes; None for Faker's own default.
        fake: the method that will be asked for.

    Raises:
        InputError: if Faker is not installed.
        AttributeError: if there is no such locale.
    """
    try:
        from faker import Faker
    except ImportError as error:
        raise InputError(
            "expected the package faker, which makes personal data up, got none; run pip install faker"
        ) from error
    return Faker(locale, use_weighting=fake == "name")


@cache
def problems(fake: str | None, locale: str | None) -> tuple[str, ...]:
    """What is wrong with the name of a fake and a locale, with near matches; empty if they can be used."""
    try:
        maker = faker(locale)
    except InputError as error:
        return (str(error),)
    except (AttributeError, ValueError):
        from faker.config import AVAILABLE_LOCALES

        found = _near(str(locale), AVAILABLE_LOCALES)
        return (f"expected a locale of Faker, such as de_DE, got {locale!r}{found}",)
    if fake is None:
        return ("expected the name of a method of Faker, such as name or email, as 'fake', got none",)
    known = _methods(maker)
    if fake not in known:
        return (f"expected the name of a method of Faker as 'fake', got {fake!r}{_near(fake, known)}",)
    if not _makes_plain(getattr(maker, fake)):
        return (f"expected a method of Faker that makes a text without further settings, got {fake!r}; choose another",)
    return ()


def _methods(maker: "Faker") -> set[str]:
    providers = [provider for factory in maker.factories for provider in factory.get_providers()]
    return {name for provider in providers for name in dir(provider) if not name.startswith("_")}


def _near(value: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(value, sorted(known), n=_NEAR)
    return f"; did you mean {' or '.join(found)}?" if found else ""


def _makes_plain(method: Callable[[], Any]) -> bool:
    try:
        return isinstance(method(), _PLAIN)
    except Exception:  # a method of Faker may raise anything: it wants arguments, or a package that is not there
        return False


@cache
def given_names(locales: tuple[str, ...]) -> frozenset[str]:
    """All words of given names that Faker knows in these locales; none if it is not installed."""
    try:
        makers = [faker(locale) for locale in locales]
    except InputError:
        return frozenset()
    found: set[str] = set()
    for provider in (provider for maker in makers for one in maker.factories for provider in one.get_providers()):
        for field in ("first_names", "first_names_male", "first_names_female"):
            for name in getattr(provider, field, ()):
                found.update(word for word in re.split(r"[\s-]+", name) if len(word) > 2)
    return frozenset(found)


def made(maker: "Faker", fake: str, seeds: Iterable[int]) -> list[str]:
    """One fake for each seed."""
    method = getattr(maker, fake)
    texts = []
    for seed in seeds:
        maker.seed_instance(seed)
        texts.append(str(method()))
    return texts


def made_distinct(maker: "Faker", fake: str, seeds: Iterable[int]) -> list[str]:
    """One fake for each seed, different from those before it, as long as Faker finds one in fifty tries."""
    method = getattr(maker, fake)
    texts: list[str] = []
    used: set[str] = set()
    for seed in seeds:
        maker.seed_instance(seed)
        text = str(method())
        for _ in range(_TRIES):
            if text not in used:
                break
            text = str(method())
        used.add(text)
        texts.append(text)
    return texts
