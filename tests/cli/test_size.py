"""A saved result is not much larger than its picture."""

from pathlib import Path

import bpy
import numpy as np
import pytest

from sharpdepth_blender.scene.picture import image_values
from sharpdepth_blender.scene.saving import write_png

PHOTOGRAPH = Path(__file__).resolve().parents[2] / "docs" / "images" / "beside_desk.jpg"


@pytest.mark.skipif(bpy.app.version < (5, 0), reason="about the file, not about Blender")
def test_a_live_result_takes_three_times_its_picture_at_most(run, tmp_path):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    image = bpy.data.images.load(str(PHOTOGRAPH))
    image.scale(1920, 1080)
    write_png(tmp_path / "plate.png", np.round(image_values(image)[..., :3] * 255).astype(np.uint8))
    outcome = run(tmp_path / "plate.png", "-o", tmp_path / "plate.blend", "--live", "--json")
    assert outcome.code == 0, outcome.stderr
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "plate.blend"))
    kept = {image.name: image for image in bpy.data.images}
    assert all(tuple(image.size) == (1920, 1080) for image in kept.values())
    assert kept.keys() == {"plate depth", "plate metric depth", "plate.png"}
    picture = kept["plate.png"].packed_file.size
    assert (tmp_path / "plate.blend").stat().st_size < 3 * picture
