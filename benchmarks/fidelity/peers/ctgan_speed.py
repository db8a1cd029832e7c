"""How many rows CTGAN learns in a second: `ENVIRONMENT/bin/python benchmarks/fidelity/peers/ctgan_speed.py JOB.json`.

The job is a JSON object: `train`, a CSV file; `numeric` and `categorical`, its columns; `epochs`; and `seed`. All else
is at CTGAN's defaults, a batch of 500 rows and a GPU where there is one. The clock runs from the first step to the end
of the last: the preparation of the table is not in it. Prints one JSON object.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import ctgan
import numpy as np
import torch
from tables import fill_gaps, read_train


class Timed(ctgan.CTGAN):
    """CTGAN that notes when it took its first step, which is when it first asks for a row's activations."""

    started: float | None = None

    def _apply_activate(self, data: torch.Tensor) -> torch.Tensor:
        if self.started is None:
            self.started = time.perf_counter()
        return super()._apply_activate(data)


def main() -> None:
    """Fit once, print."""
    job: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text())
    table, discrete = fill_gaps(read_train(job["train"], job), job)
    np.random.seed(job["seed"])
    torch.manual_seed(job["seed"])
    model = Timed(epochs=job["epochs"])
    model.fit(table, discrete)
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    assert model.started is not None, "there was a step"
    spent = time.perf_counter() - model.started
    rows = job["epochs"] * max(len(table) // model._batch_size, 1) * model._batch_size
    found = {
        "rows": rows,
        "seconds": spent,
        "rows_per_s": rows / spent,
        "batch_size": model._batch_size,
        "device": str(model._device),
        "versions": {"ctgan": ctgan.__version__, "torch": torch.__version__},
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
