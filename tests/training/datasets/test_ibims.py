import numpy as np
import pytest

pytest.importorskip("PIL")
io = pytest.importorskip("scipy.io")

from training.datasets import DatasetError, open_dataset  # noqa: E402

HEIGHT, WIDTH = 5, 7


def fields():
    """What the struct of one picture holds, masks 1 where a pixel counts."""
    rng = np.random.default_rng(0)
    ones = np.ones((HEIGHT, WIDTH), np.uint8)
    return {
        "rgb": rng.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8),
        "depth": rng.uniform(1, 20, (HEIGHT, WIDTH)),
        "edges": np.eye(HEIGHT, WIDTH, dtype=np.uint8),
        "calib": np.array([[559.5, 0, 0], [0, 558.25, 0], [361.75, 242.0, 1]]),
        "mask_invalid": ones.copy(),
        "mask_transp": ones.copy(),
        "mask_wall": ones * 0,
        "mask_wall_paras": np.zeros((0, 4)),
    }


@pytest.fixture
def ibims(tmp_path):
    def add(name="corridor_01", **changes):
        data = fields() | changes
        (tmp_path / "ibims1_core_mat").mkdir(exist_ok=True)
        io.savemat(tmp_path / f"ibims1_core_mat/{name}.mat", {"data": data}, do_compression=True)
        with open(tmp_path / "imagelist.txt", "a", newline="") as file:
            file.write(f"{name}\r\n")
        return data

    add.folder = tmp_path
    return add


def test_a_picture(ibims):
    data = ibims()
    (sample,) = open_dataset("ibims", ibims.folder)
    np.testing.assert_array_equal(sample.rgb, data["rgb"])
    np.testing.assert_array_equal(sample.depth, data["depth"].astype(np.float32))
    np.testing.assert_array_equal(sample.edges, np.eye(HEIGHT, WIDTH, dtype=bool))
    assert sample.rgb.dtype == np.uint8 and sample.depth.dtype == np.float32
    assert sample.edges.dtype == bool and sample.valid.all()
    # The evaluation's columns run from 1, and MATLAB's K is transposed.
    assert sample.intrinsics == (559.5, 558.25, 361.25, 241.5)


def test_what_counts(ibims):
    data = fields()
    data["depth"][0, :3] = 0, 60, 1e-4
    data["mask_invalid"][1, 2] = 0
    data["mask_transp"][2, 3] = 0
    ibims(**data)
    (sample,) = open_dataset("ibims", ibims.folder)
    assert np.argwhere(~sample.valid).tolist() == [[0, 0], [1, 2], [2, 3]]


def test_a_kind_of_room_is_a_scene_in_the_order_of_the_list(ibims):
    for name in ("office_02", "corridor_10", "meetingroom_small_01", "corridor_02"):
        ibims(name)
    dataset = open_dataset("ibims", ibims.folder)
    assert [sample.scene for sample in dataset] == [
        "office", "corridor", "meetingroom_small", "corridor",
    ]  # fmt: skip
    assert dataset[1].name == "corridor_10"


def test_missing_and_damaged_files_are_named(ibims, cut):
    with pytest.raises(DatasetError, match="imagelist.txt is missing"):
        open_dataset("ibims", ibims.folder)
    ibims()
    path = ibims.folder / "ibims1_core_mat/corridor_01.mat"
    dataset = open_dataset("ibims", ibims.folder)
    cut(path)
    with pytest.raises(DatasetError, match="corridor_01.mat is damaged"):
        dataset[0]
    for content in ({"picture": 1}, {"data": 1}, {"data": {"depth": np.ones((2, 3))}}):
        io.savemat(path, content)
        with pytest.raises(DatasetError, match="corridor_01.mat is damaged"):
            dataset[0]
    path.unlink()
    with pytest.raises(DatasetError, match="corridor_01.mat is missing"):
        dataset[0]
