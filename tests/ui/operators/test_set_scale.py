import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

import bmesh  # noqa: E402
from mathutils import Matrix, Vector  # noqa: E402

from sharpdepth_blender.scene.live import add_modifier, find_modifier  # noqa: E402
from sharpdepth_blender.scene.modifier import get_input  # noqa: E402
from sharpdepth_blender.scene.picture import new_depth_image  # noqa: E402
from sharpdepth_blender.tasks.formatting import length_text  # noqa: E402
from sharpdepth_blender.ui.operators.pick_points import SHARPDEPTH_OT_pick_points  # noqa: E402
from sharpdepth_blender.ui.operators.set_scale import SHARPDEPTH_OT_set_scale  # noqa: E402

CLASSES = (SHARPDEPTH_OT_set_scale, SHARPDEPTH_OT_pick_points)
POINTS = [(0, 0, -4), (1, 0, -4), (1, 1, -5), (0, 1, -3)]
PLACE = Matrix.LocRotScale((3, -2, 5), Matrix.Rotation(0.8, 3, (1, 2, 3)), (1, 1, 1))


@pytest.fixture(autouse=True)
def operators():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    for each in CLASSES:
        bpy.utils.register_class(each)
    yield
    for each in CLASSES:
        bpy.utils.unregister_class(each)


@pytest.fixture
def scene():
    return bpy.context.scene


@pytest.fixture
def baked(scene):
    """A baked result of one quad."""
    mesh = bpy.data.meshes.new("Baked")
    mesh.from_pydata(POINTS, [], [(0, 1, 2, 3)])
    obj = bpy.data.objects.new("Baked", mesh)
    obj["sharpdepth_depth"] = new_depth_image("Depth", np.ones((2, 2), np.float32))
    scene.collection.objects.link(obj)
    bpy.context.view_layer.update()
    return obj


def corner(obj, index):
    """World position of a vertex."""
    bpy.context.view_layer.update()
    return obj.matrix_world @ obj.data.vertices[index].co


def add_empties(scene, *places):
    for place in places:
        empty = bpy.data.objects.new("Empty", None)
        empty.location = place
        scene.collection.objects.link(empty)
        empty.select_set(True)
    bpy.context.view_layer.update()


def select_vertices(obj, *wanted):
    bpy.context.view_layer.objects.active = obj
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_mode(type="VERT")
    edited = bmesh.from_edit_mesh(obj.data)
    for vertex in edited.verts:
        vertex.select = vertex.index in wanted
    edited.select_flush_mode()
    bmesh.update_edit_mesh(obj.data)


def test_given_points_get_their_distance(baked):
    baked.matrix_world = PLACE
    first, second = corner(baked, 0), corner(baked, 2)
    finished = bpy.ops.sharpdepth.set_scale(distance=2.0, first=first, second=second)
    assert finished == {"FINISHED"}
    assert (corner(baked, 0) - corner(baked, 2)).length == pytest.approx(2, rel=1e-5)
    assert (corner(baked, 0) - Vector((3, -2, 5))).length == pytest.approx(
        4 * 2 / (first - second).length, rel=1e-5
    )


def test_parents_count(baked, scene):
    parent = bpy.data.objects.new("Parent", None)
    parent.matrix_world = PLACE @ Matrix.Scale(2.5, 4)
    scene.collection.objects.link(parent)
    baked.parent = parent
    first, second = corner(baked, 1), corner(baked, 3)
    bpy.ops.sharpdepth.set_scale(distance=7.0, first=first, second=second)
    assert (corner(baked, 1) - corner(baked, 3)).length == pytest.approx(7, rel=1e-5)


def test_live_result(scene):
    obj = bpy.data.objects.new("Live", bpy.data.meshes.new("Live"))
    obj["sharpdepth_depth"] = new_depth_image("Depth", np.ones((2, 2), np.float32))
    modifier = add_modifier(obj)
    scene.collection.objects.link(obj)
    bpy.ops.sharpdepth.set_scale(distance=3.0, first=(0, 0, 0), second=(0, 2, 0))
    assert get_input(modifier, "Depth Scale") == 1.5
    assert find_modifier(obj) == modifier


def test_two_selected_vertices(baked):
    select_vertices(baked, 0, 1)
    bpy.ops.sharpdepth.set_scale(distance=3.0)
    assert baked.mode == "EDIT"
    bpy.ops.object.mode_set(mode="OBJECT")
    assert (corner(baked, 0) - corner(baked, 1)).length == pytest.approx(3, rel=1e-6)


def test_two_selected_empties(baked, scene):
    add_empties(scene, (0, 0, 1), (0, 4, 1))
    bpy.ops.sharpdepth.set_scale(distance=1.0)
    assert baked.data.vertices[0].co.z == -1
    assert [tuple(obj.location) for obj in bpy.context.selected_objects] == [(0, 0, 1), (0, 4, 1)]


@pytest.mark.parametrize("scale_length", [0.01, 1.0, 100.0])
def test_lengths_are_blender_units_whatever_their_scale(scale_length, baked, scene):
    """So that what is typed as `2 m` is 2 m: Blender turns what is typed into its units."""
    scene.unit_settings.scale_length = scale_length
    typed = bpy.utils.units.to_value("METRIC", "LENGTH", "2 m") / scale_length
    bpy.ops.sharpdepth.set_scale(distance=typed, first=corner(baked, 0), second=corner(baked, 1))
    meters = (corner(baked, 0) - corner(baked, 1)).length * scale_length
    assert meters == pytest.approx(2, rel=1e-5)
    assert length_text(scene, typed) == "2 m"


def test_without_a_unit_system_lengths_are_shown_in_blender_units(scene):
    scene.unit_settings.system = "NONE"
    scene.unit_settings.scale_length = 0.01
    assert length_text(scene, 3.2) == "3.2"


def test_factor_is_reported(baked, capfd):
    bpy.ops.sharpdepth.set_scale(distance=4.0, first=(0, 0, 0), second=(0, 0, 3.2))
    assert "Scaled by 1.25: 3.2 m is now 4 m" in capfd.readouterr().out


def refused(*sentences, **given):
    with pytest.raises(RuntimeError) as caught:
        bpy.ops.sharpdepth.set_scale(**given)
    for sentence in sentences:
        assert sentence in str(caught.value)


def test_what_cannot_be_measured_is_one_sentence_and_changes_nothing(baked, scene):
    refused("The two points are the same", distance=2.0, first=(1, 2, 3), second=(1, 2, 3))
    refused("must be more than zero", first=(1, 2, 3), second=(1, 2, 4))
    refused("Select two empties", "not 0", distance=2.0)
    refused("Select two empties", distance=2.0, first=(1, 2, 3))
    refused("beyond reason", distance=1e9, first=(0, 0, 0), second=(0, 0, 1))
    add_empties(scene, (0, 0, 0), (0, 1, 0), (0, 2, 0))
    refused("Select two empties", "not 3", distance=2.0)
    select_vertices(baked, 0, 1, 2)
    refused("Select two vertices of Baked", "not 3", distance=2.0)
    bpy.ops.object.mode_set(mode="SCULPT")
    refused("Object Mode", distance=2.0)
    refused("Object Mode", distance=2.0, first=(0, 0, 0), second=(0, 0, 1))
    bpy.ops.object.mode_set(mode="OBJECT")
    assert [tuple(vertex.co) for vertex in baked.data.vertices] == POINTS


def test_no_result_grays_it_out():
    assert not bpy.ops.sharpdepth.set_scale.poll()
    refused("no depth result", distance=2.0)


def test_what_was_given_to_an_earlier_call_is_not_used_again(baked):
    bpy.ops.sharpdepth.set_scale(distance=2.0, first=(0, 0, 0), second=(0, 0, 1))
    refused("Select two empties", distance=2.0)
    known = bpy.ops.sharpdepth.set_scale.get_rna_type().properties
    assert all(known[name].is_skip_save for name in ("distance", "first", "second"))
