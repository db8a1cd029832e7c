import pytest

from tabgan.gan.history import TrainingStats, ending


def _stats(step: int, steps: int) -> TrainingStats:
    return TrainingStats(step, steps, 1.0, 0.0, 3.0, None, None, None)


@pytest.mark.parametrize(
    ("reported", "ended_by", "kept", "said"),
    [
        (
            1_477,
            "steps",
            1_477,
            "ended after 1,477 of 1,477 steps: all that were planned; the weights of step 1,477 are kept",
        ),
        (
            1_477,
            "steps",
            350,
            "ended after 1,477 of 1,477 steps: all that were planned; the weights of step 350 are kept, the latest "
            "whose rows lay about as near to rows held out as at best",
        ),
        (300, "time", 300, "ended after 300 steps: the time limit was reached; the weights of step 300 are kept"),
        (
            400,
            "patience",
            350,
            "ended after 400 of 1,477 steps: rows held out became more surprising; the weights of step 350 are kept, "
            "to which these surprised least",
        ),
        (30, "callback", 30, "ended after 30 of 1,477 steps: a callback ended it; the weights of step 30 are kept"),
        (30, "keyboard", 39, "ended after 39 of 1,477 steps: it was interrupted; the weights of step 39 are kept"),
        (1_477, None, None, "ended after 1,477 of 1,477 steps"),
    ],
)
def test_a_run_says_how_it_ended_and_what_is_kept(
    reported: int, ended_by: str | None, kept: int | None, said: str
) -> None:
    assert ending([_stats(20, 1_477), _stats(reported, 1_477)], ended_by, kept) == said


def test_a_run_without_a_report_says_so() -> None:
    said = "ended before its first report: it was interrupted; the weights of step 7 are kept"
    assert ending([], "keyboard", 7) == said
    assert ending([], None, None) == "ended before its first report"


def test_a_run_that_was_interrupted_after_its_last_report_tells_of_its_last_step() -> None:
    said = "ended after 37 of 1,477 steps: it was interrupted; the weights of step 37 are kept"
    assert ending([_stats(30, 1_477)], "keyboard", 37) == said
