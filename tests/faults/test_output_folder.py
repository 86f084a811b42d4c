"""An output folder that goes or becomes read-only in the middle of what is written to it."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("bpy")
import bpy

from sharpdepth_blender import api
from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.scene import SceneError, add_depth_result, frame_scene
from sharpdepth_blender.scene.layers import hand_over, layer_objects, new_clean_plate, split_result
from sharpdepth_blender.scene.move import mask_of
from sharpdepth_blender.scene.source import find_source
from sharpdepth_blender.tasks.check_move import MoveCheck
from sharpdepth_blender.tasks.hand_over import HandedOver
from tests.faults.conftest import assert_sentence
from tests.faults.test_full_disk import (
    exporting,
    first_layer,
    handing_over,
    making_a_sequence,
    new_plate,
    saving_plate,
)
from tests.faults.test_sequence_meanwhile import answered, run_on
from tests.scene.sequence.shots import files_of, make_shot
from tests.tasks.told_engine import Engine, everything

FORMATS = [".exr", ".usdc", ".glb", ""]


def exporting_again(folder):
    """A package where there is one already."""
    act = exporting("")(folder)
    act()
    return act


def shown_move():
    """A camera that comes to see a wall behind a card, in two layers of which one has a file."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    lens = Intrinsics(110.0, 105.0, 62.0, 39.5, 121, 83)
    frame_scene(scene, lens)
    depth = np.full((83, 121), 8, np.float32)
    depth[30:58, 45:71] = 2
    result = add_depth_result(
        scene, np.full((83, 121, 3), 120, np.uint8), depth, depth, lens, name="plate"
    )
    bpy.context.view_layer.update()
    rig = split_result(scene, result, thresholds=(4.0,), sky=0.0, edge=0, move=0.4)
    scene.camera.keyframe_insert("location", frame=1)
    scene.camera.location.x += 0.4
    scene.camera.keyframe_insert("location", frame=11)
    return scene, layer_objects(rig)


def checking(folder):
    """Pictures of frames, and masks."""
    scene, _ = shown_move()
    return lambda: api.check_move(scene, end=11, step=5, folder=folder)


def first_layer_of_a_new_file():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return first_layer()


def asking_a_command(folder):
    """A command that answers with the picture that it gets."""
    layer = first_layer()
    new_clean_plate(layer)
    code = "import shutil, sys; shutil.copyfile(*sys.argv[1:])"

    def act():
        task = HandedOver(layer, folder, [sys.executable, "-c", code, "{picture}", "{answer}"])
        task.run()
        if task.fault:
            raise task.fault

    return act


CASES = {
    **{f"an export {ending}": exporting(ending) for ending in FORMATS},
    "a package again": exporting_again, "what is handed over": handing_over,
    "a command": asking_a_command, "a new clean plate": new_plate, "a clean plate": saving_plate,
    "pictures of a move": checking, "a sequence": making_a_sequence,
}  # fmt: skip


# Their files tell when they were written, or are written again with each frame.
TIMED = {f"an export {ending}" for ending in FORMATS} | {"a package again", "pictures of a move"}
# A new clean plate stays packed, and gets its file when the .blend is saved.
STAYS = {"a new clean plate"}


def remove(folder):
    shutil.rmtree(folder)


def move(folder):
    folder.rename(moved(folder))


def moved(folder):
    return folder.with_name("elsewhere")


def replace(folder):
    """A file has its name."""
    shutil.rmtree(folder)
    folder.write_text("a file")


def protect(folder):
    """As a disk does that has had an error; not even root may write there."""
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)


DOINGS = {"removed": remove, "moved": move, "a file": replace, "read-only": protect}


@pytest.fixture(scope="module")
def can_mount(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mount")
    mount = ["mount", "--bind", folder, folder]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        return False
    subprocess.run(["umount", folder], check=True)
    return True


class Moments:
    """Counts what Python does with files of a folder, and does something at one of those."""

    EVENTS = {"open", "os.rename", "os.mkdir", "os.link", "os.remove", "subprocess.Popen"}

    def __init__(self):
        self.folder, self.at, self.count, self.act = None, None, 0, None
        sys.addaudithook(self._hear)

    def watch(self, folder, at=None, act=None):
        self.folder, self.at, self.count, self.act = str(folder), at, 0, act

    def _hear(self, event, arguments):
        if self.folder is None or event not in self.EVENTS:
            return
        if not any(self._is_inside(each) for each in arguments[:2]):
            return
        self.count += 1
        if self.count == self.at:
            folder, self.folder = self.folder, None
            self.act()
            self.folder = folder

    def _is_inside(self, path):
        return isinstance(path, str | os.PathLike) and str(path).startswith(self.folder)


@pytest.fixture(scope="module")
def moments():
    with pytest.MonkeyPatch.context() as patch:
        # What is read for a comparison there would be a moment here.
        patch.setattr("tests.faults.test_full_disk.files_of", lambda folder: True)
        yield Moments()


def begin(name, folder):
    """What is done in a file of its own, and the folder that it is done to."""
    folder.mkdir(parents=True)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    act = CASES[name](folder)
    return act, folder / "out" if name == "a sequence" else folder


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, moments):
    """Function that answers what comes of a case, its files, and how many moments it has."""
    known = {}

    def find(name):
        if name not in known:
            act, folder = begin(name, tmp_path_factory.mktemp("undisturbed") / "folder")
            moments.watch(folder)
            act()
            count = moments.count
            moments.watch(None)
            known[name] = files_of(folder), count
        return known[name]

    return find


@pytest.mark.parametrize(
    "how, share", [("removed", 0.3), ("moved", 0.6), ("a file", 0.95), ("read-only", 0.5)]
)
@pytest.mark.parametrize("name", CASES)
def test_a_folder_in_the_middle(
    undisturbed, moments, can_mount, own_temporary, tmp_path, capfd, name, how, share
):
    if how == "read-only" and not can_mount:
        pytest.skip("only root may mount a folder to be read")
    all_files, count = undisturbed(name)
    act, folder = begin(name, tmp_path / "folder")
    blocks, before = everything(), files_of(folder)
    done = []

    def fault():
        DOINGS[how](folder)
        done.append(how)

    moments.watch(folder, 1 + round(share * (count - 1)), fault)
    error = None
    try:
        act()
    except SceneError as caught:
        error = caught
    finally:
        moments.watch(None)
        if how == "read-only" and done:
            subprocess.run(["umount", folder], check=True)
    assert done and not os.listdir(own_temporary)
    said = capfd.readouterr()
    if name != "an export .glb":  # whose exporter Blender lets print one
        assert "Traceback" not in said.out + said.err, said.out + said.err
    place = moved(folder) if how == "moved" else folder
    there = {} if place.is_file() else files_of(place)
    if how in ("moved", "read-only"):  # nobody can remove what was half written
        there = {path: data for path, data in there.items() if "/." not in f"/{path}"}
    if how == "a file":
        assert folder.read_text() == "a file"
    assert there.keys() <= all_files.keys() | before.keys(), "a half file"
    if name not in TIMED:
        assert all(data in (all_files.get(path), before.get(path)) for path, data in there.items())
    if error is None:
        assert name in STAYS or all_files.keys() in (there.keys(), files_of(folder).keys())
        return
    assert_sentence(str(error))
    assert str(folder) in str(error)
    blocks["images"] = sorted({*blocks["images"], "Render Result"} & {*everything()["images"]})
    assert everything() == blocks


@pytest.fixture(params=DOINGS)
def fault(request, can_mount):
    """Function that has a fault happen to a folder."""
    if request.param == "read-only" and not can_mount:
        pytest.skip("only root may mount a folder to be read")
    mounted = []

    def act(folder):
        if request.param == "read-only":
            mounted.append(folder)
        DOINGS[request.param](folder)

    yield act
    for folder in mounted:
        subprocess.run(["umount", folder], check=True)


def test_what_a_move_shows_is_kept_without_files(fault, tmp_path):
    """Masks lie beside the files of clean plates as well as in the .blend."""
    folder = tmp_path / "folder"
    folder.mkdir()
    scene, layers = shown_move()
    for layer in layers:
        new_clean_plate(layer, folder=str(folder))
    task = MoveCheck(scene, 1, 11, 5)
    task.step()
    fault(folder)
    task.run()
    assert task.over and task.error is None and task.level == "WARNING"
    told, *report = task.outcome.splitlines()
    assert_sentence(told)
    assert str(folder) in told and "3 checked" in report[0]
    assert all(mask_of(layer) is not None for layer in layers)


def test_a_command_has_no_folder_to_start_in(fault, tmp_path, monkeypatch):
    layer, folder = first_layer_of_a_new_file(), tmp_path / "folder"

    def handed_over(*given):
        files = hand_over(*given)
        fault(folder)
        return files

    monkeypatch.setattr("sharpdepth_blender.tasks.hand_over.hand_over", handed_over)
    command = [sys.executable, "-c", "", "{picture}", "{answer}"]
    with pytest.raises(SceneError) as caught:
        task = HandedOver(layer, folder, command)
        task.run()  # a folder that can be read is one to start in
        raise task.fault
    assert_sentence(str(caught.value))
    assert str(folder) in str(caught.value) and sys.executable not in str(caught.value)


@pytest.mark.parametrize("before", ["Comparing frame 1", "Steadying frame 1", "Steadying frame 2"])
def test_a_sequence_loses_its_folder(fault, tmp_path, capfd, before):
    bpy.ops.wm.open_mainfile(filepath=str(make_shot(tmp_path, 3)), load_ui=False)
    scene, engine, out = bpy.context.scene, Engine(), tmp_path / "out"
    source = find_source(scene, "CAMERA_BACKGROUND", scene.camera)
    task = api.begin_sequence(source, out, scene, camera=scene.camera, engine=engine)
    while task.message != before:
        task.step()
        answered(engine)
    fault(out)
    task.run()
    assert_sentence(task.error)
    assert str(out) in task.error and "Traceback" not in capfd.readouterr().err


def test_a_finished_frame_goes_meanwhile(tmp_path):
    bpy.ops.wm.open_mainfile(filepath=str(make_shot(tmp_path, 3)), load_ui=False)
    scene, engine, out = bpy.context.scene, Engine(), tmp_path / "out"
    source = find_source(scene, "CAMERA_BACKGROUND", scene.camera)
    task = api.begin_sequence(source, out, scene, camera=scene.camera, engine=engine)
    run_on(task, engine, 3)
    (out / "raw" / "0001.npz").unlink()
    run_on(task, engine, 99)
    assert_sentence(task.error)
    assert str(out) in task.error and "Frame 1" in task.error
    assert (out / "raw" / "0003.npz").is_file()
