"""What is baked to a texture looks like what is projected, and an exporter understands it."""

import json

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.scene import add_depth_result, camera_intrinsics, camera_matrix
from sharpdepth_blender.scene.live import find_modifier
from sharpdepth_blender.scene.material import set_lit
from sharpdepth_blender.scene.modifier import get_input
from sharpdepth_blender.scene.picture import image_values
from sharpdepth_blender.scene.projection import (
    ProjectionError,
    add_projection,
    bake_projection,
    baking,
)
from tests.scene.projection import projection_scene

AHEAD = Matrix.Rotation(np.pi / 2, 4, "X")


@pytest.fixture
def camera(scene, add_camera):
    camera = add_camera(lens=31.177)
    camera.matrix_world = AHEAD
    scene.render.resolution_x, scene.render.resolution_y = 60, 40
    bpy.context.view_layer.update()
    return camera


def box(scene, place, half=1.0):
    corners = [(x * half, y * half, z * half) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    mesh = bpy.data.meshes.new("Box")
    mesh.from_pydata(corners, [], faces)
    obj = bpy.data.objects.new("Box", mesh)
    scene.collection.objects.link(obj)
    obj.location = place
    obj.rotation_euler = (0.2, 0.1, 0.6)
    bpy.context.view_layer.update()
    return obj


def ramp(name="Ramp", size=(60, 40), is_float=False):
    """A picture that is red to the right and green to the top."""
    width, height = size
    image = bpy.data.images.new(name, width, height, float_buffer=is_float)
    values = np.ones((height, width, 4), np.float32)
    values[..., 0] = np.linspace(0.2, 0.9, width) * (3 if is_float else 1)
    values[..., 1] = np.linspace(0.2, 0.9, height)[:, None]
    values[..., 2] = 0.3
    image.pixels.foreach_set(values.ravel())
    return image


def test_baked_agrees_with_projected(scene, camera, tmp_path):
    obj = box(scene, (0.2, 5, 0.1))
    intrinsics, matrix = camera_intrinsics(scene, camera), camera_matrix(scene, camera)
    add_projection(scene, [obj], ramp(), intrinsics, matrix, name="Ramp")
    before = {kind: len(getattr(bpy.data, kind)) for kind in ("objects", "scenes", "meshes")}
    selected, active = list(bpy.context.selected_objects), bpy.context.view_layer.objects.active
    views = {}
    for aside in (0.0, 0.8):
        camera.matrix_world = matrix @ Matrix.Translation((aside, 0, 0))
        views[aside] = projection_scene.render(scene, tmp_path / "projected.png")
    material = bake_projection(scene, obj, 256)
    assert before == {kind: len(getattr(bpy.data, kind)) for kind in before}
    assert selected == list(bpy.context.selected_objects)
    assert active == bpy.context.view_layer.objects.active
    assert [layer.name for layer in obj.data.uv_layers] == ["UVMap"]
    assert obj.material_slots[0].material == material
    image = bpy.data.images["Box Baked"]
    assert image.packed_file and tuple(image.size) == (256, 256) and not image.is_float
    alpha = image_values(image)[..., 3]
    assert 0.05 < alpha.mean() < 0.6  # half of its faces are turned away
    for aside, projected in views.items():
        camera.matrix_world = matrix @ Matrix.Translation((aside, 0, 0))
        baked = projection_scene.render(scene, tmp_path / "baked.png")
        off = np.abs(baked - projected).max(-1)
        assert np.percentile(off, 90) <= 4, aside  # the rest are edges of paint
        assert off[projected.max(-1) < 200].mean() < 10


def test_a_uv_map_of_the_users_is_taken(scene, camera):
    obj = box(scene, (0, 5, 0))
    layer = obj.data.uv_layers.new(name="Mine")
    values = np.random.default_rng(0).random(2 * len(layer.uv)).astype(np.float32)
    layer.uv.foreach_set("vector", values)
    add_projection(scene, [obj], ramp(), Intrinsics.from_fov(60, 60, 40), AHEAD, name="Ramp")
    material = bake_projection(scene, obj, 64)
    after = np.empty_like(values)
    obj.data.uv_layers["Mine"].uv.foreach_get("vector", after)
    assert len(obj.data.uv_layers) == 1 and np.array_equal(values, after)
    node = next(node for node in material.node_tree.nodes if node.type == "UVMAP")
    assert node.uv_map == "Mine"


def test_the_new_uv_map_has_no_overlaps(scene, camera):
    obj = box(scene, (0, 5, 0))
    obj.data.polygons[2].hide = True
    add_projection(scene, [obj], ramp(), Intrinsics.from_fov(60, 60, 40), AHEAD, name="Ramp")
    bake_projection(scene, obj, 64, assign=False)
    uvs = np.empty(2 * len(obj.data.loops), np.float32)
    obj.data.uv_layers[0].uv.foreach_get("vector", uvs)
    quads = uvs.reshape(-1, 4, 2)
    assert quads.min() >= 0 and quads.max() <= 1
    low, high = quads.min(1), quads.max(1)
    for one in range(len(quads)):
        for two in range(one):
            apart = (low[one] >= high[two] - 1e-4) | (low[two] >= high[one] - 1e-4)
            assert apart.any(), (one, two)
    assert obj.data.polygons[2].hide and obj.mode == "OBJECT"


def test_a_live_result_and_a_float_picture(scene, camera, tmp_path):
    depth = np.full((40, 60), 3, np.float32)
    rgb = np.zeros((40, 60, 3), np.uint8)
    intrinsics = Intrinsics.from_fov(60, 60, 40)
    obj = add_depth_result(scene, rgb, depth, depth, intrinsics, name="Live", matrix=AHEAD)
    bpy.context.view_layer.update()
    add_projection(scene, [obj], ramp(is_float=True), intrinsics, AHEAD, name="Ramp")
    material = bake_projection(scene, obj, 128)
    assert get_input(find_modifier(obj), "Material") == material
    image = bpy.data.images["Live depth mesh Baked"]
    values = image_values(image)
    assert image.is_float and values[..., 0].max() > 2.5
    middle = values[64, 64]
    assert middle == pytest.approx([1.65, 0.55, 0.3, 1], abs=0.03)
    shown = projection_scene.render(scene, tmp_path / "baked.png")
    assert shown[20, 30] == pytest.approx([255, 196, 149], abs=3)


@pytest.mark.parametrize("lit", [False, True])
def test_gltf(lit, scene, camera, tmp_path):
    obj = box(scene, (0, 5, 0))
    add_projection(scene, [obj], ramp(), Intrinsics.from_fov(60, 60, 40), AHEAD, name="Ramp")
    set_lit(obj.material_slots[0].material, lit)
    bake_projection(scene, obj, 64)
    path = tmp_path / "box.gltf"
    bpy.ops.export_scene.gltf(filepath=str(path), export_format="GLTF_SEPARATE")
    (material,) = json.loads(path.read_text())["materials"]
    assert material["alphaMode"] == "BLEND"
    assert "baseColorTexture" in material["pbrMetallicRoughness"]
    assert ("KHR_materials_unlit" in material.get("extensions", {})) == (not lit)


def test_what_cannot_be_baked(scene, camera):
    obj = box(scene, (0, 5, 0))
    with pytest.raises(ProjectionError, match="Nothing is projected onto Box"):
        bake_projection(scene, obj, 64)
    empty = bpy.data.objects.new("Bare", bpy.data.meshes.new("Bare"))
    scene.collection.objects.link(empty)
    add_projection(scene, [empty], ramp(), Intrinsics.from_fov(60, 60, 40), AHEAD, name="Ramp")
    images = set(bpy.data.images)
    with pytest.raises(ProjectionError, match="no faces"):
        bake_projection(scene, empty, 64)
    assert set(bpy.data.images) == images


def test_a_failed_bake_leaves_no_uv_map(scene, camera, monkeypatch):
    obj = box(scene, (0, 5, 0))
    add_projection(scene, [obj], ramp(), Intrinsics.from_fov(60, 60, 40), AHEAD, name="Ramp")

    def fail(*_):
        assert len(obj.data.uv_layers) == 1
        raise ProjectionError("The disk is full.")

    monkeypatch.setattr(baking, "_bake", fail)
    images = set(bpy.data.images)
    with pytest.raises(ProjectionError, match="full"):
        bake_projection(scene, obj, 64)
    assert not obj.data.uv_layers and set(bpy.data.images) == images
