"""Occlusion: the depth of the nearest surface at each pixel of a projection camera."""

from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from ...geometry import Intrinsics, clean_measurement
from ..errors import reason
from ..exr import read_depth_exr
from ..interrupts import held_interrupts
from ..node_groups import new_group
from ..probe_scene import probe_of
from ..saving import choose_format
from ..temporary import temporary_folder
from .errors import ProjectionError

# Longest side of a depth map: beyond, memory grows faster than edges get finer.
_MOST = 4096


def map_intrinsics(intrinsics: Intrinsics) -> Intrinsics:
    """Intrinsics of a picture's depth map, which is smaller than a very large picture."""
    share = _MOST / max(intrinsics.width, intrinsics.height)
    if share >= 1:
        return intrinsics
    sides = intrinsics.width, intrinsics.height
    return intrinsics.resized(*(max(1, round(side * share)) for side in sides))


def seen_depth(
    scene: bpy.types.Scene, intrinsics: Intrinsics, matrix: Matrix, clip: tuple[float, float]
) -> np.ndarray:
    """Render the depth that a camera sees in a scene, at the scene's current frame.

    Cycles takes one sample at each pixel's center, so that no value is a mixture of two surfaces.
    Surfaces that are less than half opaque are ignored. Works on a copy of the scene.

    Args:
        scene: Scene with everything that can be seen or be in the way.
        intrinsics: Intrinsics of the depth map.
        matrix: World matrix of the camera, without scale.
        clip: (start, end) of the clipping range, in Blender units.

    Returns:
        (H, W) float32 z-depth in Blender units, 0 where there is nothing.

    Raises:
        ProjectionError: Blender cannot render the scene.
    """
    with probe_of(scene) as probe, temporary_folder() as folder:
        probe.aim(intrinsics, matrix, clip)
        path = Path(folder) / "depth.exr"
        _set_up(probe.scene.render, path)
        made = _put_out_depth(probe.scene)
        try:
            with held_interrupts():
                bpy.ops.render.render(write_still=True, scene=probe.scene.name)
        except RuntimeError as error:
            raise ProjectionError(
                "What the projection camera sees cannot be rendered: {why}", why=reason(error)
            ) from error
        finally:
            bpy.data.batch_remove(made)
        return clean_measurement(read_depth_exr(path))


def _set_up(render: bpy.types.RenderSettings, path: Path) -> None:
    render.use_compositing = True
    render.compositor_device = "CPU"
    render.use_file_extension = False
    render.filepath = str(path)
    settings = render.image_settings
    choose_format(settings, "OPEN_EXR")
    settings.color_mode = "RGB"
    settings.color_depth = "32"


def _put_out_depth(scene: bpy.types.Scene) -> list[bpy.types.NodeTree]:
    """Have the compositor output z-depth; returns the node groups made for it."""
    made: list[bpy.types.NodeTree] = []
    if hasattr(scene, "compositing_node_group"):  # 5.0 and later
        tree = new_group("occlusion", bpy.types.CompositorNodeTree)
        tree.interface.new_socket(
            "Image",
            in_out="OUTPUT",
            socket_type="NodeSocketColor",  # type: ignore[arg-type]  # depends on the kind of tree
        )
        scene.compositing_node_group = tree
        target = tree.nodes.new("NodeGroupOutput")
        made.append(tree)
    else:
        scene.use_nodes = True
        tree = scene.node_tree  # type: ignore[attr-defined]  # as scenes had it
        tree.nodes.clear()
        target = tree.nodes.new("CompositorNodeComposite")
    source: Any = tree.nodes.new("CompositorNodeRLayers")
    source.scene = scene
    source.layer = scene.view_layers[0].name
    tree.links.new(source.outputs["Depth"], target.inputs["Image"])
    return made
