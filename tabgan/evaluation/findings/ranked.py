"""A finding and how much it weighs, and the words that all rules share."""

from collections.abc import Sequence
from dataclasses import dataclass

from tabgan.evaluation.report import Area, Finding, Level
from tabgan.evaluation.results import Beside, Estimate

LEVELS: tuple[Level, ...] = ("serious", "notable", "fine")
NAMED = 5


@dataclass(frozen=True)
class Ranked:
    """A finding with its strength, which orders findings of one level: about 0 for the faintest, 1 for the worst."""

    strength: float
    finding: Finding


def ranked(level: Level, area: Area, strength: float, text: str, *columns: str) -> Ranked:
    """A finding with its strength."""
    return Ranked(strength, Finding(level=level, area=area, text=text, columns=columns))


def worst_level(found: Sequence[Ranked]) -> Level:
    """The level of the worst of some findings."""
    return min((entry.finding.level for entry in found), key=LEVELS.index)


def more(found: Beside) -> float:
    """How much higher the synthetic share is, 0 where that may be chance."""
    low, high = found.synthetic.low, found.real.high
    sure = low is None or high is None or low > high
    return max(found.synthetic.value - found.real.value, 0.0) if sure else 0.0


def fine(area: Area, text: str, measure: str, error: Estimate | None) -> Ranked:
    """That nothing was found, with the mean error and its noise floor where they are known."""
    if error is None or error.floor is None:
        return ranked("fine", area, 0.0, f"{text}.")
    numbers = f"the {measure} is {error.value:.2f} %, two real samples differ by {error.floor:.2f} %"
    return ranked("fine", area, 0.0, f"{text}: {numbers}.")


def code(name: str) -> str:
    """The name of a column or a category, marked as such."""
    return "`" + name.replace("`", "'") + "`"


def listed(names: Sequence[str]) -> str:
    """Names in a row: all of a few, else the first ones and how many more there are.

    >>> listed(["a", "b"]), listed(["a"])
    ('`a` and `b`', '`a`')
    """
    shown = [code(name) for name in names[:NAMED]]
    more = len(names) - len(shown)
    if more:
        return f"{', '.join(shown)} and {more:,} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
