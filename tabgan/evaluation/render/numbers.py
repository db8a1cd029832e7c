"""Numbers as people read them, the same in every rendering: digits, shares, errors, intervals and units."""

from math import isfinite

from tabgan.evaluation.results import Estimate

NONE = "–"


def figure(value: float | None, digits: int = 3, size: float | None = None) -> str:
    """A number of any size in a few characters.

    Args:
        value: to show.
        digits: behind the point, for numbers below 100.
        size: of the number whose digits are taken; its own if not given.

    Example:
        >>> figure(0.12345), figure(123.456), figure(12345.6), figure(0.000012), figure(None)
        ('0.123', '123.5', '12,346', '1.2e-05', '–')
    """
    if value is None:
        return NONE
    size = abs(value) if size is None else size
    if not isfinite(value):
        return f"{value}"
    if size >= 1e6 or 0 < size < 0.5 * 10**-digits:
        return f"{value:.3g}"
    return f"{value:,.0f}" if size >= 1000 else f"{value:.1f}" if size >= 100 else f"{value:.{digits}f}"


def fraction(value: float | None) -> str:
    """A distance in [0, 1]."""
    return NONE if value is None else f"{value:.4f}"


def number(estimate: Estimate | None, digits: int = 3) -> str:
    """A number with its standard error, or with its interval where that is all there is.

    >>> number(Estimate(value=0.5, standard_error=0.01)), number(Estimate(value=0.5, low=0.4, high=0.61))
    ('0.500 ± 0.010', '0.500 (0.400 to 0.610)')
    """
    if estimate is None:
        return NONE
    error = estimate.standard_error
    size = max(abs(estimate.value), error or 0.0)
    shown = figure(estimate.value, digits, size)
    if error is not None:
        return f"{shown} ± {figure(error, digits, size)}"
    return shown if estimate.low is None else f"{shown} ({interval(estimate)})"


def share(value: float, size: float | None = None) -> str:
    """A share in percent, with as many digits as are worth reading.

    Args:
        value: to show.
        size: of the share whose digits are taken; its own if not given.
    """
    percent, size = 100 * value, 100 * abs(value if size is None else size)
    return f"{percent:.1f} %" if size >= 10 else f"{percent:.2f} %" if size >= 0.1 or size == 0 else f"{percent:.2g} %"


def share_number(estimate: Estimate | None) -> str:
    """A share in percent with its 95 % interval.

    >>> share_number(Estimate(value=0.125, low=0.09, high=0.15))
    '12.5 % (9.0 to 15.0)'
    """
    if estimate is None:
        return NONE
    if estimate.low is None or estimate.high is None:
        return share(estimate.value)
    size = max(abs(estimate.low), abs(estimate.high))
    ends = (share(end, size).removesuffix(" %") for end in (estimate.low, estimate.high))
    return f"{share(estimate.value, size)} ({' to '.join(ends)})"


def percent_error(estimate: Estimate | None) -> str:
    """An error that is in percent already, with its standard error."""
    if estimate is None:
        return "not computed"
    error = "" if estimate.standard_error is None else f" ± {estimate.standard_error:.2f}"
    return f"{estimate.value:.2f}{error} %"


def interval(estimate: Estimate, percent: bool = False) -> str:
    """A 95 % interval, or a dash where none is known.

    Args:
        estimate: whose interval it is.
        percent: whether it is a share.
    """
    if estimate.low is None or estimate.high is None:
        return NONE
    if not percent:
        return f"{figure(estimate.low)} to {figure(estimate.high)}"
    size = max(abs(estimate.low), abs(estimate.high))
    return f"{share(estimate.low, size).removesuffix(' %')} to {share(estimate.high, size)}"


def signed(value: float) -> str:
    """A difference with its sign."""
    return f"{'−' if value < 0 else '+'}{figure(abs(value))}"


def quantity(value: float, unit: str) -> str:
    """A number with its unit; seconds in the largest unit that fits."""
    if unit != "s":
        return f"{figure(value)} {unit}".strip()
    steps = ((86400 * 365.25, "years"), (86400, "days"), (3600, "hours"), (60, "minutes"))
    size, name = next(((size, name) for size, name in steps if abs(value) >= 2 * size), (1, "seconds"))
    return f"{figure(value / size)} {name}"


def p_value(p: float | None) -> str:
    """A p value in at most eight characters."""
    if p is None:
        return NONE
    if p < 1e-300:
        return "<1e-300"
    return f"{p:.3f}" if p >= 0.001 else f"{p:.0e}"


def count(n: int) -> str:
    """A number of rows in at most five characters: 950, 32.6k, 1.2M."""
    for limit, divisor, unit in ((1e4, 1, ""), (1e6, 1e3, "k"), (1e9, 1e6, "M")):
        if n < limit:
            return (
                f"{n}" if not unit else f"{n / divisor:.1f}{unit}" if n < 100 * divisor else f"{n / divisor:.0f}{unit}"
            )
    return f"{n / 1e9:.1f}G"
