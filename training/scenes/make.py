"""Renders the frames of every split, as one of several processes that share the work."""

import sys
from pathlib import Path

import bpy

from ..children import BlenderMissingError
from .frame import frame_path
from .render import render_scene
from .splits import SEEDS_OF_SPLIT, seeds


def make_part(config, part: int):
    """Render every `config.render.jobs`-th missing frame of all splits, from number `part` on.

    Args:
        config: As read from the TOML file; its `folder` gets `frames/<split>/<seed>.npz`.
        part: Number of this process, from 0.

    Raises:
        BlenderMissingError: This Blender cannot denoise, and few samples are useless without.
    """
    import _cycles  # only there once bpy is

    if not _cycles.with_openimagedenoise:
        raise BlenderMissingError("this Blender was built without OpenImageDenoise, as Debian's is")
    scene = bpy.context.scene
    if config.render.jobs > 1:  # two Blenders of one thread each do more than one of two
        scene.render.threads_mode, scene.render.threads = "FIXED", 1
    for split in SEEDS_OF_SPLIT:
        count = getattr(config.render, split)
        frame_path(Path(config.folder) / "frames", split, 0).parent.mkdir(
            parents=True, exist_ok=True
        )
        for done, seed in enumerate(seeds(split, count), 1):
            path = frame_path(Path(config.folder) / "frames", split, seed)
            if seed % config.render.jobs == part and not path.exists():
                size, samples = config.processing_resolution, config.render.samples
                render_scene(seed, size, samples).save(path)
                print(f"render {split} {done}/{count}", file=sys.stderr, flush=True)
