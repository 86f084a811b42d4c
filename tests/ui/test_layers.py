"""Layers as a user has them: the button, the sliders."""

from dataclasses import replace

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")


from sharpdepth_blender.scene import SceneError, save_blend  # noqa: E402
from sharpdepth_blender.scene.layers import (  # noqa: E402
    is_current,
    keep_cut,
    kind_reason,
    layer_objects,
    layers_cut,
)
from sharpdepth_blender.scene.picture import image_values  # noqa: E402
from sharpdepth_blender.tasks import layer_update, queue  # noqa: E402
from sharpdepth_blender.tasks.task import SceneTask  # noqa: E402
from tests.scene.layers.street_result import add_result  # noqa: E402

pytestmark = pytest.mark.usefixtures("addon")


def split(**given):
    assert bpy.ops.sharpdepth.split_layers(**given) == {"FINISHED"}
    return bpy.context.view_layer.objects.active


def test_button_splits_the_result_and_hides_it(capfd):
    result, other = add_result(), bpy.data.objects.new("Other", None)
    bpy.context.scene.collection.objects.link(other)
    other.select_set(True)
    rig = split(count=3, edge=2, move=0.25, kind="CARD")
    assert rig.name == "street layers" and result.hide_get()
    assert rig.select_get() and other.select_get()
    cut = layers_cut(rig)
    assert len(cut.thresholds) == 2 and cut.move == 0.25
    assert {(each.edge, each.kind) for each in cut.layers} == {(2, "CARD")}
    assert "Created 4 layers in the collection street layers" in capfd.readouterr().out


def test_the_button_pressed_again_keeps_the_settings_of_the_layers(capfd):
    result = add_result()
    rig = split(count=3, kind="CARD", move=0.25)
    layer(rig, 2).kind, layer(rig, 2).edge, layer(rig, 1).end = "PLANE", 7, 2.5
    rig.sharpdepth_split.count = 5
    layer(rig, 1).end = 1.9
    before = layers_cut(rig)
    bpy.context.view_layer.objects.active = result
    assert split() == rig and layers_cut(rig) == before
    said = capfd.readouterr().out
    assert "Updated 6 layers in the collection street layers, which keep their settings" in said
    bpy.context.view_layer.objects.active = result
    split(edge=5)
    assert {each.edge for each in layers_cut(rig).layers} == {5}
    assert [each.kind for each in layers_cut(rig).layers] == [each.kind for each in before.layers]


@pytest.mark.parametrize("unit", [1.0, 0.01])
def test_number_and_camera_move_are_set_before(unit):
    result, settings = add_result(unit), bpy.context.scene.sharpdepth
    settings.layers, settings.camera_move = 3, 0.3 / unit
    rig = split()
    assert len(layers_cut(rig).layers) == 3 and layers_cut(rig).move == pytest.approx(0.3)
    settings.layers, settings.camera_move = 5, 0.0  # which is of those that are still to be made
    bpy.context.view_layer.objects.active = result
    assert split() == rig and len(layers_cut(rig).layers) == 3
    assert layers_cut(rig).move == pytest.approx(0.3)
    bpy.context.view_layer.objects.active = result
    other = split(keep_both=True)
    assert len(layers_cut(other).layers) == 5 and 0 < layers_cut(other).move != 0.3
    bpy.context.view_layer.objects.active = result
    assert len(layers_cut(split(keep_both=True, count=2)).layers) == 2


def test_button_is_grayed_out_without_a_live_result():
    assert not bpy.ops.sharpdepth.split_layers.poll()
    add_result()
    assert bpy.ops.sharpdepth.split_layers.poll()
    bpy.ops.sharpdepth.bake()
    assert not bpy.ops.sharpdepth.split_layers.poll()


def test_a_failed_split_is_one_sentence():
    result = add_result()
    bpy.data.images.remove(bpy.data.images["street picture"])
    with pytest.raises(RuntimeError, match="is gone"):
        bpy.ops.sharpdepth.split_layers()
    assert not result.hide_get()


def layer(rig, number):
    """Settings of the first, second, ... layer."""
    return layer_objects(rig)[number - 1].sharpdepth_layer_settings


@pytest.mark.parametrize("unit", [1.0, 0.01])
def test_settings_are_blender_units_and_cut_at_once(unit):
    add_result(unit)
    rig = split(count=3)
    settings = rig.sharpdepth_split
    layer(rig, 1).end, layer(rig, 2).end = 2.5 / unit, 10 / unit
    settings.move, settings.sky = 0.3 / unit, 40 / unit
    cut = layers_cut(rig)
    assert cut.thresholds == pytest.approx((2.5, 10))
    assert (cut.move, cut.sky_depth) == pytest.approx((0.3, 40))
    assert layer(rig, 1).end == pytest.approx(2.5 / unit)
    assert layer(rig, 3).end == pytest.approx(40 / unit)
    assert is_current(rig)


def test_settings_of_a_layer_are_its_own_and_cut_at_once():
    add_result()
    rig = split(count=3)
    objects = layer_objects(rig)
    pixels = [image_values(obj["sharpdepth_layer_color"]).copy() for obj in objects]
    settings = layer(rig, 2)
    settings.kind, settings.edge, settings.extension, settings.choke = "CARD", 5, 4, -2
    settings.name, settings.shown = " Wall ", False
    cut = layers_cut(rig)
    assert (cut.layer(1).kind, cut.layer(1).edge, cut.layer(1).choke) == ("CARD", 5, -2)
    assert (cut.layer(1).name, cut.layer(1).hidden, objects[1].name) == ("Wall", True, "Wall")
    assert (settings.kind, settings.edge, settings.extension) == ("CARD", 5, 4)
    assert cut.layer(0) == replace(cut.layer(0), kind="RELIEF", edge=3, name=None)
    assert is_current(rig) and len(objects[1].data.polygons) == 1 and objects[1].hide_render
    for index in (0, 2, 3):
        now = image_values(objects[index]["sharpdepth_layer_color"])
        assert np.array_equal(now, pixels[index])
    settings.name, settings.shown = "", True
    assert objects[1].name == "street layer 2" and not objects[1].hide_render


def test_a_row_of_the_list_makes_its_layer_active():
    add_result()
    rig = split(count=3)
    settings, objects = rig.sharpdepth_split, layer_objects(rig)
    assert bpy.data.objects[settings.active] == objects[0]  # none is active, so the first
    settings.active = bpy.data.objects.find(objects[2].name)
    assert bpy.context.view_layer.objects.active == objects[2]
    assert bpy.context.selected_objects == [objects[2]]
    assert bpy.data.objects[settings.active] == objects[2]
    settings.active = bpy.data.objects.find("street camera")  # no row of the list
    assert bpy.context.view_layer.objects.active == objects[2]


def test_buttons_change_the_active_layer():
    add_result()
    rig = split(count=3)
    near, middle, far, sky = layer_objects(rig)
    bpy.context.view_layer.objects.active = middle
    assert bpy.ops.sharpdepth.split_layer(at="DEPTH", depth=6.0) == {"FINISHED"}
    assert len(layer_objects(rig)) == 5 and 6.0 in layers_cut(rig).thresholds
    assert bpy.ops.sharpdepth.merge_layer() == {"FINISHED"}
    assert layer_objects(rig) == [near, middle, far, sky]
    assert bpy.ops.sharpdepth.move_layer(up=False) == {"FINISHED"}
    assert layer_objects(rig) == [near, far, middle, sky]
    assert bpy.ops.sharpdepth.move_layer() == {"FINISHED"}
    assert layer_objects(rig) == [near, middle, far, sky]
    bpy.context.view_layer.objects.active = near
    end = layers_cut(rig).thresholds[0]
    assert bpy.ops.sharpdepth.split_layer() == {"FINISHED"}  # at a gap: of post, ball and wall
    assert 2.0 < layers_cut(rig).thresholds[0] < end == layers_cut(rig).thresholds[1]
    bpy.context.view_layer.objects.active = sky
    for name in ("split_layer", "merge_layer", "move_layer"):
        assert not getattr(bpy.ops.sharpdepth, name).poll()
    with pytest.raises(RuntimeError, match="The sky has no depth"):
        bpy.ops.sharpdepth.split_layer()
    bpy.data.objects.remove(rig)
    assert not bpy.ops.sharpdepth.split_layer.poll()


def test_thresholds_stay_in_order():
    add_result()
    rig = split(count=3)
    one, two, settings = layer(rig, 1), layer(rig, 2), rig.sharpdepth_split
    one.end, two.end = 3.0, 9.0
    one.end = 50
    assert 8.9 < one.end < two.end
    two.end = 0
    assert one.end < two.end < 9.01
    settings.sky = 1.0
    assert settings.sky > two.end
    two.end = 1e6
    assert two.end < settings.sky
    layer(rig, 3).end = 3.0  # it ends at the sky
    assert layer(rig, 3).end == pytest.approx(settings.sky)
    layer(rig, 4).end = 3.0  # the sky ends nowhere
    assert layer(rig, 4).end == 0


def test_another_number_proposes_thresholds_anew():
    add_result()
    rig = split(count=3)
    first = layers_cut(rig).thresholds
    rig.sharpdepth_split.count = 6
    assert len(layers_cut(rig).thresholds) == 5 and len(layer_objects(rig)) == 7
    rig.sharpdepth_split.count = 3
    assert layers_cut(rig).thresholds == first


def test_what_cannot_be_cut_is_told_and_nothing_changes():
    add_result()
    rig = split(count=3)
    rig.sharpdepth_split.sky = 1e5
    before = layers_cut(rig)
    bpy.data.images.remove(bpy.data.images["street picture"])
    layer(rig, 2).edge = 7
    assert "is gone" in layer_update.error(rig)
    rig.sharpdepth_split.count = 5
    assert "is gone" in layer_update.error(rig) and layers_cut(rig) == before


def test_other_objects_have_no_layers_to_set():
    result = add_result()
    settings, one = result.sharpdepth_split, result.sharpdepth_layer_settings
    settings.count, settings.sky = 5, 5
    one.edge, one.kind, one.end, one.name, one.shown = 5, "CARD", 5, "x", False
    assert (settings.count, settings.sky, settings.active) == (2, 0, -1)
    assert (one.edge, one.kind, one.end) == (0, "RELIEF", 0)
    assert result.name == "street depth mesh" and not result.hide_render


@pytest.fixture
def windowed(monkeypatch):
    """With a window the queue's ticks are the test's own; small drafts."""
    ticks = []
    monkeypatch.setattr(layer_update, "_in_background", lambda: False)
    monkeypatch.setattr("sharpdepth_blender.scene.layers.change._DRAFT", 48)
    monkeypatch.setattr(queue, "keep_ticking", ticks.append)
    monkeypatch.setattr(queue, "show_notice", lambda *told: ticks.append(told))
    monkeypatch.setattr(queue, "_ticking", False)
    return ticks


class Endless(SceneTask):
    """A generation that takes minutes."""

    def _go_on(self):
        pass


def test_a_drag_does_not_wait_for_a_generation(windowed):
    add_result()
    rig = split(count=3)
    queue.start(Endless("Plate"))
    assert queue._step() == 0.1
    layer(rig, 1).end = 2.5
    assert len(windowed) == 2  # the next tick was made to come soon
    assert queue._step() <= 0.05 and is_current(rig)
    assert [task.name for task in queue.running()] == ["Plate"]  # a panel lists no layers


def test_a_draft_that_cannot_be_cut_is_told_by_the_panel_alone(windowed, monkeypatch):
    add_result()
    rig = split(count=3)

    def refuse(*_):
        raise SceneError("It asks for too much.")

    with monkeypatch.context() as patch:
        patch.setattr(layer_update, "change_layers", refuse)
        layer(rig, 1).end = 2.5
        assert queue._step()
        assert layer_update.error(rig) == "It asks for too much." and not is_current(rig)
    layer(rig, 1).end = 2.6
    assert not layer_update.error(rig)
    assert queue._step() and is_current(rig)
    assert windowed == [queue._step]  # and no notice


def test_layers_that_are_deleted_or_of_another_file_are_left_alone(windowed):
    add_result()
    rig = split(count=3)
    layer(rig, 1).end = 2.5
    bpy.data.objects.remove(rig)
    assert queue._step() is None
    add_result()
    layer(split(count=3), 1).end = 2.5
    bpy.ops.wm.read_factory_settings(use_empty=True)
    assert queue._step() is None and len(windowed) == 2


def test_with_a_window_there_is_a_draft_first_and_the_whole_cut_after_a_rest(windowed, monkeypatch):
    add_result()
    rig = split(count=3)
    sizes = [obj["sharpdepth_layer_color"].size[0] for obj in layer_objects(rig)]
    layer(rig, 1).end = 2.6
    layer(rig, 1).end = 2.5
    assert layers_cut(rig).thresholds[0] == 2.5 and not is_current(rig)
    assert queue._step() is not None
    drafts = [obj["sharpdepth_layer_color"].size[0] for obj in layer_objects(rig)]
    assert is_current(rig) and drafts[-1] < 0.6 * sizes[-1]
    assert queue._step() is not None
    monkeypatch.setattr(layer_update, "_REST", 0)
    assert queue._step() is None
    sizes_now = [obj["sharpdepth_layer_color"].size[0] for obj in layer_objects(rig)]
    assert sizes_now[-1] == sizes[-1]


def test_nothing_is_cut_in_the_middle_of_a_stroke(windowed, monkeypatch):
    """It holds on to the mesh that it began on."""
    add_result()
    rig = split(count=3)
    monkeypatch.setattr(layer_update, "_REST", 0)
    with monkeypatch.context() as patch:
        patch.setattr(layer_update, "is_painting", lambda: True)
        cut = layers_cut(rig)
        layer_update.update_layers(rig, cut.with_thresholds((2.5, *cut.thresholds[1:])))
        assert queue._step() is not None and not is_current(rig)
    assert not layer_update.is_painting()
    queue._step()
    assert is_current(rig)


def test_saving_finishes_a_draft(windowed, tmp_path):
    add_result()
    rig = split(count=3)
    layer(rig, 1).end = 2.5
    queue._step()
    save_blend(tmp_path / "saved.blend")
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "saved.blend"))
    rig = bpy.data.objects["street layers"]
    assert is_current(rig) and layer_objects(rig)[-1]["sharpdepth_layer_color"].size[0] > 96
    assert queue._step() is None


def test_after_undo_pictures_follow_the_settings():
    add_result()
    rig = split(count=3)
    before = layers_cut(rig)
    layer(rig, 1).end = 2.5
    keep_cut(rig, before)  # as undo does
    assert not is_current(rig)
    layer_update._follow_undo()
    assert is_current(rig) and layers_cut(rig) == before


def test_one_layer_gets_another_kind_and_no_other_does():
    add_result()
    rig = split(count=3)
    layers = layer_objects(rig)
    layers[1].sharpdepth_layer_settings.kind = "PLANES"
    assert [each.kind for each in layers_cut(rig).layers] == ["RELIEF", "PLANES", "RELIEF"]
    layers[2].sharpdepth_layer_settings.kind = "SKY"
    assert layers[2].sharpdepth_layer_settings.kind == "SKY" and len(layers[2].data.polygons) == 1
    layers[3].sharpdepth_layer_settings.kind = "RELIEF"  # the sky stays one
    assert layers_cut(rig).sky.kind == "SKY" and is_current(rig)
    assert bpy.data.objects.new("Other", None).sharpdepth_layer_settings.kind == "RELIEF"


def test_kinds_are_proposed_by_a_button():
    assert not bpy.ops.sharpdepth.propose_kinds.poll()
    add_result()
    rig = split(count=2)
    assert bpy.ops.sharpdepth.propose_kinds() == {"FINISHED"}
    cut = layers_cut(rig)
    reasons = [kind_reason(rig, each.id, each.kind) for each in cut.layers]
    assert "RELIEF" not in {each.kind for each in cut.layers}  # ground and wall are flat
    assert all("%" in each for each in reasons)
    layer_objects(rig)[0].sharpdepth_layer_settings.kind = "RELIEF"
    assert kind_reason(rig, cut.layers[0].id, "RELIEF") == ""
