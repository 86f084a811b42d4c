"""Layers whose objects somebody deletes stay away until they are brought back."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from sharpdepth_blender.geometry.layers import SKY  # noqa: E402
from sharpdepth_blender.scene.layers import (  # noqa: E402
    LayersError,
    change_layers,
    clean_plate,
    deleted_layers,
    layer_frame,
    layer_objects,
    layer_pixels,
    layers_cut,
    layers_note,
    merge_layer,
    new_clean_plate,
    part_layer,
    plate_path,
    reorder_layer,
    restore_layers,
    set_layer,
    split_result,
)
from sharpdepth_blender.scene.picture import image_values  # noqa: E402
from tests.scene.layers.test_clean_files import open_file, save_as  # noqa: E402
from tests.scene.layers.test_clean_plate import dab  # noqa: E402

THRESHOLDS = (2.5, 3.6, 10.5)


@pytest.fixture
def rig(scene, make_result):
    result, _ = make_result(96, 54)
    return split_result(scene, result, thresholds=THRESHOLDS, sky=0.0, move=0.2)


def ids(rig):
    return [obj["sharpdepth_layer"] for obj in layer_objects(rig)]


def delete(obj):
    """As X does in a viewport."""
    with bpy.context.temp_override(selected_objects=[obj], object=obj, active_object=obj):
        bpy.ops.object.delete()


def test_what_is_deleted_stays_away(rig, scene):
    assert deleted_layers(rig) == []
    for number in (SKY, 1):
        delete(layer_objects(rig)[number])
    assert ids(rig) == [0, 2, 3] and deleted_layers(rig) == [1, SKY]
    cut = layers_cut(rig)
    for change in ({"draft": True}, {}, {"whole": False}):
        change_layers(rig, cut.with_thresholds((2.4, 3.7, 10.0)), **change)
        assert ids(rig) == [0, 2, 3] and deleted_layers(rig) == [1, SKY]
    set_layer(layer_objects(rig)[0], kind="CARD")
    part_layer(layer_objects(rig)[1], 6.0)
    assert ids(rig) == [0, 2, 4, 3] and deleted_layers(rig) == [1, SKY]
    change_layers(rig, layers_cut(rig).with_thresholds((3.0,)))
    assert set(ids(rig)) <= {0, 1, 2, 3, 4} and SKY not in ids(rig)


@pytest.mark.parametrize("way", ["button", "split"])
def test_it_can_be_brought_back(way, rig, scene):
    near, second, third, far, sky = layer_objects(rig)
    name, collections = second.name, set(near.users_collection)
    delete(second)
    change_layers(rig, layers_cut(rig))
    if way == "button":
        (back,) = restore_layers(rig)
    else:
        assert split_result(scene, bpy.data.objects["street depth mesh"]) == rig
        back = layer_objects(rig)[1]
    assert layer_objects(rig) == [near, back, third, far, sky] and deleted_layers(rig) == []
    assert back.name == name and set(back.users_collection) == collections
    assert restore_layers(rig) == []


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("way", ["at once", "saved", "opened"])
@pytest.mark.parametrize("place", [0, 1, -1])
def test_it_has_its_paint_again(place, way, rig, tmp_path):
    """Packed or in a file; also where its relief goes on only because of it."""
    if way == "saved":
        save_as(tmp_path / "shot.blend")
    obj = layer_objects(rig)[place]
    plate, frame = new_clean_plate(obj), layer_frame(obj)
    far = [
        ((x * frame.width - frame.cx) / frame.fx, (0.3 * frame.height - frame.cy) / frame.fy)
        for x in (0.2, 0.8)
    ]
    dab(plate, far)
    bare = depth_of(obj) == 0
    change_layers(rig, layers_cut(rig))
    added = bare & (depth_of(obj) > 0)
    pixels, path = layer_pixels(obj), plate_path(plate)
    delete(obj)
    if way == "opened":
        save_as(tmp_path / "shot.blend")
        rig = open_file(tmp_path / "shot.blend")
    change_layers(rig, layers_cut(rig))
    (back,) = restore_layers(rig)
    assert (depth_of(back)[added] > 0).all() and (place == -1 or added.any())
    change_layers(rig, layers_cut(rig))  # of all together
    np.testing.assert_allclose(layer_pixels(back), pixels, atol=1e-4)
    plate = clean_plate(back)
    assert bool(plate_path(plate)) == (way != "at once") and path in ("", plate_path(plate))
    assert not layers_note(rig)


def depth_of(obj):
    image = obj.get("sharpdepth_layer_depth")
    return np.array([]) if image is None else np.array(image_values(image))


def test_all_but_the_empty_are_deleted_and_brought_back(rig):
    for obj in layer_objects(rig):
        delete(obj)
    change_layers(rig, layers_cut(rig))
    assert layer_objects(rig) == [] and len(deleted_layers(rig)) == 5
    assert len(restore_layers(rig)) == 5


def test_what_cannot_be_made_again_stays_deleted(rig):
    delete(layer_objects(rig)[1])
    bpy.data.images.remove(bpy.data.images["street picture"])
    with pytest.raises(LayersError):
        restore_layers(rig)
    assert deleted_layers(rig) == [1]


def test_operations_on_its_neighbors(rig):
    near, second, third, far, _ = layer_objects(rig)
    delete(second)
    with pytest.raises(LayersError, match="bring it back"):
        merge_layer(near)
    reorder_layer(near, 1)
    assert layer_objects(rig)[:2] == [third, near]
    delete(far)
    with pytest.raises(LayersError, match="no layer to move it past"):
        reorder_layer(near, 1)


def test_a_layer_that_the_cut_took_away_is_not_deleted(rig):
    change_layers(rig, layers_cut(rig).with_thresholds((3.0, 9.0)))
    assert deleted_layers(rig) == [] and len(ids(rig)) == 4
    change_layers(rig, layers_cut(rig).with_thresholds(THRESHOLDS))
    assert deleted_layers(rig) == [] and len(ids(rig)) == 5
