"""Seams of layers before a magenta world, which no single sample of a render may meet."""

import bpy
import numpy as np
import pytest

from sharpdepth_blender.scene.layers import split_result

MOVE = 0.25
WAYS = {"own camera": (0, 0, 0), "right": (MOVE, 0, 0), "down, back": (0, -0.17, -0.17)}


@pytest.fixture
def magenta(scene):
    """A world that no picture has anything of."""
    scene.world = bpy.data.worlds.new("magenta")
    if scene.world.node_tree is None:
        scene.world.use_nodes = True
    scene.world.node_tree.nodes["Background"].inputs["Color"].default_value = (1, 0, 1, 1)


@pytest.mark.parametrize("kind", ["RELIEF", "CARD"])
def test_no_sample_of_a_pixel_sees_through(kind, scene, magenta, make_result, look):
    result, picture = make_result()
    split_result(scene, result, count=3, sky=0.0, edge=3, move=MOVE, kind=kind)
    # One sample anywhere about the middle of a pixel, which the fades of edges let through or not.
    scene.cycles.seed = 7
    for way in WAYS.values():
        seen = look(*way, width=1.5, transparent=False)
        assert (np.minimum(seen[..., 0], seen[..., 2]) - seen[..., 1]).max() < 0.5
    assert (np.minimum(picture[..., 0], picture[..., 2]) - picture[..., 1]).max() < 0.4
