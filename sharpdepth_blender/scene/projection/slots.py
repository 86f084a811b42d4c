"""Slots: where an object has its materials, and materials of ours in them."""

from collections.abc import Sequence

import bpy

from ..live import find_modifier
from ..material import copied, paint_material
from ..mesh import mesh_of
from ..modifier import get_input, set_input
from .errors import ProjectionError
from .material_nodes import is_painted, stacked

# Custom property of a material of ours: the one that the object had before.
_FORMER = "sharpdepth_former"
# And of a mesh: that its slot is ours.
_ADDED = "sharpdepth_slot"


class _ObjectSlot:
    """A material slot that ours is tied to the object in."""

    def __init__(self, obj: bpy.types.Object, index: int) -> None:
        self.obj, self.slot, self.index = obj, obj.material_slots[index], index

    @property
    def material(self) -> bpy.types.Material | None:
        return self.slot.material

    @material.setter
    def material(self, material: bpy.types.Material | None) -> None:
        # The slot of a mesh is all its objects': they are to keep what they have.
        own = material != self.obj.data.materials[self.index]
        self.slot.link = "OBJECT"
        self.slot.material = material if own else None
        if not own:
            self.slot.link = "DATA"


class _ModifierSlot:
    """The material of a live result."""

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
    """What shows an object's materials: each has `material`, which can be set for it alone."""
    if modifier := find_modifier(obj):
        return [_ModifierSlot(modifier)]
    return [_ObjectSlot(obj, index) for index in range(len(obj.material_slots))]


def add_slot(obj: bpy.types.Object) -> None:
    """Give an object without any slot one, so that there is where a material can be."""
    if find_modifier(obj) is None and not obj.material_slots:
        mesh = mesh_of(obj)
        mesh.materials.append(None)
        mesh[_ADDED] = True


def drop_slot(obj: bpy.types.Object) -> None:
    """Take away the slot that `add_slot` gave, once no object of that mesh has anything in it."""
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
    """Materials of ours on an object, each once."""
    if modifier := find_modifier(obj):
        materials = [get_input(modifier, "Material")]
    else:
        materials = [slot.material for slot in obj.material_slots]
    return [each for each in dict.fromkeys(materials) if is_painted(each)]


def check_objects(objects: Sequence[bpy.types.Object]) -> None:
    """Raise ProjectionError unless all are mesh objects whose materials can be set."""
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
    """A material for the chosen objects alone, in place of the one that they have."""
    if is_painted(former):
        return former if _users(former) <= chosen else copied(former)
    name = former.name if former else "Surface"
    material = paint_material(f"{name} Painted", former if keep_material else None)
    material[_FORMER] = former
    return material


def former_material(material: bpy.types.Material | None) -> bpy.types.Material | None:
    """The material that an object had before projections were put onto it, as far as that goes.

    Args:
        material: Of ours, of anybody's, or None.

    Returns:
        It, which may be None; what shows no projection is its own.
    """
    return material.get(_FORMER) if stacked(material) else material


def make_own(obj: bpy.types.Object) -> None:
    """Give an object materials of its own where it shares ours with others."""
    copies: dict[bpy.types.Material, bpy.types.Material] = {}
    for slot in slots_of(obj):
        material = slot.material
        if is_painted(material) and not _users(material) <= {obj}:
            copies[material] = copies.get(material) or copied(material)
            slot.material = copies[material]


def _users(material: bpy.types.Material) -> set[bpy.types.Object]:
    """The objects that show a material; also through their mesh."""
    found = set()
    for obj in bpy.data.objects:
        modifier = find_modifier(obj) if obj.type == "MESH" else None
        if modifier and get_input(modifier, "Material") == material:
            found.add(obj)
        elif any(slot.material == material for slot in obj.material_slots):
            found.add(obj)
    return found


def give_back(slot: Slot, material: bpy.types.Material) -> None:
    """Put the material in a slot that was there before ours, which goes if nothing else has it.

    Args:
        slot: Slot.
        material: Ours, which is in it.
    """
    slot.material = material.get(_FORMER)
    if material.users == 0:
        bpy.data.materials.remove(material)
