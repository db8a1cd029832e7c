"""Work done ahead in threads, handed over in order."""

import itertools
import threading
import time

import pytest
import torch

from tabgan.ahead import MAX_THREADS, available, in_order


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_outcomes_come_in_order(threads: int) -> None:
    def slow_at_first(number: int) -> int:
        time.sleep(0.02 if number % threads == 0 else 0)
        return number * number

    assert list(in_order(slow_at_first, range(20), threads)) == [number * number for number in range(20)]


def test_the_first_error_ends_it_after_what_came_before() -> None:
    outcomes = in_order(lambda number: 1 / (number - 3), range(100), 2)
    assert [next(outcomes) for _ in range(3)] == [-1 / 3, -1 / 2, -1]
    with pytest.raises(ZeroDivisionError):
        next(outcomes)
    assert list(outcomes) == []


def test_work_without_end_is_done_only_a_little_ahead() -> None:
    begun: list[int] = []
    outcomes = in_order(lambda number: begun.append(number) or number, itertools.count(), 2)  # type: ignore[func-returns-value]
    assert [next(outcomes) for _ in range(10)] == list(range(10))
    time.sleep(0.05)
    assert len(begun) <= 10 + 2 * 2 + 1
    outcomes.close()
    done = len(begun)
    time.sleep(0.05)
    assert len(begun) == done


def test_a_piece_of_work_is_computed_by_one_thread_and_nothing_else_changes() -> None:
    before = torch.get_num_threads()
    assert set(in_order(lambda _: torch.get_num_threads(), range(6), 2)) == {1}
    elsewhere: list[int] = []
    other = threading.Thread(target=lambda: elsewhere.append(torch.get_num_threads()))
    other.start()
    other.join()
    assert (torch.get_num_threads(), elsewhere) == (before, [before])


def test_there_are_not_more_threads_than_pytorch_may_use() -> None:
    assert 1 <= available() <= min(torch.get_num_threads(), MAX_THREADS)
