"""Render the frames of all splits, shared among several processes."""

import json
import sys
from contextlib import contextmanager
from pathlib import Path

import bpy

from sharpdepth_blender.files import atomic_write

from ..subprocesses import BlenderMissingError
from .blend import open_blend
from .errors import OtherFramesError
from .frame import frame_path
from .photographs import photographs
from .render import render_scene
from .scene import build_scene
from .splits import SEEDS_OF_SPLIT, seeds
from .studio import open_studio
from .world import build_world

BUILDERS = {"procedural": build_scene, "world": build_world}


def make_part(config, part: int):
    """Render the missing frames of all splits whose seed modulo `config.render.jobs` is `part`.

    Args:
        config: The whole config. Frames go to `frames/<split>/<seed>.npz` in its `folder`. Its
            `render.source` is "procedural" for rooms, gardens and streets at eye height, "world"
            for near and far, "open" for the scene that is open in this Blender, or the path to a
            .blend file, which is opened.
        part: Number of this process, from 0.

    Raises:
        BlenderMissingError: This Blender cannot denoise, which low sample counts require.
        StudioError: The .blend file or its scene cannot be rendered, or `frames/` contains frames
            with another source, size or number of samples.
    """
    import _cycles  # only available once bpy is imported

    if not _cycles.with_openimagedenoise:
        raise BlenderMissingError("this Blender was built without OpenImageDenoise, as Debian's is")
    with _source(config.render) as (scene, render):
        if config.render.jobs > 1:  # two single-threaded Blenders outperform one with two threads
            scene.render.threads_mode, scene.render.threads = "FIXED", 1
        folder = Path(config.folder) / "frames"
        _check_kind(folder, _kind(config))
        for split in SEEDS_OF_SPLIT:
            count = getattr(config.render, split)
            frame_path(folder, split, 0).parent.mkdir(parents=True, exist_ok=True)
            for done, seed in enumerate(seeds(split, count), 1):
                path = frame_path(folder, split, seed)
                if seed % config.render.jobs == part and not path.exists():
                    settings = (config.processing_resolution, config.render.samples)
                    render(split, seed, *settings, config.render.farthest).save(path)
                    print(f"render {split} {done}/{count}", file=sys.stderr, flush=True)


def _kind(config) -> dict:
    """Return the settings that all frames in a folder share."""
    settings = config.render
    kind = {"size": config.processing_resolution, "samples": settings.samples}
    kind |= {"farthest": settings.farthest}
    if settings.source == "world":  # the same seeds with other textures
        kind |= {"photographs": bool(photographs())}
    if settings.source in BUILDERS:
        return kind | {"source": settings.source}
    # The number of frames per split determines how shots are assigned to splits.
    return kind | {
        "source": bpy.data.filepath,
        "frames": {split: getattr(settings, split) for split in SEEDS_OF_SPLIT},
    }


def _check_kind(folder, kind):
    """Record the settings of a folder's frames, or check them against the record."""
    path = folder / "kind.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as beside:
            beside.write_text(json.dumps(kind) + "\n", encoding="utf-8")
    there = json.loads(path.read_text(encoding="utf-8"))
    if there != kind:
        raise OtherFramesError(
            f"{folder} contains frames with {there}, but the config has {kind}: "
            "delete it, or set another `folder`"
        )


@contextmanager
def _source(settings):
    """Yield a scene of our own and a function that renders the frame for a split and seed."""
    if build := BUILDERS.get(settings.source):
        yield bpy.context.scene, lambda split, *view: render_scene(*view, build)
        return
    if settings.source != "open":
        open_blend(settings.source)
    counts = {split: getattr(settings, split) for split in SEEDS_OF_SPLIT}
    with open_studio(bpy.context.scene, bpy.context.view_layer, counts) as studio:
        yield studio.scene, studio.render
