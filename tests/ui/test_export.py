"""Exports as a user has them: the buttons."""

import pytest

bpy = pytest.importorskip("bpy")

from sharpdepth_blender.scene import read_depth_exr  # noqa: E402
from sharpdepth_blender.scene.exr import exr_channels  # noqa: E402
from sharpdepth_blender.scene.layers import layer_objects, split_result  # noqa: E402
from sharpdepth_blender.scene.live import find_modifier  # noqa: E402
from sharpdepth_blender.scene.modifier import set_input  # noqa: E402
from tests.scene.export.plate import add_plate, everything  # noqa: E402

OPERATORS = {
    "exr": ".exr", "ply": ".ply", "usd": ".usdc", "alembic": ".abc", "gltf": ".glb",
    "chan": ".chan", "splats": ".splat.ply", "package": "",
}  # fmt: skip


pytestmark = pytest.mark.usefixtures("addon")


def export(name, path, **given):
    return getattr(bpy.ops.sharpdepth, f"export_{name}")(filepath=str(path), **given)


def add_wall(scene):
    mesh = bpy.data.meshes.new("Wall")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (1, 1, 0)], [], [(0, 1, 2)])
    wall = bpy.data.objects.new("Wall", mesh)
    scene.collection.objects.link(wall)
    return wall


@pytest.mark.parametrize("name", OPERATORS)
def test_a_button_each(name, scene, tmp_path):
    add_plate(scene)
    before = everything()
    path = tmp_path / f"é{OPERATORS[name]}"
    assert export(name, path) == {"FINISHED"}
    assert path.stat().st_size > 100
    assert everything() == before
    with pytest.raises(RuntimeError, match="does not exist"):
        export(name, tmp_path / "none" / path.name)


def test_depth_alone(scene, tmp_path):
    add_plate(scene)
    export("exr", tmp_path / "a.exr")
    export("exr", tmp_path / "b.exr", depth_only=True)
    assert "metric_depth.Z" in exr_channels(tmp_path / "a.exr")
    assert exr_channels(tmp_path / "b.exr") == ["B", "G", "R"]
    alone = read_depth_exr(tmp_path / "b.exr")
    assert (alone == read_depth_exr(tmp_path / "a.exr", "depth.Z")).all()


def test_the_result_or_what_is_selected(scene, tmp_path):
    wall = add_wall(scene)
    assert not bpy.ops.sharpdepth.export_exr.poll()
    assert not bpy.ops.sharpdepth.export_usd.poll()
    assert not bpy.ops.sharpdepth.export_chan.poll()
    wall.select_set(True)
    export("usd", tmp_path / "wall.usda")
    obj = add_plate(scene)
    export("usd", tmp_path / "result.usda")
    obj.select_set(True)
    export("usd", tmp_path / "both.usda", use_selection=True)
    texts = [(tmp_path / f"{name}.usda").read_text() for name in ("wall", "result", "both")]
    assert ['"Wall"' in text for text in texts] == [True, False, True]
    assert ["Plate" in text for text in texts] == [False, True, True]
    assert ["def Camera" in text for text in texts] == [False, True, True]


@pytest.mark.parametrize("name", ["usd", "alembic", "gltf", "package"])
def test_no_more_faces_than_asked_for(name, scene, tmp_path):
    obj = add_plate(scene)
    sizes = []
    for faces in (100, 1000):
        path = tmp_path / f"{faces}{OPERATORS[name]}"
        assert export(name, path, faces=faces) == {"FINISHED"}
        if path.is_dir():
            path = path / "geometry" / "Plate___1_depth_mesh.obj"
        sizes.append(path.stat().st_size)
    assert sizes[0] + 3000 < sizes[1]
    assert len(obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.polygons) > 1000


def test_hidden_layers_stay_out(scene, tmp_path):
    rig = split_result(scene, add_plate(scene), count=2, move=0.1)
    first, *others = layer_objects(rig)
    first.hide_viewport = first.hide_render = True
    for obj in scene.objects:
        obj.select_set(obj == rig)
    bpy.context.view_layer.objects.active = rig
    assert export("package", tmp_path / "pack") == {"FINISHED"}
    found = {path.stem for path in (tmp_path / "pack" / "layers").glob("*.exr")}
    assert found == {bpy.path.clean_name(obj.name).replace("é", "_") for obj in others}
    assert export("usd", tmp_path / "a.usda") == {"FINISHED"}
    assert (tmp_path / "a.usda").read_text().count("def Mesh") == len(others)


def test_warnings_and_errors(scene, tmp_path):
    obj = add_plate(scene, "portrait, shifted")
    set_input(find_modifier(obj), "Output", "Points")
    with pytest.raises(RuntimeError, match="has no faces"):
        export("gltf", tmp_path / "a.glb")
    assert export("ply", tmp_path / "a.ply") == {"FINISHED"}
