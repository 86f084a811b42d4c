"""Asked output: what was asked to be shown of a result, a mesh or points."""

import bpy

from ..scene.live import find_modifier
from ..scene.modifier import set_input

# Custom property of a result. Another wish later is followed, while the same one leaves what the
# user has set in the result since.
_ASKED = "sharpdepth_output"


def keep_output(obj: bpy.types.Object, output: str) -> None:
    """Keep with a new result what was asked for, `Mesh` or `Points`."""
    obj[_ASKED] = output


def follow_output(obj: bpy.types.Object, output: str) -> None:
    """Show it in a live result that stands, unless the same was asked before."""
    modifier = find_modifier(obj)
    if modifier and obj.get(_ASKED, output) != output:
        set_input(modifier, "Output", output)
    keep_output(obj, output)
