"""The command line: `python -m benchmarks.performance COMMAND --help`. Each command writes one JSON file."""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from benchmarks.performance.record import RESULTS, write

AXES = ("rows", "columns", "categories")
COMMANDS = ("calibrate", "profile", "startup", "sampling", "scaling", "peers", "pieces", "compare", "page")


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse and do; the exit code is 1 where something has become slower or did not run."""
    options = _parser().parse_args(arguments)
    code: int = options.do(options)
    return code


def calibrate(options: argparse.Namespace) -> int:
    """The rates of this machine."""
    from benchmarks.performance import machine
    from benchmarks.performance.record import about

    return _keep(options, about() | {"calibration": machine.calibrate(options.repeats)})


def profile(options: argparse.Namespace) -> int:
    """Where the time of fit, sample and evaluate goes, beside floors."""
    import torch

    from benchmarks.performance import profile as own

    torch.set_num_threads(options.threads)
    found = own.profile(
        options.data / options.set / "train.csv",
        steps=options.steps,
        step_runs=options.step_runs,
        steps_each=options.steps_each,
        sampled=options.rows,
        seed=options.seed,
    )
    gone = sorted({*found["fit"]["not_found"], *found["sample"]["not_found"]})
    if gone:
        print(f"stages not found any more, see benchmarks/performance/stages.py: {', '.join(gone)}", file=sys.stderr)
    return _keep(options, found)


def startup(options: argparse.Namespace) -> int:
    """Seconds until something happens, beside bare Python and `import torch`."""
    from benchmarks.performance import startup as own

    with _scratch(None) as folder:
        model = _model(options, Path(folder))
        return _keep(options, own.startup(model, Path(folder), repeats=options.repeats))


def sampling(options: argparse.Namespace) -> int:
    """Rows a second and peak memory of samples."""
    from benchmarks.performance import sampling as own

    with _scratch(options.scratch) as folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        model, sizes = _model(options, Path(folder)), tuple(options.sizes)
        wanted = {"rows": options.rows, "workers": options.workers, "sizes": sizes, "repeats": options.repeats}
        return _keep(options, own.sampling(model, Path(folder), **wanted))


def scaling(options: argparse.Namespace) -> int:
    """How time and memory grow with rows, columns and categories."""
    from benchmarks.performance import scaling as own

    wanted = own.points(options.axes, options.most, {"steps": options.steps} if options.steps else None)
    with _scratch(options.scratch) as folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        found = own.scaling(
            wanted,
            Path(folder),
            minutes=options.minutes,
            seed=options.seed,
            threads=options.threads,
            scored=options.scored,
            repeats=options.repeats,
        )
    return _keep(options, found)


def peers(options: argparse.Namespace) -> int:
    """Tabgan beside CTGAN, TVAE and mostlyai-engine on Adult, in turns."""
    from benchmarks.performance import peers as own

    with _scratch(None) as folder:
        found = own.peers(
            options.data,
            options.peers,
            Path(folder),
            names=options.names,
            repeats=options.repeats,
            threads=options.threads,
            most_minutes=options.most_minutes,
            steps=options.steps,
            seed=options.seed,
        )
    for name, error in found["errors"].items():
        print(f"{name}: {error}", file=sys.stderr)
    return max(_keep(options, found), int(bool(found["errors"])))


def pieces(options: argparse.Namespace) -> int:
    """Run the small pieces under pytest-benchmark."""
    from benchmarks.performance import compare as own

    return _keep(options, own.run_pieces(options.repeats, options.only))


def compare(options: argparse.Namespace) -> int:
    """Run the pieces and flag those that are slower than the kept calibration of this machine says."""
    from benchmarks.performance import compare as own
    from benchmarks.performance.record import read

    now = own.read_pieces(options.of) if options.of else own.run_pieces(options.repeats, options.only)
    if options.keep:
        print(write(now, options.against))
        return 0
    before = read(options.against)
    if before is None:
        print(f"expected a calibration in {options.against}, got no file; make one: compare --keep", file=sys.stderr)
        return 2
    try:
        changes = own.compare(before, now)
    except own.OtherMachineError as error:
        print(error, file=sys.stderr)
        return 2
    print(own.told(changes))
    return int(any(change.verdict == "slower" for change in changes))


def page(options: argparse.Namespace) -> int:
    """Write docs/performance.md and its pictures from the results."""
    from benchmarks.performance import page as own

    for path in own.render(options.results, options.out):
        print(path)
    return 0


def _keep(options: argparse.Namespace, found: dict[str, Any]) -> int:
    print(write(found, options.out or RESULTS / f"{options.command}.json"))
    return 0


def _scratch(folder: Path | None) -> AbstractContextManager[Any]:
    return nullcontext(folder) if folder else tempfile.TemporaryDirectory(prefix="performance-")


def _model(options: argparse.Namespace, folder: Path) -> Path:
    """The model to sample from: the one that is named, or one that learns Adult for it."""
    if options.model:
        path: Path = options.model
        return path
    from tabgan import TabGAN, TrainingConfig

    path = folder / "adult.tabgan"
    settings = TrainingConfig(steps=options.steps)
    TabGAN(settings, device="cpu").fit(options.data / "adult" / "train.csv").save(path)
    return path


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.performance", description=__doc__)
    commands = parser.add_subparsers(required=True, dest="command")
    for name in COMMANDS:
        do = globals()[name]
        one = commands.add_parser(name, help=do.__doc__)
        one.set_defaults(do=do)
        if name not in ("compare", "page"):
            one.add_argument("--out", type=Path, help=f"the JSON file; {RESULTS}/{name}.json by default")
        _OPTIONS[name](one)
    return parser


def _calibrate_options(one: argparse.ArgumentParser) -> None:
    one.add_argument("--repeats", type=int, default=9)


def _shared(one: argparse.ArgumentParser) -> None:
    one.add_argument("--data", type=Path, default=Path("data"), help="the folder of the tables' folders")
    one.add_argument("--seed", type=int, default=0)
    one.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    one.add_argument("--steps", type=int, default=0, help="of a fit; 0 for as many as the defaults take")


def _profile_options(one: argparse.ArgumentParser) -> None:
    _shared(one)
    one.set_defaults(threads=1)
    one.add_argument("--set", default="adult")
    one.add_argument("--step-runs", type=int, default=5, help="short runs for the time of a step")
    one.add_argument("--steps-each", type=int, default=40, help="steps of each")
    one.add_argument("--rows", type=int, default=200_000, help="to sample")


def _model_options(one: argparse.ArgumentParser) -> None:
    one.add_argument("--model", type=Path, help="to sample from; without one, Adult is learnt for it")
    one.add_argument("--data", type=Path, default=Path("data"), help="the folder of the tables' folders")
    one.add_argument("--steps", type=int, default=0, help="of that fit; 0 for as many as the defaults take")


def _startup_options(one: argparse.ArgumentParser) -> None:
    _model_options(one)
    one.add_argument("--repeats", type=int, default=15)


def _sampling_options(one: argparse.ArgumentParser) -> None:
    _model_options(one)
    one.add_argument("--rows", type=int, default=1_000_000)
    one.add_argument("--workers", type=int, nargs="+", default=[0, 1, 2], help="0: as by default")
    one.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000], help="for memory")
    one.add_argument("--repeats", type=int, default=3)
    one.add_argument("--scratch", type=Path, help="a folder for what is written")


def _scaling_options(one: argparse.ArgumentParser) -> None:
    one.add_argument("--axes", nargs="+", choices=AXES, default=list(AXES))
    one.add_argument("--most", type=float, default=1e9, help="leave out points beyond")
    one.add_argument("--minutes", type=float, default=60.0)
    one.add_argument("--seed", type=int, default=0)
    one.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    one.add_argument("--steps", type=int, default=0, help="of all fits, for a trial; 0 for those of each axis")
    one.add_argument("--scored", type=int, default=1_000_000, help="quality is scored up to so many rows")
    one.add_argument("--repeats", type=int, default=3)
    one.add_argument("--scratch", type=Path, help="a folder for tables, which are kept there")


def _peers_options(one: argparse.ArgumentParser) -> None:
    _shared(one)
    one.add_argument("--peers", type=Path, default=Path("peers"), help="the folder of the peers' environments")
    one.add_argument("--names", nargs="+", choices=PEERS, default=list(PEERS))
    one.add_argument("--repeats", type=int, default=3)
    one.add_argument("--most-minutes", type=float, default=10.0, help="of mostlyai-engine's training")


PEERS = ("tabgan", "ctgan", "tvae", "tabularargn")


def _pieces_options(one: argparse.ArgumentParser) -> None:
    one.add_argument("--repeats", type=int, default=5)
    one.add_argument("--only", default="", help="pieces whose name has this")


def _compare_options(one: argparse.ArgumentParser) -> None:
    _pieces_options(one)
    one.add_argument("--against", type=Path, default=RESULTS / "baseline.json", help="the kept calibration")
    one.add_argument("--of", type=Path, help="a JSON file of pieces, in place of running them")
    one.add_argument("--keep", action="store_true", help="keep the figures as the calibration of this machine")


def _page_options(one: argparse.ArgumentParser) -> None:
    one.add_argument("--results", type=Path, default=RESULTS)
    one.add_argument("--out", type=Path, default=Path("docs/performance.md"))


_OPTIONS = {name: globals()[f"_{name}_options"] for name in COMMANDS}


if __name__ == "__main__":
    sys.exit(main())
