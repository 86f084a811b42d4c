"""Node groups: those of ours that everything in a file shares."""

from collections.abc import Callable
from typing import TypeVar, cast

import bpy

from .node_builder import NodeTree

_Group = TypeVar("_Group", bound=bpy.types.NodeTree)


def new_group(name: str, kind: type[_Group]) -> _Group:
    """Make an empty node group, such as of the kind `bpy.types.ShaderNodeTree`."""
    group = bpy.data.node_groups.new(name, kind.__name__)  # type: ignore[arg-type]  # any str
    return cast(_Group, group)


def shared_group(
    name: str, mark: str, version: int | str, build: Callable[[NodeTree], None]
) -> bpy.types.GeometryNodeTree:
    """The node group of this file that carries our mark, made where there is none.

    Args:
        name: Of a new one.
        mark: Name of the custom property that tells it, whatever the group is called by now.
        version: Its value; a group of another version is left to those who use it.
        build: Fills the `Tree` of a new one.
    """
    for each in bpy.data.node_groups:
        if each.get(mark) == version and each.library is None:
            return cast(bpy.types.GeometryNodeTree, each)
    group = new_group(name, bpy.types.GeometryNodeTree)
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
