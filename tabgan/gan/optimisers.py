"""The optimiser of the networks, its rate, and the length of gradients and weights."""

import math

import torch
from torch import Tensor, nn

from tabgan.gan.run_state import RunState, to_array, to_tensor

_EPSILON = 1e-8


class Adam:
    """AdamW (Loshchilov and Hutter 2019), which lets matrices decay and leaves biases, and with them the margins.

    The arithmetic is that of `torch.optim.AdamW`, bit for bit. That class is not used since making one loads torch's
    compiler, which takes longer than some fits; and here all that changes is tensors which stay in their place, so that
    a step can be captured and replayed.

    Args:
        network: whose parameters that learn are to be moved.
        rate: of learning.
        betas: decays of the means of gradients and of their squares.
        decay: of matrices, times the rate.

    Attributes:
        rate: a tensor of one number; `set_rate` changes it.
        betas: as given.

    Example:
        >>> layer = nn.Linear(1, 1)
        >>> optimiser = Adam(layer, 0.1, (0.9, 0.99))
        >>> before = layer.weight.item()
        >>> layer(torch.ones(1, 1)).sum().backward()
        >>> optimiser.step()
        >>> round(before - layer.weight.item(), 4)
        0.1
    """

    def __init__(self, network: nn.Module, rate: float, betas: tuple[float, float], decay: float = 0.0) -> None:
        learnt = [parameter for parameter in network.parameters() if parameter.requires_grad]
        # A parameter without a gradient is left as it is, so each counts its own steps.
        self._moved = [_Moved(parameter, decay if parameter.ndim > 1 else 0.0) for parameter in learnt]
        self.betas = betas
        self.rate = torch.full((), rate, device=learnt[0].device)

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for own in self._moved:
            own.parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Move the parameters that have a gradient against it."""
        for decay in dict.fromkeys(own.decay for own in self._moved):
            moved = [own for own in self._moved if own.decay == decay and own.parameter.grad is not None]
            if not moved:
                continue
            steps = [own.steps for own in moved]
            torch._foreach_add_(steps, 1.0)
            torch._fused_adamw_(
                [own.parameter for own in moved],
                [own.parameter.grad for own in moved if own.parameter.grad is not None],
                [own.mean for own in moved],
                [own.square for own in moved],
                [],
                steps,
                lr=self.rate,
                beta1=self.betas[0],
                beta2=self.betas[1],
                weight_decay=decay,
                eps=_EPSILON,
                amsgrad=False,
                maximize=False,
            )

    def scales(self) -> dict[Tensor, Tensor]:
        """What the gradient of each parameter would be multiplied with, were there no momentum.

        The rate, divided by the root of the mean square of the gradients so far; the rate alone before the first step.
        """
        scales: dict[Tensor, Tensor] = {}
        for own in self._moved:
            mean = own.square / (1 - self.betas[1] ** own.steps)
            scales[own.parameter] = torch.where(own.steps > 0, self.rate / (mean.sqrt() + _EPSILON), self.rate)
        return scales

    def state(self) -> RunState:
        """The rate, and the means and steps of each parameter."""
        return RunState({}, {name: to_array(tensor) for name, tensor in self._tensors().items()})

    def resume(self, state: RunState) -> None:
        """Go on with these."""
        own = self._tensors()
        if set(own) != set(state.tensors):
            raise ValueError(f"expected the moments of {len(self._moved)} parameters, got {sorted(state.tensors)}")
        for name, tensor in own.items():
            if tensor.shape != state.tensors[name].shape:
                raise ValueError(f"expected {name} of shape {tuple(tensor.shape)}, got {state.tensors[name].shape}")
            tensor.copy_(to_tensor(state.tensors[name]))

    def _tensors(self) -> dict[str, Tensor]:
        """All that changes."""
        moments = {
            f"{i}.{name}": tensor
            for i, own in enumerate(self._moved)
            for name, tensor in (("mean", own.mean), ("square", own.square), ("steps", own.steps))
        }
        return {"rate": self.rate} | moments


class _Moved:
    """A parameter, its decay, and the means of its gradients and of their squares so far."""

    def __init__(self, parameter: nn.Parameter, decay: float) -> None:
        self.parameter, self.decay = parameter, decay
        self.mean, self.square = torch.zeros_like(parameter.detach()), torch.zeros_like(parameter.detach())
        self.steps = torch.zeros((), device=parameter.device)


def cosine(share: float) -> float:
    """What is left of a rate when `share` of the time is over, from 1 to 0.01 (Loshchilov and Hutter 2017)."""
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * share))


def set_rate(optimiser: Adam, rate: float) -> None:
    """Let an optimiser learn at `rate` from now on."""
    optimiser.rate.fill_(rate)


def gradient_norm(network: nn.Module) -> Tensor:
    """The norm of all gradients of a network together, a tensor of one number."""
    return nn.utils.get_total_norm([p.grad for p in network.parameters() if p.grad is not None])


@torch.no_grad()
def clip_weights(network: nn.Module, bound: float) -> None:
    """Bring the weights and biases of linear layers into [-bound, bound] (Arjovsky et al. 2017, algorithm 1)."""
    for layer in network.modules():
        if isinstance(layer, nn.Linear):
            for parameter in layer.parameters():
                parameter.clamp_(-bound, bound)
