import os

import bpy
import numpy as np
import pytest

from sharpdepth_blender.scene import CameraError, SaveError, render_view, save_blend
from sharpdepth_blender.scene.picture import image_values


def view(path):
    """Render a noise that no PNG makes small."""
    scene = bpy.context.scene
    world = bpy.data.worlds.new("Noise")
    scene.world = world
    if world.node_tree is None:
        world.use_nodes = True
    nodes = world.node_tree.nodes
    noise = nodes.new("ShaderNodeTexWhiteNoise")
    place = nodes.new("ShaderNodeTexCoord")
    background = next(node for node in nodes if node.type == "BACKGROUND")
    world.node_tree.links.new(place.outputs["Window"], noise.inputs["Vector"])
    world.node_tree.links.new(noise.outputs["Color"], background.inputs["Color"])
    render_view(scene, path, size=(256, 192), samples=1)


def test_save_twice_without_litter(tmp_path):
    path = tmp_path / "a.blend"
    for _ in range(3):
        bpy.data.objects.new("Kept", None).use_fake_user = True
        save_blend(path)
    assert os.listdir(tmp_path) == ["a.blend"]
    assert bpy.data.filepath == ""  # a copy: the session edits what it edited before
    bpy.ops.wm.open_mainfile(filepath=str(path))
    assert "Kept" in bpy.data.objects


def test_missing_folder_and_folder_for_a_file(tmp_path):
    with pytest.raises(SaveError, match="does not exist"):
        save_blend(tmp_path / "none" / "a.blend")
    with pytest.raises(SaveError, match="is a folder"):
        save_blend(tmp_path)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("limit", [1, 5000, 50_000])
@pytest.mark.parametrize("write", [save_blend, view])
def test_a_full_disk_leaves_the_old_file(write, limit, tmp_path, add_camera, full_disk):
    add_camera()
    path = tmp_path / "a.file"
    path.write_text("old")
    with full_disk(limit):
        with pytest.raises(SaveError, match="cannot be written"):
            write(path)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.file"]


def test_a_view_needs_a_camera(scene, tmp_path):
    with pytest.raises(CameraError, match="no camera"):
        render_view(scene, tmp_path / "a.png")


def test_a_view_changes_nothing(scene, add_camera, tmp_path):
    camera = add_camera()
    scene.render.filepath = "//mine_"
    scene.render.resolution_x = 321
    before = (
        scene.render.engine,
        scene.render.image_settings.file_format,
        scene.view_settings.view_transform,
    )
    render_view(scene, tmp_path / "a.png", size=(8, 6), offset=(1, 0, 0), samples=1)
    with pytest.raises(SaveError, match="does not exist"):
        render_view(scene, tmp_path / "none" / "a.png", size=(8, 6), samples=1)
    assert os.listdir(tmp_path) == ["a.png"]
    assert before == (
        scene.render.engine,
        scene.render.image_settings.file_format,
        scene.view_settings.view_transform,
    )
    assert (scene.render.filepath, scene.render.resolution_x) == ("//mine_", 321)
    assert scene.camera is camera and len(bpy.data.scenes) == 1
    assert len(bpy.data.objects) == 1 and len(bpy.data.cameras) == 1
    picture = bpy.data.images.load(str(tmp_path / "a.png"))
    assert tuple(picture.size) == (8, 6)
    np.testing.assert_allclose(image_values(picture)[..., :3] * 255, 124, atol=0.1)  # a gray void
    assert len(bpy.data.worlds) == 0
