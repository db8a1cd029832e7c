import random as python_random
import signal
import time
from collections.abc import Callable

import numpy as np
import pytest
import torch

from tabgan import rng
from tabgan.errors import ConfigError, TrainingError
from tabgan.gan import probing
from tabgan.gan.config import TrainingConfig
from tabgan.gan.devices import resolve_device
from tabgan.gan.history import TrainingResult, TrainingStats
from tabgan.gan.sampling import sample_blocks
from tabgan.gan.symptoms import away_from
from tabgan.gan.training import REPORTS, Trainer
from tabgan.gan.watching import hold_out
from tabgan.layout import ColumnSlots, EncodedTable, Layout, concatenate

from .kinds import KINDS

Tables = Callable[..., EncodedTable]
Configs = Callable[..., TrainingConfig]
CPU = torch.device("cpu")


def _train(table: EncodedTable, layout: Layout, config: TrainingConfig, seed: int = 0, **fit: object) -> TrainingResult:
    return Trainer(table, layout, config, seed=seed, device=CPU).fit(**fit)  # type: ignore[arg-type]


def _weights(result: TrainingResult) -> torch.Tensor:
    return torch.cat([tensor.flatten() for tensor in result.generator.state_dict().values()])


@pytest.mark.parametrize("balance", [0.0, 0.5])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_table_trains(
    kind: str, balance: float, layouts: dict[str, Layout], random_table: Tables, small: Configs
) -> None:
    layout = layouts[kind]
    table = random_table(layout, 40)
    config = {"balance": balance, "condition_share": 0.3, "holdout": 0.0}
    weights = [_weights(_train(table, layout, small(steps=steps, **config))) for steps in (1, 8)]
    assert all(torch.isfinite(part).all() for part in weights)
    assert kind == "cardinality one alone" or not torch.equal(*weights)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("holdout", [0.0, 0.5])
def test_a_table_of_a_few_rows_trains(
    n: int, holdout: float, shop: Layout, random_table: Tables, small: Configs
) -> None:
    result = _train(random_table(shop, n), shop, small(balance=0.5, condition_share=1.0, holdout=holdout))
    assert torch.isfinite(_weights(result)).all()
    watched = [stats.held_out is not None for stats in result.history]
    assert watched == [False] * 4  # so few rows would tell nothing


@pytest.mark.parametrize(("batch_size", "pac"), [(16, 1), (16, 4), (10, 4), (2, 8)])
def test_any_pac_fits_any_batch(batch_size: int, pac: int, shop: Layout, random_table: Tables, small: Configs) -> None:
    result = _train(random_table(shop, 30), shop, small(batch_size=batch_size, pac=pac, adversarial_share=1.0))
    assert torch.isfinite(_weights(result)).all()
    assert len(result.history) == 4
    for stats in result.history:
        assert stats.critic_loss == pytest.approx(stats.made_score - stats.real_score, abs=1e-6)


def test_a_critic_that_judges_rows_together_learns_something_else(
    shop: Layout, random_table: Tables, small: Configs
) -> None:
    one, four = (_train(random_table(shop, 30), shop, small(pac=pac, adversarial_share=1.0)) for pac in (1, 4))
    assert one.history[0].surprise == four.history[0].surprise
    assert one.history[0].critic_loss != four.history[0].critic_loss


@pytest.mark.parametrize(
    "changes",
    [
        {"critic_blocks": 0},
        {"generator_width": 1, "stage_width": 1, "critic_width": 1},
        {"stages": 1},
        {"batch_size": 2},
        {"condition_share": 1.0, "balance": 1.0},
        {"condition_share": 0.0},
        {"averaging": 0.0},
        {"adversarial_share": 1.0, "penalty_weight": 0.0},
        {"adversarial_share": 0.0},
        {"adversarial_weight": 0.0},
        {"temperature": 1e-3, "adversarial_weight": 1e3},
        {"holdout": 0.5, "patience": 0.0},
    ],
)
def test_the_ends_of_the_ranges_train(
    changes: dict[str, object], shop: Layout, random_table: Tables, small: Configs
) -> None:
    assert torch.isfinite(_weights(_train(random_table(shop, 30), shop, small(**changes)))).all()


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(
    shop: Layout, random_table: Tables, small: Configs
) -> None:
    table = random_table(shop, 40)
    first = _train(table, shop, small(balance=0.3), seed=1)
    torch.manual_seed(99)
    second, other = (_train(table, shop, small(balance=0.3), seed=seed) for seed in (1, 2))
    assert torch.equal(_weights(first), _weights(second))
    assert first.generator.plan == second.generator.plan
    assert not torch.equal(_weights(first), _weights(other))
    for name in ("surprise", "held_out", "critic_loss", "penalty", "real_score", "made_score", "held_out_shape"):
        assert [getattr(stats, name) for stats in first.history] == [getattr(stats, name) for stats in second.history]


def test_random_state_is_left_alone(shop: Layout, random_table: Tables, small: Configs) -> None:
    before = np.random.get_state()[1].copy(), python_random.getstate(), torch.get_rng_state()  # noqa: NPY002
    _train(random_table(shop, 40), shop, small(balance=0.5))
    assert np.array_equal(np.random.get_state()[1], before[0])  # noqa: NPY002
    assert python_random.getstate() == before[1]
    assert torch.equal(torch.get_rng_state(), before[2])


def test_the_table_is_not_changed(shop: Layout, random_table: Tables, small: Configs) -> None:
    table, copy = random_table(shop, 40), random_table(shop, 40)
    _train(table, shop, small(balance=0.5))
    assert np.array_equal(table.codes, copy.codes)
    assert np.array_equal(table.values, copy.values)


def test_the_memory_order_of_the_table_does_not_matter(shop: Layout, random_table: Tables, small: Configs) -> None:
    table = random_table(shop, 40)
    wide = concatenate([EncodedTable(table.codes[[row, row]], table.values[[row, row]]) for row in range(40)])
    fortran = EncodedTable(np.asfortranarray(table.codes), np.asfortranarray(table.values))
    expected = _weights(_train(table, shop, small()))
    for same in (wide[::2], fortran):
        assert torch.equal(_weights(_train(same, shop, small())), expected)


@pytest.mark.filterwarnings("error")
def test_a_read_only_and_reversed_table_trains_without_a_warning(
    shop: Layout, random_table: Tables, small: Configs
) -> None:
    table = random_table(shop, 40)
    table.values.setflags(write=False)
    table.codes.setflags(write=False)
    _train(table, shop, small(balance=0.5))
    _train(table[::-1], shop, small(balance=0.5))


@pytest.mark.parametrize("steps", [1, 49, 130])
def test_reports_cover_the_run(steps: int, random_table: Tables, small: Configs) -> None:
    layout = Layout((ColumnSlots("a", (3,)),))
    seen: list[TrainingStats] = []
    result = _train(random_table(layout, 20), layout, small(steps=steps, batch_size=2), callback=seen.append)
    assert tuple(seen) == result.history
    numbers = [stats.step for stats in seen]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == steps
    assert min(REPORTS, steps) <= len(numbers) <= 2 * REPORTS
    assert {stats.steps for stats in seen} == {steps}
    elapsed = [stats.elapsed_s for stats in seen]
    assert elapsed == sorted(elapsed)
    assert seen[-1].remaining_s == 0
    assert all(stats.remaining_s > 0 for stats in seen[:-1])
    assert all(stats.surprise >= 0 for stats in seen)
    assert not result.interrupted
    assert (result.ended_by, result.kept_step) == ("steps", steps)


def test_what_is_reported_first_is_the_entropy_of_the_table(random_table: Tables, small: Configs) -> None:
    """A single code starts with its frequencies, so a row surprises by the entropy, and nothing is left to learn."""
    layout = Layout((ColumnSlots("a", (3,)),))
    table = random_table(layout, 5_000)
    config = small(steps=1, batch_size=20_000, condition_share=0.0, holdout=0.4)
    (stats,) = _train(table, layout, config).history
    shares = np.bincount(table.codes[:, 0]) / 5_000
    assert stats.surprise == pytest.approx(-(shares * np.log(shares)).sum(), abs=0.1)
    assert stats.held_out == pytest.approx(-(shares * np.log(shares)).sum(), abs=0.05)
    (given_stats,) = _train(table, layout, small(steps=1, condition_share=1.0)).history
    assert given_stats.surprise == 0


@pytest.mark.parametrize(
    ("share", "weight", "first"), [(0.25, 0.05, 7), (0.5, 1.0, 5), (1.0, 1.0, 1), (0.0, 1.0, 9), (0.5, 0.0, 9)]
)
def test_the_critic_joins_in_for_the_last_share_of_the_steps(
    share: float, weight: float, first: int, shop: Layout, random_table: Tables, small: Configs
) -> None:
    config = small(steps=8, adversarial_share=share, adversarial_weight=weight)
    history = _train(random_table(shop, 40), shop, config).history
    for value in ("critic_loss", "penalty", "real_score", "made_score"):
        joined = [getattr(stats, value) is not None for stats in history]
        assert joined == [step >= first for step in range(1, 9)]
    assert all(stats.penalty >= 0 for stats in history if stats.penalty is not None)


def test_the_generator_learns_from_the_critic_and_only_where_it_joins_in(
    shop: Layout, random_table: Tables, small: Configs
) -> None:
    table, configs = random_table(shop, 40), [small(steps=8, adversarial_weight=w, holdout=0.0) for w in (0.0, 1.0)]
    early = [_weights(_train(table, shop, c, callback=lambda s: s.step == 4)) for c in configs]
    late = [_weights(_train(table, shop, c, callback=lambda s: s.step == 6)) for c in configs]
    assert torch.equal(*early)
    assert not torch.equal(*late)


def test_the_critic_learns_to_tell_real_rows_from_made_ones(shop: Layout, random_table: Tables, small: Configs) -> None:
    """The rows are all the same, and the generator does not learn: the distance that the critic finds grows."""
    table = EncodedTable(np.repeat(random_table(shop, 1).codes, 50, 0), np.zeros((50, 1), np.float32))
    start = EncodedTable(np.concatenate([table.codes, random_table(shop, 50, 1).codes]), np.zeros((100, 1), np.float32))
    config = small(
        steps=40, generator_rate=0.0, adversarial_share=1.0, adversarial_weight=1.0, critic_rate=3e-3, critic_steps=4
    )
    history = _train(start, shop, config).history
    losses = [stats.critic_loss for stats in history]
    assert losses[-1] is not None
    assert losses[0] is not None
    assert losses[-1] < losses[0] - 0.2
    assert history[-1].real_score > history[-1].made_score + 0.2


def test_a_callback_ends_training_in_order(shop: Layout, random_table: Tables, small: Configs) -> None:
    result = _train(random_table(shop, 40), shop, small(), callback=lambda stats: stats.step == 3)
    assert result.interrupted
    assert [stats.step for stats in result.history] == [1, 2, 3]
    assert (result.ended_by, result.kept_step) == ("callback", 3)


def test_only_true_ends_training(shop: Layout, random_table: Tables, small: Configs) -> None:
    result = _train(random_table(shop, 40), shop, small(), callback=lambda stats: "go on")
    assert not result.interrupted
    assert len(result.history) == 4


def test_ending_at_the_last_step_is_no_interruption(shop: Layout, random_table: Tables, small: Configs) -> None:
    result = _train(random_table(shop, 40), shop, small(), callback=lambda stats: stats.step == stats.steps)
    assert not result.interrupted
    assert (result.ended_by, result.kept_step) == ("steps", 4)


@pytest.mark.parametrize("last", [25, 50])
def test_the_look_at_which_a_callback_ends_training_counts(
    last: int, shop: Layout, random_table: Tables, small: Configs
) -> None:
    """Nothing is learnt, so that all looks are as good, and the latest is kept."""
    config = small(steps=50, holdout=0.3, generator_rate=0.0, adversarial_share=0.0)
    result = _train(random_table(shop, 200), shop, config, callback=lambda stats: stats.step == last)
    assert result.history[-1].held_out_shape is not None
    assert (result.history[-1].step, result.kept_step) == (last, last)


def test_an_interrupt_from_the_keyboard_ends_training_in_order(
    shop: Layout, random_table: Tables, small: Configs
) -> None:
    def press(stats: TrainingStats) -> None:
        if stats.step == 3:
            signal.raise_signal(signal.SIGINT)

    table = random_table(shop, 40)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    try:
        interrupted = _train(table, shop, small(), callback=press)
    finally:
        signal.signal(signal.SIGINT, before)
    stopped = _train(table, shop, small(), callback=lambda stats: stats.step == 3)
    assert interrupted.interrupted
    assert (interrupted.ended_by, interrupted.kept_step) == ("keyboard", 3)
    assert len(interrupted.history) == 3
    assert torch.equal(_weights(interrupted), _weights(stopped))
    assert sum(map(len, sample_blocks(interrupted.generator, 10, seed=0))) == 10


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="alarms are those of POSIX")
def test_an_interrupt_between_reports_keeps_a_generator_that_works(
    shop: Layout, random_table: Tables, small: Configs
) -> None:
    """The alarm rings while steps are taken, long before the first report."""
    trainer = Trainer(random_table(shop, 40), shop, small(steps=10_000_000, adversarial_share=1.0), seed=0, device=CPU)
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        result = trainer.fit()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert result.interrupted
    assert result.history == ()
    assert result.kept_step > 0
    assert [snapshot.step for snapshot in result.snapshots] == [result.kept_step]
    assert torch.isfinite(_weights(result)).all()
    assert sum(map(len, sample_blocks(result.generator, 10, seed=0))) == 10


def test_an_error_of_the_callback_is_not_swallowed(shop: Layout, random_table: Tables, small: Configs) -> None:
    def fail(stats: TrainingStats) -> None:
        raise ZeroDivisionError(stats.step)

    with pytest.raises(ZeroDivisionError, match="1"):
        _train(random_table(shop, 40), shop, small(), callback=fail)


def test_a_time_limit_ends_training_in_order_and_the_critic_has_its_share(
    shop: Layout, random_table: Tables, small: Configs
) -> None:
    config = small(steps=10_000_000, max_minutes=0.02, adversarial_share=0.25)
    started = time.perf_counter()
    result = _train(random_table(shop, 40), shop, config)
    assert 1.2 <= time.perf_counter() - started < 10
    assert not result.interrupted
    last = result.history[-1]
    assert (result.ended_by, result.kept_step) == ("time", last.step)
    assert last.steps == last.step < 10_000_000
    assert last.remaining_s == 0
    assert last.critic_loss is not None
    assert 20 <= len(result.history) <= 50  # by the time that has passed, not by steps that are never reached


def test_a_time_limit_that_is_not_reached_changes_nothing(shop: Layout, random_table: Tables, small: Configs) -> None:
    table = random_table(shop, 40)
    limited, free = (_train(table, shop, small(max_minutes=minutes)) for minutes in (1e6, 0.0))
    assert limited.history[-1].step == 4
    assert torch.allclose(_weights(limited), _weights(free), atol=1e-6)


HEART = {"steps": 300, "holdout": 0.3, "generator_width": 64, "adversarial_share": 0.0, "averaging": 0.5}
"""Of few rows of independent cells: the longer they are learnt, the more surprising are others."""


def _held_out_surprise(table: EncodedTable, result: TrainingResult) -> float:
    rows = hold_out(len(table), 0.3, rng.generator(0, "rows held out"))[1]
    codes = torch.from_numpy(result.generator.plan.arrange(table.codes[rows]).astype(np.int64))
    return result.generator.surprise(codes).mean().item()


def test_training_ends_where_rows_held_out_become_more_surprising_and_the_best_weights_are_kept(
    shop: Layout, random_table: Tables, small: Configs
) -> None:
    table = random_table(shop, 60)
    result = _train(table, shop, small(**HEART, patience=0.05))
    assert not result.interrupted
    assert 1 < len(result.history) < 50
    seen = [stats.held_out for stats in result.history if stats.held_out is not None]
    assert len(seen) == len(result.history)
    assert seen[-1] > 1.05 * min(seen)
    assert all(later <= 1.05 * min(seen[: i + 1]) for i, later in enumerate(seen[:-1]))
    assert _held_out_surprise(table, result) == pytest.approx(min(seen), rel=0.02)  # margins are fitted at the end
    assert result.ended_by == "patience"
    assert result.kept_step == result.history[seen.index(min(seen))].step
    assert result.kept_step in [snapshot.step for snapshot in result.snapshots]


def test_training_with_patience_goes_on_and_keeps_weights_that_do_not_know_their_rows_by_heart(
    shop: Layout, random_table: Tables, small: Configs
) -> None:
    table = random_table(shop, 60)
    result = _train(table, shop, small(**HEART | {"steps": 200}, patience=1.0))
    seen = [stats.held_out for stats in result.history if stats.held_out is not None]
    assert result.history[-1].step == 200
    assert seen[-1] > 1.05 * min(seen)
    assert result.history[-1].state == "memorising"
    assert result.ended_by == "steps"
    kept = next(stats for stats in result.history if stats.step == result.kept_step)
    assert kept.state != "memorising"
    assert _held_out_surprise(table, result) == pytest.approx(kept.held_out, rel=0.02)
    assert _held_out_surprise(table, result) < 1.1 * min(seen)
    assert result.history[-1].surprise < result.history[0].surprise - 0.5


def test_without_rows_held_out_training_goes_to_its_end(shop: Layout, random_table: Tables, small: Configs) -> None:
    result = _train(random_table(shop, 40), shop, small(steps=20, holdout=0.0, patience=0.0))
    assert [stats.step for stats in result.history] == list(range(1, 21))
    assert {stats.held_out for stats in result.history} == {None}
    assert {stats.held_out_shape for stats in result.history} == {None}
    assert result.shape_floor is None
    assert [snapshot.step for snapshot in result.snapshots] == [1, 4, 8, 12, 16, 20]


@pytest.mark.parametrize("holdout", [0.0, 0.3])
def test_looking_at_the_rows_does_not_change_what_is_learnt(
    holdout: float, shop: Layout, random_table: Tables, small: Configs, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, config = random_table(shop, 60), small(holdout=holdout, adversarial_share=1.0)
    looked_at = _train(table, shop, config)
    assert len(looked_at.snapshots) > 1
    monkeypatch.setattr(probing, "LOOKS", ())
    monkeypatch.setattr(probing, "SNAPSHOTS", ())
    left_alone = _train(table, shop, config)
    assert len(left_alone.snapshots) == 1
    assert torch.equal(_weights(looked_at), _weights(left_alone))
    assert [stats.surprise for stats in looked_at.history] == [stats.surprise for stats in left_alone.history]


@pytest.mark.parametrize("changes", [{}, {"adversarial_share": 1.0, "adversarial_weight": 1e6}, {"holdout": 0.0}])
def test_absurd_rates_end_with_advice_or_with_a_model_that_works(
    changes: dict[str, object], shop: Layout, random_table: Tables, small: Configs
) -> None:
    config = small(**{"steps": 60, "generator_rate": 1.0, "critic_rate": 1.0, "critic_blocks": 16} | changes)
    advice = None
    try:
        result = _train(random_table(shop, 40), shop, config)
    except TrainingError as error:
        advice = str(error)
    if advice is not None:
        assert "lower generator_rate and critic_rate" in advice
    else:
        assert torch.isfinite(_weights(result)).all()
        assert sum(map(len, sample_blocks(result.generator, 10, seed=0))) == 10


def test_a_run_that_diverges_goes_back_to_its_last_good_weights_with_lower_rates_and_says_so(
    shop: Layout, random_table: Tables, small: Configs
) -> None:
    config = small(steps=200, generator_rate=1.0, adversarial_share=0.0, generator_clip=0.0, holdout=0.3)
    result = Trainer(random_table(shop, 400), shop, config, seed=2, device=CPU).fit()
    told = [event.state for event in result.events]
    assert 1 <= told.count("recovered") <= 3
    assert told.count("diverged") == told.count("recovered")
    assert [told[i - 1] for i, state in enumerate(told) if state == "recovered"] == ["diverged"] * told.count(
        "recovered"
    )
    recovered = next(event for event in result.events if event.state == "recovered")
    assert "went back to the weights of step" in recovered.evidence
    assert "generator_rate" in recovered.settings
    before, after = (next(s for s in result.history if test(s.step)) for test in _around(recovered.step))
    assert after.rate == pytest.approx(before.rate / 3, rel=0.05)
    assert result.history[-1].held_out < 1.5 * result.floors["surprise"].mean
    assert all(np.isfinite(stats.surprise) for stats in result.history)
    assert torch.isfinite(_weights(result)).all()


def _around(step: int) -> tuple[Callable[[int], bool], Callable[[int], bool]]:
    return (lambda other: other == step), (lambda other: other > step)


def test_a_run_that_goes_on_diverging_ends_with_advice(shop: Layout, random_table: Tables, small: Configs) -> None:
    config = small(steps=400, adversarial_share=1.0, critic_rate=1.0, critic_blocks=64, critic_width=64, recoveries=1)
    with pytest.raises(TrainingError, match=r"diverged by step \d+; lower generator_rate and critic_rate") as caught:
        _train(random_table(shop, 40), shop, config)
    assert "going back 1 times" in str(caught.value)
    with pytest.raises(TrainingError) as at_once:
        _train(random_table(shop, 40), shop, small(**{**config.to_dict(), "recoveries": 0}))
    assert "going back" not in str(at_once.value)


@pytest.mark.parametrize("step", [2, 15])
def test_a_loss_that_is_no_number_is_noticed_between_reports(
    step: int, shop: Layout, random_table: Tables, small: Configs
) -> None:
    """A weight is spoilt while the run goes on; reports come every 40 steps."""
    trainer = Trainer(random_table(shop, 60), shop, small(steps=2_000, adversarial_share=0.0), seed=0, device=CPU)
    spoilt = []

    def spoil(state: object) -> None:
        if trainer._step == step and not spoilt:
            spoilt.append(step)
            with torch.no_grad():
                next(trainer._generator.parameters()).fill_(float("nan"))

    result = trainer.fit(lambda stats: stats.step >= 80, keeper=spoil)
    (recovered,) = (event for event in result.events if event.state == "recovered")
    assert step < recovered.step <= step + 8
    assert "no number" in recovered.evidence
    assert torch.isfinite(_weights(result)).all()
    assert result.history[-1].rate < 0.34
    assert [stats.rolled_back for stats in result.history] == [recovered.evidence, None]


def test_the_kept_weights_are_those_of_the_nearest_look(shop: Layout, random_table: Tables, small: Configs) -> None:
    """From its middle on the generator is spoilt: what was learnt before is kept."""
    trainer = Trainer(random_table(shop, 600), shop, small(steps=50, holdout=0.3, patience=100.0), seed=0, device=CPU)

    def spoil(state: object) -> None:
        if trainer._step == 25:
            with torch.no_grad():
                for network in (trainer._generator, trainer._average):
                    for head in network.stage_heads():
                        head.exit.bias += torch.linspace(0, 2, len(head.exit.bias))

    result = trainer.fit(keeper=spoil)
    assert result.kept_step == 25
    assert result.ended_by == "steps"
    away = [away_from(stats, result.floors) for stats in result.history]
    looked = {
        stats.step: distance for stats, distance in zip(result.history, away, strict=True) if distance is not None
    }
    assert looked[25] < 2 < looked[30]
    assert _weights(result).isfinite().all()
    snapshot = next(snapshot for snapshot in result.snapshots if snapshot.step == 25)
    assert len(snapshot.codes)


def test_a_run_that_comes_no_nearer_is_ended_where_that_is_asked_for(
    shop: Layout, random_table: Tables, small: Configs
) -> None:
    config = {"steps": 100, "holdout": 0.3, "generator_rate": 0.0, "adversarial_share": 0.0}
    result = _train(random_table(shop, 200), shop, small(**config, stagnation=0.3))
    assert result.ended_by == "stagnation"
    assert 30 <= result.history[-1].step <= 50
    assert not result.interrupted
    assert _train(random_table(shop, 200), shop, small(**config)).ended_by == "steps"


def test_rates_of_zero_change_nothing(shop: Layout, random_table: Tables, small: Configs) -> None:
    frozen = [
        _weights(_train(random_table(shop, 40), shop, small(generator_rate=0.0, steps=steps))) for steps in (1, 5)
    ]
    assert torch.allclose(*frozen, atol=1e-6)


def test_averaging_keeps_the_result_nearer_to_the_start(shop: Layout, random_table: Tables, small: Configs) -> None:
    table = random_table(shop, 40)
    start = _weights(_train(table, shop, small(generator_rate=0.0, steps=1)))
    averaged, last = (_weights(_train(table, shop, small(steps=30, averaging=a, holdout=0.0))) for a in (0.999, 0.0))
    assert 0 < (averaged - start).norm() < (last - start).norm()


def test_the_generator_that_comes_back_is_not_for_training(shop: Layout, random_table: Tables, small: Configs) -> None:
    assert not _train(random_table(shop, 40), shop, small()).generator.training


def test_devices_are_found_by_name() -> None:
    assert resolve_device("cpu") == CPU
    assert resolve_device("auto").type in ("cpu", "cuda", "mps")


@pytest.mark.parametrize("name", ["cuda:99", "cpu:x", "cuda:-1"])
def test_a_device_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=f"device '{name}' cannot be used here: .*try 'auto'"):
        resolve_device(name)


@pytest.mark.parametrize("name", ["nonsense", "", "CPU", "xla", "meta"])
def test_a_name_that_is_no_device_is_refused_with_those_that_are(name: str) -> None:
    with pytest.raises(ConfigError, match=f"device must be 'auto' or one of cpu, cuda, mps, got '{name}'"):
        resolve_device(name)
