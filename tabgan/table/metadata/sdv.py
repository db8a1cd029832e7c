"""Metadata of SDV as JSON: one table ("SINGLE_TABLE_V1"), or several ("MULTI_TABLE_V1", "V1") of which one is chosen.

The sdtype of a column says how SDV models it: "numerical" is a number even where it has few values, "id" a key or a
code, and any name of personal data ("email", "phone_number", or another method of Faker) is made up anew. What has no
counterpart here (relationships of tables, sequences) is left out, with a warning where rows would mean something else.

Source: https://docs.sdv.dev/sdv/concepts/metadata/metadata-json and .../sdtypes.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tabgan.errors import SchemaError
from tabgan.table.columns import Kind
from tabgan.table.metadata.hints import ColumnHint, names_in, refuse

SINGLE, SEVERAL = ("SINGLE_TABLE_V1",), ("MULTI_TABLE_V1", "V1")
FAKES = {
    "ipv4_address": "ipv4",
    "ipv6_address": "ipv6",
    "user_agent_string": "user_agent",
}
"""Names of personal data whose method of Faker has another name."""
PERSONAL = (
    *("address", "email", "name", "phone_number", "ssn", "first_name", "last_name", "city", "street_address"),
    *("secondary_address", "postcode", "administrative_unit", "state", "state_abbr", "country", "country_code"),
    *("latitude", "longitude", "mac_address", "iban", "swift8", "swift11", "credit_card_number", "vin"),
    *("license_plate", "company", "job", "user_name", "date_of_birth", "url", *FAKES),
)
COMMON = (
    *("latitude", "longitude", "country", "country_code", "administrative_unit", "state", "state_abbr"),
    "date_of_birth",
)
"""What many people share, or what is no text: the cells decide how it is modelled, unless it is called personal."""
_WHAT = "the SDV metadata"
_KNOWN = "boolean, categorical, datetime, numerical, id, text, or a name of personal data such as email"


def recognises(document: Mapping[str, Any]) -> bool:
    """Whether a document is metadata of SDV, of whatever version."""
    columns = document.get("columns")
    described = isinstance(columns, Mapping) and any("sdtype" in c for c in columns.values() if isinstance(c, Mapping))
    return "METADATA_SPEC_VERSION" in document or isinstance(document.get("tables"), Mapping) or described


def hints_of(document: Mapping[str, Any], table: str | None = None) -> tuple[ColumnHint, ...]:
    """What the metadata says of each column, in its order.

    Args:
        document: the JSON as Python values.
        table: which of several tables; None if there is one.

    Raises:
        SchemaError: if the version is unknown, the table is not named, or entries are wrong; it lists all problems.
    """
    described = _table(document, table)
    columns = described.get("columns")
    if not isinstance(columns, Mapping) or not columns:
        raise SchemaError(f'{_WHAT}: expected "columns", an object of one entry for each column, got {columns!r}')
    hints: dict[str, ColumnHint] = {}
    problems: list[str] = []
    for name, entry in columns.items():
        if not isinstance(entry, Mapping) or not isinstance(entry.get("sdtype"), str):
            problems.append(f'column {name!r}: expected an object with an "sdtype", got {entry!r}')
            continue
        hints[name] = _hint(name, entry)
    hints, found = _with_keys(hints, described, columns)
    refuse(_WHAT, problems + found)
    return tuple(hints.values())


def tables_of(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the tables that a document describes; none where it describes one without a name."""
    tables = document.get("tables")
    return tuple(tables) if isinstance(tables, Mapping) else ()


def _table(document: Mapping[str, Any], name: str | None) -> Mapping[str, Any]:
    """The entry of one table."""
    tables = document.get("tables")
    version = document.get("METADATA_SPEC_VERSION", SINGLE[0] if tables is None else SEVERAL[-1])
    if version not in (*SINGLE, *SEVERAL):
        raise SchemaError(
            f"{_WHAT}: expected METADATA_SPEC_VERSION {', '.join((*SINGLE, *SEVERAL))}, got {version!r}; load and save "
            "it with a newer SDV"
        )
    if tables is None and version in SINGLE:
        return document
    if not isinstance(tables, Mapping) or not tables:
        raise SchemaError(f'{_WHAT}: expected "tables", an object of one entry for each table, got {tables!r}')
    listed = ", ".join(map(repr, tables))
    if name is None and len(tables) > 1:
        raise SchemaError(f"{_WHAT} describes {len(tables)} tables, {listed}; say which one this table is")
    if name is not None and name not in tables:
        raise SchemaError(f"{_WHAT} has no table {name!r}; it describes {listed}")
    chosen = tables[name] if name is not None else next(iter(tables.values()))
    if not isinstance(chosen, Mapping):
        raise SchemaError(f"{_WHAT}: expected an object for each table, got {chosen!r}")
    return chosen


def _hint(name: str, entry: Mapping[str, Any]) -> ColumnHint:
    sdtype = entry["sdtype"]
    hint = ColumnHint(name=name, said=f"sdtype {sdtype}")
    if sdtype == "boolean":
        return replace(hint, kind="categorical")
    if sdtype == "categorical":
        order = entry.get("order")
        values = tuple(order) if isinstance(order, list) else None
        return replace(hint, kind="categorical", categories=values, ordered=values is not None)
    if sdtype == "numerical":
        return replace(hint, kind="continuous", cells="number")
    if sdtype == "datetime":
        return replace(hint, kind="datetime", cells="time", time_format=_text(entry.get("datetime_format")))
    if sdtype == "id":
        return replace(hint, key=True, pattern=_text(entry.get("regex_format")))
    if sdtype == "text":
        return replace(hint, kind="text", cells="text", pattern=_text(entry.get("regex_format")))
    if sdtype in PERSONAL:
        return _personal(hint, sdtype, entry)
    if sdtype == "unknown":
        return replace(hint, remark="its sdtype is unknown, so its cells decide; give it another sdtype to change that")
    return replace(hint, remark=f"expected one of the sdtypes {_KNOWN}, got {sdtype!r}, so its cells decide")


def _personal(hint: ColumnHint, sdtype: str, entry: Mapping[str, Any]) -> ColumnHint:
    """A column of personal data, unless the document says that it is none: then its values may occur again."""
    if "pii" not in entry and sdtype in COMMON:
        return hint
    if entry.get("pii") is False:
        kind: Kind | None = None if sdtype in COMMON else "categorical"
        return replace(hint, kind=kind, said=f"{hint.said}, not personal")
    return replace(hint, kind="personal", fake=FAKES.get(sdtype, sdtype))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _with_keys(
    hints: dict[str, ColumnHint], described: Mapping[str, Any], columns: Mapping[str, Any]
) -> tuple[dict[str, ColumnHint], list[str]]:
    """The hints with what keys and sequences say of them, and what is wrong with these."""
    primary, problems = names_in(described.get("primary_key"), "primary_key", columns)
    alternate, found = names_in(described.get("alternate_keys"), "alternate_keys", columns)
    sequence, lost = names_in(described.get("sequence_key"), "sequence_key", columns)
    found += lost
    changed = dict(hints)
    for keys, what in ((primary, "primary key"), *(((name,), "alternate key") for name in alternate)):
        for name in (name for name in keys if name in hints):
            others = tuple(other for other in keys if other != name)
            said = f"{what}, {changed[name].said}" if not others else f"part of the {what}, {changed[name].said}"
            changed[name] = replace(
                changed[name],
                said=said,
                key=changed[name].key or not others,
                unique=not others,
                unique_with=others,
                required=True,
            )
    for name in (name for name in sequence if name in hints):
        text = "it is a sequence key, but rows are learnt and made one by one, without their order"
        changed[name] = replace(changed[name], remark=text)
    return changed, problems + found
