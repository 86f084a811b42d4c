"""The command `sharpdepth paint`."""

import json
import os

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from sharpdepth_blender.cli.main import main  # noqa: E402
from sharpdepth_blender.scene import save_blend  # noqa: E402
from sharpdepth_blender.scene.layers import (  # noqa: E402
    SHARE,
    clean_plate,
    layer_objects,
    split_result,
)
from sharpdepth_blender.scene.layers.clean_files import write_values  # noqa: E402
from sharpdepth_blender.scene.picture import image_values  # noqa: E402
from tests.scene.layers.street_result import add_result  # noqa: E402

pytestmark = pytest.mark.usefixtures("addon")


@pytest.fixture
def scene_file(tmp_path):
    split_result(bpy.context.scene, add_result(), thresholds=(3.6, 10.5), move=0.2)
    path = tmp_path / "layers.blend"
    save_blend(path)
    return path


def command(capfd, *words):
    code = main(["paint", *map(str, words)])
    said = capfd.readouterr()
    return code, said.out, said.err


def test_clean_plates_are_files_that_are_never_overwritten_unasked(scene_file, tmp_path, capfd):
    (tmp_path / "out").mkdir()
    out = tmp_path / "out" / "shot.blend"
    code, said, _ = command(capfd, scene_file, "-o", out, "--json")
    report = json.loads(said.splitlines()[-1])
    folder = tmp_path / "out" / "clean plates"
    assert code == 0 and len(report["layers"]) == 4 == len(os.listdir(folder))
    assert report["layers"]["street layer 1"] == str(folder / "street layer 1.png")
    assert os.listdir(tmp_path).count("clean plates") == 0
    bpy.ops.wm.open_mainfile(filepath=str(out))
    plates = [clean_plate(obj) for obj in layer_objects(bpy.data.objects["street layers"])]
    assert plates[0].filepath == "//clean plates/street layer 1.png"
    height, width = image_values(plates[0]).shape[:2]
    # Somebody paints on it, and the scene is made again from the start.
    path = str(folder / "street layer 1.png")
    write_values(path, np.ones((height, width, 4), np.float32), "sRGB")
    painted = open(path, "rb").read()
    code, _, told = command(capfd, scene_file, "-o", out)
    assert code == 1 and path in told and "--overwrite" in told
    assert open(path, "rb").read() == painted and len(os.listdir(folder)) == 4
    assert command(capfd, scene_file, "-o", out, "--use")[0] == 0
    assert open(path, "rb").read() == painted
    bpy.ops.wm.open_mainfile(filepath=str(out))
    plate = clean_plate(layer_objects(bpy.data.objects["street layers"])[0])
    np.testing.assert_allclose(image_values(plate), 1, atol=1e-4)
    assert command(capfd, scene_file, "-o", out, "--overwrite")[0] == 0
    assert open(path, "rb").read() != painted and len(os.listdir(folder)) == 4


def test_a_mask(scene_file, tmp_path, capfd):
    matte = np.zeros((54, 96, 4), np.float32)
    matte[:, :24] = 1
    write_values(str(tmp_path / "matte.png"), matte, "sRGB")
    out = tmp_path / "masked.blend"
    words = ["--layer", "street layer 2", "--mask", tmp_path / "matte.png"]
    assert command(capfd, scene_file, "-o", out, *words)[0] == 0
    bpy.ops.wm.open_mainfile(filepath=str(out))
    assert bpy.data.objects["street layer 2"][SHARE] == pytest.approx(0.25)
    code, _, told = command(capfd, scene_file, "-o", out, "--mask", tmp_path / "matte.png")
    assert code == 2 and "takes one --layer" in told
    code, _, told = command(capfd, scene_file, "-o", out, "--layer", "street camera")
    assert code == 1 and "no layer" in told
