"""Normals, holes and a found lens travel into the mesh, its light, the EXR and the notes."""

import math

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from sharpdepth_blender.process.job import PictureResult
from sharpdepth_blender.scene import bake_result
from sharpdepth_blender.scene.export import export_exr
from sharpdepth_blender.scene.picture import image_values
from sharpdepth_blender.scene.taken import Taken
from tests.geometry.test_exr import read_exr
from tests.tasks.told_engine import CAMERA, HEIGHT, MATRIX, WIDTH, answer, depths

pytestmark = pytest.mark.usefixtures("registered")

TILT = np.radians(60)


def normals():
    """Towards the camera, but for a tilt to the right; unknown in the lowest rows."""
    told = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    told[..., 0], told[..., 2] = np.sin(TILT), -np.cos(TILT)
    told[-5:] = 0
    return told


def wall(distance=2.0):
    depth = np.full((HEIGHT, WIDTH), distance, np.float32)
    return {"depth": depth, "metric_depth": depth}


def finish(made, **changes):
    made.jobs[-1].finish(answer(**changes))
    made.generation.step()
    assert made.generation.error is None
    return next(each for each in bpy.data.objects if each.session_uid == made.generation.result)


def attribute(obj, name, width):
    mesh = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    data = mesh.attributes[name].data
    values = np.empty(len(data) * width, bool if width == 1 else np.float32)
    data.foreach_get("value" if width == 1 else "vector", values)
    return values.reshape(len(data), width)


def places(obj):
    """Of each vertex, its row in the picture."""
    points = attribute(obj, "position", 3)
    return np.floor(CAMERA.cy - points[:, 1] / points[:, 2] * -CAMERA.fy).astype(int)


@pytest.mark.parametrize("baked", [False, True])
def test_normals_of_the_model_are_an_attribute(make, baked):
    obj = finish(make(), normals=normals(), **wall())
    if baked:
        bake_result(obj)
    told = attribute(obj, "Normal", 3)
    known = places(obj) < HEIGHT - 5
    np.testing.assert_allclose(
        told[known], np.broadcast_to((np.sin(TILT), 0, np.cos(TILT)), told[known].shape), atol=1e-3
    )
    own = told[~known]
    assert len(own) == 5 * WIDTH
    np.testing.assert_allclose(own, np.broadcast_to((0, 0, 1), own.shape), atol=1e-4)
    image = obj["sharpdepth_normals"]
    assert image.name == "Plate normals" and image.packed_file
    assert image.colorspace_settings.is_data


@pytest.mark.parametrize("baked", [False, True])
def test_without_such_a_model_they_are_those_of_the_surface(make, baked):
    obj = finish(make())
    if baked:
        bake_result(obj)
    row = depths()[0][0]
    middle = WIDTH // 2
    x = (np.arange(WIDTH) + 0.5 - CAMERA.cx) / CAMERA.fx * row
    along = np.array([x[middle + 1] - x[middle - 1], 0, row[middle - 1] - row[middle + 1]])
    wanted = np.cross(along, (0, 1, 0)) / np.linalg.norm(along)
    points, told = attribute(obj, "position", 3), attribute(obj, "Normal", 3)
    near = np.abs(points[:, 0] - x[middle]) < 1e-4
    np.testing.assert_allclose(told[near], np.broadcast_to(wanted, told[near].shape), atol=1e-3)
    assert "sharpdepth_normals" not in obj


def test_a_new_answer_without_normals_takes_them_away(make):
    image = bpy.data.images.new("plate.png", WIDTH, HEIGHT)
    camera = bpy.data.objects.new("Shot Camera", bpy.data.cameras.new("Shot Camera"))
    bpy.context.scene.collection.objects.link(camera)
    camera.matrix_world = MATRIX
    same = {"texture": image, "taken": Taken(image.session_uid, camera=camera.session_uid)}
    obj = finish(make(**same), normals=normals(), **wall())
    before = len(bpy.data.images)
    assert finish(make(**same), **wall()) == obj
    assert "sharpdepth_normals" not in obj and len(bpy.data.images) == before - 1
    told = attribute(obj, "Normal", 3)
    np.testing.assert_allclose(told, np.broadcast_to((0, 0, 1), told.shape), atol=1e-4)


@pytest.mark.parametrize("baked", [False, True])
def test_the_sky_is_an_attribute(make, baked):
    above = np.zeros((HEIGHT, WIDTH), np.float32)
    above[:10] = 1
    obj = finish(make(), sky=above, **wall())
    if baked:
        bake_result(obj)
    marked = attribute(obj, "Sky", 1)[:, 0]
    np.testing.assert_array_equal(marked, attribute(obj, "position", 3)[:, 2] < -3)
    assert marked.sum() == 10 * WIDTH


def test_what_is_no_surface_is_a_hole_of_the_mesh(make):
    holes = np.zeros((HEIGHT, WIDTH), bool)
    holes[10:20, 30:40] = True
    above = np.zeros((HEIGHT, WIDTH), np.float32)
    above[:12] = 1
    obj = finish(make(), holes=holes, sky=above, **wall())
    open_places = holes & (above == 0)
    depth = image_values(obj["sharpdepth_depth"])[..., 0]
    np.testing.assert_array_equal(depth == 0, open_places)
    assert len(attribute(obj, "position", 3)) == WIDTH * HEIGHT - open_places.sum()


def test_normals_are_a_pass_of_the_exr(make, tmp_path):
    obj = finish(make(), normals=normals(), **wall())
    export_exr(tmp_path / "plate.exr", obj)
    _, channels = read_exr(tmp_path / "plate.exr")
    found = np.stack([channels[f"N.{axis}"] for axis in "XYZ"], -1)
    np.testing.assert_allclose(found[0, 0], (np.sin(TILT), 0, np.cos(TILT)), atol=1e-3)
    np.testing.assert_allclose(found[-1, -1], (0, 0, 1), atol=1e-5)


@pytest.mark.parametrize("told", [False, True])
def test_light_falls_as_the_normals_say(make, told):
    """A wall that faces a sun behind the camera; of a tilt of 60 degrees half of it is left."""
    scene = bpy.context.scene
    white = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    made = make(rgb=white, matrix=MATRIX)
    more = {"normals": normals()} if told else {}
    obj = finish(made, **wall(), **more)
    obj.sharpdepth.lit = True
    sun = bpy.data.objects.new("Sun", bpy.data.lights.new("Sun", "SUN"))
    sun.data.energy = math.pi
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    for each in (sun, camera):
        each.matrix_world = MATRIX
        scene.collection.objects.link(each)
    camera.matrix_world = MATRIX @ Matrix.Translation((0, 0.2, 0))
    scene.camera = camera
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_denoising = 4, False
    scene.render.resolution_x, scene.render.resolution_y = 8, 6
    scene.view_settings.view_transform = "Raw"
    path = bpy.app.tempdir + "lit.exr"
    scene.render.image_settings.file_format, scene.render.filepath = "OPEN_EXR", path
    bpy.ops.render.render(write_still=True)
    shown = bpy.data.images.load(path)
    shown.colorspace_settings.is_data = True
    light = image_values(shown)[2:4, 3:5, :3]
    # What is not reflected by the base is by the shader's specular lobe, 4 % at most.
    np.testing.assert_allclose(light, 0.5 if told else 1.0, atol=0.05)


LENS = (50, 50, 30, 20)


@pytest.mark.parametrize(
    ("found", "words"),
    [((50, 50, 30, 20), "The model finds 61.9 degrees"), ((30, 30, 30, 20), "which differs")],
)
def test_the_lens_of_a_file_goes_before_the_models(make, tmp_path, found, words):
    made = make(intrinsics=None, path=str(tmp_path / "a.jpg"))
    reading = made.jobs[0]
    reading.finish(PictureResult(False, 50 * math.hypot(36, 24) / math.hypot(60, 40), []))
    made.generation.step()
    assert made.jobs[-1].request["intrinsics"][0] == pytest.approx(50)
    obj = finish(made, found=found)
    (note,) = (each for each in obj.sharpdepth.notes.splitlines() if "degrees" in each)
    assert "61.9 degrees is from the file's EXIF data" in note and words in note


def test_a_found_lens_says_that_nothing_else_tells_one(make):
    obj = finish(make(intrinsics=None), found=LENS)
    (note,) = (each for each in obj.sharpdepth.notes.splitlines() if "degrees is what" in each)
    assert note.startswith("Nothing tells the lens, so the field of view of 61.9 degrees")


@pytest.mark.parametrize(
    ("found", "told"), [(LENS, False), ((80, 80, 30, 20), True), (None, False)]
)
def test_a_camera_is_doubted_where_the_picture_looks_otherwise(make, found, told):
    obj = finish(make(), found=found)
    notes = [each for each in obj.sharpdepth.notes.splitlines() if "degrees" in each]
    assert [each.startswith("The field of view of 61.9") for each in notes] == [True] * told
