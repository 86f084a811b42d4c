"""Shapes of layers: planes, a plane, the sky, and proposals with reasons."""

import bpy
import numpy as np
import pytest

from sharpdepth_blender.scene import add_depth_result, frame_scene
from sharpdepth_blender.scene.evaluation import depsgraph_of
from sharpdepth_blender.scene.layers import (
    NUMBER,
    LayersError,
    change_layers,
    kind_reason,
    layer_objects,
    layers_cut,
    set_layer,
    split_result,
)
from tests.geometry.planes.room import PLANES, room, waves


@pytest.fixture
def result():
    """A room whose depth is in waves, as of an estimate."""
    scene = bpy.context.scene
    depth, k, _ = room(160, 120)
    depth = (depth * waves(depth.shape, 0.015, 40)).astype(np.float32)
    rgb = np.full((120, 160, 3), 128, np.uint8)
    frame_scene(scene, k)
    made = add_depth_result(scene, rgb, depth, depth, k, name="room")
    bpy.context.view_layer.update()
    return made


def points_of(obj):
    """Vertices of a layer, x right, y down, z forward."""
    bpy.context.view_layer.update()
    mesh = obj.evaluated_get(depsgraph_of(bpy.context.scene)).to_mesh()
    points = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", points)
    return points.reshape(-1, 3) * (1, -1, -1)


def off_planes(points):
    return np.abs(points @ PLANES.T - 1).min(1)


def test_planes_are_flat_and_relief_is_as_it_was(result):
    rig = split_result(bpy.context.scene, result, thresholds=(2.6,), move=0.2)
    far = layer_objects(rig)[1]
    cut = layers_cut(rig)
    wavy = np.median(off_planes(points_of(far)))
    before = points_of(layer_objects(rig)[0])
    change_layers(rig, cut.with_layer(1, kind="PLANES"))
    assert np.median(off_planes(points_of(far))) < 0.4 * wavy
    np.testing.assert_array_equal(points_of(layer_objects(rig)[0]), before)
    change_layers(rig, cut)
    assert np.median(off_planes(points_of(far))) == pytest.approx(wavy)


def test_a_plane_is_one(result):
    rig = split_result(bpy.context.scene, result, thresholds=(2.6,), move=0.2)
    change_layers(rig, layers_cut(rig).with_layer(0, kind="PLANE"))
    points = points_of(layer_objects(rig)[0])
    points = points[points[:, 2] < 2 * np.median(points[:, 2])]
    found = np.linalg.lstsq(points, np.ones(len(points)), rcond=None)[0]
    assert np.abs(points @ found - 1).max() < 1e-3


def test_proposals_say_why(result):
    scene = bpy.context.scene
    rig = split_result(scene, result, thresholds=(2.2, 2.5), move=0.1, kind="PROPOSED")
    cut = layers_cut(rig)
    reasons = {
        obj[NUMBER]: (
            cut.layer(obj[NUMBER]).kind,
            kind_reason(rig, obj[NUMBER], cut.layer(obj[NUMBER]).kind),
        )
        for obj in layer_objects(rig)
    }
    assert reasons[2][0] == "PLANES"
    assert "floor" in reasons[2][1] and "walls" in reasons[2][1] and "%" in reasons[2][1]
    assert all(reason for _, reason in reasons.values())
    # Another choice has no reason, and a re-cut from the result proposes again.
    assert kind_reason(rig, 2, "CARD") == ""
    assert split_result(scene, result, thresholds=(2.2, 2.5), kind="PROPOSED") == rig
    assert kind_reason(rig, 2, "PLANES")


def test_the_sky_is_a_dome_or_a_card_live(make_result):
    rig = split_result(bpy.context.scene, make_result()[0], thresholds=(2.5, 6.0), move=0.1)
    sky = layer_objects(rig)[-1]
    card = points_of(sky)
    assert len(card) == 4
    set_layer(sky, kind="DOME")
    points = points_of(sky)
    away = np.linalg.norm(points, axis=1)
    np.testing.assert_allclose(away, away[0], rtol=1e-4)
    assert away[0] > 5 * 12 and np.ptp(points[:, 0]) > 1.1 * np.ptp(card[:, 0])
    set_layer(sky, kind="SKY")
    np.testing.assert_allclose(points_of(sky), card, rtol=1e-6)
    with pytest.raises(LayersError, match="DOME"):
        set_layer(sky, kind="RELIEF")
