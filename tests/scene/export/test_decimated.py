"""Surfaces of results and layers as few triangles: what a glTF file holds of them."""

import json
import re
import struct

import bpy
import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.geometry.panorama import directions_of, panorama_lens
from sharpdepth_blender.scene import add_depth_result, bake_result, frame_scene
from sharpdepth_blender.scene.export import export_gltf
from sharpdepth_blender.scene.layers import layer_objects, split_result
from sharpdepth_blender.scene.picture import image_values
from tests.geometry.layers.street import street
from tests.geometry.test_decimation import at, off, turned
from tests.geometry.test_panorama import box_length


def read_glb(path):
    """The meshes of a file by name, in Blender's axes."""
    content = path.read_bytes()
    (length,) = struct.unpack_from("<I", content, 12)
    head, body = json.loads(content[20 : 20 + length]), content[28 + length :]

    def values(number):
        accessor = head["accessors"][number]
        view = head["bufferViews"][accessor["bufferView"]]
        kind = {5123: "<u2", 5125: "<u4", 5126: "<f4"}[accessor["componentType"]]
        columns = {"SCALAR": 1, "VEC2": 2, "VEC3": 3}[accessor["type"]]
        start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
        found = np.frombuffer(body, kind, accessor["count"] * columns, start)
        return found.reshape(-1, columns)

    class Found:
        pass

    meshes = {}
    for node in head["nodes"]:
        if "mesh" not in node:
            continue
        (primitive,) = head["meshes"][node["mesh"]]["primitives"]
        found = meshes[node["name"]] = Found()
        x, y, z = values(primitive["attributes"]["POSITION"]).T
        found.points = np.stack([x, -z, y], -1)
        found.uvs = values(primitive["attributes"]["TEXCOORD_0"]) * (1, -1) + (0, 1)
        found.triangles = values(primitive["indices"]).reshape(-1, 3)
        found.attributes = primitive["attributes"]
        material = head["materials"][primitive["material"]]
        found.alpha = material.get("alphaMode", "OPAQUE")
        found.place = node
        texture = head["textures"][material["pbrMetallicRoughness"]["baseColorTexture"]["index"]]
        view = head["bufferViews"][head["images"][texture["source"]]["bufferView"]]
        start = view.get("byteOffset", 0)
        found.file = body[start : start + view["byteLength"]]
    return meshes


def evaluated_grid(obj):
    """Vertices of an object and their places in its picture."""
    bpy.context.view_layer.update()
    mesh = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    points = np.array([vertex.co for vertex in mesh.vertices])
    places = np.zeros((len(points), 2))
    for loop, uv in zip(mesh.loops, mesh.uv_layers.active.uv, strict=True):
        places[loop.vertex_index] = uv.vector
    return points, places


def add_street(scene, size=(64, 48)):
    picture, depth, camera = street(*size)
    depth = np.where(depth == 0, np.float32(40), depth)
    depth *= 1 + 0.002 * np.sin(np.arange(size[0]) / 2).astype(np.float32)
    frame_scene(scene, camera)
    rgb = np.round(255 * picture).astype(np.uint8)
    return add_depth_result(scene, rgb, depth, depth, camera, name="street"), camera


def test_layers_are_within_a_quarter_of_a_pixel(scene, tmp_path):
    result, camera = add_street(scene)
    rig = split_result(scene, result, thresholds=(3.6, 10.5), sky=0.0, move=0.3)
    layers = layer_objects(rig)
    notes = export_gltf(tmp_path / "a.glb", scene, layers)
    meshes = read_glb(tmp_path / "a.glb")
    assert list(meshes) == [obj.name for obj in layers] and len(layers) == 3
    opaque = []
    for obj, note in zip(layers, notes, strict=True):
        found = meshes[obj.name]
        image = obj["sharpdepth_layer_color"]
        rgba = image_values(image)
        height, width = rgba.shape[:2]
        points, places = evaluated_grid(obj)
        columns = np.minimum((places[:, 0] * width).astype(int), width - 1)
        rows = np.minimum(((1 - places[:, 1]) * height).astype(int), height - 1)
        seen = rgba[rows, columns, 3] > 0
        overscan = Intrinsics(camera.fx, camera.fy, width / 2, height / 2, width, height)
        error = off(at(found, places[seen]), points[seen], overscan, 0.3)
        worst, mean = map(float, re.findall(r"(\d+\.\d+) (?:pixels|on average)", note)[:2])
        assert np.isfinite(error).all() and error.max() <= 0.2501  # all of it is there
        assert error.max() == pytest.approx(worst, abs=0.006)
        assert error.mean() == pytest.approx(mean, abs=0.012)  # of what is seen, not beside it
        assert f"up to 0.3 m: it has {len(found.triangles)} faces" in note
        opaque.append(bool((rgba[..., 3] == 1).all()))
        assert found.alpha == ("OPAQUE" if opaque[-1] else "BLEND")
        assert list(found.attributes) == ["POSITION", "TEXCOORD_0"]
        (tmp_path / "a.png").write_bytes(found.file)
        texture = bpy.data.images.load(str(tmp_path / "a.png"))
        texture.alpha_mode = "CHANNEL_PACKED"
        shown = image_values(texture)
        bpy.data.images.remove(texture)
        np.testing.assert_allclose(shown[..., 3:] if shown.shape[-1] == 4 else 1, rgba[..., 3:])
        there = rgba[..., 3] > 0
        np.testing.assert_array_equal(shown[there][:, :3], rgba[there][:, :3])
    assert opaque == [False, False, True]


def test_so_many_faces(scene, tmp_path):
    result, _ = add_street(scene)
    rig = split_result(scene, result, thresholds=(3.6,), sky=0.0, move=0.3)
    notes = export_gltf(tmp_path / "a.glb", scene, layer_objects(rig), faces=150)
    counts = [len(each.triangles) for each in read_glb(tmp_path / "a.glb").values()]
    assert all(20 < count <= 150 for count in counts)
    assert all(f"it has {count} faces" in note for count, note in zip(counts, notes, strict=True))
    worst = [float(re.search(r"than (\d+\.\d+) pixels", note)[1]) for note in notes]
    assert max(worst) > 0.3


def test_a_result_keeps_its_tears(scene, tmp_path):
    result, camera = add_street(scene, (48, 36))
    export_gltf(tmp_path / "a.glb", scene, [result])
    (found,) = read_glb(tmp_path / "a.glb").values()
    points, places = evaluated_grid(result)
    mesh = result.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    area = len(mesh.polygons)
    a, b, c = (found.uvs[found.triangles[:, n]] * (48, 36) for n in range(3))
    assert np.abs(np.cross(b - a, c - a)).sum() / 2 == pytest.approx(area, rel=1e-4)
    assert area < 0.97 * 47 * 35 and len(found.triangles) < 2 * area
    used = np.unique([list(each.vertices) for each in mesh.polygons])
    depth = np.median(-points[:, 2])
    error = off(at(found, places[used]), points[used], camera, 0.1 * depth)
    assert error.max() <= 0.2501


@pytest.mark.parametrize(
    ("baked", "faces", "samples"), [(False, None, 57), (True, None, 80), (False, 1500, 80)]
)
def test_a_panorama(baked, faces, samples, scene, tmp_path):
    length = box_length(directions_of(80, 40))
    length[15:25, 30:50] *= 0.4
    length[20:30, :6] = 0
    lens, rgb = panorama_lens(80, 40), np.zeros((40, 80, 3), np.uint8)
    obj = add_depth_result(
        scene, rgb, length, length, lens, name="Around", is_panorama=True, resolution=samples
    )
    points, places = evaluated_grid(obj)
    count = len(obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.polygons)
    if baked:
        bake_result(obj)
    (note,) = export_gltf(tmp_path / "a.glb", scene, [obj], faces=faces)
    (found,) = read_glb(tmp_path / "a.glb").values()
    assert f"it has {len(found.triangles)} faces" in note
    assert 500 < len(found.triangles) <= (faces or (1.6 if samples == 80 else 2) * count)
    seen = at(found, places)
    assert np.isfinite(seen).all()  # all of it is there
    move = 0.1 * np.median(np.linalg.norm(points, axis=1))
    error = turned(seen, points, 80, min(move, 0.4))  # half of how near the box is
    worst, mean = map(float, re.findall(r"(\d+\.\d+) (?:pixels|on average)", note)[:2])
    assert error.max() == pytest.approx(worst, abs=0.02) and 0.1 < worst < (9 if faces else 0.2501)
    assert error.mean() == pytest.approx(mean, abs=0.02)
    hole = np.array([[0.02, 1 - 25 / 40], [0.06, 1 - 22 / 40]])
    assert np.isnan(at(found, hole)).all()


def test_what_somebody_shaped_is_left_as_it_is(scene, tmp_path):
    result, _ = add_street(scene, (48, 36))
    shaped = result.modifiers.new("Shaped", "SIMPLE_DEFORM")
    shaped.deform_method, shaped.angle = "BEND", 0.5
    count = len(evaluated_grid(result)[0])
    assert export_gltf(tmp_path / "a.glb", scene, [result]) == []
    (found,) = read_glb(tmp_path / "a.glb").values()
    assert len(found.points) >= 0.95 * count


def test_a_wall_has_nothing_to_tell(scene, tmp_path):
    camera = Intrinsics(80, 80, 32.5, 32.5, 65, 65)
    frame_scene(scene, camera)
    rgb, wall = np.zeros((65, 65, 3), np.uint8), np.full((65, 65), 4, np.float32)
    obj = add_depth_result(scene, rgb, wall, wall, camera, name="wall")
    assert export_gltf(tmp_path / "a.glb", scene, [obj]) == []
    (found,) = read_glb(tmp_path / "a.glb").values()
    assert len(found.triangles) == 2
