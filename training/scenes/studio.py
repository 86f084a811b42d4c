"""Render random views along the shots of a user's scene, with the scene's own look."""

import sys
from contextlib import contextmanager

import bpy
import numpy as np

from sharpdepth_blender.scene import camera_intrinsics

from . import passes
from .errors import NothingSeenError
from .frame import FAR, Frame
from .graphics import has_graphics_card
from .shots import find_shots, share_out
from .view import stand_near

TRIES = 10  # views per frame before giving up
MULTIPLE = 32  # pixels: the shorter side is a multiple, because the networks halve it five times


class Studio:
    """Renderer for a scene, working on a scratch copy.

    Attributes:
        scene: The copy, with one view layer and a camera of our own.
        shots: Shots by split.
    """

    def __init__(self, scene, camera, shots):
        self.scene, self.shots = scene, shots
        self._camera, self._proportions = camera, _proportions(scene)

    def render(
        self, split: str, seed: int, longer_side: int, samples: int, farthest: float = FAR
    ) -> Frame:
        """Render a random view near the camera of a random shot of a split, at a random frame.

        Views with nothing but sky depth are redrawn.

        Depth of field and motion blur are off, because they have no exact depth; everything else
        is rendered as set in the file. Simulations use their caches: bake them first.

        Args:
            split: Split whose shots are used.
            seed: The same seed gives the same frame.
            longer_side: Pixels; the shorter side keeps the scene's aspect ratio, rounded to a
                `MULTIPLE`.
            samples: Cycles samples, before denoising. Other engines use the file's setting.
            farthest: Depth of the sky and of everything beyond, meters.

        Raises:
            NothingSeenError: none of `TRIES` views contains anything with a depth.
        """
        rng = np.random.default_rng(seed)
        for _ in range(TRIES):
            frame = self._random_view(split, seed, rng, longer_side, samples, farthest)
            if frame.depth.min() < frame.depth.max():
                return frame
        raise NothingSeenError(
            f"{TRIES} views near the shots of {split} show nothing within {farthest:g} m: "
            "check the scene's unit scale"
        )

    def _random_view(self, split, seed, rng, longer_side, samples, farthest=FAR):
        scene, shots = self.scene, self.shots[split]
        shot = shots[rng.integers(len(shots))]
        passes.set_frame(scene, *_size(self._proportions, longer_side))
        self._look_from(shot, int(rng.integers(shot.first, shot.last + 1)), rng)
        _set_samples(scene, samples, seed)
        lens = tuple(camera_intrinsics(scene, self._camera))
        rgb, (depth, sky) = passes.picture(scene), passes.z_depth(scene, farthest)
        return Frame(rgb, depth, lens, seed, sky)

    def _look_from(self, shot, frame, rng):
        scene = self.scene
        scene.camera = shot.camera  # otherwise it might not be evaluated
        scene.frame_set(frame)
        scene.frame_start = frame  # the passes render this frame
        graph = scene.view_layers[0].depsgraph
        stand_near(rng, scene, graph, self._camera, shot.camera.evaluated_get(graph))
        scene.camera = self._camera


@contextmanager
def open_studio(scene, layer, counts: dict[str, int]):
    """Open a `Studio` for a scene, without changing the file.

    Renders a copy of the scene that shares its objects, so that no setting of the file has to be
    changed. As after any render in Blender, unkeyed changes to animated values are lost. A driver
    that reads the current frame from the scene by name reads the frame of the original scene.

    Args:
        scene: Scene of the open file.
        layer: The view layer to render.
        counts: Number of frames wanted for each split.

    Raises:
        StudioError: the scene has no shot, or too few frames for the splits.
    """
    shots = share_out(find_shots(scene), counts)
    images = set(bpy.data.images)
    copy = scene.copy()
    data = bpy.data.cameras.new("random view")
    camera = bpy.data.objects.new("random view", data)
    try:
        _set_up(copy, layer.name)
        yield Studio(copy, camera, shots)
    finally:
        bpy.data.scenes.remove(copy)
        bpy.data.objects.remove(camera)
        bpy.data.cameras.remove(data)
        for image in set(bpy.data.images) - images:
            if image.source == "VIEWER":  # the render result, if there was none before
                bpy.data.images.remove(image)


def _set_up(scene, layer_name):
    """Prepare the copy: one view layer, no camera markers, an opaque background."""
    for layer in list(scene.view_layers):
        if layer.name != layer_name:
            scene.view_layers.remove(layer)
    (layer,) = scene.view_layers
    layer.use, layer.samples, layer.cycles.use_denoising = True, 0, True
    scene.timeline_markers.clear()
    scene.render.film_transparent = False
    scene.render.use_persistent_data = True
    if scene.render.engine != "CYCLES" and not has_graphics_card():
        print(
            f"no GPU found for the scene's render engine {scene.render.engine}: "
            "rendering with Cycles instead",
            file=sys.stderr,
            flush=True,
        )
        scene.render.engine = "CYCLES"


def _proportions(scene):
    """Return the scene's aspect ratio as width and height in arbitrary units."""
    render = scene.render
    return render.resolution_x * render.pixel_aspect_x, render.resolution_y * render.pixel_aspect_y


def _size(proportions, longer_side):
    """Return width and height in pixels, approximately in these proportions."""
    share = min(proportions) / max(proportions)
    shorter = max(round(longer_side * share / MULTIPLE), 1) * MULTIPLE
    across, down = proportions
    return (longer_side, shorter) if across >= down else (shorter, longer_side)


def _set_samples(scene, samples, seed):
    cycles = scene.cycles
    cycles.samples, cycles.seed, cycles.use_animated_seed = samples, seed % 2**31, False
    cycles.use_adaptive_sampling, cycles.time_limit, cycles.sample_offset = False, 0, 0
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
