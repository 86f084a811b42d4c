"""Results linked from another file, and library overrides: each tool works or says why not."""

import bpy
import numpy as np
import pytest

import sharpdepth_blender as sharpdepth
from sharpdepth_blender.process import Engine
from sharpdepth_blender.scene import SceneError
from sharpdepth_blender.scene.floor import set_floor
from sharpdepth_blender.scene.layers import change_layers, is_layers, layer_objects, layers_cut
from sharpdepth_blender.scene.linked import LinkedError
from sharpdepth_blender.scene.live import find_modifier
from sharpdepth_blender.scene.modifier import get_input
from sharpdepth_blender.scene.plate_colors import (
    compensate,
    picture_materials,
    update_compensations,
)
from sharpdepth_blender.scene.projection import projections_of, remove_projection
from sharpdepth_blender.scene.result import is_result
from sharpdepth_blender.scene.scale import scale_result
from sharpdepth_blender.scene.view_transform import is_compensation
from tests.scene.export.importing import import_file
from tests.scene.export.plate import world_points

SUFFIXES = (".exr", ".ply", ".usda", ".usdz", ".abc", ".glb", ".chan")
LINKED = r"is linked from another file: make it local first\.$"


@pytest.fixture(scope="module")
def engine():
    with Engine() as made:
        yield made


@pytest.fixture(scope="module")
def library(engine, tmp_path_factory):
    """A .blend with a result of a picture beside it, its mesh's points, and the picture."""
    folder = tmp_path_factory.mktemp("library")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    v, u = np.mgrid[:48, :64]
    colors = np.stack([0.2 + v / 100, 0.3 + u / 200, 0.8 - v / 100, np.ones_like(v)], axis=-1)
    image = bpy.data.images.new("drawn", 64, 48)
    image.pixels.foreach_set(colors[::-1].astype(np.float32).ravel())
    image.filepath_raw, image.file_format = str(folder / "plate.png"), "PNG"
    image.save()
    bpy.data.images.remove(image)
    obj = sharpdepth.generate(folder / "plate.png", fov=60, engine=engine, resolution=64)
    points = world_points(bpy.context.scene, obj)
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "library.blend"))
    return folder / "library.blend", points, folder / "plate.png"


@pytest.fixture(params=["linked", "override"])
def result(request, scene, library):
    """The result in an empty file."""
    scene.render.resolution_x, scene.render.resolution_y = 64, 48
    with bpy.data.libraries.load(str(library[0]), link=True) as (_, into):
        into.collections = ["plate"]
    (collection,) = into.collections
    scene.collection.children.link(collection)
    if request.param == "override":
        layer = bpy.context.view_layer
        collection.override_hierarchy_create(scene, layer, do_fully_editable=True)
        for child in [each for each in scene.collection.children if each.library]:
            scene.collection.children.unlink(child)
    bpy.context.view_layer.update()
    obj = next(each for each in scene.objects if is_result(each))
    scene.camera = next(each for each in scene.objects if each.type == "CAMERA")
    assert bool(obj.library) == (request.param == "linked")
    assert bool(obj.override_library) == (request.param == "override")
    return obj


def everything():
    """Names of all datablocks, but for what Blender makes by itself while it renders."""
    kinds = (
        "objects", "meshes", "images", "materials", "cameras", "node_groups", "scenes", "actions",
        "worlds", "collections", "libraries",
    )  # fmt: skip
    found = {kind: sorted(each.name_full for each in getattr(bpy.data, kind)) for kind in kinds}
    found["images"] = [name for name in found["images"] if name != "Render Result"]
    return found


def reopened(path):
    """Save and open the file; its scene and what it holds of a name."""
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.open_mainfile(filepath=str(path))
    return bpy.context.scene


def points_in(path):
    """World points of the mesh in an exported file."""
    scene = import_file(path)
    (obj,) = (each for each in scene.objects if each.type == "MESH")
    assert path.suffix == ".ply" or obj.name.startswith("plate")
    return world_points(scene, obj)


def refused(act, result):
    """Have something refused in one sentence, which leaves nothing."""
    before = everything()
    hidden, scale = result.hide_render, get_input(find_modifier(result), "Depth Scale")
    with pytest.raises(SceneError, match=LINKED):
        act()
    assert everything() == before
    assert result.hide_render == hidden
    assert get_input(find_modifier(result), "Depth Scale") == scale


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_export(suffix, result, library, tmp_path):
    before = everything()
    path = tmp_path / f"a{suffix}"
    sharpdepth.export(path, None if suffix == ".chan" else [result])
    assert everything() == before and path.stat().st_size
    if suffix not in (".exr", ".chan"):
        points = points_in(path)
        for end in (np.min, np.max):
            # glTF has fewer faces, off by a quarter of a pixel at most.
            near = 0.1 if suffix == ".glb" else 1e-4
            np.testing.assert_allclose(end(points, 0), end(library[1], 0), atol=near)


def test_scale(result, scene, tmp_path):
    if result.library:
        refused(lambda: scale_result(result, 2.0), result)
        return
    scale_result(result, 2.0)
    scene = reopened(tmp_path / "a.blend")
    (obj,) = (each for each in scene.objects if is_result(each))
    assert obj.override_library and get_input(find_modifier(obj), "Depth Scale") == 2


def test_floor(result, scene, library, tmp_path):
    corners = library[1][[0, 20, -1]].tolist()
    before = [obj.matrix_world.copy() for obj in scene.objects]
    if result.library:
        refused(lambda: set_floor(scene, result, corners), result)
        assert [obj.matrix_world for obj in scene.objects] == before
        return
    set_floor(scene, result, corners)
    scene = reopened(tmp_path / "a.blend")
    (obj,) = (each for each in scene.objects if is_result(each))
    assert obj.override_library and obj.matrix_world != before[0]
    np.testing.assert_allclose(obj.matrix_world, scene.camera.matrix_world, atol=1e-5)


def test_bake(result):
    refused(lambda: sharpdepth.bake(result), result)
    assert find_modifier(result)


def test_project(result, scene, library, tmp_path):
    if result.library:
        refused(lambda: sharpdepth.project([result], library[2]), result)
        return
    projection = sharpdepth.project([result], library[2])
    assert projections_of(result) == [projection]
    scene = reopened(tmp_path / "a.blend")
    (obj,) = (each for each in scene.objects if is_result(each))
    (projection,) = projections_of(obj)
    before = everything()["materials"]
    remove_projection(obj, projection)
    assert projections_of(obj) == []
    assert set(everything()["materials"]) < set(before)


def test_split(result, scene, tmp_path):
    if result.library:
        refused(lambda: sharpdepth.split_layers(result, count=2), result)
        return
    layers = sharpdepth.split_layers(result, count=2)
    assert len(layer_objects(layers)) >= 2
    scene = reopened(tmp_path / "a.blend")
    (obj,) = (each for each in scene.objects if is_result(each))
    (layers,) = (each for each in scene.objects if is_layers(each))
    assert obj.hide_render and obj.hide_get()
    assert sharpdepth.split_layers(obj, count=3) == layers


def test_how_the_picture_is_shown(result, scene, capfd):
    """It stays as it is, and there is a sentence where Blender lets a setter say one."""
    scene.view_settings.view_transform = "AgX"
    (material,) = picture_materials(result)
    shown = result.sharpdepth
    assert material.library and shown.linked_material == material
    nodes = sorted(node.name for node in material.node_tree.nodes)
    with pytest.raises(LinkedError, match=LINKED):
        compensate(scene, result, True)
    shown.lit = shown.compensate_view = True
    assert not shown.lit and not shown.compensate_view
    assert sorted(node.name for node in material.node_tree.nodes) == nodes
    assert not any(is_compensation(each) for each in bpy.data.node_groups)
    assert update_compensations(scene) == 0
    assert capfd.readouterr().err.count("is linked from another file: make it local first.") == 2


def test_generate_again(result, scene, library, engine):
    points = world_points(scene, result)
    settings = dict(engine=engine, camera=scene.camera, resolution=64)
    task = sharpdepth.begin_generate(library[2], **settings)
    task.run(lambda fraction, message: None)
    assert not task.fault
    (obj,) = (each for each in scene.objects if is_result(each) and each != result)
    assert f"{result.name} is linked from another file, and stays" in task.outcome
    np.testing.assert_array_equal(world_points(scene, result), points)
    assert not obj.library and not obj.override_library
    (home,) = obj.users_collection
    assert not home.library and not home.override_library
    # The new one is local, and gets the new depth the next time.
    assert sharpdepth.generate(library[2], **settings) == obj


def test_layers_of_another_file(scene, library, engine, tmp_path):
    """Linked layers are not cut anew; a split of a local result leaves them alone."""
    bpy.ops.wm.open_mainfile(filepath=str(library[0]))
    sharpdepth.split_layers(count=2)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "layers.blend"), copy=True)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    with bpy.data.libraries.load(str(tmp_path / "layers.blend"), link=True) as (_, into):
        into.collections = ["plate layers"]
    scene.collection.children.link(into.collections[0])
    bpy.context.view_layer.update()
    (layers,) = (each for each in scene.objects if is_layers(each))
    before = everything()
    with pytest.raises(SceneError, match=LINKED):
        change_layers(layers, layers_cut(layers))
    assert everything() == before
    for suffix in (".usda", ".abc", ".glb"):
        sharpdepth.export(tmp_path / f"a{suffix}", [layers])
        assert everything() == before


def test_a_scene_of_another_file(library, engine):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(str(library[0]), link=True) as (there, into):
        into.scenes = there.scenes
    (linked,) = into.scenes
    result = next(each for each in linked.objects if is_result(each))
    before = everything()
    for act in (
        lambda: sharpdepth.generate(library[2], linked, engine=engine),
        lambda: sharpdepth.split_layers(result, linked),
        lambda: sharpdepth.project([result], library[2], linked, camera=linked.camera),
        lambda: sharpdepth.generate_sequence(library[2], library[2].parent / "d", linked),
    ):
        with pytest.raises(SceneError, match=LINKED):
            act()
        assert everything() == before
