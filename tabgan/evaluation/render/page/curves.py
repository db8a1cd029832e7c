"""Which curves of a run of training share a chart, and what they mean."""

from typing import NamedTuple

from tabgan.evaluation.render.page.charts import Tone


class Curves(NamedTuple):
    """Curves in one chart.

    Attributes:
        key: of the chart.
        title: above it.
        series: the name of each curve, its colour and what it is called here.
        meaning: of all of them, in words.
        least: what the ends of the axis are apart at least, so that little looks like little.
        logarithmic: whether each factor of ten is as high.
    """

    key: str
    title: str
    series: tuple[tuple[str, Tone, str], ...]
    meaning: str
    least: float = 0.0
    logarithmic: bool = False


CURVES = (
    Curves(
        "surprise",
        "Surprise",
        (("surprise", "synthetic", "rows learnt"), ("held_out", "real", "rows held out")),
        "How surprising rows are to the generator, in nats a row; lower is better. Where rows held out become more "
        "surprising again, the rows learnt are learnt by heart.",
    ),
    Curves(
        "shape",
        "Distance from rows held out",
        (("held_out_shape", "synthetic", "Shape"), ("held_out_trend", "fourth", "Trend")),
        "How far generated rows lie from rows held out, by single columns (Shape) and by pairs (Trend); lower is "
        "better.",
        least=2,
    ),
    Curves(
        "detection",
        "Detection",
        (("detection", "synthetic", "AUC"),),
        "How well a classifier tells generated rows from rows held out: 1 always, 0.5 never.",
        least=0.1,
    ),
    Curves(
        "variety",
        "Variety",
        (
            ("distinct", "synthetic", "distinct rows"),
            ("coverage", "third", "coverage"),
            ("entropy", "fourth", "entropy"),
        ),
        "Whether generated rows are as varied as rows held out: distinct rows and the entropy of cells against theirs, "
        "and the share of them near which a row was drawn. A generator that collapses falls here.",
        least=10,
    ),
    Curves(
        "nearest",
        "Memory",
        (("nearest", "synthetic", "nearer to rows learnt"),),
        "Which generated rows lie nearer to a row learnt than to a row held out; half of them do where nothing is "
        "learnt by heart.",
        least=10,
    ),
    Curves(
        "scores",
        "What the critic thinks",
        (
            ("real_score", "real", "rows learnt"),
            ("held_out_score", "third", "rows held out"),
            ("made_score", "synthetic", "generated rows"),
        ),
        "The critic's score, high for real; alike is better. Rows held out below rows learnt show a critic that knows "
        "these by heart.",
    ),
    Curves(
        "accuracy",
        "Accuracy of the critic",
        (("accuracy", "synthetic", "accuracy"),),
        "How often the critic gives a real row a higher score than a generated one; 50 % at equilibrium.",
        least=10,
    ),
    Curves(
        "gradients",
        "Gradients",
        (("generator_gradient", "synthetic", "generator"), ("critic_gradient", "real", "critic")),
        "How long the gradients from the critic are, each line of the grid a factor; near nothing the generator "
        "learns no more.",
        logarithmic=True,
    ),
    Curves(
        "critic",
        "Loss of the critic",
        (("critic_loss", "synthetic", "loss"), ("penalty", "real", "gradient penalty")),
        "The critic's loss without its penalty, and the gradient penalty, unweighted.",
    ),
    Curves("rate", "Learning rates", (("rate", "synthetic", "in use"),), "Share of the configured rates in use."),
)
