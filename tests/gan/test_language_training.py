"""Teaching a language model."""

import math
import time
from collections.abc import Callable, Sequence

import numpy as np
import pytest
import torch

from tabgan.errors import ArtifactError
from tabgan.gan.language import END, LanguageModel, LanguageShape
from tabgan.gan.language_sampling import Writer
from tabgan.gan.language_settings import LanguageConfig, LanguageStats
from tabgan.gan.language_training import _Run, train_language
from tabgan.gan.run_state import RunState

from .sameness import differences
from .test_run_state import as_kept

SIZES = [0, *[4] * 19]
CPU = torch.device("cpu")
SHAPE = LanguageShape(20, 1, 2, n_frequent=8, token_width=16, state_width=24, context_width=4)
QUICK = LanguageConfig(least_tokens=40_000, batch_tokens=300)


def texts(n: int = 400) -> tuple[list[np.ndarray], torch.Tensor]:
    """Rows of kind 0 say 1 2 x 3, those of kind 1 say 4 5 x 6; x is one of ten tokens, evenly."""
    random = np.random.default_rng(0)
    kinds = random.integers(2, size=n)
    made = [np.array([1 + 3 * k, 2 + 3 * k, 10 + random.integers(10), 3 + 3 * k, END]) for k in kinds]
    return made, torch.eye(2)[torch.from_numpy(kinds)]


def train(
    sequences: list[np.ndarray], features: torch.Tensor, config: LanguageConfig = QUICK, **more: object
) -> tuple[LanguageModel, tuple[LanguageStats, ...]]:
    def contexts(rows: np.ndarray) -> torch.Tensor:
        return features[torch.from_numpy(rows)]

    return train_language(sequences, contexts, SHAPE, SIZES, config, seed=0, device=CPU, **more)[:2]  # type: ignore[arg-type]


@pytest.mark.slow
def test_it_learns_what_can_be_known_and_no_more() -> None:
    sequences, features = texts()
    model, history = train(sequences, features)
    last = history[-1].held_out_surprise
    assert last is not None
    # Only x is open, one token in five.
    assert math.log(10) / 5 < last < math.log(10) / 5 + 0.06
    with torch.no_grad():
        surprise = model.surprise(torch.tensor([[1, 2, 12, 3, END]] * 2), torch.eye(2), torch.tensor([5, 5])).view(2, 5)
    assert float(surprise[0, 0]) < 0.1
    assert float(surprise[1, 0]) > 2
    assert 1.7 < float(surprise[0, 2]) < 3.2


def test_the_same_seed_gives_the_same_model_and_no_global_randomness_is_touched() -> None:
    sequences, features = texts(60)
    state = torch.random.get_rng_state()
    short = LanguageConfig(least_tokens=2_000, batch_tokens=100, dropout=0.1)
    models = [train(sequences, features, short)[0] for _ in range(2)]
    assert torch.equal(state, torch.random.get_rng_state())
    for one, other in zip(*(model.parameters() for model in models), strict=True):
        assert torch.equal(one, other)


def test_weights_are_what_half_precision_can_hold() -> None:
    model, _ = train(*texts(30), LanguageConfig(least_tokens=500))
    assert not model.training
    for parameter in model.parameters():
        assert torch.equal(parameter, parameter.half().float())


@pytest.mark.slow
def test_learning_by_heart_is_ended_and_the_best_weights_are_kept() -> None:
    random = np.random.default_rng(0)
    sequences = [np.append(random.integers(1, 20, 9), END) for _ in range(320)]
    config = LanguageConfig(epochs=100, batch_tokens=300, rate=2e-2)
    model, history = train(sequences, torch.zeros(320, 2), config)
    looks = [stats.held_out_surprise or 0.0 for stats in history]
    assert history[-1].progress < 1
    assert looks[-1] > 1.03 * min(looks)
    # The rows held out are those of the stream of that name, so the mean over all rows tells the weights apart.
    codes = torch.from_numpy(np.stack(sequences))
    with torch.no_grad():
        mean = float(model.surprise(codes, torch.zeros(320, 2), torch.full((320,), 10)).mean())
    assert mean > history[-1].surprise


@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_few_rows(n: int) -> None:
    model, history = train(*texts(n), LanguageConfig(least_tokens=300))
    assert history[-1].progress == 1
    assert history[-1].held_out_surprise is None
    assert isinstance(model, LanguageModel)


def test_a_callback_ends_training_and_sees_every_report() -> None:
    seen: list[LanguageStats] = []

    def stop(stats: LanguageStats) -> bool:
        seen.append(stats)
        return len(seen) == 3

    _, history = train(*texts(), QUICK, callback=stop)
    assert list(history) == seen
    assert len(history) == 3
    assert [stats.progress for stats in seen] == sorted(stats.progress for stats in seen)


def test_time_is_up() -> None:
    config = LanguageConfig(least_tokens=10_000_000, most_epochs=1e9, max_seconds=0.2)
    _, history = train(*texts(), config)
    assert history[-1].progress == 1
    assert history[-1].elapsed_s < 5


@pytest.mark.slow
def test_texts_end_where_rows_say() -> None:
    random = np.random.default_rng(0)
    kinds = random.integers(2, size=600)
    sequences = [np.append(random.integers(1, 3, (5, 15)[kind]), END) for kind in kinds]
    model, _ = train(sequences, torch.eye(2)[torch.from_numpy(kinds)], LanguageConfig(least_tokens=120_000))
    rows = Writer(model, 40).write(torch.eye(2).repeat(200, 1), np.random.default_rng(1).random((400, 40)))
    lengths = np.array([len(row) - 1 for row in rows])
    assert (lengths[::2] == 5).mean() > 0.9
    assert (lengths[1::2] == 15).mean() > 0.9


def test_rows_without_any_text_can_be_learnt() -> None:
    model, _ = train([np.array([END])] * 40, torch.zeros(40, 2), LanguageConfig(least_tokens=3_000, rate=2e-2))
    with torch.no_grad():
        assert float(model.surprise(torch.tensor([[END]]), torch.zeros(1, 2), torch.tensor([1]))) < 0.2


RESUMED = {
    "as usual": LanguageConfig(least_tokens=3_000, batch_tokens=100),
    "dropout": LanguageConfig(least_tokens=2_000, batch_tokens=100, dropout=0.2),
    "ended by patience": LanguageConfig(epochs=100, batch_tokens=300, rate=2e-2, patience=0.0, least_tokens=4_000),
    "several blocks to an epoch": LanguageConfig(least_tokens=900, batch_tokens=5, most_epochs=2.0),
}

SLOW = {"several blocks to an epoch", "ended by patience"}


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.slow) if kind in SLOW else kind for kind in RESUMED]
)
def test_a_run_goes_on_from_every_step(kind: str) -> None:
    config, data = RESUMED[kind], texts(150 if "blocks" in kind else 60)
    states: list[RunState] = []

    def keep(state: Callable[[], RunState]) -> None:
        if run._step % stride:
            return
        states.append(as_kept(state()))
        other = _run(data, config)
        other.resume(states[-1])
        # A resumed run draws its epoch again, so the stream of batches stands elsewhere until then.
        assert [path for path in differences(run, other) if not path.startswith("run._draws")] == []

    run, stride = _run(data, config), 11 if "blocks" in kind else 1
    for _ in run.reports(keep):
        pass
    expected = (run.finished(), *_untimed(run.history))
    assert len(states) > 10
    for state in states[:: max(len(states) // 8, 1)]:
        model, history = train(*data, config, resume=state)
        assert list(differences(expected, (model, *_untimed(history)))) == []


def _untimed(history: Sequence[LanguageStats]) -> list[tuple[object, ...]]:
    return [(stats.progress, stats.surprise, stats.held_out_surprise) for stats in history]


def _run(data: tuple[list[np.ndarray], torch.Tensor], config: LanguageConfig) -> _Run:
    return _Run(data[0], lambda rows: data[1][torch.from_numpy(rows)], SHAPE, SIZES, config, 0, CPU)


def test_a_state_of_something_else_is_refused() -> None:
    states: list[RunState] = []
    train(*texts(30), LanguageConfig(least_tokens=500), keeper=lambda state: states.append(state()))
    for wrong in (
        RunState({}, {}),
        RunState(states[0].values, {}),
        RunState(dict(states[0].values) | {"before": {"state": 3}}, states[0].tensors),
    ):
        with pytest.raises(ArtifactError, match=r"not the state of such a run.*begin anew"):
            train(*texts(30), LanguageConfig(least_tokens=500), resume=wrong)


@pytest.mark.parametrize("how", ["callback", "keyboard", "not at all", "callback at the end"])
def test_an_interrupted_run_says_so(how: str) -> None:
    def call(stats: LanguageStats) -> bool:
        if how == "keyboard" and stats.progress > 0.3:
            raise KeyboardInterrupt
        return (how == "callback" and stats.progress > 0.3) or (how == "callback at the end" and stats.progress == 1)

    sequences, features = texts(60)
    config = LanguageConfig(least_tokens=2_000, batch_tokens=100)
    taught = train_language(
        sequences,
        lambda rows: features[torch.from_numpy(rows)],
        SHAPE,
        SIZES,
        config,
        seed=0,
        device=CPU,
        callback=call,
    )
    assert taught.interrupted == (how in ("callback", "keyboard"))
    assert (taught.history[-1].progress < 1) == taught.interrupted


def test_a_time_limit_counts_the_time_before_a_break() -> None:
    states: list[RunState] = []
    config = LanguageConfig(least_tokens=10_000_000, most_epochs=1e9, max_seconds=0.4)

    def keep(state: Callable[[], RunState]) -> None:
        states.append(as_kept(state()))
        if states[-1].values["parts"]["clock"]["progress"] > 0.5:
            raise KeyboardInterrupt

    train(*texts(), config, keeper=keep)
    started = time.perf_counter()
    _, history = train(*texts(), config, resume=states[-1])
    assert time.perf_counter() - started < 0.4
    assert history[-1].elapsed_s >= 0.4
