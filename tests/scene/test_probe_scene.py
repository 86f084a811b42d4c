"""Whatever the user's scene renders besides, a probe tells what its own camera sees."""

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.scene import render_view
from sharpdepth_blender.scene.isolated_scene import isolated_scene
from sharpdepth_blender.scene.material import picture_material
from sharpdepth_blender.scene.move import check_move
from sharpdepth_blender.scene.picture import image_values
from sharpdepth_blender.scene.projection.occlusion import seen_depth

CAMERA = Intrinsics.from_fov(60, 61, 41)


@pytest.fixture
def card(scene, add_camera):
    """A square of half the frame's height, four units before the scene's camera."""
    mesh = bpy.data.meshes.new("Card")
    mesh.from_pydata([(-1, -1, -4), (1, -1, -4), (1, 1, -4), (-1, 1, -4)], [], [(0, 1, 2, 3)])
    obj = bpy.data.objects.new("Card", mesh)
    scene.collection.objects.link(obj)
    scene.render.resolution_x, scene.render.resolution_y = CAMERA.width, CAMERA.height
    add_camera(angle=np.radians(60))
    return obj


def turned_away(scene):
    camera = bpy.data.objects.new("Away", bpy.data.cameras.new("Away"))
    scene.collection.objects.link(camera)
    camera.rotation_euler = (0, np.pi, 0)
    scene.timeline_markers.new("Cut", frame=0).camera = camera


def stamped(scene):
    scene.render.use_stamp = True


def layered(scene):
    scene.view_layers.new("Second").use = True
    scene.view_layers[0].use = False
    scene.view_layers[0].layer_collection.exclude = True


def foggy(scene):
    scene.world = world = bpy.data.worlds.new("Fog")
    if world.node_tree is None:
        world.use_nodes = True
    nodes = world.node_tree.nodes
    output = next(node for node in nodes if node.type == "OUTPUT_WORLD")
    fog = nodes.new("ShaderNodeVolumePrincipled")
    fog.inputs["Density"].default_value = 1
    world.node_tree.links.new(fog.outputs[0], output.inputs["Volume"])


@pytest.mark.parametrize("change", [turned_away, stamped, layered, foggy])
def test_depth_whatever_else_the_scene_renders(change, scene, card):
    change(scene)
    blocks = {kind: set(getattr(bpy.data, kind)) for kind in ("scenes", "objects", "worlds")}
    depth = seen_depth(scene, CAMERA, Matrix(), (0.1, 100))
    assert depth.shape == (41, 61) and depth[20, 30] == pytest.approx(4, rel=1e-5)
    assert set(np.unique(depth > 0).tolist()) == {False, True}
    assert (depth > 0).mean() == pytest.approx((2 * CAMERA.fx / 4) ** 2 / (41 * 61), abs=0.03)
    assert blocks == {kind: set(getattr(bpy.data, kind)) for kind in blocks}


def test_no_fog_hides_a_hole(scene, card):
    (clear,) = check_move(scene, [1])[0].frames
    foggy(scene)
    (found,) = check_move(scene, [1])[0].frames
    assert found == clear and 0.5 < clear.hole < 0.95
    output = scene.world.node_tree.get_output_node("ALL")
    assert output.inputs["Volume"].is_linked


def test_a_view_is_the_scene_s_own_camera_s(scene, card, tmp_path):
    camera = scene.camera
    turned_away(scene)
    scene.camera = camera  # a marker of the user's takes it when it is set
    card.data.materials.append(picture_material("No Picture", None))
    render_view(scene, tmp_path / "view.png", samples=1)
    image = bpy.data.images.load(str(tmp_path / "view.png"))
    values = image_values(image)[..., 1]
    assert values[20, 30] < 0.01 and values[0, 0] > 0.4


def test_a_bare_scene_has_what_is_asked_for_alone(scene, card):
    inside = bpy.data.collections.new("Inside")
    scene.collection.children.link(inside)
    inside.objects.link(bpy.data.objects.new("Other", None))
    scene.view_layers[0].layer_collection.children["Inside"].exclude = True
    scene.frame_set(5)
    with isolated_scene(scene, [bpy.data.objects["Other"]] * 2) as bare:
        bare.frame_set(9)
        assert [obj.name for obj in bare.view_layers[0].objects] == ["Other"]
        assert scene.frame_current == 5 and "Card" in scene.objects
    assert len(bpy.data.scenes) == 1
