"""Results: properties of objects made from depth, as `Object.sharpdepth`."""

import bpy

from ..process.job import DepthResult
from ..scene import own_paths
from ..scene.live import find_modifier
from ..scene.material import can_be_lit, is_lit, set_lit
from ..scene.modifier import get_input
from ..scene.result import DEPTH, METRIC_DEPTH


class SHARPDEPTH_PG_result(bpy.types.PropertyGroup):
    """Facts reported by the engine about a result."""

    scale: bpy.props.FloatProperty(
        name="Scale",
        description="Scale of the fit of the sharpened depth to meters",
    )
    shift: bpy.props.FloatProperty(
        name="Shift",
        description="Shift of the fit of the sharpened depth to meters, in meters",
    )
    model: bpy.props.StringProperty(name="Model", description="Model that made the result")
    device: bpy.props.StringProperty(name="Device", description="Device that computed the result")
    notes: bpy.props.StringProperty(
        name="Notes",
        description="Assumptions, changes and guards, one sentence per line",
    )

    lit: bpy.props.BoolProperty(
        name="Lit",
        description="Light the picture with the scene's lights instead of showing its own colors",
        get=lambda self: any(is_lit(each) for each in _pictures_of(self.id_data)),
        set=lambda self, lit: _set_lit(self.id_data, lit),
    )

    @property
    def depth(self) -> bpy.types.Image | None:
        """Sharpened z-depth in meters, float and Non-Color; None if the object is not a result."""
        return self.id_data.get(DEPTH)

    @property
    def metric_depth(self) -> bpy.types.Image | None:
        """Metric z-depth it was made from, likewise."""
        return self.id_data.get(METRIC_DEPTH)

    @property
    def can_be_lit(self) -> bool:
        """Whether the object has a material created for it."""
        return bool(_pictures_of(self.id_data))


def note_result(obj: bpy.types.Object, result: DepthResult, notes: tuple[str, ...]) -> None:
    """Store the facts reported by the engine in the object.

    Args:
        obj: Object made from the result.
        result: Result of the engine.
        notes: Notes from before the engine ran.
    """
    kept = obj.sharpdepth
    kept.scale, kept.shift = result.scale, result.shift
    kept.model, kept.device = result.model, result.device
    kept.notes = "\n".join([*notes, *result.notes])


def _set_lit(obj, lit):
    for each in _pictures_of(obj):
        set_lit(each, lit)


def _pictures_of(obj):
    """Return our materials on an object, without duplicates."""
    modifier = find_modifier(obj) if obj.type == "MESH" else None
    if modifier:
        materials = [get_input(modifier, "Material")]
    else:
        materials = [slot.material for slot in obj.material_slots]
    return [each for each in dict.fromkeys(materials) if can_be_lit(each)]


def ensure_registered() -> None:
    """Have what is known of results be kept where the add-on is not switched on, as in scripts."""
    if not hasattr(bpy.types.Object, "sharpdepth"):
        register()


def register() -> None:
    """Give objects the property `sharpdepth`."""
    if hasattr(bpy.types.Object, "sharpdepth"):
        return  # a script came first
    bpy.utils.register_class(SHARPDEPTH_PG_result)
    own_paths.register()
    bpy.types.Object.sharpdepth = bpy.props.PointerProperty(type=SHARPDEPTH_PG_result)


def unregister() -> None:
    """Remove the property; files keep its values."""
    own_paths.unregister()
    del bpy.types.Object.sharpdepth
    bpy.utils.unregister_class(SHARPDEPTH_PG_result)
