"""Findings about whole rows: told apart, not covered, repeated."""

from collections.abc import Iterator

from tabgan.evaluation.findings.columns import level_of
from tabgan.evaluation.findings.ranked import Ranked, listed, ranked
from tabgan.evaluation.report import Level, Report
from tabgan.evaluation.results import Beside, CollapseResult, DetectionResult, SupportResult
from tabgan.evaluation.terms import percent

AUC: dict[Level, float] = {"serious": 0.8, "notable": 0.6}
LOSS: dict[Level, float] = {"serious": 0.3, "notable": 0.1}
REPEATED: dict[Level, float] = {"serious": 0.1, "notable": 0.02}
ENTROPY: dict[Level, float] = {"serious": 0.3, "notable": 0.1}
DRIVES = 0.01
SURE = 3.0
FADED = 0.1


def of_rows(report: Report) -> Iterator[Ranked]:
    """What stands out in whole rows."""
    found: list[Ranked] = []
    if report.detection is not None:
        found += _detected(report.detection)
    if report.support is not None:
        found += _supported(report.support)
    if report.collapse is not None:
        found += _collapsed(report.collapse)
    yield from found
    if found or report.detection is None:
        return
    yield ranked("fine", "rows", 0.0, _alike(report.detection))


def _alike(result: DetectionResult) -> str:
    auc = f"AUC {result.auc:.3f} ± {result.standard_error:.3f}, 0.5 is ideal"
    text = f"Gradient-boosted trees hardly tell real rows from synthetic ones ({auc})"
    equal = result.auc < 0.5 - SURE * result.standard_error
    return f"{text}; below 0.5 they meet rows again that they learnt on the other side." if equal else f"{text}."


def _detected(result: DetectionResult) -> Iterator[Ranked]:
    sure = result.auc - 2 * result.standard_error > 0.5
    level = level_of(result.auc, AUC) if sure else None
    if level is None:
        return
    drivers = [
        driver.column
        for driver in result.drivers
        if driver.importance.value >= max(DRIVES, 2 * (driver.importance.standard_error or 0.0))
    ]
    how_many = "nearly all" if result.auc >= 0.95 else "most" if result.auc >= AUC["serious"] else "some"
    text = f"A classifier tells {how_many} synthetic rows from real ones (AUC {result.auc:.3f}, 0.5 is ideal)"
    by = f", by {listed(drivers)} above all" if drivers else ""
    yield ranked(level, "rows", 2 * result.auc - 1, f"{text}{by}.", *drivers)


def loss(found: Beside) -> float:
    """The share by which the synthetic number is below the real one; 0 where that may be chance."""
    error = ((found.synthetic.standard_error or 0.0) ** 2 + (found.real.standard_error or 0.0) ** 2) ** 0.5
    below = found.real.value - found.synthetic.value
    return below / found.real.value if found.real.value > 0 and below > SURE * error else 0.0


def _supported(result: SupportResult) -> Iterator[Ranked]:
    if level := level_of(loss(result.coverage), LOSS):
        numbers = (
            f"coverage {result.coverage.synthetic.value:.2f}, a second real sample {result.coverage.real.value:.2f}"
        )
        text = f"Some kinds of real rows have no synthetic counterpart ({numbers})."
        yield ranked(level, "rows", loss(result.coverage), text)
    if level := level_of(loss(result.density), LOSS):
        numbers = f"density {result.density.synthetic.value:.2f}, a second real sample {result.density.real.value:.2f}"
        text = f"Many synthetic rows lie where few or no real rows do ({numbers})."
        yield ranked(level, "rows", loss(result.density), text)


def _collapsed(result: CollapseResult) -> Iterator[Ranked]:
    distinct = result.distinct
    sure = SURE * ((distinct.synthetic.standard_error or 0.0) + (distinct.real.standard_error or 0.0))
    fewer = distinct.real.value - distinct.synthetic.value
    if fewer > sure and (level := level_of(fewer, REPEATED)):
        shares = f"{percent(distinct.synthetic.value)} of synthetic rows differ, {percent(distinct.real.value)} of real"
        text = f"Synthetic rows repeat each other: out of {result.n_per_side:,} each, {shares} ones."
        yield ranked(level, "rows", fewer, text)
    if level := level_of(loss(result.entropy), ENTROPY):
        bits = f"{result.entropy.synthetic.value:.2f} bits a column, the real ones {result.entropy.real.value:.2f}"
        yield ranked(level, "rows", loss(result.entropy), f"Synthetic rows vary less than real ones ({bits}).")
    faded = [c for c in result.clusters if c.synthetic.value < FADED * c.real.value and c.real.low and c.real.low > 0]
    if faded and result.coverage.synthetic.value < result.coverage.real.value:
        lost = sum(cluster.real.value for cluster in faded)
        kinds = "A kind of row has" if len(faded) == 1 else f"{len(faded)} kinds of rows have"
        text = f"{kinds} all but vanished, {percent(lost)} of the real rows: {faded[0].described}."
        yield ranked("serious", "rows", min(1.0, 0.5 + lost), text)
