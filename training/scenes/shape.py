"""Mesh construction from primitives."""

import bpy
import numpy as np
from mathutils import Matrix


def placed(x: float, y: float, z: float = 0.0, turn: float = 0.0) -> np.ndarray:
    """Return the 4x4 matrix that rotates about z by `turn` radians, then translates [m]."""
    return np.array(Matrix.Translation((x, y, z)) @ Matrix.Rotation(turn, 4, "Z"))


def tilted(angle: float, axis: str) -> np.ndarray:
    """Return the 4x4 rotation matrix for `angle` radians about the axis X, Y or Z."""
    return np.array(Matrix.Rotation(angle, 4, axis))


class Shape:
    """A mesh under construction, in meters, z up.

    Every primitive takes a material and an optional 4x4 `matrix`. UV coordinates are in meters
    along the primitive's local axes, so that textures keep their size.
    """

    def __init__(self):
        self._vertices: list[np.ndarray] = []
        self._corners: list[np.ndarray] = []
        self._sizes: list[np.ndarray] = []
        self._uvs: list[np.ndarray] = []
        self._slots: list[np.ndarray] = []
        self._smooth: list[np.ndarray] = []
        self._materials: list[bpy.types.Material] = []
        self._count = 0
        self._mesh: bpy.types.Mesh | None = None

    def box(self, size, center, material, bevel=0.0, matrix=None):
        """Add a box of `size` (x, y, z) around `center`, with edges chamfered by `bevel`."""
        half = np.asarray(size, float) / 2
        bevel = min(bevel, 0.45 * half.min())
        if bevel <= 0:
            vertices, faces = _BOX_SIGNS * half, [_BOX_QUADS]
        else:
            vertices = _CHAMFER_SIGNS * half - _CHAMFER_SIGNS * (1 - _CHAMFER_MAIN) * bevel
            faces = [_CHAMFER_QUADS, _CHAMFER_TRIANGLES]
        self.add(vertices + np.asarray(center, float), faces, material, matrix=matrix)

    def lathe(self, profile, material, segments=16, smooth=True, matrix=None, wobble=None):
        """Revolve a `profile` of (radius, height) points around the z axis.

        `wobble(points)` may return a scale factor per point, to turn balls into stones or bushes.
        """
        profile = np.asarray(profile, float)
        angle = np.linspace(0, 2 * np.pi, segments, endpoint=False)
        ring = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
        radius, height = profile[:, 0], profile[:, 1]
        points = np.concatenate(
            [
                radius[:, None, None] * ring,
                np.broadcast_to(height[:, None, None], (len(profile), segments, 1)),
            ],
            axis=-1,
        ).reshape(-1, 3)
        if wobble is not None:
            points = points * wobble(points)[:, None]
        row, column = np.mgrid[0 : len(profile) - 1, 0:segments]
        following = (column + 1) % segments
        quads = np.stack(
            [
                row * segments + column,
                row * segments + following,
                (row + 1) * segments + following,
                (row + 1) * segments + column,
            ],
            axis=-1,
        ).reshape(-1, 4)
        self.add(points, [quads], material, smooth=smooth, matrix=matrix)

    def cylinder(
        self, radius, height, material, base=(0, 0, 0), top=None, segments=12, matrix=None
    ):
        """Add a closed cylinder on `base`, or a frustum if the `top` radius differs."""
        top = radius if top is None else top
        place = np.eye(4)
        place[:3, 3] = base
        place = place if matrix is None else np.asarray(matrix) @ place
        self.lathe([(radius, 0), (top, height)], material, segments, True, place)
        self.lathe([(top, height), (0, height)], material, segments, False, place)
        self.lathe([(0, 0), (radius, 0)], material, segments, False, place)

    def rod(self, start, end, radius, material, segments=8, taper=1.0, matrix=None):
        """Add a straight rod from `start` to `end`, where it is `taper` times as thick."""
        start, end = np.asarray(start, float), np.asarray(end, float)
        axis = end - start
        length = np.linalg.norm(axis)
        z = axis / length
        x = np.cross(z, (0.0, 0.0, 1.0) if abs(z[2]) < 0.9 else (1.0, 0.0, 0.0))
        x /= np.linalg.norm(x)
        place = np.eye(4)
        place[:3, :3] = np.stack([x, np.cross(z, x), z], axis=1)
        place[:3, 3] = start
        place = place if matrix is None else np.asarray(matrix) @ place
        profile = [(0, 0), (radius, 0), (radius * taper, length), (0, length)]
        self.lathe(profile, material, segments, True, place)

    def ball(self, radius, center, material, segments=16, squash=1.0, wobble=None, matrix=None):
        """Add a ball of `radius` around `center`, `squash` times as high as wide."""
        angle = np.linspace(-np.pi / 2, np.pi / 2, segments // 2 + 1)
        profile = np.stack([radius * np.cos(angle), radius * squash * np.sin(angle)], axis=-1)
        place = np.eye(4)
        place[:3, 3] = center
        place = place if matrix is None else np.asarray(matrix) @ place
        self.lathe(profile, material, segments, True, place, wobble)

    def sheet(self, points, material, smooth=False, matrix=None):
        """Add a surface through a grid of `points` (rows, columns, 3)."""
        points = np.asarray(points, float)
        rows, columns = points.shape[:2]
        row, column = np.mgrid[0 : rows - 1, 0 : columns - 1]
        first = row * columns + column
        quads = np.stack([first, first + 1, first + columns + 1, first + columns], axis=-1)
        self.add(points.reshape(-1, 3), [quads.reshape(-1, 4)], material, smooth, matrix)

    def leaves(self, centers, size, material, rng, matrix=None):
        """Add a randomly oriented small quad per center, of `size` (a scalar or one per center)."""
        centers = np.asarray(centers, float)
        frame = np.linalg.qr(rng.normal(size=(len(centers), 3, 3)))[0]
        half = np.broadcast_to(np.asarray(size, float) / 2, len(centers))[:, None]
        long, wide = frame[:, 0] * half, frame[:, 1] * half * 0.55
        points = np.stack([centers - long, centers + wide, centers + long, centers - wide], axis=1)
        quads = np.arange(4 * len(centers)).reshape(-1, 4)
        self.add(points.reshape(-1, 3), [quads], material, matrix=matrix)

    def add(self, vertices, faces, material, smooth=False, matrix=None):
        """Add `vertices` (n, 3) with index arrays `faces`, each (m, 3) or (m, 4)."""
        vertices, self._mesh = np.asarray(vertices, float), None
        if material not in self._materials:
            self._materials.append(material)
        slot = self._materials.index(material)
        for corners in faces:
            self._uvs.append(_box_uvs(vertices, corners).reshape(-1, 2))
            self._corners.append((corners + self._count).ravel())
            self._sizes.append(np.full(len(corners), corners.shape[1]))
            self._slots.append(np.full(len(corners), slot))
            self._smooth.append(np.full(len(corners), smooth))
        if matrix is not None:
            matrix = np.asarray(matrix, float)
            vertices = vertices @ matrix[:3, :3].T + matrix[:3, 3]
        self._vertices.append(vertices)
        self._count += len(vertices)

    def filled(self) -> bool:
        """Whether anything has been added."""
        return self._count > 0

    def height(self) -> float:
        """Return the height of the highest vertex above z = 0, in meters."""
        return max(float(vertices[:, 2].max()) for vertices in self._vertices)

    def to_object(self, name: str, matrix=None) -> bpy.types.Object:
        """Link an object with this shape to the scene; objects of one shape share their mesh."""
        if self._mesh is None:
            self._mesh = self._to_mesh(name)
        result = bpy.data.objects.new(name, self._mesh)
        if matrix is not None:
            result.matrix_world = Matrix(np.asarray(matrix).tolist())
        bpy.context.scene.collection.objects.link(result)
        return result

    def _to_mesh(self, name):
        mesh = bpy.data.meshes.new(name)
        vertices = np.concatenate(self._vertices).astype(np.float32)
        corners = np.concatenate(self._corners).astype(np.int32)
        sizes = np.concatenate(self._sizes)
        starts = (np.cumsum(sizes) - sizes).astype(np.int32)
        mesh.vertices.add(len(vertices))
        mesh.vertices.foreach_set("co", vertices.ravel())
        mesh.loops.add(len(corners))
        mesh.loops.foreach_set("vertex_index", corners)
        mesh.polygons.add(len(sizes))
        mesh.polygons.foreach_set("loop_start", starts)
        mesh.polygons.foreach_set("material_index", np.concatenate(self._slots).astype(np.int32))
        mesh.polygons.foreach_set("use_smooth", np.concatenate(self._smooth))
        uvs = mesh.uv_layers.new(name="UVMap")
        uvs.data.foreach_set("uv", np.concatenate(self._uvs).astype(np.float32).ravel())
        for material in self._materials:
            mesh.materials.append(material)
        mesh.update(calc_edges=True)
        return mesh


def _box_uvs(vertices: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Project each face along its dominant normal axis: (m, k, 2), in meters."""
    points = vertices[corners]
    normal = np.abs(np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0]))
    axis = np.argmax(normal, axis=-1)
    kept = np.array([[1, 2], [0, 2], [0, 1]])[axis]
    return np.take_along_axis(points, kept[:, None, :].repeat(corners.shape[1], axis=1), axis=2)


_BOX_SIGNS = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
_BOX_QUADS = np.array(
    [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
)

# A chamfered box has three vertices per corner c; vertex 3 c + a is on the face of axis a.
_CHAMFER_SIGNS = np.repeat(_BOX_SIGNS, 3, axis=0)
_CHAMFER_MAIN = np.tile(np.eye(3), (8, 1))
_CHAMFER_TRIANGLES = np.arange(24).reshape(8, 3)


def _chamfer_quads() -> np.ndarray:
    faces = [3 * quad + axis for quad, axis in zip(_BOX_QUADS, (0, 0, 1, 1, 2, 2), strict=True)]
    edges = []
    for axis, step in enumerate((4, 2, 1)):
        first, second = (other for other in range(3) if other != axis)
        for corner in range(8):
            if not corner & step:
                far = corner + step
                edges.append(
                    [3 * corner + first, 3 * far + first, 3 * far + second, 3 * corner + second]
                )
    return np.array([*faces, *edges])


_CHAMFER_QUADS = _chamfer_quads()
