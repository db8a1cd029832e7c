import numpy as np
import pandas as pd
import pytest

from tabgan import TabGAN, TrainingConfig, artifact
from tabgan.errors import ArtifactError, NotFittedError
from tabgan.gan.history import CodeSnapshot
from tabgan.layout import ColumnSlots, Layout
from tabgan.snapshots import snapshots_from_tensors, snapshots_to_tensors

LAYOUT = Layout((ColumnSlots("city", (300,)), ColumnSlots("rating", (4,), ordered=3)))


def _codes(n: int = 5) -> np.ndarray:
    random = np.random.default_rng(0)
    return np.stack([random.integers(0, 300, n), random.integers(0, 4, n)], 1).astype(np.uint16)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "height": random.normal(170, 10, 400).round(1),
            "city": pd.Categorical(random.choice(["Ulm", "Jena"], 400)),
            "one": ["x"] * 400,
        }
    )


@pytest.fixture(scope="module")
def model(frame: pd.DataFrame) -> TabGAN:
    config = TrainingConfig(steps=10, batch_size=16, generator_width=8, critic_width=8, stage_width=8)
    return TabGAN(config, seed=2, device="cpu").fit(frame)


def test_snapshots_come_back_from_tensors_in_the_order_of_their_steps() -> None:
    snapshots = [CodeSnapshot(step, _codes()) for step in (100, 9, 20)]
    weights = {"heads.0.exit.weight": np.zeros((2, 2), np.float32)}
    found, others = snapshots_from_tensors(weights | snapshots_to_tensors(snapshots), LAYOUT)
    assert [snapshot.step for snapshot in found] == [9, 20, 100]
    assert all(np.array_equal(snapshot.codes, _codes()) for snapshot in found)
    assert others.keys() == weights.keys()
    assert snapshots_from_tensors(weights, LAYOUT) == ((), weights)


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("snapshot.1", _codes().astype(np.int64)),
        ("snapshot.1", _codes()[:, :1]),
        ("snapshot.1", _codes()[0]),
        ("snapshot.1", _codes(0)),
        ("snapshot.1", _codes() + np.uint16(300)),
        ("snapshot.x", _codes()),
    ],
    ids=["type", "columns", "dimensions", "empty", "beyond", "step"],
)
def test_snapshots_that_rows_cannot_be_are_refused(name: str, codes: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"snapshot\.|'x'"):
        snapshots_from_tensors({name: codes}, LAYOUT)


def test_a_model_shows_rows_of_several_points_of_its_training(model: TabGAN, frame: pd.DataFrame) -> None:
    assert [snapshot.step for snapshot in model.snapshots] == [1, 2, 4, 6, 8, 10]
    for snapshot in model.snapshots:
        assert len(snapshot.rows) == 500
        assert snapshot.rows.dtypes.to_dict() == frame.dtypes.to_dict()
        assert snapshot.rows["height"].between(frame["height"].min(), frame["height"].max()).all()
    assert not model.snapshots[0].rows.equals(model.snapshots[-1].rows)


def test_snapshots_are_the_same_in_every_call_and_after_loading(model: TabGAN, tmp_path) -> None:
    model.save(tmp_path / "a.tabgan")
    again = TabGAN.load(tmp_path / "a.tabgan", device="cpu")
    for first, *others in zip(model.snapshots, model.snapshots, again.snapshots, strict=True):
        for other in others:
            assert first.step == other.step
            pd.testing.assert_frame_equal(first.rows, other.rows)


def test_a_damaged_snapshot_is_refused(model: TabGAN, tmp_path) -> None:
    model.save(tmp_path / "a.tabgan")
    content = artifact.load(tmp_path / "a.tabgan")
    tensors = {**content.tensors, "snapshot.4": np.zeros((5, 99), np.uint8)}
    artifact.save(artifact.Artifact(content.manifest, tensors), tmp_path / "bad.tabgan")
    with pytest.raises(ArtifactError, match=r"bad\.tabgan.*snapshot\.4"):
        TabGAN.load(tmp_path / "bad.tabgan", device="cpu")


def test_a_model_that_learnt_nothing_has_no_snapshots() -> None:
    with pytest.raises(NotFittedError):
        _ = TabGAN(device="cpu").snapshots
