import struct

import numpy as np
import pytest

pytest.importorskip("PIL")

from training.datasets import DatasetError, open_dataset  # noqa: E402

TAG = struct.pack("<f", 202021.25)
CAMERA = (1120.0, 0, 511.5, 0, 1130.0, 217.5, 0, 0, 1)
POSE = (1.0, 0, 0, 4, 0, 1, 0, 5, 0, 0, 1, 6)


@pytest.fixture
def sintel(tmp_path, save_rgb):
    """Writes a frame as the published archives unpack."""
    training = tmp_path / "training"

    def add(depth, sequence="alley_1", number=1):
        height, width = len(depth), len(depth[0])
        name = f"{sequence}/frame_{number:04d}"
        rgb = save_rgb(training / f"final/{name}.png", height, width)
        values = [value for row in depth for value in row]
        body = TAG + struct.pack(f"<2i{len(values)}f", width, height, *values)
        write(training / f"depth/{name}.dpt", body)
        write(training / f"camdata_left/{name}.cam", TAG + struct.pack("<21d", *CAMERA, *POSE))
        return rgb

    add.folder, add.training = tmp_path, training
    return add


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_a_frame(sintel):
    rgb = sintel([[1, 2, 3], [4, 5, 6.5]])
    (sample,) = open_dataset("sintel", sintel.folder)
    np.testing.assert_array_equal(sample.rgb, rgb)
    np.testing.assert_array_equal(sample.depth, [[1, 2, 3], [4, 5, 6.5]])
    assert sample.depth.dtype == np.float32 and sample.depth.flags.writeable
    assert sample.valid.all()
    # 511.5 is the middle of 1024 pixels counted from the first one's center.
    assert sample.intrinsics == (1120, 1130, 512, 218)
    assert all(type(value) is float for value in sample.intrinsics)


def test_the_range_and_the_sky(sintel):
    depth = [[0, 1e-3, 2e-3, 199, 200, 201, 1e10]] * 2
    sintel(depth)
    (sample,) = open_dataset("sintel", sintel.folder)
    np.testing.assert_array_equal(sample.depth, np.float32(depth))
    assert sample.valid[0].tolist() == [0, 0, 1, 1, 0, 0, 0]


def test_a_sequence_is_a_scene(sintel):
    for sequence, number in (("market_2", 1), ("alley_1", 10), ("alley_1", 9)):
        sintel(np.ones((3, 2)) * number, sequence, number)
    dataset = open_dataset("sintel", sintel.folder)
    assert [sample.scene for sample in dataset] == ["alley_1", "alley_1", "market_2"]
    names = [sample.name for sample in dataset]
    assert names == ["alley_1/frame_0009", "alley_1/frame_0010", "market_2/frame_0001"]
    assert [sample.depth[0, 0] for sample in dataset] == [9, 10, 1]


@pytest.mark.parametrize("suffix", ["depth/alley_1/frame_0001.dpt", "camdata_left/*/*.cam"])
def test_files_that_are_missing_cut_or_something_else(sintel, suffix):
    sintel(np.ones((3, 5)))
    (path,) = sintel.training.glob(suffix)
    content, dataset = path.read_bytes(), open_dataset("sintel", sintel.folder)
    for size in (0, 3, 4, 10, len(content) - 1, len(content) - 8):
        path.write_bytes(content[:size])
        with pytest.raises(DatasetError, match=f"{path.name} is damaged"):
            dataset[0]
    path.write_bytes(content + bytes(8))
    with pytest.raises(DatasetError, match=f"{path.name} is damaged"):
        dataset[0]
    path.write_bytes(struct.pack(">f", 202021.25) + content[4:])
    with pytest.raises(DatasetError, match="expected the tag 202021.25"):
        dataset[0]
    path.unlink()
    with pytest.raises(DatasetError, match=f"{path.name} is missing"):
        dataset[0]


def test_depth_of_another_size(sintel, save_rgb):
    sintel(np.ones((3, 5)))
    save_rgb(sintel.training / "final/alley_1/frame_0001.png", 5, 3)
    with pytest.raises(DatasetError, match="alley_1/frame_0001: the picture is 3 x 5"):
        open_dataset("sintel", sintel.folder)[0]


def test_another_folder_says_what_it_lacks(tmp_path):
    with pytest.raises(DatasetError, match=r"contains no training/final/\*/frame_\*\.png"):
        open_dataset("sintel", tmp_path)
