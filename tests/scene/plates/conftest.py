import os

import bpy
import numpy as np
import pytest

LEVELS = (38, 77, 115, 153, 191)  # gray of each frame of the sequence and the movie


def everything():
    kinds = ("objects", "meshes", "images", "scenes", "node_groups", "collections", "movieclips")
    return {kind: sorted(each.name for each in getattr(bpy.data, kind)) for kind in kinds}


@pytest.fixture(autouse=True)
def empty_file():
    bpy.ops.wm.read_factory_settings(use_empty=True)


@pytest.fixture
def scene():
    return bpy.context.scene


@pytest.fixture
def untouched(scene):
    """Nothing of the user's differs after the test from when it calls this."""
    before = []
    yield lambda: before.append((everything(), scene.frame_current))
    assert before and before[0] == (everything(), scene.frame_current)


@pytest.fixture
def make():
    """Make an image of (H, W, 4) values, row 0 at the top."""

    def make(values, name="Plate", **options):
        height, width = values.shape[:2]
        image = bpy.data.images.new(name, width, height, alpha=True, **options)
        image.pixels.foreach_set(np.ascontiguousarray(values[::-1], np.float32).ravel())
        return image

    return make


@pytest.fixture
def save(make):
    """Save values as a file and forget the image."""

    def save(values, path, file_format="PNG", **options):
        image = make(values, "saved", **options)
        image.filepath_raw, image.file_format = str(path), file_format
        image.save()
        bpy.data.images.remove(image)
        return str(path)

    return save


@pytest.fixture
def sequence(save, tmp_path):
    """Path of the first of five gray files."""
    for number, level in enumerate(LEVELS, 1):
        values = np.ones((24, 32, 4))
        values[..., :3] = level / 255
        save(values, tmp_path / f"shot_{number:03d}.png")
    return str(tmp_path / "shot_001.png")


@pytest.fixture
def movie(sequence, tmp_path):
    """Path of a lossless movie of the same frames."""
    scene = bpy.data.scenes.new("Movie")
    strip = scene.sequence_editor_create().strips.new_image("a", sequence, 1, 1)
    for number in range(2, 6):
        strip.elements.append(f"shot_{number:03d}.png")
    scene.frame_start, scene.frame_end = 1, 5
    render = scene.render
    render.resolution_x, render.resolution_y, render.resolution_percentage = 32, 24, 100
    scene.view_settings.view_transform = "Standard"
    settings = render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "VIDEO"
    settings.file_format = "FFMPEG"
    render.ffmpeg.format, render.ffmpeg.codec = "AVI", "FFV1"
    render.filepath = os.path.join(tmp_path, "shot.avi")
    render.use_file_extension = False
    bpy.ops.render.render(animation=True, scene="Movie")
    path = render.filepath
    bpy.data.scenes.remove(scene)
    return path
