"""Rows as points of a space: one number for each code of a row, and one for each value, in the order of the layout.

A row is drawn by inversion, from one uniform number for each of its codes and values. The normal quantiles of these
are the row's *latent vector*. Over rows that the generator draws it has a standard normal distribution, and any point
gives a row. A row's own point is not unique, since all uniform numbers within an interval give the same category: the
middle of the interval is taken. Of a code with an order, larger numbers never give smaller categories; the order of
others is that of their codes, and says nothing. What a number does depends on the cells that are made before: there is
no direction here that was made to mean something.
"""

from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri
from torch import Tensor

from tabgan.errors import InputError
from tabgan.gan.drawing import BLOCK
from tabgan.gan.generator import Generator
from tabgan.layout import EncodedTable, Layout, concatenate

T = TypeVar("T", bound=np.generic)
_EDGE = 1e-12
"""Values are this far from the ends of their cells at least, so that their quantiles are finite."""
_SMALLEST = 1e-300


def dimensions(layout: Layout) -> tuple[str, ...]:
    """The column that each number of a latent vector belongs to, k + v of them."""
    return tuple(layout.names[column] for column in layout.code_columns + layout.value_columns)


def latent_of(generator: Generator, rows: EncodedTable) -> NDArray[np.float64]:
    """The latent vectors of rows, shape (n, k + v); `rows_of` takes them back to the same rows.

    Args:
        generator: a trained one.
        rows: n of them.

    Raises:
        InputError: if a row has a cell that the generator makes with a probability of less than about 1e-15: no
            number stands for it.
    """
    codes = np.zeros((len(rows), generator.plan.layout.n_codes))
    for start in range(0, len(rows), BLOCK):
        block = slice(start, start + BLOCK)
        codes[block] = _uniform(generator, rows.codes[block], first=start)
    values = np.clip((rows.values.astype(np.float64) + 1) / 2, _EDGE, 1 - _EDGE)
    latent: NDArray[np.float64] = ndtri(np.concatenate([codes, values], 1))
    return latent


def rows_of(generator: Generator, latent: NDArray[np.float64]) -> EncodedTable:
    """The rows that latent vectors (n, k + v) stand for.

    Raises:
        InputError: if they have another shape, or hold anything but finite numbers.
    """
    layout = generator.plan.layout
    width = layout.n_codes + layout.n_values
    if latent.ndim != 2 or latent.shape[1] != width or not np.isfinite(latent).all():
        raise InputError(
            f"expected latent vectors as a matrix of {width} columns of finite numbers, got shape {latent.shape}"
            + (" with others among them" if not np.isfinite(latent).all() else "")
        )
    uniform = ndtr(latent)
    values = (2 * uniform[:, layout.n_codes :] - 1).astype(np.float32)
    blocks = [slice(start, start + BLOCK) for start in range(0, len(latent), BLOCK)]
    parts = [EncodedTable(_codes(generator, uniform[block, : layout.n_codes]), values[block]) for block in blocks]
    return concatenate(parts) if parts else EncodedTable(np.zeros((0, layout.n_codes), layout.code_dtype), values)


def interpolate(a: NDArray[np.float64], b: NDArray[np.float64], steps: int) -> NDArray[np.float64]:
    """Points on the way from one latent vector to another, shape (steps, k + v), both ends among them.

    The way is an arc about the origin (White 2016, "Sampling generative networks", section 2.1), not the straight line:
    the middle of the line is nearer to the origin than nearly all rows are, and would give rows of nothing but usual
    cells. Between points in the same or in opposite directions it is the line, for want of a plane.

    Args:
        a: shape (k + v,).
        b: shape (k + v,).
        steps: at least 2.
    """
    share = np.linspace(0, 1, steps)[:, None]
    lengths = np.linalg.norm(a) * np.linalg.norm(b)
    angle = np.arccos(np.clip(a @ b / lengths, -1, 1)) if lengths else 0.0
    if np.sin(angle) < 1e-6:
        return (1 - share) * a + share * b
    points: NDArray[np.float64] = (np.sin((1 - share) * angle) * a + np.sin(share * angle) * b) / np.sin(angle)
    points[0], points[-1] = a, b
    return points


def traverse(latent: NDArray[np.float64], dimension: int, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """A latent vector (k + v,) with one of its numbers replaced by each of `values` (s,) in turn, shape (s, k + v)."""
    points = np.tile(latent, (len(values), 1))
    points[:, dimension] = values
    return points


def _uniform(generator: Generator, codes: NDArray[np.unsignedinteger], first: int) -> NDArray[np.float64]:
    """The uniform numbers (n, k) of at most `BLOCK` rows of codes, in the order of the layout, from row `first` on.

    Raises:
        InputError: if a row cannot be made.
    """
    plan, n = generator.plan, len(codes)
    own = torch.from_numpy(plan.arrange(_whole(codes)).astype(np.int64)).to(generator.device)
    uniform = np.zeros((n, plan.layout.n_codes))

    def choose(place: int, logits: Tensor) -> Tensor:
        ends = _ends(logits)[:n]
        code = codes[:, plan.parts[place].code].astype(np.intp)
        rows = np.arange(n)
        low, high = np.where(code > 0, ends[rows, code - 1], 0), ends[rows, code]
        middle = (low + high) / 2
        lost = np.flatnonzero(_draw(ends, ndtr(ndtri(middle))) != code)
        if len(lost):
            column = plan.layout.names[plan.parts[place].column]
            raise InputError(
                f"row {first + lost[0]}: expected cells that the model can make, got one in column {column!r} that "
                "follows from the others with hardly any probability; leave the row out (rows are counted from 0)"
            )
        uniform[:, plan.parts[place].code] = middle
        return own[:, place]

    generator.make(BLOCK, choose)
    return uniform


def _codes(generator: Generator, uniform: NDArray[np.float64]) -> NDArray[np.unsignedinteger]:
    """The codes (n, k) that at most `BLOCK` rows of uniform numbers give, both in the order of the layout."""
    plan, whole = generator.plan, _whole(uniform)

    def choose(place: int, logits: Tensor) -> Tensor:
        drawn = _draw(_ends(logits), whole[:, plan.parts[place].code])
        return torch.from_numpy(drawn).to(logits.device)

    return plan.restore(generator.make(BLOCK, choose).cpu().numpy())[: len(uniform)]


def _whole(rows: NDArray[T]) -> NDArray[T]:
    """`BLOCK` rows, the last of those given (at least one) repeated: rounding then is the same for any number."""
    return rows[np.minimum(np.arange(BLOCK), len(rows) - 1)]


def _ends(logits: Tensor) -> NDArray[np.float64]:
    """Where the interval of each category ends, shape (n, u), in [0, 1]; in double, for the sake of rare categories."""
    sums = logits.cpu().double().softmax(1).cumsum(1).numpy()
    ends: NDArray[np.float64] = sums / sums[:, -1:]
    return ends


def _draw(ends: NDArray[np.float64], uniform: NDArray[np.float64]) -> NDArray[np.int64]:
    """The category (n,) in whose interval each number lies."""
    drawn: NDArray[np.int64] = (ends < np.maximum(uniform, _SMALLEST)[:, None]).sum(1)
    return drawn
