"""A projected picture is the picture from its own camera, and the truth from any other."""

import sys

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.scene import (
    CameraError,
    camera_intrinsics,
    camera_matrix,
    find_background,
    view_through,
)
from sharpdepth_blender.scene.projection import (
    ProjectionError,
    add_projection,
    camera_of,
    projection_nodes,
    projections_of,
    remove_projection,
    update_projection,
)
from tests.scene.projection import projection_scene

LANDSCAPE, PORTRAIT = (120, 90), (90, 120)
CASES = {
    "landscape": dict(size=LANDSCAPE),
    "portrait shift": dict(size=PORTRAIT, shift=(-0.11, 0.21)),
    "horizontal portrait": dict(size=PORTRAIT, fit="HORIZONTAL"),
    "vertical shift": dict(size=LANDSCAPE, fit="VERTICAL", shift=(0.2, -0.1)),
    "wide pixels": dict(size=(60, 90), aspect=(2, 1)),
    "tall pixels, odd percentage": dict(
        size=(301, 223), percentage=43, aspect=(1, 1.6), fit="VERTICAL", shift=(0.05, 0.1)
    ),
}
ASIDE = dict(moved=(0.7, 0.3, 0.35), turned=(-0.05, 0.02, 0.15))


def set_up(scene, add_camera, size, fit="AUTO", shift=(0, 0), aspect=(1, 1), percentage=100):
    """The stage, and a camera that sees it."""
    objects = projection_scene.build(scene)
    render = scene.render
    render.resolution_x, render.resolution_y = size
    render.resolution_percentage = percentage
    render.pixel_aspect_x, render.pixel_aspect_y = aspect
    camera = add_camera(
        lens=21,
        sensor_fit=fit,
        sensor_width=30,
        sensor_height=22,
        shift_x=shift[0],
        shift_y=shift[1],
        clip_end=5000,
    )
    projection_scene.place(camera)
    return objects, camera


def check(scene, objects, camera, picture, intrinsics, matrix, tmp_path, say):
    """Project, and compare from the picture's own camera and from aside; returns both."""
    truths = {}
    for name, where in (("own", {}), ("aside", ASIDE)):
        projection_scene.place(camera, **where)
        truths[name] = projection_scene.render(scene, tmp_path / "truth.png")
    projection_scene.strip(objects)
    projection_scene.place(camera)
    add_projection(
        scene, objects, picture, intrinsics, matrix, name="Plate", camera=camera, keep_material=True
    )
    found = {}
    for name, where in (("own", {}), ("aside", ASIDE)):
        projection_scene.place(camera, **where)
        shown = projection_scene.render(scene, tmp_path / "shown.png")
        found[name] = projection_scene.compare(scene, truths[name], shown, intrinsics, matrix)
        print(say, name, found[name])
    return found["own"], found["aside"]


@pytest.mark.parametrize("case", CASES)
def test_own_camera_and_moved_camera(case, scene, add_camera, tmp_path):
    objects, camera = set_up(scene, add_camera, **CASES[case])
    intrinsics, matrix = camera_intrinsics(scene, camera), camera_matrix(scene, camera)
    projection_scene.render(scene, tmp_path / "plate.png")
    picture = projection_scene.plate(tmp_path / "plate.png")
    assert tuple(picture.size) == (intrinsics.width, intrinsics.height)
    own, aside = check(scene, objects, camera, picture, intrinsics, matrix, tmp_path, case)
    assert own.seen > 0.4 and own.hidden == 0
    assert own.mean <= 1 and own.most <= 4 and own.bare == 0
    assert aside.seen > 0.3 and aside.hidden > 0.02
    assert aside.mean <= 1 and aside.most <= 6 and aside.bare == 0
    assert aside.worst == 0


PLACED = {
    "fit, offset": dict(frame_method="FIT", offset=(0.1, -0.05)),
    "crop, turned": dict(frame_method="CROP", rotation=0.4, scale=0.8, offset=(0.05, 0.1)),
    "stretch, small": dict(frame_method="STRETCH", scale=0.6),
}


@pytest.mark.parametrize("case", PLACED)
def test_a_background_that_does_not_fill_the_frame(case, scene, add_camera, tmp_path):
    objects, camera = set_up(scene, add_camera, LANDSCAPE, shift=(0.05, 0.02))
    width, height, aspect = 110, 70, 1.25
    shown = camera.data.background_images.new()
    shown.image = bpy.data.images.new("Plate", width, height)
    for name, value in PLACED[case].items():
        setattr(shown, name, value)
    background = find_background(scene, camera, "IMAGE")
    view = view_through(scene, camera, background, width, height, aspect)
    matrix = camera_matrix(scene, camera) @ Matrix.Rotation(view.roll, 4, "Z")
    picture = projection_scene.render_seen(scene, view.intrinsics, matrix, tmp_path / "plate.png")
    own, aside = check(scene, objects, camera, picture, view.intrinsics, matrix, tmp_path, case)
    assert own.seen > 0.15 and own.hidden > 0.02
    assert own.mean <= 1 and own.most <= 4 and own.bare == 0 and own.worst == 0
    assert aside.mean <= 1 and aside.most <= 6 and aside.bare == 0 and aside.worst == 0


def flat(scene, name="Card", distance=5.0, size=40.0):
    """A square before the origin, looking at it along y."""
    mesh = bpy.data.meshes.new(name)
    half = size / 2
    mesh.from_pydata(
        [(x, distance, z) for x, z in ((-half, -half), (half, -half), (half, half), (-half, half))],
        [],
        [(0, 1, 2, 3)],
    )
    obj = bpy.data.objects.new(name, mesh)
    scene.collection.objects.link(obj)
    return obj


def white(scene, objects, **more):
    """Project a white picture from the origin along y."""
    picture = bpy.data.images.new("White", 60, 40)
    picture.pixels.foreach_set(np.ones(60 * 40 * 4, np.float32))
    matrix = Matrix.Rotation(np.pi / 2, 4, "X")
    return add_projection(
        scene, objects, picture, Intrinsics.from_fov(60, 60, 40), matrix, name="White", **more
    )


@pytest.fixture
def camera(scene, add_camera):
    """A square frame that sees more than the white picture."""
    camera = add_camera(lens=18)
    camera.matrix_world = Matrix.Rotation(np.pi / 2, 4, "X")
    scene.render.resolution_x = scene.render.resolution_y = 60
    bpy.context.view_layer.update()
    return camera


def test_the_camera_stays_where_it_was(scene, camera, tmp_path):
    rig = bpy.data.objects.new("Rig", None)
    scene.collection.objects.link(rig)
    camera.parent = rig
    camera.constraints.new("TRACK_TO")
    camera.data.dof.use_dof = True
    camera.data.keyframe_insert("lens", frame=1)
    before = camera.copy()
    projection = white(scene, [flat(scene)], camera=camera)
    made = bpy.data.objects["White projection"]
    assert scene.camera == camera and len(camera.constraints) == 1 and camera.data.dof.use_dof
    assert camera.matrix_world == before.matrix_world and not camera.data.background_images
    assert made.parent is None and not made.constraints and made.data.animation_data is None
    assert made.animation_data is None and not made.data.dof.use_dof
    assert all((*made.lock_location, *made.lock_rotation, *made.lock_scale))
    assert [each.name for each in made.users_collection] == ["Projections"]
    assert tuple(made.scale) == (1, 1, 1)
    found = view_through(scene, made, find_background(scene, made, "IMAGE"), 60, 40, 1.0)
    assert found.intrinsics.fx == pytest.approx(Intrinsics.from_fov(60, 60, 40).fx, rel=1e-5)
    one = projection_scene.render(scene, tmp_path / "one.png")
    assert one[30, 30, 0] > 254 and one[1, 30, 0] < 200  # inside its frame, and outside
    rig.location = (3, 1, 2)
    camera.animation_data_clear()
    bpy.context.view_layer.update()
    assert made.matrix_world.translation.length < 1e-6
    assert camera_of(projection) == made


def test_a_camera_that_shows_the_whole_picture_is_copied(scene, camera):
    scene.render.resolution_x, scene.render.resolution_y = 60, 40
    camera.data.lens, camera.data.sensor_width, camera.data.clip_end = 35, 23.5, 777
    camera.data.shift_x = 0.1
    picture = bpy.data.images.new("Plate", 60, 40)
    add_projection(
        scene, [flat(scene)], picture, camera_intrinsics(scene, camera),
        camera_matrix(scene, camera), name="Plate", camera=camera,
    )  # fmt: skip
    data = bpy.data.objects["Plate projection"].data
    assert data != camera.data and data.users == 1
    assert [data.lens, data.sensor_width, data.clip_end] == pytest.approx([35, 23.5, 777])
    assert data.shift_x == pytest.approx(0.1)


def test_a_copy_does_not_use_what_its_camera_shows(scene, camera):
    shown = bpy.data.images.new("Shown", 320, 180)
    camera.data.background_images.new().image = shown
    before = shown.users
    picture = bpy.data.images.new("Plate", 60, 40)
    add_projection(
        scene, [flat(scene)], picture, camera_intrinsics(scene, camera),
        camera_matrix(scene, camera), name="Plate", camera=camera,
    )  # fmt: skip
    assert shown.users == before


def test_facing_fade(scene, camera, tmp_path):
    obj = flat(scene)
    projection_scene.strip([with_slot(obj)])
    obj.rotation_euler = (0, 0, np.radians(75))
    obj.location = (4.8, 3.8, 0)  # its middle comes before the camera
    bpy.context.view_layer.update()
    whole = bare_share(scene, [obj], 0.0, tmp_path)
    half = bare_share(scene, [obj], 0.6, tmp_path)
    assert whole < 0.01 and 0.2 < half < 0.9


def with_slot(obj):
    obj.data.materials.append(None)
    return obj


def bare_share(scene, objects, fade, tmp_path):
    white(scene, objects, facing_fade=fade, keep_material=True)
    shown = projection_scene.render(scene, tmp_path / "shown.png")
    for obj in objects:
        remove_projection(obj, projections_of(obj)[0])
    return float(1 - shown[30, 30, 1] / 255)


def test_edge_fade(scene, camera, tmp_path):
    projection = white(scene, [with_slot(flat(scene))])
    obj = bpy.data.objects["Card"]
    (node,) = projection_nodes(obj, projection)
    node.inputs["Edge Fade"].default_value = 0.4
    faded = projection_scene.render(scene, tmp_path / "faded.png")[30, :, 0]
    assert faded[30] > 254  # the picture spans columns 11 to 49
    assert (np.diff(faded[12:24]) > 0).all() and faded[13] < 150 < faded[20] < 250


def test_projections_that_are_out_of_sight_still_project(scene, camera, tmp_path):
    white(scene, [flat(scene)])
    bpy.data.objects["White projection"].hide_render = True
    layer = bpy.context.view_layer.layer_collection
    layer.children["Projections"].exclude = True
    assert projection_scene.render(scene, tmp_path / "one.png")[30, 30, 0] > 254


def test_update_after_things_moved(scene, camera, tmp_path):
    wall, card = flat(scene, "Wall", 8), flat(scene, "Card", 4, 1.0)
    projection = white(scene, [wall])
    card.location.x = 100  # away: its shadow is bare now
    bpy.context.view_layer.update()
    stale = projection_scene.render(scene, tmp_path / "stale.png")
    assert stale[30, 30, 0] < 200
    update_projection(scene, projection)
    assert projection_scene.render(scene, tmp_path / "new.png")[30, 30, 0] > 254
    card.location.x = 0
    bpy.context.view_layer.update()
    update_projection(scene, projection)
    card.hide_render = True
    assert projection_scene.render(scene, tmp_path / "again.png")[30, 30, 0] < 200


def test_update_of_a_material_without_our_shaders(scene, camera, tmp_path):
    wall = flat(scene, "Wall", 8)
    projection = white(scene, [wall])
    material = wall.material_slots[0].material
    nodes = material.node_tree.nodes
    nodes.remove(nodes["SharpDepth Unlit"])
    update_projection(scene, projection)
    glow = nodes.new("ShaderNodeEmission")
    material.node_tree.links.new(glow.outputs[0], nodes["SharpDepth Paint"].inputs[2])
    update_projection(scene, projection)
    assert projection_scene.render(scene, tmp_path / "shown.png")[30, 30, 0] > 254


def test_what_stands_in_the_way_at_the_current_frame(scene, camera, tmp_path):
    scene.unit_settings.scale_length = 0.01
    wall, card = flat(scene, "Wall", 8), flat(scene, "Card", 4, 1.0)
    card.location.x = 50
    card.keyframe_insert("location", frame=1)
    card.location.x = 0
    card.keyframe_insert("location", frame=10)
    scene.frame_set(10)
    white(scene, [wall])
    card.hide_render = True
    shown = projection_scene.render(scene, tmp_path / "shown.png")
    assert shown[30, 30, 0] < 200 and shown[30, 15, 0] > 254


def test_alpha_and_mask_of_the_picture(scene, camera, tmp_path):
    obj = flat(scene)
    mask = bpy.data.images.new("Mask", 12, 8)
    mask.colorspace_settings.is_data = True
    values = np.zeros((8, 12, 4), np.float32)
    values[:, :6] = 1
    mask.pixels.foreach_set(values.ravel())
    white(scene, [obj], mask=mask)
    shown = projection_scene.render(scene, tmp_path / "shown.png")
    assert shown[30, 20, 0] > 254 and shown[30, 40, 0] < 200


def test_what_cannot_be_projected_on(scene, camera):
    empty = bpy.data.objects.new("Empty", None)
    scene.collection.objects.link(empty)
    with pytest.raises(ProjectionError, match="select a mesh"):
        white(scene, [])
    with pytest.raises(ProjectionError, match="Empty is not a mesh"):
        white(scene, [flat(scene), empty])
    assert not bpy.data.node_groups and not bpy.data.materials


def test_a_failed_projection_leaves_nothing(scene, camera, monkeypatch):
    obj = flat(scene)
    kinds = ("objects", "images", "node_groups", "cameras", "materials", "scenes", "collections")
    picture = np.zeros((40, 60, 3), np.uint8)
    before = {kind: set(getattr(bpy.data, kind)) for kind in kinds}

    def fail(*_):
        raise CameraError("No.")

    monkeypatch.setattr(sys.modules[add_projection.__module__], "build_projector", fail)
    with pytest.raises(CameraError):
        add_projection(
            scene, [obj], picture, Intrinsics.from_fov(60, 60, 40), Matrix(), name="Plate"
        )
    after = {kind: set(getattr(bpy.data, kind)) for kind in kinds}
    # Blender's own, of any render; 4.5 has one more.
    after["images"] -= {bpy.data.images.get(name) for name in ("Render Result", "Viewer Node")}
    assert {kind: after[kind] - before[kind] for kind in kinds} == {kind: set() for kind in kinds}
    assert not obj.material_slots
