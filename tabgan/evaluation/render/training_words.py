"""What there is to say about a run of training, the same in every rendering."""

from collections.abc import Sequence

from tabgan.evaluation.results.training import RunEvent, Setting, TrainingReport

OWN = "as suits the objective"
ENDINGS = {"patience": "ended: patience", "stagnation": "ended: no better", "time": "ended: time"}
"""What stands at the end of a run that was ended early."""


def setting_value(value: object, unit: str = "") -> str:
    """The value of a setting as people write it.

    >>> setting_value(0.0005), setting_value(2000, "steps"), setting_value(True), setting_value(None)
    ('0.0005', '2,000 steps', 'yes', 'as suits the objective')
    """
    if value is None:
        return OWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    shown = f"{value:,}" if isinstance(value, int) else f"{value:.6g}" if isinstance(value, float) else str(value)
    return f"{shown} {unit}" if unit else shown


def setting_line(value: object, default: object, unit: str = "") -> str:
    """A setting that was changed, beside what it would have been.

    >>> setting_line(8, 1, "rows")
    '8 rows (default 1)'
    """
    return f"{setting_value(value, unit)} (default {setting_value(default)})"


def settings_in_order(settings: Sequence[Setting]) -> list[Setting]:
    """Those that differ from the defaults first."""
    return sorted(settings, key=lambda setting: not setting.changed)


def what_to_do(event: RunEvent) -> list[str]:
    """The settings that an event advises, as lines of a file of settings; of those to leave out it says so.

    >>> what_to_do(RunEvent(step=1, state="oscillating", evidence="", settings={"objective": "hinge", "pac": None}))
    ['objective = "hinge"', 'no pac']
    """
    return [f"no {name}" if value is None else f"{name} = {_toml(value)}" for name, value in event.settings.items()]


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else f"{value}"


def marks(report: TrainingReport) -> dict[str, float]:
    """The steps to mark in every curve: whose weights are kept, where the run was rolled back, and an early end."""
    found: dict[str, float] = {}
    if report.kept_step is not None:
        found["kept"] = float(report.kept_step)
    rolled_back = [event.step for event in report.events if event.state == "recovered"]
    for i, step in enumerate(rolled_back, 1):
        found["rolled back" if len(rolled_back) == 1 else f"rolled back {i}"] = float(step)
    last = max((series.steps[-1] for series in report.series), default=None)
    if report.ended_by in ENDINGS and last is not None and last != report.kept_step:
        found[ENDINGS[report.ended_by]] = float(last)
    return found
