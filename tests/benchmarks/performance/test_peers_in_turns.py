import pytest

from benchmarks.fidelity.runs import SYNTHESIZERS
from benchmarks.performance.__main__ import PEERS
from benchmarks.performance.peers import EPOCHS, NAMES, figures, settings_of, summary


def fit(seconds, settings, steps=None):
    return {
        "fit_s": seconds,
        "settings": settings,
        "n": 1_000,
        "sample_s": [0.5, 0.25, 0.125],
        "peak_mib": 300.0 + seconds,
        "steps": steps,
        "versions": {"ctgan": "0.12.1"},
    }


def test_300_epochs_are_told_from_a_few():
    few, more = EPOCHS["ctgan"]
    found = figures("ctgan", [fit(20 + 8 * few, {"epochs": few}), fit(20 + 8 * more, {"epochs": more})], 32_000)
    assert found["epoch_s"] == pytest.approx(8)
    assert found["fit_s"] == pytest.approx(20 + 8 * 300)
    assert found["trained_rows_per_s"] == pytest.approx(4_000)
    assert found["rows_per_s"] == [2_000, 4_000, 8_000]
    assert found["peak_mib"] == 300 + 20 + 8 * more


def test_tabgan_trains_on_batches_and_mostlyai_does_not_tell():
    assert figures("tabgan", [fit(10, {}, steps=500)], 32_000)["trained_rows_per_s"] == pytest.approx(500 * 1_024 / 10)
    assert figures("tabularargn", [fit(10, {})], 32_000)["trained_rows_per_s"] is None


def test_a_summary_has_its_spread():
    turns = [figures("tabgan", [fit(seconds, {}, steps=500)], 32_000) for seconds in (10.0, 20.0, 30.0)]
    found = summary("tabgan", turns)
    assert (found["fit_s"]["median"], found["fit_s"]["sd"], found["fit_s"]["n"]) == (20.0, 10.0, 3)
    assert (found["extrapolated"], found["epoch_s"]) == (False, None)
    assert found["sampled_rows_per_s"]["median"] == 4_000


def test_settings_and_names():
    assert settings_of("tabgan", 5.0, 7) == [{"steps": 7}]
    assert settings_of("tabularargn", 5.0, 7) == [{"max_training_time": 5.0}]
    assert [one["epochs"] for one in settings_of("tvae", 5.0, 7)] == list(EPOCHS["tvae"])
    assert NAMES == PEERS
    assert set(NAMES) <= set(SYNTHESIZERS)
