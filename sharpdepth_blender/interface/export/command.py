"""The command `sharpdepth export`: what a scene has, as files for other programs."""

import time
from argparse import Namespace

from ...scene import SceneError, is_result
from ...scene.export import (
    camera_of,
    cameras_of,
    export_alembic,
    export_chan,
    export_depth,
    export_exr,
    export_gltf,
    export_ply,
    export_usd,
    meshes_of,
)
from ...scene.opening import object_named, open_blend
from ..outputs import check_outputs
from ..quiet import quiet
from ..terminal import ProgressBar
from .arguments import FILES


def run_export(arguments: Namespace, bar: ProgressBar) -> tuple[dict, str]:
    """Write what the command line asks for.

    Args:
        arguments: From `parse_export`.
        bar: For what takes long.

    Returns:
        The report for `--json`, and the same for people.

    Raises:
        BadInput: A path cannot be written to.
        SceneError: The scene cannot be opened, lacks an object, or a file cannot be written.
    """
    started = time.perf_counter()
    check_outputs(getattr(arguments, name) for name in FILES)
    with quiet():
        scene = open_blend(arguments.scene)
        objects = _objects(scene, arguments)
        if arguments.camera:
            cameras = [object_named(scene, arguments.camera)]
        else:
            cameras = cameras_of(scene, objects)
        files, notes = {}, []

        def write(name, export, *given):
            path = getattr(arguments, name)
            if path is not None:
                bar.show(len(files) / len(FILES), f"Writing {path.name}")
                notes.extend(f"{path.name} lacks {each}." for each in export(path, *given))
                files[name] = str(path)

        if objects:
            write("depth", export_depth, objects[0])
            write("exr", export_exr, objects[0])
            write("ply", export_ply, scene, objects[0])
        meshes = meshes_of(objects)
        write("usd", export_usd, scene, meshes, cameras)
        write("abc", export_alembic, scene, meshes, cameras)
        write("gltf", export_gltf, scene, meshes, cameras)
        if arguments.chan is not None:
            write("chan", export_chan, scene, (cameras or [camera_of(scene, objects)])[0])
    report = {
        "scene": str(arguments.scene),
        "objects": [obj.name for obj in meshes],
        "cameras": [camera.name for camera in cameras],
        "files": files,
        "notes": notes,
        "seconds": time.perf_counter() - started,
    }
    lines = [f"note: {note}" for note in notes] + [f"wrote {path}" for path in files.values()]
    return report, "\n".join(lines)


def _objects(scene, arguments):
    """Those that are named, or the only result; none where nothing but a camera is asked for."""
    if arguments.objects:
        return [object_named(scene, name) for name in arguments.objects]
    found = [obj for obj in scene.objects if is_result(obj)]
    if len(found) == 1 or not any(getattr(arguments, name) for name in FILES if name != "chan"):
        return found
    if not found:
        raise SceneError(
            "The scene {scene} has no depth result: name a mesh by --object.", scene=scene.name
        )
    raise SceneError(
        "The scene {scene} has {count} depth results: name one by --object.",
        scene=scene.name,
        count=len(found),
    )
