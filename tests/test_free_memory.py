"""What a process may take, read from planted files of a Linux system and from the real one."""

import os
from pathlib import Path

import pytest

from tabgan.free_memory import free_memory, held_memory

MEMINFO = "MemTotal:       24683656 kB\nMemFree:        1000 kB\nMemAvailable:   4000 kB\nHugePages_Total:       0\n"
NO_LIMIT_V1 = "9223372036854771712\n"


def plant(root: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


def test_the_machine_says_what_is_available(tmp_path: Path) -> None:
    assert free_memory(plant(tmp_path, {"proc/meminfo": MEMINFO})) == 4_000 * 1_024


@pytest.mark.parametrize(
    ("files", "free"),
    [
        ({"memory.max": "3000000\n", "memory.current": "1000000\n"}, 2_000_000),
        (
            {"memory.max": "3000000\n", "memory.current": "1000000\n", "memory.stat": "anon 5\ninactive_file 500000\n"},
            2_500_000,
        ),
        ({"memory.max": "max\n", "memory.current": "1000000\n"}, 4_000 * 1_024),
        ({"memory.max": "900000\n", "memory.current": "1000000\n"}, 0),
        ({"memory.max": "9000000000\n", "memory.current": "1000000\n"}, 4_000 * 1_024),
    ],
)
def test_a_group_of_version_2_may_leave_less(tmp_path: Path, files: dict[str, str], free: int) -> None:
    group = {f"sys/fs/cgroup/jobs/mine/{name}": content for name, content in files.items()}
    plant(tmp_path, {"proc/meminfo": MEMINFO, "proc/self/cgroup": "0::/jobs/mine\n", **group})
    assert free_memory(tmp_path) == free


def test_a_group_further_out_may_leave_less_than_the_innermost(tmp_path: Path) -> None:
    inner = {"memory.max": "3000000\n", "memory.current": "0\n"}
    outer = {"memory.max": "4000000\n", "memory.current": "3500000\n"}
    files = {f"sys/fs/cgroup/jobs/mine/{name}": content for name, content in inner.items()}
    files |= {f"sys/fs/cgroup/jobs/{name}": content for name, content in outer.items()}
    plant(tmp_path, {"proc/meminfo": MEMINFO, "proc/self/cgroup": "0::/jobs/mine\n", **files})
    assert free_memory(tmp_path) == 500_000


def test_a_group_of_version_1_is_found_by_its_controller(tmp_path: Path) -> None:
    groups = "9:name=systemd:/\n5:cpu,cpuacct:/other\n4:memory:/mine\n0::/\n"
    files = {
        "sys/fs/cgroup/memory/mine/memory.limit_in_bytes": "2000000\n",
        "sys/fs/cgroup/memory/mine/memory.usage_in_bytes": "1500000\n",
        "sys/fs/cgroup/memory/mine/memory.stat": "inactive_file 7\ntotal_inactive_file 250000\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": NO_LIMIT_V1,
        "sys/fs/cgroup/memory/memory.usage_in_bytes": "1500000\n",
    }
    plant(tmp_path, {"proc/meminfo": MEMINFO, "proc/self/cgroup": groups, **files})
    assert free_memory(tmp_path) == 750_000


def test_a_container_that_sees_only_its_own_group_is_heeded(tmp_path: Path) -> None:
    files = {"sys/fs/cgroup/memory.max": "2000000\n", "sys/fs/cgroup/memory.current": "500000\n"}
    plant(tmp_path, {"proc/meminfo": MEMINFO, "proc/self/cgroup": "0::/docker/3f2a\n", **files})
    assert free_memory(tmp_path) == 1_500_000


@pytest.mark.parametrize("content", ["", "nonsense", "MemAvailable: none kB\n", "0:broken\n"])
def test_damaged_files_are_no_limit(tmp_path: Path, content: str) -> None:
    plant(tmp_path, {"proc/self/cgroup": content, "proc/self/statm": content, "proc/meminfo": MEMINFO})
    assert free_memory(tmp_path) == 4_000 * 1_024
    assert held_memory(tmp_path) == 0


def test_what_the_process_holds_is_counted_in_pages(tmp_path: Path) -> None:
    plant(tmp_path, {"proc/self/statm": "900 30 20 1 0 10 0\n"})
    assert held_memory(tmp_path) == 30 * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="Linux alone tells it this way")
def test_memory_that_is_taken_is_held() -> None:
    before, free = held_memory(), free_memory()
    taken = b"x" * (64 << 20)
    assert held_memory() - before > 50 << 20
    assert free is not None
    assert free > 0
    assert len(taken) == 64 << 20
