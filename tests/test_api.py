"""The tools as functions, on a real engine, as `docs/scripting.md` tells scripts to use them."""

import re
from pathlib import Path

import bpy
import numpy as np
import pytest

import sharpdepth_blender as sharpdepth
from sharpdepth_blender import api
from sharpdepth_blender.geometry import Intrinsics, length_of_ray
from sharpdepth_blender.process import Engine, JobError
from sharpdepth_blender.scene import DepthFileError, SceneError, blank_scene, is_result
from sharpdepth_blender.scene.layers import is_layers, layer_objects
from sharpdepth_blender.scene.live import find_modifier
from sharpdepth_blender.scene.projection import projections_of

WIDTH, HEIGHT = 96, 64
LEFT = ("cameras", "collections", "materials", "meshes", "node_groups", "objects")
GUIDE = Path(__file__).parents[1] / "docs" / "scripting.md"


@pytest.fixture(scope="module")
def engine():
    with Engine() as made:
        yield made


@pytest.fixture
def scene():
    return blank_scene()


@pytest.fixture
def plate(tmp_path, scene):
    """A picture file; `scene` first, for it opens another file."""
    v, u = np.mgrid[:HEIGHT, :WIDTH]
    values = np.stack([0.5 - v / 300, 0.4 - u / 400, 0.1 + v / 500, np.ones_like(v)], axis=-1)
    values[24:50, 30:60, :3] *= 0.4  # a thing before it: nothing of this is sky
    image = bpy.data.images.new("drawn", WIDTH, HEIGHT)
    image.pixels.foreach_set(values[::-1].astype(np.float32).ravel())
    image.filepath_raw, image.file_format = str(tmp_path / "plate.png"), "PNG"
    image.save()
    bpy.data.images.remove(image)
    return tmp_path / "plate.png"


def test_what_fails_leaves_nothing_in_the_scene(plate, engine):
    before = {name: len(getattr(bpy.data, name)) for name in LEFT}
    with pytest.raises(JobError):
        sharpdepth.generate(plate, fov=60, engine=engine, model=str(plate.parent))
    assert {name: len(getattr(bpy.data, name)) for name in LEFT} == before


def test_a_picture_becomes_layers_and_a_file(plate, engine, tmp_path):
    said = []
    obj = sharpdepth.generate(
        plate, fov=60, engine=engine, show=lambda fraction, message: said.append(fraction)
    )
    assert is_result(obj) and find_modifier(obj) and obj.name == "plate depth mesh"
    assert obj.sharpdepth.model == "preview" and said == sorted(said) and said[-1] <= 1
    assert bpy.context.scene.render.resolution_x == WIDTH
    layers = sharpdepth.split_layers(count=2)
    assert is_layers(layers) and len(layer_objects(layers)) >= 2
    for suffix in (".exr", ".ply", ".usda", ".abc", ".glb", ".chan"):
        path = tmp_path / f"out{suffix}"
        lost = sharpdepth.export(path, None if suffix == ".chan" else [obj])
        assert path.stat().st_size and all(isinstance(each, str) for each in lost)
    (note,) = sharpdepth.export(tmp_path / "few.glb", [obj], faces=300)
    assert int(note.split(" faces")[0].split()[-1]) <= 300
    assert sharpdepth.export(tmp_path / "out.splat.ply", [layers]) == []
    sharpdepth.export(tmp_path / "pack", [layers])
    assert (tmp_path / "pack" / "pack.nk").is_file()
    sharpdepth.bake(obj)
    assert find_modifier(obj) is None and len(obj.data.polygons) > 1000


def test_what_was_measured(plate, engine, tmp_path):
    depth = np.full((HEIGHT, WIDTH), 3, np.float32)
    depth[:, 50:] = 5
    np.save(tmp_path / "depth.npy", depth * 1000)
    by_array = sharpdepth.generate(plate, fov=60, engine=engine, keep_both=True, metric_depth=depth)
    file = sharpdepth.DepthFile(tmp_path / "depth.npy", unit=0.001)
    by_file = sharpdepth.generate(plate, fov=60, engine=engine, keep_both=True, metric_depth=file)
    intrinsics = Intrinsics.from_fov(60, WIDTH, HEIGHT)
    np.save(tmp_path / "ray.npy", length_of_ray(depth, intrinsics))
    file = sharpdepth.DepthFile(tmp_path / "ray.npy", ray=True)
    by_ray = sharpdepth.generate(plate, fov=60, engine=engine, keep_both=True, metric_depth=file)
    with pytest.raises(DepthFileError, match="camera, which is not known"):
        sharpdepth.generate(plate, engine=engine, metric_depth=file)
    file = sharpdepth.DepthFile(tmp_path / "ray.npy")
    bent = sharpdepth.generate(plate, fov=60, engine=engine, keep_both=True, metric_depth=file)
    assert "try Ray Length" in bent.sharpdepth.notes
    for obj in (by_array, by_file, by_ray):
        assert "ray length" not in obj.sharpdepth.notes.lower()
    file = sharpdepth.DepthFile(tmp_path / "depth.npy", unit=0.001, ray=True)
    flat = sharpdepth.generate(plate, fov=60, engine=engine, keep_both=True, metric_depth=file)
    assert "it may be no ray length" in flat.sharpdepth.notes
    (tmp_path / "points.csv").write_text("u,v,depth\n20,20,3000\n70,30,5000\n")
    points = sharpdepth.PointsFile(tmp_path / "points.csv", scale=0.001)
    by_points = sharpdepth.generate(
        plate, fov=60, engine=engine, keep_both=True, metric_points=points
    )
    values = []
    for obj in (by_array, by_file, by_ray):
        pixels = np.empty(WIDTH * HEIGHT * 4, np.float32)
        obj.sharpdepth.metric_depth.pixels.foreach_get(pixels)
        values.append(pixels)
    for each in values[1:]:
        np.testing.assert_allclose(each, values[0], rtol=1e-6)
    assert "2 measured points were used." in by_points.sharpdepth.notes


def test_a_picture_of_the_scenes_camera_is_projected(plate, engine, scene):
    obj = sharpdepth.generate(plate, fov=60, engine=engine)
    bpy.ops.mesh.primitive_plane_add(size=4, location=(0, 5, 0), rotation=(np.pi / 2, 0, 0))
    plane = bpy.context.object
    projection = sharpdepth.project([plane], plate)
    assert projection.name == "plate projection" and projections_of(plane) == [projection]
    scene.camera, camera = None, scene.camera
    with pytest.raises(SceneError, match="no camera"):
        sharpdepth.project([plane], plate)
    scene.camera = camera
    obj.hide_render = True
    report, picture = sharpdepth.check_move(start=1, end=1, longer=60)
    assert [each.frame for each in report.frames] == [1] and picture.shape[2] == 3


def test_the_same_picture_again_and_the_camera_that_shows_it(plate, engine, scene):
    obj = sharpdepth.generate(plate, fov=60, engine=engine)
    obj.location.z += 1
    assert sharpdepth.generate(plate, engine=engine, camera="AUTO") == obj
    assert obj.location.z == 1 and scene.camera.name == "plate camera"
    assert np.degrees(scene.camera.data.angle) == pytest.approx(60)
    # Without a camera, the one that was made for it gets what is said now.
    assert sharpdepth.generate(plate, fov=40, engine=engine) == obj
    assert np.degrees(scene.camera.data.angle) == pytest.approx(40)
    other = sharpdepth.generate(plate, engine=engine, camera="AUTO", keep_both=True)
    assert other != obj and len(bpy.data.cameras) == 1
    layers = sharpdepth.split_layers(obj, count=2)
    assert sharpdepth.split_layers(obj, count=3) == layers
    assert sharpdepth.split_layers(obj, count=3, keep_both=True) != layers
    bpy.data.objects.remove(scene.camera)
    assert sharpdepth.generate(plate, engine=engine, camera="AUTO", keep_both=True) != other
    assert scene.camera is not None  # where no camera shows it, one is made


def test_a_sequence(plate, engine, scene, tmp_path):
    for number in (1, 2):
        (tmp_path / f"shot.{number:04d}.png").write_bytes(plate.read_bytes())
    folder = tmp_path / "depth"
    settings = dict(fov=60, engine=engine, resolution=64)
    assert (
        sharpdepth.generate_sequence(tmp_path / "shot.####.png", folder, chunk=[1], **settings)
        is None
    )
    obj = sharpdepth.generate_sequence(tmp_path / "shot.####.png", folder, **settings)
    assert is_result(obj) and (folder / "shot.json").is_file()
    assert obj.sharpdepth.device == "cpu"


def test_what_is_wrong_is_raised_and_leaves_nothing(plate, engine, scene, tmp_path):
    before = {kind: len(getattr(bpy.data, kind)) for kind in ("objects", "meshes", "materials")}
    with pytest.raises(JobError, match="File not found") as caught:
        sharpdepth.generate(tmp_path / "none.png", engine=engine)
    assert caught.value.kind == "bad_image"
    with pytest.raises(JobError, match="nonesuch"):
        sharpdepth.generate(plate, engine=engine, model="nonesuch")
    with pytest.raises(SceneError, match="proportions"):
        sharpdepth.generate(plate, engine=engine, metric_depth=_wrong_map(tmp_path))
    with pytest.raises(SceneError, match="no live depth result"):
        sharpdepth.split_layers()
    with pytest.raises(SceneError, match="ends in .abcd"):
        sharpdepth.export(tmp_path / "out.abcd", [])
    with pytest.raises(TypeError, match="sharpness"):
        sharpdepth.generate(plate, engine=engine, sharpness=1)
    assert before == {kind: len(getattr(bpy.data, kind)) for kind in before}


def _wrong_map(folder):
    np.save(folder / "wrong.npy", np.ones((10, 90), np.float32))
    return sharpdepth.DepthFile(folder / "wrong.npy")


def test_the_package_offers_the_tools_and_nothing_else():
    assert all(getattr(sharpdepth, name) is getattr(api, name) for name in api.__all__)
    with pytest.raises(AttributeError):
        sharpdepth.nonesuch  # noqa: B018


def test_the_guide_names_every_tool_and_only_tools():
    text = GUIDE.read_text("utf-8")
    named = set(re.findall(r"^\| `(\w+)\(", text, re.M))
    named |= set(re.findall(r"sharpdepth\.(\w+)\(", text)) | {"begin_sequence"}
    assert named == set(api.__all__)
