"""Operations and bytes of shapes small enough to count by hand."""

from dataclasses import replace

import pytest

from benchmarks.performance import floors
from benchmarks.performance.floors import Rates, Shape, Stage, Work, floor_s

SHAPE = Shape(
    batch=10,
    hidden=8,
    middle=4,
    stages=(Stage(units=3, features=3, parts=1, before=0), Stage(units=5, features=6, parts=2, before=3)),
    direct=True,
    critic_width=16,
    critic_blocks=1,
    weights=1_000,
    critic_weights=500,
    penalised=5,
)
DENSE = 2 * (8 * 4 + 4 * 3) + 2 * (8 * 4 + 4 * 5)
LOOKED_UP = 3 * 8 + 1 * 5
"""Each of three codes looks up a row of the shared layer, and the second stage one row of its direct map."""


def test_shape_sums_up_its_stages():
    assert (SHAPE.units, SHAPE.features, SHAPE.codes) == (8, 9, 3)


def test_a_pass_forward():
    work = floors.forward(SHAPE, 7)
    assert work.operations == 7 * (DENSE + LOOKED_UP)
    assert work.exponentials == 7 * 8
    assert floors.forward(replace(SHAPE, direct=False), 7).operations == 7 * (DENSE + 24)


def test_a_gradient_takes_two_more_passes_but_no_more_exponentials():
    once, whole = floors.forward(SHAPE, SHAPE.batch), floors.likelihood(SHAPE)
    assert whole.operations == 3 * once.operations
    assert whole.exponentials == once.exponentials


def test_the_critic():
    assert floors.critic_forward(SHAPE, 2).operations == 2 * (2 * (2 * 16 * 16 + 16) + 2 * 3 * 16)
    scores = floors.critic_forward(SHAPE, 10).operations
    dense = 2 * 16 * (9 + 3) * 5
    assert floors.lesson(SHAPE).operations == floors.forward(SHAPE, 10).operations
    assert floors.lesson(SHAPE).rounded == 3 * 2 * scores + 4 * scores / 2 + 3 * dense


def test_the_optimiser_moves_each_number_once():
    assert floors.optimiser(100, averaged=False) == Work(cached=4 * 100 * 8)
    large = 10_000_000
    assert floors.optimiser(large, averaged=True) == Work(memory=4 * large * 11)


def test_a_step_with_a_critic_is_the_sum_of_its_parts():
    plain, full = floors.step(SHAPE, adversarial=False), floors.step(SHAPE, adversarial=True, critic_steps=2)
    parts = floors.verdict(SHAPE).operations + 2 * floors.lesson(SHAPE).operations
    assert full.operations == pytest.approx(plain.operations + parts)
    assert (plain.rounded, full.rounded) == (0.0, 2 * floors.lesson(SHAPE).rounded)


def test_a_floor_is_the_longer_of_computing_and_moving():
    rates = Rates(operations=100.0, exponentials=10.0, cached=50.0, memory=5.0, rounded=200.0)
    assert floor_s(Work(operations=200, exponentials=10, cached=50), rates) == 3.0
    assert floor_s(Work(operations=100, cached=100, memory=10), rates) == 4.0
    assert floor_s(Work(rounded=200), rates) == 1.0
    assert floor_s(Work(), rates) == 0.0


def test_rates_are_the_best_of_a_calibration(calibration):
    assert Rates.of(calibration) == Rates(100e9, 1e9, 100e9, 10e9, 100e9)
    rounded = {"rounded_product_gflops": {"64x64x64": {"best": 400.0}}}
    assert Rates.of(calibration | rounded).rounded == 400e9
    assert Rates.of(calibration, threads=2).operations == 180e9
    assert Rates.of(calibration, threads=7).operations == 100e9


def test_tables():
    assert floors.columns_of(10, [True, False]).memory == 2 * 10 * 12
    assert floors.pairs_of(10, 4).cached == 2 * 10 * 6 * 4
    assert floors.encode(5.0, 6.0).memory == 11.0
