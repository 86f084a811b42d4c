"""A dolly in a scene of our own: what it reveals, and how it is exposed."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from sharpdepth_blender.geometry.srgb import from_linear  # noqa: E402
from training.scenes.dolly import STREET_SEED, find_revealed, render_dolly, show_plate  # noqa: E402
from training.scenes.frame import Frame  # noqa: E402

SKY = 2000.0  # meters
LENS = (90.0, 90.0, 40.5, 30.5)


def frame_of(depth):
    rgb = np.zeros((*depth.shape, 3), np.uint8)
    return Frame(rgb, depth.astype(np.float32), LENS, 0, depth >= SKY)


def test_what_a_card_hid_is_revealed_and_what_was_out_of_frame():
    """A card at 2 m before a wall at 6 m, seen from 0.3 m to the right; the sky is above."""
    plate = np.full((61, 81), 6.0)
    plate[20:40, 30:50] = 2.0
    plate[:10] = SKY
    column = np.arange(81) + 0.5
    moved = np.full((61, 81), 6.0)
    shift = 0.3 * 90 / 2  # of the card, in pixels
    moved[20:40, 30 - round(shift) : 50 - round(shift)] = 2.0
    moved[:10] = SKY
    found = find_revealed(frame_of(moved), (0.3, 0, 0), frame_of(plate))
    back = column + 0.3 * 90 / 6  # where the plate shows the wall that a column shows
    hidden = (back > 30) & (back < 50)
    wall = moved[30] > 2
    inner = wall & hidden & (back > 31) & (back < 49)
    assert inner.sum() > 5 and found[30][inner].all()
    assert found[55][back > 81].all() and not found[55][back < 80].any()
    assert not found[30][wall & ((back < 29) | ((back > 51) & (back < 80)))].any()
    assert not found[30][~wall].any()
    assert not found[:10].any()  # the sky goes along
    assert not find_revealed(frame_of(plate), (0, 0, 0), frame_of(plate)).any()


def test_what_is_far_but_no_sky_moves():
    """A house at 60 m, seen 6 m to the right: what it hides is another part of the wall at 90 m."""
    plate, moved = np.full((61, 81), 90.0), np.full((61, 81), 90.0)
    plate[:, 30:50], moved[:, 21:41] = 60.0, 60.0
    found = find_revealed(frame_of(moved), (6.0, 0, 0), frame_of(plate))
    assert found[30, 42] and not found[30, 30] and found[30].sum() < 12
    assert not found[:, 46:74].any()


def test_the_plate_by_exact_depth_is_the_frame_where_it_is_seen():
    """A wall with a ramp of light, seen 0.5 m to the right and 1 m nearer."""

    def seen(right, forth):
        column = (np.arange(81) + 0.5 - LENS[2]) / LENS[0] * (6 - forth) + right
        light = np.clip(0.5 + 0.1 * column, 0, 1)[None, :, None] * np.ones((61, 1, 3))
        rgb = np.round(255 * from_linear(light)).astype(np.uint8)
        return Frame(rgb, np.full((61, 81), 6 - forth, np.float32), LENS, 0)

    plate, moved, offset = seen(0, 0), seen(0.5, 1), (0.5, 0, -1)
    shown = show_plate(moved, offset, plate).astype(int)
    assert np.abs(shown - moved.rgb).max() <= 2
    revealed = find_revealed(moved, offset, plate)
    np.testing.assert_array_equal(shown[revealed], moved.rgb[revealed])
    assert np.abs(plate.rgb.astype(int) - moved.rgb)[~revealed].mean() > 5


def test_depth_is_exact_beyond_what_models_are_trained_on():
    (frame,) = render_dolly(STREET_SEED, [(0, 0, 0)], 40, 30, samples=1)
    far = frame.depth[~frame.sky]
    assert 60 < far.max() < 1000 and len(np.unique(far[far > 40])) > 5
    assert (frame.depth[frame.sky] > 1000).all()


def test_all_frames_are_exposed_like_the_first():
    one, same = render_dolly(4, [(0, 0, 0), (0, 0, 0)], 40, 30, samples=1)
    np.testing.assert_array_equal(one.rgb, same.rgb)
    _, nearer = render_dolly(4, [(0, 0, 0), (0.3, 0, -0.5)], 40, 30, samples=1)
    assert not np.array_equal(one.depth, nearer.depth)
    assert abs(float(nearer.rgb.mean()) - float(one.rgb.mean())) < 40
