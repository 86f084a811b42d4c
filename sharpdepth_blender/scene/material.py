"""Material: the picture, unlit, on a mesh or on points."""

import bpy


def picture_material(name, image):
    """Make a material that shows `image` by the mesh's UV map, unlit.

    Args:
        name: Name of the new datablock.
        image: Picture.

    Returns:
        Material whose emission is the picture's own colour.
    """
    material, emission = _unlit_material(name)
    nodes = material.node_tree.nodes
    texture = nodes.new("ShaderNodeTexImage")
    texture.image = image
    texture.extension = "EXTEND"  # the outermost half texel must not fade into the far side
    texture.location = (-300, 0)
    nodes.active = texture  # what the viewport's solid mode shows as the texture
    material.node_tree.links.new(texture.outputs["Color"], emission.inputs["Color"])
    return material


def color_material(name, attribute):
    """Make a material that shows a colour attribute, unlit.

    Args:
        name: Name of the new datablock.
        attribute: Name of the attribute on the geometry.

    Returns:
        Material whose emission is the attribute's colour.
    """
    material, emission = _unlit_material(name)
    color = material.node_tree.nodes.new("ShaderNodeAttribute")
    color.attribute_name = attribute
    color.location = (-300, 0)
    material.node_tree.links.new(color.outputs["Color"], emission.inputs["Color"])
    return material


def _unlit_material(name):
    """A material with an emission shader, and that shader's node."""
    material = bpy.data.materials.new(name)
    if material.node_tree is None:  # from 5.0 on every material has its nodes
        material.use_nodes = True
    nodes = material.node_tree.nodes
    nodes.clear()
    emission = nodes.new("ShaderNodeEmission")
    output = nodes.new("ShaderNodeOutputMaterial")
    output.location = (200, 0)
    material.node_tree.links.new(emission.outputs["Emission"], output.inputs["Surface"])
    return material, emission
