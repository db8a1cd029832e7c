"""From compact codes to what the networks see, one batch at a time.

A row is seen as *features*: the one-hot vectors of its codes side by side, and for each value its weights on a
piecewise-linear ("hat") basis of evenly spaced knots, which lets linear layers and second moments see the shape of a
distribution and not only its mean. Where a value is not live its hats are all zero. The same features are computed
from a generator's softmax probabilities, from its hard samples, and from real rows.

Letters: n rows, m columns, k codes, v values, w one-hot units, h hats, f = w + v h features.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from tabgan.layout import EncodedTable, Layout

LOGIT_CAP = 30.0
"""Logits are softly capped here: e**30 still sums safely in float32, and no probability of use is below e**-30."""


class Rows(NamedTuple):
    """A batch of expanded rows.

    Attributes:
        onehots: shape (n, w), one-hot vectors or probabilities.
        values: shape (n, v), in [-1, 1].
    """

    onehots: Tensor
    values: Tensor


class Features(nn.Module):
    """The fixed linear maps that a layout implies, kept on the device of the networks."""

    offsets: Tensor
    segments: Tensor
    membership: Tensor
    gates: Tensor
    always_live: Tensor
    owners: Tensor
    knots: Tensor

    def __init__(self, layout: Layout, hats: int) -> None:
        super().__init__()
        self.n_codes, self.n_values, self.onehot_width = layout.n_codes, layout.n_values, layout.width
        self.n_columns, self.hats = len(layout.columns), hats
        self.width = self.onehot_width + self.n_values * hats
        segments = np.repeat(np.arange(layout.n_codes), layout.cardinalities)
        membership = np.zeros((layout.width, layout.n_codes), np.float32)
        membership[np.arange(layout.width), segments] = 1
        gates = np.zeros((layout.width, layout.n_values), np.float32)
        for value, (gate, live) in enumerate(zip(layout.value_gates, layout.value_live, strict=True)):
            if gate is not None:
                gates[layout.offsets[gate] : layout.offsets[gate] + live, value] = 1
        always_live = np.array([float(gate is None) for gate in layout.value_gates], np.float32)
        owners = np.concatenate(
            [np.asarray(layout.code_columns, np.int64)[segments], np.repeat(layout.value_columns, hats)]
        )
        buffers = {
            "offsets": np.asarray(layout.offsets, np.int64),
            "segments": segments.astype(np.int64),
            "membership": membership,
            "gates": gates,
            "always_live": always_live,
            "owners": owners.astype(np.int64),
            "knots": np.linspace(-1, 1, hats, dtype=np.float32),
        }
        for name, array in buffers.items():
            self.register_buffer(name, torch.from_numpy(array), persistent=False)

    def expand(self, codes: Tensor, values: Tensor) -> Rows:
        """Real rows from codes (n, k) of any integer type and values (n, v)."""
        return Rows(self._one_hot(codes.long()), values)

    def rows_of(self, table: EncodedTable) -> Rows:
        """The rows of a table, on the device of these features."""
        codes = torch.from_numpy(table.codes.astype(np.int64)).to(self.knots.device)
        return self.expand(codes, torch.from_numpy(np.array(table.values, np.float32)).to(self.knots.device))

    def partition_membership(self) -> Tensor:
        """The columns (f, m) that features belong to, less those that would count a row twice.

        What is left of a code with its value sums to one in each row: the value's hats take the place of the one unit
        that stands for "has a value"; where several do, they stay, and the hats are left out.
        """
        member = torch.zeros(self.width, self.n_columns, device=self.knots.device)
        member[torch.arange(self.width), self.owners] = 1
        replaced = self.gates.sum(0) <= 1
        member[: self.onehot_width] *= 1 - (self.gates * replaced).sum(1, keepdim=True)
        member[self.onehot_width :] *= replaced.repeat_interleave(self.hats).unsqueeze(1)
        return member

    def probabilities(self, logits: Tensor) -> Tensor:
        """Softmax within each code's units, (n, w) -> (n, w), without a loop over the codes."""
        exponentials = cap(logits).exp()
        return exponentials / (exponentials @ self.membership @ self.membership.T)

    def draw(self, logits: Tensor, gumbel: Tensor) -> Tensor:
        """One-hot samples of each code, (n, w), given Gumbel noise of that shape (the Gumbel-max trick)."""
        noisy = cap(logits) + gumbel
        tops = (noisy >= self._tops(noisy)[:, self.segments]).to(noisy.dtype)
        # Two equal tops are rare but would count a row twice; of those, the codes keep the last.
        return self._one_hot(self.codes(tops))

    def draw_with_gradient(self, logits: Tensor, gumbel: Tensor, temperature: float) -> Tensor:
        """The same samples, with the gradient of the Gumbel-softmax (straight-through; Jang et al. 2017, sec. 2.2)."""
        noisy = cap(logits) + gumbel
        top = self._tops(noisy.detach())[:, self.segments]
        hard = (noisy.detach() >= top).to(noisy.dtype)  # ties count twice, too rarely to matter here
        exponentials = ((noisy - top) / temperature).exp()
        soft = exponentials / (exponentials @ self.membership @ self.membership.T)
        return hard + soft - soft.detach()

    def codes(self, onehots: Tensor) -> Tensor:
        """The codes (n, k), int64, of hard one-hot vectors (n, w)."""
        positions = torch.arange(self.onehot_width, device=onehots.device) - self.offsets[self.segments]
        marked = torch.where(onehots > 0.5, positions, -1)
        index = self.segments.expand_as(marked)
        return marked.new_zeros(len(marked), self.n_codes).scatter_reduce(1, index, marked, "amax")

    def live(self, onehots: Tensor) -> Tensor:
        """How live each value is, (n, v): a probability, or 0 and 1 for hard rows."""
        return onehots @ self.gates + self.always_live

    def hat_weights(self, values: Tensor) -> Tensor:
        """Weights of values (n, v) on the knots, (n, v, h): non-negative, summing to one."""
        distance = (values.clamp(-1, 1).unsqueeze(-1) - self.knots).abs() * ((self.hats - 1) / 2)
        return (1 - distance).clamp_min(0)

    def forward(self, rows: Rows) -> Tensor:
        """The features (n, f) of expanded rows."""
        if not self.n_values:
            return rows.onehots
        hats = self.hat_weights(rows.values) * self.live(rows.onehots).unsqueeze(-1)
        return torch.cat([rows.onehots, hats.flatten(1)], 1)

    def _tops(self, noisy: Tensor) -> Tensor:
        """The largest entry of each code's units, (n, k)."""
        index = self.segments.expand_as(noisy)
        return noisy.new_full((len(noisy), self.n_codes), -torch.inf).scatter_reduce(1, index, noisy, "amax")

    def _one_hot(self, codes: Tensor) -> Tensor:
        onehots = torch.zeros(len(codes), self.onehot_width, device=codes.device)
        return onehots.scatter_(1, codes + self.offsets, 1.0)


def uncap(logits: Tensor) -> Tensor:
    """The inverse of `cap`, for |logits| < LOGIT_CAP."""
    return LOGIT_CAP * torch.atanh(logits / LOGIT_CAP)


def cap(logits: Tensor) -> Tensor:
    """Logits bent smoothly into (-LOGIT_CAP, LOGIT_CAP)."""
    return LOGIT_CAP * torch.tanh(logits / LOGIT_CAP)


def gumbel_like(logits: Tensor, random: torch.Generator) -> Tensor:
    """Standard Gumbel noise of the shape of `logits`."""
    uniform = torch.rand(logits.shape, generator=random, device=logits.device)
    return -torch.log(-torch.log(uniform.clamp(1e-20, 1 - 6e-8)))
