"""Layer box: what is painted over the active layer, and by which mask it is cut."""

import os

from bpy.app.translations import pgettext_iface

from ..scene.layers import NUMBER, clean_files, clean_plate, is_layer, mask_of
from .layer_settings import is_layer_of_set
from .wrapped_label import draw_wrapped


def draw_clean_plate(layout, context):
    """Draw the active layer's clean plate; nothing where no layer is active.

    Args:
        layout: Layout to draw in.
        context: Context with the active object.
    """
    obj = context.view_layer.objects.active
    if not is_layer(obj):
        return
    box = layout.box()
    plate = clean_plate(obj)
    if plate is None:
        box.operator("sharpdepth.new_clean_plate", icon="IMAGE_DATA")
        box.operator("sharpdepth.paint_layer", icon="BRUSH_DATA")
        return
    row = box.row(align=True)
    row.label(text=plate.name + (" *" if plate.is_dirty else ""), icon="IMAGE_DATA",
              translate=False)  # fmt: skip
    row.operator("sharpdepth.save_clean_plate", text="", icon="FILE_TICK")
    row.operator("sharpdepth.reload_clean_plate", text="", icon="FILE_REFRESH")
    row = box.row(align=True)
    row.operator("sharpdepth.paint_layer", icon="BRUSH_DATA")
    row.operator("sharpdepth.paint_layer", text="", icon="TPAINT_HLT").texture_paint = True
    box.operator("sharpdepth.edit_clean_plate", icon="GREASEPENCIL")
    if sentence := _fault(plate):
        draw_wrapped(box, context, pgettext_iface(sentence), "ERROR")


def draw_mask(layout, context):
    """Draw which pixels belong to the active layer by hand; nothing where none of a set is active.

    Args:
        layout: Layout to draw in.
        context: Context with the active object.
    """
    obj = context.view_layer.objects.active
    if not is_layer_of_set(obj):
        return
    box = layout.box()
    mask = mask_of(obj.parent, obj[NUMBER])
    row = box.row(align=True)
    if mask is None:
        row.label(text="Mask: By Depth", icon="MOD_MASK")
    else:
        name = mask.source.name if mask.source else os.path.basename(mask.path)
        what = ", ".join(mask.names) or name
        row.label(text=what, icon="MOD_MASK", translate=False)
        row.operator("sharpdepth.clear_mask", text="", icon="X")
    row = box.row(align=True)
    row.operator("sharpdepth.paint_mask", icon="BRUSH_DATA")
    row.operator("sharpdepth.paint_mask", text="", icon="TPAINT_HLT").texture_paint = True
    row = box.row(align=True)
    row.operator("sharpdepth.draw_mask", text="Drawn Mask", icon="CURVE_BEZCIRCLE")  # as fits
    row.operator("sharpdepth.open_mask", icon="FILE_FOLDER")


def _fault(plate):
    path = clean_files.plate_path(plate)
    if path and not os.path.isfile(path):
        return "The file of the clean plate is missing."
    if plate.is_dirty and clean_files.is_changed_outside(plate):
        return (
            "Its file was changed by another program, and there is unsaved paint here: save or "
            "reload it."
        )
    return ""
