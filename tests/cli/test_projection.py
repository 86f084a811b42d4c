"""Projections as their users make them: from the command line, by operators."""

import json
import os
from types import SimpleNamespace

import bpy
import numpy as np
import pytest
from mathutils import Matrix

import sharpdepth_blender
from sharpdepth_blender.cli.errors import UsageError
from sharpdepth_blender.cli.main import main
from sharpdepth_blender.cli.project import parse_project
from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.scene import add_depth_result, save_blend
from sharpdepth_blender.scene.material import is_lit
from sharpdepth_blender.scene.picture import image_values, new_picture
from sharpdepth_blender.scene.projection import camera_of, depth_of, projections_of

ONCE = pytest.mark.skipif(bpy.app.version < (5, 0), reason="about words, not about Blender")


@pytest.fixture(scope="module")
def registered():
    sharpdepth_blender.register()
    yield
    sharpdepth_blender.unregister()


@pytest.fixture
def scene():
    """A camera at the origin that moves along x, two walls, and another camera."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = 60, 40
    for name in ("Shot", "Other"):
        camera = bpy.data.objects.new(name, bpy.data.cameras.new(name))
        scene.collection.objects.link(camera)
    scene.camera = bpy.data.objects["Shot"]
    bpy.data.objects["Other"].location.z = 1
    for frame, x in ((1, 0), (11, 1)):
        scene.camera.location.x = x
        scene.camera.keyframe_insert("location", frame=frame)
    for name, z in (("Near", -5), ("Far", -9)):
        mesh = bpy.data.meshes.new(name)
        corners = [(-9, -9, z), (9, -9, z), (9, 9, z), (-9, 9, z)]
        mesh.from_pydata(corners, [], [(0, 1, 2, 3)])
        scene.collection.objects.link(bpy.data.objects.new(name, mesh))
    scene.frame_set(1)
    return scene


@pytest.fixture
def plate():
    rgb = np.zeros((40, 60, 3), np.uint8)
    rgb[..., 0] = 4 * np.arange(60)
    return new_picture("plate.png", rgb)


def put_behind(camera, image):
    shown = camera.data.background_images.new()
    shown.image = image
    camera.data.show_background_images = True


def call(capfd, *words):
    code = main(["project", *map(str, words)])
    said = capfd.readouterr()
    report = json.loads(said.out.splitlines()[-1]) if "--json" in words else None
    return SimpleNamespace(code=code, report=report, stdout=said.out, stderr=said.err)


def test_the_command(scene, plate, run, tmp_path):
    put_behind(scene.camera, plate)
    path, out = tmp_path / "shöt.blend", tmp_path / "out.blend"
    save_blend(path)
    before = path.read_bytes()
    outcome = run("project", path, "-o", out, "--frame", 11, "--onto", "Near", "--json")
    assert outcome.code == 0, outcome.stderr
    assert len(outcome.stdout.splitlines()) == 1
    assert outcome.report["objects"] == {"Near": ["plate projection"]}
    assert path.read_bytes() == before
    bpy.ops.wm.open_mainfile(filepath=str(out))
    near, far = bpy.data.objects["Near"], bpy.data.objects["Far"]
    assert len(projections_of(near)) == 1 and not projections_of(far)
    camera = bpy.data.objects[outcome.report["camera"]]
    assert camera.matrix_world.translation.x == pytest.approx(1)
    assert bpy.context.scene.frame_current == 1 and bpy.context.scene.camera.name == "Shot"
    depth = image_values(depth_of(projections_of(near)[0]))
    assert depth.shape[:2] == (40, 60) and depth[..., 0] == pytest.approx(5, abs=1e-4)


def test_the_command_with_a_file_another_camera_a_mask_and_a_bake(scene, plate, tmp_path, capfd):
    picture, mask = tmp_path / "patch.png", tmp_path / "mask.png"
    for image, at in ((plate, picture), (plate, mask)):
        image.filepath_raw, image.file_format = str(at), "PNG"
        image.save()
    path, out = tmp_path / "shot.blend", tmp_path / "out.blend"
    save_blend(path)
    outcome = call(
        capfd, path, "-o", out, "--picture", picture, "--camera", "Other", "--mask", mask,
        "--facing-fade", 0.2, "--keep-material", "--bake", 64, "--json",
    )  # fmt: skip
    assert outcome.code == 0, outcome.stderr
    assert set(outcome.report["objects"]) == {"Near", "Far"}
    assert sorted(outcome.report["baked"]) == ["Far Baked", "Near Baked"]
    assert "no background" in outcome.report["notes"][0]
    bpy.ops.wm.open_mainfile(filepath=str(out))
    camera = bpy.data.objects[outcome.report["camera"]]
    assert camera.matrix_world.translation.z == pytest.approx(1)
    image = bpy.data.images["Near Baked"]
    assert image.packed_file and tuple(image.size) == (64, 64)
    assert bpy.data.images["patch.png"].packed_file
    near = bpy.data.objects["Near"]
    assert near.material_slots[0].material.name == "Near Baked"
    # The mask is red, and as bright as that; the far one is hidden.
    assert image_values(image)[..., 3].max() == pytest.approx(0.2126 * 236 / 255, abs=0.02)
    assert image_values(bpy.data.images["Far Baked"])[..., 3].max() == 0


@ONCE
def test_the_command_says_what_is_wrong(scene, tmp_path, capfd):
    path, out = tmp_path / "shot.blend", tmp_path / "out.blend"
    assert call(capfd, path, "-o", out, "--json").report["error"]["kind"] == "unreadable"
    save_blend(path)
    for words, kind, sentence in (
        ((), "bad_camera", "no background image"),
        (("--camera", "Near"), "bad_camera", "not a camera"),
        (("--camera", "None"), "no_object", "has no object None"),
        (("--onto", "Near", "Nothing"), "no_object", "no object Nothing"),
        (("--picture", tmp_path / "no.png"), "bad_input", "Cannot read the picture"),
        (("-o", tmp_path / "none" / "out.blend"), "bad_input", "does not exist"),
        (("--picture", tmp_path / "no.png", "--frame", "x"), "usage", "frame"),
    ):
        outcome = call(capfd, path, "-o", out, "--json", *words)
        assert outcome.code != 0 and outcome.report["error"]["kind"] == kind, words
        assert sentence in outcome.report["error"]["message"], words
        assert not out.exists()
    for words in (["shot.blend"], ["shot.png", "-o", "a.blend"], ["a.blend", "-o", "b.blend",
                  "--mask", "a.png", "--attribute", "b"]):  # fmt: skip
        with pytest.raises(UsageError):
            parse_project(words)


def select(*objects):
    bpy.ops.object.select_all(action="DESELECT")
    for obj in objects:
        obj.select_set(True)
        bpy.context.view_layer.objects.active = obj


def test_the_operators(registered, scene, plate):
    put_behind(scene.camera, plate)
    scene.sharpdepth.source = "CAMERA_BACKGROUND"
    near, far = bpy.data.objects["Near"], bpy.data.objects["Far"]
    select()
    assert not bpy.ops.sharpdepth.set_up_projection.poll()
    select(near, far)
    for _ in range(2):
        assert bpy.ops.sharpdepth.set_up_projection(facing_fade=0.3) == {"FINISHED"}
    one, two = projections_of(near)
    assert projections_of(far) == [one, two]
    node = near.material_slots[0].material.node_tree.nodes
    assert any(n.type == "GROUP" and n.inputs["Facing Fade"].default_value > 0.2 for n in node)
    bpy.ops.sharpdepth.move_projection()
    assert projections_of(far) == [one, two]  # already on top
    bpy.ops.sharpdepth.move_projection(name=two.name, up=False)
    assert projections_of(far) == [two, one] and projections_of(near) == [one, two]
    assert bpy.ops.sharpdepth.update_projection() == {"FINISHED"}
    assert far.sharpdepth.can_be_lit and not far.sharpdepth.lit
    far.sharpdepth.lit = True
    assert far.sharpdepth.lit and is_lit(far.material_slots[0].material)
    bpy.ops.sharpdepth.remove_projection()
    assert projections_of(far) == [two]
    with pytest.raises(RuntimeError, match="does not show"):
        bpy.ops.sharpdepth.remove_projection(name=one.name)
    select(near, far)
    assert bpy.ops.sharpdepth.bake_projection(size=32) == {"FINISHED"}
    assert near.material_slots[0].material.name == "Near Baked"
    assert not bpy.ops.sharpdepth.bake_projection.poll()


def test_the_operator_takes_the_picture_of_a_result_and_says_so(registered, scene, plate, capfd):
    depth = np.full((20, 30), 5, np.float32)
    matrix = Matrix.Translation((1, 2, 3))
    intrinsics = Intrinsics(30, 31, 14, 11, 30, 20)
    result = add_depth_result(scene, plate, depth, depth, intrinsics, name="Result", matrix=matrix)
    near = bpy.data.objects["Near"]
    scene.sharpdepth.source = "CAMERA_BACKGROUND"  # of which there is none
    select(near)
    assert bpy.ops.sharpdepth.set_up_projection() == {"FINISHED"}
    (projection,) = projections_of(near)
    assert camera_of(projection).matrix_world.translation[:] == (1, 2, 3)
    assert list(projection["sharpdepth_lens"]) == pytest.approx([60, 62, 28, 22, 60, 40])
    assert "Using the picture of Result depth mesh: " in capfd.readouterr().out
    bpy.data.objects.remove(result)
    with pytest.raises(RuntimeError, match="no background image"):
        bpy.ops.sharpdepth.set_up_projection()
    scene.sharpdepth.source, scene.sharpdepth.image = "IMAGE", plate
    scene.sharpdepth.camera = "NEW"
    with pytest.raises(RuntimeError, match="is unknown"):
        bpy.ops.sharpdepth.set_up_projection()
    with pytest.raises(RuntimeError, match="Image not found: Nothing"):
        scene.sharpdepth.camera = "SCENE"
        bpy.ops.sharpdepth.set_up_projection(mask="Nothing")
    assert len(projections_of(near)) == 1


def test_a_picture_that_is_not_there_has_any_name(scene, tmp_path, capfd):
    save_blend(tmp_path / "set.blend")
    name = os.fsdecode(b"\xe9.png")
    words = ["project", tmp_path / "set.blend", "-o", tmp_path / "out.blend", "--picture", name]
    assert main([*map(str, words)]) == 1
    assert "Cannot read the picture" in capfd.readouterr().err
