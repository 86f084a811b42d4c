"""A cut: records of layers, of which each keeps its id whatever happens to the others."""

import math
from dataclasses import replace

import pytest

from sharpdepth_blender.geometry.layers import SKY, Cut, LayerSettings


def test_layers_that_are_alike_lie_between_thresholds():
    cut = Cut.at((3, 9.5), sky=40, near=1, move=0.2, kind="CARD", edge=5)
    assert [layer.end for layer in cut.layers] == [3, 9.5, 40]
    assert [layer.id for layer in cut.layers] == [0, 1, 2] and cut.next_id == 3
    assert {(layer.kind, layer.edge) for layer in cut.layers} == {("CARD", 5)}
    assert (cut.thresholds, cut.sky_depth, cut.near, cut.move) == ((3, 9.5), 40, 1, 0.2)
    assert (cut.sky.id, cut.sky.kind, cut.sky.edge) == (SKY, "SKY", 5)
    assert Cut.at((3,)).layers[-1].end == math.inf and Cut.at((3,)).sky_depth == 0


def test_one_layer_is_set_and_no_other():
    cut = Cut.at((3, 9))
    changed = cut.with_layer(1, kind="CARD", choke=-2, name="Tree")
    assert changed.layer(1) == LayerSettings(1, 9, "Tree", "CARD", choke=-2)
    assert changed.layers[::2] == cut.layers[::2] and changed.sky == cut.sky
    assert cut.with_layer(SKY, hidden=True).sky.hidden
    with pytest.raises(KeyError):
        cut.with_layer(7, edge=1)


def test_other_thresholds_keep_layers_from_near_to_far():
    cut = Cut.at((3, 9)).with_layer(1, name="Tree", edge=8)
    moved = cut.with_thresholds((2, 11), 30)
    assert [layer.end for layer in moved.layers] == [2, 11, 30]
    assert [replace(layer, end=0) for layer in moved.layers] == [
        replace(layer, end=0) for layer in cut.layers
    ]


@pytest.mark.parametrize(
    "thresholds, ids",
    [
        ((2, 4, 8), [0, 3, 1, 2]),
        ((3, 9, 30), [0, 1, 2, 3]),
        ((1, 3, 9), [3, 0, 1, 2]),
        ((2, 4, 6, 9), [0, 3, 1, 4, 2]),
        ((9,), [1, 2]),
        ((3,), [0, 1]),
    ],
)
def test_more_or_fewer_layers_are_those_that_share_the_most_depth(thresholds, ids):
    cut = Cut.at((3, 9)).with_layer(1, name="Tree", edge=8)
    other = cut.with_thresholds(thresholds)
    assert [layer.id for layer in other.layers] == ids
    assert other.thresholds == thresholds and other.next_id == 3 + sum(i > 2 for i in ids)
    again = other.with_thresholds((3, 9))
    assert [each for each in again.layers if each.id < 3] == [
        each for each in cut.layers if each.id in ids
    ]


def test_an_added_layer_is_like_the_one_it_comes_of_but_has_no_name():
    cut = Cut.at((3, 9)).with_layer(1, name="Tree", kind="PLANES", hidden=True)
    added = cut.with_thresholds((3, 4.5, 9)).layer(3)
    assert (added.kind, added.name, added.hidden) == ("PLANES", None, False)


def test_what_is_gone_does_not_come_back():
    fewer = Cut.at((2, 4, 8, 16)).with_thresholds((2,))
    assert [layer.id for layer in fewer.layers] == [0, 1] and fewer.layer(1).end == math.inf
    assert {layer.id for layer in fewer.with_thresholds((2, 4)).layers} == {0, 1, 5}


def test_thresholds_leave_the_order_of_layers_alone():
    near, middle, far = Cut.at((3, 9)).layers
    cut = Cut((near, far, middle))
    assert cut.thresholds == (3, 9) and cut.by_depth == (0, 2, 1)
    moved = cut.with_thresholds((2, 7, 8))
    assert [(layer.id, layer.end) for layer in moved.layers] == [
        (0, 2), (2, math.inf), (1, 7), (3, 8)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"kind": "BALL"}, "BALL is none of"),
        ({"fill": "MIRROR"}, "MIRROR is none of"),
        ({"edge": 2.5}, "edge"),
        ({"choke": 65}, "choked"),
        ({"extension": -1}, "extend"),
    ],
)
def test_settings_that_make_no_sense(wrong, words):
    with pytest.raises(ValueError, match=words):
        LayerSettings(0, **wrong)


def test_layers_are_told_apart_by_id_and_by_end():
    one, two = Cut.at((3,)).layers
    with pytest.raises(ValueError, match="id of its own"):
        Cut((one, replace(two, id=0)))
    with pytest.raises(ValueError, match="ascend"):
        Cut((one, replace(two, end=3)))
    with pytest.raises(ValueError, match="2 to 8"):
        Cut((one,))
