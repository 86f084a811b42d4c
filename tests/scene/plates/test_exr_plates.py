"""Film's EXR plates: values above 1, windows of data, and chromaticities."""

import struct

import bpy
import numpy as np
import pytest

from sharpdepth_blender.scene import show_plain_colors
from sharpdepth_blender.scene.plates import read_image

FRAME = (0, 0, 15, 11)
AP1 = (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767)
REC709 = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)


def write(path, data=FRAME, chromaticities=None):
    """An uncompressed RGB EXR, by its description; red is the column, green the row, blue 0.25."""

    def attribute(name, kind, value):
        return name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<i", len(value)) + value

    v, u = np.mgrid[data[1] : data[3] + 1, data[0] : data[2] + 1]
    planes = np.stack([np.full(u.shape, 0.25), v / 8, u / 8], axis=1).astype("<f4")
    channels = b"".join(
        name + b"\0" + struct.pack("<iB3xii", 2, 0, 1, 1) for name in (b"B", b"G", b"R")
    )
    head = struct.pack("<ii", 20000630, 2) + attribute("channels", "chlist", channels + b"\0")
    head += attribute("compression", "compression", b"\0") + attribute(
        "lineOrder", "lineOrder", b"\0"
    )
    head += attribute("dataWindow", "box2i", struct.pack("<4i", *data))
    head += attribute("displayWindow", "box2i", struct.pack("<4i", *FRAME))
    head += attribute("pixelAspectRatio", "float", struct.pack("<f", 1))
    head += attribute("screenWindowCenter", "v2f", bytes(8))
    head += attribute("screenWindowWidth", "float", struct.pack("<f", 1))
    if chromaticities:
        packed = struct.pack("<8f", *chromaticities)
        head += attribute("chromaticities", "chromaticities", packed)
    head += b"\0"
    rows = [
        struct.pack("<ii", data[1] + n, 12 * u.shape[1]) + row.tobytes()
        for n, row in enumerate(planes)
    ]
    starts = len(head) + 8 * len(rows) + np.cumsum([0, *map(len, rows[:-1])])
    path.write_bytes(head + starts.astype("<u8").tobytes() + b"".join(rows))
    return bpy.data.images.load(str(path))


@pytest.mark.parametrize("data, size", [
    (FRAME, None), ((-4, -2, 19, 13), (24, 16)), ((4, 2, 11, 8), (8, 7)),
    ((4, 2, 19, 13), (16, 12)),
])  # fmt: skip
def test_pixels_beside_the_frame_are_noted(data, size, tmp_path, scene):
    """Blender shows the data window as the picture, behind the camera and on the mesh."""
    show_plain_colors(scene)
    plate = read_image(write(tmp_path / "plate.exr", data), scene)
    assert plate.rgb.shape[1::-1] == (size or (16, 12))
    expected = [
        f"plate.exr has pixels of {size[0]} x {size[1]} for a frame of 16 x 12; Blender shows all "
        "of them as the picture, and so it was taken."
    ] if size else []  # fmt: skip
    assert list(plate.notes) == expected
    assert plate.texture is not None
    # Values above 1 are white and those below 0 black, in the order of the file.
    u = np.arange(data[0], data[2] + 1).clip(0, 8) / 8
    code = np.where(u <= 0.0031308, 12.92 * u, 1.055 * u ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(plate.rgb[0, :, 0], np.rint(255 * code), atol=1)


@pytest.mark.parametrize("colors, space, said", [
    (AP1, None, "its colors are ACEScg, but Blender takes them for Linear Rec.709: choose"),
    (AP1, "ACEScg", None),
    (REC709, None, None),
    (REC709, "ACEScg", "its colors are Linear Rec.709, but Blender takes them for ACEScg"),
    ((0.7, 0.3, 0.2, 0.7, 0.1, 0.1, 0.31, 0.33), None, "its colors are of its own primaries"),
])  # fmt: skip
def test_colors_that_blender_does_not_heed_are_noted(colors, space, said, tmp_path, scene):
    image = write(tmp_path / "plate.exr", chromaticities=colors)
    if space:
        image.colorspace_settings.name = space
    notes = read_image(image, scene).notes
    assert len(notes) == bool(said) and all(said in note for note in notes)


def test_a_broken_header_is_not_our_concern(tmp_path, scene):
    from sharpdepth_blender.scene.exr_layout import read_attributes

    write(tmp_path / "plate.exr", chromaticities=AP1)
    content = (tmp_path / "plate.exr").read_bytes()
    for length in (0, 3, 9, 60, 200):
        (tmp_path / "cut.exr").write_bytes(content[:length])
        assert read_attributes(tmp_path / "cut.exr") == {}
    assert read_attributes(tmp_path / "nothing.exr") == {}
