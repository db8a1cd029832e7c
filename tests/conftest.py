import pytest


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Small networks are slowed down by threads, and the tests' workers already share the cores."""
    import torch

    torch.set_num_threads(1)
