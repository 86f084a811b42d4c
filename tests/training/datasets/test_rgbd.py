import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("PIL")

from training.datasets import DatasetError, open_dataset  # noqa: E402

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
META = {
    "rgb": "rgb.png",
    "depth": "depth.png",
    "depth_scale_m": 0.001,
    "intrinsics": {"fx": 525.0, "fy": 526.0, "cx": 319.5, "cy": 239.5},
}


@pytest.fixture
def rgbd(tmp_path, save_rgb, save_sixteen_bits):
    """Writes a folder as META says, with changes."""

    def add(stored, name="desk", **changes):
        meta = META | changes
        folder = tmp_path / name
        rgb = save_rgb(folder / meta["rgb"], *np.shape(stored))
        if meta["depth"].endswith(".npy"):
            np.save(folder / meta["depth"], stored)
        else:
            save_sixteen_bits(folder / meta["depth"], stored)
        (folder / "meta.json").write_text(json.dumps(meta))
        return rgb

    add.folder = tmp_path
    return add


def test_sixteen_bits(rgbd):
    stored = np.arange(15).reshape(3, 5) * 4000
    rgb = rgbd(stored)
    (sample,) = open_dataset("rgbd", rgbd.folder)
    np.testing.assert_array_equal(sample.rgb, rgb)
    np.testing.assert_allclose(sample.depth, stored / 1000, rtol=1e-6)
    np.testing.assert_array_equal(sample.valid, stored > 0)
    assert sample.depth.dtype == np.float32 and sample.name == sample.scene == "desk"
    assert sample.intrinsics == (525, 526, 320, 240)


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.uint16, np.int64])
def test_arrays(rgbd, kind):
    stored = np.array([[0, 1, 2], [3, 4, 60]], kind)
    rgbd(stored, depth="depth.npy", depth_scale_m=0.5)
    (sample,) = open_dataset("rgbd", rgbd.folder)
    np.testing.assert_array_equal(sample.depth, [[0, 0.5, 1], [1.5, 2, 30]])
    assert sample.depth.dtype == np.float32
    assert sample.valid.tolist() == [[0, 1, 1], [1, 1, 1]]


def test_what_was_not_measured(rgbd):
    rgbd(np.array([[np.nan, np.inf, -np.inf], [-1, 0, 1.0]]), depth="depth.npy", depth_scale_m=1)
    (sample,) = open_dataset("rgbd", rgbd.folder)
    np.testing.assert_array_equal(sample.depth, [[0, 0, 0], [0, 0, 1]])
    assert np.argwhere(sample.valid).tolist() == [[1, 2]]


def test_a_range_and_no_camera(rgbd):
    rgbd([[0, 400, 401], [7999, 8000, 9000]], valid_range_m=[0.4, 8.0], intrinsics=None)
    (sample,) = open_dataset("rgbd", rgbd.folder)
    assert sample.valid.tolist() == [[0, 0, 1], [1, 0, 0]]
    assert sample.intrinsics is None


def test_folders_at_any_depth_and_those_without_depth_map(rgbd):
    for name in ("b/two", "a", "b/one"):
        rgbd(np.ones((2, 3)), name)
    (rgbd.folder / "plate").mkdir()
    (rgbd.folder / "plate/meta.json").write_text('{"rgb": "rgb.jpg", "depth": null}')
    assert [sample.scene for sample in open_dataset("rgbd", rgbd.folder)] == ["a", "b/one", "b/two"]


@pytest.mark.parametrize("lacking", ["rgb", "depth_scale_m", "intrinsics"])
def test_a_meta_that_lacks_something(rgbd, lacking):
    rgbd(np.ones((2, 3)))
    path = rgbd.folder / "desk/meta.json"
    path.write_text(json.dumps({key: value for key, value in META.items() if key != lacking}))
    with pytest.raises(DatasetError, match=f"meta.json is damaged.*{lacking}"):
        open_dataset("rgbd", rgbd.folder)[0]


@pytest.mark.parametrize(
    "changes",
    [{"depth_scale_m": None}, {"depth_scale_m": float("nan")}, {"valid_range_m": ["near", "far"]}],
)
def test_a_meta_that_makes_no_sense(rgbd, changes):
    rgbd(np.ones((2, 3)), **changes)
    with pytest.raises(DatasetError, match="meta.json is damaged"):
        open_dataset("rgbd", rgbd.folder)[0]


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", '{"depth": "x"'])
def test_a_meta_that_is_none(rgbd, text):
    (rgbd.folder / "meta.json").write_text(text)
    with pytest.raises(DatasetError, match="meta.json is damaged"):
        open_dataset("rgbd", rgbd.folder)


@pytest.mark.parametrize("name", ["rgb.png", "depth.png"])
def test_missing_and_damaged_files_are_named(rgbd, cut, name):
    rgbd(np.random.default_rng(0).integers(0, 9999, (30, 40)))
    dataset = open_dataset("rgbd", rgbd.folder)
    cut(rgbd.folder / "desk" / name)
    with pytest.raises(DatasetError, match=f"{name} is damaged"):
        dataset[0]
    (rgbd.folder / "desk" / name).unlink()
    with pytest.raises(DatasetError, match=f"{name} is missing"):
        dataset[0]


def test_depth_of_eight_bits_is_refused(rgbd, save_rgb):
    rgbd(np.ones((2, 3)))
    save_rgb(rgbd.folder / "desk/depth.png", 2, 3)
    with pytest.raises(DatasetError, match="depth.png is damaged.*expected 16-bit"):
        open_dataset("rgbd", rgbd.folder)[0]


@pytest.mark.skipif(not DATA.is_dir(), reason="no real pictures beside this repository")
def test_real_pictures():
    samples = {sample.name: sample for sample in open_dataset("rgbd", DATA)}
    assert len(samples) == 10 and not any(name.startswith("plates") for name in samples)
    for name, sample in samples.items():
        meta = json.loads((DATA / name / "meta.json").read_text())
        assert sample.rgb.shape == (480, 640, 3) and sample.rgb.std() > 10
        assert sample.valid.mean() == pytest.approx(meta["valid_fraction"], abs=2e-3)
        expected = [meta["depth_percentiles_m"][key] for key in ("p1", "p50", "p99")]
        measured = np.percentile(sample.depth[sample.valid], [1, 50, 99])
        np.testing.assert_allclose(measured, expected, atol=2e-3)
        assert sample.intrinsics[2] == meta["intrinsics"]["cx"] + 0.5
