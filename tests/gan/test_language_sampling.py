"""Texts from a language model."""

import numpy as np
import pytest
import torch

from tabgan.gan import language_sampling
from tabgan.gan.language import END, LanguageModel, LanguageShape
from tabgan.gan.language_sampling import Choice, Writer, _invert

SHAPE = LanguageShape(12, 2, 3, n_frequent=5, token_width=8, state_width=10, context_width=4)


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    """A model that prefers some tokens, and minds its features."""
    made = LanguageModel(SHAPE, [0, *range(1, 12)])
    random = torch.Generator().manual_seed(0)
    made.start(torch.arange(12, 0, -1).float(), random)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(0.5 * torch.randn(parameter.shape, generator=random))
    return made


def features(n: int) -> torch.Tensor:
    return torch.randn(n, 3, generator=torch.Generator().manual_seed(1))


def noise(n: int, limit: int = 30) -> np.ndarray:
    return np.random.default_rng(0).random((n, limit))


def test_a_row_has_the_same_text_whatever_else_is_written(
    model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(model, 30)
    whole = writer.write(features(60), noise(60))
    alone = [writer.write(features(60)[i : i + 1], noise(60)[i : i + 1])[0] for i in range(60)]
    monkeypatch.setattr(language_sampling, "BATCH", 7)
    for rows in (alone, writer.write(features(60), noise(60))):
        assert all(np.array_equal(one, other) for one, other in zip(whole, rows, strict=True))
    assert len({row.tobytes() for row in whole}) > 40


def test_a_row_ends_with_its_last_text_or_at_the_limit(model: LanguageModel) -> None:
    rows = Writer(model, 30).write(features(200), noise(200))
    for row in rows:
        assert len(row) <= 30
        ends = np.flatnonzero(row == END)
        assert len(ends) <= 2
        assert len(row) == 30 or (len(ends) == 2 and ends[-1] == len(row) - 1)
        assert row.max() < 12
    assert all(len(row) <= 3 for row in Writer(model, 3).write(features(20), noise(20, 3)))


def test_tokens_come_as_often_as_the_model_says(model: LanguageModel) -> None:
    n = 40_000
    one = features(1)
    with torch.no_grad():
        expected = [
            float(torch.exp(-model.surprise(torch.tensor([[code]]), one, torch.tensor([1])))) for code in range(12)
        ]
    rows = Writer(model, 1, Choice(least=0)).write(one.expand(n, -1), noise(n, 1))
    shares = np.bincount(np.concatenate(rows), minlength=12) / n
    np.testing.assert_allclose(shares, expected, atol=4 * np.sqrt(0.25 / n))


def test_tokens_that_are_too_unlikely_are_never_drawn(model: LanguageModel) -> None:
    n, least = 20_000, 0.08
    one = features(1)
    with torch.no_grad():
        exact = np.array(
            [float(torch.exp(-model.surprise(torch.tensor([[code]]), one, torch.tensor([1])))) for code in range(12)]
        )
    rows = Writer(model, 1, Choice(least=least)).write(one.expand(n, -1), noise(n, 1))
    shares = np.bincount(np.concatenate(rows), minlength=12) / n
    frequent = np.arange(12) < SHAPE.n_frequent
    assert (shares[frequent & (exact < least)] == 0).all()
    assert (shares[exact >= least] > 0).all()


def test_a_low_temperature_prefers_what_is_likely(model: LanguageModel) -> None:
    n = 5_000
    one = features(1).expand(n, -1)
    shares = [
        np.bincount(np.concatenate(Writer(model, 1, choice).write(one, noise(n, 1))), minlength=12).max() / n
        for choice in (Choice(temperature=0.3), Choice(least=0))
    ]
    assert shares[0] > shares[1] + 0.05


def test_the_model_stays_as_it_was(model: LanguageModel) -> None:
    before = [parameter.clone() for parameter in model.parameters()]
    Writer(model, 5).write(features(3), noise(3, 5))
    for one, other in zip(before, model.parameters(), strict=True):
        assert one.dtype == other.dtype == torch.float32
        assert torch.equal(one, other)


def test_no_rows(model: LanguageModel) -> None:
    assert Writer(model, 5).write(features(0), noise(0, 5)) == []


def test_inversion_gives_each_category_its_share_and_a_place_in_it() -> None:
    shares = torch.tensor([[0.25, 0.0, 0.5, 0.25]]).expand(6, -1)
    codes, places = _invert(shares, torch.tensor([0.0, 0.125, 0.25, 0.5, 0.75, 0.9999999]))
    assert codes.tolist() == [0, 0, 2, 2, 3, 3]
    torch.testing.assert_close(places, torch.tensor([0.0, 0.5, 0.0, 0.5, 0.0, 0.9999996]), atol=1e-5, rtol=0)
