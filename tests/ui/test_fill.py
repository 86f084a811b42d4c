"""Fills as a user has them: the buttons, and texture that follows the settings."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from sharpdepth_blender.library import INPAINTER  # noqa: E402
from sharpdepth_blender.scene.layers import (  # noqa: E402
    NUMBER,
    clean_plate,
    cut_layers,
    is_current,
    layer_objects,
    layers_cut,
    read_plate,
)
from sharpdepth_blender.scene.picture import image_values  # noqa: E402
from sharpdepth_blender.tasks import layer_update, queue  # noqa: E402
from sharpdepth_blender.ui.operators import fill_layers as buttons  # noqa: E402
from tests.scene.layers.street_result import add_result  # noqa: E402
from tests.tasks.test_fill_layers import Filling  # noqa: E402
from tests.ui.recorded_layout import Layout  # noqa: E402

pytestmark = pytest.mark.usefixtures("addon")
COPY = "import shutil, sys; shutil.copy(sys.argv[1], sys.argv[2])"


@pytest.fixture
def rig():
    add_result()
    assert bpy.ops.sharpdepth.split_layers(count=3, move=0.2) == {"FINISHED"}
    return bpy.context.view_layer.objects.active


@pytest.fixture
def engine(monkeypatch):
    filling = Filling()
    monkeypatch.setattr(buttons, "get_engine", lambda: filling)
    monkeypatch.setattr(layer_update, "get_engine", lambda: filling)
    monkeypatch.setattr(buttons, "check_engine", lambda: None)
    return filling


def choose(*objects):
    bpy.ops.object.select_all(action="DESELECT")
    for obj in objects:
        obj.select_set(True)
    bpy.context.view_layer.objects.active = objects[0]


def green(rig):
    """Of each layer, the share of its invented pixels that is the engine's green."""
    made = {each.id: each for each in cut_layers(rig, layers_cut(rig), read_plate(rig))}
    shares = []
    for obj in layer_objects(rig):
        found = image_values(obj["sharpdepth_layer_color"])[..., :3]
        is_green = np.abs(found - (0, 1, 0)).max(-1) < 1 / 255
        shares.append(float(is_green[made[obj[NUMBER]].invented].mean()))
    return shares


def test_buttons_fill_all_layers_or_the_selected_ones(rig, engine):
    second = layer_objects(rig)[1]
    choose(second)
    assert bpy.ops.sharpdepth.fill_layers(fill="TEXTURE") == {"FINISHED"}
    assert green(rig) == [0, 1, 0, 0] and len(engine.asked) == 1
    choose(rig)
    assert bpy.ops.sharpdepth.fill_layers(fill="TEXTURE") == {"FINISHED"}
    assert min(green(rig)) == 1 and len(engine.asked) == 4
    assert bpy.ops.sharpdepth.fill_layers(fill="SMOOTH") == {"FINISHED"}
    assert max(green(rig)) == 0 and is_current(rig)


def test_the_model_s_button_asks_the_model(rig, engine, tmp_path):
    choose(layer_objects(rig)[2])
    done = bpy.ops.sharpdepth.fill_with_model(model=str(tmp_path), prompt=" a wall ", seed=5)
    assert done == {"FINISHED"} and green(rig) == [0, 0, 1, 0]
    assert engine.asked[0]["prompt"] == "a wall" and engine.asked[0]["seed"] == 5


def test_without_a_folder_the_model_is_that_of_the_catalogue_once_it_is_there(
    rig, engine, monkeypatch
):
    choose(layer_objects(rig)[1])
    monkeypatch.setattr(buttons, "is_installed", lambda weights: False)
    with pytest.raises(RuntimeError, match=f"Get {INPAINTER.name} first"):
        bpy.ops.sharpdepth.fill_with_model()
    monkeypatch.setattr(buttons, "is_installed", lambda weights: weights is INPAINTER)
    assert bpy.ops.sharpdepth.fill_with_model(prompt="a wall") == {"FINISHED"}
    assert green(rig) == [0, 1, 0, 0] and engine.asked[0]["model"] == INPAINTER.name


@pytest.mark.parametrize("there", [False, True])
def test_the_dialog_shows_the_license_of_the_model_and_gets_it(monkeypatch, there):
    monkeypatch.setattr(buttons, "is_installed", lambda weights: there)
    for folder, shown in (("", True), ("/models/inpainting", False)):
        layout = Layout()
        rna = bpy.ops.sharpdepth.fill_with_model.get_rna_type()
        asked = SimpleNamespace(layout=layout, model=folder, bl_rna=rna)
        buttons.SHARPDEPTH_OT_fill_with_model.draw(asked, bpy.context)
        words = " ".join(layout.text.split())
        assert (INPAINTER.name in words and INPAINTER.license in words) is shown
        assert ("sharpdepth.weights_get" in layout.operators()) is (shown and not there)


def test_without_layers_the_buttons_are_gray():
    for name in ("fill_layers", "fill_with_model", "hand_over", "take_back"):
        assert not getattr(bpy.ops.sharpdepth, name).poll()


def test_texture_follows_another_cut_in_the_background(rig, engine, monkeypatch):
    choose(rig)
    bpy.ops.sharpdepth.fill_layers(fill="TEXTURE")
    monkeypatch.setattr(layer_update, "_in_background", lambda: False)
    monkeypatch.setattr(layer_update, "_REST", 0)
    monkeypatch.setattr(queue, "keep_ticking", lambda step: None)
    monkeypatch.setattr(queue, "_ticking", False)
    before = len(engine.asked)
    layer_objects(rig)[0].sharpdepth_layer_settings.end = 3.0
    assert queue._step() is not None  # cut in full, and the fill begins
    assert layers_cut(rig).thresholds[0] == pytest.approx(3.0) and queue.is_busy("fill")
    for _ in range(30):
        if queue._step() is None:
            break
    assert not queue.is_busy("fill") and len(engine.asked) > before
    assert min(green(rig)) == 1 and is_current(rig)


def test_texture_follows_another_split_in_the_background(rig, engine, monkeypatch):
    choose(rig)
    bpy.ops.sharpdepth.fill_layers(fill="TEXTURE")
    monkeypatch.setattr(layer_update, "_in_background", lambda: False)
    monkeypatch.setattr(queue, "keep_ticking", lambda step: None)
    monkeypatch.setattr(queue, "_ticking", False)
    choose(bpy.data.objects["street depth mesh"])
    assert bpy.ops.sharpdepth.split_layers(move=0.4) == {"FINISHED"}
    assert queue.is_busy("fill")
    for _ in range(30):
        if queue._step() is None:
            break
    assert min(green(rig)) == 1 and is_current(rig)


def test_a_layer_s_setting_is_its_fill(rig, engine, monkeypatch):
    choose(rig)
    bpy.ops.sharpdepth.fill_layers(fill="TEXTURE")
    first, second = layer_objects(rig)[:2]
    assert second.sharpdepth_layer_settings.fill == "TEXTURE"
    second.sharpdepth_layer_settings.fill = "SMOOTH"
    assert green(rig)[:3] == [pytest.approx(1), 0, 1]
    monkeypatch.setattr(layer_update, "_in_background", lambda: False)
    monkeypatch.setattr(layer_update, "_REST", 0)
    monkeypatch.setattr(queue, "keep_ticking", lambda step: None)
    second.sharpdepth_layer_settings.fill = "TEXTURE"
    while queue._step():
        pass
    assert green(rig)[1] == 1 and is_current(rig)


def test_a_fill_is_cancelled_by_its_button(rig, monkeypatch):
    from sharpdepth_blender.tasks.fill_layers import begin_fill

    monkeypatch.setattr(queue, "keep_ticking", lambda step: None)
    assert bpy.ops.sharpdepth.cancel_fill() == {"CANCELLED"}
    task = begin_fill(rig, "TEXTURE", Filling(color=None))
    queue.start(task)
    queue._step()
    assert bpy.ops.sharpdepth.cancel_fill() == {"FINISHED"}
    assert task.over and not queue.is_busy("fill") and max(green(rig)) == 0


def test_a_layer_goes_out_and_comes_back_by_buttons(rig, tmp_path):
    layer = layer_objects(rig)[1]
    choose(layer)
    assert bpy.ops.sharpdepth.hand_over(directory=str(tmp_path)) == {"FINISHED"}
    (picture,) = tmp_path.glob("*layer_2.png")
    assert bpy.ops.sharpdepth.take_back(filepath=str(picture)) == {"FINISHED"}
    assert clean_plate(layer) is not None and is_current(rig)
    bpy.ops.object.select_all(action="DESELECT")
    bpy.context.view_layer.objects.active = layer = layer_objects(rig)[2]
    with pytest.raises(RuntimeError, match="cannot be read"):
        bpy.ops.sharpdepth.take_back(filepath=str(tmp_path / "none.png"))
    tool = f'"{sys.executable}" -c "{COPY}" {{picture}} {{answer}}'
    done = bpy.ops.sharpdepth.hand_over(directory=str(tmp_path), command=tool)
    assert done == {"FINISHED"} and list(tmp_path.glob("*_answer.png"))
    assert clean_plate(layer) is not None
    with pytest.raises(RuntimeError, match="answer"):
        bpy.ops.sharpdepth.hand_over(directory=str(tmp_path), command="tool {picture}")
