import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from mathutils import Matrix  # noqa: E402

from sharpdepth_blender.geometry import Intrinsics  # noqa: E402
from sharpdepth_blender.geometry.layers import Cut  # noqa: E402
from sharpdepth_blender.scene import bake_result, replace_depth, save_blend  # noqa: E402
from sharpdepth_blender.scene.layers import (  # noqa: E402
    LayersError,
    change_layers,
    is_layers,
    layer_objects,
    layers_cut,
    layers_note,
    meant_layers,
    read_plate,
    split_result,
)
from sharpdepth_blender.scene.live import find_modifier, live_intrinsics  # noqa: E402
from sharpdepth_blender.scene.material import can_be_lit, is_lit, set_lit  # noqa: E402
from sharpdepth_blender.scene.modifier import get_input, set_input  # noqa: E402
from sharpdepth_blender.scene.picture import image_values  # noqa: E402
from sharpdepth_blender.scene.projection import add_projection, projections_of  # noqa: E402
from tests.geometry.layers.street import street  # noqa: E402

MOVE = 0.2
WAYS = [
    (MOVE, 0, 0), (-MOVE, 0, 0), (0, MOVE, 0), (0, -MOVE, 0), (0, 0, MOVE), (0, 0, -MOVE),
    (MOVE / 3**0.5, -MOVE / 3**0.5, -MOVE / 3**0.5),
]  # fmt: skip
THRESHOLDS = (3.6, 10.5)


def counts():
    """How many datablocks of each kind there are."""
    kinds = ("objects", "meshes", "materials", "images", "node_groups", "collections")
    found = {kind: set(getattr(bpy.data, kind).keys()) for kind in kinds}
    found["images"].discard("Render Result")
    return {kind: len(names) for kind, names in found.items()}


def alphas(rig):
    return [image_values(obj["sharpdepth_layer_color"])[..., 3] for obj in layer_objects(rig)]


def check_same(seen, picture, most=4):
    """What is seen is the picture: nowhere open, and hardly anywhere off."""
    error = 255 * np.abs(seen[..., :3] - picture)
    assert seen[..., 3].min() > 0.999
    assert error.mean() <= 0.2 and np.quantile(error, 0.999) <= most, (error.mean(), error.max())


def holes(seen):
    return float((seen[..., 3] < 0.999).mean())


@pytest.mark.parametrize("kind", ["RELIEF", "CARD"])
@pytest.mark.parametrize("sky", [False, True])
@pytest.mark.parametrize("size", [(128, 72), (71, 127)])
def test_its_own_camera_sees_the_picture_and_a_moved_one_no_hole(
    size, sky, kind, scene, make_result, look
):
    result, picture = make_result(*size, sky=sky)
    rig = split_result(scene, result, thresholds=THRESHOLDS, sky=0.0, move=MOVE, kind=kind)
    assert len(layer_objects(rig)) == 3 + sky
    check_same(look(), picture)
    for way in WAYS if size[0] > size[1] else WAYS[-1:]:
        assert holes(look(*way)) < 0.001, way


def test_a_move_too_long_shows_holes(scene, make_result, look):
    """So the test above can tell."""
    result, _ = make_result(sky=False)
    split_result(scene, result, thresholds=THRESHOLDS, sky=0.0, move=0.0)
    assert holes(look(2.0)) > 0.02


def test_a_moved_camera_sees_what_there_is(scene, make_result, look):
    """Away from what nobody saw, it agrees with the street itself."""
    result, _ = make_result(192, 108)
    split_result(scene, result, thresholds=THRESHOLDS, move=MOVE)
    for way in ((MOVE, 0, 0), (0, MOVE, 0), (0, 0, MOVE)):
        seen = look(*way)[..., :3]
        wanted, _, _ = street(192, 108, move=way)
        error = 255 * np.abs(seen - wanted).max(-1)
        assert np.median(error) < 2
        assert (error > 40).mean() < 0.06  # checks of the ground are as small as pixels


def test_behind_a_thing_there_is_the_wall_and_not_the_sky(scene, make_result, look):
    result, picture = make_result(192, 108)
    split_result(scene, result, thresholds=THRESHOLDS, move=MOVE)
    seen = look(MOVE)[..., :3]
    row = 48  # across ball, wall and post, above the ground
    wanted = street(192, 108, move=(MOVE, 0, 0))[0][row]
    wall = np.abs(wanted - [0.7, 0.5, 0.35]).max(-1) < 0.01
    assert wall.sum() > 60
    off = np.abs(seen[row] - wanted).max(-1)[wall]
    assert (off > 0.1).sum() <= 4, np.flatnonzero(off > 0.1)


@pytest.mark.parametrize("count", [2, 8])
@pytest.mark.parametrize("kind", ["RELIEF", "CARD"])
def test_from_two_to_eight_layers(count, kind, scene, make_result, look):
    result, picture = make_result()
    rig = split_result(scene, result, count=count, move=MOVE, kind=kind)
    names = [obj.name for obj in layer_objects(rig)]
    assert names == [f"street layer {n}" for n in range(1, count + 1)] + ["street sky"]
    check_same(look(), picture)
    assert holes(look(*WAYS[-1])) < 0.001


def test_what_is_made_and_what_stays(scene, make_result):
    result, _ = make_result()
    camera = scene.camera.matrix_world.copy(), scene.camera.data.lens
    rig = split_result(scene, result, thresholds=THRESHOLDS)
    assert is_layers(rig) and rig.name == "street layers"
    collection = bpy.data.collections["street layers"]
    assert set(collection.objects) == {rig, *layer_objects(rig)}
    assert collection.name in bpy.data.collections["street"].children
    assert result.hide_render and result.hide_get() and find_modifier(result)
    assert (scene.camera.matrix_world.copy(), scene.camera.data.lens) == camera
    assert rig.matrix_world == result.matrix_world
    for obj in layer_objects(rig):
        assert obj["sharpdepth_layer_color"].packed_file
    shares = [obj["sharpdepth_layer_share"] for obj in layer_objects(rig)]
    assert sum(shares) == pytest.approx(1)
    assert layers_cut(rig).thresholds == pytest.approx(THRESHOLDS)


def test_cards_are_one_quad_at_their_depth(scene, make_result):
    result, _ = make_result()
    rig = split_result(scene, result, thresholds=THRESHOLDS, kind="CARD")
    for obj, near, far in zip(
        layer_objects(rig), (0, *THRESHOLDS), (*THRESHOLDS, 90), strict=False
    ):
        assert len(obj.data.polygons) == 1 and not obj.modifiers
        depths = {round(-vertex.co.z, 4) for vertex in obj.data.vertices}
        assert len(depths) == 1 and near < depths.pop() < far
    assert layer_objects(rig)[0].data.vertices[0].co.z == pytest.approx(-3)
    quad = layer_objects(rig)[0].data
    uvs = np.empty(8, np.float32)
    quad.uv_layers["UVMap"].uv.foreach_get("vector", uvs)
    assert uvs.tolist() == [0, 0, 1, 0, 1, 1, 0, 1]
    assert [vertex.co.y < 0 for vertex in quad.vertices] == [True, True, False, False]


def test_relief_and_cards_are_each_others(scene, make_result, look):
    result, picture = make_result()
    rig = split_result(scene, result, thresholds=THRESHOLDS, move=MOVE)
    relief = counts()
    cut = layers_cut(rig)
    change_layers(rig, Cut.at(cut.thresholds, move=MOVE, kind="CARD"))
    assert all(len(obj.data.polygons) == 1 for obj in layer_objects(rig))
    check_same(look(), picture)
    change_layers(rig, cut)
    assert counts() == relief
    check_same(look(), picture)


@pytest.mark.parametrize("kind", ["RELIEF", "CARD"])
def test_a_threshold_moves_pixels_between_layers_in_place(kind, scene, make_result, look):
    result, picture = make_result()
    rig = split_result(scene, result, thresholds=THRESHOLDS, move=MOVE, kind=kind)
    objects = layer_objects(rig)
    images = [obj["sharpdepth_layer_color"] for obj in objects]
    materials = [obj.data.materials[0] for obj in objects]
    before, shares = counts(), [obj["sharpdepth_layer_share"] for obj in objects]
    plate = read_plate(rig)
    for threshold in (2.5, 4.5, 2.2, 3.6, 2.5):
        change_layers(rig, Cut.at((threshold, 10.5), move=MOVE, kind=kind), plate)
    assert counts() == before
    assert layer_objects(rig) == objects
    assert [obj["sharpdepth_layer_color"] for obj in objects] == images
    assert [obj.data.materials[0] for obj in objects] == materials
    now = [obj["sharpdepth_layer_share"] for obj in objects]
    assert now[0] < 0.5 * shares[0] and now[0] + now[1] == pytest.approx(sum(shares[:2]))
    assert now[2:] == shares[2:]
    check_same(look(), picture)
    change_layers(rig, Cut.at(THRESHOLDS, move=MOVE, kind=kind), plate)
    assert [obj["sharpdepth_layer_share"] for obj in objects] == shares


def test_layers_come_and_go(scene, make_result, look):
    result, picture = make_result()
    rig = split_result(scene, result, thresholds=THRESHOLDS)
    before = counts()
    change_layers(rig, Cut.at((2.5, 3.6, 7, 10.5, 20), sky=40.0, move=MOVE))
    assert len(layer_objects(rig)) == 7
    check_same(look(), picture)
    change_layers(rig, Cut.at((4.0,), move=MOVE))
    assert [obj.name for obj in layer_objects(rig)] == [
        "street layer 1",
        "street layer 2",
        "street sky",
    ]
    check_same(look(), picture)
    change_layers(rig, Cut.at(THRESHOLDS))
    assert counts() == before


@pytest.mark.parametrize("shared", [False, True])
def test_duplicates_of_a_layer_follow_its_cut(shared, scene, make_result, look):
    result, _ = make_result()
    rig = split_result(scene, result, thresholds=THRESHOLDS, move=MOVE)
    obj = layer_objects(rig)[1]
    copy = obj.copy()
    copy.data = obj.data if shared else obj.data.copy()
    scene.collection.objects.link(copy)
    cut = layers_cut(rig).with_thresholds((3.0, 9.0))
    for kind in ("RELIEF", "CARD", "RELIEF"):
        change_layers(rig, cut.with_layer(1, kind=kind))
        seen = []
        for one, other in ((obj, copy), (copy, obj)):
            one.hide_render, other.hide_render = False, True
            seen.append(look(0.1, 0, 0))
        np.testing.assert_allclose(seen[0], seen[1], atol=1e-3)
        assert obj["sharpdepth_layer_share"] == copy["sharpdepth_layer_share"]
        assert copy.name == f"{obj.name}.001"
    change_layers(rig, cut.with_thresholds((12.0,)))
    assert {each["sharpdepth_layer"] for each in layer_objects(rig)} <= {0, 1, 2, -1}


def test_a_draft_is_coarse_and_the_next_cut_is_whole_again(scene, make_result, look):
    result, picture = make_result(640, 60)
    rig = split_result(scene, result, thresholds=THRESHOLDS, move=MOVE)
    cut, before = layers_cut(rig), counts()
    change_layers(rig, cut.with_layer(0, edge=2), draft=True)
    assert all(obj["sharpdepth_layer_color"].size[0] < 640 for obj in layer_objects(rig))
    seen = look()
    assert seen[..., 3].min() > 0.999
    assert 255 * np.abs(seen[..., :3] - picture).mean() < 6
    change_layers(rig, cut)
    assert counts() == before
    check_same(look(), picture)


def test_saved_and_opened_again(scene, make_result, look, tmp_path):
    result, picture = make_result()
    rig = split_result(scene, result, thresholds=THRESHOLDS, move=MOVE)
    change_layers(rig, Cut.at((2.5, 10.5), move=MOVE))
    before = alphas(rig)
    path = tmp_path / "layers.blend"
    save_blend(path)
    bpy.ops.wm.open_mainfile(filepath=str(path))
    rig = bpy.data.objects["street layers"]
    assert layers_cut(rig).thresholds == pytest.approx((2.5, 10.5))
    for one, other in zip(before, alphas(rig), strict=True):
        assert np.array_equal(one, other)
    opened = bpy.context.scene
    assert opened.camera.name == "street camera"
    change_layers(rig, Cut.at(THRESHOLDS, move=MOVE))
    assert len(layer_objects(rig)) == 4


def test_it_does_without_the_result(scene, make_result, look):
    result, picture = make_result()
    rig = split_result(scene, result, thresholds=THRESHOLDS, move=MOVE)
    bake_result(result)
    bpy.data.objects.remove(result)
    change_layers(rig, Cut.at((2.5, 10.5), move=MOVE))
    check_same(look(), picture)


def test_what_the_result_shows_is_split(scene, make_result, look):
    """Scaled and cut off at near and far as it is, under a camera in any place."""
    result, picture = make_result()
    place = Matrix.LocRotScale((3, -2, 5), Matrix.Rotation(0.8, 3, (1, 2, 3)), (1, 1, 1))
    result.matrix_world = scene.camera.matrix_world = place
    modifier = find_modifier(result)
    for name, value in {"Depth Scale": 2.0, "Near": 4.5, "Far": 30.0}.items():
        set_input(modifier, name, value)
    rig = split_result(scene, result, thresholds=(7.2, 21), move=0.1)
    cut = layers_cut(rig)
    assert (cut.near, cut.sky_depth) == (4.5, 30)
    seen = look()
    assert seen[..., 3].min() > 0.999
    column = np.abs(np.arange(128) + 0.5 - 0.7 * 128) > 5
    check_same(seen[:, column], picture[:, column])
    assert seen[30, ~column, 2].min() > 0.25  # the post was nearer


@pytest.mark.parametrize("kind", ["RELIEF", "CARD"])
def test_any_unit_of_length(kind, scene, make_result, look):
    result, picture = make_result(unit=0.01)
    rig = split_result(scene, result, thresholds=THRESHOLDS, move=MOVE, kind=kind)
    assert layers_cut(rig).thresholds == pytest.approx(THRESHOLDS)
    sky = layer_objects(rig)[-1]
    assert -sky.data.vertices[0].co.z < scene.camera.data.clip_end
    check_same(look(), picture)
    assert holes(look(*WAYS[-1])) < 0.001


@pytest.mark.parametrize(
    "depth",
    [
        lambda z: np.full_like(z, 4),
        lambda z: np.zeros_like(z) + (np.indices(z.shape)[0] > 40) * np.float32(5),
        lambda z: np.where(np.random.default_rng(0).random(z.shape) < 0.1, 0, z).astype("f4"),
    ],
)
def test_poor_depth(depth, scene, make_result, look):
    result, picture = make_result(sky=False, depth=depth)
    split_result(scene, result, count=4, move=0.1)
    check_same(look(), picture, most=8)
    assert holes(look(0.1)) < 0.001


def test_a_move_is_proposed(scene, make_result):
    result, _ = make_result()
    assert layers_cut(split_result(scene, result, thresholds=THRESHOLDS)).move == 0.3


def test_lit(scene, make_result, look):
    result, _ = make_result()
    rig = split_result(scene, result, thresholds=THRESHOLDS)
    for obj in layer_objects(rig):
        assert can_be_lit(obj.data.materials[0])
        set_lit(obj.data.materials[0], True)
    seen = look()
    assert seen[..., 3].min() > 0.999 and seen[..., :3].max() < 0.01  # there is no light


def test_float_pictures_keep_their_range(scene, make_result):
    result, picture = make_result()
    height, width = picture.shape[:2]
    bright = bpy.data.images.new("bright", width, height, float_buffer=True)
    values = np.ones((height, width, 4), np.float32)
    values[..., :3] = 30 * picture[::-1]
    bright.pixels.foreach_set(values.ravel())
    set_input(find_modifier(result), "Picture", bright)
    rig = split_result(scene, result, thresholds=THRESHOLDS, move=0.1)
    image = layer_objects(rig)[0]["sharpdepth_layer_color"]
    assert image.is_float
    assert image_values(image)[..., :3].max() > 0.99 * 30 * picture.max()


def test_a_picture_larger_than_its_depth(scene, make_result, look):
    result, _ = make_result(64, 36)
    picture, _, _ = street(128, 72)
    image = bpy.data.images.new("plate", 128, 72)
    values = np.ones((72, 128, 4), np.float32)
    values[..., :3] = picture[::-1]
    image.pixels.foreach_set(values.ravel())
    set_input(find_modifier(result), "Picture", image)
    scene.render.resolution_x, scene.render.resolution_y = 128, 72
    split_result(scene, result, thresholds=THRESHOLDS, move=MOVE)
    check_same(look(), picture)


def test_which_layers_are_meant(scene, make_result):
    assert meant_layers(bpy.context) is None
    result, _ = make_result()
    first = split_result(scene, result, thresholds=THRESHOLDS)
    assert meant_layers(bpy.context) == first
    second = split_result(scene, result, keep_both=True, thresholds=THRESHOLDS)
    assert meant_layers(bpy.context) is None
    bpy.context.view_layer.objects.active = layer_objects(second)[1]
    assert meant_layers(bpy.context) == second
    bpy.context.view_layer.objects.active = first
    assert meant_layers(bpy.context) == first


def test_what_cannot_be_split_leaves_nothing_behind(scene, make_result):
    result, _ = make_result()
    before = counts()
    for words, wishes in (
        ("2 to 8", {"count": 9}),
        ("ascend", {"thresholds": (3, 2)}),
        ("too long", {"thresholds": (100, 200), "sky": 0.0, "move": 1e4}),
        ("edge", {"edge": 99}),
    ):
        with pytest.raises((LayersError), match=words):
            split_result(scene, result, **wishes)
        assert counts() == before and not result.hide_render
    rig = split_result(scene, result, thresholds=THRESHOLDS)
    cut, after, shown = layers_cut(rig), counts(), alphas(rig)
    with pytest.raises(LayersError, match="too long"):
        change_layers(rig, Cut.at((100, 200, 300), move=1e5))
    assert layers_cut(rig) == cut and counts() == after
    assert all(np.array_equal(a, b) for a, b in zip(alphas(rig), shown, strict=True))
    bake_result(result)
    with pytest.raises(LayersError, match="no live"):
        split_result(scene, result)


def test_what_follows_the_frame_is_no_one_picture(scene, make_result):
    result, _ = make_result()
    bpy.data.images["street depth"].source = "SEQUENCE"
    before = counts()
    with pytest.raises(LayersError, match="follows the frame"):
        split_result(scene, result)
    assert counts() == before and not result.hide_render


def test_no_depth_at_all(scene, make_result):
    result, _ = make_result(depth=np.zeros_like)
    with pytest.raises(LayersError, match="no depth"):
        split_result(scene, result)


def test_a_picture_that_is_gone(scene, make_result):
    result, _ = make_result()
    rig = split_result(scene, result, thresholds=THRESHOLDS)
    bpy.data.images.remove(bpy.data.images["street picture"])
    with pytest.raises(LayersError, match="is gone"):
        change_layers(rig, layers_cut(rig))
    with pytest.raises(LayersError, match="is gone"):
        split_result(scene, result)


def test_a_picture_that_goes_while_layers_are_dragged(scene, make_result):
    result, _ = make_result()
    rig = split_result(scene, result, thresholds=THRESHOLDS)
    plate = read_plate(rig)
    bpy.data.images.remove(bpy.data.images["street picture"])
    with pytest.raises(LayersError, match="is gone"):
        change_layers(rig, Cut.at((3.6, 6.0, 10.5)), plate, draft=True)


def test_splitting_again_cuts_the_same_layers_anew(scene, make_result, look):
    result, picture = make_result()
    rig = split_result(scene, result, thresholds=THRESHOLDS, move=MOVE)
    before, objects = counts(), layer_objects(rig)
    objects[0].name, objects[1].location.x = "Mine", 0.5
    set_lit(objects[2].data.materials[0], True)
    assert split_result(scene, result, thresholds=(2.5, 10.5), move=MOVE) == rig
    assert counts() == before and layer_objects(rig) == objects and layers_note(rig) == ""
    assert layers_cut(rig).thresholds == pytest.approx((2.5, 10.5))
    assert objects[0].name == "Mine" and objects[1].location.x == 0.5
    assert is_lit(objects[2].data.materials[0])
    set_lit(objects[2].data.materials[0], False)
    objects[1].location.x = 0
    check_same(look(), picture)
    assert split_result(scene, result, count=5, move=MOVE) == rig
    assert len(layer_objects(rig)) == 6


def test_solid_view_tells_layers_apart_by_the_colors_of_their_objects(scene, make_result):
    result, _ = make_result()
    rig = split_result(scene, result, count=8, move=MOVE)
    objects = layer_objects(rig)
    colors = np.array([obj.color for obj in objects])
    assert len(objects) == 9 and (colors[:, 3] == 1).all()
    apart = np.abs(colors[:, None] - colors[None]).max(-1) + np.eye(9)
    assert apart.min() > 0.1 and np.diag(apart, 1).min() > 0.3
    objects[0].color = (0.1, 0.2, 0.3, 1)
    split_result(scene, result)
    kept = np.array([obj.color for obj in objects])
    assert np.allclose(kept[0], (0.1, 0.2, 0.3, 1)) and (kept[1:] == colors[1:]).all()
    assert result.color[:] == (1, 1, 1, 1)


def test_splitting_again_after_the_result_got_another_depth(scene, make_result):
    result, picture = make_result()
    rig = split_result(scene, result, thresholds=THRESHOLDS, move=MOVE)
    images = len(bpy.data.images)
    size = result["sharpdepth_depth"].size
    depth = np.full((size[1], size[0]), 7, np.float32)
    intrinsics = live_intrinsics(find_modifier(result))
    replace_depth(result, get_input(find_modifier(result), "Picture"), depth, depth, intrinsics)
    result.name = "renamed"
    assert split_result(scene, result, thresholds=THRESHOLDS, move=MOVE) == rig
    assert np.unique(read_plate(rig).depth).tolist() == [7]
    assert len(bpy.data.images) <= images  # the former depth is gone, as nothing shows it


def test_shaped_layers_are_kept_and_that_is_said(scene, make_result):
    result, _ = make_result()
    rig = split_result(scene, result, thresholds=THRESHOLDS, move=MOVE)
    layer_objects(rig)[1].modifiers.clear()
    other = split_result(scene, result, thresholds=(2.5, 10.5), move=MOVE)
    assert other != rig and "street layers was edited" in layers_note(other)
    assert layers_cut(rig).thresholds == pytest.approx(THRESHOLDS)
    # The next time it is the other one's turn.
    assert split_result(scene, result, thresholds=THRESHOLDS, move=MOVE) == other


def test_layers_that_nobody_touched_are_cut_anew_after_reopening(scene, make_result, tmp_path):
    result, _ = make_result()
    split_result(scene, result, thresholds=THRESHOLDS, move=MOVE)
    save_blend(tmp_path / "a.blend")
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    scene, result = bpy.context.scene, bpy.data.objects["street depth mesh"]
    rig = bpy.data.objects["street layers"]
    assert split_result(scene, result, thresholds=(2.5, 10.5), move=MOVE) == rig


def test_a_layer_with_a_projection_is_not_removed(scene, make_result, look):
    result, _ = make_result()
    rig = split_result(scene, result, thresholds=(2.5, 3.6, 10.5), move=MOVE)
    last = layer_objects(rig)[3]
    image = bpy.data.images.new("patch", 8, 8)
    add_projection(
        scene, [last], image, Intrinsics(8, 8, 4, 4, 8, 8), result.matrix_world, name="patch"
    )
    # It stays with its projection as long as there are as many layers, or others go.
    for thresholds in ((2.4, 3.6, 10.5), THRESHOLDS):
        assert split_result(scene, result, thresholds=thresholds, move=MOVE) == rig
        assert projections_of(last)
    other = split_result(scene, result, thresholds=(3.6,), move=MOVE)
    assert other != rig and projections_of(last)


def test_both_are_kept_where_that_is_wished_and_a_duplicate_has_its_own(scene, make_result):
    result, _ = make_result()
    rig = split_result(scene, result, thresholds=THRESHOLDS)
    second = split_result(scene, result, keep_both=True, thresholds=THRESHOLDS)
    assert second != rig and second.name == "street layers.001" and layers_note(second) == ""
    twin = result.copy()
    scene.collection.objects.link(twin)
    third = split_result(scene, twin, thresholds=THRESHOLDS)
    assert third not in (rig, second)
    assert split_result(scene, result, thresholds=THRESHOLDS) in (rig, second)
    assert split_result(scene, twin, thresholds=THRESHOLDS) == third


def test_a_cut_that_fails_leaves_the_layers_as_they_were(scene, make_result, monkeypatch):
    result, _ = make_result()
    rig = split_result(scene, result, thresholds=THRESHOLDS)
    before, shown = counts(), alphas(rig)
    with pytest.raises(LayersError):
        split_result(scene, result, thresholds=(9.0, 3.0))
    monkeypatch.setattr("sharpdepth_blender.scene.layers.split.change_layers", lambda *_: 1 / 0)
    set_input(find_modifier(result), "Depth Scale", 2.0)
    plate = read_plate(rig).depth
    with pytest.raises(ZeroDivisionError):
        split_result(scene, result, thresholds=THRESHOLDS)
    assert counts() == before
    np.testing.assert_array_equal(read_plate(rig).depth, plate)
    for one, other in zip(shown, alphas(rig), strict=True):
        np.testing.assert_array_equal(one, other)


def test_layers_follow_the_result_unless_somebody_moved_them(scene, make_result):
    result, _ = make_result()
    rig = split_result(scene, result, thresholds=THRESHOLDS)
    result.location.x += 2
    bpy.context.view_layer.update()
    split_result(scene, result, thresholds=THRESHOLDS)
    assert rig.matrix_world == result.matrix_world
    rig.location.y += 3
    bpy.context.view_layer.update()
    place = rig.matrix_world.copy()
    result.location.x += 2
    bpy.context.view_layer.update()
    split_result(scene, result, thresholds=THRESHOLDS)
    assert rig.matrix_world == place
