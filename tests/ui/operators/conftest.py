import bpy
import pytest

from sharpdepth_blender.scene.layers import layer_objects
from tests.scene.layers.street_result import add_result


@pytest.fixture
def layer(addon):
    """The nearest layer of a small street, the active object."""
    add_result()
    assert bpy.ops.sharpdepth.split_layers(count=3) == {"FINISHED"}
    obj = layer_objects(bpy.context.view_layer.objects.active)[0]
    bpy.context.view_layer.objects.active = obj
    return obj
