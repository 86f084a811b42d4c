"""Live: the Geometry Nodes modifier that turns depth images into a surface or points.

It builds the same as `geometry.shape_depth` and `geometry.build_surface`, so that a baked result
equals the live one.
"""

from collections.abc import Iterable, Iterator

import bpy

from ..geometry import Intrinsics
from .modifier import add_nodes_modifier, get_input
from .node_builder import Input, NodeTree, Socket
from .node_groups import shared_group
from .shaping_nodes import sampled_depth, shaped_depth
from .stored_depth import MOST_SAMPLES
from .tear_nodes import torn_group, torn_quads, whole_group, without_torn

# Custom property of our node group, and its value, which is raised whenever the nodes change.
_MARK = "sharpdepth_surface"
_VERSION = 5
_FOLLOWING = f"{_VERSION} sequence 3"
# The inputs that give the lens, in the order of Intrinsics, with its fields.
LENS = {
    "Focal Length X": "fx",
    "Focal Length Y": "fy",
    "Principal Point X": "cx",
    "Principal Point Y": "cy",
}
# Half the diagonal of a sample, 0.71, leaves no gap between points from the cloud's own camera.
_RADIUS = 0.75

_SURFACE = [
    Input("Resolution", "Int", 1024, 2, MOST_SAMPLES,
          description="Take so many samples along the picture's longer side"),
    Input("Sharpness", "Float", 1.0, 0.0, 1.0, "FACTOR",
          "Mix the metric depth, smooth at edges, with the sharpened one"),
    Input("Depth Scale", "Float", 1.0, 0.0, None,
          description="Multiply all depth, which scales the result about its camera"),
    Input("Depth Offset", "Float", 0.0, None, None, "DISTANCE",
          "Add to all depth, along the camera's axis"),
    Input("Near", "Float", 0.0, 0.0, None, "DISTANCE", "Drop what is nearer to the camera"),
    Input("Far", "Float", 0.0, 0.0, None, "DISTANCE",
          "Drop what is farther from the camera, or send it to the backdrop. 0 is no limit"),
    Input("Backdrop", "Float", 0.0, 0.0, None, "DISTANCE",
          "Send everything beyond Far, such as the sky, to this distance. 0 drops it"),
    Input("Tear Ratio", "Float", 1.1, 1.0, None,
          description="Cut the surface where depth jumps by more than this ratio and no plane "
          "explains it"),
    Input("Output", "Menu", description="Show a surface, or a point for each sample"),
    Input("Point Radius", "Float", _RADIUS, 0.0, None,
          description="Set the radius of a point, in samples as the camera sees them"),
    Input("Smooth Shading", "Bool", True, description="Shade the surface smooth instead of flat"),
    Input("Material", "Material", description="Show the surface or the points in this material"),
]  # fmt: skip
_PLATE = [
    Input("Depth", "Image", description="Read sharpened z-depth in meters, float and Non-Color"),
    Input("Metric Depth", "Image",
          description="Read metric z-depth in meters, float and Non-Color"),
    Input("Picture", "Image", description="Take the colors of points from this picture"),
    Input("Normals", "Image",
          description="Read normals in camera space, float and Non-Color, instead of the surface's "
          "own"),
    Input("Sky Beyond", "Float", 0.0, 0.0, None,
          description="Mark as sky what is farther in the depth image, in meters. 0 for no sky"),
    Input("Focal Length X", "Float", 1000.0,
          description="Set the focal length in pixel widths of the depth image"),
    Input("Focal Length Y", "Float", 1000.0,
          description="Set the focal length in pixel heights of the depth image"),
    Input("Principal Point X", "Float", 0.0,
          description="Set where the optical axis is, in pixels from the left edge"),
    Input("Principal Point Y", "Float", 0.0,
          description="Set where the optical axis is, in pixels from the top edge"),
    Input("Units per Meter", "Float", 1.0, 0.0, None,
          description="Set how many Blender units one meter has"),
]  # fmt: skip
# Additional inputs of results that follow the frame.
_RANGE = [
    Input("First Frame", "Int", 1, description="Show this frame's depth before it, too"),
    Input("Last Frame", "Int", 1, description="Show this frame's depth after it, too"),
    Input("First File", "Int", 1, description="Set the number that the first frame's files have"),
]


def add_modifier(
    obj: bpy.types.Object, follows_frame: bool = False, is_panorama: bool = False
) -> bpy.types.NodesModifier:
    """Add the modifier to an object; set its inputs with `modifier.set_input`."""
    return add_nodes_modifier(obj, "SharpDepth", surface_group(follows_frame, is_panorama))


def find_modifier(obj: bpy.types.Object) -> bpy.types.NodesModifier | None:
    """The live modifier of an object; None if it has none, as after baking."""
    for modifier in obj.modifiers:
        if isinstance(modifier, bpy.types.NodesModifier):
            if modifier.node_group and modifier.node_group.get(_MARK):
                return modifier
    return None


def takes_moving_normals(modifier: bpy.types.NodesModifier) -> bool:
    """Whether the modifier of a sequence reads each frame's normals; earlier versions do not."""
    return modifier.node_group is not None and modifier.node_group.get(_MARK) == _FOLLOWING


def lens_inputs(intrinsics: Intrinsics) -> dict[str, float]:
    """The modifier inputs, by name, for depth maps with these intrinsics."""
    return {name: getattr(intrinsics, field) for name, field in LENS.items()}


def live_intrinsics(modifier: bpy.types.NodesModifier) -> Intrinsics | None:
    """Intrinsics of a modifier's depth maps; None if it has none."""
    depth = get_input(modifier, "Depth")
    if depth is None or not all(depth.size):
        return None
    return Intrinsics(*(get_input(modifier, name) for name in LENS), *depth.size)


def surface_group(follows_frame: bool = False, is_panorama: bool = False) -> bpy.types.NodeTree:
    """The node group of the modifier, which all live results of a file share.

    The first call in a file builds it, which takes 0.2 s, unless `surface_in_parts` has done so.

    Args:
        follows_frame: Whether the images are sequences; that group is evaluated at every frame.
        is_panorama: Whether the depth is ray length around a camera that sees in all directions,
            and the lens that of `panorama_lens`.
    """
    if is_panorama:
        version = f"{_VERSION} panorama"
        group = shared_group("SharpDepth Panorama", _MARK, version, _build_around)
    elif follows_frame:
        group = shared_group("SharpDepth Sequence", _MARK, _FOLLOWING, _build_following)
    else:
        group = shared_group("SharpDepth Surface", _MARK, _VERSION, _build)
    group.is_modifier = True
    return group


def surface_in_parts() -> Iterator[None]:
    """Build the node group of `surface_group`, at each step as much as the user does not feel."""
    for build in (torn_group, whole_group, surface_group):
        build()
        yield


def _build_following(tree: NodeTree) -> None:
    _build(tree, _RANGE)


def _build_around(tree: NodeTree) -> None:
    _build(tree, is_panorama=True)


def _build(tree: NodeTree, range_inputs: Iterable[Input] = (), is_panorama: bool = False) -> None:
    tree.add_input(Input("Geometry", "Geometry"))
    given = {each.name: tree.add_input(each) for each in _SURFACE}
    panel = tree.group.interface.new_panel("Plate", default_closed=True)
    given |= {each.name: tree.add_input(each, panel) for each in [*_PLATE, *range_inputs]}
    frame = None
    if range_inputs:
        now = tree.output(tree.node("GeometryNodeInputSceneTime"), "Frame")
        frame = now.maximum(given["First Frame"]).minimum(given["Last Frame"])
        frame = frame - given["First Frame"] + given["First File"]

    size = tree.node("GeometryNodeImageInfo", Image=given["Depth"], Frame=frame)
    width, height = tree.output(size, "Width"), tree.output(size, "Height")
    share = (given["Resolution"] / width.maximum(height)).minimum(1)
    taken = [(side * share + 0.5).floor().maximum(2).minimum(side) for side in (width, height)]
    # A panorama has a sample more on each edge of the picture, where it closes.
    rim = 1 if is_panorama else 0
    columns, rows = (side + 2 * rim for side in taken)
    node = tree.node(
        "GeometryNodeMeshGrid",
        Size_X=columns - 1, Size_Y=rows - 1, Vertices_X=columns, Vertices_Y=rows,
    )  # fmt: skip
    grid = tree.output(node, "Mesh")

    # The grid is centered, and its vertices are one unit apart.
    position = tree.output(tree.node("GeometryNodeInputPosition"))
    axes = tree.node("ShaderNodeSeparateXYZ", Vector=position)
    across = tree.output(axes, "X") + (columns - 1) / 2
    upwards = tree.output(axes, "Y") + (rows - 1) / 2
    right, up = (across + 0.5).floor(), (upwards + 0.5).floor()
    column = ((right - rim) * (width - 1) / (taken[0] - 1) + 0.5).floor()
    row = ((rows - 1 - up - rim) * (height - 1) / (taken[1] - 1) + 0.5).floor()
    if is_panorama:
        column, row = (
            tree.choose(place > 0, tree.choose(last > place, pixel, side - 0.5), -0.5)
            for place, last, pixel, side in (
                (right, columns - 1, column, width),
                (rows - 1 - up, rows - 1, row, height),
            )
        )
    u, v = (column + 0.5) / width, 1 - (row + 0.5) / height
    # On both sides of a seam is the first column; beyond the poles, the images are extended.
    at = tree.vector(tree.choose(u >= 1, 0.0, u), v) if is_panorama else tree.vector(u, v)
    maps = sampled_depth(tree, given, at, frame)
    z = shaped_depth(tree, given, maps)
    begins = given["Sky Beyond"]
    sky = (begins > 0) & (maps["Depth"] > begins)
    grid, right, up, column, row, u, v, z, sky = tree.capture(
        grid, "POINT", right=right, up=up, column=column, row=row, u=u, v=v, z=z, sky=sky
    )

    disparity = tree.choose(z > 0, 1 / z, 0.0)
    grid, disparity = tree.capture(grid, "POINT", disparity=disparity)
    grid, verdict = torn_quads(
        tree, grid, disparity, (column, row), (right, up), (columns, rows), given["Tear Ratio"]
    )
    # A column has a quad less than it has vertices.
    index = tree.output(tree.node("GeometryNodeInputIndex"))
    corner = index + tree.whole_quotient(index, rows - 1)
    grid, verdict = tree.capture(grid, "FACE", verdict=tree.at(corner, verdict))

    slope_x = (column + 0.5 - given["Principal Point X"]) / given["Focal Length X"]
    slope_y = (row + 0.5 - given["Principal Point Y"]) / given["Focal Length Y"]
    place, is_sample = tree.vector(z * slope_x, 0 - z * slope_y, 0 - z), z > 0
    if is_panorama:  # where the slopes are angles
        level = z * tree.math("COSINE", slope_y)
        place = tree.vector(
            level * tree.math("SINE", slope_x),
            0 - z * tree.math("SINE", slope_y),
            0 - level * tree.math("COSINE", slope_x),
        )
        is_sample &= (column >= 0) & (column <= width - 1) & (row >= 0) & (row <= height - 1)
    node = tree.node("GeometryNodeSetPosition", Geometry=grid, Position=place)
    placed = _with(tree, tree.output(node, "Geometry"), "Sky", "BOOLEAN", sky)
    uv = tree.vector(u, v)
    spacing = (width - 1).maximum(1) / (taken[0] - 1).maximum(1)
    radius = z * given["Point Radius"] * spacing / given["Focal Length X"]
    shown = tree.menu(
        given["Output"],
        Mesh=_surface(tree, given, without_torn(tree, placed, verdict, columns, rows), uv, frame),
        Points=_points(tree, given, placed, is_sample, radius, uv, frame),
    )
    node = tree.node("GeometryNodeSetMaterial", Geometry=shown, Material=given["Material"])
    tree.set_output("Geometry", "Geometry", tree.output(node))
    tree.set_default("Output", "Mesh")


def _surface(
    tree: NodeTree, given: dict[str, Socket], mesh: Socket, uv: Socket, frame: Socket | None
) -> Socket:
    mesh = _with_uv(tree, mesh, "CORNER", uv)
    settings = {"interpolation": "Closest", "extension": "EXTEND"}
    image = tree.node(
        "GeometryNodeImageTexture", settings, Image=given["Normals"], Vector=uv, Frame=frame
    )
    known = tree.output(image, "Color")
    own = tree.output(tree.node("GeometryNodeInputNormal"), "Normal")
    length = tree.output(
        tree.node("ShaderNodeVectorMath", {"operation": "LENGTH"}, Vector=known), "Value"
    )
    either = {"Switch": length > 0.5, "False": own, "True": known}
    switch = tree.node("GeometryNodeSwitch", {"input_type": "VECTOR"}, **either)
    mesh = _with(tree, mesh, "Normal", "FLOAT_VECTOR", tree.output(switch))
    node = tree.node(
        "GeometryNodeSetShadeSmooth", Geometry=mesh, Shade_Smooth=given["Smooth Shading"]
    )
    return tree.output(node)


def _points(
    tree: NodeTree,
    given: dict[str, Socket],
    placed: Socket,
    shown: Socket,
    radius: Socket,
    uv: Socket,
    frame: Socket | None,
) -> Socket:
    node = tree.node("GeometryNodeMeshToPoints", Mesh=placed, Selection=shown, Radius=radius)
    points = _with_uv(tree, tree.output(node), "POINT", uv)
    settings = {"interpolation": "Closest", "extension": "EXTEND"}
    color = tree.node(
        "GeometryNodeImageTexture", settings, Image=given["Picture"], Vector=uv, Frame=frame
    )
    node = tree.node(
        "GeometryNodeStoreNamedAttribute",
        {"data_type": "BYTE_COLOR", "domain": "POINT"},
        Geometry=points, Name="Color", Value=tree.output(color, "Color"),
    )  # fmt: skip
    return tree.output(node)


def _with(tree: NodeTree, geometry: Socket, name: str, kind: str, value: Socket) -> Socket:
    """A geometry with an attribute of its points."""
    node = tree.node(
        "GeometryNodeStoreNamedAttribute", {"data_type": kind, "domain": "POINT"},
        Geometry=geometry, Name=name, Value=value,
    )  # fmt: skip
    return tree.output(node)


def _with_uv(tree: NodeTree, geometry: Socket, domain: str, uv: Socket) -> Socket:
    node = tree.node(
        "GeometryNodeStoreNamedAttribute",
        {"data_type": "FLOAT2", "domain": domain},
        Geometry=geometry, Name="UVMap", Value=uv,
    )  # fmt: skip
    return tree.output(node)
