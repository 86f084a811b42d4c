"""Layers whose invented pixels an engine fills, which says what the test says."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from sharpdepth_blender import api  # noqa: E402
from sharpdepth_blender.process import JobError  # noqa: E402
from sharpdepth_blender.process.job import FillResult, Job, Progress  # noqa: E402
from sharpdepth_blender.scene import SceneError, save_blend  # noqa: E402
from sharpdepth_blender.scene.layers import (  # noqa: E402
    NUMBER,
    change_layers,
    clean_plate,
    cut_layers,
    is_current,
    layer_objects,
    layers_cut,
    read_plate,
    split_result,
)
from sharpdepth_blender.scene.picture import image_values, replace_rgba  # noqa: E402
from sharpdepth_blender.tasks.fill_layers import ModelChoice, begin_fill  # noqa: E402
from tests.scene.layers.street_result import add_result  # noqa: E402

pytestmark = pytest.mark.usefixtures("registered")
THRESHOLDS = (3.6, 10.5)


class Filling:
    """An engine that fills with one color, at once, or not at all."""

    def __init__(self, color=(0.0, 1.0, 0.0), notes=(), error=None):
        self.color, self.notes, self.error, self.asked = color, list(notes), error, []

    def fill(self, values, known, hole, **options):
        self.asked.append({"values": values, "known": known, "hole": hole, **options})
        job = Job({"type": "fill"}, {})
        job.report(Progress("fill", 0.5, "Making texture"))
        if self.error:
            job.finish(self.error)
        elif self.color is not None:
            color = np.array(self.color, np.float32)[:, None, None]
            # Everywhere, so that what is not to be changed would be noticed.
            job.finish(FillResult(np.broadcast_to(color, values.shape).copy(), self.notes, 1.0))
        return job


@pytest.fixture
def rig():
    result = add_result()
    return split_result(bpy.context.scene, result, thresholds=THRESHOLDS, move=0.3)


def pixels(obj):
    return np.array(image_values(obj["sharpdepth_layer_color"]))


def cut_anew(rig):
    """Of each layer what the cut makes of it, by its object."""
    made = {each.id: each for each in cut_layers(rig, layers_cut(rig), read_plate(rig))}
    return [(obj, made[obj[NUMBER]]) for obj in layer_objects(rig)]


def check_filled(rig, color, numbers):
    for obj, layer in cut_anew(rig):
        found = pixels(obj)
        if obj[NUMBER] not in numbers:
            assert np.abs(found - layer.rgba).max() < 1 / 255
            continue
        assert layer.invented.any() or layer.share == 0
        assert np.abs(found[layer.invented, :3] - color).max() < 1 / 255
        seen = ~layer.invented
        assert np.abs(found[seen] - layer.rgba[seen]).max() < 1 / 255
        assert np.abs(found[..., 3] - layer.rgba[..., 3]).max() < 1 / 255


def test_what_is_invented_becomes_texture_and_nothing_else(rig):
    engine = Filling()
    told = []
    assert api.fill_layers(engine=engine, show=lambda *each: told.append(each)) == []
    numbers = {obj[NUMBER] for obj in layer_objects(rig)}
    assert len(engine.asked) == len(numbers) == 4
    check_filled(rig, (0, 1, 0), numbers)
    assert {each.fill for each in layers_cut(rig).layers} == {"TEXTURE"}
    assert layers_cut(rig).sky.fill == "TEXTURE" and is_current(rig)
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions) and fractions[-1] == 1
    assert any("Making texture" in message for _, message in told)
    assert "model" not in engine.asked[0] and engine.asked[0]["usable"].any()


def test_one_layer_leaves_the_others_alone(rig):
    engine = Filling()
    second = layer_objects(rig)[1]
    api.fill_layers([second], engine=engine)
    assert len(engine.asked) == 1
    check_filled(rig, (0, 1, 0), {second[NUMBER]})
    assert layers_cut(rig).layer(second[NUMBER]).fill == "TEXTURE"
    assert [each.fill for each in layers_cut(rig).layers].count("SMOOTH") == 2


def test_a_model_is_asked_as_one_chose_and_its_answer_is_kept(rig, tmp_path):
    engine = Filling((0, 0, 1), ["It is coarse."])
    first = layer_objects(rig)[1]
    notes = api.fill_layers(
        [first], kind="MODEL", model=tmp_path, prompt="a wall", steps=7, seed=3, engine=engine
    )
    assert notes == ["It is coarse."]
    (asked,) = engine.asked
    assert asked["model"] == tmp_path and "source" not in asked
    assert (asked["prompt"], asked["steps"], asked["seed"]) == ("a wall", 7, 3)
    check_filled(rig, (0, 0, 1), {first[NUMBER]})
    api.fill_layers([first], engine=Filling())
    check_filled(rig, (0, 1, 0), {first[NUMBER]})
    # The model's answer is still there.
    change_layers(rig, layers_cut(rig).with_layer(first[NUMBER], fill="MODEL"))
    check_filled(rig, (0, 0, 1), {first[NUMBER]})
    change_layers(rig, layers_cut(rig).with_layer(first[NUMBER], fill="SMOOTH"))
    check_filled(rig, None, ())


def test_texture_that_is_there_is_not_made_again(rig):
    engine = Filling()
    api.fill_layers(engine=engine)
    api.fill_layers(kind="SMOOTH")
    check_filled(rig, None, ())
    again = Filling((1, 0, 0))
    api.fill_layers(engine=again)
    assert not again.asked
    check_filled(rig, (0, 1, 0), {obj[NUMBER] for obj in layer_objects(rig)})
    api.fill_layers(kind="MODEL", model="/nowhere", engine=again)
    assert len(again.asked) == 4  # another seed might have been wanted


def test_another_cut_keeps_the_fill_where_it_shows_nothing_either(rig):
    api.fill_layers(engine=Filling())
    change_layers(rig, layers_cut(rig).with_thresholds((3.6, 9.0)))
    for obj, layer in cut_anew(rig):
        green = np.abs(pixels(obj)[..., :3] - (0, 1, 0)).max(-1) < 1 / 255
        assert not green[~layer.invented].any()
        assert green[layer.invented].mean() > 0.5 or layer.share == 0


def test_paint_that_is_packed_with_a_fill_is_told_from_it(rig):
    api.fill_layers(engine=Filling())
    obj = layer_objects(rig)[1]
    image, values = obj["sharpdepth_layer_color"], pixels(obj)
    values[10:13, 20:25] = (0.2, 0.4, 0.8, 1)  # of 255, as it is stored
    replace_rgba(image, values)
    image.pack()
    change_layers(rig, layers_cut(rig).with_thresholds((3.6, 9.0)))
    assert (image_values(clean_plate(obj))[..., 3] > 0).sum() == 15


def test_fills_are_saved_and_go_with_their_layers(rig, tmp_path):
    api.fill_layers(engine=Filling())
    wanted = [pixels(obj) for obj in layer_objects(rig)]
    name = rig.name
    save_blend(tmp_path / "filled.blend")
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "filled.blend"))
    rig = bpy.data.objects[name]
    assert is_current(rig)
    for obj, before in zip(layer_objects(rig), wanted, strict=True):
        assert np.abs(pixels(obj) - before).max() < 1 / 255
    change_layers(rig, layers_cut(rig))
    for obj, before in zip(layer_objects(rig), wanted, strict=True):
        assert np.abs(pixels(obj) - before).max() < 1 / 255
    images = len(bpy.data.images)
    change_layers(rig, layers_cut(rig).with_thresholds((10.5,)))
    assert len(layer_objects(rig)) == 3
    assert len(bpy.data.images) == images - 3  # the picture, its depth and its texture


def test_a_fill_that_fails_or_is_stopped_leaves_what_was(rig):
    with pytest.raises(JobError, match="gone wrong"):
        api.fill_layers(engine=Filling(error=JobError("internal", "It has gone wrong.")))
    check_filled(rig, None, ())
    assert {each.fill for each in layers_cut(rig).layers} == {"SMOOTH"}
    engine = Filling(color=None)
    task = begin_fill(rig, "MODEL", engine, None, ModelChoice("/a model"))
    for _ in range(5):
        task.step()
    assert not task.over and len(engine.asked) == 1
    task.cancel()
    assert task.over and task.error is None
    check_filled(rig, None, ())


def test_a_cut_that_changes_meanwhile_ends_it(rig):
    task = begin_fill(rig, "TEXTURE", Filling(color=None))
    task.step()
    task.step()
    change_layers(rig, layers_cut(rig).with_thresholds((3.0, 9.0)))
    task.step()
    assert task.over and task.error is None
    check_filled(rig, None, ())


def test_what_cannot_be_filled_is_named(rig, tmp_path):
    scene = bpy.context.scene
    with pytest.raises(SceneError, match="no layer"):
        api.fill_layers([bpy.data.objects.new("Other", None)])
    with pytest.raises(ValueError, match="MAGIC"):
        api.fill_layers(kind="MAGIC")
    for wrong in ({"kind": "MODEL"}, {"kind": "TEXTURE", "model": tmp_path}):
        with pytest.raises(ValueError, match="folder"):
            api.fill_layers(**wrong)
    bpy.data.batch_remove([*layer_objects(rig), rig])
    with pytest.raises(SceneError, match=f"{scene.name} has no layers"):
        api.fill_layers()
