"""Results: properties of objects made from depth, as `Object.sharpdepth`."""

import bpy

from ..process.job import DepthResult
from ..scene.linked import check_own, is_foreign
from ..scene.material import (
    can_be_compensated,
    can_be_lit,
    compensation_in,
    is_lit,
    set_lit,
)
from ..scene.plate_colors import compensate, picture_materials
from ..scene.result_marks import DEPTH, METRIC_DEPTH
from ..scene.view_transform import is_plain


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

    compensate_view: bpy.props.BoolProperty(
        name="Compensate View Transform",
        description="Emit such colors that the scene's view transform, with its exposure and look, "
        "shows the picture as it is. AgX cannot show strongly saturated colors, which come out "
        "paler. This takes a second",
        get=lambda self: any(map(compensation_in, picture_materials(self.id_data))),
        set=lambda self, wanted: compensate(_scene_of(self.id_data), self.id_data, wanted),
    )

    @property
    def can_be_compensated(self) -> bool:
        """Whether the object emits a picture whose colors the current scene's view may change."""
        if is_plain(_scene_of(self.id_data)) and not self.compensate_view:
            return False
        materials = picture_materials(self.id_data)
        return any(can_be_compensated(each) and not _is_lit(each) for each in materials)

    @property
    def linked_material(self) -> bpy.types.Material | None:
        """The first of its materials that belongs to another file and so stays as it is."""
        return next(filter(is_foreign, picture_materials(self.id_data)), None)

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
    materials = _pictures_of(obj)
    for each in materials:
        check_own(each)
    for each in materials:
        set_lit(each, lit)


def _pictures_of(obj):
    """Materials of ours that an object or all layers of an empty show, each once."""
    return [each for each in picture_materials(obj) if can_be_lit(each)]


def _is_lit(material):
    return can_be_lit(material) and is_lit(material)


def _scene_of(obj):
    """The scene whose view an object is seen through: the current one, if the object is there."""
    scene = bpy.context.scene
    return scene if scene in obj.users_scene or not obj.users_scene else obj.users_scene[0]


def register() -> None:
    """Give objects the property `sharpdepth`."""
    bpy.utils.register_class(SHARPDEPTH_PG_result)
    bpy.types.Object.sharpdepth = bpy.props.PointerProperty(type=SHARPDEPTH_PG_result)


def unregister() -> None:
    """Remove the property; files keep its values."""
    del bpy.types.Object.sharpdepth
    bpy.utils.unregister_class(SHARPDEPTH_PG_result)
