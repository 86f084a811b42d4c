"""`sharpdepth PANORAMA`: what is written is of the sphere about the camera."""

import json

import bpy
import numpy as np
import pytest

from sharpdepth_blender.cli import picture
from sharpdepth_blender.cli.main import main
from sharpdepth_blender.geometry.panorama import directions_of
from sharpdepth_blender.geometry.panorama_views import panorama_views
from sharpdepth_blender.process.job import PictureResult
from sharpdepth_blender.scene import read_depth_exr
from tests.geometry.test_panorama import HEIGHT, WIDTH, box_length, depths_of, scene
from tests.scene.sequence.shots import save_png
from tests.tasks import told_engine


class Engine(told_engine.Engine):
    """Knows the room, and sees no surface in the middle of the view straight ahead."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def start(self):
        pass

    def read_picture(self, path, shown=False):
        job = super().read_picture(path, shown)
        job.finish(PictureResult(False, None, []))
        return job

    def infer(self, rgb, **options):
        number = sum(job.request["type"] == "infer" for job in self.jobs)
        job = super().infer(rgb, **options)
        depth = np.float32(depths_of(panorama_views(WIDTH))[number % 6])
        holes = np.zeros(depth.shape, bool)
        third = depth.shape[0] // 3
        holes[third:-third, third:-third] = number % 6 == 0
        job.finish(
            told_engine.answer(depth=depth, metric_depth=depth, difference=0 * depth, holes=holes)
        )
        return job


@pytest.mark.parametrize("fov", [[], ["--fov", "360"]])
@pytest.mark.parametrize("step", [1, 3])
def test_depth_is_ray_length_and_points_lie_on_the_room(step, fov, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(picture, "Engine", Engine)
    paths = {kind: tmp_path / f"out.{kind}" for kind in ("blend", "exr", "ply")}
    rgb = scene()
    save_png(tmp_path / "room.png", rgb)
    code = main(
        [str(tmp_path / "room.png"), "-o", str(paths["blend"]), "--depth", str(paths["exr"]),
         "--points", str(paths["ply"]), "--step", str(step), "--json", *fov]
    )  # fmt: skip
    said = capsys.readouterr()
    assert code == 0, said.err
    report = json.loads(said.out.splitlines()[-1])

    length, truth = read_depth_exr(paths["exr"]), box_length(directions_of(WIDTH, HEIGHT))
    here = length > 0
    assert length.shape == (HEIGHT, WIDTH) and not here[HEIGHT // 2, WIDTH // 2]
    assert 0.9 < here.mean() < 1
    np.testing.assert_allclose(length[here], truth[here], rtol=0.03)
    assert np.abs(length[here] / truth[here] - 1).mean() < 0.005
    assert report["intrinsics"] is None and any("6 views" in note for note in report["notes"])
    assert report["depth_min"] == length[here].min() > 1
    assert report["depth_median"] == pytest.approx(np.median(length[here]))

    header, body = paths["ply"].read_bytes().split(b"end_header\n")
    record = np.dtype([("position", "<f4", 3), ("color", "u1", 3)])
    points = np.frombuffer(body, record)
    picked = here[::step, ::step]
    assert f"element vertex {picked.sum()}\n".encode() in header
    wanted = (directions_of(WIDTH, HEIGHT) * length[..., None])[::step, ::step][picked]
    x, y, z = wanted.T  # of a camera upright, looking along +y
    np.testing.assert_allclose(points["position"], np.stack([x, -z, y], 1), atol=1e-4)
    np.testing.assert_array_equal(points["color"], rgb[::step, ::step][picked])

    bpy.ops.wm.open_mainfile(filepath=str(paths["blend"]))
    assert bpy.context.scene.camera.data.type == "PANO"
    (obj,) = [each for each in bpy.data.objects if each.type == "MESH"]
    assert len(obj.data.polygons) == report["faces"] > 1000
