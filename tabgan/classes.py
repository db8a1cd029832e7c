"""The classes of a column in chosen shares: which class each row is to have."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan import rng
from tabgan.errors import InputError, listing
from tabgan.learnt import Learnt
from tabgan.table import arrays, cells

MOST_CLASSES = 1_000


def balanced_classes(learnt: Learnt, column: object, n: int, shares: Mapping[Any, float] | None, seed: int) -> pa.Table:
    """The classes of `n` rows, in random order, as a table of one column.

    Raises:
        InputError: if there is no such column, class or share.
    """
    name, known = _classes(learnt, column)
    classes, wanted = _shares(name, known, shares)
    exact = wanted * n
    counts = np.floor(exact).astype(np.int64)
    counts[np.argsort(counts - exact, kind="stable")[: n - counts.sum()]] += 1
    order = rng.generator(seed, "order of classes").permutation(np.repeat(np.arange(len(classes)), counts))
    return pa.table({name: classes.take(pa.array(order))})


def missing_classes(learnt: Learnt, real: pa.Table, column: object, shares: Mapping[Any, float] | None) -> pa.Table:
    """The classes of the rows that `real` lacks for its classes to have such shares, as a table of one column.

    Raises:
        InputError: if there is no such column, class or share.
    """
    name, known = _classes(learnt, column)
    classes, wanted = _shares(name, known, shares)
    found = arrays.plain(real[name]).drop_null().value_counts()
    counted = dict(zip(found.field("values").to_pylist(), found.field("counts").to_pylist(), strict=True))
    counts = np.array([counted.pop(cell, 0) for cell in classes.to_pylist()])
    total = max(count / share for count, share in zip(counts, wanted, strict=True) if share)
    lacking = np.maximum(np.rint(total * wanted).astype(np.int64) - counts, 0)
    return pa.table({name: classes.take(pa.array(np.repeat(np.arange(len(classes)), lacking)))})


def _classes(learnt: Learnt, column: object) -> tuple[str, pa.Array]:
    """The name of a column and its classes.

    Raises:
        InputError: if it has none.
    """
    names = [spec.name for spec in learnt.schema.made if column in (spec.name, spec.label)]
    name = names[0] if names else ""
    categories = getattr(learnt.coding.codec.known.get(name), "categories", None)
    if categories is None or not 2 <= len(categories) <= MOST_CLASSES:
        have = [
            spec.name
            for spec in learnt.schema.made
            if spec.kind == "categorical" and spec.name in learnt.coding.codec.known
        ]
        raise InputError(f"expected a column of 2 to {MOST_CLASSES:,} classes, such as {have[:5]}, got {column!r}")
    return name, categories.array


def _shares(name: str, known: pa.Array, shares: Mapping[Any, float] | None) -> tuple[pa.Array, NDArray[np.float64]]:
    """Classes and the share of each; all equal without `shares`.

    Raises:
        InputError: if a class is unknown, or the shares do not add up to 1.
    """
    if shares is None:
        return known, np.full(len(known), 1 / len(known))
    if not isinstance(shares, Mapping):
        raise InputError(f"expected shares as a mapping of the classes of column {name!r} to numbers, got {shares!r}")
    problems: list[str] = []
    classes: list[pa.Scalar] = []
    for value, share in shares.items():
        try:
            cell = cells.parse(value, known.type)
        except ValueError as error:
            problems.append(str(error))
            continue
        if not pc.is_in(cell, value_set=known).as_py():
            near = ", ".join(cells.near(cell.as_py(), known))
            problems.append(
                f"expected one of its {len(known)} classes, got {value!r}" + (f"; closest: {near}" if near else "")
            )
        elif cell in classes:
            problems.append(f"expected each class once, got {value!r} again")
        if not isinstance(share, int | float | np.number) or not 0 <= share <= 1:
            problems.append(f"expected a share from 0 to 1 of {value!r}, got {share!r}")
        classes.append(cell)
    if not problems and not np.isclose(sum(shares.values()), 1, atol=1e-6):
        problems.append(f"expected shares that add up to 1, got {sum(shares.values()):g}")
    if problems:
        raise InputError(listing(f"The shares of column {name!r} cannot be had", problems))
    return pa.array([cell.as_py() for cell in classes], known.type), np.array(list(shares.values()), np.float64)
