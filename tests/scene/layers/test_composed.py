"""Whoever reads a layer's picture gets what is painted on its clean plate as well."""

import json
import struct

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from sharpdepth_blender.scene.export import export_gltf  # noqa: E402
from sharpdepth_blender.scene.export.layer_picture import layer_light, layer_rgb  # noqa: E402
from sharpdepth_blender.scene.layers import (  # noqa: E402
    layer_frame,
    layer_objects,
    new_clean_plate,
    split_result,
)
from sharpdepth_blender.scene.move.layer_view import find_layer_views  # noqa: E402
from sharpdepth_blender.scene.move.source_view import taking_views  # noqa: E402
from sharpdepth_blender.scene.picture import image_values, replace_rgba  # noqa: E402
from tests.scene.layers.test_clean_plate import PAINT, dab, heart, middle  # noqa: E402
from tests.scene.layers.test_layers import MOVE, THRESHOLDS  # noqa: E402


@pytest.fixture(params=["RELIEF", "CARD"])
def layer(request, scene, make_result):
    result, _ = make_result()
    rig = split_result(scene, result, thresholds=THRESHOLDS, move=MOVE, kind=request.param)
    obj = layer_objects(rig)[0]
    dab(new_clean_plate(obj), [heart(obj)])
    return obj


def test_exports(layer, scene, tmp_path):
    light = layer_light(layer)
    painted = np.abs(light[..., :3] - PAINT).max(-1) < 6e-3
    assert painted.sum() == 9
    wanted = np.round(255 * (1.055 * np.array(PAINT) ** (1 / 2.4) - 0.055))
    assert (np.abs(layer_rgb(scene, layer)[painted].astype(int) - wanted) <= 1).all()
    images = set(bpy.data.images)
    export_gltf(tmp_path / "layers.glb", scene, [layer], [])
    assert set(bpy.data.images) == images
    content = (tmp_path / "layers.glb").read_bytes()
    (length,) = struct.unpack("<I", content[12:16])
    gltf = json.loads(content[20 : 20 + length])
    (picture,) = gltf["images"]
    view = gltf["bufferViews"][picture["bufferView"]]
    start = 28 + length + view.get("byteOffset", 0)
    (tmp_path / "picture.png").write_bytes(content[start : start + view["byteLength"]])
    image = bpy.data.images.load(str(tmp_path / "picture.png"))
    assert middle(image_values(image), layer_frame(layer))[2] == 9


def test_check_move_counts_what_is_painted(layer, scene):
    def invented():
        (view,) = [each for each in find_layer_views(taking_views(scene))[0] if each.obj == layer]
        assert view.intrinsics.width == layer_frame(layer).width
        return view

    before = invented()
    rows, columns = np.nonzero(before.invented)
    assert rows.size > 20
    plate = layer["sharpdepth_layer_clean"]
    values = np.array(image_values(plate))
    chosen = slice(0, rows.size // 2)
    values[rows[chosen], columns[chosen]] = (*PAINT, 1)
    values[rows[-1], columns[-1]] = (*(0.2 * each for each in PAINT), 0.2)  # hardly
    replace_rgba(plate, values)
    after = invented()
    assert before.invented.sum() - after.invented.sum() == rows.size // 2
    assert not (after.invented & ~before.invented).any()
