r"""The model file: one file with tensors and JSON, a format number and a checksum.

Layout of format 3, numbers little-endian:

    bytes 0-7     the magic `b"\x93TABGAN\n"`
    bytes 8-11    the format number, unsigned
    bytes 12-43   SHA-256 of everything else
    bytes 44-51   length of the manifest in bytes, unsigned
    then          the manifest, UTF-8 JSON: schema, restatements, codec, settings, seed, history, versions
    then          the tensors, in the safetensors format: the weights, rows that were drawn during training, and
                  the margins and weights of the realism score; files of older versions lack these

Format 2 has the SHA-256 of what is behind it alone, and knows no restatements: keys and free text were left out of such
a model, and still are. Format 1 was never released: its networks are of another kind, so that nothing of it can be
read. A model of that time must be fitted again.

A checkpoint of a training that has not ended is such a file with the magic `b"\x93TABRUN\n"` and formats of its own.

Opening a file runs no code: JSON and safetensors are data alone. The checksum guards against damage, not against
malice; a file that was altered on purpose is still only data.
"""

import hashlib
import json
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from tabgan.errors import ArtifactError
from tabgan.writing import WholeFile

MAGIC = b"\x93TABGAN\n"
FORMAT = 3
CHECKPOINT_MAGIC = b"\x93TABRUN\n"
CHECKPOINT_FORMAT = 1
_HEADER = struct.Struct("<8sI32s")
_DIGEST = struct.calcsize("<8sI")  # where in the header the digest begins
_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True)
class Artifact:
    """What a model file holds.

    Attributes:
        manifest: plain JSON values.
        tensors: name to array.
    """

    manifest: Mapping[str, Any]
    tensors: Mapping[str, NDArray[np.generic]]


def save(artifact: Artifact, path: str | os.PathLike[str]) -> None:
    """Write a model file beside its place and move it there, so that no half-written file ever stands in its name.

    A new file has the permissions that the umask leaves, an older one's permissions are kept.

    Raises:
        OutputError: if it cannot be written; an older file of that name is then untouched.
    """
    with WholeFile(path, f"the model file {str(path)!r}", devices=False) as file:
        _write(artifact, MAGIC, FORMAT, file)


def save_checkpoint(artifact: Artifact, path: str | os.PathLike[str], partial: str) -> None:
    """Write a checkpoint in the same way.

    Args:
        artifact: what to write.
        path: of the file.
        partial: the name of the file as long as it is not whole.

    Raises:
        OutputError: if it cannot be written; an older file of that name is then untouched.
    """
    with WholeFile(path, f"the checkpoint {str(path)!r}", devices=False, partial=partial) as file:
        _write(artifact, CHECKPOINT_MAGIC, CHECKPOINT_FORMAT, file)


def _write(artifact: Artifact, magic: bytes, number: int, file: BinaryIO) -> None:
    # In the midst of a training a figure may be no number; in a model none is.
    manifest = json.dumps(artifact.manifest, ensure_ascii=False, allow_nan=magic != MAGIC).encode()
    # safetensors writes an array's bytes as they lie in memory, so each is brought into C order first.
    tensors = {name: np.asarray(array, order="C") for name, array in artifact.tensors.items()}
    # One part after the other: put together, a large state would be in memory once more.
    body = (_LENGTH.pack(len(manifest)) + manifest, safetensors.numpy.save(tensors))
    file.write(_HEADER.pack(magic, number, _digest(magic, number, *body)))
    for part in body:
        file.write(part)


def load(path: str | os.PathLike[str]) -> Artifact:
    """Read a model file.

    Raises:
        ArtifactError: if there is no such file, it is none of ours, of another format, truncated or altered.
    """
    content = _read(path, "model file")
    if content.startswith(CHECKPOINT_MAGIC):
        raise ArtifactError(
            f"{str(path)!r} is a checkpoint of a training that has not ended, and no model file; `tabgan fit --resume` "
            "goes on with it and writes the model"
        )
    if len(content) < _HEADER.size or not content.startswith(MAGIC):
        raise ArtifactError(f"{str(path)!r} is not a tabgan model file; `tabgan fit` writes one")
    _, number, _ = _HEADER.unpack_from(content)
    if number == 1:
        raise ArtifactError(
            f"{str(path)!r} has format 1: it was written by a development version of tabgan before 0.1, and its "
            "networks cannot be used any more; fit the table again"
        )
    if number not in (2, FORMAT):
        raise ArtifactError(
            f"{str(path)!r} has format {number}, this version reads formats 2 and {FORMAT}: "
            "the file is damaged or was written by a newer tabgan; try to upgrade"
        )
    body = _sound(content, path, "copy it again or fit the model anew")
    found = _parse(body, path)
    return found if number == FORMAT else Artifact(_from_format_2(found.manifest), found.tensors)


def load_checkpoint(path: str | os.PathLike[str]) -> Artifact:
    """Read a checkpoint.

    Raises:
        ArtifactError: if there is no such file, it is none of ours, of another format, truncated or altered.
    """
    content = _read(path, "checkpoint")
    if content.startswith(MAGIC):
        raise ArtifactError(f"{str(path)!r} is a finished model file, and no checkpoint; nothing is left to go on with")
    if len(content) < _HEADER.size or not content.startswith(CHECKPOINT_MAGIC):
        raise ArtifactError(f"{str(path)!r} is not a checkpoint of tabgan; delete it, or name another place")
    _, number, _ = _HEADER.unpack_from(content)
    if number != CHECKPOINT_FORMAT:
        raise ArtifactError(
            f"{str(path)!r} has format {number}, this version goes on with checkpoints of format {CHECKPOINT_FORMAT} "
            "alone: it is damaged or was written by another tabgan; use that one, or begin anew"
        )
    return _parse(_sound(content, path, "begin anew, on the command line with --force"), path)


def _read(path: str | os.PathLike[str], noun: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise ArtifactError(f"cannot read the {noun} {str(path)!r}: {_reason(error)}") from error


def _sound(content: bytes, path: str | os.PathLike[str], remedy: str) -> memoryview:
    """What is behind the header, which its checksum fits."""
    magic, number, digest = _HEADER.unpack_from(content)
    body = memoryview(content)[_HEADER.size :]
    if _digest(magic, number, body) != digest:
        raise ArtifactError(f"{str(path)!r} is damaged: its checksum does not match; {remedy}")
    return body


def _digest(magic: bytes, number: int, *body: bytes | memoryview) -> bytes:
    begun = magic != MAGIC or number > 2
    digest = hashlib.sha256(_HEADER.pack(magic, number, b"")[:_DIGEST] if begun else b"")
    for part in body:
        digest.update(part)
    return digest.digest()


def _from_format_2(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest as format 3 has it: what was not modelled is left out."""
    schema = manifest.get("schema")
    if isinstance(schema, dict) and isinstance(schema.get("columns"), list):
        columns = [
            column | {"kind": "left_out"}
            if isinstance(column, dict) and column.get("kind") in ("text", "key")
            else column
            for column in schema["columns"]
        ]
        schema = schema | {"columns": columns}
    return {**manifest, "schema": schema, "restatements": {"steps": [], "extents": {}}, "texts": None}


def _parse(body: memoryview, path: str | os.PathLike[str]) -> Artifact:
    try:
        (length,) = _LENGTH.unpack_from(body)
        manifest = json.loads(bytes(body[_LENGTH.size : _LENGTH.size + length]))
        tensors = safetensors.numpy.load(bytes(body[_LENGTH.size + length :]))
        if not isinstance(manifest, dict):
            raise ValueError(f"the manifest must be a JSON object, got {type(manifest).__name__}")
    except (struct.error, ValueError, KeyError, RecursionError, safetensors.SafetensorError) as error:
        raise ArtifactError(f"{str(path)!r} has a valid checksum but no readable content: {error}") from error
    return Artifact(manifest, tensors)


def _reason(error: OSError | ValueError) -> str:
    """Why a file could not be used; a path with a null character is a ValueError."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
