"""View: a scene rendered from its camera, or from beside it."""

import os

import bpy
from mathutils import Matrix

from ..files import atomic_write
from .camera import camera_matrix
from .cycles import use_cycles
from .errors import CameraError, SaveError
from .interrupts import held_interrupts
from .saving import PNG_END, check_end, choose_format
from .scene_copy import copied_scene
from .view_transform import is_compensated_for, show_plain_colors

# Scene-linear RGBA; against black, a hole would look like a dark object.
_NOTHING = (0.2, 0.2, 0.2, 1.0)


def render_view(
    scene: bpy.types.Scene,
    path: str | os.PathLike[str],
    size: tuple[int, int] | None = None,
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0),
    samples: int = 16,
) -> None:
    """Render a scene to a PNG with Cycles on the CPU, from its camera or beside it.

    Works on a copy of the scene, so the scene, its camera and its settings do not change. If the
    scene has no world, the background is neutral gray.

    Args:
        scene: Scene with a camera.
        path: PNG to write.
        size: (width, height) in pixels; None for the scene's own.
        offset: Offset of the camera to the right, up and back, in Blender units.
        samples: Samples per pixel.

    Raises:
        CameraError: The scene has no camera.
        SaveError: The picture cannot be written.
    """
    if scene.camera is None:
        raise CameraError("The scene {scene} has no camera to render from.", scene=scene.name)
    matrix = camera_matrix(scene, scene.camera) @ Matrix.Translation(offset)
    copy = copied_scene(scene)
    camera = bpy.data.objects.new("view", scene.camera.data)
    world = _plain_world()
    try:
        copy.collection.objects.link(camera)
        camera.matrix_world = matrix
        copy.camera = camera
        copy.world = scene.world or world
        _set_up(copy, size, samples)
        with atomic_write(path) as beside:
            copy.render.filepath = str(beside)
            with held_interrupts():
                bpy.ops.render.render(write_still=True, scene=copy.name)
            check_end(beside, PNG_END)
    except (OSError, RuntimeError) as error:
        raise SaveError.of(path, error) from error
    finally:
        bpy.data.objects.remove(camera)
        bpy.data.worlds.remove(world)
        bpy.data.scenes.remove(copy)


def _plain_world() -> bpy.types.World:
    world = bpy.data.worlds.new("view")
    if world.node_tree is None:  # from 5.0 on every world has its nodes
        world.use_nodes = True
    background = next(node for node in world.node_tree.nodes if node.type == "BACKGROUND")
    background.inputs["Color"].default_value = _NOTHING
    return world


def _set_up(scene: bpy.types.Scene, size: tuple[int, int] | None, samples: int) -> None:
    """Set up a plain still: no compositing, no strips, no stereo, and plain colors."""
    render = scene.render
    if size is not None:
        render.resolution_x, render.resolution_y = size
        render.resolution_percentage = 100
    render.use_compositing = False
    render.use_sequencer = False
    render.use_multiview = False
    render.use_border = False
    render.use_file_extension = False
    render.dither_intensity = 0
    use_cycles(scene, samples)
    if not is_compensated_for(scene):  # those materials are made for the scene's own view
        show_plain_colors(scene)
    settings = render.image_settings
    choose_format(settings, "PNG")
    settings.color_mode = "RGB"
    settings.color_depth = "8"
