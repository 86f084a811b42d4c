"""Masks by hand as a user has them."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

import sharpdepth_blender as sharpdepth  # noqa: E402
from sharpdepth_blender.scene import SceneError  # noqa: E402
from sharpdepth_blender.scene.layers import (  # noqa: E402
    SHARE,
    LayerMask,
    mask_of,
)
from sharpdepth_blender.scene.layers.clean_files import write_values  # noqa: E402
from tests.scene.layers.test_masks import draw  # noqa: E402

pytestmark = pytest.mark.usefixtures("addon")
tools = bpy.ops.sharpdepth


def test_paint_mask_makes_it_the_canvas(layer):
    assert tools.paint_mask() == {"FINISHED"}
    image = bpy.context.scene.tool_settings.image_paint.canvas
    assert mask_of(layer.parent, 0) == LayerMask("PAINTED", image)
    material = layer.data.materials[0]
    slot = material.texture_paint_slots[material.paint_active_slot]
    assert material.texture_paint_images[material.paint_active_slot] == image
    assert slot.uv_layer == "Layer Mask"
    shown = layer.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    place, uvs = np.empty(3 * len(shown.vertices), "f4"), np.empty(2 * len(shown.loops), "f4")
    corners = np.empty(len(shown.loops), "i4")
    shown.vertices.foreach_get("co", place)
    shown.uv_layers["Layer Mask"].uv.foreach_get("vector", uvs)
    shown.loops.foreach_get("vertex_index", corners)
    x, y, z = place.reshape(-1, 3)[corners].T
    numbers = layer.parent["sharpdepth_layers_plate"]
    u = (x / -z * numbers["Focal Length X"] + numbers["Principal Point X"]) / numbers["Width"]
    np.testing.assert_allclose(uvs.reshape(-1, 2)[:, 0], u, atol=1e-5)
    assert tools.clear_mask() == {"FINISHED"} and mask_of(layer.parent, 0) is None
    assert not tools.clear_mask.poll()


def test_drawn_and_from_a_file(layer, tmp_path):
    assert not tools.draw_mask.poll()
    draw([(0, 0), (96, 0), (96, 27), (0, 27)], 96, 54)
    assert tools.draw_mask(mask="roto") == {"FINISHED"}
    assert layer[SHARE] == pytest.approx(0.5)
    matte = np.zeros((54, 96, 4), np.float32)
    matte[:, :24] = 1
    write_values(str(tmp_path / "matte.png"), matte, "sRGB")
    assert tools.open_mask(filepath=str(tmp_path / "matte.png")) == {"FINISHED"}
    assert layer[SHARE] == pytest.approx(0.25)
    with pytest.raises(RuntimeError, match="holds no cryptomatte|cannot be read"):
        tools.open_mask(filepath=str(tmp_path / "matte.png"), names="Cat")
    assert mask_of(layer.parent, 0).path == str(tmp_path / "matte.png")


def test_a_script_is_told_what_does_not_fit(layer, tmp_path):
    write_values(str(tmp_path / "square.png"), np.ones((9, 9, 4), np.float32), "sRGB")
    share = layer[SHARE]
    with pytest.raises(SceneError, match="9 x 9"):
        sharpdepth.set_layer_mask(layer, LayerMask("FILE", path=str(tmp_path / "square.png")))
    assert mask_of(layer.parent, 0) is None and layer[SHARE] == share
    with pytest.raises(SceneError, match="no layer"):
        sharpdepth.set_layer_mask(layer.parent, None)
