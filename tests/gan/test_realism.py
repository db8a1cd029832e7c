"""The realism of rows: calibrated on rows that nothing was learnt from, of one direction, honest where rows are few."""

import json

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from tabgan.gan.careless import MAKES
from tabgan.gan.oddness import CodedRows, Oddness, oddness
from tabgan.gan.realism import Realism, _seen, features, learn_realism, n_features
from tabgan.gan.training import Trainer
from tabgan.layout import EncodedTable


def planted(n, seed):
    """Rows of the same distribution as the planted table, in codes."""
    random = np.random.default_rng(seed)
    a = random.choice(3, n, p=[0.5, 0.3, 0.2])
    b = np.where(random.random(n) < 0.85, a, random.integers(3, size=n))
    x = a + random.normal(0, 0.5, n)
    cell = 16 * x.argsort().argsort() // n
    return np.stack([a, cell // 4, cell % 4, b], 1).astype(np.uint8)


def scores(realism, generator, codes):
    return realism.score(oddness(generator, CodedRows.whole(codes, generator.plan.layout), realism.margins))


def calibration_error(score, is_real, weight):
    bins = np.minimum((score * 10).astype(int), 9)
    return np.abs(np.bincount(bins, weight * (score - is_real), 10)).sum() / weight.sum()


@pytest.fixture(scope="module")
def generator(planted_result):
    return planted_result.generator


@pytest.fixture(scope="module")
def realism(planted_result, planted_table):
    """Learnt with the 200 rows that training held out."""
    return learn_realism(planted_result.generator, planted_table.codes, planted_result.held_out, seed=0)


@pytest.fixture(scope="module")
def judged(realism, generator, planted_layout, planted_table):
    """The scores of 4,000 new rows and of fakes of each make."""
    new = planted(4_000, seed=77)
    random = np.random.default_rng(1)
    fakes = {name: make(new, planted_table.codes, planted_layout, random) for name, make in MAKES.items()}
    return scores(realism, generator, new), {name: scores(realism, generator, made) for name, made in fakes.items()}


def test_training_says_which_rows_it_held_out(planted_result, planted_table):
    assert len(planted_result.held_out) == 200
    assert (np.diff(planted_result.held_out) > 0).all()
    assert planted_result.held_out[-1] < len(planted_table)


def test_scores_of_new_rows_and_fakes_are_calibrated(judged):
    real, fakes = judged
    score = np.concatenate([real, *fakes.values()])
    is_real = np.arange(len(score)) < len(real)
    weight = np.where(is_real, 1.0, 0.25)
    assert calibration_error(score, is_real, weight) < 0.06  # n = 4,000 and 16,000; learnt from 200 rows held out
    constant = np.average((0.5 - is_real) ** 2, weights=weight)
    assert np.average((score - is_real) ** 2, weights=weight) < 0.85 * constant


def test_real_rows_score_higher_than_fakes_of_each_make(judged):
    real, fakes = judged
    assert real.mean() > 0.55
    for make, made in fakes.items():
        auc = roc_auc_score(np.arange(8_000) < 4_000, np.concatenate([real, made]))
        assert auc > 0.6, make


def test_rows_of_the_generator_score_as_real_ones_do(judged, realism, generator):
    noise = torch.rand(4_000, 4, generator=torch.Generator().manual_seed(3))
    made = generator.plan.restore(generator.draw(noise).numpy())
    assert scores(realism, generator, made).mean() == pytest.approx(judged[0].mean(), abs=0.03)


def test_no_cell_that_is_more_surprising_makes_a_row_more_real(realism):
    random = np.random.default_rng(0)
    odd = Oddness(*random.uniform(0, 8, (3, 200, 3)))
    for column in range(3):
        more = odd.surprise.copy()
        more[:, column] += random.uniform(0, 30, 200)
        assert (realism.score(odd._replace(surprise=more)) <= realism.score(odd) + 1e-12).all()
        assert (features(odd._replace(surprise=more)) >= features(odd) - 1e-9).all()
    assert (realism.weights <= 0).all()
    assert realism.weights.shape == (n_features(3),)


def test_no_score_is_nearer_to_the_ends_than_the_rows_allow(realism):
    assert realism.n_judged == 200
    assert realism.held_out
    worst = Oddness(np.full((1, 3), 1e9), np.zeros((1, 3)), np.zeros((1, 3)))
    best = Oddness(np.zeros((1, 3)), np.full((1, 3), 1e9), np.full((1, 3), 1e9))
    assert realism.score(worst)[0] == pytest.approx(1 / 202, rel=0.01)
    assert realism.score(best)[0] <= 201 / 202


@pytest.mark.slow
def test_rows_held_out_tell_what_is_real_where_others_were_learnt_by_heart(planted_layout, brisk):
    codes = planted(400, seed=6)
    table = EncodedTable(codes, np.zeros((400, 1), np.float32))
    config = brisk(steps=700, batch_size=64, holdout=0.5, patience=100.0, adversarial_weight=0.0, condition_share=0.0)
    result = Trainer(table, planted_layout, config, seed=3, device=torch.device("cpu")).fit()
    seen = np.delete(np.arange(400), result.held_out)
    new = planted(4_000, seed=77)
    fakes = np.concatenate([make(new, codes, planted_layout, np.random.default_rng(1)) for make in MAKES.values()])
    is_real = np.arange(20_000) < 4_000
    errors = []
    for rows in (result.held_out, seen):
        made = learn_realism(result.generator, codes, rows, seed=0)
        score = np.concatenate([scores(made, result.generator, some) for some in (new, fakes)])
        errors.append(calibration_error(score, is_real, np.where(is_real, 1.0, 0.25)))
    assert errors[0] < 0.05
    assert errors[1] > 1.5 * errors[0]


def test_rows_that_training_has_seen_count_as_a_tenth(generator, planted_table):
    few = planted_table.codes[:60]
    made = learn_realism(generator, few, np.zeros(0, np.int64), seed=0)
    assert not made.held_out
    assert made.n_judged == 6
    found = scores(made, generator, planted(500, seed=5))
    assert (found >= 1 / 8).all()
    assert (found <= 7 / 8).all()


@pytest.mark.parametrize("n", [2, 3, 7])
def test_the_smallest_tables_are_scored_near_one_half(generator, planted_table, n):
    made = learn_realism(generator, planted_table.codes[:n], np.zeros(0, np.int64), seed=0)
    found = scores(made, generator, planted(50, seed=5))
    assert np.isfinite(found).all()
    assert (np.abs(found - 0.5) <= 1 / 6 + 1e-9).all()


def test_what_cannot_be_told_apart_scores_one_half(untrained, layouts, random_table, small):
    layout = layouts["one code"]
    table = random_table(layout, 2_000)
    generator = untrained(layout, small(), table=table)
    made = learn_realism(generator, table.codes, np.arange(1_000), seed=0)
    assert scores(made, generator, table.codes).mean() == pytest.approx(0.5, abs=0.12)


def test_all_layouts_can_be_scored(untrained, layouts, random_table, small):
    for layout in layouts.values():
        table: EncodedTable = random_table(layout, 200)
        generator = untrained(layout, small(), table=table, noise=0.2)
        made = learn_realism(generator, table.codes, np.arange(40), seed=0)
        found = scores(made, generator, table.codes)
        assert ((found > 0) & (found < 1)).all()


def test_the_seed_decides_and_nothing_is_changed(generator, planted_table, planted_result, realism):
    codes, held_out = planted_table.codes.copy(), planted_result.held_out
    again = learn_realism(generator, codes, held_out, seed=0)
    other = learn_realism(generator, codes, held_out, seed=1)
    assert np.array_equal(codes, planted_table.codes)
    assert np.array_equal(again.weights, realism.weights)
    assert again.level == realism.level
    assert not np.array_equal(other.weights, realism.weights)
    new = planted(500, seed=9)
    np.testing.assert_allclose(scores(other, generator, new), scores(realism, generator, new), atol=0.1)


def restored(realism, layout, **changes):
    data = json.loads(json.dumps(realism.to_json())) | changes.pop("data", {})
    return Realism.restore(data, realism.tensors() | changes, layout)


def test_what_was_kept_is_restored(realism, generator, planted_layout):
    again = restored(realism, planted_layout)
    new = planted(300, seed=8)
    assert np.array_equal(scores(again, generator, new), scores(realism, generator, new))
    assert again.to_json() == realism.to_json()


def test_damaged_parts_are_refused(realism, planted_layout):
    damages = [
        {"weights": realism.weights[:-1]},
        {"weights": realism.weights * np.nan},
        {"weights": -realism.weights},
        {"shares": np.zeros_like(realism.margins.shares)},
        {"data": {"n_judged": 0}},
        {"data": {"n_rows": "many"}},
        {"data": {"level": "high"}},
    ]
    for damage in damages:
        with pytest.raises((ValueError, TypeError, LookupError)):
            restored(realism, planted_layout, **damage)
    with pytest.raises(LookupError):
        Realism.restore(realism.to_json(), {}, planted_layout)


def test_a_table_that_lies_on_a_disk_gives_the_same(generator, planted_table, planted_result, realism, tmp_path):
    np.save(tmp_path / "codes.npy", planted_table.codes)
    mapped = np.load(tmp_path / "codes.npy", mmap_mode="r")
    found = learn_realism(generator, mapped, planted_result.held_out, seed=1)
    assert np.array_equal(
        found.weights, learn_realism(generator, planted_table.codes, planted_result.held_out, seed=1).weights
    )


def test_fakes_of_a_large_table_have_cells_of_some_rows_that_were_not_held_out(monkeypatch):
    monkeypatch.setattr("tabgan.gan.realism.MOST_OTHERS", 50)
    held_out = np.arange(0, 1_000, 2)
    seen = _seen(1_000, held_out, np.random.default_rng(0))
    assert 10 < len(seen) <= 50
    assert (seen % 2 == 1).all()
    assert (np.diff(seen) > 0).all()
    few = _seen(30, held_out[:15], np.random.default_rng(0))
    assert few.tolist() == list(range(1, 30, 2))
