"""What could an attacker who holds the synthetic table learn about the rows that were learnt?

The three attacks that European guidance asks about (Article 29 Working Party, Opinion 05/2014 on anonymisation
techniques, WP 216), tried as in Giomi et al., "A unified framework for quantifying privacy risk in synthetic data",
PoPETs 2023. Each one is a number of guesses about learnt rows. The same guesses about held-out rows are the control:
what is right about them is what the population gives away, and would be known had a person's row not been learnt.

*Singling out*: a description made of cells of one synthetic row, as long as it takes for it to fit no other synthetic
row (numbers within a band, by rank), fits exactly one learnt row. *Linkability*: a row's columns are dealt into two
halves; the nearest synthetic rows by either half have one in common. *Inference*: the nearest synthetic row by all
other columns has the row's secret cell; numbers count as right within a twentieth of the rows, by rank.

DIFF: the paper's descriptions have a set number of columns, and its numbers are right within 5 % of their value. These
have as few as single out a synthetic row, and ranks, so that no unit and no outlier decides. An attacker with other
knowledge can do better; these numbers are no upper bound.

Letters used for shapes: n guesses, m rows of one side, k neighbours, K distinct values of a column.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tabgan import rng as streams
from tabgan.evaluation.aligned import AlignedColumn, Codes
from tabgan.evaluation.copies import row_keys
from tabgan.evaluation.embedding import Points, embed, middle_ranks
from tabgan.evaluation.neighbours import affordable, nearest
from tabgan.evaluation.proportions import proportion, residual_risk
from tabgan.evaluation.results import AttackResult, Caveat, Estimate
from tabgan.evaluation.results.privacy import exposed
from tabgan.evaluation.terms import percent

N_GUESSES = 1_000
MAX_SECRETS = 6
N_NEIGHBOURS = 5
FEW_GUESSES = 200
TRIVIAL = 0.95
TOLERANCE = 0.05
BAND = 0.02
_HALVINGS = 12
_WORK = 3e9

Cells = NDArray[np.float64]
Marks = NDArray[np.bool_]
Rows = NDArray[np.int64]


def attack(columns: Sequence[AlignedColumn], seed: int, n_guesses: int = N_GUESSES) -> tuple[AttackResult, ...]:
    """Singling out, linkability, and inference of up to `MAX_SECRETS` columns, in this order.

    Those columns are taken that are hardest to guess without the synthetic table. An attack that needs more columns
    that vary than there are is left out.

    Args:
        columns: at least one row of each side, held-out rows too, in random order.
        seed: of the descriptions.
        n_guesses: at most as many for each attack; fewer where rows are few or very wide.
    """
    varying = [column for column in columns if len(np.unique(column.real)) > 1]
    if not varying:
        return ()
    distinct = without_repeats(varying, seed)
    found = [single_out(distinct, seed, n_guesses)]
    if len(varying) > 1:
        found.append(link(distinct, n_guesses))
        found.extend(infer(varying, n_guesses))
    return tuple(result for result in found if result is not None)


def without_repeats(columns: Sequence[AlignedColumn], seed: int) -> list[AlignedColumn]:
    """Without synthetic rows that occurred before: they say no more, but hide that a description fits one row."""
    rows = np.sort(np.unique(row_keys(columns, seed)[1], return_index=True)[1])
    return [replace(column, synthetic=column.synthetic[rows]) for column in columns]


def single_out(columns: Sequence[AlignedColumn], seed: int, n_guesses: int) -> AttackResult | None:
    """Descriptions that fit one synthetic row, tried on as many learnt rows as held-out rows.

    Args:
        columns: at least one; no synthetic row occurs twice.
        seed: of the columns that describe a row, and of the random descriptions.
        n_guesses: at most as many descriptions.

    Returns:
        None where no synthetic row can be described.
    """
    draw = streams.generator(seed, "singling out")
    size = min(len(columns[0].real), len(columns[0].held_out))
    sides = [
        [scale[side] for side in (column.real[:size], column.held_out[:size], column.synthetic)]
        for column, scale in zip(columns, map(_scale, columns), strict=True)
    ]
    train, control, synthetic = (np.stack(side) for side in zip(*sides, strict=True))
    bands = np.asarray([BAND if column.is_numeric else 0.0 for column in columns])
    right = []
    for row in range(synthetic.shape[1]):
        described = _describe(synthetic, row, draw.permutation(len(columns)), bands)
        if described is not None:
            places, width = described
            random = np.asarray([_random_cell(columns[place], draw) for place in places])
            tries = ((train, synthetic[places, row]), (control, synthetic[places, row]), (train, random))
            right.append([_fitting(side, places, cells, width) == 1 for side, cells in tries])
        if len(right) == n_guesses:
            break
    if not right:
        return None
    n = len(right)
    hits = [int(count) for count in np.sum(right, axis=0)]
    text = (
        f"Of {n:,} descriptions made from synthetic rows, {hits[0]:,} fitted exactly one of {size:,} learnt rows, "
        f"and {hits[1]:,} exactly one of as many rows that the synthesizer never saw"
    )
    return _result("singling out", (hits[0], hits[1], hits[2]), n, text)


def _scale(column: AlignedColumn) -> Cells:
    """What each cell is compared as: numbers by ranks, categories by codes, missing cells as -1.

    Shape (K + 1,).
    """
    values = middle_ranks(column) if column.is_numeric else np.arange(len(column.support), dtype=np.float64)
    return np.append(values, -1.0)


def _random_cell(column: AlignedColumn, draw: np.random.Generator) -> float:
    return float(draw.random()) if column.is_numeric else float(draw.integers(len(column.support)))


def _describe(cells: Cells, row: int, order: Rows, bands: Cells) -> tuple[Rows, Cells] | None:
    """The first columns of an order that tell a row from all others, and their bands; narrower ones if need be."""
    for halving in range(_HALVINGS):
        width = bands[order] / 2**halving
        left = np.arange(cells.shape[1])
        for i, place in enumerate(order):
            left = left[np.abs(cells[place, left] - cells[place, row]) <= width[i]]
            if len(left) == 1:
                return order[: i + 1], width[: i + 1]
    return None


def _fitting(cells: Cells, places: Rows, values: Cells, width: Cells) -> int:
    left = np.arange(cells.shape[1])
    for place, value, band in zip(places, values, width, strict=True):
        left = left[np.abs(cells[place, left] - value) <= band]
    return len(left)


def link(columns: Sequence[AlignedColumn], n_guesses: int) -> AttackResult:
    """Whether both halves of a row's columns lead to the same synthetic row.

    Args:
        columns: at least two; no synthetic row occurs twice.
        n_guesses: at most as many rows of each kind.
    """
    order = sorted(columns, key=lambda column: -_entropy(column.real))
    halves = [order[0::4] + order[3::4], order[1::4] + order[2::4]]
    sides = [_points(half, n_guesses) for half in halves]
    n = min(len(side[0]) for side in sides)
    found = []
    for target in (0, 1):
        first, second = (nearest(side[target][:n], side[2], N_NEIGHBOURS)[1] for side in sides)
        found.append(int((first[:, :, None] == second[:, None, :]).any(axis=(1, 2)).sum()))
    m = len(columns[0].synthetic)
    k = min(N_NEIGHBOURS, m)
    chance = 1 - float(np.prod((m - k - np.arange(k)) / (m - np.arange(k)))) if m > k else 1.0
    text = (
        f"Two halves of their columns led to the same synthetic row for {found[0]:,} of {n:,} learnt rows, "
        f"and for {found[1]:,} of as many rows that the synthesizer never saw"
    )
    return _result("linkability", (found[0], found[1], round(chance * n)), n, text)


def _entropy(cells: Codes) -> float:
    shares = np.unique(cells, return_counts=True)[1] / len(cells)
    return float(-(shares * np.log2(shares)).sum())


def _points(columns: Sequence[AlignedColumn], n_guesses: int) -> tuple[Points, Points, Points]:
    """Equally many learnt and held-out rows, and the synthetic rows, as points."""
    n = _most_guesses(columns, n_guesses)
    cells = [np.concatenate([column.real[:n], column.held_out[:n], column.synthetic]) for column in columns]
    points = embed(columns, cells)
    few = affordable(points[2 * n :], n, _WORK)
    return points[:few], points[n : n + few], points[2 * n :]


def _most_guesses(columns: Sequence[AlignedColumn], n_guesses: int) -> int:
    return min(n_guesses, len(columns[0].real), len(columns[0].held_out))


def infer(columns: Sequence[AlignedColumn], n_guesses: int) -> list[AttackResult]:
    """A secret cell guessed from the nearest synthetic row by all other columns, for one secret column after another.

    Args:
        columns: at least two.
        n_guesses: at most as many rows of each kind.
    """
    n = _most_guesses(columns, n_guesses)
    naive = [_naive(column, n) for column in columns]
    order = [place for place in np.argsort(naive, kind="stable").tolist() if naive[place] <= TRIVIAL * n]
    return [_infer(columns, place, n) for place in order[:MAX_SECRETS]]


def _naive(column: AlignedColumn, n: int) -> int:
    """How many learnt cells are guessed right by always naming the median or the most frequent synthetic cell."""
    cells = column.synthetic
    guess = int(np.sort(cells)[len(cells) // 2]) if column.is_numeric else int(np.bincount(cells).argmax())
    return int(_right(column, np.full(n, guess), column.real[:n]).sum())


def _infer(columns: Sequence[AlignedColumn], place: int, n: int) -> AttackResult:
    secret = columns[place]
    train, control, synthetic = _points([*columns[:place], *columns[place + 1 :]], n)
    n = len(train)
    hits = []
    for targets, truth in ((train, secret.real[:n]), (control, secret.held_out[:n])):
        guesses = secret.synthetic[nearest(targets, synthetic)[1][:, 0]]
        hits.append(int(_right(secret, guesses, truth).sum()))
    text = (
        f"`{secret.name}` was guessed right from the other columns for {hits[0]:,} of {n:,} learnt rows, "
        f"and for {hits[1]:,} of as many rows that the synthesizer never saw"
    )
    return _result("inference", (hits[0], hits[1], _naive(secret, n)), n, text, secret.name)


def _right(column: AlignedColumn, guesses: Codes, truth: Codes) -> Marks:
    if not column.is_numeric:
        return np.asarray(guesses == truth)
    ranks = _scale(column)
    return np.abs(ranks[guesses] - ranks[truth]) <= TOLERANCE


def _result(name: str, hits: tuple[int, int, int], n: int, text: str, secret: str = "") -> AttackResult:
    """Of the right guesses about learnt rows, about held-out rows, and without the synthetic table."""
    train, control, baseline = (proportion(count, n) for count in hits)
    risk = residual_risk(train, control)
    few = Caveat("few_guesses", f"only {n} guesses about each kind of row, so the risk is very uncertain")
    text_known = (
        f"{percent(control.value)} of the guesses about held-out rows were right, so little is left to give away"
    )
    marks = ((few, n < FEW_GUESSES), (Caveat("little_left", text_known), control.value > TRIVIAL))
    return AttackResult(
        attack=name,
        train=train,
        control=control,
        baseline=baseline,
        risk=risk,
        n_guesses=n,
        secret=secret,
        sentence=f"{text}: {_meaning(risk)}.",
        caveats=tuple(caveat for caveat, holds in marks if holds),
    )


def _meaning(risk: Estimate) -> str:
    if not exposed(risk):
        return "no more than chance explains"
    low, high = risk.low or 0.0, risk.high or 0.0
    return f"learnt rows run a risk of {percent(risk.value)} ({percent(low)} to {percent(high)}) beyond that of others"
