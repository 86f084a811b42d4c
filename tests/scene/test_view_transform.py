"""Pictures look like themselves under AgX, Filmic and other views, in a render."""

import os
import subprocess
import sys

import bpy
import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.scene import add_depth_result, frame_scene, show_plain_colors
from sharpdepth_blender.scene.layers import split_result
from sharpdepth_blender.scene.material import compensation_in, set_lit
from sharpdepth_blender.scene.picture import file_values, new_picture, picture_file
from sharpdepth_blender.scene.plate_colors import (
    changes_image,
    compensate,
    is_outdated,
    is_shifted,
    picture_materials,
    update_compensations,
)
from sharpdepth_blender.scene.projection import add_projection
from sharpdepth_blender.scene.saving import choose_format
from sharpdepth_blender.scene.view_transform import MARK, is_plain, view_key

WIDTH, HEIGHT = 96, 64
CAMERA = Intrinsics(90, 90, 48, 32, WIDTH, HEIGHT)


def photograph(saturation=0.35):
    """(H, W, 3) uint8: grays from black to white, in colors of every hue up to a saturation."""
    v, u = np.mgrid[:HEIGHT, :WIDTH]
    light = u / (WIDTH - 1)
    angle = 2 * np.pi * v / HEIGHT
    hue = np.cos(angle[..., None] + np.array([0, 2, 4]) * np.pi / 3)
    room = np.minimum(light, 1 - light)[..., None]
    return np.rint(255 * (light[..., None] + saturation * room * hue)).astype(np.uint8)


def add_plate(scene, rgb, depth=3.0):
    frame_scene(scene, CAMERA)
    z = np.full((HEIGHT, WIDTH), depth, np.float32)
    return add_depth_result(scene, rgb, z, z, CAMERA, name="Plate")


def set_view(scene, transform, look="None", exposure=0.0, gamma=1.0):
    view = scene.view_settings
    view.view_transform, view.look = transform, look
    view.exposure, view.gamma = exposure, gamma


@pytest.fixture
def render(scene, tmp_path):
    """What the scene's camera sees under the scene's own view, (H, W, 3) of 0..255."""

    def look(engine="CYCLES"):
        settings = scene.render
        settings.engine = engine
        settings.dither_intensity = 0
        scene.cycles.device, scene.cycles.samples = "CPU", 1
        scene.cycles.use_denoising = scene.cycles.use_adaptive_sampling = False
        scene.cycles.pixel_filter_type, scene.cycles.filter_width = "BOX", 0.01
        if hasattr(scene, "eevee"):
            scene.eevee.taa_render_samples = 1
            settings.filter_size = 0.01
        choose_format(settings.image_settings, "PNG")
        settings.image_settings.color_depth = "16"
        settings.filepath = str(tmp_path / "look.png")
        bpy.ops.render.render(write_still=True, scene=scene.name)
        return 255 * file_values(settings.filepath)[..., :3]

    return look


def off(seen, rgb):
    """Differences inside: the outermost samples of a surface lie half a pixel inside the frame."""
    return np.abs(seen - rgb)[1:-1, 1:-1]


VIEWS = {
    "agx": ("AgX",),
    "filmic": ("Filmic",),
    "agx-graded": ("AgX", "AgX - Medium High Contrast", 0.7, 1.1),
    "khronos": ("Khronos PBR Neutral",),
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=list(VIEWS))
def test_a_compensated_result_renders_as_its_picture(view, scene, render):
    rgb = photograph()
    obj = add_plate(scene, rgb)
    assert off(render(), rgb).mean() < 0.2
    set_view(scene, *view)
    assert is_shifted(scene, obj)
    if view[0] != "Khronos PBR Neutral":
        assert off(render(), rgb).mean() > 5
    compensate(scene, obj, True)
    assert not is_shifted(scene, obj) and not is_outdated(scene, obj)
    seen = off(render(), rgb)
    assert seen.mean() < 0.6
    assert np.percentile(seen, 99) < 6


@pytest.mark.slow
@pytest.mark.parametrize("view", [("AgX",), ("Filmic",)], ids=["agx", "filmic"])
def test_eevee_agrees(view, scene, render):
    rgb = photograph()
    obj = add_plate(scene, rgb)
    set_view(scene, *view)
    compensate(scene, obj, True)
    try:
        seen = off(render("BLENDER_EEVEE"), rgb)
    except TypeError:  # before 5.0
        seen = off(render("BLENDER_EEVEE_NEXT"), rgb)
    assert seen.mean() < 1.0


@pytest.mark.parametrize("view, mean, most", [("Filmic", 1, 12), ("AgX", 12, 85)])
def test_saturated_colors_come_as_near_as_the_view_reaches(view, mean, most, scene, render):
    """AgX makes no color of full saturation, whatever light there is."""
    rgb = photograph(saturation=1.0)
    obj = add_plate(scene, rgb)
    set_view(scene, view)
    before = off(render(), rgb).mean()
    compensate(scene, obj, True)
    seen = off(render(), rgb)
    assert before > 1.5 * seen.mean()
    assert seen.mean() < mean and seen.max() < most


def test_layers_are_compensated_together(scene, render):
    rgb = photograph()
    frame_scene(scene, CAMERA)
    z = np.full((HEIGHT, WIDTH), 8, np.float32)
    z[20:44, 30:70] = 3
    result = add_depth_result(scene, rgb, z, z, CAMERA, name="Plate")
    bpy.context.view_layer.update()
    rig = split_result(scene, result, count=2)
    set_view(scene, "AgX")
    assert is_shifted(scene, rig) and off(render(), rgb).mean() > 5
    compensate(scene, rig, True)
    assert not is_shifted(scene, rig)
    assert off(render(), rgb).mean() < 1.5


def test_projections_are_compensated_whatever_lies_beneath(scene, render):
    """A second picture goes under the compensation, which the order of the stack survives."""
    rgb = photograph()
    obj = add_plate(scene, rgb)
    matrix = scene.camera.matrix_world
    bpy.context.view_layer.update()
    add_projection(scene, [obj], new_picture("First", 255 - rgb), CAMERA, matrix, name="First")
    set_view(scene, "AgX")
    compensate(scene, obj, True)
    assert off(render(), 255 - rgb).mean() < 1.5
    add_projection(scene, [obj], new_picture("Second", rgb), CAMERA, matrix, name="Second")
    assert off(render(), rgb).mean() < 1.5
    compensate(scene, obj, False)
    assert not [each for each in bpy.data.node_groups if MARK in each.keys()]
    show_plain_colors(scene)
    assert off(render(), rgb).mean() < 0.6


def test_an_update_follows_the_exposure(scene, render):
    rgb = photograph()
    obj = add_plate(scene, rgb)
    set_view(scene, "AgX")
    compensate(scene, obj, True)
    set_view(scene, "AgX", exposure=1.5)
    assert is_outdated(scene, obj)
    assert off(render(), rgb).mean() > 5
    assert update_compensations(scene) == 1
    assert not is_outdated(scene, obj)
    assert off(render(), rgb).mean() < 1.5
    assert sum(MARK in each.keys() for each in bpy.data.node_groups) == 1


def test_what_was_made_goes_when_it_is_taken_away(scene):
    obj = add_plate(scene, photograph())
    before = {kind: len(getattr(bpy.data, kind)) for kind in ("images", "node_groups", "scenes")}
    (material,) = picture_materials(obj)
    links = len(material.node_tree.links)
    set_view(scene, "Filmic")
    compensate(scene, obj, True)
    compensate(scene, obj, True)
    assert compensation_in(material) is not None
    compensate(scene, obj, False)
    assert compensation_in(material) is None and len(material.node_tree.links) == links
    after = {kind: len(getattr(bpy.data, kind)) for kind in before}
    assert after == before


def test_a_compensated_picture_can_be_lit(scene, render):
    obj = add_plate(scene, photograph())
    set_view(scene, "AgX")
    compensate(scene, obj, True)
    (material,) = picture_materials(obj)
    set_lit(material, True)
    texture = material.node_tree.nodes["SharpDepth Lit"].inputs["Base Color"].links[0].from_node
    assert texture.type == "TEX_IMAGE"
    set_lit(material, False)
    assert compensation_in(material) is not None


def test_it_survives_a_file(scene, render, tmp_path):
    rgb = photograph()
    obj = add_plate(scene, rgb)
    set_view(scene, "AgX")
    compensate(scene, obj, True)
    before = render()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    scene = bpy.context.scene
    scene.render.filepath = str(tmp_path / "b.png")
    bpy.ops.render.render(write_still=True)
    assert np.abs(255 * file_values(scene.render.filepath)[..., :3] - before).max() < 0.1


def test_a_scene_linear_picture_is_meant_to_be_seen_through_the_view(scene):
    image = bpy.data.images.new("plate.exr", 8, 8, float_buffer=True)
    set_view(scene, "AgX")
    assert not changes_image(scene, image)
    assert changes_image(scene, new_picture("plate.png", np.zeros((8, 8, 3), np.uint8)))
    show_plain_colors(scene)
    assert not changes_image(scene, new_picture("plate.png", np.zeros((8, 8, 3), np.uint8)))


def test_plain_colors_switch_everything_off_that_changes_them(scene):
    view = scene.view_settings
    keys = {view_key(scene)}
    for name, value in {
        "exposure": 0.5, "gamma": 1.2, "use_curve_mapping": True, "use_white_balance": True,
        "look": "High Contrast", "view_transform": "AgX",
    }.items():  # fmt: skip
        show_plain_colors(scene)
        assert is_plain(scene)
        if not hasattr(view, name):
            continue
        try:
            setattr(view, name, value)
        except TypeError:  # a look of another version
            continue
        assert not is_plain(scene), name
        keys.add(view_key(scene))
    assert len(keys) >= 6


_OTHER = """
import bpy
from sharpdepth_blender.scene import SceneError, show_plain_colors
try:
    show_plain_colors(bpy.context.scene)
    print("view:", bpy.context.scene.view_settings.view_transform)
except SceneError as error:
    print("error:", error)
"""


def _run(script, tmp_path, view="Un-tone-mapped", roles="color_picking: srgb", arguments=()):
    """What a script prints under a configuration of OpenColorIO with one display."""
    config = tmp_path / "config.ocio"
    config.write_text(f"""ocio_profile_version: 2
search_path: ""
roles: {{default: lin, scene_linear: lin, data: raw, {roles}}}
displays:
  sRGB - Display:
    - !<View> {{name: {view}, colorspace: srgb}}
    - !<View> {{name: Film, colorspace: lin}}
active_displays: []
active_views: []
colorspaces:
  - !<ColorSpace> {{name: lin, isdata: false}}
  - !<ColorSpace> {{name: raw, isdata: true}}
  - !<ColorSpace>
    name: ACEScct
    isdata: false
    from_scene_reference: !<LogTransform> {{base: 2}}
  - !<ColorSpace>
    name: srgb
    isdata: false
    from_scene_reference: !<ExponentTransform> {{value: 2.2, direction: inverse}}
""")
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True,
        env=os.environ | {"OCIO": str(config)}, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("view, said", [
    ("Un-tone-mapped", "view: Un-tone-mapped"),
    ("Other", "error: The OpenColorIO configuration has no view that leaves colors as they are: "
     "Standard, Un-tone-mapped."),
])  # fmt: skip
def test_a_configuration_of_ones_own(view, said, tmp_path):
    """ACES configurations call their plain view otherwise, and some have none."""
    assert said in _run(_OTHER, tmp_path, view)


_BYTES = """
import bpy, sys
from sharpdepth_blender.scene.plates import read_image

image = bpy.data.images.load(sys.argv[1])
for space in (image.colorspace_settings.name, "srgb"):
    image.colorspace_settings.name = space
    print(space, *read_image(image, bpy.context.scene).notes)
"""


def test_bytes_that_a_configuration_takes_for_log(tmp_path):
    """ACES' small configuration does by its roles, and all of Blender shows the wrong colors."""
    path = tmp_path / "plate.png"
    path.write_bytes(picture_file(np.full((12, 16, 3), 128, np.uint8)))
    lines = _run(_BYTES, tmp_path, roles="texture_paint: ACEScct", arguments=[str(path)])
    assert lines[-2:] == [
        "ACEScct plate.png has 8 bits, but Blender takes its colors for ACEScct: choose the color "
        "space in the image's properties, such as sRGB.",
        "srgb",
    ]
