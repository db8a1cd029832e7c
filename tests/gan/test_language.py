"""The language model."""

import numpy as np
import pytest
import torch

from tabgan.gan.language import END, N_PLACES, LanguageModel, LanguageShape, place_of

SHAPE = LanguageShape(12, 2, 3, n_frequent=5, token_width=8, state_width=10, context_width=4)


def model_of(shape: LanguageShape, counts: torch.Tensor | None = None) -> LanguageModel:
    model = LanguageModel(shape, [0, *[3] * (shape.n_tokens - 1)])
    model.start(torch.ones(shape.n_tokens) if counts is None else counts, torch.Generator().manual_seed(0))
    return model


def shares(model: LanguageModel, aims: torch.Tensor) -> torch.Tensor:
    """The probabilities (n, u) of all tokens."""
    front = model.frequent_logits(aims).softmax(1)
    if model.n_frequent == model.shape.n_tokens:
        return front
    return torch.cat([front[:, :-1], front[:, -1:] * model.rare_logits(aims).softmax(1)], 1)


@pytest.mark.parametrize("n_frequent", [1, 5, 11, 12, 99])
def test_the_probabilities_of_all_tokens_add_up_to_one(n_frequent: int) -> None:
    model = model_of(LanguageShape(12, 2, 3, n_frequent=n_frequent, token_width=8, state_width=10))
    made = shares(model, torch.randn(6, 8, generator=torch.Generator().manual_seed(1)))
    assert made.shape == (6, 12)
    torch.testing.assert_close(made.sum(1), torch.ones(6))


@pytest.mark.parametrize("n_frequent", [5, 12])
def test_surprise_is_that_of_one_step_after_the_other(n_frequent: int) -> None:
    model = model_of(LanguageShape(12, 2, 3, n_frequent=n_frequent, token_width=8, state_width=10)).double()
    codes = torch.tensor([[3, 8, END, 11, END], [END, 2, END, 0, 0]])
    features = torch.randn(2, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    context = model.context(features)
    state = model.first_state(context)
    before, column, written = (torch.zeros(2, dtype=torch.int64) for _ in range(3))
    expected = torch.zeros(2, 5, dtype=torch.float64)
    for step in range(5):
        entry = model.entry(before, column.clamp(max=1), written, model.remind(context))
        aims, state = model.step(entry, state)
        expected[:, step] = -shares(model, aims).gather(1, codes[:, step : step + 1]).squeeze(1).log()
        before, column = codes[:, step], column + (codes[:, step] == END)
        written = torch.where(before == END, 0, written + 3)
    got = model.surprise(codes, features, torch.tensor([5, 3]))
    torch.testing.assert_close(got, torch.cat([expected[0], expected[1, :3]]))


def test_a_new_model_knows_how_often_tokens_come() -> None:
    counts = torch.tensor(np.arange(12)[::-1].copy()).float()
    model = model_of(SHAPE, counts)
    with torch.no_grad():
        aims, _ = model.step(torch.zeros(1, 8), torch.zeros(1, 10))
        expected = (counts + 0.5) / (counts + 0.5).sum()
        assert float((shares(model, aims)[0] - expected).abs().sum()) < 0.1


def test_a_row_with_nothing_else_in_it_can_be_learnt() -> None:
    model = model_of(LanguageShape(12, 1, 0, token_width=8, state_width=10))
    got = model.surprise(torch.tensor([[3, END]]), torch.zeros(1, 0), torch.tensor([2]))
    assert got.shape == (2,)
    assert bool(got.isfinite().all())


def test_padding_makes_no_difference() -> None:
    model = model_of(SHAPE)
    short = model.surprise(torch.tensor([[3, END]]), torch.ones(1, 3), torch.tensor([2]))
    padded = model.surprise(torch.tensor([[3, END, 7, 7, 7]]), torch.ones(1, 3), torch.tensor([2]))
    torch.testing.assert_close(short, padded)


def test_weights_come_from_their_own_stream() -> None:
    state = torch.random.get_rng_state()
    first, second = model_of(SHAPE), model_of(SHAPE)
    assert torch.equal(state, torch.random.get_rng_state())
    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(one, other)


def test_masks_hide_what_is_read_and_the_state() -> None:
    model = model_of(SHAPE)
    row = torch.tensor([[3, 4, END]]), torch.ones(1, 3), torch.tensor([3])
    plain = model.surprise(*row)
    torch.testing.assert_close(plain, model.surprise(*row, (torch.ones(1, 8), torch.ones(1, 10))))
    assert not torch.equal(plain, model.surprise(*row, (torch.zeros(1, 8), torch.ones(1, 10))))
    blind = model.surprise(*row, (torch.ones(1, 8), torch.zeros(1, 10)))
    torch.testing.assert_close(blind, model_of(SHAPE).surprise(*row, (torch.zeros(1, 8), torch.zeros(1, 10))))


def test_places_are_fine_at_first_and_never_too_many() -> None:
    places = [place_of(written) for written in range(20_000)]
    assert places == sorted(places)
    assert places[0] == 0
    assert places[8] > places[4] > 0
    assert places[508] > places[499] > places[490]
    assert places[-1] == N_PLACES - 1


def test_the_shape_goes_through_json() -> None:
    assert LanguageShape(**SHAPE.to_json()) == SHAPE
