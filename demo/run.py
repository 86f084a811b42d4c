"""The main job, once, from nothing: `make demo`.

A scene of the project's own is rendered as the plate. The command line turns it into a mesh, a
float depth map and a point cloud. The mesh is rendered from beside the camera, and all three are
put next to each other, so that one look tells whether it worked.
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
from demo.plate import SIZE, render_plate  # noqa: E402
from sharpdepth_blender.scene import read_depth_exr, render_view  # noqa: E402

ASIDE = 0.16  # how far the view moves, as a share of the median depth


def main() -> int:
    """Make the demo; returns the exit code of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=REPOSITORY / "build" / "demo")
    folder = parser.parse_args().into.resolve()
    plate, intrinsics = render_plate(folder)

    blend, exr, ply = (folder / name for name in ("mesh.blend", "depth.exr", "points.ply"))
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "sharpdepth_blender", plate),
            *("-o", blend, "--depth", exr, "--points", ply),
            *("--intrinsics", intrinsics),
        ],
        cwd=REPOSITORY,
        check=False,
    )
    if finished.returncode:
        return finished.returncode

    print("Rendering the mesh from beside the camera ...", flush=True)
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    depth = read_depth_exr(exr)
    aside = ASIDE * float(np.median(depth))
    view = folder / "view.png"
    render_view(bpy.context.scene, view, SIZE, (aside, 0.5 * aside, 0))
    pictures = [
        contact_sheet.read(plate),
        contact_sheet.color_depth(depth),
        contact_sheet.read(view),
    ]
    contact_sheet.write_beside_each_other(folder / "demo.png", pictures)
    print(f"Look at {folder / 'demo.png'}: the picture, its depth, the mesh from another side.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
