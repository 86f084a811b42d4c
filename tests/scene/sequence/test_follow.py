"""One object that shows each frame's depth where that frame's camera stood."""

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from sharpdepth_blender.geometry import Intrinsics, build_surface
from sharpdepth_blender.scene import (
    bake_result,
    camera_matrix,
    read_depth_exr,
    remove_result,
    save_blend,
)
from sharpdepth_blender.scene.current_frame import picture_now
from sharpdepth_blender.scene.export.maps import maps_of
from sharpdepth_blender.scene.live import find_modifier
from sharpdepth_blender.scene.modifier import get_input, set_input
from sharpdepth_blender.scene.sequence import (
    Frames,
    RawFrame,
    SequenceError,
    SequenceFolder,
    add_depth_sequence,
    offset_from,
    picture_sequence,
    small_brightness,
    stabilize,
)
from sharpdepth_blender.scene.source import Source, find_source
from tests.scene.known_scene import distance
from tests.scene.sequence.shots import HEIGHT, WIDTH, draw, files_of, make_shot, save_png

COUNT = 4


def finish(folder, frames, scale=lambda number: 1.0):
    """Write what an engine that knows the truth would say, and steady it."""
    scene = bpy.context.scene
    store = SequenceFolder(folder, offset_from(frames.numbers[0]))
    for number in frames.numbers:
        shot = frames.read(number)
        scene.frame_set(number)
        _, depth = draw(scene, scene.camera)
        intrinsics, matrix = shot.intrinsics, frames.in_meters(shot.matrix)
        depth = depth * np.float32(scene.unit_settings.scale_length * scale(number))
        store.write_picture(number, shot.rgb)
        store.write_raw(
            number,
            RawFrame(depth, depth * np.float32(1.1), small_brightness(shot.rgb), intrinsics,
                     shot.pixel_aspect, matrix, 1.0, 0.0, shot.notes, "true", "cpu"),
        )  # fmt: skip
    for _ in stabilize(store, frames.numbers, 2):
        pass
    return folder


@pytest.fixture
def frames(tmp_path):
    make_shot(tmp_path, COUNT, zooms=True, start=7)
    scene = bpy.context.scene
    source = find_source(scene, "CAMERA_BACKGROUND", scene.camera)
    return Frames(scene, source, scene.camera, [7, 8, 9, 10])


@pytest.fixture
def obj(frames, tmp_path):
    return add_depth_sequence(bpy.context.scene, finish(tmp_path / "out", frames), name="Shot")


def evaluated(obj):
    depsgraph = bpy.context.evaluated_depsgraph_get()
    there = obj.evaluated_get(depsgraph)
    co = np.empty(len(there.data.vertices) * 3, np.float32)
    there.data.vertices.foreach_get("co", co)
    matrix = np.array(there.matrix_world)
    return co.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3], len(there.data.polygons)


def test_the_camera_at_each_frame_without_changing_the_scenes(frames):
    scene = bpy.context.scene
    scene.frame_set(9, subframe=0.25)
    for number in (10, 7):
        assert frames.read(number).rgb.shape == (HEIGHT, WIDTH, 3)
    assert (scene.frame_current, scene.frame_subframe) == (9, 0.25)
    lenses = [frames.read(number).intrinsics.fx for number in frames.numbers]
    np.testing.assert_allclose(lenses, [(35 + 0.5 * t) * WIDTH / 36 for t in range(4)], rtol=1e-5)
    matrices = [frames.read(number).matrix for number in frames.numbers]
    for number, matrix in zip(frames.numbers, matrices, strict=True):
        scene.frame_set(number)
        np.testing.assert_allclose(matrix, camera_matrix(scene, scene.camera), atol=1e-6)
        drawn, _ = draw(scene, scene.camera, seed=number)
        np.testing.assert_array_equal(frames.read(number).rgb, drawn)


@pytest.mark.parametrize("unit", [1.0, 0.01])
def test_it_lies_on_the_true_surface_at_every_frame(unit, frames, tmp_path):
    scene = bpy.context.scene
    scene.unit_settings.scale_length = unit
    source = find_source(scene, "CAMERA_BACKGROUND", scene.camera)
    frames = Frames(scene, source, scene.camera, frames.numbers)
    obj = add_depth_sequence(scene, finish(tmp_path / "out", frames), name="Shot")
    counts = []
    for number in (7, 10, 8, 9):
        scene.frame_set(number)
        points, faces = evaluated(obj)
        counts.append(len(points))
        origin = np.array(camera_matrix(scene, scene.camera))[:3, 3]
        off = distance(points) / np.linalg.norm(points - origin, axis=1)
        assert np.median(off) < 1e-3 and np.mean(off < 0.01) > 0.97
        assert faces > 0.8 * WIDTH * HEIGHT
    assert len(set(counts)) > 1  # it is another mesh each time


def test_frames_below_zero(tmp_path):
    """Blender shows no file with such a number, so that ours have others."""
    make_shot(tmp_path, COUNT, start=-2)
    scene = bpy.context.scene
    image, numbers = picture_sequence(tmp_path / "plate.####.png")
    assert numbers == [-2, -1, 0, 1]
    source = find_source(scene, "IMAGE", scene.camera, image)
    scene.camera.data.background_images.clear()
    frames = Frames(scene, source, scene.camera, numbers)
    obj = add_depth_sequence(scene, finish(tmp_path / "out", frames), name="Shot")
    written = sorted(path.name for path in (tmp_path / "out").glob("*.exr"))
    assert written[:4] == [f"depth.{number}.exr" for number in ("0998", "0999", "1000", "1001")]
    (texture,) = [n for n in obj.data.materials[0].node_tree.nodes if n.type == "TEX_IMAGE"]
    user = texture.image_user
    assert user.frame_start == -2 and user.frame_offset == 997
    for number in (-2, 1, 0, -1):
        scene.frame_set(number)
        points, faces = evaluated(obj)
        origin = np.array(camera_matrix(scene, scene.camera))[:3, 3]
        off = distance(points) / np.linalg.norm(points - origin, axis=1)
        assert np.median(off) < 1e-3 and np.mean(off < 0.01) > 0.97
        picture = picture_now(find_modifier(obj))
        drawn, _ = draw(scene, scene.camera, seed=number % 100)
        assert np.abs(picture[..., :3] * 255 - drawn).max() < 1
        assert maps_of(obj).depth.shape == (HEIGHT, WIDTH)
    scene.frame_set(-50)
    first = evaluated(obj)[0]
    scene.frame_set(-2)
    np.testing.assert_array_equal(first, evaluated(obj)[0])
    bake_result(obj, WIDTH)
    assert user.frame_offset == 997 and user.frame_duration == 1


def test_an_object_of_a_file_from_before(obj):
    """Its node group does not know that files have numbers of their own."""
    modifier = find_modifier(obj)
    bpy.context.scene.frame_set(9)
    now = picture_now(modifier)
    group = modifier.node_group
    group.interface.remove(group.interface.items_tree["First File"])
    np.testing.assert_array_equal(picture_now(modifier), now)


def test_in_a_gap_the_nearest_frame_is_held_where_it_was_seen(frames, tmp_path):
    for number in (8, 9):
        (tmp_path / f"plate.{number:04d}.png").unlink()
    scene = bpy.context.scene
    source = find_source(scene, "CAMERA_BACKGROUND", scene.camera)
    frames = Frames(scene, source, scene.camera, [*range(5, 11)])
    assert frames.numbers == [7, 10]
    assert frames.notes == (
        "Frames without a picture, where the nearest one is held: 5 to 6, 8 to 9.",
    )
    folder = finish(tmp_path / "out", frames)
    obj = add_depth_sequence(scene, folder, name="Shot")
    shown = {}
    for number in range(5, 13):
        scene.frame_set(number)
        points, faces = evaluated(obj)
        assert faces > 0.8 * WIDTH * HEIGHT
        shown[number] = points, picture_now(find_modifier(obj))
    for number, nearest in {5: 7, 6: 7, 8: 7, 9: 10, 12: 10}.items():
        for held, there in zip(shown[number], shown[nearest], strict=True):
            np.testing.assert_allclose(held, there, rtol=1e-4)
    held = SequenceFolder(folder).read_json("shot.json")["held"]
    assert held == [{"frame": 8, "shows": 7}, {"frame": 9, "shows": 10}]
    before = files_of(folder)
    finish(folder, frames)
    assert files_of(folder) == before

    # The frame comes after all: then it has files of its own, and the others are as they were.
    make_shot(tmp_path, COUNT, zooms=True, start=7)
    scene = bpy.context.scene
    source = find_source(scene, "CAMERA_BACKGROUND", scene.camera)
    finish(folder, Frames(scene, source, scene.camera, [7, 8, 9, 10]))
    now, store = files_of(folder), SequenceFolder(folder)
    assert now["picture.0007.png"] == before["picture.0007.png"] != now["picture.0008.png"]
    assert (
        store.read_json("shot.json")["held"] == []
        and now["depth.0008.exr"] != now["depth.0007.exr"]
    )


def test_no_picture_at_any_frame(frames):
    scene = bpy.context.scene
    (image,) = bpy.data.images
    with pytest.raises(SequenceError, match="plate.0007 has no picture at the frames 1 to 5"):
        Frames(scene, Source(image), None, range(1, 6))


@pytest.mark.parametrize("clip", [False, True])
def test_gaps_of_a_clip_and_of_files(clip, frames, tmp_path):
    scene = bpy.context.scene
    (tmp_path / "plate.0008.png").unlink()
    if clip:
        block = bpy.data.movieclips.load(str(tmp_path / "plate.0007.png"))
        block.frame_start = 7
    else:
        block = picture_sequence(tmp_path / "plate.0007.png")[0]
    assert Frames(scene, Source(block), None, [7, 8, 9, 10]).numbers == [7, 9, 10]


def test_depth_is_not_steadied_over_more_than_the_window(tmp_path):
    """Three frames, ten frames nothing, three frames: as if they were two shots."""
    make_shot(tmp_path, 16)
    scene = bpy.context.scene
    source = find_source(scene, "CAMERA_BACKGROUND", scene.camera)

    def steadied(name, numbers):
        frames = Frames(scene, source, scene.camera, numbers)
        folder = tmp_path / name
        finish(folder, frames, lambda number: 1.05 if number > 8 else 1.0)
        return {path.name: read_depth_exr(path) for path in folder.glob("*.exr")}

    together = steadied("both", [1, 2, 3, 14, 15, 16])
    apart = steadied("one", [1, 2, 3]) | steadied("two", [14, 15, 16])
    for name, depth in apart.items():
        np.testing.assert_array_equal(together[name], depth)
    shot = SequenceFolder(tmp_path / "both").read_json("shot.json")
    assert shot["cuts"] == [] and shot["jumps"] == [] and len(shot["held"]) == 10


def test_beyond_the_ends_it_shows_the_first_and_last(obj):
    scene = bpy.context.scene
    shown = {}
    for number in (1, 7, 10, 50):
        scene.frame_set(number)
        shown[number] = evaluated(obj)[0]
    np.testing.assert_array_equal(shown[1], shown[7])
    np.testing.assert_array_equal(shown[50], shown[10])
    assert not np.array_equal(shown[7], shown[10])


def test_it_stays_when_the_shots_camera_is_changed(obj):
    scene = bpy.context.scene
    scene.frame_set(9)
    before = evaluated(obj)[0]
    scene.camera.animation_data_clear()
    scene.camera.location = (5, 5, 5)
    scene.frame_set(8)
    scene.frame_set(9)
    np.testing.assert_array_equal(evaluated(obj)[0], before)


def test_saved_and_opened_again(obj, tmp_path):
    bpy.context.scene.frame_set(10)
    before = evaluated(obj)[0]
    save_blend(tmp_path / "saved.blend")
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "saved.blend"))
    bpy.context.scene.frame_set(7)
    bpy.context.scene.frame_set(10)
    np.testing.assert_array_equal(evaluated(bpy.data.objects["Shot depth mesh"])[0], before)


def test_the_material_shows_the_frames_picture(obj):
    (texture,) = [n for n in obj.data.materials[0].node_tree.nodes if n.type == "TEX_IMAGE"]
    user = texture.image_user
    assert texture.image.source == "SEQUENCE" and user.use_auto_refresh
    # The frame that Blender looks for, by its own rule.
    for number, wanted in ((3, 7), (7, 7), (9, 9), (99, 10)):
        shown = min(max(number - user.frame_start + 1, 0), user.frame_duration)
        assert max(shown, 1) + user.frame_offset == wanted


@pytest.mark.parametrize("output", ["Mesh", "Points"])
def test_baked_it_is_the_current_frame_and_stays(output, obj):
    scene = bpy.context.scene
    modifier = find_modifier(obj)
    set_input(modifier, "Output", output)
    scene.frame_set(9)
    depth = maps_of(obj).depth
    intrinsics = Intrinsics(
        *(get_input(modifier, name) for name in (
            "Focal Length X", "Focal Length Y", "Principal Point X", "Principal Point Y")),
        WIDTH, HEIGHT,
    )  # fmt: skip
    assert intrinsics.fx == pytest.approx(36 * WIDTH / 36, rel=1e-5)
    place = np.array(obj.matrix_world)
    bake_result(obj, WIDTH)
    expected = build_surface(depth, intrinsics, keep_loose=output == "Points")
    for number in (9, 7):
        scene.frame_set(number)
        np.testing.assert_allclose(obj.matrix_world, place, atol=1e-6)
        co = np.empty(len(obj.data.vertices) * 3, np.float32)
        obj.data.vertices.foreach_get("co", co)
        np.testing.assert_array_equal(co.reshape(-1, 3), expected.vertices)
    assert not bpy.data.actions.get("Shot Camera")


def test_a_camera_that_stands_still_needs_no_keyframes(tmp_path):
    make_shot(tmp_path, 2, moves=False)
    scene = bpy.context.scene
    source = find_source(scene, "CAMERA_BACKGROUND", scene.camera)
    frames = Frames(scene, source, scene.camera, [1, 2])
    obj = add_depth_sequence(scene, finish(tmp_path / "out", frames), name="Shot")
    assert obj.animation_data is None or obj.animation_data.action is None
    np.testing.assert_allclose(obj.matrix_world, scene.camera.matrix_world, atol=1e-6)


def test_nothing_is_left_of_it(obj):
    remove_result(obj)
    names = [image.name for image in bpy.data.images]
    assert names == ["plate.0007.png"] and not bpy.data.meshes and not bpy.data.materials


def test_an_unfinished_sequence_is_named(tmp_path):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    before = len(bpy.data.objects)
    with pytest.raises(SequenceError, match="not finished"):
        add_depth_sequence(bpy.context.scene, tmp_path / "out", name="Shot")
    assert len(bpy.data.objects) == before


def test_a_turn_of_more_than_half_a_circle_is_not_undone(frames, tmp_path):
    """Neighboring quaternions have one sign, or it would turn the long way between frames."""
    store_folder = finish(tmp_path / "out", frames)
    store = SequenceFolder(store_folder)
    shot = store.read_json("shot.json")
    for index, each in enumerate(shot["frames"]):
        each["matrix"] = [list(row) for row in Matrix.Rotation(2.0 * index, 4, "Z")]
    store.write_json("shot.json", shot)
    obj = add_depth_sequence(bpy.context.scene, store_folder, name="Turning")
    bpy.context.scene.frame_set(8, subframe=0.5)
    turned = Matrix.Rotation(3.0, 4, "Z")
    np.testing.assert_allclose(obj.matrix_world.to_3x3(), turned.to_3x3(), atol=0.2)


def test_what_is_no_sequence_is_named(tmp_path):
    with pytest.raises(SequenceError, match="does not exist"):
        picture_sequence(tmp_path / "none.png")
    with pytest.raises(SequenceError, match="no files like"):
        picture_sequence(tmp_path / "none.##.png")
    save_png(tmp_path / "alone.png", np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(SequenceError, match="single picture"):
        picture_sequence(tmp_path / "alone.png")
