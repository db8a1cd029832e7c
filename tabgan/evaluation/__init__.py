"""The evaluation wing: real against synthetic, with NumPy, SciPy and scikit-learn, and never torch."""

from tabgan.evaluation.evaluator import evaluate
from tabgan.evaluation.report import Report

__all__ = ["Report", "evaluate"]
