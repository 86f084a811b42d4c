"""Flicker of a sequence against frame-by-frame runs, on static synthetic shots.

    python benchmarks/sequence.py [--frames 12] [--model preview] [--window 5]

A picture of the demo scene is the plate of each shot. Flicker is the mean absolute change of depth
from a frame to the next, in meters. Frame by frame, each frame has noise of its own (its number is
the seed), or all have the same; the sequence has the same. Of a shot whose camera moves, flicker is
what neighboring frames differ by at the same points, by the exact camera, as a share of depth;
there is also TAE, the temporal alignment error of Video Depth Anything (`tae.py`), in percent, and
that of the exact depth, below which only smoothing gets. What the model takes for sky has no depth
and counts nowhere.
Prints a table and writes benchmarks/results/sequence.json.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

import bpy
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.tae import temporal_alignment_error  # noqa: E402
from sharpdepth_blender.geometry.temporal import View, reproject  # noqa: E402
from sharpdepth_blender.process import Engine  # noqa: E402
from sharpdepth_blender.scene import blank_scene, read_depth_exr  # noqa: E402
from sharpdepth_blender.scene.sequence import Frames, picture_sequence  # noqa: E402
from sharpdepth_blender.scene.source import Source, find_source  # noqa: E402
from sharpdepth_blender.tasks.generate_sequence import SequenceGeneration  # noqa: E402
from tests.scene.sequence import shots  # noqa: E402
from training.scenes.demo import render_demo  # noqa: E402

RESULT = Path(__file__).with_name("results") / "sequence.json"
SIZE = (384, 288)
MOVING = (256, 192)
GRAIN = 0.02  # standard deviation, of the display's range
EXPOSURE = 0.15  # standard deviation, stops
WAYS = ("frame by frame, noise of its own", "frame by frame, the same noise", "sequence")
DRIFT = 0.5  # stops up and down, over 48 frames


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--model", default="preview")
    parser.add_argument("--window", type=int, default=5)
    parser.add_argument("--size", type=int, nargs=2, default=SIZE)
    given = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder, Engine() as engine:
        frame = render_demo(Path(folder) / "plate.png", *given.size)
        for kind in ("clean", "grain", "exposure", "grain and exposure", "grain and drift"):
            pictures = [disturbed(frame.rgb, kind, number) for number in range(given.frames)]
            rows.append(static(engine, Path(folder) / kind, pictures, frame.intrinsics, given))
            rows[-1] = {"shot": kind, **rows[-1]}
            show(rows[-1])
        rows.append({"shot": "moving camera, grain", **moving(engine, Path(folder), given)})
        show(rows[-1])
    RESULT.parent.mkdir(exist_ok=True)
    report = {"machine": f"{platform.machine()}, {os.cpu_count()} cores", "model": given.model,
              "window": given.window, "frames": given.frames, "shots": rows}  # fmt: skip
    RESULT.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


def disturbed(rgb, kind, number):
    """A frame of a static shot, with what a camera adds, (H, W, 3) uint8."""
    rng = np.random.default_rng(number)
    light = (rgb / 255.0) ** 2.2
    if "exposure" in kind:
        light = light * 2 ** (EXPOSURE * rng.standard_normal())
    if "drift" in kind:
        light = light * 2 ** (DRIFT * np.sin(2 * np.pi * number / 48))
    shown = np.clip(light, 0, 1) ** (1 / 2.2)
    if "grain" in kind:
        shown = shown + GRAIN * rng.standard_normal(shown.shape)
    return np.round(np.clip(shown, 0, 1) * 255).astype(np.uint8)


def static(engine, folder, pictures, intrinsics, given):
    """Flicker of one shot, both ways."""
    folder.mkdir()
    for number, rgb in enumerate(pictures, 1):
        shots.save_png(folder / f"a.{number:04d}.png", rgb)
    blank_scene()
    image, numbers = picture_sequence(folder / "a.####.png")
    frames = Frames(bpy.context.scene, Source(image), None, numbers, intrinsics=intrinsics)
    store, seconds = make(engine, frames, folder / "out", given)
    alone = [
        engine.infer(rgb, intrinsics=intrinsics, model=given.model, seed=number).wait().depth
        for number, rgb in enumerate(pictures, 1)
    ]
    raws = [store.read_raw(number) for number in numbers]
    same = [raw.depth for raw in raws]
    steady = [read_depth_exr(store.path("depth", number)) for number in numbers]
    ground = np.all([~raw.sky for raw in raws if raw.sky is not None], 0)
    own, same, steady = (flicker(each, ground) for each in (alone, same, steady))
    return summary(own, same, steady, seconds)


def moving(engine, folder, given):
    """Of a camera that walks through a scene of known geometry."""
    shots.WIDTH, shots.HEIGHT = MOVING
    (folder / "moving").mkdir()
    shots.make_shot(folder / "moving", given.frames)
    scene = bpy.context.scene
    source = find_source(scene, "CAMERA_BACKGROUND", scene.camera)
    frames = Frames(scene, source, scene.camera, [*range(1, given.frames + 1)])
    store, seconds = make(engine, frames, folder / "moving" / "out", given)
    raws = [store.read_raw(number) for number in frames.numbers]
    alone = []
    for number, raw in zip(frames.numbers, raws, strict=True):
        k = raw.intrinsics
        job = engine.infer(frames.read(number).rgb, intrinsics=(k.fx, k.fy, k.cx, k.cy),
                           model=given.model, seed=number)  # fmt: skip
        alone.append(job.wait().depth)
    steady = [read_depth_exr(store.path("depth", number)) for number in frames.numbers]
    same = [raw.depth for raw in raws]
    alone, same, steady = (without_sky(each, raws) for each in (alone, same, steady))
    row = summary(*(disagreement(each, raws) for each in (alone, same, steady)), seconds)
    ways = dict(zip(WAYS, (alone, same, steady), strict=True))
    exact = [exact_depth(scene, number, steady[0].shape) for number in frames.numbers]
    ways["exact"] = without_sky(exact, raws)
    return row | {f"TAE, {way}": tae(depths, raws) for way, depths in ways.items()}


def exact_depth(scene, number, size):
    scene.frame_set(number)
    return shots.draw(scene, scene.camera, size[1], size[0])[1]


def tae(depths, raws):
    """Temporal alignment error of depth seen by the exact camera, percent."""
    views = [View(d, r.intrinsics, r.matrix) for d, r in zip(depths, raws, strict=True)]
    return temporal_alignment_error(views)


def make(engine, frames, folder, given):
    """Make a sequence; its Store, and seconds a frame of the engine and of steadying."""
    seconds = []
    for chunk in (frames.numbers[:-1], None):
        started = time.perf_counter()
        work = SequenceGeneration(
            engine, frames, folder, model=given.model, window=given.window, chunk=chunk
        )
        while not work.over:
            work.step()
            if work.waiting:
                time.sleep(0.01)
            elif work.fraction >= 0.9 and len(seconds) == 1:
                seconds.append(started := time.perf_counter())
        if work.fault:
            raise work.fault
        seconds.append(time.perf_counter() - started)
    count = len(frames.numbers)
    return work.store, (seconds[0] / (count - 1), seconds[-1] / count)


def without_sky(depths, raws):
    """Depth of frames, open where the model takes them for sky."""
    return [
        depth if raw.sky is None else np.where(raw.sky, np.float32(0), depth)
        for depth, raw in zip(depths, raws, strict=True)
    ]


def flicker(depths, ground):
    return float(np.abs(np.diff(depths, axis=0))[:, ground].mean())


def disagreement(depths, raws):
    """Mean of what neighbors differ by at the same points, as a share of depth."""
    looks = [View(d, r.intrinsics, r.matrix) for d, r in zip(depths, raws, strict=True)]
    off = []
    for one, other in zip(looks, looks[1:], strict=False):
        there = reproject(one, other, [other.depth])
        log = np.log(there.seen[0] / (one.depth * there.rate + there.offset))
        off.append(np.nanmean(np.abs(log)))
    return float(np.mean(off))


def summary(own, same, steady, seconds):
    def times(before):
        return before / steady if steady else None  # a shot without any change has no flicker

    return {
        **dict(zip(WAYS, (own, same, steady), strict=True)),
        "times lower than with noise of its own": times(own),
        "times lower than with the same noise": times(same),
        "seconds a frame, engine": seconds[0],
        "seconds a frame, steadying": seconds[1],
    }


def show(row):
    words = (f"{value:.4g}" if isinstance(value, float) else str(value) for value in row.values())
    print("  ".join(words), flush=True)


if __name__ == "__main__":
    sys.exit(main())
