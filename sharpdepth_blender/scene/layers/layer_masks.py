"""Layer masks: which pixels belong to a layer by hand, whatever their depth.

They are stored on the rig by the layer's id, so that they outlast the layer's object.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from ...geometry import nearest
from ...geometry.layers import SKY, Cut, same_place
from ..linked import check_local
from ..own_paths import OPENED, make_relative
from ..picture import (
    has_pixels,
    image_size,
    image_values,
    is_unpacked,
    note_packed,
    replace_rgba,
)
from .drawn_mask import drawn_values
from .layer_root import kept_cut, kept_images, layer_name, ranges_of
from .mask_file import MaskError, file_matte

# Custom property of a rig: masks by the ids of layers, as text, with where those were last.
_MASKS = "sharpdepth_layers_masks"
# Custom property of an image that stands for a file with masks.
_FILE = "sharpdepth_mask_file"
KINDS = ("PAINTED", "DRAWN", "FILE")
# Below this alpha the paint of a mask leaves a pixel to depth; from this value on it claims one.
_PAINTED, _CLAIM = 0.5, 0.5


@dataclass(frozen=True)
class LayerMask:
    """Where the pixels of a layer are told by hand.

    Attributes:
        kind: `PAINTED`, an image: white belongs to the layer, black does not, and depth decides
            where it is transparent; `DRAWN`, a Mask datablock; or `FILE`.
        source: Image or Mask, None of a file.
        path: Of the file, absolute; one to be set may begin with //, the folder of the .blend.
        names: Of things in a cryptomatte; none for a picture's alpha or luminance.
        adds: Whether what it does not claim is left to depth; else it is refused. Of paint it says
            nothing, which tells both.
    """

    kind: str
    source: bpy.types.Image | bpy.types.Mask | None = None
    path: str = ""
    names: tuple[str, ...] = ()
    adds: bool = False


def set_mask(rig: bpy.types.Object, number: int, mask: LayerMask | None) -> None:
    """Tell by hand which pixels belong to a layer; cut the layers anew to see it.

    Args:
        rig: Empty that holds the layers.
        number: Id of the layer, or SKY.
        mask: None leaves all to depth again.

    Raises:
        MaskError: It names no source, or one of another kind.
        LinkedError: The layers are linked from another file.
    """
    check_local(rig)
    kept = _entries(rig)
    kept.pop(str(number), None)
    if mask is not None:
        _check(mask)
        entry: dict[str, Any] = {
            "kind": mask.kind,
            "names": "\n".join(mask.names),
            "adds": mask.adds,
        }
        if mask.source is not None:
            entry["source"] = mask.source
        if mask.kind == "FILE":
            entry["file"] = _file_image(_absolute(mask.path))
        kept[str(number)] = entry
    _keep(rig, kept)


def follow_cut(rig: bpy.types.Object, cut: Cut, new: Iterable[int]) -> None:
    """Have masks of layers that went be those of the new layers that are where they were.

    Masks outlast their layers: which one a new layer is, is told by the depth that they share.

    Args:
        rig: Empty that holds the layers.
        cut: How they are about to be cut.
        new: Ids of its layers that have no objects yet.
    """
    kept = _entries(rig)
    if not kept:
        return
    ranges = ranges_of(cut)
    gone = {
        key: (each["start"], each["end"])
        for key, each in kept.items()
        if int(key) not in ranges and "end" in each
    }
    for number in new:
        if str(number) not in kept and number in ranges:
            if former := same_place(gone, ranges[number]):
                kept[str(number)] = kept.pop(former)
                del gone[former]
    for number, (start, end) in ranges.items():
        if entry := kept.get(str(number)):
            entry |= {"start": start, "end": end}
    _keep(rig, kept)


@contextmanager
def masks_kept(rig: bpy.types.Object) -> Iterator[None]:
    """Leave a rig's masks as they were where a block fails."""
    before = _entries(rig)
    try:
        yield
    except BaseException:
        _keep(rig, before)
        raise


def _entries(rig: bpy.types.Object) -> dict[str, dict[str, Any]]:
    """What is stored on a rig of its masks, by the ids of layers as text."""
    return {key: dict(each) for key, each in rig.get(_MASKS, {}).items()}


def _keep(rig: bpy.types.Object, entries: dict[str, dict[str, Any]]) -> None:
    if entries:
        rig[_MASKS] = entries
    elif _MASKS in rig.keys():
        del rig[_MASKS]


def mask_of(rig: bpy.types.Object, number: int) -> LayerMask | None:
    """The mask of a layer by its id, None where depth alone tells."""
    return masks_of(rig).get(number)


def masks_of(rig: bpy.types.Object) -> dict[int, LayerMask]:
    """The masks of a rig's layers, by their ids."""
    return {
        int(key): LayerMask(
            each["kind"],
            each.get("source"),
            _path_of(each),
            tuple(each["names"].split("\n")) if each["names"] else (),
            bool(each["adds"]),
        )
        for key, each in rig.get(_MASKS, {}).items()
    }


def new_painted_mask(rig: bpy.types.Object, number: int) -> bpy.types.Image:
    """Give a layer a mask to paint, on which nothing is painted; one that there is stays.

    Returns:
        Packed image of the picture's size, transparent.

    Raises:
        LayersError: The picture is gone.
    """
    before = mask_of(rig, number)
    if before and before.kind == "PAINTED" and isinstance(before.source, bpy.types.Image):
        return before.source
    width, height = image_size(kept_images(rig)["Picture"])
    values = np.zeros((height, width, 4), np.float32)
    image = _painted_image(f"{layer_name(rig, number)} mask", values)
    set_mask(rig, number, LayerMask("PAINTED", image))
    return image


def paint_mask(rig: bpy.types.Object, number: int, matte: np.ndarray, name: str) -> None:
    """Give a layer a new painted mask, on which one goes on that painted on the former.

    Args:
        rig: Empty that holds the layers.
        number: Id of the layer, or SKY.
        matte: (H, W) float32: 1 belongs to the layer, 0 does not, NaN leaves it to depth.
        name: Of the layer.
    """
    values = np.repeat(np.nan_to_num(matte)[..., None], 4, axis=2).astype(np.float32)
    values[..., 3] = ~np.isnan(matte)
    before, image = mask_of(rig, number), _painted_image(f"{name} mask", values)
    # A new one, as undo gives no image its former pixels.
    set_mask(rig, number, LayerMask("PAINTED", image))
    former = before.source if before else None
    if isinstance(former, bpy.types.Image):
        if not any(each.source == former for each in masks_of(rig).values()):
            former.user_remap(image)


def part_mask(rig: bpy.types.Object, cut: Cut, number: int, depth: np.ndarray, at: float) -> None:
    """Have the mask of a layer be of both parts of it, each of which keeps its side of the pixels.

    Paint is parted. One that is drawn or read from a file stays one, of both of them.

    Args:
        rig: Empty that holds the layers.
        cut: Of which the farther part will be the next layer that is added.
        number: Id of the layer, and of its nearer part.
        depth: (H, W) meters of the picture.
        at: Depth at which it is parted.
    """
    mask = mask_of(rig, number)
    if mask is None:
        return
    if mask.kind != "PAINTED":
        set_mask(rig, cut.next_id, mask)
        return
    height, width = depth.shape
    matte = _values(mask, _scene_of(rig), width, height)
    near, name = (0 < depth) & (depth < at), layer_name(rig, number)
    for part, own in ((number, near), (cut.next_id, ~near)):
        paint_mask(rig, part, np.where((matte >= _CLAIM) & ~own, np.float32(np.nan), matte), name)


def pack_painted(rig: bpy.types.Object) -> None:
    """Pack unsaved paint of a rig's masks, which Blender does not save with the .blend by itself.

    Masks that somebody has put into files of their own are left alone.
    """
    for mask in masks_of(rig).values():
        image = mask.source
        if isinstance(image, bpy.types.Image) and is_unpacked(image) and has_pixels(image):
            if image.library is None and (image.packed_file or not image.filepath_raw):
                # Of one that is not unsaved Blender packs its file, of which there is none.
                replace_rgba(image, np.array(image_values(image)))
                image.pack()
                note_packed(image)


def _painted_image(name: str, values: np.ndarray) -> bpy.types.Image:
    """A packed image of (H, W, 4) values that a mask is painted on."""
    height, width = values.shape[:2]
    image = bpy.data.images.new(name, width, height, alpha=True)
    image.colorspace_settings.is_data = True
    image.alpha_mode = "STRAIGHT"
    replace_rgba(image, values)
    image.pack()
    return image


def read_masks(
    rig: bpy.types.Object, width: int, height: int, cut: Cut | None = None
) -> dict[int, np.ndarray]:
    """Read the masks of a rig's layers at the current frame of its scene.

    Args:
        rig: Empty that holds the layers.
        width: Of the picture, or its draft, in pixels.
        height: Likewise.
        cut: Whose layers they are; None for the kept one.

    Returns:
        By the layers' ids (height, width) float32, as `split_layers` takes them: one array for
        those that have one mask together.

    Raises:
        MaskError: A mask is gone, or its picture has other proportions.
    """
    ids = {SKY, *(each.id for each in (cut or kept_cut(rig)).layers)}
    masks = {number: mask for number, mask in masks_of(rig).items() if number in ids}
    if not masks:
        return {}
    scene = _scene_of(rig)
    values = {mask: _values(mask, scene, width, height) for mask in set(masks.values())}
    return {number: values[mask] for number, mask in masks.items()}


def drawn_masks(rig: bpy.types.Object, scene: bpy.types.Scene, longest: int) -> list[np.ndarray]:
    """The masks of a rig's layers that are drawn, as they are at the frame of a scene.

    Args:
        rig: Empty that holds the layers.
        scene: Whose frame it is.
        longest: Pixels along the longer side of each.
    """
    sources = [each.source for each in masks_of(rig).values() if each.kind == "DRAWN"]
    width, height = image_size(kept_images(rig)["Picture"])
    share = longest / max(width, height, 1)
    size = max(1, round(share * width)), max(1, round(share * height))
    return [
        drawn_values(scene, each, *size) for each in sources if isinstance(each, bpy.types.Mask)
    ]


def _scene_of(rig: bpy.types.Object) -> bpy.types.Scene:
    """The scene by whose frame masks are read."""
    here: bpy.types.Scene = bpy.context.scene  # type: ignore[assignment]  # never None
    return here if rig.name in here.objects or not rig.users_scene else rig.users_scene[0]


def _check(mask: LayerMask) -> None:
    wanted = {"PAINTED": bpy.types.Image, "DRAWN": bpy.types.Mask}.get(mask.kind)
    if mask.kind not in KINDS or (wanted and not isinstance(mask.source, wanted)):
        raise MaskError("A mask is an image, a Mask datablock or a file.")
    if mask.kind == "FILE":
        file_matte(_absolute(mask.path), mask.names)


def _absolute(path: str) -> str:
    return os.path.normpath(bpy.path.abspath(path))


def _file_image(path: str) -> bpy.types.Image:
    """An image that stands for the file of a mask.

    So its path is known to Blender, which has it follow the .blend, or the layers into another one.
    """
    for image in bpy.data.images:
        if _FILE in image.keys() and image.library is None and _path_of({"file": image}) == path:
            return image
    try:
        image = bpy.data.images.load(path)
    except (RuntimeError, UnicodeError) as error:
        raise MaskError("The mask {path} cannot be read.", path=path) from error
    image[_FILE] = image[OPENED] = True
    make_relative(image)
    return image


def _path_of(entry: Mapping[str, Any]) -> str:
    """Absolute path of the file of a mask that is stored on a rig, nothing where it is none."""
    image = entry.get("file")
    if image is None:  # no file, or of a file of before
        path: str = entry.get("path", "")
        return path
    return os.path.normpath(bpy.path.abspath(image.filepath, library=image.library))


def _values(mask: LayerMask, scene: bpy.types.Scene, width: int, height: int) -> np.ndarray:
    if mask.kind == "PAINTED":
        image = mask.source
        if not isinstance(image, bpy.types.Image) or not has_pixels(image):
            raise MaskError("A painted mask is gone: remove it from its layer.")
        values = image_values(image)
        matte = np.where(values[..., 3] >= _PAINTED, values[..., 0], np.float32(np.nan))
    elif mask.kind == "DRAWN":
        if not isinstance(mask.source, bpy.types.Mask):
            raise MaskError("A drawn mask is gone: remove it from its layer.")
        matte = drawn_values(scene, mask.source, width, height)
    else:
        matte = file_matte(_absolute(mask.path), mask.names)
    if mask.kind != "PAINTED" and mask.adds:
        matte = np.where(matte >= _CLAIM, matte, np.float32(np.nan))
    high, wide = matte.shape
    if abs(high - wide * height / width) > 1:
        raise MaskError(
            "A mask is {width} x {height} pixels, which are other proportions than the picture's.",
            width=wide,
            height=high,
        )
    return matte if matte.shape == (height, width) else nearest(matte, width, height)
