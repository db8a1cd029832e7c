"""Metadata of SDV, in the shape of its documentation and of what its demo data sets come with."""

import copy

import pytest

from tabgan.errors import SchemaError
from tabgan.table.metadata import sdv

HOTEL_GUESTS = {
    "primary_key": "guest_email",
    "alternate_keys": ["credit_card_number"],
    "METADATA_SPEC_VERSION": "SINGLE_TABLE_V1",
    "columns": {
        "guest_email": {"sdtype": "email", "pii": True},
        "has_rewards": {"sdtype": "boolean"},
        "room_type": {"sdtype": "categorical"},
        "amenities_fee": {"sdtype": "numerical", "computer_representation": "Float"},
        "checkin_date": {"sdtype": "datetime", "datetime_format": "%d %b %Y"},
        "billing_address": {"sdtype": "address", "pii": True},
        "credit_card_number": {"sdtype": "credit_card_number", "pii": True},
    },
    "column_relationships": [],
}
HOTELS = {
    "METADATA_SPEC_VERSION": "V1",
    "tables": {
        "hotels": {
            "primary_key": "hotel_id",
            "columns": {
                "hotel_id": {"sdtype": "id", "regex_format": "HID_[0-9]{3}"},
                "city": {"sdtype": "categorical"},
                "rating": {"sdtype": "numerical"},
            },
        },
        "guests": {"columns": {"hotel_id": {"sdtype": "id", "regex_format": "HID_[0-9]{3}"}}},
    },
    "relationships": [
        {
            "parent_table_name": "hotels",
            "parent_primary_key": "hotel_id",
            "child_table_name": "guests",
            "child_foreign_key": "hotel_id",
        }
    ],
}


def by_name(document, table=None):
    return {hint.name: hint for hint in sdv.hints_of(document, table)}


def columns(**entries):
    return {"METADATA_SPEC_VERSION": "SINGLE_TABLE_V1", "columns": entries}


def test_every_common_sdtype_has_its_kind():
    hints = by_name(HOTEL_GUESTS)
    assert list(hints) == list(HOTEL_GUESTS["columns"])
    assert {name: hint.kind for name, hint in hints.items()} == {
        "guest_email": "personal",
        "has_rewards": "categorical",
        "room_type": "categorical",
        "amenities_fee": "continuous",
        "checkin_date": "datetime",
        "billing_address": "personal",
        "credit_card_number": "personal",
    }
    assert hints["checkin_date"].time_format == "%d %b %Y"
    assert hints["amenities_fee"].cells == "number"
    assert hints["billing_address"].fake == "address"


def test_keys_are_unique_and_required():
    hints = by_name(HOTEL_GUESTS)
    assert (hints["guest_email"].key, hints["guest_email"].unique, hints["guest_email"].required) == (True,) * 3
    assert hints["guest_email"].said == "primary key, sdtype email"
    assert hints["credit_card_number"].said == "alternate key, sdtype credit_card_number"
    assert not hints["room_type"].unique


def test_one_of_several_tables_is_chosen_by_name():
    hints = by_name(HOTELS, "hotels")
    assert list(hints) == ["hotel_id", "city", "rating"]
    assert hints["hotel_id"].pattern == "HID_[0-9]{3}"
    foreign = by_name(HOTELS, "guests")["hotel_id"]
    assert (foreign.key, foreign.unique) == (True, False)
    assert sdv.tables_of(HOTELS) == ("hotels", "guests")
    assert sdv.tables_of(HOTEL_GUESTS) == ()


def test_a_single_table_of_a_newer_version_needs_no_name():
    alone = {"METADATA_SPEC_VERSION": "V1", "tables": {"hotels": HOTELS["tables"]["hotels"]}}
    assert list(by_name(alone)) == ["hotel_id", "city", "rating"]


@pytest.mark.parametrize(
    ("document", "table", "says"),
    [
        (HOTELS, None, r"2 tables, 'hotels', 'guests'; say which"),
        (HOTELS, "rooms", r"no table 'rooms'; it describes 'hotels', 'guests'"),
        (HOTEL_GUESTS | {"METADATA_SPEC_VERSION": "SINGLE_TABLE_V9"}, None, r"got 'SINGLE_TABLE_V9'"),
        ({"METADATA_SPEC_VERSION": "SINGLE_TABLE_V1"}, None, r'expected "columns".*got None'),
        ({"METADATA_SPEC_VERSION": "SINGLE_TABLE_V1", "columns": {}}, None, r'expected "columns".*got \{\}'),
        ({"METADATA_SPEC_VERSION": "V1", "columns": {}}, None, r'expected "tables".*got None'),
        ({"METADATA_SPEC_VERSION": "V1", "tables": {"a": []}}, None, r"expected an object for each table, got \[\]"),
        ({"METADATA_SPEC_VERSION": ["V1"]}, None, r"got \['V1'\]"),
    ],
)
def test_documents_that_cannot_be_read_say_what_was_expected(document, table, says):
    with pytest.raises(SchemaError, match=says):
        sdv.hints_of(document, table)


def test_all_wrong_entries_are_one_error():
    document = columns(a={"sdtype": 7}, b="categorical", c={"sdtype": "id"}) | {"primary_key": "z"}
    with pytest.raises(SchemaError, match=r"(?s)3 problems.*'a'.*'b'.*'primary_key' names the column 'z'"):
        sdv.hints_of(document)


def test_unknown_sdtypes_are_left_to_the_cells_with_a_remark():
    hints = by_name(columns(a={"sdtype": "unknown", "pii": True}, b={"sdtype": "starsign"}))
    assert (hints["a"].kind, hints["b"].kind) == (None, None)
    assert "unknown" in hints["a"].remark
    assert "'starsign'" in hints["b"].remark


def test_personal_data_may_be_declared_as_none():
    hints = by_name(columns(a={"sdtype": "city", "pii": False}, b={"sdtype": "city"}))
    assert (hints["a"].kind, hints["b"].kind) == ("categorical", "personal")
    assert hints["a"].said == "sdtype city, not personal"


def test_what_many_people_share_is_left_to_the_cells_unless_it_is_called_personal():
    entries = {
        name: {"sdtype": "latitude"} | more
        for name, more in zip("abc", ({}, {"pii": False}, {"pii": True}), strict=True)
    }
    assert [hint.kind for hint in by_name(columns(**entries)).values()] == [None, None, "personal"]


def test_names_of_faker_stand_for_those_of_sdv():
    assert by_name(columns(a={"sdtype": "ipv4_address"}))["a"].fake == "ipv4"


def test_every_name_of_personal_data_is_a_method_of_faker():
    faker = pytest.importorskip("faker").Faker()
    assert [name for name in sdv.PERSONAL if not hasattr(faker, sdv.FAKES.get(name, name))] == []


def test_ordered_categories_and_text():
    hints = by_name(columns(a={"sdtype": "categorical", "order": ["low", "high"]}, b={"sdtype": "text"}))
    assert (hints["a"].categories, hints["a"].ordered) == (("low", "high"), True)
    assert hints["b"].kind == "text"


def test_a_key_of_several_columns_is_unique_as_a_whole():
    document = columns(a={"sdtype": "id"}, b={"sdtype": "datetime"}) | {"primary_key": ["a", "b"]}
    hints = by_name(document)
    assert (hints["a"].unique_with, hints["b"].unique_with) == (("b",), ("a",))
    assert not hints["a"].unique
    assert not hints["b"].key


def test_sequences_are_warned_of():
    hints = by_name(columns(a={"sdtype": "id"}) | {"sequence_key": "a", "sequence_index": "t"})
    assert "one by one" in hints["a"].remark


def test_recognised_by_version_tables_or_sdtypes():
    assert sdv.recognises(HOTELS)
    assert sdv.recognises({"columns": {"a": {"sdtype": "id"}}})
    assert not sdv.recognises({"format": 1, "columns": [{"name": "a"}]})
    assert not sdv.recognises({"columns": {"a": {"dtype": "int64"}}})


def test_the_document_is_not_changed():
    before = copy.deepcopy(HOTEL_GUESTS)
    sdv.hints_of(HOTEL_GUESTS)
    assert before == HOTEL_GUESTS
