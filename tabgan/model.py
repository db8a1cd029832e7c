"""The hall: joins tables, networks and the model file behind one class."""

import os
import platform
import time
import warnings
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import torch

from tabgan import artifact, rng
from tabgan.coding import Coding
from tabgan.errors import ArtifactError, ConfigError, DataWarning, InputError, NotFittedError, TabganError
from tabgan.gan.config import TrainingConfig
from tabgan.gan.history import Callback, CodeSnapshot, TrainingStats, ending
from tabgan.gan.language_training import LanguageCallback
from tabgan.gan.training import resolve_device
from tabgan.learnt import Learnt, learn
from tabgan.sampler import Sampler
from tabgan.snapshots import Snapshot, decode_snapshots, snapshots_from_tensors, snapshots_to_tensors
from tabgan.table.constraints import Combinations, check_constraints
from tabgan.table.files import read_table
from tabgan.table.schema import Schema
from tabgan.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tabgan.evaluation.results.training import TrainingReport
    from tabgan.table.constraints.predicate import Function

T = TypeVar("T")


class TabGAN(Sampler):
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
        self._learnt: Learnt | None = None
        self._history: tuple[TrainingStats, ...] = ()
        self._info: dict[str, Any] = {}
        self._snapshots: tuple[CodeSnapshot, ...] = ()

    def fit(
        self,
        data: object,
        *,
        schema: Schema | None = None,
        callback: Callback | None = None,
        text_callback: LanguageCallback | None = None,
    ) -> Self:
        """Learn a table.

        Args:
            data: a DataFrame, a pyarrow Table, anything with `__arrow_c_stream__` (polars, DuckDB), or a path to a
                CSV, Parquet, Arrow or JSON lines file. It is not changed.
            schema: how each column is to be modelled, and what holds in every row; None infers it.
            callback: called at each report of training; returning True ends training in order. An interrupt from the
                keyboard ends it in order, too: the model is then as good as its training so far, see `interrupted`.
            text_callback: the same for free text, which is learnt after all else.

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
        check_constraints(table, [rule for rule in schema.constraints if not isinstance(rule, Combinations)])
        coding, encoded = Coding.fit(schema, table, self.seed)
        self._learnt, result = learn(
            coding,
            encoded,
            table,
            self.config,
            seed=self.seed,
            device=self._device,
            callback=callback,
            text_callback=text_callback,
        )
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

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model file: tensors and JSON, no whole training rows, nothing that runs when it is opened.

        Raises:
            NotFittedError: before `fit`.
            OutputError: if it cannot be written.
        """
        learnt = self._fitted()
        manifest = learnt.to_json() | {
            "config": self.config.to_dict(),
            "seed": self.seed,
            "history": [asdict(stats) for stats in self._history],
            "info": self._info,
        }
        artifact.save(artifact.Artifact(manifest, learnt.tensors() | snapshots_to_tensors(self._snapshots)), path)

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        *,
        device: str = "auto",
        predicates: "Mapping[str, Function | None] | None" = None,
    ) -> Self:
        """Read a model file; one that was trained on a GPU opens on a CPU.

        Args:
            path: of the file.
            device: see above.
            predicates: the functions of the schema's predicates by their names, since a file keeps no code; None drops
                a predicate. Rows cannot be sampled while one is lacking.

        Raises:
            ArtifactError: if there is no such file, or it is foreign, damaged or of another format.
        """
        content = artifact.load(path)
        manifest = content.manifest
        model = cls(device=device)
        try:
            model.config = TrainingConfig.from_mapping(manifest["config"])
            model.seed = rng.checked_seed(manifest["seed"])
            coding = Coding.from_json(manifest)
            model._history = tuple(TrainingStats(**stats) for stats in manifest["history"])
            model._info = dict(manifest["info"])
            model._snapshots, tensors = snapshots_from_tensors(content.tensors, coding.codec.layout)
            model._learnt = Learnt.restore(coding, model.config, manifest, tensors, model._device)
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
        if predicates:
            model._learnt = replace(model._learnt, coding=model._learnt.coding.with_predicates(predicates))
        return model

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
        decoded = decode_snapshots(self._snapshots, self._fitted(), self.seed)
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

        decoded = decode_snapshots(self._snapshots, self._fitted(), self.seed)
        return report_on(Run(self.seed, self.config, self.schema, self._history, self._info, decoded), real)

    def _fitted(self) -> Learnt:
        if self._learnt is None:
            raise NotFittedError("this model has not learnt a table yet; call fit(data), or TabGAN.load(path)")
        return self._learnt


def _checked(value: T, kind: type[T], name: str, error: type[TabganError]) -> T:
    if not isinstance(value, kind):
        raise error(f"{name} must be a {kind.__name__}, got {value!r}")
    return value


def _warn_of(schema: Schema) -> None:
    """Warn of columns that come back empty."""
    for spec in schema.made:
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
