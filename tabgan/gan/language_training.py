"""Teaches a language model the texts of rows, by their likelihood.

Rows of about the same length are learnt together, in batches of about as many tokens, so that little is padding. Rows
held out show when texts begin to be learnt by heart. What is kept is a moving average of the weights, as it was when it
surprised them least. How many tokens are seen has a bound, so a table of a million long texts takes as long as one of
some ten thousand.
"""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tabgan import rng
from tabgan.errors import ArtifactError, TrainingError
from tabgan.gan.language import LanguageModel, LanguageShape
from tabgan.gan.language_settings import LanguageCallback, LanguageConfig, LanguageStats
from tabgan.gan.loop import Clock
from tabgan.gan.optimisers import Adam, cosine, set_rate
from tabgan.gan.run_state import Keeper, Part, Records, RunState, put_back, take
from tabgan.gan.watching import BestWeights, hold_out

Sequences: TypeAlias = Sequence[NDArray[np.integer[Any]]]
"""The tokens of each row, the one that ends each text among them."""
Contexts: TypeAlias = Callable[[NDArray[np.int64]], Tensor]
"""Rows, as places in the sequences, to their features (n, f)."""
_HOLDOUT = 0.05
_LOOKS = 20
_BLOCK = 64
_WARM = 50
_AVERAGING = 0.99


class Taught(NamedTuple):
    """What training leaves behind.

    Attributes:
        model: in evaluation mode.
        history: what was reported.
        interrupted: whether the callback or the keyboard ended it before its end.
    """

    model: LanguageModel
    history: tuple[LanguageStats, ...]
    interrupted: bool


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
    keeper: Keeper | None = None,
    resume: RunState | None = None,
) -> Taught:
    """A model of the texts of rows.

    Args:
        sequences: one for each of n rows, at least one.
        contexts: of these rows.
        shape: of the model.
        sizes: of how many characters each token is.
        config: None takes the defaults.
        seed: names the random streams.
        device: where to train.
        callback: may end training.
        keeper: called after every step; it may keep the state of the run.
        resume: the state of a run of the same arguments, of which this one is the rest.

    Raises:
        TrainingError: if the loss stops being a number.
        ArtifactError: if `resume` is no state of such a run.
    """
    run = _Run(sequences, contexts, shape, sizes, config or LanguageConfig(), seed, device)
    if resume is not None:
        run.resume(resume)
    interrupted = False
    try:
        for report in run.reports(keeper):
            if callback is not None and callback(report):
                interrupted = report.progress < 1
                break
    except KeyboardInterrupt:
        interrupted = True  # the weights are whole after every step
    return Taught(run.finished(), tuple(run.history), interrupted)


class _Run:
    """One run of training: owns the model, the optimiser and the random streams.

    Attributes:
        history: what was reported.
    """

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
        self._clock = Clock(config.tokens, config.max_seconds, _LOOKS)
        self.history = Records(LanguageStats)
        self._seen, self._step, self._surprises = 0, 0, [0.0, 0.0]
        self._place, self._before = 0, self._draws.bit_generator.state
        self._optimiser = Adam(self._model, config.rate, (0.9, 0.99), config.decay)

    def reports(self, keeper: Keeper | None = None) -> Iterator[LanguageStats]:
        """Train, with a report now and then, until all is seen, time is up, or rows held out say that it is enough."""
        clock = self._clock
        clock.start()
        while clock.progress < 1:
            for rows in self._rest_of_epoch():
                self._learn(rows)
                if clock.tick(self._seen):
                    clock.report()
                    yield self._report()
                    held_out = self.history[-1].held_out_surprise
                    if held_out is not None and self._best.see(held_out, self._step):
                        return
                if keeper is not None:
                    keeper(self._state)
                if clock.progress >= 1:
                    return
            self._place = 0

    def _learn(self, rows: NDArray[np.int64]) -> None:
        """One step on a batch, taken note of."""
        surprise = self._teach(rows, self._step, self._clock.progress)
        n_tokens = int(self._lengths[rows].sum())
        self._seen, self._step, self._place = self._seen + n_tokens, self._step + 1, self._place + 1
        self._surprises = [self._surprises[0] + surprise * n_tokens, self._surprises[1] + n_tokens]

    def _report(self) -> LanguageStats:
        """Where the run stands, put into the history."""
        clock, (nats, n_tokens) = self._clock, self._surprises
        report = LanguageStats(clock.progress, clock.elapsed_s, clock.left_s, nats / n_tokens, self._look())
        self._surprises = [0.0, 0.0]
        self.history.append(report)
        return report

    def _rest_of_epoch(self) -> Iterator[NDArray[np.int64]]:
        """The batches of an epoch that were not learnt yet."""
        if not self._place:
            self._before = self._draws.bit_generator.state
        for place, batch in enumerate(self._epoch()):
            if place >= self._place:
                yield batch

    @cached_property
    def _parts(self) -> Mapping[str, Part]:
        """All that changes while the run goes on, beside a few numbers."""
        return {
            "model": self._model,
            "average": self._average,
            "optimiser": self._optimiser,
            "noise": self._noise,
            "best": self._best,
            "clock": self._clock,
            "history": self.history,
        }

    def _state(self) -> RunState:
        """The run after a step: an epoch is drawn again from where its stream stood, up to the batch that is next."""
        state = take(self._parts)
        own = {"seen": self._seen, "step": self._step, "surprises": self._surprises}
        return RunState(own | {"place": self._place, "before": self._before, "parts": state.values}, state.tensors)

    def resume(self, state: RunState) -> None:
        """Go on from a state of `keeper`.

        Raises:
            ArtifactError: if it is none of such a run.
        """
        try:
            values = state.values
            self._seen, self._step, self._surprises = values["seen"], values["step"], list(values["surprises"])
            self._place, self._before, parts = values["place"], values["before"], values["parts"]
            self._draws.bit_generator.state = self._before
        except (LookupError, TypeError, ValueError) as error:
            raise ArtifactError(f"this is not the state of such a run of texts: {error}; begin anew") from error
        put_back(self._parts, RunState(parts, state.tensors))

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

    def _teach(self, rows: NDArray[np.int64], step: int, progress: float) -> float:
        """One step on a batch: nats for each of its tokens."""
        rate = self._config.rate * min(1.0, (step + 1) / _WARM)
        set_rate(self._optimiser, rate * cosine(progress))
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
