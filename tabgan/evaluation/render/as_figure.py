"""A report as a matplotlib figure: real against synthetic in one panel for each column, the worst first.

Shares of the present cells are drawn and not counts, so that tables of different size lie on top of each other. The
real table is filled and the synthetic one a line, or they are two bars, so the two can be told apart without colours.
matplotlib is an extra of this package and is imported when a figure is asked for; pyplot and its state are left alone.
"""

from collections.abc import Sequence
from functools import partial
from io import BytesIO
from os import PathLike
from typing import TYPE_CHECKING, Any

from tabgan.errors import InputError
from tabgan.evaluation.render import wording
from tabgan.evaluation.report import Report
from tabgan.evaluation.results import ColumnResult, Overlay
from tabgan.writing import WholeFile

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAX_PANELS = 12
ACROSS = 3
PANEL = 4.3, 2.75
MAX_BARS = 10
LABEL, TITLE = 18, 34
CHARACTERS = 50
DPI = 150
REAL, SYNTHETIC, MUTED = "#2f6ea5", "#c2500c", "#5b6472"
FILL = "#a9c5de"


def to_figure(report: Report, columns: Sequence[str] | None = None) -> "Figure":
    """Draw columns, real against synthetic.

    Args:
        report: to draw.
        columns: names of the columns, in this order; without them the `MAX_PANELS` that stand out most above their
            noise floor.

    Raises:
        InputError: if matplotlib is not installed, a column is not in the report, or there is nothing to draw.
    """
    chosen = _chosen(report, columns)
    require_matplotlib()
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    across = min(ACROSS, len(chosen))
    down = -(-len(chosen) // across)
    style: Any = {"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
    with mpl.rc_context():
        mpl.rcdefaults()  # white text of a user's dark style would vanish on white
        mpl.rcParams.update(style)
        size = max(PANEL[0] * across, 6.0), PANEL[1] * down + 0.75
        figure = Figure(figsize=size, layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.08), facecolor="white")
        grid = list(figure.subplots(down, across, squeeze=False).flat)
        for axes, found in zip(grid, chosen, strict=False):
            _panel(axes, found)
        for axes in grid[len(chosen) :]:
            axes.axis("off")
        _legend(figure, report, len(chosen) if columns is None else len(report.columns))
    vars(figure)["_repr_png_"] = partial(_png, figure)  # a notebook shows figures of pyplot alone by itself
    return figure


def require_matplotlib() -> None:
    """Raise an InputError that says how to install matplotlib, if it is not there."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        text = "expected matplotlib for a figure, which is not installed: pip install 'tabgan-synth[plots]'"
        raise InputError(text) from error


def to_png(report: Report, path: str | PathLike[str], columns: Sequence[str] | None = None) -> None:
    """Write the figure as a PNG file, as a whole or not at all.

    Args:
        report: to draw.
        path: of the file.
        columns: as in `to_figure`.

    Raises:
        InputError: as `to_figure` does.
        OutputError: if the file cannot be written.
    """
    drawn = _png(to_figure(report, columns))
    with WholeFile(path) as file:
        file.write(drawn)


def _png(figure: "Figure") -> bytes:
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()


def _chosen(report: Report, names: Sequence[str] | None) -> list[ColumnResult]:
    if names is None:
        found = [column for column in report.worst_columns() if column.overlay][:MAX_PANELS]
    else:
        known = {column.name: column for column in report.columns}
        unknown = ", ".join(repr(name) for name in names if name not in known)
        if unknown:
            listed = ", ".join(map(repr, known)) or "no column"
            raise InputError(f"expected columns of the report, {listed}, got {unknown}")
        found = [known[name] for name in names]
    if not found:
        raise InputError("there is no column to draw: expected at least one with a present cell")
    return found


def _legend(figure: "Figure", report: Report, shown: int) -> None:
    handles, labels = next((found for axes in figure.axes if (found := axes.get_legend_handles_labels())[0]), ([], []))
    most = f", the {shown} that stand out most" if shown < len(report.columns) else ""
    figure.suptitle(f"Real against synthetic\n{wording.sizes(report)}{most}", fontsize=11)
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False, fontsize=10)


def _panel(axes: Any, found: ColumnResult) -> None:
    measure = "KS D" if found.measure == "ks_d" else "TV"
    floor = "" if found.distance.floor is None else f", noise floor {found.distance.floor:.3f}"
    axes.set_title(_short(found.name, TITLE), loc="left", fontweight="bold", fontsize=10, pad=18, parse_math=False)
    told = f"{measure} {found.distance.value:.3f}{floor}"
    axes.text(0, 1.035, told, transform=axes.transAxes, color=MUTED, fontsize=8.5)
    axes.tick_params(length=2.5, color=MUTED, labelcolor=MUTED, labelsize=8)
    for spine in axes.spines.values():
        spine.set_color("#c9ced6")
    if found.overlay is None:
        axes.text(0.5, 0.5, "no cell is present", ha="center", va="center", transform=axes.transAxes, color=MUTED)
        axes.set(xticks=[], yticks=[])
    elif found.overlay.kind == "bars":
        _bars(axes, found.overlay)
    else:
        _steps(axes, found.overlay)


def _steps(axes: Any, found: Overlay) -> None:
    """Neighbouring bins, or the most frequent of many categories in order."""
    real, synthetic = found.shares
    shown = len(real) - (found.kind == "ranked")
    edges = list(range(shown + 1))
    axes.stairs(real[:shown], edges, fill=True, color=FILL, label="real")
    axes.stairs(real[:shown], edges, color=REAL, linewidth=0.8)
    axes.stairs(synthetic[:shown], edges, color=SYNTHETIC, linewidth=1.8, label="synthetic", baseline=None)
    axes.set_xlim(0, shown)
    axes.set_ylim(bottom=0)
    _percent(axes.yaxis, max(*real[:shown], *synthetic[:shown]))
    axes.locator_params(axis="y", nbins=5, steps=(1, 2, 5, 10))
    if found.kind == "ranked":
        axes.set_xticks([])
        rest = f"{found.labels[-1]}: {100 * real[-1]:.0f} % real, {100 * synthetic[-1]:.0f} % synthetic"
        axes.set_xlabel(f"the {shown} most frequent, in order; {rest}", color=MUTED, fontsize=8, parse_math=False)
    elif found.edges:
        _edge_ticks(axes, found.labels)
    else:
        step = -(-shown // 8)
        ticks = [i + 0.5 for i in range(0, shown, step)]
        axes.set_xticks(ticks, [_short(label, 8) for label in found.labels[::step]], parse_math=False)


def _edge_ticks(axes: Any, labels: Sequence[str]) -> None:
    """Ticks at edges of the bins: both ends, turned inwards, and one or two between them where there is room."""
    count = len(labels)
    texts = [_short(label.split(" to ")[0], LABEL + 1) for label in labels]
    texts.append(_short(labels[-1].split(" to ")[-1], LABEL + 1))
    choices = ([0, count // 3, 2 * count // 3, count], [0, count // 2, count])
    ticks = next((ticks for ticks in choices if _fits(ticks, texts)), [0, count])
    axes.set_xticks(ticks, [texts[tick] for tick in ticks], parse_math=False)
    marks = axes.get_xticklabels()
    marks[0].set_horizontalalignment("left")
    marks[-1].set_horizontalalignment("right")


def _fits(ticks: Sequence[int], texts: Sequence[str]) -> bool:
    """Whether the texts at some ticks leave gaps between them."""
    end = -1.0
    for tick in ticks:
        wide = len(texts[tick]) / CHARACTERS
        place = tick / ticks[-1]
        start = place - wide * place if tick in (ticks[0], ticks[-1]) else place - wide / 2
        if start <= end:
            return False
        end = start + wide + 2 / CHARACTERS
    return True


def _bars(axes: Any, found: Overlay) -> None:
    found = found.at_most(MAX_BARS)
    (real, synthetic), labels = found.shares, found.labels
    places = range(len(labels))
    height = 0.38
    axes.barh([place - height / 2 for place in places], real, height, color=FILL, edgecolor=REAL, label="real")
    axes.barh([place + height / 2 for place in places], synthetic, height, color=SYNTHETIC, label="synthetic")
    axes.set_yticks(list(places), [_short(label, LABEL) for label in labels], parse_math=False)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(max(len(labels), 4) - 0.4, -0.6)
    _percent(axes.xaxis, max(*real, *synthetic))
    axes.locator_params(axis="x", nbins=5, steps=(1, 2, 5, 10))


def _percent(axis: Any, top: float) -> None:
    """Marks in percent, with the digits that they need up to a share of `top`."""
    digits = 0 if top >= 0.05 else 1 if top >= 0.005 else 2
    axis.set_major_formatter(f"{{x:.{digits}%}}")


def _short(text: str, limit: int) -> str:
    text = " ".join("".join(mark if mark.isprintable() else " " for mark in text).split()) or "(empty)"
    return text if len(text) <= limit else text[: limit - 1] + "…"
