"""Shots are found as they were laid out, and no split sees another's."""

import pytest

bpy = pytest.importorskip("bpy")

from training.scenes.errors import NoCameraError, TooFewFramesError  # noqa: E402
from training.scenes.shots import Shot, find_shots, share_out  # noqa: E402


@pytest.fixture
def scene():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 10, 50
    return scene


@pytest.fixture
def add_camera(scene):
    def add(name, kind="PERSP"):
        data = bpy.data.cameras.new(name)
        data.type = kind
        camera = bpy.data.objects.new(name, data)
        scene.collection.objects.link(camera)
        return camera

    return add


def bind(scene, frame, camera):
    scene.timeline_markers.new(f"{frame}", frame=frame).camera = camera


def described(shots):
    return [(shot.camera.name, shot.first, shot.last) for shot in shots]


def test_bound_markers_cut_the_frame_range(scene, add_camera):
    one, two = add_camera("one"), add_camera("two")
    scene.camera = add_camera("not in any shot")
    for frame, camera in ((30, one), (-5, two), (20, one), (45, two), (51, one)):
        bind(scene, frame, camera)
    scene.timeline_markers.new("a note", frame=25)
    assert described(find_shots(scene)) == [
        ("two", 10, 19), ("one", 20, 29), ("one", 30, 44), ("two", 45, 50),
    ]  # fmt: skip


def test_they_cut_it_where_blender_itself_switches_cameras(scene, add_camera):
    hidden = add_camera("hidden")
    hidden.hide_render = True
    cameras = [add_camera(name) for name in "abc"] + [hidden]
    for frame, index in ((33, 0), (12, 1), (5, 2), (48, 0), (20, 3), (13, 2), (33, 1)):
        bind(scene, frame, cameras[index])
    shots = find_shots(scene)
    for frame in range(scene.frame_start, scene.frame_end + 1):
        scene.frame_set(frame)
        (shot,) = (shot for shot in shots if shot.first <= frame <= shot.last)
        assert shot.camera == scene.camera, frame


def test_a_first_marker_inside_the_range_counts_before_it_too(scene, add_camera):
    bind(scene, 30, add_camera("only"))
    assert described(find_shots(scene)) == [("only", 10, 50)]


def test_without_markers_the_active_camera_is_one_shot(scene, add_camera):
    add_camera("other")
    scene.camera = add_camera("active")
    assert described(find_shots(scene)) == [("active", 10, 50)]


def test_without_an_active_camera_every_camera_is_a_shot(scene, add_camera):
    add_camera("a"), add_camera("b")
    scene.camera = None
    assert described(find_shots(scene)) == [("a", 10, 50), ("b", 10, 50)]


def test_a_camera_that_is_no_perspective_one_is_left_out_by_name(scene, add_camera, capsys):
    bind(scene, 10, add_camera("plan", "ORTHO"))
    bind(scene, 20, add_camera("shot"))
    assert described(find_shots(scene)) == [("shot", 20, 50)]
    assert "skipping shots: The camera plan is orthographic" in capsys.readouterr().err


@pytest.mark.parametrize("kind", [None, "ORTHO", "PANO"])
def test_no_shot_is_one_sentence(scene, add_camera, kind):
    if kind:
        scene.camera = add_camera("dome", kind)
    with pytest.raises(NoCameraError, match="Scene has no shot to render: .*camera"):
        find_shots(scene)


def frames_of(shots):
    return {(shot.camera, frame) for shot in shots for frame in range(shot.first, shot.last + 1)}


WANTED = {"train": 700, "distill": 120, "validation": 0, "test": 100}


@pytest.mark.parametrize("count", [3, 4, 17])
def test_splits_share_no_shot_where_there_are_enough(count):
    shots = [Shot(f"camera {i}", 10 * i, 10 * i + 9) for i in range(count)]
    shared = share_out(shots, WANTED)
    assert list(shared) == ["train", "distill", "test"]
    assert sum(shared.values(), []) == shots
    assert len(shared["train"]) >= len(shared["distill"]) >= len(shared["test"]) >= 1


def test_long_timelines_are_shared_in_proportion():
    shared = share_out([Shot("camera", i, i) for i in range(92)], WANTED)
    assert {split: len(shots) for split, shots in shared.items()} == {
        "train": 70, "distill": 12, "test": 10,
    }  # fmt: skip


@pytest.mark.parametrize("lengths", [[3], [1, 2], [40], [7, 100]])
def test_with_fewer_shots_splits_share_no_frame(lengths):
    shots, start = [], 5
    for length in lengths:
        shots.append(Shot(f"camera {start}", start, start + length - 1))
        start += length
    shared = share_out(shots, WANTED)
    assert list(shared) == ["train", "distill", "test"] and all(shared.values())
    parts = [frames_of(shared[split]) for split in shared]
    assert set.union(*parts) == frames_of(shots)
    assert sum(map(len, parts)) == sum(lengths)
    order = [
        frame for part in shared.values() for shot in part for frame in (shot.first, shot.last)
    ]
    assert order == sorted(order)


def test_a_still_frame_serves_one_split_and_no_more():
    still = [Shot("camera", 1, 1)]
    assert share_out(still, {"train": 0, "test": 30}) == {"test": still}
    with pytest.raises(TooFewFramesError, match="1 frames in total, too few for 3 separate splits"):
        share_out(still, WANTED)
