"""Operations on one layer of a cut, as values."""

import math
from dataclasses import replace

import pytest

from sharpdepth_blender.geometry.layers import (
    SKY,
    Cut,
    merge_layers,
    move_layer,
    recipe,
    split_layer,
    split_layers,
)
from tests.geometry.layers.street import street
from tests.geometry.layers.test_split import check_whole

CUT = Cut.at((3, 9), move=0.2).with_layer(1, name="Tree", edge=7, kind="CARD")


def unlike(before, after):
    """Ids of layers that are made anew."""
    ids = {each.id for each in (*after.layers, after.sky)}
    known = {each.id for each in (*before.layers, before.sky)}
    return {
        number
        for number in ids
        if number not in known or recipe(before, number) != recipe(after, number)
    }


def test_split():
    cut = split_layer(CUT, 1, 5.0)
    assert [(each.id, each.end) for each in cut.layers] == [(0, 3), (1, 5), (3, 9), (2, math.inf)]
    assert (cut.layer(1).name, cut.layer(3).name) == ("Tree", None)
    assert (cut.layer(3).edge, cut.layer(3).kind, cut.next_id) == (7, "CARD", 4)
    assert unlike(CUT, cut) == {1, 3}
    assert split_layer(cut, 2, 50).layers[-1].id == 4


def test_planes_are_made_anew_with_the_kind_of_what_is_before_them():
    """They stay behind its surface, where others stay within their range."""
    flat = CUT.with_layer(2, kind="PLANES")
    assert unlike(flat, flat.with_layer(0, kind="CARD")) == {0, 2}
    assert unlike(CUT, CUT.with_layer(0, kind="CARD")) == {0}
    assert unlike(flat, split_layer(flat, 1, 5.0)) == {1, 3}


def test_merge():
    cut = merge_layers(CUT, 0)
    assert [(each.id, each.end) for each in cut.layers] == [(0, 9), (2, math.inf)]
    assert unlike(CUT, cut) == {0} and cut.next_id == 3
    again = merge_layers(split_layer(CUT, 1, 5.0), 1)
    assert again.layers == CUT.layers and unlike(CUT, again) == set()
    last = merge_layers(CUT, 1)
    assert [(each.id, each.end) for each in last.layers] == [(0, 3), (1, math.inf)]


def test_move():
    cut = move_layer(CUT, 0, 1)
    assert [each.id for each in cut.layers] == [1, 0, 2] and cut.thresholds == CUT.thresholds
    assert unlike(CUT, cut) == {0, 1}
    assert move_layer(cut, 0, -1) == CUT
    assert [each.id for each in move_layer(CUT, 0, 2).layers] == [1, 2, 0]


def test_names_and_what_is_hidden_need_nothing_made():
    cut = CUT.with_layer(0, name="Ball").with_layer(SKY, hidden=True)
    assert unlike(CUT, cut) == set()
    assert unlike(CUT, CUT.with_layer(0, edge=1)) == {0}
    assert unlike(CUT, CUT.with_layer(0, choke=2)) == {0, 1, 2, SKY}  # they show there
    assert unlike(CUT, CUT.with_layer(0, choke=-2)) == {0}


@pytest.mark.parametrize(
    "act, words",
    [
        (lambda: split_layer(CUT, 1, 3.0), "from 3 m to 9 m, not across 3 m"),
        (lambda: split_layer(CUT, 1, math.nan), "not across"),
        (lambda: split_layer(CUT, SKY, 30.0), "sky stays behind"),
        (lambda: split_layer(Cut.at(range(1, 8)), 0, 0.5), "8 layers, which is the most"),
        (lambda: merge_layers(CUT, 2), "no layer behind"),
        (lambda: merge_layers(Cut.at((3,)), 0), "2 to 8"),
        (lambda: merge_layers(move_layer(CUT, 2, -1), 0), "do not meet"),
        (lambda: move_layer(CUT, 2, 1), "no layer to move it past"),
        (lambda: move_layer(CUT, 0, -1), "no layer to move it past"),
    ],
)
def test_what_cannot_be_done(act, words):
    with pytest.raises(ValueError, match=words):
        act()


@pytest.mark.parametrize("kind", ["RELIEF", "CARD"])
@pytest.mark.parametrize("order", [(0, 2, 1), (2, 1, 0), (1, 0, 2)])
def test_in_any_order_each_is_before_those_that_follow(order, kind):
    picture, depth, camera = street(160, 90)
    cut = Cut.at((3.6, 10.5), kind=kind, move=0.2)
    cut = replace(cut, layers=tuple(cut.layer(number) for number in order))
    layers = split_layers(picture, depth, camera, cut)
    assert [layer.id for layer in layers] == [*order, SKY]
    check_whole(picture, layers, camera, most=6)
    back = 0.0
    for layer in layers:
        z = layer.depth[layer.depth > 0] if layer.depth is not None else layer.distance
        assert back < (z.min() if layer.depth is not None else z)
        back = z.max() if layer.depth is not None else z


def test_layers_that_are_kept_are_not_made_and_the_rest_fits_them():
    picture, depth, camera = street(160, 90)
    cut = Cut.at((3.6, 10.5), move=0.2)
    before = {layer.id: layer for layer in split_layers(picture, depth, camera, cut)}
    parted = split_layer(cut, 1, 6.0)
    kept = {number: before[number] for number in (0, 2, SKY)}
    made = split_layers(picture, depth, camera, parted, kept=kept)
    assert [layer.id for layer in made] == [1, 3]
    check_whole(picture, [before[0], *made, before[2], before[SKY]], camera, most=8)
    # The farthest must go on everywhere: what was no farthest one is made again.
    farther = depth.copy()
    farther[(depth > 10.5) | (depth == 0)] = 5.0
    made = split_layers(picture, farther, camera, cut, kept={1: before[1]})
    assert 1 in [layer.id for layer in made]
