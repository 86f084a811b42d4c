"""What is painted on the cut's own image goes to the clean plate before the next cut."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from sharpdepth_blender.geometry.layers import Cut  # noqa: E402
from sharpdepth_blender.scene import save_blend  # noqa: E402
from sharpdepth_blender.scene.layers import (  # noqa: E402
    change_layers,
    clean_plate,
    layer_frame,
    layer_objects,
    layer_pixels,
    layers_cut,
    layers_note,
    new_clean_plate,
    plate_frame,
    set_layer,
    split_result,
)
from sharpdepth_blender.scene.live import find_modifier  # noqa: E402
from sharpdepth_blender.scene.modifier import set_input  # noqa: E402
from sharpdepth_blender.scene.picture import image_values, replace_rgba  # noqa: E402
from sharpdepth_blender.tasks.layer_update import update_layers  # noqa: E402
from tests.scene.layers.test_clean_plate import camera_frame, dab, heart, middle  # noqa: E402
from tests.scene.layers.test_layers import MOVE, THRESHOLDS  # noqa: E402

BLUE = (0.1, 0.2, 0.9)  # as a byte image holds it, of 255


@pytest.fixture
def rig(scene, make_result):
    result, _ = make_result()
    return split_result(scene, result, thresholds=THRESHOLDS, move=MOVE)


def cut_image(obj):
    return obj["sharpdepth_layer_color"]


def paint_cut(obj, color=(*BLUE, 1.0)):
    """Paint five by three pixels of a layer's own image; their ray, in slopes."""
    x, y = heart(obj)
    frame, values = layer_frame(obj), np.array(image_values(cut_image(obj)))
    u, v = int(x * frame.fx + frame.cx), int(y * frame.fy + frame.cy)
    values[v - 1 : v + 2, u - 2 : u + 3] = color
    replace_rgba(cut_image(obj), values)
    return (u + 0.5 - frame.cx) / frame.fx, (v + 0.5 - frame.cy) / frame.fy


def check_paint(obj, ray):
    """All of the paint, and nothing else, is on the clean plate along its ray."""
    values, frame = image_values(clean_plate(obj)), plate_frame(clean_plate(obj))
    assert (values[..., 3] > 0).sum() == 15
    found = middle(layer_pixels(obj), layer_frame(obj), BLUE)
    assert found[2] == 15
    assert abs(found[0] - ray[0]) * frame.fx < 0.01 and abs(found[1] - ray[1]) * frame.fy < 0.01


def pack(obj):
    cut_image(obj).pack()


@pytest.mark.parametrize("then", [None, pack])
def test_a_threshold_leaves_it(then, rig, look):
    obj = layer_objects(rig)[1]
    ray = paint_cut(obj)
    if then:
        then(obj)
    else:
        change_layers(rig, Cut.at((2.6, 10.5), move=MOVE), draft=True)
    change_layers(rig, Cut.at((2.5, 10.5), move=2 * MOVE))
    check_paint(obj, ray)
    assert "painted on street layer 2 is on its clean plate" in layers_note(rig)
    assert [clean_plate(each) for each in layer_objects(rig)].count(None) == 3
    seen = middle(look(), camera_frame(), BLUE)
    assert seen[2] == 15 and abs(seen[0] - ray[0]) * camera_frame().fx < 0.01
    # It is not moved twice.
    before = np.array(image_values(clean_plate(obj)))
    change_layers(rig, Cut.at(THRESHOLDS, move=MOVE))
    np.testing.assert_array_equal(image_values(clean_plate(obj)), before)


def test_packed_saved_and_opened_again(rig, tmp_path):
    ray = paint_cut(layer_objects(rig)[1])
    pack(layer_objects(rig)[1])
    save_blend(tmp_path / "painted.blend")
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "painted.blend"))
    rig = bpy.data.objects["street layers"]
    change_layers(rig, Cut.at((2.5, 10.5), move=MOVE))
    check_paint(layer_objects(rig)[1], ray)


def test_packed_on_a_layer_that_was_renamed(rig):
    obj = layer_objects(rig)[1]
    set_layer(obj, name="Trees")
    ray = paint_cut(obj)
    pack(obj)
    change_layers(rig, layers_cut(rig).with_thresholds((2.5, 10.5)))
    check_paint(obj, ray)


def test_packed_on_a_layer_that_was_cut_beside_others(rig):
    """The cut is as it was, but what it makes by itself has other edges than the layer."""
    obj = layer_objects(rig)[1]
    set_layer(obj, edge=6)
    set_layer(obj, edge=3)
    paint_cut(obj)
    pack(obj)
    painted = np.array(image_values(cut_image(obj)))
    change_layers(rig, layers_cut(rig).with_thresholds((2.5, 10.5)))
    assert clean_plate(obj) is None
    np.testing.assert_array_equal(image_values(bpy.data.images["street layer 2 painted"]), painted)


def test_splitting_again_leaves_it(rig, scene):
    """Even where the result has another depth now, by which nothing of the old cut is to be had."""
    obj, result = layer_objects(rig)[1], bpy.data.objects["street depth mesh"]
    ray = paint_cut(obj)
    pack(obj)
    set_input(find_modifier(result), "Depth Scale", 1.2)
    assert split_result(scene, result, thresholds=THRESHOLDS, move=MOVE) == rig
    check_paint(obj, ray)
    assert "is on its clean plate" in layers_note(rig)


def test_splitting_again_tells_of_all_paint(rig, scene):
    """Of what went to a clean plate, and of the clean plate of a layer that goes."""
    _, middle_one, far, _ = layer_objects(rig)
    paint_cut(middle_one)
    dab(new_clean_plate(far), [heart(far)], size=1)
    split_result(scene, bpy.data.objects["street depth mesh"], thresholds=(2.5,), move=MOVE)
    note = layers_note(rig)
    assert "painted on street layer 2 is on its clean plate" in note
    assert "The paint of street layer 3, which is gone, is kept in the image" in note


def test_no_sentence_about_paint_is_overwritten(rig):
    """Nor is one told twice, or after the layer has its paint again."""
    front, middle_one, far, _ = layer_objects(rig)
    paint_cut(middle_one)
    dab(new_clean_plate(far), [heart(far)], size=1)
    update_layers(rig, layers_cut(rig).with_thresholds(THRESHOLDS[:1]))
    moved, kept = "painted on street layer {} is on its", "The paint of street layer 3, which"
    assert moved.format(2) in layers_note(rig) and kept in layers_note(rig)
    paint_cut(front)
    update_layers(rig, Cut.at(THRESHOLDS, move=MOVE))
    note = layers_note(rig)
    assert moved.format(1) in note and kept not in note and note.count(moved.format(2)) == 1
    paint_cut(front)
    update_layers(rig, layers_cut(rig).with_thresholds((2.5, 10.5)))
    assert layers_note(rig) == note


def test_half_transparent_paint_is_moved_once(rig, scene):
    obj = layer_objects(rig)[1]
    paint_cut(obj, (*BLUE, 0.5))
    split_result(scene, bpy.data.objects["street depth mesh"], thresholds=(2.5, 10.5), move=MOVE)
    alpha = image_values(clean_plate(obj))[..., 3]
    np.testing.assert_allclose(alpha[alpha > 0], 128 / 255, atol=1e-3)
    # A cut cannot be made more transparent by paint over it, so a copy is there as well.
    assert image_values(bpy.data.images["street layer 2 painted"]).shape[2] == 4
    assert "street layer 2 painted" in layers_note(rig)


def test_it_lies_beneath_what_is_on_the_clean_plate(rig):
    obj = layer_objects(rig)[1]
    ray = paint_cut(obj)
    dab(new_clean_plate(obj), [ray], size=1)
    change_layers(rig, Cut.at((2.5, 10.5), move=MOVE))
    assert middle(layer_pixels(obj), layer_frame(obj), BLUE)[2] == 14
    assert middle(layer_pixels(obj), layer_frame(obj))[2] == 1


def test_what_nobody_painted_is_not_moved(rig):
    obj = layer_objects(rig)[1]
    values = np.array(image_values(cut_image(obj)))
    replace_rgba(cut_image(obj), values)  # an undone stroke
    change_layers(rig, Cut.at((2.6, 10.5), move=MOVE), draft=True)
    change_layers(rig, Cut.at((2.5, 10.5), move=MOVE))
    assert all(clean_plate(each) is None for each in layer_objects(rig))
    assert layers_note(rig) == ""


def test_scene_linear_pictures_are_compared_as_they_are_packed(scene, make_result):
    result, picture = make_result()
    height, width = picture.shape[:2]
    bright = bpy.data.images.new("bright", width, height, float_buffer=True)
    values = np.ones((height, width, 4), np.float32)
    values[..., :3] = 30 * picture[::-1]
    bright.pixels.foreach_set(values.ravel())
    set_input(find_modifier(result), "Picture", bright)
    rig = split_result(scene, result, thresholds=THRESHOLDS, move=MOVE)
    obj = layer_objects(rig)[1]
    cut_image(obj).reload()
    paint_cut(obj, (7.5, 3.25, 0.125, 1.0))
    change_layers(rig, Cut.at((2.5, 10.5), move=MOVE))
    found = image_values(clean_plate(obj))
    assert (found[..., 3] > 0).sum() == 15
    np.testing.assert_array_equal(found[found[..., 3] > 0][0], (7.5, 3.25, 0.125, 1))
