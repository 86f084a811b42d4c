"""Normals of a shot: an attribute and a pass at each frame, as with a single picture."""

import bpy
import numpy as np
import pytest

from sharpdepth_blender.scene import bake_result
from sharpdepth_blender.scene.export.exr import export_exr
from sharpdepth_blender.scene.live import find_modifier, surface_group
from sharpdepth_blender.scene.material import NORMAL
from sharpdepth_blender.scene.modifier import get_input
from sharpdepth_blender.scene.result_marks import NORMALS
from sharpdepth_blender.scene.sequence import renew_depth_sequence
from sharpdepth_blender.tasks.generate_sequence import add_sequence_object
from tests.geometry.test_exr import read_exr
from tests.tasks import told_frames
from tests.tasks.told_frames import FrameEngine, frames_in, save_frames

WIDTH, HEIGHT = 40, 30
NUMBERS = (1, 2, 4)  # frame 3 has no file, and shows its neighbor's
pytestmark = pytest.mark.usefixtures("registered")


def told(number):
    """A tilt of each frame's own, in the engine's axes; nothing known in the lowest rows."""
    normals = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    normals[:-5] = np.sin(0.2 * number), 0, -np.cos(0.2 * number)
    return normals


def engine(knows=NUMBERS):
    """Sees a wall ahead, and normals in those frames that it is asked to."""
    wall = np.full((HEIGHT, WIDTH), 3, np.float32)
    return FrameEngine(
        lambda number: {"depth": wall, "normals": told(number) if number in knows else None}
    )


@pytest.fixture
def generate(tmp_path):
    save_frames(tmp_path, NUMBERS, WIDTH, HEIGHT)
    return lambda engine, into="out": told_frames.generate(
        engine, frames_in(tmp_path, range(1, 5)), tmp_path / into, window=0
    )


def attribute(obj):
    mesh = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    values = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.attributes["Normal"].data.foreach_get("vector", values)
    points = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.attributes["position"].data.foreach_get("vector", points)
    return values.reshape(-1, 3), points.reshape(-1, 3)[:, 1] > -3 * (HEIGHT / 2 - 5) / 50


@pytest.mark.parametrize("baked", [False, True])
def test_each_frame_has_its_own(baked, generate, tmp_path):
    work = generate(engine())
    obj = add_sequence_object(bpy.context.scene, work, "Mesh")
    assert obj[NORMALS].name == "a.0001 normals" and obj[NORMALS].colorspace_settings.is_data
    assert NORMAL in obj.data.materials[0].node_tree.nodes  # by which it is lit
    for number, shows in ((1, 1), (2, 2), (3, 2), (4, 4), (9, 4)):
        if baked and number != 2:
            continue
        bpy.context.scene.frame_set(number)
        if baked:
            bake_result(obj)
            bpy.context.scene.frame_set(4)
        found, known = attribute(obj)
        wanted = (np.sin(0.2 * shows), 0, np.cos(0.2 * shows))
        assert known.sum() == (HEIGHT - 5) * WIDTH
        np.testing.assert_allclose(found[known], np.tile(wanted, (known.sum(), 1)), atol=1e-3)
        np.testing.assert_allclose(
            found[~known], np.tile((0, 0, 1), ((~known).sum(), 1)), atol=1e-3
        )
        export_exr(tmp_path / "plate.exr", obj)
        _, channels = read_exr(tmp_path / "plate.exr")
        passed = np.stack([channels[f"N.{axis}"] for axis in "XYZ"], -1)
        np.testing.assert_allclose(passed[0, 0], wanted, atol=1e-3)
        np.testing.assert_allclose(passed[-1, -1], (0, 0, 1), atol=1e-3)


def test_frames_without_have_those_of_their_surface(generate):
    work = generate(engine(knows=(2,)))
    obj = add_sequence_object(bpy.context.scene, work, "Mesh")
    for number, tilt in ((1, 0), (2, 0.4)):
        bpy.context.scene.frame_set(number)
        found, known = attribute(obj)
        np.testing.assert_allclose(found[known][0], (np.sin(tilt), 0, np.cos(tilt)), atol=1e-3)


def test_again_without_normals_takes_them_away_and_back(generate):
    with_normals, without = generate(engine()), generate(engine(knows=()), "plain")
    scene = bpy.context.scene
    obj = add_sequence_object(scene, with_normals, "Mesh")
    count = len(bpy.data.images)
    renew_depth_sequence(scene, obj, without.store.folder)
    assert NORMALS not in obj.keys() and len(bpy.data.images) == count - 1
    assert get_input(find_modifier(obj), "Normals") is None
    assert NORMAL not in obj.data.materials[0].node_tree.nodes
    renew_depth_sequence(scene, obj, with_normals.store.folder)
    assert obj[NORMALS].name == "a.0001 normals" and len(bpy.data.images) == count


def test_a_lost_file_is_made_again(generate):
    work = generate(engine())
    work.store.path("normals", 2).unlink()
    again = generate(engine())
    assert again.made == 1 and again.store.path("normals", 2).is_file()


def test_an_object_of_an_earlier_version_keeps_its_nodes_without_them(generate):
    """Whose nodes know normals of a single picture alone."""
    work, plain = generate(engine()), generate(engine(knows=()), "plain")
    obj = add_sequence_object(bpy.context.scene, plain, "Mesh")
    surface_group(follows_frame=True)["sharpdepth_surface"] = "4 sequence 2"
    count = len(bpy.data.images)
    renew_depth_sequence(bpy.context.scene, obj, work.store.folder)
    assert NORMALS not in obj.keys() and len(bpy.data.images) == count
