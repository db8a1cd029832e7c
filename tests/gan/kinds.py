"""The names of the tables that `conftest.py` makes, one for each kind of layout."""

KINDS = [
    "all kinds",
    "number first and last",
    "one code",
    "one number",
    "one code with a value",
    "windows alone",
    "codes without windows",
    "cardinality one",
    "cardinality one alone",
    "wide code",
]
