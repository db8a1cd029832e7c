import json
import threading
import time
import types

import pytest

from benchmarks.performance import stages
from benchmarks.performance.watch import Stage, Watch, find


@pytest.fixture
def shop(monkeypatch):
    """A module of functions that call each other and take time."""
    module = types.ModuleType("shop")

    class Till:
        @classmethod
        def count(cls):
            time.sleep(0.02)
            return cls.__name__

        def sell(self):
            time.sleep(0.01)
            return self.count()

    module.Till = Till
    monkeypatch.setitem(__import__("sys").modules, "shop", module)
    return module


def test_seconds_belong_to_the_inner_stage(shop):
    before = vars(shop.Till)["count"]
    with Watch([Stage("sell", ("shop:Till.sell",)), Stage("count", ("shop:Till.count",))]) as watch:
        assert shop.Till().sell() == "Till"
    assert vars(shop.Till)["count"] is before
    assert watch.spent["count"].seconds >= 0.02
    assert 0.01 <= watch.spent["sell"].seconds < 0.02 + watch.spent["count"].seconds
    assert (watch.spent["sell"].calls, watch.spent["count"].calls) == (1, 1)


def test_a_whole_stage_keeps_what_it_calls(shop):
    with Watch([Stage("sell", ("shop:Till.sell",), whole=True), Stage("count", ("shop:Till.count",))]) as watch:
        shop.Till().sell()
        shop.Till.count()
    assert watch.spent["sell"].seconds >= 0.03
    assert watch.spent["count"].calls == 1


def test_threads_have_stages_of_their_own(shop):
    with Watch([Stage("sell", ("shop:Till.sell",), whole=True), Stage("count", ("shop:Till.count",))]) as watch:
        threads = [threading.Thread(target=target) for target in (shop.Till().sell, shop.Till.count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (watch.spent["sell"].calls, watch.spent["count"].calls) == (1, 1)


def test_missing_places_are_told_and_errors_pass(shop):
    places = ("json:dumps", "json:nothing", "nowhere:at_all", "json:JSONEncoder.nothing")
    with Watch([Stage("write", places)]) as watch, pytest.raises(TypeError):
        json.dumps(object())
    assert watch.missing == []
    assert watch.spent["write"].calls == 1
    with Watch([Stage("write", places[1:])]) as watch:
        json.dumps(1)
    assert watch.missing == ["write"]
    assert not hasattr(json.dumps, "__wrapped__")


def test_every_stage_is_there():
    """If this fails, a function was renamed or moved: name it anew in benchmarks/performance/stages.py."""
    known = (*stages.FIT, *stages.SAMPLE)
    assert [stage.name for stage in known if all(find(place) is None for place in stage.places)] == []
    assert set(stages.IN_STEPS) < {stage.name for stage in stages.FIT}
