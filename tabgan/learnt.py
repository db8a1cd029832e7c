"""What a model has learnt of a table: its way to codes and back, the generator of the codes, and its texts.

Learnt as a whole, kept in a model file and read from it, and turned from codes into rows. What tells real rows from
careless fakes is learnt beside it, from the rows that training has not seen.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray
from torch import Tensor

from tabgan.coding import Coding
from tabgan.gan.config import TrainingConfig
from tabgan.gan.generator import Generator
from tabgan.gan.realism import Realism
from tabgan.gan.stages import StagePlan
from tabgan.layout import EncodedTable
from tabgan.table.given import Literal
from tabgan.table.restating.base import Rows
from tabgan.table.rewriting import as_wanted
from tabgan.table.schema import Schema
from tabgan.table.texts.columns import TextColumns
from tabgan.table.wanted import Wanted
from tabgan.text_part import PREFIX, TextPart

_REALISM = "realism."


@dataclass(frozen=True, eq=False)
class Learnt:
    """What a model has learnt.

    Attributes:
        coding: from rows to codes and back.
        generator: of the codes.
        texts: what writes free text; None without columns of such.
        realism: what tells real rows from careless fakes; None in files of older versions.
    """

    coding: Coding
    generator: Generator
    texts: TextPart | None = None
    realism: Realism | None = None

    @property
    def schema(self) -> Schema:
        """The schema of the table."""
        return self.coding.schema

    def features(self, codes: NDArray[np.unsignedinteger]) -> Tensor:
        """What networks see of rows, shape (n, f), given their codes (n, k)."""
        return features_of(self.generator, codes)

    def write(
        self,
        encoded: EncodedTable,
        rows: Rows,
        *,
        given: Mapping[str, Literal] | None = None,
        wanted: Mapping[str, Wanted] | None = None,
        kept: Collection[str] | None = None,
    ) -> pa.Table:
        """Encoded rows as rows of the table.

        Args:
            encoded: codes (n, k) and values (n, v).
            rows: which rows these are.
            given: literals of a condition, written into learnt columns.
            wanted: what a condition wants of columns that restatements write; what chance has a part in is drawn until
                it is so.
            kept: the columns to write; None for all.

        Raises:
            ConditionError: if cells never come out as wanted.
        """
        learnt = self.coding.codec.decode(encoded, given)
        columns = {name: learnt[name].combine_chunks() for name in learnt.column_names}
        done: dict[str, pa.Array] = {}
        if self.texts is not None and (kept is None or not set(kept).isdisjoint(self.texts.columns.sources)):
            classes = [columns[spec.name] for spec in self.texts.columns.learnt]
            texts = self.texts.write(self.features(encoded.codes), classes, rows.numbers, rows.seed)
            done = dict(zip(self.texts.columns.sources, texts, strict=True))
        table = self.coding.recast.write(columns, rows, done=done, kept=kept)
        return as_wanted(self.coding.recast, table, columns, rows, wanted) if wanted else table

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, to be kept beside `tensors`."""
        texts = None if self.texts is None else self.texts.to_json()
        realism = None if self.realism is None else self.realism.to_json()
        return self.coding.to_json() | {"stages": self.generator.plan.stages, "texts": texts, "realism": realism}

    def tensors(self) -> dict[str, NDArray[np.generic]]:
        """The weights, for the model file."""
        weights = {name: tensor.cpu().numpy() for name, tensor in self.generator.state_dict().items()}
        realism = {} if self.realism is None else self.realism.tensors()
        return (
            weights
            | ({} if self.texts is None else self.texts.tensors())
            | {f"{_REALISM}{name}": array for name, array in realism.items()}
        )

    def exact_tensors(self) -> dict[str, NDArray[np.generic]]:
        """The same to the last bit, where `tensors` rounds the weights of texts."""
        return self.tensors() | ({} if self.texts is None else self.texts.exact_tensors())

    @classmethod
    def restore(
        cls,
        coding: Coding,
        config: TrainingConfig,
        data: Mapping[str, Any],
        tensors: Mapping[str, NDArray[np.generic]],
        device: torch.device,
    ) -> "Learnt":
        """What `to_json` and `tensors` kept.

        Raises:
            LookupError, TypeError, ValueError, RuntimeError, TabganError: if the parts are damaged or do not fit.
        """
        stages = tuple(tuple(stage) for stage in data["stages"])
        generator = Generator(StagePlan(coding.codec.layout, stages), config)
        realism = None
        if data.get("realism") is not None:
            parts = {name.removeprefix(_REALISM): array for name, array in tensors.items() if name.startswith(_REALISM)}
            realism = Realism.restore(data["realism"], parts, coding.codec.layout)
        others = (PREFIX, _REALISM)
        own = {name: torch.from_numpy(array) for name, array in tensors.items() if not name.startswith(others)}
        generator.load_state_dict(own)
        if not all(bool(tensor.isfinite().all()) for tensor in generator.state_dict().values()):
            raise ValueError("its weights are not all finite numbers")
        columns, kept = text_columns(coding), data["texts"]
        if (columns is None) != (kept is None):
            raise ValueError("expected what writes free text just where there are columns of it")
        texts = None if columns is None else TextPart.restore(columns, kept, tensors, device)
        return cls(coding, generator.to(device).eval(), texts, realism)


def text_columns(coding: Coding) -> TextColumns | None:
    """The columns of free text; None if there are none."""
    return next((step for step in coding.recast.steps if isinstance(step, TextColumns)), None)


@torch.no_grad()
def features_of(generator: Generator, codes: NDArray[np.unsignedinteger]) -> Tensor:
    """What networks see of rows, shape (n, f), given their codes (n, k) in the layout's order."""
    arranged = torch.from_numpy(generator.plan.arrange(codes).astype(np.int64)).to(generator.device)
    features: Tensor = generator.features(arranged)
    return features
