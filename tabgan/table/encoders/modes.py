"""A continuous column by mode-specific normalisation (Xu et al. 2019, arXiv 1907.00503, section 4.2).

A Gaussian mixture finds the modes of the column; a cell becomes the mode that it is drawn from and its distance from
that mode's mean, cut off at four standard deviations. This is how CTGAN encodes numbers. The quantile encoder is the
better choice for most columns: it is exact on ties and point masses, and nothing is cut off.

DIFF: CTGAN learns the distance as a float. Here it is spelt like every number is: which of 16 equally likely cells of
the standard normal distribution it falls in, and where in that cell, evenly by probability. A mode whose rows are not
normal has cells that are not equally likely, and the places within them are not quite uniform.

DIFF: the mixture is fitted on 2,000 evenly spaced quantiles in place of all rows, so it takes a fraction of a second
and needs the summary alone.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from tabgan.layout import ColumnSlots
from tabgan.table import arrays, dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import base, checks
from tabgan.table.encoders.quantile import require_numbers, to_cells, to_numbers
from tabgan.table.encoders.rounding import decimals_of, unit_of
from tabgan.table.summaries import ColumnSummary

MAX_MODES = 10
_MIN_WEIGHT = 0.005
_SAMPLE = 2_000
_SPREAD = 4.0
_CELLS = 16


@dataclass(frozen=True)
class ModesEncoder:
    """M modes, and missing cells.

    Attributes:
        dtype: the column's Arrow type, as text.
        scale: numbers are divided by it first, so that nothing overflows.
        means: the modes' means, ascending (M of them), of scaled numbers.
        deviations: their standard deviations, positive.
        weights: their shares of the rows.
        low: the smallest number of the column; what is made is clipped to it.
        high: the largest.
        unit: whole numbers are rounded to multiples of it.
        decimals: floats are rounded to as many; None to leave them as they are.
        nullable: whether code M means "missing".
    """

    kind: ClassVar[str] = "modes"
    dtype: str
    scale: float
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    weights: tuple[float, ...]
    low: int | float
    high: int | float
    unit: int
    decimals: int | None
    nullable: bool

    def __post_init__(self) -> None:
        checks.require(arrays.has_order(self._arrow_type), f"a type of numbers or times, got {self.dtype}")
        n, others = len(self.means), (len(self.deviations), len(self.weights))
        checks.require(others == (n, n), f"as many deviations and weights as the {n} means, got {others}")
        numbers = checks.are_numbers((self.scale, *self.means, *self.deviations, *self.weights))
        positive = numbers and all(number > 0 for number in (self.scale, *self.deviations, *self.weights))
        checks.require(
            positive and checks.ascend(self.means), "ascending means, positive deviations, weights and scale"
        )
        ends = (self.low, self.high)
        fit = checks.are_numbers(ends, arrays.view_dtype(self._arrow_type)) and checks.ascend(ends)
        checks.require(fit, f"a smallest and a largest number of {self.dtype}, got {ends}")
        checks.require_rounding(self.unit, self.decimals)
        checks.require(isinstance(self.nullable, bool), f"true or false as nullable, got {self.nullable!r}")
        checks.require(bool(self.means or self.nullable), "something to make: modes or missing cells")

    @classmethod
    def from_summary(cls, summary: ColumnSummary, spec: ColumnSpec) -> "ModesEncoder":
        """The encoder of a column with a numeric view; the same summary gives the same modes.

        Raises:
            SchemaError: if it has none, or no cell at all, or declares categories.
        """
        require_numbers(summary, spec)
        dtype = spec.arrow_type
        unit, decimals = unit_of(summary, dtype), decimals_of(summary, dtype)
        if not summary.n_values:
            return cls(spec.dtype, 1.0, (), (), (), 0, 0, unit, decimals, spec.nullable)
        p = (np.arange(_SAMPLE) + 0.5) / _SAMPLE
        sample = summary.quantile(p).astype(np.float64)
        scale = max(abs(float(summary.minimum)), abs(float(summary.maximum))) or 1.0
        modes = _fit(sample / scale)
        return cls(spec.dtype, scale, *modes, summary.minimum, summary.maximum, unit, decimals, spec.nullable)

    @cached_property
    def _arrow_type(self) -> pa.DataType:
        return dtypes.parse(self.dtype)

    @property
    def bounds(self) -> tuple[int | float, int | float] | None:
        """The smallest and largest number that it makes; None without any."""
        return (self.low, self.high) if self.means else None

    def slots(self, name: str) -> ColumnSlots | None:
        """A code for the mode (and for missing cells), and one for the cell and a value where there are modes."""
        n = len(self.means)
        if not n:
            return ColumnSlots(name, (1,))
        windows = ((0, _CELLS),) * n + ((0, 1),) * self.nullable
        return ColumnSlots(name, (n + self.nullable, _CELLS), has_value=True, ordered=n, windows=(windows,))

    def encode(self, array: base.Cells, rng: np.random.Generator) -> tuple[base.Codes, base.Values]:
        """Codes (n, 1 or 2), modes drawn from the posterior, and values (n, 0 or 1) in [-1, 1], 0 where missing.

        Raises:
            CellsError: if cells are infinite, or missing and may not be, or filled where all were missing at fitting.
        """
        numbers, missing = to_numbers(array, self._arrow_type, self.nullable)
        if not self.means:
            if not missing.all():
                raise base.CellsError("expected missing cells only, as at fitting, got values")
            return base.as_column(np.zeros(len(missing), np.uint32)), base.no_values(len(missing))
        x = numbers.astype(np.float64) / self.scale
        means, deviations = np.array(self.means), np.array(self.deviations)
        modes = _draw(_posterior(x, means, deviations, np.array(self.weights)), rng)
        u = _CELLS * ndtr(np.clip((x - means[modes]) / deviations[modes], -_SPREAD, _SPREAD))
        cells = np.minimum(np.floor(u), _CELLS - 1)
        values = (2 * (u - cells) - 1).astype(np.float32)
        modes[missing], cells[missing], values[missing] = len(self.means), 0, 0.0
        return np.stack([modes, cells], axis=1).astype(np.uint32), values[:, None]

    def decode(self, codes: base.Codes, values: base.Values) -> pa.Array:
        """The cells of codes (n, 1 or 2) and values (n, 0 or 1)."""
        modes = codes[:, 0].astype(np.int64)
        missing = modes >= len(self.means)
        dtype = arrays.view_dtype(self._arrow_type)
        if not self.means:
            return to_cells(np.zeros(len(modes), dtype), missing, self._arrow_type)
        modes = np.where(missing, 0, modes)
        places = (np.clip(values[:, 0].astype(np.float64), -1.0, 1.0) + 1) / 2
        distance = np.clip(ndtri((codes[:, 1] + places) / _CELLS), -_SPREAD, _SPREAD)
        x = distance * np.array(self.deviations)[modes] + np.array(self.means)[modes]
        return to_cells(self._settle(np.clip(x, -1.0, 1.0) * self.scale, dtype), missing, self._arrow_type)

    def _settle(self, numbers: NDArray[np.float64], dtype: np.dtype[Any]) -> NDArray[Any]:
        if dtype.kind == "f":
            clipped = np.clip(numbers, self.low, self.high)
            return clipped if self.decimals is None else np.clip(np.round(clipped, self.decimals), self.low, self.high)
        return arrays.clip_to(np.rint(numbers / self.unit) * self.unit, dtype, self.low, self.high)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "kind": self.kind,
            "dtype": self.dtype,
            "scale": self.scale,
            "means": list(self.means),
            "deviations": list(self.deviations),
            "weights": list(self.weights),
            "low": self.low,
            "high": self.high,
            "unit": self.unit,
            "decimals": self.decimals,
            "nullable": self.nullable,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "ModesEncoder":
        """The inverse of `to_json`."""
        plain: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
        del plain["kind"]
        return cls(**plain)


def _fit(sample: NDArray[np.float64]) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    """Means, standard deviations and weights of the modes of a sample within [-1, 1], by ascending mean."""
    from sklearn.exceptions import ConvergenceWarning  # slow to import, and few columns need it
    from sklearn.mixture import BayesianGaussianMixture

    centre, spread = float(sample.mean()), float(sample.std())
    if spread < 1e-12:
        return (centre,), (1e-12,), (1.0,)
    mixture = BayesianGaussianMixture(
        n_components=min(MAX_MODES, len(np.unique(sample))),
        weight_concentration_prior_type="dirichlet_process",
        weight_concentration_prior=0.001,
        max_iter=200,
        tol=1e-2,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer modes than asked for is what is wanted
        mixture.fit(((sample - centre) / spread)[:, None])
    kept = np.flatnonzero(mixture.weights_ > _MIN_WEIGHT)
    kept = kept[np.argsort(mixture.means_[kept, 0], kind="stable")]
    weights = mixture.weights_[kept] / mixture.weights_[kept].sum()
    means = mixture.means_[kept, 0] * spread + centre
    deviations = np.sqrt(mixture.covariances_[kept, 0, 0]) * spread
    return tuple(means.tolist()), tuple(deviations.tolist()), tuple(weights.tolist())


def _posterior(
    x: NDArray[np.float64], means: NDArray[np.float64], deviations: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How likely each number comes from each mode, shape (n, M); rows add up to 1."""
    logs = np.log(weights / deviations) - ((x[:, None] - means) / deviations) ** 2 / 2
    shares = np.exp(logs - logs.max(axis=1, keepdims=True))
    total: NDArray[np.float64] = shares / shares.sum(axis=1, keepdims=True)
    return total


def _draw(shares: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    """One mode for each row of `shares` (n, M), shape (n,)."""
    ends = np.cumsum(shares, axis=1)
    drawn = (rng.random((len(shares), 1)) * ends[:, -1:] >= ends).sum(axis=1)
    modes: NDArray[np.int64] = np.minimum(drawn, shares.shape[1] - 1).astype(np.int64)
    return modes
