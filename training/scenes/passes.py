"""Passes: a scene of our own rendered to arrays, as linear light, as a picture, as exact z-depth.

What is rendered is the first frame of the scene's range.
"""

import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

import bpy
import numpy as np

from sharpdepth_blender.scene.picture import image_values

from .frame import FAR

LOST = 1e9  # Cycles gives 1e10 to a pixel without depth
CASTS = 8  # at most, of a ray that a volume or a veil scatters before it meets a surface


def set_frame(scene, width: int, height: int):
    """Let a scene render whole frames of this size and of square pixels, with nothing added."""
    render = scene.render
    render.resolution_x, render.resolution_y = width, height
    render.resolution_percentage = 100
    render.pixel_aspect_x = render.pixel_aspect_y = 1.0
    render.use_border = render.use_multiview = render.use_stamp = False
    render.use_compositing = render.use_sequencer = False
    render.use_motion_blur = False


def linear_light(scene) -> np.ndarray:
    """Render and return scene-linear light, (H, W, 3) float32."""
    return _rendered(scene, "OPEN_EXR", "32")


def picture(scene) -> np.ndarray:
    """Render and return the picture as the scene's view transform shows it, (H, W, 3) uint8."""
    return np.round(_rendered(scene, "PNG", "8") * 255).astype(np.uint8)


def z_depth(scene) -> np.ndarray:
    """Render exact z-depth, whatever the engine of the scene is, and leave its settings as before.

    It is Cycles' own depth of a single sample, and the pixel filter is a box of a hundredth of a
    pixel, so that no value is a mixture of two surfaces. Where less than half of a surface shows,
    as in the cut-out part of a leaf, it is looked through; glass and water count as surfaces,
    volumes do not. What is held out has no depth, as it has no picture.

    Args:
        scene: With its only view layer; its compositing nodes, if it owns any, are replaced.

    Returns:
        (H, W) float32 meters at the pixel centers, at most `FAR`, which the sky has.
    """
    cycles, (layer,) = scene.cycles, scene.view_layers
    with (
        _changed(scene.render, engine="CYCLES", film_transparent=True, use_freestyle=False),
        _changed(scene.render, use_compositing=True, compositor_device="CPU"),
        _changed(scene, world=None),  # a fog of the world would scatter every ray
        _changed(layer, use_pass_z=True, pass_alpha_threshold=0.5, samples=0),
        _changed(cycles, samples=1, max_bounces=0, use_denoising=False, seed=0),
        _changed(cycles, use_animated_seed=False, use_adaptive_sampling=False, sample_offset=0),
        _changed(cycles, pixel_filter_type="BOX", filter_width=0.01, film_transparent_glass=False),
        _depth_and_alpha(scene),
    ):
        depth, lost = _cast(scene)
        while lost.any() and cycles.seed < CASTS - 1:
            cycles.seed += 1
            again, still = _cast(scene)
            depth = np.where(lost, again, depth)
            lost &= still
    meters = depth * np.float32(scene.unit_settings.scale_length)
    return np.where((meters > 0) & (meters < FAR), meters, np.float32(FAR))


def _cast(scene):
    """Return z-depth, `LOST` and more where there is none, and where something is there still."""
    depth, alpha, _ = np.moveaxis(_rendered(scene, "OPEN_EXR", "32"), -1, 0)
    return depth, (depth >= LOST) & (alpha > 0)


@contextmanager
def _changed(owner, **values):
    """Set properties, and set them back in the end."""
    before = {name: getattr(owner, name) for name in values}
    with ExitStack() as restoring:
        for name, value in values.items():
            restoring.callback(setattr, owner, name, before[name])
            setattr(owner, name, value)
        yield


@contextmanager
def _depth_and_alpha(scene):
    """Let the compositor put out z-depth as red and alpha as green."""
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
    """Render to a file and return its RGB values (H, W, 3) float32, 0..1 if they are 8-bit.

    A scene that is not the window's keeps its own frame only as an animation, here of one frame.
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
