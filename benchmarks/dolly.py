"""Measure what layers show of a dolly, beside the true frames of the scene.

    python benchmarks/dolly.py [--into FOLDER] [--layers 3] [--move 0.8]

A rendered room and a street are split into layers of the proposed kinds, by their true depth and by
the depth of the bundled model. The camera goes 0.7 m aside and 1.5 m in. Frames 1, 12 and 24 are
compared with the scene rendered from there: PSNR of the whole frame, and of the pixels that show
what the plate does not. Pictures of all of them go to the folder. What the plate's own pixels can
make of those frames, by exact depth and with all else as it truly is, is the most that can be.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import bpy
import numpy as np

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from demo import contact_sheet, dolly  # noqa: E402
from sharpdepth_blender.geometry import Intrinsics  # noqa: E402
from sharpdepth_blender.scene import add_depth_result, frame_scene, only_result  # noqa: E402
from sharpdepth_blender.scene.layers import (  # noqa: E402
    NUMBER,
    PROPOSED,
    layer_objects,
    layers_cut,
    split_result,
)
from sharpdepth_blender.scene.layers.layer_root import SHARE  # noqa: E402
from training.scenes.dolly import show_plate  # noqa: E402

RESULT = Path(__file__).with_name("results") / "dolly.json"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--into", type=Path, default=REPOSITORY / "build" / "demo" / "dolly")
    parser.add_argument("--layers", type=int, default=3)
    parser.add_argument("--move", type=float, default=0.8, help="meters that layers are made for")
    parser.add_argument("--result", type=Path, default=RESULT)
    given = parser.parse_args()
    found = {"blender": bpy.app.version_string, "layers": given.layers, "move": given.move}
    for name in dolly.SCENES:
        truth = dolly.render_truth(given.into, name)
        first = truth.frames[dolly.FRAMES[0]]
        best = {
            number: show_plate(frame, dolly.offset(number), first)
            for number, frame in truth.frames.items()
        }
        found[f"{name}, plate by exact depth"] = {"frames": dolly.compare(truth, best)}
        rows = {}
        for depth, make in {"true depth": with_true_depth, "model's depth": with_model}.items():
            scene = make(truth)
            result = only_result(scene, live=True)
            wishes = {"count": given.layers, "move": given.move, "kind": PROPOSED}
            rig = split_result(scene, result, **wishes)
            cut = layers_cut(rig)
            kind = {each.id: each.kind for each in (*cut.layers, cut.sky)}
            layers = {
                each.name: {"kind": kind[each[NUMBER]], "share": round(each[SHARE], 4)}
                for each in layer_objects(rig)
            }
            dolly.key_camera(scene)
            stem = f"{name} {depth.split()[0]}"
            bpy.ops.wm.save_as_mainfile(filepath=str(given.into / f"{stem}.blend"))
            shown = dolly.render_frames(scene, given.into / stem)
            rows[depth] = shown, dolly.compare(truth, shown)
            found[f"{name}, {depth}"] = {"layers": layers, "frames": rows[depth][1]}
            for frame, values in rows[depth][1].items():
                print(f"{name}, {depth}, frame {frame}: {dolly.tell(values)}", flush=True)
        sheet = dolly.make_rows(truth, rows)
        contact_sheet.write_rows(given.into / f"{name} sheet.png", sheet)
    given.result.parent.mkdir(exist_ok=True)
    given.result.write_text(json.dumps(found, indent=1) + "\n")
    return 0


def with_true_depth(truth: dolly.Truth) -> bpy.types.Scene:
    """A scene with a live result of the plate's true depth."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    frame = truth.frames[dolly.FRAMES[0]]
    depth = np.where(frame.sky, np.float32(0), frame.depth)
    intrinsics = Intrinsics(*frame.intrinsics, *dolly.SIZE)
    frame_scene(scene, intrinsics)
    add_depth_result(scene, frame.rgb, depth, depth, intrinsics, name=truth.plate.stem)
    bpy.context.view_layer.update()
    return scene


def with_model(truth: dolly.Truth) -> bpy.types.Scene:
    """A scene with a live result of what the bundled model takes for the plate's depth."""
    blend = truth.plate.with_name(f"{truth.plate.stem} live.blend")
    lens = ",".join(map(str, truth.frames[dolly.FRAMES[0]].intrinsics))
    subprocess.run(
        [
            *(sys.executable, "-m", "sharpdepth_blender", truth.plate, "-o", blend),
            *("--live", "--intrinsics", lens),
        ],
        cwd=REPOSITORY,
        check=True,
    )
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    return bpy.context.scene


if __name__ == "__main__":
    sys.exit(main())
