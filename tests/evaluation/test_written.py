import numpy as np
import pyarrow as pa
import pytest

from tabgan.evaluation.written import WrittenColumn, compare_written, copied


def cells(values):
    return pa.chunked_array([pa.array(values, pa.large_string())])


def column(kind, real, synthetic, held_out=None):
    unseen = None if held_out is None else cells(held_out)
    return WrittenColumn("c", kind, cells(real), cells(synthetic), unseen)


def compared(*given):
    (result,) = compare_written([column(*given)], seed=0)
    return result


def large(values):
    return pa.array(values, pa.large_string())


REVIEWS = [f"a note of {i} words and {i * 7} marks, seen on day {i % 9} by some reader of ours" for i in range(400)]
KEYS = [f"K-{i:05}" for i in range(400)]


def test_a_key_that_repeats_is_counted():
    result = compared("key", KEYS, [*KEYS[:95], *KEYS[:5]])
    assert result.n_repeats == 5
    assert result.repeats.synthetic.value == pytest.approx(0.05)
    assert result.repeats.real.value == 0
    assert result.copies.synthetic.value == 1
    assert result.copies.real.value == 0
    assert result.distinct.synthetic.value == pytest.approx(0.95)
    assert result.shape.value == 0


def test_new_keys_of_the_same_pattern_have_nothing_against_them():
    result = compared("key", KEYS, [f"K-{i:05}" for i in range(1000, 1200)])
    assert (result.n_repeats, result.copies.synthetic.value, result.known_shapes.synthetic.value) == (0, 0, 1)
    assert result.shapes[0].shape == "A-00000"
    assert (result.n_shape_real, result.n_shape_synthetic, result.text) == (400, 200, None)


def test_missing_cells_are_told_of_both_sides_and_count_for_nothing_else():
    result = compared("personal", [None] * 100 + KEYS[:300], KEYS[:50] + [None] * 50)
    assert (result.missing_real.value, result.missing_synthetic.value) == (0.25, 0.5)
    assert result.missing_real.low < 0.25 < result.missing_real.high
    assert result.copies.synthetic.value == 1
    assert (result.n_real, result.n_synthetic, result.n_shape_synthetic) == (400, 100, 50)


@pytest.mark.parametrize("kind", ["key", "pattern", "personal", "text"])
@pytest.mark.parametrize("sides", [([None] * 5, KEYS), (KEYS, [None] * 5), ([None], [None])])
def test_without_present_cells_only_the_missing_ones_are_told(kind, sides):
    result = compared(kind, *sides)
    assert (result.copies, result.distinct, result.shape, result.text, result.repeats) == (None,) * 5
    assert result.caveats[0].code == "few_cells"


@pytest.mark.parametrize("kind", ["key", "pattern", "personal", "text"])
@pytest.mark.parametrize("value", ["x", "", "🙂" * 300, "ß ß ß ß ß ß ß ß ß"])
def test_single_rows_are_compared(kind, value):
    result = compared(kind, [value], [value])
    assert result.copies.synthetic.value == 1
    assert result.distinct.synthetic.value == 1


def test_copies_are_of_rare_values_alone():
    real = large(["common"] * 5 + ["rare"] * 4 + ["once"])
    found = copied(real, large(["common", "rare", "once", "new"]), large([]))
    assert found.synthetic.value == pytest.approx(0.5)
    assert found.real.value == pytest.approx(0.9)  # each "common" among four others, each "rare" among three


def test_held_out_rows_are_the_yardstick_where_they_are_given():
    found = copied(large(["a", "b", "c"]), large(["a", "x"]), large(["b", "y", "z", "w"]))
    assert (found.synthetic.value, found.real.value) == (0.5, 0.25)
    assert compared("text", REVIEWS, REVIEWS[:50], REVIEWS[50:60]).baseline == "held-out rows"
    assert compared("text", REVIEWS, REVIEWS[:50], [None, None]).baseline == "other real rows"


def test_one_value_drawn_many_times_is_less_sure_than_many_values():
    real = large([f"v{i}" for i in range(1000)])
    once = copied(real, large([f"v{i}" for i in range(100)] + [f"n{i}" for i in range(100)]), large([]))
    often = copied(real, large(["v1"] * 100 + ["n1"] * 100), large([]))
    assert once.synthetic.value == often.synthetic.value == 0.5
    assert often.synthetic.standard_error > 5 * once.synthetic.standard_error
    assert often.synthetic.low < 0.2


def test_shares_of_copies_are_covered_by_their_intervals():
    covered = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        made = [f"v{rng.integers(500)}" if rng.random() < 0.2 else f"n{i}" for i in range(300)]
        found = copied(large([f"v{i}" for i in range(500)]), large(made), large([])).synthetic
        covered += found.low <= 0.2 <= found.high
    assert covered >= 90


def test_texts_have_words_and_no_shapes():
    result = compared("text", REVIEWS, REVIEWS[:100])
    assert result.shape is None
    assert result.text.runs.synthetic.value == 1
    assert (result.text.n_real, result.text.n_synthetic) == (400, 100)
    assert result.copies.synthetic.value == 1


def test_long_texts_are_drawn_and_how_many_is_told():
    real = ["x" * 100_000 + f" {i}" for i in range(300)]
    result = compared("text", real, real[:5])
    assert 150 < result.text.n_real < 250
    assert result.n_real == 300
    assert result.copies.synthetic.value == 1  # all rows


def test_the_same_seed_gives_the_same_result_and_inputs_stay():
    given = column("text", REVIEWS, REVIEWS[100:300])
    before = given.real.to_pylist()
    first, second = compare_written([given], 3), compare_written([given], 3)
    assert first == second
    assert given.real.to_pylist() == before


def test_chunks_make_no_difference():
    one = compared("key", KEYS, KEYS[:50])
    halves = pa.chunked_array([pa.array(KEYS[:7], pa.large_string()), pa.array(KEYS[7:], pa.large_string())])
    (two,) = compare_written([WrittenColumn("c", "key", halves, cells(KEYS[:50]))], 0)
    assert one == two


def test_no_columns_give_no_results():
    assert compare_written([], 0) == ()
