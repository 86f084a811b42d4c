"""Clean plates as a user has them: the buttons and the panel."""

import os
import time

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from sharpdepth_blender.scene.layers import (  # noqa: E402
    change,
    clean_files,
    clean_plate,
    layer_objects,
    layers_cut,
)
from sharpdepth_blender.scene.live import find_modifier  # noqa: E402
from sharpdepth_blender.scene.picture import image_values  # noqa: E402
from sharpdepth_blender.tasks import layer_update, queue  # noqa: E402
from tests.scene.layers.street_result import add_result  # noqa: E402
from tests.scene.layers.test_clean_plate import dab, heart  # noqa: E402

pytestmark = pytest.mark.usefixtures("addon")
tools = bpy.ops.sharpdepth


@pytest.fixture
def layer(layer, tmp_path):
    """In a file that has been saved."""
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    return layer


def test_a_plate_made_while_a_draft_shows_has_all_pixels(layer, monkeypatch):
    whole = tuple(layer["sharpdepth_layer_color"].size)
    monkeypatch.setattr(change, "_DRAFT", 24)
    monkeypatch.setattr(layer_update, "_in_background", lambda: False)
    monkeypatch.setattr(queue, "keep_ticking", lambda step: None)
    layer.sharpdepth_layer_settings.choke = 1
    queue._step()
    assert max(layer["sharpdepth_layer_color"].size) < max(whole)
    assert tools.new_clean_plate() == {"FINISHED"}
    assert tuple(clean_plate(layer).size) == tuple(layer["sharpdepth_layer_color"].size) == whole


def test_buttons_need_a_layer(layer):
    bpy.context.view_layer.objects.active = layer.parent
    assert not tools.new_clean_plate.poll() and not tools.paint_layer.poll()
    bpy.context.view_layer.objects.active = layer
    assert tools.new_clean_plate.poll() and not tools.save_clean_plate.poll()
    assert tools.new_clean_plate() == {"FINISHED"}
    assert tools.save_clean_plate.poll() and clean_plate(layer)


@pytest.mark.parametrize("kind", ["RELIEF", "CARD"])
def test_paint_layer_makes_it_the_canvas(layer, kind):
    layer.sharpdepth_layer_settings.kind = kind
    mode = bpy.context.scene.tool_settings.image_paint.mode
    assert tools.paint_layer() == {"FINISHED"}
    plate, settings = clean_plate(layer), bpy.context.scene.tool_settings.image_paint
    material = layer.data.materials[0]
    assert settings.canvas == plate and settings.mode == mode and layer.mode == "OBJECT"
    assert material.texture_paint_images[material.paint_active_slot] == plate
    slot = material.texture_paint_slots[material.paint_active_slot]
    assert slot.uv_layer == "Clean Plate"
    shown = layer.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    uvs = np.empty(2 * len(shown.loops), np.float32)
    shown.uv_layers["Clean Plate"].uv.foreach_get("vector", uvs)
    own = np.empty_like(uvs)
    shown.uv_layers["UVMap"].uv.foreach_get("vector", own)
    np.testing.assert_allclose(uvs, own, atol=1e-5)  # both have the same frame here
    layer.parent.sharpdepth_split.move *= 3
    assert tools.paint_layer() == {"FINISHED"}
    assert clean_plate(layer) == plate and len(layer.modifiers) == 1 + (kind == "RELIEF")


def test_reliefs_are_meshes_while_somebody_paints(layer):
    """Blender 5.2 crashes when it paints on faces that the live modifier makes."""
    rig, graph = layer.parent, bpy.context.evaluated_depsgraph_get()
    shown = layer.evaluated_get(graph).data
    faces, vertices = len(shown.polygons), len(shown.vertices)
    assert tools.paint_layer(texture_paint=True) == {"FINISHED"} and layer.mode == "TEXTURE_PAINT"
    assert (len(layer.data.polygons), len(layer.data.vertices)) == (faces, vertices)
    assert layer.data.materials[0] and not find_modifier(layer).show_viewport
    cut = layers_cut(rig)
    first, *others = cut.thresholds
    layer_update.update_layers(rig, cut.with_thresholds((0.8 * first, *others)))
    assert 0 < len(layer.data.polygons) != faces and not find_modifier(layer).show_viewport
    bpy.ops.object.mode_set(mode="OBJECT")
    layer_update.update_layers(rig, cut)
    assert len(layer.data.polygons) == 0 and find_modifier(layer).show_viewport
    assert len(layer.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.polygons) == faces
    assert tools.paint_layer(texture_paint=True) == {"FINISHED"}
    bpy.ops.object.mode_set(mode="OBJECT")
    layer_update.update_layers(
        rig, layers_cut(rig).with_layer(layer["sharpdepth_layer"], kind="CARD")
    )
    assert len(layer.data.polygons) == 1 and find_modifier(layer) is None
    result = bpy.data.objects["street depth mesh"]
    bpy.context.view_layer.objects.active = result
    assert tools.split_layers(count=3) == {"FINISHED"}  # nobody shaped it
    assert bpy.context.view_layer.objects.active == rig


def test_saving_asks_before_it_overwrites(layer):
    tools.new_clean_plate()
    plate = clean_plate(layer)
    dab(plate, [heart(layer)])
    assert tools.save_clean_plate() == {"FINISHED"} and not plate.is_dirty
    path = bpy.path.abspath(plate.filepath)
    with open(path, "ab") as file:
        file.write(b" ")
    dab(plate, [(0, 0)])
    assert clean_files.is_changed_outside(plate)
    assert tools.save_clean_plate() == {"FINISHED"}  # a script that says nothing keeps both
    assert bpy.path.abspath(plate.filepath) != path and open(path, "rb").read()[-1:] == b" "
    os.utime(bpy.path.abspath(plate.filepath), ns=(1, 1))
    assert tools.save_clean_plate(existing="OVERWRITE") == {"FINISHED"}
    assert len(os.listdir(os.path.dirname(path))) == 2


def test_a_file_that_is_there_is_used_where_that_is_wished(layer, tmp_path):
    tools.new_clean_plate()
    dab(clean_plate(layer), [heart(layer)])
    tools.save_clean_plate()
    values = np.array(image_values(clean_plate(layer)))
    second = layer.parent
    bpy.data.batch_remove([each for each in (*layer_objects(second), second)])
    bpy.context.view_layer.objects.active = bpy.data.objects["street depth mesh"]
    tools.split_layers(count=3)
    again = layer_objects(bpy.context.view_layer.objects.active)[0]
    bpy.context.view_layer.objects.active = again
    assert again.name == "street layer 1"
    assert tools.new_clean_plate(existing="USE") == {"FINISHED"}
    np.testing.assert_allclose(image_values(clean_plate(again)), values, atol=4e-5)
    assert os.listdir(tmp_path / "clean plates") == ["street layer 1.png"]


def test_reloading_discards_paint(layer):
    tools.new_clean_plate()
    dab(clean_plate(layer), [heart(layer)])
    assert tools.reload_clean_plate() == {"FINISHED"}
    assert not image_values(clean_plate(layer)).any()


def test_edit_externally(layer, tmp_path):
    editor = tmp_path / "editor.sh"
    editor.write_text(f'#!/bin/sh\necho "$1" > "{tmp_path}/opened"\n')
    editor.chmod(0o755)
    tools.new_clean_plate()
    dab(clean_plate(layer), [heart(layer)])
    paths = bpy.context.preferences.filepaths
    before, paths.image_editor = paths.image_editor, str(editor)
    try:
        assert tools.edit_clean_plate() == {"FINISHED"}
        assert not clean_plate(layer).is_dirty
        for _ in range(100):
            if (tmp_path / "opened").exists() and (tmp_path / "opened").read_text():
                break
            time.sleep(0.02)
        path = (tmp_path / "opened").read_text().strip()
        assert os.path.samefile(path, bpy.path.abspath(clean_plate(layer).filepath))
        os.remove(path)
        assert tools.edit_clean_plate() == {"FINISHED"} and os.path.isfile(path)
        paths.image_editor = str(tmp_path / "none")
        with pytest.raises(RuntimeError, match="Image editor could not be launched"):
            tools.edit_clean_plate()
    finally:
        paths.image_editor = before


def test_edit_externally_of_a_packed_one_asks_for_a_file():
    add_result()
    tools.split_layers(count=3)
    bpy.context.view_layer.objects.active = layer_objects(bpy.context.active_object)[0]
    tools.new_clean_plate()
    with pytest.raises(RuntimeError, match="is packed"):
        tools.edit_clean_plate()
