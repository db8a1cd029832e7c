"""Where networks learn and draw."""

import torch

from tabgan.errors import ConfigError

DEVICES = ("cpu", "cuda", "mps")


def resolve_device(name: str) -> torch.device:
    """The device of that name; `auto` takes CUDA, then Apple's MPS, then the CPU.

    Raises:
        ConfigError: if the name is unknown or the device is not there.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    if not isinstance(name, str) or name.partition(":")[0] not in DEVICES:
        raise ConfigError(f"device must be 'auto' or one of {', '.join(DEVICES)}, got {name!r}")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ConfigError(f"device {name!r} cannot be used here: {str(error).splitlines()[0]}; try 'auto'") from error
    return device
