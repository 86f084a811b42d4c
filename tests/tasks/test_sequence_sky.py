"""A shot with sky and holes: treated as of a single picture, and nothing smeared over either."""

import bpy
import numpy as np
import pytest

from sharpdepth_blender.scene import bake_result, read_depth_exr
from sharpdepth_blender.scene.export.maps import maps_of
from sharpdepth_blender.scene.live import find_modifier
from sharpdepth_blender.scene.modifier import get_input, set_input
from sharpdepth_blender.scene.sequence import renew_depth_sequence
from sharpdepth_blender.tasks.generate_sequence import add_sequence_object
from tests.tasks import told_frames
from tests.tasks.told_frames import FrameEngine, frames_in, save_frames

WIDTH, HEIGHT, COUNT = 50, 40, 5
FARTHEST = 9.0
pytestmark = pytest.mark.usefixtures("registered")


def truth():
    """Two slopes with an edge between, (HEIGHT, WIDTH) meters."""
    row = np.concatenate([np.linspace(2, 2.3, WIDTH // 2), np.linspace(8.5, FARTHEST, WIDTH // 2)])
    return np.broadcast_to(row.astype(np.float32), (HEIGHT, WIDTH))


def above(number):
    """The sky of a frame, whose border goes up and down."""
    return np.broadcast_to(np.arange(HEIGHT)[:, None] < 10 + 3 * (number % 2), (HEIGHT, WIDTH))


def opening(number):
    """A hole, which wanders."""
    there = np.zeros((HEIGHT, WIDTH), bool)
    there[20:28, 4 * number : 4 * number + 6] = True
    return there


def engine(has_sky=True):
    """Knows the truth but where there is sky or a hole, for which it says a little too much."""

    def tell(number):
        sky, holes = above(number), opening(number)
        depth = np.where((sky & has_sky) | holes, 1.03 * truth(), truth()).astype(np.float32)
        sky = np.where(sky, 0.9, 0.1) if has_sky else None
        return {"depth": depth, "sky": sky, "holes": holes}

    return FrameEngine(tell, focal=60.0)


@pytest.fixture
def generate(tmp_path):
    save_frames(tmp_path, range(1, COUNT + 1), WIDTH, HEIGHT)
    return lambda engine, into="out": told_frames.generate(
        engine, frames_in(tmp_path), tmp_path / into, window=2
    )


def maps(work, number):
    return [read_depth_exr(work.store.path(kind, number)) for kind in ("depth", "metric")]


def test_one_sky_open_holes_and_nothing_smeared(generate):
    work = generate(engine())
    assert work.shot["sky"] == pytest.approx(1.25 * FARTHEST, rel=1e-3)
    assert work.shot["cuts"] == work.shot["jumps"] == []
    for number in range(1, COUNT + 1):
        sky, holes = above(number), opening(number)
        for depth in maps(work, number):
            np.testing.assert_allclose(depth[sky], 2 * work.shot["sky"], rtol=1e-6)
            assert not depth[holes].any()
            ground = ~sky & ~holes
            np.testing.assert_allclose(depth[ground], truth()[ground], rtol=1e-3)


def test_mesh_exports_and_baking_treat_it_as_a_pictures(generate):
    work = generate(engine())
    scene, begins = bpy.context.scene, work.shot["sky"]
    obj = add_sequence_object(scene, work, "Mesh")
    modifier = find_modifier(obj)
    limits = [get_input(modifier, name) for name in ("Far", "Backdrop", "Sky Beyond")]
    assert limits == pytest.approx([begins, 2 * begins, begins])
    for number in (2, 5):
        scene.frame_set(number)
        shown = maps_of(obj)
        np.testing.assert_array_equal(shown.sky > 0, above(number))
        np.testing.assert_array_equal(shown.depth == 0, opening(number))
        mesh = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).to_mesh()
        z = -np.array([vertex.co.z for vertex in mesh.vertices])
        marked = np.empty(len(z), bool)
        mesh.attributes["Sky"].data.foreach_get("value", marked)
        np.testing.assert_array_equal(marked, z > begins)
        assert marked.sum() == above(number).sum() and z.max() < 2.01 * begins
        assert (z[~marked] < 1.01 * FARTHEST).all() and (z > 0).all()
    bake_result(obj)
    baked = obj.data.attributes["Sky"].data
    assert sum(each.value for each in baked) == above(number).sum()


def test_again_without_a_sky_the_limits_go_unless_they_were_set(generate):
    sky, clear = generate(engine(), into="sky"), generate(engine(has_sky=False), into="clear")
    assert clear.shot["sky"] == 0
    scene = bpy.context.scene
    obj = add_sequence_object(scene, sky, "Mesh")
    modifier = find_modifier(obj)
    renew_depth_sequence(scene, obj, clear.store.folder)
    assert [get_input(modifier, name) for name in ("Far", "Backdrop")] == [0, 0]
    set_input(modifier, "Far", 5.0)
    renew_depth_sequence(scene, obj, sky.store.folder)
    assert [get_input(modifier, name) for name in ("Far", "Backdrop")] == [5, 0]


def test_a_frame_that_was_kept_by_an_earlier_version_has_no_sky(generate):
    work = generate(engine())
    kept = work.store.read_raw(3)
    np.testing.assert_array_equal(kept.sky, above(3))
    path = work.store.path("raw", 3)
    with np.load(path) as file:
        arrays = {name: file[name] for name in file if name != "sky"}
    np.savez(path, **arrays)
    assert work.store.read_raw(3).sky is None
