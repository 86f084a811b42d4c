"""The main job, from nothing: `make demo`, or `make demo PICTURE=photo.jpg`.

The command line turns each picture into a mesh, a float depth map and a point cloud; the mesh is
rendered from beside the camera. Picture, depth and that view are put next to each other, so that
one look tells whether it worked. The project's own plate is a scene that is rendered first.
"""

import argparse
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

import bpy  # noqa: E402
import numpy as np  # noqa: E402

from demo import contact_sheet  # noqa: E402
from demo.plate import render_plate  # noqa: E402
from sharpdepth_blender.scene import read_depth_exr, render_view  # noqa: E402

HEIGHT = 576  # of each picture on the sheet, pixels
ASIDE = 0.16  # how far the view moves, as a share of the median depth


def main() -> int:
    """Make the demo; returns the exit code of the command line where it failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", nargs="*", type=Path, help="instead of the project's own plate")
    parser.add_argument("--plate", action="store_true", help="show it before these pictures, too")
    parser.add_argument("--into", type=Path, default=REPOSITORY / "build" / "demo")
    arguments = parser.parse_args()
    folder, rows = arguments.into.resolve(), []
    cameras: dict[Path, list[str]] = {picture.resolve(): [] for picture in arguments.pictures}
    if arguments.plate or not cameras:
        plate, intrinsics = render_plate(folder)
        cameras = {plate: ["--intrinsics", intrinsics], **cameras}
    for picture, camera in cameras.items():
        made = folder / picture.stem
        made.mkdir(parents=True, exist_ok=True)
        if code := _generate(picture, camera, made):
            return code
        rows.append(_look(picture, made))
    contact_sheet.write_rows(folder / "demo.png", rows)
    print(f"Look at {folder / 'demo.png'}: the picture, its depth, the mesh from another side.")
    return 0


def _generate(picture: Path, camera: list[str], made: Path) -> int:
    command = [sys.executable, "-m", "sharpdepth_blender", picture, "-o", made / "mesh.blend"]
    command += ["--depth", made / "depth.exr", "--points", made / "points.ply", *camera]
    return subprocess.run(command, cwd=REPOSITORY, check=False).returncode


def _look(picture: Path, made: Path) -> list[np.ndarray]:
    """Return the picture, its depth and the mesh from beside the camera, of one height."""
    print(f"Rendering the mesh of {picture.name} from beside the camera ...", flush=True)
    bpy.ops.wm.open_mainfile(filepath=str(made / "mesh.blend"))
    depth = read_depth_exr(made / "depth.exr")
    size = (round(HEIGHT * depth.shape[1] / depth.shape[0]), HEIGHT)
    aside = ASIDE * float(np.median(depth))
    view = made / "view.png"
    render_view(bpy.context.scene, view, size, (aside, 0.5 * aside, 0))
    down, across = (
        (np.arange(new) * old // new) for new, old in zip(size[::-1], depth.shape, strict=True)
    )
    return [
        contact_sheet.read(picture, size),
        contact_sheet.color_depth(depth[np.ix_(down, across)]),
        contact_sheet.read(view),
    ]


if __name__ == "__main__":
    sys.exit(main())
