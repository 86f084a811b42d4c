"""Modifier: Geometry Nodes modifiers, and their inputs by name."""

from collections.abc import Sequence
from typing import Any, cast

import bpy


def add_nodes_modifier(
    obj: bpy.types.Object, name: str, group: bpy.types.NodeTree
) -> bpy.types.NodesModifier:
    """Add a Geometry Nodes modifier to an object."""
    modifier = cast(bpy.types.NodesModifier, obj.modifiers.new(name, "NODES"))
    modifier.node_group = group
    return modifier


def get_input(modifier: bpy.types.NodesModifier, name: str) -> Any:
    """Read an input of a Geometry Nodes modifier; for a menu, the name of the chosen item.

    Raises:
        KeyError: The modifier's node group has no input of that name.
    """
    identifier = _identifier(modifier, name)
    if hasattr(modifier, "properties"):  # 5.2 and later
        return getattr(modifier.properties.inputs, identifier).value
    value = modifier[identifier]
    names = _menu(modifier, identifier)
    return names[value] if names else value


def set_input(modifier: bpy.types.NodesModifier, name: str, value: object) -> None:
    """Set an input of a Geometry Nodes modifier; for a menu, by the name of the item.

    Raises:
        KeyError: The modifier's node group has no input of that name.
    """
    identifier = _identifier(modifier, name)
    if hasattr(modifier, "properties"):  # 5.2 and later
        getattr(modifier.properties.inputs, identifier).value = value
    else:
        names = _menu(modifier, identifier)
        modifier[identifier] = names.index(value) if names else value
    modifier.id_data.update_tag()


def has_input(modifier: bpy.types.NodesModifier, name: str) -> bool:
    """Whether a Geometry Nodes modifier has an input of this name."""
    try:
        _identifier(modifier, name)
    except KeyError:
        return False
    return True


def input_property(
    modifier: bpy.types.NodesModifier, name: str
) -> tuple[bpy.types.bpy_struct, str]:
    """The (data, property) of an input, to pass to `UILayout.prop`.

    Raises:
        KeyError: The modifier's node group has no input of that name.
    """
    identifier = _identifier(modifier, name)
    if hasattr(modifier, "properties"):  # 5.2 and later
        return getattr(modifier.properties.inputs, identifier), "value"
    return modifier, f'["{identifier}"]'


def _menu(modifier: bpy.types.NodesModifier, identifier: str) -> Sequence[str] | None:
    """Names of a menu's items, which Blender before 5.2 stores as numbers; None if not a menu."""
    items = modifier.id_properties_ui(identifier).as_dict().get("items")
    return [item[0] for item in sorted(items, key=lambda item: item[4])] if items else None


def _identifier(modifier: bpy.types.NodesModifier, name: str) -> str:
    group = modifier.node_group
    for item in group.interface.items_tree:
        if item.item_type == "SOCKET" and item.in_out == "INPUT" and item.name == name:
            return item.identifier
    raise KeyError(f"{group.name} has no input {name}.")
