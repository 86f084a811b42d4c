"""Rooms and streets whose planes and straight edges are known from their objects."""

import json
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.process import Engine
from training.scenes.frame import FAR
from training.scenes.render import render_frame
from training.scenes.scene import build_scene

# Of the test and validation splits, so that the bundled model has not seen them.
ROOMS = (2_000_023, 3_000_002, 3_000_008, 3_000_013, 3_000_014, 3_000_015)
STREETS = (3_000_006, 3_000_007, 3_000_010, 3_000_012)
# A face counts with this share of the picture's side, in pixels of its edges.
_SHORTEST = 0.12
# Depth of a face and of the picture at one pixel agree within this, relative.
_SEEN = 0.01
# Normals within this, and meters, are one plane.
_TURN, _OFFSET = 0.9995, 0.005
# Faces of so many square meters count.
_AREA = 0.01
# Pixels between edges that both count.
_APART = 6.0
# Difference of gray across an edge that can be seen, of 0..1.
_CONTRAST = 0.05


@dataclass(frozen=True)
class KnownView:
    """A rendered picture with what is known of its scene.

    Attributes:
        rgb: (H, W, 3) uint8.
        depth: (H, W) float32 z-depth in meters, exact; 0 in the sky.
        estimate: (H, W) float32, the bundled model's.
        intrinsics: Of that size.
        planes: (P, 3) planes m of the scene, 1/z = m . r, by how many pixels they have.
        plane_of: (H, W) int16, which of them each pixel shows; -1 for none.
        edges: One (N, 2) array of pixels for each straight edge, a pixel inside its own face.
    """

    rgb: np.ndarray
    depth: np.ndarray
    estimate: np.ndarray
    intrinsics: Intrinsics
    planes: np.ndarray
    plane_of: np.ndarray
    edges: list[np.ndarray]


def known_view(seed: int, size: tuple[int, int], folder: Path, engine: Engine) -> KnownView:
    """Render the scene of a seed, or load it from a folder."""
    path = folder / f"{seed} {size[0]}x{size[1]}.npz"
    if not path.exists():
        _render(seed, size, path, engine)
    with np.load(path) as data:
        given = {key: data[key] for key in data.files}
    ends = given.pop("ends")
    edges = np.split(given.pop("edge_pixels"), ends[:-1])
    edges = _distinct([edge for edge in edges if _is_seen(edge, given["rgb"])])
    numbers = json.loads(str(given.pop("intrinsics")))
    return KnownView(**given, intrinsics=Intrinsics(*numbers), edges=edges)


def _render(seed, size, path, engine):
    camera = build_scene(seed)
    frame = render_frame(camera, *size, 8, seed)
    k = Intrinsics(*frame.intrinsics, *size)
    depth = np.where(frame.depth < FAR, frame.depth, np.float32(0))
    estimate = engine.infer(frame.rgb, intrinsics=frame.intrinsics).wait().depth
    planes, plane_of, edges = _faces(camera, depth, k)
    np.savez_compressed(
        path,
        rgb=frame.rgb, depth=depth, estimate=estimate, planes=planes, plane_of=plane_of,
        intrinsics=json.dumps([*k, *size]),
        edge_pixels=np.concatenate(edges or [np.zeros((0, 2))]),
        ends=np.cumsum([len(each) for each in edges]),
    )  # fmt: skip


def _faces(camera, depth, k):
    """Planes of all faces of the scene, which of them each pixel shows, and edges of the faces."""
    view = np.diag([1, -1, -1, 1]) @ np.array(camera.matrix_world.inverted())
    normals, offsets, corners = [], [], []
    for obj in bpy.context.scene.objects:
        if obj.type == "MESH":
            quads = _quads(obj.data, view @ np.array(obj.matrix_world))
            cross = np.cross(quads[:, 1] - quads[:, 0], quads[:, 2] - quads[:, 1])
            area = np.linalg.norm(cross, axis=1)
            quads, cross = quads[area > _AREA], cross[area > _AREA]
            normal = cross / np.linalg.norm(cross, axis=1, keepdims=True)
            offset = (normal * quads[:, 0]).sum(1)
            before = (quads[..., 2].max(1) > 0.1) & (np.abs(offset) > 0.01)
            side = -np.sign(offset[before])
            normals.append(normal[before] * side[:, None])
            offsets.append(offset[before] * side)
            corners.append(quads[before])
    normals, offsets, corners = map(np.concatenate, (normals, offsets, corners))
    groups = _grouped(normals, offsets)
    planes = np.array([normals[g[0]] / offsets[g[0]] for g in groups])
    rays = _rays(k)
    plane_of = np.full(depth.shape, -1, np.int16)
    best = np.full(depth.shape, _SEEN)
    edges = []
    for number, group in enumerate(groups):
        disparity = rays @ planes[number]
        off = np.abs(disparity * depth - 1)
        for quad in corners[group]:
            pixels = _clipped(quad, k)
            if pixels is None:
                continue
            inside = _inside(pixels, k)
            if inside is None:
                continue
            window, within = inside
            here = within & (off[window] < best[window]) & (depth[window] > 0)
            plane_of[window][here] = number
            best[window][here] = off[window][here]
            edges += _edges(pixels, planes[number], depth, k)
    count = np.bincount(plane_of[plane_of >= 0], minlength=len(planes))
    order = np.argsort(-count, kind="stable")[: (count > 0).sum()]
    rank = np.full(len(planes) + 1, -1, np.int16)
    rank[order] = np.arange(len(order))
    return planes[order], rank[plane_of], edges


def _quads(mesh, place):
    """(N, 4, 3) corners of the faces of four corners, in the camera's space."""
    points = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", points)
    points = points.reshape(-1, 3) @ place[:3, :3].T + place[:3, 3]
    start, total = (np.empty(len(mesh.polygons), np.int32) for _ in range(2))
    mesh.polygons.foreach_get("loop_start", start)
    mesh.polygons.foreach_get("loop_total", total)
    index = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", index)
    return points[index[start[total == 4][:, None] + np.arange(4)]]


def _is_seen(edge, rgb):
    """Whether the picture shows a contrast along an edge, for the most part."""
    gray = rgb.mean(-1) / 255
    way = edge[-1] - edge[0]
    side = np.array([-way[1], way[0]]) / np.linalg.norm(way)
    across = np.arange(-4, 5)
    at = edge[:, None] + across[:, None] * side
    u, v = (np.clip(each, 0, n - 1).astype(int) for each, n in
            zip(np.moveaxis(at, -1, 0), rgb.shape[1::-1], strict=True))  # fmt: skip
    return float(np.mean(np.ptp(gray[v, u], axis=1) > _CONTRAST)) > 0.6


def _distinct(edges):
    """Edges that are apart: of those within a few pixels of each other, only the longest."""
    kept = []
    for edge in sorted(edges, key=len, reverse=True):
        way = edge[-1] - edge[0]
        way = way / np.linalg.norm(way)
        beside = False
        for other in kept:
            along = other[-1] - other[0]
            along = along / np.linalg.norm(along)
            if abs(along @ way) > 0.995:
                aside = np.abs((edge - other[0]) @ (-along[1], along[0]))
                place = (edge - other[0]) @ along
                reach = np.linalg.norm(other[-1] - other[0])
                if ((aside < _APART) & (place > 0) & (place < reach)).mean() > 0.3:
                    beside = True
                    break
        if not beside:
            kept.append(edge)
    return kept


def _grouped(normals, offsets):
    """Faces of one plane, by their indices."""
    left = np.arange(len(normals))
    groups = []
    while len(left):
        same = (normals[left] @ normals[left[0]] > _TURN) & (
            np.abs(offsets[left] - offsets[left[0]]) < _OFFSET
        )
        same[0] = True
        groups.append(left[same])
        left = left[~same]
    return groups


def _rays(k):
    u, v = np.arange(k.width) + 0.5, np.arange(k.height) + 0.5
    x, y = np.meshgrid((u - k.cx) / k.fx, (v - k.cy) / k.fy)
    return np.stack([x, y, np.ones_like(x)], -1)


def _clipped(quad, k, near=0.05):
    """Pixels of a polygon's corners, clipped before the camera; None if nothing is left."""
    out = []
    for a, b in zip(quad, np.roll(quad, -1, 0), strict=True):
        if a[2] > near:
            out.append(a)
        if (a[2] > near) != (b[2] > near):
            out.append(a + (near - a[2]) / (b[2] - a[2]) * (b - a))
    if len(out) < 3:
        return None
    p = np.array(out)
    return np.stack([k.fx * p[:, 0] / p[:, 2] + k.cx, k.fy * p[:, 1] / p[:, 2] + k.cy], 1)


def _inside(pixels, k):
    """The window of a convex polygon in the picture, and which of its pixels lie inside."""
    low = np.clip(np.floor(pixels.min(0)), 0, (k.width, k.height)).astype(int)
    high = np.clip(np.ceil(pixels.max(0)), 0, (k.width, k.height)).astype(int)
    if (high - low).min() < 1:
        return None
    u, v = np.meshgrid(np.arange(low[0], high[0]) + 0.5, np.arange(low[1], high[1]) + 0.5)
    sides = []
    for a, b in zip(pixels, np.roll(pixels, -1, 0), strict=True):
        sides.append((b[0] - a[0]) * (v - a[1]) - (b[1] - a[1]) * (u - a[0]))
    sides = np.array(sides)
    within = (sides >= 0).all(0) | (sides <= 0).all(0)
    return (slice(low[1], high[1]), slice(low[0], high[0])), within


def _edges(pixels, plane, depth, k):
    """The edges of a face that are seen for the most part, one pixel inside it."""
    found = []
    middle = pixels.mean(0)
    for a, b in zip(pixels, np.roll(pixels, -1, 0), strict=True):
        way = b - a
        length = np.linalg.norm(way)
        if length < _SHORTEST * max(k.width, k.height):
            continue
        inward = np.array([-way[1], way[0]]) / length
        inward *= np.sign(inward @ (middle - a)) * 1.5
        p = a + np.linspace(0, 1, int(min(length, 4000)))[:, None] * way + inward
        p = p[(p[:, 0] > 1) & (p[:, 0] < k.width - 1) & (p[:, 1] > 1) & (p[:, 1] < k.height - 1)]
        if len(p) < _SHORTEST * max(k.width, k.height):
            continue
        z = depth[p[:, 1].astype(int), p[:, 0].astype(int)]
        on = np.abs(((p - (k.cx, k.cy)) / (k.fx, k.fy) @ plane[:2] + plane[2]) * z - 1) < _SEEN
        if on.mean() > 0.5 and on.sum() > _SHORTEST * max(k.width, k.height):
            found.append(p[on])
    return found
