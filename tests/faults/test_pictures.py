"""Every picture of `hostile_pictures`, on the road of the button, the command and scripts."""

import os

import numpy as np
import pytest

pytest.importorskip("bpy")
import bpy

from sharpdepth_blender import api
from sharpdepth_blender.scene.live import find_modifier
from tests.faults.conftest import assert_told
from tests.faults.hostile_pictures import CASES, PLACES, WRITTEN


@pytest.fixture
def generate(harmless, reader, standing):
    """Function that turns a picture into a mesh, and tells what came of it."""

    def generate(path):
        return harmless(
            lambda: api.generate(path, engine=reader),
            folders=(path.parent,),
            pids=lambda: [os.getpid(), *([reader.pid] if reader.pid else [])],
            checks=assert_sound,
        )

    return generate


def assert_sound(obj):
    assert find_modifier(obj) and min(obj.sharpdepth.depth.size) >= 2


@pytest.mark.parametrize("case", CASES + PLACES, ids=lambda case: case.name)
@pytest.mark.timeout(60)
def test_a_picture(generate, drawn, case):
    outcome = generate(drawn / case.name)
    assert_told(outcome, case.words)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Folder with a picture of each of Blender's own formats, whole."""
    folder = tmp_path_factory.mktemp("written")
    image = bpy.data.images.new("noise", 96, 80, float_buffer=True)
    values = np.random.default_rng(0).random((96 * 80, 4), np.float32)
    values[:, 3] = 1
    image.pixels.foreach_set(values.ravel())
    settings = bpy.context.scene.render.image_settings
    for name, kind, depth, codec in WRITTEN:
        settings.file_format = kind
        settings.color_depth = depth
        settings.exr_codec = codec
        image.save_render(str(folder / name))
    return folder


@pytest.mark.parametrize("harm", ["whole", 2, 5, 8, "flipped", "first bytes"])
@pytest.mark.parametrize("name", [each[0] for each in WRITTEN])
def test_a_picture_of_blenders_own_formats(generate, written, tmp_path, name, harm):
    """Blender 5.0 crashes on an EXR that breaks off, as one that is still being copied does."""
    content = bytearray((written / name).read_bytes())
    if isinstance(harm, int):
        content = content[: len(content) * harm // 10]
    elif harm != "whole":
        span = (0, 400) if harm == "first bytes" else (400, len(content))
        for place in np.random.default_rng(0).integers(*span, 12).tolist():
            content[place] ^= 0x55
    (tmp_path / name).write_bytes(content)
    outcome = generate(tmp_path / name)
    if harm == "whole":
        assert outcome.value
    elif isinstance(harm, int) and name in ("zip.exr", "none.exr", "piz.exr", "dwa.exr"):
        assert outcome.sentence.endswith(f"{name} is damaged or breaks off.")
