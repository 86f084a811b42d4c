"""Sky dome: equally far along every ray, behind everything, and beyond the picture's borders."""

import numpy as np
import pytest

from sharpdepth_blender.geometry import project, unproject
from sharpdepth_blender.geometry.layers import SKY, Cut, propose_kinds, split_layers
from sharpdepth_blender.geometry.planes import FlatDepth
from tests.geometry.layers.street import laid_over, street

CUT = Cut.at((2.5, 6.0), move=0.1).with_layer(SKY, kind="DOME")


def points_of(layer):
    height, width = layer.depth.shape
    points = unproject(layer.depth, layer.intrinsics.resized(width, height))
    return points[layer.depth > 0]


@pytest.mark.parametrize("sight", [np.inf, 13.0])
def test_a_dome_is_equally_far_along_every_ray_and_behind_all_else(sight):
    picture, depth, camera = street(161, 90)
    layers = split_layers(picture, depth, camera, CUT, sight=sight)
    points = points_of(layers[3])
    np.testing.assert_allclose(np.linalg.norm(points, axis=-1), layers[3].distance, rtol=1e-5)
    assert -points[:, 2].max() > depth.max()
    assert (laid_over(layers, camera)[1] == 0).all()
    if sight == np.inf:
        assert layers[3].distance == pytest.approx(10 * depth.max())


def test_it_stays_in_sight_of_a_camera_that_turns():
    picture, depth, camera = street(160, 90)
    dome = split_layers(picture, depth, camera, CUT, sight=500.0)[3]
    points = points_of(dome)
    assert dome.distance <= 0.9 * 500
    turned = np.deg2rad(25)
    forth = points @ (np.sin(turned), 0, -np.cos(turned))
    assert forth.max() < 500


def test_it_goes_on_where_it_leaves_the_picture():
    """After a turn by eight degrees aside and four up, all corners that show sky are covered."""
    picture, depth, camera = street(160, 90)
    layers = split_layers(picture, depth, camera, CUT)
    frame = layers[3].intrinsics
    beyond = np.array([
        frame.cx - camera.cx, frame.width - frame.cx - (160 - camera.cx),
        frame.cy - camera.cy, frame.height - frame.cy - (90 - camera.cy),
    ])  # fmt: skip
    assert (beyond[:2] >= 40).all() and 22.5 <= beyond[2] < 30 and beyond[3] < 22
    corners = np.array([[0, 0], [160, 0], [0, 40], [160, 40]]) + 0.0
    rays = np.column_stack([(corners - (80, 45)) / camera.fx * (1, -1), np.full(4, -1.0)])
    for aside in (-8, 8):
        a, b = np.deg2rad((aside, 4))
        tilt = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
        pan = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
        u, v = project(rays @ (pan @ tilt).T, frame).T
        assert (u > 0).all() and (u < frame.width).all() and (v > 0).all()
    alpha = layers[3].rgba[..., 3]
    assert (alpha == 1).all() and (layers[3].depth > 0).all()


def test_any_layer_may_be_one_and_none_else_the_sky():
    picture, depth, camera = street(160, 90)
    depth = np.where(depth == 0, np.float32(60), depth)
    layers = split_layers(picture, depth, camera, CUT.with_layer(2, kind="DOME"))
    assert len(layers) == 3
    away = np.linalg.norm(points_of(layers[2]), axis=-1)
    np.testing.assert_allclose(away, 10 * depth.max(), rtol=1e-5)
    with pytest.raises(ValueError, match="SKY, DOME"):
        CUT.with_layer(SKY, kind="RELIEF")


def test_a_sky_up_to_the_border_is_proposed_to_be_a_dome():
    picture, depth, camera = street(160, 90)
    found = propose_kinds(depth, camera, CUT, FlatDepth.of(depth, camera, picture))[-1]
    assert (found.id, found.kind) == (SKY, "DOME")
    assert "the left, right and top borders of" in found.reason
    enclosed = np.full_like(depth, 3.0)
    enclosed[20:50, 40:90] = 0  # seen through a window
    found = propose_kinds(enclosed, camera, CUT, FlatDepth.of(enclosed, camera, picture))[-1]
    assert found.kind == "SKY" and "nearer things" in found.reason
