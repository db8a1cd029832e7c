"""Columns that are written and not learnt, real against synthetic: keys, structured strings, personal data, free text.

No distribution of values can be compared where every row has its own. What can be: whether cells are missing as often,
whether keys are unique, whether cells look alike (`shapes`, `texts`), and whether they were copied. A copy is a cell
that equals a learnt one which few learnt rows hold; a value that many hold is no one's secret. What is said of copies
is also said of real rows: of held-out ones, else of each learnt row beside the others.

Copies and repeats are looked for in all rows, all else in rows drawn where there are many; how many stands in the
result.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan import rng as streams
from tabgan.evaluation import shapes, texts
from tabgan.evaluation.collapse import distinct
from tabgan.evaluation.proportions import proportion, wilson
from tabgan.evaluation.results import Beside, Caveat, Estimate, WrittenResult

RARE = 5
FEW_CELLS = 30
MAX_DISTINCT = 50_000
SHAPED = ("key", "pattern", "personal")


@dataclass(frozen=True)
class WrittenColumn:
    """One column of the tables as text.

    Attributes:
        name: of the column.
        kind: in the schema of the real table.
        real, synthetic: its cells, missing ones null.
        held_out: None where there are no held-out rows.
        caveats: what had to be done to bring the tables to one footing.
    """

    name: str
    kind: str
    real: pa.ChunkedArray
    synthetic: pa.ChunkedArray
    held_out: pa.ChunkedArray | None = None
    caveats: tuple[Caveat, ...] = ()


def compare_written(columns: Sequence[WrittenColumn], seed: int) -> tuple[WrittenResult, ...]:
    """Each column on its own, in order.

    Args:
        columns: of tables with at least one row each.
        seed: of every random choice.
    """
    return tuple(_compare(column, seed) for column in columns)


def _compare(column: WrittenColumn, seed: int) -> WrittenResult:
    real, synthetic = _present(column.real), _present(column.synthetic)
    held_out = _present(column.held_out) if column.held_out is not None else real[:0]
    result = WrittenResult(
        name=column.name,
        kind=column.kind,
        n_real=len(column.real),
        n_synthetic=len(column.synthetic),
        missing_real=proportion(column.real.null_count, len(column.real)),
        missing_synthetic=proportion(column.synthetic.null_count, len(column.synthetic)),
        rare=RARE,
        baseline="held-out rows" if len(held_out) else "other real rows",
        caveats=(*column.caveats, *_caveats(len(real), len(synthetic))),
    )
    if not len(real) or not len(synthetic):
        return result
    draw = streams.generator(seed, "written", column.name)
    result = replace(result, distinct=_distinct(real, synthetic, draw), copies=copied(real, synthetic, held_out))
    if column.kind == "key":
        result = _with_repeats(result, real, synthetic)
    if column.kind in SHAPED:
        return _with_shapes(result, (real, synthetic, held_out), draw)
    some = [_some_texts(side, draw).to_pylist() for side in (real, synthetic, held_out)]
    return replace(result, text=texts.compare_texts(some[0], some[1], some[2], draw))


def _with_repeats(result: WrittenResult, real: pa.Array, synthetic: pa.Array) -> WrittenResult:
    repeats = [len(side) - pc.count_distinct(side).as_py() for side in (synthetic, real)]
    shares = [proportion(repeats[0], len(synthetic)), proportion(repeats[1], len(real))]
    return replace(result, repeats=Beside(synthetic=shares[0], real=shares[1]), n_repeats=repeats[0])


def _with_shapes(result: WrittenResult, sides: Sequence[pa.Array], draw: np.random.Generator) -> WrittenResult:
    some = [_some(side, shapes.MAX_CELLS, draw) for side in sides]
    found = shapes.compare_shapes(some[0], some[1], some[2], draw)
    return replace(
        result,
        shape=found.distance,
        known_shapes=found.known,
        shapes=found.most_frequent,
        n_shape_real=len(some[0]),
        n_shape_synthetic=len(some[1]),
    )


def _present(cells: pa.ChunkedArray) -> pa.Array:
    """The cells that are not missing, as one array."""
    whole = cells.drop_null().cast(pa.large_string()).combine_chunks()
    return whole if isinstance(whole, pa.Array) else pa.concat_arrays([pa.array([], pa.large_string()), *whole.chunks])


def _caveats(n_real: int, n_synthetic: int) -> tuple[Caveat, ...]:
    few = [f"{n:,} {side}" for side, n in (("real", n_real), ("synthetic", n_synthetic)) if n < FEW_CELLS]
    if not few:
        return ()
    return (Caveat("few_cells", f"only {' and '.join(few)} cells are present, so these numbers are very uncertain"),)


def _some(cells: pa.Array, most: int, draw: np.random.Generator) -> pa.Array:
    """No more than some cells, drawn without replacement and in their order."""
    if len(cells) <= most:
        return cells
    return cells.take(pa.array(np.sort(draw.choice(len(cells), most, replace=False))))


def _some_texts(cells: pa.Array, draw: np.random.Generator) -> pa.Array:
    """Cells whose words can be counted in seconds: fewer of them where they are long."""
    longest = max(pc.mean(pc.utf8_length(cells)).as_py() or 1.0, 1.0)
    return _some(cells, min(texts.MAX_TEXTS, max(int(texts.MAX_CHARACTERS / longest), 1)), draw)


def _distinct(real: pa.Array, synthetic: pa.Array, draw: np.random.Generator) -> Beside:
    """The share of cells that differ, of as many of each side."""
    n = min(len(real), len(synthetic), MAX_DISTINCT)
    found = [_some(side, n, draw).dictionary_encode().indices.to_numpy() for side in (synthetic, real)]
    return Beside(synthetic=distinct(found[0][:, None]), real=distinct(found[1][:, None]))


def copied(real: pa.Array, synthetic: pa.Array, held_out: pa.Array) -> Beside:
    """The share of cells that equal a learnt cell which fewer than `RARE` learnt rows hold.

    Args:
        real: present cells, at least one.
        synthetic: likewise.
        held_out: likewise; without any, each real cell is looked for among the others.
    """
    values, counts = _counted(real)
    rare = values.filter(pa.array(counts < RARE))
    beside = _among(held_out, rare) if len(held_out) else _share(counts, (counts > 1) & (counts <= RARE))
    return Beside(synthetic=_among(synthetic, rare), real=beside)


def _counted(cells: pa.Array) -> tuple[pa.Array, NDArray[np.int64]]:
    """The different cells, and how often each occurs."""
    found = pc.value_counts(cells)
    return found.field(0), found.field(1).to_numpy()


def _among(cells: pa.Array, values: pa.Array) -> Estimate:
    found, counts = _counted(cells)
    return _share(counts, pc.is_in(found, values).to_numpy(zero_copy_only=False))


def _share(counts: NDArray[np.int64], hit: NDArray[np.bool_]) -> Estimate:
    """The share of cells whose value is a hit, with the error of values drawn and not of cells: equal ones go together.

    Args:
        counts: how many cells hold each value.
        hit: which values are hits.
    """
    n = int(counts.sum())
    share = float(counts[hit].sum() / n)
    return wilson(share, float(np.sqrt(((counts * (hit - share)) ** 2).sum())) / n, n)
