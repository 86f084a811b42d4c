"""Masks by hand: painted, drawn, from files; they override depth and outlast every cut."""

import json
import os

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from sharpdepth_blender.geometry import write_exr  # noqa: E402
from sharpdepth_blender.geometry.layers import SKY, Cut  # noqa: E402
from sharpdepth_blender.geometry.masks import cryptomatte_id  # noqa: E402
from sharpdepth_blender.scene import save_blend  # noqa: E402
from sharpdepth_blender.scene.layers import (  # noqa: E402
    NUMBER,
    SHARE,
    LayerMask,
    LayersError,
    MaskError,
    change_layers,
    cryptomatte_names,
    edit,
    label_plate,
    layer_objects,
    layers_cut,
    layers_note,
    mask_of,
    masks_of,
    merge_layer,
    new_painted_mask,
    part_layer,
    read_masks,
    read_plate,
    set_layer,
    set_mask,
    split_result,
)
from sharpdepth_blender.scene.layers.clean_files import write_values  # noqa: E402
from sharpdepth_blender.scene.picture import image_values, replace_rgba  # noqa: E402
from sharpdepth_blender.tasks import layer_update, mask_watch  # noqa: E402
from tests.geometry.layers.street import street  # noqa: E402
from tests.scene.layers.test_layers import MOVE, THRESHOLDS, check_same  # noqa: E402

WIDTH, HEIGHT = 128, 72


@pytest.fixture
def rig(scene, make_result):
    result, _ = make_result()
    return split_result(scene, result, thresholds=THRESHOLDS, move=MOVE)


def shares(rig):
    return [obj[SHARE] for obj in layer_objects(rig)]


def cut_again(rig, **changes):
    change_layers(rig, Cut.at(**({"thresholds": THRESHOLDS, "move": MOVE} | changes)))


def paint(image, rows, columns, white=1.0):
    values = np.zeros((HEIGHT, WIDTH, 4), np.float32)
    values[rows, columns] = (white, white, white, 1)
    replace_rgba(image, values)


def draw(corners, width=WIDTH, height=HEIGHT):
    """A Mask datablock with a polygon of corners in pixels."""
    mask = bpy.data.masks.new("roto")
    layer = mask.layers.new(name="a")
    layer.falloff = "LINEAR"
    spline = layer.splines.new()
    spline.use_cyclic = True
    spline.points.add(len(corners) - 1)
    longest = max(width, height)
    for point, (x, y) in zip(spline.points, corners, strict=True):
        point.co = (x - width / 2) / longest + 0.5, (height / 2 - y) / longest + 0.5
        point.handle_type = "VECTOR"
    bpy.context.view_layer.update()
    return mask


def test_painted(rig, look, scene):
    before = shares(rig)
    image = new_painted_mask(rig, 0)
    assert tuple(image.size) == (WIDTH, HEIGHT) and image.packed_file
    assert new_painted_mask(rig, 0) == image
    cut_again(rig)
    assert shares(rig) == before  # where nothing is painted depth decides
    paint(image, slice(0, 36), slice(0, 64))
    cut_again(rig)
    assert shares(rig)[0] > before[0] + 0.2
    # Another cut, another kind, fewer layers: the mask stays.
    claimed = shares(rig)[0]
    cut_again(rig, thresholds=(2.5, 10.5))
    assert shares(rig)[0] > 0.2
    cut_again(rig, kind="CARD")
    assert shares(rig)[0] == claimed
    paint(image, slice(0, 72), slice(0, 128), white=0.0)
    cut_again(rig)
    assert shares(rig)[0] == 0
    set_mask(rig, 0, None)
    assert masks_of(rig) == {}
    cut_again(rig)
    assert shares(rig) == before


@pytest.mark.parametrize("opened", [False, True])
def test_a_layer_that_goes_has_its_mask_again_when_it_comes_back(opened, rig, tmp_path):
    cut, fewer = layers_cut(rig), layers_cut(rig).with_thresholds((10.5,))
    (gone,) = {each.id for each in cut.layers} - {each.id for each in fewer.layers}
    image = new_painted_mask(rig, gone)
    paint(image, slice(0, 36), slice(0, 64))
    change_layers(rig, cut)
    before = shares(rig)
    change_layers(rig, fewer)
    assert len(layer_objects(rig)) == 3 and sum(shares(rig)) == pytest.approx(1)
    if opened:
        image.pack()
        save_blend(tmp_path / "masks.blend")
        bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "masks.blend"))
        rig = bpy.data.objects["street layers"]
        image = bpy.data.images[f"street layer {gone + 1} mask"]
    change_layers(rig, layers_cut(rig).with_thresholds(THRESHOLDS), draft=True)
    change_layers(rig, layers_cut(rig))
    back = layer_objects(rig)[gone]
    assert mask_of(rig, back[NUMBER]).source == image and len(masks_of(rig)) == 1
    assert shares(rig) == before


def owners(rig):
    """By the id of each layer the pixels that it has, (H, W) bool."""
    labels = label_plate(rig, read_plate(rig))
    cut = layers_cut(rig)
    return {each.id: labels == index for index, each in enumerate((*cut.layers, cut.sky))}


def check_others(rig, before, *those):
    """All but some layers have the pixels that they had."""
    now = owners(rig)
    for number in before.keys() - set(those):
        np.testing.assert_array_equal(now[number], before[number])


def give_mask(rig, number, kind, tmp_path, adds=False):
    """A mask whose rectangle reaches across many depths."""
    if kind == "PAINTED":
        paint(new_painted_mask(rig, number), slice(10, 60), slice(10, 100))
    elif kind == "DRAWN":
        drawn = draw([(10, 10), (100, 10), (100, 60), (10, 60)])
        set_mask(rig, number, LayerMask("DRAWN", drawn, adds=adds))
    else:
        values = np.zeros((HEIGHT, WIDTH, 4), np.float32)
        values[10:60, 10:100] = 1
        write_values(str(tmp_path / "matte.png"), values, "sRGB")
        set_mask(rig, number, LayerMask("FILE", path=str(tmp_path / "matte.png"), adds=adds))
    change_layers(rig, layers_cut(rig))


@pytest.mark.parametrize("at", ["VALLEY", "HALVES", 6.0])
@pytest.mark.parametrize("kind", ["PAINTED", "DRAWN", "FILE"])
def test_a_layer_with_a_mask_is_split_and_merged_again(kind, at, rig, tmp_path):
    give_mask(rig, 1, kind, tmp_path)
    before, mask = owners(rig), mask_of(rig, 1)
    farther = part_layer(layer_objects(rig)[1], at)[NUMBER]
    now, depth = owners(rig), read_plate(rig).depth
    check_others(rig, before, 1)
    np.testing.assert_array_equal(now[1] | now[farther], before[1])
    end = layers_cut(rig).layer(1).end
    np.testing.assert_array_equal(now[1], before[1] & (depth > 0) & (depth < end))
    assert now[1].sum() > 100 and now[farther].sum() > 100
    merge_layer(layer_objects(rig)[1])
    np.testing.assert_array_equal(owners(rig)[1], before[1])
    check_others(rig, before)
    assert masks_of(rig).keys() == {1} and (kind == "PAINTED" or mask_of(rig, 1) == mask)


@pytest.mark.parametrize("adds", [False, True])
@pytest.mark.parametrize("kind", ["PAINTED", "DRAWN", "FILE"])
@pytest.mark.parametrize("masked", [0, 1])
def test_a_layer_with_a_mask_is_merged(masked, kind, adds, rig, tmp_path):
    give_mask(rig, masked, kind, tmp_path, adds)
    before, mask = owners(rig), mask_of(rig, masked)
    merge_layer(layer_objects(rig)[0])
    np.testing.assert_array_equal(owners(rig)[0], before[0] | before[1])
    check_others(rig, before, 0, 1)
    assert masks_of(rig).keys() == {0}
    if adds or kind == "PAINTED":
        assert mask_of(rig, 0) == mask
    else:  # which refuses what the other layer has
        assert mask_of(rig, 0).kind == "PAINTED" and "painted mask" in layers_note(rig)


def test_a_split_that_fails_leaves_masks_as_they_were(rig, tmp_path, monkeypatch):
    give_mask(rig, 1, "PAINTED", tmp_path)
    before = masks_of(rig)

    def fail(*_, **__):
        raise LayersError("no")

    monkeypatch.setattr(edit, "change_layers", fail)
    for change in (part_layer, merge_layer):
        with pytest.raises(LayersError):
            change(layer_objects(rig)[1 if change is part_layer else 0])
        assert masks_of(rig) == before


def test_the_picture_is_still_seen(rig, look, scene, make_result):
    paint(new_painted_mask(rig, 0), slice(60, 72), slice(0, 64))  # of the ground
    cut_again(rig)
    check_same(look(), street(WIDTH, HEIGHT)[0])


@pytest.mark.parametrize("size", [(128, 72), (71, 127), (64, 64)])
def test_drawn_lies_where_blender_shows_it(size, scene, make_result):
    width, height = size
    result, _ = make_result(width, height)
    rig = split_result(scene, result, thresholds=THRESHOLDS, move=MOVE)
    mask = draw([(10, 20), (50.5, 20), (50.5, 45.25), (10, 45.25)], width, height)
    set_mask(rig, 1, LayerMask("DRAWN", mask))
    found = read_masks(rig, width, height)[1]
    wanted = np.zeros((height, width), np.float32)
    wanted[20:45, 10:50] = 1
    wanted[20:45, 50] = 0.5
    wanted[45, 10:50], wanted[45, 50] = 0.25, 0.125
    np.testing.assert_allclose(found, wanted, atol=2e-3)


def test_drawn_alone_or_added_to_depth(rig):
    before = shares(rig)
    mask = draw([(10, 20), (50, 20), (50, 45), (10, 45)])
    set_mask(rig, 1, LayerMask("DRAWN", mask))
    cut_again(rig)
    assert shares(rig)[1] == pytest.approx(40 * 25 / WIDTH / HEIGHT)
    set_mask(rig, 1, LayerMask("DRAWN", mask, adds=True))
    cut_again(rig)
    assert shares(rig)[1] > before[1]


def test_drawn_with_blend_modes_and_feather(rig):
    mask = draw([(20, 20), (60, 20), (60, 50), (20, 50)])
    hole = mask.layers.new(name="hole")
    hole.blend, hole.falloff = "SUBTRACT", "LINEAR"
    spline = hole.splines.new()
    spline.use_cyclic = True
    spline.points.add(2)
    for point, (x, y) in zip(spline.points, [(30, 30), (40, 30), (40, 40)], strict=True):
        point.co = (x - 64) / 128 + 0.5, (36 - y) / 128 + 0.5
        point.handle_type = "VECTOR"
    for point in mask.layers[0].splines[0].points:
        point.weight = 4 / 128
    set_mask(rig, 1, LayerMask("DRAWN", mask))
    bpy.context.view_layer.update()
    found = read_masks(rig, WIDTH, HEIGHT)[1]
    assert found[31, 38] == 0 and found[39, 31] == 1
    np.testing.assert_allclose(found[35, 15:21], [0, 0.125, 0.375, 0.625, 0.875, 1], atol=1e-3)
    hole.hide_render = True
    bpy.context.view_layer.update()
    assert read_masks(rig, WIDTH, HEIGHT)[1][31, 38] == 1


def test_animated_masks_are_followed(rig, scene, monkeypatch):
    mask = draw([(0, 0), (128, 0), (128, 72), (0, 72)])
    layer = mask.layers[0]
    for frame, alpha in ((1, 0.0), (11, 1.0)):
        layer.alpha = alpha
        assert layer.keyframe_insert("alpha", frame=frame)
    set_mask(rig, 0, LayerMask("DRAWN", mask, adds=True))
    scene.frame_set(1)
    cut_again(rig)
    before = shares(rig)[0]
    mask_watch.register()
    try:
        mask_watch.look()
        scene.frame_set(11)
        assert shares(rig)[0] == 1 > before
        scene.frame_set(1)
        assert shares(rig)[0] == before
    finally:
        mask_watch.unregister()


def test_what_is_painted_is_followed(rig):
    image = new_painted_mask(rig, 0)
    layer_update.follow_masks(rig)
    mask_watch.look()
    paint(image, slice(0, 72), slice(0, 128))
    mask_watch.look()
    assert shares(rig)[0] == 1
    mask_watch.forget()


@pytest.mark.parametrize("kind", ["alpha", "luminance"])
def test_from_a_picture(kind, rig, tmp_path):
    matte = np.zeros((HEIGHT, WIDTH), np.float32)
    matte[10:30, 20:60] = 1
    values = np.ones((HEIGHT, WIDTH, 4), np.float32)
    if kind == "alpha":
        values *= matte[..., None]
    else:
        values[..., :3] = matte[..., None]
    write_values(str(tmp_path / "matte.png"), values, "sRGB")
    set_mask(rig, 1, LayerMask("FILE", path=str(tmp_path / "matte.png")))
    np.testing.assert_allclose(read_masks(rig, WIDTH, HEIGHT)[1], matte, atol=1e-5)
    half = read_masks(rig, WIDTH // 2, HEIGHT // 2)[1]
    np.testing.assert_allclose(half, matte[1::2, 1::2], atol=1e-5)
    cut_again(rig)
    assert shares(rig)[1] == pytest.approx(matte.mean())
    # Read again when it is written anew.
    write_values(str(tmp_path / "other.png"), np.ones((HEIGHT, WIDTH, 4), np.float32), "sRGB")
    (tmp_path / "other.png").replace(tmp_path / "matte.png")
    cut_again(rig)
    assert shares(rig)[1] == 1


def test_from_a_cryptomatte(rig, tmp_path):
    path = str(tmp_path / "crypto.exr")
    ids = np.full((HEIGHT, WIDTH), cryptomatte_id("Wall"), np.float32)
    ids[10:30, 20:60] = cryptomatte_id("Bäll")
    share = np.ones((HEIGHT, WIDTH), np.float32)
    share[10:30, 20] = 0.75
    others = np.where(share < 1, cryptomatte_id("Wall"), 0).astype(np.float32)
    names = ("Bäll", "Wall")
    manifest = {name: f"{cryptomatte_id(name).view(np.uint32):08x}" for name in names}
    write_exr(
        path,
        {
            "CryptoObject00.r": ids, "CryptoObject00.g": share,
            "CryptoObject00.b": others, "CryptoObject00.a": 1 - share,
            "R": ids * 0, "G": ids * 0, "B": ids * 0,
        },
        attributes={"cryptomatte/1234567/manifest": json.dumps(manifest, ensure_ascii=False)},
    )  # fmt: skip
    assert cryptomatte_names(path) == ["Bäll", "Wall"]
    set_mask(rig, 0, LayerMask("FILE", path=path, names=("Bäll",)))
    wanted = np.zeros((HEIGHT, WIDTH), np.float32)
    wanted[10:30, 20:60] = 1
    wanted[10:30, 20] = 0.75
    np.testing.assert_allclose(read_masks(rig, WIDTH, HEIGHT)[0], wanted)
    cut_again(rig)
    assert shares(rig)[0] == pytest.approx(800 / WIDTH / HEIGHT)
    with pytest.raises(MaskError, match="has no Cat, but Bäll, Wall"):
        set_mask(rig, 0, LayerMask("FILE", path=path, names=("Cat",)))
    assert mask_of(rig, 0).names == ("Bäll",)


def test_saved_with_all_sources(rig, tmp_path):
    write_values(str(tmp_path / "matte.png"), np.ones((HEIGHT, WIDTH, 4), np.float32), "sRGB")
    image = new_painted_mask(rig, 0)
    paint(image, slice(0, 20), slice(0, 20))
    set_mask(rig, 1, LayerMask("DRAWN", draw([(1, 1), (9, 1), (9, 9)]), adds=True))
    set_mask(rig, SKY, LayerMask("FILE", path=str(tmp_path / "matte.png"), adds=True))
    image.pack()
    before = masks_of(rig)
    values = read_masks(rig, WIDTH, HEIGHT)
    save_blend(tmp_path / "masks.blend")
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "masks.blend"))
    rig = bpy.data.objects["street layers"]
    now = read_masks(rig, WIDTH, HEIGHT)
    assert masks_of(rig).keys() == before.keys() == {0, 1, SKY}
    for number, wanted in values.items():
        np.testing.assert_array_equal(now[number], wanted)


@pytest.mark.parametrize("again", [False, True])
def test_saving_keeps_what_is_painted(again, rig, tmp_path):
    mask_watch.register()
    try:
        image = new_painted_mask(rig, 0)
        if again:
            bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "masks.blend"))
        paint(image, slice(0, 36), slice(0, 64))
        cut_again(rig)
        before = shares(rig)
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "masks.blend"))
        assert not image.is_dirty
        bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "masks.blend"))
        rig = bpy.data.objects["street layers"]
        cut_again(rig)
        assert shares(rig) == before
    finally:
        mask_watch.unregister()


@pytest.mark.parametrize("steps", [1, 2])
def test_undo_past_a_save_keeps_what_is_painted(steps, rig, tmp_path):
    """Undo leaves pixels in memory, and brings back what was packed before."""
    path = str(tmp_path / "masks.blend")
    mask_watch.register()
    try:
        image = new_painted_mask(rig, 0)
        bpy.ops.ed.undo_push(message="mask")
        paint(image, slice(0, 36), slice(0, 64))
        for choke in (1, 2):
            set_layer(layer_objects(rig)[1], choke=choke)
            bpy.ops.ed.undo_push(message="choke")
            bpy.ops.wm.save_as_mainfile(filepath=path)
        for _ in range(steps):
            bpy.ops.ed.undo()
        rig = bpy.data.objects["street layers"]
        before = np.array(image_values(mask_of(rig, 0).source))
        bpy.ops.wm.save_as_mainfile(filepath=path)
        bpy.ops.wm.open_mainfile(filepath=path)
        rig = bpy.data.objects["street layers"]
        now = image_values(mask_of(rig, 0).source)
        np.testing.assert_array_equal(now, before)
        assert (now[:36, :64, 3] == 1).all()
    finally:
        mask_watch.unregister()


@pytest.mark.parametrize("way", ["saved as", "moved", "appended", "linked"])
def test_a_file_is_found_from_another_folder(way, rig, tmp_path):
    values = np.zeros((HEIGHT, WIDTH, 4), np.float32)
    values[10:30, 20:60] = 1
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    write_values(str(here / "matte.png"), values, "sRGB")
    bpy.ops.wm.save_as_mainfile(filepath=str(here / "shot.blend"))
    set_mask(rig, 1, LayerMask("FILE", path="//matte.png"))
    set_mask(rig, 0, LayerMask("FILE", path=str(here / "matte.png"), adds=True))
    assert len([each for each in bpy.data.images if each.name.startswith("matte")]) == 1
    wanted = read_masks(rig, WIDTH, HEIGHT)[1]
    assert wanted.sum() == 800
    bpy.ops.wm.save_mainfile()
    if way == "saved as":
        there.mkdir()
        bpy.ops.wm.save_as_mainfile(filepath=str(there / "shot.blend"))
    elif way == "moved":
        here.rename(there)
        bpy.ops.wm.open_mainfile(filepath=str(there / "shot.blend"))
        rig = bpy.data.objects["street layers"]
    else:
        there.mkdir()
        bpy.ops.wm.read_factory_settings(use_empty=True)
        bpy.ops.wm.save_as_mainfile(filepath=str(there / "edit.blend"))
        path = str(here / "shot.blend")
        with bpy.data.libraries.load(path, link=way == "linked") as (_, into):
            into.collections = ["street layers"]
        bpy.context.scene.collection.children.link(into.collections[0])
        rig = next(obj for obj in into.collections[0].objects if obj.parent is None)
    np.testing.assert_array_equal(read_masks(rig, WIDTH, HEIGHT)[1], wanted)
    if way != "linked":
        cut_again(rig)


def test_what_is_gone_or_does_not_fit_is_told(rig, tmp_path):
    with pytest.raises(MaskError, match="cannot be read"):
        set_mask(rig, 0, LayerMask("FILE", path=str(tmp_path / "none.png")))
    for name in ("pipe.png", "pipe.exr"):
        os.mkfifo(tmp_path / name)
        with pytest.raises(MaskError, match="cannot be read"):
            set_mask(rig, 0, LayerMask("FILE", path=str(tmp_path / name)))
    with pytest.raises(MaskError, match="a Mask datablock or a file"):
        set_mask(rig, 0, LayerMask("DRAWN", bpy.data.images.new("a", 1, 1)))
    write_values(str(tmp_path / "square.png"), np.ones((9, 9, 4), np.float32), "sRGB")
    set_mask(rig, 0, LayerMask("FILE", path=str(tmp_path / "square.png")))
    before = shares(rig)
    with pytest.raises(MaskError, match="9 x 9 pixels"):
        cut_again(rig)
    assert shares(rig) == before
    mask = draw([(1, 1), (9, 1), (9, 9)])
    set_mask(rig, 0, LayerMask("DRAWN", mask))
    bpy.data.masks.remove(mask)
    with pytest.raises(MaskError, match="is gone"):
        cut_again(rig)
    assert layers_cut(rig).thresholds == pytest.approx(THRESHOLDS)
