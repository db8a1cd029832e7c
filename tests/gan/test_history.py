import pytest

from tabgan.gan.history import TrainingStats, ending


def _stats(step: int, steps: int) -> TrainingStats:
    return TrainingStats(step, steps, 1.0, 0.0, 3.0, None, None, None)


@pytest.mark.parametrize(
    ("ended_by", "kept", "said"),
    [
        ("steps", 1_477, "ended after 1,477 of 1,477 steps: all that were planned; the weights of step 1,477 are kept"),
        ("time", 300, "ended after 300 steps: the time limit was reached; the weights of step 300 are kept"),
        (
            "patience",
            350,
            "ended after 1,477 of 1,477 steps: rows held out became more surprising; the weights of step 350 are kept",
        ),
        ("callback", 9, "ended after 9 of 1,477 steps: a callback ended it; the weights of step 9 are kept"),
        ("keyboard", 9, "ended after 9 of 1,477 steps: it was interrupted; the weights of step 9 are kept"),
        (None, None, "ended after 1,477 of 1,477 steps"),
    ],
)
def test_a_run_says_how_it_ended_and_what_is_kept(ended_by: str | None, kept: int | None, said: str) -> None:
    assert ending([_stats(30, 1_477), _stats(1_477, 1_477)], ended_by, kept) == said


def test_a_run_without_a_report_says_so() -> None:
    said = "ended before its first report: it was interrupted; the weights of step 7 are kept"
    assert ending([], "keyboard", 7) == said
    assert ending([], None, None) == "ended before its first report"
