"""How odd the cells of rows are to a generator: how surprising each is, beside what would be expected at its place.

The generator says of each cell, given the cells made before it, how likely each category was. So a cell has a surprise
(minus the logarithm of its probability, in nats), the surprise that was expected there (the entropy of what the
generator held possible), and the surprise that it is by itself, in the margin of its column. Only the first of these
hangs on the whole row; beside the others it says whether a row is odd, and where.

A cell that is none that real rows had, such as a category that was never seen, counts as something that happens less
often than once in as many rows as were learnt, and is expected nowhere. The cells after it are judged beside the
likeliest cell in its place, where it has no code.

Letters: n rows, k codes, m columns of the layout, w one-hot units.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from tabgan.gan.blocks import MAX_FEATURES, block_rows, blocks
from tabgan.gan.generator import Generator
from tabgan.layout import Layout


@dataclass(frozen=True, eq=False)
class CodedRows:
    """Rows in codes, as far as there are codes for their cells.

    Attributes:
        codes: shape (n, k), in the order of the layout; what stands where a cell has none is of no account.
        known: shape (n, m), which cells have codes.
        foreign: shape (n, m), which cells are none that real rows had: all without codes, and numbers out of range.
    """

    codes: NDArray[np.integer]
    known: NDArray[np.bool_]
    foreign: NDArray[np.bool_]

    @classmethod
    def whole(cls, codes: NDArray[np.integer], layout: Layout) -> "CodedRows":
        """Rows with codes for all of their cells."""
        shape = len(codes), len(layout.columns)
        return cls(codes, np.ones(shape, np.bool_), np.zeros(shape, np.bool_))

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, rows: slice | NDArray[np.intp]) -> "CodedRows":
        """The chosen rows."""
        return CodedRows(self.codes[rows], self.known[rows], self.foreign[rows])


class Oddness(NamedTuple):
    """What there is to say of the cells of n rows, in nats; each of shape (n, m).

    Attributes:
        surprise: given the cells made before.
        expected: what the generator expected there.
        margin: by itself.
    """

    surprise: NDArray[np.float64]
    expected: NDArray[np.float64]
    margin: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Margins:
    """How frequent the categories of each code are.

    Attributes:
        n_rows: that were counted.
        shares: shape (w,), of the categories of each code, all above 0.
    """

    n_rows: int
    shares: NDArray[np.float64]

    @classmethod
    def of(cls, codes: NDArray[np.integer], layout: Layout, but: NDArray[np.int64] | None = None) -> "Margins":
        """The margins of rows (n, k), but for some of them; they are read in blocks, since they may lie on a disk."""
        counts = [np.full(size, 0.5) for size in layout.cardinalities]
        for block in blocks(len(codes), max(MAX_FEATURES // layout.n_codes, 1)):
            _count(codes[block], counts, 1)
        if but is not None:
            _count(codes[but], counts, -1)
        return cls(len(codes) - (0 if but is None else len(but)), np.concatenate([own / own.sum() for own in counts]))

    def surprise(self, codes: NDArray[np.integer], layout: Layout) -> NDArray[np.float64]:
        """How surprising the cells of rows (n, k) are by themselves, shape (n, m)."""
        found = np.zeros((len(codes), len(layout.columns)))
        for code, (start, size) in enumerate(zip(layout.offsets, layout.cardinalities, strict=True)):
            column, level = layout.code_columns[code], layout.code_levels[code]
            shares, windows = self.shares[start : start + size], layout.columns[column].windows
            likely = shares[codes[:, code]]
            if level and windows:
                ends = np.concatenate([[0.0], np.cumsum(shares)])
                low, high = np.array(windows[level - 1])[codes[:, code - 1]].T
                likely = likely / np.maximum(ends[high] - ends[low], likely)
            found[:, column] -= np.log(likely)
        return found


def _count(codes: NDArray[np.integer], counts: list[NDArray[np.float64]], times: int) -> None:
    """Add the categories of each code of rows (n, k) to their counts."""
    for code, own in enumerate(counts):
        own += times * np.bincount(codes[:, code], minlength=len(own))


def oddness(generator: Generator, rows: CodedRows, margins: Margins) -> Oddness:
    """How odd the cells of rows are.

    The networks run on whole blocks of rows from the first row on, so what is said of a row does not hang on how many
    rows follow.
    """
    size = block_rows(generator.plan.n_features)
    parts = [_of_block(generator, rows[block], size, margins) for block in blocks(len(rows), size)]
    if not parts:
        return Oddness(*np.zeros((3, 0, len(generator.plan.layout.columns))))
    return Oddness(*(np.concatenate(numbers) for numbers in zip(*parts, strict=True)))


def _of_block(generator: Generator, rows: CodedRows, size: int, margins: Margins) -> Oddness:
    """What there is to say of at most `size` rows; the networks see as many, the last one repeated."""
    plan, n = generator.plan, len(rows)
    layout = plan.layout
    repeated = rows[np.minimum(np.arange(size), n - 1)]
    codes = torch.from_numpy(repeated.codes.astype(np.int64)).to(generator.device)
    known = torch.from_numpy(repeated.known).to(generator.device)
    found = torch.zeros(2, size, len(layout.columns), device=generator.device)

    def choose(place: int, logits: Tensor) -> Tensor:
        part = plan.parts[place]
        made = torch.where(known[:, part.column], codes[:, part.code], logits.argmax(1))
        likely = logits.softmax(1)
        found[0, :, part.column] += F.cross_entropy(logits, made, reduction="none")
        found[1, :, part.column] -= torch.xlogy(likely, likely).sum(1)
        codes[:, part.code] = made
        return made

    generator.make(size, choose)
    surprise, expected = found[:, :n].cpu().double().numpy()
    margin = margins.surprise(codes[:n].cpu().numpy(), layout)
    foreign = rows.foreign | ~rows.known
    surprise = np.where(foreign, np.maximum(surprise, math.log(margins.n_rows + 1)), surprise)
    return Oddness(surprise, np.where(foreign, 0.0, expected), np.where(foreign, 0.0, margin))
