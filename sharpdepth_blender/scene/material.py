"""Material: a picture on a surface or on points, unlit or lit."""

from collections.abc import Iterator

import bpy

from .view_transform import is_compensation

# Names of our nodes, by which our materials are recognized.
UNLIT, LIT = "SharpDepth Unlit", "SharpDepth Lit"
# Name of the node that mixes paint over the base, which only some materials have.
PAINT = "SharpDepth Paint"
# Names of the nodes by which a lit material has normals that its surface has not.
NORMAL, _TO_WORLD = "SharpDepth Normal", "SharpDepth Normal to World"
# What the unlit shader of the material beneath paint is called.
_BASE = "Base"


def picture_material(name: str, image: bpy.types.Image) -> bpy.types.Material:
    """Make an unlit material that shows a picture by the attribute "UVMap".

    It is read as an attribute because points have no UV maps.

    Args:
        name: Name of the new datablock.
        image: Picture.

    Returns:
        Material that emits the picture's own colors; `set_lit` switches it.
    """
    material = _new(name)
    nodes, links = material.node_tree.nodes, material.node_tree.links
    place = nodes.new("ShaderNodeAttribute")
    place.attribute_name = "UVMap"
    place.location = (-600, 0)
    texture = nodes.new("ShaderNodeTexImage")
    texture.image = image
    texture.extension = "EXTEND"  # the outermost half texel must not blend with the opposite side
    texture.location = (-400, 0)
    nodes.active = texture  # the one that the viewport's solid mode shows
    unlit, lit = _shaders(nodes)
    output = nodes.new("ShaderNodeOutputMaterial")
    output.location = (300, 100)
    links.new(place.outputs["Vector"], texture.inputs["Vector"])
    links.new(texture.outputs["Color"], unlit.inputs["Color"])
    links.new(texture.outputs["Color"], lit.inputs["Base Color"])
    links.new(unlit.outputs["Emission"], output.inputs["Surface"])
    return material


def paint_material(name: str, base: bpy.types.Material | None = None) -> bpy.types.Material:
    """Make a material for unlit paint that covers a surface in part, and nothing at first.

    Link the paint's color to the two shaders, and its coverage to the node `PAINT`.

    Args:
        name: Name of the new datablock.
        base: Material to show where there is no paint; the new material starts as its copy. None
            makes the surface transparent there.

    Returns:
        Material; `set_lit` switches its paint.
    """
    material = _new(name) if base is None else _with_nodes(copied(base))
    material.name = name
    nodes, links = material.node_tree.nodes, material.node_tree.links
    output = material.node_tree.get_output_node("ALL")
    if output is None:
        output = nodes.new("ShaderNodeOutputMaterial")
        output.location = (0, 100)
    beneath = source_of(output.inputs["Surface"])
    if beneath is None:
        beneath = nodes.new("ShaderNodeBsdfTransparent").outputs[0]
        beneath.node.location = (0, 280)
    for node in nodes:  # such as those of a result; each name must be unique
        if node.name in (UNLIT, LIT):
            node.name = _BASE
    shaders = _shaders(nodes)
    paint = nodes.new("ShaderNodeMixShader")
    paint.name = paint.label = PAINT
    left, top = output.location.x, output.location.y
    for node, right in (*((each, 700) for each in shaders), (paint, 1000), (output, 1250)):
        node.location = (left + right, top + node.location.y)
    paint.inputs[0].default_value = 0.0
    links.new(beneath, paint.inputs[1])
    links.new(shaders[0].outputs[0], paint.inputs[2])
    links.new(paint.outputs[0], output.inputs["Surface"])
    return material


def baked_material(
    name: str, image: bpy.types.Image, uv_map: str, like: bpy.types.Material
) -> bpy.types.Material:
    """Make a material that shows a baked image with alpha, in a form that glTF supports.

    An unlit one mixes its emission with itself by *Is Camera Ray*, which Blender's exporter
    recognizes as glTF's unlit material.

    Args:
        name: Name of the new datablock.
        image: Picture with alpha.
        uv_map: Name of the UV map.
        like: Picture material; the new one is lit if this one is.

    Returns:
        The new material.
    """
    material = _new(name)
    nodes, links = material.node_tree.nodes, material.node_tree.links
    place = nodes.new("ShaderNodeUVMap")
    place.uv_map = uv_map
    place.location = (-600, 0)
    texture = nodes.new("ShaderNodeTexImage")
    texture.image = image
    texture.location = (-400, 0)
    nodes.active = texture
    links.new(place.outputs[0], texture.inputs["Vector"])
    output = nodes.new("ShaderNodeOutputMaterial")
    if is_lit(like):
        lit = nodes.new("ShaderNodeBsdfPrincipled")
        lit.inputs["Roughness"].default_value = 1.0
        links.new(texture.outputs["Color"], lit.inputs["Base Color"])
        links.new(texture.outputs["Alpha"], lit.inputs["Alpha"])
        links.new(lit.outputs[0], output.inputs["Surface"])
        output.location = (300, 0)
        return material
    unlit, camera = nodes.new("ShaderNodeEmission"), nodes.new("ShaderNodeLightPath")
    unlit.name = UNLIT
    same, cover = nodes.new("ShaderNodeMixShader"), nodes.new("ShaderNodeMixShader")
    clear = nodes.new("ShaderNodeBsdfTransparent")
    links.new(texture.outputs["Color"], unlit.inputs["Color"])
    links.new(camera.outputs["Is Camera Ray"], same.inputs[0])
    links.new(unlit.outputs[0], same.inputs[1])
    links.new(unlit.outputs[0], same.inputs[2])
    links.new(texture.outputs["Alpha"], cover.inputs[0])
    links.new(clear.outputs[0], cover.inputs[1])
    links.new(same.outputs[0], cover.inputs[2])
    links.new(cover.outputs[0], output.inputs["Surface"])
    for node, x, y in (
        (unlit, -100, 0), (camera, -100, 350), (same, 100, 0), (clear, 100, 150), (cover, 300, 0),
        (output, 500, 0),
    ):  # fmt: skip
        node.location = (x, y)
    return material


def can_be_lit(material: bpy.types.Material | None) -> bool:
    """Whether a material still has the nodes that `set_lit` switches between."""
    if material is None or material.node_tree is None:
        return False
    nodes = material.node_tree.nodes
    return UNLIT in nodes and LIT in nodes and material.node_tree.get_output_node("ALL") is not None


def is_lit(material: bpy.types.Material) -> bool:
    """Whether a picture material reacts to the scene's lights."""
    return any(link.from_node.name == LIT for link in _surface(material).links)


def set_lit(material: bpy.types.Material, lit: bool) -> None:
    """Make a picture material react to the scene's lights, or show the picture as it is."""
    shader = material.node_tree.nodes[LIT if lit else UNLIT]
    material.node_tree.links.new(shader.outputs[0], _surface(material))


def shade_by_normals(material: bpy.types.Material | None, by_attribute: bool) -> None:
    """Light a picture material by the surface's attribute "Normal", or by the surface itself."""
    if not can_be_lit(material):
        return
    nodes, links = material.node_tree.nodes, material.node_tree.links
    shader = nodes[LIT]
    if bool(nodes.get(NORMAL)) == by_attribute:
        return
    if not by_attribute:
        for name in (NORMAL, _TO_WORLD):
            nodes.remove(nodes[name])
        return
    place, turn = nodes.new("ShaderNodeAttribute"), nodes.new("ShaderNodeVectorTransform")
    place.attribute_name = "Normal"
    place.name = place.label = NORMAL
    turn.name = turn.label = _TO_WORLD
    turn.vector_type, turn.convert_from, turn.convert_to = "NORMAL", "OBJECT", "WORLD"
    place.location, turn.location = (-600, -250), (-400, -350)
    links.new(place.outputs["Vector"], turn.inputs[0])
    links.new(turn.outputs[0], shader.inputs["Normal"])


def compensation_in(material: bpy.types.Material | None) -> bpy.types.NodeTree | None:
    """The group by which a material of ours undoes a view transform, None where it does not."""
    for emission in _emissions(material):
        node = _compensation_before(emission)
        if node is not None:
            return node.node_tree
    return None


def can_be_compensated(material: bpy.types.Material | None) -> bool:
    """Whether a material emits a picture of ours."""
    return any(emission.inputs[0].is_linked for emission in _emissions(material))


def set_compensation(material: bpy.types.Material, group: bpy.types.ShaderNodeTree | None) -> None:
    """Put a group that undoes a view transform before what a material emits, or take it away.

    Args:
        material: Material that `can_be_compensated`.
        group: Of `view_transform.compensation_of`; None for the picture's own colors.
    """
    nodes, links = material.node_tree.nodes, material.node_tree.links
    for emission in _emissions(material):
        node = _compensation_before(emission)
        if group is None:
            source = source_of(node.inputs[0]) if node else None
            if node is not None:
                nodes.remove(node)
            if source is not None:
                links.new(source, emission.inputs[0])
        elif node is not None:
            node.node_tree = group
        elif source := source_of(emission.inputs[0]):
            added = nodes.new("ShaderNodeGroup")
            added.node_tree = group
            added.name = added.label = "SharpDepth Compensation"
            added.location = (emission.location.x - 180, emission.location.y + 120)
            links.new(source, added.inputs[0])
            links.new(added.outputs[0], emission.inputs[0])


def color_input(shader: bpy.types.Node) -> bpy.types.NodeSocket:
    """The socket that takes the picture of one of our shaders, before any compensation."""
    node = _compensation_before(shader)
    return shader.inputs[0] if node is None else node.inputs[0]


def copied(material: bpy.types.Material) -> bpy.types.Material:
    """Copy a material."""
    return material.copy()  # type: ignore[return-value]  # never None


def source_of(socket: bpy.types.NodeSocket) -> bpy.types.NodeSocket | None:
    """The output that an input is linked to; None if it is not linked."""
    return socket.links[0].from_socket if socket.is_linked else None  # type: ignore[index]


def _emissions(material: bpy.types.Material | None) -> Iterator[bpy.types.Node]:
    """The unlit shaders of a material: of its paint, and of a picture of ours beneath."""
    if material is None or material.node_tree is None:
        return
    for node in material.node_tree.nodes:
        if node.type == "EMISSION" and (node.name == UNLIT or node.name.startswith(_BASE)):
            yield node


def _compensation_before(shader: bpy.types.Node) -> bpy.types.ShaderNodeGroup | None:
    source = source_of(shader.inputs[0])
    node = source.node if source else None
    if isinstance(node, bpy.types.ShaderNodeGroup) and is_compensation(node.node_tree):
        return node
    return None


def _new(name: str) -> bpy.types.Material:
    material = bpy.data.materials.new(name)
    if material.node_tree is None:  # from 5.0 on every material has its nodes
        material.use_nodes = True
    material.node_tree.nodes.clear()
    return material


def _shaders(nodes: bpy.types.Nodes) -> tuple[bpy.types.Node, bpy.types.Node]:
    """Add the unlit and the lit shader, without links."""
    unlit = nodes.new("ShaderNodeEmission")
    unlit.name = unlit.label = UNLIT
    unlit.location = (0, 150)
    lit = nodes.new("ShaderNodeBsdfPrincipled")
    lit.name = lit.label = LIT
    # Highlights are already in the picture.
    lit.inputs["Roughness"].default_value = 1.0  # type: ignore[attr-defined]  # of NodeSocketFloat
    lit.location = (-100, 0)
    return unlit, lit


def _with_nodes(material: bpy.types.Material) -> bpy.types.Material:
    """Give a material without nodes, possible before 5.0, nodes that look the same."""
    if not material.use_nodes:
        material.use_nodes = True
        for node in material.node_tree.nodes:
            if node.type == "BSDF_PRINCIPLED":
                node.inputs["Base Color"].default_value = material.diffuse_color
    return material


def _surface(material: bpy.types.Material) -> bpy.types.NodeSocket:
    """The socket that takes the visible shader."""
    paint = material.node_tree.nodes.get(PAINT)
    return paint.inputs[2] if paint else material.node_tree.get_output_node("ALL").inputs["Surface"]
