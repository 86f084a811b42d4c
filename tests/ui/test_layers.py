"""Layers as a user has them: the button, the sliders."""

import pytest

bpy = pytest.importorskip("bpy")


from sharpdepth_blender.scene import SceneError, save_blend  # noqa: E402
from sharpdepth_blender.scene.layers import (  # noqa: E402
    is_current,
    keep_cut,
    layer_objects,
    layers_cut,
)
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


@pytest.mark.parametrize("unit", [1.0, 0.01])
def test_settings_are_blender_units_and_cut_at_once(unit):
    add_result(unit)
    rig = split(count=3)
    settings = rig.sharpdepth_split
    settings.threshold_1, settings.threshold_2 = 2.5 / unit, 10 / unit
    settings.move, settings.edge, settings.sky = 0.3 / unit, 5, 40 / unit
    cut = layers_cut(rig)
    assert cut.thresholds == pytest.approx((2.5, 10)) and {each.edge for each in cut.layers} == {5}
    assert (cut.move, cut.sky_depth) == pytest.approx((0.3, 40))
    assert settings.threshold_1 == pytest.approx(2.5 / unit)
    assert is_current(rig)
    settings.kind = "CARD"
    assert {each.kind for each in layers_cut(rig).layers} == {"CARD"} and settings.kind == "CARD"
    assert all(len(obj.data.polygons) == 1 for obj in layer_objects(rig))


def test_thresholds_stay_in_order():
    add_result()
    settings = split(count=3).sharpdepth_split
    settings.threshold_1, settings.threshold_2 = 3.0, 9.0
    settings.threshold_1 = 50
    assert 8.9 < settings.threshold_1 < settings.threshold_2
    settings.threshold_2 = 0
    assert settings.threshold_1 < settings.threshold_2 < 9.01
    settings.sky = 1.0
    assert settings.sky > settings.threshold_2
    settings.threshold_2 = 1e6
    assert settings.threshold_2 < settings.sky
    settings.threshold_7 = 3.0  # there is none
    assert settings.threshold_7 == 0


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
    rig.sharpdepth_split.edge = 7
    assert "is gone" in layer_update.error(rig)
    rig.sharpdepth_split.count = 5
    assert "is gone" in layer_update.error(rig) and layers_cut(rig) == before


def test_other_objects_have_no_layers_to_set():
    settings = add_result().sharpdepth_split
    settings.edge, settings.count, settings.sky, settings.kind = 5, 5, 5, "CARD"
    assert (settings.edge, settings.count, settings.sky, settings.kind) == (0, 2, 0, "RELIEF")


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
    rig.sharpdepth_split.threshold_1 = 2.5
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
        rig.sharpdepth_split.threshold_1 = 2.5
        assert queue._step()
        assert layer_update.error(rig) == "It asks for too much." and not is_current(rig)
    rig.sharpdepth_split.threshold_1 = 2.6
    assert not layer_update.error(rig)
    assert queue._step() and is_current(rig)
    assert windowed == [queue._step]  # and no notice


def test_layers_that_are_deleted_or_of_another_file_are_left_alone(windowed):
    add_result()
    rig = split(count=3)
    rig.sharpdepth_split.threshold_1 = 2.5
    bpy.data.objects.remove(rig)
    assert queue._step() is None
    add_result()
    split(count=3).sharpdepth_split.threshold_1 = 2.5
    bpy.ops.wm.read_factory_settings(use_empty=True)
    assert queue._step() is None and len(windowed) == 2


def test_with_a_window_there_is_a_draft_first_and_the_whole_cut_after_a_rest(windowed, monkeypatch):
    add_result()
    rig = split(count=3)
    sizes = [obj["sharpdepth_layer_color"].size[0] for obj in layer_objects(rig)]
    rig.sharpdepth_split.threshold_1 = 2.6
    rig.sharpdepth_split.threshold_1 = 2.5
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
        rig.sharpdepth_split.threshold_1 = 2.5
        assert queue._step() is not None and not is_current(rig)
    assert not layer_update.is_painting()
    queue._step()
    assert is_current(rig)


def test_saving_finishes_a_draft(windowed, tmp_path):
    add_result()
    rig = split(count=3)
    rig.sharpdepth_split.threshold_1 = 2.5
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
    rig.sharpdepth_split.threshold_1 = 2.5
    keep_cut(rig, before)  # as undo does
    assert not is_current(rig)
    layer_update._follow_undo()
    assert is_current(rig) and layers_cut(rig) == before
