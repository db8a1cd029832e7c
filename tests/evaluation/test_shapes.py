import numpy as np
import pyarrow as pa
import pytest

from tabgan.evaluation.shapes import LEVELS, choose_level, compare_shapes, shape_of


def draw():
    return np.random.default_rng(0)


@pytest.mark.parametrize(
    ("cell", "shapes"),
    [
        ("AB-1207", ["AA-0000", "A-0", "xx-xxxx", "x-x"]),
        ("Émile Zola", ["Aaaaa Aaaa", "Aa Aa", "xxxxx xxxx", "x x"]),
        ("日本 ٣", ["oo 0", "o 0", "xx x", "x x"]),
        ("", ["", "", "", ""]),
        ("a.b@c.org", ["a.a@a.aaa", "a.a@a.a", "x.x@x.xxx", "x.x@x.x"]),
        ("🙂!", ["🙂!", "🙂!", "🙂!", "🙂!"]),
    ],
)
def test_shapes_from_fine_to_coarse(cell, shapes):
    assert [shape_of(pa.array([cell]), level)[0].as_py() for level in range(len(LEVELS))] == shapes


def test_only_the_first_characters_of_long_cells_count():
    assert len(shape_of(pa.array(["a" * 10**6]), 0)[0].as_py()) == 200


def hexadecimal(n, seed):
    rng = np.random.default_rng(seed)
    return [
        "".join(rng.choice(list("0123456789abcdef"), 8)) + "-" + "".join(rng.choice(list("abc123"), 4))
        for _ in range(n)
    ]


@pytest.mark.parametrize(
    ("cells", "level"),
    [
        ([f"AB-{i:04}" for i in range(500)], 0),
        (["A" * (1 + i % 60) + "a" * (1 + i % 7) for i in range(500)], 1),
        (hexadecimal(500, 0), 2),
        ([f"{'ab1' * (i % 50)}c{'-' * (i % 3)}" for i in range(500)], 3),
    ],
    ids=["codes", "names", "hexadecimal", "lengths"],
)
def test_the_finest_level_is_taken_at_which_shapes_repeat(cells, level):
    assert choose_level(pa.array(cells)) == level


def test_two_samples_of_one_pattern_are_as_far_apart_as_chance_has_it():
    rng = np.random.default_rng(1)
    codes = pa.array([f"{'AB' if rng.random() < 0.3 else 'C'}-{rng.integers(1000, 9999)}" for _ in range(4000)])
    found = compare_shapes(codes[:2000], codes[2000:], codes[:0], draw())
    assert found.distance.value < 0.04
    assert found.distance.low == 0
    assert found.known.synthetic.value == found.known.real.value == 1
    assert [one.shape for one in found.most_frequent] == ["A-0000", "AA-0000"]
    assert found.most_frequent[0].real.value == pytest.approx(0.7, abs=0.05)


def test_broken_formats_are_seen():
    real = pa.array([f"AB-{i:04}" for i in range(1000)])
    made = pa.array([f"AB-{i:04}" if i % 4 else f"ab{i}" for i in range(1000)])
    found = compare_shapes(real, made, real[:0], draw())
    assert found.distance.value == pytest.approx(0.25)
    assert found.distance.floor == 0
    assert found.known.synthetic.value == pytest.approx(0.75)
    assert found.most_frequent[0].synthetic.value == pytest.approx(0.75)


def test_rare_shapes_of_real_cells_are_not_shown_and_not_known_among_the_others():
    real = pa.array(["A1"] * 96 + ["b", "c?", "d-", "!"])
    found = compare_shapes(real, real, real[:0], draw())
    assert [one.shape for one in found.most_frequent] == ["A0"]
    assert found.known.synthetic.value == 1
    assert found.known.real.value == pytest.approx(0.96)


def test_held_out_cells_are_the_yardstick_where_they_are_given():
    real = pa.array(["A1"] * 50)
    found = compare_shapes(real, real, pa.array(["A1", "?"]), draw())
    assert found.known.real.value == pytest.approx(0.5)


def test_the_same_seed_gives_the_same_result():
    cells = pa.array(hexadecimal(300, 2))
    first, second = (compare_shapes(cells[:200], cells[200:], cells[:0], draw()) for _ in range(2))
    assert first == second
