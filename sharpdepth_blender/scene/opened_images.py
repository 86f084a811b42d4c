"""Opened images: those that an operation opens go again where nothing comes of it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import bpy

from .uids import find_by_uid


@contextmanager
def opened_images() -> Iterator[list[int]]:
    """Yield a list that gets the session uids of the images which the block opens.

    If the block raises, they are removed.
    """
    before = {image.session_uid for image in bpy.data.images}
    opened: list[int] = []
    try:
        yield opened
    except BaseException:
        remove_opened(_uids() - before)
        raise
    opened.extend(_uids() - before)


def remove_opened(uids: Iterable[int]) -> None:
    """Remove images by their session uids, but those that somebody uses by now."""
    for uid in uids:
        image = find_by_uid(bpy.data.images, uid)
        if image is not None and not image.users:
            bpy.data.images.remove(image)


def _uids() -> set[int]:
    return {image.session_uid for image in bpy.data.images}
