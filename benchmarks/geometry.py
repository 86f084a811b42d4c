"""Time geometry against plain baselines, on one depth map, in one run.

    python benchmarks/geometry.py [--width 1920 --height 1080] [--repeat 5]

Baselines: a loop over samples and quads with the same tear test on depth ratio alone and `struct`
for the file (as small tools do it), on a picture small enough to wait for; and, at full size, a
vectorised grid that tears by depth ratio alone, which is what the plane test costs extra.
"""

import argparse
import json
import platform
import struct
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sharpdepth_blender.geometry import (  # noqa: E402
    Intrinsics,
    build_surface,
    unproject,
    write_ply,
)

RESULT = Path(__file__).with_name("results") / "geometry.json"
SMALL = (240, 135)


def street(width, height):
    """A ground to the horizon, a sky of holes, posts and a noisy hedge: slopes, steps and noise."""
    rng = np.random.default_rng(0)
    v, u = np.mgrid[:height, :width].astype(np.float32)
    below = v - 0.45 * height + 0.5
    depth = np.where(below > 0, 1.6 * width / np.maximum(below, 0.5), 0)
    for x in np.linspace(0.1, 0.9, 9):
        post = (np.abs(u - x * width) < 0.01 * width) & (v > 0.2 * height) & (v < 0.8 * height)
        depth[post] = 4 + 8 * x
    hedge = (v > 0.5 * height) & (v < 0.6 * height) & (u > 0.4 * width)
    depth[hedge] = 8 * rng.uniform(0.9, 1.1, hedge.sum())
    depth[rng.random(depth.shape) < 0.005] = 0
    return depth.astype(np.float32)


def loop_surface(depth, camera, ratio=1.1):
    """Points, quads and UVs by a loop over samples."""
    points, quads, uvs, index = [], [], [], {}
    height, width = depth.shape
    for v in range(height):
        for u in range(width):
            z = float(depth[v, u])
            if z > 0:
                index[v, u] = len(points)
                points.append(
                    (
                        (u + 0.5 - camera.cx) * z / camera.fx,
                        -(v + 0.5 - camera.cy) * z / camera.fy,
                        -z,
                    )
                )
                uvs.append(((u + 0.5) / width, 1 - (v + 0.5) / height))
    for v in range(height - 1):
        for u in range(width - 1):
            corners = [(v, u), (v + 1, u), (v + 1, u + 1), (v, u + 1)]
            if all(c in index for c in corners):
                z = [float(depth[c]) for c in corners]
                if max(z) <= ratio * min(z):
                    quads.append(tuple(index[c] for c in corners))
    return points, quads, uvs


def ratio_surface(depth, camera, ratio=1.1):
    """Vectorised, with tears by depth ratio alone."""
    valid = depth > 0
    index = (np.cumsum(valid) - 1).reshape(valid.shape).astype(np.int32)
    corners = np.stack([depth[:-1, :-1], depth[1:, :-1], depth[1:, 1:], depth[:-1, 1:]])
    whole = (corners.min(0) > 0) & (corners.max(0) <= ratio * corners.min(0))
    quads = np.stack(
        [i[whole] for i in (index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:])], -1
    )
    v, u = np.nonzero(valid)
    height, width = depth.shape
    uvs = np.stack([(u + 0.5) / width, 1 - (v + 0.5) / height], -1).astype(np.float32)
    return unproject(depth, camera)[valid], quads, uvs


def loop_ply(path, points, colors):
    """One `struct.pack` for each point."""
    with open(path, "wb") as file:
        file.write(b"ply\nformat binary_little_endian 1.0\nelement vertex %d\n" % len(points))
        for name in (
            b"float x",
            b"float y",
            b"float z",
            b"uchar red",
            b"uchar green",
            b"uchar blue",
        ):
            file.write(b"property " + name + b"\n")
        file.write(b"end_header\n")
        for point, color in zip(points.tolist(), colors.tolist(), strict=True):
            file.write(struct.pack("<3f3B", *point, *color))


def arrays(depth, camera, resolution=None):
    """What a mesh is made of, as the baselines give it."""
    surface = build_surface(depth, camera, resolution=resolution)
    return surface.vertices, surface.quads, surface.uvs


def best(function, repeat):
    """Least wall time of `repeat` calls, in seconds."""
    seconds = []
    for _ in range(repeat):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--width", type=int, default=1920)
    parser.add_argument("--height", type=int, default=1080)
    parser.add_argument("--repeat", type=int, default=5)
    arguments = parser.parse_args()
    size = arguments.width, arguments.height
    rows = []

    def compare(task, at, ours, baseline, other, repeat_other=None):
        one = best(ours, arguments.repeat)
        two = best(other, repeat_other or arguments.repeat)
        rows.append(
            {
                "task": task,
                "width": at[0],
                "height": at[1],
                "seconds": one,
                "baseline": baseline,
                "baseline_seconds": two,
                "baseline_over_ours": two / one,
            }
        )

    depth, camera = street(*size), Intrinsics.from_fov(60, *size)
    small, small_camera = street(*SMALL), Intrinsics.from_fov(60, *SMALL)
    points = unproject(depth, camera)[depth > 0]
    rng = np.random.default_rng(0)
    colors = rng.integers(0, 256, points.shape, dtype=np.uint8)
    few = unproject(small, small_camera)[small > 0]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "points.ply"
        compare(
            "surface",
            SMALL,
            lambda: arrays(small, small_camera),
            "loop",
            lambda: loop_surface(small, small_camera),
            2,
        )
        compare(
            "surface",
            size,
            lambda: arrays(depth, camera),
            "ratio alone, vectorised",
            lambda: ratio_surface(depth, camera),
        )
        compare(
            "surface, a quarter",
            size,
            lambda: arrays(depth, camera, resolution=480),
            "every pixel",
            lambda: arrays(depth, camera),
        )
        compare(
            "PLY, colored points",
            SMALL,
            lambda: write_ply(path, few, colors=colors[: len(few)]),
            "loop",
            lambda: loop_ply(path, few, colors[: len(few)]),
            2,
        )
        compare(
            "PLY, colored points",
            size,
            lambda: write_ply(path, points, colors=colors),
            "loop",
            lambda: loop_ply(path, points, colors),
            1,
        )
        quads = arrays(depth, camera)[1]
        flat = ratio_surface(depth, camera)[1]

    line = "{:22} {:>11} {:>10}   {:24} {:>10} {:>8}"
    print(line.format("task", "size", "ours", "baseline", "baseline", "ratio"))
    for row in rows:
        print(
            line.format(
                row["task"],
                f"{row['width']}x{row['height']}",
                f"{row['seconds'] * 1e3:.1f} ms",
                row["baseline"],
                f"{row['baseline_seconds'] * 1e3:.1f} ms",
                f"{row['baseline_over_ours']:.1f}x",
            )
        )
    print(f"quads kept: {len(quads)} with the plane test, {len(flat)} by ratio alone")
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(
        json.dumps(
            {
                "python": platform.python_version(),
                "numpy": np.__version__,
                "repeat": arguments.repeat,
                "rows": rows,
                "quads": len(quads),
                "quads_by_ratio_alone": len(flat),
            },
            indent=2,
        )
        + "\n"
    )


if __name__ == "__main__":
    main()
