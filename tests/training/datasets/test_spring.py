import numpy as np
import pytest

pytest.importorskip("PIL")
h5py = pytest.importorskip("h5py")

from training.datasets import DatasetError, open_dataset  # noqa: E402


@pytest.fixture
def spring(tmp_path, save_rgb):
    """Writes a frame, its disparity at twice the resolution given in the picture's pixels."""

    def add(disparity, sequence="0001", number=1):
        folder = tmp_path / "train" / sequence
        height, width = np.shape(disparity)
        rgb = save_rgb(folder / f"frame_left/frame_left_{number:04d}.png", height, width)
        stored = np.full((2 * height, 2 * width), 77, np.float32)
        stored[::2, ::2] = disparity
        path = folder / f"disp1_left/disp1_left_{number:04d}.dsp5"
        path.parent.mkdir(exist_ok=True)
        with h5py.File(path, "w") as file:
            file.create_dataset("disparity", data=stored, compression="gzip")
        (folder / "cam_data").mkdir(exist_ok=True)
        (folder / "cam_data/intrinsics.txt").write_text("1000 1100 960 540\n2000 2100 960 540\n")
        return rgb

    add.folder = tmp_path
    return add


def test_a_plane_at_five_meters(spring):
    disparity = np.full((3, 5), 1000 * 0.065 / 5)
    rgb = spring(disparity)
    (sample,) = open_dataset("spring", spring.folder)
    np.testing.assert_array_equal(sample.rgb, rgb)
    np.testing.assert_allclose(sample.depth, 5, rtol=1e-6)
    assert sample.depth.shape == (3, 5) and sample.depth.dtype == np.float32
    assert sample.valid.all()
    # (960, 540) is the middle of 1920 x 1080 with the first pixel's center at (0.5, 0.5).
    assert sample.intrinsics == (1000, 1100, 960, 540)


def test_the_second_frame_has_the_second_line(spring):
    spring(np.full((2, 4), 13.0))
    spring(np.full((2, 4), 13.0), number=2)
    first, second = open_dataset("spring", spring.folder)
    assert first.intrinsics[:2] == (1000, 1100) and second.intrinsics[:2] == (2000, 2100)
    np.testing.assert_allclose(first.depth * 2, second.depth)


def test_the_sky_the_unknown_and_the_range(spring):
    limit = 65 / 200  # the disparity of 200 m
    spring([[0, np.nan, limit, limit * 1.01, -1, np.inf]] * 2)
    (sample,) = open_dataset("spring", spring.folder)
    np.testing.assert_allclose(sample.depth[0], [200, 0, 200, 200 / 1.01, 0, 0], rtol=1e-6)
    assert sample.valid[0].tolist() == [0, 0, 0, 1, 0, 0]


def test_a_sequence_is_a_scene(spring):
    for sequence in ("0013", "0002"):
        spring(np.ones((3, 2)), sequence)
    dataset = open_dataset("spring", spring.folder)
    assert [sample.scene for sample in dataset] == ["0002", "0013"]
    assert [sample.name for sample in dataset] == ["0002/0001", "0013/0001"]


def test_missing_and_damaged_files_are_named(spring, cut):
    spring(np.ones((30, 50)))
    dataset = open_dataset("spring", spring.folder)
    path = spring.folder / "train/0001/disp1_left/disp1_left_0001.dsp5"
    cut(path)
    with pytest.raises(DatasetError, match="disp1_left_0001.dsp5 is damaged"):
        dataset[0]
    path.write_bytes(b"no HDF5")
    with pytest.raises(DatasetError, match="disp1_left_0001.dsp5 is damaged"):
        dataset[0]
    with h5py.File(path, "w") as file:
        file["flow"] = np.zeros((2, 2))
    with pytest.raises(DatasetError, match="disp1_left_0001.dsp5 is damaged.*disparity"):
        dataset[0]
    path.unlink()
    with pytest.raises(DatasetError, match="disp1_left_0001.dsp5 is missing"):
        dataset[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has 0 lines, none for frame 1"),
        ("1000 1100 960\n", "is damaged"),
        ("fx fy cx cy\n", "is damaged"),
    ],
)
def test_intrinsics_that_are_not(spring, text, message):
    spring(np.ones((3, 2)))
    (spring.folder / "train/0001/cam_data/intrinsics.txt").write_text(text)
    with pytest.raises(DatasetError, match=f"intrinsics.txt {message}"):
        open_dataset("spring", spring.folder)[0]


def test_disparity_that_is_no_map(spring):
    spring(np.ones((4, 6)))
    with h5py.File(spring.folder / "train/0001/disp1_left/disp1_left_0001.dsp5", "w") as file:
        file["disparity"] = np.ones((8, 12, 1), np.float32)
    with pytest.raises(DatasetError, match="is damaged.*expected a 2D disparity map"):
        open_dataset("spring", spring.folder)[0]


def test_disparity_of_the_pictures_own_size(spring):
    spring(np.ones((4, 6)))
    with h5py.File(spring.folder / "train/0001/disp1_left/disp1_left_0001.dsp5", "w") as file:
        file["disparity"] = np.ones((4, 6), np.float32)
    with pytest.raises(DatasetError, match="the picture is 6 x 4, but depth is 3 x 2"):
        open_dataset("spring", spring.folder)[0]
