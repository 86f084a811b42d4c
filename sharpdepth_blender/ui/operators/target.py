"""Target: whether there is a result for an operator to work on."""

from collections.abc import Callable

import bpy

from ...scene import SceneError, target_result
from ...scene.layers import meant_layers
from ...scene.live import find_modifier
from ...tasks.previews import is_preview


def has_target(operator: type, context: bpy.types.Context, live: bool = False) -> bool:
    """For `poll`: whether one result is meant whose depth is there; if not, the user is told why.

    Args:
        operator: That polls.
        context: Says which is active or selected.
        live: Whether it has to be a live one.
    """
    result = target_result(context)
    if result is None:
        why = "There is no depth result, or there are several: select one"
    elif live and find_modifier(result) is None:
        why = "There is no live depth result: this one is a plain mesh"
    elif is_preview(result):
        why = "Wait until the depth is sharpened"
    else:
        return True
    operator.poll_message_set(why)
    return False


def has_layers(operator: type, context: bpy.types.Context) -> bool:
    """For `poll`: whether it is clear which set of layers is meant; if not, the user is told why.

    Args:
        operator: That polls.
        context: Says which is active.
    """
    if meant_layers(context) is None:
        operator.poll_message_set("Split a result into layers first, or select one of its layers")
        return False
    return True


def finds(
    operator: type,
    context: bpy.types.Context,
    find: Callable[[bpy.types.Context], object],
) -> bool:
    """For `poll`: whether a function finds what it looks for; if not, the user is told why.

    Args:
        operator: That polls.
        context: Says which is active or selected.
        find: Raises SceneError.
    """
    try:
        find(context)
    except SceneError as error:
        operator.poll_message_set(str(error))
        return False
    return True
