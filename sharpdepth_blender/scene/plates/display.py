"""Display: an image's pixels as Blender shows them, in 8-bit sRGB."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import bpy
import numpy as np
from bpy.app.translations import pgettext_rpt

from ...geometry.reduction import REDUCED, reduced_size, reduction
from ..aside import Aside
from ..errors import reason
from ..picture import has_pixels, image_size
from ..scene_copy import copied_scene
from ..temporary import shown_values
from ..uids import find_by_uid
from ..view_transform import show_plain_colors
from .errors import SourceError
from .frames import copied

# Scene-linear spaces whose names do not say so.
_ACES = ("ACEScg", "ACES2065-1")
_TRANSPARENT = "What is transparent in the picture was put over black."
# More pixels than a user would not feel.
_FELT = 2**20
_TICK = 0.001  # seconds
# Pixels that are converted at a time, and how many times at once.
_BAND = 2**16
_THREADS = 4


class Display:
    """The picture that an image with one frame holds, read in steps.

    A large one is read beside the user's work: what is numpy's goes on in another thread, and of
    what is Blender's only the copy of all pixels takes a step of its own.

    Args:
        image: Image with values in memory or on disk.
        scene: Scene-linear images are shown with its view settings.
        name: What the user calls it; `image` may be a temporary one.
        space: Name of the color space of the source, where the image is a copy of its pixels.

    Attributes:
        rgb: (H, W, 3) uint8 over black, row 0 at the top, as far as it has been read.
        transparent: Whether it was transparent anywhere.

    Raises:
        SourceError: Blender has no pixels of it.
    """

    def __init__(
        self,
        image: bpy.types.Image,
        scene: bpy.types.Scene,
        name: str,
        space: str | None = None,
    ) -> None:
        if not all(image_size(image)) or not has_pixels(image):
            raise SourceError("The image {name} has no pixels.", name=name)
        width, height = image_size(image)
        self.rgb = np.empty((height, width, 3), np.uint8)
        self.transparent = False
        self._name = name
        self._image, self._scene = image.session_uid, scene.session_uid
        self._slow = width * height > _FELT
        own = image.colorspace_settings
        self._has_alpha = image.alpha_mode not in ("NONE", "CHANNEL_PACKED")
        is_plain = not image.is_float and own.name == "sRGB" and not image.use_view_as_render
        is_linear = image.is_float and is_linear_space(space or own.name)
        self._is_shown = own.is_data or is_plain
        self._in_plain_view = not (is_linear or image.use_view_as_render)
        self._steps = self._read(image.channels)

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence for what was changed, once all has been read."""
        return (_TRANSPARENT,) if self.transparent else ()

    @property
    def is_large(self) -> bool:
        """Whether it takes steps that a user would feel."""
        return self._slow

    def step(self) -> bool:
        """Go on for less than a tenth of a second, where Blender allows it.

        Returns:
            Whether all has been read.

        Raises:
            SourceError: The image has been removed or resized, or cannot be shown.
        """
        return next(self._steps, self) is self

    def finish(self) -> None:
        """Read what is left, and wait for it.

        Raises:
            SourceError: The image cannot be shown.
        """
        while not self.step():
            time.sleep(_TICK)

    def _read(self, channels: int) -> Iterator[None]:
        height, width = self.rgb.shape[:2]
        # New memory takes longer than the copy.
        room = Aside(lambda: np.full(width * height * channels, 0, np.float32), self._slow)
        while not room.done:
            yield
        pixels = room.answer()
        image = self._found(pixels.size)
        image.pixels.foreach_get(pixels)
        values = pixels.reshape(height, width, channels)[::-1]
        if self._is_shown:
            work = Aside(lambda: _over_black(values, self._has_alpha, self.rgb), self._slow)
            while not work.done:
                yield
            self.transparent = work.answer()
            return
        rows = max(1, _FELT // 4 // width) if self._slow else height
        for top in range(0, height, rows):
            part = slice(top, top + rows)
            shown = self._rendered(None if rows == height else values[part], pixels.size)
            self.transparent |= _over_black(shown, self._has_alpha, self.rgb[part])
            yield

    def _found(self, size: int) -> bpy.types.Image:
        """The image, if it still is what it was."""
        image = find_by_uid(bpy.data.images, self._image)
        if image is None or len(image.pixels) != size:  # type: ignore[arg-type]  # has a length
            raise SourceError("The image {name} was changed while it was read.", name=self._name)
        return image

    def _rendered(self, values: np.ndarray | None, size: int) -> np.ndarray:
        """(H, W, 4) float32 straight sRGB, as the scene shows the image or other pixels of it."""
        image, scene = self._found(size), find_by_uid(bpy.data.scenes, self._scene)
        if scene is None:
            raise SourceError("The scene that shows {name} was removed.", name=self._name)
        if values is None:
            return _rendered(image, scene, self._name, self._in_plain_view)
        with copied(image, image, values) as (part, _):
            return _rendered(part, scene, self._name, self._in_plain_view)


@contextmanager
def reduced(image: bpy.types.Image) -> Iterator[tuple[bpy.types.Image, str]]:
    """The image, or a smaller copy of one that is too large, and what is to be said of that.

    The name is left open in the sentence.
    """
    width, height = image_size(image)
    if reduction(width, height) == 1:
        yield image, ""
        return
    smaller, lower = reduced_size(width, height)
    copy: bpy.types.Image = image.copy()  # type: ignore[assignment]  # never None
    try:
        copy.scale(smaller, lower)
        numbers = {"width": width, "height": height, "smaller": smaller, "lower": lower}
        yield copy, pgettext_rpt(REDUCED).format(name="{name}", **numbers)
    finally:
        bpy.data.images.remove(copy)


def _rendered(image: bpy.types.Image, scene: bpy.types.Scene, name: str, plain: bool) -> np.ndarray:
    """(H, W, 4) float32 straight sRGB, as `scene` would show the image."""
    view = copied_scene(scene)  # its file settings have to change, and its view settings for some
    try:
        if plain:
            show_plain_colors(view)
        return shown_values(image, view, alpha=True, bits=8)
    except RuntimeError as error:
        why = reason(error)
        raise SourceError("The image {name} cannot be shown: {why}", name=name, why=why) from error
    finally:
        bpy.data.scenes.remove(view)


def is_linear_space(space: str) -> bool:
    """Whether a color space's name says that it is scene-linear."""
    return "linear" in space.lower() or space in _ACES


def _over_black(values: np.ndarray, has_alpha: bool, rgb: np.ndarray) -> bool:
    """Fill `rgb`, and say whether there was any alpha below 1.

    In bands that stay in the processor's cache, several at a time, as numpy lets threads run.
    """
    height, width, channels = values.shape
    rows = max(1, _BAND // max(width, 1))

    def fill(top: int) -> bool:
        band = values[top : top + rows]
        colors = np.array(band[..., :3] if channels >= 3 else np.repeat(band[..., :1], 3, axis=2))
        transparent = False
        if has_alpha and channels == 4:
            alpha = band[..., 3:]
            transparent = bool(alpha.min() < 1)
            if transparent:
                colors *= alpha
        np.nan_to_num(colors, copy=False)
        np.clip(colors, 0, 1, out=colors)
        colors *= 255
        rgb[top : top + rows] = np.round(colors, out=colors)
        return transparent

    with ThreadPoolExecutor(_THREADS) as threads:
        return any([*threads.map(fill, range(0, height, rows))])
