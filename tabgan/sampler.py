"""What a model that has learnt a table can be asked for: rows, filled holes, classes, scores, points of a space.

Each is there as a pandas frame with the dtypes of the table that was learnt, and as Arrow tables, some rows at a time,
for what does not fit into memory. Nothing here changes the model.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from tabgan import rng
from tabgan.classes import balanced_classes, missing_classes
from tabgan.errors import InputError
from tabgan.filling import DRAWS, completed
from tabgan.gan.config import TrainingConfig
from tabgan.latent_space import LatentSpace
from tabgan.learnt import Learnt
from tabgan.rejecting import LIMIT_S
from tabgan.rows import rows_where
from tabgan.scoring import SCORE, scored, unscored
from tabgan.table.arrow import rebatch
from tabgan.table.files import read_table
from tabgan.table.schema import Schema

BATCH_ROWS = 65_536


class Sampler(ABC):
    """Draws from what was learnt, with seeds of its own; n rows."""

    seed: int
    config: TrainingConfig

    @abstractmethod
    def _fitted(self) -> Learnt:
        """What was learnt.

        Raises:
            NotFittedError: if nothing was yet.
        """

    @property
    def schema(self) -> Schema:
        """The schema of the table that was learnt."""
        return self._fitted().schema

    @property
    def output_schema(self) -> pa.Schema:
        """The Arrow schema of all batches."""
        return self.schema.arrow_schema

    @property
    def latent_space(self) -> LatentSpace:
        """Rows as points, and ways between them."""
        return LatentSpace(self._fitted(), self.seed)

    def sample(
        self,
        n: int | None = None,
        *,
        where: object = None,
        seed: int | None = None,
        latent: NDArray[np.float64] | None = None,
        workers: int | None = None,
    ) -> pd.DataFrame:
        """`n` synthetic rows, with the dtypes, labels and column order of the table that was learnt.

        Args:
            n: number of rows, at least 1; may be left out where a table or latent vectors say it.
            where: what each row shall be like: a mapping of columns to a value, to several of which one will do, to
                `Between` or to `Not`; or texts such as "rating>=4" (see `clause_text`), all of which shall hold; or a
                table whose cells are given and whose missing cells and columns are to be made.
            seed: of this sample; None takes the model's, so that repeated calls give the same rows.
            latent: latent vectors, shape (n, d), of the rows to make; see `latent_space`.
            workers: see `sample_batches`.

        Raises:
            InputError: if n is not a positive integer.
            ConditionError: if a column is unknown or what is wanted cannot be.
            NotFittedError: before `fit`.
        """
        if latent is None:
            return self._frame(self.sample_batches(n, where=where, seed=seed, workers=workers))
        if where is not None:
            raise InputError("expected latent vectors or a condition, got both; leave one out")
        made = self.latent_space.rows(latent, seed=seed)
        if n not in (None, len(made)):
            raise InputError(f"n must be the {len(made)} rows of the latent vectors, or be left out, got {n!r}")
        return made

    def sample_batches(
        self,
        n: int | None,
        *,
        where: object = None,
        seed: int | None = None,
        batch_rows: int = BATCH_ROWS,
        limit_s: float = LIMIT_S,
        workers: int | None = None,
    ) -> Iterator[pa.Table]:
        """The same rows as Arrow tables of `batch_rows` rows, the last one shorter, in constant memory.

        Args:
            n: number of rows.
            where: see `sample`.
            seed: see `sample`.
            batch_rows: rows of a table.
            limit_s: bounds the seconds that it may take where rows are drawn again until a `Predicate` holds.
            workers: processes that make rows, which pays for millions of them on many cores; a script must then call
                this under `if __name__ == "__main__":`. With 1, this process makes one block of rows at a time. None
                makes them in a few threads of this process. The rows are the same. Tables to complete, and rows that
                are checked for a rule that is not kept by construction, are made in this process alone.

        Raises:
            SamplingError: if a process dies.
            Exception: the errors of `sample`, before the first batch is asked for, but that of a condition or a
                predicate that no row meets.
        """
        learnt, batch_rows = self._fitted(), _count("batch_rows", batch_rows)
        workers = None if workers is None else _count("workers", workers)
        if is_table(where):
            rows = self._read(where)
            if n not in (None, rows.num_rows):
                raise InputError(f"n must be the {rows.num_rows} rows of the table, or be left out, got {n!r}")
            holes = self.schema.conform(rows, with_holes=True)
            return rebatch(completed(learnt, holes, seed=self._seed(seed), missing=True), batch_rows)
        made = rows_where(
            learnt,
            _count("n", n),
            where,
            seed=self._seed(seed),
            limit_s=limit_s,
            config=self.config,
            workers=workers,
        )
        return rebatch(made, batch_rows)

    def impute(self, data: object, *, seed: int | None = None, likeliest: bool = False) -> pd.DataFrame:
        """The rows of a table with their missing cells filled, by what goes with the cells that are there.

        Args:
            data: in any form that `fit` takes; columns may be lacking altogether. Known cells stay as they are, and so
                does the index of a frame.
            seed: of what is drawn; None takes the model's.
            likeliest: whether to fill in the cell that is most likely (of numbers, the median) and not one that is
                drawn: more cells are right, but margins are distorted.

        Raises:
            InputError: if the table does not fit the schema otherwise.
            NotFittedError: before `fit`.
        """
        filled = self._frame(self.impute_batches(data, seed=seed, likeliest=likeliest))
        return filled.set_axis(data.index) if isinstance(data, pd.DataFrame) else filled

    def impute_batches(
        self, data: object, *, seed: int | None = None, likeliest: bool = False, batch_rows: int = BATCH_ROWS
    ) -> Iterator[pa.Table]:
        """The same rows as Arrow tables; errors are those of `impute`, raised at once."""
        learnt, batch_rows = self._fitted(), _count("batch_rows", batch_rows)
        holes = self.schema.conform(self._read(data), with_holes=True)
        draws = DRAWS if likeliest else 1
        return rebatch(completed(learnt, holes, seed=self._seed(seed), missing=False, draws=draws), batch_rows)

    def balance(
        self, column: object, n: int, *, shares: Mapping[Any, float] | None = None, seed: int | None = None
    ) -> pd.DataFrame:
        """`n` synthetic rows in which the classes of a column have chosen shares, in random order.

        Args:
            column: a column of categories.
            n: number of rows, at least 1.
            shares: of each class, which must add up to 1; None makes all classes of the column equal.
            seed: of this sample; None takes the model's.

        Raises:
            InputError: if there is no such column, class or share.
            NotFittedError: before `fit`.
        """
        return self._frame(self.balance_batches(column, n, shares=shares, seed=seed))

    def balance_batches(
        self, column: object, n: int, *, shares: Mapping[Any, float] | None = None, seed: int | None = None
    ) -> Iterator[pa.Table]:
        """The same rows as Arrow tables; errors are those of `balance`, raised at once."""
        classes = balanced_classes(self._fitted(), column, _count("n", n), shares, self._seed(seed))
        return self.sample_batches(None, where=classes, seed=seed)

    def augment(
        self, data: object, column: object, *, shares: Mapping[Any, float] | None = None, seed: int | None = None
    ) -> pd.DataFrame:
        """Real rows, and behind them as many synthetic ones as give the classes of a column their shares.

        Args:
            data: the real rows, in any form that `fit` takes.
            column: a column of categories.
            shares: of each class, which must add up to 1; None makes all classes equal.
            seed: of what is drawn; None takes the model's.

        Raises:
            InputError: if there is no such column, class or share, or the rows do not fit the schema.
            NotFittedError: before `fit`.
        """
        return self._frame(self.augment_batches(data, column, shares=shares, seed=seed))

    def augment_batches(
        self, data: object, column: object, *, shares: Mapping[Any, float] | None = None, seed: int | None = None
    ) -> Iterator[pa.Table]:
        """The same rows as Arrow tables; errors are those of `augment`, raised at once."""
        learnt = self._fitted()
        real = self.schema.conform(self._read(data), with_holes=True)
        lacking = missing_classes(learnt, real, column, shares)
        made: Iterator[pa.Table] = iter(())
        if lacking.num_rows:
            holes = self.schema.conform(lacking, with_holes=True)
            made = completed(learnt, holes, seed=self._seed(seed), missing=True, beside=real)
        return rebatch(_chained(real, made), BATCH_ROWS)

    def score(self, data: object, *, explain: bool = False) -> "pd.Series[float] | pd.DataFrame":
        """How real each row of a table is: the calibrated probability that it is one of the real distribution.

        Near 1 a row is like real ones, near 0 like a careless fake (columns shuffled, cells swapped or drawn at random,
        numbers moved), at 0.5 it may be either. The probability is that of a row which is, with even chances, a real
        one or such a fake. Rows that break a rule of the schema get nearly 0. Synthetic rows of this model get about
        what real ones get.

        Args:
            data: in any form that `fit` takes. Cells that were never seen are odd, not wrong. Columns that the model
                does not know are ignored.
            explain: whether to say what speaks most against each row, too.

        Returns:
            The scores, or with `explain` a frame with them as `realism`, the column (or the rule that is broken) as
            `because`, and how surprising the cell is as `nats`. The index is that of a frame.

        Raises:
            SchemaError: if columns are lacking, or of other types.
            NotFittedError: before `fit`, or if the model file is of a version that learnt no score.
        """
        learnt = self._fitted()
        blocks = rebatch(scored(learnt, self._read(data)), BATCH_ROWS)  # no deeper than there: warnings name the caller
        found = pa.concat_tables(list(blocks)).to_pandas()
        if isinstance(data, pd.DataFrame):
            found = found.set_axis(data.index)
        scores: pd.Series[float] = found[SCORE]
        return found if explain else scores

    def score_batches(self, data: object, *, batch_rows: int = BATCH_ROWS) -> Iterator[pa.Table]:
        """The same with its explanation as Arrow tables, in bounded memory; errors are raised at once."""
        learnt, batch_rows = self._fitted(), _count("batch_rows", batch_rows)
        return rebatch(scored(learnt, self._read(data)), batch_rows)

    @property
    def unscored(self) -> dict[str, str]:
        """The columns that `score` does not look at, or not whole, with what it leaves out in words."""
        return unscored(self._fitted())

    def _read(self, data: object) -> pa.Table:
        return read_table(data, text_columns=self.schema.text_columns)

    def _seed(self, seed: int | None) -> int:
        return self.seed if seed is None else rng.checked_seed(seed)

    def _frame(self, batches: Iterator[pa.Table]) -> pd.DataFrame:
        return self.schema.to_pandas(pa.concat_tables(list(batches) or [self.output_schema.empty_table()]))


def is_table(where: object) -> bool:
    """Whether a condition is a table whose cells are given."""
    return hasattr(where, "__arrow_c_stream__") or hasattr(where, "iloc")


def _chained(first: pa.Table, others: Iterator[pa.Table]) -> Iterator[pa.Table]:
    yield first
    yield from others


def _count(name: str, number: object) -> int:
    if not isinstance(number, int | np.integer) or isinstance(number, bool) or number < 1:
        raise InputError(f"{name} must be a positive whole number, got {number!r}")
    return int(number)
