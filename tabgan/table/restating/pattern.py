"""A column of codes, phone numbers or postcodes as its template, and the beginning that goes with other columns.

Of texts that are built alike and mostly different, two things can be learnt: which template a text follows, and how it
begins, where beginnings repeat often enough (an area code goes with a state, the first digits of a postcode with a
town). The rest is drawn place by place, with the frequencies that were seen. A beginning is learnt only if it occurs in
five rows or more. A real text that occurs in fewer than five rows is not made again, unless there is hardly another
text to make: fingerprints, of which a fifth of all thinkable texts have one in common with a real text, tell which are
to be made anew (see `fingerprints` for what they reveal). Texts need not be different from each other; that is for
keys.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan.errors import SchemaError
from tabgan.table import arrays, dtypes, numbered, shapes
from tabgan.table.beginnings import learn_beginnings, rare_texts
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import checks
from tabgan.table.encoders.base import CellsError
from tabgan.table.fingerprints import Refused, salt_of
from tabgan.table.inference import by_count
from tabgan.table.patterns import Patterns
from tabgan.table.restating.base import FreeName, Rows
from tabgan.table.wanted import Wanted

_TRIES = 16


@dataclass(frozen=True)
class Pattern:
    """One column of structured texts.

    Attributes:
        name: the column.
        dtype: its Arrow type, as text.
        patterns: its templates.
        shape: the learnt column that names the template; None if there is only one, and no cell is missing.
        nullable: whether cells may be missing.
        start: the learnt column of beginnings; None if no template has any.
        lengths: how many characters the beginnings of each template have, 0 for none.
        starts: the known beginnings, ascending.
        refused: real texts that are too rare to be made again.
    """

    kind: ClassVar[str] = "pattern"
    name: str
    dtype: str
    patterns: Patterns
    shape: str | None
    nullable: bool
    start: str | None
    lengths: tuple[int, ...]
    starts: tuple[str, ...]
    refused: Refused

    def __post_init__(self) -> None:
        checks.require(len(self.lengths) == len(self.patterns.templates), "a length of beginnings for each template")
        checks.require((self.start is None) == (not self.starts), "beginnings where they are learnt")
        named = self.shape is not None or (len(self.lengths) == 1 and not self.nullable)
        checks.require(named, "a learnt column that tells several templates and missing cells apart")

    @classmethod
    def fit(cls, spec: ColumnSpec, cells: pa.Array | pa.ChunkedArray, free: FreeName) -> "Pattern":
        """The restatement of a column of the kind "pattern".

        Raises:
            SchemaError: if it has no text.
        """
        texts = arrays.plain(cells)
        if not dtypes.is_text(texts.type) or texts.null_count == len(texts):
            found = "missing cells only" if dtypes.is_text(texts.type) else dtypes.word(texts.type)
            raise SchemaError(f"column {spec.name!r}: expected texts for a pattern, got {found}; change its kind")
        patterns = Patterns.learn(texts)
        lengths, starts = learn_beginnings(texts, patterns)
        several = len(lengths) > 1 or spec.nullable or texts.null_count > 0
        return cls(
            name=spec.name,
            dtype=spec.dtype,
            patterns=patterns,
            shape=free(spec.name, "shape") if several else None,
            nullable=spec.nullable or texts.null_count > 0,
            start=free(spec.name, "start") if starts else None,
            lengths=lengths,
            starts=starts,
            refused=Refused.of(rare_texts(texts), salt_of(texts)),
        )

    @property
    def sources(self) -> tuple[str, ...]:
        """The column of texts."""
        return (self.name,)

    @property
    def learnt(self) -> tuple[ColumnSpec, ...]:
        """The template and the beginning, as far as there are several."""
        specs = []
        if self.shape is not None:
            reason = f"the template of {self.name!r}: categorical"
            specs.append(_learnt_spec(self.shape, len(self.lengths), self.nullable, reason))
        if self.start is not None:
            reason = f"how {self.name!r} begins, {len(self.starts):,} values: categorical"
            specs.append(_learnt_spec(self.start, len(self.starts), True, reason))
        return tuple(specs)

    @cached_property
    def _starts(self) -> pa.Array:
        return pa.array(self.starts, pa.string())

    @cached_property
    def _fits(self) -> NDArray[np.bool_]:
        """Which beginnings each template may have; shape (templates, starts)."""
        exact = shapes.exact(self._starts)
        both = [part.to_pylist() for part in (exact, shapes.loose(exact))]
        return np.array(
            [
                [length == len(a) and name[:length] in (a, b) for a, b in zip(*both, strict=True)]
                for name, length in zip(self.patterns.names, self.lengths, strict=True)
            ],
            np.bool_,
        ).reshape(len(self.lengths), len(self.starts))

    def restate(self, columns: Sequence[pa.Array]) -> list[pa.Array]:
        """The name of the template and the beginning of each text, where these are learnt.

        Raises:
            CellsError: if cells are missing, and may not be.
        """
        texts = arrays.plain(columns[0]).cast(pa.string())
        if texts.null_count and not self.nullable:
            raise CellsError(f"expected no missing cells, as at fitting, got {texts.null_count}; fill them")
        found = self.patterns.nearest(texts)
        restated = []
        if self.shape is not None:
            restated.append(_take(self.patterns.names, found))
        if self.start is not None:
            restated.append(_take(self.starts, self._begin(texts, found)))
        return restated

    def _begin(self, texts: pa.Array, found: NDArray[np.int64]) -> NDArray[np.int64]:
        """The known beginning of each text of a template, -1 where there is none; shape (n,)."""
        begins = np.full(len(texts), -1, np.int64)
        for i, length in enumerate(self.lengths):
            rows = np.flatnonzero(found == i)
            if length and len(rows):
                cut = pc.utf8_slice_codeunits(texts.take(pa.array(rows)), 0, length)
                begins[rows] = pc.fill_null(pc.index_in(cut, value_set=self._starts), -1).to_numpy()
        return begins

    def write(self, columns: Sequence[pa.Array], rows: Rows) -> list[pa.Array]:
        """A text of each row's template, with its beginning where the two go together."""
        templates, starts = self._told(columns, rows.n)
        texts = np.full(rows.n, None, object)
        open_rows = np.flatnonzero(templates >= 0)
        for attempt in range(_TRIES):
            drawn = self._draw(templates[open_rows], starts[open_rows], rows, open_rows, attempt)
            texts[open_rows] = drawn
            if not len(open_rows := open_rows[self._unfit(drawn, templates[open_rows], starts[open_rows])]):
                break
        dtype = dtypes.parse(self.dtype)
        return [arrays.restore(pa.array(texts, pa.string()).cast(arrays.plain_type(dtype)), dtype)]

    def _told(self, columns: Sequence[pa.Array], n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The template (-1: missing) and the beginning (-1: any other) that the learnt columns tell, shapes (n,)."""
        left = list(columns)
        templates, starts = np.zeros(n, np.int64), np.full(n, -1, np.int64)
        if self.shape is not None:
            templates = _positions(left.pop(0), self.patterns.names)
        if self.start is not None:
            starts = _positions(left.pop(0), self.starts)
            fit = (templates >= 0) & (starts >= 0) & self._fits[templates, starts]
            starts = np.where(fit, starts, -1)
        return templates, starts

    def _draw(
        self,
        templates: NDArray[np.int64],
        starts: NDArray[np.int64],
        rows: Rows,
        places: NDArray[np.intp],
        attempt: int,
    ) -> NDArray[Any]:
        """Texts for the rows at `places`, shape (len(places),)."""
        texts = np.empty(len(places), object)
        for i in np.unique(templates).tolist():
            mine = np.flatnonzero(templates == i)
            template, length = self.patterns.templates[i], self.lengths[i]
            path = ("write", self.name, attempt)
            uniforms = numbered.uniforms(rows.seed, path, rows.numbers[places[mine]], len(template.parts))
            characters = template.draw(uniforms)
            begun = np.flatnonzero(starts[mine] >= 0)
            if len(begun):
                beginnings = self._starts.take(pa.array(starts[mine][begun]))
                characters[begun, :length] = shapes.to_matrix(beginnings, length)
            texts[mine] = shapes.from_matrix(characters)
        return texts

    def _unfit(self, drawn: NDArray[Any], templates: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which texts are refused, or would be restated as something else, shape (n,)."""
        texts = pa.array(drawn, pa.string())
        other = (self.patterns.match(texts) != templates) | (self._begin(texts, templates) != starts)
        unfit: NDArray[np.bool_] = other | self.refused.holds(texts)
        return unfit

    def narrow(self, wanted: Mapping[str, Wanted], known: Mapping[str, pa.Array]) -> dict[str, Wanted]:
        """The templates and beginnings of the texts that are wanted."""
        want = wanted.get(self.name)
        if want is None:
            return {}
        narrowed: dict[str, Wanted] = {}
        texts = None if want.cells is None else arrays.plain(want.cells).cast(pa.string())
        found = None if texts is None else self.patterns.nearest(texts)
        if self.shape is not None:
            cells, allowed = _translated(self.patterns.names, found, want.allowed)
            narrowed[self.shape] = Wanted(cells=cells, allowed=allowed, present=want.present, missing=want.missing)
        no_gaps = want.missing is not None and not want.missing.any()
        if self.start is not None and texts is not None and found is not None and no_gaps:
            begins = self._begin(texts, found)
            if (begins >= 0).all():
                cells, allowed = _translated(self.starts, begins, want.allowed)
                narrowed[self.start] = Wanted(cells=cells, allowed=allowed, missing=np.zeros(1, np.bool_))
        return narrowed

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; no text that occurs in fewer than five rows is in them."""
        return {
            "kind": self.kind,
            "name": self.name,
            "dtype": self.dtype,
            "patterns": self.patterns.to_json(),
            "shape": self.shape,
            "nullable": self.nullable,
            "start": self.start,
            "lengths": list(self.lengths),
            "starts": list(self.starts),
            "refused": self.refused.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Pattern":
        """The inverse of `to_json`."""
        plain = {name: data[name] for name in ("name", "dtype", "shape", "nullable", "start")}
        return cls(
            **plain,
            patterns=Patterns.from_json(data["patterns"]),
            lengths=tuple(data["lengths"]),
            starts=tuple(data["starts"]),
            refused=Refused.from_json(data["refused"]),
        )


def _learnt_spec(name: str, n: int, nullable: bool, reason: str) -> ColumnSpec:
    return ColumnSpec(name=name, kind=by_count(n), dtype="string", nullable=nullable, reason=reason)


def _take(values: Sequence[str], positions: NDArray[np.int64]) -> pa.Array:
    return pa.array(values, pa.string()).take(pa.array(positions, mask=positions < 0))


def _positions(cells: pa.Array, values: Sequence[str]) -> NDArray[np.int64]:
    found = pc.index_in(arrays.plain(cells).cast(pa.string()), value_set=pa.array(values, pa.string()))
    positions: NDArray[np.int64] = pc.fill_null(found, -1).to_numpy().astype(np.int64)
    return positions


def _translated(
    values: Sequence[str], positions: NDArray[np.int64] | None, allowed: NDArray[np.bool_] | None
) -> tuple[pa.Array | None, NDArray[np.bool_] | None]:
    """Wanted cells, told by their positions among `values`, as wanted values; and which rows may have each of them."""
    if positions is None:
        return None, None
    distinct, of = np.unique(positions, return_inverse=True)
    cells = pa.array([values[i] for i in distinct], pa.string())
    if allowed is None:
        return cells, None
    return cells, np.stack([allowed[:, of == i].any(axis=1) for i in range(len(distinct))], axis=1)
