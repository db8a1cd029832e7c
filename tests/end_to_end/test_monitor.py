"""A default run of a real table is never called sick."""

from pathlib import Path

import pytest

from tabgan import TabGAN, TrainingConfig
from tabgan.gan.monitor import HEALTHY

REVIEWS = Path(__file__).parents[2] / "sample_data" / "reviews.csv"


@pytest.mark.slow
def test_a_quick_run_of_the_reviews_is_healthy_and_says_so_once(tmp_path: Path) -> None:
    config = TrainingConfig.for_effort("quick", {"text_minutes": 0.02, "adversarial_share": 0.25})
    model = TabGAN(config, device="cpu").fit(REVIEWS)
    assert {stats.state for stats in model.history} <= set(HEALTHY)
    assert model.history[-1].state == "converged"
    assert 1 <= len(model.events) <= 2
    assert not any(event.settings for event in model.events)
    model.save(tmp_path / "reviews.tabgan")
    assert TabGAN.load(tmp_path / "reviews.tabgan", device="cpu").events == model.events
