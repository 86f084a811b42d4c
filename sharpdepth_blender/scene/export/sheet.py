"""Sheet: a result or a layer as a compositing program takes it: picture, mask, depth and shape."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import bpy
import numpy as np
from mathutils import Matrix

from ...geometry import Intrinsics
from ...geometry.decimation import Decimation
from ...geometry.uv_intrinsics import intrinsics_of_uvs
from ..errors import SceneError
from ..evaluation import depsgraph_of
from ..isolated_scene import isolated_scene
from ..layers import is_layers
from ..layers.layer_root import kept_images, kept_intrinsics, layer_objects
from ..perspective import check_perspective
from ..picture import image_size
from ..units import meters_per_unit
from .grid import EXACT, Grid, grid_of, stated_error
from .layer_picture import layer_light, shows_layer
from .pictures import linear_picture, picture_of

# Pixels of the plate that a layer's frame may lie beside whole ones.
_WHOLE = 1e-2


@dataclass(frozen=True)
class Sheet:
    """What a camera saw of one layer, or of a whole result.

    Attributes:
        obj: The object.
        stem: For names of files and nodes: letters, digits and underscores.
        light: (H, W, 4) float32, scene-linear, straight alpha, row 0 at the top.
        mask: (H, W) float32, the share of the plate's own pixels that this sheet shows, 0 beyond
            the plate; those of all sheets of a plate add up to 1 wherever they cover it.
        depth: (H, W) float32 meters, 0 where nothing is shown.
        intrinsics: Of that size.
        matrix: World matrix of the camera that sees it, without scale, in meters.
        frame: (left, top, width, height) of the plate within it, in pixels.
        distance: Meters to the card; of a relief, to its middle.
        world: The object's world matrix, in meters.
        grid: Its relief in the object's space; None of a card.
        faces: Triangles of the relief at most; None for as few as keep within a quarter of a pixel.
    """

    obj: bpy.types.Object
    stem: str
    light: np.ndarray
    mask: np.ndarray
    depth: np.ndarray
    intrinsics: Intrinsics
    matrix: Matrix
    frame: tuple[int, int, int, int]
    distance: float
    world: Matrix
    grid: Grid | None = None
    faces: int | None = None

    @cached_property
    def relief(self) -> Decimation | None:
        """Its triangles in the object's space; None of a card."""
        return None if self.grid is None else self.grid.decimated(self.faces)

    @property
    def lacks(self) -> str:
        """A phrase about what the relief lacks, or nothing."""
        if self.grid is None or self.relief is None:
            return ""
        return stated_error(self.obj.name, self.relief, self.grid.move * self.world.to_scale()[2])

    @property
    def plate(self) -> Intrinsics:
        """Intrinsics of the plate."""
        left, top, width, height = self.frame
        return self.intrinsics.cropped(left, top, width, height)

    def points(self) -> np.ndarray:
        """(N, 3) float64 vertices of the relief in the world, meters, Blender's axes."""
        assert self.relief is not None
        world = np.array(self.world)
        return self.relief.points @ world[:3, :3].T + world[:3, 3]

    def corners(self) -> np.ndarray:
        """(4, 3) of the card in the world, meters: at UV (0, 0), (1, 0), (1, 1) and (0, 1)."""
        k = self.intrinsics
        u = np.array([0, k.width, k.width, 0])
        v = np.array([k.height, k.height, 0, 0])
        x, y = (u - k.cx) / k.fx, (k.cy - v) / k.fy
        here = np.stack([x, y, -np.ones(4), np.ones(4) / self.distance], -1) * self.distance
        return (here @ np.array(self.matrix).T)[:, :3]


def sheets_of(
    scene: bpy.types.Scene, objects: Sequence[bpy.types.Object], faces: int | None = None
) -> list[Sheet]:
    """What of some objects compositing programs can take as pictures.

    Args:
        scene: Of the objects, at its current frame.
        objects: Results and layers; others are left out.
        faces: Triangles of a relief at most; None for as few as keep within a quarter of a pixel.

    Returns:
        One for each, in order; at least one.

    Raises:
        SceneError: There is no result or layer, or one is of a panorama.
        OSError, RuntimeError, LayoutError: There is no room for a temporary file.
    """
    unit = meters_per_unit(scene)
    stems = file_stems([obj.name for obj in objects])
    found = []
    with isolated_scene(scene, objects) as bare:
        bare.view_layers[0].update()
        depsgraph = depsgraph_of(bare)
        for obj, stem in zip(objects, stems, strict=True):
            check_perspective(obj)
            shown = obj.evaluated_get(depsgraph)
            if isinstance(shown.data, bpy.types.Mesh):
                sheet = _sheet(obj, stem, shown.data, shown.matrix_world, unit, faces)
                found += [sheet] if sheet else []
    if not found:
        raise SceneError("There is neither a depth result with faces nor a layer to export.")
    return [_masked(sheet, found) for sheet in found]


def file_stems(names: Iterable[str]) -> list[str]:
    """A name for files and nodes for each, of ASCII letters, digits and underscores, each once."""
    stems: list[str] = []
    for name in names:
        stem = bpy.path.clean_name(name).encode("ascii", "replace").decode().replace("?", "_")
        stem = stem.replace("-", "_").replace(".", "_")
        count = 1
        while (each := stem if count == 1 else f"{stem}_{count}") in stems:
            count += 1
        stems.append(each)
    return stems


def _sheet(
    obj: bpy.types.Object,
    stem: str,
    mesh: bpy.types.Mesh,
    world: Matrix,
    unit: float,
    faces: int | None,
) -> Sheet | None:
    grid = grid_of(obj, mesh)
    card = None if grid else _card(obj, mesh)
    if grid is None and card is None:
        return None
    scale = world.to_scale()[2] * unit  # of what lies along the camera's axis
    matrix = world.normalized()
    matrix.translation = matrix.translation * unit
    light = _light(obj)
    if light is None:
        return None
    height, width = light.shape[:2]
    meters = Matrix.Scale(unit, 4) @ world
    if card is not None:
        intrinsics, distance = card
        distance *= scale
        depth = np.where(light[..., 3] > 0, np.float32(distance), np.float32(0))
    else:
        assert grid is not None
        intrinsics = grid.sight.intrinsics
        depth = grid.depth(width, height) * np.float32(scale)
        if grid.has_alpha:
            depth[light[..., 3] <= 0] = 0
        else:
            light[..., 3] = depth > 0
        seen = depth[light[..., 3] > 0.5]
        distance = float(np.median(seen if seen.size else depth[depth > 0]))
    frame = _frame(obj, intrinsics)
    return Sheet(
        obj, stem, light, light[..., 3], depth, intrinsics, matrix, frame, distance, meters, grid,
        faces,
    )  # fmt: skip


def _light(obj: bpy.types.Object) -> np.ndarray | None:
    if shows_layer(obj):
        return layer_light(obj)
    picture = linear_picture(obj)
    if picture is None:
        return None
    return np.concatenate([picture, np.ones_like(picture[..., :1])], -1)


def _card(obj: bpy.types.Object, mesh: bpy.types.Mesh) -> tuple[Intrinsics, float] | None:
    """Camera and distance of an upright rectangle that shows its picture as a whole."""
    image, layer = picture_of(obj), mesh.uv_layers.active
    if image is None or layer is None or len(mesh.polygons) != 1 or len(mesh.loops) != 4:
        return None
    points = np.array([mesh.vertices[loop.vertex_index].co for loop in mesh.loops])
    uvs = np.array([each.vector for each in layer.uv])
    flat = np.ptp(points[:, 2]) <= 1e-5 * np.abs(points[:, 2]).max()
    whole = sorted(map(tuple, uvs.tolist())) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    if not flat or not whole or points[0, 2] >= 0:
        return None
    intrinsics = intrinsics_of_uvs(points, uvs, *image_size(image), EXACT)
    return None if intrinsics is None else (intrinsics, -float(points[0, 2]))


def _frame(obj: bpy.types.Object, intrinsics: Intrinsics) -> tuple[int, int, int, int]:
    """Where the plate is within the frame of a layer; the whole of it where it is elsewhere."""
    whole = 0, 0, intrinsics.width, intrinsics.height
    rig = obj.parent
    picture = kept_images(rig, gone=True)["Picture"] if is_layers(rig) else None
    if rig is None or picture is None or not shows_layer(obj):
        return whole
    plate = kept_intrinsics(rig, *image_size(picture))
    left, top = intrinsics.cx - plate.cx, intrinsics.cy - plate.cy
    apart = abs(left - round(left)), abs(top - round(top))
    same = abs(intrinsics.fx / plate.fx - 1) < 1e-4 and abs(intrinsics.fy / plate.fy - 1) < 1e-4
    if not same or max(apart) > _WHOLE:
        return whole
    return round(left), round(top), plate.width, plate.height


def _masked(sheet: Sheet, sheets: Sequence[Sheet]) -> Sheet:
    """The sheet with what is left of its alpha behind nearer sheets of its plate."""
    rig = sheet.obj.parent
    nearer = layer_objects(rig) if is_layers(rig) and shows_layer(sheet.obj) else [sheet.obj]
    nearer = nearer[: nearer.index(sheet.obj)]
    size = sheet.frame[:1:-1]
    clear = np.ones(size, np.float32)
    for other in sheets:
        if other.obj in nearer and other.frame[:1:-1] == size:
            here, there = _windows(other)
            clear[there] *= 1 - other.light[here][..., 3]
    mask = np.zeros(sheet.light.shape[:2], np.float32)
    here, there = _windows(sheet)
    mask[here] = sheet.light[here][..., 3] * clear[there]
    return replace(sheet, mask=mask)


def _windows(sheet: Sheet) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Rows and columns that a sheet and its plate share, in the sheet and in the plate."""
    left, top, width, height = sheet.frame
    here, there = [], []
    for start, size, whole in (
        (top, height, sheet.light.shape[0]),
        (left, width, sheet.light.shape[1]),
    ):
        first, last = max(0, start), min(whole, start + size)
        here.append(slice(first, last))
        there.append(slice(first - start, last - start))
    return (here[0], here[1]), (there[0], there[1])
