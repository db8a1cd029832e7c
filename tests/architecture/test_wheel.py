"""What is built out of the repository holds all that the packages need, and nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--wheel-dir", folder)
    command = [sys.executable, "-m", "pip", "wheel", ROOT, *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def packed(wheel: zipfile.ZipFile) -> set[str]:
    return {name for name in wheel.namelist() if ".dist-info/" not in name}


def sources() -> set[str]:
    return {
        path.relative_to(root).as_posix()
        for root, package in ((ROOT, "tabgan"), (ROOT / "cli", "tabgan_cli"))
        for path in (root / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_the_marker_of_types_and_what_the_page_is_made_of(wheel):
    render = "tabgan/evaluation/render"
    parts = ("pictures.css", "page/page.css", "page/page.js", "page/charts.js", "echarts/echarts.min.js")
    licences = ("echarts/LICENSE", "echarts/LICENSE-d3", "echarts/NOTICE")
    assert {"tabgan/py.typed", *(f"{render}/{name}" for name in (*parts, *licences))} <= packed(wheel)
    for name in (*parts, *licences):
        assert wheel.read(f"{render}/{name}")


def test_the_wheel_holds_the_two_packages_whole_and_nothing_else(wheel):
    assert packed(wheel) == sources()
    assert {name.split("/")[0] for name in packed(wheel)} == {"tabgan", "tabgan_cli"}


def test_the_wheel_brings_the_command_and_the_licence(wheel):
    (entry_points,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "tabgan = tabgan_cli.main:main" in wheel.read(entry_points).decode()
    (licence,) = (name for name in wheel.namelist() if ".dist-info/" in name and name.endswith("/LICENSE"))
    assert wheel.read(licence) == (ROOT / "LICENSE").read_bytes()
