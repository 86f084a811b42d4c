"""Node groups: the ones of ours that all objects of a file share."""

from collections.abc import Callable
from typing import TypeVar, cast

import bpy

from .node_builder import NodeTree, ShaderTree

_Group = TypeVar("_Group", bound=bpy.types.NodeTree)


def new_group(name: str, kind: type[_Group]) -> _Group:
    """Make an empty node group of a kind such as `bpy.types.ShaderNodeTree`."""
    group = bpy.data.node_groups.new(name, kind.__name__)  # type: ignore[arg-type]  # any str
    return cast(_Group, group)


def shared_group(
    name: str, mark: str, version: int | str, build: Callable[[NodeTree], None]
) -> bpy.types.GeometryNodeTree:
    """Get the file's node group with our mark, building it if there is none yet.

    Args:
        name: Name of a new group.
        mark: Custom property that identifies the group even if it has been renamed.
        version: Value of that property; groups of other versions are left to their users.
        build: Fills a new group.
    """
    return _shared(name, mark, version, build, bpy.types.GeometryNodeTree, NodeTree)


def shared_shader_group(
    name: str, mark: str, version: int | str, build: Callable[[NodeTree], None]
) -> bpy.types.ShaderNodeTree:
    """Like `shared_group`, for a group of shader nodes."""
    return _shared(name, mark, version, build, bpy.types.ShaderNodeTree, ShaderTree)


def _shared(
    name: str,
    mark: str,
    version: int | str,
    build: Callable[[NodeTree], None],
    kind: type[_Group],
    builder: type[NodeTree],
) -> _Group:
    for each in bpy.data.node_groups:
        if each.get(mark) == version and each.library is None:
            return cast(_Group, each)
    group = new_group(name, kind)
    group[mark] = version
    tree = builder(group)
    build(tree)
    tree.arrange()
    return group


def remove_unused_groups() -> None:
    """Remove our shared groups that nothing uses any more, and the groups that only they used."""
    while unused := [
        group
        for group in bpy.data.node_groups
        if group.users == 0 and any(key.startswith("sharpdepth_") for key in group.keys())
    ]:
        bpy.data.batch_remove(unused)
