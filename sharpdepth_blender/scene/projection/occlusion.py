"""Occlusion: how far the nearest thing is that a camera sees, at each pixel of its picture."""

import tempfile
from dataclasses import replace
from pathlib import Path

import bpy
import numpy as np

from ..camera import camera_for, frame_scene
from ..exr import read_depth_exr

# Larger pictures get a smaller map: beyond, memory grows faster than edges get finer.
MOST = 4096
_NOTHING = 1e9  # Cycles gives 1e10 to a pixel without depth


def map_intrinsics(intrinsics):
    """The intrinsics of a picture's depth map: its own, or of a smaller picture."""
    share = MOST / max(intrinsics.width, intrinsics.height)
    if share >= 1:
        return intrinsics
    width, height = (max(1, round(n * share)) for n in (intrinsics.width, intrinsics.height))
    across, down = width / intrinsics.width, height / intrinsics.height
    return replace(
        intrinsics,
        fx=intrinsics.fx * across,
        fy=intrinsics.fy * down,
        cx=intrinsics.cx * across,
        cy=intrinsics.cy * down,
        width=width,
        height=height,
    )


def seen_depth(scene, intrinsics, matrix, clip):
    """Render how far everything is that a camera sees in a scene, at the scene's current frame.

    One sample of Cycles at each pixel's centre, so that no value is a mixture of two surfaces. What
    is less than half opaque is looked through. Works on a copy of the scene.

    Args:
        scene: With whatever is to be seen, and to stand in the way.
        intrinsics: Intrinsics of the map.
        matrix: World matrix of the camera, without scale.
        clip: (nearest, farthest) distance that the camera sees, in Blender units.

    Returns:
        (H, W) float32 z-depth in Blender units, 0 where there is nothing.
    """
    copy = scene.copy()
    made = [copy]
    try:
        frame_scene(copy, intrinsics)
        camera = camera_for(copy, intrinsics, "occlusion")
        made += [camera, camera.data]
        camera.data.clip_start, camera.data.clip_end = clip
        copy.collection.objects.link(camera)
        camera.matrix_world = matrix
        copy.camera = camera
        _set_up(copy)
        made += _put_out_depth(copy)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "depth.exr"
            copy.render.filepath = str(path)
            bpy.ops.render.render(write_still=True, scene=copy.name)
            depth = read_depth_exr(path)
    finally:
        bpy.data.batch_remove(made)
    return np.where((depth > 0) & (depth < _NOTHING), depth, np.float32(0))


def _set_up(scene):
    render, cycles, layer = scene.render, scene.cycles, scene.view_layers[0]
    render.engine = "CYCLES"
    render.film_transparent = True
    render.use_border = render.use_multiview = render.use_sequencer = False
    render.use_motion_blur = render.use_freestyle = render.use_file_extension = False
    render.use_compositing = True
    render.compositor_device = "CPU"
    scene.world = None  # a fog of the world would scatter every ray
    for each in scene.view_layers:
        each.use = each == layer
    layer.use_pass_z = True
    layer.pass_alpha_threshold = 0.5
    layer.samples = 0
    layer.material_override = None
    cycles.device = "CPU"
    cycles.samples = 1
    cycles.max_bounces = 0
    cycles.use_denoising = cycles.use_adaptive_sampling = False
    cycles.pixel_filter_type = "BOX"
    cycles.filter_width = 0.01  # the least that Cycles takes
    settings = render.image_settings
    if hasattr(settings, "media_type"):  # from 5.0 on the kind of file comes before its format
        settings.media_type = "IMAGE"
    settings.file_format = "OPEN_EXR"
    settings.color_mode = "RGB"
    settings.color_depth = "32"


def _put_out_depth(scene):
    """Let the compositor put out z-depth; what it makes beside the scene's own."""
    if hasattr(scene, "compositing_node_group"):  # 5.0 and later
        tree = bpy.data.node_groups.new("occlusion", "CompositorNodeTree")
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        scene.compositing_node_group = tree
        target, made = tree.nodes.new("NodeGroupOutput"), [tree]
    else:
        scene.use_nodes = True
        tree = scene.node_tree
        tree.nodes.clear()
        target, made = tree.nodes.new("CompositorNodeComposite"), []
    source = tree.nodes.new("CompositorNodeRLayers")
    source.scene = scene
    source.layer = scene.view_layers[0].name
    tree.links.new(source.outputs["Depth"], target.inputs["Image"])
    return made
