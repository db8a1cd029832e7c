"""One encoder for each way to turn a column into codes and values; `fit_encoder` picks it by the column's kind.

The `HierarchyEncoder` stands apart: it takes several columns, and is made from rows (see `hierarchies`).
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import pyarrow as pa

from tabgan.errors import SchemaError
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders.base import CellsError, Encoder
from tabgan.table.encoders.categorical import CategoricalEncoder
from tabgan.table.encoders.constant import ConstantEncoder
from tabgan.table.encoders.grouped import GroupedEncoder
from tabgan.table.encoders.hierarchy import HierarchyEncoder, Member
from tabgan.table.encoders.modes import ModesEncoder
from tabgan.table.encoders.quantile import QuantileEncoder
from tabgan.table.summaries import ColumnSummary

T = TypeVar("T")

__all__ = [
    "ENCODERS",
    "CategoricalEncoder",
    "CellsError",
    "ConstantEncoder",
    "Encoder",
    "GroupedEncoder",
    "HierarchyEncoder",
    "Member",
    "ModesEncoder",
    "QuantileEncoder",
    "encoder_from_json",
    "encoder_name",
    "fit_encoder",
    "hierarchy_from_json",
]

ENCODERS: dict[str, type[Encoder]] = {
    "constant": ConstantEncoder,
    "categorical": CategoricalEncoder,
    "grouped": GroupedEncoder,
    "quantile": QuantileEncoder,
    "modes": ModesEncoder,
}
_BY_KIND = {
    "constant": "constant",
    "categorical": "categorical",
    "high_cardinality": "grouped",
    "continuous": "quantile",
    "datetime": "quantile",
}


def fit_encoder(summary: ColumnSummary, spec: ColumnSpec) -> Encoder:
    """The encoder that the column's kind (and, for continuous columns, its encoding) asks for.

    Raises:
        SchemaError: if the column cannot be encoded so, or its kind is not modelled.
    """
    if spec.kind not in _BY_KIND:
        raise SchemaError(f"column {spec.name!r}: expected a modelled kind ({', '.join(_BY_KIND)}), got {spec.kind}")
    return ENCODERS[encoder_name(spec)].from_summary(summary, spec)


def encoder_name(spec: ColumnSpec) -> str:
    """The name of the encoder that a modelled column asks for."""
    return spec.encoding if spec.kind == "continuous" else _BY_KIND[spec.kind]


def encoder_from_json(data: Mapping[str, Any]) -> Encoder:
    """The encoder that `to_json` wrote.

    Raises:
        SchemaError: if it is none: its kind is unknown, or its values do not fit each other.
    """
    return _read(_encoder_from_json, data)


def hierarchy_from_json(data: Mapping[str, Any]) -> HierarchyEncoder:
    """The encoder of several columns that its `to_json` wrote.

    Raises:
        SchemaError: if it is none.
    """
    return _read(HierarchyEncoder.from_json, data)


def _encoder_from_json(data: Mapping[str, Any]) -> Encoder:
    if data["kind"] not in ENCODERS:
        raise SchemaError(f"expected an encoder of kind {', '.join(ENCODERS)}, got {data['kind']!r}")
    return ENCODERS[data["kind"]].from_json(data)


def _read(make: Callable[[Mapping[str, Any]], T], data: Mapping[str, Any]) -> T:
    try:
        return make(data)
    except SchemaError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, pa.ArrowException) as error:
        raise SchemaError(f"an encoder is not valid: {type(error).__name__}, {error}") from error
