"""Modifier: the inputs of a Geometry Nodes modifier, by name."""


def get_input(modifier, name):
    """Read an input of a Geometry Nodes modifier.

    Raises:
        KeyError: The modifier's node group has no input of that name.
    """
    identifier = _identifier(modifier.node_group, name)
    if hasattr(modifier, "properties"):  # 5.2 and later
        return getattr(modifier.properties.inputs, identifier).value
    return modifier[identifier]


def set_input(modifier, name, value):
    """Set an input of a Geometry Nodes modifier.

    Raises:
        KeyError: The modifier's node group has no input of that name.
    """
    identifier = _identifier(modifier.node_group, name)
    if hasattr(modifier, "properties"):  # 5.2 and later
        getattr(modifier.properties.inputs, identifier).value = value
    else:
        modifier[identifier] = value
    modifier.id_data.update_tag()


def _identifier(group, name):
    for item in group.interface.items_tree:
        if item.item_type == "SOCKET" and item.in_out == "INPUT" and item.name == name:
            return item.identifier
    raise KeyError(f"{group.name} has no input {name}.")
