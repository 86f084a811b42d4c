"""Plate colors: whether what was made of a picture shows its colors, and what is done about it."""

from collections.abc import Iterable

import bpy

from .layers import is_layers, layer_objects
from .linked import check_own, is_foreign
from .live import find_modifier
from .material import can_be_compensated, compensation_in, set_compensation
from .modifier import get_input
from .plates.display import is_linear_space
from .view_transform import compensation_of, fits, is_plain, remove_unused_compensations


def picture_materials(obj: bpy.types.Object) -> list[bpy.types.Material]:
    """Materials that an object shows, or all layers of an empty, each once."""
    found: Iterable[bpy.types.Material | None]
    modifier = find_modifier(obj) if obj.type == "MESH" else None
    if modifier:
        found = [get_input(modifier, "Material")]
    elif is_layers(obj):
        found = [each for sheet in layer_objects(obj) for each in picture_materials(sheet)]
    else:
        found = [slot.material for slot in obj.material_slots]
    return [each for each in dict.fromkeys(found) if each is not None]


def is_shifted(scene: bpy.types.Scene, obj: bpy.types.Object) -> bool:
    """Whether the scene's view changes the colors of a picture that an object shows unlit.

    Scene-linear pictures are meant to be changed: without their view they look wrong.
    """
    return not is_plain(scene) and any(
        compensation_in(each) is None and _is_displayed(each)
        for each in picture_materials(obj)
        if can_be_compensated(each)
    )


def is_outdated(scene: bpy.types.Scene, obj: bpy.types.Object) -> bool:
    """Whether an object compensates a view that is not the scene's, or not any more."""
    groups = [compensation_in(each) for each in picture_materials(obj)]
    return any(each is not None and not fits(scene, each) for each in groups)


def compensate(scene: bpy.types.Scene, obj: bpy.types.Object, wanted: bool) -> None:
    """Have an object's pictures look the same under the scene's view, or leave them as they are.

    Raises:
        LinkedError: A material is linked from another file, or a library override.
        SceneError: Blender cannot show colors.
    """
    materials = [each for each in picture_materials(obj) if can_be_compensated(each)]
    for each in materials:
        check_own(each)
    group = compensation_of(scene) if wanted and materials else None
    for each in materials:
        set_compensation(each, group)
    remove_unused_compensations()


def update_compensations(scene: bpy.types.Scene) -> int:
    """Have all objects of a scene that compensate a view compensate the scene's own.

    Where that leaves colors as they are, nothing is compensated any more. Materials of other files
    stay as they are.

    Returns:
        How many materials there are.

    Raises:
        SceneError: Blender cannot show colors.
    """
    shown = dict.fromkeys(each for obj in scene.objects for each in picture_materials(obj))
    compensated = [
        each for each in shown if compensation_in(each) is not None and not is_foreign(each)
    ]
    group = compensation_of(scene) if compensated and not is_plain(scene) else None
    for each in compensated:
        set_compensation(each, group)
    remove_unused_compensations()
    return len(compensated)


def changes_image(scene: bpy.types.Scene, image: bpy.types.Image) -> bool:
    """Whether the scene's view would change the colors of a picture that an object shows."""
    return not is_plain(scene) and not _is_linear(image)


def _is_displayed(material: bpy.types.Material) -> bool:
    """Whether a material has a picture whose colors are meant as they are."""
    return any(not _is_linear(image) for image in _images(material.node_tree))


def _is_linear(image: bpy.types.Image) -> bool:
    return image.is_float and is_linear_space(image.colorspace_settings.name)


def _images(tree: bpy.types.NodeTree | None) -> Iterable[bpy.types.Image]:
    """Pictures in a tree and its groups, without data such as depth."""
    for node in tree.nodes if tree else ():
        if isinstance(node, bpy.types.ShaderNodeTexImage) and node.image is not None:
            if not node.image.colorspace_settings.is_data:
                yield node.image
        elif isinstance(node, bpy.types.ShaderNodeGroup) and node.node_tree is not None:
            yield from _images(node.node_tree)
