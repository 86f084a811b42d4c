"""The files of clean plates: beside the .blend, read again when changed, never overwritten."""

import os
import shutil
from dataclasses import astuple

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from sharpdepth_blender.geometry import png_content  # noqa: E402
from sharpdepth_blender.geometry.layers import Cut  # noqa: E402
from sharpdepth_blender.scene import save_blend  # noqa: E402
from sharpdepth_blender.scene.layers import (  # noqa: E402
    ChangedOutside,
    CleanPlateError,
    change_layers,
    clean_files,
    clean_plate,
    grow_clean_plate,
    layer_frame,
    layer_objects,
    layer_pixels,
    layers_note,
    new_clean_plate,
    plate_frame,
    set_layer,
    split_result,
)
from sharpdepth_blender.scene.layers.material import picture_frame  # noqa: E402
from sharpdepth_blender.scene.layers.painting import ready_to_paint  # noqa: E402
from sharpdepth_blender.scene.linked import LinkedError  # noqa: E402
from sharpdepth_blender.scene.live import find_modifier  # noqa: E402
from sharpdepth_blender.scene.modifier import get_input, set_input  # noqa: E402
from sharpdepth_blender.scene.picture import file_values, image_values  # noqa: E402
from sharpdepth_blender.tasks import clean_plate_watch, layer_update  # noqa: E402
from tests.scene.layers.street_result import add_result  # noqa: E402
from tests.scene.layers.test_clean_plate import PAINT, dab, heart, middle  # noqa: E402
from tests.scene.layers.test_kept_paint import check_paint, paint_cut  # noqa: E402
from tests.scene.layers.test_layers import MOVE, THRESHOLDS  # noqa: E402

pytestmark = pytest.mark.usefixtures("handlers")


def split(name="street"):
    return split_result(bpy.context.scene, add_result(name=name), thresholds=THRESHOLDS, move=MOVE)


def painted(obj):
    plate = new_clean_plate(obj)
    dab(plate, [heart(obj)])
    return plate


def save_as(path):
    bpy.ops.wm.save_as_mainfile(filepath=os.fspath(path))


def open_file(path):
    bpy.ops.wm.open_mainfile(filepath=os.fspath(path))
    return bpy.data.objects["street layers"]


def file_of(plate):
    return bpy.path.abspath(plate.filepath)


def check_values(now, before):
    """As 16 bits of sRGB hold them."""
    np.testing.assert_allclose(now, before, atol=4e-5)


def edit_outside(path, level=40000):
    """As another program would: a wholly painted PNG of 16 bits, later."""
    image = bpy.data.images.load(path)
    width, height = image.size
    bpy.data.images.remove(image)
    values = np.full((height, width, 4), level, np.uint16)
    values[..., 3] = 65535
    before = os.stat(path)
    with open(path, "wb") as file:
        file.writelines(png_content(values))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 10**9))
    return (level / 65535 + 0.055) ** 2.4 / 1.055**2.4


def test_the_first_save_writes_them_beside_the_blend(tmp_path):
    rig = split()
    plate = painted(layer_objects(rig)[0])
    values = np.array(image_values(plate))
    assert plate.packed_file and not plate.filepath
    save_as(tmp_path / "shot.blend")
    path = tmp_path / "clean plates" / "street layer 1.png"
    assert file_of(plate) == str(path) and plate.filepath == "//clean plates/street layer 1.png"
    assert not plate.packed_file and not plate.is_dirty and path.read_bytes()[24] == 16  # bits
    check_values(image_values(plate), values)
    raw = file_values(str(path))
    np.testing.assert_allclose(raw[raw[..., 3] == 1][0, :3], _srgb(PAINT), atol=1e-4)
    rig = open_file(tmp_path / "shot.blend")
    check_values(image_values(clean_plate(layer_objects(rig)[0])), values)


def _srgb(color):
    return [1.055 * each ** (1 / 2.4) - 0.055 for each in color]


def test_in_a_saved_blend_it_is_a_file_at_once_and_saving_keeps_paint(tmp_path):
    save_as(tmp_path / "shot.blend")
    rig = split()
    plate = new_clean_plate(layer_objects(rig)[0])
    assert os.path.isfile(file_of(plate)) and not plate.packed_file
    dab(plate, [heart(layer_objects(rig)[0])])
    values = np.array(image_values(plate))
    bpy.ops.wm.save_mainfile()
    assert not plate.is_dirty
    rig = open_file(tmp_path / "shot.blend")
    check_values(image_values(clean_plate(layer_objects(rig)[0])), values)


def test_the_folder_moves(tmp_path):
    (tmp_path / "one").mkdir()
    save_as(tmp_path / "one" / "shot.blend")
    rig = split()
    values = np.array(image_values(painted(layer_objects(rig)[1])))
    bpy.ops.wm.save_mainfile()
    shutil.move(tmp_path / "one", tmp_path / "other")
    rig = open_file(tmp_path / "other" / "shot.blend")
    plate = clean_plate(layer_objects(rig)[1])
    check_values(image_values(plate), values)
    assert file_of(plate).startswith(str(tmp_path / "other"))
    change_layers(rig, Cut.at((2.5, 10.5), move=MOVE))
    check_values(image_values(plate), values)


def test_a_copy_by_the_command_line_has_them(tmp_path):
    rig = split()
    packed = np.array(image_values(painted(layer_objects(rig)[0])))
    save_blend(tmp_path / "copy.blend")
    rig = open_file(tmp_path / "copy.blend")
    check_values(image_values(clean_plate(layer_objects(rig)[0])), packed)


def test_odd_names(tmp_path):
    save_as(tmp_path / "shot.blend")
    objects = layer_objects(split())
    names = ["a/b: c?", "CON", "street.", "é ü 漢字 " + 30 * "x"]
    paths = []
    for obj, name in zip(objects, names, strict=True):
        obj.name = name
        paths.append(file_of(painted(obj)))
    objects[0].name, objects[1].name = "../up", "AUX.1"
    for obj in objects[:2]:
        del obj["sharpdepth_layer_clean"]
        paths.append(file_of(new_clean_plate(obj)))
    assert len(set(paths)) == 6 and all(map(os.path.isfile, paths))
    assert {os.path.dirname(path) for path in paths} == {str(tmp_path / "clean plates")}
    assert not set("".join(map(os.path.basename, paths))) & set('<>:"/\\|?*')


def test_a_folder_of_other_bytes_than_utf_8(tmp_path):
    folder = os.path.join(os.fsencode(tmp_path), b"l\xe4t")
    try:
        os.mkdir(folder)
    except OSError:
        pytest.skip("this file system has names of Unicode only")
    save_as(os.path.join(os.fsdecode(folder), "shot.blend"))
    rig = split()
    values = np.array(image_values(painted(layer_objects(rig)[0])))
    bpy.ops.wm.save_mainfile()
    assert os.listdir(os.path.join(folder, b"clean plates")) == [b"street layer 1.png"]
    rig = open_file(bpy.data.filepath)
    check_values(image_values(clean_plate(layer_objects(rig)[0])), values)


def test_files_of_others_stay(tmp_path):
    (tmp_path / "clean plates").mkdir()
    other = tmp_path / "clean plates" / "street layer 1.png"
    other.write_bytes(b"mine")
    save_as(tmp_path / "shot.blend")
    plate = new_clean_plate(layer_objects(split())[0])
    assert os.path.basename(file_of(plate)) == "street layer 1 2.png"
    assert other.read_bytes() == b"mine"


def test_a_change_on_disk_is_read(tmp_path):
    save_as(tmp_path / "shot.blend")
    obj = layer_objects(split())[0]
    plate = new_clean_plate(obj)
    assert clean_plate_watch.look() == []
    light = edit_outside(file_of(plate))
    told = clean_plate_watch.look() + clean_plate_watch.look()  # once it stays the same
    assert len(told) == 1 and "street layer 1 clean plate" in told[0]
    np.testing.assert_allclose(image_values(plate)[..., :3], light, atol=1e-4)
    assert clean_plate_watch.look() == []
    assert middle(layer_pixels(obj), layer_frame(obj), [40000 / 65535] * 3)[2] == (
        layer_frame(obj).width * layer_frame(obj).height
    )


def test_both_are_kept_where_paint_is_not_saved(tmp_path):
    save_as(tmp_path / "shot.blend")
    plate = painted(layer_objects(split())[0])
    values, path = np.array(image_values(plate)), file_of(plate)
    edit_outside(path)
    outside = open(path, "rb").read()
    assert clean_plate_watch.look() == [] and clean_plate_watch.look() == []
    np.testing.assert_array_equal(image_values(plate), values)
    assert clean_files.is_changed_outside(plate) and plate.is_dirty
    with pytest.raises(ChangedOutside, match="another program"):
        clean_files.save_plate(plate)
    bpy.ops.wm.save_mainfile()
    assert open(path, "rb").read() == outside
    assert os.path.basename(file_of(plate)) == "street layer 1 2.png" and not plate.is_dirty
    rig = open_file(tmp_path / "shot.blend")
    check_values(image_values(clean_plate(layer_objects(rig)[0])), values)


def test_overwriting_is_asked_for(tmp_path):
    save_as(tmp_path / "shot.blend")
    plate = painted(layer_objects(split())[0])
    values = np.array(image_values(plate))
    edit_outside(file_of(plate))
    clean_files.save_plate(plate, overwrite=True)
    plate.reload()
    check_values(image_values(plate), values)


def test_another_resolution_of_the_same_picture(tmp_path):
    save_as(tmp_path / "shot.blend")
    obj = layer_objects(split())[0]
    plate = painted(obj)
    clean_files.save_plate(plate)
    before = middle(layer_pixels(obj), layer_frame(obj))
    doubled = np.repeat(np.repeat(image_values(plate), 2, 0), 2, 1)
    clean_files.write_values(str(tmp_path / "large.png"), doubled, "sRGB")
    os.replace(tmp_path / "large.png", file_of(plate))
    clean_files.reload_plate(plate)
    frame = plate_frame(plate)
    assert (frame.width, frame.height) == doubled.shape[1::-1]
    after = middle(layer_pixels(obj), layer_frame(obj))
    assert after[2] >= 1 and after[:2] == pytest.approx(before[:2], abs=0.3 / frame.fx)


def test_a_file_of_other_proportions_or_none_is_told(tmp_path):
    save_as(tmp_path / "shot.blend")
    plate = painted(layer_objects(split())[0])
    clean_files.save_plate(plate)
    values, path = np.array(image_values(plate)), file_of(plate)
    clean_files.write_values(str(tmp_path / "x.png"), values[:, 9:], "sRGB")
    os.replace(tmp_path / "x.png", path)
    with pytest.raises(CleanPlateError, match="proportions"):
        clean_files.reload_plate(plate)
    with open(path, "wb") as file:
        file.write(b"half a file")
    with pytest.raises(CleanPlateError, match="cannot be read"):
        clean_files.reload_plate(plate)
    told = clean_plate_watch.look() + clean_plate_watch.look() + clean_plate_watch.look()
    assert len(told) == 1 and "cannot be read" in told[0]
    np.testing.assert_array_equal(image_values(plate), values)
    os.remove(path)
    assert clean_plate_watch.look() == []
    np.testing.assert_array_equal(image_values(plate), values)
    dab(plate, [(0, 0)])
    bpy.ops.wm.save_mainfile()
    assert os.path.isfile(path)


def test_a_file_that_went_missing_is_written_again(tmp_path):
    save_as(tmp_path / "shot.blend")
    plate = painted(layer_objects(split())[0])
    bpy.ops.wm.save_mainfile()
    values = np.array(image_values(plate))
    shutil.rmtree(tmp_path / "clean plates")
    assert not plate.is_dirty
    bpy.ops.wm.save_mainfile()
    rig = open_file(tmp_path / "shot.blend")
    check_values(image_values(clean_plate(layer_objects(rig)[0])), values)
    os.remove(file_of(clean_plate(layer_objects(rig)[0])))
    open_file(tmp_path / "shot.blend")
    bpy.ops.wm.save_mainfile()  # nobody has its pixels any more
    assert os.listdir(tmp_path / "clean plates") == []


def test_what_cannot_be_written_is_packed(tmp_path, monkeypatch):
    save_as(tmp_path / "shot.blend")
    plate = painted(layer_objects(split())[0])
    values = np.array(image_values(plate))
    shutil.rmtree(tmp_path / "clean plates")
    (tmp_path / "clean plates").write_text("no folder")
    bpy.ops.wm.save_mainfile()
    assert plate.packed_file and not plate.is_dirty
    rig = open_file(tmp_path / "shot.blend")
    np.testing.assert_allclose(image_values(clean_plate(layer_objects(rig)[0])), values, rtol=1e-6)


def test_a_scene_linear_picture_has_exr_in_its_own_space(tmp_path):
    save_as(tmp_path / "shot.blend")
    result = add_result()
    width, height = bpy.data.images["street picture"].size
    clean_files.write_values(
        str(tmp_path / "plate.exr"), np.ones((height, width, 4), np.float32), "ACEScg"
    )
    picture = bpy.data.images.load(str(tmp_path / "plate.exr"))
    picture.colorspace_settings.name = "ACEScg"
    set_input(find_modifier(result), "Picture", picture)
    rig = split_result(bpy.context.scene, result, thresholds=THRESHOLDS, move=MOVE)
    obj = layer_objects(rig)[0]
    plate = new_clean_plate(obj)
    dab(plate, [heart(obj)], color=(7.25, 0.5, 0.25), alpha=0.5)
    clean_files.save_plate(plate)
    path = file_of(plate)
    assert path.endswith("street layer 1.exr")
    raw = file_values(path)
    seen = raw[raw[..., 3] > 0][0] / 0.5
    # ACEScg of these Rec.709 primaries by the published matrix (AP1, D60 by Bradford).
    np.testing.assert_allclose(
        seen[:3], np.array([[0.61310, 0.33952, 0.04738], [0.07019, 0.91635, 0.01345],
                            [0.02062, 0.10957, 0.86981]]) @ (7.25, 0.5, 0.25), rtol=2e-3,
    )  # fmt: skip
    rig = open_file(_saved())
    obj = layer_objects(rig)[0]
    plate = clean_plate(obj)
    found = image_values(plate)
    np.testing.assert_allclose(found[found[..., 3] > 0][0], (3.625, 0.25, 0.125, 0.5), rtol=1e-4)
    assert layer_pixels(obj)[..., 0].max() > 4


def _saved():
    bpy.ops.wm.save_mainfile()
    return bpy.data.filepath


def test_growing_keeps_each_pixel(tmp_path):
    save_as(tmp_path / "shot.blend")
    rig = split()
    obj = layer_objects(rig)[0]
    plate = painted(obj)
    values, before = np.array(image_values(plate)), plate_frame(plate)
    ray = middle(values, before, PAINT)
    change_layers(rig, Cut.at(THRESHOLDS, move=3 * MOVE))
    assert plate_frame(plate) == before
    grow_clean_plate(obj)
    frame = plate_frame(plate)
    assert frame == layer_frame(obj) and frame.width > before.width
    left, top = round(frame.cx - before.cx), round(frame.cy - before.cy)
    inside = image_values(plate)[top : top + before.height, left : left + before.width]
    np.testing.assert_array_equal(inside, values)
    assert middle(image_values(plate), frame, PAINT) == pytest.approx(ray, abs=1e-6)
    change_layers(rig, Cut.at(THRESHOLDS, move=0.0))
    grow_clean_plate(obj)
    assert plate_frame(plate) == frame  # it never shrinks
    rig = open_file(_saved())
    found = clean_plate(layer_objects(rig)[0])
    assert plate_frame(found) == frame and not found.is_dirty
    assert middle(image_values(found), frame, [0.6, 0.05, 0.3])[2] == 9


def test_a_layer_that_goes_leaves_its_paint_and_one_that_comes_has_it_again(tmp_path):
    save_as(tmp_path / "shot.blend")
    rig = split()
    third = layer_objects(rig)[2]
    plate = painted(third)
    values, path = np.array(image_values(plate)), file_of(plate)
    change_layers(rig, Cut.at((3.6,), move=MOVE))
    assert plate.use_fake_user and os.path.isfile(path)
    assert plate.name in layers_note(rig) and path in layers_note(rig)
    change_layers(rig, Cut.at(THRESHOLDS, move=MOVE))
    assert clean_plate(layer_objects(rig)[2]) == plate and not plate.use_fake_user
    np.testing.assert_array_equal(image_values(plate), values)
    change_layers(rig, Cut.at((3.6,), move=MOVE))
    rig = open_file(_saved())
    assert "street layer 3 clean plate" in bpy.data.images
    change_layers(rig, Cut.at(THRESHOLDS, move=MOVE))
    check_values(image_values(clean_plate(layer_objects(rig)[2])), values)


def test_a_blank_one_goes_with_its_layer():
    rig = split()
    new_clean_plate(layer_objects(rig)[2])
    change_layers(rig, Cut.at((3.6,), move=MOVE))
    assert not [each for each in bpy.data.images if "clean plate" in each.name]


def test_append_and_two_scenes(tmp_path):
    save_as(tmp_path / "shot.blend")
    rig = split()
    values = np.array(image_values(painted(layer_objects(rig)[0])))
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    (tmp_path / "other").mkdir()
    save_as(tmp_path / "other" / "edit.blend")
    for _ in range(2):  # into two scenes: each has its own
        with bpy.data.libraries.load(str(tmp_path / "shot.blend")) as (_, into):
            into.collections = ["street layers"]
        scene = bpy.data.scenes.new("Shot")
        scene.collection.children.link(into.collections[0])
        rig = next(obj for obj in into.collections[0].objects if obj.parent is None)
        obj = layer_objects(rig)[0]
        check_values(image_values(clean_plate(obj)), values)
        change_layers(rig, Cut.at((2.5, 10.5), move=MOVE))
        check_values(image_values(clean_plate(obj)), values)


def test_files_of_appended_layers_are_watched(tmp_path):
    save_as(tmp_path / "shot.blend")
    painted(layer_objects(split())[0])
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    save_as(tmp_path / "edit.blend")
    with bpy.data.libraries.load(str(tmp_path / "shot.blend")) as (_, into):
        into.collections = ["street layers"]
    bpy.context.scene.collection.children.link(into.collections[0])
    rig = next(obj for obj in into.collections[0].objects if obj.parent is None)
    plate = clean_plate(layer_objects(rig)[0])
    value = edit_outside(file_of(plate))
    assert clean_plate_watch.look() == [] and len(clean_plate_watch.look()) == 1
    np.testing.assert_allclose(image_values(plate)[..., :3], value, atol=1e-4)
    dab(plate, [(0, 0)])
    edit_outside(path := file_of(plate), 20000)
    before = open(path, "rb").read()
    bpy.ops.wm.save_mainfile()
    assert open(path, "rb").read() == before and file_of(plate) != path


def link_layers(path):
    """Link a set of layers from a file into the open one."""
    with bpy.data.libraries.load(str(path), link=True) as (_, into):
        into.collections = ["street layers"]
    return into.collections[0]


def material_shown(obj):
    modifier = find_modifier(obj)
    return get_input(modifier, "Material") if modifier else obj.material_slots[0].material


def override(collection):
    scene = bpy.context.scene
    made = collection.override_hierarchy_create(scene, bpy.context.view_layer)
    return next(obj for obj in made.all_objects if obj.type == "EMPTY")


def test_a_linked_rig_shows_its_paint_and_an_override_keeps_it(tmp_path):
    save_as(tmp_path / "shot.blend")
    rig = split()
    plate = painted(layer_objects(rig)[0])
    values = np.array(image_values(plate))
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    collection = link_layers(tmp_path / "shot.blend")
    with pytest.raises(LinkedError, match="street layer 2 is linked"):
        new_clean_plate(next(obj for obj in collection.objects if obj.name == "street layer 2"))
    rig = override(collection)
    front = layer_objects(rig)[0]
    assert front.override_library is not None
    check_values(image_values(clean_plate(front)), values)
    assert middle(layer_pixels(front), layer_frame(front))[2] == 9
    with pytest.raises(LinkedError):
        change_layers(rig, Cut.at((2.5, 10.5), move=MOVE))
    check_values(image_values(clean_plate(front)), values)


@pytest.mark.parametrize("kind", ["RELIEF", "CARD"])
def test_an_override_gets_clean_plates_of_its_own(kind, tmp_path):
    save_as(tmp_path / "shot.blend")
    change_layers(split(), Cut.at(THRESHOLDS, move=MOVE, kind=kind))
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    (tmp_path / "use").mkdir()
    save_as(tmp_path / "use" / "use.blend")
    obj = layer_objects(override(link_layers(tmp_path / "shot.blend")))[1]
    plate = new_clean_plate(obj)
    assert clean_plate(obj) == plate == ready_to_paint(obj) and not plate.library
    assert os.path.dirname(file_of(plate)) == str(tmp_path / "use" / "clean plates")
    dab(plate, [heart(obj)])
    values = np.array(image_values(plate))
    bpy.ops.wm.save_mainfile()
    # The linked file is cut for a longer move, so that its pictures have other frames.
    rig = open_file(tmp_path / "shot.blend")
    assert not any(clean_plate(each) for each in layer_objects(rig))
    before = layer_frame(layer_objects(rig)[1])
    change_layers(rig, Cut.at(THRESHOLDS, move=3 * MOVE, kind=kind))
    frame = layer_frame(layer_objects(rig)[1])
    bpy.ops.wm.save_mainfile()
    open_file(tmp_path / "use" / "use.blend")
    found = (each for each in bpy.data.objects if each.override_library)
    obj = next(each for each in found if each.name == "street layer 2")
    check_values(image_values(clean_plate(obj)), values)
    assert frame.width > before.width and layer_frame(obj) == frame
    shown = material_shown(obj)
    assert not shown.library
    assert astuple(picture_frame(shown)) == pytest.approx(astuple(frame))
    assert middle(layer_pixels(obj), frame)[2] == 9
    assert obj.material_slots[0].material == shown


@pytest.mark.parametrize("opened", [False, True])
def test_saving_keeps_what_was_painted_on_the_cut(opened, tmp_path):
    if opened:
        save_as(tmp_path / "shot.blend")
    rig = split()
    ray = paint_cut(layer_objects(rig)[1])
    save_as(tmp_path / "shot.blend")
    check_paint(layer_objects(rig)[1], ray)
    assert "painted on street layer 2 is on its clean plate" in layers_note(rig)
    rig = open_file(tmp_path / "shot.blend")
    check_paint(layer_objects(rig)[1], ray)
    change_layers(rig, Cut.at((2.5, 10.5), move=MOVE))
    check_paint(layer_objects(rig)[1], ray)


def test_undo_leaves_paint(tmp_path):
    bpy.context.preferences.edit.use_global_undo = True
    rig = split()
    plate = new_clean_plate(layer_objects(rig)[0])
    bpy.ops.ed.undo_push(message="plate")
    dab(plate, [heart(layer_objects(rig)[0])])
    values = np.array(image_values(plate))
    bpy.ops.ed.undo_push(message="paint")
    change_layers(rig, Cut.at(THRESHOLDS, move=3 * MOVE))
    grow_clean_plate(layer_objects(rig)[0])
    grown = plate_frame(plate)
    bpy.ops.ed.undo_push(message="grow")
    bpy.ops.ed.undo()
    rig = bpy.data.objects["street layers"]
    obj = layer_objects(rig)[0]
    plate = clean_plate(obj)
    assert plate_frame(plate) == grown
    node = obj.data.materials[0].node_tree.nodes["SharpDepth Clean Plate Across"]
    assert node.inputs[2].default_value == pytest.approx(grown.cx / grown.width)
    left, top = round(grown.cx - layer_frame(obj).cx), round(grown.cy - layer_frame(obj).cy)
    height, width = values.shape[:2]
    inside = image_values(plate)[top : top + height, left : left + width]
    np.testing.assert_array_equal(inside, values)


@pytest.mark.parametrize("saved_again", [False, True])
@pytest.mark.parametrize("steps", [1, 2])
def test_undo_past_the_first_save_leaves_paint(steps, saved_again, tmp_path):
    """The plate was packed then, as it was before anything was painted."""
    bpy.context.preferences.edit.use_global_undo = True
    rig = split()
    plate = new_clean_plate(layer_objects(rig)[0])
    bpy.ops.ed.undo_push(message="plate")
    dab(plate, [heart(layer_objects(rig)[0])])
    values = np.array(image_values(plate))
    for choke in (1, 2):
        set_layer(layer_objects(rig)[1], choke=choke)
        bpy.ops.ed.undo_push(message="choke")
        if choke == 1 or saved_again:
            save_as(tmp_path / "shot.blend")
    for step in [*[bpy.ops.ed.undo] * steps, *[bpy.ops.ed.redo] * steps, bpy.ops.ed.undo]:
        step()
        plate = clean_plate(layer_objects(bpy.data.objects["street layers"])[0])
        check_values(image_values(plate), values)
        assert not plate.packed_file
    bpy.ops.wm.save_mainfile()
    rig = open_file(tmp_path / "shot.blend")
    check_values(image_values(clean_plate(layer_objects(rig)[0])), values)
    assert len(os.listdir(tmp_path / "clean plates")) == 1


def test_undo_past_a_save_leaves_paint_that_somebody_packed(tmp_path):
    bpy.context.preferences.edit.use_global_undo = True
    save_as(tmp_path / "shot.blend")
    rig = split()
    plate = new_clean_plate(layer_objects(rig)[0])
    plate.pack()
    bpy.ops.ed.undo_push(message="pack")
    dab(plate, [heart(layer_objects(rig)[0])])
    values = np.array(image_values(plate))
    for choke in (1, 2):
        set_layer(layer_objects(rig)[1], choke=choke)
        bpy.ops.ed.undo_push(message="choke")
        bpy.ops.wm.save_mainfile()
    bpy.ops.ed.undo()
    bpy.ops.wm.save_mainfile()
    rig = open_file(tmp_path / "shot.blend")
    check_values(image_values(clean_plate(layer_objects(rig)[0])), values)


def test_undo_past_the_first_save_leaves_paint_that_is_not_saved(tmp_path):
    bpy.context.preferences.edit.use_global_undo = True
    rig = split()
    plate = new_clean_plate(layer_objects(rig)[0])
    bpy.ops.ed.undo_push(message="plate")
    save_as(tmp_path / "shot.blend")
    dab(plate, [heart(layer_objects(rig)[0])])
    values = np.array(image_values(plate))
    set_layer(layer_objects(rig)[1], choke=1)
    bpy.ops.ed.undo_push(message="choke")
    bpy.ops.ed.undo()
    plate = clean_plate(layer_objects(bpy.data.objects["street layers"])[0])
    check_values(image_values(plate), values)
    bpy.ops.wm.save_mainfile()
    rig = open_file(tmp_path / "shot.blend")
    check_values(image_values(clean_plate(layer_objects(rig)[0])), values)
    assert len(os.listdir(tmp_path / "clean plates")) == 1


def test_undo_of_a_threshold_leaves_what_was_painted_on_the_cut():
    rig = split()
    ray = paint_cut(layer_objects(rig)[1])
    bpy.ops.ed.undo_push(message="paint")
    layer_update.update_layers(rig, Cut.at((2.5, 10.5), move=MOVE))
    bpy.ops.ed.undo_push(message="threshold")
    for step in (bpy.ops.ed.undo, bpy.ops.ed.redo):
        step()
        check_paint(layer_objects(bpy.data.objects["street layers"])[1], ray)


def test_duplicated_names_and_duplicated_layers(tmp_path):
    save_as(tmp_path / "shot.blend")
    first, second = split(), split()
    plates = [painted(layer_objects(each)[0]) for each in (first, second)]
    assert len({file_of(plate) for plate in plates}) == 2
    copy = layer_objects(first)[0].copy()
    copy.data = copy.data.copy()
    bpy.context.scene.collection.objects.link(copy)
    assert clean_plate(copy) == plates[0]
    values = np.array(image_values(plates[0]))
    bpy.data.objects.remove(layer_objects(first)[0])
    np.testing.assert_array_equal(image_values(clean_plate(copy)), values)


def test_values_are_written_in_any_space(tmp_path):
    """A temporary image of another space would be converted."""
    for space in ("sRGB", "Rec.1886", "Non-Color"):
        path = str(tmp_path / f"{space}.png")
        values = np.ones((2, 3, 4), np.float32)
        values[0, 0] = (0.25, 0.1, 0.05, 1)
        clean_files.write_values(path, values, space)
        image = bpy.data.images.load(path)
        image.colorspace_settings.name = space
        np.testing.assert_allclose(image_values(image)[0, 0], (0.25, 0.1, 0.05, 1), atol=1e-4)
