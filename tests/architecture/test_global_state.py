"""The library leaves the random state of the whole program alone."""

import random

import numpy as np
import pandas as pd
import pytest
import torch

from tabgan import TabGAN, TrainingConfig, evaluate


@pytest.fixture
def people() -> pd.DataFrame:
    draw = np.random.default_rng(0)
    return pd.DataFrame({"height": draw.normal(170, 10, 100), "city": draw.choice(["Ulm", "Jena", "Kiel"], 100)})


def state() -> tuple[object, ...]:
    kind, keys, *rest = np.random.get_state()  # noqa: NPY002  # the global state is what is tested
    return (random.getstate(), kind, keys.tolist(), rest, torch.get_rng_state().tolist())


def test_fit_sample_load_and_evaluate_leave_the_global_random_state_alone(people, tmp_path):
    config = TrainingConfig(steps=3, batch_size=16, generator_width=8, critic_width=8)
    before = state()
    model = TabGAN(config, device="cpu").fit(people)
    model.save(tmp_path / "people.tabgan")
    synthetic = TabGAN.load(tmp_path / "people.tabgan", device="cpu").sample(100)
    evaluate(people, synthetic)
    assert state() == before


def test_the_global_random_state_does_not_change_the_result(people):
    config = TrainingConfig(steps=3, batch_size=16, generator_width=8, critic_width=8)
    samples = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        np.random.seed(seed)  # noqa: NPY002  # the global state is what is tested
        samples.append(TabGAN(config, device="cpu").fit(people).sample(50))
    pd.testing.assert_frame_equal(*samples)
