"""Hand over: a layer with its mask out to another tool, and that tool's answer back in."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np

from ...files import absolute, atomic_write
from ...geometry.exr import write_exr
from ...geometry.layers import FillJob, Layer, fill_job
from ...geometry.png import png_content
from ...geometry.srgb import from_linear, to_linear
from ..errors import SaveError, reason
from ..linked import check_local
from ..picture import file_values, image_values
from .change import cut_layers, layers_cut, show_fill
from .layer_fill import Fill
from .layer_object import color_of
from .layer_root import NUMBER, LayersError, images_gone, kept_images
from .split_source import read_plate

# Files of linear light, whatever their values.
_LINEAR = (".exr", ".hdr")
_WANTED = (
    "Invent what is white in the mask, so that it goes on from what is black. Leave the size as it "
    "is. Only the pixels that are white in the mask are taken of the answer."
)


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
    """Write a layer, the mask of what it does not show, and a note to a folder.

    Files of the same layer from before are replaced.

    Args:
        obj: Layer.
        folder: Is made if it is missing.
        words: What is wanted, for the note; empty for a general sentence.

    Returns:
        The files.

    Raises:
        LayersError: It is no layer, or a picture is gone.
        SaveError: A file cannot be written.
    """
    _, _, job, is_linear = _job_of(obj)
    image = color_of(obj)
    if image is None or not job.hole.any():
        raise LayersError("{obj} shows nothing that is invented.", obj=obj.name)
    base = Path(absolute(folder)) / bpy.path.clean_name(obj.name)
    end = ".exr" if is_linear else ".png"
    files = HandOver(
        *(base.with_name(base.name + each) for each in (end, "_mask.png", ".json", f"_answer{end}"))
    )
    colors = image_values(image)[..., :3]
    height, width = job.hole.shape
    note = {
        "layer": obj.name,
        "width": width,
        "height": height,
        "color space": "linear light, scene-referred" if is_linear else "sRGB",
        "picture": files.picture.name,
        "mask": files.mask.name,
        "answer": files.answer.name,
        "pixels wanted": int(job.hole.sum()),
        "wanted": words or _WANTED,
    }
    try:
        base.parent.mkdir(parents=True, exist_ok=True)
        if is_linear:
            planes = np.moveaxis(colors, -1, 0)
            write_exr(files.picture, dict(zip("RGB", planes, strict=True)))
        else:
            _write(files.picture, png_content(np.round(255 * colors.clip(0, 1)).astype(np.uint8)))
        mask = np.repeat(np.uint8(255) * job.hole[..., None], 3, axis=2)
        _write(files.mask, png_content(mask))
        text = json.dumps(note, indent=1, ensure_ascii=False) + "\n"
        _write(files.note, [text.encode()])
    except OSError as error:
        raise SaveError.of(error.filename or base.parent, error) from error
    return files


def take_back(obj: bpy.types.Object, path: str | os.PathLike[str]) -> bpy.types.Object:
    """Take the answer to what was handed over into a layer, where it shows nothing of the picture.

    It is kept like a model's: another cut takes from it what it does not show either.

    Args:
        obj: Layer.
        path: Picture of the size of the one that was handed over, in its colors: sRGB, or linear
            light where it is an EXR or HDR.

    Returns:
        The empty that holds the layer.

    Raises:
        LayersError: It is no layer, a picture is gone, or the answer cannot be read or has another
            size.
        LinkedError: It is linked from another file.
    """
    check_local(obj)
    rig, layer, job, is_linear = _job_of(obj)
    try:
        values = file_values(os.fspath(path))
    except RuntimeError as error:
        why = reason(error)
        raise LayersError("The answer {path} cannot be read: {why}", path=path, why=why) from error
    height, width = job.hole.shape
    if values.shape[:2] != (height, width):
        raise LayersError(
            "The answer {path} has {found} pixels, and {obj} has {wanted}.",
            path=path,
            found=f"{values.shape[1]} x {values.shape[0]}",
            obj=obj.name,
            wanted=f"{width} x {height}",
        )
    values = np.repeat(values, 3, axis=2) if values.shape[2] < 3 else values[..., :3]
    answered = np.nan_to_num(values[job.hole].T, posinf=0, neginf=0)
    is_light = os.fspath(path).lower().endswith(_LINEAR)
    if is_light and not is_linear:
        answered = from_linear(answered)
    elif is_linear and not is_light:
        answered = to_linear(answered)
    filled = np.zeros_like(job.values)
    filled[:, job.hole] = job.encoding.encode(answered.astype(np.float32))
    show_fill(rig, obj, layer, "MODEL", Fill(job, filled))
    return rig


def _job_of(obj: bpy.types.Object) -> tuple[bpy.types.Object, Layer, FillJob, bool]:
    """A layer's rig, what its cut makes of it, what is to be filled, and whether that is linear."""
    rig = obj.parent
    if rig is None or NUMBER not in obj.keys():
        raise LayersError("{obj} is no layer.", obj=obj.name)
    plate, cut = read_plate(rig), layers_cut(rig)
    layers = cut_layers(rig, cut, plate)
    numbers = [each.id for each in layers]
    if obj[NUMBER] not in numbers or kept_images(rig)["Picture"] is None:
        raise images_gone(rig)
    index = numbers.index(obj[NUMBER])
    job = fill_job(layers, index, plate.is_linear)
    return rig, layers[index], job, plate.is_linear


def _write(path: Path, pieces: list[bytes]) -> None:
    with atomic_write(path) as beside, open(beside, "wb") as file:
        file.writelines(pieces)
