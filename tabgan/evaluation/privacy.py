"""Does the synthetic table give its learnt rows away?

Every number stands beside the same number for real rows in the place of the synthetic ones: held-out rows, which the
synthesizer has not seen, or, where none are given, one half of the real rows beside the other. How many synthetic rows
equal a learnt row in every cell, since rows of few categories repeat by chance? How near is the nearest learnt row, and
is it much nearer than the second nearest? With held-out rows there is more: is a synthetic row nearer to the learnt
rows than to as many held-out rows, can learnt rows be told from others by the synthetic rows near them (`membership`),
and what do an attacker's guesses gain (`attacks`)?

Distances are those of `embedding`: 1 is one category that differs. Copies are looked for among all rows, all else
among as many as `thinning` leaves. These checks find copying, whole or near. They are no proof of privacy, and no
measure of what an attacker with other knowledge could learn.

Letters used for shapes: n synthetic rows, m real rows of each kind, f features.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tabgan import rng as streams
from tabgan.evaluation.aligned import AlignedColumn
from tabgan.evaluation.attacks import N_GUESSES, attack
from tabgan.evaluation.copies import copies
from tabgan.evaluation.embedding import Points, embed
from tabgan.evaluation.membership import membership
from tabgan.evaluation.neighbours import affordable, nearest
from tabgan.evaluation.proportions import around, mean, proportion, quantile
from tabgan.evaluation.results import Beside, Caveat, Estimate, MembershipResult, PrivacyResult
from tabgan.evaluation.terms import percent
from tabgan.evaluation.thinning import Thinned, thin

MAX_ROWS = 5_000
MAX_REFERENCE = 20_000
MIN_ROWS = 2
FEW_ROWS = 200
NEAR = 0.01
CLOSE = 0.05
_FEW_SHARE = 0.4
_WORK = 1e10

Distances = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Points:
    """The learnt, the synthetic and the held-out rows as points, and those that stand in for synthetic ones."""

    reference: Points
    synthetic: Points
    held_out: Points
    baseline: Points


def privacy(
    columns: Sequence[AlignedColumn],
    seed: int,
    max_rows: int = MAX_ROWS,
    max_reference: int = MAX_REFERENCE,
    n_guesses: int = N_GUESSES,
) -> PrivacyResult:
    """Copies, distances, membership inference and attacks.

    Args:
        columns: the real side holds the rows that the synthesizer learnt from, the held-out side other real rows.
        seed: of the rows that are drawn, and of the attacks.
        max_rows: at most as many rows look for their nearest rows.
        max_reference: at most as many rows of each side are looked at, but for copies.
        n_guesses: at most as many for each attack.

    Returns:
        Without `MIN_ROWS` held-out rows, only what needs none, and a caveat that says so.

    Raises:
        ValueError: if there are no columns, or fewer than `MIN_ROWS` real or synthetic rows.
    """
    sizes = (len(columns[0].real), len(columns[0].synthetic)) if columns else (0, 0)
    if min(sizes) < MIN_ROWS:
        raise ValueError(
            f"expected at least one column and {MIN_ROWS} real and synthetic rows, "
            f"got {len(columns)} columns, {sizes[0]} real and {sizes[1]} synthetic rows"
        )
    known = len(columns[0].held_out) >= MIN_ROWS
    columns = columns if known else [replace(column, held_out=column.held_out[:0]) for column in columns]
    thinned = thin(columns, seed, max_reference)
    points = _points(thinned.columns, known)
    n = affordable(points.reference, max_rows, _WORK)
    found, usual = (nearest(side[:n], points.reference, 2)[0] for side in (points.synthetic, points.baseline))
    return PrivacyResult(
        copies=copies(columns, seed),
        near_copies=near_copies(found[:, 0], usual[:, 0]),
        distance=Beside(synthetic=quantile(found[:, 0], 0.5), real=quantile(usual[:, 0], 0.5)),
        close_distance=Beside(synthetic=quantile(found[:, 0], CLOSE), real=quantile(usual[:, 0], CLOSE)),
        distance_ratio=Beside(synthetic=distance_ratio(found), real=distance_ratio(usual)),
        nearer_to_train=nearer_to_train(points.synthetic[:n], points.reference, points.held_out) if known else None,
        membership=_membership(points, max_rows, seed) if known else None,
        attacks=attack(thinned.columns, seed, n_guesses) if known else (),
        baseline="held-out rows" if known else "other real rows",
        n_synthetic=sizes[1],
        n_train=sizes[0],
        n_baseline=len(columns[0].held_out) if known else sizes[0],
        n_nearest=len(found),
        n_baseline_nearest=len(usual),
        n_reference=len(points.reference),
        caveats=_caveats(columns[0], thinned, points, min(len(found), len(usual))),
    )


def _points(columns: Sequence[AlignedColumn], known: bool) -> _Points:
    cells = [np.concatenate([column.real, column.synthetic, column.held_out]) for column in columns]
    ends = np.cumsum([len(columns[0].real), len(columns[0].synthetic)])
    real, synthetic, held_out = np.split(embed(columns, cells), ends)
    half = len(real) // 2
    return _Points(
        reference=real if known else real[:half],
        synthetic=synthetic,
        held_out=held_out,
        baseline=held_out if known else real[half:],
    )


def near_copies(found: Distances, usual: Distances) -> Beside:
    """The share of rows within the distance that a hundredth of the real rows have.

    Where more than a hundredth of the real rows are as near as that, as in tables of few categories, all of them count.

    Args:
        found: of the synthetic rows to their nearest learnt row, shape (n,).
        usual: of the real rows in their place, shape (m,).
    """
    threshold = np.quantile(usual, NEAR, method="inverted_cdf")
    shares = [proportion(int((side <= threshold).sum()), len(side)) for side in (found, usual)]
    return Beside(synthetic=shares[0], real=shares[1])


def distance_ratio(distances: Distances) -> Estimate:
    """The mean of the nearest distance over the second nearest; 1 where both are 0 or there is no second.

    Args:
        distances: ascending, shape (n, 2), or (n, 1) where there is no second.
    """
    first, last = distances[:, 0], distances[:, -1]
    ratios = np.divide(first, last, out=np.ones(len(first)), where=last > 0)
    return mean(ratios, 0.0, 1.0)


def nearer_to_train(synthetic: Points, train: Points, held_out: Points) -> Estimate:
    """The share of synthetic rows that are nearer to a learnt row than to any of as many held-out rows.

    Args:
        synthetic: shape (n, f).
        train: the learnt rows, in random order.
        held_out: other real rows, likewise; as many of either are used as there are of both.
    """
    m = min(len(train), len(held_out))
    (first, first_places), (second, second_places) = (nearest(synthetic, side[:m]) for side in (train, held_out))
    nearer = np.where(first == second, 0.5, first < second)[:, 0]
    places = np.where(first <= second, first_places, m + second_places)[:, 0]
    return around(float(nearer.mean()), share_error(places), 0.0, 1.0, floor=0.5)


def share_error(nearest_rows: NDArray[np.int64]) -> float:
    """The standard error of the share where the two real sides are interchangeable.

    Which side a real row is on is then a fair coin, thrown once for all synthetic rows that it is nearest to. So rows
    that share their nearest real row count as one large throw, and the error is larger than that of n throws.

    Args:
        nearest_rows: the nearest real row of each synthetic row, shape (n,).
    """
    together = np.bincount(nearest_rows).astype(np.float64)
    return float(np.sqrt((together**2).sum()) / (2 * len(nearest_rows)))


def _membership(points: _Points, max_rows: int, seed: int) -> MembershipResult:
    n = affordable(points.synthetic, min(len(points.reference), len(points.held_out), max_rows), _WORK)
    train, held_out = (nearest(side[:n], points.synthetic)[0][:, 0] for side in (points.reference, points.held_out))
    return membership(train, held_out, streams.generator(seed, "membership"))


def _caveats(column: AlignedColumn, thinned: Thinned, points: _Points, few: int) -> tuple[Caveat, ...]:
    found = []
    if not len(column.held_out):
        text = (
            "no held-out rows, so half of the real rows stand in for the synthetic ones, and membership and attacks "
            "could not be tried: pass the rows that were kept from the synthesizer as holdout"
        )
        found.append(Caveat("no_held_out", text))
    elif len(points.held_out) < _FEW_SHARE * len(points.reference):
        share = len(points.held_out) / len(points.reference)
        text = (
            f"only {len(points.held_out):,} held-out rows, so whether rows are nearer to learnt rows, and singling "
            f"out, could be tried on {percent(share)} of the learnt rows alone, which hides much: a table of copies "
            f"would have a share of {0.5 + share / 2:.2f} nearer rows, not 1"
        )
        found.append(Caveat("few_held_out", text))
    n_real, n_synthetic = len(thinned.columns[0].real), len(thinned.columns[0].synthetic)
    if n_real < len(column.real) or n_synthetic < len(column.synthetic):
        how = "a slice of like rows, in which a row is found together with its copy" if thinned.is_slice else "drawn"
        text = (
            f"of large tables {n_real:,} real and {n_synthetic:,} synthetic rows were looked at "
            f"({how}); exact copies were counted among all rows"
        )
        found.append(Caveat("thinned", text))
    if min(few, len(points.reference)) < FEW_ROWS:
        text = f"only {min(few, len(points.reference))} rows of a kind, so every number here is very uncertain"
        found.append(Caveat("few_rows", text))
    return tuple(found)
