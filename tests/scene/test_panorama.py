"""Results of panoramas: the live surface and points, what Cycles sees of them, and exports."""

import json

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from sharpdepth_blender.geometry.panorama import directions_of, panorama_lens, panorama_surface
from sharpdepth_blender.scene import SceneError, add_depth_result, bake_result, read_depth_exr
from sharpdepth_blender.scene.export import format_of
from sharpdepth_blender.scene.layers import split_result
from sharpdepth_blender.scene.live import find_modifier
from sharpdepth_blender.scene.modifier import get_input, set_input
from sharpdepth_blender.scene.projection import shot_of_result
from sharpdepth_blender.scene.scale import scale_result
from tests.geometry.test_panorama import box_length
from tests.scene.test_result import coordinates, evaluated_points

WIDTH, HEIGHT = 64, 32


def example():
    """A picture of noise, and a room with a step and a hole."""
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    rgb[0], rgb[-1] = rgb[0, 0], rgb[-1, 0]
    length = box_length(directions_of(WIDTH, HEIGHT))
    length[10:22, 20:40] *= 0.4
    length[12:20, :4] *= 0.5
    return rgb, length


def add(scene, rgb, length, **options):
    lens = panorama_lens(length.shape[1], length.shape[0])
    return add_depth_result(
        scene, rgb, length, length, lens, name="Around", is_panorama=True, **options
    )


def evaluated_mesh(obj):
    return bpy.data.meshes.new_from_object(obj.evaluated_get(bpy.context.evaluated_depsgraph_get()))


@pytest.mark.parametrize("size", [(WIDTH, HEIGHT), (65, 33), (256, 128)])
@pytest.mark.parametrize("resolution", [WIDTH, 23])
def test_live_and_baked_agree(size, resolution, scene):
    rng = np.random.default_rng(1)
    length = box_length(directions_of(*size))
    length[10:22, 20:40] *= 0.4
    length[5, 7] = 0
    rgb = rng.integers(0, 256, (*length.shape, 3), dtype=np.uint8)
    obj = add(scene, rgb, length, resolution=resolution)
    live = evaluated_mesh(obj)
    expected = panorama_surface(length, 1.1, resolution)
    bake_result(obj)
    np.testing.assert_array_equal(coordinates(obj.data), expected.vertices)
    assert len(live.polygons) == len(obj.data.polygons)
    centers = [
        np.sort(np.array([each.center for each in mesh.polygons]).round(4), axis=0)
        for mesh in (live, obj.data)
    ]
    np.testing.assert_allclose(*centers, atol=2e-4)
    assert not obj.data.validate()


def test_points_are_the_samples_alone(scene):
    rgb, length = example()
    length[5, 7] = 0
    obj = add(scene, rgb, length, output="Points")
    wanted = directions_of(WIDTH, HEIGHT) * length[..., None]
    wanted = wanted[length > 0]
    cells = 2 * np.pi / WIDTH  # radians of a sample
    for bake in (False, True):
        if bake:
            bake_result(obj)
        points, radius, _ = evaluated_points(obj)
        order, other = np.lexsort(points.round(3).T), np.lexsort(wanted.round(3).T)
        np.testing.assert_allclose(points[order], wanted[other], atol=2e-3)
        size = np.linalg.norm(points, axis=1)
        np.testing.assert_allclose(radius, 0.75 * cells * size, rtol=1e-3)


def render(scene, path, width=WIDTH, height=HEIGHT):
    scene.render.engine, scene.cycles.samples = "CYCLES", 1
    scene.cycles.filter_width, scene.cycles.use_denoising = 0.01, False
    scene.view_settings.view_transform = "Standard"
    scene.render.resolution_x, scene.render.resolution_y = width, height
    scene.render.film_transparent = True
    scene.render.image_settings.file_format = "PNG"
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(str(path))
    values = np.array(image.pixels, np.float32).reshape(height, width, 4)[::-1]
    return np.round(values * 255).astype(int)


@pytest.mark.parametrize("unit", [1.0, 0.01])
def test_cycles_sees_the_picture_exactly(unit, scene, tmp_path):
    """By a result's own camera, wherever it was carried, with nothing between the rays."""
    scene.unit_settings.scale_length = unit
    rgb, length = example()
    obj = add(scene, rgb, length)
    place = Matrix.LocRotScale((3, 4, 5), Matrix.Rotation(0.4, 3, "X"), None) @ obj.matrix_world
    obj.matrix_world = scene.camera.matrix_world = place
    set_input(find_modifier(obj), "Tear Ratio", 1e6)
    seen = render(scene, tmp_path / "whole.png")
    # The seam and both poles are closed; a ray that hits a vertex may slip through by rounding.
    closed = seen[..., 3] == 255
    assert (~closed).sum() <= 1
    assert np.abs(seen[..., :3] - rgb)[closed].max() <= 1
    set_input(find_modifier(obj), "Tear Ratio", 1.1)
    obj.update_tag()
    torn = render(scene, tmp_path / "torn.png")
    here = torn[..., 3] == 255
    assert 0.8 < here.mean() < 1  # open along the steps alone
    assert np.abs(torn[..., :3] - rgb)[here].max() <= 1
    bake_result(obj)
    baked = render(scene, tmp_path / "baked.png")
    both = here & (baked[..., 3] == 255)
    assert (here & ~both).sum() <= 2
    assert np.abs(baked[..., :3] - torn[..., :3])[both].max() <= 1


def test_a_room_rendered_around_has_the_length_of_the_result(scene, tmp_path):
    """Ray length of a real room, as the panoramic camera of a result sees it."""
    rgb, _ = example()
    obj = add(scene, rgb, np.ones((HEIGHT, WIDTH), np.float32))
    low, high = np.array([(-2, 4), (-1.2, 1.8), (-5, 3)]).T
    corners = [[(low, high)[i][0], (low, high)[j][1], (low, high)[k][2]]
               for i in (0, 1) for j in (0, 1) for k in (0, 1)]  # fmt: skip
    sides = [(0, 1, 3, 2), (4, 5, 7, 6), (0, 1, 5, 4), (2, 3, 7, 6), (0, 2, 6, 4), (1, 3, 7, 5)]
    mesh = bpy.data.meshes.new("room")
    mesh.from_pydata(corners, [], sides)
    room = bpy.data.objects.new("room", mesh)
    room.matrix_world = obj.matrix_world
    scene.collection.objects.link(room)
    obj.hide_render = True
    scene.render.engine, scene.cycles.samples = "CYCLES", 1
    scene.render.resolution_x, scene.render.resolution_y = WIDTH, HEIGHT
    scene.view_layers[0].use_pass_z = True
    if hasattr(scene.render.image_settings, "media_type"):
        scene.render.image_settings.media_type = "MULTI_LAYER_IMAGE"
    scene.render.image_settings.file_format = "OPEN_EXR_MULTILAYER"
    scene.render.image_settings.color_depth = "32"
    scene.render.filepath = str(tmp_path / "room.exr")
    bpy.ops.render.render(write_still=True)
    found = read_depth_exr(scene.render.filepath)
    truth = box_length(directions_of(WIDTH, HEIGHT))
    assert np.median(np.abs(found / truth - 1)) < 0.01


def test_its_scale_is_live(scene):
    rgb, length = example()
    obj = add(scene, rgb, length)
    before = coordinates(evaluated_mesh(obj))
    scale_result(obj, 2.5)
    np.testing.assert_allclose(coordinates(evaluated_mesh(obj)), 2.5 * before, rtol=1e-5)
    assert get_input(find_modifier(obj), "Depth Scale") == 2.5


@pytest.mark.parametrize("output", ["Mesh", "Points"])
@pytest.mark.parametrize("baked", [False, True])
def test_exports(output, baked, scene, tmp_path):
    rgb, length = example()
    obj = add(scene, rgb, length, output=output)
    if baked:
        bake_result(obj)
    assert format_of("a.ply").export(tmp_path / "a.ply", scene, [obj]) == []
    header = (tmp_path / "a.ply").read_bytes().split(b"end_header")[0].decode()
    assert ("element face" in header) == (output == "Mesh")
    assert format_of("a.exr").export(tmp_path / "a.exr", scene, [obj]) == []
    np.testing.assert_array_equal(read_depth_exr(tmp_path / "a.exr", "depth.Z"), length)
    toward = read_depth_exr(tmp_path / "a.exr", "N.Z") * directions_of(WIDTH, HEIGHT)[..., 2]
    ahead = np.abs(directions_of(WIDTH, HEIGHT)[..., 2]) > 0.99
    assert (toward[ahead] < -0.9).mean() > 0.5 and ahead.any()
    if output == "Mesh":
        relief, lacks = format_of("a.glb").export(tmp_path / "a.glb", scene, [obj])
        assert lacks == "the camera Around camera, which is panoramic"
        assert relief.startswith("relief of Around depth mesh finer than 0.2")
        body = (tmp_path / "a.glb").read_bytes()
        told = json.loads(body[20 : 20 + int.from_bytes(body[12:16], "little")])
        assert told["samplers"][0]["wrapS"] == 33071  # clamped at the seam
        count = told["accessors"][told["meshes"][0]["primitives"][0]["indices"]]["count"]
        quads = panorama_surface(length).whole.sum()
        assert quads < count < 5 * quads
        relief, _ = format_of("a.usd").export(tmp_path / "a.usd", scene, [obj], faces=900)
        assert 100 < int(relief.split()[-2]) <= 900 and relief.endswith(" faces")


@pytest.mark.parametrize(
    "ask",
    [
        lambda scene, obj, folder: split_result(scene, obj),
        lambda scene, obj, folder: shot_of_result(scene, obj),
        lambda scene, obj, folder: format_of("a.splat.ply").export(folder / "a", scene, [obj]),
        lambda scene, obj, folder: format_of("package").export(folder / "b", scene, [obj]),
    ],
)
def test_what_takes_a_perspective_picture_says_so_before_anything_is_done(ask, scene, tmp_path):
    obj = add(scene, *example())
    before = [len(getattr(bpy.data, kind)) for kind in ("objects", "images", "collections")]
    with pytest.raises(SceneError, match="Around depth mesh is a panorama, and this takes a persp"):
        ask(scene, obj, tmp_path)
    assert not list(tmp_path.iterdir()) and not obj.hide_render
    assert before == [len(getattr(bpy.data, kind)) for kind in ("objects", "images", "collections")]
