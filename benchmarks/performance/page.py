"""docs/performance.md and its pictures, from the JSON files of the benchmarks."""

import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.fidelity.page import table
from benchmarks.performance import floor_sections, growth
from benchmarks.performance.cases import cases_of, cases_table, described
from benchmarks.performance.record import read
from benchmarks.performance.words import beside, digits, lacking, made_with, paragraph, seconds, times

Document = dict[str, Any]
AIMS_S = {"import tabgan": 0.1, "tabgan --help": 0.3, "tabgan sample -n 10": 3.0}
AIM_ROWS_S = 200_000
"""Rows of Adult a second to Parquet, with two workers on two cores."""
COMMAND = "python -m benchmarks.performance"
NAMES = {"tabgan": "**tabgan**", "ctgan": "CTGAN", "tvae": "TVAE", "tabularargn": "mostlyai-engine (TabularARGN)"}
SIZES = {
    "wide": "python -m benchmarks.wide",
    "large": "python -m benchmarks.large fit TABLE --write",
}
GPU_COMMAND = "python -m benchmarks.gpu --tables DATA/adult/train.csv DATA/covertype/train.parquet"
HEAD = """# Performance

Written by `python -m benchmarks.performance page` from the files in `benchmarks/results`; do not edit.

Where time and memory go, the least that the hardware would need, how both grow with a table, and how this compares with
others. Each number is a median ± its standard deviation over n repeats, unless said. Wall seconds grow with whatever
else a machine does; ratios of figures from one run are what to trust.
"""


def render(results: Path, out: Path) -> list[Path]:
    """Write the page and, beside it, the pictures.

    Args:
        results: the folder of the JSON files; those of the size cases and of the GPU lie in the one above.
        out: the page.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    scaling = read(results / "scaling.json")
    written = [out]
    for axis, svg in growth.pictures(scaling).items() if scaling else ():
        written.append(out.with_name(f"performance_{axis}.svg"))
        written[-1].write_text(svg)
    out.write_text(page(results, scaling))
    return written


def page(results: Path, scaling: Document | None) -> str:
    """The whole page."""
    above = results.parent
    sections = [
        HEAD,
        floor_sections.section(read(results / "profile.json"), f"{COMMAND} profile --data DATA"),
        startup_section(read(results / "startup.json")),
        sampling_section(read(results / "sampling.json")),
        peers_section(read(results / "peers.json")),
        sizes_section({name: read(above / f"{name}.json") for name in SIZES}),
        growth.section(scaling, f"{COMMAND} scaling"),
        gpu_section(read(above / "gpu.json")),
        comparison_section(read(results / "baseline.json")),
        TRIED,
        MAKING,
    ]
    return "\n".join(sections)


def startup_section(found: Document | None) -> str:
    """How long a user waits before anything happens."""
    text = "## Start-up\n\n"
    if found is None:
        return text + lacking(f"{COMMAND} startup --data DATA")
    rows = [
        [
            f"`{case['name']}`",
            str(case["seconds"]["n"]),
            beside(case["seconds"], seconds),
            beside(case["own_s"], seconds),
            "" if case["beside"] == case["name"] else f"`{case['beside']}`",
            "" if case["beside"] == case["name"] else beside(case["ratio"]),
            aim(case["seconds"]["median"], AIMS_S.get(case["name"])),
        ]
        for case in found["cases"]
    ]
    text += "Fresh processes in turns; ratios are of the same turn.\n\n"
    heads = ["", "n", "wall", "beyond Python's own start", "beside", "ratio", "aim"]
    return text + made_with(found) + "\n" + table(heads, rows)


def aim(value: float, most: float | None) -> str:
    """What seconds should be at most, and whether they are; nothing where there is no aim."""
    if most is None:
        return ""
    return f"{seconds(most)}: {'reached' if value <= most else 'missed'}"


def sampling_section(found: Document | None) -> str:
    """Rows a second, and memory at many rows."""
    text = "## Sampling\n\n"
    if found is None:
        return text + lacking(f"{COMMAND} sampling --data DATA")
    told = f"""Adult, {found["rows"]:,} rows to a Parquet file with `tabgan sample`, each a fresh process. Workers
    have a thread each; *beyond start* leaves out what a sample of ten rows takes. The aim is {AIM_ROWS_S:,} rows/s on
    two cores."""
    text += paragraph(told) + made_with(found) + "\n"
    rows = []
    for one in found["to_parquet"]:
        start = [f"Parquet, {_workers(one['workers'])}"]
        if "error" in one:
            rows.append([*start, "", _first_line(one["error"]), "", "", ""])
            continue
        rates = [beside(one["rows_per_s"]), beside(one["rows_per_s_beyond_start"])]
        rows.append([*start, str(one["seconds"]["n"]), *rates, beside(one["peak_mib"]), beside(one["tree_mib"])])
    for one in found["into_memory"]:
        start = [f"into memory, {one['threads']} thread{'s' * (one['threads'] != 1)}", str(one["rows_per_s"]["n"])]
        rows.append([*start, "–", beside(one["rows_per_s"]), digits(one["peak_mib"]), "–"])
    heads = ["", "n", "rows/s", "rows/s beyond start", "peak MiB of a process", "peak MiB of all"]
    text += table(heads, rows) + "\n"
    sizes = [
        [f"{one['rows']:,}", _workers(one["workers"]), _first_line(one["error"]), "", "", ""]
        if "error" in one
        else [
            f"{one['rows']:,}",
            _workers(one["workers"]),
            seconds(one["seconds"]),
            digits(one["rows_per_s"]),
            digits(one["peak_mib"]),
            digits(one["tree_mib"] or one["peak_mib"]),
        ]
        for one in found["sizes"]
    ]
    text += "Memory at many rows, n = 1:\n\n"
    return text + table(["rows", "workers", "wall", "rows/s", "peak MiB of a process", "peak MiB of all"], sizes)


def _workers(n: int) -> str:
    return f"{n} worker{'s' * (n != 1)}" if n else "as by default"


def peers_section(found: Document | None) -> str:
    """Tabgan and its peers in one run."""
    text = "## Side by side\n\n"
    if found is None:
        return text + lacking(f"{COMMAND} peers --data DATA --peers PEERS")
    ours = next((one for one in found["synthesizers"] if one["name"] == "tabgan"), None)
    rows, notes = [], []
    for one in found["synthesizers"]:
        mark = "\\*" if one["extrapolated"] else ""
        ratio = "" if ours is None else times(one["fit_s"]["median"] / ours["fit_s"]["median"])
        rows.append(
            [
                NAMES.get(one["name"], one["name"]),
                str(one["fit_s"]["n"]),
                beside(one["fit_s"], seconds) + mark,
                ratio,
                beside(one["trained_rows_per_s"]),
                beside(one["sampled_rows_per_s"]),
                beside(one["peak_mib"]),
            ]
        )
        notes.append(f"- {NAMES.get(one['name'], one['name'])}: {_versions(one['versions'])}")
    heads = ["", "n", "fit", "times tabgan's", "training rows/s", "sampled rows/s", "peak MiB"]
    told = f"""Adult's {found["rows"]:,} training rows, the same kinds of columns and as many threads for all, in
    turns, at their defaults; {found["sampled"]:,} rows sampled into memory. \\* CTGAN and TVAE: 300 epochs told
    from an epoch, which is what lies between fits of a few and some more epochs. mostlyai-engine stops by itself, at
    the latest after {found["most_minutes"]:g} minutes; it does not tell how many rows it saw."""
    text += paragraph(told) + made_with(found) + "\n"
    wrong = [f"- {NAMES.get(name, name)}: {_first_line(error)}" for name, error in found["errors"].items()]
    return text + table(heads, rows) + "\n" + "\n".join([*notes, *wrong]) + "\n"


def sizes_section(found: Mapping[str, Document | list[Any] | None]) -> str:
    """Peak memory of the size cases."""
    text = "## Size cases\n\nThe most resident memory, as the operating system tells it.\n\n"
    for name, document in found.items():
        if document is None:
            text += lacking(SIZES[name]) + "\n"
            continue
        text += f"`{SIZES[name]}`:\n\n"
        if isinstance(document, dict):
            text += made_with(document) + "\n"
        cases = cases_of(document)
        text += (cases_table(cases) if cases or not isinstance(document, dict) else described(document)) + "\n"
    return text


def gpu_section(found: Document | None) -> str:
    """What a GPU gives, if one was at hand."""
    text = "## GPU\n\n"
    if found is None:
        return text + f"No GPU was at hand, so figures are missing; `{GPU_COMMAND}` makes them.\n"
    return text + made_with(found) + "\n" + described(found)


def comparison_section(found: Document | None) -> str:
    """What the comparison command compares with."""
    told = f"""`{COMMAND} compare` times small pieces under pytest-benchmark (`pip install -e '.[bench]'`), each as a
    multiple of a fixed piece of work timed right before and after it, and compares these with a calibration of the
    same machine (`benchmarks/results/performance/baseline.json`; `--keep` makes one). Its exit code is 1 if a piece is
    slower by more than 10 % and by more than the noise."""
    text = "## Whether a change made something slower\n\n" + paragraph(told)
    if found is None:
        return text + lacking(f"{COMMAND} compare --keep")
    rows = []
    for name, own in found["pieces"].items():
        middle, ratio = statistics.median(own["seconds"]), statistics.median(own["ratios"])
        spread = (max(own["ratios"]) - min(own["ratios"])) / ratio
        rows.append([name.replace("_", " "), str(len(own["ratios"])), seconds(middle), digits(ratio), f"{spread:.0%}"])
    return text + made_with(found) + "\n" + table(["piece", "n", "wall", "ratio", "range of the ratio"], rows)


def _first_line(text: str) -> str:
    return text.strip().splitlines()[-1].replace("|", "\\|")[:120]


def _versions(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in versions.items())


TRIED = """## What was tried

What was tried to get here, with what it gave and what was kept, stands in [experiments.md](experiments.md).
"""
MAKING = f"""## How it was made

```
pip install -e '.[bench]'
{COMMAND} profile --data DATA
{COMMAND} startup --data DATA
{COMMAND} sampling --data DATA
{COMMAND} peers --data DATA --peers PEERS
{COMMAND} scaling --minutes 60
{COMMAND} compare --keep
{COMMAND} page
```

`DATA` holds a folder for each table with `train.csv`; `python -m benchmarks.fidelity peers --into PEERS` makes the
environments of the peers.
"""
