"""Tear nodes: the rule of `geometry/tears.py` in Geometry Nodes, number by number the same."""

from ..geometry.tears import REACHES, TOLERANCE
from .fields import Input
from .node_groups import shared_group

_VERSION = 1
# A side of an edge that cannot tell misses by more than anything can allow.
_SILENT = 3e38
# The samples that an edge is judged by: its own two, and those beyond them.
_STEPS = (0, 1, *(-reach for reach in REACHES), *(1 + reach for reach in REACHES))


def torn_quads(tree, grid, disparity, column, row, neighbour, tear_ratio):
    """Find the quads of a grid that span a gap.

    Args:
        tree: fields.Tree.
        grid: Field of the grid's geometry, one vertex a sample.
        disparity: 1/z, 0 in holes, kept on the vertices.
        column: Picture column of each sample, kept on the vertices.
        row: Picture row of each sample, kept on the vertices.
        neighbour: `neighbour(right, up)` gives the index of the vertex so many samples away, or of
            the last one before the border.
        tear_ratio: Field.

    Returns:
        (grid, Field that is 1 on the lower left vertex of each torn quad and 0 elsewhere).
    """
    edge = shared_group("SharpDepth Edge", "sharpdepth_edge", _VERSION, _build_edge)

    def miss(position, right, up):
        inputs = {}
        for step in _STEPS:
            index = neighbour(right * step, up * step)
            inputs[f"Disparity {step}"] = tree.at(index, disparity) if step else disparity
            inputs[f"Position {step}"] = tree.at(index, position) if step else position
        return tree.call(edge, inputs)

    grid, across, upwards = tree.capture(
        grid, "POINT", across=miss(column, 1, 0), upwards=miss(row, 0, 1)
    )
    corners = [disparity] + [tree.at(neighbour(*to), disparity) for to in ((1, 0), (0, 1), (1, 1))]
    high = corners[0].maximum(corners[1]).maximum(corners[2].maximum(corners[3]))
    low = corners[0].minimum(corners[1]).minimum(corners[2].minimum(corners[3]))
    worst = across.maximum(tree.at(neighbour(0, 1), across))
    worst = worst.maximum(upwards).maximum(tree.at(neighbour(1, 0), upwards))
    explained = worst <= (high - low) * float(TOLERANCE)
    torn = (low <= 0) | (~(high <= tear_ratio * low) & ~explained)
    return tree.capture(grid, "POINT", torn=tree.choose(torn, 1.0, 0.0))


def _build_edge(tree):
    """By how much the better side of an edge fails to predict the jump along it."""
    disparity = {step: tree.add_input(Input(f"Disparity {step}", "Float")) for step in _STEPS}
    position = {step: tree.add_input(Input(f"Position {step}", "Float")) for step in _STEPS}
    jump, length = disparity[1] - disparity[0], position[1] - position[0]

    def side(end, beyond):
        worst, silent = None, None
        for step in beyond:
            run = position[step] - position[end]
            slope = (disparity[step] - disparity[end]) / run
            off = (jump - slope * length).magnitude()
            mute = (disparity[step] <= 0) | (run.magnitude() <= 0)
            worst = off if worst is None else worst.maximum(off)
            silent = mute if silent is None else silent | mute
        return tree.choose(silent, _SILENT, worst)

    before, after = side(0, _STEPS[2:4]), side(1, _STEPS[4:6])
    tree.set_output("Miss", "Float", before.minimum(after))
