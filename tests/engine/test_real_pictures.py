"""Photographs and measured depth as sensors deliver them, with all their holes."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sharpdepth_blender.engine.picture import read_picture
from sharpdepth_blender.engine.sharpdepth import SharpDepth

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
FOLDERS = sorted(path.parent for path in DATA.glob("**/rgb.*"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_real_picture_with_measured_depth(tiny, folder):
    (path,) = folder.glob("rgb.*")
    rgb = read_picture(path).rgb
    height, width = rgb.shape[:2]
    if (folder / "depth.png").exists():
        scale = json.loads((folder / "meta.json").read_text())["depth_scale_m"]
        given = np.asarray(Image.open(folder / "depth.png")).astype(np.float32) * scale
    else:
        given = np.linspace(9, 1, height)[:, None].repeat(width, 1)
    engine = SharpDepth("tiny", tiny, None)
    engine.processing_resolution = 64
    result = engine.infer(rgb, metric_depth=given)
    measured = given > 0
    np.testing.assert_allclose(result.metric_depth[measured], given[measured], rtol=1e-6)
    assert np.isfinite(result.depth).all() and result.depth.min() > 0
    # Whatever the random network sees, the fit and its guards keep the scene's own scale.
    assert np.median(result.depth) == pytest.approx(np.median(result.metric_depth), rel=0.25)
    assert len(result.notes) >= 1 + (not measured.all())
