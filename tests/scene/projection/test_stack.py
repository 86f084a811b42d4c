"""Several projections on one object: their order, their masks, and what was there before."""

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.scene import add_depth_result
from sharpdepth_blender.scene.live import find_modifier
from sharpdepth_blender.scene.material import can_be_lit, is_lit, set_lit
from sharpdepth_blender.scene.modifier import get_input
from sharpdepth_blender.scene.projection import (
    ProjectionError,
    add_projection,
    move_projection,
    projections_of,
    remove_projection,
)
from tests.scene.projection import projection_scene

INTRINSICS = Intrinsics.from_fov(60, 60, 40)
AHEAD = Matrix.Rotation(np.pi / 2, 4, "X")
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


@pytest.fixture
def camera(scene, add_camera):
    """Sees just what is projected."""
    camera = add_camera(lens=31.177)
    camera.matrix_world = AHEAD
    scene.render.resolution_x, scene.render.resolution_y = 60, 40
    bpy.context.view_layer.update()
    return camera


@pytest.fixture
def add_wall(scene, camera):
    def add(name="Wall", material=None):
        mesh = bpy.data.meshes.new(name)
        corners = ((-9, -9), (0, -9), (9, -9), (9, 9), (0, 9), (-9, 9))
        mesh.from_pydata([(x, 5, z) for x, z in corners], [], [(0, 1, 4, 5), (1, 2, 3, 4)])
        if material:
            mesh.materials.append(material)
        obj = bpy.data.objects.new(name, mesh)
        scene.collection.objects.link(obj)
        return obj

    return add


def project(scene, objects, color, **more):
    """One color over the whole frame."""
    picture = bpy.data.images.new(str(color), 60, 40)
    picture.pixels.foreach_set(np.tile([*(np.array(color) / 255), 1], 60 * 40).astype(np.float32))
    return add_projection(scene, objects, picture, INTRINSICS, AHEAD, name=str(color), **more)


def colors(scene, tmp_path):
    """What shows left and right of the middle."""
    shown = projection_scene.render(scene, tmp_path / "shown.png", samples=4)
    return tuple(np.round(shown[20, 10])), tuple(np.round(shown[20, 50]))


def test_the_later_lies_on_top_until_it_is_moved(scene, add_wall, tmp_path):
    wall = add_wall()
    red, green, blue = (project(scene, [wall], color) for color in (RED, GREEN, BLUE))
    assert projections_of(wall) == [red, green, blue]
    assert colors(scene, tmp_path) == (BLUE, BLUE)
    move_projection(wall, blue, 0)
    assert projections_of(wall) == [blue, red, green]
    assert colors(scene, tmp_path) == (GREEN, GREEN)
    move_projection(wall, red, 99)
    assert projections_of(wall) == [blue, green, red]
    assert colors(scene, tmp_path) == (RED, RED)
    remove_projection(wall, red)
    assert projections_of(wall) == [blue, green]
    assert colors(scene, tmp_path) == (GREEN, GREEN)
    names = {obj.name for obj in bpy.data.objects}
    assert f"{GREEN} projection" in names and f"{RED} projection" not in names


def test_masked_by_a_color_attribute(scene, add_wall, tmp_path):
    wall = add_wall()
    attribute = wall.data.color_attributes.new("Matte", "FLOAT_COLOR", "CORNER")
    values = np.zeros((8, 4), np.float32)
    values[:4] = 1  # the face to the left
    attribute.data.foreach_set("color", values.ravel())
    below = project(scene, [wall], RED)
    above = project(scene, [wall], GREEN, mask="Matte")
    assert colors(scene, tmp_path) == (GREEN, RED)
    move_projection(wall, above, 0)
    assert colors(scene, tmp_path) == (RED, RED)
    move_projection(wall, below, 0)
    remove_projection(wall, below)
    left, right = colors(scene, tmp_path)
    assert left == GREEN and right != RED and right != GREEN
    material = wall.material_slots[0].material
    remove_projection(wall, above)
    assert material not in list(bpy.data.materials)


def test_a_color_attribute_that_no_mesh_has(scene, add_wall):
    """It would keep all paint off, without a word."""
    walls = [add_wall(), add_wall("Other")]
    with pytest.raises(ProjectionError, match="No mesh has the color attribute Matte"):
        project(scene, walls, RED, mask="Matte")
    assert not any(projections_of(wall) for wall in walls)
    walls[1].data.color_attributes.new("Matte", "BYTE_COLOR", "POINT")
    assert project(scene, walls, RED, mask="Matte") in projections_of(walls[0])


def test_half_a_mask_mixes(scene, add_wall, tmp_path):
    wall = add_wall()
    project(scene, [wall], RED)
    project(scene, [wall], GREEN)
    material = wall.material_slots[0].material
    node = next(n for n in material.node_tree.nodes if n.label == f"{GREEN} projection")
    node.inputs["Mask"].default_value = 0.5
    shown = projection_scene.render(scene, tmp_path / "shown.png", samples=4)[20, 30]
    assert shown == pytest.approx([188, 188, 0], abs=1)  # half of both, in linear light
    node.mute = True
    assert colors(scene, tmp_path) == (RED, RED)


def test_what_the_user_put_between_stays(scene, add_wall, tmp_path):
    wall = add_wall()
    red = project(scene, [wall], RED)
    material = wall.material_slots[0].material
    tree = material.node_tree
    node = next(n for n in tree.nodes if n.label == red.name)
    invert = tree.nodes.new("ShaderNodeInvert")
    targets = [link.to_socket for link in node.outputs["Color"].links]
    tree.links.new(node.outputs["Color"], invert.inputs["Color"])
    for target in targets:
        tree.links.new(invert.outputs["Color"], target)
    assert colors(scene, tmp_path) == ((0, 255, 255), (0, 255, 255))
    blue = project(scene, [wall], BLUE)
    assert projections_of(wall) == [red, blue] and colors(scene, tmp_path) == (BLUE, BLUE)
    remove_projection(wall, blue)
    assert colors(scene, tmp_path) == ((0, 255, 255), (0, 255, 255))


def test_meshes_materials_and_other_objects_stay(scene, add_wall):
    own = bpy.data.materials.new("Own")
    one, two = add_wall("One", own), add_wall("Two")
    twin = bpy.data.objects.new("Twin", one.data)
    scene.collection.objects.link(twin)
    red = project(scene, [one, two], RED)
    assert one.data.materials[0] == own and twin.material_slots[0].material == own
    assert projections_of(twin) == []
    # Another one on a part of them is not on the rest.
    green = project(scene, [one], GREEN)
    assert projections_of(one) == [red, green] and projections_of(two) == [red]
    project(scene, [two], BLUE)
    assert projections_of(one) == [red, green]
    remove_projection(one, red)
    remove_projection(one, green)
    assert one.material_slots[0].material == own and one.material_slots[0].link == "DATA"
    assert projections_of(two)[0] == red
    with pytest.raises(ProjectionError, match="One does not show"):
        remove_projection(one, red)


def test_many_objects_share_a_material(scene, add_wall):
    own = bpy.data.materials.new("Own")
    walls = [add_wall(f"Wall {n}", own) for n in range(4)]
    red = project(scene, walls, RED)
    assert len({wall.material_slots[0].material for wall in walls}) == 1
    green = project(scene, walls[:2], GREEN)
    assert len({wall.material_slots[0].material for wall in walls}) == 2
    move_projection(walls[0], red, 1)
    assert projections_of(walls[0]) == [green, red]
    assert projections_of(walls[1]) == [red, green] and projections_of(walls[3]) == [red]


def test_a_mesh_without_slots_has_none_in_the_end(scene, add_wall):
    wall = add_wall()
    other = bpy.data.objects.new("Other", wall.data)
    scene.collection.objects.link(other)
    red = project(scene, [wall, other], RED)
    remove_projection(wall, red)
    assert len(wall.data.materials) == 1 and projections_of(other) == [red]
    remove_projection(other, red)
    assert len(wall.data.materials) == 0 and not wall.data.keys()


def test_the_former_material_beneath(scene, add_wall, tmp_path):
    wall = add_wall()
    wall.data.materials.append(None)
    projection_scene.strip([wall])
    mask = bpy.data.images.new("Mask", 2, 1)
    mask.pixels.foreach_set(np.array([1, 1, 1, 1, 0, 0, 0, 1], np.float32))
    project(scene, [wall], GREEN, mask=mask, keep_material=True)
    assert colors(scene, tmp_path) == (GREEN, projection_scene.BARE)
    # It is beneath all that follow, too, and occlusion is that of a whole surface.
    blue = project(scene, [wall], BLUE)
    assert colors(scene, tmp_path) == (BLUE, BLUE)
    remove_projection(wall, blue)
    assert colors(scene, tmp_path) == (GREEN, projection_scene.BARE)


def test_unpainted_surfaces_still_stand_in_the_way(scene, add_wall, tmp_path):
    """The card has a projection that paints nothing, so it is clear, and yet it hides the wall."""
    wall, card = add_wall(), add_wall("Card")
    card.location.y = -2
    mask = bpy.data.images.new("Mask", 1, 1)
    mask.pixels.foreach_set(np.array([0, 0, 0, 1], np.float32))
    bpy.context.view_layer.update()
    project(scene, [card], GREEN, mask=mask)
    project(scene, [wall], RED)
    left, right = colors(scene, tmp_path)
    assert left == right and left not in (RED, GREEN)
    card.hide_render = True
    assert colors(scene, tmp_path)[0] != RED


def test_a_live_result_gets_it_in_its_modifier(scene, camera, tmp_path):
    depth = np.full((40, 60), 3, np.float32)
    rgb = np.zeros((40, 60, 3), np.uint8)
    obj = add_depth_result(scene, rgb, depth, depth, INTRINSICS, name="Live", matrix=AHEAD)
    before = get_input(find_modifier(obj), "Material")
    bpy.context.view_layer.update()
    red = project(scene, [obj], RED)
    assert projections_of(obj) == [red] and obj.data.materials[0] == before
    assert colors(scene, tmp_path) == (RED, RED)
    material = get_input(find_modifier(obj), "Material")
    assert can_be_lit(material) and not is_lit(material)
    set_lit(material, True)
    assert is_lit(material)
    assert colors(scene, tmp_path)[0] != RED
    set_lit(material, False)
    assert colors(scene, tmp_path) == (RED, RED)
    remove_projection(obj, red)
    assert get_input(find_modifier(obj), "Material") == before
