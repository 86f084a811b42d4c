"""Outlines as coverage, layers of masks, cryptomattes."""

import numpy as np
import pytest

from sharpdepth_blender.geometry.masks import (
    Outline,
    combine,
    cryptomatte_id,
    falloff,
    flatten,
    matte_of,
    rasterize,
)


def covered(points, feather=0.0, closed=True, size=(20, 12)):
    points = np.array(points, float)
    outline = Outline(points, np.broadcast_to(float(feather), len(points)), closed)
    return rasterize(outline, *size)


def test_a_rectangle_covers_pixels_by_its_share():
    mask = covered([(2.25, 3.5), (10.75, 3.5), (10.75, 8.25), (2.25, 8.25)])
    across = np.zeros(20)
    across[2:11] = 1
    across[2], across[10] = 0.75, 0.75
    down = np.zeros(12)
    down[3:9] = 1
    down[3], down[8] = 0.5, 0.25
    np.testing.assert_allclose(mask, down[:, None] * across, atol=1e-6)


@pytest.mark.parametrize("turn", [1, -1])
def test_area_and_order_of_points(turn):
    points = [(1.3, 2.2), (17.1, 4.9), (8.6, 11.7)][::turn]
    (ax, ay), (bx, by), (cx, cy) = points
    area = abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2
    assert covered(points).sum() == pytest.approx(area, rel=2e-3)


def test_beyond_the_picture():
    assert (covered([(-50, -50), (70, -50), (70, 62), (-50, 62)]) == 1).all()
    assert (covered([(-50, -50), (-5, -50), (-5, 62), (-50, 62)]) == 0).all()
    assert (covered([(30, 2), (40, 2), (40, 9)]) == 0).all()
    half = covered([(10, -4), (90, -4), (90, 40), (10, 40)])
    assert (half[:, 10:] == 1).all() and (half[:, :10] == 0).all()


def test_where_it_crosses_itself_it_is_open():
    twice = [(2, 2), (18, 2), (18, 10), (2, 10), (2, 2), (6, 4), (14, 4), (14, 8), (6, 8), (6, 4)]
    mask = covered(twice)
    assert mask[6, 10] == 0 and mask[3, 10] == 1


def test_feather_fades_outward():
    mask = covered([(5, 4), (15, 4), (15, 8), (5, 8)], feather=4)
    np.testing.assert_allclose(mask[6, :6], [0, 0.125, 0.375, 0.625, 0.875, 1], atol=1e-6)
    assert (mask[4:8, 5:15] == 1).all()
    corner = 1 - np.hypot(0.5, 0.5) / 4
    assert mask[3, 4] == pytest.approx(corner) and mask[8, 15] == pytest.approx(corner)


def test_an_open_line_is_its_feather_only():
    mask = covered([(4, 6), (16, 6)], feather=2, closed=False)
    np.testing.assert_allclose(mask[3:9, 10], [0, 0.25, 0.75, 0.75, 0.25, 0], atol=1e-6)
    assert covered([(4, 6), (16, 6)], closed=False).max() == 0


def test_a_circle_of_four_curves():
    k, r = 0.5522847498, 30.0
    knots = np.array([(1, 0), (0, 1), (-1, 0), (0, -1)]) * r + 40
    turned = np.array([(0, 1), (-1, 0), (0, -1), (1, 0)]) * r * k
    points, places = flatten(knots, knots - turned, knots + turned, True, 64)
    np.testing.assert_allclose(np.hypot(*(points - 40).T), r, rtol=3e-4)
    assert len(points) == 256 and places[64] == 1 and places[32] == 0.5
    mask = rasterize(Outline(points, np.zeros(256)), 80, 80)
    assert mask.sum() == pytest.approx(np.pi * r**2, rel=1e-3)
    points, places = flatten(knots, knots, knots, False, 4)
    assert len(points) == 13 and places[-1] == 3
    np.testing.assert_array_equal(points[-1], knots[-1])


@pytest.mark.parametrize(
    ("blend", "wanted"),
    [
        ("MERGE_ADD", 0.6 + 0.25 * 0.4), ("MERGE_SUBTRACT", 0.6 - 0.25 * 0.6), ("ADD", 0.85),
        ("SUBTRACT", 0.35), ("LIGHTEN", 0.6), ("DARKEN", 0.25), ("MUL", 0.15),
        ("REPLACE", 0.6 * 0.5 + 0.5 * 0.5), ("DIFFERENCE", 0.35),
    ],
)  # fmt: skip
def test_blend_modes(blend, wanted):
    found = combine(np.array([[0.6]]), np.array([[0.5]]), blend, 0.5)
    np.testing.assert_allclose(found, wanted)


def test_falloffs_keep_their_ends():
    for kind in ("SMOOTH", "SPHERE", "ROOT", "INVERSE_SQUARE", "SHARP", "LINEAR"):
        values = falloff(np.linspace(0, 1, 11), kind)
        assert values[0] == 0 and values[-1] == 1 and (np.diff(values) > 0).all()
    assert falloff(np.array([0.25]), "SMOOTH")[0] == pytest.approx(0.15625)


def test_ids_are_those_of_the_specification():
    """From its list of sample names."""
    for name, bits in {"hello": 0x248BFA47, "hello, world": 0x149BBB7F, "": 0x00800000}.items():
        assert cryptomatte_id(name).view(np.uint32) == bits


def test_a_matte_of_two_things():
    cat, dog, sky = (cryptomatte_id(name) for name in ("cat", "dog", "sky"))
    ids = np.array([[cat, dog], [sky, cat]], np.float32)
    others = np.array([[dog, cat], [cat, sky]], np.float32)
    ranks = [(ids, np.full((2, 2), 0.75, "f4")), (others, np.full((2, 2), 0.25, "f4"))]
    np.testing.assert_allclose(matte_of(ranks, [cat]), [[0.75, 0.25], [0.25, 0.75]])
    np.testing.assert_allclose(matte_of(ranks, [cat, dog]), [[1, 1], [0.25, 0.75]])
