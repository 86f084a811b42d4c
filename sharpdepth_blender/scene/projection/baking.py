"""Baking: turning the projections on an object into a texture on its UV map, for export."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

import bpy
import numpy as np

from ...geometry.inpaint import continue_values
from ..cycles import use_cycles
from ..evaluation import evaluated
from ..interrupts import held_interrupts
from ..material import baked_material
from ..mesh import mesh_of
from ..picture import image_size, image_values, replace_rgba
from ..transaction import transaction
from .errors import ProjectionError
from .material_nodes import bare, is_painted
from .slots import check_objects, painted_materials, slots_of
from .unwrapping import add_uv_map

_MARGIN = 1 / 128  # of the texture's side, by which islands are extended to hide seams from afar
_SAMPLES = 16


def bake_projection(
    scene: bpy.types.Scene, obj: bpy.types.Object, size: int = 2048, *, assign: bool = True
) -> bpy.types.Material:
    """Bake the projections on an object into a packed texture, with a material that shows it.

    The texture holds the color and alpha of the paint; what shows where nothing is painted is not
    baked. It uses the UV map that the object renders with, and an object without one gets one. The
    object is baked as it renders, with modifiers, at the scene's current frame.

    Args:
        scene: Scene of the object.
        obj: Mesh object with a projection, in Object Mode.
        size: Side of the texture in pixels.
        assign: Whether to replace the projections by the new material; their materials stay in the
            file.

    Returns:
        The new material: an Image Texture on the UV map, lit if the projections are.

    Raises:
        ProjectionError: The object has no projection, or cannot be baked.
    """
    check_objects([obj])
    materials = painted_materials(obj)
    if not materials:
        raise ProjectionError("Nothing is projected onto {obj}.", obj=obj.name)
    mesh = mesh_of(obj)
    there = set(mesh.uv_layers.keys())
    with ExitStack() as failure, transaction() as track:
        failure.callback(_remove_uv_maps, mesh, there)
        uv_map = _uv_map(scene, obj)
        image = track(_new_image(f"{obj.name} Baked", size, _any_float(materials)))
        alpha = bpy.data.images.new("alpha", size, size, alpha=False, float_buffer=True)
        try:
            alpha.colorspace_settings.is_data = True
            _bake(scene, obj, uv_map, image, "Color")
            _bake(scene, obj, uv_map, alpha, "Alpha")
            _put_alpha(image, image_values(alpha)[..., 0])
        finally:
            bpy.data.images.remove(alpha)
        image.pack()
        made = track(baked_material(f"{obj.name} Baked", image, uv_map, like=materials[0]))
        if assign:
            for number, slot in enumerate(slots_of(obj)):
                if is_painted(slot.material):
                    made[f"sharpdepth_before_{number}"] = slot.material
                    slot.material = made
        failure.pop_all()
    return made


def _uv_map(scene: bpy.types.Scene, obj: bpy.types.Object) -> str:
    """Name of the UV map that an object renders with; one is made if it has none."""
    shown = mesh_of(evaluated(scene, obj)).uv_layers
    mesh = mesh_of(obj)
    if len(shown):
        return next((each.name for each in shown if each.active_render), shown[0].name)
    if not len(mesh.polygons):
        raise ProjectionError(
            "{obj} has no faces of its own to unwrap: apply its modifiers first.", obj=obj.name
        )
    if mesh.library is not None:
        raise ProjectionError(
            "The mesh of {obj} is linked from another file and has no UV map: make it local first.",
            obj=obj.name,
        )
    return add_uv_map(mesh, 2 * _MARGIN)


def _remove_uv_maps(mesh: bpy.types.Mesh, there: set[str]) -> None:
    """Remove the UV maps that were not there before."""
    for name in set(mesh.uv_layers.keys()) - there:
        mesh.uv_layers.remove(mesh.uv_layers[name])


def _any_float(materials: Iterable[bpy.types.Material]) -> bool:
    """Whether a picture in the materials may be brighter than white."""
    trees = [each.node_tree for each in materials]
    trees += [node.node_tree for tree in trees for node in tree.nodes if node.type == "GROUP"]
    images = [node.image for tree in trees for node in tree.nodes if node.type == "TEX_IMAGE"]
    return any(i and i.is_float and not i.colorspace_settings.is_data for i in images)


def _new_image(name: str, size: int, is_float: bool) -> bpy.types.Image:
    return bpy.data.images.new(name, size, size, alpha=True, float_buffer=is_float)


def _bake(
    scene: bpy.types.Scene, obj: bpy.types.Object, uv_map: str, image: bpy.types.Image, output: str
) -> None:
    """Bake one output of the projections, `Color` or `Alpha`, into an image."""
    with _staged(scene, obj, uv_map) as (stage, copy, made):
        materials = {}
        for slot in slots_of(copy):
            if slot.material not in materials:
                materials[slot.material] = bare(slot.material, output, image)
                made.append(materials[slot.material])
            slot.material = materials[slot.material]
        margin = max(2, round(_MARGIN * image_size(image)[0]))
        with held_interrupts(), bpy.context.temp_override(
            scene=stage, view_layer=stage.view_layers[0], active_object=copy, object=copy,
            selected_objects=[copy], selected_editable_objects=[copy],
        ):  # fmt: skip
            try:
                bpy.ops.object.bake(
                    type="EMIT", target="IMAGE_TEXTURES", save_mode="INTERNAL", use_clear=True,
                    use_selected_to_active=False, uv_layer=uv_map,
                    margin=margin, margin_type="ADJACENT_FACES",
                )  # fmt: skip
            except RuntimeError as error:
                raise ProjectionError(
                    "{obj} cannot be baked: {why}", obj=obj.name, why=str(error).strip()
                ) from error


@contextmanager
def _staged(
    scene: bpy.types.Scene, obj: bpy.types.Object, uv_map: str
) -> Iterator[tuple[bpy.types.Scene, bpy.types.Object, list[bpy.types.ID]]]:
    """Yield a new scene, a copy of an object in it, and a list for datablocks to remove."""
    stage: bpy.types.Scene = bpy.data.scenes.new("baking")
    copy: bpy.types.Object = obj.copy()  # type: ignore[assignment]  # never None
    made: list[bpy.types.ID] = []
    try:
        if not len(mesh_of(obj).polygons):  # the baker needs faces, not modifiers that make them
            depsgraph = scene.view_layers[0].depsgraph
            mesh = bpy.data.meshes.new_from_object(
                evaluated(scene, obj), preserve_all_data_layers=True, depsgraph=depsgraph
            )
            copy.data = mesh
            made.append(mesh)
            made_map = mesh.uv_layers[uv_map]  # no map is active on what modifiers make
            made_map.active = made_map.active_render = True
            copy.modifiers.clear()
        stage.frame_set(scene.frame_current)
        use_cycles(stage, _SAMPLES).use_adaptive_sampling = False
        stage.collection.objects.link(copy)
        copy.hide_render = copy.hide_viewport = False
        layer = stage.view_layers[0]
        layer.objects.active = copy
        copy.select_set(True, view_layer=layer)
        yield stage, copy, made
    finally:
        bpy.data.scenes.remove(stage)
        bpy.data.batch_remove([copy, *made])


def _put_alpha(image: bpy.types.Image, alpha: np.ndarray) -> None:
    """Set an image's alpha, and extend colors into unpainted texels, where filters reach."""
    colors = continue_values(np.moveaxis(image_values(image)[..., :3], -1, 0), alpha > 0)
    values = np.dstack([*colors, np.clip(alpha, 0, 1)])
    replace_rgba(image, values)
