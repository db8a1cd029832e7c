"""Makes `format_2.tabgan`. Kept to show how the file came about: once released it must open for ever as it is."""

from pathlib import Path

import numpy as np
import pandas as pd

from tabgan import TabGAN, TrainingConfig

HERE = Path(__file__).parent


def table() -> pd.DataFrame:
    """One column of each kind, with missing cells."""
    random = np.random.default_rng(1)
    n = 600
    when = pd.Timestamp("2024-01-01", tz="Europe/Berlin") + pd.to_timedelta(500 * random.integers(0, 20, n), unit="h")
    return pd.DataFrame(
        {
            "product_id": random.integers(0, 300, n) * 7,
            "colour": pd.Categorical(random.choice(["red", "green"], n), categories=["red", "green", "blue"]),
            "price": np.where(random.random(n) < 0.3, 0.0, random.gamma(2.0, 10.0, n).round(2)),
            "stock": pd.array(np.where(random.random(n) < 0.1, None, random.integers(0, 30, n)), dtype="Int64"),
            "when": when,
            "shop": "north",
            'Ünïcode "name"': random.choice(["a", "nan", ""], n),
        }
    )


if __name__ == "__main__":
    config = TrainingConfig(steps=20, batch_size=64, generator_width=4, stage_width=4, critic_width=16)
    TabGAN(config, seed=1, device="cpu").fit(table()).save(HERE / "format_2.tabgan")
