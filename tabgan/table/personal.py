"""Is a column of texts personal data? Told from what its cells are, and for names and addresses from its name as well.

E-mail addresses, IP addresses, URLs, account and card numbers tell themselves. A name does not: "General Petite" and
"Anna Petite" look alike, so a column counts as names of people only if its name says so ("first name", "patient name")
and its cells look like names; and where its name only hints at people ("name", "agent"), only if many of its cells hold
a given name that Faker knows. A column that is missed is at worst learnt as what it is; a column that is wrongly taken
for personal data would be lost, so every rule asks for nine of ten cells.
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from tabgan.table import fakes

_MOST = 0.9
_LEAST_CELLS = 3
_SOME, _MANY = 0.2, 0.4
_LOCALES = ("en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "pl_PL", "nl_NL", "pt_BR", "en_IN", "tr_TR", "sv_SE")
_EMAIL = r"^[^@\s]+@[^@\s]+\.\p{L}{2,}$"
_URL = r"^(https?|ftp)://\S+$"
_IPV4 = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})")
_CARD = re.compile(r"(?!.{15}$)[1-6]\d{11,18}|3[47]\d{13}|(2131|1800)\d{11}")
_SSN = r"^\d{3}-\d{2}-\d{4}$"
_NAME = r"^[\p{Lu}\p{Lo}][\p{L}\p{M}'’.\-]*([ ,]+\(?[\p{Lu}\p{Ll}\p{Lo}][\p{L}\p{M}'’.\-]*\)?){0,6}$"
_ADDRESS = r"(?s)^(.*\d.*[\s,].*\p{L}|.*\p{L}.*[\s,].*\d)"
_USER = r"^[\p{L}\p{N}._\-]{2,40}$"
_PHONE = r"^(00|\+|\(|\d)[\d\s()./\-]{5,22}\d(\s?(x|ext\.?)\s?\d{1,5})?$"
_PHONE_SHAPE = r"^(\+\d|\(\d{2,5}\)[\s\d])"
_WORD = re.compile(r"[A-Z]+(?![^\W\d_A-Z])|[A-Z]?[^\W\d_A-Z]+|\d+")
_GIVEN = {"first", "given", "fore", "firstname", "forename", "vorname", "prenom", "givenname", "middle", "middlename"}
_FAMILY = {"last", "family", "surname", "lastname", "nachname", "familyname", "maiden", "apellido", "apellidos"}
_ROLE = re.compile(
    "person|people|patient|customer|client|employee|student|teacher|contact|member|guest|host|passenger|visitor|user|"
    "holder|cardholder|owner|author|agent|manager|doctor|physician|nurse|seller|buyer|sender|recipient|applicant|"
    "candidate|supervisor|parent|father|mother|spouse|child|sales|rep|representative|salesperson|salesman|tenant|"
    "instructor|driver|player|beneficiary|insured|donor|assignee|reporter|reviewer|advisor|consultant|lawyer"
)
_ADJECTIVES = {"first", "last", "given", "family", "middle", "maiden"}
_NAMED = {"name", "names", "fullname"}
_AROUND = {"full", "legal", "display", "of", "the"}
_SSN_WORDS = {"ssn", "social", "security"}
_USER_WORDS = {"username", "login", "nickname", "nick", "handle", "screenname", "userlogin"}
_PHONE_WORDS = {"phone", "telephone", "tel", "mobile", "cell", "cellphone", "fax", "telefon", "handy", "phonenumber"}
_STREET_WORDS = {"address", "addr", "street", "strasse", "straße", "adresse", "addressline", "streetaddress"}


@dataclass(frozen=True)
class Personal:
    """What personal data a column holds.

    Attributes:
        fake: the method of Faker that makes such a cell.
        what: it in words, such as "e-mail addresses".
    """

    fake: str
    what: str


def words_of(name: str) -> list[str]:
    """The words of a column's name, in small letters: "firstName" and "First_name" are "first" and "name"."""
    return [word.lower() for word in _WORD.findall(name)]


def recognise(name: str, texts: pa.Array) -> Personal | None:
    """What personal data a column holds; None if there is no sufficient sign of any.

    Args:
        name: the column's name.
        texts: different cells, or a sample of them, without missing ones.
    """
    if len(texts) < _LEAST_CELLS:
        return None
    texts, words = pc.utf8_trim_whitespace(texts.cast(pa.large_string())), words_of(name)
    return _by_content(words, texts) or _by_name(words, texts)


def is_phone(name: str, texts: pa.Array) -> bool:
    """Whether a column holds telephone numbers: its name says so, or most are written with "+" or with brackets."""
    texts = pc.utf8_trim_whitespace(texts.cast(pa.large_string()))
    digits = pc.utf8_length(pc.replace_substring_regex(texts, "[^0-9]", ""))
    long = pc.and_(pc.greater_equal(digits, 6), pc.less_equal(digits, 20))
    like = pc.and_(pc.match_substring_regex(texts, _PHONE), long)
    said = not _PHONE_WORDS.isdisjoint(words_of(name))
    return _share(like) >= _MOST and (said or _share(pc.match_substring_regex(texts, _PHONE_SHAPE)) >= _MOST)


def _share(matches: pa.Array) -> float:
    return float(pc.mean(matches.cast(pa.int8())).as_py() or 0.0)


def _matching(texts: pa.Array, pattern: str) -> bool:
    return _share(pc.match_substring_regex(texts, pattern)) >= _MOST


def _passing(texts: pa.Array, passes: Callable[[str], bool]) -> bool:
    cells = texts.to_pylist()
    return sum(map(passes, cells)) >= _MOST * len(cells)


def _by_content(words: list[str], texts: pa.Array) -> Personal | None:
    if _matching(texts, _EMAIL):
        return Personal("email", "e-mail addresses")
    if _matching(texts, _URL):
        return Personal("url", "URLs")
    if _passing(texts, _is_ipv4) and ("ip" in words or not _passing(texts, _is_version)):
        return Personal("ipv4", "IP addresses")
    if _passing(texts, _is_ipv6):
        return Personal("ipv6", "IP addresses")
    if _passing(texts, _is_iban):
        return Personal("iban", "IBANs")
    if _passing(texts, _is_card):
        return Personal("credit_card_number", "credit card numbers")
    if not _SSN_WORDS.isdisjoint(words) and _matching(texts, _SSN):
        return Personal("ssn", "social security numbers")
    return None


def _by_name(words: list[str], texts: pa.Array) -> Personal | None:
    if (found := _names(words, texts)) is not None:
        return found
    said = not _USER_WORDS.isdisjoint(words) or ("user" in words and "name" in words)
    if said and _matching(texts, _USER) and _share(pc.match_substring_regex(texts, r"\p{L}")) >= _MOST:
        return Personal("user_name", "user names")
    if not _STREET_WORDS.isdisjoint(words) and _matching(texts, _ADDRESS):
        lines = _share(pc.match_substring(texts, "\n")) >= 0.5
        return Personal("address" if lines else "street_address", "addresses")
    return None


def _names(words: list[str], texts: pa.Array) -> Personal | None:
    """Names of people: the column's name must consist of words for them alone, and cells must look like names."""
    said, needed = set(words), _needed(set(words))
    if needed is None or not _matching(texts, _NAME) or (needed and _with_given_names(texts) < needed):
        return None
    if said & _GIVEN and not said & _FAMILY:
        return Personal("first_name", "given names")
    if said & _FAMILY and not said & _GIVEN:
        return Personal("last_name", "family names")
    single = _share(pc.match_substring_regex(texts, r"[\s,]")) < 1 - _MOST
    return Personal("first_name" if single else "name", "names of people")


def _needed(said: set[str]) -> float | None:
    """The share of cells that must hold a known given name, by how surely a column's name is about people's names.

    None if it is not: all of its words must be about people.
    """
    roles = {word for word in said if _ROLE.fullmatch(word)}
    parts = said & (_GIVEN | _FAMILY)
    named = bool(said & _NAMED)
    if not (roles or parts or named) or said - roles - parts - _NAMED - _AROUND:
        return None
    if parts - _ADJECTIVES or (parts and named):
        return 0.0
    return _SOME if named and (roles or said & {"full", "fullname"}) else _MANY


def _with_given_names(texts: pa.Array) -> float:
    """The share of cells that hold a given name that Faker knows."""
    known = fakes.given_names(_LOCALES)
    cells = texts.to_pylist()
    return sum(not known.isdisjoint(re.findall(r"[^\W\d_]+", cell.title())) for cell in cells) / len(cells)


def _is_ipv4(text: str) -> bool:
    match = _IPV4.fullmatch(text)
    return match is not None and all(int(part) <= 255 for part in match.groups())


def _is_version(text: str) -> bool:
    """Whether four numbers may well be a version such as 1.2.13.0."""
    return sum(int(part) >= 20 for part in text.split(".") if part.isdigit()) <= 1


def _is_ipv6(text: str) -> bool:
    try:
        return text.count(":") >= 2 and ipaddress.ip_address(text).version == 6
    except ValueError:
        return False


def _is_iban(text: str) -> bool:
    """A country, two check digits, an account; the whole, rearranged, is 1 modulo 97 (ISO 13616)."""
    packed = text.replace(" ", "")
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", packed):
        return False
    return int("".join(str(int(character, 36)) for character in packed[4:] + packed[:4])) % 97 == 1


def _is_card(text: str) -> bool:
    """12 to 19 digits whose check digit is right (Luhn, ISO/IEC 7812), and no IMEI, which has 15 of them as well."""
    packed = re.sub(r"(?<=\d)[ -](?=\d)", "", text)
    if not _CARD.fullmatch(packed):
        return False
    digits = [int(digit) for digit in reversed(packed)]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
