"""The command line of the yardstick: `python -m benchmarks.fidelity {run,score,render,peers} --help`."""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from benchmarks.fidelity import environments, page, picture
from benchmarks.fidelity import results as found_in
from benchmarks.fidelity.datasets import TASKS, Kinds, load
from benchmarks.fidelity.runs import SYNTHESIZERS, Run, Workshop, keep, make, plan

RESULTS = Path("benchmarks/results/fidelity")
SETTINGS_HELP = """JSON, or a file of it: an object of TrainingConfig fields, or a list of labelled variants such as
[{"label": "tabgan, 60 s", "settings": {"steps": 900}}]"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse and do; the exit code is 1 if a run failed."""
    options = _parser().parse_args(arguments)
    code: int = options.do(options)
    return code


def run(options: argparse.Namespace) -> int:
    """Fit, sample and score all that is not done yet; a failed run is told and does not stop the others."""
    variants = variants_of(options.settings)
    runs = plan(options.synthesizers, options.sets, options.seeds, options.kinds, variants, options.peer_settings)
    failed = 0
    with tempfile.TemporaryDirectory(prefix="fidelity-") as scratch:
        samples = options.samples or Path(scratch, "samples")
        shop = Workshop(results=options.out, samples=samples, peers=options.peers, threads=options.threads)
        for one in runs:
            if one.result_path(options.out).exists() and not options.again:
                print(f"{one.place}: done before", flush=True)
                continue
            data = load(options.data, one.set_name, one.kinds, Path(scratch))
            try:
                print(_told(make(one, data, shop)), flush=True)
            except RuntimeError as error:
                failed += 1
                print(f"{one.place}: {error}", file=sys.stderr, flush=True)
    return 1 if failed else 0


def variants_of(settings: Any) -> list[tuple[str, dict[str, Any]]]:
    """Tabgan's labels and settings from what `--settings` holds."""
    if isinstance(settings, dict):
        return [("tabgan", settings)]
    labels = [variant["label"] for variant in settings]
    if len(set(labels)) < len(labels):
        raise SystemExit(f"expected a label of its own for each variant of --settings, got {', '.join(labels)}")
    return [(variant["label"], variant.get("settings", {})) for variant in settings]


def score(options: argparse.Namespace) -> int:
    """Score a sample that was made elsewhere."""
    one = Run(
        set_name=options.set,
        synthesizer=options.synthesizer,
        label=options.label or options.synthesizer,
        kinds=options.kinds,
        seed=options.seed,
        settings=options.settings,
    )
    with tempfile.TemporaryDirectory(prefix="fidelity-") as scratch:
        data = load(options.data, options.set, options.kinds, Path(scratch))
        print(_told(keep(one, data, options.sample, options.costs, options.out, options.note)))
    return 0


def render(options: argparse.Namespace) -> int:
    """Write the page and the picture from the results."""
    results = found_in.read(options.results)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(page.page(results))
    shown = found_in.pick(results, kinds="inferred")
    if options.plot and shown:
        sets = options.plot_sets or found_in.common_sets(shown) or found_in.sets_of(shown)[:1]
        picture.draw(shown, sets, options.plot)
    return 0


def peers(options: argparse.Namespace) -> int:
    """Make the peers' environments."""
    for folder in environments.build(options.into, options.names):
        print(folder)
    return 0


def _told(path: Path) -> str:
    found = json.loads(path.read_text())
    measures = (found_in.SHAPE, found_in.TREND, found_in.DETECTION, found_in.UTILITY, found_in.FIT)
    parts = [f"{m.title} {value:.{m.digits}f}" for m in measures if (value := m.value(found)) is not None]
    return f"{path}: {', '.join(parts)}"


def _json(text: str) -> Any:
    return json.loads(Path(text).read_text() if text.endswith(".json") else text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.fidelity", description=__doc__)
    commands = parser.add_subparsers(required=True)
    _run_options(commands.add_parser("run", help=run.__doc__))
    _score_options(commands.add_parser("score", help=score.__doc__))
    one = commands.add_parser("render", help=render.__doc__)
    one.set_defaults(do=render)
    one.add_argument("--results", type=Path, default=RESULTS)
    one.add_argument("--out", type=Path, default=Path("docs/benchmarks.md"))
    one.add_argument("--plot", type=Path, default=Path("docs/quality_vs_time.svg"))
    one.add_argument("--no-plot", dest="plot", action="store_const", const=None, help="the page alone")
    one.add_argument("--plot-sets", nargs="+", choices=list(TASKS), help="default: the tables that all labels have")
    one = commands.add_parser("peers", help=peers.__doc__)
    one.set_defaults(do=peers)
    one.add_argument("--into", type=Path, required=True, help="the folder for the environments")
    one.add_argument("--names", nargs="+", choices=environments.NAMES, default=environments.NAMES)
    return parser


def _shared_options(one: argparse.ArgumentParser) -> None:
    one.add_argument("--data", type=Path, required=True, help="the folder of the tables' folders")
    one.add_argument("--kinds", choices=get_args(Kinds), default="inferred", help="whose kinds of columns")
    one.add_argument("--out", type=Path, default=RESULTS, help="the folder for the JSON files")


def _run_options(one: argparse.ArgumentParser) -> None:
    one.set_defaults(do=run)
    _shared_options(one)
    one.add_argument("--sets", nargs="+", choices=list(TASKS), default=list(TASKS))
    one.add_argument("--synthesizers", nargs="+", choices=SYNTHESIZERS, default=list(SYNTHESIZERS))
    one.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    one.add_argument("--peers", type=Path, default=Path("peers"), help="the folder of the peers' environments")
    one.add_argument("--threads", type=int, default=1, help="of each fit")
    one.add_argument("--samples", type=Path, help="a folder to keep samples in; those found there are only scored")
    one.add_argument("--settings", type=_json, default={}, help=SETTINGS_HELP)
    one.add_argument("--peer-settings", type=_json, default={}, help='JSON, for example {"ctgan": {"epochs": 10}}')
    one.add_argument("--again", action="store_true", help="runs that have their file too")


def _score_options(one: argparse.ArgumentParser) -> None:
    one.set_defaults(do=score)
    _shared_options(one)
    one.add_argument("--set", choices=list(TASKS), required=True)
    one.add_argument("--synthesizer", choices=SYNTHESIZERS, required=True)
    one.add_argument("--label", help="default: the synthesizer's name")
    one.add_argument("--seed", type=int, default=0)
    one.add_argument("--sample", type=Path, required=True, help="the CSV file of synthetic rows")
    one.add_argument("--costs", type=Path, required=True, help="JSON as peers/fit.py writes it")
    one.add_argument("--settings", type=_json, default={}, help="what it was fitted with")
    one.add_argument("--note", default="", help="a caveat that the page carries")


if __name__ == "__main__":
    sys.exit(main())
