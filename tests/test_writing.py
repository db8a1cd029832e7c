"""Files are there as a whole or not at all."""

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tabgan.errors import OutputError
from tabgan.writing import WholeFile, check_writable, output_error

posix = pytest.mark.skipif(os.name != "posix", reason="links, permissions and devices of POSIX")


def write(path: Path, content: bytes = b"new", **options: bool) -> None:
    with WholeFile(path, **options) as file:
        file.write(content)


def write_and_raise(path: Path, error: BaseException) -> None:
    with WholeFile(path) as file:
        file.write(b"half")
        raise error


def test_a_file_has_its_name_only_once_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "t"
    with WholeFile(path) as file:
        file.write(b"new")
        file.flush()
        assert not path.exists()
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["t"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(), ValueError(), RuntimeError()])
@pytest.mark.parametrize("older", [None, b"old"])
def test_whatever_is_raised_leaves_the_older_file(tmp_path: Path, error: BaseException, older: bytes | None) -> None:
    path = tmp_path / "t"
    if older is not None:
        path.write_bytes(older)
    with pytest.raises(type(error)):
        write_and_raise(path, error)
    assert os.listdir(tmp_path) == ([] if older is None else ["t"])
    assert older is None or path.read_bytes() == older


def test_a_failed_write_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot write '.*t': No space left on device; free some space"):
        write_and_raise(tmp_path / "t", OSError(28, "No space left on device"))
    assert os.listdir(tmp_path) == []


def test_a_failure_while_closing_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    whole = WholeFile(tmp_path / "u")
    whole.open().write(b"half")
    (tmp_path / "u").mkdir()  # a folder has taken the name meanwhile
    with pytest.raises(OutputError, match=r"Is a directory|exists|denied"):
        whole.finish()
    assert sorted(os.listdir(tmp_path)) == ["t", "u"]


@posix
@pytest.mark.parametrize("umask", [0o022, 0o027, 0o077])
def test_a_new_file_follows_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write(tmp_path / "t")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "t").stat().st_mode) == 0o666 & ~umask


@posix
def test_links_are_followed_and_permissions_kept(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    real, link = tmp_path / "there" / "real", tmp_path / "link"
    real.write_bytes(b"old")
    real.chmod(0o640)
    link.symlink_to(real)
    write(link)
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


@posix
def test_a_link_to_nothing_makes_what_it_points_to(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


@posix
def test_a_link_to_itself_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "link")
    with pytest.raises(OutputError, match="cannot write"):
        write(tmp_path / "link")
    with pytest.raises(OutputError, match="cannot write"):
        check_writable(tmp_path / "link")
    assert os.listdir(tmp_path) == ["link"]


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Path]:
    os.mkfifo(tmp_path / "pipe")
    yield tmp_path / "pipe"
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert os.listdir(tmp_path) == ["pipe"]


@posix
def test_a_pipe_is_written_to(pipe: Path) -> None:
    writer = threading.Thread(target=write, args=(pipe,))
    writer.start()
    assert pipe.read_bytes() == b"new"
    writer.join()


@posix
def test_a_pipe_is_refused_where_only_files_will_do(pipe: Path) -> None:
    with pytest.raises(OutputError, match="not a regular file"):
        write(pipe, devices=False)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_device_is_an_output_error() -> None:
    with pytest.raises(OutputError, match="No space left on device"):
        write(Path("/dev/full"), b"x" * 100_000)


@pytest.mark.parametrize("target", ["absent/t", "folder", "file/t", "a\0b", "x" * 300])
def test_places_that_cannot_be_written(tmp_path: Path, target: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    for attempt in (write, check_writable):
        with pytest.raises(OutputError):
            attempt(tmp_path / target)
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]


def test_the_label_is_what_messages_call_the_file(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot write the report: No such file or directory; make its folder first"):
        WholeFile(tmp_path / "absent" / "t", "the report").open()
    assert str(output_error("it", OSError("odd"))) == "cannot write it: odd; write elsewhere"


def test_checking_leaves_nothing(tmp_path: Path) -> None:
    check_writable(tmp_path / "t")
    assert os.listdir(tmp_path) == []
