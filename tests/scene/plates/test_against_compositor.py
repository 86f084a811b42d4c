"""Our undistorted clips are what Blender's compositor makes of them.

The one of 4.5 shifts what it undistorts by several pixels, so its pictures were recorded from 4.2,
which keeps it in place: see `tests/golden/README.md`.
"""

from pathlib import Path

import bpy
import numpy as np
import pytest

from sharpdepth_blender.scene.plates import read_clip

HEIGHT, WIDTH = 96, 128
SHOWN = slice(10, -10, 4), slice(10, -10, 4), slice(2)
GOLDEN = Path(__file__).parents[2] / "golden" / "undistorted_clips.npz"
LENSES = [
    ("POLYNOMIAL", {"k1": -0.2, "k2": 0.05}),
    ("DIVISION", {"division_k1": 0.15, "division_k2": 0.03}),
    ("NUKE", {"nuke_k1": 0.1, "nuke_k2": 0.03}),
    ("BROWN", {"brown_k1": -0.2, "brown_k2": 0.05, "brown_p1": 0.02, "brown_p2": -0.03}),
]


@pytest.mark.parametrize("model, coefficients", LENSES)
@pytest.mark.parametrize("aspect", [1.0, 1.5])
def test_against_compositor(model, coefficients, aspect, save, scene, tmp_path):
    values = np.ones((HEIGHT, WIDTH, 4))
    values[..., 1], values[..., 0] = np.mgrid[:HEIGHT, :WIDTH] / [[[HEIGHT]], [[WIDTH]]]
    clip = bpy.data.movieclips.load(save(values, tmp_path / "a.png"))
    lens = clip.tracking.camera
    lens.focal_length_pixels, lens.principal_point_pixels = 110, (70, 44)
    lens.pixel_aspect = aspect
    lens.distortion_model = model
    for name, value in coefficients.items():
        setattr(lens, name, value)
    got = read_clip(clip, scene, 1).rgb[SHOWN]
    want = np.load(GOLDEN)[f"{model} {aspect}"].astype(int)
    difference = np.abs(got - want).max(-1)
    shown = want.any(-1)
    assert shown.mean() > 0.9 and difference[shown].max() <= 3
