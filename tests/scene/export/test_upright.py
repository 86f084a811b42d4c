"""Textures of exported files lie as Blender shows them, whatever EXIF says of their orientation."""

import json
import struct
import zlib

import bpy
import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.scene import add_depth_result, frame_scene
from sharpdepth_blender.scene.export import export_gltf, export_usd
from sharpdepth_blender.scene.export.upright import without_orientation

WIDTH, HEIGHT = 48, 32
CAMERA = Intrinsics(50, 50, 24, 16, WIDTH, HEIGHT)


def exif(orientation, order):
    """A TIFF header with one directory: make, orientation and software."""
    entries = [(0x010F, 2, 4, b"Cam\0"), (0x0131, 2, 4, b"Pro\0")]
    number = struct.pack(order + "HH", orientation, 0)
    entries.insert(1, (0x0112, 3, 1, number))
    body = b"".join(struct.pack(order + "HHI", *entry[:3]) + entry[3] for entry in entries)
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    return head + struct.pack(order + "H", len(entries)) + body + bytes(4)


def turned_file(path, orientation, order=">"):
    """A picture that Blender has written, with an orientation; its bytes."""
    image = bpy.data.images.new("drawn", WIDTH, HEIGHT)
    v, u = np.mgrid[:HEIGHT, :WIDTH]
    values = np.stack([u / WIDTH, v / HEIGHT, 0 * u + 0.2, 0 * u + 1], -1).astype(np.float32)
    image.pixels.foreach_set(values.ravel())
    image.filepath_raw = str(path)
    image.file_format = "JPEG" if path.suffix == ".jpg" else "PNG"
    image.save()
    bpy.data.images.remove(image)
    content, block = path.read_bytes(), exif(orientation, order)
    if path.suffix == ".jpg":
        segment = b"Exif\0\0" + block
        content = (
            content[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + content[2:]
        )
    else:
        checked = b"eXIf" + block
        chunk = struct.pack(">I", len(block)) + checked + struct.pack(">I", zlib.crc32(checked))
        content = content[:33] + chunk + content[33:]
    path.write_bytes(content)
    return content


def is_upright(content):
    """Whether a file's EXIF data says so, in either byte order; it has to have some."""
    at = {order: content.find(struct.pack(order + "HHI", 0x0112, 3, 1)) for order in "<>"}
    ((order, start),) = ((order, place) for order, place in at.items() if place >= 0)
    return struct.unpack_from(order + "H", content, start + 8) == (1,)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_only_the_orientation_changes(suffix, orientation, order, tmp_path):
    content = turned_file(tmp_path / f"a.{suffix}", orientation, order)
    found = without_orientation(content)
    assert is_upright(found) and len(found) == len(content)
    if orientation == 1:
        assert found == content
    assert sum(one != other for one, other in zip(found, content, strict=True)) <= 5
    (tmp_path / f"b.{suffix}").write_bytes(found)
    image = bpy.data.images.load(str(tmp_path / f"b.{suffix}"))
    assert tuple(image.size) == (WIDTH, HEIGHT) and len(image.pixels)


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_what_breaks_off_or_is_something_else_stays(suffix, tmp_path):
    content = turned_file(tmp_path / f"a.{suffix}", 6)
    for length in (0, 1, 3, 20, 45, 60, 80, 100):
        assert len(without_orientation(content[:length])) == length
    assert without_orientation(b"nothing of ours") == b"nothing of ours"


@pytest.mark.parametrize("kind", ["glb", "usda"])
@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_an_exported_texture_is_as_shown(suffix, kind, scene, tmp_path):
    """The user's own image under a known camera, which Blender shows lying."""
    turned_file(tmp_path / f"plate.{suffix}", 6)
    image = bpy.data.images.load(str(tmp_path / f"plate.{suffix}"))
    assert tuple(image.size) == (WIDTH, HEIGHT)
    frame_scene(scene, CAMERA)
    depth = np.full((HEIGHT, WIDTH), 3, np.float32)
    obj = add_depth_result(scene, image, depth, depth, CAMERA, name="Plate")
    bpy.context.view_layer.update()
    path = tmp_path / f"out.{kind}"
    if kind == "glb":
        export_gltf(path, scene, [obj], [scene.camera])
        content = path.read_bytes()
        (length,) = struct.unpack_from("<I", content, 12)
        head = json.loads(content[20 : 20 + length])
        view = head["bufferViews"][head["images"][0]["bufferView"]]
        start = 28 + length + view.get("byteOffset", 0)
        texture = content[start : start + view["byteLength"]]
    else:
        export_usd(path, scene, [obj], [scene.camera])
        (file,) = (tmp_path / "textures").iterdir()
        texture = file.read_bytes()
    assert texture.startswith(b"\xff\xd8\xff" if suffix == "jpg" else b"\x89PNG")
    assert b"\x01\x12" not in texture and b"\x12\x01\x03\x00" not in texture or is_upright(texture)
