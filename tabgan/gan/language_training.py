"""Teaches a language model the texts of rows, by their likelihood.

Rows of about the same length are learnt together, in batches of about as many tokens, so that little is padding. Rows
held out show when texts begin to be learnt by heart. What is kept is a moving average of the weights, as it was when it
surprised them least. How many tokens are seen has a bound, so a table of a million long texts takes as long as one of
some ten thousand.
"""

import copy
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tabgan import rng
from tabgan.errors import TrainingError
from tabgan.gan.language import LanguageModel, LanguageShape
from tabgan.gan.watching import BestWeights, hold_out

Sequences: TypeAlias = Sequence[NDArray[np.integer[Any]]]
"""The tokens of each row, the one that ends each text among them."""
Contexts: TypeAlias = Callable[[NDArray[np.int64]], Tensor]
"""Rows, as places in the sequences, to their features (n, f)."""
_HOLDOUT = 0.05
_LOOKS = 20
_BLOCK = 64
_BATCHES, _LEAST_BATCH = 100, 300
_WARM = 50
_AVERAGING = 0.99


@dataclass(frozen=True, kw_only=True)
class LanguageConfig:
    """How long and how fast a language model learns.

    Attributes:
        tokens: seen in all, at most.
        epochs: passes over the texts, at most...
        least_tokens: ...but for so many tokens at least, where `most_epochs` allow it.
        most_epochs: passes over the texts of a small table, at most.
        batch_tokens: of one step, about; of few texts fewer, so that there are steps enough.
        rate: Adam's learning rate.
        decay: of the weights (AdamW).
        dropout: share of what is read, and of the state, that is hidden from a row while it is learnt.
        patience: rise of the surprise of rows held out, as a share, that ends training.
        max_seconds: end in this time, in order; 0 for no limit.
    """

    tokens: int = 3_000_000
    epochs: float = 4.0
    least_tokens: int = 1_000_000
    most_epochs: float = 40.0
    batch_tokens: int = 2_400
    rate: float = 1.2e-2
    decay: float = 0.01
    dropout: float = 0.0
    patience: float = 0.03
    max_seconds: float = 0.0

    def for_texts(self, n_tokens: int) -> "LanguageConfig":
        """The same settings with the tokens to see of texts that have `n_tokens`, and how many in a batch."""
        enough = max(self.epochs * n_tokens, min(self.least_tokens, self.most_epochs * n_tokens))
        return replace(
            self,
            tokens=max(1, round(min(enough, self.tokens))),
            batch_tokens=min(self.batch_tokens, max(n_tokens // _BATCHES, _LEAST_BATCH)),
        )


@dataclass(frozen=True)
class LanguageStats:
    """What training reports.

    Attributes:
        progress: from 0 to 1.
        elapsed_s: since it began.
        left_s: seconds that are about to come.
        surprise: nats for each token, of the batches since the last report.
        held_out_surprise: of rows held out; None if there are none.
    """

    progress: float
    elapsed_s: float
    left_s: float
    surprise: float
    held_out_surprise: float | None


LanguageCallback: TypeAlias = Callable[[LanguageStats], bool | None]
"""Called at each report; returning True ends training in order."""


def train_language(
    sequences: Sequences,
    contexts: Contexts,
    shape: LanguageShape,
    sizes: Sequence[int],
    config: LanguageConfig | None = None,
    *,
    seed: int,
    device: torch.device,
    callback: LanguageCallback | None = None,
) -> tuple[LanguageModel, tuple[LanguageStats, ...]]:
    """A model of the texts of rows, in evaluation mode, and what its training reported.

    Args:
        sequences: one for each of n rows, at least one.
        contexts: of these rows.
        shape: of the model.
        sizes: of how many characters each token is.
        config: None takes the defaults.
        seed: names the random streams.
        device: where to train.
        callback: may end training.

    Raises:
        TrainingError: if the loss stops being a number.
    """
    run = _Run(sequences, contexts, shape, sizes, config or LanguageConfig(), seed, device)
    stats: list[LanguageStats] = []
    try:
        for report in run.reports():
            stats.append(report)
            if callback is not None and callback(report):
                break
    except KeyboardInterrupt:
        pass  # the weights are whole after every step
    return run.finished(), tuple(stats)


class _Run:
    """One run of training: owns the model, the optimiser and the random streams."""

    def __init__(
        self,
        sequences: Sequences,
        contexts: Contexts,
        shape: LanguageShape,
        sizes: Sequence[int],
        config: LanguageConfig,
        seed: int,
        device: torch.device,
    ) -> None:
        self._sequences, self._contexts, self._device = sequences, contexts, device
        self._lengths = np.array([len(sequence) for sequence in sequences])
        self._learnt, self._held_out = hold_out(len(sequences), _HOLDOUT, rng.generator(seed, "texts held out"))
        self._draws = rng.generator(seed, "text batches")
        self._config = config = config.for_texts(int(self._lengths[self._learnt].sum()))
        counts = np.bincount(np.concatenate([sequences[row] for row in self._learnt]), minlength=shape.n_tokens)
        self._model = LanguageModel(shape, sizes)
        weights = torch.Generator().manual_seed(rng.derive_seed(seed, "language weights"))
        self._model.start(torch.from_numpy(counts).float(), weights)
        self._noise = torch.Generator(device).manual_seed(rng.derive_seed(seed, "language dropout"))
        self._model.to(device)
        self._average = copy.deepcopy(self._model).eval()
        self._best = BestWeights(self._average, config.patience)
        matrices = [parameter for parameter in self._model.parameters() if parameter.ndim > 1]
        vectors = [parameter for parameter in self._model.parameters() if parameter.ndim == 1]
        groups = [{"params": matrices, "weight_decay": config.decay}, {"params": vectors, "weight_decay": 0.0}]
        self._optimiser = torch.optim.AdamW(groups, lr=config.rate, betas=(0.9, 0.99))

    def reports(self) -> Iterator[LanguageStats]:
        """Train, with a report now and then, until all is seen, time is up, or rows held out say that it is enough."""
        started = time.perf_counter()
        config = self._config
        limit_s = config.max_seconds or math.inf
        seen, step, reports, surprises = 0, 0, 0, [0.0, 0.0]
        progress = 0.0
        while progress < 1:
            for rows in self._epoch():
                surprise = self._step(rows, step, progress)
                n_tokens = int(self._lengths[rows].sum())
                seen, step = seen + n_tokens, step + 1
                surprises = [surprises[0] + surprise * n_tokens, surprises[1] + n_tokens]
                elapsed = time.perf_counter() - started
                progress = min(max(seen / config.tokens, elapsed / limit_s), 1.0)
                if progress * _LOOKS >= reports + 1:
                    reports = int(progress * _LOOKS)
                    held_out = self._look()
                    left = elapsed * (1 - progress) / progress
                    yield LanguageStats(progress, elapsed, left, surprises[0] / surprises[1], held_out)
                    surprises = [0.0, 0.0]
                    if held_out is not None and self._best.see(held_out, step):
                        return
                if progress >= 1:
                    return

    def finished(self) -> LanguageModel:
        """The average with its best weights, rounded to what the model file keeps of them.

        Raises:
            TrainingError: if they are no numbers.
        """
        self._best.restore()
        with torch.no_grad():
            for parameter in self._average.parameters():
                parameter.copy_(parameter.half())
        if not all(bool(parameter.isfinite().all()) for parameter in self._average.parameters()):
            raise TrainingError("training of the texts diverged; set their columns' kind to left_out in the schema")
        return self._average

    def _epoch(self) -> Iterator[NDArray[np.int64]]:
        """All rows once, in batches of about equal lengths."""
        order = self._draws.permutation(self._learnt)
        mean = max(float(self._lengths[self._learnt].mean()), 1.0)
        block = max(1, round(_BLOCK * self._config.batch_tokens / mean))
        for start in range(0, len(order), block):
            rows = order[start : start + block]
            rows = rows[np.argsort(self._lengths[rows], kind="stable")]
            batches = self._batches(rows)
            for place in self._draws.permutation(len(batches)):
                yield batches[place]

    def _batches(self, rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """Rows in the order of their lengths, cut where a batch has its tokens."""
        ends = self._lengths[rows].cumsum()
        numbers = (ends - 1) // self._config.batch_tokens
        return np.split(rows, np.flatnonzero(np.diff(numbers)) + 1)

    def _step(self, rows: NDArray[np.int64], step: int, progress: float) -> float:
        """One step on a batch: nats for each of its tokens."""
        rate = self._config.rate * min(1.0, (step + 1) / _WARM)
        for group in self._optimiser.param_groups:
            group["lr"] = rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * progress)))
        loss = self._model.surprise(*self._batch(rows), self._masks(len(rows))).mean()
        self._optimiser.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self._model.parameters(), 1.0)
        self._optimiser.step()
        decay = min(_AVERAGING, (1 + step) / (10 + step))
        with torch.no_grad():
            torch._foreach_lerp_(list(self._average.parameters()), list(self._model.parameters()), 1 - decay)
        return float(loss.detach())

    def _masks(self, n: int) -> tuple[Tensor, Tensor] | None:
        """What is hidden from n rows, as factors of what they read and of their states."""
        keep = 1 - self._config.dropout
        if keep == 1:
            return None
        shape = self._model.shape
        drawn = torch.rand(n, shape.token_width + shape.state_width, generator=self._noise, device=self._device)
        masks = (drawn < keep).float() / keep
        return masks[:, : shape.token_width], masks[:, shape.token_width :]

    def _batch(self, rows: NDArray[np.int64]) -> tuple[Tensor, Tensor, Tensor]:
        """Tokens (n, t), features (n, f) and lengths (n,) of rows."""
        lengths = self._lengths[rows]
        codes = np.zeros((len(rows), lengths.max()), np.int64)
        for place, row in enumerate(rows):
            codes[place, : lengths[place]] = self._sequences[row]
        device = self._device
        return torch.from_numpy(codes).to(device), self._contexts(rows).to(device), torch.from_numpy(lengths).to(device)

    @torch.no_grad()
    def _look(self) -> float | None:
        """Nats for each token of the rows held out."""
        if not len(self._held_out):
            return None
        rows = self._held_out[np.argsort(self._lengths[self._held_out], kind="stable")]
        total = sum(float(self._average.surprise(*self._batch(batch)).sum()) for batch in self._batches(rows))
        return total / float(self._lengths[rows].sum())
