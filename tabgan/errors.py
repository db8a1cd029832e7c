"""Every error that a user can meet, sorted by who must act.

An `InputError` asks the user to change the data, the schema, a condition or an option. An `ArtifactError` says that a
model file cannot be trusted or read. An `OutputError` says that the result could not be written. A `TrainingError`
says that learning itself failed, a `SamplingError` that making rows did. Messages follow one pattern: what was
expected, what was found and where, what to do.
"""

from collections.abc import Sequence


class TabganError(Exception):
    """The base of all errors raised on purpose by this package."""


class InputError(TabganError, ValueError):
    """The data or an argument cannot be used as it is; the message says what to change."""


class SchemaError(InputError):
    """A table does not fit its schema, or a schema is not valid."""


class ConditionError(InputError):
    """A condition names an unknown column or a value that cannot be made."""


class ConfigError(InputError):
    """A setting has a wrong name, type or range."""


class NotFittedError(TabganError):
    """The model has not learnt anything yet: call `fit` or `load` first."""


class ArtifactError(TabganError):
    """A model file is missing, truncated, altered, foreign, or of a newer format."""


class OutputError(TabganError):
    """A result could not be written; nothing was left half-written."""


class TrainingError(TabganError):
    """Training could not continue, for example because the losses became NaN."""


class SamplingError(TabganError):
    """Rows could not be made, for example because a process that makes some of them was killed."""


class DataWarning(UserWarning):
    """Something about the data that the user should know but that does not stop the work."""


def listing(heading: str, problems: Sequence[str]) -> str:
    """One message out of many problems, so that a user can mend all of them in one go."""
    if len(problems) == 1:
        return f"{heading}: {problems[0]}"
    return f"{heading}, {len(problems)} problems:\n" + "\n".join(f"  - {problem}" for problem in problems)
