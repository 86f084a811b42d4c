"""Names of layers follow their order, where nobody gave them others."""

import os

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from sharpdepth_blender.scene.layers import (  # noqa: E402
    clean_files,
    clean_plate,
    layer_objects,
    layers_cut,
    layers_note,
    merge_layer,
    new_clean_plate,
    new_painted_mask,
    part_layer,
    plate_path,
    reorder_layer,
    set_layer,
    split_result,
)
from sharpdepth_blender.scene.picture import image_values  # noqa: E402
from tests.scene.layers.test_clean_plate import dab, heart  # noqa: E402
from tests.scene.layers.test_kept_paint import paint_cut  # noqa: E402

THRESHOLDS = (2.5, 3.6, 10.5)
FOUR = [*(f"street layer {number}" for number in (1, 2, 3, 4)), "street sky"]


@pytest.fixture
def rig(scene, make_result):
    result, _ = make_result(96, 54)
    return split_result(scene, result, thresholds=THRESHOLDS, sky=0.0, move=0.2)


def names(rig):
    return [obj.name for obj in layer_objects(rig)]


def blocks(obj):
    """Names of what was made for a layer, after its object's."""
    images = [each for each in obj.values() if isinstance(each, bpy.types.Image)]
    return {each.name.removeprefix(obj.name) for each in (obj.data, *obj.data.materials, *images)}


def test_after_each_operation_they_count_from_near_to_far(rig):
    assert names(rig) == FOUR
    merge_layer(layer_objects(rig)[1])
    assert names(rig) == [*FOUR[:3], FOUR[-1]]
    part_layer(layer_objects(rig)[0])
    assert names(rig) == FOUR
    near, second, *_ = layer_objects(rig)
    reorder_layer(near, 1)
    assert layer_objects(rig)[:2] == [second, near] and names(rig) == FOUR
    for obj in layer_objects(rig):
        assert blocks(obj) <= {"", " depth"}, obj.name


def test_a_name_that_somebody_gave_stays_and_takes_its_place(rig):
    _, second, third, last, _ = layer_objects(rig)
    set_layer(third, name="House")
    last.name = "Hill"  # in the Outliner
    last.data.materials[0].name = "mine"
    assert blocks(third) == {"", " depth"}
    merge_layer(layer_objects(rig)[0])
    assert names(rig) == ["street layer 1", "House", "Hill", "street sky"]
    assert last.data.materials[0].name == "mine"
    set_layer(third, name="Home")
    assert blocks(third) == {"", " depth"}
    set_layer(third, name=None)
    assert third.name == "street layer 2" and blocks(third) == {"", " depth"}
    part_layer(third, 5.0)
    assert names(rig) == ["street layer 1", "street layer 2", "street layer 3", "Hill", FOUR[-1]]
    assert [each.name for each in layers_cut(rig).layers] == [None] * 4


def test_notes_name_layers_and_images_as_they_are_called_now(rig):
    near, second, third, last, _ = layer_objects(rig)
    dab(new_clean_plate(second), [heart(second)], size=1)
    paint_cut(last)
    merge_layer(near)
    assert last.name == "street layer 3"
    told = "What was painted on {} is on its clean plate now."
    kept = "The paint of street layer 2, which is gone, is kept in the image {}: packed"
    image = clean_plate_of_gone(rig)
    assert layers_note(rig) == f"{told.format(last.name)} {kept.format(image.name)}"
    part_layer(third, 6.0)
    image.name = "mine"
    assert last.name == "street layer 4"
    assert layers_note(rig) == f"{told.format(last.name)} {kept.format('mine')}"
    set_layer(last, name="Hill")
    assert told.format("Hill") in layers_note(rig)
    bpy.data.images.remove(image)
    assert layers_note(rig) == told.format("Hill")
    bpy.data.objects.remove(last)  # which the note does not hold
    assert layers_note(rig) == told.format("street layer 4")


def clean_plate_of_gone(rig):
    shown = [clean_plate(obj) for obj in layer_objects(rig)]
    (image,) = (each for each in clean_files.clean_plates() if each not in shown)
    return image


def test_two_sets_of_one_plate_do_not_take_each_others_names(rig, scene):
    result = bpy.data.objects["street depth mesh"]
    other = split_result(scene, result, keep_both=True, thresholds=THRESHOLDS, sky=0.0, move=0.2)
    assert names(other) == [f"{name}.001" for name in FOUR] and names(rig) == FOUR
    merge_layer(layer_objects(other)[1])
    assert names(rig) == FOUR
    assert names(other) == [f"{name}.001" for name in (*FOUR[:3], FOUR[-1])]
    for obj in (*layer_objects(rig), *layer_objects(other)):
        assert blocks(obj) <= {"", " depth"}, obj.name


def test_all_that_is_painted_follows_and_keeps_its_files(rig, tmp_path):
    third = layer_objects(rig)[2]
    plate = new_clean_plate(third, str(tmp_path))
    mask = new_painted_mask(rig, third["sharpdepth_layer"])
    values = np.zeros((*image_values(plate).shape[:2], 4), np.float32)
    values[3:9, 4:20] = (0.1, 0.9, 0.3, 1.0)
    plate.pixels.foreach_set(values[::-1].ravel())
    clean_files.save_plate(plate)
    path = plate_path(plate)
    assert os.path.basename(path) == "street layer 3.png"
    merge_layer(layer_objects(rig)[0])
    assert third.name == "street layer 2" and clean_plate(third) == plate
    assert (plate.name, mask.name) == ("street layer 2 clean plate", "street layer 2 mask")
    assert plate_path(plate) == path and os.path.isfile(path)
    # Another layer of that name has a file of its own, whatever is done with one in its way.
    other = new_clean_plate(layer_objects(rig)[2], str(tmp_path), "OVERWRITE")
    assert os.path.basename(plate_path(other)) == "street layer 3 2.png"
    plate.reload()
    np.testing.assert_allclose(image_values(plate), values, atol=1e-3)


def test_what_has_no_file_yet_gets_one_of_its_new_name(rig, tmp_path):
    third = layer_objects(rig)[2]
    plate = new_clean_plate(third)
    merge_layer(layer_objects(rig)[0])
    clean_files.put_in_file(plate, str(tmp_path))
    assert os.path.basename(plate_path(plate)) == "street layer 2.png"
