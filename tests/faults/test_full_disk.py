"""A disk that fills up wherever Blender's process writes: all of it, or one sentence."""

import os
import subprocess
import tempfile
from contextlib import contextmanager

import numpy as np
import pytest

pytest.importorskip("bpy")
import bpy

from sharpdepth_blender import api
from sharpdepth_blender.scene import SceneError
from sharpdepth_blender.scene.layers import layer_objects, new_clean_plate
from sharpdepth_blender.scene.picture import image_values
from sharpdepth_blender.scene.plates import read_image
from sharpdepth_blender.scene.source import find_source
from sharpdepth_blender.scene.view_transform import compensation_of
from tests.faults.conftest import assert_sentence
from tests.faults.test_sequence_meanwhile import answered
from tests.scene.export.plate import add_plate, move_camera
from tests.scene.layers.street_result import add_result
from tests.scene.layers.test_clean_plate import dab, heart
from tests.scene.layers.test_layers import MOVE, THRESHOLDS
from tests.scene.moving_shot import make_moving_shot
from tests.scene.sequence.shots import files_of, make_shot
from tests.tasks.told_engine import Engine, everything

# Bytes that a file may have; none at all where even a temporary folder cannot be made.
LIMITS = [None, 0, 5000, 40_000]
FORMATS = [".exr", ".ply", ".splat.ply", ".usdc", ".usdz", ".glb", ".chan", ""]


def reading(folder):
    """A picture that Blender's view transform is asked about."""
    image = bpy.data.images.new("noise", 80, 60, float_buffer=True)
    values = np.random.default_rng(0).random((60 * 80, 4), np.float32)
    image.pixels.foreach_set(values.ravel())
    return lambda: read_image(image, bpy.context.scene).rgb


def compensating(folder):
    def act():
        group = compensation_of(bpy.context.scene)
        (image,) = {node.image for node in group.nodes if getattr(node, "image", None)}
        return image_values(image)

    return act


def exporting(ending):
    def begin(folder):
        obj = add_plate(bpy.context.scene)
        move_camera(bpy.context.scene)
        path = folder / f"plate{ending}"
        return lambda: api.export(path, [obj])

    return begin


def first_layer():
    rig = api.split_layers(add_result(), thresholds=THRESHOLDS, move=MOVE)
    return layer_objects(rig)[0]


def splitting(folder):
    result = add_result()
    return lambda: len(layer_objects(api.split_layers(result, thresholds=THRESHOLDS, move=MOVE)))


def handing_over(folder):
    layer = first_layer()
    return lambda: api.hand_over(layer, folder) and files_of(folder)


def taking_back(space):
    """Into a clean plate of 8 bits in some color space, which Blender converts."""

    def begin(folder):
        layer = first_layer()
        plate = new_clean_plate(layer)
        if space:
            plate.colorspace_settings.name = space
        answer = api.hand_over(layer, folder).picture
        return lambda: api.take_back(layer, answer) or image_values(plate)

    return begin


def new_plate(folder):
    layer = first_layer()
    return lambda: image_values(api.new_clean_plate(layer, folder=str(folder)))


def saving_plate(folder):
    layer = first_layer()
    plate = new_clean_plate(layer, folder=str(folder))
    dab(plate, [heart(layer)])
    return lambda: api.save_clean_plate(layer, "OVERWRITE") and files_of(folder)


def checking(folder):
    scene = make_moving_shot()
    return lambda: api.check_move(scene, step=5)[1]


def projecting(folder):
    wall = make_moving_shot().objects["Wall"]
    image = bpy.data.images.new("noise", 90, 60)
    return lambda: api.project([wall], image).name


def making_a_sequence(folder):
    bpy.ops.wm.open_mainfile(filepath=str(make_shot(folder, 3)), load_ui=False)
    scene, engine = bpy.context.scene, Engine()
    source = find_source(scene, "CAMERA_BACKGROUND", scene.camera)
    out = folder / "out"
    task = api.begin_sequence(source, out, scene, camera=scene.camera, engine=engine)

    def act():
        while not task.over:
            task.step()
            answered(engine)
        if task.fault:
            raise task.fault
        return files_of(out)

    return act


CASES = {
    "a picture": reading, "a view transform": compensating, "a split": splitting,
    **{f"an export {ending}": exporting(ending) for ending in FORMATS},
    "what is handed over": handing_over, "a new clean plate": new_plate,
    "a clean plate": saving_plate, "an answer": taking_back(""),
    "an answer in other colors": taking_back("Rec.1886"), "a move": checking,
    "a projection": projecting, "a sequence": making_a_sequence,
}  # fmt: skip


def begin(name, folder):
    """What is done in a file of its own, and the files and data-blocks before that."""
    folder.mkdir()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    act = CASES[name](folder)
    return act, files_of(folder), everything()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Function that answers what comes of a case, and its files, where there is room."""
    known = {}

    def find(name):
        if name not in known:
            folder = tmp_path_factory.mktemp("undisturbed") / "folder"
            act, *_ = begin(name, folder)
            known[name] = act(), files_of(folder)
        return known[name]

    return find


@contextmanager
def no_temporary_folder():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", "/nowhere")
        yield


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("name", CASES)
def test_a_full_disk(undisturbed, full_disk, own_temporary, tmp_path, capfd, name, limit):
    wanted, all_files = undisturbed(name)
    folder = tmp_path / "folder"
    act, files, blocks = begin(name, folder)
    try:
        with no_temporary_folder() if limit is None else full_disk(limit):
            value = act()
    except SceneError as error:
        assert_sentence(str(error))
        blocks["images"] = sorted({*blocks["images"], "Render Result"} & {*everything()["images"]})
        assert everything() == blocks
        assert {**files_of(folder), **files} == files_of(folder)
        assert files_of(folder).keys() <= all_files.keys(), "a half file"
    else:
        assert np.array_equal(value, wanted) if isinstance(wanted, np.ndarray) else value == wanted
        # A new clean plate stays packed, and gets its file when the .blend is saved.
        assert files_of(folder).keys() == all_files.keys() or name == "a new clean plate"
    assert not os.listdir(own_temporary)
    said = capfd.readouterr()
    assert "Traceback" not in said.out + said.err, said.out + said.err


@pytest.mark.parametrize("room", [8, 40, 100, 10_000])  # kilobytes
def test_alembic_on_a_full_disk(tmp_path, room):
    """Blender itself would end, and everything that was not saved with it."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={room}k", "tmpfs", tmp_path]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("only root may mount a small disk")
    try:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        obj = add_plate(bpy.context.scene)
        move_camera(bpy.context.scene)
        before = everything()
        try:
            api.export(tmp_path / "plate.abc", [obj])
        except SceneError as error:
            assert_sentence(str(error))
            assert room < 10_000 and "No space left" in str(error)
            assert os.listdir(tmp_path) == []
        else:
            assert room == 10_000 and os.listdir(tmp_path) == ["plate.abc"]
        assert everything() == before
    finally:
        subprocess.run(["umount", tmp_path], check=True)
