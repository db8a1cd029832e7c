"""A generator that begins with what another one has learnt, of rows whose codes mean the same in part.

Its stages are those of the other one, with stages of their own for codes that are new, and its weights go over from
what means the same (see `transfer`). Then its margins are fitted to the new table. Nothing here trains, and nothing of
the rows that the other generator learnt from is needed.
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tabgan.gan.calibration import BLOCK, fit_margins
from tabgan.gan.generator import Generator
from tabgan.gan.stages import StagePlan
from tabgan.gan.transfer import transfer_weights
from tabgan.layout import EncodedTable, Layout, Partners


@dataclass(frozen=True, eq=False)
class WarmStart:
    """Where a generator begins.

    Attributes:
        plan: the stages of the new generator.
        transfer: sets the weights of the new generator, which has started as a fresh one does.
    """

    plan: StagePlan
    transfer: Callable[[Generator], None]


def warm_start(other: Generator, layout: Layout, partners: Sequence[Partners | None], table: EncodedTable) -> WarmStart:
    """A start with the weights of another generator.

    Args:
        other: the generator that has learnt before. It is not changed.
        layout: of the new table.
        partners: of each code of the layout, what it is in the layout of `other`; None for those that are new.
        table: the new table, encoded.
    """
    other = copy.deepcopy(other).cpu()
    plan = plan_after(other.plan, layout, partners)
    codes = plan.arrange(table.codes)

    def transfer(generator: Generator) -> None:
        transfer_weights(generator, other, partners, codes)
        fit_margins(generator, codes, most=BLOCK)

    return WarmStart(plan, transfer)


def plan_after(plan: StagePlan, layout: Layout, partners: Sequence[Partners | None]) -> StagePlan:
    """The stages of a plan with the codes of another layout; codes that are new get stages of their own.

    Those of a column that is known in part stand beside its other codes, those of a new column at the end.
    """
    stages = [
        [code for code, partner in enumerate(partners) if partner is not None and partner.code in stage]
        for stage in plan.stages
    ]
    for codes in layout.code_slices:
        for code in range(codes.start, codes.stop):
            if partners[code] is not None:
                continue
            own = [
                place for place, stage in enumerate(stages) if not set(stage).isdisjoint(range(*codes.indices(code)))
            ]
            later = [place for place, stage in enumerate(stages) if not set(stage).isdisjoint(range(code, codes.stop))]
            place = max(own) + 1 if own else min(later, default=len(stages))
            stages.insert(place, [code])
    return StagePlan(layout, tuple(tuple(stage) for stage in stages if stage))
