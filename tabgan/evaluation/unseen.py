"""Are held-out rows what they are taken for, real rows that the synthesizer has not seen?

Whoever passes the real table itself, or the synthetic one, as held-out rows would read that a table of copies is as
private as can be, and that models learn from it as well as from real rows. Such rows are set aside, which is said.
"""

from collections.abc import Sequence

import numpy as np

from tabgan.evaluation.aligned import AlignedColumn
from tabgan.evaluation.copies import Keys, row_keys
from tabgan.evaluation.proportions import proportion
from tabgan.evaluation.results import Caveat

SOME, MOST = 0.05, 0.5


def set_aside(columns: Sequence[AlignedColumn], seed: int) -> tuple[tuple[AlignedColumn, ...], tuple[Caveat, ...]]:
    """The columns, without held-out rows if most of them are real or synthetic ones; and a caveat if many are.

    As many equal rows as there are within the real table, and between the real and the synthetic one, are no sign.

    Args:
        columns: of the tables.
        seed: of the keys of the rows.
    """
    columns = tuple(columns)
    if not columns or not len(columns[0].held_out):
        return columns, ()
    real, synthetic, held_out = row_keys(columns, seed)
    _, places, counts = np.unique(real, return_inverse=True, return_counts=True)
    usual = float((counts[places] > 1).mean())
    expected = {"real": usual, "synthetic": max(usual, float(np.isin(real, synthetic).mean()))}
    excess = {
        side: _surely(held_out, keys) - expected[side] for side, keys in (("real", real), ("synthetic", synthetic))
    }
    side = max(excess, key=lambda name: excess[name])
    if excess[side] < SOME:
        return columns, ()
    share = float(np.isin(held_out, real if side == "real" else synthetic).mean())
    text = (
        f"{share:.0%} of the held-out rows equal a {side} row in every cell, and {expected[side]:.0%} might, so the "
        "synthesizer seems to have seen them"
    )
    if excess[side] < MOST:
        return columns, (Caveat("held_out_seen", f"{text}: copies and use look better than they are"),)
    outcome = "the report goes on as if there were none"
    return tuple(column.without_held_out() for column in columns), (Caveat("held_out_seen", f"{text}; {outcome}"),)


def _surely(keys: Keys, among: Keys) -> float:
    """The least share of rows that are found among others, by its interval."""
    return float(proportion(int(np.isin(keys, among).sum()), len(keys)).low or 0.0)
