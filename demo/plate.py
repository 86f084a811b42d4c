"""The plate of the demos: a scene of the project's own, rendered once, with its camera."""

import json
from pathlib import Path

from training.scenes.demo import render_demo

SIZE = (768, 576)


def render_plate(folder: Path) -> tuple[Path, str]:
    """Render the plate into a folder, unless it is there.

    Returns:
        The picture, and its intrinsics as the command line takes them: `FX,FY,CX,CY`.
    """
    plate = folder / "plate.png"
    camera = plate.with_suffix(".json")
    if not camera.exists():  # written last
        print("Rendering the plate ...", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        render_demo(plate, *SIZE)
    known = json.loads(camera.read_text())
    return plate, ",".join(str(known[name]) for name in ("fx", "fy", "cx", "cy"))
