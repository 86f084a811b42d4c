"""A studio's own scene: exact depth in its own look, near its own shots, and the file as it was."""

from types import SimpleNamespace

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from mathutils import Matrix, Vector  # noqa: E402

from sharpdepth_blender.scene import camera_intrinsics  # noqa: E402
from training.scenes import passes, studio  # noqa: E402
from training.scenes.blend import open_blend, saved_blend  # noqa: E402
from training.scenes.errors import (  # noqa: E402
    BlendFileError,
    NoCameraError,
    NothingSeenError,
    OtherFramesError,
    UnsavedFileError,
)
from training.scenes.frame import FAR, Frame, frame_path  # noqa: E402
from training.scenes.make import make_part  # noqa: E402

COUNTS = {"train": 4, "test": 4}
CENTIMETERS = 0.01  # meters of a Blender unit
SIDE = 48


def add(mesh, scene, name, **settings):
    thing = bpy.data.objects.new(name, mesh)
    for key, value in settings.items():
        setattr(thing, key, value)
    scene.collection.objects.link(thing)
    return thing


def box(size):
    mesh = bpy.data.meshes.new("box")
    x, y, z = np.array(size) / 2
    corners = [(a * x, b * y, c * z) for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    mesh.from_pydata(corners, [], faces)
    return mesh


def camera(scene, name, position, target, **settings):
    data = bpy.data.cameras.new(name)
    data.clip_start, data.clip_end = 1, 100_000
    for key, value in settings.items():
        setattr(data, key, value)
    result = add(data, scene, name, location=position)
    toward = Vector(target) - Vector(position)
    result.rotation_euler = toward.to_track_quat("-Z", "Y").to_euler()
    return result


@pytest.fixture
def scene(tmp_path):
    """A yard in centimeters with two shots, and with much that gets in the way of exact depth."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.unit_settings.scale_length = CENTIMETERS
    scene.frame_start, scene.frame_end = 1, 40
    scene.world = bpy.data.worlds.new("sky")
    render = scene.render
    render.engine, render.resolution_x, render.resolution_y = "CYCLES", 1920, 2560
    render.pixel_aspect_x, render.resolution_percentage = 2.0, 50
    render.use_motion_blur = render.film_transparent = render.use_border = True
    render.border_max_x = 0.5
    add(box((4000, 4000, 100)), scene, "ground", location=(0, 0, -50))
    add(box((100, 100, 250)), scene, "block", location=(60, 300, 125), rotation_euler=(0, 0, 0.4))
    tree = bpy.data.collections.new("tree")
    tree.objects.link(bpy.data.objects.new("crown", box((60, 60, 60))))
    for x in (-150, 40, 250):
        add(None, scene, "tree", location=(x, 500, 120), rotation_euler=(0.3, 0.2, x),
            instance_type="COLLECTION", instance_collection=tree)  # fmt: skip
    add(bpy.data.lights.new("sun", "SUN"), scene, "sun")
    moving = camera(scene, "moving", (0, -300, 170), (0, 300, 100), lens=30)
    moving.data.dof.use_dof, moving.data.dof.aperture_fstop = True, 0.1
    moving.scale = (2, 2, 2)
    for frame, x, lens in ((1, -100, 30), (20, 100, 50)):
        moving.location.x, moving.data.lens = x, lens
        moving.keyframe_insert("location", frame=frame)
        moving.data.keyframe_insert("lens", frame=frame)
    shifted = camera(scene, "shifted", (200, -200, 90), (60, 300, 100), sensor_fit="VERTICAL",
                     sensor_height=20, shift_x=0.1, shift_y=-0.15)  # fmt: skip
    scene.timeline_markers.new("a", frame=1).camera = moving
    scene.timeline_markers.new("b", frame=21).camera = shifted
    scene.frame_set(13)
    path = str(tmp_path / "shots.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    return bpy.context.scene


@pytest.fixture
def opened(scene):
    with studio.open_studio(scene, scene.view_layers[0], COUNTS) as result:
        yield result


def cast_rays(scene, intrinsics, height, width):
    """Depth [m] at the pixel centers of the scene's camera by geometry alone, `FAR` if none."""
    fx, fy, cx, cy = intrinsics
    graph, matrix = scene.view_layers[0].depsgraph, scene.camera.matrix_world
    depth = np.full((height, width), FAR, np.float32)
    for v, u in np.ndindex(height, width):
        ray = matrix.to_3x3() @ Vector(((u + 0.5 - cx) / fx, -(v + 0.5 - cy) / fy, -1))
        hit, where, *_ = scene.ray_cast(graph, matrix.translation, ray)
        if hit:
            z = -(matrix.inverted() @ where).z * scene.unit_settings.scale_length
            depth[v, u] = min(z, FAR)
    return depth


def assert_exact(depth, truth):
    error = np.abs(depth - truth) / truth
    # The rest are rays that graze an edge, where the renderer's jitter of 0.005 px decides.
    assert np.mean(error < 1e-3) > 0.99
    assert np.median(error) < 1e-4


@pytest.mark.parametrize("split", COUNTS)
@pytest.mark.parametrize("seed", [0, 1])
def test_depth_is_that_of_the_geometry(opened, split, seed):
    frame = opened.render(split, seed, SIDE, samples=1)
    assert isinstance(frame, Frame) and frame.seed == seed
    assert frame.rgb.shape == (32, 48, 3) and frame.rgb.dtype == np.uint8
    assert frame.depth.shape == (32, 48) and frame.depth.dtype == np.float32
    assert 0.5 < frame.depth.min() < 8 and 5 < np.unique(frame.depth).size
    assert_exact(frame.depth, cast_rays(opened.scene, frame.intrinsics, *frame.depth.shape))


def test_a_portrait_file_gives_portrait_frames(scene):
    scene.render.resolution_x = 480
    with studio.open_studio(scene, scene.view_layers[0], COUNTS) as opened:
        frame = opened.render("test", 3, 96, samples=1)
        assert frame.depth.shape == (96, 32)
        assert_exact(frame.depth, cast_rays(opened.scene, frame.intrinsics, 96, 32))


def test_views_keep_to_the_shots_of_their_split_and_differ(opened):
    pose = {}
    for split, name, focal in (("train", "moving", (30, 50)), ("test", "shifted", (50, 50))):
        assert [shot.camera.name for shot in opened.shots[split]] == [name]
        for seed in range(12):
            opened._look_from(opened.shots[split][0], 7, np.random.default_rng(seed))
            own = opened.scene.camera
            graph = opened.scene.view_layers[0].depsgraph
            shot = bpy.data.objects[name].evaluated_get(graph)
            away = (own.matrix_world.translation - shot.matrix_world.translation).length
            turn = own.matrix_world.to_quaternion().rotation_difference(
                shot.matrix_world.normalized().to_quaternion()
            )
            assert away < 0.15 * 700 and turn.angle < np.radians(6)
            assert focal[0] * 0.85 < own.data.lens < focal[1] * 1.17
            assert own.data.sensor_fit == shot.data.sensor_fit
            assert (own.data.shift_x, own.data.shift_y) == (shot.data.shift_x, shot.data.shift_y)
            pose[name, seed] = (*own.matrix_world.translation, own.data.lens)
    assert len(set(pose.values())) == len(pose)


def test_a_camera_that_no_viewport_shows_moves_all_the_same(scene):
    moving = scene.objects["moving"]
    for collection in list(moving.users_collection):
        collection.objects.unlink(moving)
    hidden = bpy.data.collections.new("hidden")
    hidden.objects.link(moving)
    scene.collection.children.link(hidden)
    scene.view_layers[0].layer_collection.children["hidden"].exclude = True
    moving.hide_viewport = True
    with studio.open_studio(scene, scene.view_layers[0], COUNTS) as opened:
        for frame, x in ((1, -100), (20, 100)):
            opened._look_from(opened.shots["train"][0], frame, np.random.default_rng(0))
            assert opened.scene.camera.matrix_world.translation.x == pytest.approx(x, abs=60)


def test_a_seed_is_a_frame(opened):
    first, other, again = (opened.render("train", seed, SIDE, samples=2) for seed in (0, 1, 0))
    np.testing.assert_array_equal(first.rgb, again.rgb)
    np.testing.assert_array_equal(first.depth, again.depth)
    assert first.intrinsics == again.intrinsics != other.intrinsics
    assert not np.array_equal(first.depth, other.depth)


def test_the_picture_is_in_the_look_of_the_file(scene):
    """A sky of one color through the file's own exposure and *Standard* view."""
    for thing in list(scene.objects):
        if thing.type != "CAMERA":
            bpy.data.objects.remove(thing)
    scene.world.use_nodes = True
    scene.world.node_tree.nodes["Background"].inputs["Color"].default_value = (0.1, 0.02, 0.05, 1)
    scene.view_settings.view_transform, scene.view_settings.exposure = "Standard", 1
    with studio.open_studio(scene, scene.view_layers[0], {"test": 1}) as opened:
        frame = opened._random_view("test", 0, np.random.default_rng(0), SIDE, samples=1)
    linear = 2 * np.array([0.1, 0.02, 0.05])
    srgb = 255 * (1.055 * linear ** (1 / 2.4) - 0.055)
    # The denoiser leaves some corner pixels astray.
    np.testing.assert_allclose(np.median(frame.rgb, axis=(0, 1)), srgb, atol=1.5)
    assert (frame.depth == FAR).all()


def material(scene, shader):
    """Give the block a material whose surface is what `shader` makes of its nodes."""
    result = bpy.data.materials.new("own")
    result.use_nodes = True
    nodes, link = result.node_tree.nodes, result.node_tree.links.new
    nodes.clear()
    output = nodes.new("ShaderNodeOutputMaterial")
    shader(nodes, link, output)
    scene.objects["block"].data.materials.append(result)


def look_at_the_block(scene):
    """Depth of the block, that stands between a camera and a wall, where the camera sees it."""
    block = scene.objects["block"]
    block.matrix_world = Matrix.Translation((0, 300, 0))
    scene.timeline_markers.clear()
    scene.camera = camera(scene, "straight", (0, -100, 0), (0, 300, 0), lens=36)
    scene.objects["ground"].matrix_world = Matrix.Translation((0, 2600, 0))
    with studio.open_studio(scene, scene.view_layers[0], {"test": 1}) as opened:
        copy = opened.scene
        passes.set_frame(copy, 40, 40)
        copy.camera, copy.frame_start = scene.camera, 1
        return passes.z_depth(copy)[0][17:23, 17:23]


NEAR, BEHIND = 3.5, 7.0  # meters to the block, and to the wall behind it


def test_a_cut_out_is_looked_through(scene):
    material(scene, lambda nodes, link, output: link(
        nodes.new("ShaderNodeBsdfTransparent").outputs[0], output.inputs["Surface"]
    ))  # fmt: skip
    np.testing.assert_allclose(look_at_the_block(scene), BEHIND, rtol=1e-4)


def test_glass_is_a_surface(scene):
    material(scene, lambda nodes, link, output: link(
        nodes.new("ShaderNodeBsdfGlass").outputs[0], output.inputs["Surface"]
    ))  # fmt: skip
    np.testing.assert_allclose(look_at_the_block(scene), NEAR, rtol=1e-4)


def test_a_fog_is_looked_through(scene):
    def fog(nodes, link, output):
        volume = nodes.new("ShaderNodeVolumeScatter")
        volume.inputs["Density"].default_value = 0.005
        link(volume.outputs[0], output.inputs["Volume"])

    material(scene, fog)
    np.testing.assert_allclose(look_at_the_block(scene), BEHIND, rtol=1e-4)


def test_a_fog_in_the_world_hides_nothing(scene):
    scene.world.use_nodes = True
    tree = scene.world.node_tree
    volume = tree.nodes.new("ShaderNodeVolumeScatter")
    volume.inputs["Density"].default_value = 10
    tree.links.new(volume.outputs[0], tree.nodes["World Output"].inputs["Volume"])
    np.testing.assert_allclose(look_at_the_block(scene), NEAR, rtol=1e-4)


def test_what_is_held_out_has_no_depth(scene):
    scene.objects["block"].is_holdout = True
    assert (look_at_the_block(scene) == FAR).all()


def test_a_camera_in_a_closed_box_stays_in_it(scene):
    """Its walls are near, beside a slit through which it sees far."""
    scene.timeline_markers.clear()
    scene.camera = camera(scene, "boxed", (0, 0, 5000), (0, 100, 5000), lens=18)
    for x in (-6, 6):
        add(box((2, 9000, 1000)), scene, "side", location=(x, 4000, 5000))
    with studio.open_studio(scene, scene.view_layers[0], {"test": 1}) as opened:
        for seed in range(20):
            opened._look_from(opened.shots["test"][0], 1, np.random.default_rng(seed))
            assert abs(opened.scene.camera.matrix_world.translation.x) < 5


def test_without_a_free_place_the_view_is_the_shots_own(scene, monkeypatch):
    monkeypatch.setattr("training.scenes.view._is_open", lambda *_: False)
    with studio.open_studio(scene, scene.view_layers[0], COUNTS) as opened:
        frame = opened.render("train", 5, SIDE, samples=1)
        own, shot = opened.scene.camera, opened.shots["train"][0].camera
        expected = camera_intrinsics(opened.scene, own)
        assert frame.intrinsics == (expected.fx, expected.fy, expected.cx, expected.cy)
        graph = opened.scene.view_layers[0].depsgraph
        there = np.array(shot.evaluated_get(graph).matrix_world.normalized())
        np.testing.assert_allclose(np.array(own.matrix_world), there, atol=1e-4)
        assert own.data.lens == pytest.approx(shot.evaluated_get(graph).data.lens)


def values_of(owner):
    """All plain settings of a Blender struct, but its users, whom Blender miscounts."""
    found = {}
    for name, about in owner.bl_rna.properties.items():
        if about.type in ("BOOLEAN", "INT", "FLOAT", "STRING", "ENUM", "POINTER"):
            value = getattr(owner, name)
            if about.type == "POINTER":
                value = value.name if isinstance(value, bpy.types.ID) else None
            found[name] = tuple(value) if getattr(about, "is_array", False) else value
    found.pop("users", None)
    return found


def state():
    """What a user could see changed: settings, data-blocks, where things stand."""
    scene = bpy.context.scene
    bpy.context.view_layer.update()
    layer = scene.view_layers[0]
    owners = [
        *(scene, scene.render, scene.render.image_settings, scene.cycles, scene.eevee),
        *(scene.view_settings, scene.display_settings, scene.unit_settings, layer, layer.cycles),
    ]
    blocks = {
        prop.identifier: sorted(block.name for block in getattr(bpy.data, name))
        for name, prop in bpy.data.bl_rna.properties.items()
        if prop.type == "COLLECTION"
    }
    return {
        **{
            f"{owner}.{name}": value for owner in owners for name, value in values_of(owner).items()
        },
        "blocks": blocks,
        "markers": [(m.name, m.frame, m.camera and m.camera.name) for m in scene.timeline_markers],
        "cameras": [values_of(data) for data in bpy.data.cameras],
        "focus": [values_of(data.dof) for data in bpy.data.cameras],
        "places": {thing.name: np.array(thing.matrix_world).tolist() for thing in scene.objects},
        "window": bpy.context.window.scene.name if bpy.context.window else None,
    }


def assert_same(before, after):
    assert {key: (before[key], after[key]) for key in before if before[key] != after[key]} == {}


@pytest.mark.parametrize("fails", [False, True])
def test_nothing_of_the_file_is_changed(scene, monkeypatch, fails):
    before = state()
    if fails:
        monkeypatch.setattr(passes, "_cast", lambda scene: 1 / 0)
    with studio.open_studio(scene, scene.view_layers[0], COUNTS) as opened:
        for seed in range(2):
            if fails:
                with pytest.raises(ZeroDivisionError):
                    opened.render("train", seed, SIDE, samples=1)
            else:
                opened.render("test", seed, SIDE, samples=1)
        if fails:
            bpy.data.objects["moving"]  # still there
    assert_same(before, state())


def test_the_compositor_and_other_view_layers_stay(scene):
    scene.view_layers.new("other")
    if hasattr(scene, "compositing_node_group"):
        tree = bpy.data.node_groups.new("own", "CompositorNodeTree")
        scene.compositing_node_group = tree
    else:
        scene.use_nodes = True
        tree = scene.node_tree
    blur = tree.nodes.new("CompositorNodeBlur")
    before, nodes = state(), [node.name for node in tree.nodes]
    assert blur.name in nodes
    with studio.open_studio(scene, scene.view_layers["other"], COUNTS) as opened:
        assert [layer.name for layer in opened.scene.view_layers] == ["other"]
        opened.render("train", 0, SIDE, samples=1)
    assert_same(before, state())
    assert [node.name for node in tree.nodes] == nodes


def test_a_file_without_a_camera_is_named_and_unchanged(scene):
    for thing in [thing for thing in scene.objects if thing.type == "CAMERA"]:
        bpy.data.objects.remove(thing)
    before = state()
    with (
        pytest.raises(NoCameraError, match="no shot"),
        studio.open_studio(scene, scene.view_layers[0], COUNTS),
    ):
        pass
    assert_same(before, state())


@pytest.mark.parametrize("has_card", [False, True])
def test_eevee_is_replaced_where_no_graphics_card_is(scene, monkeypatch, capsys, has_card):
    scene.render.engine = "BLENDER_WORKBENCH"
    monkeypatch.setattr(studio, "has_graphics_card", lambda: has_card)
    with studio.open_studio(scene, scene.view_layers[0], COUNTS) as opened:
        assert opened.scene.render.engine == ("BLENDER_WORKBENCH" if has_card else "CYCLES")
    assert ("rendering with Cycles instead" in capsys.readouterr().err) == (not has_card)
    assert scene.render.engine == "BLENDER_WORKBENCH"


def config(folder, source, jobs=1):
    counts = {"train": 2, "distill": 0, "validation": 0, "test": 1}
    settings = SimpleNamespace(source=str(source), samples=1, farthest=FAR, jobs=jobs, **counts)
    return SimpleNamespace(folder=str(folder), processing_resolution=32, render=settings)


def test_parts_of_a_saved_file_are_those_of_the_open_one(scene, tmp_path):
    path = tmp_path / "shots.blend"
    make_part(config(tmp_path / "one", "open"), 0)
    assert saved_blend() == path
    for part in range(2):
        make_part(config(tmp_path / "two", path, jobs=2), part)
    for split, seed in (("train", 0), ("train", 1), ("test", 3_000_000)):
        one, two = (
            Frame.load(frame_path(tmp_path / name / "frames", split, seed))
            for name in ("one", "two")
        )
        np.testing.assert_array_equal(one.depth, two.depth)
        np.testing.assert_array_equal(one.rgb, two.rgb)
    assert len(list(tmp_path.rglob("*.npz"))) == 6


def test_frames_of_another_kind_are_not_mixed(scene, tmp_path):
    first = config(tmp_path / "one", "open")
    make_part(first, 0)
    make_part(first, 0)
    others = [config(tmp_path / "one", "open"), config(tmp_path / "one", "procedural")]
    others[0].render.test = 2  # which gives the splits other shots
    for other in others:
        with pytest.raises(OtherFramesError, match="another `folder`"):
            make_part(other, 0)


def test_a_view_of_nothing_is_drawn_again_and_then_given_up(opened, monkeypatch):
    empty = np.full((32, 64), FAR, np.float32), np.ones((32, 64), bool)
    exact, asked = passes.z_depth, []

    def empty_twice(scene, farthest):
        asked.append(scene)
        return empty if len(asked) < 3 else exact(scene, farthest)

    monkeypatch.setattr(passes, "z_depth", empty_twice)
    frame = opened.render("train", 0, SIDE, samples=1)
    assert frame.depth.min() < FAR and len(asked) == 3
    monkeypatch.setattr(passes, "z_depth", lambda *_: empty)
    with pytest.raises(NothingSeenError, match="near the shots of train"):
        opened.render("train", 0, SIDE, samples=1)


def test_what_is_not_on_disk_cannot_be_shared(scene, monkeypatch):
    in_a_window = SimpleNamespace(
        data=SimpleNamespace(filepath="shots.blend", is_dirty=True),
        app=SimpleNamespace(background=False),
    )
    with monkeypatch.context() as changed:
        changed.setattr("training.scenes.blend.bpy", in_a_window)
        with pytest.raises(UnsavedFileError):
            saved_blend()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with pytest.raises(UnsavedFileError, match="save the .blend file first"):
        saved_blend()


def test_a_file_that_is_no_blend_is_named(tmp_path):
    (tmp_path / "notes.blend").write_text("no Blender file")
    for name in ("notes.blend", "missing.blend"):
        with pytest.raises(BlendFileError, match=f"cannot open the .blend file .*{name}"):
            open_blend(tmp_path / name)
