"""Synthetic tables from a conditional GAN: fit, sample, and an honest report of how close they are.

Public names are loaded when they are first used, so that nothing imports torch until a model is made.
"""

import importlib
from typing import TYPE_CHECKING

from tabgan.version import __version__

if TYPE_CHECKING:
    from tabgan.evaluation.evaluator import evaluate
    from tabgan.evaluation.report import Report
    from tabgan.gan.config import TrainingConfig
    from tabgan.gan.history import TrainingStats
    from tabgan.model import TabGAN
    from tabgan.seeds import SeedsResult, fit_seeds
    from tabgan.table.clauses import Between, Not
    from tabgan.table.constraints import (
        Combinations,
        MissingTogether,
        OneHot,
        Order,
        Predicate,
        Range,
        Sum,
        Unique,
    )
    from tabgan.table.schema import ColumnSpec, Schema
    from tabgan.trials import TuningResult
    from tabgan.tuning import tune

_HOMES = {
    "Between": "tabgan.table.clauses",
    "ColumnSpec": "tabgan.table.schema",
    "Combinations": "tabgan.table.constraints",
    "MissingTogether": "tabgan.table.constraints",
    "Not": "tabgan.table.clauses",
    "OneHot": "tabgan.table.constraints",
    "Order": "tabgan.table.constraints",
    "Predicate": "tabgan.table.constraints",
    "Range": "tabgan.table.constraints",
    "Report": "tabgan.evaluation.report",
    "Schema": "tabgan.table.schema",
    "SeedsResult": "tabgan.seeds",
    "Sum": "tabgan.table.constraints",
    "TabGAN": "tabgan.model",
    "TrainingConfig": "tabgan.gan.config",
    "TrainingStats": "tabgan.gan.history",
    "TuningResult": "tabgan.trials",
    "Unique": "tabgan.table.constraints",
    "evaluate": "tabgan.evaluation.evaluator",
    "fit_seeds": "tabgan.seeds",
    "tune": "tabgan.tuning",
}

__all__ = [
    "Between",
    "ColumnSpec",
    "Combinations",
    "MissingTogether",
    "Not",
    "OneHot",
    "Order",
    "Predicate",
    "Range",
    "Report",
    "Schema",
    "SeedsResult",
    "Sum",
    "TabGAN",
    "TrainingConfig",
    "TrainingStats",
    "TuningResult",
    "Unique",
    "__version__",
    "evaluate",
    "fit_seeds",
    "tune",
]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'tabgan' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
