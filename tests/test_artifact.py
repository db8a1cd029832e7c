import hashlib
import json
import os
import shutil
import stat
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tabgan import artifact
from tabgan.artifact import FORMAT, MAGIC, Artifact
from tabgan.errors import ArtifactError, OutputError

HEADER = 8 + 4 + 32
MANIFEST = {"text": "Zoë \x00 \u2028 \"'", "numbers": [0, -1, 2**70, 1.5e-300], "nested": {"none": None, "true": True}}
TENSORS = {
    "weights": np.arange(6, dtype=np.float32).reshape(2, 3),
    "scalar": np.array(2.5, np.float64),
    "nothing": np.zeros((0, 129), np.float32),
    "counts": np.array([2**63 - 1], np.int64),
    "flags": np.array([True, False]),
}
posix = pytest.mark.skipif(os.name != "posix", reason="permissions and file size limits are those of POSIX")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A small model file, 400 bytes or so."""
    file = tmp_path / "model.tabgan"
    artifact.save(Artifact({"seed": 0}, {"weights": np.arange(4, dtype=np.float32)}), file)
    return file


def _sealed(body: bytes, number: int = FORMAT) -> bytes:
    """A file whose header and checksum are right, whatever the body says."""
    head = struct.pack("<8sI", MAGIC, number)
    return head + hashlib.sha256(head + body).digest() + body


def test_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    artifact.save(Artifact(MANIFEST, TENSORS), tmp_path / "model")
    loaded = artifact.load(tmp_path / "model")
    assert loaded.manifest == MANIFEST
    assert loaded.tensors.keys() == TENSORS.keys()
    for name, array in TENSORS.items():
        assert loaded.tensors[name].dtype == array.dtype
        assert loaded.tensors[name].shape == array.shape
        assert np.array_equal(loaded.tensors[name], array)


@pytest.mark.parametrize(
    "array",
    [
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(6.0).reshape(2, 3).T,
        np.arange(12.0)[::2],
        np.arange(6.0)[::-1],
        np.broadcast_to(np.float32(3), (2, 2)),
    ],
    ids=["fortran", "transposed", "strided", "reversed", "broadcast"],
)
def test_the_memory_order_of_a_tensor_does_not_matter(array: np.ndarray, tmp_path: Path) -> None:
    artifact.save(Artifact({}, {"a": array}), tmp_path / "model")
    assert np.array_equal(artifact.load(tmp_path / "model").tensors["a"], array)


def test_an_artifact_without_tensors_is_one_too(tmp_path: Path) -> None:
    artifact.save(Artifact({}, {}), tmp_path / "model")
    assert artifact.load(tmp_path / "model") == Artifact({}, {})


def test_the_file_follows_its_description_byte_by_byte(path: Path) -> None:
    content = path.read_bytes()
    assert content[:8] == b"\x93TABGAN\n"
    assert struct.unpack_from("<I", content, 8) == (3,)
    assert content[12:44] == hashlib.sha256(content[:12] + content[44:]).digest()
    (length,) = struct.unpack_from("<Q", content, 44)
    assert json.loads(content[52 : 52 + length]) == {"seed": 0}
    assert content.endswith(np.arange(4, dtype="<f4").tobytes())


def test_the_same_content_gives_the_same_bytes(path: Path, tmp_path: Path) -> None:
    artifact.save(artifact.load(path), tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == path.read_bytes()


def test_any_flipped_bit_is_noticed(path: Path) -> None:
    content = path.read_bytes()
    for bit in range(8 * len(content)):
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        with pytest.raises(ArtifactError, match=r"not a tabgan model|format \d+|damaged"):
            artifact.load(path)
    path.write_bytes(content)
    assert artifact.load(path).manifest == {"seed": 0}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data(), manifest=st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=20), max_size=4))
def test_any_changed_byte_of_any_file_is_noticed(
    data: st.DataObject, manifest: dict[str, object], tmp_path: Path
) -> None:
    file = tmp_path / "model"
    artifact.save(Artifact(manifest, {"a": np.frombuffer(data.draw(st.binary(max_size=50)), np.uint8)}), file)
    assert artifact.load(file).manifest == manifest
    damaged = bytearray(file.read_bytes())
    damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= data.draw(st.integers(1, 255))
    file.write_bytes(damaged)
    with pytest.raises(ArtifactError):
        artifact.load(file)


def test_a_file_cut_anywhere_is_noticed(path: Path) -> None:
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        message = "not a tabgan model file" if length < HEADER else "damaged"
        with pytest.raises(ArtifactError, match=message):
            artifact.load(path)


def test_bytes_behind_the_end_are_noticed(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(ArtifactError, match="damaged"):
        artifact.load(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04" * 50, b"a,b\n1,2\n" * 20, b"\x80\x04\x95", MAGIC])
def test_a_foreign_file_is_named_as_such(content: bytes, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.bin"
    foreign.write_bytes(content)
    with pytest.raises(ArtifactError, match=r"foreign\.bin.* not a tabgan model file; `tabgan fit` writes one"):
        artifact.load(foreign)


def test_a_newer_format_asks_for_an_upgrade(path: Path) -> None:
    path.write_bytes(_sealed(path.read_bytes()[HEADER:], FORMAT + 1))
    with pytest.raises(ArtifactError, match=f"format {FORMAT + 1}, this version reads formats 2 and {FORMAT}.*upgrade"):
        artifact.load(path)


def test_a_file_of_a_development_version_asks_for_a_new_fit(path: Path) -> None:
    path.write_bytes(_sealed(path.read_bytes()[HEADER:], 1))
    with pytest.raises(
        ArtifactError, match=r"format 1: .*development version of tabgan before 0\.1.*fit the table again"
    ):
        artifact.load(path)


def _body(manifest: bytes, header: bytes = b"{}", tensors: bytes = b"") -> bytes:
    return struct.pack("<Q", len(manifest)) + manifest + struct.pack("<Q", len(header)) + header + tensors


NONSENSE = {
    "empty": b"",
    "short": b"\0" * 7,
    "the manifest is longer than the file": struct.pack("<Q", 2**64 - 1) + b"{}",
    "no tensors": struct.pack("<Q", 2) + b"{}",
    "the manifest is a list": _body(b"[]"),
    "the manifest is null": _body(b"null"),
    "the manifest is not UTF-8": _body(b"\xff\xfe"),
    "the manifest is deep": _body(b"[" * 100_000),
    "the header is longer than the file": struct.pack("<Q", 2) + b"{}" + b"\xff" * 8 + b"{}",
    "a type that NumPy lacks": _body(b"{}", b'{"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}', b"\0\0"),
    "a tensor is longer than the file": _body(b"{}", b'{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,36]}}', b"\0"),
}


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE.keys())
def test_a_right_checksum_over_nonsense_is_still_a_clear_error(body: bytes, tmp_path: Path) -> None:
    (tmp_path / "odd").write_bytes(_sealed(body))
    with pytest.raises(ArtifactError, match="no readable content"):
        artifact.load(tmp_path / "odd")


def test_a_missing_file_a_folder_and_an_impossible_name_cannot_be_read(tmp_path: Path) -> None:
    for wrong in (tmp_path / "absent", tmp_path, f"{tmp_path}/\0"):
        with pytest.raises(ArtifactError, match="cannot read the model file"):
            artifact.load(wrong)


def test_nothing_is_left_beside_the_file_and_an_older_one_is_replaced(path: Path) -> None:
    artifact.save(Artifact({"seed": 1}, {}), path)
    assert artifact.load(path).manifest == {"seed": 1}
    assert os.listdir(path.parent) == [path.name]


def test_a_folder_a_missing_folder_and_an_impossible_name_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for wrong in (tmp_path / "folder", tmp_path / "absent" / "model", f"{tmp_path}/\0", tmp_path / ("x" * 300)):
        with pytest.raises(OutputError, match="cannot write the model file"):
            artifact.save(Artifact({}, {}), wrong)
    assert os.listdir(tmp_path) == ["folder"]


@posix
def test_a_device_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OutputError, match="not a regular file"):
        artifact.save(Artifact({}, {}), pipe)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@posix
def test_the_longest_name_that_the_system_allows_can_be_written(tmp_path: Path) -> None:
    artifact.save(Artifact({"seed": 2}, {}), tmp_path / ("x" * 255))
    assert artifact.load(tmp_path / ("x" * 255)).manifest == {"seed": 2}


@posix
@pytest.mark.parametrize("umask", [0o022, 0o027, 0o077])
def test_permissions_follow_the_umask(umask: int, tmp_path: Path) -> None:
    before = os.umask(umask)
    try:
        artifact.save(Artifact({}, {}), tmp_path / "model")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "model").stat().st_mode) == 0o666 & ~umask


@posix
def test_an_older_file_keeps_its_permissions(path: Path) -> None:
    path.chmod(0o640)
    artifact.save(Artifact({}, {}), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("manifest", [{"loss": float("nan")}, {"loss": float("inf")}, {"object": object()}])
def test_what_json_cannot_say_is_refused_before_anything_is_written(manifest: dict[str, object], path: Path) -> None:
    older = path.read_bytes()
    with pytest.raises((ValueError, TypeError), match="JSON"):
        artifact.save(Artifact(manifest, {}), path)
    assert path.read_bytes() == older
    assert os.listdir(path.parent) == [path.name]


def _save_elsewhere(path: Path, preparation: str) -> str:
    """What `save` says in a process of its own, after the preparation: the name of the error and its message."""
    script = (
        "import os, sys; import numpy as np; from tabgan import artifact\n"
        f"{preparation}\n"
        "try: artifact.save(artifact.Artifact({}, {'a': np.zeros(100_000)}), sys.argv[1])\n"
        "except Exception as error: print(type(error).__name__, error)\n"
        "else: print('saved')"
    )
    run = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True, timeout=60)
    return run.stdout


@posix
def test_a_full_disk_is_an_output_error_and_leaves_the_older_file(path: Path) -> None:
    older = path.read_bytes()
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))"
    assert _save_elsewhere(path, limit).startswith("OutputError cannot write the model file")
    assert path.read_bytes() == older
    assert os.listdir(path.parent) == [path.name]


@pytest.fixture
def locked_folder(path: Path) -> Iterator[Path]:
    """A folder that holds a model file, and that all may enter but nobody but root may write to."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(path, folder)
        folder.chmod(0o555)
        yield folder
        folder.chmod(0o755)


@posix
def test_a_read_only_folder_is_an_output_error_and_leaves_the_older_file(locked_folder: Path) -> None:
    older = (locked_folder / "model.tabgan").read_bytes()
    said = _save_elsewhere(locked_folder / "model.tabgan", "if os.geteuid() == 0: os.seteuid(65534)")
    assert said.startswith("OutputError cannot write the model file")
    assert "Permission denied" in said
    assert (locked_folder / "model.tabgan").read_bytes() == older
    assert os.listdir(locked_folder) == ["model.tabgan"]
