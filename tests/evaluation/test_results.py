from tabgan.evaluation.results import Overlay

BARS = Overlay(kind="bars", labels=("a", "b", "c", "d"), real=(4, 3, 2, 1), synthetic=(0, 0, 0, 0))


def test_an_overlay_knows_its_shares():
    assert BARS.shares == ([0.4, 0.3, 0.2, 0.1], [0.0, 0.0, 0.0, 0.0])


def test_of_many_categories_the_rest_stand_together():
    few = BARS.at_most(3)
    assert (few.labels, few.real, few.synthetic) == (("a", "b", "2 others"), (4, 3, 3), (0, 0, 0))
    assert BARS.at_most(4) is BARS
