import os

import click
import pytest

from tabgan.errors import InputError, OutputError
from tabgan_cli.outputs import check_output, only_model, write_text


def test_a_new_file_in_a_folder_is_fine_and_is_not_made_by_looking(folder):
    check_output(folder / "new.csv", force=False)
    assert list(folder.iterdir()) == []


def test_a_link_to_an_input_is_the_input(folder):
    (folder / "real.csv").write_text("a\n1\n")
    (folder / "link.csv").symlink_to(folder / "real.csv")
    with pytest.raises(click.UsageError, match="input"):
        check_output(folder / "link.csv", force=True, inputs=[folder / "real.csv"])


def test_an_output_that_is_a_folder_is_refused(folder):
    (folder / "synth.csv").mkdir()
    with pytest.raises((OutputError, InputError), match=r"synth\.csv"):
        check_output(folder / "synth.csv", force=True)


def test_write_text_replaces_the_whole_file_with_the_rights_of_a_new_one(folder):
    target = folder / "report.html"
    target.write_text("old and longer")
    write_text(target, "näw\n")
    assert target.read_bytes() == "näw\n".encode()
    (folder / "other").write_text("")
    assert os.stat(target).st_mode == os.stat(folder / "other").st_mode
    assert sorted(path.name for path in folder.iterdir()) == ["other", "report.html"]


def test_write_text_follows_links_and_keeps_the_rights_of_a_file(folder):
    (folder / "real.html").write_text("old")
    (folder / "real.html").chmod(0o600)
    (folder / "link.html").symlink_to(folder / "real.html")
    write_text(folder / "link.html", "new")
    assert (folder / "link.html").is_symlink()
    assert (folder / "real.html").read_text() == "new"
    assert os.stat(folder / "real.html").st_mode & 0o777 == 0o600


def test_write_text_that_fails_leaves_nothing(folder):
    (folder / "report.html").mkdir()
    with pytest.raises(OutputError, match=r"report\.html"):
        write_text(folder / "report.html", "text")
    assert [path.name for path in folder.iterdir()] == ["report.html"]


def test_only_model_needs_exactly_one(folder):
    with pytest.raises(InputError, match="tabgan fit"):
        only_model()
    (folder / "a.tabgan").touch()
    assert str(only_model()) == "a.tabgan"
    (folder / "b.tabgan").touch()
    with pytest.raises(InputError, match=r"(?s)a\.tabgan.*b\.tabgan"):
        only_model()


def test_a_name_that_is_too_long_is_refused(folder):
    with pytest.raises(OutputError, match="cannot write"):
        check_output(folder / ("y" * 300 + ".html"), force=False)
