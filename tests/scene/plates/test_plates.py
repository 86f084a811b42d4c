import os
import sys
import time
from types import SimpleNamespace

import bpy
import numpy as np
import pytest

from sharpdepth_blender.geometry import reduction
from sharpdepth_blender.scene.picture import image_values
from sharpdepth_blender.scene.plates import (
    SourceError,
    UnreadableFile,
    active_image,
    display,
    frames,
    read_clip,
    read_image,
)
from sharpdepth_blender.scene.plates.display import is_linear_space
from sharpdepth_blender.scene.source import open_image

LEVELS = (38, 77, 115, 153, 191)  # gray of each frame, as in conftest

SIZES = [(1, 1), (7, 5), (9, 31)]


def colors(height, width, seed=0):
    values = np.ones((height, width, 4))
    values[..., :3] = np.random.default_rng(seed).integers(0, 256, (height, width, 3)) / 255
    return values


def expected(values):
    return np.round(values[..., :3] * 255).astype(np.uint8)


@pytest.mark.parametrize("size", SIZES)
def test_generated(size, make, scene, untouched):
    values = colors(*size)
    image = make(values)
    untouched()
    plate = read_image(image, scene)
    np.testing.assert_array_equal(plate.rgb, expected(values))
    assert plate.texture == image and plate.path is None and plate.notes == ()


def test_file_and_packed_with_its_file_gone(save, tmp_path, scene, untouched):
    values = colors(7, 5)
    path = save(values, tmp_path / "a.png")
    image = bpy.data.images.load(path)
    untouched()
    assert read_image(image, scene).path == path
    image.pack()
    os.remove(path)
    plate = read_image(image, scene)
    assert plate.path is None
    np.testing.assert_array_equal(plate.rgb, expected(values))


def test_what_is_too_large_is_read_smaller(save, tmp_path, scene, monkeypatch, untouched):
    monkeypatch.setattr(reduction, "MOST_PIXELS", 64 * 40)
    values = np.ones((101, 161, 4))
    values[..., :3] = np.linspace(0, 1, 161)[:, None]
    image = bpy.data.images.load(save(values, tmp_path / "large.png"))
    untouched()
    plate = read_image(image, scene)
    assert plate.rgb.shape == (26, 41, 3) and plate.full_size == (161, 101)
    assert plate.notes == ("large.png has 161 x 101 pixels and is used at 41 x 26.",)
    assert plate.texture is None and tuple(image.size) == (161, 101)
    assert np.abs(plate.rgb[10, :, 0] - np.linspace(0, 255, 41)).max() < 4


def test_missing_file(save, tmp_path, scene, untouched):
    path = save(colors(3, 3), tmp_path / "a.png")
    image = bpy.data.images.load(path)
    os.remove(path)
    untouched()
    with pytest.raises(SourceError, match="a.png"):
        read_image(image, scene)


def test_no_image(scene):
    with pytest.raises(SourceError):
        read_image(None, scene)
    with pytest.raises(SourceError):
        read_clip(None, scene)


@pytest.mark.parametrize("mode, depth", [("BW", "8"), ("RGB", "16"), ("BW", "16")])
def test_gray_and_deep_files_are_plain(mode, depth, make, tmp_path, scene, untouched):
    values = colors(6, 9)
    values[..., :3] = values[..., :1]
    source = make(values)
    output = bpy.data.scenes.new("output")
    output.view_settings.view_transform = "Standard"
    settings = output.render.image_settings
    settings.file_format, settings.color_mode, settings.color_depth = "PNG", mode, depth
    path = str(tmp_path / "a.png")
    source.save_render(path, scene=output)
    scene.view_settings.exposure = 2
    image = bpy.data.images.load(path)
    untouched()
    got = read_image(image, scene).rgb.astype(int)
    assert np.abs(got - expected(values)).max() <= 1


@pytest.mark.parametrize("kind", ["generated", "OPEN_EXR", "HDR"])
def test_linear_is_shown_with_the_views_settings(kind, make, save, tmp_path, scene, untouched):
    values = colors(8, 11)
    values[..., :3] *= 3
    if kind == "generated":
        image = make(values, float_buffer=True)
    else:
        path = save(values, tmp_path / "a.file", kind, float_buffer=True)
        image = bpy.data.images.load(path)
        image.colorspace_settings.name = "Linear Rec.709"
    shown = []
    for transform, exposure in (("Standard", 0), ("AgX", 0), ("AgX", -2)):
        scene.view_settings.view_transform = transform
        scene.view_settings.exposure = exposure
        path = str(tmp_path / "shown.png")
        image.save_render(path, scene=scene)
        reference = bpy.data.images.load(path)
        want = np.round(image_values(reference)[..., :3] * 255)
        bpy.data.images.remove(reference)
        got = read_image(image, scene).rgb
        assert np.abs(got - want).max() <= 1
        shown.append(got.mean())
    assert len(set(shown)) == 3
    untouched()
    read_image(image, scene)


def test_alpha_over_black(make, scene, untouched):
    values = colors(4, 4)
    values[1, 2, 3] = 0
    image = make(values)
    untouched()
    plate = read_image(image, scene)
    assert not plate.rgb[1, 2].any() and len(plate.notes) == 1
    np.testing.assert_array_equal(plate.rgb[0], expected(values)[0])


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("band", [1, 40, 10**6])
def test_bands_make_the_same_as_the_whole(band, channels, monkeypatch):
    values = np.random.default_rng(0).uniform(-0.2, 1.3, (23, 17, channels)).astype(np.float32)
    values[3, 4, 0], values[5, 6, -1], values[7, 8, 0] = np.nan, np.inf, -np.inf
    if channels == 4:
        values[..., 3] = 1
        values[20, 3, 3] = 0.25
    whole = np.repeat(values[..., :3], 3 if channels == 1 else 1, axis=2)
    whole = np.nan_to_num(whole * values[..., 3:] if channels == 4 else whole)
    monkeypatch.setattr(display, "_BAND", band)
    rgb = np.empty((23, 17, 3), np.uint8)
    transparent = display._over_black(values, True, rgb)
    np.testing.assert_array_equal(rgb, np.round(np.clip(whole, 0, 1) * 255))
    assert transparent == (channels == 4) and rgb.dtype == np.uint8


@pytest.fixture
def felt(monkeypatch):
    """The pictures of these tests count as large ones."""
    monkeypatch.setattr(display, "_FELT", 64)


def steps_of(plate):
    """How many steps it takes to read what is left."""
    count = 1
    while not plate.display.step():
        count += 1
        assert count < 10_000
        time.sleep(0.001)
    return count


@pytest.mark.parametrize(
    "kind", ["8 bits", "alpha", "linear", "high", "film space", "data", "as a render"]
)
def test_a_large_image_is_read_in_steps_and_the_same(kind, make, scene, felt, untouched):
    values = colors(31, 13)
    if kind in ("alpha", "linear", "as a render"):
        values[3:9, 2:5, 3] = 0.4
        values[..., :3] *= values[..., 3:] if kind == "linear" else 1
    is_float = kind in ("linear", "high", "film space")
    image = make(np.zeros((31, 13, 4)), float_buffer=is_float)
    # First, as a new color space empties the image.
    image.colorspace_settings.name = {"film space": "ACEScg", "data": "Non-Color"}.get(
        kind, "Linear Rec.709" if is_float else "sRGB"
    )
    image.use_view_as_render = kind == "as a render"
    values[..., :3] *= (1, 3)[kind == "high"]
    image.pixels.foreach_set(np.ascontiguousarray(values[::-1], np.float32).ravel())
    scene.view_settings.view_transform = "AgX"
    scene.view_settings.exposure = 0.3
    untouched()
    at_once = read_image(image, scene)
    plate = read_image(image, scene, at_once=False)
    assert at_once.display is None and plate.display and plate.rgb.shape == at_once.rgb.shape
    steps = steps_of(plate)
    np.testing.assert_array_equal(plate.rgb, at_once.rgb)
    assert plate.rgb.std() > 20
    assert tuple(plate.display.notes) == at_once.notes
    assert len(at_once.notes) == (kind in ("alpha", "linear", "as a render"))
    # Whole rows, of a quarter as many pixels as are felt.
    assert steps > 31 / (16 // 13) or kind in ("8 bits", "alpha", "data")


@pytest.mark.parametrize("is_float", [False, True])
def test_bands_of_a_large_image_are_shown_like_the_whole(is_float, make, scene, monkeypatch):
    values = colors(31, 13)
    values[3:9, 2:5, 3] = 0.4
    image = make(np.zeros((31, 13, 4)), float_buffer=is_float)
    image.colorspace_settings.name = "Filmic sRGB" if not is_float else "Linear Rec.709"
    image.pixels.foreach_set(np.ascontiguousarray(values[::-1], np.float32).ravel())
    scene.view_settings.view_transform = "AgX"
    whole = read_image(image, scene)
    monkeypatch.setattr(display, "_FELT", 64)
    np.testing.assert_array_equal(read_image(image, scene).rgb, whole.rgb)
    assert whole.rgb.std() > 20


@pytest.mark.parametrize("change", ["removed", "scaled"])
def test_a_large_image_that_changes_while_it_is_read(change, make, scene, felt):
    image = make(colors(31, 13))
    plate = read_image(image, scene, at_once=False)
    name = image.name
    if change == "removed":
        bpy.data.images.remove(image)
    else:
        image.scale(9, 4)
    with pytest.raises(SourceError, match=f"{name} was changed"):
        steps_of(plate)


def test_first_tile(save, tmp_path, scene, untouched):
    for number in (1001, 1002):
        save(colors(5, 6, number), tmp_path / f"t.{number}.png")
    image = bpy.data.images.load(str(tmp_path / "t.1001.png"))
    image.source = "TILED"
    image.filepath = str(tmp_path / "t.<UDIM>.png")
    untouched()
    plate = read_image(image, scene)
    np.testing.assert_array_equal(plate.rgb, expected(colors(5, 6, 1001)))
    assert plate.texture is None and len(plate.notes) == 1


@pytest.mark.parametrize("kind", ["SEQUENCE", "MOVIE"])
def test_frames(kind, request, scene, untouched):
    image = bpy.data.images.load(request.getfixturevalue(kind.lower()))
    image.source = kind
    untouched()
    for frame in (5, 1, 3, 2, 4, -3, 99):
        plate = read_image(image, scene, frame)
        assert abs(plate.rgb.mean() - LEVELS[min(max(frame, 1), 5) - 1]) <= 2
        assert plate.texture is None


@pytest.mark.parametrize("kind", ["SEQUENCE", "MOVIE"])
def test_frames_of_an_image_user(kind, request, scene, untouched):
    image = bpy.data.images.load(request.getfixturevalue(kind.lower()))
    image.source = kind
    user = SimpleNamespace(frame_start=10, frame_duration=3, frame_offset=1, use_cyclic=False)
    untouched()
    for cyclic, frame, number in ((0, 10, 2), (0, 12, 4), (0, 40, 4), (1, 13, 2), (1, 15, 4)):
        user.use_cyclic = bool(cyclic)
        plate = read_image(image, scene, frame, user)
        assert abs(plate.rgb.mean() - LEVELS[number - 1]) <= 2


@pytest.mark.parametrize("kind", ["sequence", "movie"])
def test_clip(kind, request, scene, untouched):
    clip = bpy.data.movieclips.load(request.getfixturevalue(kind))
    clip.frame_start, clip.frame_offset = 10, 1
    untouched()
    for frame, number in ((10, 2), (12, 4), (99, 5)):
        plate = read_clip(clip, scene, frame)
        assert abs(plate.rgb.mean() - LEVELS[number - 1]) <= 2
        assert plate.notes == () and plate.intrinsics is None  # nobody has calibrated the lens


def test_only_a_calibrated_lens_is_given(save, tmp_path, scene):
    clip = bpy.data.movieclips.load(save(colors(24, 32), tmp_path / "a.png"))
    clip.tracking.camera.focal_length_pixels = 30
    assert read_clip(clip, scene, 1).intrinsics is None
    clip.tracking.camera.k1 = 0.2
    assert read_clip(clip, scene, 1).intrinsics.fx == pytest.approx(30)


def test_clip_undistorted(save, tmp_path, scene, untouched):
    path = save(colors(24, 32), tmp_path / "a.png")
    clip = bpy.data.movieclips.load(path)
    plain = read_clip(clip, scene, 1).rgb
    clip.tracking.camera.k1 = 0.2
    untouched()
    plate = read_clip(clip, scene, 1)
    assert "undistorted by the lens" in plate.notes[0] and (plate.rgb != plain).any()
    assert "The lens does not show" in plate.notes[1]
    assert (plate.intrinsics.cx, plate.intrinsics.cy) == (16, 12)


def unreadable(folder, name):
    path = folder / name
    path.write_text("This is no picture.")
    return str(path)


def test_a_movie_that_blender_cannot_read(tmp_path, scene, untouched):
    image = bpy.data.images.load(unreadable(tmp_path, "bad.mp4"))
    image.source = "MOVIE"
    untouched()
    for _ in range(2):
        with pytest.raises(SourceError, match="cannot read the file .*bad.mp4"):
            read_image(image, scene)


def test_a_movie_clip_that_blender_cannot_read(tmp_path, scene, untouched):
    clip = bpy.data.movieclips.load(unreadable(tmp_path, "bad.mp4"))
    untouched()
    with pytest.raises(SourceError, match="cannot read the file .*bad.mp4"):
        read_clip(clip, scene)


def test_a_frame_that_cannot_be_copied(movie, scene, untouched, monkeypatch):
    def fail(image):
        raise MemoryError

    image = bpy.data.images.load(movie)
    image.source = "MOVIE"
    monkeypatch.setattr(frames, "image_values", fail)
    untouched()
    with pytest.raises(MemoryError):
        read_image(image, scene)


@pytest.mark.parametrize("source", ["SEQUENCE", "TILED"])
def test_a_still_that_blender_cannot_read(source, tmp_path, scene, untouched):
    image = bpy.data.images.load(unreadable(tmp_path, "bad.1001.png"))
    image.source = source
    untouched()
    with pytest.raises(SourceError, match=r"cannot read the file .*bad\.1001\.png\.$"):
        read_image(image, scene)


def test_a_frame_of_a_clip_that_went_bad(sequence, scene, untouched):
    clip = bpy.data.movieclips.load(sequence)
    with open(sequence, "w") as file:
        file.write("This is no picture.")
    untouched()
    with pytest.raises(SourceError, match=r"cannot read the file .*shot_001\.png\.$"):
        read_clip(clip, scene, 1)


def test_what_cannot_be_shown_has_the_users_name(sequence, scene, untouched, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError

    image = bpy.data.images.load(sequence)
    image.name, image.source = "Mine", "SEQUENCE"
    image.use_view_as_render = True
    monkeypatch.setattr(display, "shown_values", fail)
    untouched()
    with pytest.raises(SourceError, match="The image Mine cannot be shown"):
        read_image(image, scene)


@pytest.mark.parametrize("is_float", [False, True])
def test_tiles_that_were_never_saved(is_float, make, scene, untouched):
    values = colors(6, 9)
    image = make(values, "Tiles", tiled=True, float_buffer=is_float)
    image.tiles.new(1002)
    scene.view_settings.view_transform = "Standard"
    want = read_image(make(values, "One", float_buffer=is_float), scene).rgb
    untouched()
    plate = read_image(image, scene)
    np.testing.assert_array_equal(plate.rgb, want)
    assert plate.name == "Tiles" and plate.path is None and plate.texture is None
    assert len(plate.notes) == 1


def test_tiles_without_pixels_or_files(scene, untouched):
    image = bpy.data.images.new("Tiles", 8, 8, tiled=True)
    image.buffers_free()
    untouched()
    with pytest.raises(SourceError, match="Save the tiles of Tiles first"):
        read_image(image, scene)


@pytest.mark.parametrize(
    ("space", "is_linear"),
    [("Linear Rec.709", True), ("scene_linear", True), ("ACEScg", True), ("ACES2065-1", True),
     ("ACES 1.3 sRGB", False), ("ACES 2.0 sRGB", False), ("ACEScc", False),
     ("sRGB", False), ("AgX Base sRGB", False)],
)  # fmt: skip
def test_which_spaces_are_scene_linear(space, is_linear):
    assert is_linear_space(space) == is_linear


def test_active_image(make, scene):
    with pytest.raises(SourceError):
        active_image(SimpleNamespace(area=None, active_object=None))
    image = make(colors(2, 2))
    empty = bpy.data.objects.new("Empty", None)
    empty.empty_display_type = "IMAGE"
    empty.data = image
    context = SimpleNamespace(area=None, active_object=empty)
    assert active_image(context) == (image, empty.image_user)


@pytest.mark.parametrize("source", ["FILE", "SEQUENCE", "MOVIE"])
def test_an_image_without_a_file(source, scene):
    image = bpy.data.images.new("Lost", 4, 4)
    image.source = source
    with pytest.raises(SourceError, match="Lost has no file"):
        read_image(image, scene)


@pytest.mark.skipif(sys.platform == "win32", reason="has no such files")
@pytest.mark.timeout(20)
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "plate.png")
    with pytest.raises(UnreadableFile):
        open_image(tmp_path / "plate.png")
    assert not bpy.data.images
