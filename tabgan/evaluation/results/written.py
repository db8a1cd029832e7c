"""What is known of a column that is written and not learnt: keys, structured strings, personal data, free text."""

from dataclasses import dataclass

from tabgan.evaluation.results.numbers import Beside, Caveat, Estimate


@dataclass(frozen=True, kw_only=True)
class ShapeShare:
    """How often cells have one shape.

    Attributes:
        shape: "0" stands for a digit, "A" and "a" for letters, "o" for letters without case, "x" for either letters or
            digits; all else stands for itself.
        real, synthetic: the share of each side's present cells, with a Wilson interval.
    """

    shape: str
    real: Estimate
    synthetic: Estimate


@dataclass(frozen=True, kw_only=True)
class LengthQuantile:
    """A quantile of the length of texts in words.

    Attributes:
        share: of the texts that are no longer.
        real, synthetic: the length, with the interval between two order statistics.
    """

    share: float
    real: Estimate
    synthetic: Estimate


@dataclass(frozen=True, kw_only=True)
class TextResult:
    """Free text, real against synthetic.

    Attributes:
        length: KS D of the lengths in words.
        lengths: quantiles of the lengths.
        words: total variation distance of how often the `n_words` most frequent words occur, all others as one more;
            its floor is that of two samples of the real texts of these sizes, its error that of drawing the texts
            again. None where a side has no words.
        n_words: how many words were told apart.
        runs: the share of texts that have `run_length` words in a row in common with a learnt text, among the texts of
            at least as many words; of real rows, with another one. None where a side has no text so long.
        run_length: in words.
        n_real, n_synthetic: the texts that all this rests on.
    """

    length: Estimate
    lengths: tuple[LengthQuantile, ...]
    words: Estimate | None
    n_words: int
    runs: Beside | None
    run_length: int
    n_real: int
    n_synthetic: int


@dataclass(frozen=True, kw_only=True)
class WrittenResult:
    """One column of keys, structured strings, personal data or free text, real against synthetic.

    Attributes:
        name: the column.
        kind: "key", "pattern", "personal" or "text".
        n_real, n_synthetic: all cells, missing ones included.
        missing_real, missing_synthetic: the share of missing cells, with a Wilson interval.
        distinct: the share of present cells that differ, out of as many of each side; None where a side has none.
        repeats: of a key, the share of present cells that another cell before them holds as well; else None.
        n_repeats: of a key, how many such cells the synthetic table has.
        copies: the share of present cells that equal a learnt cell which fewer than `rare` learnt rows hold; of real
            rows, another one. Common values are no one's secret. None where a side has no cell.
        rare: see `copies`.
        baseline: which real rows stand in the place of synthetic ones: "held-out rows" or "other real rows".
        shape: total variation distance of the shapes of cells; None for free text, and where a side has no cell.
        known_shapes: the share of cells whose shape the real column has too; of real rows, in another row.
        shapes: the most frequent shapes of the real column.
        n_shape_real, n_shape_synthetic: the present cells whose shapes were looked at.
        text: of free text, else None.
        caveats: reasons to read these numbers with care.
    """

    name: str
    kind: str
    n_real: int
    n_synthetic: int
    missing_real: Estimate
    missing_synthetic: Estimate
    distinct: Beside | None = None
    repeats: Beside | None = None
    n_repeats: int = 0
    copies: Beside | None = None
    rare: int = 5
    baseline: str
    shape: Estimate | None = None
    known_shapes: Beside | None = None
    shapes: tuple[ShapeShare, ...] = ()
    n_shape_real: int = 0
    n_shape_synthetic: int = 0
    text: TextResult | None = None
    caveats: tuple[Caveat, ...] = ()
