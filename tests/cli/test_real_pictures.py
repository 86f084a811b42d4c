"""Real photographs with measured depth: the mesh that is made from it has the true size."""

import json
from pathlib import Path

import bpy
import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics, project, unproject

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = [
    pytest.mark.skipif(not DATA.is_dir(), reason="the pictures are not here"),
    pytest.mark.skipif(bpy.app.version < (5, 0), reason="about the engine, not about Blender"),
]


@pytest.mark.parametrize("name", ["osd_table_learn37", "arc_tote_0", "tum_fr3_office"])
def test_mesh_has_the_true_size(run, tmp_path, name):
    meta = json.loads((DATA / name / "meta.json").read_text())
    measured = read_depth_png(DATA / name / meta["depth"]) * np.float32(meta["depth_scale_m"])
    np.save(tmp_path / "depth.npy", measured)
    k = meta["intrinsics"]
    # These files count pixel centers at whole numbers.
    numbers = (k["fx"], k["fy"], k["cx"] + 0.5, k["cy"] + 0.5)
    outcome = run(
        DATA / name / meta["rgb"], "-o", tmp_path / "out.blend", "--json",
        "--metric-depth", tmp_path / "depth.npy", "--intrinsics", ",".join(map(str, numbers)),
    )  # fmt: skip
    assert outcome.code == 0, outcome.stderr

    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "out.blend"))
    (obj,) = (obj for obj in bpy.data.objects if obj.type == "MESH")
    made = np.empty((len(obj.data.vertices), 3), np.float32)
    obj.data.vertices.foreach_get("co", made.ravel())
    camera = Intrinsics(*numbers, *measured.shape[::-1])
    column, row = np.floor(project(made, camera)).astype(int).T
    there = measured[row, column] > 0
    made, true = made[there], unproject(measured, camera)[row[there], column[there]]
    # What a tape measure would say, the stray tenth left out.
    extent_made, extent_true = (
        np.subtract(*np.quantile(points, (0.95, 0.05), axis=0)) for points in (made, true)
    )
    np.testing.assert_allclose(extent_made[:2], extent_true[:2], rtol=0.1)
    assert np.median(made[:, 2] / true[:, 2]) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("name", ["chelsea", "sagrada"])
def test_plates_without_depth(run, tmp_path, name):
    (picture,) = (DATA / "plates" / name).glob("rgb.*")
    outcome = run(picture, "-o", tmp_path / "out.blend", "--json")
    assert outcome.code == 0, outcome.stderr
    assert outcome.report["faces"] > 0.8 * outcome.report["width"] * outcome.report["height"]


def read_depth_png(path):
    """16-bit values of a PNG, (H, W), by Blender, which holds them as fractions of 65535."""
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    width, height = image.size
    pixels = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(pixels)
    return np.rint(pixels.reshape(height, width, 4)[::-1, :, 0] * 65535).astype(np.float32)
