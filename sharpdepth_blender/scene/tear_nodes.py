"""Tear nodes: the rule of `geometry/tears.py` in Geometry Nodes, with identical numbers."""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_

import bpy

from ..geometry.tears import CLEAR, REACHES, SMALLEST, TOLERANCE
from .node_builder import Input, NodeTree, Socket
from .node_groups import shared_group

_VERSION = 2
# The miss of a side of an edge that predicts nothing: beyond all tolerance.
_SILENT = 3e38
# Verdict on a quad by itself, before runs are looked at; above _WHOLE it is torn.
_HOLE, _WHOLE, _WEAK, _CLEAR, _DECISIVE = range(-1, 4)
# The samples by which an edge is judged: its own two, and those beyond it on both sides.
_STEPS = (0, 1, *(-reach for reach in REACHES), *(1 + reach for reach in REACHES))
# Inputs of the groups.
_TORN = (
    "Geometry", "Disparity", "Column", "Row", "Right", "Up", "Columns", "Rows", "Tear Ratio",
)  # fmt: skip
_WHOLE_OF = ("Geometry", "Verdict", "Columns", "Rows")


def torn_quads(
    tree: NodeTree,
    grid: Socket,
    disparity: Socket,
    picture: tuple[Socket, Socket],
    place: tuple[Socket, Socket],
    size: tuple[Socket, Socket],
    tear_ratio: Socket,
) -> tuple[Socket, Socket]:
    """Find the quads of a grid that span a gap, each judged by itself.

    Args:
        tree: Tree to add nodes to.
        grid: Geometry of the grid, one vertex per sample.
        disparity: 1/z, 0 in holes, captured on the vertices.
        picture: Picture column and row of each sample, captured on the vertices.
        place: How many samples are to the left of each and below it, likewise.
        size: Columns and rows of the grid.
        tear_ratio: The modifier's input.

    Returns:
        (grid, verdict): the verdict lies on the lower left vertex of each quad.
    """
    given = (grid, disparity, *picture, *place, *size, tear_ratio)
    node = tree.group_node(torn_group(), dict(zip(_TORN, given, strict=True)))
    return tree.output(node, "Geometry"), tree.output(node, "Verdict")


def without_torn(
    tree: NodeTree, grid: Socket, verdict: Socket, columns: Socket, rows: Socket
) -> Socket:
    """Delete the quads that are no surface, which is decided for connected runs of quads.

    Args:
        tree: Tree to add nodes to.
        grid: Geometry of the grid.
        verdict: Verdict of `torn_quads` on each quad, captured on the faces.
        columns: Number of samples along a row.
        rows: Number of rows.

    Returns:
        The geometry without those quads.
    """
    given = (grid, verdict, columns, rows)
    return tree.call(whole_group(), dict(zip(_WHOLE_OF, given, strict=True)))


def torn_group() -> bpy.types.NodeTree:
    """The file's group of nodes that judges each quad by itself."""
    return shared_group("SharpDepth Torn Quads", "sharpdepth_torn", _VERSION, _build_torn)


def whole_group() -> bpy.types.NodeTree:
    """The file's group of nodes that deletes what is no surface."""
    return shared_group("SharpDepth Whole Quads", "sharpdepth_whole", _VERSION, _build_whole)


def _inputs(tree: NodeTree, names: Iterable[str]) -> list[Socket]:
    """Add inputs of which the first is the geometry."""
    return [
        tree.add_input(Input(name, "Float" if name != "Geometry" else "Geometry")) for name in names
    ]


def _build_torn(tree: NodeTree) -> None:
    grid, disparity, column, row, right, up, columns, rows, tear_ratio = _inputs(tree, _TORN)
    # Along the upper and the right rim, where no quad is, this tells nothing.
    index = tree.output(tree.node("GeometryNodeInputIndex"))
    beside, above, across = index + rows, index + 1, index + (rows + 1)
    corners = [disparity, *(tree.at(to, disparity) for to in (beside, above, across))]
    high, low = _bounds(corners)
    by_ratio = tree.choose(low <= 0, _HOLE, tree.choose(high <= tear_ratio * low, _WHOLE, _WEAK))
    grid, by_ratio = tree.capture(grid, "POINT", by_ratio=by_ratio)

    # Few quads remain, so only these are asked for a plane.
    jumps = by_ratio > _WHOLE
    node = tree.node("GeometryNodeMeshToPoints", Mesh=grid, Selection=jumps)
    asked = tree.output(node)
    place = {"Geometry": grid, "Disparity": disparity, "Columns": columns, "Rows": rows}
    group = shared_group("SharpDepth Edge", "sharpdepth_edge", _VERSION, _build_edge)

    def miss(position: Socket, along: tuple[int, int], right: Socket, up: Socket) -> Socket:
        edge = {"Position": position, "Right": right, "Up": up}
        return tree.call(group, {**place, **edge, "Along Right": along[0], "Along Up": along[1]})

    vertex = right * rows + up
    corners = [tree.sample(grid, vertex + to, disparity) for to in (0, rows, 1, rows + 1)]
    high, low = _bounds(corners)
    worst = miss(column, (1, 0), right, up).maximum(miss(column, (1, 0), right, up + 1))
    worst = worst.maximum(miss(row, (0, 1), right, up)).maximum(miss(row, (0, 1), right + 1, up))
    spread = high - low
    clear = worst > spread * float(CLEAR)
    decisive = clear & (high > tear_ratio * tear_ratio * low)
    degree = tree.choose(decisive, _DECISIVE, tree.choose(clear, _CLEAR, _WEAK))
    by_plane = tree.choose(worst <= spread * float(TOLERANCE), _WHOLE, degree)
    by_plane = tree.sample(asked, tree.rank("POINT", jumps), by_plane)
    tree.set_output("Geometry", "Geometry", grid)
    tree.set_output("Verdict", "Float", tree.choose(jumps, by_plane, by_ratio))


def _bounds(corners: Sequence[Socket]) -> tuple[Socket, Socket]:
    """The largest and the smallest of four values."""
    one, two, three, four = corners
    high = one.maximum(two).maximum(three.maximum(four))
    return high, one.minimum(two).minimum(three.minimum(four))


def _build_whole(tree: NodeTree) -> None:
    grid, verdict, columns, rows = _inputs(tree, _WHOLE_OF)
    smallest = (columns - 1).minimum(rows - 1).minimum(SMALLEST)
    strength = tree.choose(verdict >= _DECISIVE, smallest, tree.choose(verdict >= _CLEAR, 1.0, 0.0))
    torn = verdict > _WHOLE
    total, _ = _totals_of_run(tree, grid, torn, tree.vector(strength, 0.0))
    state = tree.choose(torn & (total >= smallest), -4.0, tree.choose(verdict <= _HOLE, 0.0, 1.0))
    grid, state = tree.capture(grid, "FACE", state=state)
    # At a vertex, the sum of the quads around it: 4 where all are whole, negative beside a tear.
    node = tree.node("GeometryNodeInputMeshVertexNeighbors")
    quads = tree.output(node, "Face Count")
    grid, around = tree.capture(grid, "POINT", around=quads * state)

    # Sums over a whole surface are slow. A quad with whole quads all around is in a piece of nine
    # or more, so only the quads along a rim are counted; those that touch such a quad stay.
    whole = state > 0.5
    rim = whole & ~(around >= 4)
    more = _at_vertices(tree, tree.choose(around > quads, 1.0, 0.0))  # than those along the rim
    torn_beside = _at_vertices(tree, tree.choose(around >= 0, 0.0, 1.0))
    size = tree.choose(more > 0, smallest, 1.0)
    size, tears = _totals_of_run(tree, grid, rim, tree.vector(size, torn_beside))
    crumb = rim & (tears > 0) & ~(size >= smallest)
    tree.set_output("Geometry", "Geometry", _without_faces(tree, grid, ~whole | crumb))


def _at_vertices(tree: NodeTree, value: Socket) -> Socket:
    """Evaluate a value on vertices; on a face it is the mean of its corners."""
    settings = {"data_type": "FLOAT", "domain": "POINT"}
    return tree.output(tree.node("GeometryNodeFieldOnDomain", settings, Value=value))


def _totals_of_run(
    tree: NodeTree, mesh: Socket, selected: Socket, values: Socket
) -> tuple[Socket, Socket]:
    """Sums of X and Y over each run of selected faces, connected by edges or corners."""
    run = _without_faces(tree, mesh, ~selected)
    settings = {"data_type": "FLOAT_VECTOR", "domain": "FACE"}
    island = tree.output(tree.node("GeometryNodeInputMeshIsland"))
    total = tree.node("GeometryNodeAccumulateField", settings, Value=values, Group_Index=island)
    # `run` keeps the order of the faces.
    node = tree.node(
        "GeometryNodeSampleIndex", settings,
        Geometry=run, Value=tree.output(total, "Total"), Index=tree.rank("FACE", selected),
    )  # fmt: skip
    axes = tree.node("ShaderNodeSeparateXYZ", Vector=tree.output(node))
    return tree.output(axes, "X"), tree.output(axes, "Y")


def _without_faces(tree: NodeTree, mesh: Socket, selection: Socket) -> Socket:
    settings = {"domain": "FACE", "mode": "ALL"}
    node = tree.node("GeometryNodeDeleteGeometry", settings, Geometry=mesh, Selection=selection)
    return tree.output(node)


def _build_edge(tree: NodeTree) -> None:
    """By how much the better side of an edge mispredicts the jump across it.

    Evaluated on the points of those that ask, and sampled from the grid, within which it stays.
    """
    names = (
        "Geometry", "Disparity", "Position", "Right", "Up", "Columns", "Rows",
        "Along Right", "Along Up",
    )  # fmt: skip
    grid, of_disparity, of_position, right, up, columns, rows, *along = _inputs(tree, names)
    disparity, position = {}, {}
    for step in _STEPS:
        to_column = (right + along[0] * step).maximum(0).minimum(columns - 1)
        to_row = (up + along[1] * step).maximum(0).minimum(rows - 1)
        index = to_column * rows + to_row
        disparity[step] = tree.sample(grid, index, of_disparity)
        position[step] = tree.sample(grid, index, of_position)
    jump, length = disparity[1] - disparity[0], position[1] - position[0]

    def side(end: int, beyond: Iterable[int]) -> Socket:
        misses, silent = [], []
        for step in beyond:
            run = position[step] - position[end]
            slope = (disparity[step] - disparity[end]) / run
            misses.append((jump - slope * length).magnitude())
            silent.append((disparity[step] <= 0) | (run.magnitude() <= 0))
        return tree.choose(reduce(or_, silent), _SILENT, reduce(Socket.maximum, misses))

    before, after = side(0, _STEPS[2:4]), side(1, _STEPS[4:6])
    tree.set_output("Miss", "Float", before.minimum(after))
