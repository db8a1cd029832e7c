import json

import pytest

from benchmarks.performance.__main__ import main
from benchmarks.performance.compare import OtherMachineError, compare, gathered, relative_error, told


def test_a_planted_slow_down_of_15_percent_is_flagged_and_one_of_5_is_not(pieces):
    changes = compare(pieces(), pieces(draw=1.15, encode=1.05))
    assert {change.name: change.verdict for change in changes} == {
        "draw": "slower",
        "encode": "as before",
        "critic": "as before",
    }
    assert changes[0].growth == pytest.approx(0.15)
    assert changes[0].name == "draw"
    assert "slower by more than 10%: draw" in told(changes)


def test_growth_within_noise_is_doubtful_and_a_gain_is_told(pieces):
    noisy = compare(pieces(noise=0.2), pieces(noise=0.2, draw=1.15))
    assert next(one for one in noisy if one.name == "draw").verdict == "doubtful"
    assert "measure again" in told(noisy)
    assert next(one for one in compare(pieces(), pieces(encode=0.8)) if one.name == "encode").verdict == "faster"


@pytest.mark.parametrize("change", [{"cpu": "slide rule"}, {"cores": 4}])
def test_another_machine_is_refused(pieces, about, change):
    with pytest.raises(OtherMachineError, match=r"expected a calibration of this machine.*compare --keep"):
        compare(pieces(), pieces(machine=about["machine"] | change))


def test_ratios_are_to_the_calibration_of_the_same_run():
    def run(factor):
        one = {"name": "test_draw", "stats": {"median": 0.2 * factor}, "extra_info": {"calibration_s": 0.1 * factor}}
        return {"benchmarks": [one]}

    found = gathered([run(1.0), run(3.0)])["pieces"]
    assert list(found) == ["draw"]
    assert found["draw"]["ratios"] == pytest.approx([2.0, 2.0])
    assert found["draw"]["seconds"] == pytest.approx([0.2, 0.6])


def test_relative_error():
    assert relative_error([4.0, 6.0]) == pytest.approx(0.2)
    assert relative_error([4.0]) == 0.0


def test_the_command_and_its_exit_codes(tmp_path, pieces, capsys):
    paths = {name: tmp_path / f"{name}.json" for name in ("base", "five", "fifteen", "other")}
    documents = [pieces(), pieces(draw=1.05), pieces(draw=1.15), pieces(machine={"cpu": "slide rule", "cores": 2})]
    for path, document in zip(paths.values(), documents, strict=True):
        path.write_text(json.dumps(document))

    def run(name, base="base"):
        return main(["compare", "--of", str(paths[name]), "--against", str(paths.get(base, tmp_path / base))])

    assert (run("five"), run("fifteen"), run("other")) == (0, 1, 2)
    assert "got one of another" in capsys.readouterr().err
    assert run("five", "none.json") == 2
    assert "--keep" in capsys.readouterr().err
    assert main(["compare", "--of", str(paths["five"]), "--keep", "--against", str(tmp_path / "kept.json")]) == 0
    assert json.loads((tmp_path / "kept.json").read_text())["pieces"].keys() == documents[0]["pieces"].keys()
