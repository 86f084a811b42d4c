"""The live mesh lies under the picture as the camera shows it, and the baked mesh equals it."""

import itertools

import bpy
import numpy as np
import pytest
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Matrix, Vector

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.scene import (
    CameraError,
    add_depth_result,
    background_of,
    bake_result,
    camera_for,
    camera_intrinsics,
    camera_matrix,
    find_background,
    view_through,
)
from sharpdepth_blender.scene.camera import set_render_size
from sharpdepth_blender.scene.live import find_modifier
from sharpdepth_blender.scene.modifier import set_input

CASES = list(
    itertools.product(
        ("AUTO", "HORIZONTAL", "VERTICAL"), ("STRETCH", "FIT", "CROP"), (False, True), (0, 1, 2)
    )
)


def set_up(scene, seed, fit, method, plain):
    """A random camera with a background: everything about both that Blender lets one set."""
    rng = np.random.default_rng(seed)
    render = scene.render
    render.resolution_x, render.resolution_y = (int(n) for n in rng.integers(40, 3000, 2))
    render.resolution_percentage = int(rng.integers(30, 150))
    render.pixel_aspect_x, render.pixel_aspect_y = (1, rng.uniform(1, 2))[:: rng.choice([1, -1])]
    data = bpy.data.cameras.new("Camera")
    camera = bpy.data.objects.new("Camera", data)
    scene.collection.objects.link(camera)
    scene.camera = camera
    data.sensor_fit = fit
    data.sensor_width, data.sensor_height = rng.uniform(10, 40, 2)
    data.lens = rng.uniform(10, 90)
    data.shift_x, data.shift_y = rng.uniform(-0.4, 0.4, 2)
    parent = bpy.data.objects.new("Rig", None)
    scene.collection.objects.link(parent)
    parent.scale = (2, 2, 2)
    parent.location = (1, 2, 3)
    camera.parent = parent
    camera.matrix_local = Matrix.LocRotScale(
        rng.uniform(-3, 3, 3), Vector(rng.normal(size=3)).to_track_quat("Z", "Y"), (1.5,) * 3
    )
    width, height = (int(n) for n in rng.integers(12, 70, 2))
    image = bpy.data.images.new("Plate", width, height)
    image.display_aspect = (1, rng.uniform(1, 1.8))[:: rng.choice([1, -1])]
    shown = data.background_images.new()
    shown.image, shown.frame_method = image, method
    data.show_background_images = True
    if not plain:
        shown.offset = rng.uniform(-0.5, 0.5, 2)
        shown.scale = rng.uniform(0.3, 2)
        shown.rotation = rng.uniform(-3, 3)
        shown.use_flip_x, shown.use_flip_y = (bool(n) for n in rng.integers(0, 2, 2))
    bpy.context.view_layer.update()
    return camera, shown, image


def drawn_at(scene, camera, shown, image, u, v):
    """Where Blender draws places (u, v) of a background's own pixels, in the camera's frame.

    As the design notes it from screenshots: the picture's unit square is flipped, scaled, turned
    and moved; the frame's corners are the camera's own.

    Args:
        u: (N,) pixels from the left of the picture as it is stored.
        v: (N,) pixels from its top.

    Returns:
        (N, 2) in 0..1 of the rendered frame, from its lower left corner.
    """
    corners = np.array([tuple(c) for c in camera.data.view_frame(scene=scene)])
    low, high = corners.min(axis=0)[:2], corners.max(axis=0)[:2]
    depth = -corners[0, 2]
    # view_frame() is normalized so that its fitted side spans 1 at the lens's distance.
    size = (high - low) / depth
    middle = (high + low) / 2 / depth
    is_width = camera.data.sensor_fit == "HORIZONTAL" or (
        camera.data.sensor_fit == "AUTO" and size[0] >= size[1]
    )
    unit = size[0] if is_width else size[1]
    w, h = size / unit
    c = w / h
    i = image.size[0] * image.display_aspect[0] / (image.size[1] * image.display_aspect[1])
    drawn = {
        "STRETCH": (w, h),
        "FIT": (w, w / i) if i > c else (h * i, h),
        "CROP": (h * i, h) if i > c else (w, w / i),
    }[shown.frame_method]
    x, y = u / image.size[0] - 0.5, 0.5 - v / image.size[1]
    x, y = -x if shown.use_flip_x else x, -y if shown.use_flip_y else y
    x, y = x * drawn[0] * shown.scale, y * drawn[1] * shown.scale
    cos, sin = np.cos(-shown.rotation), np.sin(-shown.rotation)
    x, y = cos * x - sin * y, sin * x + cos * y
    x = x + shown.offset[0] * min(1, c)
    y = y + shown.offset[1] / (max(1, c) * i / c)
    at = np.stack([x, y], axis=1) * unit + middle
    return (at - low / depth) / size


def evaluated(obj):
    """World positions (N, 3), and the UV map's values at vertices (N, 2), of what is shown."""
    depsgraph = bpy.context.evaluated_depsgraph_get()
    shown = obj.evaluated_get(depsgraph)
    mesh = shown.data
    co = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", co)
    corner = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", corner)
    uvs = np.empty(len(mesh.loops) * 2, np.float32)
    mesh.uv_layers["UVMap"].uv.foreach_get("vector", uvs)
    at = np.empty((len(mesh.vertices), 2), np.float32)
    at[corner] = uvs.reshape(-1, 2)
    matrix = np.array(shown.matrix_world)
    return co.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3], at


@pytest.mark.parametrize(("case", "settings"), enumerate(CASES))
def test_the_live_mesh_lies_under_the_background(case, settings, scene):
    fit, method, plain, again = settings
    camera, shown, image = set_up(scene, case, fit, method, plain)
    background = find_background(scene, camera, "IMAGE")
    assert background.source == image and background == background_of(camera, image)
    width, height = image.size
    aspect = image.display_aspect[1] / image.display_aspect[0]
    view = view_through(scene, camera, background, width, height, aspect)
    rng = np.random.default_rng(case)
    depth = (2 + rng.uniform(0, 0.05, (height, width))).astype(np.float32)
    scene.unit_settings.scale_length = (1.0, 0.01, 2.5)[again]
    matrix = camera_matrix(scene, camera) @ Matrix.Rotation(view.roll, 4, "Z")
    obj = add_depth_result(scene, image, depth, depth, view.intrinsics, name="Plate", matrix=matrix)
    bpy.context.view_layer.update()
    points, uvs = evaluated(obj)
    assert len(points) == width * height

    # The picture that the model saw was flipped as it is shown.
    u, v = uvs[:, 0] * width, (1 - uvs[:, 1]) * height
    u = width - u if background.flip[0] else u
    v = height - v if background.flip[1] else v
    expected = drawn_at(scene, camera, shown, image, u, v)
    seen = np.array([world_to_camera_view(scene, camera, Vector(point))[:2] for point in points])
    render = scene.render
    pixels = np.array([render.resolution_x, render.resolution_y]) * render.resolution_percentage
    assert np.abs((seen - expected) * (pixels // 100)).max() < 0.05
    # And by the picture's own pixels, which are far fewer: relative to one of them.
    step = np.abs(drawn_at(scene, camera, shown, image, u + 1, v) - expected).max()
    assert np.abs(seen - expected).max() < 0.05 * step

    bake_result(obj)
    bpy.context.view_layer.update()
    assert find_modifier(obj) is None
    baked, baked_uvs = evaluated(obj)
    order, baked_order = (np.lexsort(np.round(each * 1e4).T) for each in (uvs, baked_uvs))
    np.testing.assert_allclose(baked_uvs[baked_order], uvs[order], atol=1e-6)
    np.testing.assert_allclose(baked[baked_order], points[order], rtol=1e-6, atol=1e-4)


@pytest.mark.parametrize("case", range(20))
def test_a_new_camera_shows_the_picture_where_the_mesh_is(case, scene):
    rng = np.random.default_rng(case)
    render = scene.render
    render.resolution_x, render.resolution_y = (int(n) for n in rng.integers(40, 3000, 2))
    render.pixel_aspect_x, render.pixel_aspect_y = (1, rng.uniform(1, 2))[:: rng.choice([1, -1])]
    width, height = (int(n) for n in rng.integers(12, 70, 2))
    aspect = rng.uniform(0.6, 1.7)
    focal = rng.uniform(0.2, 3) * max(width, height)
    cx, cy = rng.uniform(0.3, 0.7, 2) * (width, height)
    intrinsics = Intrinsics(focal, focal / aspect, cx, cy, width, height)
    before = (render.resolution_x, render.resolution_y, render.pixel_aspect_y)
    rgb = rng.integers(0, 255, (height, width, 3)).astype(np.uint8)
    depth = np.full((height, width), 3, np.float32)
    obj = add_depth_result(scene, rgb, depth, depth, intrinsics, name="Plate")
    assert before == (render.resolution_x, render.resolution_y, render.pixel_aspect_y)
    camera = scene.camera
    background = find_background(scene, camera, "IMAGE")
    image = background.source
    shown_aspect = image.display_aspect[1] / image.display_aspect[0]
    assert shown_aspect == pytest.approx(aspect)
    found = view_through(scene, camera, background, width, height, shown_aspect).intrinsics
    for name in ("fx", "fy", "cx", "cy"):
        assert getattr(found, name) == pytest.approx(getattr(intrinsics, name), rel=1e-5, abs=1e-4)
    assert obj.matrix_world == camera.matrix_world


def test_a_second_new_camera_leaves_the_first_alone(scene, add_camera):
    first = add_camera(lens=33)
    depth = np.full((20, 30), 3, np.float32)
    rgb = np.zeros((20, 30, 3), np.uint8)
    add_depth_result(scene, rgb, depth, depth, Intrinsics.from_fov(60, 30, 20), name="Plate")
    assert scene.camera is first and len(scene.objects) == 3


def test_cameras_without_a_background(scene, add_camera):
    camera = add_camera()
    for kind in ("IMAGE", "MOVIE_CLIP"):
        with pytest.raises(CameraError, match="background"):
            find_background(scene, camera, kind)
    shown = camera.data.background_images.new()
    with pytest.raises(CameraError, match="no background image"):
        find_background(scene, camera, "IMAGE")
    shown.image = bpy.data.images.new("Plate", 30, 20)
    assert find_background(scene, camera, "IMAGE").source == shown.image
    shown.show_background_image = False
    with pytest.raises(CameraError, match="shown"):
        find_background(scene, camera, "IMAGE")
    assert background_of(camera, shown.image) is None


def test_a_background_scaled_to_nothing(scene, add_camera):
    camera = add_camera()
    shown = camera.data.background_images.new()
    shown.image, shown.scale = bpy.data.images.new("Plate", 30, 20), 0
    background = find_background(scene, camera, "IMAGE")
    with pytest.raises(CameraError, match="nothing"):
        view_through(scene, camera, background, 30, 20, 1.0)


# Frames as (width, height, pixel aspect x, pixel aspect y).
FRAMES = {
    "wide": (1920, 1080, 1, 1),
    "academy": (1440, 1080, 1, 1),
    "square": (1000, 1000, 1, 1),
    "portrait": (1080, 1920, 1, 1),
    "scope": (2048, 858, 1, 1),
    "anamorphic": (1828, 1556, 2, 1),
    "tall pixels": (720, 576, 1, 1.6),
}
PLATES = {"4:3": (64, 48, 1.0), "16:9": (64, 36, 1.0), "portrait": (40, 66, 1.0),
          "square": (50, 50, 1.0), "anamorphic": (60, 50, 0.5)}  # fmt: skip


def apart(scene, camera, obj):
    """Pixels by which the mesh of a plate misses its background, in the frame as it is now."""
    bpy.context.view_layer.update()
    (shown,) = camera.data.background_images
    points, uvs = evaluated(obj)
    width, height = shown.image.size
    expected = drawn_at(
        scene, camera, shown, shown.image, uvs[:, 0] * width, (1 - uvs[:, 1]) * height
    )
    seen = np.array([world_to_camera_view(scene, camera, Vector(point))[:2] for point in points])
    size = np.array([scene.render.resolution_x, scene.render.resolution_y])
    return np.abs((seen - expected) * size).max()


def frame(scene, name):
    """Give the scene a frame of the table; its proportions."""
    render = scene.render
    width, height, x, y = FRAMES[name]
    render.resolution_x, render.resolution_y = width, height
    render.pixel_aspect_x, render.pixel_aspect_y = x, y
    return width * x / (height * y)


@pytest.mark.parametrize("plate", PLATES)
@pytest.mark.parametrize("first", [*FRAMES, None])
def test_the_mesh_stays_under_the_plate_when_the_render_size_changes(first, plate, scene):
    """A new camera, made for one frame, or the plate's own, and then looked through in others."""
    width, height, aspect = PLATES[plate]
    focal = 0.9 * max(width / aspect, height)
    intrinsics = Intrinsics(
        focal * aspect, focal, 0.45 * width, 0.57 * height, width, height
    )  # fmt: skip
    own = width / aspect / height
    if first is None:
        set_render_size(scene, intrinsics)
    before = own if first is None else frame(scene, first)
    rgb = np.zeros((height, width, 3), np.uint8)
    depth = np.full((height, width), 3, np.float32)
    obj = add_depth_result(scene, rgb, depth, depth, intrinsics, name="Plate")
    camera = scene.camera
    assert apart(scene, camera, obj) < 0.05
    set_render_size(scene, intrinsics)
    assert apart(scene, camera, obj) < 0.05
    assert camera_intrinsics(scene, camera).fx == pytest.approx(intrinsics.fx, rel=1e-5)
    held = []
    for name in FRAMES:
        now = frame(scene, name)
        # As the docstring of `set_lens` tells.
        narrower = before < own if abs(before / own - 1) > 1e-6 else own >= 1
        if now <= own * (1 + 1e-6) if narrower else now >= own * (1 - 1e-6):
            assert apart(scene, camera, obj) < 0.05, name
            held.append(name)
        else:
            assert apart(scene, camera, obj) > 1, name  # which no sensor fit could help
    assert held


@pytest.mark.parametrize("plate", PLATES)
@pytest.mark.parametrize("first", [*FRAMES, None])
def test_a_typed_field_of_view_reads_as_it_was_typed(first, plate, scene):
    width, height, aspect = PLATES[plate]
    square = Intrinsics.from_fov(60, width / aspect, height)
    intrinsics = Intrinsics(square.fx * aspect, square.fy, width / 2, height / 2, width, height)
    if first is None:
        set_render_size(scene, intrinsics)
    else:
        frame(scene, first)
    data = camera_for(scene, intrinsics).data
    longer = "angle_x" if width / aspect >= height else "angle_y"
    assert np.degrees(getattr(data, longer)) == pytest.approx(60, abs=1e-4)
    assert max(data.sensor_width, data.sensor_height) == pytest.approx(36)
    if first is None:
        assert np.degrees(data.angle) == pytest.approx(60, abs=1e-4)


def test_camera_for_a_picture_in_another_frame(scene):
    """A square picture in a wide frame: the frame sees more than the picture."""
    scene.render.resolution_x, scene.render.resolution_y = 1920, 1080
    camera = camera_for(scene, Intrinsics.from_fov(40, 500, 500))
    assert np.degrees(camera.data.angle) == pytest.approx(40, rel=1e-5)
    seen = camera_intrinsics(scene, camera)
    assert seen.height / seen.fy == pytest.approx(2 * np.tan(np.radians(20)), rel=1e-5)
    assert camera.data.sensor_width == camera.data.sensor_height == 36


@pytest.mark.parametrize("output", ["Mesh", "Points"])
@pytest.mark.parametrize("seed", range(4))
def test_baked_equals_live_for_every_input(seed, output, scene):
    rng = np.random.default_rng(seed)
    width, height = 71, 43
    # Patches of ten pixels, so that whole pieces of surface remain between the tears.
    patches = np.round(rng.uniform(1, 3, (5, 8)) * 2).astype(np.float32) / 2
    depth = np.kron(patches, np.ones((10, 10), np.float32))[:height, :width]
    depth[rng.random(depth.shape) < 0.02] = 0
    metric = (depth * rng.uniform(0.9, 1.3, depth.shape)).astype(np.float32)
    rgb = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    obj = add_depth_result(
        scene, rgb, depth, metric, Intrinsics(60, 70, 33, 21, width, height), name="Plate",
        output=output,
    )  # fmt: skip
    modifier = find_modifier(obj)
    inputs = {
        "Resolution": int(rng.integers(35, 71)),
        "Sharpness": rng.random(),
        "Depth Scale": rng.uniform(0.5, 4),
        "Depth Offset": rng.uniform(-0.5, 1),
        "Near": 1.2,
        "Far": 5.0,
        "Backdrop": (0.0, 9.0)[seed % 2],
        "Tear Ratio": rng.uniform(1.05, 1.4),
        "Point Radius": 0.5,
        "Smooth Shading": bool(seed % 2),
    }
    for name, value in inputs.items():
        set_input(modifier, name, value)
    bpy.context.view_layer.update()
    live = shown_geometry(obj)
    bake_result(obj)
    bpy.context.view_layer.update()
    baked = shown_geometry(obj)
    assert baked.keys() == live.keys() and len(live["position"]) > 20
    for name, values in live.items():
        np.testing.assert_allclose(baked[name], values, rtol=2e-6, atol=1e-6, err_msg=name)


def shown_geometry(obj):
    """Attributes of an object's evaluated mesh or points, in the order of their UVs."""
    depsgraph = bpy.context.evaluated_depsgraph_get()
    for instance in depsgraph.object_instances:
        data = instance.object.data
        if instance.object.name == obj.name and isinstance(data, bpy.types.PointCloud):
            read = {
                name: _read(data.attributes[name], kind, size)
                for name, kind, size in (
                    ("position", "vector", 3),
                    ("radius", "value", 1),
                    ("UVMap", "vector", 2),
                    ("Color", "color_srgb", 4),
                )
            }
            order = np.lexsort(np.round(read["UVMap"] * 1e4).T)
            return {name: values[order] for name, values in read.items()}
    points, uvs = evaluated(obj)
    mesh = obj.evaluated_get(depsgraph).data
    corners = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", corners)
    smooth = np.empty(len(mesh.polygons), bool)
    mesh.polygons.foreach_get("use_smooth", smooth)
    quads = points[corners].reshape(-1, 4, 3)
    first = np.round(uvs[corners].reshape(-1, 4, 2).min(axis=1) * 1e4)
    order = np.lexsort(np.round(uvs * 1e4).T)
    corner_sum = quads.sum(axis=1)[np.lexsort(first.T)]
    return {
        "position": points[order],
        "UVMap": uvs[order],
        "quads": corner_sum,
        "smooth": smooth.astype(float),
    }


def _read(attribute, kind, size):
    values = np.empty(len(attribute.data) * size, np.float32)
    attribute.data.foreach_get(kind, values)
    return values.reshape(-1, size)
