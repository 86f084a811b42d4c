"""Passes: what each pixel of a frame shows: its color, how far away it is, and of which object.

A copy of the user's scene is rendered. Cycles puts depth and objects into no file but a multilayer
EXR, and no Blender gives a script the values of that; so it is written without compression and its
rows are read as they are.
"""

import re
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix

from ...geometry import Intrinsics, clean_measurement
from ..errors import SceneError, reason
from ..exr_layout import LayoutError, read_parts
from ..interrupts import held_interrupts
from ..probe_scene import ProbeScene, probe_of
from ..saving import choose_format
from ..temporary import temporary_folder

_SAMPLES = 4  # of the light; geometry takes one
_OBJECT = re.compile(r'"(.*?)":"([0-9a-f]{8})"[,}]')  # names stand there as they are
_FLOAT = 2


@dataclass(frozen=True)
class Surfaces:
    """Of what the pixels of a frame show, where and whose it is, each at its center.

    Attributes:
        depth: (H, W) float32 z-depth in Blender units of what is at least half opaque, 0 where
            there is nothing of that.
        objects: Names of objects.
        index: (H, W) of what a pixel shows in `objects`, -1 for nothing.
    """

    depth: np.ndarray
    objects: tuple[str, ...]
    index: np.ndarray

    def shows(self, names: Container[str]) -> np.ndarray:
        """(H, W) bool, where one of these objects is seen."""
        wanted = [name in names for name in (*self.objects, None)]  # -1 is the last
        return np.array(wanted)[self.index] & (self.depth > 0)


@dataclass(frozen=True)
class Passes(Surfaces):
    """What the pixels of a frame show, each at its center.

    Attributes:
        light: (H, W, 3) float32 scene-linear, black where there is nothing.
        alpha: (H, W) float32, 0..1.
    """

    light: np.ndarray
    alpha: np.ndarray


@contextmanager
def passes_probe(
    scene: bpy.types.Scene, *, light: bool = True, solid: bool = False
) -> Iterator[ProbeScene]:
    """Give a probe for `render_passes` or, without light, `render_surfaces`; it is removed again.

    Args:
        scene: The user's.
        light: Whether to render more than surfaces.
        solid: Have all surfaces opaque, whatever their materials are.

    Yields:
        The probe.
    """
    with probe_of(scene) as probe:
        _set_up(probe.scene, light)
        if not solid:
            yield probe
            return
        override = bpy.data.materials.new("Camera Move")
        try:
            probe.scene.view_layers[0].material_override = override
            yield probe
        finally:
            bpy.data.materials.remove(override)


def render_passes(
    probe: ProbeScene, frame: int, intrinsics: Intrinsics, matrix: Matrix, clip: tuple[float, float]
) -> Passes:
    """Render what a camera sees in a scene at a frame.

    Args:
        probe: Of `passes_probe`.
        frame: Its number.
        intrinsics: Of the camera.
        matrix: Its world matrix, without scale.
        clip: (nearest, farthest) distance that it sees, in Blender units.

    Returns:
        What its pixels show.

    Raises:
        SceneError: Blender cannot render the frame.
    """
    probe.aim(intrinsics, matrix, clip)
    channels, surfaces = _rendered(probe.scene, frame)
    light = np.stack([channels[f"Combined.{each}"] for each in "RGB"], -1)
    return Passes(**vars(surfaces), light=light, alpha=channels["Combined.A"])


def render_surfaces(
    probe: ProbeScene, frame: int, intrinsics: Intrinsics, matrix: Matrix, clip: tuple[float, float]
) -> Surfaces:
    """Render where the surfaces are that a camera sees; otherwise like `render_passes`."""
    probe.aim(intrinsics, matrix, clip)
    return _rendered(probe.scene, frame)[1]


def _set_up(scene: bpy.types.Scene, light: bool) -> None:
    """Put out color, depth and objects, as they are."""
    render, layer = scene.render, scene.view_layers[0]
    render.use_compositing = False
    render.use_file_extension = render.use_overwrite = True
    render.use_placeholder = False
    render.use_persistent_data = True  # what does not move is not built again for every frame
    layer.use_pass_combined = light
    layer.use_pass_cryptomatte_object = True
    layer.use_pass_cryptomatte_material = layer.use_pass_cryptomatte_asset = False
    layer.pass_cryptomatte_depth = 2
    # `cycles` is an add-on's.
    scene.cycles.samples = _SAMPLES if light else 1  # type: ignore[attr-defined]
    settings = render.image_settings
    choose_format(settings, "OPEN_EXR_MULTILAYER")
    settings.color_depth, settings.exr_codec = "32", "NONE"
    if hasattr(settings, "use_exr_interleave"):
        # From 5.0 on files have several parts, and none is written where pixels are not square.
        settings.use_exr_interleave = True


def _rendered(scene: bpy.types.Scene, frame: int) -> tuple[dict[str, np.ndarray], Surfaces]:
    """Render a frame; its channels by their names without the view layer, and its surfaces."""
    try:
        content = _file_of(scene, frame)
        named, attributes = _channels(content)
    except (OSError, RuntimeError, LayoutError) as error:
        raise SceneError(
            "The frame {frame} cannot be rendered: {why}", frame=frame, why=reason(error)
        ) from error
    prefix = f"{scene.view_layers[0].name}."
    channels = {name.removeprefix(prefix): values for name, values in named.items()}
    objects, index = _objects(channels["CryptoObject00.r"], attributes)
    return channels, Surfaces(clean_measurement(channels["Depth.Z"]), objects, index)


def _file_of(scene: bpy.types.Scene, frame: int) -> bytes:
    """The EXR of a frame. A scene that is no window's keeps its own only as an animation of one."""
    scene.frame_start = scene.frame_end = frame
    with temporary_folder() as folder:
        scene.render.filepath = str(Path(folder) / "frame")
        with held_interrupts():
            bpy.ops.render.render(animation=True, scene=scene.name)
        return Path(scene.render.frame_path(frame=frame)).read_bytes()


def _channels(content: bytes) -> tuple[dict[str, np.ndarray], dict[bytes, bytes]]:
    """Name -> (H, W) float32 of an EXR without compression, and the attributes of its header."""
    found: dict[str, np.ndarray] = {}
    attributes: dict[bytes, bytes] = {}
    for part in read_parts(content):
        left, _, right, _ = part.data_window
        kinds = [int.from_bytes(kind[:4], "little") for kind in part.channels.values()]
        if any(part.attributes[b"compression"]) or any(kind != _FLOAT for kind in kinds):
            raise LayoutError("was not written as it was asked for")
        row = 4 * len(kinds) * (right - left + 1)
        raw = b"".join(content[start : start + row] for start in part.starts.tolist())
        rows = np.frombuffer(raw, "<f4").reshape(len(part.starts), len(kinds), -1)
        names = [name.decode("utf-8", "replace") for name in part.channels]
        found.update(zip(names, rows.transpose(1, 0, 2), strict=True))
        attributes.update(part.attributes)
    return found, attributes


def _objects(
    marks: np.ndarray, attributes: dict[bytes, bytes]
) -> tuple[tuple[str, ...], np.ndarray]:
    """Names of objects, and which of them each pixel is marked with; Cryptomatte's marks.

    A mark is a name's hash taken as a float, which no hash may be that is no ordinary number.
    """
    manifest = next(
        (value for key, value in attributes.items() if key.endswith(b"/manifest")), b"{}"
    )
    pairs = _OBJECT.findall(manifest.decode("utf-8", "replace"))
    hashes = np.array([int(number, 16) for _, number in pairs], np.uint32)
    exponent = hashes >> 23 & 255
    hashes = np.where((exponent == 0) | (exponent == 255), hashes ^ np.uint32(1 << 23), hashes)
    order = np.argsort(hashes)
    names = tuple(pairs[place][0] for place in order)
    if not names:
        return names, np.full(marks.shape, -1)
    hashes, marks = hashes[order], np.ascontiguousarray(marks).view(np.uint32)
    place = np.clip(np.searchsorted(hashes, marks), 0, len(hashes) - 1)
    return names, np.where(hashes[place] == marks, place, -1)
