"""Every panel and the preferences are drawn in every state that they can be in."""

import math
from dataclasses import replace
from types import SimpleNamespace

import bpy
import numpy as np
import pytest

import sharpdepth_blender
from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.library import USES, WEIGHTS, Bundled, InstalledWeights, LibraryError
from sharpdepth_blender.process.install.record import Record
from sharpdepth_blender.scene import add_depth_result, bake_result
from sharpdepth_blender.scene.export import FORMATS
from sharpdepth_blender.scene.layers import layer_objects
from sharpdepth_blender.scene.live import find_modifier
from sharpdepth_blender.scene.modifier import set_input
from sharpdepth_blender.scene.move import keep_report
from sharpdepth_blender.scene.move.report import Coverage, MoveReport
from sharpdepth_blender.scene.picture import new_picture
from sharpdepth_blender.scene.plate_colors import picture_materials
from sharpdepth_blender.scene.taken import Taken, keep_taken
from sharpdepth_blender.tasks import move_watch, online, queue, requirements, results, status
from sharpdepth_blender.tasks.get_weights import WeightsTask
from sharpdepth_blender.tasks.install_engine import InstallTask
from sharpdepth_blender.tasks.names import find_parts
from sharpdepth_blender.tasks.prefs import ADDON
from sharpdepth_blender.tasks.task import SceneTask
from sharpdepth_blender.ui import operators, panels
from sharpdepth_blender.ui.layer_list import SHARPDEPTH_UL_layers
from sharpdepth_blender.ui.panels import main
from sharpdepth_blender.ui.preferences import engine_box, weights_box
from tests.ui.recorded_layout import Layout

AREAS = ("view_3d", "image_editor")
PARTS = ("advanced", "surface", "sequence", "projection", "layers", "camera_move", "export")
NEEDS_A_RESULT = ("surface",)
HEIGHT, WIDTH = 24, 32


@pytest.fixture(scope="module", autouse=True)
def registered():
    sharpdepth_blender.register()
    yield
    sharpdepth_blender.unregister()


@pytest.fixture(autouse=True)
def empty_file(registered):
    bpy.ops.wm.read_factory_settings(use_empty=True)


@pytest.fixture(autouse=True)
def installed(monkeypatch):
    """All that is needed, on machines without the engine, too."""
    monkeypatch.setattr(main, "missing_requirement", lambda settings: "")


@pytest.fixture
def settings():
    return bpy.context.scene.sharpdepth


@pytest.fixture
def draw():
    """Draw a part of the tab, "" for the panel itself, in both editors; its layout."""

    def draw_panel(part=""):
        layouts = []
        for area in AREAS:
            name = f"SHARPDEPTH_PT_{area}" + (f"_{part}" if part else "")
            panel = getattr(bpy.types, name)
            if hasattr(panel, "poll") and not panel.poll(Context()):
                continue
            layout = Layout()
            panel.draw(SimpleNamespace(layout=layout), Context())
            layouts.append(layout)
        assert len({layout.text for layout in layouts}) <= 1
        return layouts[0] if layouts else None

    return draw_panel


class Context:
    """Blender's own, with what only a window has."""

    region = SimpleNamespace(width=300)
    preferences = SimpleNamespace(system=SimpleNamespace(ui_scale=1.0))

    def __getattr__(self, name):
        return getattr(bpy.context, name)


@pytest.fixture
def result(settings):
    """A live result, the active object."""
    rgb = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    row = np.linspace(2, 3, WIDTH, dtype=np.float32)
    depth = np.broadcast_to(row, (HEIGHT, WIDTH)).copy()
    obj = add_depth_result(
        bpy.context.scene, rgb, depth * 1.1, depth, Intrinsics(30, 30, 16, 12, WIDTH, HEIGHT),
        name="Plate",
    )  # fmt: skip
    bpy.context.view_layer.objects.active = obj
    return obj


@pytest.mark.parametrize("part", ["", *PARTS])
def test_an_empty_file(draw, part):
    layout = draw(part)
    assert (layout is None) == (part in NEEDS_A_RESULT)


@pytest.mark.parametrize("part", ["", *PARTS])
def test_a_live_result(draw, part, result):
    result.sharpdepth.notes = "One note.\nAnother, so long that it takes two lines or three."
    result.sharpdepth.scale, result.sharpdepth.shift = 2.0, 0.5
    layout = draw(part)
    if part == "":
        assert "Plate" in layout.text and "x 2 + 0.5 m" in layout.text
        assert "One note." in layout.text and "sharpdepth.set_scale" in layout.operators()
    if part == "surface":
        assert {"Resolution", "Sharpness", "Tear Threshold"} <= set(layout.text.split("\n"))
    if part == "export":
        assert layout.operators() == [
            "sharpdepth.bake",
            *(f"sharpdepth.export_{each.operator}" for each in FORMATS if each.operator),
        ]


@pytest.mark.parametrize("part", ["", *PARTS])
def test_a_baked_result(draw, part, result):
    bake_result(result)
    layout = draw(part)
    if part == "export":
        assert "sharpdepth.bake" not in layout.operators()
    if part == "surface":
        assert layout is None or "Resolution" not in layout.text


def test_every_source_model_and_output(draw, settings):
    rna = settings.bl_rna.properties
    for name in ("source", "what_for", "model", "estimator", "detail", "output", "camera"):
        for item in rna[name].enum_items:
            setattr(settings, name, item.identifier)
            assert draw().drawn
        settings.property_unset(name)


@pytest.mark.parametrize("file, shown", [("", False), ("a.npy", False), ("a.EXR", True)])
def test_a_channel_is_asked_for_where_there_are_any(draw, settings, file, shown):
    settings.estimator, settings.depth_file = "MAP", file
    assert ("depth_channel" in draw().props()) is shown
    assert {"depth_unit", "depth_is_ray"} <= set(draw().props())


def test_a_refining_model_asks_for_its_map_and_for_no_metric_depth(draw, settings):
    settings.model = "prompt-depth-anything"
    shown = draw().props()
    assert "depth_file" in shown and "estimator" not in shown
    assert settings.has_map and settings.chosen_estimator is None
    assert [each.name for each in settings.weights] == ["prompt-depth-anything-vits"]


def test_only_what_estimates_metric_depth_is_offered_for_it(settings):
    rna = settings.bl_rna.properties["estimator"]
    offered = {item.identifier for item in rna.enum_items} - {"OWN", "MAP"}
    estimators = {each.name for each in WEIGHTS.values() if each.loader}
    assert offered == estimators - {"preview"}  # which is a model's own


def test_what_is_seldom_needed(draw, settings):
    assert draw("advanced").props() == ["model", "estimator", "resolution", "seed", "precision"]
    for given, kept in ((0, 0), (5, 16), (300, 300)):  # 16 is the least that the engine takes
        settings.resolution = given
        assert settings.resolution == kept


def test_the_active_image(draw, settings, result):
    settings.image = None
    assert "Active: " in draw().text or "No image is active" in draw().text
    settings.image = new_picture("Plate", np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    assert "active" not in draw().text.lower()


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_what_it_is_for_proposes_a_model_with_the_reason(draw, settings, use):
    settings.what_for = use.name
    assert (settings.model, settings.has_map) == (use.preset, use.map)
    assert settings.weights == use.weights
    text = " ".join(draw().text.split())
    assert use.reason in text and "Chosen under Advanced" not in text
    shown = settings.bl_rna.properties["model"].enum_items[use.preset].name
    assert shown in text and (use.estimator or "") in text
    assert ("depth_file" in draw().props()) is use.map


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_one_click_gets_what_is_proposed_and_no_more(settings, use):
    settings.what_for = use.name
    assert find_parts(*settings.to_get) == settings.weights
    settings.estimator = "depth-pro"
    assert find_parts(*settings.to_get) == settings.weights


def test_another_model_than_the_proposed_one_is_told(draw, settings):
    settings.what_for = "photograph"
    settings.estimator = "depth-pro"
    text = draw().text
    assert "sharpdepth-moge, depth-pro" in text and "Chosen under Advanced." in text
    assert "Proposed" not in text
    settings.what_for = "photograph"  # chosen again, it is as proposed
    assert settings.use.name == "photograph"


def test_a_license_that_forbids_commercial_work(draw, settings):
    settings.model = "sharpdepth"
    assert "Not for commercial use: " in draw().text
    settings.model = "preview"
    assert "License" not in draw().text and "GPL" not in draw().text
    assert "Installed" not in draw().text
    rna = settings.bl_rna.properties["model"].enum_items
    assert "GPL-3.0-or-later" in rna["preview"].description


def test_what_has_to_be_done_next(draw, settings, monkeypatch):
    """Only that: what hinders comes first."""
    bpy.context.scene.view_settings.view_transform = "AgX"
    settings.image = new_picture("Plate", np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    monkeypatch.setattr(main, "missing_requirement", lambda settings: "Nothing is installed.")
    layout = draw()
    settings.image, image = None, settings.image
    assert "active" not in draw().text.lower()
    settings.image = image
    assert layout.operators() == ["sharpdepth.weights_get", "sharpdepth.open_preferences"]
    assert layout.text.count("Nothing is installed.") == 1 and "view transform" not in layout.text
    monkeypatch.setattr(main, "missing_requirement", lambda settings: "")
    monkeypatch.setattr(queue, "_error", "It failed.")
    layout = draw()
    assert layout.operators() == ["sharpdepth.generate"] and "view transform" not in layout.text
    monkeypatch.setattr(queue, "_error", "")
    assert draw().operators() == ["sharpdepth.generate", "sharpdepth.plain_colors"]


def test_weights_that_are_missing(draw, settings, monkeypatch, tmp_path):
    monkeypatch.setenv("SHARPDEPTH_MODELS", str(tmp_path))
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setattr(main, "missing_requirement", requirements.missing_requirement)
    status.forget()
    settings.model = "sharpdepth"
    for estimator in ("OWN", "MAP", "depth-pro"):
        settings.estimator = estimator
        assert draw().operators() == ["sharpdepth.weights_get", "sharpdepth.open_preferences"]
    status.forget()


def test_the_order(draw, settings):
    names = [call[-1] for call in draw().drawn if call[0] in ("prop", "operator")]
    assert names.index("camera") < names.index("what_for") < names.index("output")
    assert names.index("output") < names.index("sharpdepth.generate")
    labels = [kind.bl_label for kind in panels._CLASSES]
    assert labels.index("Surface") < labels.index("Sequence")


def test_the_output_is_asked_for_once(draw, result):
    """Of a live result the one that it has, which may be changed at any time."""
    assert "output" not in draw().props()
    assert draw("surface").text.split("\n").count("Output") == 1
    bake_result(result)
    assert "output" in draw().props()


def test_a_folder_that_is_made_is_no_mistake(settings):
    for rna, name in (
        (bpy.ops.sharpdepth.check_move.get_rna_type(), "folder"),
        (settings.bl_rna, "sequence_folder"),
    ):
        assert rna.properties[name].is_path_output


def camera_words(draw):
    return draw().text.replace("\n", " ")


def test_the_cameras(draw, settings):
    assert settings.camera == "AUTO"
    picture = new_picture("Plate", np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    assert "shows" not in camera_words(draw)  # there is no picture yet
    settings.image = picture
    assert "No camera shows this picture" in camera_words(draw)
    settings.camera = "SCENE"
    assert "This scene has no camera" in camera_words(draw)
    settings.camera = "AUTO"
    data = bpy.data.cameras.new("Shot Camera")
    camera = bpy.data.objects.new("Shot Camera", data)
    bpy.context.scene.collection.objects.link(camera)
    bpy.context.scene.camera = camera
    assert "No camera shows" in camera_words(draw) and "Shot Camera" not in camera_words(draw)
    settings.image = None
    assert "Shot Camera" not in camera_words(draw)  # the picture decides
    settings.image, settings.camera = picture, "SCENE"
    assert "Shot Camera" in camera_words(draw)
    settings.camera = "AUTO"
    data.background_images.new().image = picture
    assert "Shot Camera" in camera_words(draw) and "a background of" in camera_words(draw)
    settings.source = "CAMERA_BACKGROUND"
    assert "Shot Camera" in camera_words(draw)
    settings.source, settings.camera, settings.fov = "IMAGE", "FOV", math.radians(50)
    assert "fov" in draw().props()


@pytest.mark.parametrize("choice", ["AUTO", "NEW", "FOV", "SCENE"])
def test_a_picture_that_has_a_result(draw, settings, choice):
    """The camera that was made for it is named, and there is a choice to keep both."""
    scene = bpy.context.scene
    image = bpy.data.images.new("Turned", WIDTH, HEIGHT)
    other = bpy.data.objects.new("Other", bpy.data.cameras.new("Other"))
    scene.collection.objects.link(other)
    scene.camera = other
    rgb, depth = np.zeros((HEIGHT, WIDTH, 3), np.uint8), np.full((HEIGHT, WIDTH), 2, np.float32)
    lens = Intrinsics(30, 30, 16, 12, WIDTH, HEIGHT)
    settings.image, settings.camera = image, choice
    assert "keep_both" not in draw().props()
    obj = add_depth_result(scene, rgb, depth, depth, lens, name="Turned")
    keep_taken(obj, Taken(image.session_uid))
    bpy.context.view_layer.objects.active = obj
    assert ("keep_both" in draw().props()) == (choice != "SCENE")
    text = camera_words(draw).split("sharpdepth.generate")[0]
    assert ("Turned camera" in text) == (choice != "SCENE") and ("Other" in text.split()) == (
        choice == "SCENE"
    )
    settings.keep_both = True
    assert "keep_both" in draw().props()
    assert "Turned camera" not in draw().text.split("sharpdepth.generate")[0]
    # And which camera took what there is.
    assert "Turned camera" in draw().text and "sharpdepth.look_through" in draw().operators()
    assert "sharpdepth.match_render_size" in draw().operators()


def test_layers(draw, result):
    before = draw("layers")
    assert before.props() == ["layers", "camera_move"]  # of the split
    assert before.operators() == ["sharpdepth.split_layers"]
    assert bpy.ops.sharpdepth.split_layers(count=3) == {"FINISHED"}
    layout = draw("layers")
    rig = bpy.context.view_layer.objects.active
    own = {"end", "kind", "edge", "choke", "extension"}
    assert own | {"count", "sky", "move"} <= set(layout.props())
    assert not {"layers", "camera_move"} & set(layout.props())
    bpy.context.view_layer.objects.active = layer_objects(rig)[-1]
    assert "end" not in draw("layers").props()  # it ends nowhere
    set_input(find_modifier(result), "Far", 2.9)
    bpy.context.view_layer.objects.active = result
    assert bpy.ops.sharpdepth.split_layers() == {"FINISHED"}
    bpy.context.view_layer.objects.active = layer_objects(rig)[-1]
    sky = draw("layers")  # which nothing is behind, and of which there is one depth
    assert own & set(sky.props()) == set() and "Sky Beyond" not in sky.props()
    assert [words[2:] for words in sky.drawn if words[0] == "prop_enum"] == [
        ("kind", "SKY"), ("kind", "DOME"),
    ]  # fmt: skip
    bpy.context.view_layer.objects.active = rig
    edits = ["split_layer", "merge_layer", "move_layer", "move_layer"]
    assert [f"sharpdepth.{each}" for each in edits] == layout.operators()[1:5]
    smooth = layout.drawn.index(("operator", "sharpdepth.fill_layers", "Smooth"))
    assert ("label", "Fill All Layers") in layout.drawn[
        smooth - 2 : smooth
    ]  # else no word names it
    assert layout.drawn[smooth + 1] == ("operator", "sharpdepth.fill_layers", "Texture")
    layer_objects(rig)[0].modifiers.clear()
    bpy.context.view_layer.objects.active = result
    assert bpy.ops.sharpdepth.split_layers(count=3) == {"FINISHED"}
    text = draw("layers").text.replace("\n", " ")
    assert "Plate layers was edited" in text and "Plate layers.001" in text


def test_deleted_layers(draw, result):
    assert bpy.ops.sharpdepth.split_layers(count=3) == {"FINISHED"}
    button, rig = "sharpdepth.restore_layers", bpy.context.view_layer.objects.active
    assert button not in draw("layers").operators()
    assert not bpy.ops.sharpdepth.restore_layers.poll()
    bpy.data.objects.remove(layer_objects(rig)[1])
    layout = draw("layers")
    assert "Deleted, and not made again: Plate layer 2" in layout.text.replace("\n", " ")
    assert button in layout.operators()
    assert bpy.ops.sharpdepth.restore_layers() == {"FINISHED"}
    assert button not in draw("layers").operators()
    assert layer_objects(rig)[1].name == "Plate layer 2"


def test_layers_of_a_result_that_has_changed_since(draw, result):
    assert bpy.ops.sharpdepth.split_layers(count=3) == {"FINISHED"}
    words = "Plate depth mesh has changed since it was split"
    assert words not in draw("layers").text.replace("\n", " ")
    set_input(find_modifier(result), "Sharpness", 0.5)
    assert words in draw("layers").text.replace("\n", " ")


def test_a_report_that_is_old(draw, monkeypatch):
    scene = bpy.context.scene
    report = MoveReport("c", (4, 3), 2.0, 0, (Coverage(1, 0.0, 0.0, 0.0, 0.0),))
    keep_report(report, np.zeros((3, 4, 3), np.uint8), scene)
    assert "Holes: none" in draw("camera_move").text and "before" not in draw("camera_move").text
    scene.frame_end, scene.render.resolution_x = 99, 99
    move_watch.look()
    text = draw("camera_move").text.replace("\n", " ")
    assert "Checked before a change of: frame range, render size. Check again." in text
    bpy.data.texts.remove(bpy.data.texts[0])
    assert "before" not in draw("camera_move").text


def test_a_layer_that_was_taken_out_of_its_set(draw, result):
    assert bpy.ops.sharpdepth.split_layers(count=3) == {"FINISHED"}
    layer = layer_objects(bpy.context.view_layer.objects.active)[0]
    layer.parent = None
    bpy.context.view_layer.objects.active = layer
    assert {"sharpdepth.paint_layer", "sharpdepth.split_layer"} <= set(draw("layers").operators())
    assert "By Depth" not in draw("layers").text
    assert bpy.ops.sharpdepth.paint_layer.poll()
    for name in ("paint_mask", "open_mask", "clear_mask", "hand_over", "take_back"):
        assert not getattr(bpy.ops.sharpdepth, name).poll(), name


def test_rows_of_the_list_of_layers(draw, result):
    assert bpy.ops.sharpdepth.split_layers(count=3) == {"FINISHED"}
    rig = bpy.context.view_layer.objects.active
    rows = SHARPDEPTH_UL_layers
    layers = layer_objects(rig)
    listed = SimpleNamespace(bitflag_filter_item=1)
    flags, order = rows.filter_items(listed, bpy.context, bpy.data, "objects")
    assert sorted(order) == list(range(len(bpy.data.objects)))
    shown = {
        place: obj for flag, place, obj in zip(flags, order, bpy.data.objects, strict=True) if flag
    }
    assert [shown[place] for place in sorted(shown)] == layers
    assert set(shown) == {0, 1, 2}
    for obj in layers:
        layout = Layout()
        rows.draw_item(None, bpy.context, layout, bpy.data, obj, 0, rig.sharpdepth_split, "", 0)
        assert {"name", "shown"} <= set(layout.props())
        assert f"{obj['sharpdepth_layer_share']:.0%}" in layout.text


def test_layers_are_shown_in_place_of_their_result(draw, result):
    assert bpy.ops.sharpdepth.split_layers(count=3) == {"FINISHED"}
    rig = bpy.context.view_layer.objects.active
    for active in (rig, layer_objects(rig)[0]):
        bpy.context.view_layer.objects.active = active
        text = draw().text.replace("\n", " ")
        assert rig.name in text and "which is hidden" in text and "Width" not in text
        assert "Layers has the settings" in draw("surface").text.replace("\n", " ")
        assert not draw("surface").props()
        assert not bpy.ops.sharpdepth.set_scale.poll()
        with pytest.raises(RuntimeError, match="its layers would not be scaled"):
            bpy.ops.sharpdepth.set_scale(distance=2, first=(0, 0, 0), second=(0, 1, 0))
        assert bpy.ops.sharpdepth.set_floor.poll()  # which turns the layers along
    bpy.context.view_layer.objects.active = result  # who chooses it, means it
    assert "Width" in draw().text and draw("surface").props()
    assert bpy.ops.sharpdepth.set_scale.poll()
    result.hide_set(False)
    bpy.context.view_layer.objects.active = rig
    assert "Width" in draw().text and bpy.ops.sharpdepth.set_scale.poll()


@pytest.mark.parametrize("state", ["empty", "live", "baked", "layers"])
def test_gray_buttons_say_why(request, state):
    """All that a user can press; Blender says "context is incorrect" for those that do not."""
    if state != "empty":
        result = request.getfixturevalue("result")
        if state == "baked":
            bake_result(result)
        if state == "layers":
            bpy.ops.sharpdepth.split_layers(count=2)
    for kind in operators._CLASSES:
        name = kind.bl_idname.split(".")[1]
        operator = getattr(bpy.ops.sharpdepth, name)
        if name in ("cancel", "pick_points") or operator.poll():  # those are no buttons then
            continue
        with pytest.raises(RuntimeError) as caught:
            operator()
        assert "poll() failed" not in str(caught.value), name
        assert len(str(caught.value).split("poll() ")[1]) > 10, name


def test_projections(draw, result):
    bpy.context.scene.sharpdepth.image = new_picture(
        "Paint", np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    )
    result.select_set(True)
    before = draw("projection").operators()
    assert bpy.ops.sharpdepth.set_up_projection() == {"FINISHED"}
    layout = draw("projection")
    assert before == ["sharpdepth.set_up_projection"]
    assert "sharpdepth.bake_projection" in layout.operators()
    assert layout.operators().count("sharpdepth.move_projection") == 2


def test_projections_in_another_mode_say_so(draw, settings, result):
    settings.image = new_picture("Paint", np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    result.select_set(True)
    assert bpy.ops.sharpdepth.set_up_projection() == {"FINISHED"}
    bpy.ops.object.mode_set(mode="EDIT")
    for name in ("bake_projection", "remove_projection", "update_projection"):
        with pytest.raises(RuntimeError, match="Go back to Object Mode"):
            getattr(bpy.ops.sharpdepth, name)()
    bpy.ops.object.mode_set(mode="OBJECT")


def test_plain_words(draw, settings, result):
    """Not the words of the method, which nodes and scripts go on using."""
    settings.image = new_picture("Paint", np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    result.sharpdepth.scale, result.sharpdepth.shift = 2.0, -0.5
    result.select_set(True)
    assert bpy.ops.sharpdepth.set_up_projection() == {"FINISHED"}
    drawn = "\n".join(str(call[-1]) for part in ("", *PARTS) for call in draw(part).drawn)
    for words in ("Fit Scale", "Fit Shift", "Facing Fade", "Tear Ratio"):
        assert words not in drawn
    assert "Angle Fade" in drawn and "x 2 - 0.5 m" in drawn
    rna = settings.bl_rna.properties
    assert rna["window"].name == "Smoothing Frames"
    assert rna["model"].enum_items["preview"].name == "Bundled Model"


def test_frames(draw):
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 3, 9
    assert draw("sequence").drawn


@pytest.fixture
def preferences(monkeypatch, tmp_path):
    """The add-on in Blender's list; what it draws comes of `draw_preferences`."""
    addon = bpy.context.preferences.addons.new()
    addon.module = ADDON
    addon.preferences.models = str(tmp_path)
    yield addon.preferences
    bpy.context.preferences.addons.remove(addon)
    status.forget()


def draw_preferences(preferences):
    class Shown:
        layout = Layout()

        def __getattr__(self, name):
            return getattr(preferences, name)

    type(preferences).draw(Shown(), Context())
    return Shown.layout


RECORD = Record(
    pins={}, device="cpu", complete=True, size=1 << 30, devices={"cpu": "2 threads"},
    versions={"torch": "2.13.0"}, warnings=["The driver is too old for the graphics card."],
)  # fmt: skip


@pytest.mark.parametrize(
    "state, record, buttons",
    [
        ("missing", None, ["install"]),
        ("foreign", None, ["check"]),
        ("broken", replace(RECORD, complete=False), ["repair", "remove"]),
        ("outdated", RECORD, ["install", "check", "remove"]),
        ("installed", RECORD, ["check", "repair", "remove"]),
    ],
)
def test_the_engine_in_every_state(preferences, monkeypatch, tmp_path, state, record, buttons):
    found = status.Environment(tmp_path, tmp_path / "python", record, state)
    monkeypatch.setattr(engine_box, "chosen_environment", lambda: found)
    layout = draw_preferences(preferences)
    engine = [name for name in layout.operators() if name.startswith("sharpdepth.engine_")]
    assert engine == [f"sharpdepth.engine_{each}" for each in buttons]
    assert ("too old" in layout.text) == (record is RECORD)


@pytest.mark.parametrize("forced", [False, True])
@pytest.mark.parametrize("state", ["missing", "broken", "outdated", "installed", "foreign"])
def test_offline_there_is_one_way_out(preferences, monkeypatch, tmp_path, state, forced):
    def offline():
        words = "--offline-mode" if forced else "the preference"
        raise LibraryError("offline", words)

    monkeypatch.setattr(online, "check_online_access", offline)
    found = status.Environment(tmp_path, tmp_path / "python", RECORD, state)
    for room in (engine_box, weights_box):
        monkeypatch.setattr(room, "chosen_environment", lambda: found)
    layout = draw_preferences(preferences)
    assert layout.operators().count("sharpdepth.allow_online_access") == (not forced)
    assert layout.text.count("Downloads are disabled") == 1


def test_online_access_is_allowed_by_a_click(preferences, monkeypatch):
    system = bpy.context.preferences.system
    before = system.use_online_access
    try:
        system.use_online_access = False
        assert bpy.ops.sharpdepth.allow_online_access() == {"FINISHED"}
        assert system.use_online_access
        with pytest.raises(RuntimeError, match="allowed already"):
            bpy.ops.sharpdepth.allow_online_access()
    finally:
        system.use_online_access = before


@pytest.mark.parametrize(
    "task, button",
    [(InstallTask, "sharpdepth.engine_cancel"), (WeightsTask, "sharpdepth.weights_cancel")],
)
def test_what_goes_on_and_what_came_of_it(preferences, monkeypatch, tmp_path, task, button):
    preferences.engine = str(tmp_path / "nothing")
    monkeypatch.setattr(queue, "_latest", {})
    work = task("check")  # for which there is no engine, and which names no weights
    queue._latest[work.kind] = work
    assert work.error
    assert work.error.split(":")[0] in draw_preferences(preferences).text.replace("\n", " ")
    work.over, work.error = False, None
    work.lines = [f"line {number}" for number in range(9)]
    layout = draw_preferences(preferences)
    assert button in layout.operators()
    assert "line 2" not in layout.text and ("line 8" in layout.text) == (task is InstallTask)
    work.over, work.outcome = True, "All is well."
    layout = draw_preferences(preferences)
    assert "All is well." in layout.text and button not in layout.operators()


def test_weights_wherever_they_are(preferences, monkeypatch, tmp_path):
    places = [(None, 0), (None, 1 << 20), ("library", 0), ("hub cache", 0)]
    entries = [
        status.Entry(weights, place and InstalledWeights(tmp_path, place, 1 << 20), partial)
        for weights, (place, partial) in zip(WEIGHTS.values(), places, strict=False)
    ]
    bundled = next(each for each in WEIGHTS.values() if isinstance(each.source, Bundled))
    entries.append(status.Entry(bundled, InstalledWeights(tmp_path, "bundled", 1 << 20), 0))
    monkeypatch.setattr(weights_box, "list_weights", lambda: entries)
    layout = draw_preferences(preferences)
    text = layout.text
    for words in ("Get", "Continue", "Add from Disk", "Remove", "Hugging Face", "Included in"):
        assert words in text
    assert layout.operators().count("sharpdepth.weights_get") == 2


def test_a_task_at_work_and_one_that_failed(draw, monkeypatch):
    class Waiting(SceneTask):
        seconds_left = 75.0

    monkeypatch.setattr(queue, "_running", [Waiting("Plate"), Waiting("Other Plate")])
    layout = draw()
    assert layout.operators().count("sharpdepth.cancel") == 2
    assert "Other Plate: Waiting" in layout.text and "left" in layout.text
    monkeypatch.setattr(queue, "_running", [])
    monkeypatch.setattr(queue, "_error", "The picture cannot be read.")
    assert "The picture cannot be read." in draw().text


def test_a_view_transform_that_changes_the_picture(draw, settings, result):
    view = bpy.context.scene.view_settings
    view.view_transform = "Standard"
    assert "view transform" not in draw().text
    assert "compensate_view" not in draw("surface").props()
    view.view_transform = "AgX"
    layout = draw()
    assert "AgX changes" in layout.text.replace("\n", " ")
    assert "sharpdepth.plain_colors" in layout.operators()
    assert "compensate_view" in draw("surface").props()
    result.sharpdepth.compensate_view = True
    assert "view transform" not in draw().text
    view.exposure = 1
    assert "sharpdepth.update_compensation" in draw().operators()
    assert bpy.ops.sharpdepth.update_compensation() == {"FINISHED"}
    assert "view transform" not in draw().text and result.sharpdepth.compensate_view
    assert bpy.ops.sharpdepth.plain_colors() == {"FINISHED"}
    assert (view.view_transform, view.exposure) == ("Standard", 0)
    assert "view transform" not in draw().text and not result.sharpdepth.compensate_view
    assert bpy.ops.sharpdepth.split_layers(count=2) == {"FINISHED"}
    view.view_transform = "AgX"
    assert {"lit", "compensate_view"} <= set(draw("layers").props())


def test_how_a_picture_is_shown_belongs_to_another_file(draw, result, monkeypatch):
    bpy.context.scene.view_settings.view_transform = "AgX"
    assert "linked from another file" not in draw("surface").text
    monkeypatch.setattr(results, "is_foreign", lambda block: True)
    layout = draw("surface")
    (material,) = picture_materials(result)
    said = " ".join(layout.text.split())
    assert f"{material.name} is linked from another file: make it local first." in said
    assert {"lit", "compensate_view"} <= set(layout.props())


def test_projections_under_a_view_transform(draw, settings, result):
    bpy.context.scene.view_settings.view_transform = "AgX"
    settings.image = new_picture("Paint", np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    result.select_set(True)
    assert bpy.ops.sharpdepth.set_up_projection() == {"FINISHED"}
    assert "compensate_view" in draw("projection").props()


def test_a_picture_whose_colors_the_view_would_change(draw, settings):
    bpy.context.scene.view_settings.view_transform = "Filmic"
    assert "view transform" not in draw().text
    settings.image = new_picture("Plate", np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    assert "sharpdepth.plain_colors" in draw().operators()
    settings.image = bpy.data.images.new("plate.exr", 8, 8, float_buffer=True)
    assert "sharpdepth.plain_colors" not in draw().operators()
