"""Node groups: those of ours that everything in a file shares."""

from collections.abc import Callable

import bpy

from .node_builder import NodeTree


def shared_group(
    name: str, mark: str, version: int | str, build: Callable[[NodeTree], None]
) -> bpy.types.NodeTree:
    """The node group of this file that carries our mark, made where there is none.

    Args:
        name: Of a new one.
        mark: Name of the custom property that tells it, whatever the group is called by now.
        version: Its value; a group of another version is left to those who use it.
        build: Fills the `Tree` of a new one.
    """
    for group in bpy.data.node_groups:
        if group.get(mark) == version and group.library is None:
            return group
    group = bpy.data.node_groups.new(name, "GeometryNodeTree")
    group[mark] = version
    tree = NodeTree(group)
    build(tree)
    tree.arrange()
    return group


def remove_unused_groups() -> None:
    """Remove those of our shared groups that nothing in the file uses, and what they used alone."""
    while unused := [
        group
        for group in bpy.data.node_groups
        if group.users == 0 and any(key.startswith("sharpdepth_") for key in group.keys())
    ]:
        bpy.data.batch_remove(unused)
