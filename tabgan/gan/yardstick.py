"""Rows held out as a yardstick for rows that a generator draws, and what real rows get by it.

Chance alone keeps a thousand rows apart from other rows of the same distribution. So each figure has a *floor*: what
rows drawn with replacement from those learnt get in the place of generated ones, and by how much that differs from one
draw to the next. A figure that is no further from its floor than chance goes says nothing.
"""

import types
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tabgan.gan import figures
from tabgan.gan.cells import MAX_CELLS, Cells
from tabgan.layout import Layout

Codes = NDArray[np.integer]
MAX_COMPARED = 1_000
"""Rows of each side between which distances are taken."""
MAX_LEARNT = 2_000
"""Rows learnt among which the nearest one is sought."""
MAX_DRAWN_FROM, _LEAST_DRAWN_FROM = 50_000, 10_000
"""Rows learnt that those for the floors are drawn from: many times what is drawn, and few beside a large table."""
_MAX_CODES = 20_000_000
"""Of these rows together: of wide tables they are fewer."""
_KNOWN = 20_000
_FLOORS, _FEW_FLOORS = 20, 5
_LEAST = 1e-3


class Figures(NamedTuple):
    """What is measured at a look; the names and meanings are those of `TrainingStats`."""

    held_out_shape: float | None = None
    held_out_trend: float | None = None
    detection: float | None = None
    distinct: float | None = None
    coverage: float | None = None
    entropy: float | None = None
    nearest: float | None = None


class Floor(NamedTuple):
    """What real rows get in the place of generated ones.

    Attributes:
        mean: on average.
        error: standard deviation from one draw of rows to the next.
    """

    mean: float
    error: float


SPLIT = "distance, other rows held out"
Floors = Mapping[str, Floor]
"""The floor of each figure by its name, of `distance`, of the distance if other rows were held out (`SPLIT`), and as
`surprise` that of rows if all cells were independent, which is where training begins; a figure that is not measured has
none."""


class Yardstick:
    """What is known of the rows held out, and the floors.

    Args:
        layout: of the table.
        learnt: codes (n, k) of rows learnt, in the order of the layout; at least one.
        held_out: likewise of rows held out; at least one.
        drawn: rows that are drawn at each look.
        random: chooses the rows for the floors.
    """

    def __init__(
        self, layout: Layout, learnt: Codes, held_out: Codes, *, drawn: int, random: np.random.Generator
    ) -> None:
        self._layout = layout
        picked = random.integers(len(learnt), size=(_FLOORS, drawn))
        known = learnt[_some(len(learnt), _KNOWN)]
        self._cells = Cells(layout, known)
        self._learnt = self._cells.points(known[_some(len(known), MAX_LEARNT)])
        self._compared = min(MAX_COMPARED, drawn, len(held_out), len(self._learnt))
        self._held_out = held_out[: self._compared]
        self._shares = self._code_shares(held_out)
        self._own_cells = self._cells.of(held_out)
        self._pairs = figures.pair_shares(self._own_cells, MAX_CELLS)
        self._points = self._cells.points(self._held_out)
        others = random.integers(len(learnt), size=(_FLOORS, len(held_out)))
        self.floors = self._floors([learnt[rows] for rows in picked], [learnt[rows] for rows in others])

    def measure(self, codes: Codes) -> Figures:
        """The figures of drawn rows (n, k), in the order of the layout."""
        cells, own = self._cells.of(codes), codes[: self._compared]
        points = self._cells.points(own)
        return Figures(
            held_out_shape=self._shape(codes),
            held_out_trend=self._trend(cells),
            detection=figures.detection_auc(self._own_cells[: len(cells)], cells, MAX_CELLS),
            distinct=self._distinct(own),
            coverage=figures.coverage(self._points, points),
            entropy=self._entropy(own),
            nearest=figures.nearer_to_learnt(points, self._learnt, self._points),
        )

    def _floors(self, draws: list[Codes], splits: list[Codes]) -> Floors:
        """From draws of rows learnt, and from as many more in the place of rows held out."""
        shapes = [self._shape(codes) for codes in draws]
        trends = [self._trend(self._cells.of(codes)) for codes in draws]
        few = [codes[: self._compared] for codes in draws[:_FEW_FLOORS]]
        covered = [figures.coverage(self._points, self._cells.points(codes)) for codes in few]
        n, drawn = len(self._own_cells), len(draws[0])
        found: dict[str, Floor | None] = {
            "held_out_shape": _floor(shapes),
            "held_out_trend": _floor(trends),
            "distinct": _floor([self._distinct(codes[: self._compared]) for codes in draws]),
            "coverage": _floor(covered),
            "entropy": _floor([self._entropy(codes[: self._compared]) for codes in draws]),
            "detection": Floor(0.5, figures.detection_error(min(n, drawn), drawn)),
            "nearest": Floor(0.5, 0.5 / float(np.sqrt(self._compared))),
        }
        found["surprise"] = Floor(self._layout.n_codes * figures.entropy(np.concatenate(draws)), 0.0)
        known = {name: floor for name, floor in found.items() if floor is not None}
        apart = [distance(Figures(*both), known) for both in zip(shapes, trends, strict=True)]
        known["distance"] = Floor(1.0, float(np.std([one for one in apart if one is not None])))
        known[SPLIT] = Floor(1.0, self._split_error(draws, splits, known))
        return types.MappingProxyType(known)

    def _split_error(self, draws: list[Codes], splits: list[Codes], floors: Floors) -> float:
        """The standard deviation of the distances of draws to rows of which others are held out each time."""
        found = []
        for codes, others in zip(draws, splits, strict=True):
            cells, pairs = self._cells.of(codes), figures.pair_shares(self._cells.of(others), MAX_CELLS)
            apart = Figures(
                held_out_shape=self._shape(codes, self._code_shares(others)),
                held_out_trend=figures.trend_distance(figures.pair_shares(cells, MAX_CELLS), pairs, MAX_CELLS),
            )
            found.append(distance(apart, floors))
        return float(np.std([one for one in found if one is not None], ddof=1))

    def _code_shares(self, codes: Codes) -> NDArray[np.float64]:
        """The share of each category of each code, shape (w,)."""
        offsets = np.array(self._layout.offsets)
        return np.bincount((codes + offsets).ravel(), minlength=self._layout.width) / len(codes)

    def _shape(self, codes: Codes, wanted: NDArray[np.float64] | None = None) -> float:
        apart = np.abs(self._code_shares(codes) - (self._shares if wanted is None else wanted)).sum()
        return float(apart) / (2 * self._layout.n_codes)

    def _trend(self, cells: NDArray[np.int64]) -> float | None:
        return figures.trend_distance(figures.pair_shares(cells, MAX_CELLS), self._pairs, MAX_CELLS)

    def _distinct(self, codes: Codes) -> float:
        return figures.distinct_share(codes) / figures.distinct_share(self._held_out[: len(codes)])

    def _entropy(self, codes: Codes) -> float | None:
        wanted = figures.entropy(self._held_out[: len(codes)])
        return figures.entropy(codes) / wanted if wanted else None


def distance(measured: Figures, floors: Floors) -> float | None:
    """How far drawn rows lie from rows held out: the mean of Shape and Trend, each as a multiple of its floor.

    About 1 for rows from the distribution of those learnt. None where neither is known.
    """
    ratios = [
        value / max(floors[name].mean, _LEAST)
        for name, value in measured._asdict().items()
        if name in ("held_out_shape", "held_out_trend") and value is not None
    ]
    return sum(ratios) / len(ratios) if ratios else None


def drawn_from(n: int, k: int) -> NDArray[np.intp]:
    """Which of n rows learnt, of k codes, a yardstick should be given: all but those of a large table."""
    return _some(n, drawn_from_most(k))


def drawn_from_most(k: int) -> int:
    """How many rows of k codes a yardstick should be given at most."""
    return min(max(_MAX_CODES // max(k, 1), _LEAST_DRAWN_FROM), MAX_DRAWN_FROM)


def _some(n: int, most: int) -> NDArray[np.intp]:
    """At most so many of n rows, evenly spaced."""
    return np.linspace(0, n - 1, min(n, most)).astype(np.intp)


def _floor(values: list[float] | list[float | None]) -> Floor | None:
    known = [value for value in values if value is not None]
    return Floor(float(np.mean(known)), float(np.std(known, ddof=1))) if known else None
