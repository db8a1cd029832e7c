"""The walk through the stages: drawing by inversion. The walk itself is tested through the generator."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tabgan.gan.walk import invert


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([0.0, 1e-30, 1e-8, 0.1, 0.3, 1.0, 5.0]), min_size=1, max_size=200).filter(any),
    st.sampled_from([0.0, 1e-12, 1e-7, 0.25, 0.5, 1 - 1e-7, 1.0]),
)
def test_a_category_of_probability_zero_is_never_drawn(weights: list[float], uniform: float) -> None:
    probabilities = torch.tensor([weights]) / sum(weights)
    drawn = int(invert(probabilities, torch.tensor([uniform])))
    assert 0 <= drawn < len(weights)
    assert probabilities[0, drawn] > 0


def test_categories_are_drawn_with_their_probabilities() -> None:
    probabilities = torch.tensor([0.0, 0.2, 0.0, 0.5, 0.3, 0.0])
    uniform = (torch.arange(1_000) + 0.5) / 1_000
    drawn = invert(probabilities.expand(1_000, -1), uniform)
    assert torch.bincount(drawn, minlength=6).tolist() == [0, 200, 0, 500, 300, 0]
    assert (drawn.diff() >= 0).all()
