"""A layer that goes to another tool, and its answer."""

import errno
import json
import os
import sys
import tempfile
import time
from contextlib import contextmanager

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from sharpdepth_blender import api  # noqa: E402
from sharpdepth_blender.files import atomic_write  # noqa: E402
from sharpdepth_blender.geometry import png  # noqa: E402
from sharpdepth_blender.geometry.exr import write_exr  # noqa: E402
from sharpdepth_blender.geometry.srgb import to_linear  # noqa: E402
from sharpdepth_blender.scene import SaveError, SceneError  # noqa: E402
from sharpdepth_blender.scene.layers import (  # noqa: E402
    NUMBER,
    change_layers,
    clean_plate,
    cut_layers,
    is_current,
    layer_objects,
    layer_pixels,
    layers_cut,
    new_clean_plate,
    plate_frame,
    read_plate,
    split_result,
)
from sharpdepth_blender.scene.picture import file_values, image_values, replace_rgba  # noqa: E402
from sharpdepth_blender.tasks.hand_over import HandedOver  # noqa: E402
from tests.scene.layers.street_result import add_result  # noqa: E402

pytestmark = pytest.mark.usefixtures("registered")
# A tool that copies its picture, with what the mask asks for in blue.
COPY = """
import shutil, sys
shutil.copy(sys.argv[1], sys.argv[2])
"""


@pytest.fixture
def layer():
    result = add_result()
    rig = split_result(bpy.context.scene, result, thresholds=(3.6, 10.5), move=0.3)
    return layer_objects(rig)[2]


def pixels(obj):
    return np.array(image_values(obj["sharpdepth_layer_color"]))


def made(obj):
    """What the cut makes of a layer."""
    rig = obj.parent
    layers = cut_layers(rig, layers_cut(rig), read_plate(rig))
    return next(each for each in layers if each.id == obj[NUMBER])


def wanted_of(obj):
    """What of it the picture does not show, without the fade of its edge."""
    cut = made(obj)
    return cut.invented & (cut.rgba[..., 3] == 1)


def picture(path, color, shape):
    rgb = np.broadcast_to(np.uint8(color), (*shape, 3))
    path.write_bytes(b"".join(png.png_content(np.ascontiguousarray(rgb))))
    return path


def check_answered(obj, color, before):
    wanted, found = wanted_of(obj), layer_pixels(obj)
    assert wanted.any()
    assert np.abs(found[wanted, :3] - color).max() < 1 / 255
    assert (found[~wanted] == before[~wanted]).all()
    assert np.abs(found[..., 3] - before[..., 3]).max() < 1e-6
    assert is_current(obj.parent) and clean_plate(obj) is not None


def test_picture_mask_and_note_say_what_is_wanted(layer, tmp_path):
    files = api.hand_over(layer, tmp_path / "öut", words="A brick wall.")
    wanted = wanted_of(layer)
    shown = file_values(str(files.picture))
    assert np.abs(shown[..., :3] - pixels(layer)[..., :3]).max() < 1e-6
    mask = file_values(str(files.mask))[..., 0]
    assert ((mask == 1) == wanted).all() and set(np.unique(mask)) == {0, 1}
    note = json.loads(files.note.read_text(encoding="utf-8"))
    assert (note["width"], note["height"]) == (shown.shape[1], shown.shape[0])
    assert note["color space"] == "sRGB" and note["wanted"] == "A brick wall."
    assert note["pixels wanted"] == wanted.sum()
    assert {note["picture"], note["mask"]} <= {each.name for each in files.picture.parent.iterdir()}
    assert note["answer"] == files.answer.name and not files.answer.exists()


@pytest.mark.parametrize("name", ["picture", "mask", "note"])
@pytest.mark.parametrize("was_there", [True, False])
def test_what_somebody_changed_or_put_there_is_never_replaced(name, was_there, layer, tmp_path):
    files = api.hand_over(layer, tmp_path)
    assert api.hand_over(layer, tmp_path, words="Again.") == files  # its own are
    path = getattr(files, name)
    if not was_there:
        for each in (files.picture, files.mask, files.note):
            each.unlink()
    path.write_bytes(b"somebody's")
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    for command in ((), (sys.executable, "-c", "pass", "{picture}", "{answer}")):
        with pytest.raises(SceneError, match="choose another folder") as error:
            api.hand_over(layer, tmp_path, command=command)
        assert str(path) in str(error.value)
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before


def test_an_answer_is_taken_where_it_was_wanted(layer, tmp_path):
    before = pixels(layer)
    answer = picture(tmp_path / "answer.png", (0, 0, 255), before.shape[:2])
    api.take_back(layer, answer)
    check_answered(layer, (0, 0, 1), before)
    bpy.data.images.remove(clean_plate(layer))
    del layer["sharpdepth_layer_clean"]
    light = np.full(before.shape[:2], to_linear(np.float32(0.5)), np.float32)
    write_exr(tmp_path / "light.exr", {"R": light, "G": light, "B": light})
    api.take_back(layer, tmp_path / "light.exr")
    check_answered(layer, (0.5, 0.5, 0.5), before)


def test_what_was_painted_is_not_asked_for_and_stays(layer, tmp_path):
    plate = new_clean_plate(layer)
    frame, values = plate_frame(plate), np.array(image_values(plate))
    wanted = wanted_of(layer)
    rows = np.flatnonzero(wanted.any(1))
    values[rows[0] : rows[len(rows) // 2]] = (1, 0, 0, 1)  # red, opaque, over some of it
    replace_rgba(plate, values)
    assert (frame.height, frame.width) == wanted.shape
    files = api.hand_over(layer, tmp_path)
    mask = file_values(str(files.mask))[..., 0] == 1
    painted = values[..., 3] == 1
    assert (mask == wanted & ~painted).all() and (wanted & painted).any()
    red = file_values(str(files.picture))[painted, :3]
    assert np.abs(red - (1, 0, 0)).max() < 1 / 255
    api.take_back(layer, picture(tmp_path / "blue.png", (0, 0, 255), wanted.shape))
    found = layer_pixels(layer)
    assert np.abs(found[painted, :3] - (1, 0, 0)).max() < 1 / 255
    assert np.abs(found[mask, :3] - (0, 0, 1)).max() < 1 / 255
    with pytest.raises(SceneError, match="invented and not painted"):
        api.hand_over(layer, tmp_path)


def test_an_answer_survives_another_cut(layer, tmp_path):
    rig, before = layer.parent, pixels(layer)
    api.take_back(layer, picture(tmp_path / "blue.png", (0, 0, 255), before.shape[:2]))
    change_layers(rig, layers_cut(rig).with_thresholds((3.6, 9.0)))
    found = layer_pixels(layer)
    blue = np.abs(found[..., :3] - (0, 0, 1)).max(-1) < 1 / 255
    assert blue[made(layer).invented].mean() > 0.5


def test_what_does_not_fit_is_named_and_changes_nothing(layer, tmp_path):
    before = pixels(layer)
    with pytest.raises(SceneError, match=r"has 20 x 10 pixels, and street.* has \d+ x \d+"):
        api.take_back(layer, picture(tmp_path / "small.png", (9, 9, 9), (10, 20)))
    with pytest.raises(SceneError, match="cannot be read"):
        api.take_back(layer, tmp_path / "nothing.png")
    (tmp_path / "words.png").write_text("no picture")
    with pytest.raises(SceneError, match="cannot be read|has 0 x 0"):
        api.take_back(layer, tmp_path / "words.png")
    with pytest.raises(SceneError, match="no layer"):
        api.hand_over(bpy.data.objects.new("Other", None), tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(SceneError, match="cannot be written"):
        api.hand_over(layer, tmp_path / "file")
    assert (pixels(layer) == before).all()


def test_a_command_is_run_without_a_shell_and_answers(layer, tmp_path):
    before = pixels(layer)
    answer = picture(tmp_path / "blue.png", (0, 0, 255), before.shape[:2])
    tool = tmp_path / "a tool; rm.py"
    tool.write_text(COPY)
    seen = []
    files = api.hand_over(
        layer,
        tmp_path / "with space",
        command=[sys.executable, str(tool), str(answer), "{answer}", "{picture}"],
        show=lambda fraction, message: seen.append(message),
    )
    assert files.answer.is_file() and files.note.is_file() and seen
    check_answered(layer, (0, 0, 1), before)


@pytest.mark.parametrize(
    "code, words",
    [
        ("import sys; print('No room.'); sys.exit(3)", "ended with 3: No room"),
        ("import sys; sys.exit(2)", "ended with 2: it said nothing"),
        ("pass", "wrote no answer"),
    ],
)
def test_a_command_that_fails_is_told_in_a_sentence(layer, tmp_path, code, words):
    before = pixels(layer)
    command = [sys.executable, "-c", code, "{picture}", "{answer}"]
    with pytest.raises(SceneError, match=words):
        api.hand_over(layer, tmp_path, command=command)
    assert (pixels(layer) == before).all()


def test_a_command_that_cannot_be_is_refused(layer, tmp_path):
    with pytest.raises(SceneError, match="cannot be started"):
        api.hand_over(layer, tmp_path, command=["/no such tool", "{picture}", "{answer}"])
    for command in (["tool"], ["tool", "{answer}"], ["tool", "{picture}"]):
        with pytest.raises(SceneError, match="needs {(picture|answer)}"):
            api.hand_over(layer, tmp_path, command=command)


def test_places_that_cannot_be_written_are_named(layer, tmp_path, monkeypatch):
    command = [sys.executable, "-c", "", "{picture}", "{answer}"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
        with pytest.raises(SceneError, match="no room for temporary files"):
            HandedOver(layer, str(tmp_path), command)
    answer = HandedOver(layer, str(tmp_path), command).files.answer
    answer.mkdir()
    with pytest.raises(SceneError, match="cannot be written: Is a directory"):
        HandedOver(layer, str(tmp_path), command)


@pytest.mark.parametrize("fails", [1, 2, 3])
def test_where_one_file_cannot_be_written_none_is_and_the_next_try_works(
    layer, tmp_path, monkeypatch, fails
):
    files = api.hand_over(layer, tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    tries = []
    plate = new_clean_plate(layer)  # so that all three files differ now
    values, wanted = np.array(image_values(plate)), np.flatnonzero(wanted_of(layer).any(1))
    values[wanted[0] : wanted[len(wanted) // 2]] = (1, 0, 0, 1)
    replace_rgba(plate, values)

    @contextmanager
    def full(path):
        with atomic_write(path) as beside:
            tries.append(path)
            if len(tries) == fails:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            yield beside

    with monkeypatch.context() as patch:
        patch.setattr(sys.modules[files.__class__.__module__], "atomic_write", full)
        with pytest.raises(SaveError, match="No space left") as error:
            api.hand_over(layer, tmp_path, words="Something else.")
    assert str(tries[-1]) in str(error.value)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert api.hand_over(layer, tmp_path, words="Something else.") == files
    assert all(path.read_bytes() != before[path] for path in before)


@pytest.mark.parametrize("is_deaf", [False, True])
def test_a_command_that_goes_on_can_be_stopped(layer, tmp_path, monkeypatch, is_deaf):
    """Even one that does not listen; the window does not wait for it."""
    monkeypatch.setattr("sharpdepth_blender.tasks.hand_over._PATIENCE", 2.0)
    before, there = pixels(layer), tmp_path / "there"
    lines = ["import pathlib, signal, time", f"pathlib.Path({str(there)!r}).touch()"]
    if is_deaf:
        lines.insert(1, "signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    code = "\n".join([*lines, "time.sleep(600)"])
    command = [sys.executable, "-c", code, "{picture}", "{answer}"]
    task = HandedOver(layer, str(tmp_path), command)
    task.step()
    assert not task.over
    while not there.exists():
        time.sleep(0.01)
    task.cancel()
    assert task.over and task.error is None
    assert not is_deaf or task._process.poll() is None
    task._process.wait(60)
    assert (pixels(layer) == before).all()
