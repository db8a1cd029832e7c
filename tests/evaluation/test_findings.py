from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tabgan.evaluation.evaluator import evaluate
from tabgan.evaluation.findings import find
from tabgan.evaluation.report import OPTIONAL
from tabgan.evaluation.results import Cluster, Estimate, PointMass, Range

from .made import (
    beside,
    category,
    collapse,
    detection,
    estimate,
    faultless,
    number,
    pair,
    privacy,
    support,
    utility,
    written,
)


def one(report, area):
    """The only finding of an area."""
    (found,) = [finding for finding in find(report) if finding.area == area]
    return found


def test_a_faultless_table_has_one_good_word_for_each_part():
    found = find(faultless())
    assert {finding.level for finding in found} == {"fine"}
    assert [finding.area for finding in found] == ["columns", "pairs", "rows", "utility", "privacy"]


def test_a_column_is_named_with_where_it_differs():
    found = one(replace(faultless(), columns=(number("age", 0.3),)), "columns")
    assert (found.level, found.columns) == ("serious", ("age",))
    assert "0.300" in found.text
    assert "`0 to 5` in 50 % of the real cells and in 80 % of the synthetic" in found.text


def test_a_point_mass_explains_better_than_a_bin():
    mass = PointMass(label="0", real=estimate(0.9), synthetic=estimate(0.4))
    found = one(replace(faultless(), columns=(number("gain", 0.5, point_masses=(mass,)),)), "columns")
    assert "`0` in 90 % of the real cells and in 40 % of the synthetic" in found.text


@pytest.mark.parametrize(("distance", "p"), [(0.02, 0.0), (0.3, 0.2)])
def test_what_is_small_or_may_be_chance_is_not_named(distance, p):
    assert one(replace(faultless(), columns=(number("age", distance, p),)), "columns").level == "fine"


def test_many_columns_are_summed_up():
    columns = tuple(number(f"c{i}", 0.05 + i / 100) for i in range(9))
    found = [finding for finding in find(replace(faultless(), columns=columns)) if finding.area == "columns"]
    assert [finding.columns for finding in found] == [
        ("c8",),
        ("c7",),
        ("c6",),
        ("c5",),
        ("c4",),
        ("c3", "c2", "c1", "c0"),
    ]


@pytest.mark.parametrize(
    ("column", "says"),
    [
        (number("a", 0.0, 0.0, missing_real=10, missing_synthetic=200), "missing in 1 % of the real cells and in 20 %"),
        (category("a", 0.0, invented_share=0.06, n_invented=2), "2 categories that no real cell has"),
        (category("a", 0.0, lost_share=0.06, n_lost=1), "lost a category that 6 % of the real cells have"),
        (
            number(
                "a", 0.0, range=Range(real=("0", "9"), synthetic=("-5", "9"), outside_share=0.2, outside_expected=0)
            ),
            "outside the real range, 0 to 9",
        ),
    ],
)
def test_other_faults_of_columns_are_named(column, says):
    found = one(replace(faultless(), columns=(column,)), "columns")
    assert found.level == "serious"
    assert says in found.text


def test_losing_what_a_second_sample_would_lose_is_no_fault():
    column = category(
        "a",
        0.0,
        n_lost=40,
        lost_share=0.04,
        lost_expected=0.037,
        n_invented=30,
        invented_share=0.03,
        invented_expected=0.031,
    )
    assert one(replace(faultless(), columns=(column,)), "columns").level == "fine"


def test_less_tied_columns_are_named():
    apart = pair("occupation", "workclass", 0.2, association_real=0.4, association_synthetic=0.1)
    found = one(replace(faultless(), pairs=(apart,)), "pairs")
    assert (found.level, found.columns) == ("serious", ("occupation", "workclass"))
    assert "`occupation` and `workclass` are less tied than in the real table" in found.text


def test_a_pair_is_not_blamed_for_its_columns():
    report = faultless()
    columns = (number("age", 0.3), report.columns[1])
    apart = pair("age", "label", 0.3, association_real=0.4, association_synthetic=0.4)
    assert one(replace(report, columns=columns, pairs=(apart,)), "pairs").level == "fine"


def test_other_combinations_are_named_where_the_tie_is_as_strong():
    apart = pair("a", "b", 0.4, association_real=0.4, association_synthetic=0.4)
    assert "other combinations" in one(replace(faultless(), pairs=(apart,)), "pairs").text


def test_a_stronger_tie_that_rests_on_a_few_rows_is_not_named():
    rare = pair("gain", "country", 0.013, association_real=0.0, association_synthetic=0.07)
    assert one(replace(faultless(), pairs=(rare,)), "pairs").level == "fine"


def test_many_pairs_are_summed_up():
    pairs = tuple(pair("a", f"b{i}", 0.4) for i in range(50))
    found = [finding for finding in find(replace(faultless(), pairs=pairs)) if finding.area == "pairs"]
    assert len(found) == 6
    assert found[-1].text.startswith("45 more pairs")


def test_the_columns_that_give_rows_away_are_named():
    found = one(replace(faultless(), detection=detection(0.97, ("age", 0.2), ("label", 0.001))), "rows")
    assert (found.level, found.columns) == ("serious", ("age",))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"support": support(0.5, 1.0)}, "no synthetic counterpart"),
        ({"support": support(0.95, 0.4)}, "few or no real rows"),
        ({"collapse": collapse(distinct=beside(0.2, 0.99))}, "repeat each other"),
        ({"collapse": collapse(entropy=beside(1.0, 3.0))}, "vary less"),
        (
            {
                "collapse": collapse(
                    coverage=beside(0.5, 1.0),
                    clusters=(Cluster(real=estimate(0.4), synthetic=estimate(0.0), described="`age` is 60 to 80"),),
                )
            },
            "A kind of row has all but vanished, 40 % of the real rows: `age` is 60 to 80",
        ),
    ],
)
def test_a_collapse_is_named(change, says):
    found = one(replace(faultless(), **change), "rows")
    assert found.level == "serious"
    assert says in found.text


def test_a_useless_table_is_named():
    assert one(replace(faultless(), utility=utility(0.6, 0.9)), "utility").level == "serious"


@pytest.mark.parametrize(
    "change",
    [
        {"copies": beside(0.5, 0.01)},
        {"near_copies": beside(0.5, 0.01)},
        {"nearer_to_train": estimate(0.9, floor=0.5)},
        {"membership": replace(privacy().membership, auc=estimate(0.9))},
        {"attacks": (replace(privacy().attacks[0], risk=estimate(0.5), sentence="Linking works."),)},
    ],
)
def test_each_breach_of_privacy_is_named(change):
    found = one(replace(faultless(), privacy=privacy(**change)), "privacy")
    assert found.level == "serious"


def test_without_held_out_rows_privacy_is_said_to_be_unknown():
    report = replace(faultless(), privacy=privacy(membership=None, nearer_to_train=None, attacks=()))
    assert "without held-out rows" in one(report, "privacy").text


def test_the_worst_come_first():
    report = replace(faultless(), columns=(number("a", 0.05), number("b", 0.2), number("c", 0.6)))
    found = [finding for finding in find(report) if finding.area == "columns"]
    assert [finding.columns[0] for finding in found] == ["c", "b", "a"]
    assert [finding.level for finding in find(report)][:3] == ["serious", "serious", "notable"]


def test_names_cannot_end_their_mark():
    found = one(replace(faultless(), columns=(number("a`b", 0.3),)), "columns")
    assert found.text.startswith("`a'b` is")


def test_rare_categories_and_extremes_of_a_second_real_sample_are_no_finding():
    draw = np.random.default_rng(0)
    shares = 1 / np.arange(1, 301) / (1 / np.arange(1, 301)).sum()
    for n, m in [(500, 500), (500, 100), (100, 500)] * 3:
        tables = [
            pa.table({"zip": draw.choice(300, size, p=shares).astype(str), "x": draw.normal(size=size)})
            for size in (n, m)
        ]
        found = evaluate(*tables, skip=OPTIONAL).findings
        assert [finding.text for finding in found if finding.area == "columns" and finding.level != "fine"] == []


def test_few_cells_more_than_expected_are_chance_and_many_are_not():
    few, many = (
        replace(category("city", 0.0, 0.9), n_invented=1, invented_share=share, invented_expected=0.002)
        for share in (0.008, 0.03)
    )
    assert [f.level for f in find(replace(faultless(), columns=(few,))) if f.area == "columns"] == ["fine"]
    assert [f.level for f in find(replace(faultless(), columns=(many,))) if f.area == "columns"] == ["notable"]


def sparse(n, seed):
    """A table of rare categories, so that two samples of it share few combinations."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "x": rng.normal(size=n),
            "few": rng.choice(["a", "b", "c"], n),
            "many": rng.integers(0, 60, n).astype(str),
            "rare": rng.zipf(1.7, n).clip(0, 10**6).astype(str),
        }
    )


@pytest.mark.parametrize(("n", "m"), [(1, 1), (3, 3), (10, 10), (20, 2000), (2000, 20), (60, 60), (200, 200)])
def test_samples_of_one_table_have_no_faults(n, m):
    for seed in range(3):
        found = evaluate(sparse(n, seed), sparse(m, 1000 + seed), skip=OPTIONAL).findings
        assert [finding.text for finding in found if finding.level != "fine"] == []


def test_many_pairs_do_not_make_one_of_them_a_fault():
    real, synthetic = (pd.DataFrame(np.random.default_rng(s).normal(size=(200, 80))) for s in (0, 1))
    found = evaluate(real, synthetic, skip=OPTIONAL).findings
    assert [finding.text for finding in found if finding.level != "fine"] == []


def told(*results):
    """The findings of written columns."""
    report = replace(faultless(), written=results)
    return [(found.level, found.text) for found in find(report) if found.area == "written"]


def test_written_columns_without_a_fault_have_one_good_word():
    ((level, text),) = told(*map(written, ("key", "pattern", "personal", "text")))
    assert level == "fine"
    assert "4 columns of keys" in text
    assert told() == []


def test_a_repeated_key_is_serious():
    ((level, text),) = told(written("key", repeats=beside(0.002, 0.0), n_repeats=1))
    assert (level, text) == ("serious", "`c` is a key, but 1 synthetic cell repeats another one.")
    ((level, text),) = told(written("key", repeats=beside(0.3, 0.1), n_repeats=300))
    assert (level, "300 synthetic cells repeat" in text) == ("serious", True)
    assert told(written("key", repeats=beside(0.1, 0.1), n_repeats=100))[0][0] == "fine"


@pytest.mark.parametrize(
    ("kind", "synthetic", "real", "level"),
    [
        ("text", 0.2, 0.01, "serious"),
        ("text", 0.045, 0.001, "notable"),
        ("text", 0.2, 0.2, "fine"),
        ("text", 0.02, 0.01, "fine"),
        ("personal", 0.2, 0.01, "serious"),
        ("personal", 0.2, 0.3, "notable"),
        ("personal", 0.03, 0.3, "fine"),
        ("pattern", 0.9, 0.01, "notable"),
        ("key", 0.9, 0.0, "fine"),
    ],
)
def test_copies_are_judged_against_real_rows(kind, synthetic, real, level):
    ((found, text),) = told(written(kind, copies=beside(synthetic, real)))
    assert found == level
    if level != "fine":
        assert f"{100 * synthetic:.2g} % of the synthetic cells of `c` equal a real one" in text
        assert "of other real rows" in text


def test_passages_in_common_are_judged_against_real_rows():
    fine = written("text")
    for synthetic, real, level in ((0.3, 0.02, "serious"), (0.3, 0.3, "fine"), (0.08, 0.01, "notable")):
        text = replace(fine.text, runs=beside(synthetic, real))
        ((found, sentence),) = told(replace(fine, text=text))
        assert found == level
        assert level == "fine" or "8 words in a row" in sentence


def test_texts_and_strings_unlike_real_ones_are_named():
    far = Estimate(value=0.3, standard_error=0.01, low=0.25, high=0.35, floor=0.02)
    maybe = Estimate(value=0.3, standard_error=0.2, low=0.01, high=0.9, floor=0.02)
    fine = written("text")
    found = told(replace(fine, text=replace(fine.text, length=far, words=far)))
    assert [level for level, _ in found] == ["serious", "serious"]
    assert "other lengths: KS D 0.300, between two real samples 0.020" in found[0][1]
    assert "other words" in found[1][1]
    assert told(replace(fine, text=replace(fine.text, length=maybe, words=None, runs=None)))[0][0] == "fine"
    assert "shapes of `c` are distributed differently" in told(written("pattern", shape=far))[0][1]
    ((level, text),) = told(written("pattern", shape=far, known_shapes=beside(0.6, 1.0)))
    assert (level, "40 % of the synthetic cells of `c` have a shape that no real cell has" in text) == ("serious", True)
    assert told(written("key", shape=far, known_shapes=beside(0.6, 1.0)))[0][0] == "notable"


def test_shapes_that_follow_from_how_keys_and_fakes_are_made_are_not_judged():
    far = Estimate(value=0.3, standard_error=0.01, low=0.25, high=0.35, floor=0.02)
    assert told(written("key", shape=far))[0][0] == "fine"
    assert told(written("personal", shape=far, known_shapes=beside(0.6, 1.0)))[0][0] == "fine"


def test_missing_and_little_varied_cells_are_named():
    ((level, text),) = told(written("key", missing_synthetic=estimate(0.5)))
    assert (level, "missing in 10 % of the real cells and in 50 % of the synthetic" in text) == ("serious", True)
    ((level, text),) = told(written("text", distinct=beside(0.4, 0.99)))
    assert (level, "40 % of its synthetic cells differ, 99 % of as many real ones" in text) == ("serious", True)
    assert told(written("text", copies=None, distinct=None, text=None))[0][0] == "fine"
