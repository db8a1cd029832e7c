"""How a language model is taught, and what its training reports."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

_BATCHES, _LEAST_BATCH = 100, 300


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
