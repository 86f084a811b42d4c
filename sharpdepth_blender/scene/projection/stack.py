"""Stack: the projections on an object, one above the other in its materials.

In a material each is a group node that takes the colour and the coverage beneath and gives both
with its own picture on top, so that a user can mute it, mask it, or change the order by hand.
"""

from contextlib import contextmanager

import bpy

from ..errors import SceneError
from ..live import find_modifier
from ..material import LIT, PAINT, UNLIT, paint_material
from ..modifier import get_input, set_input
from ..result import CAMERA, DEPTH

# Custom property of a projection's node group, and its value.
MARK, VERSION = "sharpdepth_projection", 1
# Custom property of a material of ours: the one that the object had before.
_FORMER = "sharpdepth_former"


class ProjectionError(SceneError):
    """A projection cannot be made, changed or baked so."""

    kind = "bad_projection"


def is_projection(group):
    """Whether a node group throws a picture."""
    return group is not None and group.get(MARK) == VERSION


def projections_of(obj):
    """The projections on an object, the lowest first.

    Args:
        obj: Any object.

    Returns:
        Shader node groups, each once.
    """
    groups = [node.node_tree for each in painted_materials(obj) for node in stacked(each)]
    return list(dict.fromkeys(groups))


def projection_nodes(obj, projection):
    """The nodes by which an object shows a projection, one for each material that does."""
    nodes = [node for each in painted_materials(obj) for node in stacked(each)]
    return [node for node in nodes if node.node_tree == projection]


def stacked(material):
    """The projection nodes of a material, the lowest first; what else a user put between counts."""
    found, socket = [], _covering(material)
    while socket and socket.is_linked:
        node = socket.links[0].from_node
        if node.type == "GROUP" and is_projection(node.node_tree):
            found.insert(0, node)
            socket = node.inputs["Alpha"]
        else:
            socket = next((each for each in node.inputs if each.is_linked), None)
    return found


def is_painted(material):
    """Whether a material is one that projections paint on."""
    return _covering(material) is not None


def add_to_stack(objects, projection, settings, attribute=None, keep_material=False):
    """Put a projection on top of what objects have.

    An object gets a material of ours in each of its slots, which is tied to the object and leaves
    its mesh's own as they are; those that had one material go on sharing one. A live result gets it
    in its modifier.

    Args:
        objects: Mesh objects, checked by `check_objects`.
        projection: Node group.
        settings: Values of its inputs by name.
        attribute: Name of a colour attribute that masks it.
        keep_material: Show the former material where nothing is painted, and not nothing at all.
            What already has a projection stays as it is beneath.
    """
    chosen, ours = set(objects), {}
    for obj in objects:
        for slot in slots_of(obj):
            former = slot.material
            if former not in ours:
                ours[former] = _own(former, chosen, keep_material)
            slot.material = ours[former]
    for material in ours.values():
        _put_on_top(material, projection, settings, attribute)


def move_projection(obj, projection, index):
    """Give a projection another place in the stack of an object.

    Args:
        obj: Object.
        projection: One of `projections_of(obj)`.
        index: Its new place, counted from 0, the lowest; beyond the ends is at the end.

    Raises:
        ProjectionError: The object does not show it.
    """
    _check_has(obj, projection)
    _make_own(obj)
    for material in painted_materials(obj):
        for node in [each for each in stacked(material) if each.node_tree == projection]:
            _take_out(material, node)
            _put_in(material, node, max(index, 0))


def remove_projection(obj, projection):
    """Take a projection off an object; with the last one, its former materials come back.

    One that no object shows any more goes with its camera and its depth map.

    Args:
        obj: Object.
        projection: One of `projections_of(obj)`.

    Raises:
        ProjectionError: The object does not show it.
    """
    _check_has(obj, projection)
    _make_own(obj)
    for slot in slots_of(obj):
        material = slot.material
        if not is_painted(material):
            continue
        for node in [each for each in stacked(material) if each.node_tree == projection]:
            _take_out(material, node)
            _delete(material, node)
        if not stacked(material):
            slot.material = material.get(_FORMER)
            if material.users == 0:
                bpy.data.materials.remove(material)
    if projection.users == 0:
        remove_parts(projection)


def remove_parts(projection):
    """Remove a projection that nothing shows, and what was made for it alone."""
    camera, depth = projection.get(CAMERA), projection.get(DEPTH)
    bpy.data.node_groups.remove(projection)
    data = camera and camera.data
    if camera:
        bpy.data.objects.remove(camera)
    bpy.data.batch_remove([each for each in (data, depth) if each and each.users == 0])


def bare(material, output, image):
    """Make a material that glows with one output of a stack, with an image active to bake to.

    Args:
        material: Of ours; another one has neither colour nor alpha.
        output: `Color` or `Alpha`.
        image: Image.

    Returns:
        A new material.
    """
    if is_painted(material):
        made = material.copy()
        source = _source(_tops(made)[0] if output == "Color" else _covering(made))
        target = made.node_tree.get_output_node("ALL").inputs["Surface"]
    else:
        made = paint_material("bare")
        source, target = None, made.node_tree.get_output_node("ALL").inputs["Surface"]
    nodes = made.node_tree.nodes
    glow = nodes.new("ShaderNodeEmission")
    glow.inputs[0].default_value = (0, 0, 0, 1)
    _connect(made, source, glow.inputs[0])
    _connect(made, glow.outputs[0], target)
    texture = nodes.new("ShaderNodeTexImage")
    texture.image = image
    nodes.active = texture
    return made


@contextmanager
def uncovered():
    """Show what is painted as its former material, or whole where it shows nothing of that."""
    painted = [each for each in bpy.data.materials if each.library is None and is_painted(each)]
    ends = {}
    for material in painted:
        nodes = material.node_tree.nodes
        paint = nodes[PAINT]
        ends[material] = [link.to_socket for link in paint.outputs[0].links]
        base = _source(paint.inputs[1])
        if base is None or base.node.type == "BSDF_TRANSPARENT":
            base = nodes[UNLIT].outputs[0]
        for end in ends[material]:
            _connect(material, base, end)
    try:
        yield
    finally:
        for material, sockets in ends.items():
            for end in sockets:
                _connect(material, material.node_tree.nodes[PAINT].outputs[0], end)


def check_objects(objects):
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


class _ObjectSlot:
    """A material slot that ours is tied to the object in."""

    def __init__(self, obj, index):
        self.obj, self.slot, self.index = obj, obj.material_slots[index], index

    @property
    def material(self):
        return self.slot.material

    @material.setter
    def material(self, material):
        # The slot of a mesh is all its objects': they are to keep what they have.
        own = material != self.obj.data.materials[self.index]
        self.slot.link = "OBJECT"
        self.slot.material = material if own else None
        if not own:
            self.slot.link = "DATA"


class _ModifierSlot:
    """The material of a live result."""

    def __init__(self, modifier):
        self.modifier = modifier

    @property
    def material(self):
        return get_input(self.modifier, "Material")

    @material.setter
    def material(self, material):
        set_input(self.modifier, "Material", material)


def slots_of(obj):
    """What shows an object's materials: each has `material`, which can be set for it alone."""
    if modifier := find_modifier(obj):
        return [_ModifierSlot(modifier)]
    if not obj.material_slots:
        obj.data.materials.append(None)
    return [_ObjectSlot(obj, index) for index in range(len(obj.material_slots))]


def painted_materials(obj):
    """Materials of ours on an object, each once."""
    if modifier := find_modifier(obj):
        materials = [get_input(modifier, "Material")]
    else:
        materials = [slot.material for slot in obj.material_slots]
    return [each for each in dict.fromkeys(materials) if is_painted(each)]


def _own(former, chosen, keep_material):
    """A material for the chosen objects alone, in place of the one that they have."""
    if is_painted(former):
        return former if _users(former) <= chosen else former.copy()
    name = former.name if former else "Surface"
    material = paint_material(f"{name} Painted", former if keep_material else None)
    material[_FORMER] = former
    return material


def _make_own(obj):
    """Give an object materials of its own where it shares ours with others."""
    copies = {}
    for slot in slots_of(obj):
        material = slot.material
        if is_painted(material) and not _users(material) <= {obj}:
            copies[material] = copies.get(material) or material.copy()
            slot.material = copies[material]


def _users(material):
    """The objects that show a material; also through their mesh."""
    found = set()
    for obj in bpy.data.objects:
        modifier = find_modifier(obj) if obj.type == "MESH" else None
        if modifier and get_input(modifier, "Material") == material:
            found.add(obj)
        elif any(slot.material == material for slot in obj.material_slots):
            found.add(obj)
    return found


def _put_on_top(material, projection, settings, attribute):
    nodes = material.node_tree.nodes
    node = nodes.new("ShaderNodeGroup")
    node.node_tree = projection
    node.label = projection.name
    node.width = 220
    for name, value in settings.items():
        node.inputs[name].default_value = value
    if attribute is not None:
        mask = nodes.new("ShaderNodeAttribute")
        mask.attribute_name = attribute
        mask.label = attribute
        material.node_tree.links.new(mask.outputs["Color"], node.inputs["Mask"])
        mask.location = (len(stacked(material)) * 260 - 600, -360)
    node.location = (len(stacked(material)) * 260 - 340, 0)
    _put_in(material, node, len(stacked(material)))


def _take_out(material, node):
    """Link what is beneath a node to what is above it."""
    for name in ("Color", "Alpha"):
        beneath = _source(node.inputs[name])
        for above in [link.to_socket for link in node.outputs[name].links]:
            _connect(material, beneath, above)
        _connect(material, None, node.inputs[name])


def _put_in(material, node, index):
    """Link a node into the stack, so many others above its lowest."""
    rest = stacked(material)
    for name in ("Color", "Alpha"):
        if index < len(rest):
            aboves = [rest[index].inputs[name]]
        else:
            aboves = _tops(material) if name == "Color" else [_covering(material)]
        _connect(material, _source(aboves[0]), node.inputs[name])
        for above in aboves:
            _connect(material, node.outputs[name], above)


def _delete(material, node):
    """Remove a node, and the attribute that masked it alone."""
    nodes = material.node_tree.nodes
    for mask in [link.from_node for link in node.inputs["Mask"].links]:
        if mask.type == "ATTRIBUTE" and sum(len(each.links) for each in mask.outputs) == 1:
            nodes.remove(mask)
    nodes.remove(node)


def _source(socket):
    return socket.links[0].from_socket if socket.is_linked else None


def _connect(material, source, target):
    if source is not None:
        material.node_tree.links.new(source, target)
    elif target.is_linked:
        material.node_tree.links.remove(target.links[0])


def _tops(material):
    """The sockets that take the colour of the whole stack: of the unlit and of the lit shader."""
    nodes = material.node_tree.nodes
    return [nodes[name].inputs[0] for name in (UNLIT, LIT) if name in nodes]


def _covering(material):
    """The socket that takes the coverage of the whole stack; None where a material is not ours."""
    if material is None or material.node_tree is None:
        return None
    node = material.node_tree.nodes.get(PAINT)
    return None if node is None else node.inputs[0]


def _check_has(obj, projection):
    if projection not in projections_of(obj):
        raise ProjectionError(
            "{obj} does not show the projection {projection}.",
            obj=obj.name,
            projection=getattr(projection, "name", projection),
        )
