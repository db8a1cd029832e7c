"""Numbers that carry their uncertainty, and the reasons to read them with care."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Caveat:
    """A reason to read a number with care.

    Attributes:
        code: a stable word for programs, for example "few_rows".
        text: the same for people.
    """

    code: str
    text: str


@dataclass(frozen=True)
class NotComputed:
    """A column or a measure that is not in the report, and why."""

    what: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A measured number beside what noise alone would give.

    Attributes:
        value: what was measured.
        standard_error: its standard error; None where it is not known.
        low, high: a 95 % confidence interval; None where it is not known.
        floor: the value that two samples of the real table of the same sizes give on average.
        floor_error: the standard error of `floor`.
    """

    value: float
    standard_error: float | None = None
    low: float | None = None
    high: float | None = None
    floor: float | None = None
    floor_error: float | None = None

    @property
    def excess(self) -> float:
        """How far the value lies above its floor, never negative; the value itself where no floor is known."""
        return max(self.value - (self.floor or 0.0), 0.0)


@dataclass(frozen=True, kw_only=True)
class Beside:
    """A number of the synthetic rows beside the same number of as many real rows in their place.

    Attributes:
        synthetic: with the synthetic rows.
        real: with a second sample of real rows in their place: what a perfect synthesizer would get.
    """

    synthetic: Estimate
    real: Estimate
