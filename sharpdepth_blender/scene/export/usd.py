"""USD: objects and cameras by Blender's own exporter, textures beside."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import bpy

from .blender import check_exporter, check_finished, has_build_option, known, written_by_blender
from .export_scene import export_scene
from .grid import reduced_meshes
from .path import Pose

USD_SUFFIXES = (".usdc", ".usd", ".usda", ".usdz")


def export_usd(
    path: str | os.PathLike[str],
    scene: bpy.types.Scene,
    objects: Sequence[bpy.types.Object],
    cameras: Sequence[bpy.types.Object] = (),
    faces: int | None = None,
) -> list[str]:
    """Write objects and cameras as USD, y up, in meters.

    Pictures go to the folder *textures* beside it under names that begin with the file's own, or,
    in .usdz, inside. A picture without light is an emissive texture. What moves has a sample at
    each of the scene's frames.

    Args:
        path: File to write, ending in .usd, .usda, .usdc or .usdz.
        scene: Of them all.
        objects: Results, live or baked, and any other mesh objects.
        cameras: To be written too.
        faces: So many triangles for each surface of a result or layer at most, as it is at the
            current frame; None for all of them, frame by frame.

    Returns:
        Phrases about what the file does not hold.

    Raises:
        SceneError: This Blender has no USD, or an object is no mesh or has no faces.
        CameraError: A camera is no perspective one.
        SaveError: The file cannot be written.
    """
    with reduced_meshes(scene, objects if faces else [], faces) as (meshes, errors):
        return [*write_usd(path, scene, objects, cameras, meshes), *errors]


def write_usd(
    path: str | os.PathLike[str],
    scene: bpy.types.Scene,
    objects: Sequence[bpy.types.Object],
    cameras: Sequence[bpy.types.Object],
    meshes: Mapping[bpy.types.Object, bpy.types.Mesh] = MappingProxyType({}),
    poses: Mapping[bpy.types.Object, Pose] = MappingProxyType({}),
) -> list[str]:
    """Write a file as `export_usd` does, with some things other than they are.

    Args:
        path: As for `export_usd`, like what follows.
        scene: Likewise.
        objects: Likewise.
        cameras: Likewise.
        meshes: Shown in the place of what modifiers make.
        poses: Of cameras that stand still and see a frame of their own.

    Returns:
        Likewise.
    """
    check_exporter("USD", has_build_option("usd"))
    run = bpy.ops.wm.usd_export
    with written_by_blender(path) as inside:
        with (
            export_scene(
                scene, objects, cameras, Path(path).stem, meshes=meshes, poses=poses
            ) as stage,
            stage.shown(),
        ):
            outcome = run(
                filepath=str(inside),
                **known(
                    run,
                    selected_objects_only=False,
                    visible_objects_only=False,
                    export_animation=stage.moves,
                    export_materials=True,
                    generate_preview_surface=True,
                    export_textures_mode="NEW",
                    relative_paths=True,
                    export_uvmaps=True,
                    export_normals=True,
                    export_lights=False,
                    export_custom_properties=False,
                    convert_world_material=False,
                    convert_orientation=True,
                    export_global_forward_selection="NEGATIVE_Z",
                    export_global_up_selection="Y",
                    evaluation_mode="RENDER",
                ),
            )
            check_finished(outcome)
    return stage.lacks
