"""Rendered scenes whose hidden side is known: each with and without the things in front.

The things in front are hidden from the camera alone, so that their shadows and reflections stay,
and both pictures agree wherever nothing stood in front.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.geometry.windows import near_to
from sharpdepth_blender.scene import camera_intrinsics
from training.scenes import passes
from training.scenes.render import develop, set_up
from training.scenes.scene import build_scene

FIRST_SEED = 500_000  # beyond those of training
# Share of the picture that the things in front take.
SHARES = (0.04, 0.4)
# A thing that may be taken away, not a wall or a rug: its largest and smallest sides in meters.
LARGEST, FLATTEST = 3.5, 0.12
# Where things touch a wall it is black behind them: the share of such pixels at most.
BLACK, MOST_BLACK = 0.02, 0.04
# Depth of what is in front: up to this share of the picture's pixels.
NEAREST = 0.4
# A pixel is behind something where its depth differs by this share, at least.
DIFFERS = 0.01
# The frame around the picture, in longer sides of the picture, of which the truth is known too.
BORDER = 1 / 8


@dataclass(frozen=True)
class HiddenScene:
    """A picture and what is behind its nearer things and beyond its borders.

    Attributes:
        seed: Of the scene.
        picture: (H, W, 3) float32 sRGB of the whole frame, with the things in front.
        behind: The same without them.
        depth: (H, W) float32 meters of `picture`.
        depth_behind: Of `behind`.
        intrinsics: Of the whole frame.
        border: Pixels of the frame around the picture, of which a plate would not know anything.
    """

    seed: int
    picture: np.ndarray
    behind: np.ndarray
    depth: np.ndarray
    depth_behind: np.ndarray
    intrinsics: Intrinsics
    border: int

    @property
    def inside(self) -> np.ndarray:
        """(H, W) bool, the picture's part of the frame."""
        mask = np.zeros(self.depth.shape, bool)
        mask[self.border : -self.border, self.border : -self.border] = True
        return mask

    @property
    def in_front(self) -> np.ndarray:
        """(H, W) bool, where a thing in front hides what is behind."""
        nearer = self.depth < self.depth_behind * (1 - DIFFERS)
        changed = np.abs(self.picture - self.behind).max(-1) > 4 / 255
        return nearer | (near_to(nearer, 1) & changed)


def hidden_scenes(
    count: int, size: int, samples: int, folder: Path | None = None
) -> Iterator[HiddenScene]:
    """Render scenes, or read those that were rendered before.

    Args:
        count: Scenes.
        size: Longer side of the picture in pixels; the frame around it adds to that.
        samples: Of a pixel.
        folder: Where scenes are kept between runs; None to keep none.
    """
    found, seed = 0, FIRST_SEED
    while found < count:
        scene = _kept(seed, size, samples, folder)
        if scene is not None:
            found += 1
            yield scene
        seed += 1


def _kept(seed: int, size: int, samples: int, folder: Path | None) -> HiddenScene | None:
    path = folder / f"{seed}_{size}_{samples}.npz" if folder else None
    if path and path.exists():
        with np.load(path) as data:
            if "picture" not in data:
                return None
            maps = (data[name] for name in ("picture", "behind", "depth", "depth_behind"))
            return HiddenScene(
                seed, *maps, Intrinsics(*data["lens"].tolist(), *_size(data["depth"])),
                int(data["border"]),
            )  # fmt: skip
    scene = _render(seed, size, samples)
    if path and scene is None:
        np.savez(path)
    elif path:
        k = scene.intrinsics
        np.savez_compressed(
            path, picture=scene.picture, behind=scene.behind, depth=scene.depth,
            depth_behind=scene.depth_behind, lens=(k.fx, k.fy, k.cx, k.cy), border=scene.border,
        )  # fmt: skip
    return scene


def _size(depth: np.ndarray) -> tuple[int, int]:
    return depth.shape[1], depth.shape[0]


def _render(seed: int, size: int, samples: int) -> HiddenScene | None:
    """None where nothing stands in front, or almost nothing else."""
    camera = build_scene(seed)
    scene = bpy.context.scene
    border = round(size * BORDER)
    set_up(camera, size + 2 * border, size * 3 // 4 + 2 * border, samples, seed)
    depth, _ = passes.z_depth(scene)
    nearest = np.quantile(depth[border:-border, border:-border], NEAREST)
    things = _things(scene, camera, float(nearest))
    for thing in things:
        thing.visible_camera = False
    depth_behind, _ = passes.z_depth(scene)
    hidden = depth < depth_behind * (1 - DIFFERS)
    if not SHARES[0] <= hidden[border:-border, border:-border].mean() <= SHARES[1]:
        return None
    light_behind = passes.linear_light(scene)
    dark = light_behind[hidden].max(-1) < BLACK * np.median(light_behind)
    if dark.mean() > MOST_BLACK:
        return None
    for thing in things:
        thing.visible_camera = True
    light = passes.linear_light(scene)
    picture, behind = (
        develop(each, np.random.default_rng([seed, 2]), light) / np.float32(255)
        for each in (light, light_behind)
    )
    k = camera_intrinsics(scene, camera)
    return HiddenScene(seed, picture, behind, depth, depth_behind, k, border)


def _things(scene, camera, farthest: float) -> list[bpy.types.Object]:
    bpy.context.view_layer.update()
    to_camera = camera.matrix_world.inverted()
    things = []
    for obj in scene.objects:
        if obj.type != "MESH" or max(obj.dimensions) > LARGEST:
            continue
        if min(obj.dimensions) < FLATTEST:
            continue
        corners = [obj.matrix_world @ Vector(corner) for corner in obj.bound_box]
        middle = to_camera @ (sum(corners, Vector()) / 8)
        if 0 < -middle.z < farthest:
            things.append(obj)
    return things
