"""Own paths: files of ours are found again when the folder of a .blend is moved.

Images that we opened have paths relative to the .blend file wherever they lie beside or below it.
Blender does that by itself only on the first save, and where the user has asked for it; images of
the user's stay as they are.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import bpy
from bpy.app.handlers import persistent

from .result_marks import CLEAN_FRAME, COPY, DEPTH, METRIC_DEPTH

# Custom property of an image that we opened from a file that somebody named.
OPENED = "sharpdepth_opened"
# Session uids of images that a save has made relative, with the paths that they had.
_changed: dict[int, str] = {}


def make_relative(image: bpy.types.Image) -> None:
    """Have an image of ours that lies beside or below the open file move with it."""
    if bpy.data.filepath:
        image.filepath_raw = _relative(image, os.path.dirname(bpy.data.filepath))


@contextmanager
def relative_to(folder: str | os.PathLike[str]) -> Iterator[None]:
    """Have images of ours be relative in a copy of the open file that the block saves to a folder.

    The copy is to be saved with Blender's own *Remap Relative*. Afterwards all are as before.
    """
    before = [(image, image.filepath_raw) for image in _own_images()]
    folder, here = os.path.abspath(folder), os.path.dirname(bpy.data.filepath)
    try:
        for image, path in before:
            if _relative(image, folder) != path:
                # Blender takes the open file's folder off and puts the other's on.
                image.filepath_raw = _from(os.path.abspath(path), here or folder)
        yield
    finally:
        for image, path in before:
            image.filepath_raw = path


@persistent
def before_save(path: str, *_: object) -> None:
    """Have images of ours move with the file that is about to be saved.

    Not where it goes to another folder than before: nobody says then whether Blender will remap
    what is relative, so that it comes after the save, for the next one.

    Args:
        path: Of the file.
    """
    folder, here = os.path.dirname(os.path.abspath(path)), os.path.dirname(bpy.data.filepath)
    _changed.clear()
    if here and os.path.abspath(here) != folder:
        return
    for image in _own_images():
        now = _relative(image, folder)
        if now != image.filepath_raw:
            _changed[image.session_uid] = image.filepath_raw
            image.filepath_raw = now


@persistent
def after_save(path: str, *_: object) -> None:
    """Have images of ours be found by what is open now, which a saved copy is not.

    Args:
        path: Of the file that was saved, or was not.
    """
    here = os.path.dirname(bpy.data.filepath)
    for image in _own_images():
        if not here and image.session_uid in _changed:
            image.filepath_raw = _changed[image.session_uid]
        make_relative(image)
    _changed.clear()


def register() -> None:
    """Have it done at every save."""
    for handlers, function in _handlers():
        if function not in handlers:
            handlers.append(function)


def unregister() -> None:
    """Have it done no more."""
    for handlers, function in _handlers():
        if function in handlers:
            handlers.remove(function)


def _handlers() -> list[tuple[list, Callable[..., None]]]:
    """Blender's lists of handlers, and what goes in each."""
    lists = bpy.app.handlers
    return [
        (lists.save_pre, before_save),
        (lists.save_post, after_save),
        (lists.save_post_fail, after_save),
    ]


def _own_images() -> list[bpy.types.Image]:
    """Images of files that are ours, in this file and not in a linked one."""
    depth = {obj.get(name) for obj in bpy.data.objects for name in (DEPTH, METRIC_DEPTH)}
    return [
        image
        for image in bpy.data.images
        if image.library is None
        and image.filepath_raw
        and not image.packed_file
        and (image in depth or any(mark in image.keys() for mark in (COPY, OPENED, CLEAN_FRAME)))
    ]


def _relative(image: bpy.types.Image, folder: str) -> str:
    """The path of an image for a .blend in a folder, as it is where it lies elsewhere."""
    path = image.filepath_raw
    if path.startswith("//"):
        return path
    inside = os.path.normcase(os.path.join(os.path.abspath(folder), ""))
    is_inside = os.path.normcase(os.path.abspath(path)).startswith(inside)
    return _from(os.path.abspath(path), folder) if is_inside else path


def _from(path: str, folder: str) -> str:
    try:
        return "//" + os.path.relpath(path, folder).replace(os.sep, "/")
    except ValueError:  # another drive
        return path
