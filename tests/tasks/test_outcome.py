"""What is told of results that were there before."""

import bpy

from sharpdepth_blender.tasks.outcome import told_kept, told_renewed


def test_why_a_result_was_left_alone(tmp_path):
    own = bpy.data.objects.new("Own", None)
    assert told_kept(own) == "Own was baked or edited, and stays beside the new result."
    bpy.data.libraries.write(str(tmp_path / "other.blend"), {bpy.data.objects.new("Theirs", None)})
    with bpy.data.libraries.load(str(tmp_path / "other.blend"), link=True) as (_, wanted):
        wanted.objects = ["Theirs"]
    (theirs,) = wanted.objects
    assert told_kept(theirs) == (
        "Theirs is linked from another file, and stays beside the new result."
    )


def test_a_renewed_result_may_be_hidden():
    obj = bpy.data.objects.new("Renewed", None)
    bpy.context.scene.collection.objects.link(obj)
    assert told_renewed(obj) == "Renewed has its new depth."
    obj.hide_viewport = True
    assert told_renewed(obj) == "Renewed has its new depth, and is hidden as before."
