"""Images that an operation opens go again where nothing comes of it, and no others."""

import bpy
import numpy as np
import pytest

from sharpdepth_blender import api
from sharpdepth_blender.geometry import png_content
from sharpdepth_blender.process import JobError
from sharpdepth_blender.scene import SceneError
from sharpdepth_blender.scene.opened_images import opened_images, remove_opened
from sharpdepth_blender.scene.source import open_image
from tests.tasks.told_engine import Engine


@pytest.fixture(autouse=True)
def empty_file():
    bpy.ops.wm.read_factory_settings(use_empty=True)


@pytest.fixture
def plates(tmp_path):
    """Two files of a sequence."""
    paths = [tmp_path / f"plate.{number:04d}.png" for number in (1, 2)]
    for path in paths:
        path.write_bytes(b"".join(png_content(np.full((9, 12, 3), 99, np.uint8))))
    return paths


def test_a_block_that_raises_leaves_none(plates):
    kept = open_image(plates[0])
    with pytest.raises(ZeroDivisionError), opened_images():
        assert open_image(plates[0]) == kept
        open_image(plates[1])
        raise ZeroDivisionError
    assert [*bpy.data.images] == [kept]


def test_what_somebody_uses_by_now_stays(plates):
    with opened_images() as opened:
        used, unused = map(open_image, plates)
    assert sorted(opened) == sorted([used.session_uid, unused.session_uid])
    material = bpy.data.materials.new("mine")
    material.use_nodes = True
    material.node_tree.nodes.new("ShaderNodeTexImage").image = used
    remove_opened(opened)
    assert [*bpy.data.images] == [used]


@pytest.mark.parametrize("end", ["canceled", "failed"])
def test_a_sequence_of_which_nothing_comes(plates, tmp_path, end):
    engine = Engine()
    task = api.begin_sequence(plates[0], tmp_path / "out", engine=engine)
    while not engine.jobs:
        task.step()
    assert len(bpy.data.images) == 1
    if end == "canceled":
        task.cancel()
    else:
        engine.jobs[0].finish(JobError("out_of_memory", "There is not enough memory."))
        task.run()
        assert task.error
    assert not bpy.data.images


def test_a_projection_onto_nothing(plates):
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    bpy.context.scene.collection.objects.link(camera)
    camera.data.type = "ORTHO"
    with pytest.raises(SceneError):
        api.project([], plates[0], camera=camera)
    assert not bpy.data.images
