"""A small language model that sees the row: how likely each next token of the row's texts is.

A gated recurrent unit (Cho et al. 2014) reads the tokens so far; the row's features set its first state and are an
input at each step, beside which of the texts is being written. What it makes of them is compared with the vectors of
all tokens, the same that it reads (Press and Wolf 2017). Nearly all tokens of a text are among the frequent few, so the
others are behind one door: the model first says "a rare one" and then which (Grave et al. 2017, with two clusters),
which halves the cost of training.

Letters: n rows, t tokens, f features of a row, d width of a token's vector, h width of the state, u tokens, q frequent
ones.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tabgan.gan.layers import Linear, initialise

END = 0
"""The token behind the text of each column, and the one that stands before the first."""
N_PLACES = 340
"""Places in a text that a model tells apart: enough for some 4,000 characters."""
_PLACES_PER_DOUBLING, _FINE = 48, 32
_FARTHEST = 1 << 13
_SPREAD = 0.1
_SHARE = 0.2


@dataclass(frozen=True)
class LanguageShape:
    """How large a language model is.

    Attributes:
        n_tokens: how many tokens there are, the most frequent first; token 0 ends a text.
        n_columns: texts of a row.
        n_features: numbers that describe a row; 0 if there is nothing else in it.
        n_frequent: tokens in front of the door.
        token_width: of a token's vector.
        state_width: of the recurrent state.
        context_width: to which the features are condensed.
    """

    n_tokens: int
    n_columns: int
    n_features: int
    n_frequent: int = 1_000
    token_width: int = 128
    state_width: int = 256
    context_width: int = 64

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, which are the arguments again."""
        return asdict(self)


def place_of(written: int) -> int:
    """The place in a text where so many characters are written: finer at the beginning, and at most `N_PLACES` - 1."""
    return min(int(_PLACES_PER_DOUBLING * math.log2(1 + written / _FINE)), N_PLACES - 1)


class _Recurrent(nn.GRU):
    """A gated recurrent unit that starts at zero: weights come from a stream of their own."""

    @torch.no_grad()
    def reset_parameters(self) -> None:
        for parameter in self.parameters():
            parameter.zero_()

    def weights(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Of input and state, and their biases."""
        return cast("tuple[Tensor, Tensor, Tensor, Tensor]", tuple(self._parameters.values()))


class LanguageModel(nn.Module):
    """The tokens of rows to how surprising each is; and, one step at a time, to the probabilities of the next.

    Args:
        shape: how large it is.
        sizes: of how many characters each token is, shape (u,); 0 for the one that ends a text.

    Example:
        >>> model = LanguageModel(LanguageShape(n_tokens=9, n_columns=1, n_features=4), [0] + [1] * 8)
        >>> model.surprise(torch.tensor([[3, 5, 0]]), torch.zeros(1, 4), torch.tensor([3])).shape
        torch.Size([3])
    """

    sizes: Tensor
    place_of: Tensor

    def __init__(self, shape: LanguageShape, sizes: Sequence[int]) -> None:
        super().__init__()
        self.shape = shape
        self.register_buffer("sizes", torch.tensor(sizes, dtype=torch.int64), persistent=False)
        places = torch.tensor([place_of(written) for written in range(_FARTHEST)])
        self.register_buffer("place_of", places, persistent=False)
        self.n_frequent = min(shape.n_frequent, shape.n_tokens)
        self.tokens = nn.Parameter(torch.zeros(shape.n_tokens, shape.token_width))
        self.columns = nn.Parameter(torch.zeros(shape.n_columns, shape.token_width))
        self.places = nn.Parameter(torch.zeros(N_PLACES, shape.token_width))
        self.condense = Linear(shape.n_features, shape.context_width)
        self.begin = Linear(shape.context_width, shape.state_width)
        self.remind = Linear(shape.context_width, shape.token_width)
        self.recurrent = _Recurrent(shape.token_width, shape.state_width, batch_first=True)
        self.exit = Linear(shape.state_width, shape.token_width)
        self.door = Linear(shape.token_width, 1)
        self.behind = Linear(shape.token_width, shape.token_width)
        self.bias = nn.Parameter(torch.zeros(shape.n_tokens))

    @torch.no_grad()
    def start(self, counts: Tensor, random: torch.Generator) -> None:
        """Set the weights that training starts with: tokens come as often as in the texts, whatever came before.

        Args:
            counts: how often each token occurs, shape (u,).
            random: the source of the weights.
        """
        initialise(self, random)
        for layer in (self.exit, self.begin, self.remind):
            layer.weight *= _SHARE
        self.tokens.copy_(_SPREAD * torch.randn(self.tokens.shape, generator=random))
        bound = self.shape.state_width**-0.5
        for parameter in self.recurrent.parameters():
            parameter.copy_(bound * (2 * torch.rand(parameter.shape, generator=random) - 1))
        self.behind.weight.copy_(torch.eye(self.shape.token_width))
        shares = ((counts + 0.5) / (counts + 0.5).sum()).log()
        self.bias.copy_(shares)
        if self.n_frequent < len(shares):
            self.door.bias.copy_(shares[self.n_frequent :].logsumexp(0))

    def surprise(
        self, codes: Tensor, features: Tensor, lengths: Tensor, masks: tuple[Tensor, Tensor] | None = None
    ) -> Tensor:
        """Minus the log likelihood of each token, in nats, row after row without the padding, shape (sum of lengths,).

        Args:
            codes: shape (n, t), int64, padded behind each row's tokens.
            features: shape (n, f), of the rows.
            lengths: shape (n,), how many tokens each row has.
            masks: shapes (n, d) and (n, h), factors for what is read and for the states, the same at each token (Gal
                and Ghahramani 2016): dropout; None for none.
        """
        before = F.pad(codes[:, :-1], (1, 0), value=END)
        column = ((before == END).cumsum(1) - 1).clamp(0, self.shape.n_columns - 1)
        total = self.sizes[before].cumsum(1)
        written = total - torch.where(before == END, total, 0).cummax(1).values
        context = self.context(features)
        entry = self.entry(before, column, written, self.remind(context)[:, None])
        if masks is not None:
            entry = entry * masks[0][:, None]
        states, _ = self.recurrent(entry, self.first_state(context)[None])
        if masks is not None:
            states = states * masks[1][:, None]
        filled = torch.arange(codes.shape[1], device=codes.device) < lengths[:, None]
        return self._surprise(self.exit(states[filled]), codes[filled])

    def _surprise(self, aims: Tensor, codes: Tensor) -> Tensor:
        """Minus the log likelihood of tokens (m,), given what the next one should be like (m, d)."""
        rare = (codes >= self.n_frequent).nonzero().squeeze(1)
        surprise = F.cross_entropy(self.frequent_logits(aims), codes.clamp(max=self.n_frequent), reduction="none")
        if not len(rare):
            return surprise
        which = F.cross_entropy(self.rare_logits(aims[rare]), codes[rare] - self.n_frequent, reduction="none")
        return surprise.index_add(0, rare, which)

    def context(self, features: Tensor) -> Tensor:
        """What is made of the features (n, f) of rows."""
        return F.leaky_relu(self.condense(features), 0.2)

    def first_state(self, context: Tensor) -> Tensor:
        """The state (n, h) before the first token."""
        return torch.tanh(self.begin(context))

    def entry(self, codes: Tensor, columns: Tensor, written: Tensor, reminder: Tensor) -> Tensor:
        """What is read at a step, shape (..., d).

        Args:
            codes: shape (...), the tokens that came last.
            columns: shape (...), which of the texts is being written.
            written: shape (...), how many characters of it there are.
            reminder: shape (..., d), `remind` of the context.
        """
        place = self.place_of[written.clamp(max=_FARTHEST - 1)]
        embedded = F.embedding(codes, self.tokens) + F.embedding(columns, self.columns)
        return embedded + F.embedding(place, self.places) + reminder

    def step(self, entry: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """One token on: what the next one should be like (n, d), and the new state (n, h)."""
        state = torch.gru_cell(entry, state, *self.recurrent.weights())
        return self.exit(state), state

    def frequent_logits(self, aims: Tensor) -> Tensor:
        """The logits (n, q + 1) of the frequent tokens, and behind them that of the door."""
        front = F.linear(aims, self.tokens[: self.n_frequent], self.bias[: self.n_frequent])
        if self.n_frequent == self.shape.n_tokens:
            return front
        return torch.cat([front, self.door(aims)], 1)

    def rare_logits(self, aims: Tensor) -> Tensor:
        """The logits (n, u - q) of the other tokens among themselves."""
        return F.linear(self.behind(aims), self.tokens[self.n_frequent :], self.bias[self.n_frequent :])
