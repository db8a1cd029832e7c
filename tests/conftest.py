import pytest


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Small networks are slowed down by threads, and the tests' workers already share the cores."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def shop():
    """The table of `small_shop`."""
    from .small_shop import small_shop

    return small_shop()


@pytest.fixture(scope="session")
def shop_model(shop):
    """A model of the shop that is made in a moment and knows little."""
    from tabgan import TabGAN, TrainingConfig

    return TabGAN(TrainingConfig(steps=60), seed=1, device="cpu").fit(shop)
