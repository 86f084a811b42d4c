"""A picture with a sky: separated by itself, and by the user's own settings where there are any."""

import bpy
import numpy as np
import pytest

from sharpdepth_blender.scene.extent import extent_of
from sharpdepth_blender.scene.layers import layer_objects, split_result
from sharpdepth_blender.scene.live import find_modifier
from sharpdepth_blender.scene.modifier import get_input, set_input
from sharpdepth_blender.scene.picture import image_values
from sharpdepth_blender.scene.taken import Taken
from tests.tasks.told_engine import HEIGHT, MATRIX, WIDTH, answer, depths, early

pytestmark = pytest.mark.usefixtures("registered")


def sky():
    above = np.zeros((HEIGHT, WIDTH), np.float32)
    above[: HEIGHT // 3] = 0.9
    return above


def finish(made, **changes):
    made.jobs[-1].report(early())
    made.generation.step()
    made.jobs[-1].finish(answer(**changes))
    made.generation.step()
    assert made.generation.error is None
    return next(each for each in bpy.data.objects if each.session_uid == made.generation.result)


def limits(obj):
    modifier = find_modifier(obj)
    return tuple(get_input(modifier, name) for name in ("Far", "Backdrop"))


def updated_depsgraph(scene):
    scene.view_layers[0].update()
    return scene.view_layers[0].depsgraph


BEGINS = 1.25 * float(depths()[0].max())


@pytest.mark.parametrize("unit", [1.0, 0.01])
def test_the_sky_is_at_the_backdrop_and_a_layer_of_its_own(make, unit):
    scene = bpy.context.scene
    scene.unit_settings.scale_length = unit
    obj = finish(make(), sky=sky())
    assert limits(obj) == pytest.approx((BEGINS / unit, 2 * BEGINS / unit))
    above = sky() > 0.5
    for image in (obj.sharpdepth.depth, obj.sharpdepth.metric_depth):
        stored = image_values(image)[..., 0]
        np.testing.assert_allclose(stored[above], 2 * BEGINS, rtol=1e-6)
        assert stored[~above].max() < BEGINS
    graph = bpy.context.evaluated_depsgraph_get()
    mesh = obj.evaluated_get(graph).to_mesh()
    z = -np.array([vertex.co.z for vertex in mesh.vertices]) * unit
    assert np.isclose(z, 2 * BEGINS, rtol=1e-4).any()
    assert not ((z > BEGINS / 1.2) & (z < 1.9 * BEGINS)).any()  # torn, not stretched
    rig = split_result(scene, obj)
    assert layer_objects(rig)[-1].name.endswith("sky")


@pytest.mark.parametrize("output", ["Mesh", "Points"])
@pytest.mark.parametrize("unit", [1.0, 0.01])
def test_the_sky_does_not_count_as_size(make, unit, output):
    scene = bpy.context.scene
    scene.unit_settings.scale_length = unit
    obj = finish(make(), sky=sky())
    obj.scale = (2, 2, 2)
    set_input(find_modifier(obj), "Output", output)
    with_sky = np.array(extent_of(obj, updated_depsgraph(scene)))
    z = depths()[0][sky() < 0.5]
    assert with_sky[2] == pytest.approx(2 * np.ptp(z) / unit, rel=1e-3)

    set_input(find_modifier(obj), "Sky Beyond", 0.0)  # now it is a wall, far away
    whole = np.array(extent_of(obj, updated_depsgraph(scene)))
    np.testing.assert_allclose(whole, obj.dimensions, rtol=1e-5)
    assert whole[2] > 2 * with_sky[2]


def test_without_a_sky_there_is_no_limit(make):
    assert limits(finish(make())) == (0, 0)
    assert limits(finish(make({"keep_both": True}), sky=np.zeros((HEIGHT, WIDTH)))) == (0, 0)


@pytest.fixture
def again(make):
    """Make a generation of the same picture through the same camera."""
    image = bpy.data.images.new("plate.png", WIDTH, HEIGHT)
    camera = bpy.data.objects.new("Shot Camera", bpy.data.cameras.new("Shot Camera"))
    bpy.context.scene.collection.objects.link(camera)
    camera.matrix_world = MATRIX
    taken = Taken(image.session_uid, camera=camera.session_uid)
    return lambda: make(taken=taken, texture=image)


def test_again_the_sky_follows_the_new_depth_and_the_scale(again):
    obj = finish(again(), sky=sky())
    modifier = find_modifier(obj)
    for name in ("Depth Scale", "Far", "Backdrop"):  # as Set Scale does
        set_input(modifier, name, 3 * get_input(modifier, name))
    depth, metric = depths(1)
    assert finish(again(), sky=sky(), depth=depth, metric_depth=metric) == obj
    begins = 1.25 * max(float(each.max()) for each in (depth, metric))
    assert limits(obj) == pytest.approx((3 * begins, 6 * begins))
    assert finish(again(), sky=None) == obj
    assert limits(obj) == (0, 0)


def test_limits_of_the_user_stay(again):
    obj = finish(again(), sky=sky())
    set_input(find_modifier(obj), "Far", 7.0)
    backdrop = limits(obj)[1]
    assert finish(again(), sky=sky()) == obj
    assert limits(obj) == pytest.approx((7.0, backdrop))
