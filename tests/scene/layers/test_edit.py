"""Operations on one layer, which leave the others as they are."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from sharpdepth_blender.geometry.layers import SKY  # noqa: E402
from sharpdepth_blender.scene import save_blend  # noqa: E402
from sharpdepth_blender.scene.layers import (  # noqa: E402
    NUMBER,
    LayersError,
    change_layers,
    clean_plate,
    is_current,
    layer_objects,
    layers_cut,
    layers_note,
    merge_layer,
    new_clean_plate,
    new_painted_mask,
    part_layer,
    reorder_layer,
    set_layer,
    split_result,
)
from sharpdepth_blender.scene.live import find_modifier  # noqa: E402
from sharpdepth_blender.scene.picture import image_values, replace_rgba  # noqa: E402

THRESHOLDS, MOVE = (3.6, 10.5), 0.2


@pytest.fixture
def rig(scene, make_result):
    result, picture = make_result()
    rig = split_result(scene, result, thresholds=THRESHOLDS, sky=0.0, move=MOVE)
    rig["picture"] = picture.ravel().tolist()
    return rig


def state(obj):
    """All of an object that is not to change."""
    image, material = obj["sharpdepth_layer_color"], obj.data.materials[0]
    return (
        obj.session_uid, obj.data.session_uid, image.session_uid, material.session_uid,
        image_values(image).tobytes(), image.packed_file.data, obj["sharpdepth_layer_share"],
        tuple(obj.location), bool(find_modifier(obj)), len(obj.data.polygons),
    )  # fmt: skip


def check_whole(rig, look):
    """The picture's own camera still sees it, and a moved one sees no hole."""
    picture = np.reshape(rig["picture"], (72, 128, 3))
    seen = look()
    error = 255 * np.abs(seen[..., :3] - picture)
    assert seen[..., 3].min() > 0.999
    assert error.mean() <= 0.2 and np.quantile(error, 0.998) <= 8, (error.mean(), error.max())
    for way in ((MOVE, 0, 0), (-MOVE, 0, 0), (0, 0, MOVE)):
        assert (look(*way)[..., 3] < 0.999).mean() < 0.001, way


def ids(rig):
    return [obj["sharpdepth_layer"] for obj in layer_objects(rig)]


def test_one_layer_is_split_and_no_other_is_touched(rig, look):
    near, middle, far, sky = layer_objects(rig)
    before = [state(obj) for obj in (near, far, sky)]
    share = middle["sharpdepth_layer_share"]
    new = part_layer(middle, 6.0)
    assert layer_objects(rig) == [near, middle, new, far, sky] and ids(rig) == [0, 1, 3, 2, SKY]
    assert [state(obj) for obj in (near, far, sky)] == before
    assert layers_cut(rig).thresholds == (3.6, 6.0, 10.5) and is_current(rig)
    shares = middle["sharpdepth_layer_share"], new["sharpdepth_layer_share"]
    assert sum(shares) == pytest.approx(share) and min(shares) > 0
    assert [new.name, far.name] == ["street layer 3", "street layer 4"]
    assert set(new.users_collection) == set(near.users_collection)
    check_whole(rig, look)


def test_a_layer_is_split_at_its_valley_or_in_halves(rig):
    near, middle, far, _ = layer_objects(rig)
    part_layer(near)  # the post at 2 m, the ball at 3 m
    assert 2.05 < layers_cut(rig).thresholds[0] < 2.95
    share = middle["sharpdepth_layer_share"]
    half = part_layer(middle, "HALVES")
    assert half["sharpdepth_layer_share"] == pytest.approx(share / 2, rel=0.2)
    assert len(layers_cut(rig).layers) == 5 and far.name == "street layer 5"


def test_split_and_merged_again_are_what_they_were(rig, look):
    near, middle, far, sky = layer_objects(rig)
    before, cut = [state(obj) for obj in (near, far, sky)], layers_cut(rig)
    blocks = [len(getattr(bpy.data, kind)) for kind in ("objects", "images", "materials", "meshes")]
    part_layer(middle, 6.0)
    merge_layer(middle)
    assert layer_objects(rig) == [near, middle, far, sky]
    assert [state(obj) for obj in (near, far, sky)] == before
    assert layers_cut(rig).layers == cut.layers and layers_cut(rig).next_id == 4
    now = [len(getattr(bpy.data, kind)) for kind in ("objects", "images", "materials", "meshes")]
    assert now == blocks
    check_whole(rig, look)


def test_the_two_farthest_are_merged(rig, look):
    near, middle, far, sky = layer_objects(rig)
    share = middle["sharpdepth_layer_share"] + far["sharpdepth_layer_share"]
    before = state(near), state(sky)
    merge_layer(middle)
    assert layer_objects(rig) == [near, middle, sky] and (state(near), state(sky)) == before
    assert middle["sharpdepth_layer_share"] == pytest.approx(share)
    check_whole(rig, look)


def test_what_was_painted_stays_in_the_file_when_its_layer_is_merged(rig):
    _, middle, far, _ = layer_objects(rig)
    plate = new_clean_plate(far)
    values = np.zeros((*image_values(plate).shape[:2], 4), np.float32)
    values[3:9, 4:20] = (0.1, 0.9, 0.3, 1.0)
    plate.pixels.foreach_set(values[::-1].ravel())
    plate.pack()
    name = plate.name
    merge_layer(middle)
    assert name in layers_note(rig) and len(layer_objects(rig)) == 3
    assert image_values(bpy.data.images[name])[5, 10, 1] == pytest.approx(0.9, abs=0.01)


def test_what_was_shaped_is_hidden_and_not_removed_with_its_layer(rig):
    _, middle, far, _ = layer_objects(rig)
    far.modifiers.clear()
    merge_layer(middle)
    assert far in list(rig.children) and far.hide_render and far.hide_viewport
    assert far not in layer_objects(rig) and "street layer 3 was edited" in layers_note(rig)


def test_paint_on_other_layers_stays_whatever_happens_to_one(rig):
    near, middle, far, _ = layer_objects(rig)
    plate = new_clean_plate(far)
    values = np.zeros((*image_values(plate).shape[:2], 4), np.float32)
    values[3:9, 4:20] = (0.1, 0.9, 0.3, 1.0)
    plate.pixels.foreach_set(values[::-1].ravel())  # not even packed
    pixels = image_values(plate).copy()
    part_layer(middle, 6.0)
    set_layer(near, kind="CARD", edge=6)
    merge_layer(middle)
    set_layer(middle, name="Wall", hidden=True)
    assert clean_plate(far) == plate
    np.testing.assert_array_equal(image_values(plate), pixels)


def test_a_layer_moved_behind_a_farther_one_stands_there(rig, look):
    near, middle, far, sky = layer_objects(rig)
    before = state(near)
    reorder_layer(middle, 1)
    assert layer_objects(rig) == [near, far, middle, sky] and state(near) == before
    assert layers_cut(rig).thresholds == THRESHOLDS
    depth = image_values(far["sharpdepth_layer_depth"])[..., 0]
    behind = image_values(middle["sharpdepth_layer_depth"])[..., 0]
    assert behind[behind > 0].min() > depth.max() * 0.999
    check_whole(rig, look)
    reorder_layer(middle, -1)
    depth = image_values(middle["sharpdepth_layer_depth"])[..., 0]
    assert layer_objects(rig) == [near, middle, far, sky] and 3.5 < depth.max() < 10.6
    check_whole(rig, look)


def test_a_layer_becomes_a_card_alone(rig, look):
    near, middle, far, sky = layer_objects(rig)
    before = [state(obj) for obj in (near, far, sky)]
    set_layer(middle, kind="CARD")
    assert [state(obj) for obj in (near, far, sky)] == before
    assert len(middle.data.polygons) == 1 and not find_modifier(middle)
    check_whole(rig, look)
    set_layer(middle, kind="RELIEF")
    assert find_modifier(middle) and [state(obj) for obj in (near, far, sky)] == before


def test_renaming_and_hiding_make_nothing_anew(rig, monkeypatch):
    def never(*_, **__):
        raise AssertionError

    monkeypatch.setattr("sharpdepth_blender.scene.layers.change.cut_layers", never)
    near, middle, _, sky = layer_objects(rig)
    set_layer(near, name="Bäume")
    set_layer(sky, hidden=True)
    assert near.name == "Bäume" and sky.hide_render and sky.hide_viewport
    assert not (near.hide_render or middle.hide_render) and is_current(rig)
    set_layer(near, name=None)
    set_layer(sky, hidden=False)
    assert near.name == "street layer 1" and not sky.hide_render
    set_layer(near, name="street layer 2")
    assert near.name == "street layer 2.001" and layers_cut(rig).layer(0).name == "street layer 2"


def test_names_and_what_is_hidden_outlive_another_split(rig, scene):
    near, middle, _, _ = layer_objects(rig)
    set_layer(near, name="Ball")
    part_layer(middle, 6.0)
    set_layer(middle, hidden=True)
    result = bpy.data.objects["street depth mesh"]
    assert split_result(scene, result, thresholds=(3.0, 5.0, 9.0), move=MOVE) == rig
    assert ids(rig) == [0, 1, 3, 2, SKY] and near.name == "Ball" and middle.hide_render
    assert layers_cut(rig).layer(0).name == "Ball"


def test_in_a_file_opened_again_others_are_not_touched_either(rig, tmp_path):
    save_blend(tmp_path / "a.blend")
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    near, middle, far, sky = layer_objects(bpy.data.objects["street layers"])
    before = [state(obj) for obj in (near, far, sky)]
    part_layer(middle, 6.0)
    assert [state(obj) for obj in (near, far, sky)] == before


def test_after_operations_on_one_a_cut_of_all_is_exact_again(rig, look):
    _, middle, _, _ = layer_objects(rig)
    part_layer(middle, 6.0)
    change_layers(rig, layers_cut(rig).with_thresholds((3.6, 6.5, 10.5)))
    picture = np.reshape(rig["picture"], (72, 128, 3))
    error = 255 * np.abs(look()[..., :3] - picture)
    assert np.quantile(error, 0.999) <= 4


def test_what_cannot_be_done_is_said_and_changes_nothing(rig):
    near, middle, far, sky = layer_objects(rig)
    cut = layers_cut(rig)
    for act, words in (
        (lambda: part_layer(middle, 2.0), "not across 2 m"),
        (lambda: part_layer(sky), "sky has no depth"),
        (lambda: merge_layer(far), "no layer behind"),
        (lambda: merge_layer(sky), "sky stays behind"),
        (lambda: reorder_layer(sky, -1), "sky stays behind"),
        (lambda: reorder_layer(near, -1), "no layer to move it past"),
        (lambda: set_layer(near, edge=99), "edge"),
        (lambda: set_layer(sky, kind="CARD"), "SKY, DOME"),
        (lambda: set_layer(bpy.data.objects["street depth mesh"], edge=1), "is no layer"),
    ):
        with pytest.raises(LayersError, match=words):
            act()
        assert layers_cut(rig) == cut and layer_objects(rig) == [near, middle, far, sky]
    paint = new_painted_mask(rig, middle[NUMBER])
    replace_rgba(paint, np.tile(np.float32((0, 0, 0, 1)), (*image_values(paint).shape[:2], 1)))
    for at in ("VALLEY", "HALVES"):
        with pytest.raises(LayersError, match="street layer 2 has no pixels"):
            part_layer(middle, at)
