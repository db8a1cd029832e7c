import numpy as np
import pyarrow as pa
import pytest

from tabgan.evaluation.aligned import align
from tabgan.evaluation.evaluator import evaluate
from tabgan.evaluation.unseen import set_aside


def tables(*sides):
    return [align(f"c{i}", "continuous", *(pa.array(side[:, i]) for side in sides)) for i in range(sides[0].shape[1])]


def drawn(n, seed, digits=3):
    return np.random.default_rng(seed).normal(size=(n, 2)).round(digits)


def test_rows_that_nobody_has_seen_are_kept():
    given = tables(drawn(200, 0), drawn(200, 1), drawn(100, 2))
    assert set_aside(given, 0) == (tuple(given), ())


@pytest.mark.parametrize(("seen", "word"), [(0, "real"), (1, "synthetic")])
def test_held_out_rows_of_another_table_are_set_aside(seen, word):
    sides = [drawn(200, 0), drawn(200, 1)]
    found, (caveat,) = set_aside(tables(*sides, sides[seen][:100]), 0)
    assert [len(column.held_out) for column in found] == [0, 0]
    assert f"100% of the held-out rows equal a {word} row" in caveat.text


def test_some_seen_rows_are_said_and_kept():
    held_out = np.concatenate([drawn(200, 0)[:30], drawn(70, 2)])
    found, (caveat,) = set_aside(tables(drawn(200, 0), drawn(200, 1), held_out), 0)
    assert len(found[0].held_out) == 100
    assert caveat.code == "held_out_seen"


@pytest.mark.parametrize(("n", "seed", "digits"), [(200, 1, 0), (20_000, 1, 1), (200, 0, 1)])
def test_rows_that_repeat_anyway_are_no_sign(n, seed, digits):
    assert not set_aside(tables(drawn(200, 0, digits), drawn(n, seed, digits), drawn(100, 2, digits)), 0)[1]


def test_a_copy_beside_itself_as_held_out_rows_is_not_called_private(people):
    real = people(200, 0)
    report = evaluate(real, real, real)
    assert "held_out_seen" in {caveat.code for caveat in report.caveats}
    assert {finding.level for finding in report.findings if finding.area == "privacy"} == {"serious"}
