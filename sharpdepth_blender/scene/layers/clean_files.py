"""Clean files: the file of each clean plate, in a folder beside the .blend.

Until a .blend has been saved, its clean plates are packed, scene-linear; the first save writes
them. Files that were changed by other programs are read again, or left alone where somebody has
painted in Blender meanwhile: then both pictures are kept.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

import bpy
import numpy as np

from ...files import atomic_write, file_stem, unused_path
from ...geometry import Intrinsics, exr_content, png_content
from ..errors import DamagedFile, SaveError, SceneError
from ..exr import exr_channels
from ..exr_layout import LayoutError
from ..loading import load_image
from ..own_paths import make_relative
from ..picture import (
    has_pixels,
    image_size,
    image_values,
    is_unpacked,
    note_packed,
    replace_rgba,
)
from ..plates.display import is_linear_space
from ..saving import PNG_END, check_end
from ..stored_intrinsics import read_intrinsics, stored_intrinsics
from ..temporary import temporary_folder
from ..transaction import transaction
from .layer_marks import CLEAN, CLEAN_FRAME, PLATES

# Beside the .blend.
FOLDER = "clean plates"
# Custom properties of the image: the color space of its file, and the name of that.
_SPACE, _STEM = "sharpdepth_clean_space", "sharpdepth_clean_name"
_FORMATS = {".png": ("PNG", "STRAIGHT"), ".exr": ("OPEN_EXR", "PREMUL")}

# What to do with a file where a new one would go: leave it and write beside it, show what is
# in it, write over it, or raise an error.
Existing = Literal["BESIDE", "USE", "OVERWRITE", "REFUSE"]
_Stamp = tuple[str, int, int]  # path, time of the last change, size
# By session uid: the files as they were when Blender last read or wrote them; where a file is that
# undo has made forget; frames by size, since undo leaves pixels as they are; what were files before
# undo.
_known: dict[int, _Stamp] = {}
_placed: dict[int, str] = {}
_files: dict[int, tuple[str, np.ndarray | None]] = {}
_frames: dict[int, dict[tuple[int, int], Intrinsics]] = {}


class CleanPlateError(SceneError):
    """A clean plate cannot be made, or its picture is gone or of another shape."""

    kind = "bad_clean_plate"


class ChangedOutside(SceneError):
    """The file of a clean plate was changed by another program since Blender read it."""

    kind = "changed_outside"


def new_plate_image(
    name: str,
    frame: Intrinsics,
    picture: bpy.types.Image,
    folder: str = "",
    existing: Existing = "BESIDE",
    paint: np.ndarray | None = None,
) -> bpy.types.Image:
    """Make a clean plate, in a file where the .blend has one.

    Args:
        name: Of the layer.
        frame: Of the plate.
        picture: The picture that layers show, whose color space the file gets: an EXR where that
            is scene-linear, else a PNG of 16 bits.
        folder: Of the .blend; empty for the open one's, where that has one.
        existing: What to do with a file of that name.
        paint: (H, W, 4) premultiplied scene-linear, of the frame's size; None for nothing.

    Returns:
        Float image, premultiplied scene-linear in memory.

    Raises:
        ChangedOutside: There is such a file, and that is to be refused.
        CleanPlateError: It is to be used, and has other proportions or cannot be read.
    """
    with transaction() as track:
        image = track(
            bpy.data.images.new(
                f"{name} clean plate", frame.width, frame.height, alpha=True, float_buffer=True
            )
        )
        image.alpha_mode, image.use_half_precision = "PREMUL", False
        image[_SPACE], image[_STEM] = picture.colorspace_settings.name, name
        keep_frame(image, frame)
        nothing = np.zeros((frame.height, frame.width, 4), np.float32)
        replace_rgba(image, nothing if paint is None else paint)
        image.pack()
        if folder := folder or os.path.dirname(bpy.data.filepath):
            with suppress(SaveError):  # it stays packed, and the next save tries again
                put_in_file(image, folder, existing)
    return image


def name_plate(image: bpy.types.Image, layer: str) -> None:
    """Have a clean plate that has no file yet get one by the name of its layer."""
    if not image.filepath_raw:
        image[_STEM] = layer


def keep_frame(image: bpy.types.Image, frame: Intrinsics) -> None:
    """Store the intrinsics of a clean plate's pixels on it."""
    image[CLEAN_FRAME] = stored_intrinsics(frame)
    _frames.setdefault(image.session_uid, {})[frame.width, frame.height] = frame


def stored_frame(image: bpy.types.Image) -> Intrinsics:
    """The intrinsics that `keep_frame` stored, which undo takes back."""
    return read_intrinsics(image[CLEAN_FRAME])


def plate_frame(image: bpy.types.Image) -> Intrinsics:
    """The intrinsics of a clean plate's pixels.

    Raises:
        CleanPlateError: Its picture is gone, or has other proportions than its layer.
    """
    frame = stored_frame(image)
    size = image_size(image)
    if not all(size):
        raise CleanPlateError("The clean plate {image} is gone.", image=image.name)
    if size == (frame.width, frame.height):
        return frame
    if size in (known := _frames.get(image.session_uid, {})):
        return known[size]  # of a step that undo took back, but not its pixels
    _check_shape(image.name, size, frame)
    return frame.resized(*size)


def clean_plates() -> Iterator[bpy.types.Image]:
    """All clean plates of the open file, those of linked files left out."""
    return (each for each in bpy.data.images if CLEAN_FRAME in each.keys() and not each.library)


def plate_path(image: bpy.types.Image) -> str:
    """Absolute path of a clean plate's file, empty where it is packed."""
    if image.packed_file or not image.filepath_raw:
        return ""
    return os.path.normpath(bpy.path.abspath(image.filepath_raw, library=image.library))


def has_paint(image: bpy.types.Image) -> bool:
    """Whether anything is painted on a clean plate, or may be: its file may just be missing."""
    return not has_pixels(image) or bool(image_values(image)[..., 3].any())


def is_changed_outside(image: bpy.types.Image) -> bool:
    """Whether a clean plate's file was changed since Blender read or wrote it."""
    now, known = file_stamp(image), _known.get(image.session_uid)
    return now is not None and known is not None and now[0] == known[0] and now != known


def note_file(image: bpy.types.Image) -> None:
    """Take in that the pixels of a clean plate are those of its file, as that is now."""
    if stamp := file_stamp(image):
        _known[image.session_uid] = stamp


def save_plate(image: bpy.types.Image, overwrite: bool = False) -> None:
    """Write a clean plate to its file, which it gets where it has none, or pack it again.

    Args:
        image: Clean plate.
        overwrite: Whether to write over what another program has written there.

    Raises:
        ChangedOutside: Another program has changed the file.
        SaveError: The file cannot be written.
    """
    if not has_pixels(image):
        raise CleanPlateError("The clean plate {image} is gone.", image=image.name)
    if path := plate_path(image):
        if is_changed_outside(image) and not overwrite:
            raise ChangedOutside(
                "{path} was changed by another program, and {image} was painted on in Blender.",
                path=path,
                image=image.name,
            )
        _save_in_place(image, path)
    elif image.filepath_raw or not bpy.data.filepath:  # packed by the user, or for want of a place
        pack_plate(image)
    else:
        put_in_file(image, os.path.dirname(bpy.data.filepath))


def save_beside(image: bpy.types.Image) -> str:
    """Write a clean plate to a new file beside its own, which stays as it is.

    Returns:
        Path of the new file, which is the plate's from now on.

    Raises:
        SaveError: The file cannot be written.
    """
    path = Path(plate_path(image))
    new = unused_path(path.parent, path.stem, path.suffix)
    _save_in_place(image, str(new))
    image.filepath_raw = str(new)
    make_relative(image)
    note_file(image)
    return str(new)


def file_in_the_way(name: str, picture: bpy.types.Image, folder: str = "") -> str:
    """The file that is there where a layer's clean plate would have its own, or nothing."""
    folder = folder or os.path.dirname(bpy.data.filepath)
    if not folder:
        return ""
    path = _path_for(name, picture.colorspace_settings.name, folder)
    return str(path) if os.path.lexists(path) else ""


def put_in_file(image: bpy.types.Image, folder: str, existing: Existing = "BESIDE") -> None:
    """Have a packed clean plate be a file in the clean plates' folder of a folder.

    Args:
        image: Clean plate.
        folder: Of the .blend.
        existing: What to do with a file of its name that is there.

    Raises:
        ChangedOutside: There is such a file, and that is to be refused.
        CleanPlateError: It is to be used, and has other proportions or cannot be read.
        SaveError: The file cannot be written; the plate stays packed.
    """
    path = _place_for(image, folder, existing)
    if existing == "USE" and os.path.isfile(path):
        _be_file(image, path)
        reload_plate(image)
        return
    values = np.ascontiguousarray(image_values(image))
    try:
        Path(path).parent.mkdir(exist_ok=True)
        with _moved_to(path) as file:
            write_values(file, values, image[_SPACE])
    except (OSError, RuntimeError, LayoutError) as error:
        raise SaveError.of(path, error) from error
    _be_file(image, path)
    note_file(image)


def _be_file(image: bpy.types.Image, path: str) -> None:
    """Have a packed clean plate be what a file shows."""
    image.unpack(method="REMOVE")
    image.filepath_raw = path
    image.file_format, image.alpha_mode = _FORMATS[Path(path).suffix]  # type: ignore[assignment]
    image.colorspace_settings.name = image[_SPACE]
    image.reload()
    make_relative(image)
    _placed[image.session_uid] = path


def pack_plate(image: bpy.types.Image) -> None:
    """Pack a clean plate as it is now, scene-linear, so that it is saved with the .blend."""
    values = np.ascontiguousarray(image_values(image))
    content = b"".join(exr_content({name: values[..., i] for i, name in enumerate("RGBA")}))
    image.pack(data=content, data_len=len(content))
    image.source, image.alpha_mode, image.file_format = "FILE", "PREMUL", "OPEN_EXR"
    image.filepath_raw = ""
    image.colorspace_settings.name = _linear_space()
    if image.is_dirty:  # where that was its space before, Blender has not read it again
        image.pack()
    note_packed(image)


def reload_plate(image: bpy.types.Image) -> None:
    """Read a clean plate's file again; what was painted in Blender since is gone.

    Raises:
        CleanPlateError: The file cannot be read, or has other proportions than the layer.
    """
    path = plate_path(image)
    try:
        found = load_image(path)
    except (RuntimeError, UnicodeError, DamagedFile) as error:
        raise CleanPlateError("{path} cannot be read.", path=path) from error
    try:
        size = image_size(found)
        if not all(size) or not has_pixels(found):
            raise CleanPlateError("{path} cannot be read.", path=path)
        frame = plate_frame(image)
        if size != (frame.width, frame.height):
            _check_shape(path, size, frame)
            frame = frame.resized(*size)
    finally:
        bpy.data.images.remove(found)
    image.reload()
    keep_frame(image, frame)
    note_file(image)


def note_new_files() -> None:
    """Take in the files of clean plates that came with an opened .blend, or were appended."""
    for image in clean_plates():
        if image.session_uid not in _known:
            note_file(image)


def note_files_before_undo() -> None:
    """Take in which clean plates are files, and what is painted on them that is not saved."""
    _files.clear()
    for image in clean_plates():
        if (path := plate_path(image)) and image.session_uid in _placed:
            unsaved = image.is_dirty and has_pixels(image)
            _files[image.session_uid] = path, np.array(image_values(image)) if unsaved else None


def be_files_again() -> None:
    """Have clean plates be files that undo has packed again, as they were before a save.

    With what was packed then, which is older than the file, undo has brought back its pixels.
    """
    for image in clean_plates():
        path, unsaved = _files.get(image.session_uid, ("", None))
        if not (image.packed_file and os.path.isfile(path)):
            continue
        _be_file(image, path)
        note_file(image)
        if unsaved is not None:
            height, width = unsaved.shape[:2]
            if image_size(image) != (width, height):
                image.scale(width, height)
            replace_rgba(image, unsaved)
    _files.clear()


def forget_files() -> None:
    """Forget the files of a .blend that is closed."""
    for each in (_known, _placed, _frames, _files):
        each.clear()


def store_all(folder: str, is_first: bool) -> list[str]:
    """Have all that is painted on clean plates be kept, as the .blend is about to be saved.

    Args:
        folder: Of the .blend.
        is_first: Whether there has not been a .blend before, so that packed ones get their files.

    Returns:
        Sentences for the user.
    """
    told: list[str] = []
    for image in list(clean_plates()):
        if not has_pixels(image):
            continue
        try:
            _store(image, folder, is_first, told.append)
        except SaveError as error:
            pack_plate(image)
            told.append(f"{error} {image.name}")
    return told


def _store(
    image: bpy.types.Image, folder: str, is_first: bool, tell: Callable[[str], None]
) -> None:
    if path := plate_path(image):
        if image.is_dirty or not os.path.isfile(path):  # else nothing would have its pixels
            try:
                save_plate(image)
            except ChangedOutside as error:
                tell(f"{error} {save_beside(image)}")
        return
    if image.filepath_raw:  # packed by the user
        if is_unpacked(image):
            pack_plate(image)
    elif is_first or folder == os.path.dirname(os.path.abspath(bpy.data.filepath)):
        put_in_file(image, folder)
    elif is_unpacked(image):  # a copy that goes elsewhere
        pack_plate(image)


def _place_for(image: bpy.types.Image, folder: str, existing: Existing) -> str:
    """Where the file of a clean plate that has none goes."""
    if before := _placed.get(image.session_uid):
        if not is_changed_outside(image) and os.path.dirname(os.path.dirname(before)) == folder:
            return before
    path = _path_for(image[_STEM], image[_SPACE], folder)
    if existing == "REFUSE" and os.path.lexists(path):
        raise ChangedOutside(
            "{path} is there already, and may have been painted on.", path=os.fspath(path)
        )
    return str(unused_path(path.parent, path.stem, path.suffix) if existing == "BESIDE" else path)


def _path_for(name: str, space: str, folder: str) -> Path:
    """The file for a layer's clean plate, which is that of no other layer's here."""
    suffix = ".exr" if is_linear_space(space) or _is_data(space) else ".png"
    shown = {obj.get(CLEAN) for obj in bpy.data.objects}
    for rig in bpy.data.objects:
        shown |= set(rig.get(PLATES, {}).values())
    others = {plate_path(each) for each in clean_plates() if each in shown or each.use_fake_user}
    stem, number = file_stem(name), 1
    path = Path(folder) / FOLDER / f"{stem}{suffix}"
    while os.path.normpath(path) in others:
        number += 1
        path = path.with_name(f"{stem} {number}{suffix}")
    return path


def _is_data(space: str) -> bool:
    return space in ("Non-Color", "Generic Data")


def _linear_space() -> str:
    """Name of the space in which Blender computes."""
    probe = bpy.data.images.new("space", 1, 1, float_buffer=True)
    try:
        return str(probe.colorspace_settings.name)
    finally:
        bpy.data.images.remove(probe)


def _check_shape(name: str, size: tuple[int, int], frame: Intrinsics) -> None:
    width, height = size
    if abs(height - width * frame.height / frame.width) > 1:
        raise CleanPlateError(
            "{name} is {width} x {height} pixels, and the clean plate {wanted} x {high}: its "
            "proportions must stay.",
            name=name,
            width=width,
            height=height,
            wanted=frame.width,
            high=frame.height,
        )


def file_stamp(image: bpy.types.Image) -> _Stamp | None:
    """What tells a clean plate's file from what it becomes when it is changed, None without one."""
    path = plate_path(image)
    try:
        found = os.stat(path) if path else None
    except OSError:
        return None
    return (path, found.st_mtime_ns, found.st_size) if found else None


def _save_in_place(image: bpy.types.Image, path: str) -> None:
    """Write an image of a file, which is then no more changed than the file."""
    before = image.filepath_raw
    try:
        Path(path).parent.mkdir(exist_ok=True)
        with _moved_to(path) as file:
            image.filepath_raw = file
            image.save()
    except (OSError, RuntimeError, LayoutError) as error:
        raise SaveError.of(path, error) from error
    finally:
        image.filepath_raw = before
    note_file(image)


@contextmanager
def _moved_to(path: str) -> Iterator[str]:
    """Give a path with plain letters to write to, which then takes the place of another."""
    with temporary_folder() as folder:
        file = os.path.join(folder, f"plate{Path(path).suffix}")
        yield file
        if file.endswith(".png"):
            check_end(file, PNG_END)  # Blender does not tell of every failed write
        else:
            exr_channels(file)
        with atomic_write(path) as beside:
            shutil.copyfile(file, beside)


def write_values(file: str, values: np.ndarray, space: str) -> None:
    """Write a new file of premultiplied scene-linear values, (H, W, 4), in a color space.

    Blender writes an image in its own space only where that was read from a file: so a file of one
    pixel comes first.
    """
    if file.endswith(".png"):
        first = png_content(np.zeros((1, 1, 4), np.uint16))
    else:
        first = exr_content({name: np.zeros((1, 1), np.float32) for name in "RGBA"})
    Path(file).write_bytes(b"".join(first))
    image = bpy.data.images.load(file)
    try:
        image.alpha_mode = _FORMATS[Path(file).suffix][1]  # type: ignore[assignment]  # is one
        image.colorspace_settings.name = space
        has_pixels(image)  # reads it
        height, width = values.shape[:2]
        image.scale(width, height)
        replace_rgba(image, values)
        image.save()
    finally:
        bpy.data.images.remove(image)
