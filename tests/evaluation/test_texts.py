import numpy as np
import pytest

from tabgan.evaluation.texts import RUN, compare_texts, in_words, shared_runs

VOCABULARY = np.asarray([f"w{i}" for i in range(2000)])
SHARES = 1 / np.arange(1, 2001) / (1 / np.arange(1, 2001)).sum()


def texts(n, seed, mean=25, shares=SHARES):
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(VOCABULARY, max(1, rng.poisson(mean)), p=shares)) for _ in range(n)]


def draw(seed=0):
    return np.random.default_rng(seed)


def runs(real, synthetic, held_out=()):
    sides, n_words = in_words((real, synthetic, held_out))
    return shared_runs(*sides, n_words, draw())


def test_words_are_numbered_across_sides_in_lower_case_without_marks():
    (first, second), n_words = in_words((["Good, good dress!", "", "Größe é 3"], ["DRESS"]))
    assert n_words == 5
    assert first.ids.tolist() == [0, 0, 1, 2, 3, 4]
    assert first.lengths.tolist() == [3, 0, 3]
    assert first.texts.tolist() == [0, 0, 0, 2, 2, 2]
    assert second.ids.tolist() == [1]


@pytest.mark.parametrize(("n", "m"), [(300, 300), (2000, 500), (500, 2000)])
def test_two_samples_of_one_language_lie_at_the_floor(n, m):
    found = [compare_texts(texts(n, seed), texts(m, 100 + seed), [], draw(seed)) for seed in range(6)]
    values, floors = np.asarray([[one.words.value, one.words.floor] for one in found]).T
    assert values.mean() == pytest.approx(floors.mean(), rel=0.15)
    assert all(one.words.low <= one.words.floor for one in found)
    assert all(one.length.low <= one.length.floor for one in found)


def test_other_words_are_seen():
    found = compare_texts(texts(1000, 0), texts(1000, 1, shares=SHARES[::-1]), [], draw())
    assert found.words.value > 0.7
    assert found.words.low > 0.5
    assert found.words.floor < 0.1


def test_a_known_difference_is_measured():
    found = compare_texts(["a b"] * 100, ["a a"] * 30 + ["a b"] * 70, [], draw())
    assert found.words.value == pytest.approx(0.15)  # shares of "a": 0.5 and 0.65
    assert found.words.low < 0.15 < found.words.high
    assert found.n_words == 2


def test_other_lengths_are_seen():
    found = compare_texts(texts(1000, 0), texts(1000, 1, mean=60), [], draw())
    assert found.length.value > 0.95
    assert found.length.floor < 0.05
    assert [one.share for one in found.lengths] == [0.05, 0.5, 0.95]
    assert found.lengths[1].real.value == pytest.approx(25, abs=2)
    assert found.lengths[1].synthetic.value == pytest.approx(60, abs=2)


def test_a_run_is_found_wherever_it_stands():
    passage = " ".join(f"p{i}" for i in range(RUN))
    real = [*texts(50, 0), f"before {passage} and after"]
    made = [*texts(30, 1), f"{passage} first", f"last {passage.upper()}!", passage.rsplit(" ", 1)[0]]
    found = runs(real, made)
    long_enough = sum(len(text.split()) >= RUN for text in made)
    assert found.synthetic.value == pytest.approx(2 / long_enough)
    assert found.real.value == 0


def test_words_that_end_one_text_and_begin_another_are_no_run():
    words = [f"q{i}" for i in range(12)]
    real = [" ".join(words)]
    made = [" ".join(words[:6]), " ".join(words[6:]), " ".join(["z", *words[1:7], "y"])]
    assert runs(real, made).synthetic.value == 0


def test_real_texts_are_looked_for_among_the_others_or_held_out_ones_among_them():
    shared = " ".join("abcdefgh")
    real = [f"{shared} one", f"{shared} two", *texts(8, 0)]
    assert runs(real, texts(10, 1)).real.value == pytest.approx(0.2)
    assert runs([real[0], *texts(9, 0)], texts(10, 1)).real.value == 0
    assert runs([f"{shared} {shared}", *texts(9, 0)], texts(10, 1)).real.value == 0  # twice in one text
    assert runs(real, texts(10, 1), [f"x {shared}", *texts(3, 2)]).real.value == pytest.approx(0.25)


def test_copied_texts_are_all_found():
    real = texts(300, 0, mean=40)
    found = compare_texts(real, real[:100], [], draw())
    assert found.runs.synthetic.value == 1
    assert found.runs.real.value == 0


@pytest.mark.parametrize("odd", [[""], ["!!!", ""], ["x"], ["語" * 50], ["a b c"]])
def test_odd_texts_are_compared_without_a_crash(odd):
    for real, made in ((odd, odd), (odd, texts(20, 0)), (texts(20, 0), odd)):
        found = compare_texts(real, made, [], draw())
        assert 0 <= found.length.value <= 1
        assert (found.words is None) == ("".join(odd).strip("!") == "")
        assert found.runs is None


def test_words_of_a_single_use_are_counted_together():
    real, made = ([f"{side}{i} {side}{i + 10**6}" for i in range(500)] for side in "rs")
    found = compare_texts(real, made, [], draw())
    assert found.n_words == 0
    assert found.words.value == 0


def test_the_same_seed_gives_the_same_result():
    real, made = texts(200, 0), texts(150, 1)
    assert compare_texts(real, made, [], draw()) == compare_texts(real, made, [], draw())
