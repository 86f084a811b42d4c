"""Paint goes along with the pixels of layers that are split or merged."""

import errno
import os

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from sharpdepth_blender.geometry.windows import near_to  # noqa: E402
from sharpdepth_blender.scene.layers import (  # noqa: E402
    change_layers,
    clean_files,
    clean_plate,
    label_plate,
    layer_objects,
    layers_cut,
    layers_note,
    merge_layer,
    new_clean_plate,
    part_layer,
    plate_frame,
    read_plate,
    split_result,
)
from sharpdepth_blender.scene.layers.composed import painted_in  # noqa: E402
from sharpdepth_blender.scene.picture import image_values, replace_rgba  # noqa: E402

THRESHOLDS, AT, MOVE, EDGE = (3.6, 10.5), 6.0, 0.2, 3
RED, GREEN = (0.8, 0.05, 0.1, 1.0), (0.1, 0.9, 0.3, 1.0)


pytestmark = pytest.mark.usefixtures("handlers")


@pytest.fixture
def rig(scene, make_result):
    return split_result(scene, make_result()[0], thresholds=THRESHOLDS, sky=0.0, move=MOVE)


def paint(obj, color, rows=slice(None)):
    """Paint over some rows of a layer's clean plate, from border to border, as after a stroke."""
    plate = new_clean_plate(obj)
    values = np.array(image_values(plate))
    values[rows] = color
    replace_rgba(plate, values)
    change_layers(obj.parent, layers_cut(obj.parent))
    return plate


def own_pixels(rig, obj):
    return label_plate(rig, read_plate(rig)) == layer_objects(rig).index(obj)


def painted(rig, obj):
    return painted_in(obj, read_plate(rig).intrinsics) > 0.5


def test_each_part_has_the_paint_of_its_own_pixels(rig, look):
    _, middle, *_ = layer_objects(rig)
    former = paint(middle, RED)
    values, before = np.array(image_values(former)), look()
    far = part_layer(middle, AT)
    for obj, other in ((middle, far), (far, middle)):
        assert painted(rig, obj)[own_pixels(rig, obj)].all()
        beyond = own_pixels(rig, other) & ~near_to(own_pixels(rig, obj), EDGE + 1)
        assert beyond.any() and not painted(rig, obj)[beyond].any()
    error = np.abs(look() - before)
    assert error.mean() < 1e-3 and np.quantile(error, 0.998) < 0.03, (error.mean(), error.max())
    np.testing.assert_array_equal(image_values(former), values)  # undo has it as it was
    assert clean_plate(middle) != former != clean_plate(far)


def test_where_all_paint_is_on_the_nearer_part_its_plate_stays(rig):
    _, middle, *_ = layer_objects(rig)
    plate = new_clean_plate(middle)
    frame, whole = plate_frame(plate), read_plate(rig).intrinsics
    labels, depth = label_plate(rig, read_plate(rig)), read_plate(rig).depth
    row, column = np.argwhere((labels == 1) & (depth < AT))[0]
    values = np.array(image_values(plate))
    values[row + round(frame.cy - whole.cy), column + round(frame.cx - whole.cx)] = RED
    replace_rgba(plate, values)
    far = part_layer(middle, AT)
    assert clean_plate(middle) == plate and clean_plate(far) is None


def test_a_merged_layer_shows_the_paint_of_both(rig, look):
    _, middle, far, _ = layer_objects(rig)
    paint(middle, RED, slice(0, 40))
    other = paint(far, GREEN, slice(20, None))
    before, kept = look(), np.array(image_values(other))
    shown = [painted(rig, obj) for obj in (middle, far)]
    hidden = own_pixels(rig, middle)
    merge_layer(middle)
    np.testing.assert_array_equal(painted(rig, middle), shown[0] | shown[1] & ~hidden)
    error = np.abs(look() - before)
    error[near_to(hidden, EDGE + 1) & near_to(~hidden, EDGE + 1)] = 0  # an edge that was soft
    assert error.mean() < 1e-3 and np.quantile(error, 0.998) < 0.03, (error.mean(), error.max())
    np.testing.assert_array_equal(image_values(other), kept)
    assert other.name in layers_note(rig)


@pytest.mark.parametrize("saved", [False, True])
@pytest.mark.parametrize("change", ["split", "merge"])
def test_undo_brings_paint_back_and_redo_parts_it_again(change, saved, rig, tmp_path):
    bpy.context.preferences.edit.use_global_undo = True
    if saved:
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    _, middle, far, _ = layer_objects(rig)
    for obj, color in ((middle, RED), (far, GREEN)):
        clean_files.save_plate(paint(obj, color))

    def plates():
        objects = layer_objects(bpy.data.objects["street layers"])
        found = {obj.name: clean_plate(obj) for obj in objects}
        return {name: np.array(image_values(each)) for name, each in found.items() if each}

    bpy.ops.ed.undo_push(message="paint")
    before = plates()
    part_layer(middle, AT) if change == "split" else merge_layer(middle)
    bpy.ops.ed.undo_push(message=change)
    after = plates()
    assert before.keys() != after.keys()
    for step, wanted in ((bpy.ops.ed.undo, before), (bpy.ops.ed.redo, after)) * 2:
        step()
        found = plates()
        assert found.keys() == wanted.keys()
        for name, values in wanted.items():
            np.testing.assert_allclose(found[name], values, atol=1e-3)


def test_split_and_merged_again_shows_the_same_paint(rig, look):
    _, middle, *_ = layer_objects(rig)
    paint(middle, RED)
    shown, before = painted(rig, middle), look()
    part_layer(middle, AT)
    merge_layer(middle)
    np.testing.assert_array_equal(painted(rig, middle), shown)
    assert np.abs(look() - before).mean() < 1e-3
    part_layer(middle, AT)
    merge_layer(middle)
    np.testing.assert_array_equal(painted(rig, middle), shown)


def test_on_a_full_disk_paint_is_parted_and_packed(rig, monkeypatch, tmp_path):
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    _, middle, *_ = layer_objects(rig)
    clean_files.save_plate(paint(middle, RED))
    files = sorted(tmp_path.rglob("*"))

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(clean_files, "write_values", full)
        far = part_layer(middle, AT)
    assert sorted(tmp_path.rglob("*")) == files
    for obj in (middle, far):
        assert clean_plate(obj).packed_file and painted(rig, obj)[own_pixels(rig, obj)].all()
    bpy.ops.wm.save_mainfile()  # with room again
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    rig = bpy.data.objects["street layers"]
    for obj in layer_objects(rig)[1:3]:
        assert clean_files.plate_path(clean_plate(obj))
        assert painted(rig, obj)[own_pixels(rig, obj)].all()
