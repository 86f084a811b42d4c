"""Our undistorted clips are what Blender's compositor makes of them."""

import bpy
import numpy as np
import pytest

from sharpdepth_blender.scene.picture import image_values
from sharpdepth_blender.scene.plates import read_clip

HEIGHT, WIDTH = 96, 128
LENSES = [
    ("POLYNOMIAL", {"k1": -0.2, "k2": 0.05}),
    ("DIVISION", {"division_k1": 0.15, "division_k2": 0.03}),
    ("NUKE", {"nuke_k1": 0.1, "nuke_k2": 0.03}),
    ("BROWN", {"brown_k1": -0.2, "brown_k2": 0.05, "brown_p1": 0.02, "brown_p2": -0.03}),
]


@pytest.mark.skipif(bpy.app.version >= (4, 5), reason="another compositor, other roundings")
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
    want = undistorted_by_blender(clip, scene, str(tmp_path / "o.png"))
    got = read_clip(clip, scene, 1).rgb
    difference = np.abs(got - want)[10:-10, 10:-10].max(-1)
    shown = want[10:-10, 10:-10, 2] > 128  # Blender leaves black what the picture does not show
    assert shown.mean() > 0.9 and difference[shown].max() <= 3


def undistorted_by_blender(clip, scene, path):
    render = scene.render
    render.engine = "CYCLES"
    scene.cycles.samples = 1
    render.resolution_x, render.resolution_y, render.resolution_percentage = WIDTH, HEIGHT, 100
    render.image_settings.file_format, render.filepath = "PNG", path
    scene.view_settings.view_transform = "Standard"
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    scene.use_nodes = True
    tree = scene.node_tree
    tree.nodes.clear()
    source = tree.nodes.new("CompositorNodeMovieClip")
    lens = tree.nodes.new("CompositorNodeMovieDistortion")
    output = tree.nodes.new("CompositorNodeComposite")
    source.clip = lens.clip = clip
    lens.distortion_type = "UNDISTORT"
    tree.links.new(source.outputs[0], lens.inputs[0])
    tree.links.new(lens.outputs[0], output.inputs[0])
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(path)
    image.colorspace_settings.is_data = True
    return np.round(image_values(image)[..., :3] * 255)
