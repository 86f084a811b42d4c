"""Proposal: shapes for the layers of a rig, and why."""

from collections.abc import Sequence

import bpy
import numpy as np

from ...geometry.axes import other_axes
from ...geometry.layers import Cut, Proposal, propose_kinds
from .split_source import Plate

# Custom property of the empty: by the id of a layer, the shape that was proposed, and why.
_REASONS = "sharpdepth_layers_reasons"
# Pixels along the longer side that are enough to propose by.
_LONGEST = 640
# In place of a shape: that which suits each layer.
PROPOSED = "PROPOSED"


def proposed_kinds(rig: bpy.types.Object, plate: Plate, cut: Cut) -> list[Proposal]:
    """Propose the shape of each layer of a cut.

    Args:
        rig: Empty at the camera's place, whose z axis tells what is up.
        plate: What is cut.
        cut: How.

    Returns:
        One for each layer, the sky's last.
    """
    shown = plate.thinned(_LONGEST, with_flat=True)
    world = np.array(rig.matrix_world.to_3x3().normalized())
    up = other_axes(world.T @ (0, 0, 1))
    return propose_kinds(shown.depth, shown.intrinsics, cut, shown.flat, up)


def with_kinds(cut: Cut, proposals: Sequence[Proposal]) -> Cut:
    """A cut whose layers have the shapes that were proposed."""
    for each in proposals:
        cut = cut.with_layer(each.id, kind=each.kind)
    return cut


def keep_reasons(rig: bpy.types.Object, proposals: Sequence[Proposal]) -> None:
    """Store on a rig why its layers have the shapes that were proposed."""
    rig[_REASONS] = {str(each.id): [each.kind, each.reason] for each in proposals}


def kind_reason(rig: bpy.types.Object, number: int, kind: str) -> str:
    """Why a layer of a rig has its shape; nothing where somebody chose another one."""
    reasons = rig.get(_REASONS, {})
    if str(number) not in reasons.keys():
        return ""
    proposed, reason = reasons[str(number)]
    return str(reason) if proposed == kind else ""
