"""A report as one HTML page that needs no network and no script, for a screen, a phone or paper, light or dark.

Every text that comes from a table is escaped where it enters the page.
"""

from html import escape
from importlib.resources import files

from tabgan.evaluation.render import pictures, wording
from tabgan.evaluation.report import Report
from tabgan.evaluation.results import ColumnResult, Estimate, PairResult

MAX_PAIRS = 20


def to_html(report: Report, title: str = "Real against synthetic") -> str:
    """The whole page.

    Args:
        report: to show.
        title: the heading of the page.
    """
    style = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    body = (
        _head(report, title),
        _summary(report),
        _pictures(report),
        _columns(report),
        _pairs(report),
        _not_computed(report),
        _method(report),
    )
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(title)}</title>\n'
        f"<style>\n{style}</style>\n</head>\n<body>\n<main>\n{''.join(body)}</main>\n</body>\n</html>\n"
    )


def _head(report: Report, title: str) -> str:
    sizes = f"{report.n_real:,} real rows, {report.n_synthetic:,} synthetic rows, {len(report.columns):,} columns"
    cautions = "".join(f'<p class="caution">{escape(caveat.text)}.</p>\n' for caveat in report.caveats)
    return f'<header>\n<h1>{escape(title)}</h1>\n<p class="muted">{sizes}</p>\n{cautions}</header>\n'


def _summary(report: Report) -> str:
    cards = [
        _error_card("Shape error", report.shape_error_pct, wording.SHAPE_MEANING),
        _error_card("Trend error", report.trend_error_pct, wording.TREND_MEANING),
        _detection_card(report),
    ]
    more = []
    if report.trend_separate_edges_pct:
        separate = report.trend_separate_edges_pct
        more.append(
            f"Trend error with bins of each table's own, as SDMetrics 0.11 and TabSyn compute it: "
            f"{wording.percent(separate)} ({wording.floor(separate)}); only to compare with published figures."
        )
    more.append(f"{wording.FLOOR_MEANING} {wording.ERROR_MEANING}")
    sentences = "".join(f'<p class="muted small">{text}</p>\n' for text in more)
    return f'<section class="summary">\n{"".join(cards)}</section>\n<div style="margin-top:14px">{sentences}</div>\n'


def _card(name: str, figure: str, rest: str) -> str:
    return f'<div class="card">\n<h3>{name}</h3>\n<p class="figure number">{figure}</p>\n{rest}</div>\n'


def _error_card(name: str, estimate: Estimate | None, meaning: str) -> str:
    if estimate is None:
        return _card(name, "–", f'<p class="muted small">Not computed. {meaning}</p>\n')
    error = "" if estimate.standard_error is None else f" ± {estimate.standard_error:.2f}"
    tick = "" if estimate.floor is None else " The tick is the noise floor."
    figure = f"{estimate.value:.2f} %<small>{error} · {wording.floor(estimate)}</small>"
    return _card(
        name,
        figure,
        f'{pictures.meter(estimate)}<p>{wording.verdict(estimate)}</p>\n<p class="muted small">{meaning}{tick}</p>\n',
    )


def _detection_card(report: Report) -> str:
    found = report.detection
    if found is None:
        return _card("Detection AUC", "–", f'<p class="muted small">Not computed. {wording.DETECTION_MEANING}</p>\n')
    scale = Estimate(value=max(found.auc - 0.5, 0.0), floor=0.5)
    logistic = report.logistic_detection
    more = f" Logistic regression: {wording.auc(logistic)}." if logistic else ""
    return _card(
        "Detection AUC",
        f"{found.auc:.3f}<small> ± {found.standard_error:.3f} · ideal 0.5</small>",
        f"{pictures.meter(scale)}<p>{wording.detection_verdict(found)}</p>\n"
        f'<p class="muted small">{wording.DETECTION_MEANING} Gradient boosting, {found.n_per_class:,} rows of each '
        f"table; the tick is 1.0.{more}</p>\n",
    )


def _pictures(report: Report) -> str:
    cards = "".join(_column_card(result) for result in report.worst_columns())
    key = '<p class="key"><span><i class="a"></i>real</span><span><i class="b"></i>synthetic</span></p>'
    return (
        '<section>\n<h2>Columns</h2>\n<p class="muted">Shares of the present cells, the columns that stand out most '
        f'above their noise floor first.</p>\n{key}\n<div class="cards">\n{cards}</div>\n</section>\n'
    )


def _column_card(result: ColumnResult) -> str:
    floor = "" if result.distance.floor is None else f" · floor {result.distance.floor:.3f}"
    measure = "KS D" if result.measure == "ks_d" else "TV"
    picture = pictures.overlay(result.overlay) if result.overlay else '<p class="muted small">No cell is present.</p>'
    notes = "".join(f"<li>{escape(note)}</li>" for note in wording.column_notes(result, tests=False))
    listed = f'<ul class="notes">{notes}</ul>\n' if notes else ""
    return (
        f'<article class="card">\n<div class="top"><h3>{escape(result.name)}</h3>'
        f'<span class="small muted number">{measure} {result.distance.value:.3f}{floor}</span></div>\n'
        f"{picture}\n{listed}</article>\n"
    )


def _table(titles: list[tuple[str, bool]], rows: list[list[str]]) -> str:
    heads = "".join(f'<th scope="col"{_left(left)}>{title}</th>' for title, left in titles)
    lines = "".join(
        "<tr>" + "".join(f"<td{_left(t[1])}>{cell}</td>" for t, cell in zip(titles, row, strict=True)) + "</tr>\n"
        for row in rows
    )
    return f'<div class="scroll"><table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{lines}</tbody>\n</table></div>\n'


def _left(left: bool) -> str:
    return ' class="left"' if left else ""


def _columns(report: Report) -> str:
    titles = [
        (title, title in ("column", "kind", "test"))
        for title in (
            *("column", "kind", "test", "distance", "±", "floor", "Cramér's V", "statistic", "df", "p", "adjusted p"),
            *("missing %", "n real", "n synth."),
        )
    ]
    rows = [_column_row(result) for result in report.worst_columns()]
    return (
        '<section>\n<h2>Tests</h2>\n<p class="muted">Distance: KS D for numbers and dates, total variation for '
        f"categories; 0 equal, 1 nothing in common.</p>\n{_table(titles, rows)}</section>\n"
    )


def _column_row(result: ColumnResult) -> list[str]:
    real, synthetic = wording.missing_shares(result)
    return [
        escape(result.name),
        escape(result.kind.replace("_", " ")),
        wording.test_name(result),
        wording.fraction(result.distance.value),
        wording.fraction(result.distance.standard_error),
        wording.fraction(result.distance.floor),
        wording.fraction(result.cramers_v.value if result.cramers_v else None),
        "–" if result.statistic is None else f"{result.statistic:.5g}",
        "–" if result.degrees_of_freedom is None else f"{result.degrees_of_freedom:,}",
        escape(wording.p_value(result.p_value)),
        escape(wording.p_value(result.p_adjusted)),
        f"{100 * real:.1f} / {100 * synthetic:.1f}",
        f"{result.n_real:,}",
        f"{result.n_synthetic:,}",
    ]


def _pairs(report: Report) -> str:
    if not report.pairs:
        return ""
    titles = [
        ("first", True),
        ("second", True),
        ("error", False),
        ("±", False),
        ("floor", False),
        ("real → synthetic", True),
    ]
    worst = report.worst_pairs(MAX_PAIRS)
    rows = [_pair_row(pair) for pair in worst]
    undefined = sum(pair.error is None for pair in report.pairs)
    left_out = f" {undefined:,} pairs have no defined error and are left out of the mean." if undefined else ""
    picture = pictures.heat_map(report)
    largest = max((pair.error.value for pair in report.pairs if pair.error), default=0.0)
    scale = f'<p class="muted small">Darkest: {largest:.3f}. Each name stands over its column and beside its row.</p>\n'
    drawn = f'<div class="scroll">{picture}</div>\n{scale}' if picture else ""
    return (
        f'<section>\n<h2>Pairs</h2>\n<p class="muted">How differently two columns go together: 0 the same, 1 nothing '
        f"alike. The worst {len(worst):,} of {len(report.pairs):,} below.{left_out}</p>\n{drawn}"
        f"{_table(titles, rows)}</section>\n"
    )


def _pair_row(pair: PairResult) -> list[str]:
    error = pair.error or Estimate(value=0.0)
    numbers = [wording.fraction(value) for value in (error.value, error.standard_error, error.floor)]
    return [escape(pair.first), escape(pair.second), *numbers, escape(wording.pair_values(pair))]


def _not_computed(report: Report) -> str:
    if not report.not_computed:
        return ""
    entries = "".join(f"<li>{escape(entry.what)}: {escape(entry.reason)}</li>\n" for entry in report.not_computed)
    return f"<section>\n<h2>Not compared</h2>\n<ul>\n{entries}</ul>\n</section>\n"


def _method(report: Report) -> str:
    entries = "".join(f"<li>{escape(sentence)}</li>\n" for sentence in wording.method(report))
    return f'<details>\n<summary>How it was computed</summary>\n<ul class="small">\n{entries}</ul>\n</details>\n'
