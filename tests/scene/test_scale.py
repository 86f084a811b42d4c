import bmesh
import bpy
import numpy as np
import pytest
from mathutils import Matrix, Vector

from sharpdepth_blender.scene.linked import LinkedError
from sharpdepth_blender.scene.live import add_modifier, find_modifier
from sharpdepth_blender.scene.measured import measurable_result, selected_points
from sharpdepth_blender.scene.modifier import get_input, set_input
from sharpdepth_blender.scene.picture import new_depth_image, new_picture
from sharpdepth_blender.scene.points import add_point_modifier
from sharpdepth_blender.scene.scale import ScaleError, scale_factor, scale_result

SIZE = 9
LENGTHS = ("Depth Scale", "Depth Offset", "Near", "Far", "Backdrop")
POINTS = [(0, 0, -4), (1, 0, -4), (1, 1, -5), (0, 1, -3)]
PLACE = Matrix.LocRotScale((3, -2, 5), Matrix.Rotation(0.8, 3, (1, 2, 3)), (1, 1, 1))


@pytest.fixture
def add_live(scene):
    """Add a live result of a slanted plane; keywords are inputs of its modifier."""

    def add(name="Live", **inputs):
        obj = bpy.data.objects.new(name, bpy.data.meshes.new(name))
        depth = np.tile(np.linspace(3, 3.6, SIZE, dtype=np.float32), (SIZE, 1))
        image = new_depth_image("Depth", depth)
        obj["sharpdepth_depth"] = obj["sharpdepth_metric_depth"] = image
        modifier = add_modifier(obj)
        given = {
            "Depth": image,
            "Metric Depth": image,
            "Picture": new_picture("Picture", np.zeros((SIZE, SIZE, 3), np.uint8)),
            "Focal Length X": 10.0,
            "Focal Length Y": 10.0,
            "Principal Point X": SIZE / 2,
            "Principal Point Y": SIZE / 2,
        }
        for key, value in (given | inputs).items():
            set_input(modifier, key, value)
        scene.collection.objects.link(obj)
        bpy.context.view_layer.update()
        return obj

    return add


@pytest.fixture
def add_baked(scene):
    """Add a baked result of one quad."""

    def add(name="Baked"):
        mesh = bpy.data.meshes.new(name)
        mesh.from_pydata(POINTS, [], [(0, 1, 2, 3)])
        obj = bpy.data.objects.new(name, mesh)
        obj["sharpdepth_depth"] = new_depth_image("Depth", np.ones((2, 2), np.float32))
        scene.collection.objects.link(obj)
        bpy.context.view_layer.update()
        return obj

    return add


@pytest.fixture
def add_empty(scene):
    """Add a selected empty."""

    def add(place, parent=None):
        empty = bpy.data.objects.new("Empty", None)
        empty.location, empty.parent = place, parent
        scene.collection.objects.link(empty)
        empty.select_set(True)
        bpy.context.view_layer.update()
        return empty

    return add


def edit(obj, *selected):
    """Enter Edit Mode with these vertices selected."""
    bpy.context.view_layer.objects.active = obj
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_mode(type="VERT")
    edited = bmesh.from_edit_mesh(obj.data)
    for vertex in edited.verts:
        vertex.select = vertex.index in selected
    edited.select_flush_mode()
    bmesh.update_edit_mesh(obj.data)


def shown(obj):
    """World positions of what an object shows, (N, 3), and the radii of points."""
    depsgraph = bpy.context.evaluated_depsgraph_get()
    for instance in depsgraph.object_instances:
        found = instance.object
        if found.original == obj and found.type in ("MESH", "POINTCLOUD"):
            if found.type == "MESH" and not len(found.data.vertices):
                continue
            positions = found.data.attributes["position"].data
            places = np.empty(3 * len(positions), np.float32)
            positions.foreach_get("vector", places)
            radii = np.empty(len(positions), np.float32)
            if found.type == "POINTCLOUD":
                found.data.attributes["radius"].data.foreach_get("value", radii)
            matrix = np.array(found.matrix_world)
            return places.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3], radii
    raise AssertionError("nothing is shown")


def assert_scaled(obj, before, factor):
    origin = np.array(obj.matrix_world.translation)
    np.testing.assert_allclose(
        shown(obj)[0] - origin, (before[0] - origin) * factor, rtol=1e-5, atol=1e-5 * factor
    )


@pytest.mark.parametrize("factor", [0.25, 1.7, 100])
def test_live_result_is_scaled_about_its_camera(factor, add_live):
    obj = add_live()
    obj.matrix_world = PLACE
    bpy.context.view_layer.update()
    before, place = shown(obj), obj.matrix_world.copy()
    scale_result(obj, factor)
    assert_scaled(obj, before, factor)
    assert obj.matrix_world == place
    modifier = find_modifier(obj)
    assert [get_input(modifier, name) for name in LENGTHS] == pytest.approx([factor, 0, 0, 0, 0])


def test_all_lengths_of_a_live_result_follow(add_live):
    wanted = {"Depth Offset": 0.4, "Near": 3.55, "Far": 3.9, "Backdrop": 9.0, "Depth Scale": 1.1}
    obj = add_live(**wanted)
    before = shown(obj)
    depths = -before[0][:, 2]
    assert depths.min() > 3.5 and np.isclose(depths.max(), 9)  # each of them counts
    scale_result(obj, 2)
    assert_scaled(obj, before, 2)
    modifier = find_modifier(obj)
    for name, value in wanted.items():
        assert get_input(modifier, name) == pytest.approx(2 * value)


def test_live_points_are_scaled_with_their_radii(add_live):
    obj = add_live(Output="Points")
    before = shown(obj)
    scale_result(obj, 3)
    assert_scaled(obj, before, 3)
    np.testing.assert_allclose(shown(obj)[1], 3 * before[1], rtol=1e-5)


def test_baked_result_is_scaled_about_its_camera(add_baked):
    obj = add_baked()
    obj.matrix_world = PLACE
    bpy.context.view_layer.update()
    before, place = shown(obj), obj.matrix_world.copy()
    mesh = obj.data
    scale_result(obj, 1.7)
    assert_scaled(obj, before, 1.7)
    assert obj.data is mesh and obj.matrix_world == place


def test_baked_points_are_scaled_with_their_radii(add_baked):
    obj = add_baked()
    add_point_modifier(obj, bpy.data.materials.new("Points"), focal=10.0, radius=0.5)
    before = shown(obj)
    scale_result(obj, 3)
    assert_scaled(obj, before, 3)
    np.testing.assert_allclose(shown(obj)[1], 3 * before[1], rtol=1e-5)


def test_there_and_back_is_the_same(add_live, add_baked):
    for obj in (add_live(), add_baked()):
        before = shown(obj)
        scale_result(obj, 1 / 3)
        scale_result(obj, 3)
        np.testing.assert_allclose(shown(obj)[0], before[0], rtol=1e-6, atol=1e-6)


def test_other_users_of_the_mesh_keep_it(add_baked, scene):
    obj = add_baked()
    other = bpy.data.objects.new("Other", obj.data)
    scene.collection.objects.link(other)
    before = shown(obj)
    scale_result(obj, 2)
    assert_scaled(obj, before, 2)
    assert obj.data is not other.data and tuple(other.data.vertices[2].co) == POINTS[2]


def test_a_fake_user_is_no_reason_for_a_copy(add_baked):
    obj = add_baked()
    mesh = obj.data
    mesh.use_fake_user = True
    scale_result(obj, 2)
    assert obj.data is mesh and mesh.vertices[0].co.z == -8


def test_shape_keys_follow(add_baked):
    obj = add_baked()
    obj.shape_key_add(name="Basis")
    key = obj.shape_key_add(name="Key")
    key.data[0].co = (0, 0, -6)
    scale_result(obj, 2)
    assert key.data[0].co.z == -12 and obj.data.vertices[0].co.z == -8


def test_edit_mode_scales_what_is_edited(add_baked):
    obj = add_baked()
    edit(obj, 0)
    vertices = bmesh.from_edit_mesh(obj.data).verts
    vertices.ensure_lookup_table()
    vertices[0].co.z = -7  # not in the mesh yet
    scale_result(obj, 2)
    bpy.ops.object.mode_set(mode="OBJECT")
    assert [vertex.co.z for vertex in obj.data.vertices] == [-14, -8, -10, -6]


def test_what_cannot_be_scaled_in_its_mode_says_so(add_live, add_baked, scene):
    live = add_live()
    edit(live)
    with pytest.raises(ScaleError, match="Object Mode"):
        scale_result(live, 2)
    bpy.ops.object.mode_set(mode="OBJECT")
    baked = add_baked()
    bpy.context.view_layer.objects.active = baked
    bpy.ops.object.mode_set(mode="SCULPT")
    with pytest.raises(ScaleError, match="Object Mode"):
        scale_result(baked, 2)
    bpy.ops.object.mode_set(mode="OBJECT")
    scene.collection.objects.link(bpy.data.objects.new("Other", baked.data))
    edit(baked, 0, 1)
    with pytest.raises(ScaleError, match="shares its mesh"):
        scale_result(baked, 2)
    bpy.ops.object.mode_set(mode="OBJECT")
    assert baked.data.vertices[0].co.z == -4
    assert get_input(find_modifier(live), "Depth Scale") == 1


def test_a_result_of_another_file_is_refused(add_live, add_baked, tmp_path):
    library = str(tmp_path / "library.blend")
    add_live(), add_baked()
    bpy.ops.wm.save_as_mainfile(filepath=library)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(library, link=True) as (_, into):
        into.objects = ["Live", "Baked"]
    for obj in into.objects:
        bpy.context.scene.collection.objects.link(obj)
        with pytest.raises(LinkedError, match="linked from another file"):
            scale_result(obj, 2)
    assert into.objects[1].data.vertices[0].co.z == -4


def test_a_mesh_of_another_file_is_copied(add_baked, scene, tmp_path):
    library = str(tmp_path / "library.blend")
    bpy.data.libraries.write(library, {add_baked().data})
    with bpy.data.libraries.load(library, link=True) as (_, into):
        into.meshes = ["Baked"]
    obj = bpy.data.objects.new("Own", into.meshes[0])
    scale_result(obj, 2)
    assert obj.data.library is None and obj.data.vertices[0].co.z == -8
    assert into.meshes[0].vertices[0].co.z == -4


@pytest.mark.parametrize("factor", [0, -1, float("nan"), float("inf"), 1e7, 1e-7])
def test_a_senseless_factor_changes_nothing(factor, add_baked):
    obj = add_baked()
    with pytest.raises(ScaleError, match="beyond reason") as caught:
        scale_result(obj, factor)
    assert caught.value.kind == "bad_scale" and obj.data.vertices[0].co.z == -4


def test_factor_of_a_known_length():
    assert scale_factor((0, 0, 0), (0, 3, 4), 10) == pytest.approx(2)
    with pytest.raises(ScaleError, match="points are the same"):
        scale_factor((1, 2, 3), (1, 2, 3), 10)
    for distance in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ScaleError, match="more than zero"):
            scale_factor((0, 0, 0), (0, 3, 4), distance)


def test_which_result_is_meant(add_live, add_baked, add_empty, scene):
    context = bpy.context
    with pytest.raises(ScaleError, match="no depth result"):
        measurable_result(context)
    live = add_live()
    empty = add_empty((0, 0, 0))
    context.view_layer.objects.active = empty
    assert measurable_result(context) == live
    baked = add_baked()
    assert measurable_result(context) == baked  # the newest
    live.select_set(True)
    assert measurable_result(context) == live
    baked.select_set(True)
    with pytest.raises(ScaleError, match="several"):
        measurable_result(context)
    context.view_layer.objects.active = live
    assert measurable_result(context) == live


def test_two_empties_are_measured_where_they_are(add_live, add_empty, scene):
    live = add_live()
    live.matrix_world = PLACE
    parent = bpy.data.objects.new("Parent", None)
    parent.scale = (2, 2, 2)
    scene.collection.objects.link(parent)
    one, two = add_empty((1, 0, 0), parent), add_empty((0, 0, 5))
    two.keyframe_insert("location", frame=1)
    two.location = (0, 0, 9)
    two.keyframe_insert("location", frame=11)
    scene.frame_set(11)
    found = selected_points(bpy.context, live)
    assert sorted(map(tuple, found)) == [(0, 0, 9), (2, 0, 0)]
    parent.select_set(True)
    with pytest.raises(ScaleError, match="two empties.*not 3"):
        selected_points(bpy.context, live)
    one.select_set(False), two.select_set(False)
    with pytest.raises(ScaleError, match="two empties.*not 1"):
        selected_points(bpy.context, live)


def test_two_vertices_are_measured_in_the_world(add_baked):
    obj = add_baked()
    obj.matrix_world = PLACE
    edit(obj, 0, 2)
    first, second = selected_points(bpy.context, obj)
    assert (first - PLACE @ Vector(POINTS[0])).length < 1e-5
    assert (second - PLACE @ Vector(POINTS[2])).length < 1e-5
    bpy.ops.object.mode_set(mode="OBJECT")
    for selected in ((0, 1, 2), (1,), ()):
        edit(obj, *selected)
        with pytest.raises(ScaleError, match=f"two vertices.*not {len(selected)}"):
            selected_points(bpy.context, obj)
        bpy.ops.object.mode_set(mode="OBJECT")


def test_other_modes_are_no_time_to_measure(add_live, add_baked):
    live, baked = add_live(), add_baked()
    edit(baked, 0, 1)
    assert measurable_result(bpy.context) == baked
    live.select_set(True)
    bpy.ops.object.mode_set(mode="OBJECT")
    del baked["sharpdepth_depth"]
    for obj, mode in ((live, "EDIT"), (baked, "EDIT"), (baked, "SCULPT")):
        bpy.context.view_layer.objects.active = obj
        bpy.ops.object.mode_set(mode=mode)
        with pytest.raises(ScaleError, match="Object Mode"):
            measurable_result(bpy.context)
        bpy.ops.object.mode_set(mode="OBJECT")
