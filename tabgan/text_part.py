"""The part of a model that writes its text columns: joins tokens and the guard with the language model.

It needs of the rest of the model no more than the rows' features: what the generator sees of a row. So a text fits the
row that it stands in, and the lengths that were drawn for it. What is not learnt: what a text says is not checked
against the row, and texts do not know each other across rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray
from torch import Tensor

from tabgan import rng
from tabgan.gan.language import LanguageModel, LanguageShape
from tabgan.gan.language_sampling import BATCH, Choice, Writer
from tabgan.gan.language_settings import LanguageCallback, LanguageConfig, LanguageStats
from tabgan.gan.language_training import Contexts, train_language
from tabgan.gan.run_state import Keeper, RunState
from tabgan.table.texts.columns import TextColumns
from tabgan.table.texts.corpus import Corpus, Speech

PREFIX = "texts."
"""Of the tensors' names in a model file."""
ATTEMPTS = 8
"""How often a row's texts are drawn until none of them is a copy."""
_GUARD = f"{PREFIX}guard"


@dataclass(frozen=True)
class TextPart:
    """What was learnt of the text columns.

    Attributes:
        columns: the text columns and their lengths.
        speech: tokens and guard.
        model: the language model.
        history: what its training reported; empty in a model that was read from a file.
        interrupted: whether a callback or the keyboard ended its training; not known of a model from a file.
    """

    columns: TextColumns
    speech: Speech
    model: LanguageModel
    history: tuple[LanguageStats, ...] = ()
    interrupted: bool = False

    @classmethod
    def fit(
        cls,
        columns: TextColumns,
        corpus: Corpus,
        contexts: Contexts,
        n_features: int,
        config: LanguageConfig | None = None,
        *,
        seed: int,
        device: torch.device,
        callback: LanguageCallback | None = None,
        keeper: Keeper | None = None,
        resume: RunState | None = None,
    ) -> "TextPart":
        """Learn the texts of a corpus.

        Args:
            columns: the text columns, fitted.
            corpus: their texts.
            contexts: rows, as places in the corpus, to their features (n, f).
            n_features: f.
            config: None takes the defaults.
            seed: names the random streams.
            device: where to train.
            callback: called at each report; returning True ends training in order.
            keeper: called after every step; it may keep the state of the training.
            resume: a state of the same training, which goes on from there.

        Raises:
            ArtifactError: if `resume` is no such state.
            TrainingError: if the loss stops being a number.
        """
        shape = LanguageShape(len(corpus.speech.tokens), len(columns.columns), n_features)
        taught = train_language(
            corpus.sequences,
            contexts,
            shape,
            corpus.speech.tokens.sizes,
            config,
            seed=seed,
            device=device,
            callback=callback,
            keeper=keeper,
            resume=resume,
        )
        return cls(columns, corpus.speech, *taught)

    def write(
        self,
        features: Tensor,
        classes: Sequence[pa.Array],
        rows: NDArray[np.int64],
        seed: int,
        choice: Choice | None = None,
    ) -> list[pa.Array]:
        """The cells of the text columns, of exactly their Arrow types; none of their texts copies a real one.

        Args:
            features: shape (n, f), of the rows.
            classes: the learnt columns, n length classes each: where no text is to be, none is.
            rows: shape (n,), their numbers in the whole sample: a row's texts depend on its number, its features, its
                classes and the seed alone.
            seed: of the sample.
            choice: of tokens; None takes the defaults.
        """
        writer = Writer(self.model, self.speech.row_limit, choice)
        filled = self.columns.filled(classes)
        texts: list[tuple[str, ...]] = []
        for start in range(0, len(rows), BATCH):
            part = slice(start, start + BATCH)
            texts += self._write(writer, features[part], filled[part], rows[part], seed)
        columns = list(zip(*texts, strict=True)) if texts else [()] * len(self.columns.columns)
        return self.columns.fill(classes, columns)

    def _write(
        self,
        writer: Writer,
        features: Tensor,
        filled: NDArray[np.bool_],
        rows: NDArray[np.int64],
        seed: int,
    ) -> list[tuple[str, ...]]:
        """The texts of rows: drawn again while some are copies or lacking, and mended at last."""
        texts: list[tuple[str, ...]] = [()] * len(rows)
        left = np.arange(len(rows))
        for attempt in range(ATTEMPTS):
            noise = [_noise(seed, int(rows[place]), attempt, writer.limit) for place in left]
            tokens = writer.write(features[torch.from_numpy(left)], np.reshape(noise, (len(left), writer.limit)))
            for place, row in zip(left, self.speech.decode(tokens), strict=True):
                texts[place] = tuple(text if there else "" for text, there in zip(row, filled[place], strict=True))
            drawn = [texts[place] for place in left]
            lacking = (np.array([[not text for text in row] for row in drawn], np.bool_) & filled[left]).any(1)
            left = left[lacking | self.speech.copied(drawn)]
            if not len(left):
                break
        for place in left:
            texts[place] = self._mended(texts[place], _noise(seed, int(rows[place]), ATTEMPTS, len(texts[place])))
        return texts

    def _mended(self, texts: Sequence[str], noise: NDArray[np.float64]) -> tuple[str, ...]:
        known = zip(texts, self.columns.columns, noise, strict=True)
        return tuple(self.speech.mended(text, column.common, float(uniform)) for text, column, uniform in known)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, to be kept beside `tensors`."""
        return {
            "speech": self.speech.to_json(),
            "shape": self.model.shape.to_json(),
        }

    def tensors(self) -> dict[str, NDArray[np.generic]]:
        """The weights in half precision, which is all they have, and the bits of the guard, for the model file."""
        weights = {f"{PREFIX}{name}": tensor.cpu().half().numpy() for name, tensor in self.model.state_dict().items()}
        return weights | {_GUARD: np.frombuffer(self.speech.guard.bits, np.uint8)}

    def exact_tensors(self) -> dict[str, NDArray[np.generic]]:
        """The weights as they are."""
        return {f"{PREFIX}{name}": tensor.cpu().numpy() for name, tensor in self.model.state_dict().items()}

    @classmethod
    def restore(
        cls,
        columns: TextColumns,
        data: Mapping[str, Any],
        tensors: Mapping[str, NDArray[np.generic]],
        device: torch.device,
    ) -> "TextPart":
        """The part that `to_json` and `tensors` kept.

        Args:
            columns: the text columns.
            data: what `to_json` wrote.
            tensors: of the model file; those of other names are of no account.
            device: where the model is to be.

        Raises:
            LookupError, TypeError, ValueError, RuntimeError, SchemaError: if it is none.
        """
        own = {name.removeprefix(PREFIX): array for name, array in tensors.items() if name.startswith(PREFIX)}
        speech = Speech.from_json(data["speech"], own.pop("guard").tobytes())
        shape = LanguageShape(**data["shape"])
        if (shape.n_tokens, shape.n_columns) != (len(speech.tokens), len(columns.columns)):
            raise ValueError("expected a language model of as many tokens and columns as its texts have")
        model = LanguageModel(shape, speech.tokens.sizes)
        model.load_state_dict({name: torch.from_numpy(array).float() for name, array in own.items()})
        if not all(bool(parameter.isfinite().all()) for parameter in model.parameters()):
            raise ValueError("the weights of the texts are not all finite numbers")
        return cls(columns, speech, model.to(device).eval())


def _noise(seed: int, row: int, attempt: int, width: int) -> NDArray[np.float64]:
    """Uniform numbers (width,) of one row."""
    return rng.generator(seed, "texts", row, attempt).random(width)
