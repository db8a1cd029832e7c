"""What holds in every row of a table, found in the rows and judged against what chance would give.

Each module looks for one kind of constraint. A rule is found only if all rows obey it and independent columns would
hardly ever have done so by chance (with probability below exp(-30)). What follows from another rule is not found twice.
"""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from tabgan.table.columns import ColumnSpec
from tabgan.table.constraints import Constraint
from tabgan.table.discovery.dependencies import find_combinations
from tabgan.table.discovery.gaps import find_missing_together
from tabgan.table.discovery.one_hots import find_choices, find_one_hots
from tabgan.table.discovery.orders import find_orders
from tabgan.table.discovery.sums import find_sums
from tabgan.table.summaries import ColumnSummary

__all__ = ["find_constraints"]


def find_constraints(
    table: pa.Table, specs: Sequence[ColumnSpec], summaries: Mapping[str, ColumnSummary]
) -> tuple[Constraint, ...]:
    """The rules that hold in all rows of a table (dependencies between columns: in all but a few).

    Args:
        table: the rows; holds every modelled column once.
        specs: of its columns; those that are not modelled are left alone.
        summaries: of all cells, by column.
    """
    learnt = [spec for spec in specs if spec.modelled and spec.kind != "constant"]
    if not table.num_rows:
        return ()
    one_hots = find_one_hots(table, learnt, summaries)
    taken = {name for group in one_hots for name in group.columns}
    others = [spec for spec in learnt if spec.name not in taken]
    dependent = find_combinations(table, others, summaries)
    sums = find_sums(table, others, summaries, dependent)
    orders = find_orders(table, others, summaries, (*dependent, *sums))
    choices = find_choices(table, one_hots)
    return (*one_hots, *choices, *dependent, *sums, *orders, *find_missing_together(table, learnt, summaries))
