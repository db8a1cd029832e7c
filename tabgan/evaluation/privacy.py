"""Does the synthetic table give its training rows away?

Two plain checks that need real rows which the synthesizer has not seen. First: is a synthetic row nearer to the rows
that were learnt from than to as many held-out rows? Without copying, neither side is nearer more often, so the share
is one half; above it, the synthesizer follows its training rows more closely than the population. Second: how many
synthetic rows equal a training row in every cell, beside how many held-out rows do, since rows of few categories
repeat by chance. For the first check as many training rows are drawn as there are held-out rows, so where these are few
it dilutes: with one held-out row to nine training rows, a table that is one great copy has a share of about 0.55.

The distance of two rows is the sum over the columns: 0 or 1 for categories, for numbers the difference of their ranks
among the real rows (from 0 to 1, so that no unit and no outlier leads), and a missing cell differs by 1 from any other
and by 0 from a missing one. These checks find plain copying. They are no proof of privacy, and no measure of what an
attacker with knowledge of his own could learn.

Letters used for shapes: n synthetic rows, m rows of each real side.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tabgan import rng as streams
from tabgan.evaluation.aligned import AlignedColumn
from tabgan.evaluation.results import Caveat, Estimate

MAX_ROWS = 5_000
MAX_REFERENCE = 20_000
MIN_ROWS = 2
FEW_ROWS = 200
_MAX_CELLS = 4_000_000

Cells = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class PrivacyResult:
    """How closely synthetic rows follow the rows that were learnt from.

    Attributes:
        nearer_to_train: the share of synthetic rows whose nearest real row is a training row and not a held-out one,
            ties counted half; its floor is the 0.5 of a synthesizer that copies nothing.
        copies: the share of synthetic rows that equal a training row in every cell; its floor is the share of held-out
            rows that do.
        n_nearest: the synthetic rows whose nearest real rows were looked for.
        n_reference: the training rows, and as many held-out rows, among which they were looked for.
        n_synthetic, n_train, n_held_out: all rows, on which `copies` rests.
        caveats: reasons to read these numbers with care.
    """

    nearer_to_train: Estimate
    copies: Estimate
    n_nearest: int
    n_reference: int
    n_synthetic: int
    n_train: int
    n_held_out: int
    caveats: tuple[Caveat, ...] = ()


def privacy(
    columns: Sequence[AlignedColumn],
    n_train: int,
    seed: int,
    max_rows: int = MAX_ROWS,
    max_reference: int = MAX_REFERENCE,
) -> PrivacyResult:
    """The share of rows nearer to the training rows, and the share of exact copies.

    Args:
        columns: the real side holds the rows that the synthesizer learnt from, then rows that it has not seen.
        n_train: how many of the real rows are of the first kind.
        seed: of the rows that are drawn.
        max_rows: at most as many synthetic rows look for their nearest real row.
        max_reference: at most as many real rows of each side are looked at.

    Raises:
        ValueError: if there are no columns, or fewer than `MIN_ROWS` rows of a kind.
    """
    sizes = (n_train, len(columns[0].real) - n_train, len(columns[0].synthetic)) if columns else (0, 0, 0)
    if min(sizes) < MIN_ROWS:
        raise ValueError(
            f"expected at least one column and {MIN_ROWS} training, held-out and synthetic rows, "
            f"got {len(columns)} columns and {sizes[0]}, {sizes[1]} and {sizes[2]} rows"
        )
    draw = streams.generator(seed, "privacy")
    m = min(sizes[0], sizes[1], max_reference)
    sides = [draw.permutation(sizes[0])[:m], n_train + draw.permutation(sizes[1])[:m]]
    rows = draw.permutation(sizes[2])[:max_rows]
    nearer, nearest = nearest_side(columns, np.concatenate(sides), rows)
    few = min(m, len(rows))
    text = f"only {few} rows of a kind, so every number here is very uncertain"
    return PrivacyResult(
        nearer_to_train=Estimate(
            value=float(nearer.mean()), standard_error=share_error(nearest), floor=0.5, floor_error=0.0
        ),
        copies=_copies(columns, n_train),
        n_nearest=len(rows),
        n_reference=m,
        n_synthetic=sizes[2],
        n_train=sizes[0],
        n_held_out=sizes[1],
        caveats=(Caveat("few_rows", text),) if few < FEW_ROWS else (),
    )


def share_error(nearest: NDArray[np.int64]) -> float:
    """The standard error of the share where the two real sides are interchangeable.

    Which side a real row is on is then a fair coin, thrown once for all synthetic rows that it is nearest to. So rows
    that share their nearest real row count as one large throw, and the error is larger than that of n throws.

    Args:
        nearest: the nearest real row of each synthetic row, shape (n,).
    """
    together = np.bincount(nearest).astype(np.float64)
    return float(np.sqrt((together**2).sum()) / (2 * len(nearest)))


def nearest_side(
    columns: Sequence[AlignedColumn], reference: NDArray[np.int64], rows: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Which half of the reference rows each synthetic row is nearer to.

    Args:
        columns: of both tables.
        reference: rows of the real table, shape (2 m,): m of one side, then m of the other.
        rows: rows of the synthetic table, shape (n,).

    Returns:
        1 where the first half is nearer, 0 where the second is, 0.5 where they are equally near, shape (n,); and the
        place in `reference` of the nearest row, shape (n,).
    """
    half = len(reference) // 2
    prepared = [_scaled(column, column.real[reference], column.synthetic[rows]) for column in columns]
    chunk = max(1, _MAX_CELLS // len(reference))
    nearer, nearest = [], []
    for start in range(0, len(rows), chunk):
        distance = np.zeros((len(rows[start : start + chunk]), len(reference)), np.float32)
        for column, (real, synthetic) in zip(columns, prepared, strict=True):
            distance += _distances(synthetic[start : start + chunk], real, column.is_numeric)
        first, second = distance[:, :half].min(axis=1), distance[:, half:].min(axis=1)
        nearer.append(np.where(first == second, 0.5, first < second))
        nearest.append(distance.argmin(axis=1))
    return np.concatenate(nearer), np.concatenate(nearest)


def _scaled(column: AlignedColumn, real: NDArray[np.int64], synthetic: NDArray[np.int64]) -> tuple[Cells, Cells]:
    """Numbers as middle ranks among all real cells, NaN where missing; categories as their codes."""
    size = len(column.support)
    if not column.is_numeric:
        return real.astype(np.float32), synthetic.astype(np.float32)
    counts = np.bincount(column.real, minlength=size + 1)[:size]
    ranks = np.append((np.cumsum(counts) - counts / 2) / max(int(counts.sum()), 1), np.nan).astype(np.float32)
    return ranks[real], ranks[synthetic]


def _distances(first: Cells, second: Cells, numeric: bool) -> Cells:
    """The distances of all pairs of cells, shape (len(first), len(second))."""
    if not numeric:
        differ: Cells = (first[:, None] != second).astype(np.float32)
        return differ
    apart: Cells = np.abs(first[:, None] - second)
    gaps = np.isnan(first), np.isnan(second)
    if gaps[0].any() or gaps[1].any():
        apart = np.where(np.isnan(apart), (gaps[0][:, None] != gaps[1]).astype(np.float32), apart)
    return apart


def _copies(columns: Sequence[AlignedColumn], n_train: int) -> Estimate:
    keys = row_keys([np.concatenate([column.real, column.synthetic]) for column in columns])
    n_real = len(columns[0].real)
    train, held, synthetic = keys[:n_train], keys[n_train:n_real], keys[n_real:]
    (value, error), (floor, floor_error) = (_share(np.isin(side, train)) for side in (synthetic, held))
    return Estimate(value=value, standard_error=error, floor=floor, floor_error=floor_error)


def _share(marks: NDArray[np.bool_]) -> tuple[float, float]:
    share = float(marks.mean())
    return share, float(np.sqrt(share * (1 - share) / len(marks)))


def row_keys(columns: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """A number for each row, the same for rows that are equal in every cell and for no others.

    Args:
        columns: the codes of each column, shape (n,) each.
    """
    keys = np.zeros(len(columns[0]), np.int64)
    for codes in columns:
        joined = keys * (int(codes.max()) + 1) + codes
        keys = np.unique(joined, return_inverse=True)[1].astype(np.int64)
    return keys
