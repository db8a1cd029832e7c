"""Personal data, of which nothing is learnt: each row gets a fake that Faker makes up.

Names, e-mail addresses and the like never reach the model. Usually it is learnt only which cells are missing, and a
row's fake depends on the sample's seed and the row's number. A *consistent* column keeps more: who occurs how often,
and with what in the other columns. Its cells are learnt as codes, fingerprints that carry no text (see `fingerprints`
for what they reveal), and each code has one fake in all samples of the model. Two of a few texts never share a code; of
many, about one in sixteen shares one with another. Different codes have different fakes as long as Faker knows enough
of them.

A fake may by chance equal a real value, as names do; nothing is kept that could prevent it. Fakes of a row do not fit
each other (a name and an e-mail address), nor the rest of the row. They are those of the installed version of Faker.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan.errors import SchemaError, listing
from tabgan.table import arrays, dtypes, fakes, numbered
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import checks
from tabgan.table.encoders.base import CellsError
from tabgan.table.fingerprints import fingerprints, salt_of
from tabgan.table.inference import by_count
from tabgan.table.restating import presence
from tabgan.table.restating.base import FreeName, Rows
from tabgan.table.wanted import Wanted

_PER_TEXT = 8
_LEAST_SIZE = 64
_FEW = 64
_SALTS = 1_000


@dataclass(frozen=True)
class Codes:
    """What stands for the texts of a consistent column.

    Attributes:
        column: the learnt column.
        nullable: whether cells may be missing.
        salt: the key of the fingerprints.
        size: how many fingerprints there are.
        known: those that stand for somebody, ascending.
    """

    column: str
    nullable: bool
    salt: str
    size: int
    known: tuple[int, ...]

    def __post_init__(self) -> None:
        whole = all(checks.is_whole(code) and 0 <= code < self.size for code in self.known)
        checks.require(whole and checks.ascend(self.known, strictly=True), f"ascending codes below {self.size}")

    @classmethod
    def of(cls, texts: pa.Array, column: str, nullable: bool) -> "Codes":
        """Codes for the distinct texts, eight times as many as there are texts."""
        distinct = texts.drop_null().unique()
        size, salt = max(_PER_TEXT * len(distinct), _LEAST_SIZE), salt_of(texts)
        for i in range(_SALTS if len(distinct) <= _FEW else 1):
            own = f"{salt}-{i}"
            known = np.unique(fingerprints(distinct, own, size))
            if len(known) == len(distinct):
                break
        return cls(column, nullable, own, size, tuple(known.tolist()))

    @property
    def spec(self) -> ColumnSpec:
        """The learnt column."""
        kind = by_count(len(self.known))
        reason = f"{len(self.known):,} codes in place of personal data: {kind.replace('_', ' ')}"
        return ColumnSpec(name=self.column, kind=kind, dtype="int64", nullable=self.nullable, reason=reason)

    def restate(self, texts: pa.Array) -> pa.Array:
        """The code of each text."""
        if texts.null_count and not self.nullable:
            raise CellsError(f"expected no missing cells, as at fitting, got {texts.null_count}; fill them")
        missing = texts.is_null().to_numpy(zero_copy_only=False)
        return pa.array(fingerprints(texts, self.salt, self.size), mask=missing)


@dataclass(frozen=True)
class Fake:
    """One column of personal data.

    Attributes:
        name: the column.
        dtype: its Arrow type, as text.
        fake: the method of Faker that makes a cell.
        locale: of the fakes; None for Faker's own default.
        there: the learnt column that says where cells are filled; None if all are, or codes are learnt.
        codes: what stands for the texts of a consistent column; None for any other.
    """

    kind: ClassVar[str] = "fake"
    name: str
    dtype: str
    fake: str
    locale: str | None
    there: str | None
    codes: Codes | None

    @classmethod
    def fit(cls, spec: ColumnSpec, cells: pa.Array | pa.ChunkedArray, free: FreeName) -> "Fake":
        """The restatement of a column of the kind "personal".

        Raises:
            SchemaError: if it is no text, or Faker has no such method or locale.
        """
        problems = [*fakes.problems(spec.fake, spec.locale)]
        if not dtypes.is_text(dtypes.value_type(spec.arrow_type)):
            problems.append(f"expected texts for personal data, got {dtypes.word(spec.arrow_type)}")
        if problems or spec.fake is None:
            raise SchemaError(listing(f"column {spec.name!r} cannot be replaced by fakes", problems))
        texts = arrays.plain(cells)
        if not spec.consistent:
            there = presence.name_there(spec.name, texts, free)
            return cls(spec.name, spec.dtype, spec.fake, spec.locale, there, None)
        codes = Codes.of(texts, free(spec.name, "who"), spec.nullable or texts.null_count > 0)
        return cls(spec.name, spec.dtype, spec.fake, spec.locale, None, codes)

    @property
    def sources(self) -> tuple[str, ...]:
        """The column of personal data."""
        return (self.name,)

    @property
    def learnt(self) -> tuple[ColumnSpec, ...]:
        """Codes; or where cells are filled; or nothing."""
        return presence.there_specs(self.name, self.there) if self.codes is None else (self.codes.spec,)

    def restate(self, columns: Sequence[pa.Array]) -> list[pa.Array]:
        """Codes; or where cells are filled; or nothing.

        Raises:
            CellsError: if cells are missing, and none were at fitting.
        """
        texts = arrays.plain(columns[0])
        return presence.to_there(texts, self.there) if self.codes is None else [self.codes.restate(texts)]

    def write(self, columns: Sequence[pa.Array], rows: Rows) -> list[pa.Array]:
        """A fake for every row that has one."""
        texts = self._fresh(columns, rows) if self.codes is None else self._known(columns[0], self.codes)
        dtype = dtypes.parse(self.dtype)
        return [arrays.restore(texts.cast(arrays.plain_type(dtype)), dtype)]

    def _fresh(self, columns: Sequence[pa.Array], rows: Rows) -> pa.Array:
        there = presence.filled(columns, rows.n)
        seeds = numbered.words(rows.seed, ("fake", self.name), rows.numbers[there])[:, 0]
        texts = np.full(rows.n, None, object)
        texts[there] = fakes.made(fakes.faker(self.locale, self.fake), self.fake, seeds.tolist())
        return pa.array(texts, pa.string())

    def _known(self, column: pa.Array, codes: Codes) -> pa.Array:
        places = pc.index_in(arrays.plain(column).cast(pa.int64()), value_set=pa.array(codes.known, pa.int64()))
        return self._fakes.take(places)

    @cached_property
    def _fakes(self) -> pa.Array:
        """The fake of each known code."""
        if self.codes is None:
            return pa.array([], pa.string())
        seeds = numbered.words(0, ("fake", self.name, self.codes.salt), np.array(self.codes.known, np.int64))[:, 0]
        return pa.array(
            fakes.made_distinct(fakes.faker(self.locale, self.fake), self.fake, seeds.tolist()), pa.string()
        )

    def narrow(self, wanted: Mapping[str, Wanted], known: Mapping[str, pa.Array]) -> dict[str, Wanted]:
        """Whether a cell is to be filled; of a consistent column also which fakes it may hold."""
        want = wanted.get(self.name)
        if self.codes is None or want is None:
            return presence.narrow_there(self.name, self.there, wanted)
        cells, allowed = None, None
        if want.cells is not None:
            cells, of = self._codes_of(arrays.plain(want.cells), self.codes)
            allowed = None if want.allowed is None else want.allowed[:, of]
        return {self.codes.column: Wanted(cells, allowed, present=want.present, missing=want.missing)}

    def _codes_of(self, texts: pa.Array, codes: Codes) -> tuple[pa.Array, NDArray[np.int64]]:
        """The codes whose fakes are among the texts, and which text that is; shapes (c,)."""
        of = pc.index_in(self._fakes, value_set=texts.cast(pa.string()))
        found = of.is_valid()
        return pa.array(codes.known, pa.int64()).filter(found), of.drop_null().to_numpy().astype(np.int64)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, without any real text."""
        fields = ("kind", "name", "dtype", "fake", "locale", "there")
        codes = None if self.codes is None else vars(self.codes) | {"known": list(self.codes.known)}
        return {name: getattr(self, name) for name in fields} | {"codes": codes}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Fake":
        """The inverse of `to_json`."""
        codes = data["codes"]
        if codes is not None:
            codes = Codes(**{**codes, "known": tuple(codes["known"])})
        fields = ("name", "dtype", "fake", "locale", "there")
        return cls(**{name: data[name] for name in fields}, codes=codes)
