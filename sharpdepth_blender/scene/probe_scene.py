"""Probe scene: a copy of a scene that renders what is at the center of each pixel."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import bpy
from mathutils import Matrix

from ..geometry import Intrinsics
from .camera import camera_data, frame_scene, set_lens
from .cycles import use_cycles
from .scene_copy import copied_scene


@dataclass(frozen=True)
class ProbeScene:
    """A copy of a scene with one view layer and a camera of our own."""

    scene: bpy.types.Scene
    camera: bpy.types.Object

    def aim(self, intrinsics: Intrinsics, matrix: Matrix, clip: tuple[float, float]) -> None:
        """Place the camera, and set the render size for its picture.

        Args:
            intrinsics: Intrinsics of the picture.
            matrix: World matrix of the camera, without scale.
            clip: (start, end) of the clipping range, in Blender units.
        """
        frame_scene(self.scene, intrinsics)
        data = camera_data(self.camera)
        set_lens(self.scene, data, intrinsics)
        data.clip_start, data.clip_end = clip
        self.camera.matrix_world = matrix


@contextmanager
def probe_of(scene: bpy.types.Scene) -> Iterator[ProbeScene]:
    """Yield a probe of a scene, which is removed at the end.

    It renders with Cycles on the CPU. Each pixel is a single point of the nearest surface that is
    at least half opaque, never a mixture of two; the background is transparent.
    """
    copy = copied_scene(scene)
    data = bpy.data.cameras.new("Probe")
    camera = bpy.data.objects.new("Probe", data)
    made: list[bpy.types.ID] = [copy, camera, data]
    try:
        shown = next((each for each in copy.view_layers if each.use), copy.view_layers[0])
        for layer in [each for each in copy.view_layers if each != shown]:
            copy.view_layers.remove(layer)
        if copy.world is not None:
            copy.world = _without_fog(copy.world)
            made.append(copy.world)
        _set_up(copy)
        copy.collection.objects.link(camera)
        copy.camera = camera
        yield ProbeScene(copy, camera)
    finally:
        bpy.data.batch_remove(made)


def _without_fog(world: bpy.types.World) -> bpy.types.World:
    """A copy of a world without its volume, which would scatter rays."""
    copy: bpy.types.World = world.copy()  # type: ignore[assignment]  # never None
    output = copy.node_tree and copy.node_tree.get_output_node("ALL")
    for link in output.inputs["Volume"].links if output else ():
        copy.node_tree.links.remove(link)
    return copy


def _set_up(scene: bpy.types.Scene) -> None:
    render, layer = scene.render, scene.view_layers[0]
    render.film_transparent = True
    render.use_border = render.use_multiview = render.use_stamp = False
    render.use_sequencer = render.use_motion_blur = render.use_freestyle = False
    layer.use = layer.use_pass_z = True
    layer.samples = 0
    layer.pass_alpha_threshold = 0.5
    layer.material_override = None
    cycles = use_cycles(scene, samples=1)
    cycles.max_bounces = 0
    cycles.use_adaptive_sampling = False
    cycles.film_transparent_glass = False
    cycles.pixel_filter_type = "BOX"
    cycles.filter_width = 0.01  # the smallest that Cycles allows
