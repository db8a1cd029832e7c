import numpy as np
import pyarrow as pa
import pytest

from tabgan.evaluation.aligned import align
from tabgan.evaluation.clusters import describe

N = 600


@pytest.fixture
def described():
    """Describe three clusters of N rows each; columns are given as {name: (kind, cells)}."""

    def build(**parts):
        columns = [align(name, kind, cells, cells[:0]) for name, (kind, cells) in parts.items()]
        return describe(columns, [column.real for column in columns], np.repeat([0, 1, 2], N))

    return build


def each(*cells):
    return pa.array(np.repeat(cells, N))


def test_a_cluster_is_described_by_what_sets_it_apart(described):
    draw = np.random.default_rng(0)
    texts = described(
        noise=("continuous", pa.array(draw.normal(size=3 * N))),
        rating=("categorical", each(1, 5, 5)),
        age=("continuous", pa.array(np.concatenate([draw.integers(18, 40, 2 * N), draw.integers(60, 84, N)]))),
    )
    assert texts[0].startswith("`rating` is 1, `age` is ")
    assert texts[2].startswith("`age` is 62 to 81, `rating` is 5")
    assert not any("noise" in text for text in texts)


def test_names_of_which_each_occurs_once_do_not_come_first(described):
    names = pa.array([f"p{i}" for i in range(3 * N)])
    numbers = pa.array(np.arange(3 * N) % N)
    texts = described(
        name=("high_cardinality", names), number=("continuous", numbers), c=("categorical", each("a", "b", "c"))
    )
    assert texts == ["`c` is a", "`c` is b", "`c` is c"]


def test_several_categories_are_listed_and_many_are_not(described):
    draw = np.random.default_rng(0)
    few, many = draw.choice(["a", "b"], N), draw.choice(list("mnopqrs"), N, p=[0.4, *[0.1] * 6])
    texts = described(c=("categorical", pa.array(np.concatenate([few, many, np.full(N, "z")]))))
    assert texts[0] == "`c` is a or b"
    assert texts[1:] == ["`c` is often m", "`c` is z"]


def test_missing_cells_numbers_and_long_words(described):
    texts = described(
        gap=("continuous", pa.array([None] * N + [1.5] * (2 * N))),
        big=("continuous", each(1.0, 1.0, 1234567.8)),
        long=("categorical", each("x", "y" * 99, "x")),
    )
    assert "`gap` is missing" in texts[0]
    assert f"`long` is {'y' * 39}…" in texts[1]
    assert "`big` is 1,234,568" in texts[2]
    assert "`gap` is 1.5" in texts[2]


def test_like_clusters_have_nothing_that_stands_out(described):
    draw = np.random.default_rng(0)
    texts = described(x=("continuous", pa.array(draw.normal(size=3 * N))), c=("categorical", each("a", "a", "a")))
    assert texts == ["no column stands out"] * 3
