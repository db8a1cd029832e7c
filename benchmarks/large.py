"""A table of any length, 20 mixed columns, made, scanned and learnt: seconds of each stage and the peak of memory.

    python -m benchmarks.large make --rows 100000000 --to /tmp/large/orders.parquet
    python -m benchmarks.large fit /tmp/large/orders.parquet [--steps 0] [--max-memory 1] [--write]

`make` writes block by block, from a seed: heavy-tailed amounts, categories up to 5,000 of which one tells another,
dates in order, ids that never repeat, missing cells. `fit` reads the whole file with pyarrow alone and then with the
scan of tabgan, alternately, in one thread, and compares CPU seconds; then it learns the table. Peak memory comes from
the operating system: the resident set holds file pages that are mapped and can be dropped at any time, so anonymous
memory, which cannot, is watched beside it. `--write` keeps the figures in `results/large.json`.
"""

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.fidelity.runs import machine
from tabgan import TabGAN, TrainingConfig, rng
from tabgan.opening import opened
from tabgan.prepared import Prepared
from tabgan.table.scan import ScannedTable, scan
from tabgan.table.stream_files import open_stream
from tabgan.version import __version__

RESULTS = Path(__file__).parent / "results" / "large.json"
BLOCK = 1_000_000
ROW_GROUP = 1 << 18
DRAWN_SHARE = 0.03
_CITIES, _COUNTRIES, _PRODUCTS = 5_000, 60, 1_200
_YEAR_S = 365 * 86_400


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("make")
    making.add_argument("--rows", type=int, default=BLOCK)
    making.add_argument("--to", type=Path, required=True)
    making.add_argument("--seed", type=int, default=0)
    fitting = commands.add_parser("fit")
    fitting.add_argument("table", type=Path)
    fitting.add_argument("--steps", type=int, default=0, help="0 for the default of training")
    fitting.add_argument("--max-memory", type=float, default=1.0)
    fitting.add_argument("--seed", type=int, default=0)
    fitting.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if options.command == "make":
        make(options.to, options.rows, options.seed)
        return
    found = fit(options.table, options.steps, options.max_memory, options.seed)
    print(json.dumps(found, indent=2))
    if options.write:
        made = {"machine": machine(), "date": datetime.now(UTC).date().isoformat(), "versions": {"tabgan": __version__}}
        RESULTS.write_text(json.dumps(made | found, indent=2) + "\n")


def make(path: Path, n_rows: int, seed: int) -> None:
    """Write the table block by block."""
    writer = None
    for number, start in enumerate(range(0, n_rows, BLOCK)):
        block = orders(start, min(BLOCK, n_rows - start), seed, number)
        writer = writer or pq.ParquetWriter(path, block.schema)
        writer.write_table(block, row_group_size=ROW_GROUP)
    if writer is not None:
        writer.close()


def orders(start: int, n: int, seed: int, number: int) -> pa.Table:
    """One block of the table, from row `start` on."""
    random = rng.generator(seed, "orders", number)
    city = (_CITIES * random.random(n) ** 2).astype(np.int64)
    product = (_PRODUCTS * random.random(n) ** 1.5).astype(np.int64)
    age = np.clip(random.normal(42, 14, n), 18, 95)
    income = np.exp(random.normal(9.5, 0.5, n) + 0.012 * age)
    price = np.round(np.exp(random.normal(2.5, 0.6, n) + (product % 40) / 20), 2)
    quantity = 1 + random.poisson(0.8 + (product % 3), n)
    discount = np.where(random.random(n) < 0.7, 0.0, random.choice([5.0, 10.0, 15.0, 25.0], n))
    created = np.datetime64("2021-01-01", "s") + (random.beta(2, 1.5, n) * 3 * _YEAR_S).astype("timedelta64[s]")
    shipped = created + (random.gamma(2.0, 40_000, n) + 600).astype("timedelta64[s]")
    rating = pa.array(random.integers(1, 6, n), pa.int8(), mask=random.random(n) < 0.35)
    ids = start + np.arange(n)
    return pa.table(
        {
            "order_id": ids,
            "reference": pa.array(np.char.add("R", np.char.zfill((ids * 7_919 % 10**11).astype(str), 11))),
            "visits": random.negative_binomial(1, 0.05, n),
            "city": _named("city", city, _CITIES),
            "country": _named("country", city % _COUNTRIES, _COUNTRIES),
            "product": _named("product", product, _PRODUCTS),
            "department": _named("department", product % 40, 40),
            "channel": _named("channel", random.choice(4, n, p=[0.5, 0.3, 0.15, 0.05]), 4),
            "age": age.astype(np.int16),
            "income": income.astype(np.float32),
            "price": price,
            "quantity": quantity.astype(np.int32),
            "discount": discount,
            "weight_kg": np.round(random.pareto(2.5, n) + 0.1, 3),
            "balance": random.standard_t(3, n) * 1_000,
            "score": random.normal(0, 1, n) + np.log(income) - 10,
            "created": created,
            "shipped": shipped,
            "member": random.random(n) < 0.2 + 0.005 * (age - 18),
            "rating": rating,
        }
    )


def _named(what: str, codes: np.ndarray[Any, Any], size: int) -> pa.Array:
    names = pa.array([f"{what} {code:04d}" for code in range(size)])
    return names.take(pa.array(codes))


def fit(path: Path, steps: int, max_memory_gib: float, seed: int) -> dict[str, Any]:
    """All stages, with their seconds and the peaks of memory so far."""
    n_rows = pq.ParquetFile(path).metadata.num_rows
    found: dict[str, Any] = {"rows": n_rows, "file_bytes": path.stat().st_size, "seed": seed, "steps": steps}
    with Peaks() as peaks:
        found["scans"] = compare_scans(path, seed)
        found["stages"] = [peaks.stage("pyarrow and tabgan scan alone")]
        model = TabGAN(TrainingConfig(steps=steps), seed=seed, device="cpu")
        planned: list[Any] = []
        with opened(path, model.config, seed=seed, max_memory_gib=max_memory_gib, announce=planned.append) as table:
            if not isinstance(table, ScannedTable):
                raise SystemExit("the table fits into memory; make a longer one, or lower --max-memory")
            found["disk_bytes_announced"] = planned[0].disk_bytes
            found["stages"].append(peaks.stage("scan"))
            found["constraints"] = [rule.describe() for rule in table.inferred.constraints]
            found["stages"].append(peaks.stage("schema"))
            Prepared.of(table, None, seed)
            found["stages"].append(peaks.stage("restate and encode"))
            found["disk_bytes"] = sum(own.stat().st_size for own in table.folder.iterdir())
            model.fit(table)
            found["stages"].append(peaks.stage("fit from the scanned table, encoding once more"))
    return found | {
        "learnt_rows": model.info["learnt_rows"],
        "peak_rss_gib": peaks.rss,
        "peak_anonymous_gib": peaks.anonymous,
    }


def compare_scans(path: Path, seed: int, rounds: int = 2) -> dict[str, Any]:
    """CPU and wall seconds of pyarrow's own scan and of the scan that counts and draws, alternately."""
    cpu: dict[str, list[float]] = {"pyarrow": [], "tabgan": []}
    wall: dict[str, list[float]] = {"pyarrow": [], "tabgan": []}
    ways: dict[str, Callable[[], object]] = {"pyarrow": lambda: read(path), "tabgan": lambda: counted(path, seed)}
    for _ in range(rounds):
        for name, way in ways.items():
            started, spent = time.perf_counter(), time.process_time()
            way()
            cpu[name].append(time.process_time() - spent)
            wall[name].append(time.perf_counter() - started)
    least = {name: min(times) for name, times in cpu.items()}
    speed = least["pyarrow"] / least["tabgan"]
    return {"cpu_s": cpu, "wall_s": wall, "speed_of_pyarrow_scan": speed}


def read(path: Path) -> int:
    """All batches, as pyarrow reads them, in one thread."""
    batches = pq.ParquetFile(path).iter_batches(ROW_GROUP, use_threads=False)
    return sum(batch.num_rows for batch in batches)


def counted(path: Path, seed: int) -> int:
    """The same with all that is counted and drawn."""
    stream = open_stream(path)
    assert stream is not None
    with tempfile.TemporaryDirectory() as folder:
        most = min(3_000_000, round(DRAWN_SHARE * (stream.n_rows or 0)))  # as of a hundred million
        return scan(stream, Path(folder), most_rows=most, seed=seed).n_rows


class Peaks:
    """Peaks of resident and of anonymous memory, in GiB, watched by a thread; Linux alone."""

    def __init__(self) -> None:
        self.rss = self.anonymous = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._started = time.perf_counter()

    def _watch(self) -> None:
        while not self._done.wait(0.02):
            lines = (line.split() for line in Path("/proc/self/status").read_text().splitlines())
            sizes = {line[0]: int(line[1]) / 2**20 for line in lines if line[0] in ("VmHWM:", "RssAnon:")}
            self.rss = max(self.rss, sizes.get("VmHWM:", 0.0))
            self.anonymous = max(self.anonymous, sizes.get("RssAnon:", 0.0))

    def stage(self, name: str) -> dict[str, Any]:
        """Seconds since the last stage, and the peaks so far."""
        spent, self._started = time.perf_counter() - self._started, time.perf_counter()
        return {"stage": name, "s": spent, "peak_rss_gib": self.rss, "peak_anonymous_gib": self.anonymous}

    def __enter__(self) -> "Peaks":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()


if __name__ == "__main__":
    main()
