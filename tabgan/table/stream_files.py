"""Which files can be read in batches, and what they hold in memory if they are not."""

from collections.abc import Collection
from pathlib import Path

from tabgan.errors import InputError
from tabgan.table.csv_streams import CsvStream
from tabgan.table.files import READABLE, existing_suffix
from tabgan.table.streams import ArrowStream, ParquetStream, TableStream, bytes_per_row

_PARQUET, _ARROW = (".parquet", ".pq"), (".arrow", ".feather", ".ipc")
_CSV = (".csv", ".tsv", ".txt", ".csv.gz", ".csv.zst")
_EXPANSION = 3
"""What a byte of text takes as cells, with what is made along the way."""
_COMPRESSION = 5


def open_stream(path: Path, text_columns: Collection[str] = ()) -> TableStream | None:
    """The table in a file or a folder of files, in batches; None if its format can only be read as a whole.

    A folder is read with all folders in it; names that begin with a dot or an underscore are passed over, and so are
    files that hold no table.

    Args:
        path: of a file or a folder.
        text_columns: columns of CSV files that are text even if it looks like numbers or times.

    Raises:
        InputError: if there is no table there, or files of several formats.
        SchemaError: if the files of a folder differ in their columns.
    """
    paths = _files_in(path) if path.is_dir() else (path,)
    suffixes = {existing_suffix(own) for own in paths}
    if suffixes <= set(_PARQUET):
        return ParquetStream(paths, str(path))
    if suffixes <= set(_ARROW) and all(_is_file_format(own) for own in paths):
        return ArrowStream(paths, str(path))
    if suffixes <= set(_CSV):
        delimiter = "\t" if suffixes == {".tsv"} else None
        return CsvStream(paths, str(path), delimiter, frozenset(text_columns))
    if not path.is_dir():
        return None
    said = ", ".join(sorted(suffixes))
    if suffixes <= set(_ARROW):
        said += ", some of which are written as streams"
    raise InputError(
        f"expected Parquet, Arrow (file format) or CSV files, all of one format, in the folder {str(path)!r}, got "
        f"{said}; keep one kind, or convert them"
    )


def _files_in(folder: Path) -> tuple[Path, ...]:
    try:
        found = sorted(path for path in folder.rglob("*") if path.is_file())
    except OSError as error:
        raise InputError(f"the folder {str(folder)!r} could not be looked through: {error}; name another") from error
    inside = [path.relative_to(folder) for path in found]
    shown = [path for path in inside if not any(part.startswith((".", "_")) for part in path.parts)]
    kept = [path for path in shown if path.name.lower().endswith(READABLE)]
    if not kept:
        raise InputError(f"there is no table in the folder {str(folder)!r}; expected files such as part-0.parquet")
    if parted := next((path for path in kept if any("=" in part for part in path.parts[:-1])), None):
        raise InputError(
            f"{str(folder / parted)!r} keeps a column in the name of its folder, which is not read; write the column "
            "into the files, for example with pyarrow.dataset"
        )
    return tuple(folder / path for path in kept)


def _is_file_format(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(6) == b"ARROW1"


def estimated_bytes(stream: TableStream) -> int:
    """About what a table takes in memory: its first rows tell of all, or its text of its cells.

    Raises:
        InputError: if it has no rows.
    """
    if stream.n_rows is not None:
        return round(bytes_per_row(stream) * stream.n_rows)
    assert isinstance(stream, CsvStream)  # the others know their rows
    sizes = [(path.stat().st_size, path.suffix.lower() in (".gz", ".zst")) for path in stream.paths]
    return sum(size * _EXPANSION * (_COMPRESSION if packed else 1) for size, packed in sizes)
