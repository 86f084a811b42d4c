"""Layer names: of layers and of all that is named after them, by their places in the order."""

import re

import bpy

from ...geometry.layers import SKY, Cut
from .clean_files import name_plate
from .clean_plate import layer_materials
from .layer_marks import CLEAN_FRAME
from .layer_masks import mask_of
from .layer_root import NUMBER, layer_base, layer_name, layer_objects

_Named = bpy.types.Object | bpy.types.Mesh | bpy.types.Material | bpy.types.Image | bpy.types.Mask
# What the names of a layer's datablocks add to its own.
_TAILS = ("", " depth", " texture", " model", " clean plate", " paint here", " mask")
# What Blender adds to a name that another datablock has.
_COUNT = r"\.\d{3,}"


def name_layers(rig: bpy.types.Object, cut: Cut, former: str | None = None) -> None:
    """Have the names of a rig's layers, and of what was made for them, follow their order.

    Only what has a name that was made here is renamed: a proposed one, or one after the name that
    somebody gave the layer. Files keep theirs.

    Args:
        rig: Empty that holds the layers.
        cut: How they are cut.
        former: Name that somebody gave one of them before.
    """
    ids = {SKY, *(each.id for each in cut.layers)}
    base, tails = re.escape(layer_base(rig)), "|".join(_TAILS)
    named, ours = {}, {}
    for obj in layer_objects(rig):
        if obj[NUMBER] not in ids:
            continue
        name = cut.layer(obj[NUMBER]).name or layer_name(rig, obj[NUMBER], cut)
        given = "|".join(re.escape(each) for each in (name, former) if each)
        stem = f"(?:{base} layer \\d+|{base} sky|{given})(?:{_COUNT})?"
        named[obj] = name
        ours[obj] = re.compile(rf"{stem}({tails})(?:{_COUNT})?")
    _rename({obj: name for obj, name in named.items() if ours[obj].fullmatch(obj.name)})
    wanted: dict[_Named, str] = {}
    for obj, name in named.items():
        if ours[obj].fullmatch(obj.name):
            name = obj.name  # with a count, where there is another of its name
        for block in _blocks(rig, obj):
            if block.library is None and (found := ours[obj].fullmatch(block.name)):
                wanted[block] = f"{name}{found[1]}"
                if isinstance(block, bpy.types.Image) and CLEAN_FRAME in block.keys():
                    name_plate(block, name)
    _rename(wanted)


def _blocks(rig: bpy.types.Object, obj: bpy.types.Object) -> list[_Named]:
    """The datablocks that were made for a layer, and those that took their places."""
    mask = mask_of(rig, obj[NUMBER])
    images = [each for each in obj.values() if isinstance(each, bpy.types.Image)]
    found = (obj.data, *layer_materials(obj), *images, mask and mask.source)
    return [each for each in dict.fromkeys(found) if isinstance(each, _Named)]


def _rename(wanted: dict[_Named, str]) -> None:
    """Give datablocks names, which others of them may have yet."""
    wanted = {block: name for block, name in wanted.items() if block.name != name}
    there = {
        bpy.types.Object: bpy.data.objects, bpy.types.Mesh: bpy.data.meshes,
        bpy.types.Material: bpy.data.materials, bpy.types.Image: bpy.data.images,
        bpy.types.Mask: bpy.data.masks,
    }  # fmt: skip

    def is_settled(block: _Named, name: str) -> bool:
        """Whether it has a name with a count, as another one keeps that without."""
        other = there[type(block)].get((name, None))  # type: ignore[arg-type]  # of no library
        counted = re.fullmatch(f"{re.escape(name)}{_COUNT}", block.name)
        return counted is not None and other is not None and other not in wanted

    changed = {block: name for block, name in wanted.items() if not is_settled(block, name)}
    for block in changed:
        block.name = f"sharpdepth {block.session_uid}"
    for block, name in changed.items():
        block.name = name
