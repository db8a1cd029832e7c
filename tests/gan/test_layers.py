import math

import pytest
import torch
from torch import nn

from tabgan.gan.layers import (
    BatchNorm,
    Dropout,
    Linear,
    SpectralLinear,
    dropout,
    initialise,
    linear,
    normalisation,
)


@pytest.fixture
def random() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def _greatest(weights: torch.Tensor) -> float:
    return float(torch.linalg.svdvals(weights).max())


def test_layers_are_born_at_zero_and_leave_the_global_stream_alone(random: torch.Generator) -> None:
    before = torch.get_rng_state()
    for layer in (Linear(3, 4), Linear(3, 4, bias=False), SpectralLinear(3, 4)):
        assert all(torch.count_nonzero(parameter) == 0 for parameter in layer.parameters())
        for scheme in ("he", "glorot", "orthogonal"):
            initialise(layer, random, scheme)
    Dropout(0.5, random)(torch.ones(3, 4))
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(("scheme", "variance"), [("he", 2 / 300), ("glorot", 2 / 500)])
def test_normal_weights_have_the_variance_of_their_scheme(
    scheme: str, variance: float, random: torch.Generator
) -> None:
    layer = Linear(300, 200)
    initialise(layer, random, scheme)
    assert layer.weight.var().item() == pytest.approx(variance, rel=0.03)
    assert abs(layer.weight.mean().item()) < 4 * math.sqrt(variance / layer.weight.numel())
    assert torch.count_nonzero(layer.bias) == 0


@pytest.mark.parametrize(("n_in", "n_out"), [(30, 20), (20, 30), (25, 25), (7, 1)])
def test_orthogonal_weights_stretch_all_directions_alike(n_in: int, n_out: int, random: torch.Generator) -> None:
    layer = Linear(n_in, n_out)
    initialise(layer, random, "orthogonal")
    values = torch.linalg.svdvals(layer.weight)
    assert torch.allclose(values, torch.full_like(values, math.sqrt(2)), atol=1e-5)


@pytest.mark.parametrize("scheme", ["he", "glorot", "orthogonal"])
def test_weights_come_from_the_given_stream_alone(scheme: str) -> None:
    layers = [Linear(5, 8) for _ in range(3)]
    for layer, seed in zip(layers, (1, 1, 2), strict=True):
        initialise(layer, torch.Generator().manual_seed(seed), scheme)
    assert torch.equal(layers[0].weight, layers[1].weight)
    assert not torch.equal(layers[0].weight, layers[2].weight)


@pytest.mark.parametrize(("n_in", "n_out"), [(40, 30), (30, 1), (3, 50)])
def test_spectral_normalisation_divides_by_the_greatest_singular_value(
    n_in: int, n_out: int, random: torch.Generator
) -> None:
    layer = SpectralLinear(n_in, n_out)
    initialise(layer, random)
    layer.iterate(300)
    x = torch.randn(6, n_in, generator=random)
    expected = x @ layer.weight.T / _greatest(layer.weight.detach())
    assert torch.allclose(layer(x), expected, atol=1e-4)
    with torch.no_grad():
        layer.weight *= 100
    assert torch.allclose(layer(x), expected, atol=1e-4)  # the same vectors are right for it


def test_spectral_normalisation_follows_weights_that_move(random: torch.Generator) -> None:
    layer = SpectralLinear(12, 9)
    initialise(layer, random)
    with torch.no_grad():
        layer.weight[3] += 40
    for _ in range(30):
        layer.iterate()
    assert _greatest(torch.func.jacrev(layer)(torch.zeros(12)).detach()) == pytest.approx(1, abs=1e-3)


def test_the_state_of_spectral_normalisation_travels_with_the_weights(random: torch.Generator) -> None:
    layers = SpectralLinear(5, 4), SpectralLinear(5, 4)
    initialise(layers[0], random)
    layers[1].load_state_dict(layers[0].state_dict())
    x = torch.randn(3, 5, generator=random)
    assert torch.equal(layers[0](x), layers[1](x))
    for layer in layers:
        layer.iterate()
    assert torch.equal(layers[0](x), layers[1](x))


def test_a_pass_through_a_spectral_layer_changes_nothing(random: torch.Generator) -> None:
    layer = SpectralLinear(5, 4)
    initialise(layer, random)
    x = torch.randn(3, 5, generator=random)
    assert torch.equal(layer(x), layer(x))


def test_batch_normalisation_is_that_of_torch(random: torch.Generator) -> None:
    ours, theirs = BatchNorm(4), nn.BatchNorm1d(4)
    x = 3 * torch.randn(50, 4, generator=random) + 2
    assert torch.allclose(ours(x), theirs(x), atol=1e-5)
    assert torch.allclose(ours.running_mean, theirs.running_mean, atol=1e-6)
    assert torch.allclose(ours.running_variance, 0.9 + 0.1 * x.var(0, correction=0), atol=1e-5)
    ours.eval()
    alone = (x[:1] - ours.running_mean) / (ours.running_variance + 1e-5).sqrt()
    assert torch.allclose(ours(x)[:1], alone, atol=1e-5)
    assert torch.equal(ours(x)[:1], ours(x[:1]))


def test_the_running_means_move_only_where_something_is_learnt(random: torch.Generator) -> None:
    layer, x = BatchNorm(3), torch.randn(9, 3, generator=random) + 5
    with torch.no_grad():
        layer(x)
    torch.func.functional_call(layer, {name: p.detach() for name, p in layer.named_parameters()}, (x,))
    layer.eval()(x)
    assert torch.count_nonzero(layer.running_mean) == 0
    layer.train()(x)
    assert torch.allclose(layer.running_mean, 0.1 * x.mean(0))


def test_a_batch_of_one_row_is_normal_to_zero() -> None:
    assert BatchNorm(3)(torch.ones(1, 3)).tolist() == [[0, 0, 0]]


def test_dropout_leaves_out_its_share_and_keeps_the_mean(random: torch.Generator) -> None:
    layer = Dropout(0.3, random)
    out = layer(torch.ones(200, 100))
    assert (out == 0).float().mean().item() == pytest.approx(0.3, abs=0.01)
    assert out.mean().item() == pytest.approx(1, abs=0.02)
    assert not torch.equal(layer(torch.ones(200, 100)), out)
    assert torch.equal(layer.eval()(torch.ones(2, 3)), torch.ones(2, 3))


def test_dropout_is_the_same_for_the_same_stream() -> None:
    one, other = (Dropout(0.5, torch.Generator().manual_seed(4))(torch.ones(9, 9)) for _ in range(2))
    assert torch.equal(one, other)


def test_the_layers_that_settings_name() -> None:
    assert isinstance(normalisation("none", 3), nn.Identity)
    assert isinstance(normalisation("layer", 3), nn.LayerNorm)
    assert isinstance(normalisation("batch", 3), BatchNorm)
    assert isinstance(dropout(0.0, None), nn.Identity)
    assert isinstance(dropout(0.1, None), Dropout)
    assert isinstance(linear(2, 3, True), SpectralLinear)
    assert not isinstance(linear(2, 3, False), SpectralLinear)
