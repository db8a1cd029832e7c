"""The critic and its remedies: each is tested for what it does to what is learnt."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from tabgan.gan.adversary import MAX_RESTS, Adversary, Judged, accuracy, penalised
from tabgan.gan.config import TrainingConfig
from tabgan.gan.layers import SpectralLinear
from tabgan.gan.objectives import OBJECTIVES
from tabgan.gan.presets import OBJECTIVES as CHOSEN
from tabgan.gan.stages import StagePlan
from tabgan.layout import ColumnSlots, Layout

CPU = torch.device("cpu")
A_AND_B = Layout((ColumnSlots("a", (3,)), ColumnSlots("b", (3,))))
PLAN = StagePlan(A_AND_B, ((0,), (1,)))
BARE: dict[str, object] = {"objective": "nsgan", "penalty_weight": 0.0}
SMALL = {"critic_width": 32, "critic_rate": 3e-3, "critic_blocks": 1}


def _adversary(plan: StagePlan = PLAN, seed: int = 0, **settings: object) -> Adversary:
    config = TrainingConfig.from_mapping(SMALL | settings).resolved()
    weights, noise = (torch.Generator().manual_seed(seed + i) for i in range(2))
    return Adversary(plan, config, weights=weights, noise=noise, device=CPU)


def _seen(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """What a critic sees of rows of two codes, nothing being given."""
    parts = [torch.nn.functional.one_hot(codes, 3).float() for codes in (a, b)]
    return torch.cat([*parts, torch.zeros(len(a), 2)], 1)


def _random(seed: int = 5) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _tied(n: int, random: torch.Generator) -> torch.Tensor:
    """Rows in which b equals a."""
    a = torch.randint(3, (n,), generator=random)
    return _seen(a, a)


def _untied(n: int, random: torch.Generator) -> torch.Tensor:
    """Rows of independent cells with the same margins."""
    return _seen(*torch.randint(3, (2, n), generator=random))


def _separable(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    zeros = torch.zeros(n, dtype=torch.int64)
    return _seen(zeros, zeros), _seen(zeros + 1, zeros + 2)


def _taught(adversary: Adversary, steps: int, share: float = 0.0, n: int = 64) -> list[Judged]:
    """Lessons with tied rows as real and untied ones as made."""
    random = _random()
    return [Judged.mean([adversary.learn(_tied(n, random), _untied(n, random), share)]) for _ in range(steps)]


def _weights(adversary: Adversary) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in adversary.critic.parameters()])


def test_accuracy_is_the_area_under_the_roc_curve() -> None:
    real, made = torch.randn(40, generator=_random()).round(decimals=1) + 0.3, torch.randn(30, generator=_random(1))
    made = made.round(decimals=1)
    labels = np.repeat([1, 0], [40, 30])
    assert accuracy(real, made).item() == pytest.approx(roc_auc_score(labels, torch.cat([real, made]).numpy()))
    assert accuracy(torch.ones(3), torch.ones(5)).item() == 0.5


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_every_objective_teaches_the_critic_and_through_it_the_generator(objective: str) -> None:
    # The bound of the paper is for wider layers: the narrower they are, the less they can tell within it.
    bound = {"weight_clip": 0.05} if objective == "wgan-clip" else {}
    adversary = _adversary(objective=objective, **bound)
    lessons = _taught(adversary, 150)
    assert lessons[0].accuracy < 0.7
    assert np.mean([lesson.accuracy for lesson in lessons[-20:]]) > 0.8  # untied rows are tied in one of three
    made, real = _untied(300, _random(2)).requires_grad_(), _tied(300, _random(3))
    verdict = adversary.verdict(made, real)
    assert verdict is not None
    verdict.backward()
    assert made.grad is not None
    untied = (made[:, :3] != made[:, 3:6]).any(1)
    # To follow the gradient is to tie the row: b moves towards a more than towards what it is.
    pull = -made.grad[untied, 3:6]
    towards_a = (pull * made.detach()[untied, :3]).sum(1)
    towards_b = (pull * made.detach()[untied, 3:6]).sum(1)
    assert (towards_a > towards_b).float().mean() > 0.8


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_scores_are_probabilities_where_there_is_a_sigmoid(objective: str) -> None:
    adversary = _adversary(objective=objective)
    last = _taught(adversary, 60)[-1]
    scores = torch.cat([adversary.scores(_tied(50, _random())), adversary.scores(_untied(50, _random()))])
    assert scores[:50].mean() > scores[50:].mean()
    assert last.real_score > last.made_score
    bounded = bool(((scores > 0) & (scores < 1)).all()) and 0 < last.made_score < last.real_score < 1
    if OBJECTIVES[objective].bounded:
        assert bounded
        assert last.real_score == pytest.approx(adversary.scores(_tied(500, _random())).mean().item(), abs=0.1)


@pytest.mark.parametrize("settings", [{}, {"unrolled_steps": 2}, BARE | {"critic_norm": "batch"}], ids=str)
def test_a_verdict_leaves_the_critic_as_it_is(settings: dict[str, object]) -> None:
    adversary = _adversary(**settings)
    _taught(adversary, 3)
    before = {name: tensor.clone() for name, tensor in adversary.critic.state_dict().items()}
    adversary.optimiser.zero_grad()
    verdict = adversary.verdict(_untied(64, _random()).requires_grad_(), _tied(64, _random()))
    assert verdict is not None
    verdict.backward()
    assert all(torch.equal(tensor, before[name]) for name, tensor in adversary.critic.state_dict().items())
    assert all(parameter.grad is None for parameter in adversary.critic.parameters())


@pytest.mark.parametrize("smooth", [0.0, 0.2])
def test_label_smoothing_lowers_the_certainty_to_the_known_value(smooth: float) -> None:
    """Of rows that are always real, the best discriminator says that they are with the probability of the target."""
    adversary = _adversary(**BARE, label_smoothing=smooth, critic_rate=1e-2)
    real, made = _separable(32)
    last = Judged.mean([adversary.learn(real, made, 0.0) for _ in range(300)][-5:])
    assert last.made_score < 0.01
    assert last.real_score == pytest.approx(1 - smooth, abs=0.01)


def test_instance_noise_hides_the_difference_and_is_gone_after_its_share() -> None:
    real, made = _separable(256)
    clear, blurred = (_adversary(**BARE, instance_noise=noise, instance_noise_share=0.5) for noise in (0.0, 3.0))
    early = [Judged.mean([adversary.learn(real, made, 0.0) for _ in range(60)][-10:]) for adversary in (clear, blurred)]
    assert early[0].accuracy > 0.99
    assert 0.55 < early[1].accuracy < 0.9  # two points at a distance of 2, seen with a deviation of 3: 0.68 at best
    late = [_taught(_adversary(instance_noise=noise, instance_noise_share=0.5), 5, share=0.5) for noise in (0.0, 3.0)]
    assert late[0] == late[1]


def test_instance_noise_reaches_the_generator_as_well() -> None:
    adversary = _adversary(instance_noise=1.0)
    made, real = _untied(16, _random()), _tied(16, _random())
    assert adversary.verdict(made, real, 0.0) != adversary.verdict(made, real, 0.0)
    assert adversary.verdict(made, real, 0.5) == adversary.verdict(made, real, 0.5)


def test_spectral_normalisation_bounds_a_critic_that_would_run_away() -> None:
    settings = {"objective": "hinge", "penalty_weight": 0.0, "critic_rate": 0.05, "critic_width": 16}
    free, bounded = (_adversary(**settings, spectral_norm=spectral) for spectral in (False, True))
    for adversary in (free, bounded):
        _taught(adversary, 100)
    for _ in range(100):  # of so high a rate, the singular vectors lag behind
        bounded.critic.follow_weights()
    steepest = []
    for adversary in (free, bounded):
        rows = _untied(100, _random()).requires_grad_()
        (gradient,) = torch.autograd.grad(adversary.critic(rows).sum(), rows)
        steepest.append(gradient.norm(dim=1).max().item())
    assert steepest[0] > 5
    assert steepest[1] < 2.001  # each layer by 1, and the one block by 2
    for layer in bounded.critic.modules():
        if isinstance(layer, SpectralLinear):
            stretch = torch.linalg.svdvals(layer.weight.detach()).max() / (layer.left @ layer.weight @ layer.right)
            assert stretch.item() == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("bound", [0.01, 0.5])
def test_weight_clipping_keeps_all_weights_within_the_bound(bound: float) -> None:
    adversary = _adversary(objective="wgan-clip", weight_clip=bound)
    _taught(adversary, 5)
    assert _weights(adversary).abs().max().item() == pytest.approx(bound)


def test_gradient_clipping_shortens_the_critics_gradient_after_it_was_measured() -> None:
    free, clipped = (_adversary(critic_clip=clip) for clip in (0.0, 0.01))
    lessons = [_taught(adversary, 1)[0] for adversary in (free, clipped)]
    norms = [
        torch.cat([p.grad.flatten() for p in adversary.critic.parameters() if p.grad is not None]).norm().item()
        for adversary in (free, clipped)
    ]
    assert lessons[0].gradient == lessons[1].gradient == pytest.approx(norms[0])
    assert norms[1] == pytest.approx(0.01, rel=1e-3)


def test_the_penalty_goes_from_its_first_weight_to_its_last_one() -> None:
    """After a step, weights are those of the constant weight that it has then; Adam's first steps know only signs."""
    for share, weight in ((0.0, 8.0), (0.5, 5.0), (1.0, 2.0)):
        scheduled = _adversary(penalty_weight=8.0, penalty_end=2.0)
        constant, other = (_adversary(penalty_weight=w) for w in (weight, 9.0))
        for adversary in (scheduled, constant, other):
            _taught(adversary, 3, share=share)
        assert torch.allclose(_weights(scheduled), _weights(constant), atol=1e-7)
        assert not torch.allclose(_weights(scheduled), _weights(other), atol=1e-7)


def test_the_penalty_keeps_gradients_small() -> None:
    strong, none = (_adversary(objective="nsgan", penalty_weight=weight) for weight in (10.0, 0.0))
    lessons = [_taught(adversary, 150)[-1] for adversary in (strong, none)]
    assert 0 < lessons[0].penalty < 0.3
    assert lessons[1].penalty == 0  # it is not even computed
    assert lessons[0].real_score - lessons[0].made_score < (lessons[1].real_score - lessons[1].made_score) / 2


def test_rates_and_betas_reach_the_optimiser() -> None:
    optimiser = _adversary(critic_rate=0.125, critic_beta1=0.25, critic_beta2=0.75).optimiser
    assert (optimiser.rate.item(), optimiser.betas) == (0.125, (0.25, 0.75))
    for name in OBJECTIVES:
        optimiser = _adversary(objective=name, critic_rate=None).optimiser
        assert optimiser.rate.item() == pytest.approx(CHOSEN[name]["critic_rate"])


@pytest.mark.parametrize("generator_steps", [1, 3])
def test_a_round_begins_before_every_few_verdicts(generator_steps: int) -> None:
    adversary = _adversary(generator_steps=generator_steps)
    begun = []
    for _ in range(7):
        begun.append(adversary.next_turn())
        adversary.verdict(_untied(8, _random()), _tied(8, _random()))
    assert begun == [number % generator_steps == 0 for number in range(7)]


@pytest.mark.parametrize(("settings", "sees"), [({}, False), ({"pac": 4}, True), ({"minibatch_std": 4}, True)], ids=str)
@pytest.mark.parametrize("objective", ["wgan-gp", "nsgan"])
def test_a_critic_that_sees_several_rows_sees_that_they_are_all_alike(
    objective: str, settings: dict[str, object], sees: bool
) -> None:
    """Made rows are four times the same real row: each alone is as good as real."""
    adversary, random = _adversary(objective=objective, **settings), _random()
    lessons = []
    for _ in range(300):
        alike = _untied(32, random).repeat_interleave(4, 0)
        lessons.append(adversary.learn(_untied(128, random), alike, 0.0))
    found = Judged.mean(lessons[-30:]).accuracy
    assert found > 0.9 if sees else found < 0.6
    assert Judged.mean(lessons).penalty < 2


def test_a_group_that_does_not_fill_is_still_scored_or_left_out() -> None:
    assert _adversary(minibatch_std=4).scores(_untied(10, _random())).shape == (10,)
    assert _adversary(minibatch_std=40).scores(_untied(10, _random())).shape == (10,)
    assert _adversary(pac=4).scores(_untied(10, _random())).shape == (2,)


def test_a_curriculum_hides_ties_until_it_comes_to_pairs() -> None:
    """The margins are right, so a critic of single columns learns nothing; one of pairs sees that b should be a."""
    singles, pairs = (
        np.mean([lesson.accuracy for lesson in _taught(_adversary(curriculum=0.9), 150, share)[-50:]])
        for share in (0.0, 0.5)
    )
    assert abs(singles - 0.5) < 0.03
    assert pairs > 0.8


def test_what_a_curriculum_hides_has_no_gradient() -> None:
    adversary = _adversary(curriculum=1.0)
    made = _untied(64, _random()).requires_grad_()
    verdict = adversary.verdict(made, _tied(64, _random()), 0.0)
    assert verdict is not None
    verdict.backward()
    assert made.grad is not None
    felt = torch.stack([(made.grad[:, columns] != 0).any(1) for columns in ([0, 1, 2, 6], [3, 4, 5, 7])])
    assert (felt.sum(0) == 1).all()
    assert felt.any(1).all()


def test_a_critic_that_is_far_ahead_rests_but_not_for_ever() -> None:
    adversary = _adversary(**BARE, freeze_above=0.8)
    real, made = _separable(32)
    moved = []
    for _ in range(80):
        before = _weights(adversary)
        adversary.learn(real, made, 0.0)
        moved.append(not torch.equal(before, _weights(adversary)))
    first = moved.index(False)
    assert 1 <= first < 40
    assert moved[first : first + MAX_RESTS] == [False] * MAX_RESTS
    assert moved[first + MAX_RESTS]
    assert adversary.memory["accuracy"] > 0.8
    assert adversary.verdict(made, real) is not None


def test_a_critic_that_is_no_longer_ahead_learns_again() -> None:
    adversary = _adversary(**BARE, freeze_above=0.8)
    real, made = _separable(32)
    for _ in range(30):
        adversary.learn(real, made, 0.0)
    for _ in range(10):
        adversary.learn(real, real, 0.0)
    assert adversary.memory["accuracy"] < 0.8
    before = _weights(adversary)
    adversary.learn(real, made, 0.0)
    assert not torch.equal(before, _weights(adversary))


def test_a_generator_that_is_far_ahead_rests_but_not_for_ever() -> None:
    adversary = _adversary(freeze_above=0.8, critic_rate=0.0, penalty_weight=0.0)
    real, made = _separable(32)
    if adversary.scores(real)[0] > adversary.scores(made)[0]:
        real, made = made, real  # the critic takes all made rows for real
    for _ in range(30):
        adversary.learn(real, made, 0.0)
    assert adversary.memory["accuracy"] < 0.2
    heard = [adversary.verdict(made, real) is not None for _ in range(2 * (MAX_RESTS + 1))]
    assert heard == [*[False] * MAX_RESTS, True] * 2


def test_nobody_rests_where_freezing_is_off() -> None:
    adversary = _adversary(**BARE)
    real, made = _separable(32)
    for _ in range(60):
        before = _weights(adversary)
        adversary.learn(real, made, 0.0)
        assert not torch.equal(before, _weights(adversary))
    assert adversary.memory["accuracy"] == 0.5


def test_unrolling_is_what_an_explicit_computation_gives() -> None:
    """A linear critic w·x of WGAN learns w' = w + scale * (mean real - mean made), so the loss is quadratic in made."""
    settings = {"penalty_weight": 0.0, "critic_blocks": 0, "unrolled_steps": 3}
    adversary = _adversary(**settings)
    with torch.no_grad():
        adversary.critic.entry.weight.abs_()
        adversary.critic.entry.bias.fill_(10)  # so that no unit is behind its kink, and the critic is linear
        adversary.critic.exit.weight.abs_()
    state = adversary.critic.state_dict()
    first, bias, last = (state[name].clone() for name in ("entry.weight", "entry.bias", "exit.weight"))
    real = _tied(16, _random())
    made = _untied(16, _random(1)).requires_grad_()
    rate = adversary.optimiser.rate
    for _ in range(3):  # by hand: the gradient of mean score of made - mean score of real
        towards = made.mean(0) - real.mean(0)
        gradient_first = last.T @ towards[None]
        gradient_last = (towards @ first.T)[None]
        first, last = first - rate * gradient_first, last - rate * gradient_last
    expected = -((made @ first.T + bias) @ last.T).mean()
    (wanted,) = torch.autograd.grad(expected, made)
    verdict = adversary.verdict(made, real)
    assert verdict is not None
    (found,) = torch.autograd.grad(verdict, made)
    assert verdict.item() == pytest.approx(expected.item(), rel=1e-4)
    assert torch.allclose(found, wanted, atol=1e-6)


def test_unrolling_after_some_steps_goes_as_far_as_adam_would() -> None:
    """What the generator hears is nearly what it would hear after as many lessons with the same rows."""
    now, ahead = (_adversary(**BARE, unrolled_steps=steps) for steps in (0, 5))
    for adversary in (now, ahead):
        _taught(adversary, 5)
    made, real = _untied(200, _random(8)), _tied(200, _random(9))
    verdicts = [adversary.verdict(made.clone().requires_grad_(), real) for adversary in (now, ahead)]
    for _ in range(5):
        now.learn(real, made, 0.0)
    later = now.verdict(made, real)
    assert verdicts[0] is not None
    assert verdicts[1] is not None
    assert later is not None
    assert abs(later - verdicts[0]) > 0.1
    assert abs(later - verdicts[1]) < 0.3 * abs(later - verdicts[0])


def test_dropout_makes_lessons_and_verdicts_differ_and_scores_not() -> None:
    adversary = _adversary(critic_dropout=0.5)
    made, real = _untied(32, _random()), _tied(32, _random())
    assert adversary.verdict(made, real) != adversary.verdict(made, real)
    assert torch.equal(adversary.scores(real), adversary.scores(real))
    assert adversary.critic.training


def test_batch_normalisation_takes_real_and_made_rows_together() -> None:
    """So a verdict scores made rows as the lessons did, and scores do not hang on who else is asked for."""
    adversary = _adversary(**BARE, critic_norm="batch")
    _taught(adversary, 100)
    made, real = _untied(200, _random()), _tied(200, _random())
    alone = torch.cat([adversary.scores(rows) for rows in real.split(50)])
    assert torch.allclose(adversary.scores(real), alone, atol=1e-6)
    verdict = adversary.verdict(made, real)
    assert verdict is not None
    both = adversary.critic(torch.cat([made, real]))[:200]
    assert verdict.item() == pytest.approx(torch.nn.functional.softplus(-both).mean().item(), rel=1e-5)


@pytest.mark.parametrize("scheme", ["he", "glorot", "orthogonal"])
def test_the_initialisation_reaches_the_critic(scheme: str) -> None:
    weights = _adversary(initialisation=scheme, critic_width=64).critic.blocks[0].inner.weight.detach()
    values = torch.linalg.svdvals(weights)
    assert (values.max() - values.min() < 1e-3) == (scheme == "orthogonal")
    wanted = {"he": 2 / 64, "glorot": 1 / 64, "orthogonal": 2 / 64}[scheme]
    assert weights.var().item() == pytest.approx(wanted, rel=0.1)


@pytest.mark.parametrize(
    "settings",
    [
        {
            "objective": "hinge",
            "spectral_norm": True,
            "critic_dropout": 0.2,
            "instance_noise": 0.3,
            "freeze_above": 0.7,
        },
        BARE | {"critic_norm": "batch", "curriculum": 0.5, "generator_steps": 2, "unrolled_steps": 1},
        {},
    ],
    ids=str,
)
def test_all_that_a_critic_knows_is_in_its_state(settings: dict[str, object]) -> None:
    """A critic that is given the state of another one goes on as that one does, bit for bit."""
    noises = [torch.Generator().manual_seed(seed) for seed in (1, 2)]
    config = TrainingConfig.from_mapping(SMALL | settings).resolved()
    one, other = (
        Adversary(PLAN, config, weights=torch.Generator().manual_seed(i), noise=noise, device=CPU)
        for i, noise in enumerate(noises)
    )
    _taught(one, 7)
    one.verdict(_untied(64, _random()).requires_grad_(), _tied(64, _random()))
    other.critic.load_state_dict(one.critic.state_dict())
    other.optimiser.resume(one.optimiser.state())
    other.memory |= one.memory
    noises[1].set_state(noises[0].get_state())
    assert _taught(one, 5, 0.3) == _taught(other, 5, 0.3)
    assert torch.equal(_weights(one), _weights(other))
    assert one.next_turn() == other.next_turn()


def test_the_global_stream_and_the_rows_are_left_alone() -> None:
    before = torch.get_rng_state()
    made, real = _untied(32, _random()), _tied(32, _random())
    copies = made.clone(), real.clone()
    adversary = _adversary(
        **BARE, critic_dropout=0.2, instance_noise=0.3, curriculum=0.5, spectral_norm=True, unrolled_steps=1
    )
    adversary.learn(real, made, 0.1)
    adversary.verdict(made.requires_grad_(), real, 0.1)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(made, copies[0])
    assert torch.equal(real, copies[1])


def test_what_steps_gave_is_averaged(planted_layout: Layout, mixed_plan: Callable[..., StagePlan]) -> None:
    steps = [torch.arange(6.0), torch.arange(6.0) + 2]
    assert Judged.mean(steps) == Judged(1, 2, 3, 4, 5, 6)
    assert _adversary(mixed_plan(planted_layout)).critic.entry.in_features == 3 + 4 + 5 + 3 + 4


@pytest.mark.parametrize(
    ("n", "together", "groups"), [(1024, 1, 256), (300, 1, 128), (64, 1, 64), (1026, 3, 86), (64, 8, 8), (130, 10, 13)]
)
def test_a_penalty_is_taken_on_a_quarter_of_the_rows_but_on_enough(n: int, together: int, groups: int) -> None:
    assert penalised(n, together) == groups
