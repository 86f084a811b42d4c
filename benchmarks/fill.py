"""Measure what is invented behind nearer things and beyond the picture against the truth.

    python benchmarks/fill.py [--count 20 --size 384 --samples 8] [--keep FOLDER] [--sheets FOLDER]

Scenes are rendered with and without the things in front, in a frame larger than the picture, so
that their hidden side is known (`hidden_scenes.py`). What layers show there is compared: mirrored
(smooth behind things and a mirror image beyond the borders, as layers were once continued), smooth
with grain, and texture. PSNR and the mean error of the gradient are of the revealed pixels alone;
so is that of the depth, of which planes stay planes. Seconds are of a plate of 2 and of 8
megapixels with a hole of an eighth and a border of a twentieth.
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

from benchmarks.hidden_scenes import HiddenScene, hidden_scenes  # noqa: E402
from sharpdepth_blender.geometry.fill import fill_smooth, fill_texture  # noqa: E402
from sharpdepth_blender.geometry.inpaint import continue_planes, continue_values  # noqa: E402
from sharpdepth_blender.geometry.png import png_content  # noqa: E402
from sharpdepth_blender.geometry.windows import near_to  # noqa: E402

RESULT = Path(__file__).with_name("results") / "fill.json"
# Pixels about a nearer thing in which colors mix, as with layers whose edge is 3 wide.
EDGE = 2
PLACES = ("behind", "border")
_LINE = "{:>8} {:8} {:9} {:>8} {:>9} {:>7}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("--keep", type=Path, help="folder of scenes, rendered once")
    parser.add_argument("--sheets", type=Path, help="folder for pictures to look at")
    given = parser.parse_args()
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
    print(_LINE.format("scene", "where", "kind", "PSNR", "gradient", "s"))
    rows, depths = [], []
    for scene in hidden_scenes(given.count, given.size, given.samples, given.keep):
        found, seconds = fill_all(scene)
        rows += compare(scene, found, seconds)
        depths.append(depth_error(scene))
        if given.sheets:
            draw_sheet(scene, found, given.sheets)
    means = mean_of(rows)
    for row in means:
        print(_LINE.format("mean", row["where"], row["kind"], f"{row['PSNR']:.2f}",
                           f"{row['gradient']:.2f}", ""))  # fmt: skip
    middle = {place: float(np.median([each[place] for each in depths])) for place in PLACES}
    print(f"depth: median of the scenes' median error {middle['behind']:.1%} behind things, "
          f"{middle['border']:.1%} beyond the border")  # fmt: skip
    times = [clock(*size) for size in ((1920, 1080), (3840, 2160))]
    RESULT.write_text(
        json.dumps(
            {
                "machine": platform.processor(),
                "blender": bpy.app.version_string,
                "scenes": given.count,
                "picture's longer side": given.size,
                "samples": given.samples,
                "mean": means,
                "median relative depth error": middle,
                "depth error of scenes": depths,
                "seconds": times,
                "rows": rows,
            },
            indent=1,
        )
    )
    return 0


def known_of(scene: HiddenScene) -> np.ndarray:
    """(H, W) bool, the pixels of the frame from which what is hidden must be guessed."""
    return scene.inside & ~near_to(scene.in_front, EDGE)


def fill_all(scene):
    known = known_of(scene)
    values = np.ascontiguousarray(np.moveaxis(scene.picture, -1, 0), np.float32)
    values[:, ~known] = 0
    found, seconds = {}, {}
    for kind, fill in {
        "mirrored": lambda: mirrored(values, known, scene.border),
        "smooth": lambda: fill_smooth(values, known),
        "texture": lambda: fill_texture(values, known, ~known),
    }.items():
        started = time.process_time()
        found[kind] = np.moveaxis(fill(), 0, -1)
        seconds[kind] = time.process_time() - started
    return found, seconds


def mirrored(values, known, border):
    inner = slice(border, -border)
    inside = np.ascontiguousarray(values[:, inner, inner])
    inside = continue_values(inside, known[inner, inner])
    return np.pad(inside, ((0, 0), (border, border), (border, border)), mode="symmetric")


def compare(scene, found, seconds):
    known, rows = known_of(scene), []
    for place, where in {"behind": scene.in_front & scene.inside, "border": ~scene.inside}.items():
        assert not (known & where).any()
        for kind, picture in found.items():
            row = {
                "scene": scene.seed,
                "where": place,
                "kind": kind,
                "PSNR": psnr(picture, scene.behind, where),
                "gradient": gradient_error(picture, scene.behind, where),
                "seconds": seconds[kind],
            }
            rows.append(row)
            told = f"{row['PSNR']:.2f}", f"{row['gradient']:.2f}", f"{seconds[kind]:.2f}"
            print(_LINE.format(scene.seed, place, kind, *told), flush=True)
    return rows


def psnr(found, wanted, where):
    return float(-10 * np.log10(np.square(found - wanted, dtype=np.float64)[where].mean()))


def gradient_error(found, wanted, where):
    """Mean difference of the change from a pixel to the next, in 255ths."""
    errors = []
    for axis in (0, 1):
        off = np.abs(np.diff(found, axis=axis) - np.diff(wanted, axis=axis)).mean(-1)
        both = np.delete(where, 0, axis) & np.delete(where, -1, axis)
        errors.append(off[both])
    return float(255 * np.concatenate(errors).mean())


def mean_of(rows):
    means = []
    for place in PLACES:
        for kind in dict.fromkeys(row["kind"] for row in rows):
            found = [row for row in rows if row["where"] == place and row["kind"] == kind]
            mean = {name: float(np.mean([row[name] for row in found])) for name in
                    ("PSNR", "gradient", "seconds")}  # fmt: skip
            means.append({"where": place, "kind": kind} | mean)
    return means


def depth_error(scene):
    """Median relative error of the depth that is carried on as layers carry theirs on."""
    known = known_of(scene)
    disparity = np.where(known, 1 / scene.depth, 0).astype(np.float32)
    nearest, farthest = (np.quantile(disparity[known], q) for q in (0.999, 0.001))
    found = 1 / np.clip(continue_planes(disparity, known), farthest, nearest)
    off = np.abs(found / scene.depth_behind - 1)
    where = {"behind": scene.in_front & scene.inside, "border": ~scene.inside}
    return {place: float(np.median(off[mask])) for place, mask in where.items()}


def clock(width, height):
    y, x = np.indices((height, width))
    rng = np.random.default_rng(0)
    bricks = (y // 24 % 2) ^ ((x + 19 * (y // 48 % 2)) // 38 % 2)
    values = 0.3 + 0.3 * bricks + rng.normal(0, 0.01, (3, height, width))
    border = round(0.05 * width)
    hole = ((x - 0.5 * width) / (0.14 * width)) ** 2 + (
        (y - 0.6 * height) / (0.28 * height)
    ) ** 2 < 1
    hole[:border] = hole[-border:] = hole[:, :border] = hole[:, -border:] = True
    values = values.astype(np.float32)
    row = {"picture": [width, height], "share to fill": float(hole.mean())}
    for kind, fill in {
        "smooth": lambda: fill_smooth(values, ~hole),
        "texture": lambda: fill_texture(values, ~hole, hole),
    }.items():
        started = time.perf_counter(), time.process_time()
        fill()
        wall, processor = time.perf_counter() - started[0], time.process_time() - started[1]
        row[kind] = {"wall": wall, "processor": processor}
        print(f"{width} x {height}, {hole.mean():.0%} to fill, {kind}: {wall:.2f} s, "
              f"processor {processor:.2f} s", flush=True)  # fmt: skip
    return row


def draw_sheet(scene, found, folder):
    folder.mkdir(parents=True, exist_ok=True)
    seen = np.where(known_of(scene)[..., None], scene.picture, 0)
    rows = ((scene.picture, scene.behind, seen), tuple(found.values()))
    sheet = np.concatenate([np.concatenate(row, 1) for row in rows])
    content = png_content(np.round(255 * np.clip(sheet, 0, 1)).astype(np.uint8))
    (folder / f"{scene.seed}.png").write_bytes(b"".join(content))


if __name__ == "__main__":
    sys.exit(main())
