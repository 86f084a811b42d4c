"""USD, Alembic and glTF: what Blender's own importers find in the files."""

import json
import os
import re
import struct

import bpy
import numpy as np
import pytest

from sharpdepth_blender.geometry import project
from sharpdepth_blender.scene import (
    SaveError,
    SceneError,
    bake_result,
    camera_intrinsics,
    camera_matrix,
    frame_scene,
)
from sharpdepth_blender.scene.export import export_alembic, export_gltf, export_usd
from sharpdepth_blender.scene.live import find_modifier
from sharpdepth_blender.scene.material import set_lit
from sharpdepth_blender.scene.modifier import get_input, set_input
from sharpdepth_blender.scene.picture import image_values
from sharpdepth_blender.scene.plate_colors import compensate
from sharpdepth_blender.scene.projection import add_projection, bake_projection
from tests.scene.export.importing import import_file
from tests.scene.export.plate import (
    FRAMES,
    add_plate,
    everything,
    move_camera,
    values,
    world_points,
)

WRITERS = {
    "usdc": export_usd,
    "usdz": export_usd,
    "abc": export_alembic,
    "glb": export_gltf,
}


def read_back(path):
    """Import a file into an empty scene; the mesh object and the camera object."""
    scene = import_file(path)
    scene.frame_set(3)
    (mesh,) = (obj for obj in scene.objects if obj.type == "MESH")
    (camera,) = (obj for obj in scene.objects if obj.type == "CAMERA")
    if path.suffix == ".abc":
        camera.data.sensor_fit = "HORIZONTAL"  # as it is in the file; the importer leaves AUTO
    return scene, mesh, camera


def corner_uvs(mesh):
    uvs = np.empty((len(mesh.loops), 2), np.float32)
    mesh.uv_layers.active.uv.foreach_get("vector", uvs.ravel())
    vertices = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", vertices)
    return vertices, uvs


def seen(scene, camera, points):
    """Pixels where world points are seen by a camera of the scene."""
    matrix = np.array(camera_matrix(scene, camera))
    known = camera_intrinsics(scene, camera)
    return project((points - matrix[:3, 3]) @ matrix[:3, :3], known)


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("suffix", WRITERS)
def test_geometry_camera_and_picture(suffix, frame, scene, tmp_path):
    obj = add_plate(scene, frame)
    intrinsics, unit = FRAMES[frame]
    wanted = world_points(scene, obj)
    pixels = seen(scene, scene.camera, wanted / unit)
    clip = scene.camera.data.clip_start * unit, scene.camera.data.clip_end * unit
    before = everything()
    path = tmp_path / f"é plate.{suffix}"
    WRITERS[suffix](path, scene, [obj], [scene.camera])
    assert everything() == before
    assert {each.name for each in tmp_path.iterdir()} == {path.name} | (
        {"textures"} if suffix == "usdc" else set()
    )

    scene, mesh, camera = read_back(path)
    frame_scene(scene, intrinsics)
    found = world_points(scene, mesh)
    vertices, uvs = corner_uvs(mesh.data)
    assert len(mesh.data.polygons) > (200 if suffix == "glb" else 1000)
    # Where each corner is by its place in the picture: by that its point is known.
    places = uvs * (intrinsics.width, -intrinsics.height) + (0, intrinsics.height)
    at = {tuple(np.floor(pixel).astype(int)): n for n, pixel in enumerate(pixels)}
    index = np.array([at[tuple(place)] for place in np.floor(places).astype(int)])
    np.testing.assert_allclose(found[vertices], wanted[index], atol=1e-5 * np.abs(wanted).max())

    shown = seen(scene, camera, found[vertices])
    if suffix == "glb":  # it has no lens shift
        shown += (intrinsics.cx - intrinsics.width / 2, intrinsics.cy - intrinsics.height / 2)
    np.testing.assert_allclose(shown, pixels[index], atol=0.01)
    np.testing.assert_allclose(shown, places, atol=0.01)
    if suffix == "abc":  # whose importer takes no start below 0.1
        clip = max(0.1, clip[0]), clip[1]
    assert (camera.data.clip_start, camera.data.clip_end) == pytest.approx(clip, rel=1e-5)
    assert mesh.name.startswith("Plate") and camera.name.startswith("Plate")

    if suffix != "abc":
        (image,) = (image for image in bpy.data.images if image.size[0])
        rgb, _, _ = values(intrinsics)
        np.testing.assert_array_equal(np.round(image_values(image)[..., :3] * 255), rgb)
        assert image.colorspace_settings.name == "sRGB"
        (material,) = mesh.data.materials
        assert any(node.type == "TEX_IMAGE" for node in material.node_tree.nodes)


@pytest.mark.parametrize("frame", ["landscape", "centimeters"])
@pytest.mark.parametrize("suffix", ["usdc", "abc", "glb"])
def test_a_camera_that_moves(suffix, frame, scene, tmp_path):
    obj = add_plate(scene, frame)
    intrinsics, unit = FRAMES[frame]
    move_camera(scene)
    wanted = []
    for number in range(3, 8):
        scene.frame_set(number)
        matrix = np.array(camera_matrix(scene, scene.camera))
        matrix[:3, 3] *= unit
        wanted.append((matrix, camera_intrinsics(scene, scene.camera).fx))
    scene.frame_set(3)
    before = everything()
    fps = scene.render.fps
    path = tmp_path / f"a.{suffix}"
    notes = WRITERS[suffix](path, scene, [obj], [scene.camera])
    assert everything() == before
    if suffix == "glb":
        assert any("change of the lens" in note for note in notes)
    if suffix == "abc":  # whose importer takes the lens of the first frame only
        content = path.read_bytes()
        for _, fx in wanted:
            (lens,) = struct.unpack("<f", struct.pack("<f", fx * 36 / intrinsics.width))
            assert struct.pack("<d", lens) in content

    scene, _, camera = read_back(path)
    assert scene.render.fps == fps
    frame_scene(scene, intrinsics)
    for number, (matrix, fx) in zip(range(3, 8), wanted, strict=True):
        scene.frame_set(number)
        np.testing.assert_allclose(
            np.array(camera_matrix(scene, camera)), matrix, atol=1e-4 if suffix != "glb" else 1e-3
        )
        if suffix == "usdc":
            assert camera_intrinsics(scene, camera).fx == pytest.approx(fx, rel=1e-4)


@pytest.mark.parametrize("suffix", ["usdc", "abc"])
def test_an_object_that_moves_and_changes(suffix, scene, tmp_path):
    obj = add_plate(scene)
    obj.location.x = 0
    obj.keyframe_insert("location", frame=3)
    obj.location.x = 2
    obj.keyframe_insert("location", frame=7)
    obj.scale = 1, 2, 3
    scene.frame_set(3)
    wanted = []
    for number in (3, 7):
        scene.frame_set(number)
        wanted.append(world_points(scene, obj))
    scene.frame_set(3)
    path = tmp_path / f"a.{suffix}"
    WRITERS[suffix](path, scene, [obj], [scene.camera])
    scene, mesh, _ = read_back(path)
    for number, points in zip((3, 7), wanted, strict=True):
        scene.frame_set(number)
        np.testing.assert_allclose(world_points(scene, mesh), points, atol=1e-4)


@pytest.mark.parametrize("lit", [False, True])
@pytest.mark.parametrize("baked", [False, True])
def test_light_of_gltf_and_usd(baked, lit, scene, tmp_path):
    obj = add_plate(scene)
    set_lit(get_input(find_modifier(obj), "Material"), lit)
    scene.view_settings.view_transform = "AgX"
    compensate(scene, obj, not baked)  # which other programs do not do
    if baked:
        bake_result(obj)
    export_gltf(tmp_path / "a.glb", scene, [obj], [scene.camera])
    content = (tmp_path / "a.glb").read_bytes()
    (length,) = struct.unpack_from("<I", content, 12)
    head = json.loads(content[20 : 20 + length])
    (material,) = head["materials"]
    assert ("KHR_materials_unlit" in material.get("extensions", {})) != lit
    assert material["pbrMetallicRoughness"]["baseColorTexture"] == {"index": 0}
    assert material["name"] == "Plate é 1" and head["images"][0]["mimeType"] == "image/png"
    export_usd(tmp_path / "a.usda", scene, [obj], [scene.camera])
    text = (tmp_path / "a.usda").read_text()
    assert "metersPerUnit = 1\n" in text and 'upAxis = "Y"' in text
    assert ("inputs:emissiveColor.connect" in text) != lit
    assert ("inputs:ior = 1\n" in text) != lit  # nothing of the world is reflected
    assert ("inputs:diffuseColor.connect" in text) == lit
    (name,) = os.listdir(tmp_path / "textures")
    assert f"@./textures/{name}@" in text and name.startswith("a_")


@pytest.mark.parametrize("suffix", WRITERS)
def test_what_is_no_mesh_is_refused(suffix, scene, tmp_path):
    add_plate(scene)
    empty = bpy.data.objects.new("Nothing", None)
    scene.collection.objects.link(empty)
    before = everything()
    for obj in (empty, scene.camera):
        with pytest.raises(SceneError, match=f"{obj.name} is not a mesh"):
            WRITERS[suffix](tmp_path / f"a.{suffix}", scene, [obj], [scene.camera])
    assert everything() == before and not os.listdir(tmp_path)


@pytest.mark.parametrize("suffix", ["usda", "glb"])
def test_projections_are_told_of_until_they_are_baked(suffix, scene, tmp_path):
    """An exporter would take their picture for a texture on the UV map, without mask or order."""
    obj = add_plate(scene)
    picture = np.full((36, 48, 3), (200, 30, 40), np.uint8)
    lens, place = camera_intrinsics(scene, scene.camera), scene.camera.matrix_world
    mesh = bpy.data.meshes.new("Wall")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (1, 1, 0)], [], [(0, 1, 2)])
    wall = bpy.data.objects.new("Wall", mesh)
    scene.collection.objects.link(wall)
    add_projection(scene, [obj, wall], picture, lens, place, name="Repaint")
    write = export_gltf if suffix == "glb" else export_usd

    def exported(name, objects):
        path = tmp_path / f"{name}.{suffix}"
        notes = write(path, scene, objects)
        content = path.read_bytes()
        if suffix == "usda":
            return notes, sorted(set(re.findall(rb"textures/(\w+)", content)))
        (length,) = struct.unpack_from("<I", content, 12)
        return notes, [each["name"] for each in json.loads(content[20 : 20 + length])["images"]]

    before = everything()
    notes, pictures = exported("stack", [obj, wall])
    told = "the projections onto Plate é 1 depth mesh, Wall, which are to be baked first"
    assert [each for each in notes if not each.startswith("relief of")] == [told]
    assert len(pictures) == 1 and "Plate" in str(pictures)  # the result, as it was before
    assert everything() == before
    bake_projection(scene, wall, 16)
    notes, pictures = exported("baked", [wall])
    assert notes == [] and len(pictures) == 1 and "Wall_Baked" in str(pictures)


def test_the_user_s_own_file_is_the_texture(scene, tmp_path):
    jpeg = bpy.data.images.new("plate", 48, 36)
    jpeg.file_format = "JPEG"
    jpeg.save(filepath=str(tmp_path / "plate.jpg"))
    obj = add_plate(scene)
    image = bpy.data.images.load(str(tmp_path / "plate.jpg"))
    material = get_input(find_modifier(obj), "Material")
    next(n for n in material.node_tree.nodes if n.type == "TEX_IMAGE").image = image
    export_usd(tmp_path / "a.usdc", scene, [obj], [scene.camera])
    export_gltf(tmp_path / "a.glb", scene, [obj], [scene.camera])
    content = (tmp_path / "plate.jpg").read_bytes()
    assert (tmp_path / "textures" / "a_plate.jpg").read_bytes() == content
    assert content in (tmp_path / "a.glb").read_bytes()


def test_several_objects_cameras_and_other_materials(scene, tmp_path):
    first, second = add_plate(scene, name="One"), add_plate(scene, name="Zwei é")
    mesh = bpy.data.meshes.new("Wall")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)], [], [(0, 1, 2, 3)])
    plain = bpy.data.materials.new("Paint")
    mesh.materials.append(plain)
    wall = bpy.data.objects.new("Wall", mesh)
    scene.collection.objects.link(wall)
    wall.parent = first
    cameras = [obj for obj in scene.objects if obj.type == "CAMERA"]
    assert len(cameras) == 2
    bpy.context.view_layer.objects.active = wall
    wall.select_set(True)
    points = world_points(scene, wall)
    before = everything()
    for suffix in ("usdc", "abc", "glb"):
        WRITERS[suffix](tmp_path / f"a.{suffix}", scene, [first, second, wall], cameras)
        assert everything() == before
    names = {}
    for suffix in ("usdc", "abc", "glb"):
        bpy.ops.wm.read_factory_settings(use_empty=True)
        {"abc": bpy.ops.wm.alembic_import, "glb": bpy.ops.import_scene.gltf}.get(
            suffix, bpy.ops.wm.usd_import
        )(filepath=str(tmp_path / f"a.{suffix}"))
        found = bpy.context.scene.objects
        names[suffix] = {obj.type: 0 for obj in found}
        for obj in found:
            names[suffix][obj.type] += 1
        again = next(obj for obj in found if obj.name.startswith("Wall") and obj.type == "MESH")
        np.testing.assert_allclose(
            np.sort(world_points(bpy.context.scene, again), 0), np.sort(points, 0), atol=1e-4
        )
        if suffix != "abc":
            assert [material.name for material in again.data.materials] == ["Paint"]
        assert (names[suffix]["MESH"], names[suffix]["CAMERA"]) == (3, 2)
    assert len(os.listdir(tmp_path / "textures")) == 2


@pytest.mark.parametrize("suffix", WRITERS)
def test_nothing_is_left_of_a_failure(suffix, scene, tmp_path, full_disk):
    obj = add_plate(scene)
    before = everything()
    write = WRITERS[suffix]
    path = tmp_path / f"a.{suffix}"
    path.write_text("old")
    with full_disk(3000), pytest.raises(SaveError, match="cannot be written"):
        write(path, scene, [obj], [scene.camera])
    assert path.read_text() == "old" and os.listdir(tmp_path) == [path.name]
    with pytest.raises(SaveError, match="does not exist"):
        write(tmp_path / "none" / path.name, scene, [obj], [scene.camera])
    set_input(find_modifier(obj), "Output", "Points")
    before_points = everything()
    with pytest.raises(SceneError, match="has no faces"):
        write(path, scene, [obj], [scene.camera])
    assert everything() == before_points == before
    scene.camera.data.type = "ORTHO"
    with pytest.raises(SceneError, match="perspective"):
        write(path, scene, [obj], [scene.camera])
    assert path.read_text() == "old" and os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("suffix", WRITERS)
def test_no_image_keeps_a_user(suffix, scene, tmp_path):
    """Or it would not be purged when nothing shows it any more."""
    obj = add_plate(scene)
    before = {image.name: image.users for image in bpy.data.images}
    WRITERS[suffix](tmp_path / f"a.{suffix}", scene, [obj], [scene.camera])
    assert {image.name: image.users for image in bpy.data.images} == before


def test_an_exporter_that_is_missing(scene, tmp_path):
    obj = add_plate(scene)
    bpy.ops.preferences.addon_disable(module="io_scene_gltf2")
    try:
        with pytest.raises(SceneError, match="glTF"):
            export_gltf(tmp_path / "a.glb", scene, [obj])
    finally:
        bpy.ops.preferences.addon_enable(module="io_scene_gltf2")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("suffix", ["usdc", "abc", "glb"])
def test_an_object_that_moves_leaves_no_action_behind(suffix, scene, tmp_path):
    obj = add_plate(scene)
    for frame in (3, 7):
        obj.location.x += frame
        obj.keyframe_insert("location", frame=frame)
    scene.frame_set(3)
    before = everything()
    WRITERS[suffix](tmp_path / f"a.{suffix}", scene, [obj])
    assert everything() == before
