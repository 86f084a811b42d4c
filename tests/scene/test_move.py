"""Check Move on geometry whose holes, strips and stretch are known by formula."""

from dataclasses import replace

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.scene import (
    CameraError,
    SceneError,
    add_depth_result,
    bake_result,
    camera_intrinsics,
)
from sharpdepth_blender.scene.live import find_modifier
from sharpdepth_blender.scene.modifier import input_property, set_input
from sharpdepth_blender.scene.move import (
    Coverage,
    FrameChecker,
    MoveReport,
    SourceView,
    check_move,
    keep_report,
    kept_lines,
    move_frames,
    taking_views,
)
from sharpdepth_blender.scene.move.masks import write_mask
from sharpdepth_blender.scene.picture import image_values
from sharpdepth_blender.scene.projection import add_projection, projection_nodes

WIDTH, HEIGHT = 120, 80
FAR, NEAR = 8.0, 2.0
SHIFT = 0.4  # of the camera to the right, in units


@pytest.fixture
def shot(scene, add_camera):
    """The scene's camera at the origin, looking along -z, with a frame of 120 x 80 pixels."""
    scene.render.resolution_x, scene.render.resolution_y = WIDTH, HEIGHT
    return add_camera(lens=30, sensor_width=36)


@pytest.fixture
def add_quad(scene):
    """Add a rectangle that faces the camera's start: (left, right, bottom, top) at a depth."""

    def add(name, sides, depth, material=None):
        left, right, bottom, top = sides
        mesh = bpy.data.meshes.new(name)
        corners = [(left, bottom), (right, bottom), (right, top), (left, top)]
        mesh.from_pydata([(x, y, -depth) for x, y in corners], [], [(0, 1, 2, 3)])
        if material:
            mesh.materials.append(material)
        obj = bpy.data.objects.new(name, mesh)
        scene.collection.objects.link(obj)
        return obj

    return add


@pytest.fixture
def taker(scene, shot):
    """Make the view that the shot camera has at its start, painted on objects by name."""

    def take(*names, depth=None, size=None):
        camera = bpy.data.objects.new("Taker", shot.data.copy())
        scene.collection.objects.link(camera)
        lens = camera_intrinsics(scene, shot)
        return SourceView(camera, lens.resized(*size) if size else lens, frozenset(names), depth)

    return take


def frame_at(scene, camera, depth):
    """(left, right, bottom, top) of what the camera's frame shows at a depth."""
    lens = camera_intrinsics(scene, camera)
    across = np.array([-lens.cx, lens.width - lens.cx]) / lens.fx
    up = np.array([lens.cy - lens.height, lens.cy]) / lens.fy
    return *(depth * across), *(depth * up)


def animate(camera, shift=SHIFT, frame=11):
    camera.keyframe_insert("location", frame=1)
    camera.location.x += shift
    camera.keyframe_insert("location", frame=frame)


def checked(scene, frames=(1, 11), **settings):
    report, picture = check_move(scene, frames, **settings)
    assert picture.dtype == np.uint8 and picture.shape[2] == 3
    return report


CASES = {
    "landscape": {},
    "portrait": dict(size=(80, 120)),
    "odd": dict(size=(121, 83)),
    "wide pixels": dict(aspect=(2, 1)),
    "tall pixels, odd, portrait": dict(size=(61, 83), aspect=(1, 1.4)),
    "lens shift": dict(shift=(0.13, -0.2)),
    "centimeters": dict(scale_length=0.01),
    "at half size": dict(size=(240, 160), longer=120),
    "at a percentage": dict(percentage=50),
    "scaled camera": dict(scale=(2, 0.5, 3)),
}


@pytest.mark.parametrize("case", CASES)
def test_a_move_beside_the_wall_uncovers_as_much_as_it_moves(case, scene, shot, add_quad):
    given = {"size": (WIDTH, HEIGHT), "aspect": (1, 1), "shift": (0, 0), **CASES[case]}
    render = scene.render
    render.resolution_x, render.resolution_y = given["size"]
    render.resolution_percentage = given.get("percentage", 100)
    render.pixel_aspect_x, render.pixel_aspect_y = given["aspect"]
    scene.unit_settings.scale_length = given.get("scale_length", 1)
    shot.data.shift_x, shot.data.shift_y = given["shift"]
    shot.scale = given.get("scale", (1, 1, 1))
    sides = frame_at(scene, shot, FAR)
    add_quad("Wall", sides, FAR)
    animate(shot)
    longer = given.get("longer", 480)
    start, end = checked(scene, longer=longer).frames
    assert (start.hole, start.unpainted, start.stretched) == (0, 0, 0)
    width = sides[1] - sides[0]
    columns = min(render.resolution_x, round(longer * render.resolution_x / max(given["size"])))
    assert abs(end.hole - SHIFT / width) <= 1 / columns
    assert end.hole > 0 and end.unpainted == end.stretched == 0


def strip(lens):
    """Pixels that the move uncovers beside a card at `NEAR` before a wall at `FAR`."""
    return lens.fx * SHIFT * (1 / NEAR - 1 / FAR)


CARD = (-0.5, 0.3, -0.4, 0.5)


def card_pixels(lens):
    left, right, bottom, top = (side / NEAR for side in CARD)
    return slice(*np.round([lens.cy - top * lens.fy, lens.cy - bottom * lens.fy]).astype(int)), (
        slice(*np.round([lens.cx + left * lens.fx, lens.cx + right * lens.fx]).astype(int))
    )


def test_behind_a_card_no_paint(scene, shot, add_quad, taker):
    lens = camera_intrinsics(scene, shot)
    depth = np.full((HEIGHT, WIDTH), FAR, np.float32)
    rows, columns = card_pixels(lens)
    depth[rows, columns] = NEAR
    add_quad("Wall", (-50, 50, -50, 50), FAR)
    add_quad("Card", CARD, NEAR)
    views = [taker("Wall", "Card", depth=depth)]
    animate(shot)
    start, end = checked(scene, views=views).frames
    assert start.hole == end.hole == 0
    assert start.unpainted <= 1 / WIDTH * (CARD[3] - CARD[2]) * lens.fy / NEAR / HEIGHT
    beside = SHIFT / FAR * lens.fx / WIDTH  # of the wall beyond the picture's frame
    behind = strip(lens) * (CARD[3] - CARD[2]) * lens.fy / NEAR / (WIDTH * HEIGHT)
    assert abs(end.unpainted - beside - behind) <= 1.5 / WIDTH
    # A wall that has its paint by UV has it everywhere.
    card = taker("Card", depth=depth)
    start, end = checked(scene, views=[taker("Wall"), card]).frames
    assert start.missing == end.missing == 0


@pytest.mark.parametrize("keep_material", [False, True])
def test_a_projection_reaches_no_farther_than_its_camera(keep_material, scene, shot, add_quad):
    lens = camera_intrinsics(scene, shot)
    objects = [add_quad("Wall", (-50, 50, -50, 50), FAR), add_quad("Card", CARD, NEAR)]
    add_quad("Prop", (-50, 50, -50, 50), 2 * FAR)
    rgb = np.full((2 * HEIGHT, 2 * WIDTH, 3), 150, np.uint8)
    projection = add_projection(
        scene, objects, rgb, lens.resized(2 * WIDTH, 2 * HEIGHT), shot.matrix_world.copy(),
        name="Plate", keep_material=keep_material,
    )  # fmt: skip
    animate(shot)
    report = checked(scene)
    assert report.pictures == 1
    start, end = report.frames
    edge = 2 * (CARD[1] - CARD[0] + CARD[3] - CARD[2]) * lens.fx / NEAR / (WIDTH * HEIGHT)
    assert (start.hole, start.stretched) == (0, 0) and start.unpainted <= edge
    beside = SHIFT / FAR * lens.fx / WIDTH
    behind = strip(lens) * (CARD[3] - CARD[2]) * lens.fy / NEAR / (WIDTH * HEIGHT)
    assert end.hole == 0
    assert abs(end.unpainted - beside - behind) <= 1.5 / WIDTH
    for obj in objects:
        for node in projection_nodes(obj, projection):
            node.mute = True
    assert taking_views(scene) == []


def test_a_torn_surface_opens_behind_its_card(scene, shot):
    lens = camera_intrinsics(scene, shot)
    depth = np.full((HEIGHT, WIDTH), FAR, np.float32)
    rows, columns = card_pixels(lens)
    depth[rows, columns] = NEAR
    rgb = np.full((HEIGHT, WIDTH, 3), 150, np.uint8)
    matrix = shot.matrix_world.copy()
    obj = add_depth_result(scene, rgb, depth, depth, lens, name="Plate", matrix=matrix)
    animate(shot)
    high, wide = rows.stop - rows.start, columns.stop - columns.start
    beside = SHIFT / FAR * lens.fx / WIDTH
    behind = strip(lens) * high / (WIDTH * HEIGHT)
    # The tear itself is a pixel wide, and so is the rim where there is no second sample.
    rim = (2 * (high + wide) + WIDTH + HEIGHT) / (WIDTH * HEIGHT)
    report = checked(scene)
    start, end = report.frames
    assert report.pictures == 1
    assert start.hole <= rim
    assert abs(end.hole - beside - behind) <= rim
    assert end.hole > 10 * rim / 4
    assert end.unpainted == 0 and end.stretched < 0.002
    # Not torn, it is a rubber sheet in the same place.
    set_input(find_modifier(obj), "Tear Ratio", 1e9)
    _, sheet = checked(scene).frames
    assert abs(sheet.hole - beside) <= rim
    assert abs(sheet.stretched - behind) <= rim
    bake_result(obj)
    _, baked = checked(scene).frames
    assert baked.stretched == pytest.approx(sheet.stretched, abs=1e-3)


def test_a_grazing_picture_is_stretched_by_a_known_factor(scene, shot, add_quad, taker):
    add_quad("Wall", (-50, 50, -50, 50), FAR)
    view = taker("Wall")
    shot.data.lens = view.obj.data.lens = 400  # so that the factor is all but the same everywhere
    view = SourceView(view.obj, camera_intrinsics(scene, shot), view.paints)
    angle = np.radians(70)
    about = Matrix.Translation((0, 0, -FAR))
    view.obj.matrix_world = about @ Matrix.Rotation(angle, 4, "Y") @ about.inverted()
    bpy.context.view_layer.update()
    factor = 1 / np.cos(angle)
    for limit, stretched in ((0.8 * factor, 1), (1.2 * factor, 0)):
        (found,) = checked(scene, [1], views=[view], stretch=limit).frames
        assert (found.hole, found.unpainted, found.stretched) == (0, 0, stretched)
    # Of two pictures the better one counts.
    (found,) = checked(scene, [1], views=[view, taker("Wall")], stretch=2).frames
    assert found.stretched == 0


def test_an_animated_lens(scene, shot, add_quad, taker):
    add_quad("Wall", (-50, 50, -50, 50), FAR)
    view = taker("Wall", depth=np.full((HEIGHT, WIDTH), FAR, np.float32))
    for frame, lens in ((1, 30), (5, 55), (9, 70), (13, 24)):
        shot.data.lens = lens
        shot.data.keyframe_insert("lens", frame=frame)
    scene.frame_set(1)
    frames = checked(scene, (1, 5, 9, 13), views=[view]).frames
    assert [each.stretched for each in frames] == [0, 0, 1, 0]
    assert [each.unpainted for each in frames[:3]] == [0, 0, 0]
    shown = 24 / 30
    assert abs(frames[3].unpainted - (1 - shown**2)) <= 2 / HEIGHT
    assert shot.data.lens == 30


def test_pixels_of_the_picture_count_as_far_as_there_are_any(scene, shot, add_quad, taker):
    add_quad("Wall", (-50, 50, -50, 50), FAR)
    fine, coarse = (taker("Wall", size=size) for size in ((480, 320), (60, 40)))
    shot.location.z = -FAR / 2  # everything is twice as large
    (half,) = checked(scene, [1], views=[fine], stretch=0.6).frames
    assert half.stretched == 0  # two pixels of the frame have four of the picture
    (half,) = checked(scene, [1], views=[fine], stretch=0.4).frames
    assert half.stretched == 1
    for limit, stretched in ((1.9, 1), (2.1, 0)):
        (found,) = checked(scene, [1], views=[coarse], stretch=limit).frames
        assert found.stretched == stretched


@pytest.fixture
def clear():
    """A material that shows nothing, as one does where a projection does not reach."""
    material = bpy.data.materials.new("Clear")
    if material.node_tree is None:
        material.use_nodes = True
    nodes = material.node_tree.nodes
    nodes.clear()
    shader, output = nodes.new("ShaderNodeBsdfTransparent"), nodes.new("ShaderNodeOutputMaterial")
    material.node_tree.links.new(shader.outputs[0], output.inputs["Surface"])
    return material


def test_what_lets_through_is_told_from_what_is_not_there(scene, shot, add_quad, taker, clear):
    sides = frame_at(scene, shot, FAR)
    middle = (sides[0] + sides[1]) / 2
    add_quad("Bare", (sides[0], middle, sides[2], sides[3]), FAR, clear)
    nothing = np.zeros((HEIGHT, WIDTH), np.float32)
    (found,) = checked(scene, [1], views=[taker("Bare", depth=nothing)]).frames
    assert (found.hole, found.unpainted) == (0.5, 0.5)
    (found,) = checked(scene, [1], views=[]).frames
    assert (found.hole, found.unpainted) == (1, 0)
    # What shows through where paint is missing is not what is to be seen there.
    add_quad("Wall", (-50, 50, -50, 50), 2 * FAR)
    away = taker("Bare", depth=nothing)
    away.obj.location.y = 1000
    (found,) = checked(scene, [1], views=[away, taker("Wall")]).frames
    assert (found.hole, found.unpainted) == (0, 0.5)
    # Where the picture itself is clear, it is.
    (found,) = checked(scene, [1], views=[taker("Bare", depth=nothing), taker("Wall")]).frames
    assert (found.hole, found.unpainted) == (0, 0)


def test_nothing_there_and_a_world(scene, shot):
    scene.world = bpy.data.worlds.new("Sky")
    report = checked(scene, [1])
    assert report.frames[0].hole == 1 and report.pictures == 0
    assert any("holes only" in line for line in report.summary())


def test_other_geometry_needs_no_picture(scene, shot, add_quad):
    add_quad("Prop", (-50, 50, -50, 50), FAR)
    assert checked(scene, [1]).worst.missing == 0


def test_markers_switch_cameras(scene, shot, add_camera, add_quad):
    sides = frame_at(scene, shot, FAR)
    add_quad("Wall", sides, FAR)
    other = add_camera(lens=30, sensor_width=36)
    other.location.x = 100
    scene.camera = shot
    for frame, camera in ((1, shot), (7, other)):
        scene.timeline_markers.new("Cut", frame=frame).camera = camera
    assert [each.hole for each in checked(scene, (1, 6, 7)).frames] == [0, 0, 1]
    assert [each.hole for each in checked(scene, (1, 7), camera=shot).frames] == [0, 0]
    assert len(scene.timeline_markers) == 2


def test_a_camera_that_viewports_do_not_show(scene, shot, add_quad):
    sides = frame_at(scene, shot, FAR)
    add_quad("Wall", sides, FAR)
    rig = bpy.data.objects.new("Rig", None)
    hidden = bpy.data.collections.new("Hidden")
    scene.collection.children.link(hidden)
    for obj in (rig, shot):
        hidden.objects.link(obj)
    scene.collection.objects.unlink(shot)
    shot.parent = rig
    animate(rig)
    shot.data.keyframe_insert("lens", frame=1)
    shot.data.lens = 60
    shot.data.keyframe_insert("lens", frame=6)
    shot.data.lens = 30
    shot.data.keyframe_insert("lens", frame=11)
    shot.hide_viewport = rig.hide_viewport = True
    scene.view_layers[0].layer_collection.children["Hidden"].exclude = True
    start, middle, end = checked(scene, (1, 6, 11)).frames
    assert start.hole == middle.hole == 0  # twice as narrow a lens sees the middle of the wall
    assert abs(end.hole - SHIFT / (sides[1] - sides[0])) <= 1 / WIDTH


def test_geometry_and_materials_that_change(scene, shot, add_quad, clear):
    sides = frame_at(scene, shot, FAR)
    wall = add_quad("Wall", sides, FAR)
    wall.keyframe_insert("location", frame=1)
    wall.location.x = (sides[1] - sides[0]) / 2
    wall.keyframe_insert("location", frame=5)
    curtain = add_quad("Curtain", (-50, 50, -50, 50), 2 * FAR, clear)
    for frame, hidden in ((1, True), (8, True), (9, False)):
        curtain.hide_render = hidden
        curtain.keyframe_insert("hide_render", frame=frame)
    color = clear.node_tree.nodes[0].inputs["Color"]
    for frame, value in ((9, 1.0), (11, 0.0)):  # black lets nothing through
        color.default_value = (value, value, value, 1)
        color.keyframe_insert("default_value", frame=frame)
    frames = checked(scene, (1, 5, 9, 11)).frames
    assert [each.hole for each in frames] == [0, 0.5, 0.5, 0]


def test_the_file_is_as_it_was(scene, shot, add_quad, taker):
    add_quad("Wall", (-50, 50, -50, 50), FAR)
    views = [taker("Wall", depth=np.full((HEIGHT, WIDTH), FAR, np.float32))]
    animate(shot)
    scene.frame_set(4)
    shot.data.dof.use_dof = True
    render = scene.render
    render.engine, render.filepath = "BLENDER_WORKBENCH", "//mine"

    def state():
        kinds = ("scenes", "objects", "meshes", "cameras", "materials", "worlds", "actions")
        blocks = {kind: sorted(each.name for each in getattr(bpy.data, kind)) for kind in kinds}
        blocks["images"] = sorted(each.name for each in bpy.data.images if each.type == "IMAGE")
        settings = (
            scene.frame_current, scene.frame_start, scene.frame_end, scene.camera,
            tuple(shot.location), shot.data.lens, bpy.context.window.scene.name,
            *(getattr(render, name) for name in (
                "engine", "filepath", "resolution_x", "film_transparent", "use_compositing")),
            render.image_settings.file_format, scene.view_layers[0].use_pass_cryptomatte_object,
            scene.view_settings.view_transform,
        )  # fmt: skip
        return blocks, settings

    before = state()
    checked(scene, views=views)
    assert state() == before
    with FrameChecker(scene, views=views) as checker:  # cancelled
        checker.check(1)
    assert state() == before


def test_clear_sentences(scene, shot, add_quad, tmp_path):
    add_quad("Wall", (-50, 50, -50, 50), FAR)
    with pytest.raises(SceneError, match="before they start at 9"):
        move_frames(scene, 9, 3)
    before = sorted(each.name for each in bpy.data.scenes)
    with pytest.raises(SceneError, match="folder .*nowhere does not exist"):
        checked(scene, [1], folder=tmp_path / "nowhere")
    shot.data.type = "ORTHO"
    with pytest.raises(CameraError, match="orthographic"):
        checked(scene, [1])
    scene.camera = None
    with pytest.raises(CameraError, match="no camera to check"):
        checked(scene, [1])
    assert sorted(each.name for each in bpy.data.scenes) == before


@pytest.mark.parametrize(
    "frames, words",
    [
        (range(1, 12), "frames 1 to 11: 11 checked at"),
        ((7,), "frames 7 to 7: 1 checked at"),
        ((1, 6, 11, 12), "frames 1 to 12: 4 checked (1, 6, 11, 12) at"),
        ((*range(1, 97, 4), 100), "frames 1 to 100: 25 checked (1, 5, 9 ... 93, 100) at"),
    ],
)
def test_the_report_tells_which_frames_were_looked_at(frames, words):
    found = tuple(Coverage(frame, 0, 0, 0, 0) for frame in frames)
    report = MoveReport("Shot", (480, 270), 2.0, 0, found)
    assert report.summary()[0] == f"Camera Shot, {words} 480 x 270 pixels"
    report = replace(report, fine=(1920, 1080))
    assert report.summary()[0].endswith("480 x 270 pixels, invented ones at 1920 x 1080")


def test_frames():
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 3, 12
    assert move_frames(scene, step=4) == [3, 7, 11, 12]
    assert move_frames(scene, 5, 5, 3) == [5]
    assert move_frames(scene, -2, 1) == [-2, -1, 0, 1]


def test_pictures_and_the_kept_report(scene, shot, add_quad, tmp_path):
    sides = frame_at(scene, shot, FAR)
    add_quad("Wall", sides, FAR)
    animate(shot)
    for _ in range(2):
        report, picture = check_move(scene, [1, 6, 11], folder=tmp_path)
        image = keep_report(report, picture, scene)
    assert report.worst.frame == 11
    assert [each.name for each in bpy.data.images if each.type == "IMAGE"] == [image.name]
    assert [each.name for each in bpy.data.texts] == ["SharpDepth Check Move"]
    shown = np.round(image_values(image)[..., :3] * 255).astype(np.uint8)
    np.testing.assert_array_equal(shown, picture)
    magenta = (picture == (255, 0, 255)).all(-1)
    assert magenta.mean() == report.worst.hole
    assert magenta[:, -1].all() and not magenta[:, 0].any()
    lines = kept_lines()
    assert "frames 1 to 11" in lines[0] and "Holes: up to" in lines[1] and "6-11" in lines[1]
    assert len(bpy.data.texts[0].lines) > 6
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "coverage.0001.png", "coverage.0006.png", "coverage.0011.png",
    ]  # fmt: skip
    written = bpy.data.images.load(str(tmp_path / "coverage.0011.png"))
    np.testing.assert_array_equal(np.round(image_values(written)[..., :3] * 255), picture)


def test_a_lens_that_the_result_itself_animates(scene, shot):
    lens = camera_intrinsics(scene, shot)
    depth = np.full((HEIGHT, WIDTH), FAR, np.float32)
    rgb = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    matrix = shot.matrix_world.copy()
    obj = add_depth_result(scene, rgb, depth, depth, lens, name="Plate", matrix=matrix)
    modifier = find_modifier(obj)
    for frame, zoom in ((1, 1), (3, 0.3)):  # wider: in pixels of the frame its own are larger
        for name in ("Focal Length X", "Focal Length Y"):
            set_input(modifier, name, zoom * lens.fx)
            data, path = input_property(modifier, name)
            data.keyframe_insert(path, frame=frame)
    scene.frame_set(1)
    start, end = checked(scene, (1, 3)).frames
    assert (start.stretched, end.stretched) == (0, 1)


def test_views_of_a_result_that_is_projected_onto(scene, shot):
    lens = camera_intrinsics(scene, shot)
    depth = np.full((HEIGHT, WIDTH), FAR, np.float32)
    rgb = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for keep_material, own in ((False, 0), (True, 1)):
        matrix = shot.matrix_world.copy()
        obj = add_depth_result(scene, rgb, depth, depth, lens, name="Plate", matrix=matrix)
        add_projection(
            scene, [obj], rgb, lens, matrix, name="Patch", keep_material=keep_material
        )  # fmt: skip
        found = [each.obj.type for each in taking_views(scene)]
        assert found == ["MESH"] * own + ["CAMERA"]
        obj.hide_render = True
        assert taking_views(scene) == []


def test_views_of_results(scene, shot):
    lens = Intrinsics(70, 77, 30.5, 22, 60, 40)
    depth = np.tile(np.linspace(3, 4, 60, dtype=np.float32), (40, 1))
    image = bpy.data.images.new("Large", 120, 80)
    obj = add_depth_result(scene, image, depth, depth, lens, name="Plate")
    (live,) = taking_views(scene)
    bake_result(obj)
    (baked,) = taking_views(scene)
    for view in (live, baked):
        assert view.obj == obj and view.paints == {obj.name} and view.depth is None
        found = view.intrinsics
        assert (found.width, found.height) == (120, 80)
        assert (found.fx, found.fy, found.cx, found.cy) == pytest.approx(
            (140, 154, 61, 44), rel=1e-4
        )
    obj.data.materials.clear()
    assert taking_views(scene) == []


@pytest.mark.parametrize(
    "layer, stem", [("sh010: a/b.", "sh010_ a_b"), ("nul", "_nul"), ("é" * 100, "é" * 60)]
)
def test_masks_have_names_that_every_system_allows(layer, stem, tmp_path):
    mask = np.eye(4, dtype=bool)
    write_mask(tmp_path, layer, mask)
    write_mask(tmp_path, layer, mask, 7)
    files = sorted(each.name for each in tmp_path.iterdir())
    assert files == [f"{stem} paint here.0007.png", f"{stem} paint here.png"]
    values = image_values(bpy.data.images.load(str(tmp_path / files[0])))
    np.testing.assert_array_equal(values[..., 0], mask)
