"""Another split of a result: the layers keep all settings that it does not name."""

from dataclasses import replace

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from sharpdepth_blender.geometry.layers import SKY  # noqa: E402
from sharpdepth_blender.scene import replace_depth  # noqa: E402
from sharpdepth_blender.scene.layers import (  # noqa: E402
    PROPOSED,
    LayersError,
    change_layers,
    is_current,
    kind_reason,
    layer_objects,
    layers_cut,
    newer_result,
    part_layer,
    reorder_layer,
    set_layer,
    split_result,
)
from sharpdepth_blender.scene.live import find_modifier, live_intrinsics  # noqa: E402
from sharpdepth_blender.scene.modifier import get_input, set_input  # noqa: E402
from sharpdepth_blender.scene.scale import scale_result  # noqa: E402

THRESHOLDS, MOVE = (3.6, 10.5), 0.2


@pytest.fixture
def result(make_result):
    return make_result()[0]


@pytest.fixture
def rig(scene, result):
    """Layers of which somebody has changed everything."""
    rig = split_result(scene, result, thresholds=THRESHOLDS, sky=0.0, move=MOVE)
    near, middle, far, sky = layer_objects(rig)
    set_layer(near, name="Ball", edge=7, choke=-2, extension=4, kind="CARD", fill="TEXTURE")
    part_layer(middle, 6.0)
    set_layer(middle, hidden=True)
    reorder_layer(far, -1)
    set_layer(sky, name="Air", kind="DOME", hidden=True)
    return rig


def renew(result, factor):
    """Give a result other depth."""
    modifier = find_modifier(result)
    size = result["sharpdepth_depth"].size
    values = np.empty(size[0] * size[1] * 4, np.float32)
    result["sharpdepth_depth"].pixels.foreach_get(values)
    depth = factor * values.reshape(size[1], size[0], 4)[::-1, :, 0]
    picture = get_input(modifier, "Picture")
    replace_depth(result, picture, depth, depth, live_intrinsics(modifier))


def test_all_settings_outlive_another_split(rig, scene, result):
    before, objects = layers_cut(rig), layer_objects(rig)
    assert split_result(scene, result) == rig
    assert layers_cut(rig) == before and layer_objects(rig) == objects and is_current(rig)


def test_what_is_asked_for_is_changed_and_nothing_else(rig, scene, result):
    before = layers_cut(rig)
    split_result(scene, result, edge=5, move=0.3)
    cut = layers_cut(rig)
    assert {each.edge for each in (*cut.layers, cut.sky)} == {5} and cut.move == 0.3
    for each in (*before.layers, before.sky):
        assert cut.layer(each.id) == replace(each, edge=5)
    split_result(scene, result, kind="PLANE")
    assert {each.kind for each in layers_cut(rig).layers} == {"PLANE"}
    assert layers_cut(rig).sky.kind == "DOME" and layers_cut(rig).layer(0).fill == "TEXTURE"
    split_result(scene, result, kind=PROPOSED)
    assert all(kind_reason(rig, each.id, each.kind) for each in layers_cut(rig).layers)
    assert [each.id for each in layers_cut(rig).layers] == [each.id for each in before.layers]


def test_a_count_that_there_is_moves_no_threshold_and_another_one_keeps_who_stays(
    rig, scene, result
):
    before = layers_cut(rig)
    split_result(scene, result, count=4)
    assert layers_cut(rig) == before
    split_result(scene, result, count=5)
    cut = layers_cut(rig)
    assert len(cut.layers) == 5 and {each.id for each in before.layers} < {
        each.id for each in cut.layers
    }
    assert cut.layer(0) == replace(before.layer(0), end=cut.layer(0).end)
    assert cut.sky == before.sky and cut.move == before.move


def test_thresholds_stay_with_new_depth_as_long_as_they_part_it(rig, scene, result):
    before = layers_cut(rig)
    renew(result, 1.05)
    split_result(scene, result)
    assert layers_cut(rig) == before
    renew(result, 0.1)  # all of it lies before the first threshold now
    split_result(scene, result)
    cut = layers_cut(rig)
    assert max(cut.thresholds) < 3.6 and len(cut.layers) == 4
    for each in before.layers:
        assert cut.layer(each.id) == replace(each, end=cut.layer(each.id).end)


def test_thresholds_go_with_the_scale_of_the_result(rig, scene, result):
    change_layers(rig, layers_cut(rig).with_thresholds(layers_cut(rig).thresholds, 40))
    before = layers_cut(rig)
    scale_result(result, 0.5)
    split_result(scene, result)
    cut = layers_cut(rig)
    assert cut.thresholds == pytest.approx([each / 2 for each in before.thresholds])
    assert cut.sky_depth == pytest.approx(20) and cut.move == before.move


def test_a_sky_that_was_set_stays_until_far_is_set_anew(rig, scene, result):
    modifier = find_modifier(result)
    set_input(modifier, "Far", 30.0)
    split_result(scene, result)
    assert layers_cut(rig).sky_depth == 30
    change_layers(rig, layers_cut(rig).with_thresholds(layers_cut(rig).thresholds, 25))
    split_result(scene, result)
    assert layers_cut(rig).sky_depth == 25
    set_input(modifier, "Far", 28.0)
    split_result(scene, result)
    assert layers_cut(rig).sky_depth == 28
    split_result(scene, result, thresholds=(5.0, 29.0), sky=0.0)
    assert layers_cut(rig).thresholds == (5, 29) and layers_cut(rig).sky.name == "Air"
    split_result(scene, result, sky=4.0)  # before the last threshold, which is proposed anew
    assert max(layers_cut(rig).thresholds) < 4 == layers_cut(rig).sky_depth
    assert layers_cut(rig).layer(SKY).kind == "DOME"
    with pytest.raises(LayersError, match="sky"):
        split_result(scene, result, thresholds=(2.0, 5.0), sky=4.0)


def test_layers_whose_result_changed_since_are_told(rig, scene, result):
    modifier = find_modifier(result)
    assert newer_result(scene, rig) is None
    set_layer(layer_objects(rig)[0], edge=5)
    assert newer_result(scene, rig) is None
    for name, value in {"Sharpness": 0.5, "Far": 40.0, "Near": 0.5, "Depth Scale": 1.5}.items():
        set_input(modifier, name, value)
        assert newer_result(scene, rig) == result
        split_result(scene, result)
        assert newer_result(scene, rig) is None
    set_input(modifier, "Tear Ratio", 1.5)  # which is no depth
    assert newer_result(scene, rig) is None
    renew(result, 1.02)
    assert newer_result(scene, rig) == result
    twin = result.copy()
    scene.collection.objects.link(twin)
    split_result(scene, result)
    set_input(find_modifier(twin), "Sharpness", 0.1)
    assert newer_result(scene, rig) is None
    set_input(modifier, "Picture", bpy.data.images.new("other", 128, 72))
    assert newer_result(scene, rig) == result
    bpy.data.objects.remove(result)
    bpy.data.objects.remove(twin)
    assert newer_result(scene, rig) is None
