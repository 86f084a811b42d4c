"""The cut on the empty: written, read, and read from files of before."""

import math

import pytest

bpy = pytest.importorskip("bpy")

from sharpdepth_blender.geometry.layers import SKY, Cut  # noqa: E402
from sharpdepth_blender.scene import save_blend  # noqa: E402
from sharpdepth_blender.scene.layers import (  # noqa: E402
    change_layers,
    keep_cut,
    layer_objects,
    layers_cut,
    split_result,
)

FORMER = {
    "thresholds": [3.6, 10.5], "sky": 0.0, "near": 0.0, "edge": 5, "move": 0.2, "cards": True,
}  # fmt: skip


@pytest.mark.parametrize("sky", [0.0, 77.7])
def test_a_cut_is_read_as_it_was_written(sky, tmp_path):
    cut = Cut.at((1 / 3, 9.1), sky=sky, near=0.1, move=0.7, kind="CARD", edge=0)
    cut = cut.with_layer(1, name="Bäume", hidden=True, choke=-3, extension=9, kind="RELIEF")
    cut = cut.with_layer(SKY, name="Air").with_thresholds((0.3, 5, 9.1)).with_thresholds((0.3, 9))
    rig = bpy.data.objects.new("rig", None)
    bpy.context.scene.collection.objects.link(rig)
    keep_cut(rig, cut)
    assert layers_cut(rig) == cut and repr(layers_cut(rig)) == repr(cut)
    save_blend(tmp_path / "kept.blend")
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "kept.blend"))
    read = layers_cut(bpy.data.objects["rig"])
    assert read == cut and repr(read) == repr(cut) and read.next_id == 4


@pytest.mark.parametrize("sky", [0.0, 30.0])
def test_a_file_of_before_layers_had_settings_of_their_own(sky, scene, make_result):
    result, _ = make_result()
    rig = split_result(scene, result, thresholds=(3.6, 10.5), sky=sky)
    objects = layer_objects(rig)
    # Then a layer's number was its place from the nearest, and the sky's was -1.
    assert [obj["sharpdepth_layer"] for obj in objects] == [0, 1, 2, -1]
    rig["sharpdepth_layers"] = FORMER | {"sky": sky}
    cut = layers_cut(rig)
    assert [layer.end for layer in cut.layers] == [3.6, 10.5, sky or math.inf]
    assert {(layer.kind, layer.edge) for layer in cut.layers} == {("CARD", 5)}
    assert (cut.move, cut.near, cut.sky_depth) == (0.2, 0, sky)
    change_layers(rig, cut)
    assert layer_objects(rig) == objects and layers_cut(rig) == cut
    assert all(len(obj.data.polygons) == 1 for obj in objects)
