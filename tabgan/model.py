"""The hall: joins tables, networks and the model file behind one class."""

import os
import platform
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import torch

from tabgan import artifact, rng
from tabgan.errors import (
    ArtifactError,
    ConditionError,
    ConfigError,
    DataWarning,
    InputError,
    NotFittedError,
    TabganError,
)
from tabgan.gan.config import TrainingConfig
from tabgan.gan.generator import Generator
from tabgan.gan.history import Callback, CodeSnapshot, TrainingStats, ending
from tabgan.gan.sampling import sample_blocks
from tabgan.gan.stages import StagePlan
from tabgan.gan.training import Trainer, resolve_device
from tabgan.snapshots import Snapshot, decode_snapshots, snapshots_from_tensors, snapshots_to_tensors
from tabgan.table.arrow import rebatch
from tabgan.table.codec import TableCodec
from tabgan.table.files import read_table
from tabgan.table.schema import Schema
from tabgan.table.summaries import summarize
from tabgan.version import __version__

if TYPE_CHECKING:
    from tabgan.evaluation.results.training import TrainingReport

T = TypeVar("T")


class TabGAN:
    """A conditional GAN for tables: learns one, then makes rows that look and behave like its rows.

    Args:
        config: the settings of training; None takes the defaults.
        seed: names every random stream. The same seed, table, settings, versions, device and number of threads give
            the same model, and the same model gives the same rows.
        device: "auto" takes CUDA, then MPS, then the CPU; or a name that torch knows.

    Example:
        >>> model = TabGAN(TrainingConfig(steps=5), seed=1).fit("sample_data/reviews.csv")
        >>> model.sample(3, where={"rating": 5})["rating"].tolist()
        [5, 5, 5]
    """

    def __init__(self, config: TrainingConfig | None = None, *, seed: int = 0, device: str = "auto") -> None:
        self.config = TrainingConfig() if config is None else _checked(config, TrainingConfig, "config", ConfigError)
        self.seed = rng.checked_seed(seed)
        self._device = resolve_device(device)
        self._codec: TableCodec | None = None
        self._generator: Generator | None = None
        self._history: tuple[TrainingStats, ...] = ()
        self._info: dict[str, Any] = {}
        self._snapshots: tuple[CodeSnapshot, ...] = ()

    def fit(self, data: object, *, schema: Schema | None = None, callback: Callback | None = None) -> Self:
        """Learn a table.

        Args:
            data: a DataFrame, a pyarrow Table, anything with `__arrow_c_stream__` (polars, DuckDB), or a path to a
                CSV, Parquet, Arrow or JSON lines file. It is not changed.
            schema: how each column is to be modelled; None infers it.
            callback: called at each report of training; returning True ends training in order. An interrupt from the
                keyboard ends it in order, too: the model is then as good as its training so far, see `interrupted`.

        Raises:
            InputError: if the table cannot be used, or does not fit the schema; naming all problems.
            TrainingError: if the losses stop being numbers.
        """
        started = time.perf_counter()
        table = read_table(data)
        schema = Schema.infer(table) if schema is None else _checked(schema, Schema, "schema", InputError)
        schema.check(table)
        _warn_of(schema)
        table = schema.conform(table)
        codec = TableCodec.fit(schema, summarize(table), table)
        if not codec.layout.columns:
            raise InputError(
                "nothing to learn: expected a column that varies, got only constants and columns that are left out; "
                "add columns, or give those that matter another kind in the schema"
            )
        encoded = codec.encode(table, rng.generator(self.seed, "encode"))
        trainer = Trainer(encoded, codec.layout, self.config, seed=self.seed, device=self._device)
        result = trainer.fit(callback)
        self._codec, self._generator = codec, result.generator
        self._history, self._snapshots = result.history, result.snapshots
        self._info = {
            "n_rows": table.num_rows,
            "fit_s": time.perf_counter() - started,
            "interrupted": result.interrupted,
            "ended_by": result.ended_by,
            "kept_step": result.kept_step,
            "shape_floor": result.shape_floor,
            "device": str(self._device),
            "versions": _versions(),
        }
        return self

    def sample(self, n: int, *, where: Mapping[str, object] | None = None, seed: int | None = None) -> pd.DataFrame:
        """`n` synthetic rows, with the dtypes, labels and column order of the table that was learnt.

        Args:
            n: number of rows, at least 1.
            where: column to value: each row has exactly these cells.
            seed: of this sample; None takes the model's, so that repeated calls give the same rows.

        Raises:
            InputError: if n is not a positive integer.
            ConditionError: if a column is unknown or a value cannot occur in it.
            NotFittedError: before `fit`.
        """
        return self.schema.to_pandas(pa.concat_tables(self.sample_batches(n, where=where, seed=seed)))

    def sample_batches(
        self,
        n: int,
        *,
        where: Mapping[str, object] | None = None,
        seed: int | None = None,
        batch_rows: int = 65_536,
    ) -> Iterator[pa.Table]:
        """The same rows as Arrow tables of `batch_rows` rows, the last one shorter, in constant memory.

        Errors are those of `sample`, and are raised before the first batch is asked for.
        """
        codec, generator = self._fitted()
        for name, number in (("n", n), ("batch_rows", batch_rows)):
            if not isinstance(number, int | np.integer) or isinstance(number, bool) or number < 1:
                raise InputError(f"{name} must be a positive whole number, got {number!r}")
        seed = self.seed if seed is None else rng.checked_seed(seed)
        given, literals = None, None
        if where is not None and not isinstance(where, Mapping):
            raise ConditionError(f"where must map columns to values, got {where!r}; write {{'column': value}}")
        if where:
            given, literals = codec.encode_cells(where), codec.literal_cells(where)
        blocks = sample_blocks(generator, int(n), seed=seed, given=given)
        return rebatch((codec.decode(block, given=literals) for block in blocks), int(batch_rows))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model file: tensors and JSON, no whole training rows, nothing that runs when it is opened.

        Raises:
            NotFittedError: before `fit`.
            OutputError: if it cannot be written.
        """
        codec, generator = self._fitted()
        manifest = {
            "schema": self.schema.to_json(),
            "codec": codec.to_json(),
            "stages": generator.plan.stages,
            "config": self.config.to_dict(),
            "seed": self.seed,
            "history": [asdict(stats) for stats in self._history],
            "info": self._info,
        }
        tensors = {name: tensor.cpu().numpy() for name, tensor in generator.state_dict().items()}
        artifact.save(artifact.Artifact(manifest, tensors | snapshots_to_tensors(self._snapshots)), path)

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, device: str = "auto") -> Self:
        """Read a model file; one that was trained on a GPU opens on a CPU.

        Raises:
            ArtifactError: if there is no such file, or it is foreign, damaged or of another format.
        """
        content = artifact.load(path)
        manifest = content.manifest
        model = cls(device=device)
        try:
            model.config = TrainingConfig.from_mapping(manifest["config"])
            model.seed = rng.checked_seed(manifest["seed"])
            schema = Schema.from_json(manifest["schema"])
            model._codec = TableCodec.from_json(schema, manifest["codec"])
            model._history = tuple(TrainingStats(**stats) for stats in manifest["history"])
            model._info = dict(manifest["info"])
            stages = tuple(tuple(stage) for stage in manifest["stages"])
            generator = Generator(StagePlan(model._codec.layout, stages), model.config)
            model._snapshots, weights = snapshots_from_tensors(content.tensors, model._codec.layout)
            generator.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
            if not all(bool(tensor.isfinite().all()) for tensor in generator.state_dict().values()):
                raise ValueError("its weights are not all finite numbers")
        except (
            ArithmeticError,
            AttributeError,
            LookupError,
            TypeError,
            ValueError,
            RuntimeError,
            TabganError,
        ) as error:
            raise ArtifactError(f"{str(path)!r} does not hold a whole model: {error}") from error
        model._generator = generator.to(model._device).eval()
        return model

    @property
    def schema(self) -> Schema:
        """The schema of the table that was learnt."""
        return self._fitted()[0].schema

    @property
    def output_schema(self) -> pa.Schema:
        """The Arrow schema of the batches of `sample_batches`."""
        return self.schema.arrow_schema

    @property
    def history(self) -> tuple[TrainingStats, ...]:
        """What training reported, in order."""
        return self._history

    @property
    def interrupted(self) -> bool:
        """Whether a callback or the keyboard ended training before its end."""
        return bool(self._info.get("interrupted", False))

    @property
    def info(self) -> dict[str, Any]:
        """How the model came about: rows learnt, seconds, what ended training and which step was kept, versions."""
        return dict(self._info)

    @property
    def ending(self) -> str:
        """How training ended and which weights were kept, in words."""
        return ending(self._history, self._info.get("ended_by"), self._info.get("kept_step"))

    @property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """Rows that were drawn at several points of training; none in files of older versions."""
        decoded = decode_snapshots(self._snapshots, self._fitted()[0], self.seed)
        return tuple(Snapshot(step, self.schema.to_pandas(rows)) for step, rows in decoded)

    def training_report(self, real: object = None) -> "TrainingReport":
        """How training went: curves, its ending, and the snapshots beside `real` or beside the last of them.

        Args:
            real: the table that was learnt, or another real one, in any form that `fit` takes.

        Raises:
            InputError: if the real table cannot be read or does not fit.
            NotFittedError: before `fit`.
        """
        from tabgan.training_report import Run, report_on  # brings scikit-learn along

        decoded = decode_snapshots(self._snapshots, self._fitted()[0], self.seed)
        return report_on(Run(self.seed, self.config, self.schema, self._history, self._info, decoded), real)

    def _fitted(self) -> tuple[TableCodec, Generator]:
        if self._codec is None or self._generator is None:
            raise NotFittedError("this model has not learnt a table yet; call fit(data), or TabGAN.load(path)")
        return self._codec, self._generator


def _checked(value: T, kind: type[T], name: str, error: type[TabganError]) -> T:
    if not isinstance(value, kind):
        raise error(f"{name} must be a {kind.__name__}, got {value!r}")
    return value


def _warn_of(schema: Schema) -> None:
    """Warn of columns that come back empty or not at all, with the reason."""
    for spec in schema.left_out:
        message = f"column {spec.name!r} is left out of the model ({spec.reason}); synthetic rows will lack it"
        warnings.warn(message, DataWarning, stacklevel=3)
    for spec in schema.modelled:
        if spec.kind == "constant" and spec.nullable:
            message = (
                f"all cells of column {spec.name!r} are missing, and will be in synthetic rows; drop it if unwanted"
            )
            warnings.warn(message, DataWarning, stacklevel=3)


def _versions() -> dict[str, str]:
    return {
        "tabgan": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "pandas": pd.__version__,
        "pyarrow": pa.__version__,
    }
