"""Runs of training that never were, for tests of what is shown of them."""

from dataclasses import replace

from tabgan.gan.history import Event, TrainingStats

EVIDENCE = "its accuracy was 0.97 at the last 3 reports, and the generator's gradient fell to 0.001"
ADVICE = "lower critic_rate to a third, or take spectral_norm, so that real and generated rows overlap"
SICK = Event(40, "critic too strong", EVIDENCE, ADVICE, {"critic_rate": 3e-4})


def run(reports: int = 50, of: int = 50, *, critic: bool = True, sick: bool = False) -> tuple[TrainingStats, ...]:
    """The first reports of a run of 100 steps: surprise falls, and a critic joins in at the half."""
    history = []
    for i in range(1, reports + 1):
        share = i / of
        stats = TrainingStats(
            step=round(100 * share),
            steps=100,
            elapsed_s=60 * share,
            remaining_s=60 * (1 - share),
            surprise=10 - 4 * share,
            held_out=10.5 - 4 * share,
            critic_loss=None,
            penalty=None,
            state="learning",
            evidence="rows lie 1.50 times as far from rows held out as real rows do",
        )
        if sick and share >= 0.4:
            stats = replace(stats, state=SICK.state, evidence=EVIDENCE, advice=ADVICE)
        if i % 5 == 0:
            looked = {"held_out_shape": 0.3 - 0.25 * share, "held_out_trend": 0.4 - 0.25 * share, "nearest": 0.5}
            stats = replace(stats, **looked, detection=1 - 0.4 * share, distinct=0.9, coverage=0.8, entropy=0.97)
        if critic and share > 0.5:
            scores = {"real_score": 0.5, "held_out_score": 0.4, "made_score": -share, "accuracy": share}
            stats = replace(stats, **scores, critic_loss=-0.2, generator_gradient=0.1 ** (4 * share), critic_gradient=2)
        history.append(stats)
    return tuple(history)
