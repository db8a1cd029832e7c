"""A model that begins with what another one has learnt: the same columns, a new table.

The codes are made anew, so that they fit the new table exactly; the weights go over from the codes that mean the same.
Free text is learnt from scratch, since its words are the table's own.
"""

import hashlib
import json
import math
from dataclasses import dataclass, replace

import pyarrow as pa

from tabgan.coding import Coding
from tabgan.errors import ConfigError
from tabgan.gan.config import TrainingConfig
from tabgan.gan.warm import WarmStart, warm_start
from tabgan.layout import EncodedTable
from tabgan.learnt import Learnt
from tabgan.table.correspondence import partners_of
from tabgan.table.extending import extended
from tabgan.table.news import Before, news
from tabgan.table.schema import Schema

BUILT = ("generator_width", "stage_width", "stages", "generator_norm")
"""What decides how the generator is built; a model that begins with another one is built alike."""
STEPS_SHARE = 0.25
"""Of the steps that the same table takes from scratch; `benchmarks/fine_tuning.py` says what they lead to."""


@dataclass(frozen=True, eq=False)
class Start:
    """What a model begins with.

    Attributes:
        learnt: what the other model has learnt.
        config: the settings that it was trained with.
    """

    learnt: Learnt
    config: TrainingConfig

    def schema_of(self, table: pa.Table) -> Schema:
        """The schema of a new table: the other model's, with what is new.

        Raises:
            SchemaError: if the table has other columns or types; it lists all problems.
        """
        return extended(self.learnt.schema, table)

    def settings(self, config: TrainingConfig, n_rows: int) -> TrainingConfig:
        """The settings with the shape of the other model's generator, and fewer steps where they name no number.

        Args:
            config: as the user has it.
            n_rows: of the new table.

        Raises:
            ConfigError: if they name another shape.
        """
        own, plain = config.to_dict(), TrainingConfig().to_dict()
        built = {name: getattr(self.config, name) for name in BUILT}
        if wrong := [name for name, value in built.items() if own[name] not in (value, plain[name])]:
            said = ", ".join(f"{name} {built[name]!r}, got {own[name]!r}" for name in wrong)
            remedy = "leave these settings out, or take another effort"
            raise ConfigError(f"expected the shape of the model to start from: {said}; {remedy}")
        steps = config.steps or math.ceil(config.for_table(n_rows).steps * STEPS_SHARE)
        return replace(config, steps=steps, **built)

    def digest(self) -> str:
        """Names what the other model has learnt, so that a run goes on only from what it started with."""
        found = hashlib.blake2b(json.dumps(self.learnt.coding.to_json(), sort_keys=True).encode(), digest_size=16)
        for name, tensor in sorted(self.learnt.generator.state_dict().items()):
            found.update(name.encode() + tensor.cpu().contiguous().numpy().tobytes())
        return found.hexdigest()

    def weights(self, coding: Coding, encoded: EncodedTable) -> tuple[WarmStart, tuple[str, ...]]:
        """Where training begins, and what is new in the table, in words.

        Args:
            coding: of the new table.
            encoded: the new table.
        """
        known = self.learnt.coding
        partners = partners_of(coding.codec, known.codec)
        told = news(Before(coding.recast, coding.codec), Before(known.recast, known.codec), partners)
        return warm_start(self.learnt.generator, coding.codec.layout, partners, encoded), told
