"""One encoder for each way to turn a column into codes and values; `fit_encoder` picks it by the column's kind."""

from collections.abc import Mapping
from typing import Any

from tabgan.errors import SchemaError
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders.base import CellsError, Encoder
from tabgan.table.encoders.categorical import CategoricalEncoder
from tabgan.table.encoders.constant import ConstantEncoder
from tabgan.table.encoders.grouped import GroupedEncoder
from tabgan.table.encoders.modes import ModesEncoder
from tabgan.table.encoders.quantile import QuantileEncoder
from tabgan.table.summaries import ColumnSummary

__all__ = [
    "ENCODERS",
    "CategoricalEncoder",
    "CellsError",
    "ConstantEncoder",
    "Encoder",
    "GroupedEncoder",
    "ModesEncoder",
    "QuantileEncoder",
    "encoder_from_json",
    "fit_encoder",
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
    name = spec.encoding if spec.kind == "continuous" else _BY_KIND[spec.kind]
    return ENCODERS[name].from_summary(summary, spec)


def encoder_from_json(data: Mapping[str, Any]) -> Encoder:
    """The encoder that `to_json` wrote.

    Raises:
        ValueError: if its kind is unknown.
    """
    if data["kind"] not in ENCODERS:
        raise ValueError(f"expected an encoder of kind {', '.join(ENCODERS)}, got {data['kind']!r}")
    return ENCODERS[data["kind"]].from_json(data)
