"""A plate becomes a set that the camera moves in: `make demo-projection`.

The command line turns a plate into a depth mesh, projects the plate onto it from a locked camera,
and splits it into layers. A shot camera moves aside over a second. Check Move tells what that move
uncovers in the mesh and in the layers, and both are rendered at its end.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

import bpy  # noqa: E402

from demo import contact_sheet  # noqa: E402
from demo.plate import render_plate  # noqa: E402
from sharpdepth_blender.scene import render_view, save_blend  # noqa: E402

FRAMES = (1, 24)
MOVE = 0.08  # of the median depth, to the right and half as much up
SIZE = (480, 360)
KINDS = ("hole", "unpainted", "stretched")


def main() -> int:
    """Make the demo; returns 0, or the exit code of the command that failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=REPOSITORY / "build" / "demo")
    folder = parser.parse_args().into.resolve()
    plate, intrinsics = render_plate(folder)
    mesh, shot, projected, layers = (
        folder / f"{name}.blend" for name in ("live", "shot", "projected", "layers")
    )
    try:
        made = sharpdepth(plate, "-o", mesh, "--live", "--intrinsics", intrinsics)
        aside = MOVE * made["depth_median"]
        size = move_camera(mesh, shot, aside)
        sharpdepth("project", shot, "-o", projected)
        sharpdepth("layers", shot, "-o", layers, "--move", f"{size:.4f}")
        for scene in (projected, layers):
            covered = folder / f"coverage {scene.stem}"
            ends = ("--step", FRAMES[1] - FRAMES[0])
            found = sharpdepth("check-move", scene, *ends, "--pictures", covered)
            tell(scene.stem, found["frames"][-1])
    except subprocess.CalledProcessError as error:
        return error.returncode

    print("Rendering both at the end of the move ...", flush=True)
    last = f"coverage.{FRAMES[1]:04d}.png"
    pictures = [
        contact_sheet.read(plate, SIZE),
        render_end(projected, folder / "projected.png"),
        contact_sheet.read(folder / "coverage projected" / last, SIZE),
        render_end(layers, folder / "layers.png"),
    ]
    contact_sheet.write_beside_each_other(folder / "projection.png", pictures)
    print(
        f"Look at {folder / 'projection.png'}: the plate, then from where the camera comes to: the "
        "plate on the mesh, what it lacks, and the layers."
    )
    return 0


def sharpdepth(*words) -> dict:
    """Run one line of the command line; what it reports."""
    line = [sys.executable, "-m", "sharpdepth_blender", *map(str, words), "--json"]
    print("sharpdepth", *(Path(word).name if "/" in word else word for word in line[3:-1]))
    sys.stdout.flush()
    found = subprocess.run(line, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(found.stdout.splitlines()[-1])


def move_camera(blend: Path, into: Path, aside: float) -> float:
    """Have the scene's camera go aside, as an artist would key it; the way it goes in meters."""
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = FRAMES
    camera = scene.camera
    right, up, _ = camera.matrix_world.to_3x3().transposed()
    way = aside * right + 0.5 * aside * up
    for frame, share in zip(FRAMES, (0, 1), strict=True):
        camera.location = camera.location + share * way
        camera.keyframe_insert("location", frame=frame)
    scene.frame_set(FRAMES[0])
    save_blend(into)
    return way.length


def render_end(blend: Path, picture: Path):
    """Render the last frame of a scene; the picture."""
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    bpy.context.scene.frame_set(FRAMES[1])
    render_view(bpy.context.scene, picture, SIZE)
    return contact_sheet.read(picture)


def tell(name: str, frame: dict) -> None:
    """Print what Check Move found in a frame."""
    shares = ", ".join(f"{100 * frame[kind]:.2f} % {kind}" for kind in KINDS)
    print(f"{name}, frame {frame['frame']}: {shares}")


if __name__ == "__main__":
    sys.exit(main())
