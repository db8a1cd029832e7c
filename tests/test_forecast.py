"""A fit is told what it takes before it begins, and refused with advice where that is not there."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tabgan import TabGAN, TrainingConfig, fit_seeds, tune
from tabgan.errors import InputError
from tabgan.forecast import BASE_BYTES, Forecast, Size, announce, foresee, in_words, most_at_a_time
from tabgan.layout import ColumnSlots, Layout

SMALL = {"steps": 2, "batch_size": 16, "generator_width": 8, "critic_width": 8, "stage_width": 8}
HUGE = {"steps": 2, "critic_width": 65_536, "critic_blocks": 64}
"""Weights of a critic that no machine has room for: 2 x 64 x 65,536 x 65,536 numbers."""
LAYOUT = Layout((ColumnSlots("colour", (3,)), ColumnSlots("shop", (200,)), ColumnSlots("town", (40, 30))))
GIB = 1 << 30


def people(n: int = 400) -> pd.DataFrame:
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "city": random.choice(["Ulm", "Jena"], n),
            "age": random.normal(40, 9, n),
            "street": random.choice([f"{place} Street" for place in range(150)], n),
        }
    )


def size(n: int = 10_000) -> Size:
    return Size.of(LAYOUT, n, 4)


def test_more_rows_wider_rows_larger_batches_and_more_processes_take_more() -> None:
    config = TrainingConfig()
    usual = foresee(LAYOUT, config, size()).memory_bytes
    wider = Layout((*LAYOUT.columns, ColumnSlots("id", (4_000,))))
    assert foresee(LAYOUT, config, size(1_000_000)).memory_bytes > usual
    assert foresee(wider, config, Size.of(wider, 10_000, 5)).memory_bytes > usual
    assert foresee(LAYOUT, TrainingConfig(batch_size=32), size()).memory_bytes < usual
    assert foresee(LAYOUT, config, size(), held_bytes=2 * GIB).memory_bytes == usual - BASE_BYTES + 2 * GIB
    several = [foresee(LAYOUT, config, size(), processes=n).memory_bytes for n in (1, 2, 3)]
    assert several[2] - several[1] > usual - BASE_BYTES
    assert several[1] > 2 * several[0] - BASE_BYTES


def test_the_encoded_rows_are_counted_as_they_are() -> None:
    assert size(10).encoded_bytes == 10 * 4  # of each row four codes of a byte
    number = Layout((ColumnSlots("x", (300, 3), has_value=True, ordered=300, windows=(((0, 3),) * 300,)),))
    assert Size.of(number, 10, 1).encoded_bytes == 10 * (2 * 2 + 4)


def test_what_fits_is_what_is_held_and_free_together() -> None:
    needed = foresee(LAYOUT, TrainingConfig(), size(), held_bytes=GIB).memory_bytes
    found = [
        foresee(LAYOUT, TrainingConfig(), size(), held_bytes=GIB, free_bytes=free)
        for free in (needed - GIB, needed - GIB - 1, None)
    ]
    assert [forecast.fits for forecast in found] == [True, False, True]
    assert found[0].available_bytes == needed
    assert found[2].available_bytes is None


def test_a_refusal_names_the_parts_the_columns_and_what_to_change() -> None:
    told: list[Forecast] = []
    with pytest.raises(InputError) as refused:
        announce(LAYOUT, TrainingConfig.from_mapping(HUGE), size(), processes=2, listener=told.append)
    said = str(refused.value)
    assert [forecast.fits for forecast in told] == [False]
    assert in_words(told[0].memory_bytes) in said
    assert said.index("'shop' (200 categories)") < said.index("'town' (70 categories)") < said.index("'colour' (3")
    for words in ("the networks and their copies", "batch_size", "high_cardinality", "critic_width", "fewer processes"):
        assert words in said
    advice = said[said.index("what to change") :]
    assert advice.index("critic_width") < advice.index("batch_size")  # what takes most comes first
    wide = Layout((ColumnSlots("id", (30_000_000,)), ColumnSlots("colour", (3,))))
    with pytest.raises(InputError) as refused:
        announce(wide, TrainingConfig(batch_size=16), Size.of(wide, 10_000, 1))
    said = str(refused.value)
    assert said.index("high_cardinality") < said.index("critic_width")


def test_a_fit_is_told_once_before_it_learns() -> None:
    order: list[object] = []
    model = TabGAN(TrainingConfig.from_mapping(SMALL), device="cpu")
    model.fit(people(), forecast=order.append, callback=lambda stats: order.append(stats.step) is not None)
    told = [entry for entry in order if isinstance(entry, Forecast)]
    assert len(told) == 1
    assert order[0] is told[0]
    layout = model._fitted().coding.codec.layout
    assert (told[0].n_rows, told[0].n_learnt, told[0].n_columns) == (400, 400, 3)
    assert (told[0].n_codes, told[0].n_units) == (layout.n_codes, layout.width)
    assert told[0].memory_bytes > BASE_BYTES
    assert (told[0].disk_bytes, told[0].folder) == (0, None)


def test_a_fit_that_has_no_room_is_refused_before_anything_is_learnt_or_written(tmp_path: Path) -> None:
    told: list[Forecast] = []
    with pytest.raises(InputError, match=r"nothing has been learnt yet(.|\n)*'street"):
        TabGAN(TrainingConfig.from_mapping(HUGE), device="cpu").fit(
            people(), forecast=told.append, checkpoint=tmp_path / "run.checkpoint"
        )
    assert len(told) == 1
    assert not list(tmp_path.iterdir())


def test_several_seeds_and_a_search_are_refused_too() -> None:
    config, told = TrainingConfig.from_mapping(HUGE | {"holdout": 0.2}), list[Forecast]()
    with pytest.raises(InputError, match="nothing has been learnt yet"):
        fit_seeds(people(), 2, config=config, device="cpu", processes=2, forecast=told.append)
    with pytest.raises(InputError, match="nothing has been learnt yet"):
        tune(people(), config=config, device="cpu", trials=1)
    alone = foresee(LAYOUT, config, size()).memory_bytes
    assert told[0].memory_bytes > 1.9 * alone


def test_as_many_processes_as_fit_learn_side_by_side() -> None:
    config = TrainingConfig.from_mapping(HUGE)
    assert most_at_a_time(LAYOUT, config, size(), 8) == 1
    assert most_at_a_time(LAYOUT, TrainingConfig.from_mapping(SMALL), size(100), 2) in (1, 2)


def test_several_seeds_tell_once_what_all_of_them_take() -> None:
    told: list[Forecast] = []
    config = TrainingConfig.from_mapping(SMALL | {"holdout": 0.2})
    fit_seeds(people(), 2, config=config, device="cpu", processes=1, forecast=told.append)
    assert len(told) == 1


@pytest.mark.parametrize(("n_bytes", "words"), [(0, "0 MiB"), (1 << 20, "1 MiB"), (1 << 30, "1.0 GiB")])
def test_bytes_in_words(n_bytes: int, words: str) -> None:
    assert in_words(n_bytes) == words
