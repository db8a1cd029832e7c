"""What a model has learnt of a table: its way to codes and back, the generator of the codes, and its texts.

Learnt as a whole, kept in a model file and read from it, and turned from codes into rows.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray
from torch import Tensor

from tabgan.coding import Coding
from tabgan.gan.config import TrainingConfig
from tabgan.gan.generator import Generator
from tabgan.gan.history import Callback, TrainingResult
from tabgan.gan.language_training import LanguageCallback, LanguageConfig
from tabgan.gan.stages import StagePlan
from tabgan.gan.training import Trainer
from tabgan.layout import EncodedTable
from tabgan.table.given import Literal
from tabgan.table.restating.base import Rows
from tabgan.table.rewriting import as_wanted
from tabgan.table.schema import Schema
from tabgan.table.texts.columns import TextColumns
from tabgan.table.texts.corpus import learn_corpus
from tabgan.table.wanted import Wanted
from tabgan.text_part import PREFIX, TextPart

TEXT_SHARE = 0.4
"""Of a limit to the time of training, what free text gets."""


@dataclass(frozen=True, eq=False)
class Learnt:
    """What a model has learnt.

    Attributes:
        coding: from rows to codes and back.
        generator: of the codes.
        texts: what writes free text; None without columns of such.
    """

    coding: Coding
    generator: Generator
    texts: TextPart | None = None

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
        return self.coding.to_json() | {"stages": self.generator.plan.stages, "texts": texts}

    def tensors(self) -> dict[str, NDArray[np.generic]]:
        """The weights, for the model file."""
        weights = {name: tensor.cpu().numpy() for name, tensor in self.generator.state_dict().items()}
        return weights | ({} if self.texts is None else self.texts.tensors())

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
        own = {name: torch.from_numpy(array) for name, array in tensors.items() if not name.startswith(PREFIX)}
        generator.load_state_dict(own)
        if not all(bool(tensor.isfinite().all()) for tensor in generator.state_dict().values()):
            raise ValueError("its weights are not all finite numbers")
        columns, kept = text_columns(coding), data["texts"]
        if (columns is None) != (kept is None):
            raise ValueError("expected what writes free text just where there are columns of it")
        texts = None if columns is None else TextPart.restore(columns, kept, tensors, device)
        return cls(coding, generator.to(device).eval(), texts)


def learn(
    coding: Coding,
    encoded: EncodedTable,
    table: pa.Table,
    config: TrainingConfig,
    *,
    seed: int,
    device: torch.device,
    callback: Callback | None = None,
    text_callback: LanguageCallback | None = None,
) -> tuple[Learnt, TrainingResult]:
    """Train the generator, and after it what writes free text.

    Args:
        coding: of the table.
        encoded: the table, encoded.
        table: as it conforms to the schema.
        config: the settings of training.
        seed: names the random streams.
        device: where to train.
        callback: called at each report on the generator.
        text_callback: called at each report on the texts.

    Raises:
        TrainingError: if a loss stops being a number.
    """
    columns = text_columns(coding)
    limit = config.max_minutes * (1 - TEXT_SHARE if columns else 1)
    settings = replace(config, max_minutes=limit)
    result = Trainer(encoded, coding.codec.layout, settings, seed=seed, device=device).fit(callback)
    if columns is None:
        return Learnt(coding, result.generator), result
    minutes = [most for most in (config.text_minutes, TEXT_SHARE * config.max_minutes) if most]
    corpus = learn_corpus([table[name] for name in columns.sources], seed)
    texts = TextPart.fit(
        columns,
        corpus,
        lambda places: features_of(result.generator, encoded.codes[corpus.rows[places]]),
        result.generator.plan.n_features,
        LanguageConfig(max_seconds=60 * min(minutes, default=0.0)),
        seed=seed,
        device=device,
        callback=text_callback,
    )
    return Learnt(coding, result.generator, texts), result


def text_columns(coding: Coding) -> TextColumns | None:
    """The columns of free text; None if there are none."""
    return next((step for step in coding.recast.steps if isinstance(step, TextColumns)), None)


@torch.no_grad()
def features_of(generator: Generator, codes: NDArray[np.unsignedinteger]) -> Tensor:
    """What networks see of rows, shape (n, f), given their codes (n, k) in the layout's order."""
    arranged = torch.from_numpy(generator.plan.arrange(codes).astype(np.int64)).to(generator.device)
    features: Tensor = generator.features(arranged)
    return features
