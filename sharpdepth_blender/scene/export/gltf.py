"""glTF: what objects show now, with their pictures and cameras in one file."""

import os
from collections.abc import Sequence
from pathlib import Path

import bpy

from .blender import check_exporter, check_finished, known, written_by_blender
from .export_scene import export_scene


def export_gltf(
    path: str | os.PathLike[str],
    scene: bpy.types.Scene,
    objects: Sequence[bpy.types.Object],
    cameras: Sequence[bpy.types.Object] = (),
) -> list[str]:
    """Write objects as they are at the current frame, and cameras, as binary glTF in meters.

    Pictures are inside, as PNG or JPEG of 8 bits; without light they are unlit materials
    (KHR_materials_unlit). A camera that moves has a key at each of the scene's frames.

    Args:
        path: File to write, ending in .glb.
        scene: Of them all.
        objects: Results, live or baked, and any other mesh objects.
        cameras: To be written too.

    Returns:
        Sentences about what the file does not hold.

    Raises:
        SceneError: The add-on *glTF 2.0 format* is off, or an object is no mesh or has no faces.
        CameraError: A camera is no perspective one.
        SaveError: The file cannot be written.
    """
    check_exporter("glTF", hasattr(bpy.types, "EXPORT_SCENE_OT_gltf"))
    run = bpy.ops.export_scene.gltf
    with written_by_blender(path) as inside:
        with (
            export_scene(scene, objects, cameras, Path(path).stem, glows=False) as stage,
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
    sentences = [f"{what}, for which glTF has no place" for what, is_lost in lost if is_lost]
    return [*stage.lacks, *sentences]
