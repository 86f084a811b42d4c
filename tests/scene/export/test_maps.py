import os
import struct

import bpy
import numpy as np
import pytest

from sharpdepth_blender.geometry import DepthRemap, shape_depth
from sharpdepth_blender.scene import SaveError, SceneError, bake_result, read_depth_exr
from sharpdepth_blender.scene.export import export_exr, export_ply
from sharpdepth_blender.scene.live import find_modifier
from sharpdepth_blender.scene.modifier import get_input, set_input
from sharpdepth_blender.scene.scale import scale_result
from sharpdepth_blender.scene.sky import show_sky
from tests.geometry.test_exr import read_exr
from tests.geometry.test_ply import read_ply
from tests.scene.export.plate import FRAMES, add_plate, everything, values, world_points


def linear(rgb):
    x = rgb / 255
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("frame", FRAMES)
def test_layers_of_a_result(frame, scene, tmp_path):
    obj = add_plate(scene, frame)
    intrinsics, _ = FRAMES[frame]
    rgb, depth, metric = values(intrinsics)
    before = everything()
    path = tmp_path / "é plate.exr"
    assert export_exr(path, obj) == []
    assert everything() == before
    attributes, channels = read_exr(path)
    assert list(channels) == [
        "B", "G", "N.X", "N.Y", "N.Z", "R", "depth.Z", "difference.Z", "metric_depth.Z",
    ]  # fmt: skip
    np.testing.assert_allclose(channels["depth.Z"], depth, rtol=1e-6)
    np.testing.assert_allclose(channels["metric_depth.Z"], metric, rtol=1e-6)
    np.testing.assert_array_equal(
        channels["difference.Z"], channels["depth.Z"] - channels["metric_depth.Z"]
    )
    assert (channels["depth.Z"][3:5, 3:6] == 0).all()
    for number, name in enumerate("RGB"):
        np.testing.assert_allclose(channels[name], linear(rgb[..., number]), atol=3e-5)

    def number(name):
        return struct.unpack("<f", attributes[name][1])[0]

    assert number("pixelAspectRatio") == pytest.approx(intrinsics.fy / intrinsics.fx)
    for name, wanted in (("focal_length_x", intrinsics.fx), ("principal_point_y", intrinsics.cy)):
        assert number(f"sharpdepth/{name}") == pytest.approx(wanted)
    assert attributes["sharpdepth/unit"] == ("string", b"metre")
    white = struct.unpack("<8f", attributes["chromaticities"][1])
    assert white == pytest.approx((0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329))
    np.testing.assert_array_equal(read_depth_exr(path), channels["depth.Z"])  # with no name given


def test_the_sky_is_a_channel_where_there_is_one(scene, tmp_path):
    obj = add_plate(scene, "landscape")
    depth = values(FRAMES["landscape"][0])[1]
    begins = float(np.median(depth[depth > 0]))
    show_sky(obj, begins)
    for baked in (False, True):
        if baked:
            bake_result(obj)
        export_exr(tmp_path / "plate.exr", obj)
        _, channels = read_exr(tmp_path / "plate.exr")
        np.testing.assert_array_equal(channels["depth.sky"], depth > begins)
        assert 0 < channels["depth.sky"].mean() < 1
    np.testing.assert_array_equal(
        read_depth_exr(tmp_path / "plate.exr"), channels["depth.Z"]
    )  # still, with no name given


@pytest.mark.parametrize("frame", ["landscape", "centimeters"])
def test_the_depth_is_shaped_as_the_result_is(frame, scene, tmp_path):
    obj = add_plate(scene, frame)
    intrinsics, unit = FRAMES[frame]
    modifier = find_modifier(obj)
    lengths = {"Depth Offset": 0.2, "Near": 2.5, "Far": 5.6, "Backdrop": 9.0}
    for name, value in {"Sharpness": 0.25, "Depth Scale": 1.3}.items():
        set_input(modifier, name, value)
    for name, meters in lengths.items():
        set_input(modifier, name, meters / unit)
    export_exr(tmp_path / "live.exr", obj)
    _, depth, metric = values(intrinsics)
    _, live = read_exr(tmp_path / "live.exr")
    for name, sharpness in (("depth.Z", 0.25), ("metric_depth.Z", 0)):
        wanted = shape_depth(depth, metric, DepthRemap(sharpness, 1.3, *lengths.values()))
        np.testing.assert_allclose(live[name], wanted, rtol=1e-5)
        assert set(np.unique(live[name] == 0)) == {False, True} and live[name].max() > 8.9
    either = (live["depth.Z"] == 0) | (live["metric_depth.Z"] == 0)
    assert (live["difference.Z"][either] == 0).all() and np.abs(live["difference.Z"]).max() > 0.1

    bake_result(obj)
    export_exr(tmp_path / "baked.exr", obj)
    _, baked = read_exr(tmp_path / "baked.exr")
    for name in live:
        np.testing.assert_array_equal(baked[name], live[name])
    scale_result(obj, 2)
    export_exr(tmp_path / "scaled.exr", obj)
    _, scaled = read_exr(tmp_path / "scaled.exr")
    np.testing.assert_allclose(scaled["depth.Z"], 2 * live["depth.Z"], rtol=1e-5)


def test_a_float_picture_and_one_of_another_size(scene, tmp_path):
    obj = add_plate(scene)
    image = bpy.data.images.new("HDR", 96, 72, float_buffer=True)
    pixels = np.random.default_rng(0).uniform(0, 40, (72, 96, 4)).astype(np.float32)
    pixels[..., 3] = 1
    image.pixels.foreach_set(pixels[::-1].ravel())
    set_input(find_modifier(obj), "Picture", image)
    export_exr(tmp_path / "a.exr", obj)
    _, found = read_exr(tmp_path / "a.exr")
    np.testing.assert_array_equal(found["G"], pixels[1::2, 1::2, 1])


def test_without_its_picture(scene, tmp_path):
    obj = add_plate(scene)
    set_input(find_modifier(obj), "Picture", None)
    assert export_exr(tmp_path / "a.exr", obj) == ["the picture, which is gone"]
    channels = read_exr(tmp_path / "a.exr")[1]
    assert not channels.keys() & {"R", "G", "B"} and "depth.Z" in channels


def test_what_is_no_result(scene, tmp_path):
    other = bpy.data.objects.new("Cube", bpy.data.meshes.new("Cube"))
    scene.collection.objects.link(other)
    with pytest.raises(SceneError, match="Cube is no depth result"):
        export_exr(tmp_path / "a.exr", other)
    with pytest.raises(SceneError, match="neither points nor a mesh"):
        export_ply(tmp_path / "a.ply", scene, other)
    obj = add_plate(scene)
    set_input(find_modifier(obj), "Depth", None)
    with pytest.raises(SceneError, match="gone"):
        export_exr(tmp_path / "a.exr", obj)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("write", [lambda path, scene, obj: export_exr(path, obj), export_ply])
def test_a_full_disk_and_no_folder(write, scene, tmp_path, full_disk):
    obj = add_plate(scene)
    before = everything()
    path = tmp_path / "a.file"
    path.write_text("old")
    with full_disk(2000), pytest.raises(SaveError, match="cannot be written"):
        write(path, scene, obj)
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["a.file"]
    with pytest.raises(SaveError, match="does not exist"):
        write(tmp_path / "none" / "a.file", scene, obj)
    assert everything() == before


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("baked", [False, True])
@pytest.mark.parametrize("output", ["Mesh", "Points"])
def test_ply_of_a_result(output, baked, frame, scene, tmp_path):
    obj = add_plate(scene, frame, output=output)
    intrinsics, unit = FRAMES[frame]
    if output == "Mesh":
        wanted = world_points(scene, obj)
    if baked:
        bake_result(obj)
    before = everything()
    assert export_ply(tmp_path / "é.ply", scene, obj) == []
    assert everything() == before
    vertices, found = read_ply(tmp_path / "é.ply")
    rgb, depth, _ = values(intrinsics)
    columns = (vertices["uv"][:, 0] * intrinsics.width).astype(int)
    rows = ((1 - vertices["uv"][:, 1]) * intrinsics.height).astype(int)
    np.testing.assert_array_equal(vertices["c"], rgb[rows, columns])
    matrix = np.array(obj.matrix_world)
    here = (vertices["p"] / unit - matrix[:3, 3]) @ matrix[:3, :3]
    np.testing.assert_allclose(-here[:, 2] * unit, depth[rows, columns], rtol=1e-5)
    if output == "Points":
        assert (len(vertices), len(found)) == ((depth > 0).sum(), 0)
    else:
        assert len(found) > 1000 and (found["n"] == 4).all()
        order, there = (np.lexsort(each.round(4).T) for each in (vertices["p"], wanted))
        if not baked:
            used = np.unique(found["i"])
            assert len(used) > 1000
        np.testing.assert_allclose(
            vertices["p"][order].mean(0), wanted[there].mean(0), atol=2e-2 if baked else 1e-4
        )


def test_ply_of_any_mesh_with_seams_and_triangles(scene, tmp_path):
    mesh = bpy.data.meshes.new("Roof")
    corners = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (2, 0, 1)]
    mesh.from_pydata(corners, [], [(0, 1, 2, 3), (1, 4, 2)])
    places = np.array([(0, 0), (0.5, 0), (0.5, 1), (0, 1), (0.75, 0), (1, 0), (1, 1)], np.float32)
    mesh.uv_layers.new().uv.foreach_set("vector", places.ravel())
    obj = bpy.data.objects.new("Roof", mesh)
    scene.collection.objects.link(obj)
    export_ply(tmp_path / "a.ply", scene, obj)
    vertices, faces = read_ply(tmp_path / "a.ply")
    assert (len(vertices), len(faces)) == (7, 3) and (faces["n"] == 3).all()
    found = {(*v["p"].tolist(), *v["uv"].tolist()) for v in vertices}
    wanted = {
        (*corners[v], *uv) for v, uv in zip([0, 1, 2, 3, 1, 4, 2], places.tolist(), strict=True)
    }
    assert found == wanted


def test_a_hidden_collection_is_no_hindrance(scene, tmp_path):
    obj = add_plate(scene)
    away = bpy.data.collections.new("Away")
    scene.collection.children.link(away)
    away.objects.link(obj)
    bpy.data.collections["Plate é 1"].objects.unlink(obj)
    bpy.context.view_layer.layer_collection.children["Away"].exclude = True
    export_ply(tmp_path / "a.ply", scene, obj)
    assert len(read_ply(tmp_path / "a.ply")[1]) > 1000
    assert get_input(find_modifier(obj), "Resolution") == 1024
