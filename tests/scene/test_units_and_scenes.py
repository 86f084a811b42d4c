"""Units of length, several scenes and view layers: files hold meters, and each scene its own."""

import bpy
import numpy as np
import pytest

import sharpdepth_blender as sharpdepth
from sharpdepth_blender.geometry import Floor, Intrinsics
from sharpdepth_blender.scene import add_depth_result, bake_result, frame_scene, read_depth_exr
from sharpdepth_blender.scene.export import camera_of
from sharpdepth_blender.scene.floor import leveled_pose, set_floor
from sharpdepth_blender.scene.layers import layer_objects
from sharpdepth_blender.scene.projection import projections_of
from sharpdepth_blender.scene.scale import scale_result
from sharpdepth_blender.scene.target_result import only_result, results_of
from sharpdepth_blender.scene.units import meters_per_unit
from sharpdepth_blender.tasks.formatting import length_text
from tests.scene.export.importing import import_file
from tests.scene.export.plate import everything, values, world_points

# Unit system, what its scale says, and how many meters a Blender unit is.
UNITS = {
    "meters": ("METRIC", 1.0, 1.0),
    "centimeters": ("METRIC", 0.01, 0.01),
    "feet": ("IMPERIAL", 1.0, 1.0),
    "a foot a unit": ("IMPERIAL", 0.3048, 0.3048),
    "none": ("NONE", 1.0, 1.0),
    "none, with a scale that Blender ignores": ("NONE", 0.01, 1.0),
}
SUFFIXES = (".exr", ".ply", ".usda", ".usdz", ".abc", ".glb", ".chan")
LENS = Intrinsics(50, 50, 24, 18, 48, 36)
PLACE = 0.5, -2.0, 1.5  # of the camera, meters


def set_units(scene, name):
    settings = scene.unit_settings
    settings.system, settings.scale_length, meters = UNITS[name]
    return meters


def add_result(scene, name="Plate", seed=0, **options):
    """A result with its camera, which stands at one place in meters whatever the units are."""
    frame_scene(scene, LENS)
    obj = add_depth_result(scene, *values(LENS, seed), LENS, name=name, **options)
    for each in (obj, camera_of(scene, [obj])):
        each.rotation_euler = 1.2, 0.3, -0.4
        each.location = (np.array(PLACE) / meters_per_unit(scene)).tolist()
    scene.frame_start = scene.frame_end = 1
    bpy.context.view_layer.update()
    return obj


def numbers_in(path):
    """What a file says of lengths, in meters: its points and where its camera is."""
    if path.suffix == ".exr":
        return [read_depth_exr(path, "depth.Z"), read_depth_exr(path, "metric_depth.Z")]
    if path.suffix == ".chan":
        return [np.loadtxt(path)]
    scene = import_file(path)
    bpy.context.view_layer.update()
    found = []
    for obj in scene.objects:
        if obj.type == "MESH":
            found.append(world_points(scene, obj))
        elif obj.type == "CAMERA":
            found.append(np.array(obj.matrix_world.translation))
    return found


def written(folder, suffix, units, change=None):
    """The numbers of a file from a scene with some units."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    set_units(scene, units)
    obj = add_result(scene)
    if change:
        change(obj)
    before = everything()
    path = folder / f"plate{suffix}"
    sharpdepth.export(path, None if suffix == ".chan" else [obj])
    assert everything() == before
    return numbers_in(path)


@pytest.fixture(scope="module")
def in_meters(tmp_path_factory):
    """What the files hold where a unit is a meter, each found once."""
    found = {}

    def of(suffix, change=None):
        key = suffix, change
        if key not in found:
            folder = tmp_path_factory.mktemp("meters")
            found[key] = written(folder, suffix, "meters", change)
        return found[key]

    return of


def baked(obj):
    bake_result(obj)


def twice_as_large(obj):
    scale_result(obj, 2.0)


CASES = [
    *((units, None) for units in list(UNITS)[1:]),
    *((list(UNITS)[number], change) for number in (1, -1) for change in (baked, twice_as_large)),
]


@pytest.mark.parametrize(("units", "change"), CASES)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_files_are_equal_in_meters(suffix, units, change, tmp_path, in_meters):
    wanted = in_meters(suffix, change)
    found = written(tmp_path, suffix, units, change)
    assert len(found) == len(wanted) > 0
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)


def test_the_numbers_that_all_are_compared_to(in_meters):
    """In meters: depth as it was given, the camera where it was put, the mesh before it."""
    _, depth, metric = values(LENS)
    found, found_metric = in_meters(".exr")
    np.testing.assert_allclose(found, depth, rtol=1e-5)
    np.testing.assert_allclose(found_metric, metric, rtol=1e-5)
    x, y, z = in_meters(".chan")[0][1:4]
    np.testing.assert_allclose((x, -z, y), PLACE, atol=1e-5)
    for suffix in (".usda", ".abc", ".glb"):
        places = [each for each in in_meters(suffix) if each.shape == (3,)]
        np.testing.assert_allclose(places, [PLACE], atol=1e-4)
    for suffix in (".ply", ".usda", ".abc", ".glb"):
        (points,) = (each for each in in_meters(suffix) if each.ndim == 2)
        away = np.linalg.norm(points - PLACE, axis=1)
        assert away.min() == pytest.approx(2, rel=0.1) and 5 < away.max() < 7


@pytest.mark.parametrize("units", UNITS)
def test_lengths_that_the_user_sees_and_types(units, scene):
    meters = set_units(scene, units)
    assert meters_per_unit(scene) == pytest.approx(meters)
    text = length_text(scene, 3 / meters)
    if UNITS[units][0] == "IMPERIAL":
        assert text.startswith("9") and "'" in text or "ft" in text
    else:
        assert text.startswith("3")


@pytest.mark.parametrize("units", UNITS)
def test_floor_layers_and_clipping(units, scene):
    meters = set_units(scene, units)
    obj = add_result(scene)
    camera = scene.camera
    depth = values(LENS)[1] / meters
    assert camera.data.clip_start < depth[depth > 0].min() and depth.max() < camera.data.clip_end
    points = world_points(scene, obj)
    away = points - np.array(PLACE)
    inverse = np.array(camera.matrix_world)[:3, :3]
    np.testing.assert_allclose((-away @ inverse)[:, 2].max(), values(LENS)[1].max(), rtol=1e-3)
    layers = sharpdepth.split_layers(obj, count=2, move=0.1)
    heights = [world_points(scene, each) for each in layer_objects(layers)]
    nearest = min(np.linalg.norm(each - PLACE, axis=1).min() for each in heights)
    assert nearest == pytest.approx(np.linalg.norm(away, axis=1).min(), rel=0.2)
    corners = points[[0, 40, -1]] / meters
    set_floor(scene, obj, corners.tolist())
    bpy.context.view_layer.update()
    leveled = world_points(scene, obj)[[0, 40, -1]]
    np.testing.assert_allclose(leveled[:, 2], 0, atol=1e-3)
    place = np.array(camera.matrix_world.translation) * meters
    assert np.linalg.norm(place[:2] - PLACE[:2]) < 1e-4 and place[2] > 0
    standing = leveled_pose(Floor((0.0, -1.0, 0.0), 1.5, 1.0), 1 / meters)
    assert standing.translation.z * meters == pytest.approx(1.5)


@pytest.fixture
def two_scenes(scene):
    """Two scenes, of meters and centimeters, each with a result and its camera; the first shows."""
    first = add_result(scene, "One", seed=1)
    other = bpy.data.scenes.new("Other")
    set_units(other, "centimeters")
    second = add_result(other, "Two", seed=2)
    other.view_layers[0].update()
    return (scene, first), (other, second)


def points_of(scene, obj):
    """World points in meters, of an object of any scene."""
    with bpy.context.temp_override(scene=scene, view_layer=scene.view_layers[0]):
        shown = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
        points = np.empty((len(shown.data.vertices), 3), np.float32)
        shown.data.vertices.foreach_get("co", points.ravel())
        matrix = np.array(shown.matrix_world)
    return (points @ matrix[:3, :3].T + matrix[:3, 3]) * meters_per_unit(scene)


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_scene_is_exported_whichever_is_shown(suffix, which, two_scenes, tmp_path):
    scene, obj = two_scenes[which]
    assert only_result(scene) == obj and results_of(scene) == [obj]
    wanted = points_of(scene, obj)
    _, depth, _ = values(LENS)
    before = everything()
    path = tmp_path / f"a{suffix}"
    sharpdepth.export(path, scene=scene)
    assert everything() == before
    found = numbers_in(path)
    if suffix == ".exr":
        np.testing.assert_allclose(found[0], depth, rtol=1e-5)
    elif suffix == ".chan":
        x, y, z = found[0][1:4]
        np.testing.assert_allclose((x, -z, y), PLACE, atol=1e-4)
    else:
        (points,) = (each for each in found if each.ndim == 2)
        for end in (np.min, np.max):
            # glTF has fewer faces, off by a quarter of a pixel at most.
            near = 0.1 if suffix == ".glb" else 1e-3
            np.testing.assert_allclose(end(points, 0), end(wanted, 0), atol=near)
        places = [each for each in found if each.shape == (3,)]
        np.testing.assert_allclose(places, [PLACE] * len(places), atol=1e-4)
        assert len(places) == (suffix != ".ply")


def test_tools_change_the_scene_that_they_are_told(two_scenes):
    (scene, first), (other, second) = two_scenes
    before = points_of(scene, first)
    place = scene.camera.matrix_world.copy()
    layers = sharpdepth.split_layers(scene=other, count=2, move=0.1)
    assert set(layers.users_scene) == {other} and second.hide_render and not first.hide_render
    assert all(set(each.users_scene) == {other} for each in layer_objects(layers))
    mesh = bpy.data.meshes.new("Wall")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (1, 1, 0)], [], [(0, 1, 2)])
    wall = bpy.data.objects.new("Wall", mesh)
    other.collection.objects.link(wall)
    projection = sharpdepth.project([wall], scene=other)
    assert projections_of(wall) == [projection]
    corners = (points_of(other, second)[[0, 40, -1]] / meters_per_unit(other)).tolist()
    turned = set_floor(other, second, corners)
    assert {second, other.camera, layers} <= set(turned)
    scale_result(second, 2.0)
    report, _ = sharpdepth.check_move(other, longer=48)
    assert len(report.frames) == 1
    sharpdepth.bake(scene=other)
    assert bpy.context.scene == scene and scene.camera.matrix_world == place
    np.testing.assert_array_equal(points_of(scene, first), before)
    assert all(set(each.users_scene) == {scene} for each in (first, scene.camera))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_view_layers_exclude_is_exported_the_same(suffix, scene, tmp_path, in_meters):
    """In one layer the plate is excluded, in the other one hidden: which one shows is no matter."""
    obj = add_result(scene)
    second = scene.view_layers.new("Second")
    (collection,) = obj.users_collection
    for layer in (bpy.context.view_layer, second):
        layer.layer_collection.children[collection.name].exclude = True
    before = everything()
    path = tmp_path / f"a{suffix}"
    sharpdepth.export(path, None if suffix == ".chan" else [obj])
    assert everything() == before
    assert all(layer.layer_collection.children[0].exclude for layer in scene.view_layers)
    for one, other in zip(numbers_in(path), in_meters(suffix), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_tools_where_a_view_layer_excludes_the_plate(scene):
    obj = add_result(scene)
    second = scene.view_layers.new("Second")
    (collection,) = obj.users_collection
    first = bpy.context.view_layer
    first.layer_collection.children[collection.name].exclude = True
    layers = sharpdepth.split_layers(obj, count=2, move=0.1)
    assert obj.hide_render and obj.hide_get(view_layer=second)
    assert layers.name in second.objects and layers.name not in first.objects
    assert sharpdepth.split_layers(obj, count=3, move=0.1) == layers
    report, _ = sharpdepth.check_move(longer=48)
    assert len(report.frames) == 1
    projection = sharpdepth.project(layer_objects(layers))
    assert projections_of(layer_objects(layers)[0]) == [projection]
    scale_result(obj, 2.0)
    sharpdepth.bake(obj)
    assert len(obj.data.polygons) > 1000
    assert first.layer_collection.children[collection.name].exclude
