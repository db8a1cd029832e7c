import warnings

import numpy as np
import pyarrow as pa
import pytest

from tabgan.evaluation.aligned import align
from tabgan.evaluation.privacy import distance_ratio, near_copies, nearer_to_train, privacy, share_error
from tabgan.evaluation.results.privacy import exposed

N = 500
KINDS = {"x": "continuous", "y": "continuous", "z": "continuous", "c": "categorical", "d": "categorical"}
FEW = ("c", "d")


def rows(n, seed):
    draw = np.random.default_rng([seed, n])
    x = draw.normal(size=n)
    d = np.asarray(["u", "v", "w", "q"])[np.clip((x + draw.normal(size=n) + 1.5).astype(int), 0, 3)]
    return {
        "x": x,
        "y": np.exp(x + draw.normal(size=n)),
        "z": draw.normal(size=n),
        "c": draw.choice(list("abcde"), n),
        "d": d,
    }


def aligned(real, synthetic, held_out=None, names=tuple(KINDS)):
    sides = [real, synthetic] + ([] if held_out is None else [held_out])
    return [align(name, KINDS[name], *(pa.array(side[name]) for side in sides)) for name in names]


def joined(first, second):
    return {name: np.concatenate([first[name], second[name]]) for name in first}


def cut(table, n):
    return {name: cells[:n] for name, cells in table.items()}


def blurred(table, noise):
    draw = np.random.default_rng(9)
    blur = {name: table[name] * np.exp(draw.normal(0, noise, len(table[name]))) for name in ("x", "y", "z")}
    return table | blur


def scores(found):
    """How many standard errors each measure lies on the side of copying."""
    out = {}
    for name, sign in (
        ("copies", 1),
        ("near_copies", 1),
        ("distance", -1),
        ("close_distance", -1),
        ("distance_ratio", -1),
    ):
        beside = getattr(found, name)
        error = np.hypot(beside.synthetic.standard_error, beside.real.standard_error)
        out[name] = sign * (beside.synthetic.value - beside.real.value) / max(error, 1e-9)
    if found.membership is not None:
        out["nearer_to_train"] = (found.nearer_to_train.value - 0.5) / found.nearer_to_train.standard_error
        out["auc"] = (found.membership.auc.value - 0.5) / max(found.membership.auc.standard_error, 1e-9)
        caught = found.membership.caught
        out["caught"] = (caught.value - caught.floor) / max(caught.standard_error, 1e-9)
    for attack in found.attacks:
        error = attack.risk.standard_error  # None where there is nothing left to give away
        out[f"{attack.attack} {attack.secret}"] = 0.0 if error is None else attack.risk.value / error
    return out


def test_a_table_of_copies_is_caught_by_every_measure():
    real = rows(N, 0)
    found = privacy(aligned(real, real, rows(N, 1)), 0)
    assert min(scores(found).values()) > 10
    assert (found.copies.synthetic.value, found.copies.real.value) == (1.0, 0.0)
    assert (found.near_copies.synthetic.value, found.distance.synthetic.value) == (1.0, 0.0)
    assert (found.nearer_to_train.value, found.membership.auc.value, found.membership.caught.value) == (1.0, 1.0, 1.0)
    assert [attack.attack for attack in found.attacks] == ["singling out", "linkability"] + ["inference"] * 5
    assert all(attack.risk.low > 0.9 and exposed(attack.risk) for attack in found.attacks)


@pytest.mark.parametrize("seed", range(4))
def test_an_independent_sample_is_caught_by_none(seed):
    found = privacy(aligned(rows(N, 10 + seed), rows(N, 20 + seed), rows(N, 30 + seed)), seed)
    assert max(scores(found).values()) < 3.3
    assert found.caveats == ()
    assert not any(exposed(attack.risk) for attack in found.attacks)


@pytest.mark.slow
def test_an_independent_samples_scores_are_those_of_chance():
    found = [scores(privacy(aligned(*(rows(300, 3 * seed + side) for side in range(3))), seed)) for seed in range(120)]
    for name in found[0]:
        values = np.asarray([score[name] for score in found if name in score])
        assert abs(values.mean()) < 0.4 or name == "caught", name  # few rows, so its errors are skewed
        assert np.mean(values > 1.96) < 0.09, name


def test_near_copies_are_caught_by_the_distances_though_no_row_is_copied():
    real = rows(N, 0)
    found = privacy(aligned(real, blurred(real, 0.01), rows(N, 1)), 0)
    assert found.copies.synthetic.value == 0.0
    assert min(score for name, score in scores(found).items() if name != "copies") > 10
    assert found.near_copies.synthetic.value > 0.9


def test_a_half_copied_table_lies_in_between():
    real, other = rows(N, 0), rows(N, 2)
    half = joined(cut(real, N // 2), cut(other, N // 2))
    found = [privacy(aligned(real, made, rows(N, 1)), 0) for made in (other, half, real)]
    measures = {
        "copies": lambda part: part.copies.synthetic.value,
        "near copies": lambda part: part.near_copies.synthetic.value,
        "distance": lambda part: -part.distance.synthetic.value,
        "ratio": lambda part: -part.distance_ratio.synthetic.value,
        "nearer": lambda part: part.nearer_to_train.value,
        "auc": lambda part: part.membership.auc.value,
        "caught": lambda part: part.membership.caught.value,
        "singling out": lambda part: part.attacks[0].risk.value,
        "linkability": lambda part: part.attacks[1].risk.value,
    }
    for name, measure in measures.items():
        honest, middle, copied = map(measure, found)
        assert honest < middle < copied, name
    assert found[1].copies.synthetic.value == 0.5
    assert found[1].nearer_to_train.value == pytest.approx(0.75, abs=0.05)
    assert {attack.attack for attack in found[1].attacks if attack.risk.low > 0.3} >= {"singling out", "linkability"}


def test_copies_by_chance_are_no_copying():
    found = privacy(aligned(rows(N, 0), rows(N, 2), rows(N, 1), FEW), 0)
    assert found.copies.synthetic.value > 0.9
    assert max(scores(found).values()) < 3.3
    assert (found.nearer_to_train.value, found.distance_ratio.synthetic.value) == (pytest.approx(0.5, abs=0.01), 1.0)


def test_a_table_of_few_categories_that_is_copied_gives_nothing_away():
    real = rows(N, 0)
    found = privacy(aligned(real, real, rows(N, 1), FEW), 0)
    assert not any(exposed(attack.risk) for attack in found.attacks)
    assert found.membership.auc.value == pytest.approx(0.5, abs=0.02)


def test_copies_of_held_out_rows_lie_on_the_other_side():
    held_out = rows(N, 1)
    found = privacy(aligned(rows(N, 0), held_out, held_out), 0)
    assert (found.nearer_to_train.value, found.membership.auc.value, found.copies.synthetic.value) == (0.0, 0.0, 0.0)
    assert all(attack.control.value > 0.99 and not exposed(attack.risk) for attack in found.attacks)


def test_without_held_out_rows_the_real_ones_stand_in_and_a_caveat_says_what_to_give():
    real = rows(2 * N, 0)
    copied, honest = (privacy(aligned(real, made), 0) for made in (real, rows(2 * N, 1)))
    for found in (copied, honest):
        assert (found.nearer_to_train, found.membership, found.attacks) == (None, None, ())
        assert (found.baseline, found.n_baseline, found.n_reference) == ("other real rows", 2 * N, N)
        assert [caveat.code for caveat in found.caveats] == ["no_held_out"]
        assert "pass the rows that were kept from the synthesizer as holdout" in found.caveats[0].text
    assert min(scores(copied).values()) > 5
    assert max(scores(honest).values()) < 3.3
    assert copied.near_copies.synthetic.value == pytest.approx(0.5, abs=0.06)


def test_a_single_held_out_row_counts_as_none():
    found = privacy(aligned(rows(N, 0), rows(N, 1), rows(1, 2)), 0)
    assert (found.membership, found.baseline) == (None, "other real rows")


def test_few_held_out_rows_are_told():
    real = rows(N, 0)
    found = privacy(aligned(real, real, rows(100, 1)), 0)
    assert [caveat.code for caveat in found.caveats] == ["few_held_out", "few_rows"]
    assert "0.60" in found.caveats[0].text
    assert found.nearer_to_train.value == pytest.approx(0.6, abs=0.03)


def test_large_tables_are_thinned_without_losing_the_copies():
    real = rows(20_000, 0)
    found = privacy(aligned(real, real, rows(10_000, 1)), 0, max_reference=1_000)
    assert found.n_reference <= 1_000
    assert [caveat.code for caveat in found.caveats] == ["thinned"]
    assert "a slice" in found.caveats[0].text
    assert (found.n_train, found.n_baseline, found.copies.synthetic.value) == (20_000, 10_000, 1.0)
    assert min(scores(found).values()) > 5
    assert found.near_copies.synthetic.value > 0.95
    honest = privacy(aligned(real, rows(20_000, 2), rows(10_000, 1)), 0, max_reference=1_000)
    assert max(scores(honest).values()) < 3.3


def test_near_copies_by_hand():
    usual = np.arange(1.0, 201.0)
    found = near_copies(np.asarray([0.0, 2.0, 2.5, 9.0]), usual)
    assert (found.synthetic.value, found.real.value) == (0.5, 0.01)
    tied = near_copies(np.zeros(4), np.zeros(300))
    assert (tied.synthetic.value, tied.real.value) == (1.0, 1.0)


def test_the_distance_ratio_by_hand():
    assert distance_ratio(np.asarray([[0.0, 0.0], [0.0, 2.0], [1.0, 2.0]])).value == pytest.approx(0.5)
    assert distance_ratio(np.asarray([[3.0], [0.0]])).value == 1.0


def test_nearer_to_train_by_hand():
    synthetic, train, held_out = (
        np.asarray(points, np.float32)[:, None] for points in ([0, 3, 10, 11], [1, 10, 99], [4, 12])
    )
    found = nearer_to_train(synthetic, train, held_out)  # the third learnt row is one too many
    assert found.value == (1 + 0 + 1 + 0.5) / 4
    assert (found.floor, found.floor_error) == (0.5, 0.0)


def test_the_error_counts_rows_with_one_neighbour_as_one_throw():
    assert share_error(np.arange(100)) == pytest.approx(0.5 / np.sqrt(100))
    assert share_error(np.zeros(100, np.int64)) == pytest.approx(0.5)
    draw = np.random.default_rng(0)
    nearest = draw.zipf(2.0, 300) % 50
    shares = draw.integers(0, 2, (4000, 50))[:, nearest].mean(axis=1)
    assert share_error(nearest) == pytest.approx(shares.std(), rel=0.05)


def test_units_shifts_and_outliers_do_not_matter():
    tables = [rows(N, seed) for seed in range(3)]
    scaled = [table | {"x": 1e6 * table["x"] - 5, "z": np.exp(9 * table["z"])} for table in tables]
    assert privacy(aligned(*tables), 0) == privacy(aligned(*scaled), 0)


def test_a_constant_column_changes_no_distance():
    tables = [rows(N, seed) for seed in range(3)]
    constant = align("k", "continuous", *(pa.array([7.0] * N) for _ in tables))
    plain, more = (privacy(part, 0) for part in (aligned(*tables), [*aligned(*tables), constant]))
    assert (plain.distance, plain.membership, plain.nearer_to_train) == (
        more.distance,
        more.membership,
        more.nearer_to_train,
    )


def test_the_seed_decides_and_inputs_stay():
    columns = aligned(rows(N, 0), rows(N, 1), rows(N, 2))
    before = [[side.copy() for side in (column.real, column.synthetic, column.held_out)] for column in columns]
    assert privacy(columns, 1, max_rows=100) == privacy(columns, 1, max_rows=100)
    assert privacy(columns, 1, max_rows=100) != privacy(columns, 2, max_rows=100)
    for column, sides in zip(columns, before, strict=True):
        for side, cells in zip((column.real, column.synthetic, column.held_out), sides, strict=True):
            np.testing.assert_array_equal(side, cells)


ODD = {
    "constant": ("continuous", [1.0] * 40),
    "all missing": ("continuous", pa.array([None] * 40, pa.float64())),
    "no type": ("categorical", pa.nulls(40)),
    "infinite": ("continuous", [np.inf, -np.inf, 1.0, None] * 10),
    "huge": ("continuous", [2**63 - 1, -(2**63), 0, 1] * 10),
    "all different": ("categorical", [f"label {i}" for i in range(40)]),
    "true or false": ("boolean", [True, False, None, True] * 10),
}


@pytest.mark.parametrize("names", [[name] for name in ODD] + [list(ODD)])
@pytest.mark.parametrize("held", [0, 1, 2, 40])
def test_odd_tables_pass(names, held):
    columns = [
        align(name, kind, pa.array(cells), pa.array(cells), pa.array(cells)[:held])
        for name, (kind, cells) in ((name, ODD[name]) for name in names)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = privacy(columns, 0)
    assert found.copies.synthetic.value == 1.0
    assert "few_rows" in [caveat.code for caveat in found.caveats]
    assert (found.membership is None) == (held < 2)


def test_two_rows_are_enough_and_fewer_are_refused():
    two = rows(2, 0)
    assert privacy(aligned(two, two, two), 0).n_reference == 2
    assert privacy(aligned(two, two), 0).n_reference == 1
    with pytest.raises(ValueError, match="at least one column"):
        privacy([], 0)
    with pytest.raises(ValueError, match="5 columns, 2 real and 1 synthetic rows"):
        privacy(aligned(two, rows(1, 0), two), 0)


@pytest.mark.slow
def test_many_categories_and_rows_take_seconds():
    draw = np.random.default_rng(0)
    sides = [pa.array(draw.integers(0, 10**6, 10**6).astype(str)) for _ in range(3)]
    found = privacy([align("c", "categorical", *sides)], 0)
    assert 0.5 < found.copies.synthetic.value < 0.75
