import pytest

from tabgan.evaluation.render import numbers
from tabgan.evaluation.results import Estimate


def test_numbers_carry_what_is_known_of_their_uncertainty():
    assert numbers.number(None) == numbers.share_number(None) == numbers.fraction(None) == "–"
    assert numbers.number(Estimate(value=0.5, standard_error=0.01, low=0.4, high=0.6)) == "0.500 ± 0.010"
    assert numbers.number(Estimate(value=12345.6, standard_error=12.3)) == "12,346 ± 12"
    assert numbers.number(Estimate(value=0.0, standard_error=0.02)) == "0.000 ± 0.020"
    assert numbers.number(Estimate(value=0.5)) == "0.500"
    assert numbers.share_number(Estimate(value=0.001, low=0.0, high=0.002)) == "0.10 % (0.00 to 0.20)"
    assert numbers.share_number(Estimate(value=1.0)) == "100.0 %"
    assert numbers.percent_error(Estimate(value=1.5, standard_error=0.25)) == "1.50 ± 0.25 %"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0.00 %"),
        (1.0, "100.0 %"),
        (0.1234, "12.3 %"),
        (0.01234, "1.23 %"),
        (0.000123, "0.012 %"),
        (-0.2, "-20.0 %"),
    ],
)
def test_shares(value, shown):
    assert numbers.share(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0.000"),
        (0.12345, "0.123"),
        (12.3456, "12.346"),
        (123.456, "123.5"),
        (12345.6, "12,346"),
        (2.5e9, "2.5e+09"),
    ],
)
def test_figures(value, shown):
    assert numbers.figure(value) == shown


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (1.5, "", "1.500"),
        (3.0, "days", "3.000 days"),
        (90.0, "s", "90.000 seconds"),
        (7200, "s", "2.000 hours"),
        (1e9, "s", "31.688 years"),
    ],
)
def test_quantities_come_in_a_fitting_unit(value, unit, shown):
    assert numbers.quantity(value, unit) == shown


def test_intervals_and_signs():
    assert numbers.interval(Estimate(value=1.0)) == "–"
    assert numbers.interval(Estimate(value=0.5, low=0.25, high=0.75)) == "0.250 to 0.750"
    assert numbers.interval(Estimate(value=0.5, low=0.25, high=0.75), percent=True) == "25.0 to 75.0 %"
    assert numbers.signed(-0.5) == "−0.500"
    assert numbers.signed(0.5) == "+0.500"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "–"), (0.25, "0.250"), (0.0012, "0.001"), (3e-20, "3e-20"), (0.0, "<1e-300")],
)
def test_p_values(value, shown):
    assert numbers.p_value(value) == shown


@pytest.mark.parametrize(
    ("n", "shown"),
    [(0, "0"), (9999, "9999"), (32561, "32.6k"), (250_000, "250k"), (1_234_567, "1.2M"), (2.5e9, "2.5G")],
)
def test_counts_in_few_characters(n, shown):
    assert numbers.count(int(n)) == shown
