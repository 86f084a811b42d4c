import hashlib
import json
import shutil
import struct

import bpy
import numpy as np
import pytest
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector

from sharpdepth_blender.geometry import project
from sharpdepth_blender.geometry.srgb import to_linear
from sharpdepth_blender.scene import (
    SaveError,
    SceneError,
    camera_intrinsics,
    camera_matrix,
    read_depth_exr,
)
from sharpdepth_blender.scene.export import export_package
from sharpdepth_blender.scene.layers import layer_objects, split_result
from sharpdepth_blender.scene.picture import image_values
from tests.geometry.test_exr import read_exr
from tests.scene.export.compositors import card_corners, read_nuke, run_after_effects
from tests.scene.export.importing import import_file
from tests.scene.export.plate import add_plate, everything
from tests.scene.export.test_decimated import add_street

FRAMES = (3, 5, 7)


def add_layers(scene, unit=1.0, **wishes):
    """A street as layers that stand turned and away, and the camera that goes past them."""
    scene.unit_settings.scale_length = unit
    result, camera = add_street(scene)
    wishes = {"sky": 20.0, **wishes}
    rig = split_result(scene, result, thresholds=(3.6, 10.5), move=0.2, **wishes)
    for each in (rig, scene.camera):
        each.rotation_euler = 1.3, 0.2, 0.7
        each.location = (np.array([0.5, -2.0, 1.5]) / unit).tolist()
    scene.frame_start, scene.frame_end = 3, 7
    scene.frame_set(3)
    bpy.context.view_layer.update()
    return rig, camera


def add_shot(scene, fit="AUTO", size=(80, 45), shift=(0.0, 0.0), aspect=(1, 1)):
    """Another camera that renders: it goes, turns and zooms."""
    data = bpy.data.cameras.new("Shot")
    camera = bpy.data.objects.new("Shot é", data)
    scene.collection.objects.link(camera)
    first = scene.camera
    scene.camera = camera
    data.sensor_fit, data.sensor_width, data.sensor_height = fit, 30.0, 22.0
    data.shift_x, data.shift_y = shift
    scene.render.resolution_x, scene.render.resolution_y = size
    scene.render.pixel_aspect_x, scene.render.pixel_aspect_y = aspect
    unit = scene.unit_settings.scale_length
    for frame, far in ((3, 0.0), (7, 1.0)):
        camera.location = (np.array(first.location) + 0.2 * far / unit).tolist()
        camera.rotation_euler = 1.3, 0.2 + 0.1 * far, 0.7 - 0.2 * far
        data.lens = 28 + 9 * far
        camera.keyframe_insert("location", frame=frame)
        camera.keyframe_insert("rotation_euler", frame=frame)
        data.keyframe_insert("lens", frame=frame)
    scene.frame_set(3)
    return camera


def eight_corners(objects):
    """(8, 3) corners of a box before the camera, in Blender's units."""
    matrix = objects[0].matrix_world
    unit = bpy.context.scene.unit_settings.scale_length
    box = [(x, y, z) for x in (-0.9, 1.1) for y in (-0.8, 0.7) for z in (-3, -8)]
    return np.array([matrix @ (Vector(corner) / unit) for corner in box])


def seen(scene, camera, points, frame):
    """Where Blender itself sees points, in pixels from the top left."""
    scene.frame_set(frame)
    views = [world_to_camera_view(scene, camera, Vector(point)) for point in points.tolist()]
    width, height = scene.render.resolution_x, scene.render.resolution_y
    return np.array([(view.x * width, (1 - view.y) * height) for view in views])


def y_up(points):
    return np.stack([points[:, 0], points[:, 2], -points[:, 1]], -1)


def as_ae(points):
    return 100 * np.stack([points[:, 0], -points[:, 2], points[:, 1]], -1)


def corners_of(obj):
    """Corners of a card in the world: at UV (0, 0), (1, 0), (1, 1), (0, 1)."""
    matrix = np.array(obj.matrix_world)
    flat = np.array([vertex.co for vertex in obj.data.vertices])
    return flat @ matrix[:3, :3].T + matrix[:3, 3]


SHOTS = {
    "landscape": {},
    "fitted upright, shifted": {"fit": "VERTICAL", "shift": (0.1, -0.07)},
    "portrait, shifted, centimeters": {"size": (45, 81), "shift": (-0.03, 0.2), "unit": 0.01},
    "anamorphic": {"fit": "HORIZONTAL", "size": (60, 45), "aspect": (2, 1), "shift": (0.05, 0.02)},
}


@pytest.mark.parametrize("shot", SHOTS)
def test_where_eight_corners_fall(shot, scene, tmp_path):
    given = dict(SHOTS[shot])
    unit = given.pop("unit", 1.0)
    rig, _ = add_layers(scene, unit, kind="CARD")
    camera = add_shot(scene, **given)
    layers = layer_objects(rig)
    points = eight_corners(layers)
    before = everything()
    notes = export_package(tmp_path / "é pack.v1", scene, layers, [camera])
    assert everything() == before and notes == []
    folder = tmp_path / "é pack.v1"
    nodes = read_nuke((folder / "__pack_v1.nk").read_text("ascii"))
    comps, shown = run_after_effects((folder / "__pack_v1.jsx").read_text("ascii"), folder)
    width, height = scene.render.resolution_x, scene.render.resolution_y
    aspect = scene.render.pixel_aspect_x / scene.render.pixel_aspect_y
    root = nodes["Root"].knobs
    assert [*root["first_frame"], *root["last_frame"], *root["fps"]] == ["3", "7", "24"]
    assert root["format"] == [f"{width} {height} 0 0 {width} {height} {aspect:g} SharpDepth"]
    assert shown.size == (round(width * aspect), height) and shown.aspect == 1
    assert shown.name == "é pack.v1" and shown.fps == 24
    assert shown.duration == pytest.approx(5 / 24)
    space = next(comp for comp in comps.values() if any(each.is_camera for each in comp.layers))
    assert ("shift" in given) == (space is not shown)
    for frame in FRAMES:
        wanted = seen(scene, camera, points, frame)
        assert (wanted > -200).all() and (wanted < 300).all()
        found = nodes["Camera"].pixels(y_up(points * unit), frame, (width, height), aspect)
        np.testing.assert_allclose(found, wanted, atol=0.02)
        vertical = nodes["Camera"].at("vaperture", frame) / nodes["Camera"].at("haperture", frame)
        assert vertical[0] == pytest.approx(height / width / aspect)

        time = (frame - 3) / 24
        found = in_shot(shown, space, as_ae(points * unit), time)
        np.testing.assert_allclose(found, wanted * (aspect, 1), atol=0.02)
        for obj, layer in zip(layers, space.layers[1:], strict=True):
            assert json.loads(layer.plain["name"]) == obj.name
            assert layer.plain["threeDLayer"] == "true" and layer.source.is_file()
            picture = bpy.data.images.load(str(layer.source))
            across, down = picture.size
            bpy.data.images.remove(picture)
            pixels = [(0, down, 0), (across, down, 0), (across, 0, 0), (0, 0, 0)]
            matrix = layer.matrix(time)
            corners = np.array(pixels) @ matrix[:3, :3].T + matrix[:3, 3]
            wanted = seen(scene, camera, corners_of(obj), frame) * (aspect, 1)
            found = in_shot(shown, space, corners, time)
            np.testing.assert_allclose(found, wanted, atol=0.1, rtol=1e-5)

    scene.frame_set(3)
    stems = [obj.name.replace(" ", "_") for obj in layers]
    for obj, stem in zip(layers, stems, strict=True):
        card = nodes[f"Card_{stem}"]
        corners = card_corners(card, 3)
        wanted = y_up(corners_of(obj)) * unit
        np.testing.assert_allclose(corners, wanted, atol=1e-4 * np.abs(wanted).max())
        (projection,) = card.inputs
        assert projection.kind == "Project3D2"
        frame, projector = projection.inputs
        left, bottom, right, top = map(int, frame.knobs["box"])
        assert (frame.kind, frame.knobs["reformat"]) == ("Crop", ["true"])
        size = right - left, top - bottom
        assert size == tuple(obj["sharpdepth_layer_color"].size)
        found = projector.pixels(corners, 3, size)
        np.testing.assert_allclose(found, [(0, size[1]), size, (size[0], 0), (0, 0)], atol=0.05)
        (read,) = frame.inputs
        file = read.knobs["file"][0].replace("\\[file dirname \\[value root.name]]", str(folder))
        windows = read_exr(tmp_path / file)[0]
        data = struct.unpack("<4i", windows["dataWindow"][1])
        display = struct.unpack("<4i", windows["displayWindow"][1])
        assert display == (0, 0, 63, 47)
        assert (data[0], 48 - data[3] - 1, data[2] + 1, 48 - data[1]) == (left, bottom, right, top)
    render = nodes["Render"]
    assert render.inputs[0] is None and render.inputs[2] is nodes["Camera"]
    names = [each.knobs["name"][0] for each in render.inputs[1].inputs]
    assert names == [f"Card_{stem}" for stem in stems] and len(names) == 4


def in_shot(shown, space, points, time):
    """Where points are seen, through a composition of its own where the lens is shifted."""
    pixels = space.pixels(points, time)
    if space is shown:
        return pixels
    (layer,) = shown.layers
    assert layer.source is space
    return pixels - np.array(space.size) / 2 + layer.at("ADBE Position", time)


def test_reliefs_their_pictures_and_the_projector(scene, tmp_path):
    rig, camera = add_layers(scene, 0.01, sky=0.0)
    layers = layer_objects(rig)
    notes = export_package(tmp_path / "pack", scene, layers, [scene.camera], faces=600)
    assert [note.split(" finer")[0] for note in notes[:-1]] == [
        f"relief of {o.name}" for o in layers
    ]
    assert "in After Effects" in notes[-1] and len(notes) == len(layers) + 1
    nodes = read_nuke((tmp_path / "pack" / "pack.nk").read_text())
    matrix = np.array(camera_matrix(scene, scene.camera))
    starts = {}
    light, clear, masks = 0, np.ones((48, 64)), np.zeros((48, 64))
    for obj in layers:
        stem = obj.name.replace(" ", "_")
        relief = nodes[f"Relief_{stem}"]
        file = relief.knobs["file"][0].replace("\\[file dirname \\[value root.name]]", "pack")
        lines = [line.split() for line in (tmp_path / file).read_text().splitlines()]
        points = np.array([line[1:] for line in lines if line[0] == "v"], float)
        uvs = np.array([line[1:] for line in lines if line[0] == "vt"], float)
        faces = [[each.split("/") for each in line[1:]] for line in lines if line[0] == "f"]
        assert len(points) == len(uvs) and 100 < len(faces) <= 600
        assert all(a == b for face in faces for a, b in face)
        frame, projector = relief.inputs[0].inputs
        size = np.array(obj["sharpdepth_layer_color"].size)
        found = projector.pixels(points, 3, size)
        np.testing.assert_allclose(found, (uvs * (1, -1) + (0, 1)) * size, atol=0.02)

        attributes, channels = read_exr(tmp_path / "pack" / "layers" / f"{stem}.exr")
        assert list(channels) == ["A", "B", "G", "R", "depth.Z", "mask.A"]
        to_frame = np.reshape(struct.unpack("<16f", attributes["worldToNDC"][1]), (4, 4))
        to_camera = np.reshape(struct.unpack("<16f", attributes["worldToCamera"][1]), (4, 4))
        wide = np.column_stack([points, np.ones(len(points))])
        seen_at = wide @ to_frame
        left, top = -np.array(struct.unpack("<4i", attributes["dataWindow"][1]))[:2]
        starts[stem] = left, top
        plate = (seen_at[:, :2] / seen_at[:, 3:]) * (64, 48) + (left, top)
        np.testing.assert_allclose(plate, found, atol=0.02)
        assert ((wide @ to_camera)[:, 2] > 0).all()
        column, row = np.floor(found).astype(int).T
        inside = (row < size[1]) & (column < size[0])
        depth = channels["depth.Z"][row[inside], column[inside]]
        shown = depth > 0
        np.testing.assert_allclose(depth[shown], (wide @ to_camera)[inside, 2][shown], rtol=1e-4)

        rgba = image_values(obj["sharpdepth_layer_color"])
        np.testing.assert_allclose(channels["A"], rgba[..., 3], atol=5e-4)
        for number, name in enumerate("RGB"):
            wanted = to_linear(rgba[..., number]) * rgba[..., 3]
            np.testing.assert_allclose(channels[name], wanted, atol=1e-3)
        here = slice(top, top + 48), slice(left, left + 64)
        premultiplied = np.stack([channels[name][here].astype(float) for name in "RGB"], -1)
        light = light + clear[..., None] * premultiplied
        np.testing.assert_allclose(channels["mask.A"][here], clear * channels["A"][here], atol=2e-3)
        masks += channels["mask.A"][here]
        clear = clear * (1 - channels["A"][here].astype(float))
        beyond = channels["mask.A"].astype(float)
        assert beyond.sum() == pytest.approx(beyond[here].sum())
        np.testing.assert_array_equal(
            read_depth_exr(tmp_path / "pack" / "layers" / f"{stem}.exr", "depth.Z"),
            channels["depth.Z"][here],
        )
    np.testing.assert_allclose(masks, 1, atol=3e-3)  # laid over each other they are the plate
    picture = image_values(rig["sharpdepth_layers_picture"])[..., :3]
    assert np.abs(light - to_linear(picture)).mean() < 2e-3
    assert np.abs(matrix[:3, 3]).max() > 100  # of centimeters

    # USD: elsewhere on the disk, and by Blender's own importer.
    shutil.move(tmp_path / "pack", tmp_path / "moved")
    names = [obj.name for obj in layers]
    scene = import_file(tmp_path / "moved" / "pack.usdc")
    projector = next(obj for obj in scene.objects if obj.name == "Projector")
    scene.render.resolution_x, scene.render.resolution_y = 64, 48
    scene.unit_settings.scale_length = 1.0
    known = camera_intrinsics(scene, projector)
    assert (known.fx, known.cx, known.cy) == pytest.approx((camera.fx, 32, 24), rel=1e-4)
    meshes = [obj for obj in scene.objects if obj.type == "MESH"]
    assert sorted(mesh.name for mesh in meshes) == sorted(name.replace(" ", "_") for name in names)
    for mesh in meshes:
        points = np.array([mesh.matrix_world @ vertex.co for vertex in mesh.data.vertices])
        matrix = np.array(projector.matrix_world.normalized())
        here = project((points - matrix[:3, 3]) @ matrix[:3, :3], known)
        (material,) = mesh.data.materials
        (texture,) = (n for n in material.node_tree.nodes if n.type == "TEX_IMAGE")
        assert texture.image.size[0] and str(tmp_path / "moved") in texture.image.filepath
        places = np.zeros((len(points), 2))
        for loop, uv in zip(mesh.data.loops, mesh.data.uv_layers.active.uv, strict=True):
            places[loop.vertex_index] = uv.vector
        size = np.array(texture.image.size)
        wanted = (places * (1, -1) + (0, 1)) * size - starts[mesh.name]
        np.testing.assert_allclose(here, wanted, atol=0.02)


def test_a_result_by_itself(scene, tmp_path):
    obj = add_plate(scene, "portrait, shifted")
    notes = export_package(tmp_path / "pack", scene, [obj], [scene.camera])
    assert len(notes) == 2
    _, channels = read_exr(tmp_path / "pack" / "layers" / "Plate___1_depth_mesh.exr")
    np.testing.assert_array_equal(channels["A"], channels["depth.Z"] > 0)
    np.testing.assert_array_equal(channels["A"], channels["mask.A"])
    assert (channels["A"][3:5, 3:6] == 0).all() and channels["A"].mean() > 0.95


def test_two_plates(scene, tmp_path):
    objects = [add_plate(scene), add_plate(scene, name="Other")]
    objects[1].location.x += 3
    bpy.context.view_layer.update()
    export_package(tmp_path / "pack", scene, objects, [scene.camera], faces=100)
    nodes = read_nuke((tmp_path / "pack" / "pack.nk").read_text())
    places = [node.at("translate", 3) for name, node in nodes.items() if "Projector" in name]
    np.testing.assert_allclose(places[1] - places[0], [3, 0, 0], atol=1e-5)
    scene = import_file(tmp_path / "pack" / "pack.usdc")
    found = [obj.matrix_world.translation.x for obj in scene.objects if "Projector" in obj.name]
    assert len(found) == 2 and abs(found[0] - found[1]) == pytest.approx(3, abs=1e-4)


def test_what_somebody_changed_is_never_replaced(scene, tmp_path):
    obj = add_plate(scene)
    folder = tmp_path / "pack"
    export_package(folder, scene, [obj], faces=50)
    files = sorted(each.relative_to(folder).as_posix() for each in folder.rglob("*.*"))
    assert files == [
        "geometry/Plate___1_depth_mesh.obj", "layers/Plate___1_depth_mesh.exr",
        "layers/Plate___1_depth_mesh.png", "pack.jsx", "pack.nk", "pack.usdc", "package.json",
        "textures/pack_Plate___1_picture.png",
    ]  # fmt: skip
    (folder / "mine.txt").write_text("mine")
    obj.name = "Other"
    export_package(folder, scene, [obj], faces=50)  # in its place
    assert (folder / "layers" / "Other.exr").is_file() and (folder / "mine.txt").is_file()
    assert not (folder / "layers" / "Plate___1_depth_mesh.exr").exists()

    (folder / "pack.nk").write_text("work of days")
    picture = (folder / "layers" / "Other.png").read_bytes()
    (folder / "layers" / "Other.png").write_bytes(picture + b"painted")
    content = {each: each.read_bytes() for each in folder.rglob("*.*")}
    with pytest.raises(SaveError, match=r"changed layers/Other\.png, pack\.nk since"):
        export_package(folder, scene, [obj], faces=50)
    assert {each: each.read_bytes() for each in folder.rglob("*.*")} == content
    assert [each.name for each in tmp_path.iterdir()] == ["pack"]


@pytest.mark.parametrize("above", [False, True])
def test_a_list_that_is_not_ours_is_left_alone(above, scene, tmp_path):
    obj = add_plate(scene)
    folder, other = tmp_path / "site", tmp_path / "notes.txt"
    folder.mkdir()
    other.write_text("mine")
    checksum = hashlib.sha256(b"mine").hexdigest()
    files = {"../notes.txt": checksum} if above else ["dist"]
    listed = json.dumps({"name": "site", "files": files})
    (folder / "package.json").write_text(listed)
    with pytest.raises(SaveError, match=r"package\.json .* is not of a package"):
        export_package(folder, scene, [obj], faces=50)
    assert (folder / "package.json").read_text() == listed and other.read_text() == "mine"
    assert [each.name for each in folder.iterdir()] == ["package.json"]


def test_what_cannot_be_written(scene, tmp_path, full_disk):
    obj = add_plate(scene)
    before = everything()
    with pytest.raises(SaveError, match="does not exist"):
        export_package(tmp_path / "none" / "pack", scene, [obj])
    (tmp_path / "file").write_text("a")
    with pytest.raises(SaveError, match="is a file"):
        export_package(tmp_path / "file", scene, [obj])
    with full_disk(3000), pytest.raises(SaveError, match="cannot be written"):
        export_package(tmp_path / "pack", scene, [obj])
    wall = bpy.data.objects.new("Wall", bpy.data.meshes.new("Wall"))
    scene.collection.objects.link(wall)
    with pytest.raises(SceneError, match="neither a depth result with faces nor a layer"):
        export_package(tmp_path / "pack", scene, [wall])
    wall.name = "x"
    bpy.data.objects.remove(wall)
    bpy.data.meshes.remove(bpy.data.meshes["Wall"])
    assert everything() == before and [each.name for each in tmp_path.iterdir()] == ["file"]
