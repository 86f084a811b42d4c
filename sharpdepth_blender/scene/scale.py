"""Scale: scaling a result about its camera, so that a known length is right."""

import math
from collections.abc import Sequence
from typing import cast

import bmesh
import bpy
from mathutils import Matrix, Vector

from .errors import SceneError
from .linked import check_local
from .live import find_modifier
from .modifier import get_input, set_input
from .shaped import SIZES, scale_shaping

# Larger than the ratio of any two units of length; beyond, it is a slip.
_MOST = 1e6


class ScaleError(SceneError):
    """A result cannot be scaled like this, or it is not clear by how much."""

    kind = "bad_scale"


def scale_factor(first: Sequence[float], second: Sequence[float], distance: float) -> float:
    """The factor that makes the distance between two points the real one.

    Args:
        first: World position of a point, in Blender units.
        second: World position of another one.
        distance: Real distance between them, in Blender units.

    Raises:
        ScaleError: The points are the same, or the distance is not above zero.
    """
    measured = (Vector(second) - Vector(first)).length
    if not (math.isfinite(measured) and measured > 0):
        raise ScaleError("The two points are the same: take two that lie apart.")
    if not (math.isfinite(distance) and distance > 0):
        raise ScaleError("The real distance between the two points must be more than zero.")
    return distance / measured


def scale_result(obj: bpy.types.Object, factor: float) -> None:
    """Scale a result about its camera, which is at its object's origin.

    For a live result the modifier inputs change, for a baked one the mesh; other objects that share
    the mesh keep it as it is. The object's transform stays.

    Args:
        obj: Result, live or baked; a baked one may be in Edit Mode.
        factor: Factor of all lengths, from a millionth to a million.

    Raises:
        ScaleError: The factor is outside that range, or the object cannot be changed now.
        LinkedError: It is linked from another file.
    """
    if not 1 / _MOST <= factor <= _MOST:
        raise ScaleError(
            "The factor {factor:g} is beyond reason: check the points and distance.", factor=factor
        )
    check_local(obj)
    modifier = find_modifier(obj)
    if obj.mode not in ("OBJECT", "EDIT") or (modifier and obj.mode == "EDIT"):
        raise ScaleError("{obj} is being edited: go back to Object Mode first.", obj=obj.name)
    if modifier:
        for name in SIZES:
            set_input(modifier, name, get_input(modifier, name) * factor)
        return
    mesh = obj.data
    if not isinstance(mesh, bpy.types.Mesh):
        raise ScaleError("{obj} is not a mesh any more, so it has no size to set.", obj=obj.name)
    if obj.mode == "EDIT":
        _scale_edited(obj, mesh, factor)
    else:
        if _shared(mesh):
            mesh = cast(bpy.types.Mesh, mesh.copy())
            obj.data = mesh
        mesh.transform(Matrix.Diagonal((factor, factor, factor, 1)), shape_keys=True)
    scale_shaping(obj, factor)


def _scale_edited(obj: bpy.types.Object, mesh: bpy.types.Mesh, factor: float) -> None:
    if _shared(mesh) or mesh.shape_keys:
        what = "has shape keys" if mesh.shape_keys else "shares its mesh with others"
        raise ScaleError(
            "{obj} {what}: go back to Object Mode and measure by two empties.",
            obj=obj.name,
            what=what,
        )
    edited = bmesh.from_edit_mesh(mesh)
    edited.transform(Matrix.Diagonal((factor, factor, factor, 1)))
    bmesh.update_edit_mesh(mesh, destructive=False)


def _shared(mesh: bpy.types.Mesh) -> bool:
    """Whether more than one object uses a mesh, or it is linked from another file."""
    return mesh.library is not None or mesh.users - mesh.use_fake_user > 1
