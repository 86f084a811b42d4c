import numpy as np
import pytest

from sharpdepth_blender.geometry.fill import fill_texture
from sharpdepth_blender.geometry.inpaint import continue_values

SHAPE = (150, 211)


def planar(picture):
    return np.ascontiguousarray(np.moveaxis(picture, -1, 0), np.float32)


def brick_wall(shape=SHAPE):
    """Courses of bricks with joints, lit from one side, and a dark skirting board, (3, H, W)."""
    y, x = np.indices(shape)
    course = y // 10
    joint = (y % 10 < 2) | ((x + 9 * (course % 2)) % 18 < 2)
    picture = np.where(joint[..., None], [0.8, 0.78, 0.75], [0.6, 0.35, 0.25])
    picture = picture * (0.8 + 0.2 * x / shape[1])[..., None]
    floor = y >= 0.75 * shape[0]
    picture[floor] = [0.4, 0.42, 0.45]
    picture[floor & (y < 0.75 * shape[0] + 6)] = [0.1, 0.08, 0.08]
    noise = np.random.default_rng(0).normal(0, 0.01, picture.shape)
    return planar(picture + noise)


def hole_in(shape=SHAPE, border=0):
    mask = np.zeros(shape, bool)
    mask[shape[0] // 3 : 9 * shape[0] // 10, shape[1] // 3 : shape[1] // 2] = True
    if border:
        mask[:, -border:] = True
    return mask


def psnr(found, wanted, where):
    return -10 * np.log10(((found - wanted)[:, where] ** 2).mean())


@pytest.mark.parametrize("border", [0, 17])
def test_bricks_and_a_skirting_board_go_on(border):
    wanted, hole = brick_wall(), hole_in(border=border)
    values = np.where(hole, 7, wanted).astype(np.float32)
    found = fill_texture(values, ~hole, hole)
    smooth = continue_values(values, ~hole)
    assert found.dtype == np.float32
    assert (found[:, ~hole] == wanted[:, ~hole]).all()
    assert psnr(found, wanted, hole) > psnr(smooth, wanted, hole) + 3
    board = slice(int(0.75 * SHAPE[0]) + 2, int(0.75 * SHAPE[0]) + 5)
    assert found[:, board].max() < 0.3  # through the whole picture, where smooth is gray
    assert smooth[:, board].max() > 0.3


def test_no_seam_shows():
    """Across the rim of a hole, the colors change no more than they do elsewhere."""
    y, x = np.indices(SHAPE)
    noise = np.random.default_rng(1).normal(0, 0.02, (3, *SHAPE))
    wanted = (0.3 + 0.4 * x / SHAPE[1] + noise).astype(np.float32)
    hole = hole_in()
    found = fill_texture(np.where(hole, 0, wanted), ~hole, hole)
    rows = slice(SHAPE[0] // 3 + 5, SHAPE[0] * 9 // 10 - 5)
    for column in (SHAPE[1] // 3, SHAPE[1] // 2):
        step = (
            found[:, rows, column : column + 4].mean() - found[:, rows, column - 4 : column].mean()
        )
        assert abs(step) < 0.02
    inner = found[:, 70:120, 75:100] - found[:, 70:120, 75:100].mean((0, 1))
    assert inner.std() == pytest.approx(0.02, rel=0.35)  # its grain stays


def test_nothing_is_drawn_from_what_must_not_be():
    """Neither from what was at the hole, nor from what may not be used, such as a nearer thing."""
    wanted, hole = brick_wall(), hole_in()
    values = wanted.copy()
    values[:, hole] = np.array([0.0, 1.0, 0.0])[:, None]
    front = np.zeros(SHAPE, bool)
    front[:, : SHAPE[1] // 5] = True
    values[:, front] = np.array([0.0, 0.2, 1.0])[:, None]
    found = fill_texture(values, ~hole & ~front, hole)
    blue_or_green = found[1:].max(0) - found[0]
    assert blue_or_green[hole].max() < 0.25
    assert (found[:, front] == values[:, front]).all()


def test_it_is_drawn_from_what_is_behind_too():
    """Of this layer only a plain strip is seen; the texture is that of the layer behind it."""
    behind, hole = brick_wall(), hole_in()
    known = np.zeros(SHAPE, bool)
    known[:, SHAPE[1] // 3 - 4 : SHAPE[1] // 3] = True
    known &= ~hole
    found = fill_texture(np.where(known, behind, 0), known, hole, behind, ~hole)
    alone = fill_texture(np.where(known, behind, 0), known, hole)
    assert psnr(found, behind, hole) > psnr(alone, behind, hole)
    assert found[:, hole].std() > 1.5 * alone[:, hole].std()


def test_far_from_a_small_source_it_does_not_repeat():
    wanted = brick_wall()
    known = np.zeros(SHAPE, bool)
    known[30:70, 10:50] = True
    found = fill_texture(np.where(known, wanted, 0).astype(np.float32), known, ~known)
    near, far = found[:, 30:70, 55:75], found[:, 20:100, 150:]
    assert near.std((1, 2)).max() > 0.06 and far.std((1, 2)).max() < 0.03


def test_it_is_the_same_each_time():
    wanted, hole = brick_wall(), hole_in(border=11)
    first = fill_texture(wanted, ~hole, hole)
    assert (first == fill_texture(np.where(hole, 3, wanted), ~hole, hole)).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (9, 13), (40, 11), (131, 37), (64, 300)])
def test_any_size(shape):
    values = np.random.default_rng(0).random((3, *shape), np.float32)
    hole = np.zeros(shape, bool)
    hole[shape[0] // 2 :, shape[1] // 2 :] = True
    found = fill_texture(values, ~hole, hole)
    assert np.isfinite(found).all() and (found[:, ~hole] == values[:, ~hole]).all()


def test_without_any_source_it_is_smooth():
    values, hole = brick_wall(), hole_in()
    known = np.zeros(SHAPE, bool)
    known[::3, ::3] = True
    known &= ~hole
    smooth = np.where(hole, continue_values(values, known), values)
    assert (fill_texture(values, known, hole) == smooth).all()
    nothing = np.zeros(SHAPE, bool)
    assert not fill_texture(values, nothing, hole)[:, hole].any()
    assert (fill_texture(values, ~nothing, nothing) == values).all()


def test_progress_is_told_and_may_end_it():
    told = []
    hole = hole_in()
    fill_texture(brick_wall(), ~hole, hole, progress=told.append)
    assert told == sorted(told) and told[-1] == pytest.approx(1) and len(told) > 5

    def stop(fraction):
        if fraction > 0.3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fill_texture(brick_wall(), ~hole, hole, progress=stop)
