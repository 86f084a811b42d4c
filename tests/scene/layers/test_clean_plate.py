"""Clean plates: what is painted over a layer survives whatever happens to the cut."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from sharpdepth_blender.geometry.layers import Cut  # noqa: E402
from sharpdepth_blender.geometry.srgb import from_linear, to_linear  # noqa: E402
from sharpdepth_blender.scene import SceneError  # noqa: E402
from sharpdepth_blender.scene.layers import (  # noqa: E402
    bare_paint,
    change_layers,
    clean_plate,
    layer_frame,
    layer_objects,
    layer_pixels,
    layers_cut,
    layers_note,
    new_clean_plate,
    plate_frame,
    split_result,
)
from sharpdepth_blender.scene.layers.layer_root import (  # noqa: E402
    NUMBER,
    kept_images,
    kept_intrinsics,
)
from sharpdepth_blender.scene.picture import image_values, replace_rgba  # noqa: E402
from sharpdepth_blender.tasks import mask_watch  # noqa: E402
from tests.geometry.layers.street import street  # noqa: E402
from tests.scene.layers.test_layers import MOVE, THRESHOLDS, check_same  # noqa: E402

PAINT = (0.6, 0.05, 0.3)  # linear


@pytest.fixture
def rig(scene, make_result):
    result, _ = make_result()
    return split_result(scene, result, thresholds=THRESHOLDS, move=MOVE)


def dab(plate, rays, alpha=1.0, size=3, color=PAINT):
    """Paint squares of pixels about rays (x / z, y / z) on a clean plate."""
    values, frame = np.array(image_values(plate)), plate_frame(plate)
    for x, y in rays:
        u, v = int(x * frame.fx + frame.cx), int(y * frame.fy + frame.cy)
        part = values[v - size // 2 : v + size // 2 + 1, u - size // 2 : u + size // 2 + 1]
        part[:] = (*(alpha * each for each in color), alpha)
    replace_rgba(plate, values)


def heart(obj):
    """Ray deep inside of what a layer shows for itself."""
    alpha = image_values(obj["sharpdepth_layer_color"])[..., 3] > 0.99
    solid = alpha.copy()
    for _ in range(5):
        alpha = solid
        solid = np.pad(alpha, 1)
        solid = alpha & solid[2:, 1:-1] & solid[:-2, 1:-1] & solid[1:-1, 2:] & solid[1:-1, :-2]
    frame = layer_frame(obj)
    width, height = kept_images(obj.parent)["Picture"].size
    whole = kept_intrinsics(obj.parent, width, height)
    left, top = frame.cx - whole.cx, frame.cy - whole.cy
    rows, columns = np.nonzero(solid if solid.any() else alpha)
    inside = (
        (columns > left + 4) & (columns < left + width - 4)
        & (rows > top + 4) & (rows < top + height - 4)
    )  # fmt: skip
    at = np.flatnonzero(inside)[inside.sum() // 2]
    return (columns[at] + 0.5 - frame.cx) / frame.fx, (rows[at] + 0.5 - frame.cy) / frame.fy


def camera_frame():
    render = bpy.context.scene.render
    return street(render.resolution_x, render.resolution_y)[2]


def middle(pixels, frame, color=None):
    """Ray of the middle of pixels that have a color, in slopes; and how many they are."""
    wanted = from_linear(np.array(PAINT)) if color is None else np.array(color)
    rows, columns = np.nonzero(np.abs(pixels[..., :3] - wanted).max(-1) < 2 / 255)
    return (
        (columns.mean() + 0.5 - frame.cx) / frame.fx,
        (rows.mean() + 0.5 - frame.cy) / frame.fy,
        len(rows),
    )


def test_nothing_is_seen_of_a_new_one(rig, look, scene):
    before = look()
    for obj in layer_objects(rig):
        plate = new_clean_plate(obj)
        assert new_clean_plate(obj) is plate and clean_plate(obj) == plate
        assert plate.is_float and not image_values(plate).any()
        assert plate_frame(plate) == layer_frame(obj)
        np.testing.assert_array_equal(
            layer_pixels(obj), image_values(obj["sharpdepth_layer_color"])
        )
    np.testing.assert_allclose(look(), before, atol=1e-4)


@pytest.mark.parametrize("kind", ["RELIEF", "CARD"])
def test_paint_is_seen_where_it_was_painted(kind, scene, make_result, look):
    result, picture = make_result()
    rig = split_result(scene, result, thresholds=THRESHOLDS, move=MOVE, kind=kind)
    front = layer_objects(rig)[0]
    plate = new_clean_plate(front)
    dab(plate, [heart(front)])
    seen = look()
    x, y, count = middle(seen, camera_frame())
    frame = plate_frame(plate)
    wanted = middle(image_values(plate), frame, PAINT)
    assert count == wanted[2] == 9
    # The frames of picture and plate share their pixels, so it is exact.
    assert abs(x - wanted[0]) * frame.fx < 0.01 and abs(y - wanted[1]) * frame.fy < 0.01
    elsewhere = np.abs(seen[..., :3] - from_linear(np.array(PAINT))).max(-1) > 2 / 255
    check_same(seen[elsewhere][None], picture[elsewhere][None])


def test_half_transparent_paint_mixes_in_linear_light(rig, look, scene):
    last = layer_objects(rig)[-2]  # the farthest that is no sky: opaque in its middle
    plate = new_clean_plate(last)
    before = look()
    values = np.array(image_values(plate))
    values[...] = (*(0.25 * each for each in PAINT), 0.25)
    replace_rgba(plate, values)
    seen, pixels = look(), layer_pixels(last)
    shown = image_values(last["sharpdepth_layer_color"])
    opaque = shown[..., 3] == 1
    wanted = from_linear(0.75 * to_linear(shown[..., :3]) + 0.25 * np.array(PAINT))
    np.testing.assert_allclose(pixels[opaque][:, :3], wanted[opaque], atol=1e-5)
    clear = shown[..., 3] == 0
    np.testing.assert_allclose(pixels[clear], np.tile([*from_linear(np.array(PAINT)), 0.25],
                                                      (clear.sum(), 1)), atol=1e-5)  # fmt: skip
    off = np.abs(seen - before).max(-1) > 2e-3
    assert off.any()
    mixed = from_linear(0.75 * to_linear(before[..., :3]) + 0.25 * np.array(PAINT))
    whole = np.abs(seen[..., :3] - mixed).max(-1) < 2e-3
    assert whole[off].mean() > 0.75


CUTS = [
    Cut.at((2.5, 10.5), move=MOVE),
    Cut.at(THRESHOLDS, move=3 * MOVE),
    Cut.at(THRESHOLDS, move=0.0),
    Cut.at(THRESHOLDS, move=MOVE, kind="CARD"),
    Cut.at((2.5, 3.6, 7, 10.5, 20), move=MOVE, edge=0),
]


def test_other_cuts_leave_it_in_its_place(rig, look):
    front = layer_objects(rig)[0]
    plate = new_clean_plate(front)
    dab(plate, [heart(front)])
    before, values = middle(look(), camera_frame()), np.array(image_values(plate))
    frame = plate_frame(plate)

    def check(found):
        assert found[2] == 9
        assert abs(found[0] - before[0]) * frame.fx < 0.01
        assert abs(found[1] - before[1]) * frame.fy < 0.01

    for cut in CUTS:
        change_layers(rig, cut, draft=True)
        if cut is CUTS[-1]:
            check(middle(look(), camera_frame()))
        change_layers(rig, cut)
        assert clean_plate(front) == plate
        np.testing.assert_array_equal(image_values(plate), values)
        check(middle(layer_pixels(front), layer_frame(front)))
        if cut in (CUTS[0], CUTS[1], CUTS[3]):  # without its pixels, in a larger frame, flat
            check(middle(look(), camera_frame()))


def paint_seen(rig, look):
    """(ray, pixels) of paint in a render of the painted layer alone."""
    for obj in layer_objects(rig):
        obj.hide_render = clean_plate(obj) is None
    x, y, count = middle(look(), camera_frame())
    return (x, y), count


MORE = [(2.5, 3.6, 10.5), (3.6, 7.0, 10.5), (2.5, 6.0, 12.5)]


@pytest.mark.parametrize(
    "place, others",
    [(0, MORE), (1, MORE), (2, MORE), (0, [(10.5,)]), (1, [(3.6,), (10.5,)]), (2, [(3.6,)])],
)
def test_paint_shows_again_after_another_number_of_layers(place, others, rig, look):
    """Also that of the layer that went, whichever it was."""
    obj = layer_objects(rig)[place]
    plate = new_clean_plate(obj)
    dab(plate, [heart(obj)])
    before, count = paint_seen(rig, look)
    assert count == 9
    for other in others:
        change_layers(rig, layers_cut(rig).with_thresholds(other))
        change_layers(rig, layers_cut(rig).with_thresholds(THRESHOLDS))
        cut, objects = layers_cut(rig), {each[NUMBER]: each for each in layer_objects(rig)}
        assert clean_plate(objects[cut.layers[cut.by_depth[place]].id]) == plate
        after, count = paint_seen(rig, look)
        assert count == 9
        np.testing.assert_allclose(after, before, atol=0.01 / camera_frame().fx)
        assert "is kept in the image" not in layers_note(rig)


def test_reliefs_go_on_where_somebody_paints(rig, look, monkeypatch):
    second = layer_objects(rig)[1]
    plate, frame = new_clean_plate(second), layer_frame(second)
    mask_watch.look()
    depth = image_values(second["sharpdepth_layer_depth"])[..., 0]
    scale = frame.width / depth.shape[1]
    solid = np.pad(depth == 0, 3)
    for axis in (0, 1):
        for by in (1, -1, 2, -2, 3, -3):
            solid &= np.roll(solid, by, axis)
    rows, columns = np.nonzero(solid[3:-3, 3:-3])
    v, u = ((each[len(rows) // 2] + 0.5) * scale for each in (rows, columns))
    dab(plate, [((u - frame.cx) / frame.fx, (v - frame.cy) / frame.fy)])
    assert bare_paint(rig)
    cuts = []
    monkeypatch.setattr(mask_watch.layer_update, "follow_masks", cuts.append)
    for _ in range(2):
        mask_watch.look()
    assert cuts == [rig]  # once for the same paint
    change_layers(rig, layers_cut(rig))
    assert not bare_paint(rig)
    mask_watch.forget()


def test_it_is_no_layer(rig):
    with pytest.raises(SceneError, match="no layer of a picture"):
        new_clean_plate(rig)


def test_a_material_of_the_users_is_told(rig):
    images = set(bpy.data.images)
    obj = layer_objects(rig)[0]
    obj.data.materials[0].node_tree.nodes.clear()
    with pytest.raises(SceneError, match="does not show the layer any more"):
        new_clean_plate(obj)
    assert set(bpy.data.images) == images and clean_plate(obj) is None
