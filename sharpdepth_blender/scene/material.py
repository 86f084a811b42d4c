"""Material: the picture on a surface or on points, unlit or lit."""

import bpy

# Names of our nodes, by which a material of ours is known.
_UNLIT, _LIT = "SharpDepth Unlit", "SharpDepth Lit"


def picture_material(name, image):
    """Make a material that shows `image` by the attribute "UVMap", unlit.

    An attribute, and not a UV map, since points have no UV maps.

    Args:
        name: Name of the new datablock.
        image: Picture.

    Returns:
        Material whose emission is the picture's own colour; `set_lit` switches it.
    """
    material = bpy.data.materials.new(name)
    if material.node_tree is None:  # from 5.0 on every material has its nodes
        material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    place = nodes.new("ShaderNodeAttribute")
    place.attribute_name = "UVMap"
    place.location = (-600, 0)
    texture = nodes.new("ShaderNodeTexImage")
    texture.image = image
    texture.extension = "EXTEND"  # the outermost half texel must not fade into the far side
    texture.location = (-400, 0)
    nodes.active = texture  # what the viewport's solid mode shows as the texture
    unlit = nodes.new("ShaderNodeEmission")
    unlit.name = unlit.label = _UNLIT
    unlit.location = (0, 150)
    lit = nodes.new("ShaderNodeBsdfPrincipled")
    lit.name = lit.label = _LIT
    lit.inputs["Roughness"].default_value = 1.0  # what shines in the picture is painted in already
    lit.location = (-100, 0)
    output = nodes.new("ShaderNodeOutputMaterial")
    output.location = (300, 100)
    links.new(place.outputs["Vector"], texture.inputs["Vector"])
    links.new(texture.outputs["Color"], unlit.inputs["Color"])
    links.new(texture.outputs["Color"], lit.inputs["Base Color"])
    links.new(unlit.outputs["Emission"], output.inputs["Surface"])
    return material


def can_be_lit(material):
    """Whether a material still has what `set_lit` switches between."""
    if material is None or material.node_tree is None:
        return False
    nodes = material.node_tree.nodes
    return (
        _UNLIT in nodes and _LIT in nodes and material.node_tree.get_output_node("ALL") is not None
    )


def is_lit(material):
    """Whether a picture material reacts to the scene's lights."""
    return any(link.from_node.name == _LIT for link in _surface(material).links)


def set_lit(material, lit):
    """Have a picture material react to the scene's lights, or show the picture as it is."""
    shader = material.node_tree.nodes[_LIT if lit else _UNLIT]
    material.node_tree.links.new(shader.outputs[0], _surface(material))


def _surface(material):
    return material.node_tree.get_output_node("ALL").inputs["Surface"]
