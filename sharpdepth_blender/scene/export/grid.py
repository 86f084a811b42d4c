"""Grid: the surface of a result or a layer as samples of its picture, and as few triangles."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import bpy
import numpy as np

from ...geometry.decimation import Decimation, decimate
from ...geometry.inpaint import continue_values
from ...geometry.panorama import panorama_lens
from ...geometry.sight import LensSight, PanoramaSight, Sight
from ...geometry.uv_intrinsics import intrinsics_of_uvs
from ..evaluation import depsgraph_of
from ..isolated_scene import isolated_scene
from ..layers import is_layers, layers_cut, units_of
from ..picture import image_size
from ..result_marks import is_panoramic
from ..units import meters_per_unit
from .layer_picture import layer_values, shows_layer
from .pictures import picture_of

# Pixels by which a place in the picture may be elsewhere than where the surface is seen.
EXACT = 0.05
# Pixels that nobody sees, and no phrase tells of.
_NOTHING = 0.005
# A camera moves by this share of the middle depth where nobody has said how far.
_MOVE = 0.1


@dataclass(frozen=True)
class Grid:
    """A surface with a sample at evenly spread pixels of a picture.

    Attributes:
        points: (h, w, 3) float32 in the object's space, which is that of the picture's camera;
            all finite, but where nothing is shown without meaning.
        uvs: (h, w, 2) float32, u to the right and v upwards.
        shown: (h - 1, w - 1) bool, squares between samples that show anything.
        sight: Of the picture.
        has_alpha: Whether the picture's alpha hides what is not shown.
        material: What it shows.
        move: As far as a camera is meant to go, in the object's units.
    """

    points: np.ndarray
    uvs: np.ndarray
    shown: np.ndarray
    sight: Sight
    has_alpha: bool
    material: bpy.types.Material | None
    move: float

    def decimated(self, faces: int | None) -> Decimation:
        """As few triangles as keep all within a quarter of a pixel, or so many at most."""
        return decimate(
            self.points, self.uvs, self.shown, self.sight, self.move,
            faces=faces, has_alpha=self.has_alpha,
        )  # fmt: skip

    def depth(self, width: int, height: int) -> np.ndarray:
        """Z-depth at the middles of a picture's pixels, as the surface has it between samples.

        Returns:
            (height, width) float32 in the object's units, 0 where nothing is shown.
        """
        columns = self.uvs[0, :, 0] * width - 0.5
        rows = (1 - self.uvs[:, 0, 1]) * height - 0.5
        x = np.interp(np.arange(width), columns, np.arange(len(columns)))
        y = np.interp(np.arange(height), rows, np.arange(len(rows)))
        column = np.minimum(x.astype(np.intp), len(columns) - 2)
        row = np.minimum(y.astype(np.intp), len(rows) - 2)
        disparity = -1 / self.points[..., 2]
        right = (x - column).astype(np.float32)
        across = disparity[:, column] * (1 - right) + disparity[:, column + 1] * right
        down = (y - row).astype(np.float32)[:, None]
        depth = 1 / (across[row] * (1 - down) + across[row + 1] * down)
        there = np.zeros(self.points.shape[:2], bool)  # samples of anything shown
        height, width = self.shown.shape
        for top, left in ((0, 0), (0, 1), (1, 0), (1, 1)):
            there[top : top + height, left : left + width] |= self.shown
        nearest = np.ix_(np.rint(y).astype(np.intp), np.rint(x).astype(np.intp))
        return np.where(there[nearest], depth, np.float32(0))


def grid_of(obj: bpy.types.Object, mesh: bpy.types.Mesh) -> Grid | None:
    """The grid that an object's evaluated mesh is.

    Args:
        obj: Result, live or baked, or layer.
        mesh: What its modifiers make.

    Returns:
        The grid; None where the mesh is none of quads that are seen at their UVs in the picture.
    """
    image, layer = picture_of(obj), mesh.uv_layers.active
    count, loops = len(mesh.vertices), len(mesh.loops)
    if image is None or layer is None or loops != 4 * len(mesh.polygons) or len(mesh.polygons) < 2:
        return None
    points, uvs = np.empty((count, 3), np.float32), np.empty((loops, 2), np.float32)
    vertices = np.empty(loops, np.int32)
    mesh.vertices.foreach_get("co", points.ravel())
    layer.uv.foreach_get("vector", uvs.ravel())
    mesh.loops.foreach_get("vertex_index", vertices)
    slots = np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("material_index", slots)
    material = mesh.materials[slots[0]] if len(mesh.materials) else None
    width, height = image_size(image)
    lines = [_lines(uvs[:, axis], side) for axis, side in ((0, width), (1, height))]
    if None in lines or (slots != slots[0]).any():
        return None
    (u, column), (v, row) = (each for each in lines if each is not None)
    corners = vertices.reshape(-1, 4)
    row, column = len(v) - 1 - row.reshape(-1, 4), column.reshape(-1, 4)
    top, left = row.min(1), column.min(1)
    if (row.max(1) - top != 1).any() or (column.max(1) - left != 1).any():
        return None
    index = np.full((len(v), len(u)), -1, np.int32)
    index[row, column] = corners
    sight = _sight(points[vertices], uvs, width, height, is_panoramic(obj))
    if sight is None or (index[row, column] != corners).any():
        return None
    shown = np.zeros((len(v) - 1, len(u) - 1), bool)
    shown[top, left] = True
    there = index >= 0
    places = np.stack(np.broadcast_arrays(u, v[::-1, None]), -1).astype(np.float32)
    has_alpha = shows_layer(obj)
    if has_alpha:
        shown &= _seen(layer_values(obj)[..., 3] > 0, places)
    if not shown.any():
        return None
    grid = points[index]
    if not there.all():
        grid[~there] = _carried_on(grid, there, places, sight)[~there]
    move = _move(obj, sight.depth(points))
    material = material and material.original
    return Grid(grid, places, shown, sight, has_alpha, material, move)


@contextmanager
def reduced_meshes(
    scene: bpy.types.Scene, objects: Iterable[bpy.types.Object], faces: int | None
) -> Iterator[tuple[dict[bpy.types.Object, bpy.types.Mesh], list[str]]]:
    """Make a mesh of few triangles in the place of each surface that is a grid.

    Args:
        scene: Of the objects, at its current frame.
        objects: Meshes of any kind; those that are no grid are left out.
        faces: So many triangles for each at most; None for as few as keep every pixel within a
            quarter of a pixel of where it is seen.

    Yields:
        The meshes by object, which are removed in the end, and a phrase for each about what it
        lacks.
    """
    meshes: dict[bpy.types.Object, bpy.types.Mesh] = {}
    phrases = []
    try:
        with isolated_scene(scene, objects) as bare:
            bare.view_layers[0].update()
            depsgraph = depsgraph_of(bare)
            for obj in objects:
                shown = obj.evaluated_get(depsgraph)
                mesh = shown.data
                grid = grid_of(obj, mesh) if isinstance(mesh, bpy.types.Mesh) else None
                if grid is not None:
                    found = grid.decimated(faces)
                    meshes[obj] = decimated_mesh(obj.name, found, grid.material)
                    unit = meters_per_unit(scene) * shown.matrix_world.to_scale()[2]
                    phrases.append(stated_error(obj.name, found, grid.move * unit))
        yield meshes, [phrase for phrase in phrases if phrase]
    finally:
        bpy.data.batch_remove(meshes.values())


def stated_error(name: str, found: Decimation, move: float) -> str:
    """What a decimated surface lacks, as a phrase, or nothing; the move in meters."""
    if found.worst < _NOTHING:
        return ""
    return (
        f"relief of {name} finer than {found.worst:.2f} pixels ({found.mean:.2f} on average), as "
        f"a camera sees it that goes up to {move:.2g} m: it has {len(found.triangles)} faces"
    )


def decimated_mesh(
    name: str, found: Decimation, material: bpy.types.Material | None
) -> bpy.types.Mesh:
    """Make a mesh of triangles with the UV map *UVMap*."""
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(found.points))
    mesh.vertices.foreach_set("co", found.points.ravel())
    mesh.loops.add(found.triangles.size)
    mesh.loops.foreach_set("vertex_index", found.triangles.ravel())
    mesh.polygons.add(len(found.triangles))
    mesh.polygons.foreach_set("loop_start", np.arange(0, found.triangles.size, 3, dtype=np.int32))
    uvs = mesh.uv_layers.new(name="UVMap")
    uvs.uv.foreach_set("vector", found.uvs[found.triangles.ravel()].ravel())
    mesh.materials.append(material)
    mesh.shade_smooth()
    mesh.update()
    return mesh


def _lines(values: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray] | None:
    """The few different values that there are, ascending, and which one each is."""
    keys = np.round(values * np.float32(4 * side)).astype(np.int64)  # a quarter of a pixel
    found, first, index = np.unique(keys, return_index=True, return_inverse=True)
    if len(found) < 2 or len(found) > side + 2:  # pixels, and both edges of a panorama
        return None
    return values[first], index


def _sight(
    points: np.ndarray, uvs: np.ndarray, width: int, height: int, is_around: bool
) -> Sight | None:
    """How points are seen at their UVs in a picture; None where they are not."""
    if is_around:
        sight = PanoramaSight(panorama_lens(width, height))
        off = np.linalg.norm(sight.off(points, uvs), axis=-1)
        return sight if (off <= EXACT).all() else None
    if (points[:, 2] >= 0).any():
        return None
    intrinsics = intrinsics_of_uvs(points, uvs, width, height, EXACT)
    return None if intrinsics is None else LensSight(intrinsics)


def _seen(alpha: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Squares of a grid that show a pixel of a (H, W) mask, or a neighbor of one."""
    height, width = alpha.shape
    total = np.pad(alpha.astype(np.int32).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    x, y = places[0, :, 0] * width, (1 - places[:, 0, 1]) * height
    left, right = _bounds(x, width)
    top, bottom = _bounds(y, height)
    return (
        total[np.ix_(bottom, right)]
        - total[np.ix_(top, right)]
        - total[np.ix_(bottom, left)]
        + total[np.ix_(top, left)]
    ) > 0


def _bounds(edges: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """First pixel, and the one after the last, that are blended between edges."""
    first = np.clip(np.floor(edges[:-1] - 1), 0, side).astype(np.intp)
    return first, np.clip(np.ceil(edges[1:] + 1), 0, side).astype(np.intp)


def _carried_on(
    points: np.ndarray, there: np.ndarray, places: np.ndarray, sight: Sight
) -> np.ndarray:
    """Points where there are none, on the rays of their places, as deep as those about them."""
    depth = sight.depth(points)
    disparity = np.where(there, 1 / np.where(there, depth, 1), 0).astype(np.float32)
    depth = 1 / continue_values(disparity[None], there)[0]
    return sight.rays(places) * depth[..., None]


def _move(obj: bpy.types.Object, depth: np.ndarray) -> float:
    rig = obj.parent
    if rig is not None and is_layers(rig) and (move := layers_cut(rig).move) > 0:
        return move * units_of(rig)
    move = _MOVE * float(np.median(depth))
    # Around a camera there is something on every side.
    return min(move, float(depth.min()) / 2) if is_panoramic(obj) else move
