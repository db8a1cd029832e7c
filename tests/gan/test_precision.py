import pytest
import torch

from tabgan.gan import precision
from tabgan.gan.precision import coarse_products, has_tiles


@pytest.mark.parametrize("tiles", [True, False])
def test_products_are_coarse_within_and_as_exact_as_before_after(tiles: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "has_tiles", lambda: tiles)
    before = torch.get_float32_matmul_precision()
    with coarse_products(torch.device("cpu")):
        assert torch.get_float32_matmul_precision() == ("medium" if tiles else before)
        with coarse_products(torch.device("cpu")):
            pass
        assert torch.get_float32_matmul_precision() == ("medium" if tiles else before)
    assert torch.get_float32_matmul_precision() == before


def _fail() -> None:
    with coarse_products(torch.device("cpu")):
        raise ZeroDivisionError


def test_products_are_exact_again_after_an_error() -> None:
    before = torch.get_float32_matmul_precision()
    with pytest.raises(ZeroDivisionError):
        _fail()
    assert torch.get_float32_matmul_precision() == before


def test_other_devices_are_left_alone() -> None:
    before = torch.get_float32_matmul_precision()
    with coarse_products(torch.device("meta")):
        assert torch.get_float32_matmul_precision() == before


def test_factors_are_rounded_and_sums_are_not() -> None:
    """Within the rounding of bfloat16 where there are tiles, else exactly."""
    left, right = torch.randn(2, 512, 512, generator=torch.Generator().manual_seed(0))
    exact = left.double() @ right.double()
    with coarse_products(torch.device("cpu")):
        found = left @ right
    error = ((found - exact).norm() / exact.norm()).item()
    assert error < (1e-2 if has_tiles() else 1e-6)
