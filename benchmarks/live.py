"""Time the live result against the baked one, at 1920 x 1080, in one run.

    python benchmarks/live.py [--repeat 5]

Both make the same surface: Geometry Nodes on the depth images, and numpy with the mesh that Blender
gets from it. Beside them the kind of work that other add-ons do for a mesh: lists of all points and
faces, a UV for every corner, a color and a confidence for every point; no tears. And the handover
of a finished result, of the user's own image and of a copy. And what a vertex of the baked mesh
takes of pictures of 2 and of 33 megapixels: a processor's nanoseconds, and bytes at the peak.
"""

import argparse
import json
import platform
import sys
import time
from pathlib import Path

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.geometry import street  # noqa: E402
from benchmarks.memory import forget_peak, kilobytes  # noqa: E402
from sharpdepth_blender.geometry import Intrinsics, build_surface, unproject  # noqa: E402
from sharpdepth_blender.scene import add_depth_result, bake_result, replace_depth  # noqa: E402
from sharpdepth_blender.scene.live import find_modifier  # noqa: E402
from sharpdepth_blender.scene.mesh import mesh_from_surface  # noqa: E402
from sharpdepth_blender.scene.modifier import set_input  # noqa: E402

RESULT = Path(__file__).with_name("results") / "live.json"
SIZE = (1920, 1080)
LARGE = (7680, 4320)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeat", type=int, default=5)
    repeat = parser.parse_args().repeat
    bpy.ops.wm.read_factory_settings(use_empty=True)
    depth = street(*SIZE)
    camera = Intrinsics.from_fov(60, *SIZE)
    image = bpy.data.images.new("plate", *SIZE)
    rows = [compare(each, depth, camera, image, repeat) for each in (512, 1024, 1920)]
    peer = median(lambda: lambda: mesh_by_lists(depth, camera), repeat)
    times = peer / rows[-1]["baked"]
    print(f"mesh by lists, {SIZE[0]} samples: {peer:.3f} s, {times:.1f} times as long as baked")
    copy = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    own = median(lambda: hand_over(make(depth, camera, image), image, depth, camera), repeat)
    copied = median(lambda: hand_over(make(depth, camera, image), copy, depth, camera), repeat)
    print(f"handover: own image {own:.3f} s, a copy {copied:.3f} s, {copied / own:.1f} times")
    vertices = of_a_vertex(min(repeat, 3))
    handover = {"own image": own, "copy": copied}
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(
        json.dumps(
            {
                "machine": platform.processor(),
                "surface": rows,
                "mesh by lists": peer,
                "handover": handover,
                "of a vertex": vertices,
            },
            indent=1,
        )
    )
    return 0


def compare(resolution, depth, camera, image, repeat):
    """One surface, live and baked."""
    live = median(lambda: change(make(depth, camera, image), resolution), repeat)
    baked = median(lambda: bake(make(depth, camera, image), resolution), repeat)
    print(
        f"{resolution:5} samples: live {live:.3f} s, baked {baked:.3f} s, "
        f"live takes {live / baked:.2f} times as long"
    )
    return {"samples along the longer side": resolution, "live": live, "baked": baked}


def of_a_vertex(repeat):
    """Median processor nanoseconds and peak bytes of a mesh with its normals, by turns."""
    found = {size: [] for size in (SIZE, LARGE)}
    given = {size: (street(*size), Intrinsics.from_fov(60, *size)) for size in found}
    for _ in range(repeat):
        for size, (depth, camera) in given.items():
            forget_peak()
            before, started = kilobytes("VmRSS"), time.process_time()
            mesh = mesh_from_surface("baked", build_surface(depth, camera, keep_loose=False))
            mesh.vertex_normals[0]  # which has all of them computed
            seconds, count = time.process_time() - started, len(mesh.vertices)
            peak = 1024 * (kilobytes("VmHWM") - before)
            found[size].append((1e9 * seconds / count, peak / count))
            bpy.data.meshes.remove(mesh)
    rows = []
    for (width, height), each in found.items():
        nanoseconds, taken = np.median(each, axis=0).tolist()
        rows.append({"size": [width, height], "nanoseconds": nanoseconds, "bytes": taken})
        print(f"{width} x {height}: {nanoseconds:.0f} ns and {taken:.0f} bytes a vertex")
    return rows


def mesh_by_lists(depth, camera):
    """A mesh of all samples by `from_pydata`, with what others store on it."""
    height, width = depth.shape
    points = unproject(np.where(depth > 0, depth, 1), camera).reshape(-1, 3)
    index = np.arange(height * width).reshape(height, width)
    corners = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    faces = np.stack(corners, -1).reshape(-1, 4)
    mesh = bpy.data.meshes.new("peer")
    mesh.from_pydata(points.tolist(), [], faces.tolist())
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(1, 0, height))
    uvs = np.stack([across, down], -1).astype(np.float32).reshape(-1, 2)
    layer = mesh.uv_layers.new(name="UVMap")
    layer.data.foreach_set("uv", uvs[faces.ravel()].ravel())
    colors = np.ones((len(points), 4), np.float32)
    mesh.attributes.new("Color", "FLOAT_COLOR", "POINT").data.foreach_set("color", colors.ravel())
    confidence = mesh.attributes.new("Confidence", "FLOAT", "POINT")
    confidence.data.foreach_set("value", np.ones(len(points), np.float32))
    bpy.data.meshes.remove(mesh)


def make(depth, camera, image):
    for obj in [*bpy.data.objects]:
        bpy.data.objects.remove(obj)
    obj = add_depth_result(bpy.context.scene, image, depth, depth, camera, name="result")
    bpy.context.view_layer.update()
    return obj


def change(obj, resolution):
    set_input(find_modifier(obj), "Resolution", resolution)
    return bpy.context.view_layer.update


def bake(obj, resolution):
    return lambda: bake_result(obj, resolution)


def hand_over(obj, picture, depth, camera):
    return lambda: replace_depth(obj, picture, depth, depth * np.float32(1.1), camera)


def median(prepare, repeat):
    """Median seconds of what `prepare` answers."""
    seconds = []
    for _ in range(repeat):
        work = prepare()
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return sorted(seconds)[repeat // 2]


if __name__ == "__main__":
    sys.exit(main())
