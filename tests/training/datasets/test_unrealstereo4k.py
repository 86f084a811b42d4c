import numpy as np
import pytest

Image = pytest.importorskip("PIL.Image")

from training.datasets import DatasetError, open_dataset  # noqa: E402

K = "1920.000000 0.000000 1920.000000 0.000000 1930.000000 1080.000000 0.000000 0.000000 1.000000"


@pytest.fixture
def unreal(tmp_path):
    """Writes a picture with alpha, as the engine does, its disparity and both cameras."""

    def add(disparity, part="00008", number=0, baseline=0.5):
        folder = tmp_path / part
        height, width = np.shape(disparity)
        rgba = np.random.default_rng(1).integers(0, 256, (height, width, 4), np.uint8)
        for name in ("Image0", "Disp0", "Extrinsics0", "Extrinsics1"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        Image.fromarray(rgba).save(folder / f"Image0/{number:05d}.png")
        np.save(folder / f"Disp0/{number:05d}.npy", np.float32(disparity))
        # Both look 30 degrees aside, the second stands to the right of the first.
        cosine, sine = np.cos(np.pi / 6), np.sin(np.pi / 6)
        turn = np.array([[cosine, 0, -sine], [0, 1, 0], [sine, 0, cosine]])
        for camera, along in ((0, 0), (1, baseline)):
            position = np.array([3, 4, 5]) + turn[0] * along
            pose = np.column_stack([turn, -turn @ position])
            text = K + "\n" + " ".join(f"{value:.9f}" for value in pose.ravel()) + "\n"
            (folder / f"Extrinsics{camera}/{number:05d}.txt").write_text(text)
        return rgba[..., :3]

    add.folder = tmp_path
    return add


@pytest.mark.parametrize("baseline", [0.2, 0.5])
def test_a_plane_at_five_meters(unreal, baseline):
    rgb = unreal(np.full((3, 5), 1920 * baseline / 5), baseline=baseline)
    (sample,) = open_dataset("unrealstereo4k", unreal.folder)
    np.testing.assert_array_equal(sample.rgb, rgb)
    np.testing.assert_allclose(sample.depth, 5, rtol=1e-6)
    assert sample.depth.dtype == np.float32 and sample.valid.all()
    # (1920, 1080) is the middle of 3840 x 2160 with the first pixel's center at (0.5, 0.5).
    assert sample.intrinsics == (1920, 1930, 1920, 1080)


def test_of_part_00008_depth_is_960_over_disparity(unreal):
    disparity = np.linspace(8, 300, 21).reshape(3, 7)
    unreal(disparity)
    (sample,) = open_dataset("unrealstereo4k", unreal.folder)
    np.testing.assert_allclose(sample.depth, 960 / disparity, rtol=1e-6)


def test_the_sky_the_unknown_and_the_range(unreal):
    unreal([[0, 4.7, 4.9, np.nan, -1, np.inf]] * 2)
    (sample,) = open_dataset("unrealstereo4k", unreal.folder)
    np.testing.assert_allclose(sample.depth[1], [200, 200, 960 / 4.9, 0, 0, 0], rtol=1e-6)
    assert sample.valid[1].tolist() == [0, 0, 1, 0, 0, 0]


def test_a_part_is_a_scene(unreal):
    for part, number in (("00008", 3), ("00000", 1), ("00008", 0)):
        unreal(np.ones((2, 3)), part, number)
    dataset = open_dataset("unrealstereo4k", unreal.folder)
    assert [sample.scene for sample in dataset] == ["00000", "00008", "00008"]
    assert [sample.name for sample in dataset] == ["00000/00001", "00008/00000", "00008/00003"]


@pytest.mark.parametrize(
    "name", ["Disp0/00000.npy", "Extrinsics0/00000.txt", "Extrinsics1/00000.txt"]
)
def test_missing_and_damaged_files_are_named(unreal, cut, name):
    unreal(np.ones((20, 30)))
    dataset = open_dataset("unrealstereo4k", unreal.folder)
    path = unreal.folder / "00008" / name
    cut(path)
    with pytest.raises(DatasetError, match=f"{path.name} (is damaged|has .* numbers)"):
        dataset[0]
    path.write_bytes(b"neither numbers nor an array")
    with pytest.raises(DatasetError, match=f"{path.name} is damaged"):
        dataset[0]
    path.unlink()
    with pytest.raises(DatasetError, match=f"{path.name} is missing"):
        dataset[0]


def test_a_color_coded_map_is_refused(unreal):
    unreal(np.ones((3, 4)))
    np.save(unreal.folder / "00008/Disp0/00000.npy", np.ones((3, 4, 3)))
    with pytest.raises(DatasetError, match="00000.npy is damaged.*expected a 2D numeric array"):
        open_dataset("unrealstereo4k", unreal.folder)[0]
