import numpy as np
import pytest

pytest.importorskip("PIL")

from training.datasets import DatasetError, open_dataset
from training.scenes.frame import Frame, frame_path


def test_the_frames_of_a_split(tmp_path):
    frames = {}
    for seed, shape in ((12, (3, 5)), (3, (5, 3))):
        rng = np.random.default_rng(seed)
        rgb = rng.integers(0, 256, (*shape, 3), np.uint8)
        depth = rng.uniform(0.5, 40, shape).astype(np.float32)
        frames[f"{seed:07d}"] = Frame(rgb, depth, (4.0, 4.5, 2.5, 1.5), seed)
        path = frame_path(tmp_path, "test", seed)
        path.parent.mkdir(exist_ok=True)
        frames[f"{seed:07d}"].save(path)
    (tmp_path / "test/0000004.77.npz").write_bytes(b"left behind by an interrupted run")
    dataset = open_dataset("rendered", tmp_path / "test")
    assert [sample.name for sample in dataset] == ["0000003", "0000012"]
    for sample in dataset:
        frame = frames[sample.scene]
        np.testing.assert_array_equal(sample.rgb, frame.rgb)
        np.testing.assert_array_equal(sample.depth, frame.depth)
        assert sample.intrinsics == frame.intrinsics
        assert sample.valid.shape == frame.depth.shape and sample.valid.all()


def test_the_sky_is_not_valid(tmp_path):
    sky = np.eye(3, 5, dtype=bool)
    frame = Frame(np.zeros((3, 5, 3), np.uint8), np.ones((3, 5), np.float32), (4, 4, 2, 1), 1, sky)
    frame.save(tmp_path / "0000001.npz")
    np.testing.assert_array_equal(open_dataset("rendered", tmp_path)[0].valid, ~sky)


def test_a_damaged_frame_is_named(tmp_path):
    (tmp_path / "0000004.npz").write_bytes(b"no frame")
    with pytest.raises(DatasetError, match="0000004.npz is damaged"):
        open_dataset("rendered", tmp_path)[0]


def test_no_frames(tmp_path):
    with pytest.raises(DatasetError, match="contains no"):
        open_dataset("rendered", tmp_path)
