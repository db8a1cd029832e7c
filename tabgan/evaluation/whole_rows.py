"""The measures of written columns and of whole rows one after the other.

One that cannot be computed says why, and the others go on.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from tabgan.errors import InputError
from tabgan.evaluation.aligned import AlignedColumn
from tabgan.evaluation.collapse import collapse
from tabgan.evaluation.detection import detect
from tabgan.evaluation.privacy import privacy
from tabgan.evaluation.results import NotComputed
from tabgan.evaluation.support import frechet, support
from tabgan.evaluation.utility import utility
from tabgan.evaluation.written import WrittenColumn, compare_written

DOING = {
    "written": "keys and texts",
    "detection": "telling rows apart",
    "support": "density and coverage",
    "frechet": "Fréchet distance",
    "collapse": "repeated and lost rows",
    "utility": "training models",
    "privacy": "copies and attacks",
}
NO_HELD_OUT = "they need real rows that the synthesizer has not seen; give them as holdout"


def whole_rows(
    columns: Sequence[AlignedColumn],
    target: str | None,
    seed: int,
    skip: Collection[str],
    tell: Callable[[str], None],
    written: Sequence[WrittenColumn] = (),
) -> tuple[dict[str, Any], tuple[NotComputed, ...]]:
    """The fields of a `Report` that tell of written columns and of whole rows, and the measures that are left out.

    Args:
        columns: of the tables.
        target: the column that a model would be trained for; None chooses one.
        seed: of every random choice.
        skip: the measures not to compute, names of `DOING`.
        tell: called with what is under way as each measure begins.
        written: the columns of keys, structured strings, personal data and free text.

    Raises:
        InputError: if the target is unknown.
    """
    measures: dict[str, Callable[[], dict[str, Any]]] = {
        "written": lambda: {"written": compare_written(written, seed)},
        "detection": lambda: dict(zip(("detection", "logistic_detection"), detect(columns, seed), strict=True)),
        "support": lambda: {"support": support(columns, seed)},
        "frechet": lambda: {"frechet": frechet(columns, seed)},
        "collapse": lambda: {"collapse": collapse(columns, seed)},
        "utility": lambda: {"utility": utility(columns, target, seed)},
        "privacy": lambda: {"privacy": privacy(columns, seed)},
    }
    found: dict[str, Any] = {}
    skipped = []
    for name, compute in measures.items():
        if name in skip:
            skipped.append(NotComputed(name, "not asked for"))
            continue
        tell(DOING[name])
        try:
            found |= compute()
        except InputError:
            raise
        except ValueError as error:
            skipped.append(NotComputed(name, str(error)))
    if "privacy" in found and not any(len(column.held_out) for column in columns):
        skipped.append(NotComputed("membership inference and attacks", NO_HELD_OUT))
    return found, tuple(skipped)
