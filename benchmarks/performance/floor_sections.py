"""The part of the page about floors: where time goes in fit, step, sample and evaluate, beside the least possible."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.fidelity.page import table
from benchmarks.performance.floors import Rates
from benchmarks.performance.kernels import ELSE, PRODUCTS, SOFTMAXES
from benchmarks.performance.words import beside, digits, lacking, made_with, paragraph, seconds, times

Document = dict[str, Any]
MEANT = """A floor is what the mathematics asks for: operations over the rate of the matrix product, or bytes over
bandwidth, whichever takes longer, both measured on the same machine (`benchmarks/performance/floors.py` counts them
from the shapes of the model). Kernel launches, Python and allocation count as nothing, so a ratio of 1 cannot be
reached."""


def section(found: Document | None, command: str) -> str:
    """All of it."""
    text = f"## Floors and figures\n\n{paragraph(MEANT)}"
    if found is None:
        return text + lacking(command)
    parts = [text + made_with(found), rates(found["calibration"]), summary(found), fit_part(found["fit"])]
    parts += [
        step_part(found["steps"], Rates.of(found["calibration"], found["threads"])),
        sample_part(found["sample"]),
        evaluate_part(found["evaluate"]),
    ]
    return "\n".join(parts)


def rates(calibration: Mapping[str, Any]) -> str:
    """What the machine does."""
    rows = [
        [f"product {shape.replace('x', ' x ')}, {threads} thread{'s' * (threads != '1')}", *_rate(own, "GFLOP/s")]
        for threads, shapes in calibration["product_gflops"].items()
        for shape, own in shapes.items()
    ]
    rows += [
        [f"the same, rounded to bfloat16: {shape.replace('x', ' x ')}", *_rate(own, "GFLOP/s")]
        for shape, own in calibration.get("rounded_product_gflops", {}).items()
    ]
    known = {
        "memory_copy_gb_s": ("memory, copied", "GB/s"),
        "memory_read_gb_s": ("memory, read", "GB/s"),
        "cache_copy_gb_s": ("cache, copied", "GB/s"),
        "softmax_melements_s": ("softmax", "million elements/s"),
        "disk_read_gb_s": ("disk, read", "GB/s"),
        "kernel_launch_us": ("smallest torch kernel", "µs"),
        "python_call_ns": ("Python call", "ns"),
    }
    rows += [[name, *_rate(calibration[key], unit)] for key, (name, unit) in known.items()]
    return "### What the machine does\n\n" + table(["", "n", "best", "median ± sd", ""], rows)


def _rate(own: Mapping[str, Any], unit: str) -> list[str]:
    return [str(own["n"]), digits(own["best"]), beside(own), unit]


def summary(found: Mapping[str, Any]) -> str:
    """The figures that matter most, in one table."""
    rows = []
    for kind, own in _kinds(found["steps"]):
        rows.append(
            [
                f"step, {kind}",
                str(own["step_s"]["n"]),
                seconds(own["floor_s"]),
                beside(own["step_s"], seconds),
                times(own["step_s"]["median"] / own["floor_s"]),
            ]
        )
    fit, sample = found["fit"], found["sample"]
    for title, run, names in (("fit", fit, ("read", "encode")), ("sample", sample, ("draw",))):
        for one in run["stages"]:
            if one["name"] in names and one.get("floor_s"):
                rows.append([f"{title}: {one['name']}", "1", seconds(one["floor_s"]), seconds(one["seconds"])])
                rows[-1].append(times(one["ratio"]))
    scan = fit["arrow_read_s"]
    mine = next((one["seconds"] for one in fit["stages"] if one["name"] == "read"), None)
    if mine is not None:
        middle = scan["median"]
        rows.append(
            ["fit: read, beside pyarrow's own reading", "1", seconds(middle), seconds(mine), times(mine / middle)]
        )
    return "### In short\n\n" + table(["", "n", "floor", "measured", "ratio"], rows)


def _kinds(steps: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(kind, own) for kind, own in steps.items() if isinstance(own, dict) and "step_s" in own]


def fit_part(fit: Mapping[str, Any]) -> str:
    """The stages of a fit."""
    text = f"""{fit["rows"]:,} rows of {fit["columns"]} columns, {fit["steps"]:,} steps,
    {seconds(fit["total_s"])} in all (n = 1)."""
    return "### Fit\n\n" + paragraph(text) + stages(fit["stages"], fit["total_s"])


def stages(found: Sequence[Mapping[str, Any]], total: float) -> str:
    """A table of stages, the longest first."""
    rows = [
        [
            one["name"],
            seconds(max(one["seconds"], 0.0)),
            f"{max(one['seconds'], 0.0) / total:.1%}",
            seconds(one["floor_s"]) if one.get("floor_s") else "–",
            times(one.get("ratio")),
        ]
        for one in sorted(found, key=lambda one: -one["seconds"])
    ]
    return table(["stage", "seconds", "share", "floor", "ratio"], rows)


def step_part(steps: Mapping[str, Any], known: Rates) -> str:
    """The parts of a step, and its kernels."""
    told = f"""{steps["batch"]:,} rows of {steps["codes"]} codes,
{steps["units"]} units, {steps["features"]} features. The kernels are those of a run
under torch's profiler, which is slower than one without: their shares count."""
    text = "### Steps\n\n" + paragraph(told)
    for kind, own in _kinds(steps):
        step_s = own["step_s"]["median"]
        work = f"{own['operations'] / 1e9:.2f} GFLOP, {own['exponentials'] / 1e6:.2f} million exponentials"
        text += f"**{kind.capitalize()}**: {beside(own['step_s'], seconds)} (n = {own['step_s']['n']}); floor "
        text += f"{seconds(own['floor_s'])} ({work}, {own['bytes'] / 1e6:,.0f} MB).\n\n"
        rows = [
            [name, beside(took, seconds), f"{took['median'] / step_s:.0%}"] for name, took in own["parts_s"].items()
        ]
        text += (
            table(["part", "a step", "share"], rows)
            + "\n"
            + kernels(own["kernels"]["groups"], _least(own, known))
            + "\n"
        )
    return text


def _least(own: Mapping[str, Any], known: Rates) -> dict[str, float]:
    """The least seconds of the groups of kernels that have a floor of their own."""
    return {
        PRODUCTS: own["products_floor_s"],
        SOFTMAXES: own["exponentials"] / known.exponentials,
        ELSE: own["bytes"] / known.cached,
    }


def kernels(groups: Mapping[str, Mapping[str, float]], least: Mapping[str, float] | None = None) -> str:
    """A table of groups of kernels, the longest first, beside the least seconds of some."""
    total, least = sum(own["seconds"] for own in groups.values()) or 1.0, least or {}
    rows = [
        [name, seconds(own["seconds"]), f"{own['seconds'] / total:.0%}", f"{own['calls']:,.0f}" if own["calls"] else ""]
        + ([seconds(least[name]), times(own["seconds"] / least[name])] if name in least else ["–", "–"])
        for name, own in sorted(groups.items(), key=lambda item: -item[1]["seconds"])
    ]
    return table(["kernels", "seconds", "share", "calls", "floor", "ratio"], rows)


def sample_part(sample: Mapping[str, Any]) -> str:
    """The stages of a sample."""
    text = f"""{sample["rows"]:,} rows to a Parquet file in one process: {seconds(sample["total_s"])},
{digits(sample["rows_per_s"])} rows/s (n = 1). The kernels are those of drawing and decoding up to 50,000 rows under the
profiler."""
    return (
        "### Sample\n\n"
        + paragraph(text)
        + stages(sample["stages"], sample["total_s"])
        + "\n"
        + kernels(sample["kernels"])
    )


def evaluate_part(evaluate: Mapping[str, Any]) -> str:
    """The parts of an evaluation."""
    text = f"""{evaluate["rows"]:,} synthetic rows against the real ones, {evaluate["columns"]} columns:
{seconds(evaluate["total_s"])} (n = 1). Measures of whole rows train models of scikit-learn and have no simple floor."""
    return "### Evaluate\n\n" + paragraph(text) + stages(evaluate["stages"], evaluate["total_s"])
