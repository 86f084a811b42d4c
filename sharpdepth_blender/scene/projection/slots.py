"""Slots: where an object's materials are, and our materials in them."""

from collections.abc import Sequence

import bpy

from ..live import find_modifier
from ..material import copied, paint_material
from ..mesh import mesh_of
from ..modifier import get_input, set_input
from .errors import ProjectionError
from .material_nodes import is_painted, stacked

# Custom property of our materials: the material that the object had before.
_FORMER = "sharpdepth_former"
# Custom property of a mesh whose only slot we added.
_ADDED = "sharpdepth_slot"


class _ObjectSlot:
    """A material slot, in which our material is linked to the object."""

    def __init__(self, obj: bpy.types.Object, index: int) -> None:
        self.obj, self.slot, self.index = obj, obj.material_slots[index], index

    @property
    def material(self) -> bpy.types.Material | None:
        return self.slot.material

    @material.setter
    def material(self, material: bpy.types.Material | None) -> None:
        # Other objects share the mesh and its slots, and must keep their material.
        own = material != self.obj.data.materials[self.index]
        self.slot.link = "OBJECT"
        self.slot.material = material if own else None
        if not own:
            self.slot.link = "DATA"


class _ModifierSlot:
    """The material input of a live result."""

    def __init__(self, modifier: bpy.types.NodesModifier) -> None:
        self.modifier = modifier

    @property
    def material(self) -> bpy.types.Material | None:
        return get_input(self.modifier, "Material")

    @material.setter
    def material(self, material: bpy.types.Material | None) -> None:
        set_input(self.modifier, "Material", material)


Slot = _ObjectSlot | _ModifierSlot


def slots_of(obj: bpy.types.Object) -> list[Slot]:
    """The slots of an object, in each of which `material` can be set for this object alone."""
    if modifier := find_modifier(obj):
        return [_ModifierSlot(modifier)]
    return [_ObjectSlot(obj, index) for index in range(len(obj.material_slots))]


def add_slot(obj: bpy.types.Object) -> None:
    """Add a slot to an object that has none."""
    if find_modifier(obj) is None and not obj.material_slots:
        mesh = mesh_of(obj)
        mesh.materials.append(None)
        mesh[_ADDED] = True


def drop_slot(obj: bpy.types.Object) -> None:
    """Remove the slot that `add_slot` added, once no object of that mesh has a material in it."""
    mesh = mesh_of(obj)
    if _ADDED in mesh.keys() and not any(
        slot.material
        for each in bpy.data.objects
        if each.data == mesh
        for slot in each.material_slots
    ):
        mesh.materials.clear()
        del mesh[_ADDED]


def painted_materials(obj: bpy.types.Object) -> list[bpy.types.Material]:
    """Our materials on an object, each once."""
    if modifier := find_modifier(obj):
        materials = [get_input(modifier, "Material")]
    else:
        materials = [slot.material for slot in obj.material_slots]
    return [each for each in dict.fromkeys(materials) if is_painted(each)]


def check_objects(objects: Sequence[bpy.types.Object]) -> None:
    """Raise ProjectionError unless there are objects, all meshes whose materials can be set."""
    if not objects:
        raise ProjectionError("There is no object to project onto: select a mesh.")
    for obj in objects:
        if obj.type != "MESH":
            raise ProjectionError("{obj} is not a mesh.", obj=obj.name)
        if obj.library is not None:
            raise ProjectionError(
                "{obj} is linked from another file: make it local first.", obj=obj.name
            )
        if obj.mode != "OBJECT":
            raise ProjectionError(
                "{obj} is being edited: go back to Object Mode first.", obj=obj.name
            )
        if not obj.material_slots and obj.data.library is not None and not find_modifier(obj):
            raise ProjectionError(
                "The mesh of {obj} is linked from another file and has no material slot: make it "
                "local first.",
                obj=obj.name,
            )


def own_material(
    former: bpy.types.Material | None, chosen: set[bpy.types.Object], keep_material: bool
) -> bpy.types.Material:
    """Make a material for the chosen objects alone, to replace the one that they have."""
    if is_painted(former):
        return former if _users(former) <= chosen else copied(former)
    name = former.name if former else "Surface"
    material = paint_material(f"{name} Painted", former if keep_material else None)
    material[_FORMER] = former
    return material


def former_material(material: bpy.types.Material | None) -> bpy.types.Material | None:
    """The material that an object had before projections were added.

    Args:
        material: Any material, or None.

    Returns:
        The former material, which may be None; the material itself if it shows no projection.
    """
    return material.get(_FORMER) if stacked(material) else material


def make_own(obj: bpy.types.Object) -> None:
    """Copy those of our materials that an object shares with other objects."""
    copies: dict[bpy.types.Material, bpy.types.Material] = {}
    for slot in slots_of(obj):
        material = slot.material
        if is_painted(material) and not _users(material) <= {obj}:
            copies[material] = copies.get(material) or copied(material)
            slot.material = copies[material]


def _users(material: bpy.types.Material) -> set[bpy.types.Object]:
    """The objects that show a material, directly or through their mesh."""
    found = set()
    for obj in bpy.data.objects:
        modifier = find_modifier(obj) if obj.type == "MESH" else None
        if modifier and get_input(modifier, "Material") == material:
            found.add(obj)
        elif any(slot.material == material for slot in obj.material_slots):
            found.add(obj)
    return found


def give_back(slot: Slot, material: bpy.types.Material) -> None:
    """Restore the former material of a slot, and remove ours if nothing else uses it.

    Args:
        slot: Slot to restore.
        material: Our material in the slot.
    """
    slot.material = material.get(_FORMER)
    if material.users == 0:
        bpy.data.materials.remove(material)
