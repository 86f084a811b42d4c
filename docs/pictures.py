"""The pictures of the documents, made anew: `make pictures`.

What the demos render, and what a person sees in the window of a real Blender: `tests/hosts/stories`
tell Blender what to do and take the screenshots. Most show the project's own demo room, and nothing
is fetched. Where there is no windowed Blender, or a photograph is not here, a sentence names the
pictures that stay as they are. Make them after a change of the panels.

Left as it is: `preferences.png`, since it shows paths of the computer that it is taken on.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from demo.plate import render_plate  # noqa: E402
from docs.beside import make_beside  # noqa: E402
from tests.hosts.conftest import ENGINE, HOST_TOOL, Host, install  # noqa: E402

IMAGES = REPOSITORY / "docs" / "images"
DEMOS = {"run.py": ["demo.png"], "projection.py": ["projection.png", "paint_here.png"]}
STORIES = {
    "session.py": ("panel", "result", "beside"),
    "projecting.py": ("progress", "projection_panel"),
    "first_steps.py": (
        "steps_picture",
        "steps_look_through",
        "steps_beside",
        "steps_layers",
        "steps_move",
    ),
    "painting.py": ("painting_move", "painting_again"),
}


BESIDE = "beside.py"
PATIENCE = 3600  # seconds for a story, on a computer that has other things to do


def main() -> int:
    """Make the pictures; returns 0, or 1 where a demo or a story failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=REPOSITORY / "build" / "pictures")
    parser.add_argument("--only", choices=[*DEMOS, BESIDE, *STORIES], action="append")
    parser.add_argument("--photograph", type=Path, required=True, help="that the demo shows, too")
    arguments = parser.parse_args()
    folder = arguments.into.resolve()
    wanted = arguments.only or [*DEMOS, BESIDE, *STORIES]
    os.environ.setdefault("SHARPDEPTH_ENGINE", str(ENGINE))
    failed = [
        name
        for name in DEMOS
        if name in wanted and not _run_demo(name, folder, arguments.photograph)
    ]
    if BESIDE in wanted:
        plate, lens = render_plate(folder)
        missing = make_beside(folder, plate, tuple(map(float, lens.split(","))))
        if missing:
            print(f"Without their photographs these stay as they are: {', '.join(missing)}.")
    stories = [name for name in STORIES if name in wanted]
    if stories and not HOST_TOOL.exists():
        left = [each for name in stories for each in STORIES[name]]
        print(f"Without a windowed Blender these stay as they are: {', '.join(left)}.")
    elif stories:
        plate, _ = render_plate(folder)
        host = Host("sid", folder)
        install(host, folder / "sharpdepth_blender.zip")
        failed += [name for name in stories if not _tell(name, host, plate, folder)]
    for name in failed:
        print(f"{name} failed.", file=sys.stderr)
    return 1 if failed else 0


def _run_demo(name: str, folder: Path, photograph: Path) -> bool:
    command = [sys.executable, REPOSITORY / "demo" / name, "--into", folder]
    if name == "run.py":
        command += ["--plate", photograph.resolve()]
    if subprocess.run(command, cwd=REPOSITORY, check=False).returncode:
        return False
    for picture in DEMOS[name]:
        shutil.copy(folder / picture, IMAGES)
    return True


def _tell(name: str, host: Host, plate: Path, folder: Path) -> bool:
    """Have a story told, and keep its screenshots; whether it came to its end."""
    shots = folder / Path(name).stem
    shutil.rmtree(shots, ignore_errors=True)
    shots.mkdir(parents=True)
    finished = host.run(
        *("blender", "--enable-event-simulate", "--window-geometry", "0", "0", "1600", "1000"),
        *("--python", REPOSITORY / "tests" / "hosts" / "stories" / name, "--", shots, plate),
        gui=True,
        timeout=PATIENCE,
    )
    notes = shots / "notes.json"
    told = json.loads(notes.read_text()) if notes.exists() else {"traceback": finished.stderr}
    if "traceback" in told:
        print(told["traceback"], file=sys.stderr)
        return False
    for each in STORIES[name]:
        shutil.copy(shots / f"{each}.png", IMAGES)
    return True


if __name__ == "__main__":
    sys.exit(main())
