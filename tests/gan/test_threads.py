"""How many threads a step is worth, and that they are given back."""

import numpy as np
import pytest
import torch

from tabgan.gan.config import TrainingConfig
from tabgan.gan.threads import WIDE, threads, threads_for
from tabgan.gan.training import Trainer
from tabgan.layout import ColumnSlots, EncodedTable, Layout

CPU = torch.device("cpu")


def test_few_features_are_worth_one_thread_and_many_all_that_are_allowed() -> None:
    with threads(3):
        assert [threads_for(n, CPU) for n in (1, WIDE - 1, WIDE)] == [1, 1, 3]
        assert threads_for(1, torch.device("meta")) == 3


def test_threads_are_given_back_whatever_happens() -> None:
    before = torch.get_num_threads()
    with pytest.raises(ZeroDivisionError), threads(before + 1):
        _ = 1 / (torch.get_num_threads() - before - 1)
    assert torch.get_num_threads() == before


def test_a_narrow_table_is_learnt_with_one_thread() -> None:
    layout = Layout((ColumnSlots("a", (3,)), ColumnSlots("b", (4,))))
    codes = np.random.default_rng(0).integers(3, size=(100, 2)).astype(np.uint8)
    table = EncodedTable(codes, np.zeros((100, 0), np.float32))
    seen: list[int] = []
    with threads(2):
        trainer = Trainer(table, layout, TrainingConfig(steps=4, generator_width=8, critic_width=8), seed=0, device=CPU)
        trainer.fit(lambda stats: seen.append(torch.get_num_threads()))
        assert torch.get_num_threads() == 2
    assert set(seen) == {1}
