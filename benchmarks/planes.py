"""Measure planes: their angles and distances, and how straight lines stay in a camera move.

    python benchmarks/planes.py [--frames FOLDER] [--size 640x480]

Rooms and streets are rendered, of which the planes and straight edges are known from their objects.
Planes are found in their exact depth, in it with the smooth errors of a good estimate (3 %), and in
the bundled model's. For each known plane with at least two per cent of the picture, the found plane
that has most of its pixels is compared with it. Straight edges that the picture shows are projected
from the surfaces that relief and planes make of them to a camera 0.7 m to the right and 1.5 m
ahead; what counts is how far they then are off a straight line, as root mean square in pixels.
FOLDER keeps the pictures for the next time.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.plane_scenes import ROOMS, STREETS, known_view  # noqa: E402
from sharpdepth_blender.geometry import nearest  # noqa: E402
from sharpdepth_blender.geometry.planes import FlatDepth, find_planes, flatten  # noqa: E402
from sharpdepth_blender.process import Engine  # noqa: E402

RESULT = Path(__file__).with_name("results") / "planes.json"
MOVE = (0.7, 0.0, 1.5)
_LARGE = 0.02  # share of the picture
# Root mean square of the relative error of depth in waves, and their number.
_ERROR, _WAVES = 0.03, 8
_NEAREST = 0.4  # meters before the moved camera


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--frames", type=Path)
    parser.add_argument("--size", default="640x480")
    given = parser.parse_args()
    size = tuple(int(side) for side in given.size.split("x"))
    rows = []
    with tempfile.TemporaryDirectory() as folder, Engine() as engine:
        folder = given.frames or Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for seed in (*ROOMS, *STREETS):
            view = known_view(seed, size, folder, engine)
            depths = {
                "exact": view.depth,
                "waves": in_waves(view.depth, seed),
                "estimate": view.estimate,
            }
            for what, depth in depths.items():
                row = {"seed": seed, "scene": "room" if seed in ROOMS else "street", "of": what}
                rows.append(row | measure(view, depth))
                tell(rows[-1])
    found = {
        "machine": os.uname().machine,
        "size": size,
        "move": MOVE,
        "summary": {
            f"{scene}, {what}": summary([r for r in rows if (r["scene"], r["of"]) == (scene, what)])
            for scene in ("room", "street")
            for what in depths
        },
        "seconds": times(view),
        "rows": rows,
    }
    print(json.dumps(found["summary"], indent=1))
    print(json.dumps(found["seconds"]))
    RESULT.write_text(json.dumps(found, indent=1) + "\n")
    return 0


def in_waves(depth, seed):
    """Depth with the smooth errors of a good estimate: 3 % in waves an eighth of the width long."""
    random = np.random.default_rng(seed)
    v, u = np.mgrid[: depth.shape[0], : depth.shape[1]]
    error = np.zeros(depth.shape)
    for _ in range(_WAVES):
        turn, phase = random.uniform(0, 2 * np.pi, 2)
        length = depth.shape[1] / 8 * random.uniform(0.7, 1.4)
        way = np.cos(turn) * u + np.sin(turn) * v
        error += np.sin(2 * np.pi * way / length + phase)
    return (depth * (1 + _ERROR * error / np.sqrt(_WAVES / 2))).astype(np.float32)


def measure(view, depth):
    """What is found in one depth map of a view."""
    picture = view.rgb / np.float32(255)
    flat = FlatDepth.of(depth, view.intrinsics, picture)
    found = flat.found
    planes = []
    for number, truth in enumerate(view.planes):
        own = view.plane_of == number
        if own.mean() < _LARGE:
            continue
        votes = np.bincount(found.labels[own & (found.labels >= 0)], minlength=1)
        if votes.sum() < 0.2 * own.sum():
            planes.append({"share": float(own.mean()), "found": False})
            continue
        plane = found.planes[int(votes.argmax())]
        length = np.linalg.norm(truth)
        cosine = abs(float(plane.normal @ truth)) / length
        planes.append(
            {
                "share": float(own.mean()),
                "found": True,
                "degrees": float(np.degrees(np.arccos(min(cosine, 1)))),
                "distance": plane.distance * length - 1,
                "of it": float(votes.max() / own.sum()),
            }
        )
    bends = [
        (one, other)
        for edge in view.edges
        if (one := bend(edge, depth, view.intrinsics)) is not None
        and (other := bend(edge, flat.depth, view.intrinsics)) is not None
    ]
    relief, flattened = np.array(bends or [(0.0, 0.0)]).T
    return {
        "on planes": float((found.labels >= 0).mean()),
        "planes": planes,
        "edges": len(bends),
        "relief": {"mean": float(relief.mean()), "median": float(np.median(relief))},
        "flat": {"mean": float(flattened.mean()), "median": float(np.median(flattened))},
    }


def bend(edge, depth, intrinsics):
    """Pixels, as root mean square, that an edge is off a line after the move; None if unseen."""
    z = depth[edge[:, 1].astype(int), edge[:, 0].astype(int)]
    fx, fy, cx, cy = intrinsics
    points = np.column_stack([(edge - (cx, cy)) / (fx, fy) * z[:, None], z]) - MOVE
    points = points[(z > 0) & (points[:, 2] > _NEAREST)]
    seen = points[:, :2] / points[:, 2:] * (fx, fy)
    seen = seen[(np.abs(seen) < (0.75 * intrinsics.width, 0.75 * intrinsics.height)).all(1)]
    if len(seen) < 20:
        return None
    centered = seen - seen.mean(0)
    across = np.linalg.svd(centered, full_matrices=False)[2][1]
    return float(np.sqrt(((centered @ across) ** 2).mean()))


def summary(rows):
    planes = [plane for row in rows for plane in row["planes"]]
    known = [plane for plane in planes if plane["found"]]
    relief = np.mean([row["relief"]["mean"] for row in rows])
    flat = np.mean([row["flat"]["mean"] for row in rows])
    return {
        "planes": len(planes),
        "found": len(known),
        "median degrees": float(np.median([plane["degrees"] for plane in known])),
        "most degrees": float(np.max([plane["degrees"] for plane in known])),
        "median distance": float(np.median([abs(plane["distance"]) for plane in known])),
        "most distance": float(np.max([abs(plane["distance"]) for plane in known])),
        "bending of relief": float(relief),
        "bending of planes": float(flat),
        "ratio": float(flat / relief),
        "ratio of medians": float(
            np.mean([row["flat"]["median"] for row in rows])
            / np.mean([row["relief"]["median"] for row in rows])
        ),
    }


def times(view):
    """Processor seconds to find the planes of a picture, and to lay its depth on them."""
    measured = {}
    for name, width, height in (("2 megapixels", 1664, 1248), ("8 megapixels", 3264, 2448)):
        depth = nearest(view.estimate, width, height)
        picture = nearest(view.rgb, width, height) / np.float32(255)
        k = view.intrinsics.resized(width, height)
        started = time.process_time()
        found = find_planes(depth, k, picture)
        between = time.process_time()
        flatten(depth, found, k)
        measured[name] = {"find": between - started, "flatten": time.process_time() - between}
    return measured


def tell(row):
    found = [plane for plane in row["planes"] if plane["found"]]
    degrees = np.median([plane["degrees"] for plane in found]) if found else np.nan
    print(
        f"{row['scene']} {row['seed']} {row['of']}: {len(found)} of {len(row['planes'])} planes, "
        f"{degrees:.2f} degrees off; edges bend by {row['relief']['mean']:.2f} px in relief, "
        f"{row['flat']['mean']:.2f} px on planes",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
