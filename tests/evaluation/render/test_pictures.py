import pytest

from tabgan.evaluation.render import pictures
from tabgan.evaluation.results import Estimate, Overlay
from tests.evaluation.render.full_report import full_report, near, pair

MANY = Overlay(kind="bars", labels=tuple(f"c{i}" for i in range(30)), real=(10,) * 30, synthetic=(5,) * 30)


def test_overlays_of_every_kind_are_drawn_and_told(parsed):
    for column in full_report().columns:
        drawn = pictures.overlay(column.overlay)
        assert parsed(drawn).tags.count("rect") >= len(column.overlay.labels) - 1
        assert column.overlay.labels[0] in drawn


def test_the_largest_differences_are_named_first():
    found = Overlay(kind="bars", labels=("a", "b", "c"), real=(50, 30, 20), synthetic=(45, 10, 45))
    assert "differences at c: 20.0 % real, 45.0 % synthetic; b:" in pictures.described(found)


def test_long_lists_of_bars_are_cut_and_the_rest_is_summed():
    drawn = pictures.overlay(MANY)
    assert "19 others: real 63.33 %, synthetic 63.33 %" in drawn


def test_names_are_escaped_and_shortened(parsed, nasty):
    found = Overlay(kind="bars", labels=(nasty, "x" * 5000), real=(1, 2), synthetic=(2, 1))
    drawn = pictures.overlay(found) + pictures.bars([(nasty, near(0.2))]) + pictures.lines({nasty: [(0, 1.0)]})
    assert "script" not in parsed(drawn).tags
    assert len(drawn) < 5000


def test_empty_sides_do_not_divide_by_zero():
    for kind in ("bars", "ranked", "histogram"):
        empty = Overlay(kind=kind, labels=("a", "b"), edges=(0.0, 1.0, 2.0), real=(0, 0), synthetic=(0, 0))
        assert "nan" not in pictures.overlay(empty)
    assert "nan" not in pictures.meter(Estimate(value=0.0))
    assert "nan" not in pictures.two_bars(0.0, 0.0, 0.0)
    assert pictures.lines({"loss": [(0, None)]}) == ""


@pytest.mark.parametrize(("value", "floor", "end", "width"), [(0.5, None, 1.0, "100.0"), (4.0, 5.0, None, "128.0")])
def test_a_meter_is_as_long_as_its_value(value, floor, end, width):
    drawn = pictures.meter(Estimate(value=value, floor=floor), end)
    assert f'class="fill" x="0" y="4" width="{width}"' in drawn
    assert ("floor" in drawn) == (floor is not None)


def test_bars_of_two_tables_share_their_scale():
    assert 'width="60.0"' in pictures.two_bars(0.25, 0.5, 0.5)
    assert 'width="120.0"' in pictures.two_bars(0.25, 0.5, 0.5)


def test_the_heat_map_has_a_cell_for_each_pair_and_none_where_it_would_be_too_large(parsed):
    names = ["a", "b", "c"]
    pairs = [pair("a", "b", 0.5, 0.1), pair("a", "c", 0.5, 0.4), pair("b", "c", 0.2, 0.2)]
    drawn = parsed(pictures.heat_map(names, pairs))
    assert drawn.tags.count("rect") == 3
    assert "a × b: 0.200, noise floor 0.010" in drawn.text
    assert pictures.heat_map([f"c{i}" for i in range(41)], pairs) == ""
    assert pictures.heat_map(names, []) == ""


def test_every_class_that_is_drawn_has_a_style():
    style = pictures.style()
    for name in (".real", ".synthetic", ".heat", ".line-real", ".line-fourth", ".yardstick", ".pair", ".undefined"):
        assert name in style
