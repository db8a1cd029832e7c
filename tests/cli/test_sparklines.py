import pytest

from tabgan_cli.sparklines import drawn, logarithms, scale, spread


def test_a_curve_grows_with_the_run_and_holds_what_was_measured_last():
    points = [(0.2, 4.0), (0.6, 2.0)]
    assert spread(points, 5, until=0.2) == [4.0, None, None, None, None]
    assert spread(points, 5, until=0.8) == [4.0, 4.0, 2.0, 2.0, None]
    assert spread(points, 5, until=1.0) == [4.0, 4.0, 2.0, 2.0, 2.0]


def test_a_curve_that_begins_late_is_blank_before():
    assert spread([(0.75, 1.0), (1.0, 2.0)], 4, until=1.0) == [None, None, 1.0, 2.0]


def test_many_points_of_a_column_are_averaged():
    assert spread([(i / 100, i) for i in range(1, 101)], 2, until=1.0) == [25.5, 75.5]


def test_numbers_that_are_none_are_passed_over():
    assert spread([(0.5, 1.0), (1.0, float("nan"))], 2, until=1.0) == [1.0, 1.0]
    assert scale([float("inf"), float("nan")]) is None


def test_the_first_values_of_many_do_not_set_the_scale():
    assert scale([1000.0, *([3.0, 2.0] * 10)]) == (2.0, 3.0)
    assert scale([1000.0, 2.0]) == (2.0, 1000.0)


def test_a_yardstick_is_on_the_scale_and_little_looks_like_little():
    assert scale([0.4, 0.3], beside=0.1) == (0.1, 0.4)
    assert scale([0.52], beside=0.5, least=0.1) == (0.5, 0.6)
    assert scale([0.97], beside=1.0, least=-0.05) == (0.95, 1.0)
    assert scale([1.0], beside=1.0, least=-0.05) == (0.95, 1.0)


@pytest.mark.parametrize(
    ("values", "height", "ascii_only", "lines"),
    [
        ([0, 1, 2, 3, 4, 5, 6, 7], 1, False, ["▁▂▃▄▅▆▇█"]),
        ([0, 1, 2, 3, 4, 5, 6, 7], 1, True, [".:-=+*#@"]),
        ([7, None, -5, 99], 1, False, ["█ ▁█"]),
        ([0, 7], 2, False, [" ▆", "▁█"]),
        ([0, 7], 3, True, [" *", " @", ".@"]),
        ([], 1, False, [""]),
    ],
)
def test_curves_are_drawn_in_lines(values, height, ascii_only, lines):
    assert drawn(values, 0, 7, height=height, ascii_only=ascii_only) == lines


def test_a_curve_that_never_changes_is_half_as_high():
    assert drawn([5.0, 5.0], 5.0, 5.0) == ["▅▅"]


def test_each_factor_of_ten_is_as_high():
    assert logarithms([1.0, 0.1, None, 0.0]) == pytest.approx([0.0, -1.0, None, -12.0])
