"""Makes `format_3.tabgan`. Kept to show how the file came about: once released it must open for ever as it is."""

from pathlib import Path

import numpy as np
import pandas as pd

from tabgan import TabGAN, TrainingConfig

HERE = Path(__file__).parent


def table() -> pd.DataFrame:
    """Columns that are restated in every way but by free text, whose language model would be too large a file."""
    random = np.random.default_rng(1)
    n = 300
    start = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 500 * 24, n), unit="h")
    colour = random.integers(0, 3, n)
    net = random.integers(100, 9_000, n)
    away = random.random(n) < 0.2
    return pd.DataFrame(
        {
            "order_id": [f"A-{i:05d}" for i in random.permutation(60_000)[:n]],
            "phone": [
                f"+49 {p}0 {k}" for p, k in zip(random.integers(20, 24, n), random.integers(1e6, 1e7, n), strict=True)
            ],
            "email": [f"someone{i}@example.org" for i in range(n)],
            "red": (colour == 0).astype(int),
            "green": (colour == 1).astype(int),
            "blue": (colour == 2).astype(int),
            "net": net,
            "tax": net // 7,
            "gross": net + net // 7,
            "start": start,
            "end": start + pd.to_timedelta(random.integers(1, 72, n), unit="h"),
            "back": pd.Series(random.gamma(2.0, 3.0, n).round(1)).mask(away),
            "why": pd.Series(random.choice(["a", "b"], n)).mask(away),
            "lat": random.normal(52, 0.1, n).round(4),
            "lon": random.normal(13, 0.1, n).round(4),
        }
    )


if __name__ == "__main__":
    config = TrainingConfig(steps=20, batch_size=64, generator_width=4, stage_width=4, critic_width=16)
    TabGAN(config, seed=1, device="cpu").fit(table()).save(HERE / "format_3.tabgan")
