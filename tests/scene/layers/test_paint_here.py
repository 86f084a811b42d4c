"""Paint here: what a move shows of a wall behind a card, which follows from their places alone."""

from pathlib import Path

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.scene import add_depth_result, frame_scene
from sharpdepth_blender.scene.layers import (
    LayerMask,
    change_layers,
    layer_objects,
    layers_cut,
    new_clean_plate,
    part_layer,
    plate_path,
    set_layer,
    set_mask,
    split_result,
)
from sharpdepth_blender.scene.move import (
    FrameChecker,
    are_masks_shown,
    check_move,
    has_masks,
    keep_masks,
    keep_report,
    kept_lines,
    mask_of,
    show_masks,
)
from sharpdepth_blender.scene.picture import file_values, image_values, replace_rgba
from sharpdepth_blender.scene.projection import add_projection, camera_of
from tests.scene.layers.test_masks import draw

LENS = Intrinsics(110.0, 105.0, 62.0, 39.5, 121, 83)
NEAR, FAR = 2.0, 8.0
# Of the card, in pixels: columns and rows, from and up to.
COLUMNS, ROWS = (45, 71), (30, 58)
MOVE = 0.4


@pytest.fixture
def layers(scene):
    """A card before a wall, in two layers with hard edges: (card, wall)."""
    frame_scene(scene, LENS)
    picture = np.full((83, 121, 3), 120, np.uint8)
    depth = np.full((83, 121), FAR, np.float32)
    depth[slice(*ROWS), slice(*COLUMNS)] = NEAR
    result = add_depth_result(scene, picture, depth, depth, LENS, name="plate")
    bpy.context.view_layer.update()
    rig = split_result(scene, result, thresholds=(4.0,), sky=0.0, edge=0, move=MOVE)
    return layer_objects(rig)


def go(scene, way, frame=11):
    """Have the camera go right, up and forth, in meters, up to a frame."""
    camera = scene.camera
    camera.keyframe_insert("location", frame=1)
    right, up, forth = way
    camera.matrix_world = camera.matrix_world @ Matrix.Translation((right, up, -forth))
    camera.keyframe_insert("location", frame=frame)
    scene.frame_set(1)


def expected(way, frame, off=0.0):
    """What the moved camera sees of the wall, of that which the first one does not.

    Args:
        way: Of the camera.
        frame: Intrinsics of the wall's own picture.
        off: Pixels that the sharp borders of all of it are moved inwards, or outwards below 0.
    """
    right, up, forth = way
    u, v = np.arange(frame.width) + 0.5, (np.arange(frame.height) + 0.5)[:, None]
    x, y = (u - frame.cx) / frame.fx * FAR, (v - frame.cy) / frame.fy * FAR

    def inside(u, v, sides, off):
        left, right, top, bottom = sides
        return (u > left + off) & (u < right - off) & (v > top + off) & (v < bottom - off)

    card = (*COLUMNS, *ROWS)
    own = (u - frame.cx + LENS.cx, v - frame.cy + LENS.cy)
    share = (NEAR - forth) / (FAR - forth)
    # Where the ray of the moved camera meets the card's plane, and the pixel that shows that first.
    at = (right + (x - right) * share, -up + (y + up) * share)
    shadow = (at[0] / NEAR * LENS.fx + LENS.cx, at[1] / NEAR * LENS.fy + LENS.cy)
    again = tuple(
        each / (FAR - forth) * focal + center
        for each, focal, center in ((x - right, LENS.fx, LENS.cx), (y + up, LENS.fy, LENS.cy))
    )
    whole = (0, LENS.width, 0, LENS.height)
    scale = FAR / (FAR - forth)  # pixels of the frame to one of the layer
    hidden = inside(*own, card, off) | ~inside(*own, whole, -off)
    seen = inside(*again, whole, off * scale)
    return hidden & seen & ~inside(*shadow, card, -off * share * FAR / NEAR)


WAYS = {
    "right": (MOVE, 0, 0), "left, up": (-0.2, 0.25, 0), "forth": (0, 0, MOVE),
    "back": (0.05, 0, -MOVE), "aside and forth": (0.25, -0.1, 0.25),
}  # fmt: skip


@pytest.mark.parametrize(
    "way, size", [*((way, 1) for way in WAYS), ("aside and forth", 2), ("aside and forth", 4)]
)
def test_the_mask_is_what_the_move_uncovers(way, size, scene, layers):
    way = WAYS[way]
    scene.render.resolution_x, scene.render.resolution_y = 121 * size, 83 * size
    go(scene, way)
    with FrameChecker(scene, longer=121, resolution=242) as checker:
        start, end = checker.check(1), checker.check(11)
        (card, wall), report = checker.layers, checker.report()
        masks = checker.masks
    assert start.invented == 0
    assert not masks[card.obj.name].any()
    mask, frame = masks[wall.obj.name], wall.intrinsics
    least, most = expected(way, frame, 1), expected(way, frame, -1)
    if way == WAYS["forth"]:
        # The card hides more and more; just its corners, as alpha is mixed, are a little round.
        assert not least.any() and mask.sum() <= 4
    else:
        assert least.sum() > 100
    assert (mask >= least).all() and (mask <= most).all()
    scale = (FAR / (FAR - way[2])) ** 2 / (LENS.width * LENS.height)
    assert least.sum() * scale <= end.invented <= most.sum() * scale
    assert report.layers[1].share == mask.mean() and report.layers[0].pixels == 0


def test_the_report_never_says_that_invented_pixels_are_none(scene, layers, tmp_path):
    go(scene, WAYS["right"])
    report, picture = check_move(scene, (1, 11), folder=tmp_path)
    lines = report.summary()
    share = f"{100 * report.frames[1].invented:.3g}"
    assert f"Invented, not painted: up to {share}% of the frame, at frame 11" in lines[3]
    share = f"{100 * report.layers[1].share:.3g}"
    assert f"Paint here: {share}% of plate layer 2" in lines
    assert report.worst.frame == 11 and report.above("missing") == [11]
    green = (picture.astype(int)[..., 1] - picture.astype(int)[..., 0]) > 60
    assert abs(green.mean() - report.frames[1].invented) < 1e-3
    assert {each.name for each in tmp_path.iterdir()} == {
        "coverage.0001.png", "coverage.0011.png",
        "plate layer 2 paint here.0011.png", "plate layer 2 paint here.png",
    }  # fmt: skip


def test_the_kept_report_names_layers_as_they_are_called_now(scene, layers):
    go(scene, WAYS["right"])
    keep_report(*check_move(scene, (11,)), scene)
    lines = kept_lines()
    (line,) = (each for each in lines if each.startswith("Paint here"))
    assert line.endswith("% of plate layer 2")
    part_layer(layers[0], 1.0)
    set_layer(layers[0], name="plate layer 2")
    names = [each.rpartition(" of ")[2] for each in kept_lines() if each.startswith("Paint here")]
    assert names == ["plate layer 3"] and len(kept_lines()) == len(lines)
    bpy.data.objects.remove(layers[1])
    assert line in kept_lines()


@pytest.mark.parametrize("now", [1, 11])
def test_animated_masks_are_told(now, scene, layers):
    """All frames are checked as the layers are cut now."""
    go(scene, WAYS["right"])
    rig, mask = layers[0].parent, draw([(0, 0), (60, 0), (60, 83), (0, 83)], 121, 83)
    set_mask(rig, 0, LayerMask("DRAWN", mask, adds=True))
    scene.frame_set(now)
    assert check_move(scene, (1, 11))[0].moving == ()
    for frame, alpha in ((1, 0.0), (11, 1.0)):
        mask.layers[0].alpha = alpha
        mask.layers[0].keyframe_insert("alpha", frame=frame)
    scene.frame_set(now)
    change_layers(rig, layers_cut(rig))
    assert check_move(scene, (now,))[0].moving == ()
    report, _ = check_move(scene, (1, 11))
    line = "The masks of plate layers move: all frames were checked with those of frame {}"
    assert line.format(now) in report.summary() and report.moving == ("plate layers",)


def test_files_of_a_check_before_do_not_ask_for_what_was_painted_since(scene, layers, tmp_path):
    go(scene, WAYS["right"])
    check_move(scene, (6, 11), folder=tmp_path)
    files = sorted(tmp_path.glob("plate layer 2 paint here*"))
    assert len(files) == 3 and all(file_values(str(file))[..., 0].any() for file in files)
    plate = new_clean_plate(layers[1])
    replace_rgba(plate, np.ones_like(image_values(plate)))
    check_move(scene, (6, 11), folder=tmp_path)
    assert sorted(tmp_path.glob("plate layer 2 paint here*")) == files
    assert not any(file_values(str(file))[..., 0].any() for file in files)
    assert not list(tmp_path.glob("plate layer 1*"))


def test_without_a_move_nothing_is_invented(scene, layers):
    report, _ = check_move(scene, (1,))
    assert "Invented, not painted: none" in report.summary()
    assert report.frames[0].missing == 0


def test_what_another_camera_projects_there_counts_as_painted(scene, layers):
    """A second picture, taken from the end of the move, is laid over both layers."""
    go(scene, WAYS["right"])
    scene.frame_set(11)
    taker = bpy.data.objects.new("Taker", scene.camera.data)
    scene.collection.objects.link(taker)
    taker.matrix_world = scene.camera.matrix_world
    image = bpy.data.images.new("second", 121, 83)
    bpy.context.view_layer.update()
    scene.frame_set(1)
    projection = add_projection(
        scene, layers, image, LENS, taker.matrix_world, name="second", camera=taker,
        keep_material=True,
    )  # fmt: skip
    report, _ = check_move(scene, (1, 11))
    assert report.frames[1].invented < 1e-3
    camera_of(projection).location.x += 100  # now it reaches nothing of them
    report, _ = check_move(scene, (1, 11))
    assert report.frames[1].invented > 0.05


def test_a_layer_keeps_its_mask_and_shows_it(scene, layers, look):
    go(scene, WAYS["right"])
    wall = layers[1]
    assert not has_masks(scene)
    before = shape_of(wall.active_material)
    with FrameChecker(scene) as checker:
        checker.check(11)
        keep_masks(checker.layers, checker.masks)
    assert has_masks(scene) and not are_masks_shown(scene)
    mask = mask_of(wall)
    assert mask.packed_file and mask.colorspace_settings.is_data
    np.testing.assert_array_equal(image_values(mask)[..., 0] > 0.5, checker.masks[wall.name])
    show_masks(scene, True)
    show_masks(scene, True)
    assert are_masks_shown(scene)
    scene.frame_set(1)
    np.testing.assert_allclose(look()[..., :3], 120 / 255, atol=2e-3)
    scene.frame_set(11)
    shown = look()[..., :3]
    green = (np.abs(shown - np.array([60, 220, 60]) / 255) < 0.01).all(-1)
    assert green.mean() == pytest.approx(checker.report().frames[0].invented, abs=2e-3)
    with FrameChecker(scene) as again:  # which must not look at the masks
        again.check(11)
        assert not are_masks_shown(scene)
    assert are_masks_shown(scene)
    show_masks(scene, False)
    assert shape_of(wall.active_material) == before
    assert not [each for each in bpy.data.node_groups if "paint here" in each.name]
    assert len([each for each in bpy.data.images if "paint here" in each.name]) == 2


def test_what_was_painted_since_is_not_to_be_painted(scene, layers, tmp_path):
    """Half of it, on the clean plate, beside whose file the mask lies."""
    go(scene, WAYS["right"])
    wall = layers[1]
    with FrameChecker(scene) as checker:
        checker.check(11)
    before = checker.masks[wall.name]
    plate = new_clean_plate(wall, folder=str(tmp_path))
    painted = np.zeros((*before.shape, 4), np.float32)
    painted[: before.shape[0] // 2] = 1
    replace_rgba(plate, painted)
    with FrameChecker(scene) as again:
        again.check(11)
        keep_masks(again.layers, again.masks)
    expected = before & (painted[..., 3] == 0)
    assert 0 < expected.sum() < before.sum()
    np.testing.assert_array_equal(again.masks[wall.name], expected)
    file = Path(plate_path(plate)).with_name("plate layer 2 paint here.png")
    np.testing.assert_array_equal(file_values(str(file))[..., 0] > 0.5, expected)
    assert not list(file.parent.glob("plate layer 1*"))  # which has no clean plate


def test_the_mask_beside_a_clean_plate_has_its_name(scene, layers, tmp_path):
    """Which stays when layers are numbered anew, so that it is none of another layer's."""
    go(scene, WAYS["right"])
    plate = new_clean_plate(layers[1], folder=str(tmp_path))
    part_layer(layers[0], 1.0)
    assert layers[1].name == "plate layer 3"
    with FrameChecker(scene) as checker:
        checker.check(11)
        keep_masks(checker.layers, checker.masks)
    folder = Path(plate_path(plate)).parent
    assert {each.name for each in folder.iterdir()} == {
        "plate layer 2.png", "plate layer 2 paint here.png",
    }  # fmt: skip
    assert file_values(str(folder / "plate layer 2 paint here.png"))[..., 0].any()


@pytest.mark.parametrize("behind", [False, True])
def test_a_duplicate_asks_for_paint_on_the_same_plate(behind, scene, layers, tmp_path):
    go(scene, WAYS["right"])
    plate, copy = new_clean_plate(layers[1], folder=str(tmp_path)), layers[1].copy()
    scene.collection.objects.link(copy)
    (copy if behind else layers[1]).location.z -= 0.01  # so that it is hidden
    with FrameChecker(scene) as checker:
        checker.check(11)
        keep_masks(checker.layers, checker.masks)
    counts = [checker.masks[each.name].sum() for each in (layers[1], copy)]
    assert min(counts) == 0 < max(counts)
    file = Path(plate_path(plate)).with_name("plate layer 2 paint here.png")
    assert (file_values(str(file))[..., 0] > 0.5).sum() == max(counts)


def shape_of(material):
    tree = material.node_tree
    return (
        sorted(node.name for node in tree.nodes),
        sorted((link.from_socket.path_from_id(), link.to_socket.path_from_id())
               for link in tree.links),
    )  # fmt: skip


def test_where_the_plate_is_gone_nobody_knows(scene, layers):
    picture = layers[0].parent["sharpdepth_layers_picture"]
    bpy.data.images.remove(picture)
    report, _ = check_move(scene, (1,))
    assert report.unknown == ("plate layers",) and report.layers == ()
    assert any("what was invented is not known" in line for line in report.summary())
