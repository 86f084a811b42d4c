"""Movies, clips and files as sources of frames; each frame is the one that Blender shows."""

import bpy
import numpy as np
import pytest

from sharpdepth_blender.scene import CameraError
from sharpdepth_blender.scene.plates import SourceError
from sharpdepth_blender.scene.sequence import Frames, SequenceError, picture_sequence
from sharpdepth_blender.scene.source import Source, find_source
from tests.scene.plates.conftest import LEVELS, make, movie, save, sequence  # noqa: F401


def level(shot):
    return int(np.median(shot.rgb))


def test_a_movie_alone(movie, scene):  # noqa: F811
    image, numbers = picture_sequence(movie)
    assert numbers == [1, 2, 3, 4, 5]
    frames = Frames(scene, Source(image), None, numbers, fov=50)
    assert frames.has_camera
    for number in (3, 1, 5):
        shot = frames.read(number)
        assert abs(level(shot) - LEVELS[number - 1]) <= 1 and shot.matrix is None
        assert shot.intrinsics.width == 32


@pytest.mark.parametrize("name", ["shot_###.png", "shot_004.png"])
def test_files_by_pattern_or_by_one_of_them(name, sequence, scene, tmp_path):  # noqa: F811
    image, numbers = picture_sequence(tmp_path / name)
    frames = Frames(scene, Source(image), None, numbers, intrinsics=(30, 30, 15, 11))
    assert numbers == [1, 2, 3, 4, 5]
    assert [level(frames.read(number)) for number in numbers] == [*LEVELS]
    assert frames.read(2).intrinsics.cx == 15


def test_a_clip_behind_a_camera_that_moves(sequence, scene, add_camera):  # noqa: F811
    camera = add_camera()
    clip = bpy.data.movieclips.load(sequence)
    clip.frame_start = 11
    shown = camera.data.background_images.new()
    shown.source, shown.clip = "MOVIE_CLIP", clip
    camera.location.x = 1
    camera.keyframe_insert("location", frame=11)
    camera.location.x = 5
    camera.keyframe_insert("location", frame=15)
    source = find_source(scene, "MOVIE_CLIP", camera)
    frames = Frames(scene, source, camera, [11, 13, 15])
    assert [level(frames.read(number)) for number in (11, 13, 15)] == [
        LEVELS[0], LEVELS[2], LEVELS[4],
    ]  # fmt: skip
    assert frames.read(15).matrix.translation.x == pytest.approx(5)
    assert frames.read(11).matrix.translation.x == pytest.approx(1)


def test_an_offset_sequence_that_is_flipped_and_turned(sequence, scene, add_camera):  # noqa: F811
    camera = add_camera()
    image = bpy.data.images.load(sequence)
    image.source = "SEQUENCE"
    shown = camera.data.background_images.new()
    shown.image, shown.rotation, shown.use_flip_x = image, 0.3, True
    user = shown.image_user
    user.frame_start, user.frame_duration, user.frame_offset = 101, 5, 0
    frames = Frames(scene, find_source(scene, "CAMERA_BACKGROUND", camera), camera, [102, 104])
    assert [level(frames.read(number)) for number in (102, 104)] == [LEVELS[1], LEVELS[3]]
    turned = frames.read(102).matrix.to_euler()
    assert turned.z == pytest.approx(-0.3, abs=1e-6)


def test_what_cannot_be_used_is_named(sequence, scene, add_camera):  # noqa: F811
    camera = add_camera()
    still = bpy.data.images.load(sequence)
    with pytest.raises(SourceError, match="single picture"):
        Frames(scene, find_source(scene, "IMAGE", camera, still), camera, [1, 2])
    still.source = "SEQUENCE"
    with pytest.raises(SequenceError, match="no frames"):
        Frames(scene, Source(still), None, [])
    camera.data.type = "ORTHO"
    with pytest.raises(CameraError, match="orthographic"):
        Frames(scene, find_source(scene, "IMAGE", camera, still), camera, [1, 2])


def test_a_source_that_is_deleted_meanwhile(sequence, scene):  # noqa: F811
    image, numbers = picture_sequence(sequence)
    frames = Frames(scene, Source(image), None, numbers)
    bpy.data.images.remove(image)
    with pytest.raises(SequenceError, match="deleted"):
        frames.read(2)
