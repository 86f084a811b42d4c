"""Projector: the shader nodes that project a picture from a camera, at every shading point.

A point is looked up in the picture by its position in the camera's space, which follows the camera
object. No UV map is involved, so even the coarsest mesh shows the picture undistorted.
"""

from collections.abc import Sequence
from functools import reduce
from typing import Any

import bpy

from ...geometry import Intrinsics
from ..node_builder import Input, NodeTree, ShaderTree, Socket
from ..picture import image_size

_INPUTS = [
    Input("Color", "Color", (0.0, 0.0, 0.0, 1.0),
          description="Show this color beneath, such as that of another projection"),
    Input("Alpha", "Float", 0.0, 0.0, 1.0, "FACTOR",
          "Say how much of the surface the color beneath covers"),
    Input("Mask", "Float", 1.0, 0.0, 1.0, "FACTOR",
          "Paint only as much as this, such as a color attribute, lets through"),
    Input("Facing Fade", "Float", 0.0, 0.0, 1.0, "FACTOR",
          "Fade where the surface turns away from the projection camera: paint is whole where the "
          "cosine of the angle reaches this, and gone where it is 0"),
    Input("Edge Fade", "Float", 0.0, 0.0, 0.5, "FACTOR",
          "Fade toward the picture's frame, over this share of its sides"),
    Input("Tolerance", "Float", 1.0, 0.0, None,
          description="Paint surfaces that lie no farther than this behind what the camera sees, "
          "in pixels of the picture at their distance"),
]  # fmt: skip

# Names of the nodes that hold the parts of a projection, and the camera's axes in the world. Parts
# are not custom properties of the group: drawing with a group miscounts the users of those.
_CAMERA, _PICTURE, _DEPTH = "Camera", "Picture", "Depth"
_AXES = ("Camera X", "Camera Y", "Camera Z")


def build_projector(
    group: bpy.types.NodeTree,
    camera: bpy.types.Object,
    picture: bpy.types.Image,
    depth: bpy.types.Image,
    intrinsics: Intrinsics,
    mask: bpy.types.Image | None = None,
) -> None:
    """Fill a group with nodes that lay a picture over what is beneath it.

    Its outputs are "Color", not premultiplied, and "Alpha", the share of the surface that is
    covered.

    A point is painted where the camera can see it. What the camera sees is known at the centers of
    the depth map's texels. The point's own surface, extended as a plane, has a depth there too,
    since 1/z of a plane is linear over the picture; so grazing surfaces need no margin. A point
    counts as seen if at least one of the four nearest texels shows nothing in front of that plane.
    At a straight edge one of the four is always on the point's own side, so nothing visible is left
    unpainted, and paint reaches behind an edge by one texel at most.

    Args:
        group: Empty `ShaderNodeTree` to fill.
        camera: Projection camera, without scale.
        picture: Picture, whose alpha is used.
        depth: Float Non-Color image of z-depth in Blender units as the camera sees it, 0 where it
            sees nothing.
        intrinsics: Intrinsics of the picture, whose size need not be that of the images.
        mask: Image that fits the picture and is white where to paint.
    """
    tree = ShaderTree(group)
    given = {each.name: tree.add_input(each) for each in _INPUTS}

    node = tree.node("ShaderNodeTexCoord", {"object": camera, "name": _CAMERA})
    point = tree.output(node, "Object")
    axes = tree.node("ShaderNodeSeparateXYZ", Vector=point)
    nearness = -1 / tree.output(axes, "Z")
    x, y = (tree.output(axes, name) * nearness for name in "XY")
    width, height = intrinsics.width, intrinsics.height
    lens = _Lens(
        tree,
        (intrinsics.fx / width, intrinsics.fy / height),
        (intrinsics.cx / width, 1 - intrinsics.cy / height),
    )
    u, v = lens.place(x, y)

    node = tree.node("ShaderNodeNewGeometry")
    true_normal = tree.output(node, "True Normal")
    normal = [tree.dot(true_normal, (0.0, 0.0, 0.0)) for _ in _AXES]
    for field, name in zip(normal, _AXES, strict=True):
        field.socket.node.name = field.socket.node.label = name
    aim_projector(group, camera)
    along = normal[0] * x + normal[1] * y - normal[2]
    to_point = tree.vector(x, y, -1.0)
    facing = along.magnitude() / tree.math("SQRT", tree.dot(to_point, to_point))

    plane = _Plane(normal, along, nearness, x, y)
    focal = intrinsics.fx / width * image_size(depth)[0]  # in texels
    margin = nearness * (given["Tolerance"] / focal)
    seen = _seen(tree, lens, plane, depth, u, v, margin)

    # Pixel filters reach beyond the frame; pixels at the border must not fade because of that.
    inside = (u.minimum(1 - u) + 1 / width).minimum(v.minimum(1 - v) + 1 / height)
    place = tree.vector(u, v)
    texture = _image(tree, picture, place, "Linear", _PICTURE)
    amount = (
        given["Mask"]
        * tree.output(texture, "Alpha")
        * (nearness > 0)
        * seen
        * _fade(tree, facing, given["Facing Fade"])
        * _fade(tree, inside, given["Edge Fade"])
    )
    if mask is not None:
        amount = amount * tree.output(_image(tree, mask, place, "Linear", "Mask"), "Color")
    alpha = amount + given["Alpha"] * (1 - amount)
    mixed = tree.node(
        "ShaderNodeMix", {"data_type": "RGBA"},
        Factor=amount / alpha, A=given["Color"], B=tree.output(texture, "Color"),
    )  # fmt: skip
    tree.set_output("Color", "Color", tree.output(mixed))
    tree.set_output("Alpha", "Float", alpha)
    tree.arrange()


def aim_projector(group: bpy.types.NodeTree, camera: bpy.types.Object) -> None:
    """Set the camera's rotation in a projector's nodes, since no node can read it."""
    axes = camera.matrix_world.to_3x3().normalized().transposed()
    for index, name in enumerate(_AXES):
        vector = group.nodes[name].inputs[1]
        vector.default_value = axes[index]  # type: ignore[attr-defined]  # of NodeSocketVector


def camera_of(projection: bpy.types.NodeTree) -> bpy.types.Object | None:
    """The camera of a projection; None if it is gone."""
    return _part(projection, _CAMERA, "object")


def picture_of(projection: bpy.types.NodeTree) -> bpy.types.Image | None:
    """The picture of a projection; None if it is gone."""
    return _part(projection, _PICTURE, "image")


def depth_of(projection: bpy.types.NodeTree) -> bpy.types.Image | None:
    """The depth map of what a projection's camera sees; None if it is gone."""
    return _part(projection, _DEPTH, "image")


def _part(projection: bpy.types.NodeTree, name: str, prop: str) -> Any:
    node = projection.nodes.get(name)
    return None if node is None else getattr(node, prop)


class _Lens:
    """Converts slopes in camera space to places in the picture, 0..1 from the lower left."""

    def __init__(
        self, tree: NodeTree, focal: tuple[float, float], center: tuple[float, float]
    ) -> None:
        self.tree, self.focal, self.center = tree, focal, center

    def place(self, x: Socket, y: Socket) -> tuple[Socket, Socket]:
        """(u, v) of the ray through (x, y, -1)."""
        return x * self.focal[0] + self.center[0], y * self.focal[1] + self.center[1]

    def slope(self, place: Socket, axis: int) -> Socket:
        """The inverse, for one axis."""
        return (place - self.center[axis]) / self.focal[axis]


class _Plane:
    """The plane of the point's surface, and its depth along other rays of the camera."""

    def __init__(
        self, normal: Sequence[Socket], along: Socket, nearness: Socket, x: Socket, y: Socket
    ) -> None:
        self.normal, self.along, self.nearness = normal, along, nearness
        self.x, self.y = x, y

    def at(self, x: Socket, y: Socket) -> Socket:
        """1/z along the ray through (x, y, -1), 0 beyond the horizon."""
        aside = self.normal[0] * (x - self.x) + self.normal[1] * (y - self.y)
        return (self.nearness * (aside / self.along + 1)).maximum(0)


def _seen(
    tree: NodeTree,
    lens: _Lens,
    plane: _Plane,
    depth: bpy.types.Image,
    u: Socket,
    v: Socket,
    margin: Socket,
) -> Socket:
    """1 if one of the four nearest texels shows nothing in front of the point's plane, else 0."""
    width, height = image_size(depth)
    columns = _nearest(u, width)
    rows = _nearest(v, height)
    texels = []
    for row in rows:
        for column in columns:
            texel = _image(tree, depth, tree.vector(column, row), "Closest", _DEPTH)
            node = tree.node("ShaderNodeSeparateColor", Color=tree.output(texel, "Color"))
            nearest = 1 / tree.output(node, "Red")  # 1 / 0 is 0 in Blender
            own = plane.at(lens.slope(column, 0), lens.slope(row, 1)) + margin
            texels.append(nearest <= own)
    return reduce(Socket.maximum, texels)


def _nearest(place: Socket, count: int) -> list[Socket]:
    """The centers of the two texels around a place along one axis, 0..1."""
    first = (place * count - 0.5).floor()
    return [((first + step).maximum(0).minimum(count - 1) + 0.5) / count for step in (0, 1)]


def _image(
    tree: NodeTree, image: bpy.types.Image, place: Socket, interpolation: str, name: str
) -> bpy.types.Node:
    settings = {
        "interpolation": interpolation, "extension": "EXTEND", "name": name, "image": image,
    }  # fmt: skip
    return tree.node("ShaderNodeTexImage", settings, Vector=place)


def _fade(tree: NodeTree, value: Socket, width: Socket) -> Socket:
    """0 for values up to 0, rising smoothly to 1 over a width."""
    node = tree.node(
        "ShaderNodeMapRange", {"interpolation_type": "SMOOTHSTEP"},
        Value=value, From_Max=width.maximum(1e-6),
    )  # fmt: skip
    return tree.output(node)
