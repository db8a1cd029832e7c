"""Column names: every column has one, and no two share one."""

from collections.abc import Collection, Hashable, Sequence


def place_name(position: int, taken: Collection[Hashable]) -> str:
    """A name for the nameless column at `position` (from 0): "column_1", with underscores behind it where taken."""
    name = f"column_{position + 1}"
    while name in taken:
        name += "_"
    return name


def check_names(names: Sequence[str]) -> list[str]:
    """One problem for each name that several columns share."""
    places: dict[str, list[int]] = {}
    for position, name in enumerate(names, start=1):
        places.setdefault(name, []).append(position)
    return [
        f"columns {', '.join(map(str, where))} are all called {name!r}; give each a name of its own"
        for name, where in places.items()
        if len(where) > 1
    ]
