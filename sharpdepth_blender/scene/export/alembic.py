"""Alembic: objects and cameras by Blender's own exporter."""

import errno
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import bpy

from ..evaluation import depsgraph_of
from .blender import check_exporter, check_finished, has_build_option, known, written_by_blender
from .export_scene import ExportScene, export_scene
from .grid import reduced_meshes
from .pictures import picture_of

# A file that was closed well says so in its sixth byte.
_CLOSED = b"Ogawa\xff"
# Bytes at most: of a vertex its place; of a corner its vertex, UVs, their index and a normal; of a
# face its size and its set; of an object at a frame where it is.
_VERTEX, _CORNER, _FACE, _POSE = 12, 28, 8, 1 << 10
_HEAD = 1 << 16


def export_alembic(
    path: str | os.PathLike[str],
    scene: bpy.types.Scene,
    objects: Sequence[bpy.types.Object],
    cameras: Sequence[bpy.types.Object] = (),
    faces: int | None = None,
) -> list[str]:
    """Write objects and cameras as Alembic, y up, in meters.

    Alembic has UVs but no pictures. What moves has a sample at each of the scene's frames.

    Args:
        path: File to write, ending in .abc.
        scene: Of them all.
        objects: Results, live or baked, and any other mesh objects.
        cameras: To be written too.
        faces: So many triangles for each surface of a result or layer at most, as it is at the
            current frame; None for all of them, frame by frame.

    Returns:
        Phrases about what the file does not hold, beside pictures.

    Raises:
        SceneError: This Blender has no Alembic, or an object is no mesh or has no faces.
        CameraError: A camera is no perspective one.
        SaveError: The file cannot be written.
    """
    check_exporter("Alembic", has_build_option("alembic"))
    run = bpy.ops.wm.alembic_export
    with written_by_blender(path) as inside:
        with (
            reduced_meshes(scene, objects if faces else [], faces) as (meshes, errors),
            export_scene(scene, objects, cameras, Path(path).stem, meshes=meshes) as stage,
            stage.shown(),
        ):
            _check_room(inside.parent, stage, any(map(_changes, objects)))
            outcome = run(
                filepath=str(inside),
                **known(
                    run,
                    start=stage.frames[0],
                    end=stage.frames[-1],
                    selected=False,
                    visible_objects_only=False,
                    flatten=False,
                    uvs=True,
                    normals=True,
                    face_sets=True,
                    export_hair=False,
                    export_particles=False,
                    export_custom_properties=False,
                    global_scale=1.0,
                    evaluation_mode="RENDER",
                    as_background_job=False,
                ),
            )
            check_finished(outcome)
        with open(inside, "rb") as file:
            if file.read(len(_CLOSED)) != _CLOSED:
                raise OSError("It could not be written to its end; the disk may be full.")
    return [*stage.lacks_cuts, *errors]


def _check_room(folder: Path, stage: ExportScene, changes: bool) -> None:
    """Raise OSError unless a disk has room for a stage, since Blender ends where a write fails.

    Args:
        folder: On the disk.
        stage: What is written.
        changes: Whether meshes are others at each frame; those that are not are written once.
    """
    stage.scene.view_layers[0].update()
    depsgraph = depsgraph_of(stage.scene)
    taken = _HEAD
    for obj in stage.scene.objects:
        taken += _POSE * len(stage.frames)
        if obj.type == "MESH":
            mesh = obj.evaluated_get(depsgraph).data
            assert isinstance(mesh, bpy.types.Mesh)
            counts = len(mesh.vertices), len(mesh.loops), len(mesh.polygons)
            once = sum(map(int.__mul__, counts, (_VERTEX, _CORNER, _FACE)))
            taken += once * (len(stage.frames) if changes else 1)
    if shutil.disk_usage(folder).free < taken:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _changes(obj: bpy.types.Object) -> bool:
    """Whether it is the result of a sequence."""
    image = picture_of(obj)
    return image is not None and image.source == "SEQUENCE"
