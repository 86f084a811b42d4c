import json
from math import hypot

import numpy as np
import pytest

Image = pytest.importorskip("PIL.Image")
ExifTags = pytest.importorskip("PIL.ExifTags")

from training.datasets import DatasetError, Sample, open_dataset  # noqa: E402

CAMERA = {"fx": 50, "fy": 51, "cx": 6.5, "cy": 4, "width": 12, "height": 8}


def photograph(path, focal=None, orientation=None):
    exif = Image.Exif()
    if focal:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.FocalLengthIn35mmFilm] = focal
    if orientation:
        exif[ExifTags.Base.Orientation] = orientation
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (12, 8), "teal").save(path, exif=exif)


def test_pictures_of_all_kinds_at_any_depth(tmp_path):
    names = ["a/b/deep.jpeg", "a/one.JPG", "b.png", "c.tif", "d.webp", "e.bmp"]
    for name in names:
        photograph(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "._b.png").write_bytes(b"what a Mac leaves behind")
    (tmp_path / "folder.png").mkdir()
    photograph(tmp_path / ".thumbnails/b.png")
    dataset = open_dataset("pictures", tmp_path)
    assert [picture.name for picture in dataset] == names
    for picture in dataset:
        assert picture.rgb.shape == (8, 12, 3) and picture.rgb.dtype == np.uint8
        assert picture.intrinsics is None and not isinstance(picture, Sample)


def test_the_camera_of_exif_data(tmp_path):
    photograph(tmp_path / "lying.jpg", focal=28)
    photograph(tmp_path / "standing.jpg", focal=28, orientation=6)
    lying, standing = open_dataset("pictures", tmp_path)
    focal = 28 * hypot(12, 8) / hypot(36, 24)
    assert lying.intrinsics == pytest.approx((focal, focal, 6, 4))
    assert standing.rgb.shape == (12, 8, 3)
    assert standing.intrinsics == pytest.approx((focal, focal, 4, 6))


def test_the_nearest_camera_wins(tmp_path):
    for name in ("one.jpg", "two.jpg", "below/three.jpg"):
        photograph(tmp_path / name, focal=28)
    (tmp_path / "intrinsics.json").write_text(json.dumps(CAMERA))
    (tmp_path / "two.json").write_text(json.dumps(CAMERA | {"fx": 70.5}))
    three, one, two = open_dataset("pictures", tmp_path)
    assert one.intrinsics == (50, 51, 6.5, 4)
    assert two.intrinsics == (70.5, 51, 6.5, 4)
    assert three.intrinsics[2:] == (6, 4)  # of its EXIF data; the file lies in another folder


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (CAMERA | {"width": 8, "height": 12}, "is for 8 x 12 pixels, but one.jpg is 12 x 8"),
        (CAMERA | {"fx": -1}, "is damaged.*fx"),
        ({"fx": 50}, "is damaged.*fy"),
        (CAMERA | {"k1": 0.1}, "is damaged.*k1"),
        ([50, 51, 6, 4], "is damaged"),
    ],
)
def test_a_camera_that_does_not_fit(tmp_path, content, message):
    photograph(tmp_path / "one.jpg")
    (tmp_path / "one.json").write_text(json.dumps(content))
    with pytest.raises(DatasetError, match=f"one.json {message}"):
        open_dataset("pictures", tmp_path)


def test_what_a_training_would_stumble_on_is_told_before_it(tmp_path):
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        photograph(tmp_path / name, orientation=8)
    turned = CAMERA | {"width": 8, "height": 12}
    (tmp_path / "a.json").write_text(json.dumps(turned))
    assert open_dataset("pictures", tmp_path)[0].intrinsics == (50, 51, 6.5, 4)
    (tmp_path / "b.json").write_text(json.dumps(CAMERA))
    (tmp_path / "c.jpg").write_text("no picture")
    with pytest.raises(DatasetError, match=r"b.json is for 12 x 8 .*2 of 3 cannot be used"):
        open_dataset("pictures", tmp_path)


def test_a_damaged_picture_is_named(tmp_path, cut, save_rgb):
    save_rgb(tmp_path / "cut.png", 40, 50)
    cut(tmp_path / "cut.png")
    with pytest.raises(DatasetError, match="cut.png is damaged"):
        open_dataset("pictures", tmp_path)[0]


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(DatasetError, match="folder not found: .*nowhere"):
        open_dataset("pictures", tmp_path / "nowhere")


def test_a_folder_without_pictures(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(DatasetError, match="contains no picture"):
        open_dataset("pictures", tmp_path)
