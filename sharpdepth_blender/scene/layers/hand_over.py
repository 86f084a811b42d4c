"""Hand over: a layer with its mask out to another tool, and that tool's answer back in."""

import json
import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np

from ...files import absolute, atomic_write, checksum
from ...geometry.exr import exr_content
from ...geometry.png import png_content
from ...geometry.srgb import to_linear
from ..errors import SaveError, reason
from ..linked import check_local
from ..picture import file_values
from .change import layers_cut
from .clean_plate import is_layer
from .composed import layer_pixels, linear_colors, paint_over
from .cut_plate import cut_layers
from .layer_object import color_of
from .layer_root import NUMBER, LayersError, images_gone
from .paint_beneath import paint_beneath
from .split_source import read_plate

# Files of linear light, whatever their values.
_LINEAR = (".exr", ".hdr")
# The pictures that are written, and the key of the note by which it has their checksums.
_WRITTEN, _SUMS = ("picture", "mask"), "checksums"
_WANTED = (
    "Invent what is white in the mask, so that it goes on from what is black. Leave the size as it "
    "is. Only the pixels that are white in the mask are taken of the answer."
)


class NothingInvented(LayersError):
    """A layer shows nothing that another tool could make."""

    kind = "nothing_invented"


@dataclass(frozen=True)
class HandOver:
    """The files of a layer that was handed over.

    Attributes:
        picture: The layer as it is now: PNG in sRGB, or EXR in linear light.
        mask: PNG, white where pixels are wanted.
        note: JSON that says what is wanted.
        answer: Where the answer is expected; not written.
    """

    picture: Path
    mask: Path
    note: Path
    answer: Path


def hand_over(obj: bpy.types.Object, folder: str | os.PathLike[str], words: str = "") -> HandOver:
    """Write a layer, the mask of what is invented of it and not painted, and a note to a folder.

    Files of the same layer from before are replaced, all or none, unless somebody has changed them
    since.

    Args:
        obj: Layer.
        folder: Is made if it is missing.
        words: What is wanted, for the note; empty for a general sentence.

    Returns:
        The files.

    Raises:
        LayersError: It is no layer, or a picture is gone.
        NothingInvented: All that it shows was seen or painted.
        SaveError: A file cannot be written, or is there that this has not written.
    """
    wanted, is_linear = _wanted_of(obj)
    if not wanted.any():
        raise NothingInvented("{obj} shows nothing that is invented and not painted.", obj=obj.name)
    base = Path(absolute(folder)) / bpy.path.clean_name(obj.name)
    end = ".exr" if is_linear else ".png"
    files = HandOver(
        *(base.with_name(base.name + each) for each in (end, "_mask.png", ".json", f"_answer{end}"))
    )
    _check_replaceable(files)
    colors = layer_pixels(obj)[..., :3]
    height, width = wanted.shape
    note: dict[str, object] = {
        "layer": obj.name,
        "width": width,
        "height": height,
        "color space": "linear light, scene-referred" if is_linear else "sRGB",
        "picture": files.picture.name,
        "mask": files.mask.name,
        "answer": files.answer.name,
        "pixels wanted": int(wanted.sum()),
        "wanted": words or _WANTED,
    }
    if is_linear:
        picture = exr_content(dict(zip("RGB", np.moveaxis(colors, -1, 0), strict=True)))
    else:
        picture = png_content(np.round(255 * colors.clip(0, 1)).astype(np.uint8))
    mask = png_content(np.repeat(np.uint8(255) * wanted[..., None], 3, axis=2))
    path = base.parent
    try:
        path.mkdir(parents=True, exist_ok=True)
        with ExitStack() as written:  # all of them, or none
            sums = {}
            for name, content in zip(_WRITTEN, (picture, mask), strict=True):
                path = getattr(files, name)
                sums[name] = checksum(_write(path, content, written))
            path, note[_SUMS] = files.note, sums
            _write(path, [json.dumps(note, indent=1, ensure_ascii=False).encode(), b"\n"], written)
    except OSError as error:
        raise SaveError.of(path, error) from error
    return files


def _check_replaceable(files: HandOver) -> None:
    """Raise a SaveError if a file that is to be written is not as `hand_over` has written it."""
    try:
        text = files.note.read_text(encoding="utf-8") if files.note.exists() else "{}"
        sums = dict(json.loads(text).get(_SUMS, {}))
    except (ValueError, AttributeError, TypeError):
        sums = {}
    except OSError as error:
        raise SaveError.of(files.note, error) from error
    others = [files.note] if files.note.exists() and not sums else []
    try:
        for name in _WRITTEN:
            path = getattr(files, name)
            if path.exists() and checksum(path) != sums.get(name):
                others.append(path)
    except OSError as error:
        raise SaveError.of(path, error) from error
    if others:
        raise SaveError(
            "{path} was changed by somebody, or is of something else: choose another folder, or "
            "move it away.",
            path=", ".join(map(str, others)),
        )


def take_back(obj: bpy.types.Object, path: str | os.PathLike[str]) -> None:
    """Take the answer to what was handed over onto a layer's clean plate.

    It counts as painted, and goes where what is shown is invented, beneath what has been painted.

    Args:
        obj: Layer.
        path: Picture of the size of the one that was handed over, in its colors: sRGB, or linear
            light where it is an EXR or HDR.

    Raises:
        LayersError: It is no layer, a picture is gone, or the answer cannot be read or has another
            size.
        CleanPlateError: The clean plate is gone, or cannot be shown.
        LinkedError: It is linked from another file.
        SaveError: The clean plate's file cannot be written.
    """
    check_local(obj)
    wanted, is_linear = _wanted_of(obj)
    try:
        values = file_values(os.fspath(path))
    except RuntimeError as error:
        why = reason(error)
        raise LayersError("The answer {path} cannot be read: {why}", path=path, why=why) from error
    height, width = wanted.shape
    if values.shape[:2] != (height, width):
        raise LayersError(
            "The answer {path} has {found} pixels, and {obj} has {wanted}.",
            path=path,
            found=f"{values.shape[1]} x {values.shape[0]}",
            obj=obj.name,
            wanted=f"{width} x {height}",
        )
    values = np.repeat(values, 3, axis=2) if values.shape[2] < 3 else values[..., :3]
    answer = np.nan_to_num(values[wanted], posinf=0, neginf=0)
    if not os.fspath(path).lower().endswith(_LINEAR):
        image = color_of(obj)
        assert image is not None  # `_wanted_of` has looked
        answer = to_linear(answer) if is_linear else linear_colors(answer, image)
    paint = np.zeros((height, width, 4), np.float32)
    paint[wanted, :3], paint[wanted, 3] = answer, 1
    paint_beneath(obj, paint)


def _wanted_of(obj: bpy.types.Object) -> tuple[np.ndarray, bool]:
    """(H, W) bool, what is invented of a layer and not painted; whether its picture is linear."""
    rig = obj.parent
    if rig is None or not is_layer(obj):
        raise LayersError("{obj} is no layer.", obj=obj.name)
    plate = read_plate(rig)
    layers = {each.id: each for each in cut_layers(rig, layers_cut(rig), plate)}
    if obj[NUMBER] not in layers or color_of(obj) is None:
        raise images_gone(rig)
    layer = layers[obj[NUMBER]]
    # Not in the fade of an edge, which paint would make opaque.
    wanted = layer.invented & (layer.rgba[..., 3] == 1) & (paint_over(obj)[..., 3] < 1)
    return wanted, plate.is_linear


def _write(path: Path, pieces: Sequence[bytes], written: ExitStack) -> Path:
    """Write a file that takes its place where `written` ends well; where it is until then."""
    beside = written.enter_context(atomic_write(path))
    with open(beside, "wb") as file:
        file.writelines(pieces)
    return beside
