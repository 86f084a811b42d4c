"""The command line on pictures that are legitimate, with the preview model."""

import os
from pathlib import Path

import bpy
import numpy as np
import pytest

from sharpdepth_blender.cli.picture import parse_picture
from sharpdepth_blender.geometry import Intrinsics, project, unproject
from sharpdepth_blender.library.catalogue import BUNDLED
from sharpdepth_blender.scene import (
    bake_result,
    camera_intrinsics,
    read_depth_exr,
    write_depth_exr,
)
from tests.library.served import TINY

KEYS = {
    "model", "device", "width", "height", "depth_min", "depth_median", "depth_max", "scale",
    "shift", "intrinsics", "vertices", "faces", "seconds", "memory", "files", "notes",
}  # fmt: skip
ONCE = pytest.mark.skipif(bpy.app.version < (5, 0), reason="about the engine, not about Blender")


def test_picture_to_mesh(run, pictures, tmp_path):
    blend, exr, ply = (tmp_path / f"out put é.{suffix}" for suffix in ("blend", "exr", "ply"))
    outcome = run(
        pictures / "photo.jpg", "-o", blend, "--depth", exr, "--points", ply, "--json"
    )  # fmt: skip
    assert outcome.code == 0, outcome.stderr
    report = outcome.report
    assert set(report) == KEYS and outcome.stdout.count("\n") == 1
    assert (report["model"], report["width"], report["height"]) == ("preview", 72, 48)
    assert report["files"] == {"blend": str(blend), "depth": str(exr), "points": str(ply)}
    assert set(report["memory"]) == set(report["seconds"]) - {"total"}
    assert min(report["memory"].values()) > 10_000_000
    assert sorted(tmp_path.iterdir()) == sorted([blend, exr, ply])
    focal = 35 * np.hypot(72, 48) / np.hypot(36, 24)  # EXIF says 35 mm
    assert report["intrinsics"] == pytest.approx([focal, focal, 36, 24])

    depth = read_depth_exr(exr)
    assert depth.shape == (48, 72) and depth.dtype == np.float32
    assert report["depth_min"] == depth.min() > 0
    assert report["depth_max"] == depth.max()
    assert report["depth_median"] == pytest.approx(np.median(depth))

    bpy.ops.wm.open_mainfile(filepath=str(blend))
    (obj,) = (obj for obj in bpy.data.objects if obj.type == "MESH")
    assert len(obj.data.polygons) == report["faces"] > 1000
    vertices = np.empty((report["vertices"], 3), np.float32)
    obj.data.vertices.foreach_get("co", vertices.ravel())  # raises if there are more or fewer
    camera = Intrinsics(*report["intrinsics"], 72, 48)
    column, row = np.floor(project(vertices, camera)).astype(int).T
    np.testing.assert_array_equal(-vertices[:, 2], depth[row, column])
    scene = bpy.context.scene
    assert scene.camera is not None
    assert (scene.render.resolution_x, scene.render.resolution_y) == (72, 48)

    header, body = ply.read_bytes().split(b"end_header\n")
    assert b"element vertex 3456" in header
    record = np.dtype([("position", "<f4", 3), ("color", "u1", 3)])
    points = np.frombuffer(body, record)["position"]
    world = np.array(obj.matrix_world, np.float32)
    expected = unproject(depth, camera).reshape(-1, 3) @ world[:3, :3].T + world[:3, 3]
    np.testing.assert_allclose(points, expected, atol=1e-5)


@pytest.mark.parametrize("output", ["mesh", "points"])
def test_a_live_result_counts_as_it_would_baked(output, run, pictures, tmp_path):
    arguments = (pictures / "photo.jpg", "--output", output, "--step", "2", "--json")
    plain = run(*arguments, "-o", tmp_path / "plain.blend")
    live = run(*arguments, "-o", tmp_path / "live.blend", "--live")
    assert live.code == plain.code == 0, live.stderr
    for count in ("vertices", "faces"):
        assert live.report[count] == plain.report[count]
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "live.blend"))
    (obj,) = (obj for obj in bpy.data.objects if obj.type == "MESH")
    bake_result(obj)
    assert len(obj.data.vertices) == live.report["vertices"] > 500
    assert not [each for each in bpy.data.meshes if each.users == 0]


# What each kind of picture is read as is tested in `test_one_road` and in the engine's tests.
@ONCE
@pytest.mark.parametrize(
    "name, size, note",
    [
        ("phone.avif", (72, 48), None),
        ("alpha.png", (72, 48), "black"),
        ("rotated.jpg", (48, 72), None),
    ],
)
def test_pictures_that_blender_reads_otherwise(run, pictures, tmp_path, name, size, note):
    outcome = run(pictures / name, "-o", tmp_path / "out.blend", "--json", "--fov", "60")
    assert outcome.code == 0, outcome.stderr
    assert (outcome.report["width"], outcome.report["height"]) == size
    assert outcome.report["faces"] > 0.25 * size[0] * size[1]
    assert 0 < outcome.report["depth_min"] <= outcome.report["depth_max"] < 1000
    assert note is None or any(note in said for said in outcome.report["notes"])


@ONCE
def test_points_and_step(run, pictures, tmp_path):
    outcome = run(
        pictures / "plain.png", "-o", tmp_path / "out.blend", "--json",
        "--output", "points", "--step", "3",
    )  # fmt: skip
    assert outcome.code == 0, outcome.stderr
    assert outcome.report["faces"] == 0
    assert outcome.report["vertices"] == 24 * 16
    assert any("field of view" in note for note in outcome.report["notes"])


@ONCE
def test_seed(run, pictures, tmp_path):
    def depth(seed):
        # A picture that is sharpened: there is no noise in a metric depth that is returned.
        outcome = run(
            pictures / "photo.jpg", "-o", tmp_path / "out.blend", "--depth", tmp_path / "out.exr",
            "--seed", seed,
        )  # fmt: skip
        assert outcome.code == 0, outcome.stderr
        return (tmp_path / "out.exr").read_bytes()

    first = depth(5)
    assert first == depth(5) != depth(6)


@ONCE
def test_intrinsics_are_taken_and_resolution_counts(run, pictures, tmp_path):
    outcome = run(
        pictures / "plain.png", "-o", tmp_path / "out.blend", "--json",
        "--intrinsics", "60,66,30,20", "--resolution", "128",
    )  # fmt: skip
    assert outcome.code == 0, outcome.stderr
    assert outcome.report["intrinsics"] == [60, 66, 30, 20]

    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "out.blend"))
    scene = bpy.context.scene
    found = camera_intrinsics(scene, scene.camera)
    assert (found.fx, found.fy, found.cx, found.cy) == pytest.approx((60, 66, 30, 20), rel=1e-5)


@ONCE
@pytest.mark.parametrize("suffix", ["npy", "exr"])
def test_metric_depth_sets_the_scale(run, pictures, tmp_path, suffix):
    y, x = np.mgrid[0:48, 0:72]
    depth = (8 - y / 12 - np.where((x > 24) & (x < 45) & (y > 17), 2, 0)).astype(np.float32)
    depth[:4, :9] = 0  # not measured
    path = tmp_path / f"depth.{suffix}"
    np.save(path, depth) if suffix == "npy" else write_depth_exr(path, depth)
    outcome = run(
        pictures / "plain.png", "-o", tmp_path / "out.blend", "--metric-depth", path, "--json",
        "--fov", "60",
    )  # fmt: skip
    assert outcome.code == 0, outcome.stderr
    assert outcome.report["depth_median"] == pytest.approx(np.median(depth), rel=0.1)
    assert any("36 px" in note for note in outcome.report["notes"])


@ONCE
def test_measured_points(run, pictures, tmp_path):
    """The same two points of a wall as x, y, z, as pixels, and as a COLMAP model's."""
    (tmp_path / "a.csv").write_text("x;y;z\r\n0;0;4\r\n0,8;0;4\r\n0;0;-4\r\n")
    (tmp_path / "b.txt").write_text("36 24 400\n48 24 400\n")
    (tmp_path / "points3D.txt").write_text("1 0 0 4 9 9 9 0.1\n2 0.8 0 4 9 9 9 0.1\n")
    (tmp_path / "images.txt").write_text("1 1 0 0 0 0 0 0 1 b/other.jpg\n36 24 1 48 24 2\n")
    (tmp_path / "cameras.txt").write_text("1 PINHOLE 72 48 60 60 36 24\n")
    for words, said in [
        (["a.csv", "--intrinsics", "60,60,36,24"], "1 points behind the camera"),
        (["b.txt", "--points-are", "pixels", "--points-scale", "0.01"], "2 measured points"),
        (["points3D.txt", "--colmap-image", "other.jpg"], "taken for 1 m"),
    ]:
        outcome = run(
            pictures / "plain.png", "-o", tmp_path / "out.blend", "--json",
            "--metric-points", tmp_path / words[0], *words[1:],
        )  # fmt: skip
        assert outcome.code == 0, outcome.stderr
        notes = outcome.report["notes"]
        assert "2 measured points were used." in notes and any(said in each for each in notes)


@ONCE
def test_metric_depth_alone_of_an_estimator_in_a_folder(run, pictures, tmp_path):
    outcome = run(
        pictures / "plain.png", "-o", tmp_path / "out.blend", "--json", "--fov", "60",
        "--model", "metric", "--estimator", BUNDLED / "preview", "--precision", "fp32",
    )  # fmt: skip
    assert outcome.code == 0, outcome.stderr
    assert outcome.report["model"] == "metric"
    assert list(outcome.report["memory"]) == ["metric_depth"]
    assert 0 < outcome.report["depth_min"] < outcome.report["depth_max"]


@ONCE
def test_a_preset_whose_weights_are_in_the_library(run, models, places, pictures, tmp_path):
    words = [
        pictures / "plain.png", "-o", tmp_path / "out.blend", "--json", "--fov", "60",
        "--model", "sharpdepth-open", "--estimator", "preview",
    ]  # fmt: skip
    outcome = run(*words)
    assert outcome.code == 1 and outcome.report["error"]["kind"] == "weights_missing"
    assert "`sharpdepth models get sharpdepth-v1.0`" in outcome.stderr
    assert models("add", "sharpdepth-v1.0", TINY).code == 0
    outcome = run(*words)
    assert outcome.code == 0, outcome.stderr
    assert outcome.report["model"] == "sharpdepth-open"
    assert "second_look" in outcome.report["memory"]


@ONCE
def test_a_model_folder_needs_no_separator_in_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    for word, value in [("mine", Path("mine")), ("preview", "preview"), ("none", "none")]:
        arguments = parse_picture(["a.png", "-o", "a.blend", "--model", word, "--estimator", word])
        assert arguments.model == arguments.estimator == value


def test_plain_words_for_a_person(run, pictures, tmp_path):
    outcome = run(pictures / "plain.png", "-o", tmp_path / "out.blend")
    assert outcome.code == 0, outcome.stderr
    assert "72 x 48 pixels" in outcome.stdout
    assert f"wrote {tmp_path / 'out.blend'}" in outcome.stdout
    assert "sharpdepth" not in outcome.stderr  # Blender may have words of its own


def test_help(run):
    outcome = run("--help")
    assert outcome.code == 0
    assert "--metric-depth" in outcome.stdout


@pytest.mark.parametrize("json", [[], ["--json"]])
def test_names_of_any_bytes(run, pictures, tmp_path, json):
    blend = tmp_path / os.fsdecode(b"sc\xe8ne.blend")
    outcome = run(pictures / os.fsdecode(b"caf\xe9.tif"), "-o", blend, "--fov", "60", *json)
    assert outcome.code == 0 and blend.is_file(), outcome.stderr
    missing = run(tmp_path / os.fsdecode(b"\xe9.png"), "-o", blend, *json)
    assert missing.code == 1 and "File not found" in missing.stderr
    assert "Traceback" not in missing.stderr
