"""Tracks that Blender has solved, against the points that they were made of."""

import bpy
import numpy as np
import pytest

from sharpdepth_blender.scene import SolvedTracks, TracksError, clip_behind
from sharpdepth_blender.scene.plates import read_clip
from sharpdepth_blender.scene.shot import shot_as_seen
from tests.scene.tracked_shot import HEIGHT, WIDTH, in_clip_editor, show_behind, solve, track


def ratio(points, depths):
    """What all depths have to be multiplied by, and how far the worst is then off."""
    ratios = points[:, 2] / depths
    return np.median(ratios), np.abs(ratios / np.median(ratios) - 1).max()


@pytest.mark.parametrize("tracks", [30, 300])
def test_tracks_are_where_their_markers_are_at_one_scale(tracks, scene, tmp_path):
    shot = track(tmp_path, tracks)
    solve(shot)
    solved = SolvedTracks(scene, shot.clip, undistorted=True)
    assert solved.meters == 1
    assert solved.note == (
        "Meters come from the solved tracks of shot.0001.png; a unit of the solve was taken for "
        "1 m."
    )
    scales = []
    for frame in shot.places:
        points, notes = solved.points(frame)
        assert notes == [f"{tracks} solved tracks were used."]
        np.testing.assert_allclose(points[:, :2], shot.places[frame], atol=1e-4)
        scale, off = ratio(points, shot.depths[frame])
        assert off < 1e-4
        scales.append(scale)
    assert np.ptp(scales) < 1e-4 * scales[0]


@pytest.mark.parametrize("undistorted", [True, False])
def test_a_lens_with_distortion(undistorted, scene, tmp_path):
    shot = track(tmp_path, 30, k1=-0.2)
    solve(shot)
    points = SolvedTracks(scene, shot.clip, undistorted).points(5)[0]
    places = (shot.straight if undistorted else shot.places)[5]
    np.testing.assert_allclose(points[:, :2], places, atol=1e-3)
    assert np.abs(shot.straight[5] - shot.places[5]).max() > 0.4
    assert ratio(points, shot.depths[5])[1] < 1e-3


def set_scale(shot, unit=1.0, operator=None):
    """Blender's Set Scale by the first two tracks; `unit` is the length of a unit of the scene."""
    for number, each in enumerate(shot.clip.tracking.tracks):
        each.select = number < 2
    distance = np.linalg.norm(shot.points[0] - shot.points[1]) / unit
    in_clip_editor(shot.clip, operator or bpy.ops.clip.set_scale, distance=distance)


@pytest.mark.parametrize("unit", [1.0, 0.01])
@pytest.mark.parametrize("parent", [False, True])
def test_set_scale_makes_meters(parent, unit, scene, tmp_path, add_camera):
    shot = track(tmp_path)
    solve(shot)
    scene.unit_settings.scale_length = unit
    camera = add_camera()
    show_behind(camera, shot.clip)
    if parent:
        camera.parent = bpy.data.objects.new("Parent", None)
        scene.collection.objects.link(camera.parent)
    set_scale(shot, unit)
    solved = SolvedTracks(scene, shot.clip, undistorted=True)
    assert abs(solved.meters - 1) > 0.01
    for frame in (1, 8):
        np.testing.assert_allclose(solved.points(frame)[0][:, 2], shot.depths[frame], rtol=1e-4)
    camera.constraints.clear()
    assert SolvedTracks(scene, shot.clip, undistorted=True).meters == pytest.approx(unit)


def test_a_scale_that_was_applied_to_the_solve(scene, tmp_path, add_camera):
    shot = track(tmp_path)
    solve(shot)
    add_camera()
    set_scale(shot, operator=bpy.ops.clip.apply_solution_scale)
    solved = SolvedTracks(scene, shot.clip, undistorted=True)
    np.testing.assert_allclose(solved.points(4)[0][:, 2], shot.depths[4], rtol=1e-4)


def test_a_tracked_object_has_a_scale_of_its_own(scene, tmp_path):
    shot = track(tmp_path)
    solve(shot)
    tracking = shot.clip.tracking
    thing = tracking.objects.new("Thing")
    for number in range(len(shot.points)):
        each = thing.tracks.new(name=f"Track {number}", frame=1)
        for frame, places in shot.places.items():
            u, v = places[number]
            each.markers.insert_frame(frame, co=(u / WIDTH, 1 - v / HEIGHT))
    tracking.objects.active = thing
    thing.keyframe_a, thing.keyframe_b = 1, 8
    with pytest.raises(TracksError, match="not solved"):
        SolvedTracks(scene, shot.clip, undistorted=True)
    in_clip_editor(shot.clip, bpy.ops.clip.solve_camera)
    one = SolvedTracks(scene, shot.clip, undistorted=True).points(4)[0]
    assert ratio(one, shot.depths[4])[1] < 1e-4
    thing.scale = 3
    three = SolvedTracks(scene, shot.clip, undistorted=True).points(4)[0]
    np.testing.assert_allclose(three[:, 2], 3 * one[:, 2], rtol=1e-5)


def test_markers_and_tracks_that_do_not_count(scene, tmp_path):
    shot = track(tmp_path)
    solve(shot)
    clip = shot.clip
    first, second, third, fourth, *_ = clip.tracking.tracks
    first.markers.find_frame(4).mute = True
    second.markers.delete_frame(4)
    third.offset = (0.01, 0)
    u, v = fourth.markers.find_frame(4).co
    fourth.markers.find_frame(4).co = u + 4.5 / WIDTH, v
    clip.frame_start, clip.frame_offset = 101, 1
    points, notes = SolvedTracks(scene, clip, undistorted=True).points(104)
    want = shot.places[4][[2, *range(4, 30)]]
    want[0, 0] += 0.01 * WIDTH
    np.testing.assert_allclose(points[:, :2], want, atol=1e-4)
    assert notes == [
        "27 solved tracks were used.",
        "1 tracks with a reprojection error of more than 4 pixels were left out.",
    ]


def test_a_picture_of_another_size_and_mirrored(scene, tmp_path):
    shot = track(tmp_path)
    solve(shot)
    solved = SolvedTracks(scene, shot.clip, undistorted=True)
    plate = read_clip(shot.clip, scene, 4)
    points, _ = solved.points(4)
    same = shot_as_seen(plate, (False, False), None, None)
    np.testing.assert_array_equal(solved.points_of(same, points), points)
    twice = plate.rgb.repeat(2, 0).repeat(2, 1)
    for flip in ((True, False), (False, True)):
        seen = shot_as_seen(_with(plate, twice), flip, None, None)
        got = solved.points_of(seen, points)
        want = shot.places[4] * 2
        want = np.where(flip, (2 * WIDTH, 2 * HEIGHT) - want, want)
        np.testing.assert_allclose(got[:, :2], want, atol=1e-3)
        np.testing.assert_array_equal(got[:, 2], points[:, 2])
    cut = shot_as_seen(_with(plate, plate.rgb[:50]), (False, False), None, None)
    with pytest.raises(TracksError, match="96 x 72 pixels.*96 x 50"):
        solved.points_of(cut, points)


def _with(plate, rgb):
    return type(plate)(plate.name, rgb)


def test_what_is_missing_is_named(scene, tmp_path):
    with pytest.raises(TracksError, match="There is no movie clip"):
        SolvedTracks(scene, None, undistorted=True)
    shot = track(tmp_path)
    clip = shot.clip
    with pytest.raises(TracksError, match="shot.0001.png are not solved"):
        SolvedTracks(scene, clip, undistorted=True)
    solve(shot)
    solved = SolvedTracks(scene, clip, undistorted=True)
    with pytest.raises(TracksError, match="no camera at frame 9"):
        solved.points(9)
    for each in clip.tracking.tracks:
        each.markers.find_frame(3).mute = True
    with pytest.raises(TracksError, match="No solved track .* at frame 3"):
        solved.points(3)


def test_which_clip_is_meant(scene, tmp_path, add_camera):
    assert clip_behind(scene) is None
    one, other = track(tmp_path).clip, track(tmp_path).clip
    scene.active_clip = other
    assert clip_behind(scene) == other
    camera = add_camera()
    assert clip_behind(scene) == other
    shown = show_behind(camera, one)
    assert clip_behind(scene) == one
    shown.show_background_image = False
    assert clip_behind(scene) == other
    scene.camera = bpy.data.objects.new("Empty", None)
    assert clip_behind(scene) == other
