"""What an evaluation can find, as plain frozen data: every number travels with its n, its uncertainty and its caveat.

Nothing in this package computes a statistic or draws a pixel.
"""

from tabgan.evaluation.results.columns import ColumnResult, Overlay, PointMass, Range
from tabgan.evaluation.results.joint import (
    Cluster,
    CollapseResult,
    DetectionResult,
    Driver,
    FrechetResult,
    SupportResult,
)
from tabgan.evaluation.results.numbers import Beside, Caveat, Estimate, NotComputed
from tabgan.evaluation.results.pairs import PairResult
from tabgan.evaluation.results.privacy import AttackResult, MembershipResult, PrivacyResult
from tabgan.evaluation.results.utility import UtilityResult, UtilityScore
from tabgan.evaluation.results.written import LengthQuantile, ShapeShare, TextResult, WrittenResult

__all__ = [
    "AttackResult",
    "Beside",
    "Caveat",
    "Cluster",
    "CollapseResult",
    "ColumnResult",
    "DetectionResult",
    "Driver",
    "Estimate",
    "FrechetResult",
    "LengthQuantile",
    "MembershipResult",
    "NotComputed",
    "Overlay",
    "PairResult",
    "PointMass",
    "PrivacyResult",
    "Range",
    "ShapeShare",
    "SupportResult",
    "TextResult",
    "UtilityResult",
    "UtilityScore",
    "WrittenResult",
]
