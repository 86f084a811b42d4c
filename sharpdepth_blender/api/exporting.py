"""Exporting: results for other programs, and as plain meshes."""

import os
from collections.abc import Sequence
from pathlib import Path

import bpy

from ..scene import SaveError, bake_result, only_result
from ..scene.export import format_of
from .script import current_scene


def export(
    path: str | os.PathLike,
    objects: Sequence[bpy.types.Object] | None = None,
    scene: bpy.types.Scene | None = None,
    *,
    cameras: Sequence[bpy.types.Object] | None = None,
    faces: int | None = None,
) -> list[str]:
    """Write results, meshes and cameras to a file for other programs.

    Args:
        path: Its ending chooses the format: .exr, .ply, .splat.ply, .usd (.usda, .usdc, .usdz),
            .abc, .glb or .chan. Without one it is a folder, a package for compositing.
        objects: What to write, any mesh, or the empty of layers for all of them; None for the only
            result of the scene.
        scene: Of the objects; None for the current one.
        cameras: Camera objects; None for those that render the scene's frames, and those that were
            made for the results.
        faces: Triangles for each surface of a result or layer at most, in formats of meshes; a
            phrase tells how far they are off. None for what the format has by itself.

    Returns:
        A phrase for everything that the file lacks.

    Raises:
        SceneError: No format has that ending, the format takes one result, or the file cannot be
            written.
    """
    scene = scene or current_scene()
    path = Path(path)
    chosen = format_of(path)
    if chosen is None:
        raise SaveError("No format for export ends in {suffix}.", suffix=path.suffix)
    if objects is None:
        objects = [] if chosen.takes == "CAMERA" else [only_result(scene)]
    return chosen.export(path, scene, objects, cameras, faces)


def bake(result: bpy.types.Object | None = None, scene: bpy.types.Scene | None = None) -> None:
    """Make a live result a plain mesh, just as it looks.

    Args:
        result: Live result; None for the only one of the scene.
        scene: Its scene; None for the current one.

    Raises:
        SceneError: It is no live result.
    """
    bake_result(result or only_result(scene or current_scene(), live=True))
