"""Render passes of a scene of our own as arrays: linear light, picture, exact z-depth.

All functions render the first frame of the scene's frame range.
"""

import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

import bpy
import numpy as np

from sharpdepth_blender.scene.picture import image_values
from sharpdepth_blender.scene.units import meters_per_unit

from .frame import FAR

LOST = 1e9  # Cycles writes 1e10 to pixels without depth
CASTS = 8  # maximum tries for a ray that a volume or transparency scatters before a surface


def set_frame(scene, width: int, height: int):
    """Set a scene to render full frames of this size, with square pixels and no post-processing."""
    render = scene.render
    render.resolution_x, render.resolution_y = width, height
    render.resolution_percentage = 100
    render.pixel_aspect_x = render.pixel_aspect_y = 1.0
    render.use_border = render.use_multiview = render.use_stamp = False
    render.use_compositing = render.use_sequencer = False
    render.use_motion_blur = False


def linear_light(scene) -> np.ndarray:
    """Render scene-linear light, (H, W, 3) float32."""
    return _rendered(scene, "OPEN_EXR", "32")


def picture(scene) -> np.ndarray:
    """Render the picture with the scene's view transform, (H, W, 3) uint8."""
    return np.round(_rendered(scene, "PNG", "8") * 255).astype(np.uint8)


def z_depth(scene, farthest: float = FAR) -> tuple[np.ndarray, np.ndarray]:
    """Render exact z-depth and the sky with Cycles, and restore the scene's settings.

    Uses Cycles' depth pass with a single sample and a box pixel filter of a hundredth of a pixel,
    so that no value blends two surfaces. Surfaces with alpha below one half, such as the cut-out
    part of a leaf, are skipped; glass and water count as surfaces, volumes do not. Holdouts have no
    depth, just as they have no color, and are sky.

    Args:
        scene: Scene with a single view layer; its compositing nodes, if it owns any, are replaced.
        farthest: Depth of the sky and of everything beyond, meters.

    Returns:
        (H, W) float32 meters at the pixel centers, at most `farthest`; and (H, W) bool, where
        there is no surface.
    """
    cycles, (layer,) = scene.cycles, scene.view_layers
    with (
        _changed(scene.render, engine="CYCLES", film_transparent=True, use_freestyle=False),
        _changed(scene.render, use_compositing=True, compositor_device="CPU"),
        _changed(scene, world=None),  # a world volume would scatter every ray
        _changed(layer, use_pass_z=True, pass_alpha_threshold=0.5, samples=0),
        _changed(cycles, samples=1, max_bounces=0, use_denoising=False, seed=0),
        _changed(cycles, use_animated_seed=False, use_adaptive_sampling=False, sample_offset=0),
        _changed(cycles, pixel_filter_type="BOX", filter_width=0.01, film_transparent_glass=False),
        _depth_and_alpha(scene),
    ):
        depth, lost, sky = _cast(scene)
        while lost.any() and cycles.seed < CASTS - 1:
            cycles.seed += 1
            again, still, _ = _cast(scene)
            depth = np.where(lost, again, depth)
            lost &= still
    meters = depth * np.float32(meters_per_unit(scene))
    return np.where((meters > 0) & (meters < farthest), meters, np.float32(farthest)), sky


def _cast(scene):
    """Return z-depth (at least `LOST` if missing), and masks of hits without depth and of none."""
    depth, alpha, _ = np.moveaxis(_rendered(scene, "OPEN_EXR", "32"), -1, 0)
    return depth, (depth >= LOST) & (alpha > 0), alpha <= 0


@contextmanager
def _changed(owner, **values):
    """Set properties and restore them on exit."""
    before = {name: getattr(owner, name) for name in values}
    with ExitStack() as restoring:
        for name, value in values.items():
            restoring.callback(setattr, owner, name, before[name])
            setattr(owner, name, value)
        yield


@contextmanager
def _depth_and_alpha(scene):
    """Set the compositor to output z-depth as red and alpha as green."""
    if hasattr(scene, "compositing_node_group"):  # 5.0 and later
        tree = bpy.data.node_groups.new("depth and alpha", "CompositorNodeTree")
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        try:
            with _changed(scene, compositing_node_group=tree):
                _wire(tree, scene, tree.nodes.new("NodeGroupOutput"))
                yield
        finally:
            bpy.data.node_groups.remove(tree)
    else:
        scene.use_nodes = True
        scene.node_tree.nodes.clear()
        _wire(scene.node_tree, scene, scene.node_tree.nodes.new("CompositorNodeComposite"))
        yield


def _wire(tree, scene, target):
    source = tree.nodes.new("CompositorNodeRLayers")
    source.scene = scene
    joined = tree.nodes.new("CompositorNodeCombineColor")
    tree.links.new(source.outputs["Depth"], joined.inputs["Red"])
    tree.links.new(source.outputs["Alpha"], joined.inputs["Green"])
    tree.links.new(joined.outputs["Image"], target.inputs["Image"])


def _rendered(scene, file_format, color_depth):
    """Render to a file and return its RGB values (H, W, 3) float32, 0..1 for 8-bit files.

    Renders an animation of one frame: Blender would render a still of a scene other than the
    window's at the wrong frame.
    """
    scene.frame_end = scene.frame_start
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):  # 5.0 and later
        settings.media_type = "IMAGE"
    settings.file_format, settings.color_mode = file_format, "RGB"
    settings.color_depth, settings.color_management = color_depth, "FOLLOW_SCENE"
    scene.render.use_file_extension = scene.render.use_overwrite = True
    scene.render.use_placeholder = False
    with tempfile.TemporaryDirectory() as folder:
        scene.render.filepath = str(Path(folder) / "frame")
        bpy.ops.render.render(animation=True, scene=scene.name)
        image = bpy.data.images.load(scene.render.frame_path(frame=scene.frame_start))
        try:
            image.colorspace_settings.is_data = True
            return image_values(image)[..., :3]
        finally:
            bpy.data.images.remove(image)
