"""Shaping nodes: `geometry.shape_depth` in Geometry Nodes, with identical numbers."""

from .node_builder import Input, NodeTree, Socket
from .node_groups import shared_group

_VERSION = 1
_NUMBERS = (
    "Sharpness", "Depth Scale", "Units per Meter", "Depth Offset", "Near", "Far", "Backdrop",
)  # fmt: skip


def sampled_depth(
    tree: NodeTree, given: dict[str, Socket], uv: Socket, frame: Socket | None = None
) -> dict[str, Socket]:
    """Sample both depth images.

    Args:
        tree: Tree to add nodes to.
        given: The modifier's inputs by name.
        uv: Where to sample the images.
        frame: Frame of images that are sequences.

    Returns:
        Meters by the name of the image.
    """
    return {name: _sample(tree, given[name], uv, frame) for name in ("Depth", "Metric Depth")}


def shaped_depth(tree: NodeTree, given: dict[str, Socket], maps: dict[str, Socket]) -> Socket:
    """Shape the depth.

    Args:
        tree: Tree to add nodes to.
        given: The modifier's inputs by name.
        maps: As of `sampled_depth`.

    Returns:
        z in Blender units, 0 in holes.
    """
    group = shared_group("SharpDepth Shaping", "sharpdepth_shaping", _VERSION, _build)
    return tree.call(group, maps | {name: given[name] for name in _NUMBERS})


def _sample(tree: NodeTree, image: Socket, uv: Socket, frame: Socket | None) -> Socket:
    """The value of the nearest texel, exactly."""
    settings = {"interpolation": "Closest", "extension": "EXTEND"}
    node = tree.node("GeometryNodeImageTexture", settings, Image=image, Vector=uv, Frame=frame)
    color = tree.node("FunctionNodeSeparateColor", Color=tree.output(node, "Color"))
    return tree.output(color, "Red")


def _build(tree: NodeTree) -> None:
    names = ("Depth", "Metric Depth", *_NUMBERS)
    given = {name: tree.add_input(Input(name, "Float")) for name in names}
    depth, metric, sharpness = given["Depth"], given["Metric Depth"], given["Sharpness"]
    z = metric * (1 - sharpness) + depth * sharpness
    z = z * given["Depth Scale"] * given["Units per Meter"] + given["Depth Offset"]
    here = (depth > 0) & (metric > 0) & (z > 0) & (z >= given["Near"])
    beyond = (given["Far"] > 0) & (z > given["Far"])
    z = tree.choose(here, tree.choose(beyond, given["Backdrop"], z), 0.0)
    tree.set_output("Depth", "Float", z)
