"""Plate collection: the collection of all that is made from one plate."""

from collections.abc import Iterable, Sequence

import bpy

from .linked import is_foreign
from .transaction import Track

# Custom property of a result and of its collection: the name of the plate.
PLATE = "sharpdepth_plate"


def link_to_plate(
    scene: bpy.types.Scene,
    name: str,
    objects: Sequence[bpy.types.Object],
    collection: bpy.types.Collection | None,
    track: Track,
) -> None:
    """Link what was made from a plate to the plate's collection.

    Args:
        scene: That gets the collection if it is new.
        name: Of the plate.
        objects: New objects.
        collection: The plate's; None to make one.
        track: The function that `transaction` yields.
    """
    if collection is None:
        collection = track(bpy.data.collections.new(name))
        collection[PLATE] = name
        scene.collection.children.link(collection)
    for obj in objects:
        collection.objects.link(obj)


def collection_of(
    scene: bpy.types.Scene, objects: Iterable[bpy.types.Object]
) -> bpy.types.Collection | None:
    """The collection of a plate in the scene that any of these objects is in, if there is one."""
    there = set(scene.collection.children_recursive)
    for obj in objects:
        for collection in obj.users_collection:
            # Nothing can be added to one that belongs to another file.
            if PLATE in collection.keys() and collection in there and not is_foreign(collection):
                return collection
    return None


def remove_if_empty(collections: Iterable[bpy.types.Collection]) -> None:
    """Remove collections of plates that hold nothing any more; others stay."""
    for collection in collections:
        if PLATE in collection.keys() and not collection.all_objects and not collection.children:
            bpy.data.collections.remove(collection)
