import numpy as np
import pytest

pytest.importorskip("PIL")

from training.datasets import DatasetError, open_dataset  # noqa: E402

DAY, DRIVE = "2011_09_26", "2011_09_26_drive_0002_sync"
# As KITTI writes it: three rows of four, of which the fourth column does not matter here.
CALIBRATION = """calib_time: 09-Jan-2012 13:57:47
corner_dist: 9.950000e-02
S_rect_02: 1.242000e+03 3.750000e+02
P_rect_02: 7.2e+02 0.0e+00 6.095e+02 4.4e+01 0.0e+00 7.3e+02 1.725e+02 2.1e-01 0.0 0.0 1.0 2.7e-03
P_rect_03: 1.0e+02 0.0e+00 1.0e+02 4.4e+01 0.0e+00 1.0e+02 1.0e+02 2.1e-01 0.0 0.0 1.0 2.7e-03
"""


@pytest.fixture
def kitti(tmp_path, save_rgb, save_sixteen_bits):
    """A folder of drives with one frame each, by default with 5 m everywhere."""
    lines = []

    def add(size=(375, 1242), depth=5.0, drive=DRIVE, number=69, below=""):
        picture = f"{DAY}/{drive}/image_02/data/{number:010d}.png"
        truth = f"{drive}/proj_depth/groundtruth/image_02/{number:010d}.png"
        values = np.broadcast_to(np.asarray(depth) * 256, size)
        save_sixteen_bits(tmp_path / below / truth, values)
        rgb = save_rgb(tmp_path / picture, *size)
        lines.append(f"{picture} {truth} 721.5377")
        (tmp_path / "eigen_test_files_with_gt.txt").write_text("\n".join([*lines, ""]))
        (tmp_path / DAY / "calib_cam_to_cam.txt").write_text(CALIBRATION)
        return rgb

    add.folder, add.lines = tmp_path, lines
    return add


@pytest.mark.parametrize(
    ("size", "top", "left"), [((375, 1242), 23, 13), ((376, 1241), 24, 12), ((352, 1216), 0, 0)]
)
def test_the_benchmarks_crop(kitti, size, top, left):
    ramp = np.arange(size[0] * size[1]).reshape(size) % 20000 / 256
    rgb = kitti(size, ramp)
    (sample,) = open_dataset("kitti", kitti.folder)
    assert sample.rgb.shape == (352, 1216, 3) and sample.depth.dtype == np.float32
    np.testing.assert_array_equal(sample.rgb, rgb[top:, left : left + 1216])
    np.testing.assert_array_equal(sample.depth, ramp[top:, left : left + 1216])
    # KITTI's (609.5, 172.5) counts from the first pixel's center, which is (0.5, 0.5) here.
    assert sample.intrinsics == (720, 730, 609.5 + 0.5 - left, 172.5 + 0.5 - top)


def test_the_window_of_eigen_to_the_pixel(kitti):
    kitti()
    (sample,) = open_dataset("kitti", kitti.folder)
    rows, columns = np.nonzero(sample.valid)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (117, 320, 43, 1171)
    assert len(rows) == (321 - 117) * (1172 - 43)


def test_the_range(kitti):
    meters = np.full((352, 1216), 5.0)
    meters[200, 600:605] = 0, 1 / 256, 80 - 1 / 256, 80, 90
    kitti((352, 1216), meters)
    (sample,) = open_dataset("kitti", kitti.folder)
    np.testing.assert_array_equal(sample.depth[200, 600:605], meters[200, 600:605])
    assert sample.valid[200, 599:606].tolist() == [1, 0, 1, 1, 0, 0, 1]


def test_drives_are_scenes_and_pictures_without_depth_are_left_out(kitti):
    other = "2011_09_26_drive_0009_sync"
    kitti(below="val")
    kitti.lines.append(f"{DAY}/{other}/image_02/data/0000000000.png None 721.5377")
    kitti(drive=other, number=16, below="train")
    dataset = open_dataset("kitti", kitti.folder)
    assert [sample.scene for sample in dataset] == [DRIVE, other]
    assert dataset[1].name == f"{DAY}/{other}/image_02/data/0000000016.png"


def test_missing_files_are_named(kitti):
    with pytest.raises(DatasetError, match="eigen_test_files_with_gt.txt is missing"):
        open_dataset("kitti", kitti.folder)
    kitti()
    dataset = open_dataset("kitti", kitti.folder)
    for name in (
        f"{DAY}/calib_cam_to_cam.txt",
        f"{DAY}/{DRIVE}/image_02/data/0000000069.png",
        f"{DRIVE}/proj_depth/groundtruth/image_02/0000000069.png",
    ):
        path = kitti.folder / name
        path.rename(path.with_suffix(".away"))
        with pytest.raises(DatasetError, match=f"{path.name} is missing"):
            dataset[0]
        path.with_suffix(".away").rename(path)


def test_damaged_files_are_named(kitti, cut, save_rgb):
    kitti()
    dataset = open_dataset("kitti", kitti.folder)
    (kitti.folder / DAY / "calib_cam_to_cam.txt").write_text("P_rect_00: 1 2 3")
    with pytest.raises(DatasetError, match="calib_cam_to_cam.txt is damaged"):
        dataset[0]
    truth = kitti.folder / DRIVE / "proj_depth/groundtruth/image_02/0000000069.png"
    cut(truth)
    with pytest.raises(DatasetError, match="groundtruth.*is damaged"):
        dataset[0]
    save_rgb(truth, 375, 1242)
    with pytest.raises(DatasetError, match="expected 16-bit grayscale, got mode RGB"):
        dataset[0]


def test_a_picture_smaller_than_the_crop(kitti):
    kitti((351, 1216))
    with pytest.raises(DatasetError, match="1216 x 351, smaller than"):
        open_dataset("kitti", kitti.folder)[0]


def test_a_list_of_another_format(kitti):
    (kitti.folder / "eigen_test_files_with_gt.txt").write_text("0000000069.png 0000000069.npy\n")
    with pytest.raises(DatasetError, match="0000000069.png is not of the form day/drive/camera"):
        open_dataset("kitti", kitti.folder)


def test_an_empty_list(kitti):
    (kitti.folder / "eigen_test_files_with_gt.txt").write_text("\n")
    with pytest.raises(DatasetError, match="contains no picture with depth"):
        open_dataset("kitti", kitti.folder)
