from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from tabgan.evaluation.aligned import align
from tabgan.evaluation.attacks import attack, infer, link, single_out, without_repeats
from tabgan.evaluation.results import Estimate
from tabgan.evaluation.results.privacy import exposed

N = 400


@pytest.fixture
def numbers():
    """Columns of independent normal numbers; the synthetic rows are the real ones, other ones, or as given."""

    def build(n_columns=4, synthetic="other", n=N, held=N, seed=0):
        draw = np.random.default_rng(seed)
        real, other, held_out = (draw.normal(size=(size, n_columns)) for size in (n, n, held))
        made = {"real": real, "other": other}[synthetic] if isinstance(synthetic, str) else synthetic
        sides = (real, made, held_out)
        return [align(f"x{j}", "continuous", *(pa.array(side[:, j]) for side in sides)) for j in range(n_columns)]

    return build


def risks(results):
    return [result.risk for result in results]


def test_copies_are_singled_out_linked_and_inferred(numbers):
    found = attack(numbers(synthetic="real"), 0)
    assert [result.attack for result in found] == ["singling out", "linkability"] + 4 * ["inference"]
    assert [result.secret for result in found[:2]] == ["", ""]
    assert sorted(result.secret for result in found[2:]) == ["x0", "x1", "x2", "x3"]
    assert all(result.train.value == 1 and result.risk.value == 1 and exposed(result.risk) for result in found)
    assert all(result.control.value < 0.5 for result in found)


@pytest.mark.parametrize("seed", range(4))
def test_other_rows_give_nothing_away(numbers, seed):
    found = attack(numbers(seed=seed), seed)
    assert not any(exposed(risk) for risk in risks(found))
    assert all("no more than chance explains" in result.sentence for result in found)


def test_a_sentence_says_what_was_right(numbers):
    found = attack(numbers(synthetic="real"), 0)
    shown = f"{round(found[0].control.value * N)} exactly one of as many rows that the synthesizer never saw"
    assert found[0].sentence.startswith(f"Of {N} descriptions made from synthetic rows, {N} fitted exactly one of {N}")
    assert shown in found[0].sentence
    assert found[0].sentence.endswith("learnt rows run a risk of 100 % (99 % to 100 %) beyond that of others.")
    assert f"`{found[2].secret}` was guessed right from the other columns for {N} of {N} learnt" in found[2].sentence


def test_control_and_baseline_are_what_chance_gives(numbers):
    found = attack(numbers(n=2000, held=2000), 0)
    n = found[1].n_guesses
    assert n == 1000
    linked = 1 - np.prod((2000 - 5 - np.arange(5)) / (2000 - np.arange(5)))
    assert found[1].baseline.value == pytest.approx(linked, abs=1 / n)
    assert found[1].control.value == pytest.approx(linked, abs=0.015)
    for result in found[2:]:  # two random ranks lie within a twentieth of each other
        assert result.control.value == pytest.approx(1 - 0.95**2, abs=0.03)
        assert result.baseline.value == pytest.approx(0.1, abs=0.03)


def test_more_rows_of_one_copy_do_not_hide_it(numbers):
    columns = [replace(column, synthetic=np.tile(column.real, 5)) for column in numbers()]
    distinct = without_repeats(columns, 0)
    assert len(distinct[0].synthetic) == N
    assert attack(columns, 0)[0].train.value == 1.0


def test_a_rare_value_is_a_description_by_itself():
    common = ["a", "b"] * 100
    table = [
        align("c", "categorical", pa.array([*common, "rare"]), pa.array([*common, "rare"]), pa.array([*common, "b"]))
    ]
    found = single_out(without_repeats(table, 0), 0, 1000)
    assert found.n_guesses == 3  # each distinct row is one, whatever it is worth
    assert (found.train.value, found.control.value) == (pytest.approx(1 / 3), 0.0)
    assert [caveat.code for caveat in found.caveats] == ["few_guesses"]


def test_dense_numbers_are_described_by_narrower_bands(numbers):
    found = attack(numbers(1, synthetic="real", n=3000, held=3000), 0)
    assert [result.attack for result in found] == ["singling out"]
    assert found[0].risk.low > 0.4


def test_a_secret_that_only_the_table_tells(numbers):
    columns = numbers(3)
    labels = np.random.default_rng(5).integers(0, 4, (3, N))
    secret = align("s", "categorical", *(pa.array(side.astype(str)) for side in labels))
    leaked = [replace(column, synthetic=column.real) for column in [*columns, replace(secret, synthetic=secret.real)]]
    result = next(part for part in infer(leaked, 1000) if part.secret == "s")
    assert result.train.value == 1.0
    assert result.control.value == pytest.approx(0.25, abs=0.08)
    assert result.baseline.value == pytest.approx(0.25, abs=0.08)


def test_a_secret_that_the_population_tells_is_no_risk(numbers):
    columns = numbers(2)
    twin = replace(columns[0], name="twin")
    result = next(part for part in infer([*columns, twin], 1000) if part.secret == "twin")
    assert result.control.value > 0.3
    assert abs(result.risk.value) < 3 * result.risk.standard_error


def test_where_every_control_guess_is_right_nothing_is_left(numbers):
    cells = pa.array(["a", "b"] * 200)
    table = [align(name, "categorical", cells, cells, cells) for name in ("p", "q")]
    found = infer(table, 1000)
    assert [result.risk for result in found] == [Estimate(value=0.0)] * 2
    assert found[0].caveats[0].code == "little_left"
    assert "no more than chance explains" in found[0].sentence


def test_columns_that_hardly_vary_are_no_secrets(numbers):
    cells = pa.array(["a"] * 399 + ["b"])
    rare = align("rare", "categorical", cells, cells, cells)
    assert "rare" not in [result.secret for result in attack([*numbers(2), rare], 0)]
    constant = align("k", "continuous", *(pa.array([1.0] * N) for _ in range(3)))
    assert attack([constant], 0) == ()


def test_at_most_six_secrets_and_as_many_guesses_as_asked_for(numbers):
    found = attack(numbers(9), 0, n_guesses=50)
    assert len(found) == 8
    assert {result.n_guesses for result in found} == {50}


def test_halves_share_no_column_and_hold_them_all(numbers):
    # only the first two columns are copied; they are dealt into different halves, as they say most
    columns = numbers(2, synthetic="real") + [
        align(f"c{j}", "categorical", *(pa.array(["a", "b"] * (N // 2)) for _ in range(3))) for j in range(2)
    ]
    assert link(columns, 1000).train.value > 0.95


def test_the_seed_decides(numbers):
    assert attack(numbers(), 3) == attack(numbers(), 3)
    assert attack(numbers(), 3)[0] != attack(numbers(), 4)[0]


@pytest.mark.parametrize(
    ("value", "error", "expected"), [(0.4, 0.1, True), (0.2, 0.1, False), (0.0, None, False), (-1.0, 0.1, False)]
)
def test_a_risk_shows_beyond_three_errors(value, error, expected):
    assert exposed(Estimate(value=value, standard_error=error)) is expected
