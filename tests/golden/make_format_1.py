"""Makes `format_1.tabgan`. Kept to show how the file came about: it must open for ever, so it is never made anew."""

from pathlib import Path

import numpy as np
import pandas as pd

from tabgan import TabGAN, TrainingConfig

HERE = Path(__file__).parent


def table() -> pd.DataFrame:
    """One column of each kind, with missing cells."""
    random = np.random.default_rng(1)
    n = 600
    when = pd.Timestamp("2024-01-01", tz="Europe/Berlin") + pd.to_timedelta(random.integers(0, 10_000, n), unit="h")
    return pd.DataFrame(
        {
            "product_id": random.integers(0, 300, n) * 7,
            "colour": pd.Categorical(random.choice(["red", "green"], n), categories=["red", "green", "blue"]),
            "price": np.where(random.random(n) < 0.3, 0.0, random.gamma(2.0, 10.0, n).round(2)),
            "stock": pd.array(np.where(random.random(n) < 0.1, None, random.integers(0, 500, n)), dtype="Int64"),
            "when": when,
            "shop": "north",
            'Ünïcode "name"': random.choice(["a", "nan", ""], n),
        }
    )


if __name__ == "__main__":
    config = TrainingConfig(
        steps=20, batch_size=64, noise_width=8, generator_width=16, generator_blocks=1, stage_width=8, critic_width=16
    )
    TabGAN(config, seed=1, device="cpu").fit(table()).save(HERE / "format_1.tabgan")
