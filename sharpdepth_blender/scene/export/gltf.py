"""glTF: what objects show now, with their pictures and cameras in one file."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import bpy

from ..material import is_lit
from .blender import check_exporter, check_finished, known, written_by_blender
from .export_scene import export_scene
from .grid import reduced_meshes


def export_gltf(
    path: str | os.PathLike[str],
    scene: bpy.types.Scene,
    objects: Sequence[bpy.types.Object],
    cameras: Sequence[bpy.types.Object] = (),
    faces: int | None = None,
) -> list[str]:
    """Write objects as they are at the current frame, and cameras, as binary glTF in meters.

    Pictures are inside, as PNG or JPEG of 8 bits; without light they are unlit materials
    (KHR_materials_unlit). A camera that moves has a key at each of the scene's frames. Surfaces of
    results and layers have as few triangles as keep each pixel within a quarter of a pixel.

    Args:
        path: File to write, ending in .glb.
        scene: Of them all.
        objects: Results, live or baked, and any other mesh objects.
        cameras: To be written too.
        faces: So many triangles for each such surface at most, however far they are off.

    Returns:
        Phrases about what the file does not hold.

    Raises:
        SceneError: The add-on *glTF 2.0 format* is off, or an object is no mesh or has no faces.
        CameraError: A camera is no perspective one.
        SaveError: The file cannot be written.
    """
    check_exporter("glTF", hasattr(bpy.types, "EXPORT_SCENE_OT_gltf"))
    run = bpy.ops.export_scene.gltf
    with written_by_blender(path) as inside:
        with (
            reduced_meshes(scene, objects, faces) as (meshes, errors),
            export_scene(scene, objects, cameras, Path(path).stem, False, meshes) as stage,
            stage.shown(),
        ):
            outcome = run(
                filepath=str(inside),
                **known(
                    run,
                    export_format="GLB",
                    use_active_scene=True,
                    export_apply=True,
                    export_cameras=True,
                    export_lights=False,
                    export_yup=True,
                    export_normals=_need_normals(objects, meshes),
                    export_extras=False,
                    export_materials="EXPORT",
                    export_image_format="AUTO",
                    export_animations=stage.moves,
                    export_frame_range=True,
                    export_force_sampling=True,
                ),
            )
            check_finished(outcome)
            lost = [("the lens shift", stage.shifts), ("the change of the lens", stage.zooms)]
    phrases = [f"{what}, for which glTF has no place" for what, is_lost in lost if is_lost]
    return [*stage.lacks, *phrases, *errors]


def _need_normals(
    objects: Sequence[bpy.types.Object], meshes: Mapping[bpy.types.Object, bpy.types.Mesh]
) -> bool:
    """Whether anything but unlit pictures is to be seen."""
    return any(
        obj not in meshes
        or any(material is None or is_lit(material) for material in meshes[obj].materials)
        for obj in objects
    )
