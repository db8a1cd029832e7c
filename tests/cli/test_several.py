import pytest

from tabgan.gan.comparing import Comparison
from tabgan.seeds import SeedFigures, spread_of
from tabgan_cli.screen import messages
from tabgan_cli.several import seed_line, seeds_line, seeds_table

GOOD = SeedFigures(3, Comparison(1.0312, 13.2, 0.0123, 0.0456, 0.512), 300, "steps", 300, 65.0)
ALONE = SeedFigures(4, Comparison(1.2, 13.4, 0.02, None, None), 300, "steps", 300, 70.0)
FAILED = SeedFigures(5, failure="training diverged by step 7")


def test_a_line_for_each_seed():
    assert seed_line(GOOD) == "seed 3: distance 1.031, Shape 1.23 %, Trend 4.56 %, AUC 0.512, 13.20 nats, 1:05"
    assert seed_line(ALONE) == "seed 4: distance 1.200, Shape 2.00 %, 13.40 nats, 1:10"
    assert seed_line(FAILED) == "seed 5 failed: training diverged by step 7"


def test_the_table_has_all_seeds_their_mean_and_their_spread():
    runs = (GOOD, ALONE, FAILED)
    with messages().capture() as caught:
        messages().print(seeds_table(runs, spread_of(runs), 3))
    lines = [line.split() for line in caught.get().splitlines()]
    assert lines[1] == ["3", "1.031", "1.23", "4.56", "0.512", "13.20", "300", "1:05", "kept"]
    assert lines[2] == ["4", "1.200", "2.00", "13.40", "300", "1:10"]
    assert lines[3] == ["5", "failed"]
    assert lines[4][:3] == ["mean", "1.116", "1.62"]
    assert lines[5][:3] == ["sd", "0.119", "0.54"]


def test_what_a_model_keeps_in_a_line():
    runs = [run.to_dict() for run in (GOOD, ALONE, FAILED)]
    kept = {"runs": runs, "spread": {"distance": {"mean": 1.1156, "sd": 0.1194, "n": 2}}}
    assert seeds_line(kept, 3) == "seed 3 is the best of 3: distance 1.031, where all have 1.116 ± 0.119; 1 failed"


def test_fit_with_several_seeds(run, table, folder, quick):
    done = run("fit", table, *quick, "--holdout", "0.2", "--seeds", "2", "--seed", "4", "--processes", "1")
    assert done.exit_code == 0, done.output
    assert "seed 4: distance" in done.output
    assert "seed 5: distance" in done.output
    assert "kept" in done.output
    shown = run("inspect")
    assert "is the best of 2: distance" in shown.output


def test_too_few_rows_held_out_are_refused(run, table, folder, quick):
    done = run("fit", table, *quick, "--seeds", "2")
    assert done.exit_code == 2
    assert "at least 16 rows held out" in done.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--seeds", "2", "--from", "old.tabgan"], "--seeds begins from scratch, --from does not"),
        (["--seeds", "2", "--resume"], "several seeds are fitted without checkpoints"),
        (["--processes", "2"], "give their number with --seeds"),
    ],
)
def test_what_several_seeds_cannot_be_had_with_is_refused_before_any_work(run, folder, options, said):
    done = run("fit", "no such table.csv", *options)
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())
