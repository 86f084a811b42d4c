import bpy
import numpy as np
import pytest
from mathutils import Matrix

from sharpdepth_blender.geometry import Intrinsics, build_surface, strips, thin, unproject
from sharpdepth_blender.scene import (
    add_depth_result,
    bake_result,
    camera_intrinsics,
    camera_matrix,
    frame_scene,
    remove_result,
    render_view,
    replace_depth,
    stored_depth,
)
from sharpdepth_blender.scene.errors import SceneError
from sharpdepth_blender.scene.live import find_modifier
from sharpdepth_blender.scene.material import can_be_lit, is_lit, set_lit
from sharpdepth_blender.scene.modifier import get_input, set_input
from sharpdepth_blender.scene.picture import image_values
from sharpdepth_blender.scene.sky import show_sky
from sharpdepth_blender.scene.stored_depth import store_depth
from sharpdepth_blender.scene.target_result import target_results

WIDTH, HEIGHT = 48, 36
CAMERA = Intrinsics(40, 40, 25, 17, WIDTH, HEIGHT)


def example(seed=0):
    """A picture, a stepped depth with holes, and a smooth one."""
    rng = np.random.default_rng(seed)
    rgb = rng.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    depth = np.full((HEIGHT, WIDTH), 4, np.float32)
    depth[10:25, 12:30] = 2
    depth[5, 6], depth[30, 40], depth[20, 20] = 0, np.nan, np.inf
    return rgb, depth, np.full_like(depth, 3)


def add_baked(scene, *arguments, resolution=None, **options):
    obj = add_depth_result(scene, *arguments, **options)
    bake_result(obj, WIDTH if resolution is None else resolution)
    return obj


def coordinates(mesh):
    values = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", values)
    return values.reshape(-1, 3)


def everything():
    """All datablocks of the file, and what the scene is set to."""
    kinds = ("objects", "meshes", "images", "materials", "cameras", "node_groups", "scenes")
    kinds = (*kinds, "collections")
    return {kind: sorted(block.name for block in getattr(bpy.data, kind)) for kind in kinds}


def evaluated_points(obj):
    """The point cloud that an object's modifier makes."""
    depsgraph = bpy.context.evaluated_depsgraph_get()
    for instance in depsgraph.object_instances:
        if instance.object.type == "POINTCLOUD" and instance.object.name == obj.name:
            cloud = instance.object.data
            position = np.empty(len(cloud.points) * 3, np.float32)
            cloud.attributes["position"].data.foreach_get("vector", position)
            radius = np.empty(len(cloud.points), np.float32)
            cloud.attributes["radius"].data.foreach_get("value", radius)
            return position.reshape(-1, 3), radius, list(cloud.materials)
    raise AssertionError("no point cloud")


def test_mesh_is_the_surface(scene):
    rgb, depth, metric = example()
    obj = add_baked(scene, rgb, depth, metric, CAMERA, name="Plate")
    surface = build_surface(depth, CAMERA, keep_loose=False)
    mesh = obj.data
    np.testing.assert_array_equal(coordinates(mesh), surface.vertices)
    quads = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", quads)
    np.testing.assert_array_equal(quads.reshape(-1, 4), surface.quads)
    uvs = np.empty(len(mesh.loops) * 2, np.float32)
    mesh.uv_layers.active.uv.foreach_get("vector", uvs)
    np.testing.assert_array_equal(uvs.reshape(-1, 4, 2), surface.uvs[surface.quads])
    assert all(polygon.use_smooth for polygon in mesh.polygons)
    assert not mesh.validate()
    assert obj.name == "Plate depth mesh" and obj.name in scene.objects


@pytest.mark.parametrize("output", ["Mesh", "Points"])
def test_strips_of_any_height_bake_the_same(output, scene, monkeypatch):
    camera = Intrinsics(50, 50, 26, 18, 53, 37)
    rng = np.random.default_rng(0)
    depth = rng.uniform(1, 1.2, (37, 53)).astype(np.float32)
    depth[:9], depth[rng.random(depth.shape) < 0.1] = 40, 0
    normals = rng.normal(size=(*depth.shape, 3))
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    normals[12:15] = 0
    stored = store_depth(depth, 1.1 * depth, camera, normals)
    rgb = rng.integers(0, 256, (*depth.shape, 3), dtype=np.uint8)
    baked = []
    for samples in (1, 200, 1 << 17):
        monkeypatch.setattr(strips, "_SAMPLES", samples)
        obj = add_depth_result(
            scene, rgb, depth, 1.1 * depth, camera, name="Plate", output=output, stored=stored
        )
        set_input(find_modifier(obj), "Sharpness", 0.7)
        show_sky(obj, 20)
        bake_result(obj, 53)
        baked.append(arrays(obj.data))
    assert {"position", "UVMap", "Sky"} < baked[0].keys() and len(set(baked[0]["Sky"])) == 2
    assert ("Normal" in baked[0]) == (output == "Mesh")
    for other in baked[1:]:
        assert other == baked[0]


def arrays(mesh):
    """All attributes of a mesh, as lists."""
    kinds = {"FLOAT_VECTOR": "vector", "FLOAT2": "vector", "BYTE_COLOR": "color"}
    return {
        attribute.name: [
            value if isinstance(value, int) else tuple(value)
            for value in (
                getattr(each, kinds.get(attribute.data_type, "value")) for each in attribute.data
            )
        ]
        for attribute in mesh.attributes
    }


@pytest.mark.parametrize("resolution", [WIDTH, 16])
@pytest.mark.parametrize("scale_length", [1.0, 0.01, 2.5])
def test_true_scale_in_any_unit(resolution, scale_length, scene):
    scene.unit_settings.scale_length = scale_length
    rgb, depth, metric = example()
    obj = add_baked(scene, rgb, depth, metric, CAMERA, name="Plate", resolution=resolution)
    meters = coordinates(obj.data) * scale_length
    expected = build_surface(depth, CAMERA, resolution=resolution, keep_loose=False).vertices
    np.testing.assert_allclose(meters, expected, rtol=1e-6)


def test_depth_is_kept_with_the_result(scene, tmp_path):
    rgb, depth, metric = example()
    add_depth_result(scene, rgb, depth, metric, CAMERA, name="Plate")
    path = str(tmp_path / "a.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    obj = bpy.data.objects["Plate depth mesh"]
    for key, values in (("sharpdepth_depth", depth), ("sharpdepth_metric_depth", metric)):
        values = np.where(np.isfinite(values), values, 0)  # holes
        np.testing.assert_array_equal(image_values(obj[key])[..., 0], values)
    texture = next(n for n in obj.data.materials[0].node_tree.nodes if n.type == "TEX_IMAGE")
    np.testing.assert_array_equal(np.round(image_values(texture.image)[..., :3] * 255), rgb)


def test_a_scene_without_a_camera_gets_one(scene):
    rgb, depth, metric = example()
    frame_scene(scene, CAMERA)
    obj = add_depth_result(scene, rgb, depth * 400, metric, CAMERA, name="Plate")
    bpy.context.view_layer.update()
    made = camera_intrinsics(scene, scene.camera)
    assert made.fx == pytest.approx(CAMERA.fx) and made.cx == pytest.approx(CAMERA.cx)
    assert obj.matrix_world == scene.camera.matrix_world
    world_up = obj.matrix_world.to_3x3() @ Matrix.Identity(3).col[1]
    assert world_up.z == pytest.approx(1)
    assert scene.camera.data.clip_end > 1600


def test_the_users_scene_is_left_alone(scene, add_camera):
    camera = add_camera(lens=33, clip_end=5)
    camera.matrix_world = Matrix.LocRotScale((1, 2, 3), Matrix.Rotation(0.7, 3, "Y"), (2, 3, 4))
    other = bpy.data.objects.new("Other", None)
    scene.collection.objects.link(other)
    bpy.context.view_layer.objects.active = other
    other.select_set(True)
    scene.render.resolution_percentage = 37
    bpy.context.view_layer.update()
    before = camera.matrix_world.copy()
    view = scene.view_settings.view_transform
    rgb, depth, metric = example()
    obj = add_depth_result(
        scene, rgb, depth, metric, CAMERA, name="Plate", matrix=camera_matrix(scene, camera)
    )
    bpy.context.view_layer.update()
    assert scene.camera is camera and camera.matrix_world == before
    assert camera.data.lens == 33 and camera.data.clip_end == 5
    assert scene.render.resolution_percentage == 37
    assert scene.view_settings.view_transform == view
    assert bpy.context.view_layer.objects.active is other and other.select_get()
    assert not obj.select_get()
    np.testing.assert_allclose(obj.matrix_world, before.normalized(), atol=1e-6)


def test_points_have_color_and_size(scene):
    rgb, depth, metric = example()
    obj = add_baked(scene, rgb, depth, metric, CAMERA, name="Cloud", output="Points")
    valid = np.isfinite(depth) & (depth > 0)
    expected = unproject(depth, CAMERA)[valid]
    np.testing.assert_array_equal(coordinates(obj.data), expected)
    colors = np.empty((len(expected), 4), np.float32)
    obj.data.color_attributes["Color"].data.foreach_get("color_srgb", colors.ravel())
    np.testing.assert_array_equal(np.round(colors[:, :3] * 255), rgb[valid])
    modifier = obj.modifiers[0]
    for factor in (1, 2):
        position, radius, materials = evaluated_points(obj)
        np.testing.assert_array_equal(position, expected)
        pixels = get_input(modifier, "Point Radius")
        np.testing.assert_allclose(radius, pixels * -expected[:, 2] / CAMERA.fx, rtol=1e-5)
        assert [m.name for m in materials if m] == [obj.data.materials[0].name]
        assert pixels == pytest.approx(0.75 * factor)
        set_input(modifier, "Point Radius", 1.5)
        bpy.context.view_layer.update()
    with pytest.raises(KeyError, match="no input"):
        set_input(modifier, "Color", 1)


@pytest.mark.parametrize("size", [(1, 5), (5, 1), (1, 1)])
def test_points_of_a_picture_one_pixel_wide_or_high_have_their_size(size, scene):
    width, height = size
    lens = Intrinsics(8.0, 8.0, width / 2, height / 2, width, height)
    depth = np.linspace(2, 4, width * height, dtype=np.float32).reshape(height, width)
    rgb = np.full((height, width, 3), 90, np.uint8)
    obj = add_depth_result(scene, rgb, depth, depth, lens, name="Line", output="Points")
    for turn in (None, bake_result):
        if turn:
            turn(obj)
        bpy.context.view_layer.update()
        position, radius, _ = evaluated_points(obj)
        assert len(position) == depth.size
        np.testing.assert_allclose(radius, 0.75 * -position[:, 2] / lens.fx, rtol=1e-5)


def test_clouds_share_one_node_group(scene):
    rgb, depth, metric = example()
    for name in ("a", "b"):
        add_baked(scene, rgb, depth, metric, CAMERA, name=name, output="Points")
    assert len(bpy.data.node_groups) == 1


@pytest.mark.parametrize("output", ["Mesh", "Points"])
def test_all_holes_give_an_empty_object(output, scene):
    rgb, depth, _ = example()
    none = np.zeros_like(depth)
    obj = add_baked(scene, rgb, none, none, CAMERA, name="Plate", output=output)
    assert len(obj.data.vertices) == 0
    bpy.context.view_layer.update()


@pytest.mark.parametrize(
    "change",
    [
        {"picture": np.zeros((HEIGHT, WIDTH + 1, 3), np.uint8)},
        {"picture": np.zeros((HEIGHT, WIDTH, 3), np.float32)},
        {"depth": np.ones((2, 2))},
        {"metric_depth": np.ones((HEIGHT, WIDTH, 1))},
        {"output": "voxels"},
    ],
)
def test_bad_arguments_leave_the_file_as_it_was(change, scene):
    rgb, depth, metric = example()
    arguments = dict(picture=rgb, depth=depth, metric_depth=metric, intrinsics=CAMERA, name="Plate")
    before = everything()
    with pytest.raises(ValueError):
        add_depth_result(scene, **(arguments | change))
    assert everything() == before


@pytest.mark.parametrize("stage", ["new_depth_image", "camera_for", "_keep_in_sight"])
@pytest.mark.parametrize("output", ["Mesh", "Points"])
def test_a_fault_midway_leaves_the_file_as_it_was(stage, output, scene, monkeypatch):
    from sharpdepth_blender.scene import result

    def fail(*_):
        raise MemoryError("out of memory")

    monkeypatch.setattr(result, stage, fail)
    before = everything()
    with pytest.raises(MemoryError):
        add_depth_result(scene, *example(), CAMERA, name="Plate", output=output)
    assert everything() == before
    assert scene.camera is None


def render(scene, path, **settings):
    render_view(scene, path, **settings)
    return np.round(image_values(bpy.data.images.load(str(path)))[..., :3] * 255)


def test_the_mesh_renders_as_the_picture(scene, tmp_path):
    rgb = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    v, u = np.mgrid[:HEIGHT, :WIDTH]
    rgb[..., 0], rgb[..., 1], rgb[..., 2] = 5 * u, 7 * v, 200
    rgb[v > 25] = (10, 240, 60)
    depth = (2 + 0.02 * u + 0.01 * v).astype(np.float32)
    intrinsics = Intrinsics(45, 40, 25, 17, WIDTH, HEIGHT)
    frame_scene(scene, intrinsics)
    add_depth_result(scene, rgb, depth, depth, intrinsics, name="Plate")
    seen = render(scene, tmp_path / "a.png", samples=32)
    # The outermost samples lie half a pixel inside the frame; edges inside are filtered.
    inner = np.s_[2:24, 2:-2]
    assert np.abs(seen[inner] - rgb[inner]).mean() < 0.6
    assert np.abs(seen[inner] - rgb[inner]).max() < 6
    inner = np.s_[29:-2, 2:-2]
    assert np.abs(seen[inner] - rgb[inner]).max() <= 1


def test_the_points_render_in_their_colors(scene, tmp_path):
    rgb = np.full((HEIGHT, WIDTH, 3), (200, 30, 90), np.uint8)
    rgb[:, WIDTH // 2 :] = (20, 160, 220)
    depth = np.full((HEIGHT, WIDTH), 3, np.float32)
    frame_scene(scene, CAMERA)
    add_depth_result(scene, rgb, depth, depth, CAMERA, name="Cloud", output="Points")
    seen = render(scene, tmp_path / "a.png")
    for part in (np.s_[3:-3, 3 : WIDTH // 2 - 2], np.s_[3:-3, WIDTH // 2 + 2 : -3]):
        assert np.abs(seen[part] - rgb[part]).max() <= 1


def test_a_moved_camera_sees_parallax(scene, tmp_path):
    """A dot at 2 m moves by offset * f / z pixels when the camera moves."""
    rgb = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    rgb[16:19, 24:27, 1] = 255
    depth = np.full((HEIGHT, WIDTH), 2, np.float32)
    frame_scene(scene, CAMERA)
    add_depth_result(scene, rgb, depth, depth, CAMERA, name="Plate")

    def center(offset):
        seen = render(scene, tmp_path / "a.png", offset=offset, samples=64)
        green = seen[..., 1] - seen[..., 0]  # the gray beside the mesh is not
        v, u = np.mgrid[:HEIGHT, :WIDTH] + 0.5
        return np.array([(green * u).sum(), (green * v).sum()]) / green.sum()

    here, there = center((0, 0, 0)), center((0.2, 0.1, 0))
    np.testing.assert_allclose(here, (25.5, 17.5), atol=0.05)
    np.testing.assert_allclose(there - here, (-0.2 * 40 / 2, 0.1 * 40 / 2), atol=0.05)


def test_a_preview_gives_way_to_the_result(scene):
    rgb, depth, metric = example()
    small = Intrinsics(20, 20, 12.5, 8.5, WIDTH // 2, HEIGHT // 2)
    obj = add_depth_result(
        scene, rgb[::2, ::2], metric[::2, ::2], metric[::2, ::2], small, name="Plate"
    )
    assert len(bpy.data.images) == 2  # what was not sharpened is kept once
    replace_depth(obj, rgb, depth, metric, CAMERA)
    assert sorted(tuple(image.size) for image in bpy.data.images) == [(WIDTH, HEIGHT)] * 3
    background = scene.camera.data.background_images[0].image
    texture = next(n for n in obj.data.materials[0].node_tree.nodes if n.type == "TEX_IMAGE")
    assert texture.image == background == get_input(find_modifier(obj), "Picture")
    bake_result(obj)
    surface = build_surface(depth, CAMERA, keep_loose=False)
    np.testing.assert_array_equal(coordinates(obj.data), surface.vertices)


@pytest.mark.parametrize("sharpness", [1.0, 0.4])
def test_a_larger_depth_is_kept_at_the_size_that_a_surface_can_show(sharpness, scene, monkeypatch):
    monkeypatch.setattr(stored_depth, "MOST_SAMPLES", 24)
    rgb, depth, metric = example()
    obj = add_depth_result(scene, rgb, depth, metric, CAMERA, name="Plate")
    assert get_input(find_modifier(obj), "Picture").size[:] == (WIDTH, HEIGHT)
    for key, values in (("sharpdepth_depth", depth), ("sharpdepth_metric_depth", metric)):
        values = np.where(np.isfinite(values), values, 0)
        thinned, smaller = thin(values, CAMERA, 24)
        np.testing.assert_array_equal(image_values(obj[key])[..., 0], thinned)
        assert obj[key].size[:] == (24, 18)
    set_input(find_modifier(obj), "Sharpness", sharpness)
    live = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    shown = coordinates(live)
    uvs = np.empty(len(live.loops) * 2, np.float32)
    live.attributes["UVMap"].data.foreach_get("vector", uvs)
    corners = np.empty(len(live.loops), np.int32)
    live.loops.foreach_get("vertex_index", corners)
    # Each vertex lies under the place in the picture whose color it has.
    x, y, z = shown[corners].T
    u, v = uvs.reshape(-1, 2).T
    np.testing.assert_allclose(CAMERA.cx - CAMERA.fx * x / z, u * WIDTH, atol=1e-4)
    np.testing.assert_allclose(CAMERA.cy + CAMERA.fy * y / z, (1 - v) * HEIGHT, atol=1e-4)
    bake_result(obj)
    baked = coordinates(obj.data)
    order, other = (np.lexsort(np.round(each, 4).T) for each in (shown, baked))
    np.testing.assert_allclose(shown[order], baked[other], rtol=1e-6)


def test_the_users_own_image_is_the_texture(scene):
    rgb, depth, metric = example()
    image = bpy.data.images.new("Mine", WIDTH, HEIGHT)
    obj = add_depth_result(scene, image, depth, metric, CAMERA, name="Plate")
    replace_depth(obj, image, metric, depth, CAMERA)
    assert len(bpy.data.images) == 3
    remove_result(obj)
    assert [each.name for each in bpy.data.images] == ["Mine"]


@pytest.mark.parametrize("baked", [False, True])
def test_a_result_goes_whole(baked, scene):
    before = everything()
    obj = add_depth_result(scene, *example(), CAMERA, name="Plate")
    if baked:
        bake_result(obj)
    remove_result(obj)
    left = everything()
    if baked:  # its material may have been painted over since
        left["materials"].clear(), left["images"].clear()
    left["node_groups"].clear()  # shared, and not saved without a user
    assert left == before


def test_lit_or_unlit_by_one_switch(scene):
    obj = add_depth_result(scene, *example(), CAMERA, name="Plate")
    material = obj.data.materials[0]
    assert can_be_lit(material) and not is_lit(material)
    for lit in (True, False, True):
        set_lit(material, lit)
        assert is_lit(material) == lit
        assert len(material.node_tree.get_output_node("ALL").inputs["Surface"].links) == 1
    assert not can_be_lit(bpy.data.materials.new("Another")) and not can_be_lit(None)
    material.node_tree.nodes.remove(material.node_tree.get_output_node("ALL"))
    assert not can_be_lit(material)


def test_a_copy_that_shares_the_mesh_stays(scene):
    obj = add_depth_result(scene, *example(), CAMERA, name="Plate")
    copy = obj.copy()
    scene.collection.objects.link(copy)
    remove_result(obj)
    assert copy.data.name == "Plate depth mesh" and copy["sharpdepth_depth"].size[0] == WIDTH


def test_the_newest_is_meant_after_reopening(scene, tmp_path):
    for name in ("b", "c", "a"):
        add_depth_result(scene, *example(), CAMERA, name=name)
    path = str(tmp_path / "a.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    assert [obj.name for obj in target_results(bpy.context)] == ["a depth mesh"]


def test_points_without_their_picture_are_not_baked(scene):
    obj = add_depth_result(scene, *example(), CAMERA, name="Plate", output="Points")
    set_input(find_modifier(obj), "Picture", None)
    with pytest.raises(SceneError, match="picture of Plate depth points is gone"):
        bake_result(obj)
