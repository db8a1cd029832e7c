"""The hall: joins tables, networks and the model file behind one class."""

import math
import os
import time
import warnings
from dataclasses import asdict, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Self, TypeVar

from tabgan import artifact, rng
from tabgan.checkpoints import Checkpoint, Checkpoints, Saver
from tabgan.coding import Coding
from tabgan.errors import (
    ArtifactError,
    ConfigError,
    DataWarning,
    InputError,
    NotFittedError,
    TabganError,
    TrainingError,
)
from tabgan.forecast import Listener, Size, announce
from tabgan.gan.config import TrainingConfig
from tabgan.gan.devices import resolve_device
from tabgan.gan.history import Callback, CodeSnapshot, Event, TrainingResult, TrainingStats, ending
from tabgan.gan.language_settings import LanguageCallback
from tabgan.layout import Layout
from tabgan.learning import learn
from tabgan.learnt import Learnt
from tabgan.opening import opened
from tabgan.prepared import Prepared
from tabgan.run_identity import identity, refuse_another, versions
from tabgan.sampler import Sampler
from tabgan.snapshots import Snapshot, decode_snapshots, snapshots_from_tensors, snapshots_to_tensors
from tabgan.starting import Start
from tabgan.table.schema import Schema
from tabgan.writing import check_writable

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
        self._asked = self.config
        self.seed = rng.checked_seed(seed)
        self._device = resolve_device(device)
        self._learnt: Learnt | None = None
        self._history: tuple[TrainingStats, ...] = ()
        self._events: tuple[Event, ...] = ()
        self._info: dict[str, Any] = {}
        self._snapshots: tuple[CodeSnapshot, ...] = ()
        self._checkpoints: Checkpoints | None = None

    def fit(
        self,
        data: object,
        *,
        schema: Schema | None = None,
        start: "TabGAN | str | os.PathLike[str] | None" = None,
        split_seed: int | None = None,
        callback: Callback | None = None,
        text_callback: LanguageCallback | None = None,
        checkpoint: str | os.PathLike[str] | None = None,
        checkpoint_s: float = 30.0,
        resume: bool = False,
        max_memory_gib: float | None = None,
        forecast: Listener | None = None,
    ) -> Self:
        """Learn a table.

        Args:
            data: a DataFrame, a pyarrow Table, anything with `__arrow_c_stream__` (polars, DuckDB), or a path to a
                CSV, Parquet, Arrow or JSON lines file, or to a folder of files of one of the first three formats. It
                is not changed.
            schema: how each column is to be modelled, and what holds in every row; None infers it.
            start: a model, or the path of its file, to begin with: what it has learnt of a table with the same columns
                is brought up to date. Its schema is taken, with what is new in `data`, and its shape; by default,
                fewer steps are taken. A warning says what is new. None begins from scratch.
            split_seed: names how rows are encoded and which of them are held out, so that models of several seeds can
                be compared, see `fit_seeds`; None takes the model's seed.
            callback: called at each report of training; returning True ends training in order. An interrupt from the
                keyboard ends it in order, too: the model is then as good as its training so far, see `interrupted`.
            text_callback: the same for free text, which is learnt after all else.
            checkpoint: a file that is written while training goes on, with a second one beside it, so that a run which
                is killed can be resumed; `save` deletes them. None for none.
            checkpoint_s: seconds between two checkpoints at least; more if they would take more than a hundredth of
                the time. 0 writes one after every step.
            resume: go on with the run whose checkpoint this is. With the same table, settings, seed, versions, device
                and number of threads the model is the one that an unbroken run gives, bit for bit.
            max_memory_gib: what the table may take in memory; None for a quarter of what is free, at most 1 GiB. The
                files of a larger one are read in passes, and as many of its rows as training can draw are learnt, from
                a temporary folder (`docs/large_tables.md`).
            forecast: called once, before anything is encoded or learnt, with what the fit is going to take.

        Raises:
            InputError: if the table cannot be used, or does not fit the schema or the model to begin with; if there is
                not enough memory to learn it; if there is a checkpoint and `resume` is not set, or it is of another
                run; naming all problems.
            ArtifactError: if there is no whole checkpoint to resume, or the file of the model to begin with cannot be
                read.
            TrainingError: if training has diverged once too often (`recoveries`), or that of free text has.

        Warns:
            DataWarning: of columns that come back empty, and of what is new to the model to begin with.
        """
        started = time.perf_counter()
        first = None if start is None else self._first(start, schema)
        files = None if checkpoint is None else Checkpoints(checkpoint)
        before = _resumed(files, resume, checkpoint_s)
        split_seed = self.seed if split_seed is None else rng.checked_seed(split_seed)

        def settings(n_rows: int) -> TrainingConfig:
            return self._asked if first is None else first.settings(self._asked, n_rows)

        def announced(layout: Layout, size: Size) -> None:
            config = settings(size.n_learnt)
            announce(layout, config, size, device=self._device, checkpoints=files is not None, listener=forecast)

        texts = () if first is None else first.learnt.schema.text_columns
        with opened(data, self._asked, seed=split_seed, max_memory_gib=max_memory_gib, text_columns=texts) as rows:
            prepared = Prepared.of(rows, schema, split_seed, first, announced)
            config = settings(len(prepared.encoded))
            run = cache(
                partial(
                    identity,
                    prepared.table,
                    prepared.coding.schema,
                    config,
                    seed=self.seed,
                    split_seed=split_seed,
                    device=self._device,
                    start="" if first is None else first.digest(),
                )
            )
            if before is not None:
                refuse_another(before.identity, run(), str(checkpoint))
            try:
                learnt, result = learn(
                    prepared,
                    config,
                    seed=self.seed,
                    device=self._device,
                    split_seed=split_seed,
                    callback=callback,
                    text_callback=text_callback,
                    saver=None if files is None else Saver(files, run, checkpoint_s, before),
                    reached=None if before is None else before.progress,
                )
            except TrainingError:
                if files is not None:
                    files.clear()  # it would only fail again
                raise
        self.config, self._checkpoints = config, files
        fit_s = time.perf_counter() - started + (0.0 if before is None else before.spent_s)
        told = {"learnt_rows": len(prepared.encoded), "news": list(prepared.news)}
        return self.take_over(learnt, result, n_rows=prepared.n_rows, fit_s=fit_s, **told)

    def take_over(self, learnt: Learnt, result: TrainingResult, *, n_rows: int, fit_s: float, **info: object) -> Self:
        """Be the model of what was learnt; for whoever trains otherwise than `fit` does.

        Args:
            learnt: of a table, on this model's device, with its settings and its seed.
            result: of the training.
            n_rows: of the table.
            fit_s: seconds that it took.
            info: what else to keep in `info`: plain JSON values.
        """
        self._learnt, self._history, self._snapshots = learnt, result.history, result.snapshots
        self._events = result.events
        self._info = {
            "n_rows": n_rows,
            "fit_s": fit_s,
            "interrupted": result.interrupted or (learnt.texts is not None and learnt.texts.interrupted),
            "ended_by": result.ended_by,
            "kept_step": result.kept_step,
            "shape_floor": result.shape_floor,
            "floors": {name: list(floor) for name, floor in result.floors.items()},
            "device": str(self._device),
            "versions": versions(),
            **info,
        }
        return self

    def _first(self, start: "TabGAN | str | os.PathLike[str]", schema: Schema | None) -> Start:
        """The model to begin with.

        Raises:
            InputError: if it is none, or a schema was given beside it.
        """
        if schema is not None:
            raise InputError("expected a schema or a model to start from, which has one, got both; leave one out")
        if isinstance(start, str | os.PathLike):
            start = TabGAN.load(start, device="cpu")
        model = _checked(start, TabGAN, "start", InputError)
        return Start(model._fitted(), model.config)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model file: tensors and JSON, no whole training rows, nothing that runs when it is opened.

        The checkpoints of its training are deleted, as they have done their work.

        Raises:
            NotFittedError: before `fit`.
            OutputError: if it cannot be written.
        """
        learnt = self._fitted()
        manifest = learnt.to_json() | {
            "config": self.config.to_dict(),
            "seed": self.seed,
            "history": [asdict(stats) for stats in self._history],
            "events": [asdict(event) for event in self._events],
            "info": self._info,
        }
        artifact.save(artifact.Artifact(manifest, learnt.tensors() | snapshots_to_tensors(self._snapshots)), path)
        if self._checkpoints is not None:
            self._checkpoints.clear()

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
            model.config = model._asked = TrainingConfig.from_mapping(manifest["config"])
            model.seed = rng.checked_seed(manifest["seed"])
            coding = Coding.from_json(manifest)
            model._history = tuple(TrainingStats(**stats) for stats in manifest["history"])
            model._events = tuple(Event(**event) for event in manifest.get("events", ()))
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
    def device(self) -> str:
        """Where it trains and samples."""
        return str(self._device)

    @property
    def history(self) -> tuple[TrainingStats, ...]:
        """What training reported, in order."""
        return self._history

    @property
    def events(self) -> tuple[Event, ...]:
        """What there is to know of training: changes of its state, with evidence and advice; none in older files."""
        return self._events

    @property
    def interrupted(self) -> bool:
        """Whether a callback or the keyboard ended training before its end."""
        return bool(self._info.get("interrupted", False))

    @property
    def info(self) -> dict[str, Any]:
        """How the model came about: rows learnt, what was new to a model it began with, seconds, its end, versions."""
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
        run = Run(self.seed, self.config, self.schema, self._history, self._info, decoded, self._events)
        return report_on(run, real)

    def _fitted(self) -> Learnt:
        if self._learnt is None:
            raise NotFittedError("this model has not learnt a table yet; call fit(data), or TabGAN.load(path)")
        return self._learnt


def _checked(value: T, kind: type[T], name: str, error: type[TabganError]) -> T:
    if not isinstance(value, kind):
        raise error(f"{name} must be a {kind.__name__}, got {value!r}")
    return value


def _resumed(files: Checkpoints | None, resume: bool, checkpoint_s: float) -> Checkpoint | None:
    """What a run goes on from; None for a new one."""
    if isinstance(checkpoint_s, bool) or not isinstance(checkpoint_s, int | float) or not 0 <= checkpoint_s < math.inf:
        raise ConfigError(f"checkpoint_s must be a number of seconds of at least 0, got {checkpoint_s!r}")
    if files is None:
        if resume:
            raise ConfigError("resume needs the checkpoint to go on with; give its path as `checkpoint`")
        return None
    if not resume:
        files.refuse_left_over()
        check_writable(files.path)
        return None
    found = files.load()
    if found.damaged:
        warnings.warn(f"{found.damaged}. The other one is whole and is gone on with", DataWarning, stacklevel=3)
    return found
