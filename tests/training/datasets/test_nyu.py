import numpy as np
import pytest

pytest.importorskip("PIL")
h5py = pytest.importorskip("h5py")
io = pytest.importorskip("scipy.io")

from training.datasets import DatasetError, open_dataset  # noqa: E402

SCENES = ["kitchen_0004", "bedroom_0011", "bedroom_0011"]


@pytest.fixture
def nyu(tmp_path):
    """Three pictures, of which the first and the last are tested, as MATLAB writes them."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (480, 640, 3, 3), np.uint8)  # H x W x 3 x N in MATLAB
    raw = rng.uniform(0.5, 9, (480, 640, 3)).astype(np.float32)
    raw[100, 100:106, 2] = 0, 1e-3, 2e-3, 9.99, 10, 11
    # MATLAB stores the first index fastest, HDF5 the last: every array is turned round.
    with h5py.File(tmp_path / "nyu_depth_v2_labeled.mat", "w", userblock_size=512) as file:
        file["images"] = images.T
        file["rawDepths"] = raw.T
        file["depths"] = np.full_like(raw, 3).T  # holes painted over, which is no measurement
        letters = [np.frombuffer(name.encode(), np.uint8) for name in SCENES]
        for number, name in enumerate(letters):
            file[f"#refs#/{number}"] = name.astype(np.uint16)[:, None]
        references = [file[f"#refs#/{number}"].ref for number in range(len(SCENES))]
        file.create_dataset("scenes", data=[references], dtype=h5py.ref_dtype)
    numbers = {"testNdxs": np.array([[1], [3]], np.uint16), "trainNdxs": np.array([[2]])}
    io.savemat(tmp_path / "splits.mat", numbers)
    return tmp_path, images, raw


def test_the_test_split_upright(nyu):
    folder, images, raw = nyu
    dataset = open_dataset("nyu", folder)
    assert [sample.name for sample in dataset] == ["0001", "0003"]
    assert [sample.scene for sample in dataset] == ["kitchen_0004", "bedroom_0011"]
    for sample, index in zip(dataset, (0, 2), strict=True):
        assert sample.rgb.shape == (480, 640, 3) and sample.depth.dtype == np.float32
        np.testing.assert_array_equal(sample.rgb, images[..., index])
        np.testing.assert_array_equal(sample.depth, raw[..., index])


def test_the_window_of_eigen_to_the_pixel(nyu):
    sample = open_dataset("nyu", nyu[0])[0]
    rows, columns = np.nonzero(sample.valid)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (45, 470, 41, 600)
    assert len(rows) == 426 * 560


def test_the_range(nyu):
    sample = open_dataset("nyu", nyu[0])[1]
    assert sample.valid[100, 99:107].tolist() == [1, 0, 0, 1, 1, 0, 0, 1]


def test_the_toolbox_projects_to_the_same_pixel(nyu):
    """rgb_plane2rgb_world.m: x = (column - cx) z / fx, with the first column 1."""
    fx, fy, cx, cy = open_dataset("nyu", nyu[0])[0].intrinsics
    column, row, z = 7, 11, 2.5  # counted from 1; their centers are 6.5 and 10.5 here
    assert (6.5 - cx) * z / fx == pytest.approx((column - 325.58244941119034) * z / 518.85790117450)
    assert (10.5 - cy) * z / fy == pytest.approx((row - 253.73616633400465) * z / 519.46961112127)


def test_missing_files_are_named(nyu):
    dataset = open_dataset("nyu", nyu[0])
    (nyu[0] / "nyu_depth_v2_labeled.mat").unlink()
    with pytest.raises(DatasetError, match="nyu_depth_v2_labeled.mat is missing"):
        dataset[0]
    (nyu[0] / "splits.mat").unlink()
    with pytest.raises(DatasetError, match="splits.mat is missing"):
        open_dataset("nyu", nyu[0])


def test_damaged_files_are_named(nyu, cut):
    dataset = open_dataset("nyu", nyu[0])
    cut(nyu[0] / "nyu_depth_v2_labeled.mat")
    with pytest.raises(DatasetError, match="nyu_depth_v2_labeled.mat is damaged"):
        dataset[0]
    io.savemat(nyu[0] / "splits.mat", {"trainNdxs": [1]})
    with pytest.raises(DatasetError, match="splits.mat is damaged.*testNdxs"):
        open_dataset("nyu", nyu[0])
    for size in (0, 60, 150):
        (nyu[0] / "splits.mat").write_bytes((nyu[0] / "splits.mat").read_bytes()[:size])
        with pytest.raises(DatasetError, match="splits.mat is damaged"):
            open_dataset("nyu", nyu[0])


def test_a_number_beyond_the_last(nyu):
    io.savemat(nyu[0] / "splits.mat", {"testNdxs": [4]})
    with pytest.raises(DatasetError, match="nyu_depth_v2_labeled.mat is damaged"):
        open_dataset("nyu", nyu[0])[0]
