"""The focal length that a picture's EXIF data tell, and when it is not believed."""

import numpy as np
import pytest
from PIL import ExifTags, Image

from sharpdepth_blender.engine.picture import read_picture
from tests.engine.camera_files import EXIF, camera_file

SHADES = np.random.default_rng(0).integers(0, 256, (8, 12, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("stored", "expected"), [(28, 28), (4000, 4000), (0, None), (1, None), (65535, None)]
)
def test_focal_length(tmp_path, stored, expected):
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.FocalLengthIn35mmFilm] = stored
    Image.fromarray(SHADES).save(tmp_path / "camera.jpg", exif=exif)
    assert read_picture(tmp_path / "camera.jpg").focal_35mm == expected


@pytest.mark.parametrize(
    ("size", "taken", "used"),
    [
        ((600, 400), (6000, 4000), True),  # resized
        ((601, 400), (6000, 4000), True),  # and rounded
        ((400, 600), (6000, 4000), True),  # turned by a program that left the numbers
        ((600, 400), (6016, 4016), True),  # a raw file's rim
        ((600, 338), (6000, 4000), False),  # cropped to 16:9
        ((400, 400), (6000, 4000), False),  # cropped to a square
        ((30, 20), (4000, 3000), False),
        ((31, 20), (6000, 4000), True),  # a thumbnail's rounding
        ((600, 400), (0, 4000), True),  # says nothing
    ],
)
@pytest.mark.parametrize("orientation", [1, 6])
def test_a_cropped_picture_has_no_focal_length(tmp_path, size, taken, used, orientation):
    tags = {
        EXIF.FocalLengthIn35mmFilm: 28, EXIF.ExifImageWidth: taken[0],
        EXIF.ExifImageHeight: taken[1],
    }  # fmt: skip
    picture = camera_file(tmp_path / "camera.jpg", size, tags, orientation)
    assert picture.focal_35mm == (28 if used else None)
    assert picture.notes == (
        []
        if used
        else [
            f"camera.jpg was cropped from {taken[0]} x {taken[1]} pixels, so the focal length in "
            "its EXIF data was not used."
        ]
    )


@pytest.mark.parametrize(
    ("unit", "resolution"), [(None, 6000 / 36 * 25.4), (2, 6000 / 36 * 25.4), (3, 6000 / 3.6),
                             (4, 6000 / 36), (5, 6000 / 36000)],
)  # fmt: skip
@pytest.mark.parametrize("stored", [None, 0, 65535])
def test_the_focal_length_by_the_sensor(tmp_path, unit, resolution, stored):
    tags = {
        EXIF.FocalLength: 50.0, EXIF.FocalPlaneXResolution: resolution,
        EXIF.FocalPlaneYResolution: resolution, EXIF.ExifImageWidth: 6000,
        EXIF.ExifImageHeight: 4000,
    }  # fmt: skip
    tags |= {} if unit is None else {EXIF.FocalPlaneResolutionUnit: unit}
    tags |= {} if stored is None else {EXIF.FocalLengthIn35mmFilm: stored}
    picture = camera_file(tmp_path / "camera.jpg", (60, 40), tags)
    assert picture.focal_35mm == pytest.approx(50, rel=1e-3)
    assert picture.notes == [
        "The focal length of camera.jpg was computed from the size of its sensor."
    ]


@pytest.mark.parametrize("change", [
    {EXIF.FocalLength: 0}, {EXIF.FocalPlaneXResolution: 0}, {EXIF.FocalPlaneXResolution: 65535},
    {EXIF.FocalPlaneResolutionUnit: 1}, {EXIF.ExifImageWidth: 0}, {EXIF.FocalLength: 65535},
    {EXIF.FocalPlaneXResolution: 72}, {EXIF.FocalLength: "fifty"}, {EXIF.FocalLength: (1, 2)},
])  # fmt: skip
def test_a_sensor_that_makes_no_sense(tmp_path, change):
    tags = {
        EXIF.FocalLength: 50.0, EXIF.FocalPlaneXResolution: 6000 / 36 * 25.4,
        EXIF.FocalPlaneResolutionUnit: 2, EXIF.ExifImageWidth: 6000, EXIF.ExifImageHeight: 4000,
    }  # fmt: skip
    picture = camera_file(tmp_path / "camera.jpg", (60, 40), tags | change)
    assert picture.focal_35mm is None


def test_damaged_exif_does_not_spoil_the_picture(tmp_path):
    Image.fromarray(SHADES).save(tmp_path / "camera.jpg", exif=b"Exif\0\0MM\0*\0\0\xff\xff\xff\xff")
    picture = read_picture(tmp_path / "camera.jpg")
    assert picture.rgb.shape == (8, 12, 3) and picture.focal_35mm is None
