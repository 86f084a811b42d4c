"""A plate becomes a set that the camera moves in: `make demo-projection`.

A room and a street of the project's own are rendered: the plate, and what their camera truly shows
after it has gone 0.7 m aside and 1.5 m in. The command line turns each plate into a depth mesh and
that into layers, whose kinds it proposes. Check Move tells what the move shows that had to be
invented. Frames 1, 12 and 24 of the layers are put below the true ones, with the PSNR of each.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

import bpy  # noqa: E402

from demo import contact_sheet, dolly  # noqa: E402
from sharpdepth_blender.scene import save_blend  # noqa: E402

LAYERS, MOVE = 3, 0.8  # the move in meters that layers are extended for
STEP = 11  # of the frames that are checked, and the last one
KINDS = ("hole", "unpainted", "invented", "stretched")


def main() -> int:
    """Make the demo; returns 0, or the exit code of the command that failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=REPOSITORY / "build" / "demo")
    folder = parser.parse_args().into.resolve()
    rows, found = [], {}
    try:
        for name in dolly.SCENES:
            shown, found[name] = make_set(folder, name)
            rows += shown
    except subprocess.CalledProcessError as error:
        return error.returncode
    (folder / "projection.json").write_text(json.dumps(found, indent=1) + "\n")
    contact_sheet.write_rows(folder / "projection.png", rows)
    show_mask(folder, next(iter(dolly.SCENES)), rows)
    print(
        f"Look at {folder / 'projection.png'}: of each scene, what the camera truly shows, what "
        "the layers show, and in green what they invented."
    )
    return 0


def make_set(folder: Path, name: str) -> tuple[list[list], dict]:
    """Make a set of a scene; rows of pictures of its frames, and how they compare."""
    truth = dolly.render_truth(folder, name)
    mesh, shot, layers = (folder / f"{name} {each}.blend" for each in ("live", "shot", "layers"))
    lens = ",".join(map(str, truth.frames[dolly.FRAMES[0]].intrinsics))
    sharpdepth(truth.plate, "-o", mesh, "--live", "--intrinsics", lens)
    bpy.ops.wm.open_mainfile(filepath=str(mesh))
    dolly.key_camera(bpy.context.scene)
    save_blend(shot)
    wanted = ("--count", LAYERS, "--kind", "proposed", "--move", MOVE)
    sharpdepth("layers", shot, "-o", layers, *wanted)
    covered = folder / f"coverage {name}"
    report = sharpdepth("check-move", layers, "--step", STEP, "--pictures", covered)

    most = max(report["layers"], key=lambda each: each["pixels"])
    shutil.copy(covered / f"{most['layer']} paint here.png", folder / f"{name} paint here.png")
    print(f"Rendering the layers of the {name} ...", flush=True)
    bpy.ops.wm.open_mainfile(filepath=str(layers))
    shown = dolly.render_frames(bpy.context.scene, folder / f"frames {name}")
    found = dolly.compare(truth, shown)
    checked = {each["frame"]: each for each in report["frames"]}
    for frame, values in found.items():
        values |= {kind: checked[frame][kind] for kind in KINDS}
        shares = ", ".join(f"{100 * values[kind]:.2f} % {kind}" for kind in KINDS)
        print(f"{name}, frame {frame}: {dolly.tell(values)}; {shares}")
    rows = dolly.make_rows(truth, {"layers": (shown, found)})
    half = tuple(side // 2 for side in dolly.SIZE)
    rows.append([
        contact_sheet.titled(
            contact_sheet.read(covered / f"coverage.{frame:04d}.png", half),
            f"to be painted: {100 * found[frame]['invented']:.1f} % of the frame",
        )
        for frame in dolly.FRAMES
    ])  # fmt: skip
    return rows, found


def show_mask(folder: Path, name: str, rows: list[list]) -> None:
    """Put the mask of one layer beside the last frame, and what of that was invented."""
    last = [row[-1] for row in rows[1:3]]
    mask = contact_sheet.read(folder / f"{name} paint here.png")
    height = last[0].shape[0]
    width = round(mask.shape[1] * height / mask.shape[0])
    mask = contact_sheet.read(folder / f"{name} paint here.png", (width, height))
    contact_sheet.write_beside_each_other(folder / "paint_here.png", [*last, mask])


def sharpdepth(*words) -> dict:
    """Run one line of the command line; what it reports."""
    line = [sys.executable, "-m", "sharpdepth_blender", *map(str, words), "--json"]
    print("sharpdepth", *(Path(word).name if "/" in word else word for word in line[3:-1]))
    sys.stdout.flush()
    found = subprocess.run(line, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(found.stdout.splitlines()[-1])


if __name__ == "__main__":
    sys.exit(main())
