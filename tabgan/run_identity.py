"""What a run of training is a run of: its table, schema, settings, machine and versions, in hashes and plain values.

Two runs of one identity come to the same model, bit for bit; so a run goes on only from a checkpoint of its own
identity, and what differs is said in words, all at once. Of the table there are only digests of its columns.
"""

import hashlib
import json
import platform
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import scipy
import torch

from tabgan.errors import InputError, listing
from tabgan.gan.config import TrainingConfig
from tabgan.table import arrays, dtypes
from tabgan.table.schema import Schema
from tabgan.version import __version__

_SHOWN = 60
_MACHINE = {
    "seed": "the seed",
    "split_seed": "the seed of the split",
    "device": "the device",
    "processor": "the instructions of the processor",
    "threads": "the number of threads",
    "start": "what training starts from",
}


def versions() -> dict[str, str]:
    """The versions of all that has a part in a model."""
    return {
        "tabgan": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "pandas": pd.__version__,
        "pyarrow": pa.__version__,
    }


def identity(
    table: pa.Table,
    schema: Schema,
    config: TrainingConfig,
    *,
    seed: int,
    device: torch.device,
    split_seed: int | None = None,
    start: str = "",
) -> dict[str, Any]:
    """The identity of a run, as plain JSON values.

    Args:
        table: as it conforms to the schema.
        schema: of the table.
        config: the settings.
        seed: of the run.
        device: where it learns.
        split_seed: names its encoding and the rows held out; None takes the seed.
        start: names what it starts from, such as a digest of another model; empty for a fresh start.
    """
    document = json.loads(json.dumps(schema.to_json()))
    gpu = torch.cuda.get_device_name(device) if device.type == "cuda" else ""
    return {
        "rows": table.num_rows,
        "columns": {name: digest(table[name]) for name in table.column_names},
        "schema": {spec["name"]: spec for spec in document["columns"]},
        "constraints": document.get("constraints", []),
        "settings": config.to_dict(),
        "machine": {
            "seed": seed,
            "split_seed": "the same" if split_seed in (None, seed) else split_seed,
            "device": f"{device.type} {gpu}".strip(),
            "processor": torch.backends.cpu.get_cpu_capability(),
            "threads": torch.get_num_threads(),
            "start": start,
        },
        "versions": versions(),
    }


def digest(column: pa.ChunkedArray) -> str:
    """A digest of the cells of a column and of their order, whatever chunks or dictionaries hold them."""
    dtype = arrays.plain_type(column.type)
    dtype = pa.large_string() if dtypes.is_text(dtype) else dtype
    found = hashlib.blake2b(str(dtype).encode(), digest_size=16)
    for block in arrays.blocks(column):
        cells = arrays.plain(block).cast(dtype)
        found.update(np.packbits(cells.is_valid().to_numpy(zero_copy_only=False)).tobytes())
        filled = cells.drop_null()
        if pa.types.is_boolean(filled.type):  # bits behind the last cell may be any
            filled = filled.cast(pa.uint8())
        found.update(pa.RecordBatch.from_arrays([filled], ["cells"]).serialize())
    return found.hexdigest()


def refuse_another(before: Mapping[str, Any], now: Mapping[str, Any], path: str) -> None:
    """Make sure that a checkpoint is one of this run.

    Args:
        before: the identity in the checkpoint.
        now: the identity of this run.
        path: of the checkpoint.

    Raises:
        InputError: naming all that differs.
    """
    if found := differences(before, now):
        raise InputError(
            listing(f"the checkpoint {path!r} is of another run", found)
            + "\nmake them as they were, or begin anew without it"
        )


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What differs between two identities, in words."""
    return [
        *_table_differences(before, now),
        *_changed("column {!r}: {!r} was {}, is {}", before["schema"], now["schema"]),
        *(["other constraints in the schema"] if before["constraints"] != now["constraints"] else []),
        *(f"setting {said}" for said in _values(before["settings"], now["settings"])),
        *_machine_differences(before["machine"], now["machine"]),
        *(f"version of {said}" for said in _values(before["versions"], now["versions"])),
    ]


def _table_differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    old, new = before["columns"], now["columns"]
    said = []
    if gone := [name for name in old if name not in new]:
        said.append(f"columns that are there no more: {_names(gone)}")
    if added := [name for name in new if name not in old]:
        said.append(f"columns that were not there: {_names(added)}")
    if set(old) == set(new) and list(old) != list(new):
        said.append(f"the columns were in the order {_names(list(old))}, are in {_names(list(new))}")
    if before["rows"] != now["rows"]:
        return [f"the table had {before['rows']:,} rows, has {now['rows']:,}", *said]
    if other := [name for name in old if name in new and old[name] != new[name]]:
        said.append(f"columns with other cells, or cells in another order: {_names(other)}")
    return said


def _changed(said: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What differs in the specs of columns that both schemas have."""
    return [
        said.format(name, option, _short(before[name].get(option)), _short(now[name].get(option)))
        for name in before
        if name in now
        for option in dict.fromkeys([*before[name], *now[name]])
        if before[name].get(option) != now[name].get(option) and option != "reason"
    ]


def _values(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return [
        f"{name} was {_short(before.get(name))}, is {_short(now.get(name))}"
        for name in dict.fromkeys([*before, *now])
        if before.get(name) != now.get(name)
    ]


def _machine_differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    said = []
    for name in dict.fromkeys([*before, *now]):
        if before.get(name) != now.get(name):
            remedy = f" (set OMP_NUM_THREADS={before.get(name)})" if name == "threads" else ""
            said.append(
                f"{_MACHINE.get(name, name)} was {_short(before.get(name))}, is {_short(now.get(name))}{remedy}"
            )
    return said


def _names(names: list[str]) -> str:
    return ", ".join(map(repr, names))


def _short(value: object) -> str:
    said = "unset" if value is None else str(value) or "nothing"
    return said if len(said) <= _SHOWN else f"{said[: _SHOWN - 1]}…"
